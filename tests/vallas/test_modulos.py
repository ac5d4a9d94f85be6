"""Los módulos del navegador no se importan en círculo: cada uno se lee sabiendo lo que ya había."""

import re
from pathlib import Path

JS = Path(__file__).resolve().parents[2] / "tareas/estaticos/js"
IMPORTA = re.compile(r"^import\s[^;]*?from '\./([\w]+\.js)';|^import '\./([\w]+\.js)';", re.MULTILINE)


def de_quien(modulo: Path) -> list[str]:
    """Lo que un módulo importa al cargarse; lo que pide después con ``import(…)`` no hace círculo."""
    return [uno or otro for uno, otro in IMPORTA.findall(modulo.read_text(encoding="utf-8"))]


def circulo(grafo: dict[str, list[str]]) -> list[str] | None:
    """Un camino que vuelve a donde empezó, si lo hay."""
    vistos: set[str] = set()

    def bajar(modulo: str, camino: list[str]) -> list[str] | None:
        if modulo in camino:
            return [*camino[camino.index(modulo) :], modulo]
        if modulo in vistos:
            return None
        vistos.add(modulo)
        hallados = (bajar(otro, [*camino, modulo]) for otro in grafo[modulo])
        return next((c for c in hallados if c), None)

    return next((c for c in (bajar(m, []) for m in grafo) if c), None)


def test_ningun_modulo_se_importa_en_circulo():
    grafo = {m.name: de_quien(m) for m in JS.glob("*.js")}
    assert "textos.js" in grafo["mapeo.js"]
    assert circulo(grafo) is None


def test_un_circulo_se_dice_con_su_camino():
    assert circulo({"a": ["b", "d"], "b": ["c"], "c": ["b"], "d": []}) == ["b", "c", "b"]
    assert circulo({"a": ["b", "c"], "b": ["c"], "c": []}) is None
