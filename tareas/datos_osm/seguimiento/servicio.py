"""Escribe lo que se sigue: unos cambios y el avance del flujo, en la misma transacción."""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.errores import ErrorGeo
from geo.osm.archivo import abrir
from geo.osm.conjuntos import Conjunto, leer
from geo.osm.recorte import Zona
from geo.osm.replicacion import Punto
from tareas.comun.errores import ErrorTequio
from tareas.datos_osm.reglas import OSM, fuente_de
from tareas.datos_osm.seguimiento.consultas import SQL, TODO, Flujo, clave_de_zona, flujo, flujos, zona
from tareas.datos_osm.seguimiento.errores import FlujoMovido, FuenteAjena
from tareas.datos_osm.seguimiento.fuente import Bajado, Estado
from tareas.datos_osm.seguimiento.junta import Junta
from tareas.datos_osm.servicio import Resumen, bloquear, trabajo

OBJETOS, CONJUNTOS = "objetos", "conjuntos"
MARGEN_M = 5000.0
TANDA = 500
SEGUNDOS = 5.0
"""Lo que una transacción puede llevar aplicando antes de dejar el resto a otra."""


def abrir_flujo(
    sesion: Session,
    url: str,
    clase: str = OBJETOS,
    *,
    todo: bool | None = None,
    margen_m: float | None = None,
    mezclar: bool = False,
) -> Flujo:
    """El flujo de esa dirección; si no estaba, lo agrega. ``todo`` y ``margen_m`` cambian los que tenga.

    Raises
    ------
    FuenteAjena
        Si lo guardado, u otro flujo, es de otro mundo, y no se pidió ``mezclar``.
    """
    fuente = fuente_de(url)
    # Una importación espera a que esto termine, y esto a que termine ella: nadie se cuela entre mirar y escribir.
    bloquear(_conexion(sesion))
    # Al que ya está en la lista se le preguntó cuando entró.
    if clase == OBJETOS and not mezclar and not flujos(sesion, url):
        otras = sesion.execute(text(SQL["otras_fuentes"]), {"fuente": fuente, "url": url}).scalars().all()
        if otras:
            raise FuenteAjena(otra=", ".join(map(_nombre, otras[:3])), esta=_nombre(fuente))
    nuevo = {
        "url": url,
        "clase": clase,
        "fuente": fuente,
        "todo": bool(todo),
        "margen": MARGEN_M if margen_m is None else margen_m,
    }
    sesion.execute(text(SQL["crear"]), nuevo)
    actual = flujo(sesion, url)
    if (todo, margen_m) != (None, None):
        cambios = {
            "url": url,
            "todo": actual.todo if todo is None else todo,
            "margen": actual.margen_m if margen_m is None else margen_m,
        }
        sesion.execute(text(SQL["ajustar"]), cambios)
    return flujo(sesion, url)


def registrar(sesion: Session, url: str) -> None:
    """Deja el flujo a cargo de ``./tequio servir``."""
    sesion.execute(text(SQL["registrar"]), {"url": url})


def quitar(sesion: Session, de: Flujo) -> None:
    """Deja de seguirlo; los datos se quedan."""
    sesion.execute(text(SQL["quitar"]), {"id": de.id})


def punto_de_partida(sesion: Session, de: Flujo) -> Punto | None:
    """Hasta dónde llegan los datos importados, si se sabe."""
    if de.momento is not None:
        return Punto(momento=de.momento)
    fila = sesion.execute(text(SQL["importados"]), {"fuente": de.fuente}).one_or_none()
    return None if fila is None else Punto(*fila)


def empezar(sesion: Session, de: Flujo, estado: Estado | None, secuencia: int) -> None:
    """Anota desde dónde se sigue."""
    momento = None if estado is None else estado.momento
    sesion.execute(text(SQL["empezar"]), {"id": de.id, "secuencia": secuencia, "momento": momento})


def ajustar_zona(sesion: Session, de: Flujo) -> int | None:
    """Pone al día la zona de un flujo. Si creció, lo devuelve a su inicio: lo que ahora importa ya había pasado.

    Returns
    -------
    int or None
        La secuencia a la que se volvió.
    """
    clave = clave_de_zona(sesion, de)
    if clave == de.zona_clave:
        return None
    nueva = None if clave == TODO else zona(sesion, de.margen_m)
    sesion.execute(text(SQL["poner_zona"]), {"id": de.id, "clave": clave, "zona": nueva})
    if de.zona_clave in (None, TODO):
        return None
    if nueva is not None and sesion.execute(text(SQL["cabe"]), {"vieja": de.zona, "nueva": nueva}).scalar():
        return None
    vuelta: int | None = sesion.execute(text(SQL["volver_al_inicio"]), {"id": de.id}).scalar()
    return vuelta


