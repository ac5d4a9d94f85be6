"""Sistemas de coordenadas: reconocerlos, elegir el métrico de un lugar, transformar y medir.

Todo funciona sin red: solo se usa la base de datos que PROJ trae consigo. El orden de las coordenadas es siempre
(x, y), es decir (longitud, latitud) en los sistemas geográficos.
"""

import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Geod, Transformer
from pyproj.enums import WktVersion
from pyproj.exceptions import CRSError
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

from geo.errores import SistemaDesconocido

set_network_enabled(active=False)

Geometrias = npt.NDArray[np.object_]

WGS84 = CRS.from_epsg(4326)
MEXICO_LCC = CRS.from_epsg(6372)
MEXICO = (-118.7, 14.3, -86.4, 32.9)
"""Oeste, sur, este y norte que encierran el territorio de México con sus islas."""

GRADOS_POR_ZONA_UTM = 6.0
MARGEN_DE_ZONA = 1.0
"""Grados que un área puede salirse de su zona UTM: a 4° del meridiano central la escala se aparta menos de 0.21 %."""

CONFIANZA_MINIMA = 70
"""De 0 a 100: parecido con el que PROJ da por iguales un WKT sin código y un sistema de su catálogo."""

LARGO_MAXIMO_WKT = 20_000
"""Caracteres; los sistemas reales ocupan menos de 5,000."""

_GEOIDE = Geod(ellps="WGS84")
_CODIGO = re.compile(r"^(?:EPSG:{1,2})?(\d{4,6})$", re.IGNORECASE)
_URN = re.compile(r"^urn:ogc:def:crs:(EPSG|OGC|ESRI):[\w.]*:(\w+)$", re.IGNORECASE)
_URL = re.compile(r"^https?://www\.opengis\.net/def/crs/(EPSG|OGC|ESRI)/[\w.]+/(\w+)$", re.IGNORECASE)
_AUTORIDAD = re.compile(r"^(OGC|ESRI):(\w+)$", re.IGNORECASE)
_WKT = re.compile(r"^[A-Z][A-Z0-9_]*\s*[\[(]", re.IGNORECASE)
_SINONIMOS = {"CRS84": "OGC:CRS84", "WGS84": "EPSG:4326", "WGS 84": "EPSG:4326"}


@lru_cache(maxsize=256)
def reconocer_crs(texto: str) -> CRS:
    """Reconoce un sistema horizontal por su código, URN, dirección de OGC o WKT (1, 2 o el de ESRI).

    Un sistema de tres dimensiones o compuesto se reduce a su parte horizontal. No se aceptan cadenas ``+proj``:
    pueden señalar otros archivos.

    Parameters
    ----------
    texto : str
        ``EPSG:6365``, ``6365``, ``urn:ogc:def:crs:OGC:1.3:CRS84``, ``http://www.opengis.net/def/crs/EPSG/0/4326``,
        ``PROJCS["…"]``…

    Returns
    -------
    pyproj.CRS
        Geográfico o proyectado, de dos dimensiones; el del catálogo EPSG si el WKT equivale a uno.

    Raises
    ------
    SistemaDesconocido
        Si el texto no se entiende o no es un sistema horizontal.
    """
    limpio = texto.strip()
    if len(limpio) > LARGO_MAXIMO_WKT:
        raise SistemaDesconocido(sistema=_corto(limpio))
    try:
        crs = CRS.from_wkt(limpio) if _WKT.match(limpio) else CRS.from_user_input(_con_autoridad(limpio))
        crs = _horizontal(crs)
    except CRSError as error:
        raise SistemaDesconocido(sistema=_corto(limpio)) from error
    if not (crs.is_geographic or crs.is_projected):
        raise SistemaDesconocido(sistema=_corto(limpio))
    codigo = crs.to_epsg(min_confidence=CONFIANZA_MINIMA)
    return CRS.from_epsg(codigo) if codigo else crs


