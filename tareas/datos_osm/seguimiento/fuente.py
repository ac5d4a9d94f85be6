"""Baja un flujo de replicación sin fiarse de quien lo sirve: topes de tamaño y de tiempo, y cada fallo con su nombre.

El protocolo lo sabe pyosmium (`osmium.replication.ReplicationServer`); aquí sólo se cuida la descarga.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import Request

import requests
from osmium.replication import ReplicationServer
from urllib3.util import Retry

from tareas.datos_osm.seguimiento.errores import (
    CODIGO,
    CORTADA,
    SIN_CONEXION,
    TARDO,
    CambioAusente,
    CuerpoEnorme,
    DireccionInvalida,
    ErrorDeFlujo,
    EstadoAjeno,
    EstadoIlegible,
    NoResponde,
    SinHistoria,
)

TROZO = 64 * 1024
ESTADO_MAXIMO = 64 * 1024
# El cambio de un día del planeta ronda los 150 MB.
CAMBIO_MAXIMO = 512 * 1024 * 1024
PLAZO_S = 1800
ESPERA_S = (10, 30)
AGENTE = {"User-Agent": "Tequio"}
_SECUENCIA = re.compile(r"^sequence: *([0-9]{1,18}) *$", re.MULTILINE)
_ULTIMA = re.compile(r"^last_run: *([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Estado:
    """Un cambio del flujo y hasta cuándo llega (UTC)."""

    secuencia: int
    momento: datetime


@dataclass(frozen=True, slots=True)
class Bajado:
    """Un cambio ya bajado a un archivo."""

    estado: Estado
    ruta: Path


def direccion_limpia(url: str) -> str:
    """La dirección de la carpeta del flujo, siempre escrita igual.

    Raises
    ------
    DireccionInvalida
    """
    partes = urlsplit(url.strip())
    # Una clave en la dirección acabaría a la vista en la página de estado.
    if (
        partes.username is not None
        or partes.scheme not in ("http", "https")
        or not partes.hostname
        or partes.query
        or partes.fragment
        or len(url) > 500
    ):
        raise DireccionInvalida(url=url[:100])
    ruta = re.sub(r"/(state\.txt|state\.yaml)?$", "", partes.path)
    return f"{partes.scheme}://{partes.netloc}{ruta}/"


class _Cuerpo:
    """La respuesta entera y ya acotada, con la forma que pyosmium espera de `requests`."""

    def __init__(self, contenido: bytes) -> None:
        self.content = contenido

    def raise_for_status(self) -> None:
        """Los códigos de error ya se miraron al bajarla."""

    def iter_lines(self) -> list[bytes]:
        """Los renglones."""
        return self.content.splitlines()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nada que cerrar."""


