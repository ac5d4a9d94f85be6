"""API de proyectos: crear, ver, publicar, y las teselas de sus tareas."""

import gzip
import hashlib
import tempfile
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import Response, current_app, request, url_for

from tareas.comun.bd import actual, lectura, transaccion
from tareas.comun.entrada import entrada, validar
from tareas.comun.idempotencia import una_vez
from tareas.comun.permisos import GESTIONAN
from tareas.comun.web import acceso, actor, al_hilo, con_etag
from tareas.municipios.consultas import elegir_de_texto
from tareas.municipios.formularios import Detalle
from tareas.proyectos import areas, consultas, presencia, previa, servicio, teselas
from tareas.proyectos.consultas import Filtro, ProyectoVisible, ficha, visible
from tareas.proyectos.errores import FaltaArchivo, TeselaInexistente, VariosArchivos
from tareas.proyectos.formularios import (
    CambioDeArea,
    CambioDePrioridad,
    Edicion,
    EnCaja,
    Lista,
    NuevoProyecto,
    OpcionesDeArea,
    Previa,
    PreviaDeBorrador,
)
from tareas.proyectos.presentacion import coleccion, completo, por_palabra, resumen

bp = APIBlueprint("proyectos_api", __name__, url_prefix="/api/v1", tag="Proyectos")
bp_teselas = APIBlueprint("teselas", __name__, url_prefix="/teselas", tag="Teselas")

UN_ANIO = 31_536_000


