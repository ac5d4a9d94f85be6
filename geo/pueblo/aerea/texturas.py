"""Grano, manchas del terreno y copas de árbol, hechos con azar repetible."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from geo.pueblo.azar import Azar

Campo = npt.NDArray[np.float32]
LADO_DEL_GRANO: Final = 1024
VERDES: Final = (
    (72, 92, 50), (60, 80, 44), (86, 101, 58), (96, 104, 66), (66, 88, 62), (112, 110, 70), (54, 72, 42),
)  # fmt: skip
"""Colores de copa: fresno, encino, mezquite, seco, pirul, pastizal alto, sauce."""

SOL: Final = np.array([0.58, 0.81])
"""Hacia dónde está el sol, en la imagen (derecha, abajo): sureste, a media mañana."""

LARGO_DE_SOMBRA: Final = 0.62
"""Metros de sombra por metro de altura: el sol a 58 grados."""


def _suavizado(campo: Campo, veces: int) -> Campo:
    """Promedio con los vecinos, dando la vuelta en las orillas."""
    for _ in range(veces):
        for eje in (0, 1):
            vecinos = np.roll(campo, 1, eje) + np.roll(campo, -1, eje)
            campo = np.asarray((vecinos + 2 * campo) / 4, dtype=np.float32)
    return campo


def _normal(campo: Campo) -> Campo:
    return np.asarray((campo - campo.mean()) / campo.std(), dtype=np.float32)


@lru_cache(maxsize=1)
def grano(semilla: int) -> npt.NDArray[np.int16]:
    """Grano fino que se repite sin costura: (LADO, LADO) int16, desviación de unas 26 unidades."""
    azar = Azar(semilla, "grano")
    crudo = np.asarray(azar.varios(LADO_DEL_GRANO**2).reshape(LADO_DEL_GRANO, -1), dtype=np.float32) - 0.5
    medio = np.asarray(azar.varios(LADO_DEL_GRANO**2).reshape(LADO_DEL_GRANO, -1), dtype=np.float32) - 0.5
    junto = 0.5 * _normal(_suavizado(crudo, 1)) + 0.85 * _normal(_suavizado(medio, 5))
    return np.asarray(np.clip(_normal(junto) * 26, -90, 90), dtype=np.int16)


@dataclass(frozen=True, slots=True)
class Manchas:
    """Variación lenta del suelo en toda la zona: tono (de seco a húmedo) y luz (relieve).

    Attributes
    ----------
    tono, luz : (m, n) float32
        Desviación de 1, y una celda más por cada lado.
    celda : float
        Píxeles de :data:`geo.pueblo.aerea.formas.ZOOM` por celda.
    x, y : float
        Esquina noroeste de la celda 0, en píxeles.
    """

    tono: Campo
    luz: Campo
    celda: float
    x: float
    y: float

    def recorte(self, cual: str, x: float, y: float, lado: float, pixeles: int) -> Campo:
        """El cuadrado de esquina ``(x, y)``, interpolado a ``pixeles`` por lado."""
        campo = self.tono if cual == "tono" else self.luz
        caja = ((x - self.x) / self.celda, (y - self.y) / self.celda)
        lados = lado / self.celda
        imagen = Image.fromarray(campo).resize(
            (pixeles, pixeles), Image.Resampling.BICUBIC, box=(*caja, caja[0] + lados, caja[1] + lados)
        )
        return np.asarray(imagen, dtype=np.float32)


def manchas(semilla: int, x: float, y: float, ancho: float, alto: float, relieve: list[tuple[float, ...]]) -> Manchas:
    """Manchas para un rectángulo de píxeles.

    Parameters
    ----------
    relieve : list of (x, y, radio, altura)
        Cerros, en píxeles; su ladera hacia el sol se aclara y la otra se oscurece.
    """
    celda = 64.0
    n, m = int(ancho / celda) + 6, int(alto / celda) + 6
    azar = Azar(semilla, "manchas")
    capas = []
    for veces in (2, 12, 70):
        campo = np.asarray(azar.varios(n * m).reshape(m, n), dtype=np.float32)
        capas.append(_normal(_suavizado(campo, veces)))
    tono = _normal(0.55 * capas[0] + 0.8 * capas[1] + 0.9 * capas[2])
    rugoso = np.asarray(azar.varios(n * m).reshape(m, n), dtype=np.float32)
    altura = 7.0 * _normal(_suavizado(rugoso, 40))
    ys, xs = np.mgrid[0:m, 0:n] * celda
    for cx, cy, radio, alto_m in relieve:
        lejos = np.hypot(xs + x - 2 * celda - cx, ys + y - 2 * celda - cy) / radio
        altura = altura + alto_m * np.exp(-(lejos**2))
    gy, gx = np.gradient(altura)
    luz = np.asarray(-(gx * SOL[0] + gy * SOL[1]), dtype=np.float32)
    luz = np.asarray(np.clip(luz / 6.0, -1.6, 1.6), dtype=np.float32)
    return Manchas(tono, luz, celda, x - 2 * celda, y - 2 * celda)


@lru_cache(maxsize=2048)
def copa(semilla: int, radio: int, verde: int, variante: int) -> tuple[Image.Image, Image.Image]:
    """Una copa vista desde arriba y su máscara, de ``2 × radio`` píxeles por lado."""
    azar = Azar(semilla, f"copa {radio} {verde} {variante}")
    lado = 2 * radio + 1
    ys, xs = (np.mgrid[0:lado, 0:lado] - radio) / max(radio, 1)
    lejos, rumbo = np.hypot(xs, ys), np.arctan2(ys, xs)
    fases = azar.varios(4) * 2 * np.pi
    borde = 0.84 + 0.08 * np.sin(3 * rumbo + fases[0]) + 0.05 * np.sin(7 * rumbo + fases[1])
    hojas = np.asarray(azar.varios(lado * lado).reshape(lado, lado), dtype=np.float32)
    racimos = _normal(_suavizado(hojas, max(1, radio // 6)))
    borde = borde + 0.05 * racimos
    alfa = np.clip((borde - lejos) * radio / 1.5, 0, 1)
    hacia = xs * SOL[0] + ys * SOL[1]
    luz = 1.0 + 0.34 * hacia + 0.15 * racimos - 0.20 * np.clip(lejos - 0.45, 0, None)
    color = np.clip(np.array(VERDES[verde % len(VERDES)])[None, None] * luz[..., None], 0, 255)
    cuatro = np.concatenate([color, np.full((lado, lado, 1), 70.0)], axis=-1).astype(np.uint8)
    return Image.fromarray(cuatro, "CMYK"), Image.fromarray((alfa * 255).astype(np.uint8))
