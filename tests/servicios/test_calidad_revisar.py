"""``./tequio calidad revisar``: un archivo, sus errores, y nada de base de datos."""

import json
from collections.abc import Callable
from pathlib import Path

import pyogrio
import pytest
from click.testing import CliRunner, Result

from geo.errores import ErrorGeo
from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.catalogo import CATALOGO, POR_CODIGO
from tareas.comun.bd import VARIABLE
from tareas.ordenes import tequio
from tests.conftest import datos_reales
from tests.mundo_osm import archivo

OPL = """
n1 v1 x-98.7 y20.1
n2 v1 x-98.6999 y20.1
n3 v1 x-98.6999 y20.1001
n4 v1 x-98.7 y20.1001
n5 v1 x-98.69 y20.1
n6 v1 x-98.68 y20.1
w1 v4 Tbuilding=casa Nn1,n2,n3,n4,n1
w2 v1 Thighway=residential,name=Av.%20%Juárez Nn5,n6
w3 v1 Thighway=service Nn5,n99
"""
Orden = Callable[..., Result]


@pytest.fixture
def mapa(tmp_path: Path) -> Path:
    return archivo(tmp_path, OPL, "mapa.osm.pbf")


@pytest.fixture
def revisar(monkeypatch: pytest.MonkeyPatch) -> Orden:
    """Corre la orden sin base de datos; los errores esperados se devuelven, lo demás se levanta."""
    monkeypatch.delenv(VARIABLE, raising=False)

    def correr(*argumentos: str | Path) -> Result:
        resultado = CliRunner().invoke(tequio, ["calidad", "revisar", *map(str, argumentos)])
        if resultado.exception and not isinstance(resultado.exception, ErrorGeo | SystemExit):
            raise resultado.exception
        return resultado

    return correr


def area(carpeta: Path, oeste: float, este: float, contenido: str = "") -> Path:
    ruta = carpeta / "area.geojson"
    anillo = [[oeste, 20.09], [este, 20.09], [este, 20.11], [oeste, 20.11], [oeste, 20.09]]
    ruta.write_text(contenido or json.dumps({"type": "Polygon", "coordinates": [anillo]}), encoding="utf-8")
    return ruta


def test_dice_cuantos_hay_de_cada_clase_y_que_no_se_reviso(mapa: Path, revisar: Orden) -> None:
    salida = revisar(mapa)
    assert salida.exit_code == 0
    assert f"E-ETIQ       1  {POR_CODIGO['E-ETIQ'].textos['es']['titulo']}" in salida.output
    assert "Sin revisar, vías a las que les faltan nodos: 1." in salida.output
    assert "Revisados 6 nodos y 3 vías" in salida.output
    assert all(regla.codigo in salida.output for regla in CATALOGO)


def test_la_salida_se_abre_con_gdal_y_trae_los_nombres_fijos(mapa: Path, revisar: Orden, tmp_path: Path) -> None:
    destino = tmp_path / "hallazgos.geojson"
    assert revisar(mapa, "--salida", destino, "--regla", "E-ETIQ", "--regla", "e-nomb").exit_code == 0
    info, _, formas, columnas = pyogrio.raw.read(destino)
    campos = dict(zip(info["fields"].tolist(), columnas, strict=True))
    assert {"codigo", "nivel", "objetos", "mensaje", "arreglo", "sugerencia", "huella", "versiones"} <= campos.keys()
    assert campos["codigo"].tolist() == ["E-ETIQ", "E-NOMB"]
    assert campos["nivel"].tolist() == [1, 3]
    assert len(formas) == 2
    assert info["crs"] == "EPSG:4326"
    primero, segundo = json.loads(destino.read_text(encoding="utf-8"))["features"]
    assert primero["properties"]["objetos"] == ["w1"]
    assert primero["properties"]["versiones"] == [4]
    assert primero["properties"]["mensaje"] == "building=casa no existe: va building=house."
    assert segundo["properties"]["sugerencia"] == {"etiquetas": {"name": "Avenida Juárez"}}


def test_sin_hallazgos_el_archivo_tambien_se_abre(mapa: Path, revisar: Orden, tmp_path: Path) -> None:
    destino = tmp_path / "hallazgos.geojson"
    assert revisar(mapa, "--salida", destino, "--regla", "E-TRAS").exit_code == 0
    assert pyogrio.read_info(destino)["features"] == 0


def test_en_ingles(mapa: Path, revisar: Orden, tmp_path: Path) -> None:
    destino = tmp_path / "h.geojson"
    salida = revisar(mapa, "--idioma", "en", "--salida", destino)
    assert POR_CODIGO["E-NOMB"].textos["en"]["titulo"] in salida.output
    assert "building=casa does not exist" in destino.read_text(encoding="utf-8")
    # El resumen también: ningún renglón se queda en español.
    assert "findings in all" in salida.output
    assert "Checked" in salida.output
    assert not any(palabra in salida.output for palabra in ("En total", "Revisados", "hallazgos están", "pide una"))


