"""Órdenes de cuentas: crear, dar papeles, restablecer, listar y enviar correos."""

import math
import os
from typing import Any

import click

from tareas.comun.bd import BaseDeDatos, transaccion_de_orden, url_configurada
from tareas.comun.permisos import Papel
from tareas.cuentas import cartero, consultas, servicio
from tareas.cuentas.correo import RAIZ, VARIABLES, servidor_configurado
from tareas.cuentas.reglas import INTENTOS_DE_CORREO
from tareas.cuentas.servicio import CuentaNueva

# «--clave» sola la pregunta sin mostrarla: escrita en la orden quedaría en el historial de la consola.
_CLAVE: dict[str, Any] = {
    "prompt": "Clave (no se ve al escribirla)",
    "prompt_required": False,
    "hide_input": True,
    "confirmation_prompt": "Otra vez",
    "help": "La pregunta sin mostrarla. Sin esta opción se inventa una temporal y se muestra una sola vez.",
}


@click.group("cuentas", help="Personas, papeles y claves.")
def grupo() -> None:
    """Órdenes de cuentas."""


def _mostrar(cuenta: CuentaNueva, *, inventada: bool) -> None:
    click.echo(f"Usuario:  {cuenta.usuario}")
    if inventada:
        click.echo(f"Clave:    {cuenta.clave}")
        click.echo("Anótala: no se vuelve a mostrar. La primera vez que entre, la persona pondrá la suya.")


@grupo.command("crear-administrador", short_help="Crea a quien administra toda la instalación.")
@click.argument("usuario")
@click.option("--nombre", default="", help="Nombre para mostrar; por omisión, el usuario.")
@click.option("--clave", default=None, **_CLAVE)
def crear_administrador(usuario: str, nombre: str, clave: str | None) -> None:
    """Crea una cuenta que administra toda la instalación. Si USUARIO ya existe, sólo le da el papel."""
    with transaccion_de_orden() as sesion:
        nueva = servicio.primera_administracion(sesion, usuario=usuario, nombre=nombre or usuario, clave=clave)
    if nueva is None:
        click.echo(f"{usuario} ya tenía cuenta: ahora administra toda la instalación. Su clave es la misma.")
        return
    click.echo("Cuenta creada. Administra toda la instalación.")
    _mostrar(nueva, inventada=clave is None)


@grupo.command("crear", short_help="Crea una cuenta, con papeles si hace falta.")
@click.argument("usuario")
@click.option("--nombre", default="", help="Nombre para mostrar; por omisión, el usuario.")
@click.option(
    "--papel", "papeles", multiple=True, type=click.Choice([p.value for p in Papel]), help="Se puede repetir."
)
@click.option("--municipio", default="", help="Clave o nombre del municipio donde valen los papeles.")
@click.option("--en-toda-la-instalacion", "toda", is_flag=True, help="Los papeles valen en todos los municipios.")
@click.option("--clave", default=None, **_CLAVE)
def crear(usuario: str, nombre: str, papeles: tuple[str, ...], municipio: str, toda: bool, clave: str | None) -> None:
    """Crea una cuenta. Sin papeles, la persona puede mapear en los proyectos abiertos."""
    if papeles and bool(municipio) == toda:
        raise click.UsageError("Di dónde valen los papeles: --municipio CLAVE, o --en-toda-la-instalacion.")
    nombre = nombre or usuario
    with transaccion_de_orden() as sesion:
        if clave is None:
            nueva = servicio.crear_con_clave_temporal(sesion, usuario=usuario, nombre=nombre)
        else:
            persona = servicio.crear_persona(sesion, usuario=usuario, nombre=nombre, clave=clave)
            nueva = CuentaNueva(persona, usuario, nombre, clave)
        if papeles:
            municipio_id = None if toda else consultas.municipio_por_texto(sesion, municipio)
            for papel in papeles:
                servicio.dar_papel(sesion, nueva.persona_id, Papel(papel), municipio_id)
    click.echo("Cuenta creada.")
    _mostrar(nueva, inventada=clave is None)


@grupo.command("restablecer", short_help="Da una clave temporal a una persona.")
@click.argument("usuario")
def restablecer(usuario: str) -> None:
    """Pone una clave temporal a USUARIO, la muestra una sola vez y cierra todas sus sesiones."""
    with transaccion_de_orden() as sesion:
        persona_id = consultas.persona_de_usuario(sesion, usuario)
        temporal = servicio.restablecer_clave(sesion, persona_id)
    _mostrar(CuentaNueva(persona_id, usuario, usuario, temporal), inventada=True)


@grupo.command("listar", short_help="Lista las cuentas y sus papeles.")
@click.option("--texto", default="", help="Parte del nombre o del usuario.")
def listar(texto: str) -> None:
    """Lista las cuentas con sus papeles, sin datos de contacto."""
    with transaccion_de_orden() as sesion:
        pagina = consultas.personas(sesion, texto=texto)
        hojas = [pagina, *(consultas.personas(sesion, texto=texto, pagina=n) for n in range(2, pagina.paginas + 1))]
    for persona in (p for hoja in hojas for p in hoja.personas):
        papeles = ", ".join(f"{p['papel']} ({p['municipio'] or 'toda la instalación'})" for p in persona.papeles)
        baja = "" if persona.activa else "  [de baja]"
        click.echo(f"{persona.usuario:<24} {persona.nombre:<32} {papeles}{baja}".rstrip())
    click.echo(f"{pagina.total} cuentas.")


def _secreto() -> str:
    """El secreto que dejó el servidor en ``.datos``, si ya encendió alguna vez: firma los enlaces de los avisos."""
    archivo = RAIZ / ".datos" / "secreto"
    return archivo.read_text().strip() if archivo.is_file() else ""


@grupo.command("enviar-correos", short_help="Envía los correos que esperan.")
def enviar_correos() -> None:
    """Envía una vez lo que espera en la cola. El servidor lo hace solo; la orden sirve sin él, o para ver qué falla."""
    servidor = servidor_configurado({**os.environ, "SECRET_KEY": os.environ.get("TEQUIO_SECRETO") or _secreto()})
    if servidor is None:
        raise click.ClickException(f"Falta configurar el correo: {', '.join(VARIABLES)}.")
    base = BaseDeDatos(url_configurada(), conexiones=2)
    try:
        cuenta = cartero.repartir(base, servidor, plazo_s=math.inf)
        with base.lectura() as sesion:
            esperan = sesion.execute(consultas.SQL["correos_en_espera"], {"maximo": INTENTOS_DE_CORREO}).scalar_one()
    finally:
        base.cerrar()
    click.echo(f"Enviados: {cuenta.enviados}. Aplazados: {cuenta.aplazados}. Sin destinatario: {cuenta.descartados}.")
    click.echo(f"Esperan su turno: {esperan}.")
