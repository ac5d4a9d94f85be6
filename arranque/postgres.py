"""Grupo de bases privado: PostgreSQL con PostGIS en una carpeta, solo por enchufe Unix.

``python -m arranque.postgres`` enciende el del proyecto y escribe su dirección.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from arranque import binarios as buscador
from arranque import lugar as lugares
from arranque.binarios import EXTENSIONES, Binarios
from arranque.errores import ErrorArranque
from arranque.lugar import Lugar
from arranque.procesos import candado, cola, entorno_limpio
from arranque.rutas import RAIZ, Rutas

USUARIO = "tequio"
BASE = "tequio"
SEGUNDOS_DE_ESPERA = 40
SEGUNDOS_DE_RECUPERACION = 120
BITACORA_MAXIMA = 10_000_000
SENALES_DE_SERVIDOR_MUERTO = ("postmaster.pid", f"{lugares.NOMBRE_DEL_ENCHUFE}.lock", "shared memory block")


def direccion(enchufe: str | Path, base: str = BASE) -> str:
    """Dirección libpq de una base por enchufe Unix."""
    return f"postgresql://{USUARIO}@/{base}?host={quote(str(enchufe), safe='/')}"


def ajustes_para(memoria: int, memoria_compartida: int) -> dict[str, str]:
    """Ajustes del servidor para una computadora pequeña; lo confirmado sobrevive a un apagón.

    Parameters
    ----------
    memoria : int
        Memoria de la máquina, en bytes.
    memoria_compartida : int
        Espacio de ``/dev/shm``, en bytes; los contenedores suelen dar 64 MB.
    """
    gibi = 2**30
    return {
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": "256MB" if memoria >= 4 * gibi else "128MB",
        "effective_cache_size": f"{max(memoria // 2, gibi // 2) // 2**20}MB",
        "maintenance_work_mem": "128MB" if memoria >= 4 * gibi else "64MB",
        "work_mem": "8MB",
        "dynamic_shared_memory_type": "posix" if memoria_compartida >= gibi // 4 else "mmap",
        "random_page_cost": "1.1",
        "jit": "off",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %d ",
    }


def memoria_compartida() -> int:
    """Bytes de ``/dev/shm``: 0 si no todos pueden escribir ahí; donde no existe se supone que alcanza."""
    carpeta = "/dev/shm"  # nosec B108
    if not os.path.isdir(carpeta):
        return 2**30
    return shutil.disk_usage(carpeta).total if os.stat(carpeta).st_mode & stat.S_IWOTH else 0


def configuracion(ajustes: Mapping[str, str]) -> str:
    """Texto de un archivo de configuración de PostgreSQL."""
    renglones = [f"{nombre} = '{valor.replace(chr(39), chr(39) * 2)}'" for nombre, valor in ajustes.items()]
    return "\n".join(["# Lo escribe ./tequio en cada encendido.", *renglones, ""])


class Cluster:
    """Un grupo de bases en una carpeta.

    Parameters
    ----------
    carpeta : Path
        Donde viven los datos, el enchufe y la bitácora del servidor. Al lado quedan
        ``<carpeta>.json`` (dónde quedó cada cosa) y ``<carpeta>.candado``.
    binarios : Binarios, optional
        PostgreSQL que se usa; sin él se busca en el sistema y en ``.datos/postgresql``.
    ajustes : Mapping[str, str], optional
        Ajustes de ``postgresql.conf`` que se añaden a los de la casa.
    """

    def __init__(
        self, carpeta: Path, binarios: Binarios | None = None, ajustes: Mapping[str, str] | None = None
    ) -> None:
        self.carpeta = carpeta.absolute()
        self.nota = self.carpeta.with_name(self.carpeta.name + ".json")
        self._candado = self.carpeta.with_name(self.carpeta.name + ".candado")
        self._binarios = binarios
        self._ajustes = dict(ajustes or {})

    def asegurar(self) -> str:
        """Crea el grupo si falta, lo enciende si está apagado y deja lista la base ``tequio``.

        Varios procesos pueden pedirlo a la vez: uno trabaja y los demás esperan.

        Returns
        -------
        str
            Dirección ``postgresql://tequio@/tequio?host=…``.

        Raises
        ------
        ErrorArranque
            Si no hay PostgreSQL que sirva o el servidor no enciende; lleva la cola de su bitácora.
        """
        anotado = self.lugar()
        if anotado and anotado.lista and self._responde(anotado):
            return direccion(anotado.enchufe)
        with candado(self._candado):
            actual = self.lugar() or lugares.elegir(self.carpeta)
            if not self._responde(actual):
                actual = lugares.con_enchufe(actual)
                lugares.preparar(actual)
                actual.guardar(self.nota)
                self._crear_datos(actual)
                self._encender(actual)
            if not actual.lista:
                self._crear_base(actual)
                replace(actual, lista=True).guardar(self.nota)
        return direccion(actual.enchufe)

    def parar(self) -> bool:
        """Apaga el servidor; devuelve si estaba encendido.

        Raises
        ------
        ErrorArranque
            Si no se apagó en un minuto.
        """
        actual = self.lugar()
        if actual is None or not actual.datos.exists():
            return False
        with candado(self._candado):
            if not self._vivo(actual):
                return False
            self._servidor(actual, "pg_ctl", "-D", str(actual.datos), "-m", "fast", "-w", "-t", "60", "stop")
            return True

    def borrar(self) -> None:
        """Apaga el servidor y borra sus datos. Para los grupos de prueba y de medición."""
        self.parar()
        actual = self.lugar()
        for carpeta in (self.carpeta, *((Path(actual.base), Path(actual.enchufe)) if actual else ())):
            shutil.rmtree(carpeta, ignore_errors=True)
        self.nota.unlink(missing_ok=True)
        self._candado.unlink(missing_ok=True)

    def lugar(self) -> Lugar | None:
        """Dónde quedó el grupo, o ``None`` si nunca se creó."""
        return lugares.leer(self.nota)

    def pid(self) -> int | None:
        """Proceso principal del servidor encendido."""
        actual = self.lugar()
        return self._pid(actual) if actual and self._vivo(actual) else None

    def encendido(self) -> bool:
        """Si el servidor responde."""
        actual = self.lugar()
        return actual is not None and self._responde(actual)

    def binarios(self) -> Binarios:
        """PostgreSQL que corresponde a los datos.

        Raises
        ------
        ErrorArranque
            Si no se encuentra ninguno que sirva.
        """
        if self._binarios is None:
            self._binarios, motivos = buscador.encontrar(Rutas(RAIZ).postgresql, self.version_de_los_datos())
            if self._binarios is None:
                raise ErrorArranque(
                    "No se encontró un PostgreSQL que sirva" + "".join(f"; {m}" for m in motivos) + ".",
                    "Ejecuta «./tequio demo» para instalarlo, o define TEQUIO_BASE_DE_DATOS.",
                )
        return self._binarios

    def consultar(self, sql: str, base: str = BASE) -> str:
        """Corre una consulta con ``psql`` y devuelve su salida sin adornos.

        Raises
        ------
        ErrorArranque
            Si la consulta falla.
        """
        actual = self.lugar()
        if actual is None:
            raise ErrorArranque("El grupo de bases no existe todavía.", "Ejecuta «./tequio demo».")
        return self._psql(actual, sql, base)

    def version_de_los_datos(self) -> int | None:
        """Versión mayor de PostgreSQL que creó los datos, o ``None`` si aún no los hay."""
        actual = self.lugar()
        if actual is None:
            return None
        try:
            return int((actual.datos / "PG_VERSION").read_text().strip())
        except (OSError, ValueError):
            return None

    def _servidor(self, donde: Lugar, programa: str, *argumentos: str) -> None:
        """Corre un programa con la identidad del servidor y falla con lo que haya dicho."""
        resultado = self._intentar(donde, programa, *argumentos)
        if resultado.returncode:
            raise ErrorArranque(
                f"{programa} falló:\n{resultado.stdout.strip()}\n{cola(donde.bitacora)}".rstrip(),
                f"La bitácora completa está en {donde.bitacora}.",
            )

    def _intentar(self, donde: Lugar, programa: str, *argumentos: str) -> subprocess.CompletedProcess[str]:
        binarios = self.binarios()
        return subprocess.run(
            [*donde.prefijo, binarios.programa(programa), *argumentos],
            # Quien recibe la identidad puede no tener permiso de leer la carpeta actual.
            cwd="/",
            env=entorno_limpio({"LC_ALL": "C", "PGCLIENTENCODING": "UTF8", **binarios.entorno}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
            **donde.identidad,
        )

    def _responde(self, donde: Lugar) -> bool:
        if not os.path.exists(os.path.join(donde.enchufe, lugares.NOMBRE_DEL_ENCHUFE)):
            return False
        return self._intentar(donde, "pg_isready", "-q", "-h", donde.enchufe, "-p", "5432", "-t", "3").returncode == 0

    def _crear_datos(self, donde: Lugar) -> None:
        if (donde.datos / "PG_VERSION").exists():
            return
        # Se crea aparte y se renombra: un corte a la mitad no deja datos a medias con el nombre bueno.
        nuevo = donde.datos.with_suffix(".nuevo")
        shutil.rmtree(nuevo, ignore_errors=True)
        orden = ["-D", str(nuevo), "-U", USUARIO, "-A", "trust", "-E", "UTF8", "--data-checksums"]
        orden += ["--locale-provider=icu", "--icu-locale=es-MX", "--locale=C.UTF-8"]
        self._servidor(donde, "initdb", *orden)
        with (nuevo / "postgresql.conf").open("a", encoding="utf-8") as archivo:
            archivo.write("\ninclude_if_exists = 'tequio.conf'\n")
        nuevo.rename(donde.datos)

    def _configurar(self, donde: Lugar) -> None:
        memoria = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        ajustes = {
            **ajustes_para(memoria, memoria_compartida()),
            "unix_socket_directories": donde.enchufe,
            **self._ajustes,
        }
        archivo = donde.datos / "tequio.conf"
        archivo.write_text(configuracion(ajustes), encoding="utf-8")
        archivo.chmod(0o644)
        if donde.bitacora.exists() and donde.bitacora.stat().st_size > BITACORA_MAXIMA:
            donde.bitacora.replace(donde.bitacora.with_suffix(".anterior.log"))

    def _encender(self, donde: Lugar) -> None:
        limite = time.monotonic() + SEGUNDOS_DE_ESPERA
        self._configurar(donde)
        while True:
            self._apartar_pid_ajeno(donde)
            if self._vivo(donde):
                return self._esperar(donde)
            argumentos = ("-D", str(donde.datos), "-l", str(donde.bitacora), "-w", "-t", str(SEGUNDOS_DE_RECUPERACION))
            antes = donde.bitacora.stat().st_size if donde.bitacora.exists() else 0
            resultado = self._intentar(donde, "pg_ctl", *argumentos, "start")
            if resultado.returncode == 0:
                return None
            motivo = cola(donde.bitacora, desde=antes)
            # Tras matar al servidor, sus hijos tardan unos segundos en soltar la memoria y el archivo de pid.
            pasajero = any(s in motivo for s in SENALES_DE_SERVIDOR_MUERTO)
            if not pasajero or time.monotonic() > limite:
                raise ErrorArranque(
                    f"PostgreSQL no encendió:\n{motivo or resultado.stdout}",
                    f"La bitácora completa está en {donde.bitacora}. Corrige la causa y vuelve a ejecutar la orden.",
                )
            time.sleep(1)

    def _esperar(self, donde: Lugar) -> None:
        limite = time.monotonic() + SEGUNDOS_DE_RECUPERACION
        while not self._responde(donde):
            if time.monotonic() > limite or not self._vivo(donde):
                raise ErrorArranque(
                    f"PostgreSQL está encendido pero no responde:\n{cola(donde.bitacora)}",
                    f"Mira {donde.bitacora}; si recupera datos, espera y vuelve a ejecutar la orden.",
                )
            time.sleep(0.2)

    def _pid(self, donde: Lugar) -> int | None:
        return pid_anotado(donde.datos / "postmaster.pid")

    def _vivo(self, donde: Lugar) -> bool:
        pid = self._pid(donde)
        return pid is not None and existe(pid) and not es_ajeno(pid, donde.datos)

    def _apartar_pid_ajeno(self, donde: Lugar) -> None:
        """Aparta los archivos de pid cuyo número es hoy de otro programa o de un proceso ya muerto.

        Pasa en contenedores, donde los números se repiten y los muertos no siempre se recogen. Los de un servidor
        vivo nunca se tocan, y PostgreSQL comprueba además, por la memoria compartida, que nadie más tenga abiertos
        los datos.
        """
        for archivo in (donde.datos / "postmaster.pid", Path(donde.enchufe) / f"{lugares.NOMBRE_DEL_ENCHUFE}.lock"):
            pid = pid_anotado(archivo)
            if pid is not None and existe(pid) and es_ajeno(pid, donde.datos):
                archivo.replace(archivo.with_name(f"{archivo.name}.ajeno"))

    def _crear_base(self, donde: Lugar) -> None:
        hay = self._psql(donde, "SELECT datname FROM pg_database", "postgres").splitlines()
        if BASE not in hay:
            self._psql(donde, f'CREATE DATABASE "{BASE}"', "postgres")
        for extension in EXTENSIONES:
            self._psql(donde, f'CREATE EXTENSION IF NOT EXISTS "{extension}"', BASE)

    def _psql(self, donde: Lugar, sql: str, base: str) -> str:
        orden = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", donde.enchufe, "-p", "5432", "-U", USUARIO]
        resultado = self._intentar(donde, "psql", *orden, "-d", base, "-c", sql)
        if resultado.returncode:
            raise ErrorArranque(f"La base respondió con un error:\n{resultado.stdout.strip()}")
        return resultado.stdout.strip()


def pid_anotado(archivo: Path) -> int | None:
    """Número de proceso del primer renglón de un archivo de pid."""
    try:
        return abs(int(archivo.read_text().split("\n", 1)[0]))
    except (OSError, ValueError):
        return None


def existe(pid: int) -> bool:
    """Si hay un proceso con ese número."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def es_ajeno(pid: int, datos: Path) -> bool:
    """Si consta que el proceso no es el servidor de ``datos``: murió sin recoger, es de otro, o trabaja en otro lado.

    Sin ``/proc`` no consta nada y devuelve ``False``.
    """
    try:
        estado = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return False
    if estado == "Z" or os.stat(f"/proc/{pid}").st_uid != datos.stat().st_uid:
        return True
    try:
        return not os.path.samestat(os.stat(f"/proc/{pid}/cwd"), datos.stat())
    except OSError:
        return False


def asegurar(raiz: Path = RAIZ) -> str:
    """Enciende el grupo privado del proyecto y devuelve la dirección de su base.

    Parameters
    ----------
    raiz : Path
        Carpeta del proyecto.

    Returns
    -------
    str
        ``postgresql://tequio@/tequio?host=/ruta/absoluta``.

    Raises
    ------
    ErrorArranque
        Si no hay PostgreSQL que sirva o no enciende.
    """
    rutas = Rutas(raiz)
    rutas.preparar()
    return Cluster(rutas.grupo_pg).asegurar()


if __name__ == "__main__":
    print(asegurar())
