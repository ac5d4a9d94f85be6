"""Lee conjuntos de cambios (changesets): quién, cuándo, dónde y con qué comentario."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import osmium
from osmium.osm import CHANGESET

from geo.osm.archivo import Archivo, errores_traducidos
from geo.osm.lectura import EPOCA
from geo.osm.objetos import Etiquetas
from geo.tipos import Caja


@dataclass(frozen=True, slots=True)
class Conjunto:
    """Un conjunto de cambios.

    Attributes
    ----------
    cerrado : datetime or None
        ``None`` si sigue abierto.
    cambios : int
        Cuántos objetos ha tocado hasta ahora.
    caja : (oeste, sur, este, norte) or None
        Grados, EPSG:4326; ``None`` si está vacío.
    etiquetas : dict
        Las suyas; el comentario va en ``comment`` y las *hashtags*, en ``hashtags``.
    """

    id: int
    uid: int | None
    usuario: str | None
    abierto: datetime
    cerrado: datetime | None
    cambios: int
    caja: Caja | None
    etiquetas: Etiquetas

    @property
    def momento(self) -> datetime:
        """Lo último que se sabe de él."""
        return self.cerrado or self.abierto


def leer(archivo: Archivo) -> Iterator[Conjunto]:
    """Cada conjunto del archivo, en su orden; uno puede venir varias veces.

    Raises
    ------
    ErrorOsm
    """
    with errores_traducidos(archivo):
        for visto in osmium.FileProcessor(archivo.de_osmium(), CHANGESET):
            if isinstance(visto, osmium.osm.Changeset) and visto.id > 0 and visto.created_at > EPOCA:
                yield _conjunto(visto)


def _conjunto(visto: osmium.osm.Changeset) -> Conjunto:
    marco = visto.bounds
    caja = (marco.bottom_left.lon, marco.bottom_left.lat, marco.top_right.lon, marco.top_right.lat)
    return Conjunto(
        visto.id,
        visto.uid or None,
        visto.user or None,
        visto.created_at,
        None if visto.open or visto.closed_at == EPOCA else visto.closed_at,
        visto.num_changes,
        caja if marco.valid() and marco.bottom_left.valid() else None,
        dict(visto.tags),
    )
