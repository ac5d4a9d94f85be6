"""Dónde vive cada cosa dentro de la carpeta del proyecto."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

RAIZ = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Rutas:
    """Rutas que usa el arranque, a partir de la raíz del proyecto."""

    raiz: Path

    @property
    def datos(self) -> Path:
        """Todo lo que se genera al usar Tequio; git no lo guarda."""
        return self.raiz / ".datos"

    @property
    def bitacora(self) -> Path:
        """Salida completa de cada paso."""
        return self.datos / "bitacora"

    @property
    def sellos(self) -> Path:
        """Huella de las entradas con que cada paso terminó bien."""
        return self.datos / "sellos"

    @property
    def entorno(self) -> Path:
        """Entorno de Python."""
        return self.raiz / ".venv"

    @property
    def python(self) -> Path:
        """Intérprete del entorno."""
        return self.entorno / "bin" / "python"

    @property
    def grupo_pg(self) -> Path:
        """Carpeta del grupo de bases privado."""
        return self.datos / "pg"

    @property
    def postgresql(self) -> Path:
        """PostgreSQL desempaquetado aquí cuando el sistema no lo trae."""
        return self.datos / "postgresql"

    @property
    def chromium(self) -> Path:
        """Chromium desempaquetado aquí cuando el sistema no lo trae."""
        return self.datos / "chromium"

    @property
    def estaticos(self) -> Path:
        """Paquetes de navegador que se sirven tal cual."""
        return self.raiz / "tareas" / "estaticos" / "v"

    def preparar(self) -> None:
        """Crea ``.datos``, cerrada a otras personas; root la deja a nombre de quien tiene el proyecto."""
        for carpeta in (self.datos, self.bitacora, self.sellos):
            carpeta.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.geteuid() == 0:
                duenio = self.raiz.stat()
                os.chown(carpeta, duenio.st_uid, duenio.st_gid)
        if os.geteuid() == 0:
            # El servidor corre con otra identidad y debe poder pasar, aunque no mirar.
            self.datos.chmod(0o711)
