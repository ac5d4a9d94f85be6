"""Todas las rutas de la aplicación, en un solo lugar."""

from tareas.comun.salud import bp as salud
from tareas.mapeo.api import bp as mapeo_api
from tareas.validacion.api import bp as validacion_api

BLUEPRINTS = [salud, mapeo_api, validacion_api]
