"""Lo que llega y lo que sale por HTTP, como lo hace el servidor de OpenStreetMap."""

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import http_date

from geo.osm.api06 import escritura
from geo.osm.api06.escritura import Elemento
from tareas.practica.api06.errores import (
    CompresionDesconocida,
    CuerpoGrande,
    EntradaInvalida,
    ErrorApi,
    MetodoNoAdmitido,
    NoAceptable,
    SinAutenticar,
)
from tareas.practica.api06.reglas import CUERPO_MAXIMO
from tareas.practica.identidad import Identidad

XML, JSON = "xml", "json"
TIPOS_XML = frozenset({"application/xml", "text/xml", "application/x-xml", "application/*", "text/*", "*/*"})
TIPOS_JSON = frozenset({"application/json", "text/x-json", "application/jsonrequest"})
_TIPO = re.compile(r"\*/\*|[\w!#$&^.+-]+/(?:\*|[\w!#$&^.+-]+)", re.ASCII)
REINO = "Tequio"
METODOS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True)
class AulaPedida:
    """El aula de la dirección y su estado."""

    id: int
    estado: str


@dataclass(frozen=True, slots=True)
class Peticion:
    """Una petición al servidor de un aula."""

    aula: AulaPedida
    identidad: Identidad
    formato: str | None
    """``xml`` o ``json``, si la dirección lo dice."""

    @property
    def persona(self) -> tuple[int, str]:
        """Id y usuario de quien pide, que ya se sabe que entró."""
        actor = self.identidad.actor
        assert actor.id is not None
        return actor.id, actor.usuario

    def en(self, *, si_nada: str | None = None) -> str:
        """En qué formato se responde: el de la dirección o, si no lo dice, el primero que la cabecera acepta.

        Parameters
        ----------
        si_nada
            El que se usa cuando la cabecera no acepta ninguno.

        Raises
        ------
        NoAceptable
        """
        if self.formato is not None:
            return self.formato
        acepta = request.headers.get("Accept", "").strip()
        if not acepta:
            return XML
        tipos = []
        for lugar, parte in enumerate(acepta.split(",")):
            tipo, *parametros = (p.strip().lower() for p in parte.split(";"))
            if not _TIPO.fullmatch(tipo):
                # Una cabecera que no se entiende vale como si no viniera: la de JOSM trae «*; q=.2».
                return XML
            tipos.append((-_calidad(parametros), lugar, tipo))
        for calidad, _lugar, tipo in sorted(tipos):
            if calidad == 0:
                continue
            if tipo in TIPOS_JSON:
                return JSON
            if tipo in TIPOS_XML:
                return XML
        if si_nada is None:
            raise NoAceptable
        return si_nada


def _calidad(parametros: list[str]) -> float:
    for parametro in parametros:
        if parametro.startswith("q="):
            try:
                return float(parametro[2:])
            except ValueError:
                return 0.0
    return 1.0


# --- lo que llega ----------------------------------------------------------------------------------------------------


def cuerpo() -> bytes:
    """El cuerpo de la petición, descomprimido y con tope.

    Raises
    ------
    CuerpoGrande
    CompresionDesconocida
    EntradaInvalida
        Si lo comprimido está roto.
    """
    try:
        crudo = request.get_data(cache=False, parse_form_data=False)
    except RequestEntityTooLarge:
        raise CuerpoGrande(CUERPO_MAXIMO) from None
    if len(crudo) > CUERPO_MAXIMO:
        raise CuerpoGrande(CUERPO_MAXIMO)
    como = request.headers.get("Content-Encoding", "identity").strip().lower()
    if como in ("", "identity"):
        return crudo
    if como not in ("gzip", "x-gzip", "deflate"):
        raise CompresionDesconocida(como[:40])
    # Se descomprime de a poco: una bomba se nota en cuanto pasa del tope, no cuando ya llenó la memoria.
    descompresor = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        salida = descompresor.decompress(crudo, CUERPO_MAXIMO + 1)
        if len(salida) > CUERPO_MAXIMO or descompresor.unconsumed_tail:
            raise CuerpoGrande(CUERPO_MAXIMO)
    except zlib.error:
        raise EntradaInvalida("The compressed request body could not be decompressed") from None
    if not descompresor.eof:
        raise EntradaInvalida("The compressed request body is truncated")
    return salida


