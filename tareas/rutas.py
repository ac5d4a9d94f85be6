"""Todas las rutas de la aplicación, en un solo lugar."""

from tareas.comun.salud import bp as salud
from tareas.mapeo.api import bp as mapeo_api
from tareas.tableros.api import bp as tableros_api
from tareas.tableros.vistas import bp as tableros
from tareas.validacion.api import bp as validacion_api

BLUEPRINTS = [salud, mapeo_api, validacion_api, tableros_api, tableros]
