"""Lecturas de un aula en el idioma del protocolo."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import class_row, tuple_row
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.osm.api06.escritura import Elemento
from geo.osm.api06.valores import ESCALA, NODO, RELACION, VIA
from tareas.comun import bd
from tareas.practica.api06.errores import Borrado, EntradaInvalida, NoExiste, NoHallado
from tareas.practica.api06.mundo import Conjunto
from tareas.practica.api06.reglas import NODOS_POR_MAPA, Caja, cierra

SQL = bd.cargar_sql(Path(__file__).parent)
_COLUMNAS = SQL["columnas"]
POCOS = 2000
"""Con más cosas que éstas cuesta menos recorrer el aula que buscarlas una por una en el índice."""


@dataclass(frozen=True, slots=True)
class FilaConjunto:
    """Un conjunto de cambios, con quien lo abrió."""

    id: int
    persona_id: int
    usuario: str
    abierto: datetime
    ultimo: datetime
    cerrado: datetime | None
    cambios: int
    oeste: int | None
    sur: int | None
    este: int | None
    norte: int | None
    etiquetas: dict[str, str]
    ahora: datetime

    @property
    def cerrado_desde(self) -> datetime | None:
        """Desde cuándo no admite cambios: porque lo cerraron o porque venció; ``None`` si está abierto."""
        if self.cerrado is not None:
            return self.cerrado
        vence = cierra(self.abierto, self.ultimo)
        return vence if vence <= self.ahora else None

    @property
    def caja(self) -> Caja | None:
        """Caja en grados de lo que se cambió."""
        if self.oeste is None or self.sur is None or self.este is None or self.norte is None:
            return None
        return Caja(self.oeste / ESCALA, self.sur / ESCALA, self.este / ESCALA, self.norte / ESCALA)

    def para_escribir(self) -> Conjunto:
        """Lo que hace falta para decidir si admite cambios."""
        return Conjunto(self.id, self.persona_id, self.cerrado_desde, self.cambios, self.ahora.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class FilaPersona:
    """Lo que de una persona se ve en un aula."""

    id: int
    usuario: str
    creada: datetime
    idioma: str
    conjuntos: int


@contextmanager
def foto() -> Iterator[psycopg.Connection[Any]]:
    """Una conexión en la que todas las lecturas ven el mismo instante."""
    with bd.transaccion() as sesion:
        sesion.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield conexion_de(sesion)


def conexion_de(sesion: Session) -> psycopg.Connection[Any]:
    """La conexión de psycopg de una sesión."""
    conexion = sesion.connection().connection.driver_connection
    assert isinstance(conexion, psycopg.Connection)
    return conexion


def _elementos(conexion: psycopg.Connection[Any], nombre: str, **parametros: Any) -> list[Elemento]:
    consulta = SQL[nombre].replace("{columnas}", _COLUMNAS).encode()
    # Todas las filas de una vez y en binario: con cincuenta mil, ir de una en una tarda el doble.
    with conexion.cursor(row_factory=tuple_row, binary=True) as cursor:
        return list(map(Elemento._make, cursor.execute(consulta, parametros).fetchall()))


# --- el mapa ---------------------------------------------------------------------------------------------------------


def mapa(conexion: psycopg.Connection[Any], aula: int, caja: Caja) -> list[Elemento]:
    """Los nodos de la caja, las vías que pasan por ellos con todos sus nodos, y las relaciones de todo eso.

    Raises
    ------
    EntradaInvalida
        Si hay más nodos de los que se dan de una vez.
    """
    limites = {borde: round(grados * ESCALA) for borde, grados in caja._asdict().items()}
    nodos = _elementos(conexion, "nodos_de_la_caja", aula=aula, maximo=NODOS_POR_MAPA + 1, **limites)
    if len(nodos) > NODOS_POR_MAPA:
        raise EntradaInvalida(
            f"You requested too many nodes (limit is {NODOS_POR_MAPA}). "
            "Either request a smaller area, or use planet.osm"
        )
    dentro = {x.id for x in nodos}
    if len(dentro) > POCOS:
        vias = _elementos(conexion, "vias_de_la_caja", aula=aula, **limites)
    else:
        vias = vias_de(conexion, aula, list(dentro))
    faltan = {n for via in vias for n in via.nodos or ()} - dentro
    nodos += [x for x in actuales(conexion, aula, NODO, faltan) if x.visible]
    nodos.sort(key=_id)
    relaciones = relaciones_de(conexion, aula, [f"n{x.id}" for x in nodos] + [f"w{x.id}" for x in vias])
    # Las relaciones de esas relaciones también, pero sólo un nivel.
    todas = {x.id: x for x in relaciones}
    for x in relaciones_de(conexion, aula, [f"r{x.id}" for x in relaciones]):
        todas.setdefault(x.id, x)
    return [*nodos, *vias, *(todas[id] for id in sorted(todas))]


def _id(elemento: Elemento) -> int:
    return elemento.id


def vias_de(conexion: psycopg.Connection[Any], aula: int, nodos: Sequence[int]) -> list[Elemento]:
    """Vías vivas que pasan por alguno de estos nodos."""
    return _elementos(conexion, "vias_de_nodos", aula=aula, ids=nodos) if nodos else []


def relaciones_de(conexion: psycopg.Connection[Any], aula: int, miembros: Sequence[str]) -> list[Elemento]:
    """Relaciones vivas que tienen alguno de estos miembros (``w123``)."""
    if len(miembros) > POCOS:
        # Relaciones hay pocas: se miran todas.
        buscados = set(miembros)
        return [x for x in _elementos(conexion, "relaciones", aula=aula) if not buscados.isdisjoint(x.miembros or ())]
    return _elementos(conexion, "relaciones_de", aula=aula, miembros=miembros) if miembros else []


# --- elementos -------------------------------------------------------------------------------------------------------


def actuales(conexion: psycopg.Connection[Any], aula: int, tipo: str, ids: Iterable[int]) -> list[Elemento]:
    """La última versión de cada uno de estos elementos, también de los borrados."""
    lista = sorted(set(ids))
    return _elementos(conexion, "actuales", aula=aula, tipo=tipo, ids=lista) if lista else []


def uno(conexion: psycopg.Connection[Any], aula: int, tipo: str, id: int) -> Elemento:
    """La última versión de un elemento que no está borrado.

    Raises
    ------
    NoExiste
    Borrado
    """
    hallado = actuales(conexion, aula, tipo, [id])
    if not hallado:
        raise NoExiste
    if not hallado[0].visible:
        raise Borrado
    return hallado[0]


def varios(
    conexion: psycopg.Connection[Any], aula: int, tipo: str, ids: Sequence[int], versiones: Sequence[tuple[int, int]]
) -> list[Elemento]:
    """Elementos y versiones sueltas, en el orden pedido y sin repetir.

    Raises
    ------
    NoExiste
        Si falta alguno.
    """
    de_ahora = {x.id: x for x in actuales(conexion, aula, tipo, ids)}
    de_antes = {
        (x.id, x.version): x
        for x in (
            _elementos(
                conexion,
                "versiones",
                aula=aula,
                tipo=tipo,
                ids=[id for id, _ in versiones],
                versiones=[min(max(v, -1), 2**31 - 1) for _, v in versiones],
            )
            if versiones
            else ()
        )
    }
    salida: dict[tuple[int, int], Elemento] = {}
    for pedido in [*(de_ahora.get(id) for id in ids), *(de_antes.get(par) for par in versiones)]:
        if pedido is None:
            raise NoExiste
        salida.setdefault((pedido.id, pedido.version), pedido)
    return list(salida.values())


def version(conexion: psycopg.Connection[Any], aula: int, tipo: str, id: int, numero: int) -> Elemento:
    """Una versión.

    Raises
    ------
    NoExiste
    """
    return varios(conexion, aula, tipo, [], [(id, numero)])[0]


def historia(conexion: psycopg.Connection[Any], aula: int, tipo: str, id: int) -> list[Elemento]:
    """Todas las versiones de un elemento.

    Raises
    ------
    NoHallado
    """
    versiones = _elementos(conexion, "historia", aula=aula, tipo=tipo, id=id)
    if not versiones:
        raise NoHallado
    return versiones


def completo(conexion: psycopg.Connection[Any], aula: int, tipo: str, id: int) -> list[Elemento]:
    """Una vía con sus nodos, o una relación con sus miembros y los nodos de sus vías.

    Raises
    ------
    NoExiste
    Borrado
    """
    elemento = uno(conexion, aula, tipo, id)
    nodos = set(elemento.nodos or ())
    vias: list[Elemento] = []
    relaciones: list[Elemento] = []
    if tipo == RELACION:
        de_tipo: dict[str, set[int]] = {NODO: nodos, VIA: set(), RELACION: set()}
        for miembro in elemento.miembros or ():
            de_tipo[miembro[0]].add(int(miembro[1:]))
        vias = [x for x in actuales(conexion, aula, VIA, de_tipo[VIA]) if x.visible]
        relaciones = [x for x in actuales(conexion, aula, RELACION, de_tipo[RELACION] - {id}) if x.visible]
        for via in vias:
            nodos.update(via.nodos or ())
    de_nodos = [x for x in actuales(conexion, aula, NODO, nodos) if x.visible]
    return [*de_nodos, *vias, *relaciones, elemento]


# --- conjuntos y personas --------------------------------------------------------------------------------------------


def conjunto(conexion: psycopg.Connection[Any], aula: int, id: int, *, para_escribir: bool = False) -> FilaConjunto:
    """Un conjunto de cambios.

    Parameters
    ----------
    para_escribir
        Aparta su fila hasta el fin de la transacción.

    Raises
    ------
    NoExiste
    """
    consulta = SQL["conjunto"] + (" FOR NO KEY UPDATE OF c" if para_escribir else "")
    with conexion.cursor(row_factory=class_row(FilaConjunto)) as cursor:
        fila = cursor.execute(consulta.encode(), {"aula": aula, "id": id}).fetchone()
    if fila is None:
        raise NoExiste
    return fila


@dataclass(slots=True)
class Filtro:
    """Qué conjuntos de cambios se piden; lo que vale ``None`` no filtra."""

    caja: Caja | None = None
    persona_id: int | None = None
    cerrado_desde: datetime | None = None
    abierto_hasta: datetime | None = None
    creado_desde: datetime | None = None
    creado_hasta: datetime | None = None
    abiertos: bool = False
    cerrados: bool = False
    ids: list[int] | None = None
    del_mas_viejo: bool = False
    limite: int = 100


# Un conjunto está cerrado cuando lo cerraron o cuando venció, lo que haya pasado antes.
_CIERRE = "coalesce(c.cerrado, least(c.ultimo + interval '1 hour', c.abierto + interval '24 hours'))"
_CONDICIONES = {
    "persona_id": "c.persona_id = %(persona_id)s",
    "cerrado_desde": f"{_CIERRE} >= %(cerrado_desde)s",
    "abierto_hasta": "c.abierto <= %(abierto_hasta)s",
    "creado_desde": "c.abierto >= %(creado_desde)s",
    "creado_hasta": "c.abierto <= %(creado_hasta)s",
    "ids": "c.id = ANY(%(ids)s::bigint[])",
}


def conjuntos(conexion: psycopg.Connection[Any], aula: int, filtro: Filtro) -> list[FilaConjunto]:
    """Conjuntos de cambios de un aula que cumplen el filtro."""
    parametros: dict[str, Any] = {"aula": aula, "limite": filtro.limite}
    condiciones = []
    for campo, condicion in _CONDICIONES.items():
        valor = getattr(filtro, campo)
        if valor is not None:
            condiciones.append(condicion)
            parametros[campo] = valor
    if filtro.caja is not None:
        condiciones.append("c.oeste < %(este)s AND c.este > %(oeste)s AND c.sur < %(norte)s AND c.norte > %(sur)s")
        parametros |= {k: int(v * ESCALA) for k, v in filtro.caja._asdict().items()}
    if filtro.abiertos:
        condiciones.append(f"{_CIERRE} >= ahora()")
    if filtro.cerrados:
        condiciones.append(f"{_CIERRE} < ahora()")
    consulta = (
        SQL["conjuntos"]
        .replace("{condiciones}", "".join(f" AND {c}" for c in condiciones))
        .replace("{orden}", "ASC" if filtro.del_mas_viejo else "DESC")
    )
    with conexion.cursor(row_factory=class_row(FilaConjunto)) as cursor:
        return cursor.execute(consulta.encode(), parametros).fetchall()


def del_conjunto(conexion: psycopg.Connection[Any], aula: int, id: int) -> list[Elemento]:
    """Todas las versiones que hizo un conjunto, en el orden en que se hicieron."""
    return _elementos(conexion, "del_conjunto", aula=aula, id=id)


def personas(conexion: psycopg.Connection[Any], aula: int, ids: Sequence[int], quien: int | None) -> list[FilaPersona]:
    """De estas personas, quienes han editado en el aula y quien pregunta; las demás no salen."""
    with conexion.cursor(row_factory=class_row(FilaPersona)) as cursor:
        return cursor.execute(SQL["personas"].encode(), {"aula": aula, "ids": list(ids), "quien": quien}).fetchall()


def persona_de_nombre(conexion: psycopg.Connection[Any], aula: int, usuario: str, quien: int | None) -> int:
    """Id de quien edita en el aula con ese nombre.

    Raises
    ------
    NoHallado
    """
    with conexion.cursor(row_factory=tuple_row) as cursor:
        fila = cursor.execute(
            SQL["persona_de_nombre"].encode(), {"aula": aula, "usuario": usuario, "quien": quien}
        ).fetchone()
    if fila is None:
        raise NoHallado
    return int(fila[0])
