"""Archivos de imágenes pequeños, buenos y malos, hechos al momento."""

import io
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from PIL import Image
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from rasterio.transform import from_origin

from geo.teselas.aritmetica import Tesela, caja_4326, rango_de

AQUI = (-98.755, 20.10, -98.745, 20.106)
"""Caja dentro del municipio de la fábrica."""


def cuadro(color: tuple[int, int, int], formato: str = "PNG", lado: int = 256) -> bytes:
    """Una imagen de un solo color."""
    salida = io.BytesIO()
    Image.new("RGB", (lado, lado), color).save(salida, formato)
    return salida.getvalue()


def jpeg(imagen: Image.Image) -> bytes:
    """La imagen como JPEG."""
    salida = io.BytesIO()
    imagen.save(salida, "JPEG", quality=80)
    return salida.getvalue()


def color_de(t: Tesela) -> tuple[int, int, int]:
    """Un color distinto por tesela."""
    return (t.z * 10, t.x * 37 % 256, t.y * 53 % 256)


def teselas(zooms: tuple[int, int] = (14, 16), formato: str = "PNG") -> dict[Tesela, bytes]:
    """Las teselas de la caja, de un color cada una."""
    return {t: cuadro(color_de(t), formato) for z in range(zooms[0], zooms[1] + 1) for t in rango_de(AQUI, z).teselas()}


def mbtiles(ruta: Path, cuerpos: dict[Tesela, bytes] | None = None, **datos: str) -> Path:
    """Un MBTiles; ``datos`` cambia su tabla de metadatos."""
    cuerpos = teselas() if cuerpos is None else cuerpos
    base = sqlite3.connect(ruta)
    base.execute("CREATE TABLE metadata (name text, value text)")
    base.execute("CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)")
    dicho = {"name": "Prueba", "format": "png", **datos}
    base.executemany("INSERT INTO metadata VALUES (?, ?)", dicho.items())
    base.executemany(
        "INSERT INTO tiles VALUES (?, ?, ?, ?)", [(t.z, t.x, 2**t.z - 1 - t.y, c) for t, c in cuerpos.items()]
    )
    base.execute("CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)")
    base.commit()
    base.close()
    return ruta


def pmtiles(
    ruta: Path, cuerpos: dict[Tesela, bytes] | None = None, tipo: TileType = TileType.PNG, **otros: Any
) -> Path:
    """Un PMTiles; ``otros`` cambia su cabecera."""
    cuerpos = teselas() if cuerpos is None else cuerpos
    cajas = np.array([caja_4326(t) for t in cuerpos])
    caja = [*cajas[:, :2].min(axis=0), *cajas[:, 2:].max(axis=0)]
    cabecera = dict(
        zip(("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7"), (int(g * 1e7) for g in caja), strict=True)
    )
    with ruta.open("wb") as archivo:
        escritor = Writer(archivo)
        for numero, cuerpo in sorted((zxy_to_tileid(*t), c) for t, c in cuerpos.items()):
            escritor.write_tile(numero, cuerpo)
        escritor.finalize(
            {
                "tile_type": tipo,
                "tile_compression": Compression.NONE,
                "center_zoom": 0,
                "center_lon_e7": 0,
                "center_lat_e7": 0,
                **cabecera,
                **otros,
            },
            {},
        )
    return ruta


def geotiff(
    ruta: Path,
    datos: np.ndarray,
    oeste: float,
    norte: float,
    paso: float,
    crs: str | None = "EPSG:32614",
    vistas: tuple[int, ...] = (),
    **otros: Any,
) -> Path:
    """Un GeoTIFF de ``datos`` (bandas, alto, ancho)."""
    bandas, alto, ancho = datos.shape
    opciones = {"tiled": True, "blockxsize": 128, "blockysize": 128, **otros}
    transformacion = from_origin(oeste, norte, paso, paso)
    with rasterio.open(
        ruta, "w", driver="GTiff", count=bandas, width=ancho, height=alto, dtype=datos.dtype, crs=crs,
        transform=transformacion, **opciones,
    ) as salida:  # fmt: skip
        salida.write(datos)
        if vistas:
            salida.build_overviews(vistas)
    return ruta


def ortofoto(ruta: Path, lado: int = 600, **otros: Any) -> Path:
    """Un GeoTIFF de tres bandas sobre el municipio de la fábrica, en UTM 14."""
    datos = np.random.default_rng(3).integers(1, 255, (3, lado, lado), dtype=np.uint8)
    return geotiff(ruta, datos, 525_700.0, 2_223_000.0, 0.5, **otros)
