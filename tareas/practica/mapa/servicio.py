"""Mantiene lo que se dibuja de un aula, en la misma transacción que lo guardado. Recibe la conexión; nunca confirma.

Las geometrías las arma `geo.osm.lectura`, la misma pieza que arma las de los datos de verdad: dibujado en un aula o en
OpenStreetMap, un objeto se ve igual.
"""

import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from geo.osm.archivo import Archivo
from geo.osm.escritura import escribir
from geo.osm.lectura import Lectura
from geo.osm.objetos import Nodo, Objeto, Relacion, Via
from tareas.practica.errores import AulaDesconocida
from tareas.practica.mapa.consultas import SQL

Conexion = psycopg.Connection[Any]
Clave = tuple[str, int]
POCOS = 2000
ESCALA = 10_000_000


def estrenar(conexion: Conexion, aula: int) -> None:
    """Arma el mapa entero de un aula que aún no lo tiene. Toma el turno del aula: nadie guarda mientras tanto.

    Raises
    ------
    AulaDesconocida
        Si se borró mientras tanto.
    """
    fila = conexion.cursor(row_factory=tuple_row).execute(SQL["turno"].encode(), {"aula": aula}).fetchone()
    if fila is None:
        raise AulaDesconocida
    if fila[0] is None:
        _armar(conexion, aula, None)
        conexion.execute(SQL["estrenar"].encode(), {"aula": aula})


def seguir(
    conexion: Conexion, aula: int, tocados: Collection[Clave], movidos: Collection[int], nuevos: Collection[Clave] = ()
) -> None:
    """Pone al día el mapa tras un guardado; si el aula aún no tiene mapa, no hace nada.

    Parameters
    ----------
    aula
        Quien llama tiene su turno.
    tocados
        Tipo e id de cada elemento creado, cambiado o borrado.
    movidos
        Nodos que ya estaban y cambiaron de lugar: las vías que pasan por ellos se arman de nuevo.
    nuevos
        De los tocados, los que no existían: nada que ya estuviera depende de ellos, y no hay que buscarlo.
    """
    if not tocados:
        return
    if conexion.execute(SQL["avanzar"].encode(), {"aula": aula}).fetchone() is None:
        return
    toca = set(tocados)
    if movidos:
        cual = "vias_de_nodos" if len(movidos) <= POCOS else "vias_de_muchos_nodos"
        toca |= {("w", id) for (id,) in _leer(conexion, SQL[cual], {"aula": aula, "nodos": list(movidos)})}
    _armar(conexion, aula, toca, frozenset(nuevos))


def _armar(conexion: Conexion, aula: int, toca: set[Clave] | None, nuevos: frozenset[Clave] = frozenset()) -> None:
    """Arma lo tocado y las áreas que dependen de ello; ``None`` es todo."""
    with tempfile.TemporaryDirectory(prefix="tequio-aula-") as carpeta:
        ruta = Path(carpeta) / "tocado.opl"
        _escribir(conexion, aula, toca, nuevos, ruta)
        if toca is None:
            conexion.execute(SQL["quitar_todo"].encode(), {"aula": aula})
        else:
            claves = sorted(toca - nuevos)
            ids = {"tipos": [t for t, _ in claves], "ids": [i for _, i in claves]}
            conexion.execute(SQL["quitar"].encode(), {"aula": aula, **ids})
        with conexion.cursor() as cursor, cursor.copy(SQL["poner"].encode()) as copia:
            for o in Lectura(Archivo(ruta.name, ruta, "opl")):
                if isinstance(o, Objeto) and o.zoom is not None and (toca is None or (o.tipo, o.crudo.id) in toca):
                    fila = (aula, o.tipo, o.crudo.id, o.clase, o.zoom, Jsonb(o.crudo.etiquetas), f"SRID=4326;{o.wkb}")
                    copia.write_row(fila)


def _escribir(conexion: Conexion, aula: int, toca: set[Clave] | None, nuevos: frozenset[Clave], ruta: Path) -> None:
    """Deja en un archivo OPL lo que hace falta para armar. Agrega a ``toca`` las áreas que dependen de lo tocado."""
    with ruta.open("wb") as salida:
        if toca is None:
            todo = {"aula": aula}
            _escribir_lugares(conexion, salida, "", todo)
            escribir(salida, _puntos(conexion, "", todo))
            escribir(salida, _vias(conexion, "", todo))
            escribir(salida, _areas(conexion, "", todo))
            return
        vias = {id for tipo, id in toca if tipo == "w"}
        pedido = {
            "aula": aula,
            "relaciones": [id for tipo, id in toca if tipo == "r"],
            "miembros": [f"w{id}" for id in vias if ("w", id) not in nuevos],
        }
        areas = list(_areas(conexion, SQL["areas_tocadas"], pedido))
        toca |= {("r", area.id) for area in areas}
        vias |= {int(m[1:]) for area in areas for m in area.miembros if m[0] == "w"}
        leidas = list(_vias(conexion, SQL["estas"], {"aula": aula, "ids": list(vias)}))
        nodos = {"aula": aula, "ids": list({n for via in leidas for n in via.nodos})}
        _escribir_lugares(conexion, salida, SQL["estas"], nodos)
        tocados = {"aula": aula, "ids": [id for tipo, id in toca if tipo == "n"]}
        escribir(salida, _puntos(conexion, SQL["estas"], tocados))
        escribir(salida, leidas)
        escribir(salida, areas)


def _escribir_lugares(conexion: Conexion, salida: Any, cuales: str, parametros: dict[str, Any]) -> None:
    """El lugar de cada nodo, primero: los que además llevan etiquetas se repiten enteros detrás."""
    orden = SQL["lugares"].format(cuales=cuales).encode()
    with conexion.cursor() as cursor, cursor.copy(orden, parametros) as copia:
        salida.writelines(copia)


def _puntos(conexion: Conexion, cuales: str, parametros: dict[str, Any]) -> Iterator[Nodo]:
    for id, etiquetas, lon, lat in _leer(conexion, SQL["puntos"].format(cuales=cuales), parametros):
        yield Nodo(id, 1, None, None, None, None, etiquetas, False, lon / ESCALA, lat / ESCALA)


def _vias(conexion: Conexion, cuales: str, parametros: dict[str, Any]) -> Iterator[Via]:
    for id, etiquetas, nodos in _leer(conexion, SQL["vias"].format(cuales=cuales), parametros):
        yield Via(id, 1, None, None, None, None, etiquetas or {}, False, nodos)


def _areas(conexion: Conexion, cuales: str, parametros: dict[str, Any]) -> Iterator[Relacion]:
    for id, etiquetas, miembros, roles in _leer(conexion, SQL["areas"].format(cuales=cuales), parametros):
        yield Relacion(id, 1, None, None, None, None, etiquetas, False, miembros, roles)


def _leer(conexion: Conexion, consulta: str, parametros: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with conexion.cursor(row_factory=tuple_row) as cursor:
        yield from cursor.stream(consulta.encode(), parametros)
