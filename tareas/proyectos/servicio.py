"""Escrituras de proyectos: crear, editar, publicar, archivar, restaurar, borrar."""

import json
from collections.abc import Iterable
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
from tareas.datos_osm.consultas import version_datos
from tareas.municipios.consultas import Municipio
from tareas.municipios.consultas import elegir as elegir_municipio
from tareas.municipios.consultas import por_id as municipio_por_id
from tareas.proyectos import areas, presencia
from tareas.proyectos.areas import AreaDeEstudio
from tareas.proyectos.consultas import ProyectoVisible
from tareas.proyectos.division import partir, sin_geometria
from tareas.proyectos.errores import EstadoNoCorresponde, NoEsBorrador, NoGestiona
from tareas.proyectos.reglas import ARCHIVABLE, PUBLICABLE, RESTAURABLE, Estado

_CREAR = text("""
    INSERT INTO proyecto (municipio_id, nombre, descripcion, instrucciones, visibilidad, area, area_m2, division,
                          prioridad, imagenes, comentario_conjunto, etiquetas_conjunto, minutos_bloqueo,
                          tareas_total, creado_por, version_osm)
    VALUES (:municipio_id, :nombre, :descripcion, :instrucciones, :visibilidad, ST_GeomFromWKB(:area, 4326), :area_m2,
            CAST(:division AS jsonb), :prioridad, CAST(:imagenes AS jsonb), :comentario_conjunto, :etiquetas_conjunto,
            :minutos_bloqueo, :tareas_total, :creado_por, :version_osm)
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
_COLUMNAS_DE_TAREA = ("proyecto_id", "numero", "municipio_id", "celda", "geom", "area_m2")
_COLUMNAS_DE_CIFRAS = ("edificios_al_publicar", "metros_vias_al_publicar")
_EN_JSON = frozenset({"imagenes"})


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
    NoGestiona, MunicipioDesconocido, AreaLejos, geo.errores.ErrorGeo
        Nada queda escrito.
    """
    municipio = elegir_municipio(sesion, pedido["municipio"])
    if not actor.tiene(GESTIONAN, municipio.id):
        raise NoGestiona(municipio=municipio.nombre)
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
    )
    nuevo: int = sesion.execute(
        _CREAR,
        {
            **{campo: pedido[campo] for campo in campos},
            "imagenes": json.dumps(pedido["imagenes"], ensure_ascii=False),
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


def editar(sesion: Session, proyecto: ProyectoVisible, cambios: dict[str, Any]) -> None:
    """Cambia textos, imágenes, visibilidad, minutos o prioridad. El área y las tareas no cambian.

    Parameters
    ----------
    cambios : dict
        Campo -> valor; sólo los que cambian.
    """
    if not cambios:
        return
    partes = [f"{campo} = CAST(:{campo} AS jsonb)" if campo in _EN_JSON else f"{campo} = :{campo}" for campo in cambios]
    if cambios.get("visibilidad", proyecto.visibilidad) != proyecto.visibilidad:
        # Las teselas guardadas con la versión anterior se pidieron con otro permiso.
        partes.append("version = version + 1")
    valores = {
        campo: json.dumps(valor, ensure_ascii=False) if campo in _EN_JSON else valor for campo, valor in cambios.items()
    }
    # Los nombres son columnas del modelo, que el formulario ya limitó; los valores van como parámetros.
    orden = f"UPDATE proyecto SET {', '.join(partes)} WHERE id = :id"  # nosec B608
    sesion.execute(text(orden), {**valores, "id": proyecto.id})


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
    NoEsBorrador
    """
    borradas = sesion.execute(
        text("DELETE FROM proyecto WHERE id = :id AND estado = 'borrador' RETURNING id"), {"id": proyecto_id}
    )
    if borradas.one_or_none() is None:
        raise NoEsBorrador