def test_el_area_deja_solo_lo_que_cae_en_ella(mapa: Path, revisar: Orden, tmp_path: Path) -> None:
    salida = revisar(mapa, "--area", area(tmp_path, -98.695, -98.67), "--regla", "E-NOMB", "--regla", "E-ETIQ").output
    assert "En total 1 hallazgos: 0 de nivel 1, 0 de nivel 2, 1 de nivel 3." in salida


@pytest.mark.parametrize(("pais", "hay"), [("mx", 1), ("CO", 1), ("bz", 0)])
def test_el_pais_dice_como_se_escriben_los_nombres(pais: str, hay: int, mapa: Path, revisar: Orden) -> None:
    salida = revisar(mapa, "--regla", "E-NOMB", "--pais", pais)
    assert f"En total {hay} hallazgos" in salida.output
    assert ("No sabemos cómo se escriben" in salida.output) == (pais == "bz")


def test_los_tiempos_solo_si_se_piden(mapa: Path, revisar: Orden) -> None:
    renglon = next(r for r in revisar(mapa, "--tiempos").output.splitlines() if r.startswith("E-TRAS"))
    assert renglon.endswith(" s")
    assert not any(r.startswith("E-TRAS") and r.endswith(" s") for r in revisar(mapa).output.splitlines())


MOÑO = '{"type":"Polygon","coordinates":[[[-98.7,20.1],[-98.6,20.2],[-98.6,20.1],[-98.7,20.2],[-98.7,20.1]]]}'


@pytest.mark.parametrize(
    "contenido", ["{", "hola", '{"type": "FeatureCollection", "features": []}', MOÑO], ids=range(4)
)
def test_un_area_que_no_sirve_se_dice(contenido: str, mapa: Path, revisar: Orden, tmp_path: Path) -> None:
    salida = revisar(mapa, "--area", area(tmp_path, 0, 0, contenido))
    assert salida.exit_code != 0
    assert isinstance(salida.exception, ErrorGeo)


def test_un_area_del_otro_lado_del_meridiano_180_se_rechaza(mapa: Path, revisar: Orden, tmp_path: Path) -> None:
    salida = revisar(mapa, "--area", area(tmp_path, -179.5, 179.5))
    assert salida.exit_code == 1
    assert "pártela ahí en dos" in salida.output


def test_lo_que_se_pide_mal_se_dice_antes_de_trabajar(mapa: Path, revisar: Orden, tmp_path: Path) -> None:
    pedidos = {
        ("--salida", tmp_path / "no" / "x.geojson"): "No existe la carpeta",
        ("--salida", tmp_path): "es una carpeta",
        ("--regla", "E-NADA"): "No conozco la regla «E-NADA»",
        ("--pais", "México"): "no es el código de un país",
        ("--area", area(tmp_path, 5, 6)): "El área no toca los datos",
    }
    for pedido, dicho in pedidos.items():
        salida = revisar(mapa, *pedido)
        assert salida.exit_code != 0
        assert dicho in salida.output, salida.output


def test_donde_no_se_puede_escribir(mapa: Path, revisar: Orden) -> None:
    # Ni la administración de la máquina puede crear archivos ahí.
    salida = revisar(mapa, "--salida", "/proc/hallazgos.geojson")
    assert salida.exit_code != 0
    assert "No se p" in salida.output


@pytest.mark.parametrize("contenido", [None, b"", b"PK\x03\x04zip", b"\x00\x00\x00\x0d\x0a\x09OSMHeader"], ids=range(4))
def test_un_archivo_que_no_sirve_se_dice(contenido: bytes | None, revisar: Orden, tmp_path: Path) -> None:
    ruta = tmp_path / "roto.osm.pbf"
    if contenido is not None:
        ruta.write_bytes(contenido)
    salida = revisar(ruta)
    assert salida.exit_code != 0
    assert isinstance(salida.exception, ErrorGeo)
    assert "roto.osm.pbf" in salida.exception.mensaje


def test_una_regla_rota_se_dice_y_la_orden_no_sale_bien(
    mapa: Path, revisar: Orden, monkeypatch: pytest.MonkeyPatch
) -> None:
    def romper(*_: object) -> list[Hallazgo]:
        raise ValueError("a propósito")

    monkeypatch.setitem(POR_CODIGO["E-TRAS"].__dict__, "revisar", romper)
    salida = revisar(mapa)
    assert salida.exit_code == 1
    assert "La regla E-TRAS no pudo terminar (ValueError: a propósito)" in salida.output
    assert "E-ETIQ       1" in salida.output


def test_datos_reales_de_un_puerto(revisar: Orden) -> None:
    salida = revisar(datos_reales("osm/callao-peru-2017-07-31.osm"), "--pais", "pe", "--regla", "E-NOMB")
    assert salida.exit_code == 0
    assert "Revisados 3,354 nodos y 605 vías" in salida.output
