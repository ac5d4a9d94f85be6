"""La vista aérea como MBTiles: el pueblo a 28 cm por píxel (zoom 19) y el campo a 56 (zoom 18), hasta el zoom 14."""

import io
import multiprocessing
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from PIL import Image

from geo.pueblo.aerea.escena import Escena, armar_escena
from geo.pueblo.aerea.formas import METROS_POR_PIXEL, ZOOM
from geo.pueblo.aerea.pintura import pintar
from geo.pueblo.verdad import levantar
from geo.teselas.aritmetica import Tesela, caja_4326

NOMBRE: Final = "Vista aérea ficticia"
ATRIBUCION: Final = "Dibujo de Tequio: un pueblo que no existe"
ZOOM_MENOR, ZOOM_DE_PEDAZO, ZOOM_DEL_CAMPO, ZOOM_MAYOR = 14, 16, 18, 19
CALIDAD: Final = 68
CERCA: Final = 22.0 / METROS_POR_PIXEL
"""Píxeles alrededor de un edificio que se guardan con todo el detalle."""

Guardada = tuple[Tesela, bytes]
_compartida: Escena | None = None


def dibujar(destino: Path, semilla: int = 1907, procesos: int | None = None) -> int:
    """Dibuja toda la vista y la deja en ``destino`` cuando está completa.

    Parameters
    ----------
    destino : Path
        Termina en ``.mbtiles``; si existe, se reemplaza.
    semilla : int
        La misma de :func:`geo.pueblo.generar`.
    procesos : int, optional
        Por omisión, uno por núcleo.

    Returns
    -------
    int
        Teselas.
    """
    escena = armar_escena(levantar(semilla), semilla)
    pedazos = pedazos_de(escena)
    teselas: list[Guardada] = []
    lejanas: dict[Tesela, Image.Image] = {}
    for pedazo, (suyas, chica) in zip(pedazos, _todos(escena, pedazos, procesos or os.cpu_count() or 1), strict=True):
        teselas += suyas
        lejanas[pedazo] = Image.frombytes("RGB", (256, 256), chica)
    for _nivel in range(ZOOM_MENOR, ZOOM_DE_PEDAZO):
        lejanas = _reunidas(lejanas)
        teselas += [(t, _con_orilla(imagen)) for t, imagen in lejanas.items()]
    parcial = destino.with_suffix(f".{os.getpid()}.parcial")
    try:
        guardar(parcial, sorted(teselas))
        parcial.replace(destino)
    finally:
        parcial.unlink(missing_ok=True)
    return len(teselas)