def nombre_crs(crs: CRS) -> str:
    """Nombre corto para mostrar: ``EPSG:6365`` si tiene código; si no, el nombre propio del sistema."""
    autoridad = crs.to_authority(min_confidence=CONFIANZA_MINIMA)
    return ":".join(autoridad) if autoridad else crs.name


def crs_metrico(geometrias: Geometrias) -> CRS:
    """Elige el sistema en metros con el que conviene trabajar en un área.

    La zona UTM del centro si el área cabe en ella (con un grado de margen a cada lado); EPSG:6372 si se sale y está en
    México; en otro caso, una proyección azimutal equivalente de Lambert (LAEA) centrada en el área.

    Parameters
    ----------
    geometrias : (n,) arreglo, EPSG:4326
        No se contemplan áreas que crucen el meridiano 180.

    Returns
    -------
    pyproj.CRS
        Unidades en metros.

    Raises
    ------
    ValueError
        Si no hay ninguna geometría con coordenadas.
    """
    oeste, sur, este, norte = _limites(geometrias)
    longitud, latitud = (oeste + este) / 2, (sur + norte) / 2
    zona = min(int((longitud + 180.0) // GRADOS_POR_ZONA_UTM), 59) + 1
    meridiano = zona * GRADOS_POR_ZONA_UTM - 183.0
    alcance = max(este - meridiano, meridiano - oeste)
    if alcance <= GRADOS_POR_ZONA_UTM / 2 + MARGEN_DE_ZONA and sur >= -80.0 and norte <= 84.0:
        return _utm(zona, norte=latitud >= 0)
    if MEXICO[0] <= oeste and MEXICO[1] <= sur and este <= MEXICO[2] and norte <= MEXICO[3]:
        return MEXICO_LCC
    return _laea(round(longitud, 2), round(latitud, 2))


def a_metrico(geometrias: Geometrias, crs: CRS) -> Geometrias:
    """Lleva geometrías de EPSG:4326 a ``crs``.

    Parameters
    ----------
    geometrias : (n,) arreglo, EPSG:4326
        Se admiten ``None`` y geometrías vacías, que pasan igual. La altura se descarta.
    crs : pyproj.CRS
        El de destino, por ejemplo el de :func:`crs_metrico`.

    Returns
    -------
    (n,) arreglo en ``crs``
        Una coordenada que no tiene imagen en ``crs`` queda en infinito.
    """
    return transformar(geometrias, WGS84, crs)


def a_4326(geometrias: Geometrias, crs: CRS) -> Geometrias:
    """Lleva geometrías de ``crs`` a EPSG:4326.

    Parameters
    ----------
    geometrias : (n,) arreglo en ``crs``
    crs : pyproj.CRS
        El de origen.

    Returns
    -------
    (n,) arreglo, EPSG:4326
        Idénticas, bit a bit, si ``crs`` equivale a EPSG:4326 (por ejemplo EPSG:6365).
    """
    return transformar(geometrias, crs, WGS84)


def transformar(geometrias: Geometrias, origen: CRS, destino: CRS) -> Geometrias:
    """Transforma todas las coordenadas de una vez; el orden es (x, y) en ambos sistemas y la altura se descarta."""
    planas = shapely.force_2d(geometrias)
    puntos = shapely.get_coordinates(planas)
    if not len(puntos) or origen == destino:
        return np.asarray(planas, dtype=object)
    x, y = transformador(origen, destino).transform(puntos[:, 0], puntos[:, 1])
    nuevos = np.column_stack((x, y))
    if origen.is_geographic and destino.is_geographic and np.allclose(nuevos, puntos, rtol=0, atol=1e-10):
        return np.asarray(planas, dtype=object)
    return np.asarray(shapely.set_coordinates(np.array(planas, dtype=object, copy=True), nuevos), dtype=object)


def transformador(origen: CRS, destino: CRS) -> Transformer:
    """Transformador de ``origen`` a ``destino`` en orden (x, y); se guarda para la próxima vez."""
    return _transformador(_clave(origen), _clave(destino))


def area_m2(geometrias: Geometrias) -> npt.NDArray[np.float64]:
    """Área de cada geometría sobre el elipsoide WGS 84.

    Cada lado se toma como círculo máximo en la esfera auténtica (la de igual área que el elipsoide) y se suma el área
    entre el lado y el ecuador. Frente al área con lados geodésicos, la diferencia relativa es menor que 1e-6 en áreas
    con lados de hasta 50 km y que 1e-4 en un país entero. No vale para anillos que encierran un polo.

    Parameters
    ----------
    geometrias : (n,) arreglo, EPSG:4326
        Vale para polígonos inválidos: |exterior| menos la suma de |hueco|, anillo por anillo. Lo que no es polígono
        (o es ``None``) mide cero.

    Returns
    -------
    (n,) float64, metros cuadrados

    Notes
    -----
    Latitud auténtica y radio: Snyder, *Map Projections: A Working Manual* (1987), ecuaciones 3-11 a 3-13.
    Área bajo un arco: Bevis y Cambareri, *Computing the area of a spherical polygon of arbitrary shape* (1987).
    """
    entrada = np.asarray(geometrias, dtype=object)
    poligonos, de_entrada = _poligonos(entrada)
    if not len(poligonos):
        return np.zeros(len(entrada))
    anillos, de_poligono = shapely.get_rings(poligonos, return_index=True)
    areas = np.abs(_area_de_anillos(np.asarray(anillos, dtype=object)))
    es_exterior = np.diff(de_poligono, prepend=-1) != 0
    con_signo = np.where(es_exterior, areas, -areas)
    return np.bincount(de_entrada[de_poligono], weights=con_signo, minlength=len(entrada)).astype(np.float64)


def longitud_m(geometrias: Geometrias) -> npt.NDArray[np.float64]:
    """Longitud geodésica de cada geometría sobre el elipsoide WGS 84 (en polígonos, el perímetro con sus huecos).

    Parameters
    ----------
    geometrias : (n,) arreglo, EPSG:4326

    Returns
    -------
    (n,) float64, metros
        Cero para puntos y ``None``. Exacta al nanómetro (Karney, *Algorithms for geodesics*, 2013, en PROJ).
    """
    entrada = np.asarray(geometrias, dtype=object)
    lineas, de_entrada = _lineas(entrada)
    puntos, de_linea = shapely.get_coordinates(lineas, return_index=True)
    mismos = de_linea[1:] == de_linea[:-1]
    inicio, fin = puntos[:-1][mismos], puntos[1:][mismos]
    if not len(inicio):
        return np.zeros(len(entrada))
    _, _, metros = _GEOIDE.inv(inicio[:, 0], inicio[:, 1], fin[:, 0], fin[:, 1])
    de_lado = de_entrada[de_linea[1:][mismos]]
    return np.bincount(de_lado, weights=metros, minlength=len(entrada)).astype(np.float64)


def distancia_m(x1: float, y1: float, x2: float, y2: float) -> float:
    """Distancia geodésica en metros entre dos puntos en grados (longitud, latitud)."""
    return float(_GEOIDE.inv(x1, y1, x2, y2)[2])


def _con_autoridad(texto: str) -> str:
    if codigo := _CODIGO.match(texto):
        return f"EPSG:{codigo[1]}"
    if partes := _URN.match(texto) or _URL.match(texto) or _AUTORIDAD.match(texto):
        return f"{partes[1].upper()}:{partes[2].upper()}"
    if texto.upper() in _SINONIMOS:
        return _SINONIMOS[texto.upper()]
    raise CRSError(texto)


def _horizontal(crs: CRS) -> CRS:
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    return crs.to_2d() if len(crs.axis_info) > 2 else crs


def _corto(texto: str) -> str:
    return texto if len(texto) <= 80 else texto[:79] + "…"


def _limites(geometrias: Geometrias) -> tuple[float, float, float, float]:
    oeste, sur, este, norte = shapely.total_bounds(geometrias)
    if not np.isfinite([oeste, sur, este, norte]).all():
        raise ValueError("no hay coordenadas con las que elegir un sistema")
    return float(oeste), float(sur), float(este), float(norte)


@lru_cache(maxsize=120)
def _utm(zona: int, *, norte: bool) -> CRS:
    return CRS.from_epsg((32600 if norte else 32700) + zona)


@lru_cache(maxsize=64)
def _laea(longitud: float, latitud: float) -> CRS:
    return CRS.from_proj4(f"+proj=laea +lat_0={latitud} +lon_0={longitud} +datum=WGS84 +units=m +type=crs")


def _clave(crs: CRS) -> str:
    codigo = crs.to_epsg(min_confidence=100)
    return f"EPSG:{codigo}" if codigo else crs.to_wkt(WktVersion.WKT2_2019)


@lru_cache(maxsize=128)
def _transformador(origen: str, destino: str) -> Transformer:
    return Transformer.from_crs(origen, destino, always_xy=True)


def _poligonos(geometrias: Geometrias) -> tuple[Geometrias, npt.NDArray[np.intp]]:
    """Los polígonos sueltos de cada geometría y el índice de la que vienen."""
    partes, indices = shapely.get_parts(geometrias, return_index=True)
    while (shapely.get_type_id(partes) > shapely.GeometryType.POLYGON).any():
        partes, de_parte = shapely.get_parts(partes, return_index=True)
        indices = indices[de_parte]
    son = (shapely.get_type_id(partes) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(partes)
    return partes[son], indices[son]


def _lineas(geometrias: Geometrias) -> tuple[Geometrias, npt.NDArray[np.intp]]:
    """Las líneas y los anillos de cada geometría y el índice de la que vienen."""
    poligonos, de_poligono = _poligonos(geometrias)
    anillos, de_anillo = shapely.get_rings(poligonos, return_index=True)
    partes, indices = shapely.get_parts(geometrias, return_index=True)
    while (shapely.get_type_id(partes) > shapely.GeometryType.POLYGON).any():
        partes, de_parte = shapely.get_parts(partes, return_index=True)
        indices = indices[de_parte]
    son = np.isin(shapely.get_type_id(partes), (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING))
    return (
        np.concatenate((anillos, partes[son])),
        np.concatenate((de_poligono[de_anillo], indices[son])),
    )


def _area_de_anillos(anillos: Geometrias) -> npt.NDArray[np.float64]:
    """Área con signo encerrada por cada anillo, en metros cuadrados."""
    grados, de_anillo = shapely.get_coordinates(anillos, return_index=True)
    longitudes = np.radians(grados[:, 0])
    medias = np.tan(_latitud_autentica(np.radians(grados[:, 1])) / 2)
    mismos = de_anillo[1:] == de_anillo[:-1]
    a, b = medias[:-1][mismos], medias[1:][mismos]
    giro = (longitudes[1:] - longitudes[:-1])[mismos]
    bajo_el_arco = 2 * np.arctan(np.tan(giro / 2) * (a + b) / (1 + a * b))
    suma = np.bincount(de_anillo[1:][mismos], weights=bajo_el_arco, minlength=len(anillos))
    return np.asarray(suma * _RADIO_AUTENTICO**2, dtype=np.float64)


def _latitud_autentica(latitud: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.arcsin(np.clip(_q(np.sin(latitud)) / _q(1.0), -1.0, 1.0)), dtype=np.float64)


def _q(seno: npt.NDArray[np.float64] | float) -> npt.NDArray[np.float64]:
    e2 = _GEOIDE.es
    e = float(np.sqrt(e2))
    return np.asarray((1 - e2) * (seno / (1 - e2 * np.square(seno)) + np.arctanh(e * np.asarray(seno)) / e))


_RADIO_AUTENTICO = _GEOIDE.a * float(np.sqrt(_q(1.0) / 2))
