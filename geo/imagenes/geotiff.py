"""GeoTIFF y COG: sólo el controlador GTiff, sin archivos acompañantes, leyendo la ventana que hace falta."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import RasterioError
from rasterio.transform import from_bounds
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform, transform_bounds
from rasterio.windows import Window

from geo.formatos.errores import ArchivoTruncado
from geo.imagenes.cuadros import codificar
from geo.imagenes.errores import (
    ImagenConBandas,
    ImagenDanada,
    ImagenDescomunal,
    ImagenFueraDelMundo,
    ImagenSinSistema,
    ImagenSinVistas,
)
from geo.imagenes.mbtiles import METROS_ZOOM_0
from geo.imagenes.tipos import LADO, MEGA, ZOOM_MAYOR, Ficha, Formato
from geo.teselas.aritmetica import Tesela, caja_3857

AMBIENTE: dict[str, Any] = {
    # ni .ovr, ni .msk, ni .aux.xml, ni .tfw: lo que no está dentro del archivo no cuenta
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_GEOREF_SOURCES": "INTERNAL",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 64,
    "GDAL_NUM_THREADS": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".ninguna",
}
LADO_MAYOR = 600_000
BLOQUE_MAYOR = 64 * MEGA
HOLGURA = 1.3
"""Cuánto más chica que la tesela puede ser la vista de que sale: se amplía un poco y se lee la mitad."""

REDUCCION_MAYOR = 4
"""Cuántas veces se reduce al vuelo, además de la vista más chica que traiga el archivo."""

LADO_QUE_SE_LEE_ENTERO = 4096
BLOQUES_REVISADOS = 4096
_REALES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")


class Geotiff:
    """Un GeoTIFF abierto en una de sus vistas reducidas.

    Parameters
    ----------
    ruta : Path
    detalle : dict
        El de :class:`geo.imagenes.tipos.Ficha`.
    vista : int
        -1 es el original; 0, la primera reducción…
    """

    def __init__(self, ruta: Path, detalle: dict[str, Any], vista: int = -1) -> None:
        self.detalle = detalle
        opciones = {} if vista < 0 else {"overview_level": vista}
        with rasterio.Env(**AMBIENTE):
            self._abierto = rasterio.open(ruta, driver="GTiff", sharing=False, **opciones)
        self._alfa = ColorInterp.alpha in self._abierto.colorinterp
        self._paleta = _paleta(self._abierto)

    def tesela(self, z: int, x: int, y: int) -> bytes | None:
        """Dibuja la tesela: reproyecta a EPSG:3857 sólo lo que cae en ella."""
        transformacion = from_bounds(*caja_3857(Tesela(z, x, y)), LADO, LADO)
        forma = Resampling.nearest if self._paleta is not None else Resampling.bilinear
        try:
            with (
                rasterio.Env(**AMBIENTE),
                WarpedVRT(
                    self._abierto, crs="EPSG:3857", transform=transformacion, width=LADO, height=LADO,
                    resampling=forma, add_alpha=not self._alfa, warp_mem_limit=32,
                ) as vrt,
            ):  # fmt: skip
                # de una sola vez: cada lectura reproyecta otra vez
                bandas = [1, 2, 3] if self._abierto.count >= 3 else [1]
                *datos, alfa = vrt.read([*bandas, vrt.count])
        except RasterioError:
            return None
        return codificar(self._color(np.stack(datos)), _opacidad(alfa)) if alfa.any() else None

    def _color(self, datos: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
        if self._paleta is not None:
            return np.asarray(self._paleta[np.clip(datos[0], 0, len(self._paleta) - 1).astype(np.intp)])
        escala = self.detalle.get("escala")
        if escala:
            datos = np.stack([_escalada(banda, *limites) for banda, limites in zip(datos, escala, strict=False)])
        return np.ascontiguousarray(np.moveaxis(np.repeat(datos, 3, axis=0) if len(datos) == 1 else datos, 0, -1))

    def cerrar(self) -> None:
        """Suelta el archivo."""
        self._abierto.close()


def vista_para(detalle: dict[str, Any], z: int) -> int:
    """La vista reducida más chica que todavía tiene el detalle de ese zoom; -1, el original."""
    reduccion = METROS_ZOOM_0 / 2**z / detalle["res"]
    caben = [k for k, factor in enumerate(detalle["vistas"]) if factor <= reduccion * HOLGURA]
    return caben[-1] if caben else -1


def _opacidad(alfa: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    # fuera de 8 bits GDAL no siempre usa el mismo valor para «opaco»
    return alfa if alfa.dtype == np.uint8 else np.where(alfa > 0, np.uint8(255), np.uint8(0))


def _escalada(banda: npt.NDArray[Any], menor: float, mayor: float) -> npt.NDArray[np.uint8]:
    parte = (np.nan_to_num(banda.astype(np.float32)) - menor) / max(mayor - menor, 1e-12)
    return np.asarray(np.clip(parte * 255, 0, 255), dtype=np.uint8)


def _paleta(abierto: Any) -> npt.NDArray[np.uint8] | None:
    if abierto.colorinterp[0] != ColorInterp.palette or abierto.dtypes[0] != "uint8":
        return None
    colores = abierto.colormap(1)
    return np.array([colores.get(k, (0, 0, 0, 0))[:3] for k in range(256)], dtype=np.uint8)


def examinar(ruta: Path, nombre: str) -> Ficha:
    """Revisa un GeoTIFF.

    Raises
    ------
    ErrorImagen
    """
    try:
        with rasterio.Env(**AMBIENTE), rasterio.open(ruta, driver="GTiff", sharing=False) as abierto:
            _exigir_razonable(abierto, nombre)
            _exigir_bloques(abierto, ruta.stat().st_size, nombre)
            return _describir(abierto, nombre)
    except (RasterioError, ValueError, MemoryError) as error:
        # rasterio da ValueError con cabeceras que dicen disparates
        raise ImagenDanada(nombre=nombre) from error


def _exigir_razonable(abierto: Any, nombre: str) -> None:
    if abierto.crs is None or abierto.transform.is_identity:
        raise ImagenSinSistema(nombre=nombre)
    tipos = set(abierto.dtypes)
    if not 1 <= abierto.count <= 4 or len(tipos) != 1 or not tipos <= set(_REALES):
        raise ImagenConBandas(nombre=nombre, bandas=abierto.count, tipo=", ".join(sorted(tipos)))
    alto, ancho = abierto.block_shapes[0]
    bytes_ = alto * ancho * np.dtype(abierto.dtypes[0]).itemsize * abierto.count
    if max(abierto.width, abierto.height) > LADO_MAYOR or bytes_ > BLOQUE_MAYOR:
        raise ImagenDescomunal(nombre=nombre, ancho=abierto.width, alto=abierto.height, bloque=f"{ancho} × {alto}")


def _exigir_bloques(abierto: Any, tamano: int, nombre: str) -> None:
    """Que los bloques estén dentro del archivo: a uno cortado le faltan los últimos."""
    alto, ancho = abierto.block_shapes[0]
    columnas, renglones = -(-abierto.width // ancho), -(-abierto.height // alto)
    paso = max(1, math.ceil(columnas * renglones / BLOQUES_REVISADOS))
    for k in (*range(0, columnas * renglones, paso), columnas * renglones - 1):
        lugar = f"{k % columnas}_{k // columnas}"
        desde = abierto.get_tag_item(f"BLOCK_OFFSET_{lugar}", "TIFF", bidx=1)
        largo = abierto.get_tag_item(f"BLOCK_SIZE_{lugar}", "TIFF", bidx=1)
        if desde is not None and int(desde) + int(largo or 0) > tamano:
            raise ArchivoTruncado(nombre=nombre)


def _describir(abierto: Any, nombre: str) -> Ficha:
    try:
        caja = transform_bounds(abierto.crs, "EPSG:4326", *abierto.bounds, densify_pts=21)
        res = _resolucion(abierto)
    except RasterioError as error:
        raise ImagenFueraDelMundo(nombre=nombre) from error
    oeste, sur, este, norte = caja
    if not all(map(math.isfinite, caja)) or not (-180 <= oeste < este <= 180 and -85.06 <= sur < norte <= 85.06):
        raise ImagenFueraDelMundo(nombre=nombre)
    if not (math.isfinite(res) and res > 0):
        raise ImagenFueraDelMundo(nombre=nombre)
    vistas = [int(factor) for factor in abierto.overviews(1)]
    maxzoom = min(ZOOM_MAYOR, max(0, math.ceil(math.log2(METROS_ZOOM_0 / res) - 0.3)))
    mayor = max(vistas, default=1)
    if max(abierto.width, abierto.height) / mayor <= LADO_QUE_SE_LEE_ENTERO:
        # a lo lejos se lee entera; deja de servir cuando ya no ocupa ni una tesela
        minzoom = maxzoom - math.ceil(math.log2(max(1.0, max(abierto.width, abierto.height) / 64)))
    else:
        if not vistas:
            raise ImagenSinVistas(nombre=nombre)
        minzoom = maxzoom - int(math.log2(mayor * REDUCCION_MAYOR))
    detalle: dict[str, Any] = {"res": res, "vistas": vistas, "sistema": abierto.crs.to_string()[:60]}
    escala = _escala(abierto, nombre)
    if escala:
        detalle["escala"] = escala
    metros_reales = res * math.cos(math.radians((sur + norte) / 2))
    return Ficha(Formato.GEOTIFF, (oeste, sur, este, norte), max(0, minzoom), maxzoom, metros_reales, detalle=detalle)


def _resolucion(abierto: Any) -> float:
    """Metros de EPSG:3857 por píxel en el centro: la raíz del área en que se vuelve un píxel."""
    i, j = abierto.width / 2, abierto.height / 2
    esquinas = [abierto.transform @ punto for punto in ((i, j), (i + 1, j), (i, j + 1))]
    xs, ys = transform(abierto.crs, "EPSG:3857", [p[0] for p in esquinas], [p[1] for p in esquinas])[:2]
    return math.sqrt(abs((xs[1] - xs[0]) * (ys[2] - ys[0]) - (xs[2] - xs[0]) * (ys[1] - ys[0])))


def _escala(abierto: Any, nombre: str) -> list[tuple[float, float]]:
    """De qué valor a qué valor va cada banda (percentiles 2 y 98 de unas ventanas); vacía si ya es de 8 bits.

    De paso comprueba que los datos se dejan leer.
    """
    bandas = [1, 2, 3] if abierto.count >= 3 else [1]
    muestras = []
    for i in range(4):
        for j in range(4):
            n = 128
            columna = int((abierto.width - n) * i / 3) if abierto.width > n else 0
            renglon = int((abierto.height - n) * j / 3) if abierto.height > n else 0
            ventana = Window(columna, renglon, min(n, abierto.width), min(n, abierto.height))
            try:
                muestras.append(abierto.read(bandas, window=ventana, masked=True).reshape(len(bandas), -1))
            except RasterioError as error:
                raise ImagenDanada(nombre=nombre) from error
    if abierto.dtypes[0] == "uint8":
        return []
    juntas = np.ma.concatenate(muestras, axis=1)  # type: ignore[no-untyped-call]
    escala = []
    for banda in juntas:
        valores = banda.compressed().astype(np.float64)
        valores = valores[np.isfinite(valores)]
        menor, mayor = np.percentile(valores, (2, 98)) if len(valores) else (0.0, 1.0)
        escala.append((float(menor), float(mayor) if mayor > menor else float(menor) + 1.0))
    return escala


def convertir(ruta: Path, destino: Path) -> None:
    """Copia un GeoTIFF como COG, con vistas reducidas; 8 bits en JPEG, lo demás sin pérdida.

    Raises
    ------
    ImagenDanada
    """
    import rasterio.shutil

    try:
        with rasterio.Env(**{**AMBIENTE, "GDAL_NUM_THREADS": "ALL_CPUS", "GDAL_TIFF_INTERNAL_MASK": True}):
            with rasterio.open(ruta, driver="GTiff", sharing=False) as abierto:
                fotografia = abierto.dtypes[0] == "uint8" and abierto.count in (3, 4) and abierto.nodata is None
            rasterio.shutil.copy(
                ruta, destino, driver="COG", compress="JPEG" if fotografia else "DEFLATE", quality=85,
                overview_resampling="average", bigtiff="IF_SAFER",
            )  # fmt: skip
    except RasterioError as error:
        destino.unlink(missing_ok=True)
        raise ImagenDanada(nombre=ruta.name) from error
