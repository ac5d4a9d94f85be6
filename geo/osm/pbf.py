"""Recorrido de los bloques de un PBF sin descomprimirlos: dice si está completo y cuánto ocupa lo que trae.

Formato: https://wiki.openstreetmap.org/wiki/PBF_Format. Cada bloque es un entero de 4 bytes, un ``BlobHeader`` y un
``Blob``; ambos son mensajes de protobuf, de los que sólo se leen los campos necesarios.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from geo.osm.errores import ArchivoTruncado

CABEZA_MAXIMA = 64 * 1024
BLOQUE_MAXIMO = 32 * 1024 * 1024
PROLOGO = 64


@dataclass(frozen=True, slots=True)
class Resumen:
    """Cuántos bloques trae un PBF y cuántos bytes suman ya descomprimidos."""

    bloques: int
    desempacado: int


def parece_pbf(inicio: bytes) -> bool:
    """Di si estos primeros bytes son los de un PBF de OpenStreetMap."""
    return inicio[:2] == b"\0\0" and b"\x0a\x09OSMHeader" in inicio[4:64]


def revisar(ruta: Path) -> Resumen:
    """Recorre todos los bloques.

    Raises
    ------
    ArchivoTruncado
        Si un bloque está incompleto, con el byte donde empieza.
    """
    total, bloques = 0, 0
    largo = ruta.stat().st_size
    with ruta.open("rb") as archivo:
        while archivo.tell() < largo:
            total += _bloque(archivo, largo, ruta.name)
            bloques += 1
    return Resumen(bloques, total)


def _bloque(archivo: BinaryIO, largo: int, nombre: str) -> int:
    """Pasa al bloque siguiente y devuelve cuánto ocupa éste descomprimido."""
    inicio = archivo.tell()
    roto = ArchivoTruncado(archivo=nombre, byte=inicio)
    prefijo = archivo.read(4)
    tamano_cabeza = int.from_bytes(prefijo, "big")
    cabeza = archivo.read(tamano_cabeza) if tamano_cabeza <= CABEZA_MAXIMA else b""
    if len(prefijo) < 4 or not cabeza or len(cabeza) < tamano_cabeza:
        raise roto
    campos = dict(_campos(cabeza, roto))
    tamano = campos.get(3)
    if not isinstance(tamano, int) or tamano > BLOQUE_MAXIMO or archivo.tell() + tamano > largo:
        raise roto
    siguiente = archivo.tell() + tamano
    prologo = archivo.read(min(tamano, PROLOGO))
    ocupa = _tamano_crudo(prologo, roto)
    if ocupa is None:
        # El tamaño casi siempre va por delante de los datos, pero nada obliga a ello.
        ocupa = _tamano_crudo(prologo + archivo.read(max(tamano - PROLOGO, 0)), roto)
    if ocupa is None:
        ocupa = tamano
    if ocupa > BLOQUE_MAXIMO:
        raise roto
    archivo.seek(siguiente)
    return ocupa


def _tamano_crudo(bloque: bytes, roto: ArchivoTruncado) -> int | None:
    return next((valor for numero, valor in _campos(bloque, roto) if numero == 2 and isinstance(valor, int)), None)


def _campos(mensaje: bytes, roto: ArchivoTruncado) -> Iterator[tuple[int, int | bytes]]:
    """Campos de un mensaje de protobuf, hasta donde alcancen los bytes dados."""
    i = 0
    while i < len(mensaje):
        marca, i = _entero(mensaje, i, roto)
        numero, forma = marca >> 3, marca & 7
        if forma == 0:
            valor, i = _entero(mensaje, i, roto)
            yield numero, valor
        elif forma == 2:
            tamano, i = _entero(mensaje, i, roto)
            yield numero, mensaje[i : i + tamano]
            i += tamano
        else:
            raise roto


def _entero(mensaje: bytes, i: int, roto: ArchivoTruncado) -> tuple[int, int]:
    """Entero de largo variable (base 128) que empieza en ``i``, y dónde sigue el mensaje."""
    valor = 0
    for corrimiento in range(0, 64, 7):
        if i >= len(mensaje):
            raise roto
        valor |= (mensaje[i] & 0x7F) << corrimiento
        i += 1
        if mensaje[i - 1] < 0x80:
            return valor, i
    raise roto
