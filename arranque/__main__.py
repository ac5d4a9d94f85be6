"""Entrada de ``./tequio``: prepara lo que la orden necesita y le entrega el mando."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from arranque import ayuda, estado, pruebas, respaldo, restauracion
from arranque.clientes import Clientes, carpeta_de_clientes
from arranque.clientes import para as clientes_para
from arranque.entorno import paso_dependencias, paso_entorno
from arranque.errores import ErrorArranque
from arranque.navegador import paso_navegador, programa, variables_de_playwright
from arranque.obtener_postgres import paso_postgres
from arranque.ordenes import necesidades, pide_ayuda
from arranque.paginas import axe, paso_paginas
from arranque.pasos import Paso, avance, preparar
from arranque.postgres import Cluster
from arranque.procesos import correr, entorno_limpio
from arranque.rutas import RAIZ, Rutas
from arranque.traducciones import paso_traducciones

SIN_PERMISO_O_SIN_ESPACIO = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)
VARIABLE_DE_BASE = "TEQUIO_BASE_DE_DATOS"
VARIABLE_DE_PRUEBAS = "TEQUIO_PRUEBAS_BD"
AYUDAS = {"respaldar": respaldo.AYUDA, "restaurar": restauracion.AYUDA}


def principal(argumentos: Sequence[str], rutas: Rutas) -> int:
    """Atiende una orden; las de la aplicación sustituyen a este proceso y no vuelven.

    Raises
    ------
    ErrorArranque
        Si no se pudo preparar lo que la orden necesita.
    """
    orden, resto = (argumentos[0], list(argumentos[1:])) if argumentos else ("ayuda", [])
    if orden in ("ayuda", "--help", "-h"):
        return ayuda.mostrar(rutas)
    if orden in ("parar", "estado"):
        if resto:
            return ayuda.mostrar(rutas) if pide_ayuda(resto) else _sobra(orden, resto)
        return estado.parar(rutas) if orden == "parar" else estado.mostrar(rutas)
    if orden in AYUDAS and pide_ayuda(resto):
        print(AYUDAS[orden])
        return 0
    if pide_ayuda(argumentos) and orden != "pruebas" and not rutas.python.exists():
        return ayuda.mostrar(rutas)
    rutas.preparar()
    if orden == "respaldar":
        return _respaldar(resto, rutas)
    if orden == "restaurar":
        return _restaurar(resto, rutas)
    if orden == "pruebas":
        return pruebas.correr(rutas, resto, preparar_pruebas(rutas))
    entorno = preparar_orden(argumentos, rutas)
    os.execve(rutas.python, [str(rutas.python), "-P", "-m", "tareas.ordenes", *argumentos], entorno)


def preparar_orden(argumentos: Sequence[str], rutas: Rutas) -> dict[str, str]:
    """Deja lista la máquina para una orden de la aplicación y devuelve las variables con que se corre."""
    pide = necesidades(argumentos)
    externa = os.environ.get(VARIABLE_DE_BASE)
    if externa:
        entorno = {**os.environ, "PYTHONPATH": str(rutas.raiz)}
    else:
        entorno = entorno_limpio({"PYTHONPATH": str(rutas.raiz)})
    preparar([paso_entorno(rutas), paso_dependencias(rutas), paso_traducciones(rutas)], rutas)
    if pide.base and not externa and not Cluster(rutas.grupo_pg).encendido() and not _existe(argumentos[0], rutas):
        # Que la aplicación diga cuál orden no existe, sin instalar ni encender nada más.
        return entorno
    pasos = [paso_paginas(rutas)] if pide.paginas else []
    if pide.postgres and not (pide.base and externa):
        pasos.append(paso_postgres(rutas))
    preparar(pasos, rutas)
    if pide.base:
        entorno[VARIABLE_DE_BASE] = externa or encender(rutas)
        if argumentos[0] != "bd":
            preparar([paso_migraciones(rutas, entorno, siempre=pide.migrar)], rutas)
    return entorno


def preparar_pruebas(rutas: Rutas) -> dict[str, str]:
    """Deja lista la máquina para las pruebas, con un navegador de verdad, y devuelve sus variables."""
    ajena = os.environ.get(VARIABLE_DE_PRUEBAS)
    pasos = [paso_entorno(rutas), paso_dependencias(rutas), paso_dependencias(rutas, "pruebas")]
    pasos += [paso_paginas(rutas, con_pruebas=True), paso_paginas(rutas)]
    pasos += [] if ajena else [paso_postgres(rutas)]
    preparar([*pasos, paso_navegador(rutas), paso_traducciones(rutas)], rutas)
    base = ajena or encender(rutas)
    entorno = entorno_limpio(
        {
            "PYTHONPATH": str(rutas.raiz),
            VARIABLE_DE_BASE: base,
            VARIABLE_DE_PRUEBAS: base,
            "TEQUIO_NAVEGADOR": str(programa(rutas)),
            "TEQUIO_AXE": str(axe(rutas)),
            **variables_de_playwright(rutas),
        }
    )
    # Las pruebas corren decenas de órdenes y servidores: sin lo compilado guardado, cada uno compila todo de nuevo.
    entorno.pop("PYTHONDONTWRITEBYTECODE", None)
    return entorno


def encender(rutas: Rutas) -> str:
    """Enciende el grupo de bases privado, mostrando el avance si no lo estaba."""
    grupo = Cluster(rutas.grupo_pg)
    if grupo.encendido():
        return grupo.asegurar()
    with avance("Base de datos"):
        return grupo.asegurar()


def paso_migraciones(rutas: Rutas, entorno: dict[str, str], siempre: bool) -> Paso:
    """Pone al día las tablas cuando cambian las migraciones o la base."""

    def migrar(bitacora: Path) -> None:
        orden = [str(rutas.python), "-P", "-m", "tareas.ordenes", "bd", "migrar"]
        remedio = "Revisa que la base admita conexiones y que tenga la extensión PostGIS."
        correr(orden, bitacora, remedio=remedio, carpeta=rutas.raiz, entorno=entorno)

    return Paso(
        nombre="migraciones",
        titulo="Tablas de la base",
        hacer=migrar,
        entradas=lambda: [rutas.raiz / "migraciones", entorno[VARIABLE_DE_BASE], _nacimiento(rutas)],
        presente=lambda: not siempre,
    )


def _respaldar(resto: Sequence[str], rutas: Rutas) -> int:
    if len(resto) > 1 or any(a.startswith("-") for a in resto):
        return _sobra("respaldar", resto)
    with base_en_uso(rutas, crear=False) as clientes:
        return respaldo.orden_respaldar(rutas, clientes, resto[0] if resto else None)


def _restaurar(resto: Sequence[str], rutas: Rutas) -> int:
    archivos = [a for a in resto if a != restauracion.REEMPLAZAR]
    if len(archivos) != 1 or archivos[0].startswith("-"):
        print(restauracion.AYUDA, file=sys.stderr)
        return 2
    preparar([paso_entorno(rutas), paso_dependencias(rutas), paso_traducciones(rutas)], rutas)
    with base_en_uso(rutas, crear=True) as clientes:
        archivo = Path(archivos[0]).expanduser().absolute()
        restauracion.orden_restaurar(rutas, clientes, archivo, reemplazar=restauracion.REEMPLAZAR in resto)
        entorno = _entorno_de_la_base(rutas)
        preparar([paso_migraciones(rutas, entorno, siempre=True)], rutas)
        comprobar = [str(rutas.python), "-P", "-m", "tareas.ordenes", "comprobar"]
        return subprocess.run(comprobar, env=entorno, check=False).returncode


@contextmanager
def base_en_uso(rutas: Rutas, *, crear: bool) -> Iterator[Clientes]:
    """Programas que hablan con la base en uso; si era la privada y estaba apagada, al final la vuelve a apagar.

    Parameters
    ----------
    crear : bool
        Si la base privada se crea cuando falta.

    Raises
    ------
    ErrorArranque
    """
    externa = os.environ.get(VARIABLE_DE_BASE)
    if externa:
        yield clientes_para(externa, os.environ, carpeta_de_clientes(rutas))
        return
    grupo = Cluster(rutas.grupo_pg)
    if not crear and grupo.version_de_los_datos() is None:
        raise ErrorArranque(respaldo.SIN_TABLAS)
    preparar([paso_postgres(rutas)], rutas)
    apagada = not grupo.encendido()
    try:
        url, binarios = encender(rutas), grupo.binarios()
        yield clientes_para(url, entorno_limpio(binarios.entorno), binarios.carpeta)
    finally:
        if apagada:
            grupo.parar()


def _entorno_de_la_base(rutas: Rutas) -> dict[str, str]:
    """Variables para correr órdenes de la aplicación con la base en uso, ya encendida."""
    if os.environ.get(VARIABLE_DE_BASE):
        return {**os.environ, "PYTHONPATH": str(rutas.raiz)}
    url = Cluster(rutas.grupo_pg).asegurar()
    return entorno_limpio({"PYTHONPATH": str(rutas.raiz), VARIABLE_DE_BASE: url})


def _existe(orden: str, rutas: Rutas) -> bool:
    pregunta = [str(rutas.python), "-P", "-m", "tareas.ordenes", orden, "--help"]
    entorno = entorno_limpio({"PYTHONPATH": str(rutas.raiz)})
    return subprocess.run(pregunta, env=entorno, capture_output=True, check=False).returncode == 0


def _nacimiento(rutas: Rutas) -> str:
    """Distingue el grupo de bases de otro que alguien borró y se volvió a crear en la misma carpeta."""
    donde = Cluster(rutas.grupo_pg).lugar()
    try:
        return str((donde.datos / "PG_VERSION").stat().st_mtime_ns) if donde else ""
    except OSError:
        return ""


def _sobra(orden: str, resto: Sequence[str]) -> int:
    cuantos = "a lo más un archivo" if orden == "respaldar" else "ningún argumento"
    print(f"La orden «{orden}» lleva {cuantos}, y recibió: {' '.join(resto)}", file=sys.stderr)
    return 2


def _entrada() -> int:
    inicio = time.monotonic()
    try:
        return principal(sys.argv[1:], Rutas(RAIZ))
    except ErrorArranque as error:
        print(f"\n{error.motivo}", file=sys.stderr)
        if error.remedio:
            print(f"\nQué hacer:\n{error.remedio}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Quien leía la salida ya se fue (por ejemplo, «| head»).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno not in SIN_PERMISO_O_SIN_ESPACIO:
            raise
        print(f"\nNo se pudo escribir en {error.filename or RAIZ}: {error.strerror}.", file=sys.stderr)
        print(
            f"\nQué hacer:\nLibera espacio, o ejecuta Tequio como «{RAIZ.owner()}», de quien es {RAIZ}.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print(
            f"\nInterrumpido a los {time.monotonic() - inicio:.0f} s. Vuelve a ejecutar la orden y continúa donde iba.",
            file=sys.stderr,
        )
        return 130


if __name__ == "__main__":
    sys.exit(_entrada())
