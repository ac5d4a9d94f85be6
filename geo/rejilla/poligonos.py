"""Partir un área en los polígonos que trae una persona."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import MultiPolygon, Polygon

from geo.crs import area_m2
from geo.errores import N_
from geo.rejilla.area import ESTE, NORTE, OESTE, SUR, grados, lugar_del_defecto, revisar_area
from geo.rejilla.astillas import fronteras, fundir
from geo.rejilla.caras import Caras, caras_de
from geo.rejilla.errores import (
    DemasiadosPoligonos,
    PoligonoConCruce,
    PoligonoFueraDelArea,
    PoligonoFueraDelMundo,
    PoligonoInvalido,
    PoligonoNoPoligonal,
    PoligonosEncimados,
    SinPoligonos,
)
from geo.rejilla.morton import morton
from geo.rejilla.piezas import comprobar, juntar
from geo.rejilla.reticula import hacer_reticula
from geo.rejilla.tipos import ZOOM_MAXIMO, Mercator
from geo.tipos import Aviso, BaseGeometry, Division, Geometrias

Enteros = npt.NDArray[np.int64]
Booleanos = npt.NDArray[np.bool_]

DESCUIDO: Final = 1e-3
"""Parte de un polígono que puede salirse del área o encimarse con otro sin que se deba a una intención."""

CHICO: Final = 0.15
"""Por debajo de esta parte del polígono mediano, un hueco se une a una tarea vecina; de su polígono, un recorte."""

VECINOS: Final = 60
"""Cajas que toca en promedio la de un polígono, a partir de las cuales se sospecha que hay un montón."""

_BLOQUE: Final = 256

_POLIGONALES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def poligonos(
    area: Polygon | MultiPolygon, geometrias: Geometrias, *, recortar: bool = False, maximo: int = 200_000
) -> Division:
    """Parte un área en polígonos ya dibujados, corrigiendo los descuidos del dibujo para que la cubran exactamente.

    Lo que se encima o se sale en menos de una milésima del polígono se recorta (lo encimado se queda con el que llegó
    primero). Los huecos chicos se unen a la vecina de frontera más larga; los grandes se vuelven tareas. Un aviso
    cuenta cada cosa. La tolerancia es la de :func:`geo.rejilla.dividir`.

    Parameters
    ----------
    area : Polygon o MultiPolygon, EPSG:4326
    geometrias : (n,) arreglo de Polygon o MultiPolygon, EPSG:4326
    recortar : bool
        ``True``: a cada polígono se le quita lo que se salga del área, aunque sea todo. ``False``: si es más que un
        descuido, es un error. Un resto menor que el 15 % de su polígono se une a una tarea vecina.
    maximo : int
        Límite de polígonos.

    Returns
    -------
    Division
        ``celdas`` es el código de Morton de la tesela de zoom 22 de un punto interior; si dos polígonos caen en la
        misma, van en el orden en que llegaron.

    Raises
    ------
    SinPoligonos, DemasiadosPoligonos
    PoligonoInvalido, PoligonoFueraDelArea, PoligonosEncimados
        Dicen el número del polígono, contado desde 1, y el lugar.
    AreaNoPoligonal, AreaVacia, AreaFueraDelMundo, AreaMuyAncha, AreaConCruce, DivisionInexacta
    """
    plana = revisar_area(area)
    propios = _revisar(geometrias, maximo)
    _rechazar_montones(propios)
    anillos = shapely.get_rings(shapely.get_parts(np.append(propios, plana)))
    caras = caras_de(anillos)
    recortados = _revisar_lo_que_se_sale(plana, propios, caras, recortar=recortar)
    caras = caras.dentro_de(plana)
    cara, duenio = caras.duenios(propios)
    _rechazar_encimados(propios, caras, cara, duenio)
    piezas, huecos = _repartir(propios, caras, cara, duenio, recortados)
    comprobar(plana, piezas)
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(piezas)).T
    x, y = hacer_reticula(plana, Mercator(ZOOM_MAXIMO)).a_unidades(lon, lat)
    codigos = morton(np.floor(x).astype(np.int64), np.floor(y).astype(np.int64))
    orden = np.argsort(codigos, kind="stable")
    return Division(piezas[orden], codigos[orden], area_m2(piezas[orden]), _avisos(int(recortados.sum()), huecos))


def _revisar(geometrias: Geometrias, maximo: int) -> Geometrias:
    if not len(geometrias):
        raise SinPoligonos
    if len(geometrias) > maximo:
        raise DemasiadosPoligonos(tareas=len(geometrias), maximo=maximo)
    if (i := _primera(~np.isin(shapely.get_type_id(geometrias), _POLIGONALES))) is not None:
        raise PoligonoNoPoligonal(numero=i + 1, tipo=getattr(geometrias[i], "geom_type", "nada"))
    if (i := _primera(shapely.is_empty(geometrias))) is not None:
        raise PoligonoInvalido(numero=i + 1)
    planas = np.asarray(shapely.force_2d(geometrias), dtype=object)
    (lon, lat), de = (x.T for x in shapely.get_coordinates(planas, return_index=True))
    if (j := _primera(~((lon >= OESTE) & (lon <= ESTE) & (lat >= SUR) & (lat <= NORTE)))) is not None:
        raise PoligonoFueraDelMundo(numero=int(de[j]) + 1, lon=grados(lon[j]), lat=grados(lat[j]))
    if (i := _primera(~shapely.is_valid(planas))) is not None:
        lon_mala, lat_mala = lugar_del_defecto(planas[i])
        raise PoligonoConCruce(numero=i + 1, lon=lon_mala, lat=lat_mala)
    return planas


def _rechazar_montones(propios: Geometrias) -> None:
    """Busca traslapes uno a uno donde haya muchos polígonos en el mismo lugar.

    Cortarlos todos por todos costaría el cuadrado de su número; aquí se deja de buscar con el primero que se encime,
    sea con uno o, poco a poco, con muchos.
    """
    arbol = shapely.STRtree(propios)
    permitido = DESCUIDO * area_m2(propios)
    encimado = np.zeros(len(propios))
    for inicio in range(0, len(propios), _BLOQUE):
        bloque = propios[inicio : inicio + _BLOQUE]
        uno, otro = arbol.query(bloque)
        if len(uno) <= VECINOS * len(bloque):
            continue
        uno, otro = uno[otro > uno + inicio] + inicio, otro[otro > uno + inicio]
        for corte in range(0, len(uno), _BLOQUE):
            u, o = uno[corte : corte + _BLOQUE], otro[corte : corte + _BLOQUE]
            comun = shapely.intersection(propios[u], propios[o])
            medidas = area_m2(comun)
            np.add.at(encimado, u, medidas)
            np.add.at(encimado, o, medidas)
            pasados = (encimado > permitido)[u] | (encimado > permitido)[o]
            if pasados.any():
                i = int(np.argmax(medidas * pasados))
                raise _encimados(int(u[i]), int(o[i]), float(medidas[i]), comun[i].representative_point())


def _encimados(uno: int, otro: int, metros2: float, punto: BaseGeometry) -> PoligonosEncimados:
    return PoligonosEncimados(numero=uno + 1, otro=otro + 1, metros2=f"{metros2:.0f}", **_lugar(punto))


def _primera(malas: Booleanos) -> int | None:
    return int(np.argmax(malas)) if malas.any() else None


def _lugar(punto: BaseGeometry) -> dict[str, str]:
    return {"lon": grados(punto.x), "lat": grados(punto.y)}


def _revisar_lo_que_se_sale(area: BaseGeometry, propios: Geometrias, caras: Caras, *, recortar: bool) -> Booleanos:
    """Qué polígonos se salen por más que un descuido; error si no se permite o si ninguno tiene algo dentro."""
    cara, duenio = caras.duenios(propios)
    dentro = shapely.contains_xy(area, shapely.get_coordinates(caras.puntos))
    cara, duenio = cara[~dentro[cara]], duenio[~dentro[cara]]
    medidas = area_m2(caras.poligonos[cara])
    salido = np.bincount(duenio, weights=medidas, minlength=len(propios))
    de_propios = area_m2(propios)
    se_salen = salido > DESCUIDO * de_propios
    todos_fuera = bool((salido > (1 - DESCUIDO) * de_propios).all())
    if (i := _primera(se_salen & (todos_fuera or not recortar))) is not None:
        suyas = duenio == i
        mayor = cara[suyas][np.argmax(medidas[suyas])]
        raise PoligonoFueraDelArea(numero=i + 1, metros2=f"{salido[i]:.0f}", **_lugar(caras.puntos[mayor]))
    return se_salen


def _rechazar_encimados(propios: Geometrias, caras: Caras, cara: Enteros, duenio: Enteros) -> None:
    # Basta comparar con el primero de cada cara, que es quien se la queda; todos contra todos sería cuadrático.
    _, primera, lugar = np.unique(cara, return_index=True, return_inverse=True)
    primero = duenio[primera][lugar]
    otros = np.flatnonzero(primero != duenio)
    pares, de_par = np.unique(primero[otros] * len(propios) + duenio[otros], return_inverse=True)
    medidas = area_m2(caras.poligonos[cara[otros]])
    encimado = np.bincount(de_par, weights=medidas, minlength=len(pares))
    de_propios = area_m2(propios)
    uno, otro = pares // len(propios), pares % len(propios)
    if (i := _primera(encimado > DESCUIDO * np.minimum(de_propios[uno], de_propios[otro]))) is not None:
        suyas = de_par == i
        mayor = cara[otros][suyas][np.argmax(medidas[suyas])]
        raise _encimados(int(uno[i]), int(otro[i]), float(encimado[i]), caras.puntos[mayor])


@dataclass(frozen=True, slots=True)
class _Huecos:
    unidos: int
    nuevos: int
    hectareas: float


def _repartir(
    propios: Geometrias, caras: Caras, cara: Enteros, duenio: Enteros, recortados: Booleanos
) -> tuple[Geometrias, _Huecos]:
    """Da cada cara a su primer dueño y resuelve las que no tienen."""
    n = len(caras.poligonos)
    pieza = len(propios) + np.arange(n)
    con_duenio, primera = np.unique(cara, return_index=True)
    pieza[con_duenio] = duenio[primera]
    es_hueco = pieza >= len(propios)
    medidas = area_m2(caras.poligonos)
    de_propios = area_m2(propios)
    minimos = np.full(n, CHICO * float(np.median(de_propios)))
    minimos[~es_hueco] = np.where(recortados, CHICO * de_propios, 0.0)[pieza[~es_hueco]]
    raices = fundir(medidas, minimos, fronteras(caras.poligonos))
    geometrias, _ = juntar(caras.poligonos, pieza[raices])
    nuevos = es_hueco & (raices == np.arange(n))
    unidos = int(np.sum(raices != np.arange(n)))
    hectareas = float(medidas[es_hueco & nuevos[raices]].sum()) / 10_000
    return geometrias, _Huecos(unidos, int(nuevos.sum()), hectareas)


def _avisos(recortados: int, huecos: _Huecos) -> tuple[Aviso, ...]:
    avisos = []
    if recortados:
        plantilla = N_("Polígonos que se salían del área y se recortaron: %(n)s.")
        avisos.append(Aviso("rejilla_poligonos_recortados", plantilla, {"n": recortados}))
    if huecos.unidos:
        plantilla = N_("Huecos y restos chicos que se unieron a una tarea vecina: %(n)s.")
        avisos.append(Aviso("rejilla_huecos_unidos", plantilla, {"n": huecos.unidos}))
    if huecos.nuevos:
        plantilla = N_("Partes del área sin polígono que se volvieron tareas: %(n)s; suman %(hectareas)s hectáreas.")
        datos = {"n": huecos.nuevos, "hectareas": f"{huecos.hectareas:.1f}"}
        avisos.append(Aviso("rejilla_huecos_nuevos", plantilla, datos))
    return tuple(avisos)
