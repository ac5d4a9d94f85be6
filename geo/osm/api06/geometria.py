"""Geometría y clase de elementos sueltos, con la misma regla que decide las de los archivos."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from struct import Struct

import shapely

from geo.osm.api06.valores import ESCALA, NODO, RELACION, VIA
from geo.osm.archivo import Archivo
from geo.osm.escritura import escribir
from geo.osm.etiquetas import clasificar, es_area
from geo.osm.lectura import DE_AREA, Lectura
from geo.osm.objetos import Objeto, Relacion, Via

_EWKB_DE_PUNTO = Struct("<BIIdd")
_SIN_METADATOS = (1, None, None, None, None)


def de_elemento(
    tipo: str, etiquetas: Mapping[str, str] | None, lugares: Sequence[tuple[int, int]], *, cerrada: bool = False
) -> tuple[str | None, str | None]:
    """Clase y geometría de un nodo o de una vía.

    Parameters
    ----------
    lugares
        ``(lon, lat)`` en diezmillonésimas de grado: uno si es nodo; los de sus nodos, en orden, si es vía.
    cerrada
        Si la vía termina en el nodo donde empezó.

    Returns
    -------
    clase : str or None
        ``None`` en un nodo sin etiquetas, en una relación y en lo que no se pudo armar.
    geom : str or None
        EWKB en hexadecimal, EPSG:4326.
    """
    if tipo == NODO:
        (lon, lat) = lugares[0]
        clase = clasificar(NODO, etiquetas, area=False)[0] if etiquetas else None
        # Un punto se escribe a mano: son casi todo lo que se sube, y así cuesta la décima parte.
        return clase, _EWKB_DE_PUNTO.pack(1, 0x20000001, 4326, lon / ESCALA, lat / ESCALA).hex().upper()
    if tipo != VIA:
        return None, None
    todos = [(lon / ESCALA, lat / ESCALA) for lon, lat in lugares]
    # Dos nodos seguidos en el mismo lugar son un punto.
    puntos = [*todos[:1], *(b for a, b in pairwise(todos) if a != b)]
    if cerrada and len(puntos) >= 4 and es_area(etiquetas or {}):
        superficie = shapely.Polygon(puntos)
        if superficie.is_valid and superficie.area > 0:
            return clasificar(VIA, etiquetas or {}, area=True)[0], _ewkb(superficie)
    # Un área de contorno roto se queda en línea.
    if len(puntos) < 2:
        return None, None
    return clasificar(VIA, etiquetas or {}, area=False)[0], _ewkb(shapely.LineString(puntos))


def puede_ser_area(etiquetas: Mapping[str, str] | None) -> bool:
    """Si una relación con estas etiquetas se arma en área."""
    return (etiquetas or {}).get("type") in DE_AREA


def de_relaciones(
    relaciones: Iterable[tuple[int, Mapping[str, str], Sequence[tuple[str, int]], Sequence[str]]],
    vias: Mapping[int, Sequence[int]],
    lugares: Mapping[int, tuple[int, int]],
) -> dict[int, tuple[str, str]]:
    """Clase y geometría de relaciones de área, todas en una sola lectura.

    Parameters
    ----------
    relaciones
        ``(id, etiquetas, miembros, roles)``; cada miembro, ``(tipo, id)``.
    vias
        Nodos de cada vía que usan.
    lugares
        ``(lon, lat)`` de cada nodo, en diezmillonésimas de grado.

    Returns
    -------
    dict
        Id -> clase y geometría (EWKB en hexadecimal, EPSG:4326). Falta la que no se pudo armar.
    """
    lista = sorted(relaciones)
    usadas = sorted({id for _, _, miembros, _ in lista for tipo, id in miembros if tipo == VIA and id in vias})
    relaciones_crudas = [
        Relacion(id, *_SIN_METADATOS, dict(etiquetas), False, [f"{t}{i}" for t, i in miembros], list(roles))
        for id, etiquetas, miembros, roles in lista
    ]
    vias_crudas = [Via(id, *_SIN_METADATOS, {}, False, list(vias[id])) for id in usadas]
    return _armar(RELACION, vias_crudas, relaciones_crudas, lugares) if lista else {}


def repasa_un_lugar(
    etiquetas: Mapping[str, str] | None, lugares: Sequence[tuple[int, int]], *, cerrada: bool = False
) -> bool:
    """Si el contorno de una vía que es área pasa dos veces por un mismo lugar, además de donde cierra.

    Que así sea un área o no lo decide quien arma los archivos (`de_contornos`): para shapely ninguno de éstos vale.
    """
    contorno = [b for a, b in pairwise(lugares) if a != b]
    return cerrada and len(set(contorno)) < len(contorno) and es_area(etiquetas or {})


def de_contornos(
    vias: Iterable[tuple[int, Mapping[str, str], Sequence[int]]], lugares: Mapping[int, tuple[int, int]]
) -> dict[int, tuple[str, str]]:
    """Como `de_relaciones`, de vías cerradas: ``(id, etiquetas, nodos)``."""
    lista = [Via(id, *_SIN_METADATOS, dict(etiquetas), False, list(nodos)) for id, etiquetas, nodos in sorted(vias)]
    return _armar(VIA, lista, [], lugares) if lista else {}


def _armar(
    tipo: str, vias: Sequence[Via], relaciones: Sequence[Relacion], lugares: Mapping[int, tuple[int, int]]
) -> dict[int, tuple[str, str]]:
    nodos = {n for via in vias for n in via.nodos if n in lugares}
    with tempfile.TemporaryDirectory(prefix="tequio-formas-") as carpeta:
        ruta = Path(carpeta) / "formas.opl"
        with ruta.open("wb") as salida:
            for n in sorted(nodos):
                lon, lat = lugares[n]
                salida.write(f"n{n} x{lon / ESCALA:.7f} y{lat / ESCALA:.7f}\n".encode())
            escribir(salida, vias)
            escribir(salida, relaciones)
        return {
            cosa.crudo.id: (cosa.clase, _ewkb(shapely.from_wkb(cosa.wkb)))
            for cosa in Lectura(Archivo(ruta.name, ruta, "opl"))
            if isinstance(cosa, Objeto) and cosa.tipo == tipo
        }


def _ewkb(forma: shapely.Geometry) -> str:
    return str(shapely.to_wkb(shapely.set_srid(forma, 4326), hex=True, include_srid=True))
