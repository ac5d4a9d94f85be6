"""Escrituras de proyectos: crear, editar, cambiar el área de un borrador, publicar, archivar, restaurar, borrar."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count, repeat
from typing import Any

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.osm.cifras import Cifras
from geo.tipos import Aviso, Division
from tareas.comun.copia import copiar
from tareas.comun.permisos import GESTIONAN, Actor
from tareas.cuentas.osm.servidores import PRACTICA
from tareas.datos_osm.consultas import version_datos
from tareas.municipios.consultas import Municipio
from tareas.municipios.consultas import elegir as elegir_municipio
from tareas.municipios.consultas import por_id as municipio_por_id
from tareas.proyectos import areas, consultas, presencia
from tareas.proyectos.areas import AreaDeEstudio
from tareas.proyectos.consultas import ProyectoVisible
from tareas.proyectos.division import partir, sin_geometria
from tareas.proyectos.errores import (
    AreaFija,
    EstadoNoCorresponde,
    FaltaAula,
    NingunaTareaDentro,
    NoEsBorrador,
    NoGestiona,
    OtraDivision,
    TareasConHistoria,
    TareasQueNoHay,
)
from tareas.proyectos.reglas import ARCHIVABLE, PRIORIDADES, PUBLICABLE, RESTAURABLE, Estado

_CREAR = text("""
    INSERT INTO proyecto (municipio_id, nombre, descripcion, instrucciones, visibilidad, area, area_m2, division,
                          prioridad, imagenes, comentario_conjunto, etiquetas_conjunto, minutos_bloqueo,
                          servidor_osm, aula_id, editores, editores_ocultos, presets, desplazamiento,
                          tareas_total, creado_por, version_osm)
    VALUES (:municipio_id, :nombre, :descripcion, :instrucciones, :visibilidad, ST_GeomFromWKB(:area, 4326), :area_m2,
            CAST(:division AS jsonb), :prioridad, CAST(:imagenes AS jsonb), :comentario_conjunto, :etiquetas_conjunto,
            :minutos_bloqueo, :servidor_osm, :aula, CAST(:editores AS jsonb), :editores_ocultos, :presets,
            CAST(:desplazamiento AS float8[]), :tareas_total, :creado_por, :version_osm)
    RETURNING id
""")
_TURNO = text("SELECT estado FROM proyecto WHERE id = :id FOR NO KEY UPDATE")
_PASAR = text("""
    UPDATE proyecto
       SET estado = :a,
           publicado = CASE WHEN :a = 'publicado' THEN coalesce(publicado, ahora()) ELSE publicado END,
           archivado = CASE WHEN :a = 'archivado' THEN ahora() END
     WHERE id = :id
""")
_CAMBIAR_AREA = text("""
    UPDATE proyecto
       SET municipio_id = :municipio_id, area = ST_GeomFromWKB(:area, 4326), area_m2 = :area_m2,
           division = CAST(:division AS jsonb), tareas_total = :tareas_total, version_osm = :version_osm,
           version = version + 1, dividido = ahora()
     WHERE id = :id AND version = :version
    RETURNING version
""")
_QUITAR_TAREAS = text("DELETE FROM tarea WHERE proyecto_id = :id")
_CON_HISTORIA = text("SELECT EXISTS (SELECT FROM historial WHERE proyecto_id = :id)")
_COLUMNAS_DE_TAREA = ("proyecto_id", "numero", "municipio_id", "celda", "geom", "area_m2")
_COLUMNAS_DE_CIFRAS = ("edificios_al_publicar", "metros_vias_al_publicar")
_EN_JSON = frozenset({"imagenes", "editores"})
_COLUMNA = {"aula": "aula_id"}


_VERSION_QUIETA = text("SELECT version FROM proyecto WHERE id = :id FOR SHARE")
# Quien no halla una tarea libre espera este candado antes de rendirse (mapeo: esperar_prioridades).
_CANDADO_DE_PRIORIDADES = text("SELECT pg_advisory_xact_lock(hashtextextended('prioridades ' || :id, 0))")
# Los turnos se piden en orden de número, como al tomar varias tareas: quienes coinciden se esperan y no se traban.
_TURNOS = text("""
    SELECT numero FROM tarea
     WHERE proyecto_id = :id AND numero = ANY(CAST(:numeros AS integer[]))
     ORDER BY numero FOR NO KEY UPDATE
