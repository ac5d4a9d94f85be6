"""Los cuadros de imagen por dentro: de qué tipo son, ampliarlos y guardarlos."""

import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from geo.imagenes.tipos import BYTES_DE_TESELA, LADO, LADO_MAYOR

TIPOS: Final = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
CALIDAD: Final = 84


def tipo_de(cuerpo: bytes) -> str | None:
    """``png``, ``jpeg`` o ``webp``, por sus primeros bytes; ``None`` si no es ninguno."""
    if cuerpo.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if cuerpo.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "webp" if cuerpo[:4] == b"RIFF" and cuerpo[8:12] == b"WEBP" else None


def abrir(cuerpo: bytes) -> Image.Image | None:
    """La imagen, si es de los tres tipos y de 64 a 1024 píxeles por lado; nunca se infla otra cosa."""
    tipo = tipo_de(cuerpo)
    if tipo is None or len(cuerpo) > BYTES_DE_TESELA:
        return None
    try:
        imagen = Image.open(io.BytesIO(cuerpo), formats=[tipo.upper()])
        if not all(64 <= lado <= LADO_MAYOR for lado in imagen.size):
            return None
        imagen.load()
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        # con datos rotos Pillow da cualquiera de éstos, según dónde tropiece
        return None
    return imagen


def ampliar(cuerpo: bytes, saltos: int, x: int, y: int) -> bytes | None:
    """El pedazo de una tesela que corresponde a su descendiente ``(x, y)``, tantos niveles abajo, a 256 píxeles."""
    imagen = abrir(cuerpo)
    if imagen is None:
        return None
    n = 2**saltos
    ancho, alto = imagen.width / n, imagen.height / n
    caja = ((x % n) * ancho, (y % n) * alto, (x % n + 1) * ancho, (y % n + 1) * alto)
    transparente = imagen.has_transparency_data
    grande = imagen.convert("RGBA" if transparente else "RGB").resize((LADO, LADO), Image.Resampling.BILINEAR, box=caja)
    return _png(grande) if transparente else _jpeg(grande)


def codificar(color: npt.NDArray[np.uint8], alfa: npt.NDArray[np.uint8]) -> bytes | None:
    """JPEG si todo es opaco, PNG si algo no lo es, nada si no se ve nada.

    Parameters
    ----------
    color : (256, 256, 3) uint8
    alfa : (256, 256) uint8
    """
    if not alfa.any():
        return None
    if alfa.min() == 255:
        return _jpeg(Image.fromarray(color))
    return _png(Image.fromarray(np.dstack([color, alfa])))


def _jpeg(imagen: Image.Image) -> bytes:
    salida = io.BytesIO()
    imagen.save(salida, "JPEG", quality=CALIDAD)
    return salida.getvalue()


def _png(imagen: Image.Image) -> bytes:
    salida = io.BytesIO()
    imagen.save(salida, "PNG", compress_level=2)
    return salida.getvalue()


def _transparente() -> bytes:
    salida = io.BytesIO()
    Image.new("P", (LADO, LADO)).save(salida, "PNG", transparency=0, bits=1)
    return salida.getvalue()


TRANSPARENTE: Final = _transparente()