def aplicar_cambios(sesion: Session, de: Flujo, lote: Sequence[Bajado], zona_: Zona | None) -> tuple[Resumen, int]:
    """Aplica cambios seguidos del flujo y lo hace avanzar hasta el último; quien llama confirma todo junto.

    El resultado es el mismo se apliquen juntos o de uno en uno. Si tardan más de `SEGUNDOS` se deja para otra
    transacción lo que falte, que una larga estorba a las demás.

    Returns
    -------
    resumen : Resumen
    aplicados : int
        Cuántos del lote, desde el primero; al menos uno.

    Raises
    ------
    ErrorOsm
        Si el contenido de alguno no se puede tomar; la transacción ya no sirve.
    FlujoMovido
        Si ya no está donde lo dejamos.
    """
    aplicados, limite = 0, time.monotonic() + SEGUNDOS
    with trabajo(sesion, de.url, "seguir") as (conexion, carpeta, resumen):
        resumen.fuente = de.fuente
        bloquear(conexion)
        with Junta(conexion, carpeta, resumen, zona_) as junta:
            while aplicados < len(lote) and (not aplicados or time.monotonic() < limite):
                junta.agregar(lote[aplicados].ruta, ultimo=aplicados == len(lote) - 1)
                aplicados += 1
        estado = lote[aplicados - 1].estado
        resumen.archivo = f"{de.url}{estado.secuencia}"
        resumen.punto = Punto(de.url, estado.secuencia, resumen.punto.momento)
        _avanzar(sesion, de, estado)
    return resumen, aplicados


def guardar_conjuntos(
    sesion: Session, ruta: Path, zona_: Zona | None, *, todo: bool
) -> tuple[int, int, datetime | None]:
    """Guarda de un archivo los conjuntos que tocan la zona, y los de las personas con cuenta de OSM aquí.

    Returns
    -------
    guardados, leidos : int
    momento : datetime or None
        El más nuevo del archivo.

    Raises
    ------
    ErrorOsm
    """
    uids = set(sesion.execute(text(SQL["uids"])).scalars())
    tanda: list[dict[str, Any]] = []
    guardados = leidos = 0
    nuevo: datetime | None = None
    with abrir(ruta) as archivo:
        for visto in leer(archivo):
            leidos += 1
            nuevo = max(nuevo or visto.momento, visto.momento)
            if todo or visto.uid in uids or _toca(visto, zona_):
                tanda.append(_fila(visto))
                guardados += 1
            if len(tanda) >= TANDA:
                _insertar(sesion, tanda)
    _insertar(sesion, tanda)
    return guardados, leidos, nuevo


def momento_de_conjuntos(ruta: Path) -> datetime | None:
    """Lo más nuevo de un archivo de conjuntos; ``None`` si está vacío.

    Raises
    ------
    ErrorOsm
    """
    with abrir(ruta) as archivo:
        return max((visto.momento for visto in leer(archivo)), default=None)


def aplicar_conjuntos(sesion: Session, de: Flujo, lote: Sequence[Bajado], zona_: Zona | None) -> int:
    """Como `aplicar_cambios`, con archivos de conjuntos; dice cuántos se guardaron.

    Raises
    ------
    ErrorOsm
    FlujoMovido
    """
    guardados, momento = 0, de.momento
    for bajado in lote:
        suyos, _, nuevo = guardar_conjuntos(sesion, bajado.ruta, zona_, todo=zona_ is None)
        guardados += suyos
        momento = nuevo or momento
    ultimo = lote[-1].estado
    _avanzar(sesion, de, Estado(ultimo.secuencia, momento or ultimo.momento))
    return guardados


def al_dia(sesion: Session, de: Flujo, momento: datetime | None) -> None:
    """Anota que se preguntó y no falta nada."""
    sesion.execute(text(SQL["al_dia"]), {"id": de.id, "momento": momento, "secuencia": de.secuencia})


def anotar_error(sesion: Session, de: Flujo, error: ErrorTequio | ErrorGeo) -> None:
    """Anota por qué no avanza, en español y en piezas que se puedan traducir."""
    datos = {"plantilla": error.plantilla, "datos": {k: v for k, v in error.datos.items() if isinstance(v, str | int)}}
    valores = {"id": de.id, "error": error.mensaje[:2000], "datos": Jsonb(datos)}
    sesion.execute(text(SQL["anotar_error"]), valores)


def _avanzar(sesion: Session, de: Flujo, estado: Estado) -> None:
    valores = {
        "id": de.id,
        "secuencia": estado.secuencia,
        "momento": estado.momento,
        "anterior": de.secuencia,
        "zona_clave": de.zona_clave,
    }
    if sesion.execute(text(SQL["avanzar"]), valores).one_or_none() is None:
        raise FlujoMovido(url=de.url)


def _toca(visto: Conjunto, zona_: Zona | None) -> bool:
    return visto.caja is not None and zona_ is not None and zona_.toca_caja(*visto.caja)


def _fila(visto: Conjunto) -> dict[str, Any]:
    return {
        "id": visto.id,
        "uid": visto.uid,
        "usuario": visto.usuario,
        "abierto": visto.abierto,
        "cerrado": visto.cerrado,
        "cambios": visto.cambios,
        "caja": None if visto.caja is None else list(visto.caja),
        "etiquetas": Jsonb(visto.etiquetas),
    }


def _insertar(sesion: Session, tanda: list[dict[str, Any]]) -> None:
    if tanda:
        sesion.execute(text(SQL["guardar_conjuntos"]), tanda)
        tanda.clear()


def _conexion(sesion: Session) -> psycopg.Connection:
    conexion = sesion.connection().connection.driver_connection
    assert isinstance(conexion, psycopg.Connection)
    return conexion


def _nombre(fuente: str) -> str:
    return "OpenStreetMap" if fuente == OSM else fuente
