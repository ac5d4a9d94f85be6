"""Decide con qué identidad corre PostgreSQL y dónde caben sus datos y su enchufe.

PostgreSQL se niega a correr como root. Si arranca root, el servidor corre como la persona dueña de la
carpeta o como ``postgres``; si esa identidad no puede entrar a la carpeta (por ejemplo, dentro de
``/root``), se usa un espacio de usuarios y, si tampoco se permite, una carpeta en ``/var/lib``.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from arranque.errores import ErrorArranque

LARGO_MAXIMO_DEL_ENCHUFE = 107
NOMBRE_DEL_ENCHUFE = ".s.PGSQL.5432"
AISLAR = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


@dataclass(frozen=True)
class Lugar:
    """Dónde y con qué identidad vive un grupo de bases.

    Parameters
    ----------
    base : str
        Carpeta con los datos y la bitácora del servidor.
    enchufe : str
        Carpeta del enchufe Unix.
    uid, gid : int or None
        Identidad del servidor; ``None`` si es la del proceso.
    aislado : bool
        Si corre en un espacio de usuarios propio (root dentro de una carpeta cerrada).
    lista : bool
        Si la base y sus extensiones ya se crearon.
    """

    base: str
    enchufe: str
    uid: int | None = None
    gid: int | None = None
    aislado: bool = False
    lista: bool = False

    @property
    def datos(self) -> Path:
        """Carpeta de datos de PostgreSQL."""
        return Path(self.base) / "datos"

    @property
    def bitacora(self) -> Path:
        """Bitácora del servidor."""
        return Path(self.base) / "postgres.log"

    @property
    def prefijo(self) -> tuple[str, ...]:
        """Lo que va antes de cada programa del servidor."""
        return AISLAR if self.aislado else ()

    @property
    def identidad(self) -> dict[str, Any]:
        """Argumentos de ``subprocess.run`` que cambian de usuario."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def guardar(self, nota: Path) -> None:
        """Anota el lugar, para que el siguiente arranque use el mismo."""
        temporal = nota.with_suffix(".nuevo")
        temporal.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        temporal.replace(nota)


def leer(nota: Path) -> Lugar | None:
    """Lee el lugar anotado; ``None`` si no hay nota o quedó a medias."""
    try:
        return Lugar(**json.loads(nota.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def cabe_el_enchufe(carpeta: Path) -> bool:
    """Si la ruta del enchufe cabe en el límite del sistema (107 bytes)."""
    return len(os.fsencode(carpeta / NOMBRE_DEL_ENCHUFE)) <= LARGO_MAXIMO_DEL_ENCHUFE


def huella(carpeta: Path) -> str:
    """Nombre corto y estable para una carpeta."""
    return hashlib.sha256(os.fsencode(carpeta)).hexdigest()[:12]


def elegir(carpeta: Path) -> Lugar:
    """Escoge el lugar para un grupo nuevo que debería vivir en ``carpeta``.

    Raises
    ------
    ErrorArranque
        Si ninguna identidad puede usar una carpeta de datos.
    """
    if os.geteuid() != 0:
        return con_enchufe(Lugar(base=str(carpeta), enchufe=str(carpeta / "s")))
    uid, gid = _identidad_para(carpeta)
    if _puede_entrar(carpeta.parent, uid, gid):
        return con_enchufe(Lugar(str(carpeta), str(carpeta / "s"), uid, gid))
    if _se_puede_aislar():
        return con_enchufe(Lugar(str(carpeta), str(carpeta / "s"), aislado=True))
    # En /var/tmp el sistema borra lo que lleva un mes sin tocarse; aquí no.
    fuera = Path("/var/lib") / f"tequio-{huella(carpeta)}"
    return con_enchufe(Lugar(str(fuera), str(fuera / "s"), uid, gid))


def con_enchufe(lugar: Lugar) -> Lugar:
    """Cambia la carpeta del enchufe por una corta si la suya no cabe o ya no existe la corta."""
    propia = Path(lugar.base) / "s"
    if cabe_el_enchufe(propia):
        return replace(lugar, enchufe=str(propia))
    if Path(lugar.enchufe) != propia and Path(lugar.enchufe).is_dir():
        return lugar
    # La de TMPDIR puede ser igual de larga.
    return replace(lugar, enchufe=tempfile.mkdtemp(prefix="tequio-", dir="/tmp"))  # nosec B108


def preparar(lugar: Lugar) -> None:
    """Crea las carpetas del lugar, cerradas (0700) y a nombre de la identidad del servidor.

    Raises
    ------
    ErrorArranque
        Si una carpeta ya existe y es de otra persona.
    """
    esperado = os.geteuid() if lugar.uid is None else lugar.uid
    for carpeta in (Path(lugar.base), Path(lugar.enchufe)):
        if not carpeta.exists():
            carpeta.mkdir(mode=0o700, parents=True)
        estado = carpeta.lstat()
        if carpeta.is_symlink() or estado.st_uid not in (esperado, os.geteuid()):
            raise ErrorArranque(
                f"La carpeta {carpeta} es de «{_nombre(estado.st_uid)}».",
                f"Ejecuta Tequio como «{_nombre(estado.st_uid)}», o borra esa carpeta si no la reconoces.",
            )
        carpeta.chmod(0o700)
        if lugar.uid is not None:
            os.chown(carpeta, lugar.uid, lugar.gid if lugar.gid is not None else -1)


def _nombre(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _identidad_para(carpeta: Path) -> tuple[int, int]:
    existente = next(p for p in (carpeta, *carpeta.parents) if p.exists())
    duenio = existente.stat()
    if duenio.st_uid:
        return duenio.st_uid, duenio.st_gid
    for nombre in ("postgres", "nobody"):
        try:
            persona = pwd.getpwnam(nombre)
        except KeyError:
            continue
        return persona.pw_uid, persona.pw_gid
    raise ErrorArranque(
        "PostgreSQL no corre como root y no hay usuario «postgres».",
        "Crea uno con «useradd --system postgres» o ejecuta Tequio como un usuario común.",
    )


def _puede_entrar(carpeta: Path, uid: int, gid: int) -> bool:
    existente = next(p for p in (carpeta, *carpeta.parents) if p.exists())
    prueba = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(existente)],
        cwd="/",
        user=uid,
        group=gid,
        extra_groups=[],
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return prueba.returncode == 0


def _se_puede_aislar() -> bool:
    if shutil.which(AISLAR[0]) is None:
        return False
    return subprocess.run([*AISLAR, "true"], cwd="/", stderr=subprocess.DEVNULL, check=False).returncode == 0
