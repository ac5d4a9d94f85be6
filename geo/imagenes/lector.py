"""El proceso aparte que examina imágenes: ``python -m geo.imagenes.lector CARPETA``."""

import sys
from dataclasses import asdict
from pathlib import Path

from geo.formatos.aislamiento import encerrar
from geo.formatos.lector import atender


def principal(carpeta: Path) -> int:
    """Examina el archivo de ``orden.json`` y deja su ficha en ``resultado.json``; dice el código de salida."""
    return atender(carpeta, lambda orden: _examinar(Path(orden["ruta"]), orden["nombre"], orden["formato"], carpeta))


def _examinar(ruta: Path, nombre: str, formato: str, carpeta: Path) -> None:
    # todo se carga antes de encerrarse, cuando aún se ven las bibliotecas
    from geo.errores import ErrorGeo
    from geo.formatos import transporte
    from geo.imagenes import geotiff, mbtiles, pmtiles

    examinan = {"mbtiles": mbtiles.examinar, "pmtiles": pmtiles.examinar, "geotiff": geotiff.examinar}
    encerrar([ruta], carpeta)
    try:
        transporte.guardar_resultado(asdict(examinan[formato](ruta, nombre)), carpeta)
    except ErrorGeo as error:
        transporte.guardar_error(error, carpeta)


if __name__ == "__main__":
    sys.exit(principal(Path(sys.argv[1])))
