"""Las teselas de una imagen, recordando las que cuesta dibujar."""

from typing import Final

from sqlalchemy import Row

from geo.imagenes.cuadros import TIPOS, TRANSPARENTE, tipo_de
from geo.imagenes.teselas import tesela as sacar
from geo.imagenes.tipos import ZOOM_MAYOR, Formato
from tareas.comun.guardadas import Guardadas
from tareas.imagenes import archivos
from tareas.imagenes.errores import FaltaElArchivo, TeselaDeImagenInexistente

BYTES_GUARDADOS: Final = 24 * 1024 * 1024
_DIBUJADAS: Guardadas[bytes] = Guardadas(BYTES_GUARDADOS)


def exigir_tesela(z: int, x: int, y: int) -> None:
    """Deja pasar los números de una tesela que existe.

    Raises
    ------
    TeselaDeImagenInexistente
    """
    if not (0 <= z <= ZOOM_MAYOR + 2 and 0 <= x < 2**z and 0 <= y < 2**z):
        raise TeselaDeImagenInexistente


def tesela(fila: "Row[tuple[object, ...]]", z: int, x: int, y: int) -> tuple[bytes, str]:
    """Imagen y tipo de una tesela; transparente donde no hay.

    Parameters
    ----------
    fila
        De `tareas.imagenes.consultas.para_tesela`.

    Raises
    ------
    FaltaElArchivo
    """
    formato, ruta = Formato(fila.formato), archivos.ruta_de(fila.archivo)

    def hacer() -> tuple[int, bytes]:
        hallada = sacar(ruta, formato, fila.detalle, (fila.minzoom, fila.maxzoom), z, x, y) or b""
        return len(hallada) + 200, hallada

    try:
        # un MBTiles se lee en menos de lo que cuesta recordarlo
        cuerpo = hacer()[1] if formato is not Formato.GEOTIFF else _DIBUJADAS.obtener((fila.huella, z, x, y), hacer)
    except (OSError, ValueError) as error:
        raise FaltaElArchivo(nombre=fila.nombre) from error
    return (cuerpo, TIPOS[tipo_de(cuerpo) or "png"]) if cuerpo else (TRANSPARENTE, "image/png")