def pedazos_de(escena: Escena) -> list[Tesela]:
    """Las teselas de zoom 16 que toca el municipio, que es de a cuánto se pinta."""
    lado = 256 * 2 ** (ZOOM - ZOOM_DE_PEDAZO)
    x0, y0, x1, y1 = escena.limite.bounds
    todas = [
        Tesela(ZOOM_DE_PEDAZO, x, y)
        for x in range(int(x0 // lado), int(x1 // lado) + 1)
        for y in range(int(y0 // lado), int(y1 // lado) + 1)
    ]
    return [t for t in todas if _toca(escena, t)]


def _toca(escena: Escena, tesela: Tesela) -> bool:
    lado = 256 * 2 ** (ZOOM - tesela.z)
    x, y = tesela.x * lado, tesela.y * lado
    return bool(escena.limite.intersects(shapely.box(x, y, x + lado, y + lado)))


def _todos(escena: Escena, pedazos: list[Tesela], procesos: int) -> Iterator[tuple[list[Guardada], bytes]]:
    global _compartida
    _compartida = escena
    try:
        if procesos < 2:
            yield from map(_uno, pedazos)
            return
        # con fork los hijos ven la escena sin que viaje; aquí no hay hilos ni conexiones que heredar
        with multiprocessing.get_context("fork").Pool(procesos) as grupo:
            yield from grupo.imap(_uno, pedazos, chunksize=1)
    finally:
        _compartida = None


def _uno(pedazo: Tesela) -> tuple[list[Guardada], bytes]:
    assert _compartida is not None  # nosec B101 - la pone _todos antes de repartir
    teselas, chica = teselas_de(_compartida, pedazo)
    return teselas, chica.tobytes()


def teselas_de(escena: Escena, pedazo: Tesela) -> tuple[list[Guardada], Image.Image]:
    """Pinta un pedazo de zoom 16 y lo corta en teselas, desde la más fina; y el pedazo entero a 256 píxeles.

    Sin edificios cerca no se guarda el zoom 19: quien pida esas teselas verá las del 18 ampliadas.
    """
    lado = 256.0 * 2 ** (ZOOM - pedazo.z)
    x, y = pedazo.x * lado, pedazo.y * lado
    cerca = _junto_a(escena.casas, x, y, lado)
    z = ZOOM_MAYOR if len(cerca) else ZOOM_DEL_CAMPO
    imagen = pintar(escena, x, y, lado, 256 * 2 ** (z - pedazo.z))
    teselas: list[Guardada] = []
    while True:
        for tesela in _de_nivel(pedazo, z):
            t = 256.0 * 2 ** (ZOOM - z)
            tx, ty = tesela.x * t, tesela.y * t
            habitada = z < ZOOM_MAYOR or len(_junto_a(cerca, tx, ty, t)) > 0
            if habitada and _toca(escena, tesela):
                corte = (
                    256 * (tesela.x - (pedazo.x << (z - pedazo.z))),
                    256 * (tesela.y - (pedazo.y << (z - pedazo.z))),
                )
                teselas.append((tesela, _jpeg(imagen.crop((*corte, corte[0] + 256, corte[1] + 256)))))
        if z == pedazo.z:
            return teselas, imagen
        imagen, z = imagen.reduce(2), z - 1


def _junto_a(cajas: npt.NDArray[np.float64], x: float, y: float, lado: float) -> npt.NDArray[np.float64]:
    """Las cajas a menos de :data:`CERCA` de un cuadrado."""
    horizontal = (cajas[:, 0] < x + lado + CERCA) & (cajas[:, 2] > x - CERCA)
    return cajas[horizontal & (cajas[:, 1] < y + lado + CERCA) & (cajas[:, 3] > y - CERCA)]


def _de_nivel(pedazo: Tesela, z: int) -> list[Tesela]:
    n = 2 ** (z - pedazo.z)
    return [Tesela(z, pedazo.x * n + i, pedazo.y * n + j) for i in range(n) for j in range(n)]


def _reunidas(hijas: dict[Tesela, Image.Image]) -> dict[Tesela, Image.Image]:
    """De cuatro en cuatro, a la mitad; lo que falta queda transparente."""
    madres: dict[Tesela, Image.Image] = {}
    for hija, imagen in hijas.items():
        madre = Tesela(hija.z - 1, hija.x // 2, hija.y // 2)
        lienzo = madres.setdefault(madre, Image.new("RGBA", (512, 512)))
        lienzo.paste(imagen, (256 * (hija.x % 2), 256 * (hija.y % 2)))
    return {madre: lienzo.reduce(2) for madre, lienzo in madres.items()}


def _con_orilla(imagen: Image.Image) -> bytes:
    """JPEG si la tesela está completa; PNG, con su transparencia, si le falta algo."""
    if imagen.getchannel("A").getextrema()[0] == 255:
        return _jpeg(imagen.convert("RGB"))
    salida = io.BytesIO()
    imagen.save(salida, "PNG")
    return salida.getvalue()


def _jpeg(imagen: Image.Image) -> bytes:
    salida = io.BytesIO()
    imagen.save(salida, "JPEG", quality=CALIDAD)
    return salida.getvalue()


def guardar(ruta: Path, teselas: list[Guardada]) -> None:
    """Escribe un MBTiles (https://github.com/mapbox/mbtiles-spec, 1.3: los renglones van de sur a norte)."""
    mayor = max(t.z for t, _ in teselas)
    cajas = np.array([caja_4326(t) for t, _ in teselas if t.z == min(mayor, ZOOM_DE_PEDAZO)])
    caja = (*cajas[:, :2].min(axis=0), *cajas[:, 2:].max(axis=0))
    datos = {
        "name": NOMBRE,
        "format": "jpg",
        "type": "baselayer",
        "bounds": ",".join(f"{g:.7f}" for g in caja),
        "minzoom": str(min(t.z for t, _ in teselas)),
        "maxzoom": str(mayor),
        "attribution": ATRIBUCION,
        "description": "Dibujada con lo que el generador sabe de un pueblo ficticio; no es fotografía de ningún lugar.",
    }
    conexion = sqlite3.connect(ruta)
    try:
        conexion.execute("CREATE TABLE metadata (name text, value text)")
        conexion.execute(
            "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)"
        )
        conexion.executemany("INSERT INTO metadata VALUES (?, ?)", datos.items())
        conexion.executemany(
            "INSERT INTO tiles VALUES (?, ?, ?, ?)", ((t.z, t.x, 2**t.z - 1 - t.y, b) for t, b in teselas)
        )
        conexion.execute("CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)")
        conexion.commit()
    finally:
        conexion.close()
