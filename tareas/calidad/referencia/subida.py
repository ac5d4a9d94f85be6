"""Recibir el archivo de una referencia: de la página o de la API."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage

from tareas.calidad.referencia import servicio
from tareas.calidad.referencia.errores import FaltaArchivoDeReferencia
from tareas.calidad.referencia.formularios import Datos
from tareas.comun.bd import soltar, transaccion
from tareas.comun.entrada import validar
from tareas.comun.web import actor


def recibir(municipio: Any, campos: dict[str, str], archivos: Sequence[FileStorage]) -> servicio.Subida:
    """Valida los campos, lee el archivo y lo guarda; si algo está mal, no queda nada.

    Raises
    ------
    EntradaInvalida, FaltaArchivoDeReferencia, y los de `servicio.subir`
    """
    datos = validar(Datos, campos)
    subidos = [a for a in archivos if a.filename]
    if len(subidos) != 1:
        raise FaltaArchivoDeReferencia
    nombre = Path(subidos[0].filename or "").name[:200]
    soltar()
    with tempfile.TemporaryDirectory(prefix="tequio-referencia-") as carpeta:
        ruta = Path(carpeta) / "archivo"
        subidos[0].save(ruta)
        with transaccion() as sesion:
            return servicio.subir(sesion, municipio, ruta, nombre, datos.model_dump(), persona_id=actor().id)
