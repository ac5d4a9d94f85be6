"""Sigue un flujo: pregunta, baja, aplica un cambio a la vez y espera. Puede morir en cualquier instante.

El avance del flujo se confirma en la misma transacción que el cambio: al volver a empezar, o se aplicó entero o no se
aplicó, y ninguno se aplica dos veces. Un candado de la base deja seguir cada flujo a un solo proceso; si el candado se
perdiera, la transacción del segundo falla porque el flujo ya no está donde lo dejó.
"""

import logging
import random
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from geo.errores import ErrorGeo
from geo.osm.recorte import Zona
from tareas.comun.bd import BaseDeDatos
from tareas.comun.errores import ErrorTequio
from tareas.datos_osm.seguimiento import consultas, servicio
from tareas.datos_osm.seguimiento.consultas import Flujo
from tareas.datos_osm.seguimiento.errores import (
    CambioAusente,
    ErrorDeFlujo,
    FlujoOcupado,
    HistoriaDistinta,
    PuntoDesconocido,
    RelojAtras,
    Retrocede,
    SecuenciaFutura,
    SinDisco,
)
from tareas.datos_osm.seguimiento.fuente import Estado, Fuente, legible
from tareas.datos_osm.seguimiento.servicio import CONJUNTOS

bitacora = logging.getLogger("tequio.osm")
CANDADO = 817010
ESPERA_MINIMA_S, ESPERA_MAXIMA_S = 5.0, 300.0
CADA_S = 60.0
INTENTOS_DE_UNA_VEZ = 3

Aviso = Callable[[str], None]

AL_AVANZAR: list[Callable[[BaseDeDatos], None]] = []
"""Lo que se hace después de cada vuelta que trajo cambios; lo agregan los subdominios de arriba al cargarse."""


@dataclass(slots=True)
class Vuelta:
    """Qué se hizo en una vuelta."""

    cambios: int = 0
    objetos: int = 0
    conjuntos: int = 0


