"""Páginas de proyectos: explorar, ver, crear, editar, administrar, el cartel; y la de cada municipio con los suyos."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import segno
from flask import Blueprint, Response, flash, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from tareas.comun.bd import lectura, transaccion
from tareas.comun.entrada import validar
from tareas.comun.errores import ErrorTequio
from tareas.comun.filtros import Pagina, leer_filtros, no_esta_en_la_lista
from tareas.comun.permisos import GESTIONAN, VALIDAN, Papel
from tareas.comun.presentacion import permitir_imagenes
from tareas.comun.textos import _
from tareas.comun.web import acceso, actor, errores_en
from tareas.cuentas.formularios import problemas
from tareas.cuentas.osm.servidores import PRACTICA, nombre_de, todos
from tareas.municipios import consultas as municipios
from tareas.municipios.errores import MunicipioDesconocido
from tareas.municipios.formularios import Buscador
from tareas.proyectos import consultas, editores, servicio
from tareas.proyectos.consultas import Filtro, ProyectoVisible, ficha, visible
from tareas.proyectos.formularios import Explorar, FormularioDeEdicion
from tareas.proyectos.plantillas_de_texto import INSTRUCCIONES
from tareas.proyectos.presentacion import completo, dicho_en_tramos, imagenes_vigentes, resumen
from tareas.proyectos.reglas import palabra_de_prioridad

bp = Blueprint("proyectos", __name__)

MUNICIPIOS_POR_PAGINA = 30
PROYECTOS_DE_UN_MUNICIPIO = 100


# --- Explorar y ver ---------------------------------------------------------------------------------------------------


@bp.get("/proyectos")
@acceso(publico=True)
def lista() -> Response:
    """Los proyectos están en el inicio: quien escribe esta dirección, o recorta la de uno, llega ahí."""
    return Response(status=302, headers={"Location": url_for("proyectos.explorar")})


@bp.get("/")
@acceso(publico=True)
def explorar() -> Pagina:
    """Los proyectos que puede ver quien pregunta, en un mapa y en tarjetas."""
    filtros = leer_filtros(Explorar)
    with lectura() as sesion:
        con_proyectos = consultas.municipios_con_proyectos(sesion, actor())
        opciones = _opciones_de_explorar(con_proyectos)
        mal, pedido = filtros.dichos(opciones), filtros.pedido
        elegido = None
        if pedido.municipio:
            try:
                elegido = municipios.elegir_de_texto(sesion, pedido.municipio).id
            except MunicipioDesconocido:
                mal["municipio"] = no_esta_en_la_lista(pedido.municipio, opciones["municipio"])
        filtro = Filtro(pedido.texto, elegido, pedido.estado, None, pedido.orden, pedido.pagina)
        filas, total = ((), 0) if mal else consultas.listar(sesion, actor(), filtro)
        paginas = max(1, -(-total // filtro.por_pagina))
        if not mal and filtro.pagina > paginas:
            filtro = filtro._replace(pagina=paginas)
            filas, total = consultas.listar(sesion, actor(), filtro)
        cuentas = consultas.conteos(sesion, [f.id for f in filas])
        base = consultas.plantilla_base(sesion)
    pagina = render_template(
        "proyectos/explorar.html",
        proyectos=[resumen(f, cuentas[f.id]) for f in filas],
        total=total,
        pagina=filtro.pagina,
        paginas=paginas,
        filtro=filtros.enviado,
        problemas=mal,
        opciones=opciones,
        base=base,
        direccion=_paginador("proyectos.explorar", filtros.enviado, ancla="lista"),
    )
    return (pagina, 422) if mal else pagina


def _opciones_de_explorar(con_proyectos: list[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    estados = [("", _("Todos")), ("publicado", _("Abiertos")), ("archivado", _("Archivados"))]
    if actor().municipios_con(GESTIONAN | {Papel.CAPACITADOR}):
        estados.append(("borrador", _("Borradores")))
    return {
        "municipio": [("", _("Todos")), *con_proyectos],
        "estado": estados,
        "orden": [
            ("", _("Más recientes")),
            ("prioridad", _("Más urgentes")),
            ("avance", _("Más avanzados")),
            ("nombre", _("Por nombre")),
        ],
    }


def _paginador(
    punto: str, pedidos: Mapping[str, str], *, ancla: str | None = None, **partes: Any
) -> Callable[[int], str]:
    otros: dict[str, Any] = {n: v for n, v in pedidos.items() if n != "pagina"}
    return lambda pagina: url_for(punto, **partes, **otros, pagina=pagina, _anchor=ancla)


@bp.get("/proyectos/<int:proyecto_id>")
@acceso(publico=True)
def ver(proyecto_id: int) -> str:
    """Qué se mapea y por qué, cuánto va, y el botón para empezar."""
    with lectura() as sesion:
        fila = ficha(sesion, actor(), proyecto_id)
        cuentas = consultas.conteos(sesion, [proyecto_id])[proyecto_id]
        base = consultas.plantilla_base(sesion, fila)
    permitir_imagenes(imagenes_vigentes(fila))
    return render_template(
        "proyectos/proyecto.html",
        proyecto=completo(fila, cuentas),
        base=base,
        puede_validar=actor().tiene(VALIDAN, fila.municipio_id),
        puede_gestionar=actor().tiene(GESTIONAN, fila.municipio_id),
    )


@bp.get("/p/<int:proyecto_id>")
@acceso(publico=True)
def corta(proyecto_id: int) -> Response:
    """Dirección corta, para carteles y mensajes."""
    with lectura() as sesion:
        visible(sesion, actor(), proyecto_id)
    return _a("proyectos.ver", proyecto_id)


def _a(punto: str, proyecto_id: int) -> Response:
    return Response(status=303, headers={"Location": url_for(punto, proyecto_id=proyecto_id)})


# --- Crear y editar ---------------------------------------------------------------------------------------------------


@bp.get("/proyectos/nuevo")
@acceso(*GESTIONAN)
def nuevo() -> str:
    """Crear un proyecto en cuatro pasos."""
    suyos = actor().municipios_con(GESTIONAN)
    pedido = request.args.get("municipio", "").strip()
    with lectura() as sesion:
        propios = [municipios.por_id(sesion, m) for m in sorted(m for m in suyos if m is not None)]
        elegido = municipios.elegir_de_texto(sesion, pedido) if pedido else None
        base = consultas.plantilla_base(sesion)
        aulas = consultas.aulas_de(sesion, None if None in suyos else [m.id for m in propios])
    return render_template(
        "proyectos/nuevo.html",
        en_todos=None in suyos,
        propios=propios,
        elegido=elegido or (propios[0] if len(propios) == 1 and None not in suyos else None),
        base=base,
        instrucciones=INSTRUCCIONES,
        borrador=None,
        **_opciones_de_edicion(aulas),
    )


@bp.get("/proyectos/<int:proyecto_id>/area")
@acceso(*GESTIONAN)
def cambiar_area(proyecto_id: int) -> str | Response:
    """Cambiar el área o la división de un borrador, con los mismos pasos con que se creó."""
    suyos = actor().municipios_con(GESTIONAN)
    with lectura() as sesion:
        fila = ficha(sesion, actor(), proyecto_id)
        servicio.exigir_gestion_de(sesion, actor(), visible(sesion, actor(), proyecto_id))
        if fila.estado != "borrador":
            flash(_("Ya se publicó: su área y sus tareas ya no cambian."), "advertencia")
            return _a("proyectos.administrar", proyecto_id)
        propios = [municipios.por_id(sesion, m) for m in sorted({m for m in suyos if m is not None})]
        elegido = municipios.por_id(sesion, fila.municipio_id)
        borrador = {
            "id": fila.id,
            "nombre": fila.nombre,
            "version": fila.version,
            "municipio": fila.municipio_id,
            "division": fila.division,
            "area_m2": fila.area_m2,
            "caja": list(fila.caja),
            "todo": consultas.es_todo_el_municipio(sesion, proyecto_id),
        }
        base = consultas.plantilla_base(sesion, fila)
    return render_template(
        "proyectos/nuevo.html",
        en_todos=None in suyos,
        propios=propios,
        elegido=elegido,
        base=base,
        instrucciones=INSTRUCCIONES,
        borrador=borrador,
    )


@bp.get("/proyectos/<int:proyecto_id>/editar")
@acceso(*GESTIONAN)
def editar(proyecto_id: int) -> str:
    """Formulario con los textos, las imágenes y quién participa."""
    with lectura() as sesion:
        servicio.exigir_gestion_de(sesion, actor(), visible(sesion, actor(), proyecto_id))
        return _formulario(sesion, proyecto_id)


@bp.post("/proyectos/<int:proyecto_id>/editar")
@acceso(*GESTIONAN)
def guardar(proyecto_id: int) -> Response:
    """Guarda los cambios del formulario."""
    with lectura() as sesion:
        servicio.exigir_gestion_de(sesion, actor(), visible(sesion, actor(), proyecto_id))
    errores_en(lambda error: _formulario_con(error, proyecto_id))
    datos = validar(FormularioDeEdicion, _de_formulario())
    with transaccion() as sesion:
        servicio.editar(sesion, visible(sesion, actor(), proyecto_id), datos.cambios())
    flash(_("Guardado. Quien abra el proyecto ya ve los cambios."), "exito")
    return _a("proyectos.administrar", proyecto_id)


def _de_formulario() -> dict[str, Any]:
    """Lo que llegó; las casillas que se marcan varias, como lista."""
    campos: dict[str, Any] = {c: v for c, v in request.form.to_dict().items() if c != "csrf_token"}
    return campos | {c: request.form.getlist(c) for c in ("editores_ofrecidos", "presets") if c in campos}


def _formulario_con(error: ErrorTequio, proyecto_id: int) -> str:
    with lectura() as sesion:
        return _formulario(sesion, proyecto_id, error)


def _formulario(sesion: Session, proyecto_id: int, error: ErrorTequio | None = None) -> str:
    fila = ficha(sesion, actor(), proyecto_id)
    return render_template(
        "proyectos/editar.html",
        proyecto=fila,
        retiradas=[capa["url"] for capa in fila.imagenes_retiradas],
        valores=_guardados(fila) if error is None else _de_formulario(),
        campos={} if error is None else problemas(error),
        **_opciones_de_edicion(consultas.aulas_de(sesion, [fila.municipio_id])),
    )


@bp.get("/proyectos/<int:proyecto_id>/prioridades")
@acceso(*GESTIONAN)
def prioridades(proyecto_id: int) -> str:
    """Poner prioridad a tareas: en el mapa, por área o por número."""
    with lectura() as sesion:
        fila = ficha(sesion, actor(), proyecto_id)
        servicio.exigir_gestion_de(sesion, actor(), visible(sesion, actor(), proyecto_id))
        base = consultas.plantilla_base(sesion, fila)
    imagenes = imagenes_vigentes(fila)
    permitir_imagenes(imagenes)
    return render_template("proyectos/prioridades.html", proyecto=fila, base=base, imagenes=imagenes)


def _guardados(fila: Any) -> dict[str, Any]:
    """Lo guardado de un proyecto, con los nombres de los campos del formulario."""
    este, norte = fila.desplazamiento or (None, None)
    return {
        **fila._mapping,
        "imagenes": json.dumps(fila.imagenes, ensure_ascii=False),
        "editores": json.dumps(fila.editores, ensure_ascii=False),
        "editores_ofrecidos": [e for e in editores.conocidos() if e not in fila.editores_ocultos],
        "presets": [p for p in fila.presets if p in editores.PRESETS_COMUNES],
        "otros_presets": " ".join(p for p in fila.presets if p not in editores.PRESETS_COMUNES),
        "donde": f"{fila.servidor_osm}:{fila.aula_id}" if fila.aula_id else fila.servidor_osm,
        "desplazamiento_este": este,
        "desplazamiento_norte": norte,
    }


def _opciones_de_edicion(aulas: Any) -> dict[str, Any]:
    """Lo que se puede elegir en «Dónde y con qué se edita»."""
    return {
        "opciones": {
            "servidores": [(s.id, nombre_de(s.id)) for s in todos() if not s.practica],
            "aulas": [{"id": a.id, "municipio": a.municipio_id, "nombre": a.nombre} for a in aulas],
            "editores": editores.conocidos(),
            "presets": {clave: _(nombre) for clave, nombre in editores.PRESETS_COMUNES.items()},
        }
    }


# --- Administrar ------------------------------------------------------------------------------------------------------


@bp.get("/proyectos/<int:proyecto_id>/administrar")
@acceso(*GESTIONAN)
def administrar(proyecto_id: int) -> str:
    """Publicar, repartir el enlace, editar, archivar."""
    with lectura() as sesion:
        fila = ficha(sesion, actor(), proyecto_id)
        servicio.exigir_gestion_de(sesion, actor(), visible(sesion, actor(), proyecto_id))
        cuentas = consultas.conteos(sesion, [proyecto_id])[proyecto_id]
        cambios = consultas.cambios_de_prioridad(sesion, proyecto_id)
    enlace = _enlace(proyecto_id)
    return render_template(
        "proyectos/administrar.html",
        proyecto=completo(fila, cuentas),
        enlace=enlace,
        qr=_qr(enlace),
        cambios_de_prioridad=[
            (c, palabra_de_prioridad(c.prioridad), dicho_en_tramos(c.numeros, c.tareas)) for c in cambios
        ],
    )


@bp.post("/proyectos/<int:proyecto_id>/publicar")
@acceso(*GESTIONAN)
def publicar(proyecto_id: int) -> Response:
    """Publica el borrador."""
    _pasar(proyecto_id, servicio.publicar)
    flash(_("Publicado. Comparte el enlace o imprime el cartel para que empiecen a mapear."), "exito")
    return _a("proyectos.administrar", proyecto_id)


@bp.post("/proyectos/<int:proyecto_id>/archivar")
@acceso(*GESTIONAN)
def archivar(proyecto_id: int) -> Response:
    """Archiva el proyecto."""
    _pasar(proyecto_id, servicio.archivar)
    flash(_("Archivado. Se sigue viendo, y ya nadie toma sus tareas."), "exito")
    return _a("proyectos.administrar", proyecto_id)


@bp.post("/proyectos/<int:proyecto_id>/restaurar")
@acceso(*GESTIONAN)
def restaurar(proyecto_id: int) -> Response:
    """Vuelve a abrir un proyecto archivado."""
    _pasar(proyecto_id, servicio.restaurar)
    flash(_("Abierto de nuevo: ya se pueden tomar sus tareas."), "exito")
    return _a("proyectos.administrar", proyecto_id)


@bp.post("/proyectos/<int:proyecto_id>/borrar")
@acceso(*GESTIONAN)
def borrar(proyecto_id: int) -> Response:
    """Borra un borrador."""
    _pasar(proyecto_id, servicio.borrar)
    flash(_("Borrador borrado."), "exito")
    return Response(status=303, headers={"Location": url_for("proyectos.explorar")})


def _pasar(proyecto_id: int, paso: Callable[[Session, int], None]) -> None:
    with transaccion() as sesion:
        proyecto: ProyectoVisible = visible(sesion, actor(), proyecto_id)
        servicio.exigir_gestion_de(sesion, actor(), proyecto)
        paso(sesion, proyecto.id)


@bp.get("/proyectos/<int:proyecto_id>/cartel")
@acceso(publico=True)
def cartel(proyecto_id: int) -> str:
    """Cartel para imprimir, con el enlace y su código QR."""
    with lectura() as sesion:
        fila = ficha(sesion, actor(), proyecto_id)
    enlace = _enlace(proyecto_id)
    return render_template("proyectos/cartel.html", proyecto=fila, enlace=enlace, qr=_qr(enlace))


@bp.get("/proyectos/<int:proyecto_id>/qr.svg")
@acceso(publico=True)
def qr_svg(proyecto_id: int) -> Response:
    """El código QR del proyecto, para ponerlo en otro impreso."""
    with lectura() as sesion:
        visible(sesion, actor(), proyecto_id)
    dibujo = io.BytesIO()
    segno.make(_enlace(proyecto_id), error="m").save(dibujo, kind="svg", scale=8, border=4, light="#fff")
    respuesta = Response(dibujo.getvalue(), mimetype="image/svg+xml")
    respuesta.headers["Content-Disposition"] = f'attachment; filename="tequio-proyecto-{proyecto_id}.svg"'
    return respuesta


def _enlace(proyecto_id: int) -> str:
    return url_for("proyectos.corta", proyecto_id=proyecto_id, _external=True)


def _qr(enlace: str) -> Markup:
    """El QR como SVG dentro de la página, negro sobre blanco también con tema oscuro."""
    dibujo = segno.make(enlace, error="m").svg_inline(omitsize=True, border=4, light="#fff", dark="#000")
    return Markup(dibujo)  # nosec B704 - lo dibujó segno


@bp.get("/administracion")
@acceso(Papel.FUNCIONARIO, Papel.ADMINISTRADOR)
def tablero() -> str:
    """Lo que se puede hacer desde el gobierno municipal: proyectos propios, personas, municipios."""
    suyos = actor().municipios_con(GESTIONAN)
    with lectura() as sesion:
        filas = consultas.gestionados(sesion, actor())
        cuentas = consultas.conteos(sesion, [f.id for f in filas])
        propios = [municipios.por_id(sesion, m) for m in sorted(m for m in suyos if m is not None)]
    return render_template(
        "proyectos/tablero.html",
        proyectos=[resumen(f, cuentas[f.id]) for f in filas],
        propios=propios,
        administra=bool(actor().municipios_con((Papel.ADMINISTRADOR,))),
    )


# --- Municipios -------------------------------------------------------------------------------------------------------


@bp.get("/municipios")
@acceso(publico=True)
def lista_de_municipios() -> Pagina:
    """Los municipios cargados, con buscador."""
    filtros = leer_filtros(Buscador)
    mal, pagina = filtros.dichos(), filtros.pedido.pagina

    def buscar(pagina: int) -> tuple[Sequence[Any], int]:
        salto = (pagina - 1) * MUNICIPIOS_POR_PAGINA
        return municipios.buscar(sesion, filtros.pedido.texto, MUNICIPIOS_POR_PAGINA, salto)

    with lectura() as sesion:
        filas, total = ((), 0) if mal else buscar(pagina)
        if pagina > 1 and not filas and not mal:
            # Más allá de la última no viene ni cuántos son.
            pagina = max(1, -(-buscar(1)[1] // MUNICIPIOS_POR_PAGINA))
            filas, total = buscar(pagina)
        proyectos = consultas.proyectos_por_municipio(sesion, actor(), [f.id for f in filas])
    hecha = render_template(
        "municipios/lista.html",
        municipios=filas,
        proyectos=proyectos,
        texto=filtros.enviado.get("texto", ""),
        problemas=mal,
        total=total,
        pagina=pagina,
        paginas=max(1, -(-total // MUNICIPIOS_POR_PAGINA)),
        direccion=_paginador("proyectos.lista_de_municipios", filtros.enviado),
    )
    return (hecha, 422) if mal else hecha


@bp.get("/municipios/<int:municipio_id>")
@acceso(publico=True)
def municipio(municipio_id: int) -> str:
    """Un municipio: su límite, sus proyectos y cuánto va."""
    with lectura() as sesion:
        lugar = municipios.por_id(sesion, municipio_id)
        filtro = Filtro(municipio=municipio_id, por_pagina=PROYECTOS_DE_UN_MUNICIPIO)
        filas, total = consultas.listar(sesion, actor(), filtro)
        cuentas = consultas.conteos(sesion, [f.id for f in filas])
        base = consultas.plantilla_base(sesion)
    # Lo que se practica en un aula no es avance del mapa: no se suma.
    practica = {f.id for f in filas if f.servidor_osm == PRACTICA}
    suma: dict[str, int] = {}
    for numero, propias in cuentas.items():
        for estado, n in propias.items() if numero not in practica else ():
            suma[estado] = suma.get(estado, 0) + n
    return render_template(
        "municipios/municipio.html",
        municipio=lugar,
        proyectos=[resumen(f, cuentas[f.id]) for f in filas],
        total=total,
        suma=suma,
        de_practica=len(practica),
        base=base,
        puede_gestionar=actor().tiene(GESTIONAN, municipio_id),
    )
