"""Lecturas de proyectos. Quién ve qué se decide aquí, en `condicion_visible`, y en ningún otro lugar."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql, filas
from tareas.comun.permisos import ANONIMO, GESTIONAN, TODOS, VEN_BORRADORES, Actor
from tareas.cuentas.consultas import SQL as SQL_CUENTAS
from tareas.cuentas.consultas import actor_de_fila, huella
from tareas.cuentas.osm.servidores import PRACTICA
from tareas.datos_osm.consultas import version_datos
from tareas.proyectos.errores import OtraDivision, ProyectoNoEncontrado
from tareas.proyectos.recuerdo import base_de, exacto_por_proyecto, recordado, recordar
from tareas.proyectos.reglas import ESTADOS_DE_TAREA, TAREAS_MAXIMAS

Caja = tuple[float, float, float, float]
"""Oeste, sur, este, norte, en grados (EPSG:4326)."""

Orden = Literal["recientes", "nombre", "prioridad", "tareas", "avance"]
ORDENES: tuple[str, ...] = get_args(Orden)
POR_PAGINA = 20
LOTE_DE_TAREAS = 1000
"""Cuántas tareas se leen de una vez para mandarlas."""

_SQL = cargar_sql(Path(__file__).parent)

_REGLA = """(
        (p.estado <> 'borrador' AND (p.visibilidad = 'publica' OR {ve_todo} OR p.municipio_id = ANY({ve_municipios})))
        OR {ve_todo_borrador} OR p.municipio_id = ANY({ve_borradores}))"""
"""Quién ve un proyecto ``p``, en SQL y con huecos para los papeles de quien pregunta.

