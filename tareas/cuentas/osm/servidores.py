"""Los servidores de la familia OpenStreetMap que esta instalación conoce.

Vienen puestos ``osm`` y ``osm-dev``; ``TEQUIO_SERVIDORES_OSM`` (JSON) los cambia o agrega otros::

    {"osm": {"cliente_id": "abc…", "cliente_secreto": "…"},
     "nuestro": {"nombre": "OSM de la red", "web": "https://osm.ejemplo.mx", "cliente_id": "def…", "entrar": true}}

Sin ``api`` vale ``web``; sin ``oauth``, ``web`` y ``/oauth2``. Sin ``cliente_id`` no se puede entrar con él, pero sí
editar en él.
"""

import ipaddress
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Any
from urllib.parse import urlsplit

from flask import current_app, has_app_context
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from tareas.comun.textos import N_, llenar
from tareas.cuentas.osm.errores import ServidorDesconocido, ServidoresMalConfigurados

VARIABLE = "TEQUIO_SERVIDORES_OSM"
PRACTICA = "practica"


@dataclass(frozen=True, slots=True)
class Servidor:
    """Un servidor donde se edita y, si tiene ``cliente_id``, con cuyas cuentas se entra.

    Attributes
    ----------
    web, api, oauth : str
        Direcciones sin diagonal al final; a ``api`` le sigue ``/api/0.6/…`` y a ``oauth``, ``/authorize``.
    practica : bool
        Es el nuestro: sus direcciones dependen del aula (`en_aula`).
    """

    id: str
    nombre: str
    web: str
    api: str
    oauth: str
    cliente_id: str = ""
    cliente_secreto: str = field(default="", repr=False)
    entrar: bool = True
    practica: bool = False

    @property
    def se_entra(self) -> bool:
        """``True`` si la página de entrada lo ofrece."""
        return self.entrar and bool(self.cliente_id)

    def en_aula(self, aula_id: int, raiz: str = "") -> "Servidor":
        """El servidor de práctica, ya en un aula.

        Parameters
        ----------
        raiz
            Sitio que se antepone, sin diagonal al final, para quien necesita direcciones absolutas.
        """
        base = f"{raiz}/practica/aulas/{aula_id}"
        return replace(self, web=base, api=base, oauth=f"{base}/oauth2")


PUESTOS = {
    s.id: s
    for s in (
        Servidor(
            "osm",
            "OpenStreetMap",
            "https://www.openstreetmap.org",
            "https://api.openstreetmap.org",
            "https://www.openstreetmap.org/oauth2",
        ),
        Servidor(
            "osm-dev",
            N_("OpenStreetMap de pruebas"),
            "https://master.apis.dev.openstreetmap.org",
            "https://master.apis.dev.openstreetmap.org",
            "https://master.apis.dev.openstreetmap.org/oauth2",
        ),
        Servidor(PRACTICA, N_("Aula de práctica"), "", "", "", entrar=False, practica=True),
    )
}


def _direccion(valor: str) -> str:
    try:
        partes = urlsplit(valor)
        anfitrion, _puerto = partes.hostname or "", partes.port
    except ValueError:
        raise ValueError("no es una dirección") from None
    if partes.scheme not in ("http", "https") or not anfitrion or partes.username or partes.query or partes.fragment:
        raise ValueError("debe ser una dirección https://… completa, sin ? ni #")
    if partes.scheme == "http" and not _de_casa(anfitrion):
        raise ValueError("con http:// viajarían secretos a la vista; sólo se admite en la propia máquina o red local")
    return valor.rstrip("/")


def _de_casa(anfitrion: str) -> bool:
    if anfitrion == "localhost" or anfitrion.endswith(".local"):
        return True
    try:
        return ipaddress.ip_address(anfitrion).is_private
    except ValueError:
        return False


Direccion = Annotated[str, Field(max_length=300), AfterValidator(_direccion)]
Secreto = Annotated[str, Field(max_length=200, pattern=r"^[\x21-\x7e]*$")]


