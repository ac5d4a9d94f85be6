"""Sigue un flujo: pregunta, baja, aplica unos cambios a la vez y espera. Puede morir en cualquier instante.

El avance del flujo se confirma en la misma transacción que los cambios: al volver a empezar, o se aplicaron enteros o
no se aplicaron, y ninguno se aplica dos veces. Un candado de la base deja seguir cada flujo a un solo proceso; si el
candado se perdiera, la transacción del segundo falla porque el flujo ya no está donde lo dejó.
"""

import logging
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psycopg
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from geo.errores import ErrorGeo
from geo.osm.recorte import Zona
from tareas.comun.bd import BaseDeDatos
from tareas.comun.errores import ErrorTequio
from tareas.datos_osm.seguimiento import consultas, servicio
from tareas.datos_osm.seguimiento.adelanto import Adelanto
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
from tareas.datos_osm.seguimiento.fuente import Bajado, Estado, Fuente, legible
from tareas.datos_osm.seguimiento.servicio import CONJUNTOS

bitacora = logging.getLogger("tequio.osm")
CANDADO = 817010
ESPERA_MINIMA_S, ESPERA_MAXIMA_S = 5.0, 300.0
CADA_S = 60.0
INTENTOS_DE_UNA_VEZ = 3
JUNTOS = 60
AVISO_S = 15.0

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
        Al encenderse, se detiene entre una transacción y otra.
    juntos : int
        Cambios que se confirman juntos, a lo más; con cuántos sea no se nota en lo que queda guardado.
    """

    def __init__(
        self,
        bd: BaseDeDatos,
        url: str,
        avisar: Aviso,
        alto: threading.Event | None = None,
        *,
        juntos: int = JUNTOS,
    ) -> None:
        self._bd = bd
        self._url = url
        self._avisar = avisar
        self._alto = alto or threading.Event()
        self._juntos = juntos
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
        extension = "osm.gz" if conjuntos else "osc.gz"
        with Fuente(flujo.url, extension) as fuente:
            flujo = self._ubicar(flujo, fuente)
            punta = fuente.estado_de_conjuntos() if conjuntos else fuente.estado()
            self._comprobar(flujo, fuente, punta)
        assert flujo.secuencia is not None
        if flujo.secuencia < punta.secuencia:
            zona = None if flujo.zona is None else Zona(flujo.zona)
            juntos = min(self._juntos, punta.secuencia - flujo.secuencia)
            with Adelanto(flujo, punta, extension, con_estado=not conjuntos, juntos=juntos) as adelanto:
                flujo = self._alcanzar(flujo, punta, adelanto, zona, hecho)
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

    def _alcanzar(self, flujo: Flujo, punta: Estado, adelanto: Adelanto, zona: Zona | None, hecho: Vuelta) -> Flujo:
        """Aplica lote por lote hasta la punta, y de vez en cuando dice por dónde va."""
        aviso = time.monotonic() + AVISO_S
        assert flujo.secuencia is not None
        while flujo.secuencia < punta.secuencia and not self._alto.is_set():
            lote = _en_orden(flujo, adelanto)
            try:
                flujo = self._aplicar(flujo, lote, adelanto, zona, hecho)
            except (ErrorGeo, ErrorTequio, psycopg.DataError, psycopg.IntegrityError, IntegrityError):
                if len(lote) == 1:
                    raise
                # Alguno no se puede tomar: de uno en uno, para que entren los de antes y falle él solo.
                for bajado in lote:
                    flujo = self._aplicar(flujo, [bajado], adelanto, zona, hecho)
            assert flujo.secuencia is not None
            if time.monotonic() > aviso:
                aviso = time.monotonic() + AVISO_S
                self._avisar(f"Va en el cambio {flujo.secuencia:,} de {punta.secuencia:,}{_hasta(flujo)}.")
        return flujo

    def _aplicar(self, flujo: Flujo, lote: list[Bajado], adelanto: Adelanto, zona: Zona | None, hecho: Vuelta) -> Flujo:
        aplicados = len(lote)
        with self._bd.transaccion() as sesion:
            if flujo.clase == CONJUNTOS:
                conjuntos, resumen = servicio.aplicar_conjuntos(sesion, flujo, lote, zona), None
            else:
                resumen, aplicados = servicio.aplicar_cambios(sesion, flujo, lote, zona)
        if resumen is None:
            hecho.conjuntos += conjuntos
        else:
            hecho.objetos += resumen.suma("creados") + resumen.suma("modificados") + resumen.suma("borrados")
        hecho.cambios += aplicados
        adelanto.devolver(lote[aplicados:])
        for bajado in lote[:aplicados]:
            bajado.ruta.unlink()
        estado = lote[aplicados - 1].estado
        return replace(flujo, secuencia=estado.secuencia, momento=flujo.momento if resumen is None else estado.momento)

    def anotar(self, error: ErrorTequio | ErrorGeo) -> None:
        """Deja escrito por qué no avanza, para la página de estado."""
        with self._bd.transaccion() as sesion:
            servicio.anotar_error(sesion, consultas.flujo(sesion, self._url), error)

    def _contar(self, flujo: Flujo, hecho: Vuelta) -> None:
        if flujo.clase == CONJUNTOS:
            que = _cuantos(hecho.conjuntos, "conjunto guardado", "conjuntos guardados")
        else:
            que = _cuantos(hecho.objetos, "objeto cambiado", "objetos cambiados")
        cambios = _cuantos(hecho.cambios, "cambio aplicado", "cambios aplicados")
        self._avisar(f"{cambios}, hasta el {flujo.secuencia:,}{_hasta(flujo)}: {que}.")


def _en_orden(flujo: Flujo, adelanto: Adelanto) -> list[Bajado]:
    """El lote que sigue, hasta donde las horas van hacia delante.

    Raises
    ------
    RelojAtras
        Si la del primero va hacia atrás.
    """
    lote = adelanto.tomar()
    if flujo.clase == CONJUNTOS:
        return lote
    anterior = flujo.momento
    for i, bajado in enumerate(lote):
        estado = bajado.estado
        if anterior is not None and estado.momento < anterior:
            if i == 0:
                raise RelojAtras(secuencia=estado.secuencia, dice=legible(estado.momento), anterior=legible(anterior))
            adelanto.devolver(lote[i:])
            return lote[:i]
        anterior = estado.momento
    return lote


def _hasta(flujo: Flujo) -> str:
    return "" if flujo.momento is None else f" ({legible(flujo.momento)})"


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
