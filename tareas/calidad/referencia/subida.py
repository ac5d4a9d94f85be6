"""Recibir el archivo de una referencia: de la página o de la API."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage

from geo.errores import ErrorGeo
from geo.formatos.errores_datos import FaltaSistema, SistemaIlegible
from tareas.calidad.referencia import servicio
from tareas.calidad.referencia.errores import FaltaArchivoDeReferencia
from tareas.calidad.referencia.formularios import Datos
from tareas.comun.bd import soltar, transaccion
from tareas.comun.entrada import validar
from tareas.comun.errores import ErrorTequio
from tareas.comun.textos import llenar
from tareas.comun.web import actor
from tareas.cuentas.formularios import problemas


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


def problemas_de_subida(error: ErrorTequio | ErrorGeo, enviado: Mapping[str, str]) -> dict[str, str]:
    """Campo -> mensaje, para mostrarlo junto a su campo.

    Lo que no se puede leer es del archivo, salvo que falte decir el sistema o no se reconozca el que se escribió.
    """
    if not isinstance(error, ErrorGeo):
        return problemas(error)
    escrito = isinstance(error, SistemaIlegible) and enviado.get("crs")
    return {"crs" if escrito or isinstance(error, FaltaSistema) else "archivo": llenar(error.plantilla, error.datos)}
