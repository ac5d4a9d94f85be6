"""Los tres proyectos de la demostración: uno casi terminado, uno en curso y un borrador."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.crs import a_4326, a_metrico, crs_metrico
from tareas.comun import reloj
from tareas.comun.permisos import Actor
from tareas.proyectos import servicio
from tareas.proyectos.formularios import NuevoProyecto

INSTRUCCIONES = """1. Acerca el mapa hasta ver bien los techos.
2. Dibuja cada edificio por su contorno, uno por uno, aunque compartan pared.
3. Escuadra las esquinas (tecla Q en iD).
4. Dibuja las calles que falten y únelas con las que ya están.
5. Si la imagen está borrosa o con nubes, entrega con «La imagen no sirve».

No inventes nombres: si no conoces la calle, déjala sin nombre."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Un proyecto por crear."""

    clave: str
    nombre: str
    descripcion: str
    area: MultiPolygon | Polygon | None
    division: dict[str, Any]
    prioridad: int


def planes(sesion: Session, limite: MultiPolygon | Polygon, municipio: str) -> list[Plan]:
    """Centro y barrio alrededor de donde más edificios hay; el municipio entero, en borrador."""
    crs = crs_metrico(np.array([limite], dtype=object))
    plano = a_metrico(np.array([limite], dtype=object), crs)[0]
    centro = _centro_construido(sesion, limite, plano, crs)
    radio = min(650.0, (plano.area / np.pi) ** 0.5 * 0.45)
    corazon, barrio = _zonas(sesion, limite, plano, crs, centro, radio)
    lado = max(60, round(radio / 5.2 / 10) * 10)
    en_grados = a_4326(np.array([corazon, _mayor(barrio)], dtype=object), crs)
    lado_entero = max(lado * 2, int((plano.area / 1500) ** 0.5))
    return [
        Plan(
            "centro",
            f"Centro de {municipio}",
            "Los edificios y calles del centro, para el programa de desarrollo urbano. Casi terminado.",
            en_grados[0],
            {"tipo": "cuadros", "lado_m": lado},
            0,
        ),
        Plan(
            "barrio",
            f"Barrios del oriente de {municipio}",
            "La parte que más ha crecido: faltan casi todas las casas. Su mapa servirá para el atlas de riesgos.",
            en_grados[1],
            {"tipo": "hexagonos", "lado_m": lado},
            2,
        ),
        Plan(
            "municipio",
            f"{municipio} completo",
            "El municipio entero, por si el cabildo aprueba la segunda etapa.",
            None,
            {"tipo": "cuadros", "lado_m": lado_entero},
            0,
        ),
    ]


def _centro_construido(sesion: Session, limite: MultiPolygon | Polygon, plano: Any, crs: Any) -> Any:
    """Donde más edificios juntos tiene OSM (casillas de unos 900 m); sin edificios, un punto dentro del límite."""
    fila = sesion.execute(
        text("""
            SELECT avg(ST_X(centro)), avg(ST_Y(centro)) FROM osm_objeto
             WHERE clase = 'edificio' AND ST_Intersects(centro, ST_GeomFromWKB(:g, 4326))
             GROUP BY ST_SnapToGrid(centro, 0.008) ORDER BY count(*) DESC, 1 LIMIT 1"""),
        {"g": shapely.to_wkb(limite)},
    ).one_or_none()
    if fila is not None:
        punto = a_metrico(np.array([shapely.Point(fila[0], fila[1])], dtype=object), crs)[0]
        if plano.contains(punto):
            return punto
    return plano.representative_point()


def _zonas(sesion: Session, limite: Any, plano: Any, crs: Any, centro: Any, radio: float) -> tuple[Any, Any]:
    """El corazón y su orilla oriental: barrios enteros si OSM tiene sus nombres; si no, un círculo y lo que le
    sigue.
    """
    lugares = sesion.execute(
        text("""SELECT ST_AsBinary(ST_PointOnSurface(geom)) FROM osm_objeto
                 WHERE clase = 'lugar' AND ST_Intersects(geom, ST_GeomFromWKB(:g, 4326)) ORDER BY id"""),
        {"g": shapely.to_wkb(limite)},
    ).scalars()
    puntos = a_metrico(shapely.from_wkb([bytes(w) for w in lugares]), crs)
    cerca = shapely.distance(puntos, centro) if len(puntos) else np.array([])
    if np.count_nonzero(cerca < 2.4 * radio) < 6:
        corazon = centro.buffer(radio, quad_segs=12).intersection(plano)
        al_lado = shapely.box(centro.x, centro.y - 2 * radio, centro.x + 2.4 * radio, centro.y + 2 * radio)
        return corazon, al_lado.intersection(plano).difference(corazon)
    celdas = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(puntos), extend_to=plano.envelope))
    celdas = shapely.intersection(celdas, plano)
    medios = shapely.centroid(celdas)
    lejos = shapely.distance(medios, centro)
    en_corazon = (lejos < 0.8 * radio) | shapely.contains(celdas, centro)
    al_oriente = ~en_corazon & (shapely.get_x(medios) > centro.x) & (lejos < 2.4 * radio)
    return _mayor(shapely.union_all(celdas[en_corazon])), _mayor(shapely.union_all(celdas[al_oriente]))


def _mayor(geometria: Any) -> Any:
    return max(geometria.geoms, key=lambda g: g.area) if geometria.geom_type.startswith("Multi") else geometria


def retirar_inconclusos(sesion: Session, municipio_id: int) -> None:
    """Aparta los proyectos de un intento que se cortó: los borradores se borran, los publicados se archivan."""
    consulta = text("SELECT id, estado FROM proyecto WHERE municipio_id = :m AND estado <> 'archivado'")
    for proyecto, estado in sesion.execute(consulta, {"m": municipio_id}).all():
        (servicio.borrar if estado == "borrador" else servicio.archivar)(sesion, proyecto)


def crear(sesion: Session, actor: Actor, clave_municipio: str, plan: Plan, cuando: datetime, *, publicar: bool) -> int:
    """Crea un proyecto por el servicio de siempre, fechado en ``cuando``."""
    reloj.fijar(sesion, cuando)
    pedido = NuevoProyecto.model_validate(
        {
            "municipio": clave_municipio,
            "nombre": plan.nombre,
            "descripcion": plan.descripcion,
            "instrucciones": INSTRUCCIONES,
            "division": plan.division,
            "prioridad": plan.prioridad,
            **({"area": json.loads(shapely.to_geojson(plan.area))} if plan.area is not None else {}),
        }
    )
    creado = servicio.crear(sesion, actor, pedido.model_dump(), pedido.division_pedida())
    if publicar:
        servicio.publicar(sesion, creado.id)
    return creado.id
