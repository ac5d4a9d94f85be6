"""El proceso aparte que lee extractos: ``python -m geo.extractos.lector CARPETA``."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.formatos.aislamiento import encerrar
from geo.formatos.lector import atender

if TYPE_CHECKING:
    from geo.osm.objetos import Nodo, Relacion, Via


def principal(carpeta: Path) -> int:
    """Lee el archivo de ``orden.json`` y deja sus objetos en renglones; dice el código de salida."""
    return atender(carpeta, lambda orden: _leer(Path(orden["ruta"]), orden["tope"], orden["maximo"], carpeta))


def _leer(ruta: Path, tope: int, maximo: int, carpeta: Path) -> None:
    # todo se carga antes de encerrarse, cuando aún se ven las bibliotecas
    from geo.errores import ErrorGeo
    from geo.formatos import transporte
    from geo.osm import archivo, cambios

    encerrar([ruta], carpeta)
    try:
        with archivo.abrir(ruta, maximo=maximo) as abierto:
            cuantos = _escribir(cambios.leer(abierto), ruta.name, tope, maximo, carpeta)
        transporte.guardar_resultado({"cuantos": cuantos}, carpeta)
    except ErrorGeo as error:
        transporte.guardar_error(error, carpeta)


def _escribir(objetos: Any, nombre: str, tope: int, maximo: int, carpeta: Path) -> int:
    from geo.extractos.reglas import RENGLON_MAXIMO, RENGLONES
    from geo.osm.errores import ContenidoRoto, DemasiadoDesempacado

    cuantos = escritos = 0
    with (carpeta / RENGLONES).open("w", encoding="utf-8") as salida:
        for objeto in objetos:
            cuantos += 1
            # También cuentan los borrados, que no se copian: leerlos cuesta lo mismo.
            if cuantos > tope:
                break
            if objeto.borrado:
                continue
            linea = json.dumps(_renglon(objeto), ensure_ascii=True, separators=(",", ":"))
            escritos += len(linea) + 1
            if len(linea) > RENGLON_MAXIMO:
                raise ContenidoRoto(archivo=nombre, detalle=f"el objeto {objeto.id} ocupa {len(linea) >> 20} MB")
            if escritos > maximo:
                raise DemasiadoDesempacado(archivo=nombre, megabytes=maximo // 1_000_000)
            salida.write(linea + "\n")
    return cuantos


def _renglon(o: "Nodo | Via | Relacion") -> list[Any]:
    from geo.osm.objetos import Nodo, Via

    comun = [o.id, o.version, o.cuando.isoformat() if o.cuando else None, o.etiquetas or None]
    if isinstance(o, Nodo):
        return ["n", *comun, o.lon, o.lat, None, None, None]
    if isinstance(o, Via):
        return ["w", *comun, None, None, o.nodos, None, None]
    return ["r", *comun, None, None, None, o.miembros, o.roles]


if __name__ == "__main__":
    sys.exit(principal(Path(sys.argv[1])))
