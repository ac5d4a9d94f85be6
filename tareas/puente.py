"""Del servidor a la aplicación: el cuerpo se recibe antes de ocupar un hilo, con plazo.

Quien manda una petición a cuentagotas (un teléfono con mala señal, o alguien con mala intención) espera aquí, en un
bucle de asyncio que no gasta hilos; los hilos sólo reciben peticiones completas. Granian habla RSGI con este módulo y
este módulo habla WSGI con Flask.
"""

import asyncio
import io
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple, Protocol

bitacora = logging.getLogger("tequio")

MEGA = 1024 * 1024
SEGUNDOS_DE_GRACIA = 15.0
"""Lo que un cuerpo puede tardar sin que importe su tamaño."""

BYTES_POR_SEGUNDO = 1000
"""Cada segundo de más se gana recibiendo esto: una línea de 8 kbit/s, más lenta que cualquier módem, alcanza."""

TROZO_CHICO = 4096
PAUSA = 0.05
"""Tras un trozo chico se espera un poco, y lo que llega byte por byte se recoge junto."""

EN_MEMORIA = MEGA
EN_ESPERA = 256 * MEGA
"""Lo más que un proceso guarda de cuerpos a medio llegar; los mayores de `EN_MEMORIA` están en disco."""

RECHAZO = "tequio.rechazo"
"""Clave de ``environ``: el cuerpo no se recibió completo, y por qué (`LENTO` o `LLENO`)."""

LENTO = "lento"
LLENO = "lleno"

AplicacionWSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Peticion(Protocol):
    """Lo que Granian dice de una petición."""

    proto: str
    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    headers: Any


class _Trabajo(NamedTuple):
    peticion: Peticion
    protocolo: Any
    cuerpo: IO[bytes] | None
    largo: int
    rechazo: str | None
    terminado: asyncio.Future[None]


class _Interrumpido(Exception):
    """Quien pedía se fue antes de terminar."""