""")
# Lo que cambia y quién lo cambió se escriben juntos; si nada cambia, no hay qué anotar.
_PONER_PRIORIDAD = text("""
    WITH cambiadas AS (
        UPDATE tarea SET prioridad = :prioridad
         WHERE proyecto_id = :id AND numero = ANY(CAST(:numeros AS integer[])) AND prioridad <> :prioridad
        RETURNING numero
    ), anotado AS (
        INSERT INTO cambio_prioridad (proyecto_id, version, persona_id, prioridad, numeros)
        SELECT :id, :version, :persona, :prioridad, array_agg(numero ORDER BY numero) FROM cambiadas HAVING count(*) > 0
    )
    SELECT count(*) FROM cambiadas
""")
NUMEROS_QUE_SE_NOMBRAN = 10


@dataclass(frozen=True, slots=True)
class Priorizadas:
    """Cuántas tareas se eligieron, a cuántas les cambió la prioridad, y lo que se entendió del área."""

    tareas: int
    cambiadas: int
    avisos: tuple[Aviso, ...]


@dataclass(frozen=True, slots=True)
class Creado:
    """Un proyecto recién creado."""

    id: int
    tareas: int
    avisos: tuple[Aviso, ...]


def exigir_gestion_de(sesion: Session, actor: Actor, proyecto: ProyectoVisible) -> None:
    """Deja pasar a quien gestiona el municipio del proyecto.

    Raises
    ------
    NoGestiona
    """
    if not actor.tiene(GESTIONAN, proyecto.municipio_id):
        raise NoGestiona(municipio=municipio_por_id(sesion, proyecto.municipio_id).nombre)


def area_pedida(sesion: Session, pedido: dict[str, Any]) -> tuple[Municipio, AreaDeEstudio]:
    """Municipio y área de un pedido de proyecto o de vista previa.

    Raises
    ------
    MunicipioDesconocido, AreaLejos, geo.formatos.errores.ErrorLectura
    """
    municipio = elegir_municipio(sesion, pedido["municipio"])
    if pedido.get("area") is None:
        return municipio, areas.de_municipio(sesion, municipio)
    return municipio, areas.de_geojson(sesion, municipio, pedido["area"], reparar=pedido.get("reparar", False))


def crear(
    sesion: Session,
    actor: Actor,
    pedido: dict[str, Any],
    division: dict[str, Any],
    area: AreaDeEstudio | None = None,
) -> Creado:
    """Crea un proyecto en borrador, con sus tareas.

    Parameters
    ----------
    pedido : dict
        Campos de `tareas.proyectos.formularios.NuevoProyecto`.
    division : dict
        La de `AreaYDivision.division_pedida`.
    area : AreaDeEstudio, optional
        La ya leída de un archivo; sin ella, la de ``pedido``.

    Raises
    ------
    NoGestiona, MunicipioDesconocido, AreaLejos, FaltaAula, AulaAjena, geo.errores.ErrorGeo
        Nada queda escrito.
    """
    municipio = elegir_municipio(sesion, pedido["municipio"])
    if not actor.tiene(GESTIONAN, municipio.id):
        raise NoGestiona(municipio=municipio.nombre)
    if pedido["servidor_osm"] == PRACTICA and pedido["aula"] is None:
        raise FaltaAula
    if area is None:
        municipio, area = area_pedida(sesion, pedido)
    partes = partir(area.geometria, division)
    proyecto_id = _insertar(sesion, actor, municipio, area, pedido, division, len(partes))
    _copiar_tareas(sesion, proyecto_id, municipio.id, partes, presencia.contar(sesion, partes.geometrias))
    return Creado(proyecto_id, len(partes), (*area.avisos, *partes.avisos))


def _insertar(
    sesion: Session,
    actor: Actor,
    municipio: Municipio,
    area: AreaDeEstudio,
    pedido: dict[str, Any],
    division: dict[str, Any],
    tareas: int,
) -> int:
    campos = (
        "nombre",
        "descripcion",
        "instrucciones",
        "visibilidad",
        "prioridad",
        "comentario_conjunto",
        "etiquetas_conjunto",
        "minutos_bloqueo",
        "servidor_osm",
        "aula",
        "editores_ocultos",
        "presets",
        "desplazamiento",
    )
    nuevo: int = sesion.execute(
        _CREAR,
        {
            **{campo: pedido[campo] for campo in campos},
            **{campo: json.dumps(pedido[campo], ensure_ascii=False) for campo in _EN_JSON},
            "division": json.dumps(sin_geometria(division)),
            "municipio_id": municipio.id,
            "area": shapely.to_wkb(area.geometria),
            "area_m2": area.area_m2,
            "tareas_total": tareas,
            "creado_por": actor.id,
            "version_osm": version_datos(sesion),
        },
    ).scalar_one()
    return nuevo


def _copiar_tareas(sesion: Session, proyecto_id: int, municipio_id: int, partes: Division, hay: Cifras | None) -> None:
    geometrias = shapely.to_wkb(shapely.set_srid(partes.geometrias, 4326), hex=True, include_srid=True)
    columnas: list[Iterable[Any]] = [
        repeat(proyecto_id),
        count(1),
        repeat(municipio_id),
        partes.celdas.tolist(),
        geometrias.tolist(),
        partes.areas_m2.tolist(),
    ]
    nombres: tuple[str, ...] = _COLUMNAS_DE_TAREA
    if hay is not None:
        columnas += [hay.edificios.tolist(), hay.metros_vias.tolist()]
        nombres += _COLUMNAS_DE_CIFRAS
    # Las columnas sin fin (repeat, count) acaban con las demás.
    copiar(sesion, "tarea", nombres, zip(*columnas, strict=False))


def area_de_borrador(
    sesion: Session, actor: Actor, proyecto: ProyectoVisible, pedido: dict[str, Any]
) -> tuple[Municipio, AreaDeEstudio]:
    """Municipio y área que tendría un borrador: lo pedido, y lo que ya tiene si no se pide otra cosa.

    Parameters
    ----------
    pedido : dict
        ``municipio``, ``area`` y ``reparar`` de `tareas.proyectos.formularios.CambioDeArea`. Sin ``municipio`` ni
        ``area`` se conserva el área; con ``municipio`` y sin ``area``, es el municipio entero.

    Raises
    ------
    NoGestiona, MunicipioDesconocido, AreaLejos, geo.formatos.errores.ErrorLectura
    """
    if pedido.get("municipio") is None:
        municipio = municipio_por_id(sesion, proyecto.municipio_id)
        if pedido.get("area") is None:
            return municipio, areas.de_proyecto(sesion, proyecto.id, proyecto.area_m2)
        return municipio, areas.de_geojson(sesion, municipio, pedido["area"], reparar=pedido.get("reparar", False))
    municipio, area = area_pedida(sesion, pedido)
    if not actor.tiene(GESTIONAN, municipio.id):
        raise NoGestiona(municipio=municipio.nombre)
    return municipio, area


def cambiar_area(
    sesion: Session,
    actor: Actor,
    proyecto: ProyectoVisible,
    pedido: dict[str, Any],
    division: dict[str, Any],
    version: int | None = None,
) -> Creado:
    """Cambia el área o la división de un borrador y hace de nuevo sus tareas; todo lo demás se conserva.

    Quien publica al mismo tiempo espera su turno, o hace esperar: se publica la división vieja o la nueva, enteras.

    Parameters
    ----------
    pedido : dict
        El de `area_de_borrador`.
    division : dict
        La de `AreaYDivision.division_pedida`.
    version : int, optional
        La del proyecto que vio quien pide; sin ella, la de ``proyecto``.

    Raises
    ------
    AreaFija
        Ya no es borrador.
    OtraDivision
        Alguien cambió el área desde esa versión.
    TareasConHistoria, NoGestiona, MunicipioDesconocido, AreaLejos, geo.errores.ErrorGeo
        Nada cambia.
    """
    if proyecto.estado != Estado.BORRADOR:
        raise AreaFija
    municipio, area = area_de_borrador(sesion, actor, proyecto, pedido)
    partes = partir(area.geometria, division)
    hay = presencia.contar(sesion, partes.geometrias)
    cambiado = sesion.execute(
        _CAMBIAR_AREA,
        {
            "id": proyecto.id,
            "version": proyecto.version if version is None else version,
            "division": json.dumps(sin_geometria(division)),
            "municipio_id": municipio.id,
            "area": shapely.to_wkb(area.geometria),
            "area_m2": area.area_m2,
            "tareas_total": len(partes),
            "version_osm": version_datos(sesion),
        },
    ).one_or_none()
    if cambiado is None:
        raise OtraDivision
    _exigir_sin_historia(sesion, proyecto.id)
    sesion.execute(_QUITAR_TAREAS, {"id": proyecto.id})
    _copiar_tareas(sesion, proyecto.id, municipio.id, partes, hay)
    return Creado(proyecto.id, len(partes), (*area.avisos, *partes.avisos))


def _exigir_sin_historia(sesion: Session, proyecto_id: int) -> None:
    """El historial no se borra: si alguien ya escribió en estas tareas, no se pueden quitar.

    Detrás está ``historial_tarea_existe``; esto sólo lo dice con sus palabras.
    """
    if sesion.execute(_CON_HISTORIA, {"id": proyecto_id}).scalar_one():
        raise TareasConHistoria


def editar(sesion: Session, proyecto: ProyectoVisible, cambios: dict[str, Any]) -> None:
    """Cambia textos, imágenes, visibilidad, minutos, prioridad o dónde y con qué se edita. El área y las tareas no.

    Parameters
    ----------
    cambios : dict
        Campo -> valor; sólo los que cambian.

    Raises
    ------
    FaltaAula, AulaAjena
    """
    if not cambios:
        return
    cambios = {**cambios, **_aula_que_queda(proyecto, cambios)}
    partes = [
        f"{_COLUMNA.get(campo, campo)} = " + (f"CAST(:{campo} AS jsonb)" if campo in _EN_JSON else f":{campo}")
        for campo in cambios
    ]
    if cambios.get("visibilidad", proyecto.visibilidad) != proyecto.visibilidad:
        # Las teselas guardadas con la versión anterior se pidieron con otro permiso.
        partes.append("version = version + 1")
    valores = {
        campo: json.dumps(valor, ensure_ascii=False) if campo in _EN_JSON else valor for campo, valor in cambios.items()
    }
    # Los nombres son columnas del modelo, que el formulario ya limitó; los valores van como parámetros.
    orden = f"UPDATE proyecto SET {', '.join(partes)} WHERE id = :id"  # nosec B608
    sesion.execute(text(orden), {**valores, "id": proyecto.id})


def _aula_que_queda(proyecto: ProyectoVisible, cambios: dict[str, Any]) -> dict[str, Any]:
    """Quien deja de practicar se queda sin aula; quien practica, la necesita."""
    if not {"servidor_osm", "aula"} & cambios.keys():
        return {}
    if cambios.get("servidor_osm", proyecto.servidor_osm) != PRACTICA:
        return {"aula": None}
    aula = cambios.get("aula", proyecto.aula_id)
    if aula is None:
        raise FaltaAula
    return {"aula": aula}


def poner_prioridad(
    sesion: Session,
    proyecto: ProyectoVisible,
    prioridad: str,
    *,
    persona_id: int,
    numeros: Sequence[int] | None = None,
    area: dict[str, Any] | None = None,
    version: int | None = None,
) -> Priorizadas:
    """Pone prioridad a tareas, por número o por área, y anota quién. Repetirlo no cambia nada.

    Parameters
    ----------
    prioridad : str
        Una de `tareas.proyectos.reglas.PRIORIDADES`.
    persona_id : int
        Quién la pone.
    numeros : sequence of int, optional
        Todas deben existir, o no se cambia ninguna.
    area : dict, optional
        GeoJSON, EPSG:4326: las tareas cuyo centro queda dentro.
    version : int, optional
        La del proyecto que vio quien pide: con otra, los números serían de otra división.

    Raises
    ------
    OtraDivision, TareasQueNoHay, NingunaTareaDentro, AreaLejos, geo.formatos.errores.ErrorLectura
    """
    avisos: tuple[Aviso, ...] = ()
    wkb = b""
    if area is not None:
        leida = areas.de_geojson(sesion, municipio_por_id(sesion, proyecto.municipio_id), area)
        # Que parte quede fuera del municipio no importa aquí: sólo elige tareas.
        avisos, wkb = (
            tuple(a for a in leida.avisos if a.codigo != areas.FUERA_EN_PARTE),
            shapely.to_wkb(leida.geometria),
        )
    sesion.execute(_CANDADO_DE_PRIORIDADES, {"id": proyecto.id})
    # Quien cambia el área de un borrador espera a que esto termine, o esto a que termine.
    actual = sesion.execute(_VERSION_QUIETA, {"id": proyecto.id}).scalar_one_or_none()
    if actual != (proyecto.version if version is None else version):
        raise OtraDivision
    if area is not None:
        elegidas = consultas.numeros_con_centro_en(sesion, proyecto.id, wkb)
        if not elegidas:
            raise NingunaTareaDentro
    else:
        elegidas = sorted(set(numeros or ()))
        faltan = consultas.numeros_que_no_hay(sesion, proyecto.id, elegidas, NUMEROS_QUE_SE_NOMBRAN)
        if faltan:
            raise TareasQueNoHay(numeros=", ".join(map(str, faltan)), total=proyecto.numeros)
    cambio = {"id": proyecto.id, "numeros": elegidas}
    sesion.execute(_TURNOS, cambio).close()
    nueva = {"prioridad": PRIORIDADES[prioridad], "version": actual, "persona": persona_id}
    cambiadas = sesion.execute(_PONER_PRIORIDAD, cambio | nueva).scalar_one()
    return Priorizadas(len(elegidas), cambiadas, avisos)


def publicar(sesion: Session, proyecto_id: int) -> None:
    """Publica un borrador; publicar lo publicado no cambia nada. Cuenta lo que OSM tiene ese día en cada tarea.

    Raises
    ------
    EstadoNoCorresponde
    """
    if _pasar(sesion, proyecto_id, Estado.PUBLICADO, PUBLICABLE) is Estado.BORRADOR:
        presencia.poner_al_dia(sesion, proyecto_id)


def archivar(sesion: Session, proyecto_id: int) -> None:
    """Archiva un proyecto publicado: se sigue viendo, y ya nadie toma sus tareas.

    Raises
    ------
    EstadoNoCorresponde
    """
    _pasar(sesion, proyecto_id, Estado.ARCHIVADO, ARCHIVABLE)


def restaurar(sesion: Session, proyecto_id: int) -> None:
    """Vuelve a abrir un proyecto archivado.

    Raises
    ------
    EstadoNoCorresponde
    """
    _pasar(sesion, proyecto_id, Estado.PUBLICADO, RESTAURABLE)


def _pasar(sesion: Session, proyecto_id: int, a: Estado, desde: Iterable[Estado]) -> Estado:
    """Lleva el proyecto a un estado y dice en cuál estaba; quienes lo intentan a la vez pasan de uno en uno."""
    antes = Estado(sesion.execute(_TURNO, {"id": proyecto_id}).scalar_one())
    if antes not in desde:
        raise EstadoNoCorresponde(estado=antes)
    if antes is not a:
        sesion.execute(_PASAR, {"id": proyecto_id, "a": a.value})
    return antes


def borrar(sesion: Session, proyecto_id: int) -> None:
    """Borra un borrador con sus tareas.

    Raises
    ------
    NoEsBorrador, TareasConHistoria
    """
    if sesion.execute(_TURNO, {"id": proyecto_id}).scalar_one_or_none() == Estado.BORRADOR:
        _exigir_sin_historia(sesion, proyecto_id)
    borradas = sesion.execute(
        text("DELETE FROM proyecto WHERE id = :id AND estado = 'borrador' RETURNING id"), {"id": proyecto_id}
    )
    if borradas.one_or_none() is None:
        raise NoEsBorrador
