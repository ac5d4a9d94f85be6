"""Lo que comparten las pruebas por HTTP."""

from collections.abc import Iterator

import pytest

from tareas.comun.bd import BaseDeDatos
from tests.fabrica import vaciar
from tests.mundo_practica import Mundo, sembrar_mundo


@pytest.fixture(scope="module")
def practica(app, base_del_proceso: BaseDeDatos, url_base: str) -> Iterator[Mundo]:  # type: ignore[no-untyped-def]
    """Gente sembrada una vez por archivo de pruebas: cada prueba pide aulas nuevas, y al final se borra todo."""
    yield sembrar_mundo(app, base_del_proceso)
    vaciar(url_base)