class Puente:
    """Aplicación RSGI que atiende con una WSGI.

    Parameters
    ----------
    app
        Aplicación WSGI.
    hilos
        Cuántas peticiones corren a la vez.
    cuerpo_maximo
        Bytes que se reciben a lo más; de un cuerpo que dice ser mayor no se recibe nada, y la aplicación lo rechaza.
    gracia, por_segundo
        Plazo de un cuerpo: ``gracia`` segundos y uno más por cada ``por_segundo`` bytes recibidos.
    """

    def __init__(
        self,
        app: AplicacionWSGI,
        *,
        hilos: int,
        cuerpo_maximo: int,
        gracia: float = SEGUNDOS_DE_GRACIA,
        por_segundo: int = BYTES_POR_SEGUNDO,
    ) -> None:
        self.app = app
        self.hilos = hilos
        self.cuerpo_maximo = cuerpo_maximo
        self.gracia = gracia
        self.por_segundo = por_segundo
        self._cola: SimpleQueue[_Trabajo | None] = SimpleQueue()
        self._en_espera = 0
        self._base: dict[str, Any] = {}

    def __rsgi_init__(self, bucle: asyncio.AbstractEventLoop) -> None:
        """Enciende los hilos; Granian lo llama en cada proceso, ya bifurcado."""
        self._base = {
            "SCRIPT_NAME": "",
            "wsgi.version": (1, 0),
            "wsgi.errors": sys.stderr,
            "wsgi.input_terminated": True,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for numero in range(self.hilos):
            threading.Thread(target=self._atender, args=(bucle,), name=f"peticiones-{numero}", daemon=True).start()

    def __rsgi_del__(self, _bucle: asyncio.AbstractEventLoop) -> None:
        """Deja ir a los hilos."""
        for _hilo in range(self.hilos):
            self._cola.put(None)

    async def __rsgi__(self, peticion: Peticion, protocolo: Any) -> None:
        """Atiende una petición."""
        bucle = asyncio.get_running_loop()
        cuerpo: IO[bytes] | None = None
        rechazo = None
        largo = _largo(peticion)
        recibido = 0
        if largo is None or 0 < largo <= self.cuerpo_maximo:
            cuerpo = SpooledTemporaryFile(max_size=EN_MEMORIA)  # noqa: SIM115 - lo cierra el hilo que la atiende
            try:
                recibido, rechazo = await self._recibir(protocolo, cuerpo, largo)
            except _Interrumpido:
                cuerpo.close()
                protocolo.response_empty(400, [])
                return
            except BaseException:
                cuerpo.close()
                raise
        terminado = bucle.create_future()
        self._cola.put(_Trabajo(peticion, protocolo, cuerpo, recibido if cuerpo else largo or 0, rechazo, terminado))
        try:
            await terminado
        finally:
            self._en_espera -= recibido

    async def _recibir(self, protocolo: Any, cuerpo: IO[bytes], largo: int | None) -> tuple[int, str | None]:
        """Recibe el cuerpo: cuántos bytes llegaron y, si hubo que dejarlo, por qué."""
        inicio = asyncio.get_running_loop().time()
        recibido = 0
        # Uno de más: a un cuerpo que no dijo su tamaño se le corta ahí, y la aplicación ve que se pasó.
        tope = self.cuerpo_maximo + 1 if largo is None else largo
        trozos = aiter(protocolo)
        try:
            async with asyncio.timeout_at(inicio + self.gracia) as plazo:
                # Al acabarse, Granian da un trozo vacío; también si quien pedía se fue.
                while recibido < tope and (trozo := await anext(trozos)):
                    trozo = trozo[: tope - recibido]
                    recibido += len(trozo)
                    self._en_espera += len(trozo)
                    if self._en_espera > EN_ESPERA:
                        return recibido, LLENO
                    cuerpo.write(trozo)
                    if recibido < tope:
                        plazo.reschedule(inicio + self.gracia + recibido / self.por_segundo)
                        if len(trozo) < TROZO_CHICO:
                            await asyncio.sleep(PAUSA)
        except TimeoutError:
            return recibido, LENTO
        except BaseException:
            self._en_espera -= recibido
            raise
        if largo is not None and recibido < largo:
            self._en_espera -= recibido
            raise _Interrumpido
        cuerpo.seek(0)
        return recibido, None

    def _atender(self, bucle: asyncio.AbstractEventLoop) -> None:
        while (trabajo := self._cola.get()) is not None:
            try:
                self._responder(trabajo)
            except Exception:
                # La aplicación convierte sus errores en respuestas: aquí sólo llega lo que de verdad está roto.
                bitacora.exception("%s %s", trabajo.peticion.method, trabajo.peticion.path)
                trabajo.protocolo.response_empty(500, [])
            finally:
                if trabajo.cuerpo is not None:
                    trabajo.cuerpo.close()
                bucle.call_soon_threadsafe(_cumplir, trabajo.terminado)
                # Mientras espera la que sigue, un hilo no retiene la conexión de la que ya atendió.
                del trabajo

    def _responder(self, trabajo: _Trabajo) -> None:
        codigo = 500
        cabeceras: list[tuple[str, str]] = []

        def empezar(estado: str, lista: list[tuple[str, str]], _error: Any = None) -> None:
            nonlocal codigo, cabeceras
            codigo, cabeceras = int(estado[:3]), lista

        partes = self.app(self._environ(trabajo), empezar)
        try:
            cuerpo = b"".join(partes)
        finally:
            if (cerrar := getattr(partes, "close", None)) is not None:
                cerrar()
        trabajo.protocolo.response_bytes(codigo, cabeceras, cuerpo)

    def _environ(self, trabajo: _Trabajo) -> dict[str, Any]:
        peticion = trabajo.peticion
        servidor, _dos_puntos, puerto = peticion.server.rpartition(":")
        environ = {
            **self._base,
            "REQUEST_METHOD": peticion.method,
            # PEP 3333: los bytes de la ruta, leídos como latin-1.
            "PATH_INFO": peticion.path.encode().decode("latin-1"),
            "QUERY_STRING": peticion.query_string,
            "SERVER_PROTOCOL": f"HTTP/{peticion.http_version}",
            "SERVER_NAME": servidor,
            "SERVER_PORT": puerto,
            "REMOTE_ADDR": peticion.client.rpartition(":")[0].strip("[]"),
            "wsgi.url_scheme": peticion.scheme,
            "wsgi.input": trabajo.cuerpo or io.BytesIO(),
        }
        for nombre, valor in peticion.headers.items():
            # Con guion bajo se podría hacer pasar por otra (X_Forwarded_For): nadie honrado las manda.
            if "_" in nombre:
                continue
            clave = "HTTP_" + nombre.upper().replace("-", "_")
            union = "; " if nombre == "cookie" else ","
            environ[clave] = f"{environ[clave]}{union}{valor}" if clave in environ else valor
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ.pop("HTTP_CONTENT_LENGTH", None)
        if (tipo := environ.pop("HTTP_CONTENT_TYPE", None)) is not None:
            environ["CONTENT_TYPE"] = tipo
        if trabajo.largo:
            environ["CONTENT_LENGTH"] = str(trabajo.largo)
        if trabajo.rechazo is not None:
            environ[RECHAZO] = trabajo.rechazo
        return environ


def _largo(peticion: Peticion) -> int | None:
    """Bytes que el cuerpo dice medir; 0 si no hay, ``None`` si llega en trozos sin decirlo."""
    if "transfer-encoding" in peticion.headers:
        return None
    declarado = peticion.headers.get("content-length")
    return int(declarado) if declarado is not None and declarado.isdecimal() else 0


def _cumplir(terminado: asyncio.Future[None]) -> None:
    if not terminado.done():
        terminado.set_result(None)
