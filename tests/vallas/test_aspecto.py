"""El aspecto, sin navegador: contraste de los colores, letra, iconos y símbolos que las páginas usan."""

import gzip
import json
import re
from pathlib import Path

import pytest

RAIZ = Path(__file__).resolve().parents[2]
ESTATICOS = RAIZ / "tareas" / "estaticos"
TEQUIO = (ESTATICOS / "css" / "tequio.css").read_text(encoding="utf-8")
ESTADOS = (ESTATICOS / "css" / "estados.css").read_text(encoding="utf-8")
TEMAS = ("light", "dark")
CLAVES = ("pendiente", "mapeando", "mia", "mapeada", "validando", "validada", "devuelta", "sin_imagen")


def fichas(css: str, selector: str) -> dict[str, str]:
    """Propiedades ``--x: #rrggbb`` del primer bloque con ese selector."""
    bloque = css[css.index(selector) :]
    bloque = bloque[bloque.index("{") : bloque.index("}")]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b", bloque))


def de_tema(css: str, tema: str) -> dict[str, str]:
    return fichas(css, f':root, [data-theme="{tema}"]' if tema == "light" else f'[data-theme="{tema}"] {{')


def luminancia(color: str) -> float:
    """Luminancia relativa de WCAG 2."""
    hexa = color.lstrip("#")
    hexa = "".join(c * 2 for c in hexa) if len(hexa) == 3 else hexa
    canales = (int(hexa[i : i + 2], 16) / 255 for i in (0, 2, 4))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in canales)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contraste(uno: str, otro: str) -> float:
    claro, oscuro = sorted((luminancia(uno), luminancia(otro)), reverse=True)
    return (claro + 0.05) / (oscuro + 0.05)


@pytest.mark.parametrize("tema", TEMAS)
@pytest.mark.parametrize("fondo", ["papel", "papel-hondo", "hoja"])
@pytest.mark.parametrize("letra", ["tinta", "tinta-2", "barro", "maguey", "cielo", "maiz", "grana"])
def test_todo_texto_se_lee_sobre_todo_fondo(letra: str, fondo: str, tema: str) -> None:
    colores = de_tema(TEQUIO, tema)
    assert contraste(colores[letra], colores[fondo]) >= 4.5


@pytest.mark.parametrize("tema", TEMAS)
@pytest.mark.parametrize("color", ["barro", "maguey", "cielo", "maiz", "grana"])
def test_cada_color_y_la_tinta_se_leen_sobre_su_tinte(color: str, tema: str) -> None:
    colores = de_tema(TEQUIO, tema)
    assert contraste(colores[color], colores[f"{color}-tinte"]) >= 4.5
    assert contraste(colores["tinta"], colores[f"{color}-tinte"]) >= 4.5


@pytest.mark.parametrize("tema", TEMAS)
def test_los_botones_y_los_bordes_de_campo_se_distinguen(tema: str) -> None:
    colores = de_tema(TEQUIO, tema)
    for boton in ("barro", "barro-fuerte"):
        assert contraste(colores["sobre-barro"], colores[boton]) >= 4.5
    for boton in ("grana", "grana-fuerte"):
        assert contraste(colores["sobre-grana"], colores[boton]) >= 4.5
    assert contraste(colores["linea-fuerte"], colores["hoja"]) >= 3


@pytest.mark.parametrize("tema", TEMAS)
@pytest.mark.parametrize("clave", CLAVES)
def test_cada_estado_se_distingue_de_la_hoja_y_de_su_tinte(clave: str, tema: str) -> None:
    estados, colores = de_tema(ESTADOS, tema), de_tema(TEQUIO, tema)
    assert contraste(estados[f"estado-{clave}"], colores["hoja"]) >= 3
    if f"tinte-{clave}" in estados:
        assert contraste(estados[f"estado-{clave}"], estados[f"tinte-{clave}"]) >= 3


@pytest.mark.parametrize("css", [TEQUIO, ESTADOS], ids=["tequio", "estados"])
def test_el_oscuro_elegido_y_el_del_aparato_son_el_mismo(css: str) -> None:
    assert de_tema(css, "dark") == fichas(css, ":root:not([data-theme])")


@pytest.mark.parametrize("clave", CLAVES)
def test_cada_estado_tiene_clase_trama_y_simbolo(clave: str) -> None:
    assert f".e-{clave} {{" in ESTADOS
    assert f"--trama-{clave}:" in ESTADOS
    assert f"--simbolo-{clave}:" in ESTADOS


def test_las_tramas_y_los_simbolos_son_todos_distintos() -> None:
    dibujos = re.findall(r"--(?:trama|simbolo)-\w+: (url\(.*?\));", ESTADOS)
    assert len(dibujos) == 2 * len(CLAVES) - 1
    assert len(set(dibujos)) == len(dibujos)


def test_la_letra_es_la_version_instalada() -> None:
    paquete = "@fontsource/atkinson-hyperlegible-next"
    version = json.loads((RAIZ / "package.json").read_text(encoding="utf-8"))["dependencies"][paquete]
    rutas = re.findall(rf"{paquete}/([^/]+)/", TEQUIO)
    assert rutas
    assert set(rutas) == {version}


def test_todo_icono_que_se_nombra_existe() -> None:
    dibujados = set(
        re.findall(r'<symbol id="([\w-]+)"', (ESTATICOS / "img" / "iconos.svg").read_text(encoding="utf-8"))
    )
    plantillas = "\n".join(p.read_text(encoding="utf-8") for p in (RAIZ / "plantillas").rglob("*.html"))
    modulos = "\n".join(p.read_text(encoding="utf-8") for p in (ESTATICOS / "js").glob("*.js"))
    nombrados = set(re.findall(r"(?:\bicono\(|\bdibujar\(|icono=)'([\w-]+)'", plantillas))
    nombrados |= set(re.findall(r"(?:\bicono\(|dibujo: |\}#)'?([\w-]+)['`]", modulos))
    assert nombrados
    assert nombrados - dibujados == set()


def test_los_componentes_no_guardan_textos_fuera_de_sus_macros() -> None:
    # Jinja importa cada componente una vez: un texto puesto fuera de una macro quedaría en el primer idioma que se
    # pidió.
    for ruta in (RAIZ / "plantillas" / "componentes").glob("*.html"):
        fuera = re.sub(r"\{%-? macro .*?endmacro -?%\}|\{#.*?#\}", "", ruta.read_text(encoding="utf-8"), flags=re.S)
        assert not re.search(r"\b_\(|gettext\(", fuera), ruta.name


def test_las_hojas_de_estilo_propias_pesan_poco() -> None:
    def comprimido(nombre: str) -> int:
        return len(gzip.compress((ESTATICOS / "css" / nombre).read_bytes(), 9))

    assert comprimido("tequio.css") + comprimido("estados.css") + comprimido("mapa.css") <= 14 * 1024
