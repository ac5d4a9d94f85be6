"""Hablar con el otro servidor: OAuth 2 con código, PKCE y la pregunta de quién es. Nada más sale de aquí.

Ocurren sólo al volver de allá, con espera corta y respuesta chica: un servidor lento o roto no detiene a nadie más.
"""

import json
import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from tareas.comun.errores import ErrorTequio
from tareas.cuentas.osm.errores import CodigoRechazado, PermisoNegado, ServidorOsmCallado, ServidorOsmFalla
from tareas.cuentas.osm.servidores import Servidor

ALCANCE = "read_prefs"
ESPERA_CONECTAR_S, ESPERA_LEER_S, ESPERA_TOTAL_S = 3.0, 5.0, 8.0
RESPUESTA_MAXIMA = 64 * 1024


@dataclass(frozen=True, slots=True)
class CuentaDeAlla:
    """Lo que se pregunta de una cuenta, y nada más."""

    uid: int
    nombre: str
    creada: datetime | None
    conjuntos: int | None


@dataclass(frozen=True, slots=True)
class Ida:
    """Una entrada que empieza: a dónde va la persona y lo que hay que recordar hasta que vuelva."""

    direccion: str
    estado: str
    verificador: str


class _Acotado(HTTPAdapter):
    """Conecta y lee con plazo, y deja de leer si la respuesta es grande o gotea."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        fin = time.monotonic() + ESPERA_TOTAL_S
        espera = (ESPERA_CONECTAR_S, ESPERA_LEER_S)
        respuesta = super().send(request, True, espera, verify, cert, proxies)
        partes: list[bytes] = []
        leido = 0
        try:
            while parte := respuesta.raw.read1(16 * 1024, decode_content=True):
                leido += len(parte)
                if leido > RESPUESTA_MAXIMA:
                    raise requests.exceptions.ContentDecodingError("demasiado grande")
                if time.monotonic() > fin:
                    raise requests.exceptions.ReadTimeout("demasiado lento")
                partes.append(parte)
        except HTTPError as error:
            raise requests.exceptions.ReadTimeout(str(error)) from error
        finally:
            respuesta.close()
        respuesta._content = b"".join(partes)
        respuesta._content_consumed = True
        return respuesta


def _sesion(servidor: Servidor, regreso: str) -> OAuth2Session:
    sesion = OAuth2Session(
        servidor.cliente_id,
        servidor.cliente_secreto or None,
        scope=ALCANCE,
        redirect_uri=regreso,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if servidor.cliente_secreto else "none",
    )
    # Sin esto, un archivo .netrc de la máquina se metería en la cabecera Authorization.
    sesion.trust_env = False
    sesion.mount("https://", _Acotado())
    sesion.mount("http://", _Acotado())
    return sesion


def empezar(servidor: Servidor, regreso: str) -> Ida:
    """Prepara la ida. No pregunta nada a nadie.

    Parameters
    ----------
    regreso
        Dirección absoluta, registrada allá, a la que vuelve la persona.
    """
    verificador = secrets.token_urlsafe(48)
    with _sesion(servidor, regreso) as sesion:
        direccion, estado = sesion.create_authorization_url(
            f"{servidor.oauth}/authorize", state=secrets.token_urlsafe(24), code_verifier=verificador
        )
    return Ida(direccion, estado, verificador)


class _Conjuntos(BaseModel):
    count: Annotated[int, Field(ge=0, lt=2**31)]


class _Usuario(BaseModel):
    model_config = ConfigDict(strict=True)

    id: Annotated[int, Field(gt=0, lt=2**63)]
    display_name: Annotated[str, Field(min_length=1, max_length=255)]
    account_created: Annotated[AwareDatetime | None, Field(strict=False)] = None
    changesets: _Conjuntos | None = None


class _Detalles(BaseModel):
    user: _Usuario


def error_de_alla(servidor: Servidor, codigo: str) -> ErrorTequio:
    """El error con que el otro servidor mandó de vuelta a la persona."""
    return (PermisoNegado if codigo == "access_denied" else ServidorOsmFalla)(servidor=servidor.nombre)


def preguntar(servidor: Servidor, regreso: str, *, codigo: str, verificador: str) -> CuentaDeAlla:
    """Cambia el código por una ficha, pregunta quién es y olvida la ficha.

    Raises
    ------
    ServidorOsmCallado
        No contestó a tiempo.
    CodigoRechazado
        El código no vale.
    ServidorOsmFalla
        Contestó otra cosa.
    """
    try:
        with _sesion(servidor, regreso) as sesion:
            sesion.fetch_token(
                f"{servidor.oauth}/token",
                grant_type="authorization_code",
                code=codigo,
                code_verifier=verificador,
                allow_redirects=False,
            )
            respuesta = sesion.get(f"{servidor.api}/api/0.6/user/details.json", allow_redirects=False)
            if respuesta.status_code != 200:
                raise ServidorOsmFalla(servidor=servidor.nombre)
            usuario = _Detalles.model_validate(json.loads(respuesta.content)).user
    except (requests.exceptions.Timeout, requests.exceptions.ConnectionError) as error:
        raise ServidorOsmCallado(servidor=servidor.nombre) from error
    except AuthlibBaseError as error:
        clase = CodigoRechazado if error.error == "invalid_grant" else ServidorOsmFalla
        raise clase(servidor=servidor.nombre) from None
    except (requests.exceptions.RequestException, ValidationError, ValueError, KeyError, RecursionError):
        # La causa puede llevar la ficha dentro: no viaja a la bitácora.
        raise ServidorOsmFalla(servidor=servidor.nombre) from None
    # Un NUL no cabe en un texto de PostgreSQL.
    nombre = usuario.display_name.replace("\0", "") or str(usuario.id)
    return CuentaDeAlla(
        usuario.id, nombre, usuario.account_created, usuario.changesets.count if usuario.changesets else None
    )
