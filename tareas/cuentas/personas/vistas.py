"""Páginas para administrar personas. Quien administra un municipio ve y toca sólo lo de su municipio."""

from collections.abc import Mapping, Sequence
from typing import Any

import segno
from flask import Blueprint, Response, flash, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Row
from sqlalchemy.orm import Session

from tareas.comun import bd
from tareas.comun.errores import ErrorTequio, NoPermitido
from tareas.comun.filtros import Pagina, leer_filtros
from tareas.comun.permisos import Actor, Papel
from tareas.comun.textos import N_, _, llenar, n_
from tareas.comun.web import acceso, actor_con_cuenta, errores_en
from tareas.cuentas import consultas, servicio
from tareas.cuentas.errores import (
    BajaPropia,
    CuentaAjena,
    FaltaMunicipio,
    FaltaPapel,
    ListaInvalida,
    PapelDesconocido,
    PersonaDesconocida,
)
from tareas.cuentas.formularios import (
    Ambito,
    Buscador,
    ListaDePersonas,
    PapelInicial,
    PapelPorDar,
    PapelPorUsuario,
    PersonaNueva,
    leer,
    problemas,
)
from tareas.cuentas.listas import leer_lista
from tareas.cuentas.osm import consultas as consultas_osm
from tareas.cuentas.osm import servidores
from tareas.cuentas.reglas import administra, administra_cuenta, ve_cuenta
from tareas.cuentas.servicio import CuentaNueva
from tareas.cuentas.vistas import servidor_de_correo

bp = Blueprint("personas", __name__, url_prefix="/administracion/personas")

NOMBRES_DE_PAPEL = {
    Papel.MAPEADOR: N_("Mapeo"),
    Papel.VALIDADOR: N_("Validación"),
    Papel.CAPACITADOR: N_("Capacitación"),
    Papel.FUNCIONARIO: N_("Gobierno municipal"),
    Papel.ADMINISTRADOR: N_("Administración"),
}


@bp.app_template_global()
def nombre_de_papel(papel: str) -> str:
    """Papel en palabras de la página."""
    return _(NOMBRES_DE_PAPEL[Papel(papel)])


def _municipios(quien: Actor) -> list[int] | None:
    """Municipios que administra; ``None`` si son todos."""
    return (
        None
        if quien.administra_todo
        else sorted(m for m in quien.municipios_con((Papel.ADMINISTRADOR,)) if m is not None)
    )


def _pagina(
    plantilla: str, error: ErrorTequio | None = None, valores: Mapping[str, Any] | None = None, **contexto: Any
) -> str:
    quien = actor_con_cuenta()
    with bd.lectura() as sesion:
        municipios = consultas.municipios_elegibles(sesion, _municipios(quien))
    renglones = error.datos["renglones"] if isinstance(error, ListaInvalida) else []
    return render_template(
        plantilla,
        campos={} if error is None else problemas(error),
        renglones=[(r["numero"], llenar(r["plantilla"], r["datos"])) for r in renglones],
        valores=request.form if valores is None else valores,
        municipios=municipios,
        papeles_posibles=[(p.value, nombre_de_papel(p)) for p in Papel],
        **contexto,
    )


@bp.get("")
@acceso(Papel.ADMINISTRADOR)
def lista() -> Pagina:
    """Lista de personas, con buscador."""
    filtros = leer_filtros(Buscador)
    mal, pedido = filtros.dichos(), filtros.pedido
    hallada = None
    if not mal:
        with bd.lectura() as sesion:
            hallada = consultas.personas(
                sesion, texto=pedido.texto, municipios=_municipios(actor_con_cuenta()), pagina=pedido.pagina
            )
    texto = filtros.enviado.get("texto", "")
    pagina = render_template("cuentas/personas.html", hallada=hallada, texto=texto, problemas=mal)
    return (pagina, 422) if mal else pagina


def _donde(sesion: Session, quien: Actor, datos: Ambito) -> int | None:
    """Municipio pedido (``None``: toda la instalación), si quien pide lo administra.

    Raises
    ------
    FaltaMunicipio, MunicipioDesconocido, MunicipioAmbiguo, NoPermitido
    """
    if not datos.toda and not datos.municipio:
        raise FaltaMunicipio
    municipio_id = None if datos.toda else consultas.municipio_por_texto(sesion, datos.municipio)
    if not administra(quien, municipio_id):
        raise NoPermitido
    return municipio_id


def _papel_inicial(sesion: Session, quien: Actor, datos: PapelInicial) -> tuple[Papel, int | None] | None:
    """Papel con que nace una cuenta. Sin papel no quedaría en ningún municipio: sólo puede crearla quien los ve todos.

    Raises
    ------
    FaltaPapel, MunicipioDesconocido, MunicipioAmbiguo, NoPermitido
    """
    if datos.papel is not None:
        return datos.papel, _donde(sesion, quien, datos)
    if not quien.administra_todo:
        raise FaltaPapel
    return None