class _Configurado(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    nombre: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    web: Direccion | None = None
    api: Direccion | None = None
    oauth: Direccion | None = None
    cliente_id: Secreto = ""
    cliente_secreto: Secreto = ""
    entrar: bool = True


_FRASES = {
    "extra_forbidden": "no se conoce ese campo",
    "string_type": "debe ser un texto",
    "bool_type": "debe ser true o false",
    "string_too_long": "es muy largo",
    "string_too_short": "está vacío",
    "string_pattern_mismatch": "lleva espacios o signos que no van",
    "model_type": "debe ser un objeto {…}",
}


def leer(texto: str) -> dict[str, Servidor]:
    """Servidores que valen con esa configuración, por identificador.

    Un error nunca repite lo que leyó: lleva secretos.

    Raises
    ------
    ServidoresMalConfigurados
    """
    if not texto.strip():
        return dict(PUESTOS)
    try:
        crudo = json.loads(texto)
    except (ValueError, RecursionError) as error:
        lugar = f" (renglón {error.lineno}, columna {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        # El error de json guarda el texto entero, con sus secretos: no viaja en la cadena de causas.
        raise ServidoresMalConfigurados(porque=f"no es JSON{lugar}") from None
    if not isinstance(crudo, dict):
        raise ServidoresMalConfigurados(porque='debe ser un objeto {"identificador": {…}, …}')
    servidores = dict(PUESTOS)
    for identificador, valores in crudo.items():
        servidores[identificador] = _uno(identificador, valores)
    return servidores


def _uno(identificador: str, valores: Any) -> Servidor:
    if not _identificador_valido(identificador):
        porque = f"el identificador «{identificador[:40]}» debe llevar sólo a-z, 0-9, - y _"
        raise ServidoresMalConfigurados(porque=porque)
    if identificador == PRACTICA:
        raise ServidoresMalConfigurados(porque="«practica» es el servidor de las aulas y no se configura")
    try:
        dado = _Configurado.model_validate(valores)
    except ValidationError as error:
        primero = error.errors(include_url=False, include_input=False)[0]
        campo = ".".join(str(p)[:40] for p in primero["loc"])
        causa = primero.get("ctx", {}).get("error")
        frase = str(causa) if primero["type"] == "value_error" else _FRASES.get(primero["type"], "no se entiende")
        porque = f"en «{identificador}», {campo}: {frase}" if campo else f"«{identificador}» {frase}"
        raise ServidoresMalConfigurados(porque=porque) from None
    antes = PUESTOS.get(identificador)
    web = dado.web or (antes.web if antes else "")
    if not web:
        raise ServidoresMalConfigurados(porque=f"a «{identificador}» le falta web, la dirección de sus páginas")
    # Lo que viene puesto vale sólo para sus propias direcciones: cambiar web las cambia todas.
    propia = antes is not None and dado.web is None
    return Servidor(
        identificador,
        dado.nombre or (antes.nombre if antes else identificador),
        web,
        dado.api or (antes.api if antes and propia else web),
        dado.oauth or (antes.oauth if antes and propia else f"{web}/oauth2"),
        dado.cliente_id,
        dado.cliente_secreto,
        dado.entrar,
    )


def _identificador_valido(texto: str) -> bool:
    return (
        0 < len(texto) <= 40
        and texto[0] not in "-_"
        and all(c in "abcdefghijklmnopqrstuvwxyz0123456789-_" for c in texto)
    )


@cache
def _del_entorno(texto: str) -> Mapping[str, Servidor]:
    return leer(texto)


def _conocidos() -> Mapping[str, Servidor]:
    texto = current_app.config.get(VARIABLE, "") if has_app_context() else os.environ.get(VARIABLE, "")
    return _del_entorno(texto)


def servidor(identificador: str) -> Servidor:
    """El servidor con ese identificador; ``practica`` es el de las aulas.

    Raises
    ------
    ServidorDesconocido
    """
    conocido = _conocidos().get(identificador)
    if conocido is None:
        raise ServidorDesconocido
    return conocido


def todos() -> tuple[Servidor, ...]:
    """Todos los conocidos, en el orden en que se muestran."""
    return tuple(_conocidos().values())


def para_entrar() -> tuple[Servidor, ...]:
    """Aquellos con cuyas cuentas se puede entrar."""
    return tuple(s for s in todos() if s.se_entra)


def nombre_de(identificador: str) -> str:
    """Nombre en el idioma de la petición; el identificador, si la instalación ya no lo conoce."""
    conocido = _conocidos().get(identificador)
    if conocido is None:
        return identificador
    puesto = PUESTOS.get(identificador)
    return llenar(conocido.nombre, {}) if puesto and puesto.nombre == conocido.nombre else conocido.nombre
