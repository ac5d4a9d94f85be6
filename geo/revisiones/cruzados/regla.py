"""E-CRUZ: un contorno que se cruza o se pisa a sí mismo."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.revisiones.base.areas import poligonos
from geo.revisiones.base.hallazgo import Hallazgo, Punto
from geo.revisiones.base.mundo import Enteros, Logicos, Mundo
from geo.revisiones.base.regla import Ajustes, Regla
from geo.tipos import Geometrias

_MOTIVO: Final = re.compile(r"(.*)\[(\S+) (\S+)\]")
TOCA: Final = "Ring Self-intersection"
"""Como llama GEOS al contorno que pasa dos veces por un punto sin cruzarse."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Áreas cuyo contorno no es simple, y relaciones con contornos que se cruzan solos o entre ellos.

    Que una relación tenga dos contornos que se tocan, o una isla dentro de un hueco, es correcto.
    """
    vias = np.flatnonzero(mundo.es_superficie & mundo.completa & (mundo.cuantos_nodos >= 4))
    vias = vias[mundo.lineas[vias] != None]  # noqa: E711
    formas = poligonos(mundo.lineas[vias])
    malas = ~shapely.is_valid(formas)
    yield from _de_uno([(mundo.clave_de_via(k),) for k in vias[malas]], formas[malas])

    relaciones = [relacion for relacion, _ in mundo.armado.contornos]
    contornos = np.concatenate([np.array([], dtype=object), *(formas for _, formas in mundo.armado.contornos)])
    de = np.repeat(np.arange(len(relaciones)), [len(formas) for _, formas in mundo.armado.contornos]).astype(np.int64)
    claves = [f"r{relacion.id}" for relacion in relaciones]
    malos = np.flatnonzero(~np.asarray(shapely.is_valid(contornos), dtype=np.bool_))
    # Basta un hallazgo por relación: al arreglarla se vuelve a revisar entera.
    dichas = np.zeros(len(relaciones), dtype=np.bool_)
    primeros = malos[np.unique(de[malos], return_index=True)[1]]
    dichas[de[primeros]] = True
    yield from _de_uno([(claves[de[k]],) for k in primeros], contornos[primeros])
    encimados = list(_entre_contornos(claves, contornos, de, dichas))
    yield from encimados
    ya = {h.objetos[0] for h in encimados}
    dichas |= np.array([clave in ya for clave in claves], dtype=np.bool_)
    yield from _al_reves(claves, contornos, de, dichas, np.array(mundo.armado.de_fuera, dtype=np.int64))


def _de_uno(objetos: list[tuple[str, ...]], formas: Geometrias) -> Iterator[Hallazgo]:
    for claves, forma, motivo in zip(objetos, formas, shapely.is_valid_reason(formas), strict=True):
        hallado = _MOTIVO.match(motivo)
        toca = hallado is not None and hallado[1] == TOCA
        punto = (float(hallado[2]), float(hallado[3])) if hallado else _primero(forma)
        yield Hallazgo("E-CRUZ", 2 if toca else 1, claves, punto, "toca" if toca else "cruza")


def _entre_contornos(claves: list[str], contornos: Geometrias, de: Enteros, dichas: Logicos) -> Iterator[Hallazgo]:
    """Pares de contornos de una misma relación que se enciman sin que uno contenga al otro."""
    cajas = shapely.STRtree(contornos)
    i, j = cajas.query(contornos)
    mismos = (i < j) & (de[i] == de[j]) & ~dichas[de[i]]
    i, j = i[mismos], j[mismos]
    cruzan = shapely.overlaps(contornos[i], contornos[j])
    i, j = i[cruzan], j[cruzan]
    _, primeros = np.unique(de[i], return_index=True)
    for k in primeros:
        comun = shapely.intersection(contornos[i[k]], contornos[j[k]])
        cruces = shapely.intersection(shapely.boundary(contornos[i[k]]), shapely.boundary(contornos[j[k]]))
        yield Hallazgo("E-CRUZ", 1, (claves[de[i[k]]],), _primero(cruces), "entre_si", donde=comun)


def _al_reves(
    claves: list[str], contornos: Geometrias, de: Enteros, dichas: Logicos, cuantos_de_fuera: Enteros
) -> Iterator[Hallazgo]:
    """Relaciones con un contorno de dentro que no cae en ninguno de sus contornos de fuera."""
    lugar = np.arange(len(de)) - np.searchsorted(de, de)
    fuera = lugar < cuantos_de_fuera[de] if len(de) else np.zeros(0, dtype=np.bool_)
    dentros, fueras = np.flatnonzero(~fuera & ~dichas[de]), np.flatnonzero(fuera & ~dichas[de])
    i, j = shapely.STRtree(contornos[fueras]).query(contornos[dentros], predicate="covered_by")
    caben = np.zeros(len(dentros), dtype=np.bool_)
    caben[i[de[dentros[i]] == de[fueras[j]]]] = True
    sueltos = dentros[~caben]
    for k in sueltos[np.unique(de[sueltos], return_index=True)[1]]:
        yield Hallazgo("E-CRUZ", 1, (claves[de[k]],), _primero(contornos[k]), "al_reves", donde=contornos[k])


def _primero(forma: shapely.Geometry) -> Punto:
    x, y = shapely.get_coordinates(forma)[0].tolist()
    return (x, y)


REGLA: Final = Regla(
    codigo="E-CRUZ",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={},
    alcance_m=0.0,
)