@bp.get("/proyectos")
@acceso(publico=True)
@entrada(Lista, "query")
def listar(consulta: Lista) -> dict[str, Any]:
    """Proyectos que puede ver quien pregunta, por texto, municipio, estado o lugar.

    ``servidor_osm`` dice dónde se edita cada uno; si es ``practica``, ``aula`` dice en cuál, y lo que ahí se mapea no
    llega al mapa de verdad.
    """
    with lectura() as sesion:
        municipio = elegir_de_texto(sesion, consulta.municipio).id if consulta.municipio else None
        filtro = Filtro(
            consulta.texto,
            municipio,
            consulta.estado,
            consulta.caja,
            consulta.orden,
            consulta.pagina,
            consulta.por_pagina,
        )
        filas, total = consultas.listar(sesion, actor(), filtro)
        cuentas = consultas.conteos(sesion, [f.id for f in filas])
    return {
        "proyectos": [resumen(f, cuentas[f.id]) for f in filas],
        "total": total,
        "pagina": consulta.pagina,
        "paginas": -(-total // consulta.por_pagina),
    }


@bp.post("/proyectos")
@acceso(*GESTIONAN)
@entrada(NuevoProyecto)
def crear(datos: NuevoProyecto) -> Response:
    """Crea un proyecto en borrador, ya dividido en tareas. Con ``Idempotency-Key`` se puede repetir sin duplicar."""
    quien = actor()

    def hacer() -> tuple[dict[str, Any], int]:
        creado = servicio.crear(sesion, quien, datos.model_dump(), datos.division_pedida())
        cuerpo = {
            "id": creado.id,
            "estado": "borrador",
            "tareas_total": creado.tareas,
            "avisos": areas.frases(creado.avisos),
        }
        return cuerpo, 201

    with transaccion() as sesion:
        return una_vez(sesion, quien.id or 0, hacer)


@bp.post("/proyectos/previa")
@acceso(*GESTIONAN)
@entrada(Previa)
def ver_previa(datos: Previa) -> dict[str, Any]:
    """Qué saldría de una división, sin guardar nada: tareas, tamaños, lo que ya hay en OSM y cuánto trabajo es."""
    with lectura() as sesion:
        municipio, area = servicio.area_pedida(sesion, datos.model_dump(include={"municipio", "area", "reparar"}))
        return previa.calcular(sesion, municipio, area, datos.division_pedida(), con_tareas=datos.con_tareas)


@bp.post("/areas")
@acceso(*GESTIONAN)
def leer_area() -> dict[str, Any]:
    """Lee un área de un archivo (GeoJSON, GeoPackage, KML, shapefile en zip) y dice qué se entendió; no guarda nada.

    Formulario ``multipart/form-data`` con ``archivo`` y, si hacen falta, ``municipio``, ``capa``, ``crs``, ``reparar``.
    """
    opciones = validar(OpcionesDeArea, request.form.to_dict())
    assert isinstance(opciones, OpcionesDeArea)
    subidos = [archivo for archivo in request.files.getlist("archivo") if archivo.filename]
    if not subidos:
        raise FaltaArchivo
    if len(subidos) > 1:
        raise VariosArchivos(n=len(subidos))
    subido = subidos[0]
    with lectura() as sesion, tempfile.TemporaryDirectory(prefix="tequio-subida-") as carpeta:
        municipio = elegir_de_texto(sesion, opciones.municipio) if opciones.municipio else None
        ruta = Path(carpeta) / "archivo"
        subido.save(ruta)
        area = areas.de_archivo(
            sesion,
            municipio,
            ruta,
            subido.filename or "",
            reparar=opciones.reparar,
            capa=opciones.capa,
            crs=opciones.crs,
        )
        hay = presencia.contar(sesion, areas.como_arreglo(area))
    return {
        "area": areas.geojson(area),
        "area_m2": round(area.area_m2, 1),
        "caja": list(area.geometria.bounds),
        "partes": len(area.geometria.geoms),
        "edificios": None if hay is None else int(hay.edificios[0]),
        "metros_vias": None if hay is None else round(float(hay.metros_vias[0])),
        "avisos": areas.frases(area.avisos),
    }


@bp.get("/proyectos/<int:proyecto_id>")
@acceso(publico=True)
def uno(proyecto_id: int) -> Response:
    """Un proyecto, con sus tareas por estado."""
    quien = actor()
    with lectura() as sesion:

        def armar() -> bytes:
            fila = ficha(sesion, quien, proyecto_id)
            cuerpo = completo(fila, consultas.conteos(sesion, [proyecto_id])[proyecto_id])
            return current_app.json.dumps(cuerpo).encode()

        return Response(consultas.texto_guardado(sesion, quien, proyecto_id, armar), mimetype="application/json")


@bp.get("/proyectos/<int:proyecto_id>/area")
@acceso(publico=True)
@entrada(Detalle, "query")
def area(proyecto_id: int, consulta: Detalle) -> Response:
    """El área del proyecto como Feature GeoJSON."""
    with lectura() as sesion:
        proyecto = visible(sesion, actor(), proyecto_id)
        geometria = consultas.area_geojson(sesion, proyecto_id, consulta.tolerancia)
    cuerpo = f'{{"type":"Feature","id":{proyecto.id},"geometry":{geometria},"properties":{{"id":{proyecto.id}}}}}'
    return Response(cuerpo, mimetype="application/geo+json")


@bp.put("/proyectos/<int:proyecto_id>/area")
@acceso(*GESTIONAN)
@entrada(CambioDeArea)
def cambiar_area(proyecto_id: int, datos: CambioDeArea) -> Response:
    """Cambia el área o la división de un borrador: hace de nuevo sus tareas y conserva lo demás."""
    quien = actor()

    def hacer() -> tuple[dict[str, Any], int]:
        proyecto = _gestionable(sesion, proyecto_id)
        pedido = datos.model_dump(include={"municipio", "area", "reparar"})
        nuevo = servicio.cambiar_area(sesion, quien, proyecto, pedido, datos.division_pedida(), datos.version)
        cuerpo = {"id": nuevo.id, "tareas_total": nuevo.tareas, "avisos": areas.frases(nuevo.avisos)}
        return cuerpo, 200

    with transaccion() as sesion:
        return una_vez(sesion, quien.id or 0, hacer)


@bp.post("/proyectos/<int:proyecto_id>/previa")
@acceso(*GESTIONAN)
@entrada(PreviaDeBorrador)
def ver_previa_de_borrador(proyecto_id: int, datos: PreviaDeBorrador) -> dict[str, Any]:
    """Qué saldría de cambiar el área o la división de un borrador, sin guardar nada."""
    with lectura() as sesion:
        proyecto = _gestionable(sesion, proyecto_id)
        pedido = datos.model_dump(include={"municipio", "area", "reparar"})
        municipio, area = servicio.area_de_borrador(sesion, actor(), proyecto, pedido)
        return previa.calcular(sesion, municipio, area, datos.division_pedida(), con_tareas=datos.con_tareas)


@bp.get("/proyectos/<int:proyecto_id>/tareas")
@acceso(publico=True)
@entrada(EnCaja, "query")
def tareas(proyecto_id: int, consulta: EnCaja) -> Response:
    """Las tareas como FeatureCollection GeoJSON, en orden de número: todas o las que tocan una caja.

    Con ``limite`` (y ``desde_numero``) llegan por páginas; ``siguiente`` es la dirección de la que sigue, o ``null``.
    Sin él llegan todas, poco a poco: son unos 370 bytes por tarea.
    """
    quien = actor()
    with lectura() as sesion:
        proyecto = visible(sesion, quien, proyecto_id)
    # Una más de las que caben en la página: si está, hay otra página.
    limite = None if consulta.limite is None else consulta.limite + 1
    lotes = consultas.tareas_geojson(
        actual().lectura, proyecto, quien.id, caja=consulta.caja, desde=consulta.desde_numero or 1, limite=limite
    )
    # El primer lote se lee antes de contestar: lo que falle todavía puede decirse con su código.
    primero = next(lotes, None)
    trozos = coleccion(
        chain([primero] if primero else [], lotes), consulta.limite, _pagina_de_tareas(proyecto_id, consulta)
    )
    return al_hilo(trozos, "application/geo+json")


def _pagina_de_tareas(proyecto_id: int, consulta: EnCaja) -> Callable[[int], str]:
    # La dirección se arma ya: cuando haga falta, la petición habrá terminado.
    raiz = url_for("proyectos_api.tareas", proyecto_id=proyecto_id)
    caja = {} if consulta.caja is None else {"caja": ",".join(f"{g:.12g}" for g in consulta.caja)}
    return lambda desde: f"{raiz}?{urlencode({'desde_numero': desde, 'limite': consulta.limite, **caja})}"


@bp.get("/proyectos/<int:proyecto_id>/prioridades")
@acceso(publico=True)
def ver_prioridades(proyecto_id: int) -> Response:
    """Las tareas cuya prioridad no es la normal, en tramos ``[desde, hasta]`` de números seguidos, por prioridad."""
    with lectura() as sesion:
        proyecto = visible(sesion, actor(), proyecto_id)
        tramos = consultas.prioridades(sesion, proyecto_id)
    cuerpo = {"version": proyecto.version, "prioridades": por_palabra(tramos)}
    return con_etag(current_app.json.dumps(cuerpo).encode(), "application/json")


@bp.post("/proyectos/<int:proyecto_id>/prioridades")
@acceso(*GESTIONAN)
@entrada(CambioDePrioridad)
def poner_prioridad(proyecto_id: int, datos: CambioDePrioridad) -> Response:
    """Pone prioridad a las tareas de una lista de números, o a las que tienen su centro en un área."""

    def hacer() -> tuple[dict[str, Any], int]:
        proyecto = _gestionable(sesion, proyecto_id)
        hecho = servicio.poner_prioridad(sesion, proyecto, **datos.model_dump(), persona_id=actor().id or 0)
        cuerpo = {
            "prioridad": datos.prioridad,
            "tareas": hecho.tareas,
            "cambiadas": hecho.cambiadas,
            "avisos": areas.frases(hecho.avisos),
        }
        return cuerpo, 200

    with transaccion() as sesion:
        return una_vez(sesion, actor().id or 0, hacer)


@bp.patch("/proyectos/<int:proyecto_id>")
@acceso(*GESTIONAN)
@entrada(Edicion)
def editar(proyecto_id: int, datos: Edicion) -> Response:
    """Cambia textos, imágenes, visibilidad, minutos, prioridad, o dónde y con qué se edita."""
    with transaccion() as sesion:
        servicio.editar(sesion, _gestionable(sesion, proyecto_id), datos.cambios())
    return uno(proyecto_id)


@bp.delete("/proyectos/<int:proyecto_id>")
@acceso(*GESTIONAN)
def borrar(proyecto_id: int) -> tuple[str, int]:
    """Borra un borrador."""
    with transaccion() as sesion:
        servicio.borrar(sesion, _gestionable(sesion, proyecto_id).id)
    return "", 204


@bp.post("/proyectos/<int:proyecto_id>/publicacion")
@acceso(*GESTIONAN)
def publicar(proyecto_id: int) -> Response:
    """Publica un borrador: desde ahora lo ven y lo mapean."""
    with transaccion() as sesion:
        servicio.publicar(sesion, _gestionable(sesion, proyecto_id).id)
    return uno(proyecto_id)


@bp.post("/proyectos/<int:proyecto_id>/archivo")
@acceso(*GESTIONAN)
def archivar(proyecto_id: int) -> Response:
    """Archiva: se sigue viendo y ya nadie toma sus tareas."""
    with transaccion() as sesion:
        servicio.archivar(sesion, _gestionable(sesion, proyecto_id).id)
    return uno(proyecto_id)


@bp.delete("/proyectos/<int:proyecto_id>/archivo")
@acceso(*GESTIONAN)
def restaurar(proyecto_id: int) -> Response:
    """Vuelve a abrir un proyecto archivado."""
    with transaccion() as sesion:
        servicio.restaurar(sesion, _gestionable(sesion, proyecto_id).id)
    return uno(proyecto_id)


def _gestionable(sesion: Any, proyecto_id: int) -> ProyectoVisible:
    """El proyecto, si quien pide lo puede ver (404) y lo gestiona (403)."""
    quien = actor()
    proyecto = visible(sesion, quien, proyecto_id)
    servicio.exigir_gestion_de(sesion, quien, proyecto)
    return proyecto


@bp_teselas.get("/proyectos/<int:proyecto_id>/<int:version>/<int:z>/<int:x>/<int:y>.mvt")
@acceso(publico=True)
def tesela(proyecto_id: int, version: int, z: int, x: int, y: int) -> Response:
    """Una tesela vectorial de las tareas; no cambia nunca mientras no cambie la versión."""
    with lectura() as sesion:
        proyecto = visible(sesion, actor(), proyecto_id)
        if version != proyecto.version:
            raise TeselaInexistente
        comprimida = teselas.tesela(sesion, proyecto, z, x, y)
    respuesta = _tesela(comprimida)
    quien_guarda = "public" if proyecto.para_cualquiera else "private"
    respuesta.headers["Cache-Control"] = f"{quien_guarda}, max-age={UN_ANIO}, immutable"
    respuesta.vary.add("Accept-Encoding")
    respuesta.make_conditional(request)
    return respuesta


def _tesela(comprimida: bytes) -> Response:
    if not comprimida:
        return Response(status=204)
    acepta = "gzip" in request.headers.get("Accept-Encoding", "")
    respuesta = Response(
        comprimida if acepta else gzip.decompress(comprimida), mimetype="application/vnd.mapbox-vector-tile"
    )
    if acepta:
        respuesta.headers["Content-Encoding"] = "gzip"
    respuesta.set_etag(hashlib.blake2b(comprimida, digest_size=12).hexdigest(), weak=True)
    return respuesta
