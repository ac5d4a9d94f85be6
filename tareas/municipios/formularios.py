"""Lo que la API y las páginas de municipios reciben."""

from typing import Annotated, Literal

from pydantic import Field

from tareas.comun.campos import Linea
from tareas.comun.entrada import Consulta


class Buscador(Consulta):
    """Filtros de la página de municipios."""

    texto: Annotated[Linea, Field(max_length=100)] = ""
    pagina: Annotated[int, Field(ge=1, le=10_000)] = 1


class Buscar(Buscador):
    """Parámetros de ``GET /municipios``."""

    limite: Annotated[int, Field(ge=1, le=100)] = 20


class Detalle(Consulta):
    """Parámetros de quien pide un límite: ``dibujo`` es unas diez veces más ligero."""

    detalle: Literal["completo", "dibujo"] = "completo"

    @property
    def tolerancia(self) -> float:
        """En grados: unos 30 m en un límite que sólo se dibuja."""
        return 0.0003 if self.detalle == "dibujo" else 0.0
