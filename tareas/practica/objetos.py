"""Lo que se ve y se cuenta en un aula: clase y geometría de sus elementos, al día con cada subida."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from geo.osm.archivo import Archivo
from geo.osm.escritura import escribir
from geo.osm.lectura import Lectura
from geo.osm.objetos import Nodo, Objeto, Relacion, Via
from tareas.comun.bd import BaseDeDatos, cargar_sql

SQL = cargar_sql(Path(__file__).parent, "objetos.sql")
LIMITE = "limite"

Conexion = psycopg.Connection[Any]


def rearmar(conexion: Conexion, aula: int) -> int:
    """Rehace todos los objetos de un aula, con la pieza que lee los archivos. Quien llama tiene la fila del aula.

    Returns
    -------
    int
        Cuántos objetos hay.
    """
    _sql(conexion, "vaciar", aula)
    cuantos = 0
    with tempfile.TemporaryDirectory(prefix="tequio-aula-") as carpeta:
        ruta = Path(carpeta) / "aula.opl"
        with ruta.open("wb") as salida:
            # El lugar de cada nodo, primero: los que además llevan etiquetas se repiten enteros detrás.
            with conexion.cursor() as cursor, cursor.copy(SQL["lugares"].encode(), {"aula": aula}) as lugares:
                salida.writelines(lugares)
            for tipo in ("n", "w", "r"):
                escribir(salida, _elementos(conexion, aula, tipo))
        with conexion.cursor() as cursor, cursor.copy(SQL["copiar"].encode()) as copia:
            for cosa in Lectura(Archivo(ruta.name, ruta, "opl")):
                if isinstance(cosa, Objeto) and cosa.crudo.etiquetas and cosa.clase != LIMITE:
                    copia.write_row((aula, cosa.tipo, cosa.crudo.id, cosa.clase, cosa.zoom, f"SRID=4326;{cosa.wkb}"))
                    cuantos += 1
    _sql(conexion, "anotar_armada", aula)
    return cuantos


def poner_objetos(
    conexion: Conexion, aula: int, objetos: Iterable[tuple[tuple[str, int], tuple[str | None, int | None, str | None]]]
) -> None:
    """Pone al día lo que una subida tocó: ``((tipo, id), (clase, zoom, geometría))``; sin clase, se quita.

    La versión del mapa del aula sube. Si no se ha armado nunca, se arma entera.
    """
    fila = _sql(conexion, "avanzar", aula).fetchone()
    if fila is None or not fila[0]:
        rearmar(conexion, aula)
        return
    quedan = dict(objetos)
    claves = sorted(quedan)
    valores = {"aula": aula, "tipos": [t for t, _ in claves], "ids": [i for _, i in claves]}
    conexion.execute(SQL["quitar"].encode(), valores)
    with conexion.cursor() as cursor, cursor.copy(SQL["copiar"].encode()) as copia:
        for (tipo, id), (clase, zoom, geom) in quedan.items():
            if clase is not None and geom is not None:
                copia.write_row((aula, tipo, id, clase, zoom, geom))


def armar_si_falta(conexion: Conexion, aula: int) -> None:
    """Arma un aula que aún no lo está. Toma su turno: nadie guarda mientras tanto."""
    fila = _sql(conexion, "apartar", aula).fetchone()
    if fila is not None and not fila[0]:
        rearmar(conexion, aula)


def armar_pendientes(bd: BaseDeDatos) -> int:
    """Arma las aulas de antes de que sus objetos se guardaran; cada una en su transacción. Da cuántas."""
    with bd.lectura() as sesion:
        conexion = sesion.connection().connection.driver_connection
        assert isinstance(conexion, psycopg.Connection)
        pendientes = [int(fila[0]) for fila in conexion.execute(SQL["por_armar"].encode())]
    for aula in pendientes:
        with bd.transaccion() as sesion:
            conexion = sesion.connection().connection.driver_connection
            assert isinstance(conexion, psycopg.Connection)
            armar_si_falta(conexion, aula)
    return len(pendientes)


def _elementos(conexion: Conexion, aula: int, tipo: str) -> Iterator[Nodo | Via | Relacion]:
    with conexion.cursor(row_factory=tuple_row) as cursor:
        for fila in cursor.stream(SQL["elementos"].encode(), {"aula": aula, "tipo": tipo}):
            id, version, etiquetas, lon, lat, nodos, miembros, roles = fila
            comun = (id, version, None, None, None, None, etiquetas, False)
            if tipo == "n":
                yield Nodo(*comun, lon, lat)
            elif tipo == "w":
                yield Via(*comun, nodos)
            else:
                yield Relacion(*comun, miembros, roles)


def _sql(conexion: Conexion, nombre: str, aula: int) -> psycopg.Cursor[tuple[Any, ...]]:
    return conexion.cursor(row_factory=tuple_row).execute(SQL[nombre].encode(), {"aula": aula})