@bp.get("/nueva")
@acceso(Papel.ADMINISTRADOR)
def nueva() -> str:
    """Formulario para crear una cuenta."""
    return _pagina("cuentas/persona_nueva.html")


@bp.post("/nueva")
@acceso(Papel.ADMINISTRADOR)
def crear() -> Response:
    """Crea una cuenta y enseña una sola vez su clave temporal."""
    quien = actor_con_cuenta()
    errores_en(lambda error: _pagina("cuentas/persona_nueva.html", error))
    datos = leer(PersonaNueva)
    with bd.transaccion() as sesion:
        inicial = _papel_inicial(sesion, quien, datos)
        creada = servicio.crear_con_clave_temporal(
            sesion, usuario=datos.usuario, nombre=datos.nombre, correo=datos.correo or None
        )
        if inicial is not None:
            servicio.dar_papel(sesion, creada.persona_id, *inicial, otorgado_por=quien.id)
    return _hojas([creada], _("Cuenta creada"))


@bp.get("/varias")
@acceso(Papel.ADMINISTRADOR)
def varias() -> str:
    """Formulario para crear muchas cuentas de una lista."""
    return _pagina("cuentas/personas_varias.html")


@bp.post("/varias")
@acceso(Papel.ADMINISTRADOR)
def crear_varias() -> Response:
    """Crea todas las cuentas de la lista, o ninguna, y da una hoja para imprimir."""
    quien = actor_con_cuenta()
    errores_en(lambda error: _pagina("cuentas/personas_varias.html", error))
    datos = leer(ListaDePersonas)
    renglones = leer_lista(datos.lista)
    with bd.transaccion() as sesion:
        creadas = servicio.crear_lote(
            sesion, renglones, inicial=_papel_inicial(sesion, quien, datos), otorgado_por=quien.id
        )
    return _hojas(creadas, n_("%(num)s cuenta creada", "%(num)s cuentas creadas", len(creadas)))


def _hojas(cuentas: Sequence[CuentaNueva], titulo: str) -> Response:
    """Hoja imprimible con una tira por cuenta. Las claves no se guardan en ningún lado: se ven esta vez."""
    servidor = servidor_de_correo()
    direccion = (servidor.direccion if servidor else request.host_url.rstrip("/")) + url_for("cuentas.entrar")
    dibujo = segno.make(direccion, error="m").svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None)
    pagina = render_template(
        "cuentas/hojas.html",
        cuentas=cuentas,
        titulo=titulo,
        direccion=direccion,
        qr=Markup(dibujo),  # nosec B704 - lo dibujó segno
    )
    respuesta = Response(pagina, mimetype="text/html")
    respuesta.headers["Cache-Control"] = "no-store"
    return respuesta


def _buscar(sesion: Session, quien: Actor, persona_id: int) -> tuple[Row[Any], Sequence[Row[Any]]]:
    """La cuenta y todos sus papeles, si quien pide la administra en algún lado.

    Raises
    ------
    PersonaDesconocida
    """
    cuenta, papeles = consultas.cuenta(sesion, persona_id), consultas.papeles(sesion, persona_id)
    if not ve_cuenta(quien, [p.municipio_id for p in papeles]):
        raise PersonaDesconocida
    return cuenta, papeles


def _tocar(sesion: Session, quien: Actor, persona_id: int) -> Row[Any]:
    """La cuenta, si quien pide puede darla de baja o restablecerla.

    Raises
    ------
    PersonaDesconocida, CuentaAjena
    """
    cuenta, papeles = _buscar(sesion, quien, persona_id)
    if not administra_cuenta(quien, [p.municipio_id for p in papeles]):
        raise CuentaAjena
    return cuenta


def _pagina_persona(persona_id: int, error: ErrorTequio | None = None) -> str:
    quien = actor_con_cuenta()
    with bd.lectura() as sesion:
        cuenta, papeles = _buscar(sesion, quien, persona_id)
        cuentas_osm = consultas_osm.de_persona(sesion, persona_id)
    propios = [p for p in papeles if administra(quien, p.municipio_id)]
    return _pagina(
        "cuentas/persona.html",
        error,
        cuenta=cuenta,
        papeles=propios,
        cuentas_osm=[(c, servidores.nombre_de(c.servidor)) for c in cuentas_osm],
        ajenos=len(papeles) - len(propios),
        la_toca=administra_cuenta(quien, [p.municipio_id for p in papeles]),
    )


@bp.get("/<int:persona_id>")
@acceso(Papel.ADMINISTRADOR)
def persona(persona_id: int) -> str:
    """Una persona: sus papeles y lo que se puede hacer con su cuenta."""
    return _pagina_persona(persona_id)


