"""Paquetes de Debian y Ubuntu: instalarlos como root o desempaquetarlos en una carpeta como usuario común."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from arranque.errores import ErrorArranque
from arranque.procesos import correr

# Mezclar otra biblioteca de C con la del sistema hace que ningún programa arranque.
NUNCA_SE_DESEMPAQUETAN = re.compile(r"^(libc6|libc-bin|libc-l10n|locales)(:|$)")


def hay_apt() -> bool:
    """Si la máquina usa paquetes de Debian."""
    return all(shutil.which(programa) for programa in ("apt-get", "apt-cache", "dpkg"))


def es_root() -> bool:
    """Si el proceso puede instalar en el sistema."""
    return os.geteuid() == 0


def por_instalar(simulacion: str) -> list[str]:
    """Nombres de los paquetes que instalaría ``apt-get --simulate``, sin los que no deben desempaquetarse."""
    nombres = re.findall(r"^Inst (\S+)", simulacion, re.MULTILINE)
    return [n for n in nombres if not NUNCA_SE_DESEMPAQUETAN.match(n)]


def sin_paquetes(estado: str, patron: str) -> str:
    """Quita del archivo de estado de dpkg los paquetes cuyo nombre empieza con ``patron``."""
    parrafos = [p for p in estado.split("\n\n") if p.strip()]
    return "\n\n".join(p for p in parrafos if not re.search(rf"^Package: (?:{patron})", p, re.MULTILINE)) + "\n\n"


class Apt:
    """Acceso a los paquetes, con listas propias cuando las del sistema faltan o están viejas.

    Parameters
    ----------
    carpeta : Path
        Donde se guardan las listas propias; se puede borrar en cualquier momento.
    bitacora : Path
        Donde queda la salida de cada programa.
    ocultar : str
        Patrón de nombres que se tratan como no instalados, aunque lo estén.
    """

    def __init__(self, carpeta: Path, bitacora: Path, ocultar: str = "") -> None:
        self._carpeta = carpeta
        self._bitacora = bitacora
        self._opciones: list[str] = []
        self._listas_al_dia = False
        if ocultar:
            carpeta.mkdir(parents=True, exist_ok=True)
            estado = Path("/var/lib/dpkg/status").read_text(encoding="utf-8", errors="replace")
            (carpeta / "status").write_text(sin_paquetes(estado, ocultar), encoding="utf-8")
            self._opciones += ["-o", f"Dir::State::status={carpeta / 'status'}"]

    def nombres(self, patron: str) -> list[str]:
        """Paquetes disponibles cuyo nombre cumple una expresión regular."""

        def buscar() -> list[str]:
            orden = ["apt-cache", *self._opciones, "search", "--names-only", patron]
            salida = subprocess.run(orden, capture_output=True, text=True, check=False).stdout
            return [renglon.split(" ", 1)[0] for renglon in salida.splitlines()]

        hallados = buscar()
        if not hallados and not self._listas_al_dia:
            self.actualizar()
            hallados = buscar()
        return hallados

    def actualizar(self) -> None:
        """Trae las listas de paquetes; un usuario común las guarda en su carpeta.

        Raises
        ------
        ErrorArranque
            Si no se pudieron traer.
        """
        self._listas_al_dia = True
        if not es_root():
            listas, cache = self._carpeta / "listas", self._carpeta / "cache"
            for carpeta in (listas / "partial", cache / "archives" / "partial"):
                carpeta.mkdir(parents=True, exist_ok=True)
            self._opciones += ["-o", f"Dir::State::lists={listas}", "-o", f"Dir::Cache={cache}"]
        correr(
            ["apt-get", *self._opciones, "update"],
            self._bitacora,
            remedio="Revisa la conexión a internet y /etc/apt/sources.list.",
        )

    def instalar(self, paquetes: Sequence[str]) -> None:
        """Instala en el sistema, sin preguntas ni recomendados. Solo root.

        Raises
        ------
        ErrorArranque
            Si ``apt-get`` falla también con las listas al día.
        """
        entorno = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        orden = ["apt-get", "install", "-y", "--no-install-recommends", *paquetes]
        remedio = f"Prueba a mano: apt-get update && apt-get install {' '.join(paquetes)}"
        self._con_listas_al_dia(lambda: correr(orden, self._bitacora, remedio=remedio, entorno=entorno))

    def desempaquetar(self, paquetes: Sequence[str], destino: Path) -> None:
        """Baja los paquetes con lo que les falta y los desempaqueta en ``destino``, sin instalar nada.

        Raises
        ------
        ErrorArranque
            Si no hay de dónde bajarlos o el sistema dice que ya están instalados.
        """
        nuevo = destino.with_name(destino.name + ".nuevo")
        shutil.rmtree(nuevo, ignore_errors=True)
        nuevo.mkdir(parents=True)
        self._con_listas_al_dia(lambda: self._bajar(paquetes, nuevo))
        shutil.rmtree(destino, ignore_errors=True)
        nuevo.rename(destino)

    def _con_listas_al_dia(self, intento: Callable[[], None]) -> None:
        try:
            intento()
        except ErrorArranque:
            if self._listas_al_dia:
                raise
            self.actualizar()
            intento()

    def _bajar(self, paquetes: Sequence[str], destino: Path) -> None:
        remedio = f"Pide a quien administra la máquina: apt-get install --no-install-recommends {' '.join(paquetes)}"
        orden = ["apt-get", *self._opciones, "-s", "install", "--no-install-recommends", *paquetes]
        simulacion = subprocess.run(orden, capture_output=True, text=True, check=False)
        if simulacion.returncode:
            raise ErrorArranque(f"No se encontraron los paquetes {' '.join(paquetes)}:\n{simulacion.stderr}", remedio)
        nombres = por_instalar(simulacion.stdout)
        if not nombres:
            raise ErrorArranque(
                f"El sistema dice que {' '.join(paquetes)} ya están instalados, pero no sirven.", remedio
            )
        # apt baja a la carpeta actual; una temporal junto al destino evita dejar archivos sueltos si se corta.
        with tempfile.TemporaryDirectory(dir=destino.parent) as bajados:
            descarga = ["apt-get", *self._opciones, "download", *nombres]
            correr(descarga, self._bitacora, carpeta=Path(bajados), remedio=remedio)
            for archivo in sorted(Path(bajados).glob("*.deb")):
                correr(["dpkg", "-x", archivo, destino], self._bitacora, remedio=remedio)
