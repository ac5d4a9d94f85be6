"""Las fortalezas que propone el navegador son las que sabe decir el servidor, y con los mismos textos."""

import re
from pathlib import Path
from typing import get_args

from tareas.validacion import fortalezas
from tareas.validacion.formularios import FortalezaDicha

RAIZ = Path(__file__).resolve().parents[2]
JS = (RAIZ / "tareas/estaticos/js/fortalezas.js").read_text(encoding="utf-8")
PY = (RAIZ / "tareas/validacion/fortalezas.py").read_text(encoding="utf-8")


def test_los_codigos_son_los_mismos() -> None:
    en_js = set(re.findall(r"'(F-[A-Z]+)'", JS))
    en_la_api = set(get_args(FortalezaDicha.model_fields["codigo"].annotation))
    assert en_js == en_la_api == fortalezas.FORTALEZAS


def test_los_textos_son_los_mismos() -> None:
    def frases(codigo: str) -> set[str]:
        dichas = re.findall(r"""["']([A-ZÁÉÍÓÚ][^"']*\.)["']""", codigo)
        return {f.replace("%(num)s", "%(n)s") for f in dichas}

    del_servidor = frases(PY[PY.index("match codigo:") : PY.index("def de_la_tarea")])
    assert len(del_servidor) == 13
    assert del_servidor <= frases(JS)
