"""Lecturas de los datos de OpenStreetMap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
import shapely
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from geo.osm.cifras import Cifras, contar
from geo.osm.objetos import SinArmar
from geo.tipos import Caja, Geometrias
from tareas.comun.bd import cargar_sql
from tareas.datos_osm.errores import LimiteAusente, TeselaAusente

SQL = cargar_sql(Path(__file__).parent)
TESELA = cargar_sql(Path(__file__).parent, "teselas.sql")["base"]
ZOOM_MAXIMO = 18
# Con el índice parcial de lo que se dibuja antes del zoom 12, una tesela de todo un país no recorre sus edificios.
ZOOM_LEJOS = 12
_CABEZA_DE_COPY = 19
_FILA_DE_COPY = np.dtype([("campos", ">i2"), ("largo_x", ">i4"), ("x", ">f8"), ("largo_y", ">i4"), ("y", ">f8")])


@dataclass(frozen=True)
class Limite:
    """Un área administrativa de OpenStreetMap. ``nivel`` es su ``admin_level``."""

    tipo: str
    id: int
    nombre: str
    nivel: str | None
    area_m2: float


@dataclass(frozen=True)
class LimiteConForma(Limite):
    """Con sus etiquetas y su geometría (MultiPolygon, EPSG:4326, WKB)."""

    etiquetas: dict[str, str]
    wkb: bytes


@dataclass(frozen=True, slots=True)
class ObjetoEnZona:
    """Un objeto como lo ve quien valida; ``geometria`` es GeoJSON."""

    tipo: str
    id: int
    version: int | None
    cuando: datetime | None
    usuario: str | None
    uid: int | None
    conjunto: int | None
    etiquetas: dict[str, str]
    clase: str
    geometria: dict[str, Any]


def version_datos(sesion: Session) -> int:
    """Versión de los datos: sube cada vez que una importación o un cambio los deja distintos; 0 si no hay."""
    return int(sesion.execute(text(SQL["version"])).scalar() or 0)


def datos_hasta(sesion: Session, origen: int = 0) -> datetime | None:
    """Hasta qué momento se conoce lo que pasó en los datos.

    Parameters
    ----------
    origen : int
        0, los datos de verdad: lo más atrasado entre los flujos de objetos que se siguen o, si no se sigue ninguno, lo
        más nuevo de los archivos de cambios aplicados. Otro número, un aula: ahora.

    Returns
    -------
    datetime or None
        ``None`` si no se sabe: nunca se ha aplicado un cambio, o un flujo apenas va a empezar.
    """
    momento: datetime | None = sesion.execute(text(SQL["datos_hasta"]), {"origen": origen}).scalar()
    return momento


def contar_en_geometrias(sesion: Session, zonas: Geometrias | Sequence[bytes]) -> Cifras:
    """Edificios y metros de calle que hay hoy en cada zona.

    Un edificio (vía o relación con ``building``) cuenta donde cae su punto interior. Cuenta como calle toda línea con
    ``highway`` por la que hoy se pasa: no las proyectadas, en obra o abandonadas, ni andenes, ni plazas (áreas).

    Parameters
    ----------
    zonas : (n,) arreglo de Polygon o MultiPolygon, o sus WKB; EPSG:4326
        Si se tocan sin encimarse, suman lo que su unión.

    Returns
    -------
    Cifras
        ``edificios`` (n,) int64 y ``metros_vias`` (n,) float64, en el mismo orden.
    """
    if not len(zonas):
        return Cifras(np.zeros(0, dtype=np.int64), np.zeros(0))
    formas = shapely.from_wkb(zonas) if isinstance(zonas[0], bytes) else zonas
    formas = np.asarray(formas, dtype=object)
    oeste, sur, este, norte = shapely.total_bounds(formas)
    caja = (oeste - 1e-8, sur - 1e-8, este + 1e-8, norte + 1e-8)
    return contar(formas, _centros(sesion, caja), _calles(sesion, caja))


def cifras_de_zona(sesion: Session, zona: bytes) -> tuple[int, float]:
    """Lo mismo que `contar_en_geometrias`, para una sola zona y en la base (función SQL ``osm_cifras``).

    Parameters
    ----------
    zona : bytes
        WKB, EPSG:4326.
    """
    fila = sesion.execute(text(SQL["cifras_de_zona"]), {"zona": zona}).one()
    return int(fila[0]), float(fila[1])


def objetos_en(sesion: Session, zona: bytes, limite: int = 500) -> list[ObjetoEnZona]:
    """Objetos con etiquetas que tocan una zona, los más nuevos primero.

    Parameters
    ----------
    zona : bytes
        WKB, EPSG:4326.
    limite : int
        Cuántos a lo más.
    """
    filas = sesion.execute(text(SQL["objetos_en"]), {"zona": zona, "limite": limite})
    return [ObjetoEnZona(*fila) for fila in filas]


def limites(sesion: Session, texto: str = "", cuantos: int = 500) -> list[Limite]:
    """Áreas administrativas guardadas, por nivel y nombre.

    Parameters
    ----------
    texto : str
        Parte del nombre, sin importar acentos ni mayúsculas.
    """
    filas = sesion.execute(text(SQL["limites"]), _busqueda(sesion, texto, cuantos))
    return [Limite(*fila) for fila in filas]


def limites_sin_cerrar(sesion: Session, texto: str = "", cuantos: int = 500) -> list[tuple[str, SinArmar]]:
    """Relaciones administrativas que no cierran con lo guardado: nombre y por qué; primero, a las que menos falta."""
    filas = sesion.execute(text(SQL["limites_sin_cerrar"]), _busqueda(sesion, texto, cuantos))
    return [(fila[0], SinArmar(*fila[1:])) for fila in filas]


def _busqueda(sesion: Session, texto: str, cuantos: int) -> dict[str, Any]:
    especiales = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})
    plano = sesion.execute(select(func.sin_acentos(texto))).scalar_one()
    return {"texto": texto, "patron": f"%{plano.translate(especiales)}%", "cuantos": cuantos}


def limite_de_relacion(sesion: Session, numero: int, tipo: str = "r") -> LimiteConForma:
    """El área de una relación (o de una vía, con ``tipo="w"``).

    Raises
    ------
    LimiteAusente
        Si no se guarda o no se pudo cerrar.
    """
    fila = sesion.execute(text(SQL["limite"]), {"tipo": tipo, "id": numero}).one_or_none()
    if fila is None:
        raise LimiteAusente(id=numero)
    return LimiteConForma(**fila._mapping)


def tesela_base(sesion: Session, z: int, x: int, y: int) -> bytes:
    """Tesela vectorial (MVT) del mapa base.

    Capas ``agua``, ``suelo``, ``edificios``, ``vias``, ``lugares`` y ``servicios``. Cada rasgo lleva ``tipo`` (el valor
    de su etiqueta principal, por ejemplo ``residential``) y, si tiene, ``nombre``.

    Raises
    ------
    TeselaAusente
        Si no existe esa tesela: el zoom va de 0 a `ZOOM_MAXIMO`.
    """
    lejos = f" AND o.zoom < {ZOOM_LEJOS}" if z < ZOOM_LEJOS else ""
    consulta = sql_de_tesela(z, x, y, "osm_objeto o", f"o.geom && (SELECT zona FROM marco){lejos}")  # nosec B608 - constantes
    return bytes(sesion.execute(text(consulta), {"z": z, "x": x, "y": y}).scalar_one())


def sql_de_tesela(z: int, x: int, y: int, objetos: str, donde: str) -> str:
    """La consulta de una tesela del mapa base, con parámetros ``z``, ``x`` y ``y``.

    Parameters
    ----------
    objetos : str
        De dónde salen, como lo dice un FROM; se llama ``o`` y tiene las columnas de ``osm_objeto`` que se dibujan.
    donde : str
        Qué los acota: a la caja ``zona`` (EPSG:4326) de la fila ``marco``, al menos.

    Raises
    ------
    TeselaAusente
    """
    if not (0 <= z <= ZOOM_MAXIMO and 0 <= x < 2**z and 0 <= y < 2**z):
        raise TeselaAusente(z=z, x=x, y=y, maximo=ZOOM_MAXIMO)
    return TESELA.format(
        objetos=objetos,
        donde=donde,
        minimo=2 if z < 14 else 1 if z < 16 else 0,
        holgura=0.5 if z < 14 else 0.125,
        # En una ciudad densa, de lejos, los edificios más chicos son ruido.
        edificios=4000 if z < 15 else 8000,
        extension=1024 if z < 15 else 4096,
    )


def _centros(sesion: Session, caja: Caja) -> npt.NDArray[np.float64]:
    with _conexion(sesion).cursor() as cursor, cursor.copy(SQL["centros_de_edificios"].encode(), caja) as copia:
        crudo = b"".join(copia)
    filas = np.frombuffer(crudo[_CABEZA_DE_COPY:-2], dtype=_FILA_DE_COPY)
    return np.column_stack((filas["x"], filas["y"])).astype(np.float64)


def _calles(sesion: Session, caja: Caja) -> Geometrias:
    with _conexion(sesion).cursor(binary=True) as cursor:
        filas = cursor.execute(SQL["calles"].encode(), caja).fetchall()
    return np.asarray(shapely.from_wkb([fila[0] for fila in filas]), dtype=object)


def _conexion(sesion: Session) -> psycopg.Connection:
    conexion = sesion.connection().connection.driver_connection
    assert isinstance(conexion, psycopg.Connection)
    return conexion
