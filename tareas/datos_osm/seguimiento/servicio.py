"""Escribe lo que se sigue: cada cambio y el avance del flujo, en la misma transacción."""

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
from geo.osm.recorte import Zona, elegir
from geo.osm.replicacion import Punto
from tareas.comun.errores import ErrorTequio
from tareas.datos_osm.reglas import OSM, fuente_de
from tareas.datos_osm.seguimiento.consultas import SQL, TODO, AlmacenDeBase, Flujo, clave_de_zona, flujo, flujos, zona
from tareas.datos_osm.seguimiento.errores import FlujoMovido, FuenteAjena
from tareas.datos_osm.seguimiento.fuente import Estado
from tareas.datos_osm.servicio import Resumen, bloquear, leer_cambio, mezclar_cambio, trabajo

OBJETOS, CONJUNTOS = "objetos", "conjuntos"
MARGEN_M = 5000.0
TANDA = 500


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


def aplicar_cambio(sesion: Session, de: Flujo, estado: Estado, ruta: Path, zona_: Zona | None) -> Resumen:
    """Aplica un cambio del flujo y lo hace avanzar; quien llama confirma las dos cosas juntas.

    Raises
    ------
    ErrorOsm
        Si el contenido no se puede tomar.
    FlujoMovido
        Si ya no está donde lo dejamos.
    """
    with trabajo(sesion, f"{de.url}{estado.secuencia}", "seguir") as (conexion, carpeta, resumen):
        resumen.fuente = de.fuente
        bloquear(conexion)
        with abrir(ruta, cambio=True) as archivo:
            elegidos = None if zona_ is None else elegir(archivo, zona_, AlmacenDeBase(conexion))
            if elegidos is None or elegidos.cuantos:
                bolsa = leer_cambio(archivo, carpeta, resumen, elegidos=elegidos)
                if resumen.total:
                    mezclar_cambio(conexion, carpeta, bolsa, resumen)
        resumen.punto = Punto(de.url, estado.secuencia, resumen.punto.momento)
        _avanzar(sesion, de, estado)
    return resumen


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


def aplicar_conjuntos(sesion: Session, de: Flujo, estado: Estado, ruta: Path, zona_: Zona | None) -> int:
    """Como `aplicar_cambio`, con un archivo de conjuntos; dice cuántos se guardaron.

    Raises
    ------
    ErrorOsm
    FlujoMovido
    """
    guardados, _, momento = guardar_conjuntos(sesion, ruta, zona_, todo=zona_ is None)
    _avanzar(sesion, de, Estado(estado.secuencia, momento or de.momento or estado.momento))
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
