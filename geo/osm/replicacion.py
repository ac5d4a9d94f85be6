"""Hasta dónde llega un archivo: el punto de un flujo de replicación desde el que se sigue poniendo al día."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import osmium.replication
from osmium.replication.utils import get_replication_header

from geo.osm.archivo import Archivo, errores_traducidos
from geo.osm.lectura import EPOCA

# La hora de un objeto es la de su edición; pudo publicarse algo después. Lo mismo descuenta pyosmium.
HOLGURA = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Punto:
    """Hasta dónde llegan unos datos; ``None`` lo que no se sabe.

    Attributes
    ----------
    url : str or None
        Dirección del flujo que los continúa.
    secuencia : int or None
        Último cambio de ese flujo que ya traen.
    momento : datetime or None
        Todo lo anterior a este instante está; UTC.
    """

    url: str | None = None
    secuencia: int | None = None
    momento: datetime | None = None


def punto(archivo: Archivo) -> Punto:
    """Lee la cabecera (``osmosis_replication_*``); si no dice la hora, la del objeto más nuevo menos `HOLGURA`.

    Raises
    ------
    ErrorOsm
    """
    with errores_traducidos(archivo):
        url, secuencia, momento = get_replication_header(str(archivo.ruta)) if archivo.formato == "pbf" else (None,) * 3
        if momento is None:
            nuevo = osmium.replication.newest_change_from_file(archivo.de_osmium())
            momento = nuevo - HOLGURA if nuevo > EPOCA else None
    return Punto(url, secuencia, momento)
