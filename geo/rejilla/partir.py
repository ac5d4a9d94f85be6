"""Cambiar de forma tareas que ya existen: partir una, juntar varias, corregir el contorno de una.

Lo que sale cubre exactamente lo que entró, con los mismos vértices en los lados que comparte.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon

from geo.crs import a_4326, a_metrico, area_m2, crs_metrico
from geo.rejilla.area import grados, revisar_area
from geo.rejilla.astillas import fronteras
from geo.rejilla.caras import Caras, caras_de
from geo.rejilla.errores import (
    AreaSeSale,
    LineaNoCorta,
    MuchasPartes,
    ParteChica,
    PartesSinTocarse,
    ParteSuelta,
    SinCambioDeArea,
    SinVecinaQueReciba,
)
from geo.rejilla.piezas import TOLERANCIA_GRADOS, comprobar, juntar
from geo.tipos import BaseGeometry, Geometrias

Reales = npt.NDArray[np.float64]
Enteros = npt.NDArray[np.int64]

AREA_MINIMA_M2: Final = 100.0
PARTES_MAXIMAS: Final = 50
EDIFICIOS_QUE_BASTAN: Final = 6
"""Con menos, dos mitades de igual esfuerzo son dos mitades de igual área."""

ANGULOS: Final = 8
HOLGURA: Final = 0.15
"""Cuánto puede alejarse de la mitad, en parte de los edificios, un corte que pasa por donde hay más espacio."""

PARTE_MINIMA: Final = 0.1
"""Del área: un corte que deje menos de un lado no se propone, aunque reparta bien los edificios."""

PEDAZO_QUE_MANDA: Final = 2 / 3
"""Del esfuerzo de una tarea en varios pedazos: con más, repartirlos enteros no deja dos mitades parecidas."""

PESO_DEL_LARGO: Final = 0.35
"""Cuánto cuenta, al elegir un corte, que sea corto; lo demás es que las dos mitades pesen lo mismo."""

IMAN_GRADOS: Final = 3e-6
"""Un vértice dibujado a menos de esto, unos 30 cm, de uno que ya existía es ese mismo."""

POLVO_M2: Final = 1.0


@dataclass(frozen=True, slots=True)
class Correccion:
    """Lo que resulta de corregir un contorno.

    Attributes
    ----------
    cambian : (k,) int64
        Índices de las áreas que se reemplazan; incluye las que desaparecen.
    piezas : (m,) arreglo de Polygon o MultiPolygon, EPSG:4326
    de : (m,) int64
        De cuál de las áreas es continuación cada pieza.
    """

    cambian: Enteros
    piezas: Geometrias
    de: Enteros


def en_dos(area: BaseGeometry, puntos: Reales) -> Geometrias:
    """Parte un área con un corte recto en dos mitades de esfuerzo parecido.

    Parameters
    ----------
    area : Polygon o MultiPolygon, EPSG:4326
        De dos pedazos, cada uno es una mitad. De más, los pedazos enteros se reparten a los lados de una recta, y sólo
        si uno pesa más de ``PEDAZO_QUE_MANDA`` se corta también: una mitad puede quedar en varios pedazos.
    puntos : (n, 2) float64
        Longitud y latitud de los edificios. Con menos de ``EDIFICIOS_QUE_BASTAN``, las mitades son de área parecida.

    Returns
    -------
    (2,) arreglo de Polygon o MultiPolygon, EPSG:4326

    Raises
    ------
    ParteChica, DivisionInexacta
    """
    return _terminadas(area, _dos(area, puntos))


def en_cuatro(area: BaseGeometry, puntos: Reales) -> Geometrias:
    """Parte un área en dos mitades y cada mitad en dos; lo demás, como :func:`en_dos`.

    Returns
    -------
    (4,) arreglo de Polygon o MultiPolygon, EPSG:4326
    """
    cuartos = [cuarto for mitad in en_dos(area, puntos) for cuarto in _dos(mitad, puntos)]
    return _terminadas(area, coser(np.array(cuartos, dtype=object)))


def por_linea(area: BaseGeometry, linea: LineString) -> Geometrias:
    """Parte un área por donde pasa una línea.

    Si una punta quedó dentro, el tramo se prolonga derecho hasta el borde.

    Parameters
    ----------
    area : Polygon o MultiPolygon, EPSG:4326
    linea : LineString, EPSG:4326

    Returns
    -------
    (n,) arreglo de Polygon, EPSG:4326
        Al menos dos.

    Raises
    ------
    LineaNoCorta, MuchasPartes, ParteChica, DivisionInexacta
    """
    plana = shapely.force_2d(linea)
    corte = LineString(_prolongada(area, shapely.get_coordinates(plana)))
    caras = caras_de(np.array([*_anillos(np.array([area], dtype=object)), corte], dtype=object)).dentro_de(area)
    if len(caras.poligonos) <= len(shapely.get_parts(area)):
        lon, lat = shapely.get_coordinates(shapely.line_interpolate_point(plana, 0.5, normalized=True))[0]
        raise LineaNoCorta(lon=grados(lon), lat=grados(lat))
    if len(caras.poligonos) > PARTES_MAXIMAS:
        raise MuchasPartes(partes=len(caras.poligonos), maximo=PARTES_MAXIMAS)
    return _terminadas(area, caras.poligonos)


def unir(areas: Geometrias) -> Geometrias:
    """Une áreas vecinas en una sola.

    Parameters
    ----------
    areas : (n,) arreglo de Polygon o MultiPolygon, EPSG:4326
        Sin traslapes.

    Returns
    -------
    (1,) arreglo de Polygon, EPSG:4326

    Raises
    ------
    PartesSinTocarse
        No comparten un lado; ``cual`` es el índice de una que queda suelta.
    DivisionInexacta
    """
    cosidas = coser(areas)
    partes, de = shapely.get_parts(cosidas, return_index=True)
    unida, _ = juntar(np.asarray(shapely.normalize(partes), dtype=object), np.zeros(len(partes), dtype=np.int64))
    if isinstance(unida[0], MultiPolygon):
        pedazos = np.asarray(shapely.get_parts(unida[0]), dtype=object)
        mayor = pedazos[int(np.argmax(area_m2(pedazos)))]
        sueltas = ~shapely.intersects(mayor.buffer(-1e-8), partes)
        lon, lat = shapely.get_coordinates(shapely.point_on_surface(partes[sueltas][0]))[0]
        raise PartesSinTocarse(cual=int(de[sueltas][0]), lon=grados(lon), lat=grados(lat))
    return _terminadas(MultiPolygon(list(partes)), unida)


def corregir(areas: Geometrias, cual: int, contorno: BaseGeometry) -> Correccion:
    """Da un contorno nuevo a una de varias áreas vecinas.

    Lo que gana se lo quita a las demás; lo que pierde pasa a la vecina con la que ese pedazo comparte más borde.

    Parameters
    ----------
    areas : (n,) arreglo de Polygon o MultiPolygon, EPSG:4326
        La que se corrige y todas las que toca ella o el contorno nuevo; sin traslapes.
    cual : int
        Índice de la que se corrige.
    contorno : Polygon o MultiPolygon, EPSG:4326

    Raises
    ------
    AreaSeSale
        El contorno cubre algo que no es de ninguna.
    SinVecinaQueReciba, ParteSuelta, ParteChica, SinCambioDeArea, DivisionInexacta
    geo.rejilla.errores.AreaConCruce, AreaNoPoligonal, AreaVacia, AreaFueraDelMundo
        Del contorno.
    """
    nuevo = revisar_area(contorno)
    n = len(areas)
    iman = shapely.snap(nuevo, shapely.multipoints(shapely.get_coordinates(areas)), IMAN_GRADOS)
    todas = coser(np.array([*areas, iman if iman.is_valid and not iman.is_empty else nuevo], dtype=object))
    caras = caras_de(_anillos(todas))
    duenia = _duenias(caras, todas[:n])
    dentro = shapely.contains_xy(todas[n], shapely.get_coordinates(caras.puntos))
    medidas = area_m2(caras.poligonos)
    _exigir_que_no_se_salga(caras, medidas, dentro & (duenia < 0))
    suyas = np.flatnonzero(duenia >= 0)
    caras = Caras(np.asarray(shapely.normalize(caras.poligonos[suyas]), dtype=object), caras.puntos[suyas])
    duenia, dentro, medidas = duenia[suyas], dentro[suyas], medidas[suyas]
    grande = medidas >= POLVO_M2
    toma = duenia.copy()
    toma[dentro & grande] = cual
    perdidas = np.flatnonzero((duenia == cual) & ~dentro & grande)
    _repartir_lo_perdido(caras, duenia, perdidas, toma, cual)
    mudadas = np.flatnonzero(toma != duenia)
    if not len(mudadas):
        raise SinCambioDeArea
    cambian = np.unique(np.concatenate([duenia[mudadas], toma[mudadas], [cual]]))
    quedan = np.isin(toma, cambian)
    piezas, de = juntar(caras.poligonos[quedan], toma[quedan])
    _exigir_enteras(piezas, areas[de])
    antes = MultiPolygon([p for a in todas[cambian] for p in shapely.get_parts(a)])
    return Correccion(cambian, _terminadas(antes, piezas), de)


def traslapes(areas: Geometrias, piezas: Geometrias) -> Reales:
    """Metros cuadrados que cada pieza tiene de cada área.

    Returns
    -------
    (m, n) float64
        Un renglón por pieza y una columna por área.
    """
    pares = [[shapely.intersection(pieza, area) for area in areas] for pieza in piezas]
    medidas = area_m2(np.array([par for fila in pares for par in fila], dtype=object))
    return medidas.reshape(len(piezas), len(areas))


def contar_dentro(piezas: Geometrias, puntos: Reales) -> Enteros:
    """Cuántos puntos caen en cada pieza; uno en el lado de dos, en la primera.

    Parameters
    ----------
    piezas : (n,) arreglo de Polygon, EPSG:4326
    puntos : (p, 2) float64

    Returns
    -------
    (n,) int64
    """
    if not len(puntos):
        return np.zeros(len(piezas), dtype=np.int64)
    cual, pieza = shapely.STRtree(piezas).query(shapely.points(puntos), predicate="intersects")
    orden = np.lexsort((pieza, cual))
    _, primera = np.unique(cual[orden], return_index=True)
    cuantos: Enteros = np.bincount(pieza[orden][primera], minlength=len(piezas)).astype(np.int64)
    return cuantos


def repartir(total: float, pesos: Reales) -> Enteros:
    """Reparte un entero en proporción a unos pesos, sin perder ninguno: por restos mayores (método de Hamilton).

    Parameters
    ----------
    total : float
    pesos : (n,) float64
        No negativos; si todos son cero, en partes iguales.

    Returns
    -------
    (n,) int64
        Suman ``round(total)``.
    """
    entero = round(total)
    pesos = pesos if pesos.sum() > 0 else np.ones(len(pesos))
    cuotas = entero * pesos / pesos.sum()
    partes: npt.NDArray[np.int64] = np.floor(cuotas).astype(np.int64)
    partes[np.argsort(partes - cuotas, kind="stable")[: entero - int(partes.sum())]] += 1
    return partes


def coser(areas: Geometrias) -> Geometrias:
    """Hace que áreas vecinas compartan sus vértices bit por bit.

    Los que están a menos de ``TOLERANCIA_GRADOS`` son el mismo, y el que cae sobre un lado ajeno se vuelve también
    vértice de ese lado. Sin esto, la punta de un corte sería vértice de las partes y no de la vecina.

    Parameters
    ----------
    areas : (n,) arreglo de Polygon o MultiPolygon
    """
    vertices = np.unique(shapely.get_coordinates(areas), axis=0)
    puntos = shapely.points(vertices)
    arbol = shapely.STRtree(puntos)
    uno, otro = arbol.query(puntos, predicate="dwithin", distance=TOLERANCIA_GRADOS)
    primero = np.arange(len(vertices))
    np.minimum.at(primero, uno, otro)
    canon = {tuple(v): vertices[p] for v, p in zip(vertices.tolist(), primero.tolist(), strict=True)}
    distintos = vertices[np.unique(primero)]
    arbol = shapely.STRtree(shapely.points(distintos))
    return np.array([_cosida(area, canon, distintos, arbol) for area in areas], dtype=object)


def _cosida(
    area: BaseGeometry, canon: dict[tuple[float, ...], Reales], vertices: Reales, arbol: shapely.STRtree
) -> BaseGeometry:
    partes = []
    for parte in shapely.get_parts(area):
        anillos = [_anillo_cosido(a, canon, vertices, arbol) for a in (parte.exterior, *parte.interiors)]
        partes.append(Polygon(anillos[0], anillos[1:]))
    return partes[0] if len(partes) == 1 else MultiPolygon(partes)


def _anillo_cosido(
    anillo: BaseGeometry, canon: dict[tuple[float, ...], Reales], vertices: Reales, arbol: shapely.STRtree
) -> Reales:
    puestos = np.array([canon[tuple(v)] for v in shapely.get_coordinates(anillo).tolist()])
    a, b = puestos[:-1], puestos[1:]
    lado, punto = arbol.query(
        shapely.linestrings(np.stack([a, b], axis=1)), predicate="dwithin", distance=TOLERANCIA_GRADOS
    )
    salto = (b - a)[lado]
    largo2 = np.maximum((salto**2).sum(axis=1), 1e-30)
    lugar = ((vertices[punto] - a[lado]) * salto).sum(axis=1) / largo2
    propios = (vertices[punto] == a[lado]).all(axis=1) | (vertices[punto] == b[lado]).all(axis=1)
    enmedio = ~propios & (lugar > 0) & (lugar < 1)
    lado, punto, lugar = lado[enmedio], punto[enmedio], lugar[enmedio]
    de_lado = np.concatenate([np.arange(len(a)), lado])
    orden = np.lexsort((np.concatenate([np.zeros(len(a)), lugar]), de_lado))
    todos = np.concatenate([a, vertices[punto]])[orden]
    return np.concatenate([todos, todos[:1]])


def _anillos(areas: Geometrias) -> Geometrias:
    return np.asarray(shapely.get_rings(shapely.get_parts(areas)), dtype=object)


def _terminadas(area: BaseGeometry, piezas: Geometrias) -> Geometrias:
    """Las piezas, una vez comprobado que cubren el área y que ninguna es demasiado chica."""
    orientadas = np.asarray(shapely.orient_polygons(shapely.normalize(piezas)), dtype=object)
    comprobar(area, orientadas)
    medidas = area_m2(orientadas)
    if medidas.min() < AREA_MINIMA_M2:
        i = int(np.argmin(medidas))
        lon, lat = shapely.get_coordinates(shapely.point_on_surface(orientadas[i]))[0]
        metros2 = f"{medidas[i]:.0f}"
        raise ParteChica(metros2=metros2, minimo=f"{AREA_MINIMA_M2:.0f}", lon=grados(lon), lat=grados(lat))
    return orientadas


def _prolongada(area: BaseGeometry, puntos: Reales) -> Reales:
    """La línea, con las puntas que quedaron dentro (o apenas afuera) llevadas más allá del borde."""
    oeste, sur, este, norte = area.bounds
    alcance = 2 * math.hypot(este - oeste, norte - sur)
    nuevos = [*puntos]
    for punta, previa, donde in ((puntos[0], puntos[1], 0), (puntos[-1], puntos[-2], len(nuevos))):
        rumbo = punta - previa
        if area.intersects(shapely.points(punta)) and np.hypot(*rumbo) > 0:
            lejos = punta + rumbo / np.hypot(*rumbo) * alcance
            nuevos.insert(0 if donde == 0 else len(nuevos), _hasta_salir(area, punta, lejos))
    return np.array(nuevos)


def _hasta_salir(area: BaseGeometry, punta: Reales, lejos: Reales) -> Reales:
    """Un punto apenas más allá de donde el rayo sale por primera vez: más lejos cortaría otros brazos del área."""
    cortes = shapely.get_coordinates(shapely.intersection(LineString([punta, lejos]), shapely.boundary(area)))
    if not len(cortes):
        return lejos
    distancias = np.hypot(*(cortes - punta).T)
    rumbo = (lejos - punta) / np.hypot(*(lejos - punta))
    paso: Reales = punta + rumbo * (distancias[distancias > 0].min(initial=distancias.max()) + 1e-7)
    return paso


# --- En dos -----------------------------------------------------------------------------------------------------------


def _dos(area: BaseGeometry, puntos: Reales) -> Geometrias:
    """Las dos mitades de un área de uno o varios pedazos."""
    partes = np.asarray(shapely.get_parts(area), dtype=object)
    if len(partes) == 1:
        return _mitades(partes[0], puntos)
    if len(partes) == 2:
        return partes
    pesos = contar_dentro(partes, puntos).astype(np.float64)
    if pesos.sum() < EDIFICIOS_QUE_BASTAN:
        pesos = area_m2(partes)
    manda = int(np.argmax(pesos))
    if pesos[manda] > PEDAZO_QUE_MANDA * pesos.sum():
        cortado = _mitades(partes[manda], puntos)
        partes = np.concatenate([np.delete(partes, manda), cortado])
        suyos = (
            contar_dentro(cortado, puntos)
            if contar_dentro(partes, puntos).sum() >= EDIFICIOS_QUE_BASTAN
            else area_m2(cortado)
        )
        pesos = np.concatenate([np.delete(pesos, manda), suyos.astype(np.float64)])
    return _repartidos(partes, pesos)


def _repartidos(partes: Geometrias, pesos: Reales) -> Geometrias:
    """Pedazos enteros, a un lado y otro de la recta que mejor reparte lo que pesan."""
    sistema = crs_metrico(partes)
    centros = shapely.get_coordinates(shapely.centroid(a_metrico(partes, sistema)))
    mejor: tuple[float, Enteros, int] | None = None
    for k in range(ANGULOS):
        angulo = k * math.pi / ANGULOS
        orden = np.argsort(centros @ np.array([math.cos(angulo), math.sin(angulo)]), kind="stable")
        acumulado = np.cumsum(pesos[orden])[:-1]
        i = int(np.argmin(np.abs(2 * acumulado - pesos.sum())))
        error = float(abs(2 * acumulado[i] - pesos.sum()))
        if mejor is None or error < mejor[0] - 1e-9:
            mejor = (error, orden, i + 1)
    if mejor is None:
        raise ValueError("sin pedazos")
    _error, orden, cuantos = mejor
    mitades, _ = juntar(coser(partes), np.isin(np.arange(len(partes)), orden[cuantos:]).astype(np.int64))
    return mitades


def _mitades(area: Polygon, puntos: Reales) -> Geometrias:
    """Las dos mitades del mejor corte recto."""
    sistema = crs_metrico(np.array([area], dtype=object))
    plano = a_metrico(np.array([area], dtype=object), sistema)[0]
    dentro = puntos[shapely.contains_xy(area, puntos)] if len(puntos) else puntos
    planos = np.empty((0, 2))
    if len(dentro) >= EDIFICIOS_QUE_BASTAN:
        planos = shapely.get_coordinates(a_metrico(np.asarray(shapely.points(dentro), dtype=object), sistema))
    candidatos: list[tuple[float, int, LineString]] = []
    for k in range(ANGULOS):
        angulo = _angulo_propio(plano) + k * math.pi / ANGULOS
        for linea in _cortes_a(plano, planos, angulo):
            partido = _por_una_recta(plano, linea)
            if partido is not None:
                candidatos.append((_costo(plano, planos, linea, partido), len(candidatos), linea))
    for _costo_suyo, _orden, linea in sorted(candidatos)[:ANGULOS]:
        recta = a_4326(np.array([linea], dtype=object), sistema)[0]
        partido = _por_una_recta(area, recta)
        if partido is not None:
            return partido
    lon, lat = shapely.get_coordinates(area.representative_point())[0]
    raise LineaNoCorta(lon=grados(lon), lat=grados(lat))


def _angulo_propio(plano: Polygon) -> float:
    """El del lado más largo del rectángulo que lo encierra."""
    esquinas = shapely.get_coordinates(shapely.minimum_rotated_rectangle(plano))
    lados = np.diff(esquinas, axis=0)
    mayor = lados[int(np.argmax(np.hypot(*lados.T)))]
    return math.atan2(mayor[1], mayor[0])


def _cortes_a(plano: Polygon, puntos: Reales, angulo: float) -> list[LineString]:
    """Rectas perpendiculares a un ángulo que parten el esfuerzo en dos."""
    rumbo = np.array([math.cos(angulo), math.sin(angulo)])
    largo = math.hypot(plano.bounds[2] - plano.bounds[0], plano.bounds[3] - plano.bounds[1])
    centro = np.array(plano.centroid.coords[0])
    desde = [_mitad_del_area(plano, centro, rumbo, largo)]
    if len(puntos):
        lugares = np.sort((puntos - centro) @ rumbo)
        # El hueco más ancho entre los edificios de en medio: así el corte no pasa por encima de ninguno.
        n = len(lugares)
        a = max(0, math.floor(n * (0.5 - HOLGURA)) - 1)
        b = min(n - 1, math.ceil(n * (0.5 + HOLGURA)))
        huecos = np.diff(lugares[a : b + 1])
        i = a + int(np.argmax(huecos))
        medio = (n - 1) // 2
        desde += [(lugares[i] + lugares[i + 1]) / 2, (lugares[medio] + lugares[medio + 1]) / 2]
    normal = np.array([-rumbo[1], rumbo[0]])
    return [LineString([centro + rumbo * d - normal * largo, centro + rumbo * d + normal * largo]) for d in desde]


def _mitad_del_area(plano: Polygon, centro: Reales, rumbo: Reales, largo: float) -> float:
    """A qué distancia del centro, por bisección, una recta deja la mitad del área de cada lado."""
    normal = np.array([-rumbo[1], rumbo[0]])
    menor, mayor = -largo, largo
    for _ in range(14):
        medio = (menor + mayor) / 2
        orilla = centro + rumbo * medio
        atras = centro - rumbo * 3 * largo
        ancho = normal * 3 * largo
        lado = Polygon([orilla - ancho, orilla + ancho, atras + ancho, atras - ancho])
        if plano.intersection(lado).area < plano.area / 2:
            menor = medio
        else:
            mayor = medio
    return (menor + mayor) / 2


def _por_una_recta(area: Polygon, recta: LineString) -> Geometrias | None:
    """Las dos mitades, cada una de un solo pedazo; ``None`` si la recta no la corta.

    De cada lado manda el pedazo mayor; los demás, que sólo tocan el otro lado, se van con el vecino de más borde.
    """
    caras = caras_de(np.array([*_anillos(np.array([area], dtype=object)), recta], dtype=object)).dentro_de(area)
    if len(caras.poligonos) < 2:
        return None
    (x0, y0), (x1, y1) = shapely.get_coordinates(recta)
    x, y = shapely.get_coordinates(caras.puntos).T
    lado = ((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) > 0).astype(np.int64)
    if lado.all() or not lado.any():
        return None
    medidas = shapely.area(caras.poligonos)
    grupo = np.full(len(lado), -1, dtype=np.int64)
    for cada in (0, 1):
        grupo[int(np.argmax(np.where(lado == cada, medidas, -1.0)))] = cada
    vecinas = fronteras(caras.poligonos)
    while (grupo < 0).any():
        largos = np.zeros((len(grupo), 2))
        for una, otra, largo in zip(vecinas.una, vecinas.otra, vecinas.largo, strict=True):
            for i, j in ((una, otra), (otra, una)):
                if grupo[i] < 0 <= grupo[j]:
                    largos[i, grupo[j]] += largo
        if not largos.any():
            return None
        i = int(np.argmax(largos.max(axis=1)))
        grupo[i] = int(np.argmax(largos[i]))
    mitades, _ = juntar(caras.poligonos, grupo)
    return mitades if all(isinstance(m, Polygon) for m in mitades) else None


def _costo(plano: Polygon, puntos: Reales, recta: LineString, partido: Geometrias) -> float:
    """Qué tan malo es un corte: lo que se aparta de la mitad, su largo, y si deja un lado muy chico."""
    areas = shapely.area(partido)
    parte = float(areas.min() / areas.sum())
    reparto = parte
    if len(puntos):
        cuantos = int(shapely.contains_xy(partido[0], puntos).sum())
        reparto = min(cuantos, len(puntos) - cuantos) / len(puntos)
    largo = float(shapely.length(shapely.intersection(recta, plano))) / math.sqrt(plano.area)
    return (1 - 2 * reparto) + PESO_DEL_LARGO * largo + (1.0 if parte < PARTE_MINIMA else 0.0)


# --- Corregir ---------------------------------------------------------------------------------------------------------


def _duenias(caras: Caras, areas: Geometrias) -> Enteros:
    """Índice del área que cubre cada cara; -1 si ninguna."""
    cara, area = caras.duenios(areas)
    duenia = np.full(len(caras.poligonos), -1, dtype=np.int64)
    con, primera = np.unique(cara, return_index=True)
    duenia[con] = area[primera]
    return duenia


def _exigir_que_no_se_salga(caras: Caras, medidas: Reales, fuera: npt.NDArray[np.bool_]) -> None:
    if float(medidas[fuera].sum()) <= POLVO_M2:
        return
    peor = int(np.argmax(np.where(fuera, medidas, 0.0)))
    lon, lat = shapely.get_coordinates(caras.puntos[peor])[0]
    raise AreaSeSale(metros2=f"{medidas[fuera].sum():.0f}", lon=grados(lon), lat=grados(lat))


def _repartir_lo_perdido(caras: Caras, duenia: Enteros, perdidas: Enteros, toma: Enteros, cual: int) -> None:
    """Cada cara que la corregida pierde pasa a la vecina con la que comparte más borde."""
    if not len(perdidas):
        return
    vecinas = fronteras(caras.poligonos)
    for cara in perdidas:
        largos: dict[int, float] = {}
        for una, otra in ((vecinas.una, vecinas.otra), (vecinas.otra, vecinas.una)):
            for i in np.flatnonzero(una == cara):
                ajena = int(toma[otra[i]])
                if ajena != cual:
                    largos[ajena] = largos.get(ajena, 0.0) + float(vecinas.largo[i])
        if not largos:
            lon, lat = shapely.get_coordinates(caras.puntos[cara])[0]
            raise SinVecinaQueReciba(lon=grados(lon), lat=grados(lat))
        toma[cara] = max(largos, key=lambda v: (largos[v], -v))


def _exigir_enteras(piezas: Geometrias, antes: Geometrias) -> None:
    """Ninguna queda en más pedazos que los que tenía."""
    for pieza, era in zip(piezas, antes, strict=True):
        pedazos = np.asarray(shapely.get_parts(pieza), dtype=object)
        if len(pedazos) > len(shapely.get_parts(era)):
            chico = pedazos[int(np.argmin(shapely.area(pedazos)))]
            lon, lat = shapely.get_coordinates(shapely.point_on_surface(chico))[0]
            raise ParteSuelta(lon=grados(lon), lat=grados(lat))
