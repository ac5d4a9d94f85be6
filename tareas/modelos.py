"""Reúne las tablas de todos los subdominios, para migraciones y pruebas."""

import tareas.calidad.evidencia.modelos
import tareas.calidad.referencia.modelos
import tareas.calidad.revisiones.modelos
import tareas.capacitacion.modelos
import tareas.cuentas.buzon.modelos
import tareas.cuentas.grupos.modelos
import tareas.cuentas.modelos
import tareas.datos_osm.modelos
import tareas.imagenes.modelos
import tareas.mapeo.modelos
import tareas.municipios.modelos
import tareas.practica.modelos
import tareas.practica.oauth.modelos
import tareas.proyectos.modelos
import tareas.validacion.modelos  # noqa: F401
from tareas.comun.bd import Base

METADATOS = Base.metadata