class Seguidor:
    """Sigue un flujo desde este proceso; `candado` ya debe ser suyo.

    Parameters
    ----------
    avisar
        Recibe renglones para quien mira.
    alto
        Al encenderse, se detiene entre un cambio y otro.
    """

    def __init__(self, bd: BaseDeDatos, url: str, avisar: Aviso, alto: threading.Event | None = None) -> None:
        self._bd = bd
        self._url = url
        self._avisar = avisar
        self._alto = alto or threading.Event()
        self._comprobado = False

    def seguir(self, *, cada_s: float = CADA_S, una_vez: bool = False, espera_s: float = ESPERA_MINIMA_S) -> None:
        """Da vueltas hasta que se le detenga; con ``una_vez``, hasta estar al día.

        Raises
        ------
        ErrorDeFlujo, ErrorOsm
            Sólo con ``una_vez``, si falla varias veces seguidas.
        """
        fallos = 0
        while not self._alto.is_set():
            try:
                self.vuelta()
                if una_vez:
                    return
                fallos, espera = 0, cada_s
            except FlujoOcupado:
                raise
            except (ErrorTequio, ErrorGeo) as error:
                fallos += 1
                self.anotar(error)
                if una_vez and fallos >= INTENTOS_DE_UNA_VEZ:
                    raise
                # Cada vez más despacio, y no todos a la vez.
                espera = min(espera_s * 2 ** (fallos - 1), ESPERA_MAXIMA_S) * random.uniform(0.8, 1.2)  # nosec B311
                self._avisar(f"{error.mensaje} Se intenta de nuevo en {max(1, round(espera))} s.")
            self._alto.wait(espera)

    def vuelta(self) -> Vuelta:
        """Aplica todo lo que el flujo tenga y aquí falte.

        Raises
        ------
        ErrorDeFlujo, ErrorOsm
            Nada queda a medias: lo aplicado antes del error vale, y lo demás espera.
        """
        try:
            return self._vuelta()
        except OSError as error:
            raise SinDisco(detalle=error.strerror or type(error).__name__) from error

    def _vuelta(self) -> Vuelta:
        flujo = self._preparar()
        conjuntos = flujo.clase == CONJUNTOS
        hecho = Vuelta()
        with Fuente(flujo.url, "osm.gz" if conjuntos else "osc.gz") as fuente:
            flujo = self._ubicar(flujo, fuente)
            punta = fuente.estado_de_conjuntos() if conjuntos else fuente.estado()
            self._comprobar(flujo, fuente, punta)
            zona = None if flujo.zona is None else Zona(flujo.zona)
            assert flujo.secuencia is not None
            while flujo.secuencia < punta.secuencia and not self._alto.is_set():
                flujo = self._siguiente(flujo, fuente, punta, zona, hecho)
        if flujo.secuencia == punta.secuencia:
            with self._bd.transaccion() as sesion:
                servicio.al_dia(sesion, flujo, punta.momento)
        if hecho.cambios:
            self._contar(flujo, hecho)
            for hacer in AL_AVANZAR:
                hacer(self._bd)
        return hecho

    def _preparar(self) -> Flujo:
        with self._bd.transaccion() as sesion:
            flujo = consultas.flujo(sesion, self._url)
            vuelta = servicio.ajustar_zona(sesion, flujo)
            if vuelta is not None:
                self._comprobado = False
                self._avisar(f"Hay más municipios con proyectos: se repasa desde el cambio {vuelta:,}.")
            return consultas.flujo(sesion, self._url)

    def _ubicar(self, flujo: Flujo, fuente: Fuente) -> Flujo:
        """Si aún no se sabe por qué cambio va, lo averigua."""
        if flujo.secuencia is not None:
            return flujo
        if flujo.clase == CONJUNTOS:
            # Los conjuntos no tienen importación de partida: se empieza con el que sigue.
            estado: Estado | None = fuente.estado_de_conjuntos()
            assert estado is not None
            secuencia = estado.secuencia
        else:
            with self._bd.lectura() as sesion:
                punto = servicio.punto_de_partida(sesion, flujo)
            if punto is None or punto.momento is None:
                raise PuntoDesconocido
            misma = punto.url is not None and punto.url.rstrip("/") == flujo.url.rstrip("/")
            if misma and punto.secuencia is not None:
                estado, secuencia = _estado_si_hay(fuente, punto.secuencia), punto.secuencia
            else:
                estado = fuente.secuencia_de(punto.momento)
                secuencia = estado.secuencia
        return self._empezar(flujo, estado, secuencia)

    def empezar_en(self, desde: int | datetime) -> None:
        """Fija desde dónde seguir: los datos guardados ya traen esa secuencia (o todo lo anterior a esa fecha).

        Raises
        ------
        ErrorDeFlujo
        """
        with self._bd.lectura() as sesion:
            flujo = consultas.flujo(sesion, self._url)
        conjuntos = flujo.clase == CONJUNTOS
        with Fuente(flujo.url, "osm.gz" if conjuntos else "osc.gz") as fuente:
            punta = fuente.estado_de_conjuntos() if conjuntos else fuente.estado()
            estado: Estado | None
            if isinstance(desde, int):
                if desde > punta.secuencia:
                    raise SecuenciaFutura(suya=punta.secuencia, pedida=desde)
                estado, secuencia = None if conjuntos else _estado_si_hay(fuente, desde), desde
            elif conjuntos:
                estado, secuencia = None, self._buscar_conjunto(fuente, punta, desde)
            else:
                estado = fuente.secuencia_de(desde)
                secuencia = estado.secuencia
        self._empezar(flujo, estado, secuencia)

    def _empezar(self, flujo: Flujo, estado: Estado | None, secuencia: int) -> Flujo:
        with self._bd.transaccion() as sesion:
            servicio.empezar(sesion, flujo, estado, secuencia)
            flujo = consultas.flujo(sesion, self._url)
        hasta = "" if estado is None else f", de {legible(estado.momento)}"
        self._avisar(f"Los datos llegan al cambio {secuencia:,}{hasta}. Se aplica desde el siguiente.")
        return flujo

    def _buscar_conjunto(self, fuente: Fuente, punta: Estado, desde: datetime) -> int:
        """Búsqueda binaria por lo más nuevo de cada archivo: los conjuntos no traen estado con hora."""
        menor, mayor = 0, punta.secuencia
        with tempfile.TemporaryDirectory(prefix="tequio-osm-") as carpeta:
            while menor + 1 < mayor:
                medio = (menor + mayor) // 2
                try:
                    momento = servicio.momento_de_conjuntos(_bajado(fuente, medio, Path(carpeta), "osm.gz"))
                except CambioAusente:
                    momento = None
                # Lo que falta o está vacío se toma por viejo: empezar antes no daña.
                if momento is not None and momento >= desde:
                    mayor = medio
                else:
                    menor = medio
        return menor

    def _comprobar(self, flujo: Flujo, fuente: Fuente, punta: Estado) -> None:
        """El flujo no fue hacia atrás ni empezó de nuevo."""
        nuestra = flujo.secuencia
        assert nuestra is not None
        if punta.secuencia < nuestra:
            raise Retrocede(suya=punta.secuencia, nuestra=nuestra)
        if flujo.clase == CONJUNTOS or flujo.momento is None:
            return
        actual = punta if punta.secuencia == nuestra else None if self._comprobado else _estado_si_hay(fuente, nuestra)
        if actual is not None and actual.momento != flujo.momento:
            raise HistoriaDistinta(secuencia=nuestra, nuestro=legible(flujo.momento), suyo=legible(actual.momento))
        self._comprobado = True

    def _siguiente(self, flujo: Flujo, fuente: Fuente, punta: Estado, zona: Zona | None, hecho: Vuelta) -> Flujo:
        assert flujo.secuencia is not None
        numero = flujo.secuencia + 1
        conjuntos = flujo.clase == CONJUNTOS
        estado = punta if numero == punta.secuencia else Estado(numero, punta.momento)
        if not conjuntos and numero < punta.secuencia:
            estado = fuente.estado(numero)
        if not conjuntos and flujo.momento is not None and estado.momento < flujo.momento:
            raise RelojAtras(secuencia=numero, dice=legible(estado.momento), anterior=legible(flujo.momento))
        with tempfile.TemporaryDirectory(prefix="tequio-osm-") as carpeta:
            ruta = _bajado(fuente, numero, Path(carpeta), "osm.gz" if conjuntos else "osc.gz")
            with self._bd.transaccion() as sesion:
                if conjuntos:
                    hecho.conjuntos += servicio.aplicar_conjuntos(sesion, flujo, estado, ruta, zona)
                else:
                    resumen = servicio.aplicar_cambio(sesion, flujo, estado, ruta, zona)
                    hecho.objetos += resumen.suma("creados") + resumen.suma("modificados") + resumen.suma("borrados")
        hecho.cambios += 1
        return replace(flujo, secuencia=numero, momento=flujo.momento if conjuntos else estado.momento)

    def anotar(self, error: ErrorTequio | ErrorGeo) -> None:
        """Deja escrito por qué no avanza, para la página de estado."""
        with self._bd.transaccion() as sesion:
            servicio.anotar_error(sesion, consultas.flujo(sesion, self._url), error)

    def _contar(self, flujo: Flujo, hecho: Vuelta) -> None:
        if flujo.clase == CONJUNTOS:
            que = _cuantos(hecho.conjuntos, "conjunto guardado", "conjuntos guardados")
        else:
            que = _cuantos(hecho.objetos, "objeto cambiado", "objetos cambiados")
        hasta = "" if flujo.momento is None else f" ({legible(flujo.momento)})"
        cambios = _cuantos(hecho.cambios, "cambio aplicado", "cambios aplicados")
        self._avisar(f"{cambios}, hasta el {flujo.secuencia:,}{hasta}: {que}.")


