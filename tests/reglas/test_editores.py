"""Qué editores se ofrecen en cada servidor, y qué enlaces se toman."""

import pytest
from pydantic_core import PydanticCustomError

from tareas.cuentas.osm.servidores import PUESTOS
from tareas.proyectos.editores import DE_SIEMPRE, HUECOS, ofrecidos, revisar_enlace

PROPIOS = [
    {"nombre": "Fijo", "url": "https://editor.example/#{lat}/{lon}"},
    {"nombre": "Donde sea", "url": "https://editor.example/?api={api}&limite={limite}"},
]


def nombres(servidor, ocultos=()):
    return [e["nombre"] for e in ofrecidos(servidor, ocultos, PROPIOS)]


def test_en_el_mapa_de_verdad_se_ofrecen_todos():
    assert nombres(PUESTOS["osm"]) == ["Fijo", "Donde sea", *(e["nombre"] for e in DE_SIEMPRE)]


def test_en_un_aula_nada_lleva_al_mapa_de_verdad():
    assert nombres(PUESTOS["practica"].en_aula(3)) == ["Donde sea"]


def test_en_otro_servidor_solo_los_que_lo_reciben():
    assert nombres(PUESTOS["osm-dev"]) == ["Donde sea", "iD", "OpenStreetMap"]


def test_lo_escondido_no_se_ofrece():
    assert nombres(PUESTOS["osm"], ["rapid", "osm"]) == ["Fijo", "Donde sea", "iD"]


@pytest.mark.parametrize("url", [e["url"] for e in (*DE_SIEMPRE, *PROPIOS)])
def test_los_enlaces_buenos_pasan(url):
    revisar_enlace(url)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)//{lat}{lon}",
        "//editor.example/{lat}/{lon}",
        "https://{lat}.example/{lon}",
        "https://yo:clave@editor.example/{lat}/{lon}",
        "https://editor.example/{lat}/{lon} ",
        "https://editor.example/{lat}/{lon}'><script>",
        "https://editor.example/{lat}/{lon}/{clave}",
        "https://editor.example/{lat}",
        "https://editor.example/",
        "{api}/{lat}/{lon}",
        "",
    ],
)
def test_los_enlaces_malos_se_rechazan(url):
    with pytest.raises(PydanticCustomError):
        revisar_enlace(url)


def test_el_navegador_llena_cada_hueco_que_se_admite():
    from pathlib import Path

    modulo = (Path(__file__).parents[2] / "tareas" / "estaticos" / "js" / "editores.js").read_text(encoding="utf-8")
    cuerpo = modulo[modulo.index("export function direccion") :]
    cuerpo = cuerpo[: cuerpo.index("\n}\n")]
    assert [h for h in sorted(HUECOS) if h not in cuerpo] == []
