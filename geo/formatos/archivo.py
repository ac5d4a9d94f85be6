"""Leer archivos que sube la gente: la puerta de entrada de este paquete.

Un GeoJSON pequeño se lee aquí mismo con un lector nuestro, acotado en tamaño; todo lo demás pasa a un proceso aparte,
encerrado y con límites de tiempo, memoria y tamaño.
"""

from pathlib import Path

from geo.formatos import geojson
from geo.formatos.capas import LIMITES_CONSOLA, LIMITES_SUBIDA, MEGA, Lectura, Limites, Opciones
from geo.formatos.entradas import exigir_tamano
from geo.formatos.errores import ArchivoNoEncontrado
from geo.formatos.firmas import Formato, reconocer
from geo.formatos.proceso import leer_aparte
from geo.formatos.revision import revisar
from geo.tipos import Caja

GEOJSON_AQUI = 2 * MEGA
"""Bytes hasta los que un GeoJSON se lee en este proceso: en el peor caso (puras listas vacías), 1 s y 100 MB."""


def leer_archivo(
    ruta: Path,
    nombre: str | None = None,
    limites: Limites = LIMITES_SUBIDA,
    *,
    reparar: bool = False,
    crs: str | None = None,
    cerca_de: Caja | None = None,
) -> Lectura:
    """Lee todas las capas de un archivo o de un zip, ya en EPSG:4326 y sin altura.

    Formatos: GeoJSON, GeoPackage, KML, KMZ, FlatGeobuf, GPX, shapefile en zip y zip con varios de ellos.

    Parameters
    ----------
    ruta : Path
        Dónde está el archivo; no importa cómo se llame ahí.
    nombre : str, optional
        El nombre que le dio quien lo subió; decide qué formato se espera. Por omisión, el de ``ruta``.
    limites : Limites
    reparar : bool
        Arreglar lo que tiene arreglo seguro (cerrar anillos, intercambiar coordenadas, suponer el único sistema
        posible, leer como Windows-1252); cada arreglo va en los avisos.
    crs : str, optional
        Sistema que se supone si el archivo no dice el suyo.
    cerca_de : Caja, optional
        Dónde se espera el contenido, en EPSG:4326.

    Raises
    ------
    geo.formatos.errores.ErrorLectura
        Con ``codigo`` estable y mensaje que dice el lugar. Nada queda escrito.
    """
    nombre = ruta.name if nombre is None else nombre
    opciones = Opciones(limites, reparar, crs, cerca_de)
    exigir_tamano(ruta, limites)
    formato = reconocer(ruta, nombre)
    if formato is Formato.GEOJSON and ruta.stat().st_size <= GEOJSON_AQUI:
        return Lectura((revisar(geojson.leer_archivo(ruta, Path(nombre).stem, opciones), opciones),))
    return leer_aparte(ruta, nombre, opciones)


def leer_carpeta(
    ruta: Path,
    limites: Limites = LIMITES_CONSOLA,
    *,
    reparar: bool = False,
    crs: str | None = None,
    cerca_de: Caja | None = None,
) -> Lectura:
    """Lee todos los archivos geográficos de una carpeta y de las que tiene dentro, con sus zip.

    Parameters
    ----------
    ruta : Path
    limites, reparar, crs, cerca_de
        Como en :func:`leer_archivo`; los límites de objetos y vértices valen para todos los archivos juntos.

    Raises
    ------
    geo.formatos.errores.ErrorLectura
        Con el nombre del archivo que falla delante del mensaje.
    """
    if not ruta.is_dir():
        raise ArchivoNoEncontrado(nombre=str(ruta))
    return leer_aparte(ruta, ruta.name, Opciones(limites, reparar, crs, cerca_de))
