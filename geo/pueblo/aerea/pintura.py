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

CUADRO = 256
"""Píxeles por lado de cada cuadro en que se buscan sombras."""


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
        _oscurecer(lienzo, sombra)
    for grupo in escena.encima:
        _poner(lienzo, grupo, x, y, lado, escala, escena.semilla)
    return _acabar(lienzo.reduce(2), escena, x, y, lado, pixeles)


def _oscurecer(lienzo: Image.Image, sombra: Image.Image) -> None:
    """Pone a la sombra lo que la máscara dice, por cuadros: en casi todos no hay ninguna."""
    ancho, alto = lienzo.size
    for i in range(0, ancho, CUADRO):
        for j in range(0, alto, CUADRO):
            caja = (i, j, min(i + CUADRO, ancho), min(j + CUADRO, alto))
            mascara = sombra.crop(caja)
            if mascara.getbbox() is not None:
                lienzo.paste(lienzo.crop(caja).point(OSCURO), caja, mascara)


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


def _acabar(cuatro: Image.Image, escena: Escena, x: float, y: float, lado: float, pixeles: int) -> Image.Image:
    # Banda por banda, cada una junta en memoria: numpy las recorre mucho más aprisa que intercaladas.
    *bandas, aspereza = (np.asarray(banda).astype(np.int16) for banda in cuatro.split())
    escala = pixeles / lado
    for parcela in escena.parcelas:
        _surcar(bandas, aspereza, parcela, x, y, escala)
    # El grano se repite: el mismo píxel del mundo lleva siempre el mismo, caiga en el pedazo que caiga.
    corrida = (round(y * escala) % LADO_DEL_GRANO, round(x * escala) % LADO_DEL_GRANO)
    fino = np.roll(grano(escena.semilla), (-corrida[0], -corrida[1]), (0, 1))
    veces = -(-pixeles // LADO_DEL_GRANO)
    fino = np.tile(fino, (veces, veces))[:pixeles, :pixeles]
    tono = (escena.manchas.recorte("tono", x, y, lado, pixeles) * 10).astype(np.int16)
    luz = (escena.manchas.recorte("luz", x, y, lado, pixeles) * 24).astype(np.int16)
    # El corrimiento de bits redondea hacia abajo, como la división entera, y cuesta la décima parte.
    parejo, suelto = (fino >> 1) + luz, fino >> 4
    acabadas = []
    for banda, con_tono in zip(bandas, (9, 5, 0), strict=True):
        cambio = parejo + (tono * np.int16(con_tono)) // np.int16(10) if con_tono else parejo
        banda += ((cambio * aspereza) >> 7) + suelto
        acabadas.append(Image.fromarray(np.clip(banda, 0, 255, out=banda).astype(np.uint8)))
    return Image.merge("RGB", acabadas)


def _surcar(
    bandas: list[npt.NDArray[np.int16]],
    aspereza: npt.NDArray[np.int16],
    parcela: Parcela,
    x: float,
    y: float,
    escala: float,
) -> None:
    n = len(aspereza)
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
    for banda in bandas:
        banda[j0:j1, i0:i1] += cambio