Un borrador lo ve quien ve borradores en su municipio; uno privado, quien tiene allí algún papel; los demás, todos.
"""

_SUS_PAPELES = "SELECT x.municipio_id FROM papel x WHERE x.persona_id = a.id"
_SUS_BORRADORES = f"{_SUS_PAPELES} AND x.papel = ANY(:ven_borradores)"

VISIBLE = _REGLA.format(
    ve_todo=":ve_todo",
    ve_municipios=":ve_municipios",
    ve_todo_borrador=":ve_todo_borrador",
    ve_borradores=":ve_borradores",
)
"""Condición SQL sobre ``proyecto p``: lo que el actor puede ver. Sus parámetros los da `parametros_visible`."""

_VISIBLE_PARA_A = _REGLA.format(
    ve_todo=f"EXISTS ({_SUS_PAPELES} AND x.municipio_id IS NULL)",
    ve_municipios=_SUS_PAPELES,
    ve_todo_borrador=f"EXISTS ({_SUS_BORRADORES} AND x.municipio_id IS NULL)",
    ve_borradores=_SUS_BORRADORES,
)
"""La misma regla para la persona ``a`` de la consulta, con sus papeles leídos ahí mismo."""

_ORDEN_SQL: dict[str, str] = {
    "recientes": "p.publicado DESC NULLS FIRST, p.id DESC",
    "nombre": 'p.nombre COLLATE "es-x-icu", p.id',
    "prioridad": "p.prioridad DESC, p.publicado DESC NULLS LAST, p.id DESC",
    "tareas": "p.tareas_total - p.divididas DESC, p.id",
    "avance": """(SELECT count(*) FILTER (WHERE t.estado IN (1, 2, 4))::float8 / greatest(count(*), 1)
                    FROM tarea t WHERE t.proyecto_id = p.id AND t.estado <> 5) DESC, p.id""",
}


class ProyectoVisible(NamedTuple):
    """Lo que casi toda ruta necesita saber de un proyecto; sin textos largos ni geometría.

    ``tareas_total`` son las vivas; ``numeros``, el número de la última: con las divididas, mide los arreglos de bytes.
    """

    id: int
    municipio_id: int
    nombre: str
    estado: str
    visibilidad: str
    version: int
    prioridad: int
    minutos_bloqueo: int
    tareas_total: int
    numeros: int
    area_m2: float
    caja: list[float]
    creado: datetime
    creado_por: int | None
    servidor_osm: str
    aula_id: int | None

    @property
    def para_cualquiera(self) -> bool:
        """``True`` si lo ve cualquiera, sin cuenta."""
        return self.estado != "borrador" and self.visibilidad == "publica"


class Filtro(NamedTuple):
    """Qué proyectos se piden; ``None`` no filtra."""

    texto: str | None = None
    municipio: int | None = None
    estado: str | None = None
    caja: Caja | None = None
    orden: Orden = "recientes"
    pagina: int = 1
    por_pagina: int = POR_PAGINA


@cache
def _consulta(nombre: str, orden: str = "recientes") -> TextClause:
    sql = (
        _SQL[nombre]
        .replace("{filtro}", _SQL["filtro"])
        .replace("{visible}", VISIBLE)
        .replace("{orden}", _ORDEN_SQL[orden])
    )
    return text(sql)


_ACTOR_Y_PROYECTO = text(
    _SQL["actor_y_proyecto"].replace("{actor}", str(SQL_CUENTAS["actor"])).replace("{visible}", _VISIBLE_PARA_A)
)


def parametros_visible(actor: Actor) -> dict[str, Any]:
    """Parámetros de `VISIBLE` para un actor."""
    ve, borradores = actor.municipios_con(TODOS), actor.municipios_con(VEN_BORRADORES)
    return {
        "ve_todo": None in ve,
        "ve_municipios": [m for m in ve if m is not None],
        "ve_todo_borrador": None in borradores,
        "ve_borradores": [m for m in borradores if m is not None],
    }


def visible(sesion: Session, actor: Actor, proyecto_id: int) -> ProyectoVisible:
    """El proyecto, si el actor lo puede ver.

    Raises
    ------
    ProyectoNoEncontrado
        Si no existe o no lo puede ver: desde fuera no se distinguen.
    """
    fila = sesion.execute(_consulta("visible"), {"id": proyecto_id, **parametros_visible(actor)}).one_or_none()
    if fila is None:
        raise ProyectoNoEncontrado
    return ProyectoVisible(*fila)


def actor_y_proyecto(sesion: Session, ficha: str, proyecto_id: int) -> tuple[Actor, ProyectoVisible | None]:
    """Quién trae esa ficha de entrada y, si lo puede ver, el proyecto: `actor_de_ficha` y `visible` en un solo viaje.

    Quien no trae una ficha que valga es `ANONIMO`, y entonces el proyecto es ``None`` aunque cualquiera lo vea.
    """
    parametros = {"huella": huella(ficha), "id": proyecto_id, "ven_borradores": [p.value for p in VEN_BORRADORES]}
    encontradas = filas(sesion, _ACTOR_Y_PROYECTO, parametros)
    if not encontradas:
        return ANONIMO, None
    fila = encontradas[0]
    proyecto = ProyectoVisible(*fila[-len(ProyectoVisible._fields) :]) if fila.proyecto is not None else None
    return actor_de_fila(fila), proyecto


def ficha(sesion: Session, actor: Actor, proyecto_id: int) -> Row[Any]:
    """Todo lo que se dice de un proyecto, con su municipio, si el actor lo puede ver.

    Raises
    ------
    ProyectoNoEncontrado
    """
    fila = sesion.execute(_consulta("ficha"), {"id": proyecto_id, **parametros_visible(actor)}).one_or_none()
    if fila is None:
        raise ProyectoNoEncontrado
    return fila


def texto_guardado(sesion: Session, actor: Actor, proyecto_id: int, armar: Callable[[], bytes]) -> bytes:
    """Lo que ``armar`` escriba de un proyecto visible, guardado mientras ni él ni su historial cambien.

    ``armar`` sólo puede depender del proyecto, de su municipio y de sus contadores; nunca de quien pregunta.

    Raises
    ------
    ProyectoNoEncontrado
    """
    clave = (base_de(sesion), "texto", proyecto_id)
    guardado = recordado(clave)
    desde = guardado[1] if guardado is not None else 0
    parametros = {"id": proyecto_id, "desde": desde, **parametros_visible(actor)}
    fila = sesion.execute(_consulta("marca"), parametros).one_or_none()
    if fila is None:
        raise ProyectoNoEncontrado
    if guardado is not None and fila.igual and guardado[0] == fila.marca:
        texto: bytes = guardado[2]
        return texto
    nuevo = armar()
    recordar(clave, (fila.marca, fila.fotografia, nuevo))
    return nuevo


def listar(sesion: Session, actor: Actor, filtro: Filtro) -> tuple[Sequence[Row[Any]], int]:
    """Una página de proyectos que el actor puede ver, y cuántos hay en total."""
    oeste, sur, este, norte = filtro.caja or (None, None, None, None)
    parametros = {
        **parametros_visible(actor),
        "municipio": filtro.municipio,
        "estado": filtro.estado,
        "texto": filtro.texto or None,
        **{"oeste": oeste, "sur": sur, "este": este, "norte": norte},
    }
    total: int = sesion.execute(_consulta("contar"), parametros).scalar_one()
    pagina = {"limite": filtro.por_pagina, "salto": (filtro.pagina - 1) * filtro.por_pagina}
    return sesion.execute(_consulta("listar", filtro.orden), {**parametros, **pagina}).all(), total


def municipios_con_proyectos(sesion: Session, actor: Actor) -> list[tuple[str, str]]:
    """Clave y nombre de los municipios con algún proyecto que el actor puede ver, por nombre."""
    return [(c, n) for c, n in sesion.execute(_consulta("municipios_con_proyectos"), parametros_visible(actor))]


def proyectos_por_municipio(sesion: Session, actor: Actor, municipio_ids: Sequence[int]) -> dict[int, int]:
    """Cuántos proyectos que el actor puede ver hay en cada municipio; los que no tienen, no salen."""
    parametros = {"ids": list(municipio_ids), **parametros_visible(actor)}
    return {fila[0]: fila[1] for fila in sesion.execute(_consulta("proyectos_por_municipio"), parametros)}


def gestionados(sesion: Session, actor: Actor, limite: int = 200) -> Sequence[Row[Any]]:
    """Proyectos de los municipios que el actor gestiona: borradores, abiertos y archivados."""
    suyos = actor.municipios_con(GESTIONAN)
    parametros = {"todos": None in suyos, "ids": [m for m in suyos if m is not None], "limite": limite}
    return sesion.execute(_consulta("gestionados"), parametros).all()


def aulas_de(sesion: Session, municipio_ids: Sequence[int] | None) -> Sequence[Row[Any]]:
    """Aulas ``(id, municipio_id, nombre, estado)`` de esos municipios, por nombre; ``None`` es de todos."""
    parametros = {"todos": municipio_ids is None, "ids": list(municipio_ids or [])}
    return sesion.execute(_consulta("aulas"), parametros).all()


def plantilla_base(sesion: Session, proyecto: Any = None) -> str | None:
    """Dirección de las teselas del mapa base con los datos de hoy; ``None`` si no hay datos de OSM.

    Parameters
    ----------
    proyecto : optional
        Fila con ``servidor_osm`` y ``aula_id``. El mapa de un proyecto de práctica es el de su aula, nunca el de
        verdad: si el aula se borró, ``None``.
    """
    if proyecto is not None and proyecto.servidor_osm == PRACTICA:
        return f"/teselas/aulas/{proyecto.aula_id}/{{z}}/{{x}}/{{y}}.mvt" if proyecto.aula_id else None
    version = version_datos(sesion)
    return f"/teselas/base/{version}/{{z}}/{{x}}/{{y}}.mvt" if version else None


def conteos(sesion: Session, proyecto_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Tareas por estado de cada proyecto: ``{proyecto: {estado: cuántas}}``, con todos los estados aunque sean cero."""

    def contar(ids: Sequence[int]) -> dict[int, dict[str, int]]:
        cuentas = {p: dict.fromkeys(ESTADOS_DE_TAREA, 0) for p in ids}
        for proyecto_id, estado, cuantas in sesion.execute(_consulta("conteos"), {"ids": list(ids)}):
            cuentas[proyecto_id][ESTADOS_DE_TAREA[estado]] = cuantas
        return cuentas

    return exacto_por_proyecto(sesion, ("conteos",), proyecto_ids, contar)


