"""El aula de la demostración y el proyecto que edita en ella: para dibujar sin miedo, y sin internet."""

import json
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tareas.comun.permisos import Actor, Papel
from tareas.demostracion import aerea
from tareas.demostracion.cuentas import ELENCO
from tareas.municipios.consultas import por_id
from tareas.practica.aulas import servicio as aulas
from tareas.proyectos import areas
from tareas.proyectos import servicio as proyectos
from tareas.proyectos.formularios import NuevoProyecto

AULA = "Aula de práctica"
LADO_M, ORILLA_M, TAREA_M = 400, 250, 100
INSTRUCCIONES = """Esto es un aula: un mapa de práctica que sólo existe aquí. Lo que guardes no llega a OpenStreetMap.

1. Toma una tarea y pulsa «Editar aquí».
2. Dibuja cada edificio por su contorno y escuádralo (tecla Q).
3. Dibuja las calles que falten y únelas con las que ya están.
4. Guarda, y entrega. Verás contado lo que mapeaste.

Si algo sale mal, no pasa nada: quien capacita puede regresar el aula a como empezó."""

_ACTOR = text("SELECT id, usuario, nombre FROM persona WHERE lower(usuario) = :usuario AND nombre = :nombre AND activa")
_YA_HAY = text("""
    SELECT a.id AS aula, p.id AS proyecto
      FROM aula a LEFT JOIN proyecto p ON p.aula_id = a.id AND p.estado = 'publicado'
     WHERE a.municipio_id = :municipio AND a.nombre = :nombre ORDER BY p.id NULLS LAST, a.id LIMIT 1""")
_DONDE = text("""
    WITH t AS (SELECT numero, ST_Centroid(geom) AS centro, estado = 0 AS falta,
                      coalesce(metros_vias_al_publicar, 0) - 10 * coalesce(edificios_al_publicar, 0) AS hueco
                 FROM tarea WHERE proyecto_id = :proyecto),
         c AS (SELECT t.centro::geography AS centro
                 FROM t LEFT JOIN t v ON v.falta AND ST_DWithin(v.centro::geography, t.centro::geography, :lado / 2.0)
                GROUP BY t.numero, t.centro ORDER BY sum(v.hueco) DESC NULLS LAST, t.numero LIMIT 1)
    SELECT ST_AsGeoJSON(ST_Intersection(m.limite, ST_Envelope(ST_Buffer(c.centro, :lado / 2.0)::geometry)), 7)
               AS trabajo,
           ST_AsGeoJSON(ST_Envelope(ST_Buffer(c.centro, :lado / 2.0 + :orilla)::geometry), 7) AS copia
      FROM c, municipio m WHERE m.id = :municipio""")
"""Donde hay más calles y menos casas mapeadas: lo que se trabaja y lo que se copia (más, para que las calles sigan)."""


def falta(demo: dict[str, Any]) -> bool:
    """Si a esta demostración todavía no se le ha hecho su aula."""
    return "practica" not in demo


def poner(sesion: Session, demo: dict[str, Any]) -> bool:
    """Crea el aula y su proyecto publicado, si no están, y los anota en ``demo``; dice si se pudo.

    No se puede si alguien ya cambió o quitó las cuentas de la demostración.
    """
    municipio_id = demo["municipio"]
    capacita, gestiona = (_actor(sesion, usuario, municipio_id) for usuario in ("capacitacion", "municipio"))
    donde = sesion.execute(
        _DONDE, {"proyecto": demo["proyectos"][1], "lado": LADO_M, "orilla": ORILLA_M, "municipio": municipio_id}
    ).one_or_none()
    if capacita is None or gestiona is None or donde is None:
        return False
    hay = sesion.execute(_YA_HAY, {"municipio": municipio_id, "nombre": AULA}).one_or_none()
    aula_id = hay.aula if hay is not None else _aula(sesion, capacita, municipio_id, donde.copia)
    proyecto_id = hay.proyecto if hay is not None else None
    if proyecto_id is None:
        proyecto_id = _proyecto(sesion, gestiona, municipio_id, aula_id, donde.trabajo)
    if "imagen" in demo:
        aerea.agregar(sesion, demo["imagen"], [proyecto_id])
    demo.update(aula=aula_id, practica=proyecto_id)
    return True


def _actor(sesion: Session, usuario: str, municipio_id: int) -> Actor | None:
    nombre, papel = next((n, p) for u, n, p in ELENCO if u == usuario)
    fila = sesion.execute(_ACTOR, {"usuario": usuario, "nombre": nombre}).one_or_none()
    return None if fila is None else Actor(fila.id, fila.usuario, fila.nombre, "es", _papeles(municipio_id, papel))


def _papeles(municipio_id: int, papel: Papel) -> frozenset[tuple[int | None, Papel]]:
    return frozenset({(municipio_id, papel)})


def _aula(sesion: Session, actor: Actor, municipio_id: int, copia: str) -> int:
    area = areas.de_geojson(sesion, por_id(sesion, municipio_id), json.loads(copia))
    return aulas.crear_de_area(
        sesion,
        actor,
        municipio_id=municipio_id,
        nombre=AULA,
        area=area.geometria,
        fuente="Datos de OpenStreetMap de esta instalación",
    ).id


def _proyecto(sesion: Session, actor: Actor, municipio_id: int, aula_id: int, trabajo: str) -> int:
    municipio = por_id(sesion, municipio_id)
    pedido = NuevoProyecto.model_validate(
        {
            "municipio": municipio_id,
            "nombre": f"Para practicar: {municipio.nombre.removesuffix(' (ficticio)')}",
            "descripcion": "Dibuja sin miedo: se edita en un aula, aquí mismo y sin internet.",
            "instrucciones": INSTRUCCIONES,
            "area": json.loads(trabajo),
            "division": {"tipo": "cuadros", "lado_m": TAREA_M, "recortar": False},
            "aula": aula_id,
            "presets": ["building", "highway/residential"],
        }
    )
    creado = proyectos.crear(sesion, actor, pedido.model_dump(), pedido.division_pedida())
    proyectos.publicar(sesion, creado.id)
    return creado.id
