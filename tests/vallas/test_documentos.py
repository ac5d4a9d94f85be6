"""Los documentos dicen la verdad: sus enlaces llevan a algo, sus órdenes existen, y ninguna variable se queda sin explicar."""

import re
from pathlib import Path

import click
import pytest

from tareas.ordenes import tequio

RAIZ = Path(__file__).resolve().parents[2]
LEEME, READ_ME = RAIZ / "README.md", RAIZ / "README.en.md"
DOCUMENTOS = [LEEME, READ_ME, *sorted((RAIZ / "docs").rglob("*.md"))]
NOMBRES = [d.relative_to(RAIZ).as_posix() for d in DOCUMENTOS]
DEL_ARRANQUE = {"ayuda", "estado", "parar", "pruebas", "respaldar", "restaurar"}
# Se ponen solas, para los procesos que el programa enciende.
INTERNAS = {"TEQUIO_CAPAS_DE_IMAGEN", "TEQUIO_GUIA"}


def prosa(texto: str) -> str:
    """El texto sin los bloques de código."""
    return re.sub(r"^```.*?^```", "", texto, flags=re.M | re.S)


def ancla(titulo: str) -> str:
    """La dirección que GitHub le da a un título."""
    return re.sub(r"[^\w\- ]", "", titulo.lower()).replace(" ", "-")


def anclas(documento: Path) -> set[str]:
    return {ancla(t) for t in re.findall(r"^#+ (.+)$", prosa(documento.read_text(encoding="utf-8")), re.M)}


@pytest.mark.parametrize("documento", DOCUMENTOS, ids=NOMBRES)
def test_los_enlaces_llevan_a_algo(documento: Path) -> None:
    texto = prosa(documento.read_text(encoding="utf-8"))
    for destino in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", texto):
        enlace = "".join(destino)
        if enlace.startswith(("http://", "https://")):
            continue
        ruta, _, parte = enlace.partition("#")
        otro = (documento.parent / ruta).resolve() if ruta else documento
        assert otro.exists(), f"{enlace} no existe"
        assert not parte or parte in anclas(otro), f"{enlace}: no hay ese título"


@pytest.mark.parametrize("documento", DOCUMENTOS, ids=NOMBRES)
def test_los_archivos_que_se_nombran_existen(documento: Path) -> None:
    for nombre in re.findall(
        r"`((?:tareas|geo|arranque|migraciones|tests|docs|plantillas)/[\w/.]+)`", prosa(documento.read_text("utf-8"))
    ):
        if "0005_" not in nombre:
            assert (RAIZ / nombre).exists(), nombre


@pytest.mark.parametrize("documento", DOCUMENTOS, ids=NOMBRES)
def test_las_ordenes_que_se_nombran_existen(documento: Path) -> None:
    for orden, siguiente in re.findall(
        r"\./tequio ([a-z]+)(?: ([a-z][a-z-]+)\b(?![./]))?", documento.read_text("utf-8")
    ):
        if orden in DEL_ARRANQUE:
            continue
        assert orden in tequio.commands, f"./tequio {orden}"
        grupo = tequio.commands[orden]
        if isinstance(grupo, click.Group) and siguiente:
            assert siguiente in grupo.commands, f"./tequio {orden} {siguiente}"


@pytest.mark.parametrize("leeme", [LEEME, READ_ME], ids=["es", "en"])
def test_toda_variable_que_el_codigo_lee_esta_en_el_leeme(leeme: Path) -> None:
    codigo = [p for c in ("tareas", "arranque", "tests") for p in (RAIZ / c).rglob("*.py")]
    leidas = {
        v for p in codigo if p != Path(__file__) for v in re.findall(r"\"(TEQUIO_[A-Z_0-9]+)\"", p.read_text("utf-8"))
    }
    explicadas = set(re.findall(r"`(TEQUIO_[A-Z_0-9]+)`", leeme.read_text("utf-8")))
    assert leidas - INTERNAS == explicadas


def test_los_dos_leemes_tienen_el_mismo_esqueleto() -> None:
    def esqueleto(documento: Path) -> dict[str, object]:
        texto = documento.read_text(encoding="utf-8")
        return {
            "títulos": [t.count("#") for t in re.findall(r"^#+ ", prosa(texto), re.M)],
            "bloques": re.findall(r"^```(\w+)", texto, re.M),
            "órdenes": re.findall(r"\./tequio [a-z]+", texto),
            "renglones de tabla": len(re.findall(r"^\|", texto, re.M)),
        }

    assert esqueleto(LEEME) == esqueleto(READ_ME)


def test_el_indice_de_decisiones_las_tiene_todas() -> None:
    carpeta = RAIZ / "docs" / "decisiones"
    indice = (carpeta / "README.md").read_text(encoding="utf-8")
    for decision in sorted(carpeta.glob("0*.md")):
        titulo = decision.read_text(encoding="utf-8").splitlines()[0].removeprefix(f"# {decision.name[:4]}. ")
        assert f"| [{decision.name[:4]}]({decision.name}) | {titulo} |" in indice