class Fuente(ReplicationServer):
    """Un flujo abierto; se usa dentro de un ``with``.

    Parameters
    ----------
    url : str
        La carpeta que tiene ``state.txt`` (o ``state.yaml``, si es de conjuntos).
    maximo : int
        Bytes de un cambio, a lo más.
    dejar : threading.Event, optional
        Al encenderse, lo que se esté bajando se deja.
    """

    def __init__(
        self, url: str, diff_type: str = "osc.gz", *, maximo: int = CAMBIO_MAXIMO, dejar: threading.Event | None = None
    ) -> None:
        super().__init__(url, diff_type)
        # Quien sigue ya reintenta, y más despacio.
        self.retry = Retry(total=0)
        self._maximo = maximo
        self._dejar = dejar or threading.Event()
        self._error: ErrorDeFlujo | None = None

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def __exit__(
        self, clase: type[BaseException] | None, error: BaseException | None, rastro: TracebackType | None
    ) -> None:
        super().__exit__(clase, error, rastro)

    def open_url(self, url: Request) -> Any:
        """Baja lo que pyosmium pide, con tope; recuerda el error, que él calla."""
        try:
            return _Cuerpo(b"".join(self._trozos(url.get_full_url(), ESTADO_MAXIMO)))
        except ErrorDeFlujo as error:
            self._error = error
            raise OSError from error

    def estado(self, secuencia: int | None = None) -> Estado:
        """El estado del flujo, o el de uno de sus cambios.

        Raises
        ------
        ErrorDeFlujo
        """
        self._error = None
        direccion = self.get_state_url(secuencia)
        try:
            leido = self.get_state_info(secuencia, retries=0)
        except (ValueError, OverflowError):
            leido = None
        if leido is None:
            raise self._causa(direccion)
        if not 0 <= leido.sequence < 10**9:
            raise EstadoIlegible(url=direccion)
        if secuencia is not None and leido.sequence != secuencia:
            raise EstadoAjeno(secuencia=secuencia, dice=leido.sequence)
        return Estado(leido.sequence, leido.timestamp)

    def secuencia_de(self, momento: datetime) -> Estado:
        """El último cambio que llega a lo más hasta ``momento``: los siguientes son lo que falta.

        Raises
        ------
        ErrorDeFlujo
            También si el flujo empieza después.
        """
        try:
            hallada = self.timestamp_to_sequence(momento)
        except (ValueError, OverflowError):
            hallada = None
        if hallada is None:
            raise self._causa(self.get_state_url(None))
        estado = self.estado(hallada)
        punta = self.estado()
        if estado.momento > momento and hallada != 0 and momento < punta.momento:
            raise SinHistoria(nuestro=legible(momento), suyo=legible(estado.momento))
        return estado

    def _causa(self, direccion: str) -> ErrorDeFlujo:
        return EstadoIlegible(url=direccion) if self._error is None else self._error

    def bajar(self, secuencia: int, destino: Path) -> None:
        """Baja un cambio a un archivo.

        Raises
        ------
        ErrorDeFlujo
        """
        try:
            with destino.open("wb") as salida:
                salida.writelines(self._trozos(self.get_diff_url(secuencia), self._maximo))
        except NoResponde as error:
            if error.datos.get("estado") in (403, 404, 410):
                raise CambioAusente(secuencia=secuencia, **error.datos) from error
            raise

    def estado_de_conjuntos(self) -> Estado:
        """El estado de un flujo de conjuntos (``state.yaml``).

        Raises
        ------
        ErrorDeFlujo
        """
        direccion = self.baseurl + "state.yaml"
        texto = b"".join(self._trozos(direccion, ESTADO_MAXIMO)).decode("utf-8", "replace")
        secuencia, ultima = _SECUENCIA.search(texto), _ULTIMA.search(texto)
        if secuencia is None or ultima is None:
            raise EstadoIlegible(url=direccion)
        try:
            momento = datetime.fromisoformat(f"{ultima[1]}T{ultima[2]}").replace(tzinfo=UTC)
        except ValueError as error:
            raise EstadoIlegible(url=direccion) from error
        return Estado(int(secuencia[1]), momento)

    def _trozos(self, url: str, maximo: int) -> Iterator[bytes]:
        assert self.session is not None
        plazo, total = time.monotonic() + PLAZO_S, 0
        with _fallos(url), self.session.get(url, stream=True, timeout=ESPERA_S, headers=AGENTE) as respuesta:
            if respuesta.status_code != 200:
                codigo = respuesta.status_code
                raise NoResponde(url=url, detalle=CODIGO % {"codigo": codigo}, estado=codigo)
            for trozo in respuesta.iter_content(TROZO):
                total += len(trozo)
                if total > maximo:
                    raise CuerpoEnorme(url=url, megabytes=max(1, maximo // 1_000_000))
                if time.monotonic() > plazo:
                    raise NoResponde(url=url, detalle=TARDO)
                if self._dejar.is_set():
                    raise NoResponde(url=url, detalle=CORTADA)
                yield trozo


@contextmanager
def _fallos(url: str) -> Iterator[None]:
    try:
        yield
    except requests.Timeout as error:
        raise NoResponde(url=url, detalle=TARDO) from error
    except requests.exceptions.ChunkedEncodingError as error:
        raise NoResponde(url=url, detalle=CORTADA) from error
    except requests.ConnectionError as error:
        # Una espera agotada a mitad del cuerpo llega como error de conexión.
        detalle = TARDO if "timed out" in str(error) else SIN_CONEXION
        raise NoResponde(url=url, detalle=detalle) from error
    except (requests.RequestException, ValueError) as error:
        # ValueError: a donde manda la respuesta no es una dirección.
        raise NoResponde(url=url, detalle=CORTADA) from error


def legible(momento: datetime) -> str:
    """Un momento en UTC, para un mensaje."""
    return momento.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