@bp.post("/papeles")
@acceso(Papel.ADMINISTRADOR)
def dar_papel_a_usuario() -> Response:
    """Da un papel a quien ya tiene cuenta, por su nombre de usuario: así se suma a alguien que se registró sola."""
    quien = actor_con_cuenta()
    errores_en(lambda error: _pagina("cuentas/persona_sumar.html", error))
    datos = leer(PapelPorUsuario)
    with bd.transaccion() as sesion:
        persona_id = consultas.persona_de_usuario(sesion, datos.usuario)
        servicio.dar_papel(sesion, persona_id, datos.papel, _donde(sesion, quien, datos), otorgado_por=quien.id)
    return _de_vuelta(persona_id, _("Le diste el papel."))


@bp.get("/papeles")
@acceso(Papel.ADMINISTRADOR)
def sumar() -> str:
    """Formulario para dar un papel a quien ya tiene cuenta."""
    return _pagina("cuentas/persona_sumar.html")


@bp.post("/<int:persona_id>/papeles")
@acceso(Papel.ADMINISTRADOR)
def dar_papel(persona_id: int) -> Response:
    """Da un papel a una persona que ya se administra."""
    quien = actor_con_cuenta()
    with bd.lectura() as sesion:
        _buscar(sesion, quien, persona_id)
    errores_en(lambda error: _pagina_persona(persona_id, error))
    datos = leer(PapelPorDar)
    with bd.transaccion() as sesion:
        servicio.dar_papel(sesion, persona_id, datos.papel, _donde(sesion, quien, datos), otorgado_por=quien.id)
    return _de_vuelta(persona_id, _("Le diste el papel."))


@bp.post("/<int:persona_id>/papeles/<int:papel_id>/retiro")
@acceso(Papel.ADMINISTRADOR)
def quitar_papel(persona_id: int, papel_id: int) -> Response:
    """Quita un papel."""
    quien = actor_con_cuenta()
    with bd.lectura() as sesion:
        _cuenta, papeles = _buscar(sesion, quien, persona_id)
    errores_en(lambda error: _pagina_persona(persona_id, error))
    otorgado = next((p for p in papeles if p.id == papel_id and administra(quien, p.municipio_id)), None)
    if otorgado is None:
        raise PapelDesconocido
    with bd.transaccion() as sesion:
        servicio.quitar_papel(sesion, persona_id, Papel(otorgado.papel), otorgado.municipio_id)
    dicho = _("Le quitaste el papel.")
    if ve_cuenta(quien, [p.municipio_id for p in papeles if p.id != papel_id]):
        return _de_vuelta(persona_id, dicho)
    # Sin ese papel ya no está entre quienes administra.
    flash(dicho, "exito")
    return _ir(url_for("personas.lista"))


@bp.post("/<int:persona_id>/clave")
@acceso(Papel.ADMINISTRADOR)
def restablecer(persona_id: int) -> Response:
    """Pone una clave temporal, cierra sus sesiones y la enseña una sola vez."""
    quien = actor_con_cuenta()
    with bd.transaccion() as sesion:
        cuenta = _tocar(sesion, quien, persona_id)
        temporal = servicio.restablecer_clave(sesion, persona_id, avisar=servidor_de_correo() is not None)
    return _hojas([CuentaNueva(persona_id, cuenta.usuario, cuenta.nombre, temporal)], _("Clave nueva"))


@bp.post("/<int:persona_id>/baja")
@acceso(Papel.ADMINISTRADOR)
def dar_de_baja(persona_id: int) -> Response:
    """Cierra la cuenta; su trabajo queda."""
    quien = actor_con_cuenta()
    with bd.lectura() as sesion:
        _tocar(sesion, quien, persona_id)
    errores_en(lambda error: _pagina_persona(persona_id, error))
    if persona_id == quien.id:
        raise BajaPropia
    with bd.transaccion() as sesion:
        servicio.dar_de_baja(sesion, persona_id)
    return _de_vuelta(persona_id, _("La cuenta quedó de baja. Su trabajo se conserva."))


@bp.post("/<int:persona_id>/alta")
@acceso(Papel.ADMINISTRADOR)
def dar_de_alta(persona_id: int) -> Response:
    """Vuelve a abrir la cuenta."""
    quien = actor_con_cuenta()
    with bd.transaccion() as sesion:
        _tocar(sesion, quien, persona_id)
        servicio.dar_de_alta(sesion, persona_id)
    return _de_vuelta(persona_id, _("La cuenta está activa otra vez."))


def _de_vuelta(persona_id: int, dicho: str) -> Response:
    flash(dicho, "exito")
    return _ir(url_for("personas.persona", persona_id=persona_id))


def _ir(destino: str) -> Response:
    return Response(status=303, headers={"Location": destino})
