"""El municipio ficticio completo: la verdad y lo que OSM tiene de ella."""

import shapely

from geo.pueblo.autoria import Bitacora
from geo.pueblo.degradar import degradar
from geo.pueblo.degradar.lienzo import Lienzo
from geo.pueblo.plano import UNIDADES_POR_GRADO, a_grados, a_unidades
from geo.pueblo.tipos import Clave, Localidad, Mapa, Nodo, Pueblo, Relacion, Via
from geo.pueblo.trazado import BARRIOS
from geo.pueblo.urbe import Urbe
from geo.pueblo.verdad import NOMBRE, levantar

CLAVE = "99001"
ESTADO = "Estado de ejemplo"


def generar(semilla: int = 1907) -> Pueblo:
    """Genera el municipio ficticio de demostración.

    El mismo número da siempre el mismo pueblo, en cualquier máquina.

    Parameters
    ----------
    semilla : int
        Entero no negativo.

    Returns
    -------
    Pueblo
        Unos 6 km² con más de 3,000 edificios, en grados EPSG:4326.
    """
    verdad = levantar(semilla)
    lienzo = degradar(verdad, semilla)
    osm = _mapa(lienzo, Bitacora(lienzo, semilla))
    return Pueblo(
        nombre=NOMBRE,
        clave=CLAVE,
        estado=ESTADO,
        limite=shapely.normalize(a_grados(verdad.urbe.limite)),
        localidades=_localidades(verdad.urbe),
        verdad=verdad.mapa,
        osm=osm,
        verdad_de=_verdad_de(lienzo, osm),
        plantados=tuple(lienzo.plantados),
    )


def _localidades(urbe: Urbe) -> tuple[Localidad, ...]:
    return tuple(
        Localidad(b.nombre, b.lugar, _grados(lugar), b.mapeado) for b, lugar in zip(BARRIOS, urbe.lugares, strict=True)
    )


def _grados(lugar: tuple[float, float]) -> tuple[float, float]:
    x, y = a_unidades(shapely.get_coordinates(shapely.Point(lugar)))[0].tolist()
    return x / UNIDADES_POR_GRADO, y / UNIDADES_POR_GRADO


def _mapa(lienzo: Lienzo, bitacora: Bitacora) -> Mapa:
    """Los objetos del lienzo, con su autoría y los nodos que usan."""
    mapa = Mapa()
    for numero in sorted(lienzo.relaciones):
        relacion = lienzo.relaciones[numero]
        firma = bitacora.de(f"r{numero}")
        mapa.relaciones[numero] = Relacion(numero, tuple(relacion.miembros), relacion.etiquetas, firma)
    for numero in sorted(lienzo.vias):
        via = lienzo.vias[numero]
        mapa.vias[numero] = Via(numero, tuple(via.nodos), via.etiquetas, bitacora.de(f"w{numero}"))
    duenas = {n: f"w{v}" for v in sorted(lienzo.vias, reverse=True) for n in lienzo.vias[v].nodos}
    for numero in sorted({*duenas, *lienzo.etiquetas}):
        etiquetas = lienzo.etiquetas.get(numero, {})
        firma = bitacora.de(f"n{numero}") if etiquetas else bitacora.de_nodo(duenas[numero])
        mapa.nodos[numero] = Nodo(numero, *lienzo.lugares[numero], etiquetas, firma)
    return mapa


def _verdad_de(lienzo: Lienzo, osm: Mapa) -> dict[Clave, tuple[Clave, ...]]:
    verdad_de = {f"n{n}": (f"n{n}",) if n in lienzo.verdad.mapa.nodos else () for n in osm.nodos}
    return {**verdad_de, **lienzo.origen}