def momento_de(texto: str) -> datetime | None:
    """Fecha y hora de un parámetro, en las formas usuales; sin zona, UTC. ``None`` si no se entiende."""
    limpio = texto.strip()
    for leer in (datetime.fromisoformat, parsedate_to_datetime, _otras_fechas):
        try:
            cuando = leer(limpio)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        try:
            return cuando.astimezone(UTC) if cuando.tzinfo else cuando.replace(tzinfo=UTC)
        except OverflowError:
            return None
    return None


def _otras_fechas(texto: str) -> datetime:
    for forma in ("%Y-%m-%d %H:%M:%S UTC", "%Y/%m/%d", "%d %B %Y", "%d %b %Y", "%b %d %Y", "%Y-%m-%dT%H", "%Y-%m"):
        try:
            return datetime.strptime(texto, forma)
        except ValueError:
            continue
    raise ValueError(texto)


# --- lo que sale -----------------------------------------------------------------------------------------------------


def texto(contenido: str, estado: int = 200) -> Response:
    """Respuesta ``text/plain``."""
    return Response(contenido, estado, content_type="text/plain; charset=utf-8")


def xml(partes: Iterable[str], nombre: str = "osm") -> Response:
    """Un documento XML."""
    return Response(escritura.documento(partes, nombre), content_type="application/xml; charset=utf-8")


def json(contenido: Mapping[str, Any], *, con_raiz: bool = True) -> Response:
    """Un objeto JSON."""
    return Response(
        escritura.a_json(contenido, con_raiz=con_raiz) + "\n", content_type="application/json; charset=utf-8"
    )


def elementos(peticion: Peticion, lista: Iterable[Elemento]) -> Response:
    """Una lista de elementos, en lo que se haya pedido."""
    if peticion.en() == JSON:
        return json({"elements": list(escritura.elementos_json(lista))})
    return xml(escritura.elementos_xml(lista))


def de_hoy(respuesta: Response, cuando: datetime) -> Response:
    """Agrega ``Last-Modified``."""
    respuesta.headers["Last-Modified"] = http_date(cuando)
    return respuesta


def de_error(error: ErrorApi) -> Response:
    """El texto del error, repetido en la cabecera ``Error``."""
    mensaje = str(error)
    if not mensaje:
        return Response(status=error.estado, content_type="text/plain; charset=utf-8")
    if request.headers.get("X-Error-Format", "").lower() == "xml":
        frase = f"{error.estado} {HTTPStatus(error.estado).phrase}"
        respuesta = xml(
            [f"<status>{escritura.e(frase)}</status><message>{escritura.e(mensaje)}</message>\n"], "osmError"
        )
    else:
        respuesta = texto(mensaje, error.estado)
    respuesta.headers["Error"] = en_cabecera(mensaje)
    if isinstance(error, SinAutenticar):
        respuesta.headers["WWW-Authenticate"] = f'Bearer realm="{REINO}"'
    if isinstance(error, MetodoNoAdmitido):
        respuesta.headers["Allow"] = ", ".join(error.admitidos)
    return respuesta


def en_cabecera(mensaje: str) -> str:
    """Un texto en una línea, en UTF-8 como lo llevan las cabeceras de WSGI."""
    linea = "".join(c if c.isprintable() else " " for c in mensaje[:1000])
    return linea.encode("utf-8", "replace").decode("latin-1")


def abierto_a_todos(respuesta: Response) -> Response:
    """Cualquier página puede usar esta API: nunca lee galletas, así que no hay sesión ajena de la que valerse."""
    respuesta.headers["Access-Control-Allow-Origin"] = "*"
    respuesta.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, DELETE, OPTIONS"
    respuesta.headers["Access-Control-Expose-Headers"] = "Error, WWW-Authenticate, Content-Disposition, Last-Modified"
    respuesta.headers["Access-Control-Max-Age"] = "7200"
    if request.method == "OPTIONS":
        respuesta.headers["Access-Control-Allow-Headers"] = en_cabecera(
            request.headers.get("Access-Control-Request-Headers", "Authorization, Content-Type, X-Error-Format")
        )
    respuesta.vary.update(("Accept", "Accept-Encoding", "Authorization"))
    return respuesta
