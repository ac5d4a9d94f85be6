"""Lo que la API de mapeo recibe."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tareas.comun.entrada import Consulta, Cuerpo

Ficha = Annotated[int, Field(ge=1, le=2**62)]
Numero = Annotated[int, Field(ge=1, le=200_000)]
Nota = Annotated[str, Field(max_length=5000)]


class Tomar(Cuerpo):
    """Cuerpo de ``POST …/bloqueo``."""

    para: Literal["mapear", "validar"]


class TomarVarias(Cuerpo):
    """Cuerpo de ``POST …/bloqueos``: varias tareas, todas o ninguna. Para mapear, sólo una."""

    para: Literal["validar"] = "validar"
    numeros: Annotated[list[Numero], Field(min_length=1, max_length=50)]


class Siguiente(Cuerpo):
    """Cuerpo de ``POST …/tareas/siguiente``."""

    para: Literal["mapear", "validar"] = "mapear"
    cerca_de: Numero | None = None
    evitar: Annotated[list[Numero], Field(max_length=200, default_factory=list)]


class Extender(Cuerpo):
    """Cuerpo de ``PATCH …/bloqueo``."""

    ficha: Ficha


class Soltar(Cuerpo):
    """Cuerpo, opcional, de ``DELETE …/bloqueo``."""

    ficha: Ficha | None = None
    nota: Nota | None = None


class Justificacion(Cuerpo):
    """Por qué se entrega con un hallazgo de las revisiones sin arreglar."""

    huella: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
    motivo: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class Entrega(Cuerpo):
    """Cuerpo de ``POST …/entrega``."""

    ficha: Ficha
    resultado: Literal["mapeada", "sin_imagen"]
    nota: Nota | None = None
    sin_cambios: Literal["ya_estaba", "no_hay_nada"] | None = None
    """Por qué no se cambió nada; una entrega sin imagen ya lo dice."""
    justificaciones: Annotated[list[Justificacion], Field(max_length=5000, default_factory=list)]


class Comentario(Cuerpo):
    """Cuerpo de ``POST …/comentarios``."""

    nota: Annotated[str, Field(min_length=1, max_length=5000)]


class Deshacer(Cuerpo):
    """Cuerpo de ``POST …/deshacer``."""

    motivo: Annotated[str, Field(min_length=3, max_length=2000)]


class Desde(Consulta):
    """Parámetros de ``GET …/estados``."""

    desde: Annotated[str, Field(max_length=64)] | None = None


class CuantosPasos(Consulta):
    """Parámetros de ``GET …/actividad``."""

    limite: Annotated[int, Field(ge=1, le=200)] = 20
