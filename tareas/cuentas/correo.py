"""Componer y enviar correos por SMTP."""

import ipaddress
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from tareas.cuentas.errores import CorreoInseguro, CorreoMalConfigurado

RAIZ = Path(__file__).resolve().parent.parent.parent
SERVIDOR, REMITENTE, DIRECCION = "TEQUIO_CORREO", "TEQUIO_CORREO_DE", "TEQUIO_DIRECCION"
VARIABLES = (SERVIDOR, REMITENTE, DIRECCION)
SEGUNDOS = 20


@dataclass(frozen=True, slots=True)
class ServidorDeCorreo:
    """Por dónde salen los correos y cómo se firman.

    Attributes
    ----------
    direccion : str
        Dirección pública, sin diagonal al final; de ahí salen los enlaces, nunca de lo que diga una petición.
    secreto : str or None
        Con qué se firman los enlaces para dejar de recibir avisos; el de la aplicación.
    """

    anfitrion: str
    puerto: int
    cifrado: bool
    remitente: str
    direccion: str
    usuario: str | None = None
    clave: str | None = field(default=None, repr=False)
    secreto: str | None = field(default=None, repr=False)


def servidor_configurado(valores: Mapping[str, Any]) -> ServidorDeCorreo | None:
    """Servidor que describen ``TEQUIO_CORREO``, ``TEQUIO_CORREO_DE`` y ``TEQUIO_DIRECCION``; ``None`` si no hay.

    Raises
    ------
    CorreoMalConfigurado
        Si falta alguno de los tres o no se entiende.
    """
    url, remitente, direccion = (str(valores.get(v) or "") for v in VARIABLES)
    if not url:
        return None
    if "@" not in parseaddr(remitente)[1]:
        raise CorreoMalConfigurado(porque=f"falta {REMITENTE}, la dirección que firma")
    if urlsplit(direccion).scheme not in ("http", "https"):
        raise CorreoMalConfigurado(porque=f"falta {DIRECCION}, la dirección pública con https://")
    try:
        partes = urlsplit(url)
        puerto = partes.port
    except ValueError as error:
        raise CorreoMalConfigurado(porque=f"{SERVIDOR} no es smtp://usuario:clave@servidor:puerto") from error
    if partes.scheme not in ("smtp", "smtps") or not partes.hostname:
        raise CorreoMalConfigurado(porque=f"{SERVIDOR} no es smtp://usuario:clave@servidor:puerto")
    cifrado = partes.scheme == "smtps"
    return ServidorDeCorreo(
        partes.hostname,
        puerto or (465 if cifrado else 587),
        cifrado,
        remitente,
        direccion.rstrip("/"),
        unquote(partes.username) if partes.username else None,
        unquote(partes.password) if partes.password else None,
        str(valores.get("SECRET_KEY") or "") or None,
    )


@cache
def catalogo(idioma: str) -> NullTranslations:
    """Traducciones a un idioma, fuera de toda petición."""
    return Translations.load(str(RAIZ / "tareas" / "traducciones"), [idioma])


@cache
def _plantillas(idioma: str) -> Environment:
    cargador = FileSystemLoader(RAIZ / "plantillas" / "correos")
    entorno = Environment(
        loader=cargador,
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    textos = catalogo(idioma)

    def traducir(texto: str, **huecos: Any) -> str:
        return textos.gettext(texto) % huecos

    def contar(singular: str, plural: str, cuantos: int, **huecos: Any) -> str:
        return textos.ngettext(singular, plural, cuantos) % huecos

    entorno.globals.update({"_": traducir, "ngettext": contar})
    return entorno


# Sin doblar: una dirección larga en una cabecera doblada sale codificada, y los programas de correo ya no la entienden.
SIN_DOBLAR = policy.default.clone(max_line_length=900)


def componer(
    servidor: ServidorDeCorreo,
    clase: str,
    destino: str,
    idioma: str,
    datos: Mapping[str, Any],
    *,
    cabeceras: Mapping[str, str] | None = None,
) -> EmailMessage:
    """Correo a partir de ``plantillas/correos/<clase>.txt``; su primer renglón es el asunto.

    Si además hay ``<clase>.html``, lleva las dos versiones (RFC 2046, ``multipart/alternative``): la de texto, primero.
    """
    texto = _plantillas(idioma).get_template(f"{clase}.txt").render(**datos, direccion=servidor.direccion)
    asunto, _salto, cuerpo = texto.partition("\n")
    mensaje = EmailMessage(SIN_DOBLAR)
    mensaje["Subject"] = asunto.strip()
    mensaje["From"] = servidor.remitente
    mensaje["To"] = destino
    mensaje["Date"] = formatdate(localtime=False)
    mensaje["Message-ID"] = make_msgid(domain=parseaddr(servidor.remitente)[1].rpartition("@")[2])
    mensaje["Auto-Submitted"] = "auto-generated"
    for nombre, valor in (cabeceras or {}).items():
        mensaje[nombre] = valor
    mensaje.set_content(cuerpo.strip() + "\n")
    if (RAIZ / "plantillas" / "correos" / f"{clase}.html").is_file():
        pagina = _plantillas(idioma).get_template(f"{clase}.html")
        mensaje.add_alternative(
            pagina.render(**datos, direccion=servidor.direccion, asunto=asunto.strip(), idioma=idioma), subtype="html"
        )
    # Al final: al haber dos versiones, las cabeceras del contenido se van con la primera.
    mensaje["Content-Language"] = idioma
    return mensaje


def enviar(servidor: ServidorDeCorreo, mensaje: EmailMessage) -> None:
    """Entrega un correo al servidor.

    Raises
    ------
    smtplib.SMTPException, OSError
        Lo que diga el servidor, o la red.
    CorreoInseguro
        Habría que mandar la clave sin cifrar fuera de esta máquina.
    """
    contexto = ssl.create_default_context()
    if servidor.cifrado:
        conexion: smtplib.SMTP = smtplib.SMTP_SSL(
            servidor.anfitrion, servidor.puerto, timeout=SEGUNDOS, context=contexto
        )
    else:
        conexion = smtplib.SMTP(servidor.anfitrion, servidor.puerto, timeout=SEGUNDOS)
    with conexion:
        conexion.ehlo()
        cifrado = servidor.cifrado
        if not cifrado and conexion.has_extn("starttls"):
            conexion.starttls(context=contexto)
            conexion.ehlo()
            cifrado = True
        if servidor.usuario is not None:
            if not cifrado and not es_esta_maquina(servidor.anfitrion):
                raise CorreoInseguro(servidor=servidor.anfitrion)
            conexion.login(servidor.usuario, servidor.clave or "")
        conexion.send_message(mensaje)


def es_esta_maquina(anfitrion: str) -> bool:
    """Si el nombre es el de la propia máquina."""
    try:
        return ipaddress.ip_address(anfitrion).is_loopback
    except ValueError:
        return anfitrion == "localhost"
