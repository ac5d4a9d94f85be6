"""El proceso aparte: ``python -m geo.formatos.lector CARPETA``.

Lee ``orden.json`` de su carpeta privada, se encierra, hace el trabajo y deja ahí mismo ``resultado.json``.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from geo.formatos.aislamiento import cortar_red, encerrar, limitar

ORDEN = "orden.json"
SIN_MEMORIA = 3
"""Código de salida cuando no alcanzó la memoria."""


def principal(carpeta: Path) -> int:
    """Hace el trabajo de ``orden.json`` y dice el código de salida."""
    orden = json.loads((carpeta / ORDEN).read_text(encoding="utf-8"))
    limites = orden["opciones"]["limites"]
    # unshare exige un solo hilo, así que va antes de cargar NumPy y GDAL
    cortar_red()
    limitar(limites["memoria"], limites["segundos"], limites["desempacado"])
    # pyogrio carga pandas y geopandas si los encuentra: un tercio de segundo que aquí no sirve
    sys.modules.update({"pandas": None, "geopandas": None, "pyarrow": None})  # type: ignore[dict-item]
    try:
        _TRABAJOS[orden["trabajo"]](orden, carpeta)
    except MemoryError:
        return SIN_MEMORIA
    return 0


def atender(carpeta: Path, hacer: Callable[[dict[str, Any]], None]) -> int:
    """Corre el trabajo de ``orden.json`` de otro paquete sin red y con sus límites; dice el código de salida.

    ``hacer`` recibe la orden, carga lo suyo y se encierra (`encerrar`).
    """
    orden = json.loads((carpeta / ORDEN).read_text(encoding="utf-8"))
    limites = orden["limites"]
    # Antes de cargar bibliotecas que abren hilos: `unshare` exige uno solo.
    cortar_red()
    limitar(limites["memoria"], limites["segundos"], limites["escritura"])
    try:
        hacer(orden)
    except MemoryError:
        return SIN_MEMORIA
    return 0


# Cada trabajo carga lo suyo ya con los límites puestos y antes de encerrarse, cuando aún se ven las bibliotecas.


def _leer(orden: dict[str, Any], carpeta: Path) -> None:
    from geo.errores import ErrorGeo
    from geo.formatos import despacho, transporte

    desempacado = carpeta / "desempacado"
    desempacado.mkdir()
    encerrar([Path(orden["ruta"])], carpeta)
    opciones = transporte.opciones_de_json(orden["opciones"])
    try:
        lectura = despacho.leer(Path(orden["ruta"]), orden["nombre"], desempacado, opciones)
        transporte.guardar_lectura(lectura, carpeta)
    except ErrorGeo as error:
        transporte.guardar_error(error, carpeta)


def _unir(orden: dict[str, Any], carpeta: Path) -> None:
    from geo.errores import ErrorGeo
    from geo.formatos import transporte, union

    encerrar([], carpeta)
    opciones = transporte.opciones_de_json(orden["opciones"])
    try:
        unido, avisos = union.unir(transporte.abrir_geometrias(Path(orden["ruta"])), reparar=opciones.reparar)
        transporte.guardar_union(unido, avisos, carpeta)
    except ErrorGeo as error:
        transporte.guardar_error(error, carpeta)


_TRABAJOS = {"leer": _leer, "unir": _unir}

if __name__ == "__main__":
    sys.exit(principal(Path(sys.argv[1])))
