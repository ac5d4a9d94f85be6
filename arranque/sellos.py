"""Sellos: la huella de las entradas con que un paso terminó bien."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def huella(entradas: Iterable[str | bytes | Path]) -> str:
    """Resume entradas en 64 dígitos hexadecimales.

    Parameters
    ----------
    entradas : Iterable[str | bytes | Path]
        De una ruta cuenta el contenido (o que no existe); de una carpeta, el de todos sus archivos.

    Notes
    -----
    Cada entrada va precedida de su largo, para que ``["ab", "c"]`` y ``["a", "bc"]`` no coincidan.
    """
    suma = hashlib.sha256()
    for entrada in entradas:
        for trozo in _trozos(entrada):
            suma.update(len(trozo).to_bytes(8, "big") + trozo)
    return suma.hexdigest()


def _trozos(entrada: str | bytes | Path) -> Iterable[bytes]:
    if isinstance(entrada, bytes):
        yield entrada
    elif isinstance(entrada, str):
        yield entrada.encode()
    elif entrada.is_dir():
        for archivo in sorted(p for p in entrada.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
            yield archivo.relative_to(entrada).as_posix().encode()
            yield archivo.read_bytes()
    else:
        yield entrada.read_bytes() if entrada.exists() else b"(no existe)"


def vigente(carpeta: Path, nombre: str, actual: str) -> bool:
    """Si el sello guardado coincide con la huella actual."""
    try:
        return (carpeta / nombre).read_text(encoding="ascii").strip() == actual
    except (OSError, UnicodeDecodeError):
        return False


def sellar(carpeta: Path, nombre: str, actual: str) -> None:
    """Guarda la huella; de golpe, para que un corte no deje un sello a medias."""
    carpeta.mkdir(parents=True, exist_ok=True)
    temporal = carpeta / f"{nombre}.nuevo"
    temporal.write_text(actual + "\n", encoding="ascii")
    temporal.replace(carpeta / nombre)
