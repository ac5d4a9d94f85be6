"""Todas las rutas × todos los papeles.

Cada ruta tiene un renglón en `TABLA` que dice qué recibe cada persona. Una ruta sin renglón hace fallar la prueba.
Además,
cada ruta de un proyecto se pide sobre uno privado y un borrador: quien no los ve recibe 404, igual que si no
existieran.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tareas.aplicacion import SIN_CSRF, crear_aplicacion
from tareas.comun.bd import BaseDeDatos
from tareas.cuentas.consultas import huella
from tests.fabrica import aula, imagen_en_borrador, persona, proyecto, sembrar_elenco

# Quién pide. «sola» tiene cuenta y ningún papel; «administradora» administra toda la instalación y «de_aqui», sólo el
# municipio del proyecto; «forastera» tiene todos los papeles, en otro municipio.
QUIENES = (
    "anonima",
    "sola",
    "mapeadora",
    "validadora",
    "capacitadora",
    "funcionaria",
    "de_aqui",
    "administradora",
    "forastera",
)
VALIDAN = ("validadora", "capacitadora", "de_aqui", "administradora")
GESTIONAN = ("funcionaria", "de_aqui", "administradora")
DIVIDEN = ("validadora", "capacitadora", "funcionaria", "de_aqui", "administradora")
ADMINISTRAN = ("de_aqui", "administradora")
PREPARAN = ("capacitadora", "funcionaria", "de_aqui", "administradora")
VEN_PRIVADO = ("mapeadora", "validadora", "capacitadora", "funcionaria", "de_aqui", "administradora")
VEN_BORRADOR = ("capacitadora", "funcionaria", "de_aqui", "administradora")

ENTRAR = 302
"""A quien no ha entrado, una página la lleva a ``/entrar``; la API y los formularios le responden 401."""

SECRETOS = {"privado": "Milpa reservada 7731", "borrador": "Milpa sin terminar 9942"}
"""Nombres que ninguna página ni lista muestra a quien no ve esos proyectos."""

LEJOS = {"type": "LineString", "coordinates": [[-98.9, 20.1], [-98.9, 20.2]]}
AJENA = {"type": "Polygon", "coordinates": [[[-98.9, 20.1], [-98.8, 20.1], [-98.8, 20.2], [-98.9, 20.1]]]}

Codigo = int | Collection[int]


@dataclass(frozen=True)
class Renglon:
    """Qué recibe cada persona. ``cuerpo`` es lo mínimo que la ruta toma: JSON en la API, campos en un formulario.

    ``parametros`` completa o cambia los valores de la dirección; ``borrador``, lo que recibe quien sí ve un borrador.
    """

    codigos: dict[str, Codigo]
    cuerpo: Any = None
    parametros: dict[str, Any] = field(default_factory=dict)
    borrador: Codigo | None = None

    def admite(self, quien: str, metodo: str, ruta: str) -> set[int]:
        """Códigos con que esa persona puede encontrarse."""
        codigo = self.codigos.get(quien)
        if codigo is None:
            de_pagina = metodo == "GET" and not ruta.startswith(("/api/", "/teselas/"))
            codigo = (ENTRAR if de_pagina else 401) if quien == "anonima" else 403
        return {codigo} if isinstance(codigo, int) else set(codigo)


def todas(
    codigo: Codigo,
    *,
    cuerpo: Any = None,
    parametros: dict[str, Any] | None = None,
    borrador: Codigo | None = None,
    **otras: Codigo,
) -> Renglon:
    """Cualquiera recibe ``codigo``, salvo ``otras``."""
    return Renglon({**dict.fromkeys(QUIENES, codigo), **otras}, cuerpo, parametros or {}, borrador)


def con_cuenta(
    codigo: Codigo,
    *,
    cuerpo: Any = None,
    parametros: dict[str, Any] | None = None,
    borrador: Codigo | None = None,
    **otras: Codigo,
) -> Renglon:
    """Quien entró recibe ``codigo``, salvo ``otras``."""
    return Renglon({**dict.fromkeys(QUIENES[1:], codigo), **otras}, cuerpo, parametros or {}, borrador)


def solo(
    quienes: Collection[str],
    codigo: Codigo,
    *,
    cuerpo: Any = None,
    parametros: dict[str, Any] | None = None,
    borrador: Codigo | None = None,
    **otras: Codigo,
) -> Renglon:
    """Sólo ``quienes`` reciben ``codigo``; las demás, 403 (o lo que digan ``otras``)."""
    return Renglon({**dict.fromkeys(quienes, codigo), **otras}, cuerpo, parametros or {}, borrador)


P = "/proyectos/<int:proyecto_id>"
A = f"/api/v1{P}"
T = f"{A}/tareas/<int:numero>"
GENTE = "/administracion/personas"
OSM = "/practica/aulas/<int:aula_id>/api/<path:direccion>"
AULA = "/practica/aulas/<int:aula_id>"
IMAGENES = "/municipios/<int:municipio_id>/imagenes"
GRUPO = "/grupos/<int:grupo_id>"
REFERENCIAS = "/municipios/<int:municipio_id>/referencias"

# Un renglón por ruta. ¿Ruta nueva? Copia el que más se le parezca y piensa qué debe recibir cada persona.
TABLA: dict[str, Renglon] = {
    "GET /salud": todas(200),
    "GET /estaticos/e-<huella>/<path:resto>": todas(200),
    "GET /estaticos/v/<path:resto>": todas(404, parametros={"resto": "no/existe.js"}),
    "GET /api/v1/openapi.json": todas(200),
    # cuentas
    "GET /entrar": con_cuenta(303, anonima=200),
    "POST /entrar": todas(422),
    "POST /salir": todas(303),
    "GET /registro": con_cuenta(303, anonima=200),
    "POST /registro": todas(422),
    "GET /cuenta": con_cuenta(200),
    "POST /cuenta": con_cuenta(422),
    "POST /cuenta/correo": con_cuenta(422),
    "POST /cuenta/sesiones": con_cuenta(303),
    "POST /cuenta/avisos": con_cuenta(422),
    # el buzón: cada quien el suyo; el enlace de baja vale por su firma
    "GET /buzon": con_cuenta(200),
    "GET /buzon/<int:aviso_id>": con_cuenta(404, parametros={"aviso_id": 1}),
    "POST /buzon/leidos": con_cuenta(303),
    "GET /buzon/baja/<ficha>": todas(404),
    "POST /buzon/baja/<ficha>": todas(404),
    "GET /api/v1/buzon": con_cuenta(200),
    "POST /api/v1/buzon/leidos": con_cuenta(200, cuerpo={"todos": True}),
    "GET /api/v1/buzon/preferencias": con_cuenta(200),
    "PUT /api/v1/buzon/preferencias": con_cuenta(200, cuerpo={"correo": "nunca"}),
    "GET /cuenta/clave": con_cuenta(200),
    "POST /cuenta/clave": con_cuenta(422),
    "GET /recuperar": todas(200),
    "POST /recuperar": todas(409),
    "GET /restablecer/<ficha>": todas(410),
    "POST /restablecer/<ficha>": todas(410),
    "POST /idioma": todas(303, cuerpo={"idioma": "en"}),
    # Sin servidores configurados no se puede entrar con ninguno; el vaivén se prueba en tests/web/test_cuentas_osm.py.
    "POST /entrar/osm/<servidor>": todas(404),
    "GET /entrar/osm/<servidor>/regreso": todas(404),
    "POST /cuenta/osm/<servidor>/retiro": con_cuenta(404),
    "POST /api/v1/sesiones": todas(401, cuerpo={"usuario": "nadie", "clave": "ninguna clave"}),
    "DELETE /api/v1/sesiones": con_cuenta(204),
    "GET /api/v1/yo": con_cuenta(200),
    # administración de personas: la forastera administra en otro municipio y a la gente de aquí no la ve
    f"GET {GENTE}": solo(ADMINISTRAN, 200, forastera=200),
    f"GET {GENTE}/nueva": solo(ADMINISTRAN, 200, forastera=200),
    f"POST {GENTE}/nueva": solo(
        ADMINISTRAN,
        200,
        forastera=403,
        cuerpo={"usuario": "nueva", "nombre": "Nueva", "papel": "mapeador", "municipio": "99001"},
    ),
    f"GET {GENTE}/varias": solo(ADMINISTRAN, 200, forastera=200),
    f"POST {GENTE}/varias": solo(
        ADMINISTRAN, 200, forastera=403, cuerpo={"lista": "nueva, Nueva", "papel": "mapeador", "municipio": "99001"}
    ),
    f"GET {GENTE}/papeles": solo(ADMINISTRAN, 200, forastera=200),
    f"POST {GENTE}/papeles": solo(
        ADMINISTRAN, 303, forastera=403, cuerpo={"usuario": "sola", "papel": "mapeador", "municipio": "99001"}
    ),
    f"GET {GENTE}/<int:persona_id>": solo(ADMINISTRAN, 200, forastera=404),
    f"POST {GENTE}/<int:persona_id>/papeles": solo(
        ADMINISTRAN, 303, forastera=404, cuerpo={"papel": "validador", "municipio": "99001"}
    ),
    f"POST {GENTE}/<int:persona_id>/papeles/<int:papel_id>/retiro": solo(ADMINISTRAN, 303, forastera=404),
    f"POST {GENTE}/<int:persona_id>/clave": solo(ADMINISTRAN, 200, forastera=404),
    f"POST {GENTE}/<int:persona_id>/baja": solo(ADMINISTRAN, 303, forastera=404),
    f"POST {GENTE}/<int:persona_id>/alta": solo(ADMINISTRAN, 303, forastera=404),
    # OAuth 2 de las aulas: aquí las aplicaciones piden sin decir quiénes son; lo demás, en tests/web/test_oauth.py.
    f"GET {AULA}/oauth2/authorize": con_cuenta(400),
    f"GET {AULA}/api/authorize": todas(302),
    f"POST {AULA}/oauth2/authorize": con_cuenta(400),
    f"POST {AULA}/oauth2/token": todas(400),
    f"POST {AULA}/api/token": todas(400),
    f"POST {AULA}/oauth2/revoke": todas(401),
    f"POST {AULA}/oauth2/introspect": todas(401),
    f"GET {AULA}/oauth2/userinfo": todas(401),
    f"GET {AULA}/.well-known/oauth-authorization-server": todas(200),
    f"GET {AULA}/api/.well-known/oauth-authorization-server": todas(200),
    f"GET /.well-known/oauth-authorization-server{AULA}": todas(200),
    "POST /api/v1/aulas/<int:aula_id>/fichas": con_cuenta(201),
    "GET /cuenta/aplicaciones": con_cuenta(200),
    "POST /cuenta/aplicaciones/<int:aula_id>/<cliente_id>/retiro": con_cuenta(303),
    # lo que usa el navegador
    "GET /textos/<any(en):idioma>/<huella>.json": todas(200),
    "GET /sin-conexion": todas(200),
    "GET /sin-conexion.js": todas(200),
    "GET /estilo": todas(404),
    # municipios
    "GET /api/v1/municipios": todas(200),
    "GET /api/v1/municipios/<int:municipio_id>": todas(200),
    "GET /api/v1/municipios/<int:municipio_id>/limite": todas(200),
    "GET /municipios": todas(200),
    "GET /municipios/<int:municipio_id>": todas(200),
    # imágenes: la sembrada está en borrador y sin permiso; sólo quien gestiona el municipio sabe que existe
    "GET /api/v1/municipios/<int:municipio_id>/imagenes": todas(200),
    "GET /teselas/imagenes/<int:imagen_id>/<int:z>/<int:x>/<int:y>": todas(
        404, funcionaria=410, de_aqui=410, administradora=410
    ),
    f"GET {IMAGENES}": solo(GESTIONAN, 200),
    f"POST {IMAGENES}": solo(GESTIONAN, 422),
    f"GET {IMAGENES}/<int:imagen_id>": solo(GESTIONAN, 200),
    f"POST {IMAGENES}/<int:imagen_id>": solo(GESTIONAN, 303, cuerpo={"nombre": "Otro nombre"}),
    f"POST {IMAGENES}/<int:imagen_id>/publicar": solo(GESTIONAN, 422),
    f"POST {IMAGENES}/<int:imagen_id>/retirar": solo(GESTIONAN, 303),
    f"POST {IMAGENES}/<int:imagen_id>/borrar": solo(GESTIONAN, 303),
    # proyectos
    "GET /": todas(200),
    "GET /proyectos": todas(302),
    "GET /administracion": solo(GESTIONAN, 200, forastera=200),
    "GET /proyectos/nuevo": solo(GESTIONAN, 200, forastera=200),
    f"GET {P}": todas(200),
    "GET /p/<int:proyecto_id>": todas(303),
    f"GET {P}/cartel": todas(200),
    f"GET {P}/qr.svg": todas(200),
    f"GET {P}/administrar": solo(GESTIONAN, 200),
    f"GET {P}/editar": solo(GESTIONAN, 200),
    f"GET {P}/area": solo(GESTIONAN, 303, borrador=(200, 403)),
    f"POST {P}/editar": solo(GESTIONAN, 303, cuerpo={"nombre": "Otro nombre", "minutos_bloqueo": "60"}),
    f"POST {P}/publicar": solo(GESTIONAN, 303),
    f"POST {P}/archivar": solo(GESTIONAN, 303),
    f"POST {P}/restaurar": solo(GESTIONAN, 303),
    f"POST {P}/borrar": solo(GESTIONAN, 409),
    "GET /api/v1/proyectos": todas(200),
    "POST /api/v1/proyectos": solo(
        GESTIONAN, 201, cuerpo={"municipio": "99001", "nombre": "Nuevo", "division": {"tipo": "mercator", "zoom": 15}}
    ),
    "POST /api/v1/proyectos/previa": solo(
        GESTIONAN, 200, forastera=200, cuerpo={"municipio": "99001", "division": {"tipo": "mercator", "zoom": 15}}
    ),
    "POST /api/v1/areas": solo(GESTIONAN, 422, forastera=422),
    f"GET {A}": todas(200),
    f"GET {A}/area": todas(200),
    f"PUT {A}/area": solo(GESTIONAN, 409, borrador=200, cuerpo={"division": {"tipo": "mercator", "zoom": 15}}),
    f"POST {A}/previa": solo(GESTIONAN, 200, cuerpo={"division": {"tipo": "mercator", "zoom": 15}}),
    f"GET {A}/tareas": todas(200),
    f"GET {A}/prioridades": todas(200),
    f"POST {A}/prioridades": solo(GESTIONAN, 200, cuerpo={"numeros": [1], "prioridad": "alta"}),
    f"GET {P}/prioridades": solo(GESTIONAN, 200),
    f"PATCH {A}": solo(GESTIONAN, 200, cuerpo={"nombre": "Otro nombre"}),
    f"DELETE {A}": solo(GESTIONAN, 409),
    f"POST {A}/publicacion": solo(GESTIONAN, 200),
    f"POST {A}/archivo": solo(GESTIONAN, 200),
    f"DELETE {A}/archivo": solo(GESTIONAN, 200),
    f"GET /teselas{P}/<int:version>/<int:z>/<int:x>/<int:y>.mvt": todas(200),
    "GET /teselas/base/<int:version>/<int:z>/<int:x>/<int:y>.mvt": todas(200),
    # mapeo
    f"GET {P}/mapear": todas(200),
    f"GET {P}/mapear/<int:numero>": todas(200),
    f"GET {P}/editor/<int:numero>": con_cuenta(200, anonima=302),
    "GET /editor/regreso": todas(200),
    f"GET {A}/estados": todas(200),
    f"GET {A}/actividad": todas(200),
    f"GET {T}": todas(200),
    f"GET {T}/historial": todas(200),
    f"GET {T}/objetos": todas(200),
    f"GET {T}/limite.<any(gpx,geojson,osm):formato>": todas(200),
    f"POST {T}/bloqueo": con_cuenta(201, cuerpo={"para": "mapear"}),
    f"PATCH {T}/bloqueo": con_cuenta(409, cuerpo={"ficha": 1}),
    f"DELETE {T}/bloqueo": con_cuenta(204),
    f"POST {A}/tareas/siguiente": con_cuenta(201),
    f"POST {T}/entrega": con_cuenta(409, cuerpo={"ficha": 1, "resultado": "mapeada"}),
    f"POST {T}/comentarios": con_cuenta(201, cuerpo={"nota": "Una nota"}),
    f"POST {T}/deshacer": con_cuenta(409, cuerpo={"motivo": "Me equivoqué"}),
    "GET /api/v1/yo/bloqueos": con_cuenta(200),
    # validación
    f"GET {P}/validar": solo(VALIDAN, 200, forastera=200),
    f"GET {P}/validar/<int:numero>": solo(VALIDAN, 200, forastera=200),
    f"POST {A}/bloqueos": solo(VALIDAN, 409, cuerpo={"numeros": [1]}),
    # partes: las que no sirven se rechazan igual para quien sí puede
    f"POST {T}/partes": solo(
        DIVIDEN, 422, cuerpo={"modo": "linea", "linea": LEJOS, "motivo": "Es mucha"}, borrador=409
    ),
    f"POST {A}/tareas/juntas": solo(DIVIDEN, 422, cuerpo={"numeros": [1, 9], "motivo": "Son muy chicas"}, borrador=409),
    f"POST {T}/area": solo(DIVIDEN, 422, cuerpo={"area": AJENA, "motivo": "Quedó corta"}, borrador=409),
    f"POST {T}/dictamen": solo(VALIDAN, 409, cuerpo={"ficha": 1, "veredicto": "validada"}),
    f"POST {A}/dictamenes": solo(VALIDAN, 409, cuerpo={"tareas": [{"numero": 1, "ficha": 1}], "veredicto": "validada"}),
    f"GET {A}/revision": solo(VALIDAN, 200),
    f"GET {T}/dictamenes": todas(200),
    f"POST {T}/dictamenes/<int:dictamen_id>/leido": con_cuenta(404),
    f"GET {T}/vecinas": todas(200),
    f"PUT {T}/atendidos": con_cuenta(404, cuerpo={"senalamiento": 1, "hecho": True}),
    f"POST {T}/disputa": con_cuenta(404, cuerpo={"dictamen": 1, "motivo": "Sí están todas las casas"}),
    f"GET {A}/disputas": con_cuenta(200),
    f"GET {A}/segundas": solo(VALIDAN, 200),
    f"POST {A}/segundas/<int:entrega>/toma": solo(VALIDAN, 404),
    f"DELETE {A}/segundas/<int:entrega>/toma": solo(VALIDAN, 204),
    f"POST {A}/segundas/<int:entrega>/dictamen": solo(VALIDAN, 404, cuerpo={"ficha": 1, "veredicto": "validada"}),
    f"GET {A}/desacuerdos": solo(VALIDAN, 200),
    "GET /api/v1/motivos": todas(200),
    # aulas de práctica: la de la prueba es pública, y la preparan quienes capacitan o gobiernan el municipio
    "GET /aulas": solo(PREPARAN, 200, forastera=200),
    "GET /aulas/nueva": solo(PREPARAN, 200, forastera=200),
    "POST /aulas/nueva": solo(PREPARAN, 303, cuerpo={"municipio": "99001", "nombre": "Taller nuevo"}),
    "GET /aulas/<int:aula_id>": todas(200),
    **{
        f"POST /aulas/<int:aula_id>/{paso}": solo(PREPARAN, 303)
        for paso in ("congelar", "abrir", "reiniciar", "borrar")
    },
    "GET /api/v1/aulas": solo(PREPARAN, 200, forastera=200),
    "POST /api/v1/aulas": solo(PREPARAN, 201, cuerpo={"municipio": "99001", "nombre": "Taller nuevo"}),
    "POST /api/v1/aulas/archivo": solo(PREPARAN, 422, forastera=422),
    "GET /api/v1/aulas/<int:aula_id>": todas(200),
    "PATCH /api/v1/aulas/<int:aula_id>": solo(PREPARAN, 200, cuerpo={"nombre": "Otro nombre"}),
    "DELETE /api/v1/aulas/<int:aula_id>": solo(PREPARAN, 204),
    "POST /api/v1/aulas/<int:aula_id>/reinicio": solo(PREPARAN, 200),
    "GET /api/v1/aulas/<int:aula_id>/extracto.osm.pbf": todas(200),
    "GET /teselas/aulas/<int:aula_id>/<int:z>/<int:x>/<int:y>.mvt": todas(204),
    "GET /practica/aulas/<int:aula_id>/replicacion/state.txt": todas(200),
    "GET /practica/aulas/<int:aula_id>/replicacion/<a>/<b>/<c>.state.txt": todas(200),
    "GET /practica/aulas/<int:aula_id>/replicacion/<a>/<b>/<c>.osc.gz": todas(200),
    # grupos: los ve y los cambia quien prepara gente en ese municipio
    "GET /municipios/<int:municipio_id>/grupos": solo(PREPARAN, 200),
    "POST /municipios/<int:municipio_id>/grupos": solo(PREPARAN, 303, cuerpo={"nombre": "Otra brigada"}),
    "GET /api/v1/municipios/<int:municipio_id>/grupos": solo(PREPARAN, 200),
    f"GET {GRUPO}": solo(PREPARAN, 200, forastera=404),
    f"POST {GRUPO}/personas": solo(PREPARAN, 303, cuerpo={"lista": "mapeadora"}, forastera=404),
    f"POST {GRUPO}/personas/<int:persona_id>/retiro": solo(PREPARAN, 303, forastera=404),
    f"POST {GRUPO}/nombre": solo(PREPARAN, 303, cuerpo={"nombre": "Con otro nombre"}, forastera=404),
    f"POST {GRUPO}/archivo": solo(PREPARAN, 303, forastera=404),
    f"POST {GRUPO}/regreso": solo(PREPARAN, 303, forastera=404),
    # talleres: la lista de quien viene sólo la ve quien los prepara en ese municipio
    "GET /talleres": solo(PREPARAN, 200, forastera=200),
    "GET /talleres/nuevo": solo(PREPARAN, 200, forastera=200),
    "POST /talleres/nuevo": solo(
        PREPARAN, 303, cuerpo={"municipio": "99001", "nombre": "Taller", "empieza": "2026-12-01T10:00"}
    ),
    "GET /talleres/<int:taller_id>": solo(PREPARAN, 200, forastera=404),
    "GET /talleres/<int:taller_id>/editar": solo(PREPARAN, 200, forastera=404),
    "POST /talleres/<int:taller_id>/editar": solo(
        PREPARAN,
        303,
        forastera=404,
        cuerpo={"municipio": "99001", "nombre": "Taller", "empieza": "2026-12-01T10:00"},
    ),
    "POST /talleres/<int:taller_id>/borrar": solo(PREPARAN, 303, forastera=404),
    "GET /api/v1/talleres": solo(PREPARAN, 200, forastera=200),
    "POST /api/v1/talleres": solo(
        PREPARAN, 201, cuerpo={"municipio": "99001", "nombre": "Taller", "empieza": "2026-12-01T10:00"}
    ),
    "PUT /api/v1/talleres/<int:taller_id>": solo(
        PREPARAN,
        200,
        forastera=404,
        cuerpo={"municipio": "99001", "nombre": "Taller", "empieza": "2026-12-01T10:00"},
    ),
    "DELETE /api/v1/talleres/<int:taller_id>": solo(PREPARAN, 204, forastera=404),
    "GET /api/v1/talleres/<int:taller_id>/preparacion": solo(PREPARAN, 200, forastera=404),
    # evidencia
    f"GET {T}/evidencia": todas(200),
    f"POST {T}/evidencia/motivo": con_cuenta(409, cuerpo={"motivo": "ya_estaba"}),
    f"GET {A}/evidencia": todas(200),
    # revisiones
    "GET /calidad/reglas": todas(200),
    "GET /municipios/<int:municipio_id>/calidad": todas(200),
    "GET /municipios/<int:municipio_id>/hallazgos.csv": todas(200),
    "GET /api/v1/calidad/reglas": todas(200),
    "GET /api/v1/calidad/reglas/<codigo>": todas(200, parametros={"codigo": "E-TRAS"}),
    "GET /api/v1/municipios/<int:municipio_id>/hallazgos": todas(200),
    "GET /api/v1/municipios/<int:municipio_id>/calidad": todas(200),
    f"GET {T}/hallazgos": todas(200),
    f"POST {T}/hallazgos/respuestas": solo(VALIDAN, 404, cuerpo={"huella": "0" * 24, "respuesta": "falso"}),
    # referencia: la lista, quien tiene un papel en el municipio; subir y borrar, quien lo gestiona
    "GET /api/v1/municipios/<int:municipio_id>/referencias": solo(VEN_PRIVADO, 200),
    "POST /api/v1/municipios/<int:municipio_id>/referencias": solo(GESTIONAN, 422),
    "DELETE /api/v1/municipios/<int:municipio_id>/referencias/<int:referencia_id>": solo(GESTIONAN, 404),
    f"GET {REFERENCIAS}": solo(GESTIONAN, 200),
    f"POST {REFERENCIAS}": solo(GESTIONAN, 422),
    f"POST {REFERENCIAS}/<int:referencia_id>/borrar": solo(GESTIONAN, 404),
    "GET /municipios/<int:municipio_id>/completitud": todas(200),
    "GET /municipios/<int:municipio_id>/completitud.csv": todas(200),
    "GET /api/v1/municipios/<int:municipio_id>/completitud": todas(200),
    f"GET {A}/completitud": todas(200),
    f"GET {P}/completitud": todas(200),
    # avance
    f"GET {A}/avance": todas(200),
    f"GET {A}/avance/tareas": todas(200),
    # Quién la ve cuando sí hay trabajo lo prueba tests/web/test_tableros.py; aquí la mapeadora aún no hace nada.
    f"GET {A}/avance/personas/<int:persona_id>": con_cuenta(404),
    f"GET {P}/avance/personas/<int:persona_id>": con_cuenta(404),
    "GET /api/v1/yo/avance": con_cuenta(200),
    "GET /mi-trabajo.csv": con_cuenta(200),
    f"GET {P}/avance": todas(200),
    f"GET {P}/avance.csv": todas(200),
    "GET /municipios/<int:municipio_id>/avance": todas(200),
    "GET /avance/diccionario.csv": todas(200),
    # medidas: cada quien ve lo suyo, y quien revisa o capacita, lo de todas; lo recorta `tests/web/test_medidas.py`
    "GET /municipios/<int:municipio_id>/medidas": todas(200),
    "GET /municipios/<int:municipio_id>/medidas.csv": todas(200),
    f"GET {P}/medidas": todas(200),
    f"GET {P}/medidas.csv": todas(200),
    f"GET {A}/medidas": todas(200),
    "GET /api/v1/municipios/<int:municipio_id>/medidas": todas(200),
    "GET /api/v1/yo/medidas": con_cuenta(200),
    "GET /mis-revisiones": con_cuenta(200),
    "GET /api/v1/yo/trabajo": con_cuenta(200),
    "GET /mi-trabajo": con_cuenta(200),
    # El servidor de práctica: una sola ruta, que nunca mira la galleta con que aquí entra cada quien. Quién puede qué en
    # cada una de sus direcciones lo prueba tests/web/test_practica_api_elementos.py.
    f"GET {OSM}": todas(404),
    f"POST {OSM}": todas(405),
    f"PUT {OSM}": todas(401),
    f"PATCH {OSM}": todas(405),
    f"DELETE {OSM}": todas(401),
    # El estado de la instalación no es de ningún municipio: sólo lo ve quien la administra entera.
    "GET /estado": solo(("administradora",), 200),
    "GET /api/v1/estado": solo(("administradora",), 200),
}

# La descripción OpenAPI la sirve APIFlask; no hay función nuestra que declare su acceso.
SIN_ACCESO = frozenset({"openapi.spec"})


def valores(mundo: "Mundo") -> dict[str, Any]:
    """Valor de cada parámetro de dirección."""
    return {
        "proyecto_id": mundo.proyecto,
        "municipio_id": mundo.municipio,
        "persona_id": mundo.mapeadora,
        "imagen_id": mundo.imagen,
        "papel_id": mundo.papel_de_mapeadora,
        "aula_id": mundo.aula,
        "taller_id": mundo.taller,
        "grupo_id": mundo.grupo,
        "referencia_id": 1,
        "entrega": 1,
        "dictamen_id": 1,
        "a": "000",
        "b": "000",
        "c": "000",
        "servidor": "osm",
        "cliente_id": "josm",
        "numero": 1,
        "version": 1,
        "z": 14,
        "x": 3697,
        "y": 7257,
        "formato": "gpx",
        "idioma": "en",
        "ficha": "ninguna",
        "huella": "ninguna",
        "resto": "css/tequio.css",
        "direccion": "0.6/node/1",
    }


# ---------------------------------------------------------------------------------------------------------------------


@dataclass
class Mundo:
    """Lo sembrado: una persona de cada papel con su sesión, y un proyecto abierto, uno privado y un borrador."""

    app: Flask
    bd: BaseDeDatos
    municipio: int = 0
    proyecto: int = 0
    privado: int = 0
    borrador: int = 0
    mapeadora: int = 0
    imagen: int = 0
    papel_de_mapeadora: int = 0
    aula: int = 0
    taller: int = 0
    grupo: int = 0

    vaciar: str = ""
    restaurar: str = ""

    def sembrar(self) -> None:
        """Escribe personas y proyectos, y guarda una foto de la base para volver a ella."""
        elenco = sembrar_elenco(self.bd)
        personas = {quien: getattr(elenco, quien) for quien in QUIENES if hasattr(elenco, quien)}
        personas["sola"] = persona(self.bd, "sola")
        personas["de_aqui"] = persona(self.bd, "de_aqui", (elenco.municipio, "administrador"))
        self.municipio, self.proyecto, self.mapeadora = elenco.municipio, elenco.proyecto, elenco.mapeadora
        self.privado = proyecto(self.bd, elenco.municipio, nombre=SECRETOS["privado"], visibilidad="privada")
        self.borrador = proyecto(self.bd, elenco.municipio, nombre=SECRETOS["borrador"], estado="borrador")
        with self.bd.transaccion() as sesion:
            self.papel_de_mapeadora = sesion.execute(
                text("SELECT id FROM papel WHERE persona_id = :p"), {"p": elenco.mapeadora}
            ).scalar_one()
            self.aula = aula(sesion, elenco.municipio)
            self.taller = sesion.execute(
                text("INSERT INTO taller (municipio_id, nombre, empieza) VALUES (:m, 'Taller', now()) RETURNING id"),
                {"m": elenco.municipio},
            ).scalar_one()
            self.imagen = imagen_en_borrador(sesion, elenco.municipio)
            self.grupo = sesion.execute(
                text("INSERT INTO grupo (municipio_id, nombre) VALUES (:m, 'Brigada') RETURNING id"),
                {"m": elenco.municipio},
            ).scalar_one()
            sesion.execute(
                text("INSERT INTO grupo_persona (grupo_id, persona_id) VALUES (:g, :p)"),
                {"g": self.grupo, "p": elenco.mapeadora},
            )
            for quien, identificador in personas.items():
                sesion.execute(
                    text(
                        "INSERT INTO sesion (huella, persona_id, via, vence) VALUES (:h, :p, 'api', now() + interval '1 day')"
                    ),
                    {"h": huella(f"ficha de {quien}"), "p": identificador},
                )
            self.vaciar, self.restaurar = fotografiar(sesion)

    def como_al_principio(self) -> None:
        """Deshace lo que una petición haya escrito."""
        with self.bd.transaccion() as sesion:
            sesion.execute(text(self.restaurar))

    def cliente(self, quien: str) -> FlaskClient:
        """Un navegador con la sesión de esa persona."""
        cliente = self.app.test_client()
        if quien != "anonima":
            cliente.set_cookie("tequio_sesion", f"ficha de {quien}")
        return cliente

    def pedir(self, quien: str, clave: str, regla: Rule, **cambios: Any) -> TestResponse:
        """Pide una ruta con su cuerpo mínimo; si algo se escribió, vuelve a sembrar."""
        renglon = TABLA[clave]
        metodo, ruta = clave.split(" ", 1)
        parametros = {**valores(self), **renglon.parametros, **cambios}
        direccion = self.app.url_map.bind("localhost").build(
            regla.endpoint,
            {nombre: parametros[nombre] for nombre in regla.arguments if nombre not in (regla.defaults or {})},
            method=metodo,
        )
        contenido: dict[str, Any] = {}
        if renglon.cuerpo is not None:
            contenido = {"json": renglon.cuerpo} if ruta.startswith("/api/") else {"data": renglon.cuerpo}
        respuesta = self.cliente(quien).open(direccion, method=metodo, **contenido)
        if metodo != "GET" and respuesta.status_code < 400:
            self.como_al_principio()
        return respuesta


def fotografiar(sesion: Session) -> tuple[str, str]:
    """Copia cada tabla con filas al esquema ``foto``.

    Returns
    -------
    tuple of str
        El SQL que deja la base vacía, y el que la deja como está ahora.
    """
    columnas = sesion.execute(
        text("""SELECT table_name, string_agg(quote_ident(column_name), ', ') FILTER (WHERE is_generated = 'NEVER')
                  FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
                 WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT IN ('spatial_ref_sys', 'alembic_version')
                 GROUP BY table_name""")
    ).all()
    sesion.execute(text("CREATE SCHEMA foto"))
    # Sin disparadores: el historial no se deja borrar de otra manera.
    sin_disparadores = "SET LOCAL session_replication_role = replica"
    pasos = [sin_disparadores, *(f"DELETE FROM {tabla}" for tabla, _ in columnas)]
    for tabla, nombres in columnas:
        if sesion.execute(text(f"SELECT EXISTS (SELECT FROM {tabla})")).scalar():
            sesion.execute(text(f"CREATE TABLE foto.{tabla} AS SELECT {nombres} FROM {tabla}"))
            pasos.append(f"INSERT INTO {tabla} ({nombres}) SELECT {nombres} FROM foto.{tabla}")
    vaciar = f"{sin_disparadores}; TRUNCATE {', '.join(tabla for tabla, _ in columnas)} RESTART IDENTITY CASCADE"
    return vaciar, "; ".join(pasos)


@pytest.fixture(scope="module")
def mundo(url_base: str, base_del_proceso: BaseDeDatos) -> Iterator[Mundo]:
    """Una aplicación sin la ficha de los formularios, que aquí taparía lo que se quiere ver: quién puede."""
    app = crear_aplicacion(
        url_base, TESTING=True, PROPAGATE_EXCEPTIONS=False, SECRET_KEY="pruebas", CONEXIONES=4, WTF_CSRF_METHODS=[]
    )
    sembrado = Mundo(app, base_del_proceso)
    sembrado.sembrar()
    yield sembrado
    with base_del_proceso.transaccion() as sesion:
        sesion.execute(text("DROP SCHEMA foto CASCADE"))
        sesion.execute(text(sembrado.vaciar))
    app.extensions["tequio_bd"].cerrar()


def _rutas() -> dict[str, Rule]:
    app = crear_aplicacion("postgresql:///ninguna")
    return {
        f"{metodo} {regla.rule}": regla
        for regla in app.url_map.iter_rules()
        for metodo in sorted((regla.methods or set()) - {"HEAD", "OPTIONS"})
    }


RUTAS = _rutas()
CON_RENGLON = [clave for clave in RUTAS if clave in TABLA]
DE_PROYECTO = [clave for clave in CON_RENGLON if "<int:proyecto_id>" in clave]


def test_cada_ruta_tiene_su_renglon_y_cada_renglon_su_ruta():
    faltan = [clave for clave in RUTAS if clave not in TABLA]
    sobran = [clave for clave in TABLA if clave not in RUTAS]
    ejemplos = "\n".join(f'    "{clave}": con_cuenta(200),' for clave in faltan)
    assert not faltan, (
        "Estas rutas no tienen renglón en TABLA, de tests/vallas/test_rutas_y_papeles.py. Agrega uno por ruta y decide qué "
        f"recibe cada persona con todas(…), con_cuenta(…) o solo(…), por ejemplo:\n{ejemplos}"
    )
    assert not sobran, f"Estos renglones de TABLA ya no corresponden a ninguna ruta; quítalos o corrígelos: {sobran}"


def test_cada_vista_declara_su_acceso(mundo):
    sin_declarar = [
        e for e, vista in mundo.app.view_functions.items() if e not in SIN_ACCESO and not hasattr(vista, "acceso")
    ]
    assert not sin_declarar, f"Pon @acceso(…) justo debajo de la ruta en estas vistas: {sin_declarar}"


@pytest.mark.parametrize("clave", CON_RENGLON)
def test_cada_persona_recibe_lo_que_dice_la_tabla(mundo, clave):
    metodo, ruta = clave.split(" ", 1)
    respuestas = {quien: mundo.pedir(quien, clave, RUTAS[clave]) for quien in QUIENES}
    recibido = {quien: respuesta.status_code for quien, respuesta in respuestas.items()}
    esperado = {quien: TABLA[clave].admite(quien, metodo, ruta) for quien in QUIENES}
    distinto = {quien: (codigo, esperado[quien]) for quien, codigo in recibido.items() if codigo not in esperado[quien]}
    assert not distinto, f"{clave}: recibió, y la tabla dice: {distinto}"
    for quien, respuesta in respuestas.items():
        pagina = respuesta.get_data().decode(errors="replace")
        assert quien in VEN_PRIVADO or SECRETOS["privado"] not in pagina, (
            f"{clave} cuenta a {quien} de un proyecto privado"
        )
        assert quien in VEN_BORRADOR or SECRETOS["borrador"] not in pagina, f"{clave} cuenta a {quien} de un borrador"


@pytest.mark.parametrize("clave", DE_PROYECTO)
def test_lo_privado_y_los_borradores_no_existen_para_quien_no_los_ve(mundo, clave):
    metodo, ruta = clave.split(" ", 1)
    for identificador, ven in ((mundo.privado, VEN_PRIVADO), (mundo.borrador, VEN_BORRADOR), (2**40, ())):
        for quien in QUIENES:
            if quien in ven and metodo != "GET":
                continue
            codigo = mundo.pedir(quien, clave, RUTAS[clave], proyecto_id=identificador).status_code
            abierto = TABLA[clave].admite(quien, metodo, ruta)
            if quien in ven:
                de_borrador = TABLA[clave].borrador if identificador == mundo.borrador else None
                admite = (
                    abierto
                    if de_borrador is None
                    else {de_borrador}
                    if isinstance(de_borrador, int)
                    else set(de_borrador)
                )
            else:
                # A quien la ruta rechaza por su papel se le rechaza igual con cualquier número, exista o no.
                admite = {404} | (abierto & {401, 403, ENTRAR})
            assert codigo in admite, (
                f"{clave}: {quien} recibió {codigo} con el proyecto {identificador} (privado {mundo.privado}, borrador {mundo.borrador}); "
                f"debía recibir {admite}. Si antes falla la validación del cuerpo, da en la tabla un `cuerpo` que pase."
            )


@pytest.mark.parametrize("clave", [c for c in CON_RENGLON if not c.startswith("GET ")])
def test_un_cuerpo_roto_o_vacio_nunca_es_un_500(mundo, clave):
    metodo, ruta = clave.split(" ", 1)
    regla = RUTAS[clave]
    direccion = mundo.app.url_map.bind("localhost").build(
        regla.endpoint, {n: valores(mundo)[n] for n in regla.arguments}, method=metodo
    )
    tipo = "application/json" if ruta.startswith("/api/") else "application/x-www-form-urlencoded"
    for crudo in (b"", b"{", b"[1]", b"null", b'{"para": {"a": [1e400]}}', b"a=%00&nombre=%FF&usuario=", b"\x00\xff"):
        respuesta = mundo.cliente("administradora").open(direccion, method=metodo, data=crudo, content_type=tipo)
        assert respuesta.status_code < 500, f"{clave} con {crudo!r}"
    mundo.como_al_principio()


@pytest.mark.parametrize(
    "clave", [c for c in CON_RENGLON if not c.startswith("GET ") and RUTAS[c].endpoint not in SIN_CSRF and OSM not in c]
)
def test_con_galleta_y_sin_la_ficha_del_formulario_no_se_escribe_nada(mundo, app, clave):
    metodo, _ruta = clave.split(" ", 1)
    regla = RUTAS[clave]
    direccion = app.url_map.bind("localhost").build(
        regla.endpoint, {n: valores(mundo)[n] for n in regla.arguments}, method=metodo
    )
    cliente = app.test_client()
    cliente.set_cookie("tequio_sesion", "ficha de administradora")
    for cabeceras in ({}, {"X-CSRFToken": "inventada"}):
        assert cliente.open(direccion, method=metodo, headers=cabeceras).status_code == 400
