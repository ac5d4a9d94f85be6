"""Cliente HTTP mínimo: una conexión que se conserva y nada más, para medir al servidor y no al cliente."""

import asyncio
import json
from typing import Any


class Conexion:
    """Conexión HTTP/1.1 con 127.0.0.1, que se reabre si el servidor la cierra."""

    def __init__(self, puerto: int, ficha: str = "") -> None:
        self.puerto = puerto
        self.fijas = "Host: 127.0.0.1\r\nAccept-Encoding: gzip\r\n" + (
            f"Authorization: Bearer {ficha}\r\n" if ficha else ""
        )
        self.lector: asyncio.StreamReader | None = None
        self.escritor: asyncio.StreamWriter | None = None

    async def abrir(self) -> None:
        """Abre la conexión."""
        self.lector, self.escritor = await asyncio.open_connection("127.0.0.1", self.puerto, limit=2**24)

    async def pedir(self, metodo: str, ruta: str, cuerpo: Any = None) -> tuple[int, bytes]:
        """Código y cuerpo, tal como llegó (comprimido si así vino)."""
        if self.escritor is None or self.lector is None or self.escritor.is_closing():
            await self.abrir()
        contenido = b"" if cuerpo is None else json.dumps(cuerpo).encode()
        tipo = "Content-Type: application/json\r\n" if cuerpo is not None else ""
        cabeza = f"{metodo} {ruta} HTTP/1.1\r\n{self.fijas}{tipo}Content-Length: {len(contenido)}\r\n\r\n"
        assert self.escritor is not None
        assert self.lector is not None
        self.escritor.write(cabeza.encode() + contenido)
        bloque = await self.lector.readuntil(b"\r\n\r\n")
        renglones = bloque.split(b"\r\n")
        codigo = int(renglones[0].split(b" ", 2)[1])
        largo = next((int(r[15:]) for r in renglones if r[:15].lower() == b"content-length:"), None)
        if largo is None and any(r.lower().startswith(b"transfer-encoding: chunked") for r in renglones):
            return codigo, await self._trozos()
        return codigo, await self.lector.readexactly(largo or 0)

    async def _trozos(self) -> bytes:
        assert self.lector is not None
        partes = []
        while largo := int((await self.lector.readline()).strip(), 16):
            partes.append((await self.lector.readexactly(largo + 2))[:-2])
        await self.lector.readexactly(2)
        return b"".join(partes)

    async def cerrar(self) -> None:
        """Cierra la conexión."""
        if self.escritor is not None:
            self.escritor.close()
