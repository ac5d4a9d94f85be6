"""PMTiles 3 con imágenes (https://github.com/protomaps/PMTiles), leído por pedazos y sin inflar de más."""

import io
import math
import os
import zlib
from functools import lru_cache
from pathlib import Path

from pmtiles.tile import (
    Compression,
    Entry,
    HeaderDict,
    MagicNumberNotFound,
    SpecVersionUnsupported,
    TileType,
    deserialize_header,
    find_tile,
    read_varint,
    tileid_to_zxy,
    zxy_to_tileid,
)

from geo.formatos.errores import ArchivoTruncado, ErrorLectura
from geo.imagenes.cuadros import abrir as abrir_cuadro
from geo.imagenes.cuadros import tipo_de
from geo.imagenes.errores import (
    CompresionNoAdmitida,
    ImagenConBomba,
    ImagenDanada,
    ImagenFueraDelMundo,
    ImagenNoAdmitida,
    ImagenSinTeselas,
    ImagenVectorial,
    TeselaDeOtroTipo,
)
from geo.imagenes.mbtiles import METROS_ZOOM_0, MUESTRA
from geo.imagenes.tipos import BYTES_DE_TESELA, MEGA, ZOOM_MAYOR, Ficha, Formato

CABECERA = 127
INDICE_MAYOR = 8 * MEGA
"""Bytes de un índice ya inflado; los de verdad no pasan de unos cientos de kilobytes."""

PROFUNDIDAD = 4
INDICES_EN_MEMORIA = 8
_IMAGENES = (TileType.PNG, TileType.JPEG, TileType.WEBP)


class Pmtiles:
    """Un archivo PMTiles abierto."""

    def __init__(self, ruta: Path) -> None:
        self.nombre = ruta.name
        self._archivo = os.open(ruta, os.O_RDONLY | os.O_CLOEXEC)
        self.tamano = os.fstat(self._archivo).st_size
        try:
            self.cabecera: HeaderDict = deserialize_header(os.pread(self._archivo, CABECERA, 0))
        except BaseException:
            os.close(self._archivo)
            raise
        self.indice = lru_cache(INDICES_EN_MEMORIA)(self._indice)

    def leer(self, desde: int, largo: int, maximo: int) -> bytes:
        """Bytes del archivo.

        Raises
        ------
        ArchivoTruncado
            Si no están todos ahí o son más de ``maximo``.
        """
        if not 0 <= largo <= maximo or desde < 0 or desde + largo > self.tamano:
            raise ArchivoTruncado(nombre=self.nombre)
        return os.pread(self._archivo, largo, desde)

    def _indice(self, desde: int, largo: int) -> list[Entry]:
        crudo = self.leer(desde, largo, INDICE_MAYOR)
        if self.cabecera["internal_compression"] == Compression.GZIP:
            inflador = zlib.decompressobj(wbits=31)
            try:
                crudo = inflador.decompress(crudo, INDICE_MAYOR)
            except zlib.error as error:
                raise ImagenDanada(nombre=self.nombre) from error
            if inflador.unconsumed_tail:
                raise ImagenConBomba(nombre=self.nombre)
        try:
            return _entradas(crudo)
        except (EOFError, IndexError, OverflowError) as error:
            raise ImagenDanada(nombre=self.nombre) from error

    def raiz(self) -> list[Entry]:
        """El primer índice."""
        return self.indice(self.cabecera["root_offset"], self.cabecera["root_length"])

    def rama(self, entrada: Entry) -> list[Entry]:
        """El índice al que apunta una entrada."""
        return self.indice(self.cabecera["leaf_directory_offset"] + entrada.offset, entrada.length)

    def datos(self, entrada: Entry) -> bytes:
        """La tesela a la que apunta una entrada."""
        return self.leer(self.cabecera["tile_data_offset"] + entrada.offset, entrada.length, BYTES_DE_TESELA)

    def tesela(self, z: int, x: int, y: int) -> bytes | None:
        """La tesela guardada."""
        numero = zxy_to_tileid(z, x, y)
        try:
            indice = self.raiz()
            for _ in range(PROFUNDIDAD):
                entrada = find_tile(indice, numero)
                if entrada is None:
                    return None
                if entrada.run_length:
                    cuerpo = self.datos(entrada)
                    return cuerpo if tipo_de(cuerpo) else None
                indice = self.rama(entrada)
        except ErrorLectura:
            return None
        return None

    def cerrar(self) -> None:
        """Suelta el archivo."""
        os.close(self._archivo)


