"""Servidor de producción.

Granian con varios procesos: una persona que sube un archivo grande no detiene a las demás, los dos núcleos trabajan, y
un proceso que muere vuelve a nacer. Con 64 personas tomando y entregando a la vez dio más ciclos por segundo, y menos
espera en el peor caso, que un solo proceso con hilos (``./tequio banco ciclos``). Los hilos de cada proceso los lleva
`tareas.puente`.
"""

import ctypes
import json
import os
import resource
import secrets
import signal
import sys
from pathlib import Path

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

RAIZ = Path(__file__).resolve().parent.parent
MS_DE_CABECERAS = 15_000
"""Plazo para mandar las cabeceras; también, lo que dura abierta una conexión que nadie usa."""

SEGUNDOS_PARA_TERMINAR = 8
CONEXIONES = 4096
ARCHIVOS_PROPIOS = 256
PRCTL_AL_MORIR_EL_PADRE = 1


def procesos_por_omision() -> int:
    """Uno por núcleo, al menos dos y a lo más ocho."""
    return max(2, min(8, os.cpu_count() or 2))


def secreto(carpeta: Path) -> str:
    """Secreto con que se firman los formularios; se crea una vez y sólo lo lee quien corre el servidor."""
    archivo = carpeta / "secreto"
    if not archivo.is_file():
        carpeta.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(archivo, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return archivo.read_text().strip()
        with os.fdopen(descriptor, "w") as salida:
            salida.write(secrets.token_hex(32))
    return archivo.read_text().strip()


def _atado_al_principal() -> None:
    """Cada proceso que atiende muere con el principal: si lo matan, nadie sigue en el puerto sin que se sepa."""
    principal = os.getpid()

    def atar() -> None:
        # De golpe: uno que apenas nace puede no oír otra señal. Lo que tenga a medias, la base lo deshace.
        # Los hijos de quien atiende no: el aviso llega al acabar el hilo que los creó, no su proceso.
        if sys.platform == "linux" and os.getppid() == principal:
            ctypes.CDLL(None).prctl(PRCTL_AL_MORIR_EL_PADRE, signal.SIGKILL)

    os.register_at_fork(after_in_child=atar)


def _conexiones() -> int:
    """Conexiones a la vez por proceso: las que el sistema deje, después de pedirle que deje bastantes."""
    blando, duro = resource.getrlimit(resource.RLIMIT_NOFILE)
    deseado = CONEXIONES + ARCHIVOS_PROPIOS
    if 0 <= blando < deseado:
        blando = deseado if duro < 0 else min(deseado, duro)
        resource.setrlimit(resource.RLIMIT_NOFILE, (blando, duro))
    return CONEXIONES if blando < 0 else max(64, min(CONEXIONES, blando - ARCHIVOS_PROPIOS))


def servir(direccion: str, puerto: int, procesos: int | None = None, *, datos: Path | None = None) -> None:
    """Atiende hasta que alguien lo detenga.

    Parameters
    ----------
    direccion, puerto
        Dónde escucha.
    procesos
        Cuántos; por omisión, `procesos_por_omision`.
    datos
        Carpeta donde dejar la nota ``servidor.json`` para ``./tequio parar`` y el secreto; por omisión, ``.datos``.
    """
    carpeta = datos or RAIZ / ".datos"
    os.environ.setdefault("TEQUIO_SECRETO", secreto(carpeta))
    nota = carpeta / "servidor.json"
    nota.write_text(json.dumps({"pid": os.getpid(), "direccion": f"http://{direccion}:{puerto}"}), encoding="utf-8")
    _atado_al_principal()
    try:
        Server(
            "tareas.wsgi:servicio",
            address=direccion,
            port=puerto,
            interface=Interfaces.RSGI,
            workers=procesos or procesos_por_omision(),
            # Sólo HTTP/1.1: al detectar la versión, Granian espera sin plazo a quien no manda nada.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=MS_DE_CABECERAS),
            websockets=False,
            # No depende de lo que esté instalado.
            loop=Loops.asyncio,
            backlog=2048,
            # Conexiones de cada proceso; quien no acaba de mandar su petición ocupa una, y nada más.
            backpressure=_conexiones(),
            log_access=False,
            # Sus avisos son consejos de afinación en inglés; las fallas de la aplicación van por su propia bitácora.
            log_level=LogLevels.error,
            respawn_failed_workers=True,
            # A quien se le pide terminar cuando apenas nace, a veces no lo oye.
            workers_kill_timeout=SEGUNDOS_PARA_TERMINAR,
            working_dir=RAIZ,
        ).serve()
    finally:
        nota.unlink(missing_ok=True)
