"""MBTiles 1.3 con imágenes (https://github.com/mapbox/mbtiles-spec): una base SQLite de sólo lectura y desconfiada."""

import math
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from geo.formatos.errores import ArchivoTruncado
from geo.imagenes.cuadros import abrir as abrir_cuadro
from geo.imagenes.cuadros import tipo_de
from geo.imagenes.errores import ImagenDanada, ImagenSinTeselas, ImagenVectorial, TeselaDeOtroTipo
from geo.imagenes.tipos import BYTES_DE_TESELA, ZOOM_MAYOR, Ficha, Formato
from geo.teselas.aritmetica import Tesela, caja_4326

INSTRUCCIONES = 40
"""Miles de instrucciones de SQLite que puede gastar sacar una tesela: una vista tramposa no detiene al servidor."""

AL_EXAMINAR = 60_000
MUESTRA = 24
METROS_ZOOM_0 = 2 * math.pi * 6_378_137.0 / 256
_TESELA = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"


class Mbtiles:
    """Un archivo MBTiles abierto.

    Parameters
    ----------
    ruta : Path
    miles : int
        De instrucciones de SQLite por consulta.
    """

    def __init__(self, ruta: Path, miles: int = INSTRUCCIONES) -> None:
        self._base = sqlite3.connect(f"file:{quote(str(ruta))}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self._base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 2 * BYTES_DE_TESELA)
        self._base.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        # las vistas del archivo sólo pueden usar funciones inofensivas, y se revisa que cada página tenga sentido
        self._base.execute("PRAGMA trusted_schema = OFF")
        self._base.execute("PRAGMA cell_size_check = ON")
        self._base.execute("PRAGMA query_only = ON")
        self._base.text_factory = lambda crudo: crudo.decode("utf-8", "replace")
        self._faltan = 0
        self.miles = miles
        self._base.set_progress_handler(self._gastar, 1000)

    def _gastar(self) -> int:
        self._faltan -= 1
        return int(self._faltan < 0)

    def filas(self, sql: str, datos: Iterable[object] = ()) -> list[tuple[object, ...]]:
        """Todas las filas, si no cuesta más de lo permitido."""
        self._faltan = self.miles
        return self._base.execute(sql, tuple(datos)).fetchall()

    def tesela(self, z: int, x: int, y: int) -> bytes | None:
        """La tesela guardada (XYZ: el renglón 0 es el del norte)."""
        try:
            filas = self.filas(_TESELA, (z, x, 2**z - 1 - y))
        except (sqlite3.Error, UnicodeDecodeError):
            return None
        cuerpo = filas[0][0] if filas else None
        return cuerpo if isinstance(cuerpo, bytes) and tipo_de(cuerpo) else None

    def cerrar(self) -> None:
        """Cierra la base."""
        self._base.close()


def examinar(ruta: Path, nombre: str) -> Ficha:
    """Revisa un MBTiles.

    Raises
    ------
    ImagenDanada, ImagenVectorial, ImagenSinTeselas, TeselaDeOtroTipo
    """
    _exigir_entero(ruta, nombre)
    try:
        abierto = Mbtiles(ruta, AL_EXAMINAR)
        try:
            return _describir(abierto, nombre)
        finally:
            abierto.cerrar()
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
        # un nombre de columna que no es texto da UnicodeDecodeError
        raise ImagenDanada(nombre=nombre) from error


def _exigir_entero(ruta: Path, nombre: str) -> None:
    with ruta.open("rb") as archivo:
        cabecera = archivo.read(32)
    # https://www.sqlite.org/fileformat.html: tamaño de página (1 quiere decir 65536) y número de páginas
    pagina = int.from_bytes(cabecera[16:18], "big")
    paginas = int.from_bytes(cabecera[28:32], "big")
    if ruta.stat().st_size < (65_536 if pagina == 1 else pagina) * paginas:
        raise ArchivoTruncado(nombre=nombre)


def _describir(abierto: Mbtiles, nombre: str) -> Ficha:
    dicho = {str(k): str(v) for k, v in abierto.filas("SELECT name, value FROM metadata LIMIT 200")}
    if dicho.get("format", "").lower() in ("pbf", "mvt"):
        raise ImagenVectorial(nombre=nombre)
    niveles = abierto.filas("SELECT min(zoom_level), max(zoom_level) FROM tiles")[0]
    if niveles[0] is None:
        raise ImagenSinTeselas(nombre=nombre)
    menor, mayor = niveles
    if not (isinstance(menor, int) and isinstance(mayor, int) and 0 <= menor <= mayor <= ZOOM_MAYOR):
        raise ImagenDanada(nombre=nombre)
    _probar(abierto, nombre, menor, mayor)
    caja = _caja_dicha(dicho.get("bounds", "")) or _caja_contada(abierto, nombre, mayor)
    latitud = (caja[1] + caja[3]) / 2
    resolucion = METROS_ZOOM_0 * math.cos(math.radians(latitud)) / 2**mayor
    return Ficha(
        Formato.MBTILES, caja, menor, mayor, resolucion, dicho.get("name", "")[:200], dicho.get("attribution", "")[:300]
    )


def _probar(abierto: Mbtiles, nombre: str, menor: int, mayor: int) -> None:
    """Abre unas cuantas teselas del nivel más fino y una de cada uno de los demás."""
    for z in range(menor, mayor + 1):
        cuantas = MUESTRA if z == mayor else 1
        filas = abierto.filas(
            "SELECT tile_column, tile_row, tile_data FROM tiles WHERE zoom_level = ? LIMIT ?", (z, cuantas)
        )
        for columna, renglon, cuerpo in filas:
            if isinstance(cuerpo, bytes) and cuerpo[:2] == b"\x1f\x8b":
                raise ImagenVectorial(nombre=nombre)
            if not isinstance(cuerpo, bytes) or abrir_cuadro(cuerpo) is None:
                raise TeselaDeOtroTipo(nombre=nombre, tesela=f"{z}/{columna}/{renglon}")


def _caja_dicha(texto: str) -> tuple[float, float, float, float] | None:
    try:
        oeste, sur, este, norte = (float(parte) for parte in texto.split(","))
    except ValueError:
        return None
    return (oeste, sur, este, norte) if -180 <= oeste < este <= 180 and -86 <= sur < norte <= 86 else None


def _caja_contada(abierto: Mbtiles, nombre: str, z: int) -> tuple[float, float, float, float]:
    filas = abierto.filas(
        "SELECT min(tile_column), min(tile_row), max(tile_column), max(tile_row) FROM tiles WHERE zoom_level = ?", (z,)
    )
    numeros = [n for n in filas[0] if isinstance(n, int) and 0 <= n < 2**z]
    if len(numeros) != 4:
        raise ImagenDanada(nombre=nombre)
    x0, y0, x1, y1 = numeros
    arriba, abajo = caja_4326(Tesela(z, x0, 2**z - 1 - y1)), caja_4326(Tesela(z, x1, 2**z - 1 - y0))
    return arriba[0], abajo[1], abajo[2], arriba[3]