def _entradas(crudo: bytes) -> list[Entry]:
    """Un índice ya inflado. Cada entrada ocupa cuatro bytes o más: así se sabe si el número anunciado es mentira."""
    flujo = io.BytesIO(crudo)
    cuantas = read_varint(flujo)
    if cuantas * 4 > len(crudo):
        raise EOFError
    entradas, ultimo = [], 0
    for _ in range(cuantas):
        ultimo += read_varint(flujo)
        entradas.append(Entry(ultimo, 0, 0, 0))
    for entrada in entradas:
        entrada.run_length = read_varint(flujo)
    for entrada in entradas:
        entrada.length = read_varint(flujo)
    for k, entrada in enumerate(entradas):
        salto = read_varint(flujo)
        seguida = k > 0 and salto == 0
        entrada.offset = entradas[k - 1].offset + entradas[k - 1].length if seguida else salto - 1
    return entradas


def examinar(ruta: Path, nombre: str) -> Ficha:
    """Revisa un PMTiles.

    Raises
    ------
    ErrorImagen
    """
    try:
        abierto = Pmtiles(ruta)
    except (MagicNumberNotFound, UnicodeDecodeError) as error:
        raise ImagenNoAdmitida(nombre=nombre) from error
    except (SpecVersionUnsupported, IndexError, ValueError) as error:
        raise ImagenDanada(nombre=nombre) from error
    abierto.nombre = nombre
    try:
        return _describir(abierto, nombre)
    finally:
        abierto.cerrar()


def _describir(abierto: Pmtiles, nombre: str) -> Ficha:
    c = abierto.cabecera
    if c["tile_type"] in (TileType.MVT, TileType.MLT):
        raise ImagenVectorial(nombre=nombre)
    if c["tile_type"] not in _IMAGENES:
        raise ImagenNoAdmitida(nombre=nombre)
    if c["internal_compression"] not in (Compression.GZIP, Compression.NONE):
        raise CompresionNoAdmitida(nombre=nombre, cual=c["internal_compression"].name.lower())
    niveles = _probar(abierto, nombre)
    menor, mayor = min(c["min_zoom"], *niveles), max(c["max_zoom"], *niveles)
    if mayor > ZOOM_MAYOR:
        raise ImagenDanada(nombre=nombre)
    oeste, sur, este, norte = (c[k] / 1e7 for k in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7"))
    if not (-180 <= oeste < este <= 180 and -86 <= sur < norte <= 86):
        raise ImagenFueraDelMundo(nombre=nombre)
    resolucion = METROS_ZOOM_0 * math.cos(math.radians((sur + norte) / 2)) / 2**mayor
    return Ficha(Formato.PMTILES, (oeste, sur, este, norte), menor, mayor, resolucion)


def _probar(abierto: Pmtiles, nombre: str) -> list[int]:
    """Abre unas cuantas teselas, repartidas; da sus niveles de zoom."""
    entradas = abierto.raiz()
    for _ in range(PROFUNDIDAD):
        if not entradas or any(e.run_length for e in entradas):
            break
        entradas = abierto.rama(entradas[len(entradas) // 2])
    hojas = [e for e in entradas if e.run_length]
    if not hojas:
        raise ImagenSinTeselas(nombre=nombre)
    niveles = []
    for entrada in hojas[:: max(1, len(hojas) // MUESTRA)]:
        try:
            z, x, y = tileid_to_zxy(entrada.tile_id)
        except OverflowError as error:
            raise ImagenDanada(nombre=nombre) from error
        if abrir_cuadro(abierto.datos(entrada)) is None:
            raise TeselaDeOtroTipo(nombre=nombre, tesela=f"{z}/{x}/{y}")
        niveles.append(z)
    return niveles
