"""Escrituras de imágenes: registrar, editar, publicar, retirar y borrar."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from geo.imagenes.errores import ImagenSinVistas
from geo.imagenes.examen import examinar
from geo.imagenes.geotiff import convertir
from geo.imagenes.tipos import Ficha, Formato
from tareas.imagenes import archivos
from tareas.imagenes.consultas import SQL
from tareas.imagenes.errores import ImagenLejos, ImagenPublicada
from tareas.municipios.consultas import Municipio

_SUFIJOS = {Formato.MBTILES: "mbtiles", Formato.PMTILES: "pmtiles", Formato.GEOTIFF: "tif"}


@dataclass(frozen=True, slots=True)
class Registrada:
    """Una imagen recién registrada."""

    id: int
    ficha: Ficha
    archivo: Path
    convertida: bool


def registrar(
    sesion: Session,
    municipio: Municipio,
    ruta: Path,
    nombre_de_archivo: str,
    datos: dict[str, Any],
    *,
    persona_id: int | None = None,
    en_su_lugar: bool = False,
    mover: bool = False,
    puede_convertir: bool = False,
) -> Registrada:
    """Examina un archivo y lo registra en borrador.

    Parameters
    ----------
    ruta : Path
    nombre_de_archivo : str
        El que le dio quien lo trae.
    datos : dict
        Campos de `tareas.imagenes.formularios.Datos`.
    en_su_lugar : bool
        No copiarlo: se servirá de donde está. Sin esto se copia a la carpeta de imágenes.
    mover : bool
        Es nuestro (una subida): se mueve en vez de copiarse.
    puede_convertir : bool
        Un GeoTIFF grande sin vistas reducidas se convierte a COG en vez de rechazarse.

    Raises
    ------
    ErrorImagen, ErrorLectura, ImagenLejos, ImagenRepetida, SinLugar
    """
    with tempfile.TemporaryDirectory(prefix=".conversion-", dir=archivos.carpeta()) as obra:
        convertida = False
        try:
            ficha = examinar(ruta, nombre_de_archivo)
        except ImagenSinVistas:
            if not puede_convertir:
                raise
            nueva = Path(obra) / "convertida.tif"
            convertir(ruta, nueva)
            ruta, convertida, mover, en_su_lugar = nueva, True, True, False
            ficha = examinar(ruta, nombre_de_archivo)
        _exigir_cerca(municipio, ficha)
        huella = archivos.huella_de(ruta)
        archivo = str(ruta.resolve()) if en_su_lugar else f"{huella.hex()}.{_SUFIJOS[ficha.formato]}"
        nuevo = _insertar(sesion, municipio, ruta, archivo, huella, ficha, datos, persona_id)
        if not en_su_lugar:
            # después de la fila: si el municipio ya lo tenía, la restricción lo dijo y no se copió nada
            archivos.copiar(ruta, archivo, mover=mover)
    return Registrada(nuevo, ficha, archivos.ruta_de(archivo), convertida)


def _exigir_cerca(municipio: Municipio, ficha: Ficha) -> None:
    (oeste, sur, este, norte), caja = ficha.caja, municipio.caja
    if oeste > caja[2] or este < caja[0] or sur > caja[3] or norte < caja[1]:
        esquinas = {"suroeste": f"{oeste:.3f}, {sur:.3f}", "noreste": f"{este:.3f}, {norte:.3f}"}
        raise ImagenLejos(municipio=municipio.nombre, **esquinas)


def _insertar(
    sesion: Session,
    municipio: Municipio,
    ruta: Path,
    archivo: str,
    huella: bytes,
    ficha: Ficha,
    datos: dict[str, Any],
    persona_id: int | None,
) -> int:
    nuevo: int = sesion.execute(
        SQL["registrar"],
        {
            **datos,
            "nombre": datos["nombre"] or ficha.nombre[:80] or ruta.stem[:80],
            "atribucion": datos["atribucion"] or ficha.atribucion,
            "resolucion_m": datos.get("resolucion_m") or ficha.resolucion_m,
            "municipio": municipio.id,
            "archivo": archivo,
            "formato": ficha.formato.value,
            "tamano": ruta.stat().st_size,
            "huella": huella,
            "caja": list(ficha.caja),
            "minzoom": ficha.minzoom,
            "maxzoom": ficha.maxzoom,
            "detalle": json.dumps(ficha.detalle),
            "creada_por": persona_id,
        },
    ).scalar_one()
    return nuevo


def editar(sesion: Session, imagen_id: int, datos: dict[str, Any]) -> None:
    """Cambia lo que se dice de ella.

    Raises
    ------
    FaltaPermiso, FaltaLicencia
        Si está publicada y se le quita lo que la deja estarlo.
    """
    sesion.execute(SQL["editar"], {**datos, "id": imagen_id})


def publicar(sesion: Session, imagen_id: int) -> None:
    """La publica; publicar lo publicado no cambia nada.

    Raises
    ------
    FaltaPermiso, FaltaLicencia
    """
    sesion.execute(SQL["publicar"], {"id": imagen_id})


def retirar(sesion: Session, imagen_id: int) -> None:
    """La devuelve a borrador: deja de servirse, y los proyectos que la usan dicen que se retiró."""
    sesion.execute(SQL["retirar"], {"id": imagen_id})


def borrar(sesion: Session, imagen_id: int) -> str | None:
    """Borra una imagen en borrador. Devuelve el nombre de su archivo, si vive en la carpeta.

    Quien llama, después de confirmar, lo quita del disco con :func:`quitar_archivo`.

    Raises
    ------
    ImagenPublicada
    """
    fila = sesion.execute(SQL["borrar"], {"id": imagen_id}).one_or_none()
    if fila is None:
        raise ImagenPublicada
    archivo: str = fila.archivo
    return None if archivo.startswith("/") else archivo


def quitar_archivo(sesion: Session, archivo: str | None) -> None:
    """Quita del disco un archivo de la carpeta de imágenes que ya ninguna imagen use.

    La fila del archivo es el turno: quien lo esté registrando otra vez espera a que se haya quitado, y lo vuelve a
    copiar.

    Raises
    ------
    ArchivoEnUso
        Por la llave ``imagen_archivo_en_uso``, si alguna lo usa: entonces no se quita nada.
    """
    if archivo is not None:
        sesion.execute(SQL["soltar_archivo"], {"archivo": archivo})
        archivos.ruta_de(archivo).unlink(missing_ok=True)