def area_geojson(sesion: Session, proyecto_id: int, tolerancia: float = 0.0) -> str:
    """Área del proyecto como texto GeoJSON; ``tolerancia`` en grados la simplifica para dibujarla."""
    parametros = {"id": proyecto_id, "tolerancia": tolerancia}
    area: str = sesion.execute(_consulta("area_geojson"), parametros).scalar_one()
    return area


def area_wkb(sesion: Session, proyecto_id: int) -> bytes:
    """Área del proyecto, WKB en EPSG:4326, vértice por vértice."""
    return bytes(sesion.execute(_consulta("area_wkb"), {"id": proyecto_id}).scalar_one())


def es_todo_el_municipio(sesion: Session, proyecto_id: int) -> bool:
    """``True`` si el área es, vértice por vértice, el límite que hoy tiene su municipio."""
    return bool(sesion.execute(_consulta("es_todo_el_municipio"), {"id": proyecto_id}).scalar_one())


class LoteDeTareas(NamedTuple):
    """Unas cuantas tareas seguidas, como texto de ``Feature`` GeoJSON, y el número de cada una."""

    numeros: list[int]
    rasgos: list[str]


def tareas_geojson(
    abrir: Callable[[], AbstractContextManager[Session]],
    proyecto: ProyectoVisible,
    persona_id: int | None,
    *,
    caja: Caja | None = None,
    desde: int = 1,
    limite: int | None = None,
) -> Iterator[LoteDeTareas]:
    """Tareas en orden de número, por lotes: en memoria nunca hay más que uno.

    Cada lote es una consulta que toma una conexión y la devuelve: quien descarga despacio, o se va a la mitad, no deja
    ninguna ocupada ni una transacción abierta.

    Parameters
    ----------
    abrir : callable
        Da una sesión de lectura propia para cada lote.
    caja : tuple, optional
        Sólo las que la tocan.
    desde : int
        Primer número.
    limite : int, optional
        Cuántas a lo más.

    Raises
    ------
    OtraDivision
        El proyecto se dividió de nuevo mientras se leía: lo que falta ya sería de otra división.
    """
    base: dict[str, Any] = {
        "id": proyecto.id,
        "persona": persona_id,
        "palabras": list(ESTADOS_DE_TAREA),
        "version": proyecto.version,
    }
    quedan = TAREAS_MAXIMAS if limite is None else limite
    numeros: list[int] | None = None
    if caja is not None:
        marco = dict(zip(("oeste", "sur", "este", "norte"), caja, strict=True))
        with abrir() as sesion:
            numeros = sesion.execute(
                _consulta("numeros_en_caja"), {"id": proyecto.id, "desde": desde, "limite": quedan, **marco}
            ).scalar_one()
    while quedan > 0:
        cuantas = min(LOTE_DE_TAREAS, quedan)
        if numeros is None:
            cuales, parametros = "cuales_siguen", {**base, "desde": desde, "lote": cuantas}
        else:
            cuales, parametros = "cuales_estas", {**base, "numeros": numeros[:cuantas]}
            numeros = numeros[cuantas:]
        with abrir() as sesion:
            filas = sesion.execute(_tareas_geojson(cuales), parametros).all()
            if len(filas) < cuantas and sesion.execute(_consulta("version"), base).scalar() != proyecto.version:
                raise OtraDivision
        if filas:
            yield LoteDeTareas([f.numero for f in filas], [f.rasgo for f in filas])
        if len(filas) < cuantas or numeros == []:
            return
        desde = filas[-1].numero + 1
        quedan -= cuantas


