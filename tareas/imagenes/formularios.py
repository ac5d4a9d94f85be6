"""Lo que llega de fuera sobre una imagen."""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from tareas.comun.campos import Linea, Parrafos, rechazar
from tareas.comun.entrada import Consulta
from tareas.comun.textos import _

PRIMERA_FOTO_AEREA = date(1858, 1, 1)


def _fecha(valor: Any) -> Any:
    if valor is None or valor == "":
        return None
    try:
        dia = valor if isinstance(valor, date) else date.fromisoformat(str(valor))
    except ValueError:
        rechazar(_("debe ser una fecha como 2024-03-15"))
    if not PRIMERA_FOTO_AEREA <= dia <= date(2200, 1, 1):
        rechazar(_("debe ser el día en que se tomó la imagen"))
    return dia


def _metros(valor: Any) -> Any:
    return None if valor == "" else valor


class Datos(Consulta):
    """Lo que se dice de una imagen: en la página y en la consola."""

    nombre: Annotated[Linea, Field(max_length=80)] = ""
    licencia: Annotated[Linea, Field(max_length=200)] = ""
    atribucion: Annotated[Linea, Field(max_length=300)] = ""
    fecha: Annotated[date | None, BeforeValidator(_fecha)] = None
    resolucion_m: Annotated[float | None, BeforeValidator(_metros), Field(gt=0, le=10_000, allow_inf_nan=False)] = None
    permiso_trazar: bool = False
    permiso: Annotated[Parrafos, Field(max_length=2000)] = ""


class DatosGuardados(Datos):
    """Como `Datos`, ya con nombre obligatorio."""

    nombre: Annotated[Linea, Field(min_length=1, max_length=80)]