def _cuantos(n: int, uno: str, varios: str) -> str:
    return f"{n:,} {uno if n == 1 else varios}"


def _bajado(fuente: Fuente, numero: int, carpeta: Path, extension: str) -> Path:
    ruta = carpeta / f"{numero:09d}.{extension}"
    fuente.bajar(numero, ruta)
    return ruta


def _estado_si_hay(fuente: Fuente, secuencia: int) -> Estado | None:
    """El estado de un cambio viejo, que algunos flujos ya no guardan."""
    try:
        return fuente.estado(secuencia)
    except ErrorDeFlujo:
        return None


@contextmanager
def candado(bd: BaseDeDatos, flujo: Flujo) -> Iterator[None]:
    """Sólo un proceso a la vez sigue este flujo; si este proceso muere, la base suelta el candado.

    Raises
    ------
    FlujoOcupado
    """
    url = bd.url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url, autocommit=True, application_name="tequio: sigue OSM") as conexion:
        fila = conexion.execute("SELECT pg_try_advisory_lock(%s, %s::integer)", (CANDADO, flujo.id)).fetchone()
        if fila != (True,):
            raise FlujoOcupado(url=flujo.url)
        yield


class Relevo(threading.Thread):
    """Hilo que atiende los flujos registrados cuando les toca; hay uno por proceso de ``./tequio servir``.

    El candado hace que sólo uno trabaje en cada flujo; si ese proceso muere, otro sigue donde se quedó.
    """

    def __init__(self, bd: BaseDeDatos, *, cada_s: float = CADA_S) -> None:
        super().__init__(name="relevo", daemon=True)
        self._bd = bd
        self._cada_s = cada_s
        self._alto = threading.Event()

    def run(self) -> None:
        """Mira varias veces por minuto si a alguno le toca, hasta que se le detenga."""
        while not self._alto.wait(self._cada_s / 4 * random.uniform(0.8, 1.2)):  # nosec B311
            try:
                self.vuelta()
            except (SQLAlchemyError, psycopg.Error) as error:
                bitacora.warning("la base de datos no contestó al seguir flujos: %s", type(error).__name__)

    def vuelta(self) -> None:
        """Atiende los que toque."""
        with self._bd.lectura() as sesion:
            direcciones = consultas.pendientes(sesion, self._cada_s, ESPERA_MAXIMA_S)
        for url in direcciones:
            try:
                self._atender(url)
            except FlujoOcupado:
                continue
            except Exception:
                # La orilla de un hilo, como un 500 en la de una petición: se anota una vez y se sigue con los demás.
                bitacora.error("flujo %s", url, exc_info=True)

    def _atender(self, url: str) -> None:
        with self._bd.lectura() as sesion:
            flujo = consultas.flujo(sesion, url)
        with candado(self._bd, flujo):
            seguidor = Seguidor(self._bd, url, bitacora.info, self._alto)
            try:
                seguidor.vuelta()
            except (ErrorTequio, ErrorGeo) as error:
                bitacora.warning("flujo %s: %s", flujo.id, error.mensaje)
                seguidor.anotar(error)

    def detener(self) -> None:
        """Pide al hilo que termine después del cambio que tenga en la mano."""
        self._alto.set()
