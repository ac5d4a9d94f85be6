"""Archivos propios y paquetes de navegador: dirección con versión, guardados para siempre, comprimidos una vez."""

import gzip
import hashlib
import json
import mimetypes
import threading
from pathlib import Path

from flask import Flask, Response, abort, request

TIPOS = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".css": "text/css",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}
COMPRIMIBLES = (
    "text/",
    "application/json",
    "application/xml",
    "application/problem+json",
    "application/javascript",
    "image/svg+xml",
    "application/vnd.mapbox-vector-tile",
    "application/geo+json",
)
MINIMO = 700


class Estaticos:
    """Sirve una carpeta y guarda en memoria la versión comprimida de cada archivo.

    Parameters
    ----------
    carpeta
        ``css/``, ``js/``, ``img/`` propios, y ``v/<paquete>/<versión>/`` de los paquetes instalados.
    recargar
        Recalcula la huella en cada petición (desarrollo).
    """

    def __init__(self, carpeta: Path, *, recargar: bool = False) -> None:
        self.carpeta = carpeta
        self.recargar = recargar
        self._guardados: dict[Path, tuple[float, bytes, bytes | None, str]] = {}
        self._candado = threading.Lock()
        self._huella = ""

    @property
    def huella(self) -> str:
        """Huella de todos los archivos propios: cambia si cualquiera cambia, y los módulos se importan entre sí."""
        if not self._huella or self.recargar:
            suma = hashlib.blake2b(digest_size=6)
            for ruta in sorted(self.carpeta.rglob("*")):
                relativa = ruta.relative_to(self.carpeta)
                if ruta.is_file() and relativa.parts[0] != "v":
                    suma.update(str(relativa).encode() + b"\0" + ruta.read_bytes())
            self._huella = suma.hexdigest()
        return self._huella

    def paquetes(self) -> dict[str, str]:
        """Versión instalada de cada paquete de navegador."""
        manifiesto = self.carpeta / "v" / "manifiesto.json"
        if not manifiesto.is_file():
            return {}
        leido: dict[str, str] = json.loads(manifiesto.read_text(encoding="utf-8"))
        return leido

    def archivo(self, relativa: str) -> tuple[bytes, bytes | None, str]:
        """Contenido, contenido comprimido (si conviene) y tipo de un archivo; 404 si no está en la carpeta."""
        try:
            ruta = (self.carpeta / relativa).resolve()
            esta = ruta.is_relative_to(self.carpeta.resolve()) and ruta.is_file()
        except (OSError, ValueError):
            # Un nombre con un nulo, o más largo de lo que cabe en el disco, no es de ningún archivo.
            abort(404)
        if not esta:
            abort(404)
        fecha = ruta.stat().st_mtime
        guardado = self._guardados.get(ruta)
        if guardado is None or guardado[0] != fecha:
            crudo = ruta.read_bytes()
            tipo = TIPOS.get(ruta.suffix) or mimetypes.guess_type(ruta.name)[0] or "application/octet-stream"
            chico = gzip.compress(crudo, 9, mtime=0) if tipo.startswith(COMPRIMIBLES) and len(crudo) > MINIMO else None
            guardado = (fecha, crudo, chico, tipo)
            with self._candado:
                self._guardados[ruta] = guardado
        return guardado[1:]


def iniciar(app: Flask, carpeta: Path) -> None:
    """Registra ``/estaticos/…`` y las funciones ``estatico`` y ``paquete`` de las plantillas."""
    servicio = Estaticos(carpeta, recargar=bool(app.config.get("RECARGAR")))
    app.extensions["tequio_estaticos"] = servicio

    def servir(resto: str) -> Response:
        crudo, chico, tipo = servicio.archivo(resto)
        comprimido = chico is not None and "gzip" in request.headers.get("Accept-Encoding", "")
        respuesta = Response(chico if comprimido else crudo, mimetype=tipo)
        if comprimido:
            respuesta.headers["Content-Encoding"] = "gzip"
        respuesta.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        respuesta.vary.add("Accept-Encoding")
        return respuesta

    def propio(huella: str, resto: str) -> Response:
        return servir(resto)

    def de_paquete(resto: str) -> Response:
        return servir("v/" + resto)

    propio.acceso = {"publico": True}  # type: ignore[attr-defined]
    de_paquete.acceso = {"publico": True}  # type: ignore[attr-defined]
    app.add_url_rule("/estaticos/e-<huella>/<path:resto>", "estaticos.propio", propio)
    app.add_url_rule("/estaticos/v/<path:resto>", "estaticos.de_paquete", de_paquete)

    def estatico(relativa: str) -> str:
        return f"/estaticos/e-{servicio.huella}/{relativa}"

    def paquete(nombre: str, relativa: str) -> str:
        return f"/estaticos/v/{nombre}/{servicio.paquetes().get(nombre, 'falta')}/{relativa}"

    app.jinja_env.globals.update(estatico=estatico, paquete=paquete)


def comprimir(respuesta: Response) -> Response:
    """Comprime una respuesta de texto que lo valga, si quien pide lo acepta."""
    if (
        respuesta.direct_passthrough
        or respuesta.status_code in (204, 304)
        or "Content-Encoding" in respuesta.headers
        or "gzip" not in request.headers.get("Accept-Encoding", "")
        or not (respuesta.content_type or "").startswith(COMPRIMIBLES)
        or respuesta.is_streamed
    ):
        return respuesta
    cuerpo = respuesta.get_data()
    if len(cuerpo) < MINIMO:
        return respuesta
    respuesta.set_data(gzip.compress(cuerpo, 5, mtime=0))
    respuesta.headers["Content-Encoding"] = "gzip"
    respuesta.vary.add("Accept-Encoding")
    etiqueta = respuesta.headers.get("ETag")
    if etiqueta and not etiqueta.startswith("W/"):
        # El cuerpo comprimido no es byte a byte el mismo: la etiqueta pasa a ser débil.
        respuesta.headers["ETag"] = "W/" + etiqueta
    return respuesta
