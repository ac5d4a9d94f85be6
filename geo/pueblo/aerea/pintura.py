"""Pintar un cuadrado de la escena: suelo, sombras, lo que está encima, y al final surcos, manchas y grano."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from geo.pueblo.aerea.escena import CAMPO, SURCO, Escena, Parcela
from geo.pueblo.aerea.formas import Grupo
from geo.pueblo.aerea.texturas import LADO_DEL_GRANO, copa, grano

OSCURO = [c * parte // 255 for parte in (132, 139, 158, 255) for c in range(256)]
"""En qué se vuelve cada valor de cada banda a la sombra: pierde más rojo que azul."""


def pintar(escena: Escena, x: float, y: float, lado: float, pixeles: int) -> Image.Image:
    """El cuadrado de esquina noroeste ``(x, y)``, en píxeles del mundo, como imagen RGB de ``pixeles`` por lado.

    Se pinta al doble y se reduce, así que las orillas salen suaves y en su lugar.
    """
    escala = 2 * pixeles / lado
    lienzo = Image.new("CMYK", (2 * pixeles, 2 * pixeles), CAMPO)
    for grupo in escena.suelo:
        _poner(lienzo, grupo, x, y, lado, escala, escena.semilla)
    tapadas = escena.sombras.dentro(x, y, lado)
    if tapadas:
        sombra = Image.new("L", lienzo.size, 0)
        pincel = ImageDraw.Draw(sombra)
        for k in tapadas:
            pincel.polygon(_plano(escena.sombras.piezas[k], x, y, escala), fill=235)
        lienzo.paste(lienzo.point(OSCURO), mask=sombra)
    for grupo in escena.encima:
        _poner(lienzo, grupo, x, y, lado, escala, escena.semilla)
    return _acabar(np.asarray(lienzo.reduce(2)), escena, x, y, lado, pixeles)


def _plano(puntos: npt.NDArray[np.float64], x: float, y: float, escala: float) -> list[float]:
    plano: list[float] = ((puntos - (x, y)) * escala - 0.5).ravel().tolist()
    return plano


def _poner(lienzo: Image.Image, grupo: Grupo, x: float, y: float, lado: float, escala: float, semilla: int) -> None:
    pincel: Any = ImageDraw.Draw(lienzo)
    for k in grupo.dentro(x, y, lado):
        if grupo.clase == "area":
            pincel.polygon(_plano(grupo.piezas[k], x, y, escala), fill=grupo.colores[k])
        elif grupo.clase == "linea":
            ancho = max(1, round(grupo.anchos[k] * escala))
            pincel.line(_plano(grupo.piezas[k], x, y, escala), fill=grupo.colores[k], width=ancho)
        else:
            radio = round(grupo.anchos[k] * escala)
            if radio >= 1:
                hoja, mascara = copa(semilla, radio, grupo.colores[k][0], k % 5)
                cx, cy = (grupo.piezas[k][0] - (x, y)) * escala
                lienzo.paste(hoja, (round(cx) - radio, round(cy) - radio), mascara)


def _acabar(
    cuatro: npt.NDArray[np.uint8], escena: Escena, x: float, y: float, lado: float, pixeles: int
) -> Image.Image:
    color, aspereza = cuatro[..., :3].astype(np.int16), cuatro[..., 3].astype(np.int16)
    escala = pixeles / lado
    for parcela in escena.parcelas:
        _surcar(color, aspereza, parcela, x, y, escala)
    # El grano se repite: el mismo píxel del mundo lleva siempre el mismo, caiga en el pedazo que caiga.
    corrida = (round(y * escala) % LADO_DEL_GRANO, round(x * escala) % LADO_DEL_GRANO)
    fino = np.roll(grano(escena.semilla), (-corrida[0], -corrida[1]), (0, 1))
    veces = -(-pixeles // LADO_DEL_GRANO)
    fino = np.tile(fino, (veces, veces))[:pixeles, :pixeles]
    tono = (escena.manchas.recorte("tono", x, y, lado, pixeles) * 10).astype(np.int16)
    luz = (escena.manchas.recorte("luz", x, y, lado, pixeles) * 24).astype(np.int16)
    for banda, con_tono in enumerate((9, 5, 0)):
        cambio = fino // 2 + luz + (tono * con_tono) // 10
        color[..., banda] += (cambio * aspereza) >> 7
    color += (fino >> 4)[..., None]
    return Image.fromarray(np.clip(color, 0, 255).astype(np.uint8))


def _surcar(
    color: npt.NDArray[np.int16], aspereza: npt.NDArray[np.int16], parcela: Parcela, x: float, y: float, escala: float
) -> None:
    n = len(color)
    x0, y0, x1, y1 = parcela.caja
    i0, i1 = max(0, int((x0 - x) * escala)), min(n, int((x1 - x) * escala) + 1)
    j0, j1 = max(0, int((y0 - y) * escala)), min(n, int((y1 - y) * escala) + 1)
    if i0 >= i1 or j0 >= j1:
        return
    dentro = Image.new("L", (i1 - i0, j1 - j0), 0)
    ImageDraw.Draw(dentro).polygon(_plano(parcela.puntos, x + i0 / escala, y + j0 / escala, escala), fill=1)
    mascara = (np.asarray(dentro) > 0) & (aspereza[j0:j1, i0:i1] == SURCO)
    xs = (np.arange(i0, i1, dtype=np.float32) / escala)[None, :] + np.float32(x - x0)
    ys = (np.arange(j0, j1, dtype=np.float32) / escala)[:, None] + np.float32(y - y0)
    c, s = np.float32(np.cos(parcela.rumbo)), np.float32(np.sin(parcela.rumbo))
    giro = np.float32(2 * np.pi / parcela.paso)
    olas = np.sin((-xs * s + ys * c) * giro)
    if parcela.con_puntos:
        olas = -np.clip(olas * np.sin((xs * c + ys * s) * giro), 0, 1) * 2.2
    cambio = (olas * parcela.fuerza).astype(np.int16)
    cambio[~mascara] = 0
    color[j0:j1, i0:i1] += cambio[..., None]
