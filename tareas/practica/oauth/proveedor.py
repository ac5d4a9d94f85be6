"""El protocolo: Authlib decide, y aquí se le dice quién es cada aplicación, dónde se guarda y qué tiene de particular.

Lo particular, medido contra lo que las aplicaciones mandan de verdad:

- osm-auth (la parte de iD que entra) pide la ficha con todo en la dirección y el cuerpo vacío.
- JOSM manda un verificador PKCE de 36 signos, más corto que los 43 de la RFC 7636.
- JOSM pide alcances que un aula no tiene: se otorgan los demás y la respuesta dice cuáles.
- Un taller en una red local no tiene HTTPS; Authlib se niega a atender sin él.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidGrantError, InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.models import ClientMixin
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Response, request
from sqlalchemy import Row
from sqlalchemy.orm import Session

from tareas.comun.permisos import Actor
from tareas.cuentas.consultas import huella
from tareas.cuentas.reglas import ficha_nueva
from tareas.practica.oauth import consultas, servicio
from tareas.practica.oauth.errores import PersonaSinAcceso
from tareas.practica.oauth.reglas import (
    CLIENTE,
    DE_CASA,
    EDITOR,
    IMPRIMIBLE,
    JOSM,
    LARGO_PARAMETRO,
    RETO,
    VERIFICADOR,
    otorgables,
    redireccion_de_josm,
    redireccion_del_sitio,
    redireccion_registrada,
)

SIN_GUARDAR = {"Cache-Control": "no-store", "Pragma": "no-cache"}
METODOS = ["none", "client_secret_basic", "client_secret_post"]


class Peticion(OAuth2Request):  # type: ignore[misc]
    """La petición de Flask como la espera Authlib. Los parámetros valen igual en la dirección que en el cuerpo."""

    def __init__(self) -> None:
        # Sólo se usa para exigir HTTPS. Que la conexión vaya cifrada lo decide quien instala, para todo el sitio: por
        # aquí mismo viajan las claves de las personas, y una red local sin internet no puede tener certificado.
        super().__init__(request.method, "https://" + request.host + request.path, headers=request.headers)
        _revisar_parametros()
        self.payload = FlaskOAuth2Payload(request)

    @property
    def args(self) -> Any:
        return request.args

    @property
    def form(self) -> Any:
        return request.values


def _revisar_parametros() -> None:
    """Rechaza lo que la RFC 6749 no admite; Authlib lo repetiría en un mensaje de error y fallaría al escribirlo.

    Raises
    ------
    InvalidRequestError
    """
    for nombre, valor in (*request.args.items(multi=True), *request.form.items(multi=True)):
        if len(valor) > LARGO_PARAMETRO or (nombre != "state" and not IMPRIMIBLE.fullmatch(valor)) or "\0" in valor:
            raise InvalidRequestError("A parameter is too long or has characters that are not allowed.")
    tipo, _, contenido = request.headers.get("Authorization", "").partition(" ")
    if tipo.lower() == "basic":
        try:
            base64.b64decode(contenido).decode()
        except ValueError as error:
            raise InvalidRequestError("The Authorization header is malformed.") from error


@dataclass(frozen=True, slots=True)
class Cliente(ClientMixin):  # type: ignore[misc]
    """Una aplicación, de la casa o registrada."""

    client_id: str
    nombre: str
    redirecciones: tuple[str, ...] = ()
    secreto_huella: bytes | None = None

    @property
    def publico(self) -> bool:
        """``True`` si no tiene secreto."""
        return self.secreto_huella is None

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        # Siempre se dice a dónde volver: así no hay duda de qué se comparó.
        return None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        alcances = otorgables(scope)
        return None if alcances is None else " ".join(alcances)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        if self.client_id == EDITOR:
            return redireccion_del_sitio(redirect_uri, request.host_url.rstrip("/"))
        if self.client_id == JOSM:
            return redireccion_de_josm(redirect_uri)
        return redireccion_registrada(redirect_uri, self.redirecciones)

    def check_client_secret(self, client_secret: str) -> bool:
        return self.secreto_huella is not None and hmac.compare_digest(huella(client_secret), self.secreto_huella)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return self.publico == (method == "none")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(frozen=True, slots=True)
class Codigo:
    """Un código presentado, con lo que Authlib le pregunta."""

    fila: Row[Any]

    def get_redirect_uri(self) -> str:
        return str(self.fila.redireccion)

    def get_scope(self) -> str:
        return " ".join(self.fila.alcances)


@dataclass(frozen=True, slots=True)
class Ficha:
    """Una ficha de acceso, con lo que Authlib le pregunta."""

    fila: Row[Any]
    actor: Actor | None

    def check_client(self, client: Cliente) -> bool:
        return bool(self.fila.cliente_id == client.client_id)

    def is_expired(self) -> bool:
        return self.actor is None

    def is_revoked(self) -> bool:
        return self.actor is None


class Pkce(CodeChallenge):  # type: ignore[misc]
    """PKCE con S256 y nada más; obligatorio en las aplicaciones públicas."""

    def validate_code_challenge(self, grant: "ConCodigo", redirect_uri: str) -> None:
        datos = grant.request.payload.data
        if any(len(grant.request.payload.datalist.get(n, ())) > 1 for n in ("code_challenge", "code_challenge_method")):
            raise InvalidRequestError("Multiple 'code_challenge' in request.")
        reto, metodo = datos.get("code_challenge"), datos.get("code_challenge_method")
        if not reto and not metodo and not grant.request.client.publico:
            return
        if not reto:
            raise InvalidRequestError("Missing 'code_challenge'")
        if metodo != "S256":
            raise InvalidRequestError("Unsupported 'code_challenge_method': use S256")
        if not RETO.fullmatch(reto):
            raise InvalidRequestError("Invalid 'code_challenge'")

    def validate_code_verifier(self, grant: "ConCodigo", result: Any) -> None:
        reto = grant.request.authorization_code.fila.reto
        verificador = grant.request.form.get("code_verifier")
        if reto is None:
            if verificador:
                raise InvalidRequestError("The authorization request had no 'code_challenge'.")
            return
        if not verificador:
            raise InvalidRequestError("Missing 'code_verifier'")
        if not VERIFICADOR.fullmatch(verificador):
            raise InvalidRequestError("Invalid 'code_verifier'")
        calculado = base64.urlsafe_b64encode(hashlib.sha256(verificador.encode("ascii")).digest()).rstrip(b"=")
        if not hmac.compare_digest(calculado, reto.encode("ascii")):
            raise InvalidGrantError("Code challenge failed.")


class ConCodigo(AuthorizationCodeGrant):  # type: ignore[misc]
    """Permiso con código (RFC 6749, §4.1)."""

    TOKEN_ENDPOINT_AUTH_METHODS = METODOS
    server: "Proveedor"

    def generate_authorization_code(self) -> str:
        return ficha_nueva()

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        servicio.dar_permiso(
            self.server.sesion,
            code,
            aula_id=self.server.aula_id,
            persona_id=request.user.id,
            cliente_id=request.client.client_id,
            alcances=request.scope.split(),
            redireccion=request.payload.redirect_uri,
            reto=request.payload.data.get("code_challenge") or None,
        )

    def query_authorization_code(self, code: str, client: Cliente) -> Codigo | None:
        fila = consultas.codigo(self.server.sesion, code, aula_id=self.server.aula_id, cliente_id=client.client_id)
        if fila is not None and fila.usado:
            # Alguien más lo tuvo: lo que se dio con él deja de valer (RFC 6749, §4.1.2).
            servicio.retirar_de_codigo(self.server.sesion, fila.huella)
            return None
        return None if fila is None or fila.vencido else Codigo(fila)

    def delete_authorization_code(self, authorization_code: Codigo) -> None:
        servicio.gastar_codigo(self.server.sesion, authorization_code.fila.huella)

    def authenticate_user(self, authorization_code: Codigo) -> int:
        return int(authorization_code.fila.persona_id)


class Retiro(RevocationEndpoint):  # type: ignore[misc]
    """Retirar una ficha (RFC 7009)."""

    CLIENT_AUTH_METHODS = METODOS
    server: "Proveedor"

    def query_token(self, token_string: str, token_type_hint: str | None) -> Ficha | None:
        fila = consultas.ficha_de(self.server.sesion, token_string, self.server.aula_id)
        return None if fila is None else Ficha(fila, None)

    def revoke_token(self, token: Ficha, request: OAuth2Request) -> None:
        servicio.retirar_ficha(self.server.sesion, token.fila.huella)


class Consulta(IntrospectionEndpoint):  # type: ignore[misc]
    """Preguntar si una ficha vale (RFC 7662). Cada aplicación pregunta sólo por las suyas."""

    CLIENT_AUTH_METHODS = METODOS
    server: "Proveedor"

    def query_token(self, token_string: str, token_type_hint: str | None) -> Ficha | None:
        fila = consultas.ficha_de(self.server.sesion, token_string, self.server.aula_id)
        if fila is None:
            return None
        vale = consultas.actor_de_acceso(self.server.sesion, token_string, self.server.aula_id)
        return Ficha(fila, None if vale is None else vale[0])

    def check_permission(self, token: Ficha, client: Cliente, request: OAuth2Request) -> bool:
        return token.check_client(client)

    def introspect_token(self, token: Ficha) -> dict[str, Any]:
        return {
            "active": True,
            "client_id": token.fila.cliente_id,
            "token_type": "Bearer",
            "scope": " ".join(token.fila.alcances),
            "username": token.actor.usuario if token.actor else "",
            "sub": str(token.fila.persona_id),
            "iat": token.fila.creada,
            "exp": token.fila.vence,
        }


class Proveedor(AuthorizationServer):  # type: ignore[misc]
    """Proveedor de un aula, para una petición y sobre su transacción.

    Parameters
    ----------
    sesion
        Donde se lee y escribe. Quien llama confirma, también cuando la respuesta es un error del protocolo: presentar
        un código dos veces es un error que además retira fichas.
    """

    def __init__(self, sesion: Session, aula_id: int) -> None:
        super().__init__()
        self.sesion, self.aula_id = sesion, aula_id
        self.register_token_generator("default", self._ficha)
        self.register_grant(ConCodigo, [Pkce(required=True)])
        self.register_endpoint(Retiro)
        self.register_endpoint(Consulta)

    def query_client(self, client_id: str) -> Cliente | None:
        if client_id in DE_CASA:
            return Cliente(client_id, DE_CASA[client_id])
        if not CLIENTE.fullmatch(client_id):
            return None
        fila = consultas.cliente(self.sesion, client_id)
        return fila and Cliente(fila.id, fila.nombre, tuple(fila.redirecciones), fila.secreto_huella)

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        try:
            vence = servicio.dar_ficha(
                self.sesion,
                token["access_token"],
                aula_id=self.aula_id,
                persona_id=request.user,
                cliente_id=request.client.client_id,
                alcances=token["scope"].split(),
                codigo=request.authorization_code.fila.huella,
            )
        except PersonaSinAcceso as error:
            raise InvalidGrantError("The resource owner has no access.") from error
        # Como el servidor de OpenStreetMap; JOSM lo guarda.
        token["created_at"] = int(vence.timestamp()) - token["expires_in"]

    @staticmethod
    def _ficha(*, client: Cliente, scope: str, **_otros: Any) -> dict[str, Any]:
        return {
            "access_token": ficha_nueva(),
            "token_type": "Bearer",
            "expires_in": servicio.horas_de(client.client_id) * 3600,
            "scope": scope,
        }

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        return request if isinstance(request, OAuth2Request) else Peticion()

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        crudo = json.dumps(body) if isinstance(body, dict) else body
        respuesta = Response(crudo, status, headers=headers)
        respuesta.headers.update(SIN_GUARDAR)
        return respuesta

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nadie escucha."""