@cache
def _tareas_geojson(cuales: str) -> TextClause:
    return text(_SQL["tareas_geojson"].replace("{cuales}", _SQL[cuales]))


def prioridades(sesion: Session, proyecto_id: int) -> list[tuple[int, int, int]]:
    """Tramos ``(prioridad, desde, hasta)`` de las tareas cuya prioridad no es la normal, de la mayor a la menor."""
    return [(f.prioridad, f.desde, f.hasta) for f in sesion.execute(_consulta("prioridades"), {"id": proyecto_id})]


def cambios_de_prioridad(sesion: Session, proyecto_id: int, cuantos: int = 50, nombradas: int = 200) -> list[Row[Any]]:
    """Quién cambió la prioridad de qué tareas, lo último primero.

    De cada cambio van los primeros números, hasta ``nombradas``; ``tareas`` dice cuántos son.
    """
    pedido = {"id": proyecto_id, "cuantos": cuantos, "nombradas": nombradas}
    return list(sesion.execute(_consulta("cambios_de_prioridad"), pedido))


def numeros_con_centro_en(sesion: Session, proyecto_id: int, area_wkb: bytes) -> list[int]:
    """Números de las tareas cuyo centro (un punto de dentro) cae en un área, WKB en EPSG:4326."""
    numeros: list[int] = sesion.execute(
        _consulta("numeros_con_centro_en"), {"id": proyecto_id, "area": area_wkb}
    ).scalar_one()
    return numeros


def numeros_que_no_hay(sesion: Session, proyecto_id: int, numeros: Sequence[int], limite: int) -> list[int]:
    """Los que no son de ninguna tarea del proyecto, a lo más ``limite``."""
    parametros = {"id": proyecto_id, "numeros": list(numeros), "limite": limite}
    return list(sesion.execute(_consulta("numeros_que_no_hay"), parametros).scalars())


def tesela_tareas(sesion: Session, proyecto_id: int, z: int, x: int, y: int, margen: float) -> bytes:
    """Capa ``tareas`` de una tesela; ``margen`` en metros de EPSG:3857."""
    return _tesela(sesion, "tesela_tareas", {"id": proyecto_id, "z": z, "x": x, "y": y, "margen": margen})


def bloques(sesion: Session, proyecto_id: int, niveles: int) -> Sequence[Row[Any]]:
    """Bloques de ``4 ** niveles`` tareas: ``(desde, hasta, oeste, sur, este, norte, mas)``, números y caja en grados.

    ``mas`` son los tramos de las tareas del bloque que salieron de partir o juntar, ``"81-84,90-90"``; o ``None``.
    """
    return sesion.execute(_consulta("bloques"), {"id": proyecto_id, "niveles": niveles}).all()


def tesela_bloques(sesion: Session, z: int, x: int, y: int, columnas: dict[str, list[Any]]) -> bytes:
    """Capa ``bloques`` de una tesela con los bloques dados, por columnas, con los nombres de `bloques`."""
    return _tesela(sesion, "tesela_bloques", {"z": z, "x": x, "y": y, **columnas})


def _tesela(sesion: Session, nombre: str, parametros: dict[str, Any]) -> bytes:
    contenido = sesion.execute(_consulta(nombre), parametros).scalar()
    return bytes(contenido or b"")
