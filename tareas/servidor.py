"""Servidor de producción.

Granian con varios procesos: una persona que sube un archivo grande no detiene a las demás, los dos núcleos trabajan,
y un
proceso que muere vuelve a nacer. Con 64 personas tomando y entregando a la vez dio más ciclos por segundo, y menos
espera
en el peor caso, que un solo proceso con hilos (``./tequio banco ciclos``).
"""

import ctypes
import json
import os
import secrets
import signal
import sys
from pathlib import Path

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

RAIZ = Path(__file__).resolve().parent.parent
HILOS = 6
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
        # Los hijos de quien atiende no: el aviso llega al acabar el hilo que los creó, no su proceso.
        if sys.platform == "linux" and os.getppid() == principal:
            ctypes.CDLL(None).prctl(PRCTL_AL_MORIR_EL_PADRE, signal.SIGTERM)

    os.register_at_fork(after_in_child=atar)


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
            "tareas.wsgi:app",
            address=direccion,
            port=puerto,
            interface=Interfaces.WSGI,
            workers=procesos or procesos_por_omision(),
            blocking_threads=HILOS,
            backlog=2048,
            # Cada proceso atiende a la vez lo que caben sus hilos y un poco de cola; lo demás espera en el núcleo.
            backpressure=512,
            log_access=False,
            # Sus avisos son consejos de afinación en inglés; las fallas de la aplicación van por su propia bitácora.
            log_level=LogLevels.error,
            respawn_failed_workers=True,
            working_dir=RAIZ,
        ).serve()
    finally:
        nota.unlink(missing_ok=True)
