"""Todas las rutas de la aplicación, en un solo lugar."""

from tareas.calidad.evidencia.api import bp as evidencia_api
from tareas.calidad.referencia.api import bp as referencia_api
from tareas.calidad.referencia.vistas import bp as referencia
from tareas.calidad.revisiones.api import bp as revisiones_api
from tareas.calidad.revisiones.vistas import bp as calidad
from tareas.capacitacion.preparacion.api import bp as talleres_api
from tareas.capacitacion.preparacion.vistas import bp as talleres
from tareas.comun.estilo import bp as estilo
from tareas.comun.navegador import bp as navegador
from tareas.comun.salud import bp as salud
from tareas.cuentas.api import bp as cuentas_api
from tareas.cuentas.buzon.api import bp as buzon_api
from tareas.cuentas.buzon.vistas import bp as buzon
from tareas.cuentas.grupos.api import bp as grupos_api
from tareas.cuentas.grupos.vistas import bp as grupos
from tareas.cuentas.osm.vistas import bp as cuentas_osm
from tareas.cuentas.personas.vistas import bp as personas
from tareas.cuentas.vistas import bp as cuentas
from tareas.datos_osm.vistas import bp as datos_osm
from tareas.imagenes.api import bp as imagenes_api
from tareas.imagenes.api import bp_teselas as teselas_de_imagen
from tareas.imagenes.vistas import bp as imagenes
from tareas.mapeo.api import bp as mapeo_api
from tareas.mapeo.editor.vistas import bp as editor
from tareas.mapeo.partes.api import bp as partes_api
from tareas.mapeo.vistas import bp as mapeo
from tareas.municipios.api import bp as municipios_api
from tareas.practica.api06.vistas import bp as practica_api06
from tareas.practica.aulas.api import bp as aulas_api
from tareas.practica.aulas.vistas import bp as aulas
from tareas.practica.mapa.vistas import bp as mapa_de_aula
from tareas.practica.oauth.api import bp as oauth_api
from tareas.practica.oauth.api import bp_conocida as oauth_conocida
from tareas.practica.oauth.api import bp_fichas as oauth_fichas
from tareas.practica.oauth.vistas import bp as oauth
from tareas.practica.replicacion.vistas import bp as replicacion
from tareas.proyectos.api import bp as proyectos_api
from tareas.proyectos.api import bp_teselas as teselas
from tareas.proyectos.vistas import bp as proyectos
from tareas.tableros.api import bp as tableros_api
from tareas.tableros.medidas.api import bp as medidas_api
from tareas.tableros.medidas.vistas import bp as medidas
from tareas.tableros.vistas import bp as tableros
from tareas.validacion.api import bp as validacion_api

BLUEPRINTS = [
    salud,
    proyectos,
    cuentas,
    cuentas_api,
    cuentas_osm,
    personas,
    buzon,
    buzon_api,
    grupos,
    grupos_api,
    navegador,
    estilo,
    municipios_api,
    proyectos_api,
    teselas,
    datos_osm,
    imagenes,
    imagenes_api,
    teselas_de_imagen,
    mapeo_api,
    mapeo,
    editor,
    partes_api,
    validacion_api,
    evidencia_api,
    revisiones_api,
    calidad,
    referencia_api,
    referencia,
    tableros_api,
    tableros,
    medidas_api,
    medidas,
    aulas_api,
    aulas,
    replicacion,
    mapa_de_aula,
    talleres_api,
    talleres,
    practica_api06,
    oauth,
    oauth_api,
    oauth_conocida,
    oauth_fichas,
]
