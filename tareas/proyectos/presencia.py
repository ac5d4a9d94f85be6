"""Lo que ya hay en OSM dentro de cada tarea: edificios y metros de calle."""

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.osm.cifras import Cifras
from geo.tipos import Geometrias
from tareas.datos_osm.consultas import contar_en_geometrias, version_datos

_HAY = text("SELECT EXISTS (SELECT FROM osm_objeto WHERE geom && ST_MakeEnvelope(:oeste, :sur, :este, :norte, 4326))")
_VERSION_CONTADA = text("SELECT version_osm FROM proyecto WHERE id = :id")
_TAREAS = text("SELECT ST_AsBinary(geom) FROM tarea WHERE proyecto_id = :id ORDER BY numero")
_GUARDAR = text("""
    UPDATE tarea t SET edificios_al_publicar = c.edificios, metros_vias_al_publicar = c.metros
      FROM unnest(CAST(:edificios AS integer[]), CAST(:metros AS real[]))
           WITH ORDINALITY AS c(edificios, metros, numero)
     WHERE t.proyecto_id = :id AND t.numero = c.numero
       AND (t.edificios_al_publicar, t.metros_vias_al_publicar) IS DISTINCT FROM (c.edificios, c.metros)
""")
_EN_AULA = text("SELECT servidor_osm = 'practica' AND aula_id IS NOT NULL FROM proyecto WHERE id = :id")
_CONTAR_EN_AULA = text("""
    UPDATE tarea t SET (edificios_al_publicar, metros_vias_al_publicar)
                     = (SELECT c.edificios, c.metros_vias FROM proyecto_cifras(t.proyecto_id, t.geom) c)
     WHERE t.proyecto_id = :id
""")
_ANOTAR = text("UPDATE proyecto SET version_osm = :version WHERE id = :id")


def contar(sesion: Session, geometrias: Geometrias) -> Cifras | None:
    """Edificios y metros de calle de OSM dentro de cada geometría; ``None`` si no hay datos de OSM en ese lugar.

    Parameters
    ----------
    geometrias : (n,) arreglo de Polygon o MultiPolygon, EPSG:4326
    """
    oeste, sur, este, norte = shapely.total_bounds(geometrias).tolist()
    if not sesion.execute(_HAY, {"oeste": oeste, "sur": sur, "este": este, "norte": norte}).scalar():
        return None
    return contar_en_geometrias(sesion, geometrias)


def poner_al_dia(sesion: Session, proyecto_id: int) -> None:
    """Vuelve a contar lo que hay en cada tarea, si los datos de OSM cambiaron desde que se contó.

    De un proyecto que edita en un aula se cuenta lo del aula, que cambia a cada rato: siempre.
    """
    if sesion.execute(_EN_AULA, {"id": proyecto_id}).scalar():
        sesion.execute(_CONTAR_EN_AULA, {"id": proyecto_id})
        return
    version = version_datos(sesion)
    if sesion.execute(_VERSION_CONTADA, {"id": proyecto_id}).scalar() == version:
        return
    wkb = np.array(sesion.execute(_TAREAS, {"id": proyecto_id}).scalars().all(), dtype=object)
    hay = contar(sesion, np.asarray(shapely.from_wkb(wkb), dtype=object))
    if hay is not None:
        columnas = {"edificios": hay.edificios.tolist(), "metros": hay.metros_vias.tolist()}
        sesion.execute(_GUARDAR, {"id": proyecto_id, **columnas})
    sesion.execute(_ANOTAR, {"id": proyecto_id, "version": version})
