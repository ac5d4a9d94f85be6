"""Reparte cada entrada a su lector y junta las capas ya revisadas."""

from collections.abc import Iterator
from pathlib import Path

from geo.errores import N_
from geo.formatos import geojson, vectorial
from geo.formatos.capas import Capa, CapaCruda, Lectura, Opciones
from geo.formatos.entradas import Entrada, de_archivo, de_carpeta
from geo.formatos.errores import DemasiadosObjetos, DemasiadosVertices, ErrorLectura, SinCapas
from geo.formatos.firmas import ACOMPANANTES, Formato, extension
from geo.formatos.revision import revisar
from geo.tipos import Aviso

IGNORADOS = N_("Archivos que no son geográficos y no se leyeron: %(n)s (%(lista)s).")
CUANTOS_SE_NOMBRAN = 5


def leer(ruta: Path, nombre: str, privada: Path, opciones: Opciones) -> Lectura:
    """Lee un archivo, un zip o una carpeta.

    Parameters
    ----------
    ruta : Path
    nombre : str
    privada : Path
        Carpeta vacía donde se puede escribir.
    opciones : Opciones

    Raises
    ------
    ErrorLectura
    """
    if ruta.is_dir():
        entradas, ignorados = de_carpeta(ruta, privada, opciones.limites)
    else:
        entradas, ignorados = de_archivo(ruta, nombre, privada, opciones.limites)
    capas: list[Capa] = []
    for entrada in entradas:
        capas += _leer_una(entrada, privada, opciones, dentro_de_otro=len(entradas) > 1)
        _exigir_total(capas, opciones)
    if not capas:
        raise SinCapas(nombre=nombre)
    return Lectura(tuple(capas), tuple(_aviso_ignorados(ignorados)))


def _leer_una(entrada: Entrada, privada: Path, opciones: Opciones, *, dentro_de_otro: bool) -> list[Capa]:
    try:
        return [revisar(cruda, opciones) for cruda in _crudas(entrada, privada, opciones)]
    except ErrorLectura as error:
        if dentro_de_otro:
            raise error.en_archivo(entrada.nombre) from error
        raise


def _crudas(entrada: Entrada, privada: Path, opciones: Opciones) -> Iterator[CapaCruda]:
    if entrada.formato is Formato.GEOJSON:
        yield geojson.leer_archivo(entrada.ruta, entrada.base, opciones)
    else:
        yield from vectorial.leer(entrada, privada, opciones)


def _exigir_total(capas: list[Capa], opciones: Opciones) -> None:
    """Los límites valen para todas las capas juntas."""
    if sum(len(capa) for capa in capas) > opciones.limites.objetos:
        raise DemasiadosObjetos(maximo=opciones.limites.objetos)
    if sum(capa.vertices for capa in capas) > opciones.limites.vertices:
        raise DemasiadosVertices(maximo=opciones.limites.vertices)


def _aviso_ignorados(ignorados: list[str]) -> list[Aviso]:
    ignorados = [nombre for nombre in ignorados if extension(nombre) not in ACOMPANANTES]
    if not ignorados:
        return []
    lista = ", ".join(ignorados[:CUANTOS_SE_NOMBRAN]) + ("…" if len(ignorados) > CUANTOS_SE_NOMBRAN else "")
    return [Aviso("archivos_ignorados", IGNORADOS, {"n": len(ignorados), "lista": lista})]
