"""Un servidor HTTP de verdad, en esta máquina, que sirve un flujo de replicación y lo descompone a pedido."""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import osmium

INICIO = datetime(2026, 5, 1, tzinfo=UTC)
Respuesta = bytes | int | Callable[[BaseHTTPRequestHandler], None]


class FlujoLocal:
    """Lo que sirve está en ``rutas``: bytes, un código de error, o una función que contesta a mano."""

    def __init__(self, prefijo: str = "") -> None:
        self.prefijo = prefijo.strip("/")
        self.rutas: dict[str, Respuesta] = {}
        self.pedidas: list[str] = []
        self.ultima = -1
        self.direccion = ""

    @property
    def url(self) -> str:
        return f"{self.direccion}/{self.prefijo}/" if self.prefijo else f"{self.direccion}/"

    def publicar(self, osc: bytes, secuencia: int | None = None, momento: datetime | None = None) -> int:
        """Agrega un cambio (XML, sin comprimir) al final, o en el lugar que se diga."""
        n = self.ultima + 1 if secuencia is None else secuencia
        self.rutas[ruta_de(n, "osc.gz")] = gzip.compress(osc)
        estado = estado_de(n, momento or momento_de(n))
        self.rutas[ruta_de(n, "state.txt")] = estado
        self.rutas["state.txt"] = estado
        self.ultima = n
        return n

    @contextmanager
    def abierto(self) -> Iterator["FlujoLocal"]:
        flujo = self

        class Manos(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                pedida = self.path.lstrip("/").removeprefix(flujo.prefijo).lstrip("/")
                flujo.pedidas.append(pedida)
                respuesta = flujo.rutas.get(pedida, 404)
                if callable(respuesta):
                    respuesta(self)
                    return
                codigo, cuerpo = (respuesta, b"no") if isinstance(respuesta, int) else (200, respuesta)
                self.send_response(codigo)
                self.send_header("Content-Length", str(len(cuerpo)))
                self.end_headers()
                self.wfile.write(cuerpo)

            def log_message(self, *_args: Any) -> None:
                """En silencio."""

        servidor = ThreadingHTTPServer(("127.0.0.1", 0), Manos)
        servidor.daemon_threads = True
        hilo = threading.Thread(target=servidor.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        hilo.start()
        self.direccion = f"http://127.0.0.1:{servidor.server_address[1]}"
        try:
            yield self
        finally:
            servidor.shutdown()
            servidor.server_close()
            hilo.join()


def momento_de(secuencia: int) -> datetime:
    return INICIO + timedelta(minutes=secuencia)


def ruta_de(secuencia: int, extension: str) -> str:
    return f"{secuencia // 1000000:03}/{secuencia // 1000 % 1000:03}/{secuencia % 1000:03}.{extension}"


def estado_de(secuencia: int, momento: datetime) -> bytes:
    cuando = momento.strftime(r"%Y-%m-%dT%H\:%M\:%SZ")
    return f"#Fri May 01 00:00:00 UTC 2026\nsequenceNumber={secuencia}\ntimestamp={cuando}\n".encode()


def cambio(opl: str, carpeta: Path) -> bytes:
    """Un osmChange en XML, escrito como texto OPL; conserva el orden y las versiones repetidas."""
    crudo = carpeta / "cambio.opl"
    crudo.write_text(opl.strip() + "\n", encoding="utf-8")
    ruta = carpeta / "cambio.osc"
    with osmium.SimpleWriter(str(ruta), overwrite=True) as salida:
        for objeto in osmium.FileProcessor(osmium.io.File(str(crudo), "opl")):
            salida.add(objeto)
    return ruta.read_bytes()
