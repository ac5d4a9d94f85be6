"""Escribe los datos de OpenStreetMap: importar un archivo entero y aplicar un archivo de cambios."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from geo.osm import cambios, nodos
from geo.osm.archivo import Archivo, abrir, ordenado
from geo.osm.errores import SinObjetos
from geo.osm.lectura import Desordenado, Lectura
from geo.osm.objetos import SinArmar
from geo.osm.recorte import Elegidos
from geo.osm.replicacion import Punto, punto
from tareas.datos_osm.bolsa import Bolsa, copiar
from tareas.datos_osm.mezcla import SQL, TABLAS, Conteo, Mezcla, vigentes
from tareas.datos_osm.reglas import fuente_de

Progreso = Callable[[str, int, int], None]
"""Recibe el paso (``leer``, ``guardar``, ``armar``), lo hecho y el total; total 0 si no se sabe."""

CADA = 5000
MUCHOS = 10_000
EJEMPLOS = 50


@dataclass(slots=True)
class Resumen:
    """Qué hizo una importación o un cambio.

    Attributes
    ----------
    leidos : dict
        Tabla (``nodo``, ``via``, ``relacion``) -> cuántos traía el archivo.
    conteos : dict
        Tabla -> `Conteo`.
    omitidos : Counter
        Objetos del archivo que no se guardan, por motivo: ``id_negativo``, ``borrado``, ``sin_lugar``.
    sin_armar : list of SinArmar
        De lo leído o tocado, lo que se quedó sin su geometría.
    punto : Punto
        Hasta dónde llegan los datos del archivo.
    fuente : str
        De qué mundo son (`tareas.datos_osm.reglas.fuente_de`).
    version : int
        La de los datos, después.
    """

    archivo: str
    modo: str
    leidos: dict[str, int] = field(default_factory=dict)
    conteos: dict[str, Conteo] = field(default_factory=dict)
    omitidos: Counter[str] = field(default_factory=Counter)
    sin_armar: list[SinArmar] = field(default_factory=list)
    punto: Punto = field(default_factory=Punto)
    fuente: str = "osm"
    version: int = 0
    segundos: float = 0.0

    @property
    def total(self) -> int:
        """Objetos leídos del archivo."""
        return sum(self.leidos.values())

    @property
    def cambia(self) -> bool:
        """Si los datos quedaron distintos."""
        return any(conteo.cambia for conteo in self.conteos.values())

    def suma(self, campo: str) -> int:
        """Total de un campo de `Conteo` entre los tres tipos."""
        return sum(int(getattr(conteo, campo)) for conteo in self.conteos.values())

    def cifras(self) -> dict[str, Any]:
        """Lo que se anota en ``osm_importacion``."""
        return {
            "leidos": self.leidos,
            "conteos": {tabla: asdict(conteo) for tabla, conteo in self.conteos.items()},
            "omitidos": dict(self.omitidos),
            "sin_armar": dict(Counter(f"{caso.tipo} {caso.motivo}" for caso in self.sin_armar)),
            "ejemplos": [asdict(caso) for caso in self.sin_armar[:EJEMPLOS]],
            "segundos": round(self.segundos, 3),
        }


def _callado(_paso: str, _hecho: int, _total: int) -> None:
    """No dice nada."""


def importar(sesion: Session, ruta: str | Path, progreso: Progreso = _callado, *, fuente: str | None = None) -> Resumen:
    """Importa un archivo entero (.osm.pbf, .osm, .osm.gz, .osm.bz2).

    El archivo se lee completo antes de tocar la base. En una base vacía entra directo; si ya hay datos, se mezcla:
    gana la versión mayor, y lo que no trae versión reemplaza si dice otra cosa. Importar dos veces lo mismo no cambia
    nada. Una importación espera a que termine otra.

    Parameters
    ----------
    sesion
        Transacción abierta; quien llama la confirma.
    fuente
        De qué mundo son los datos; por omisión, lo que diga su cabecera.

    Raises
    ------
    ErrorOsm
        Si el archivo no se puede tomar; la base queda igual.
    """
    with trabajo(sesion, Path(ruta).name, "importar") as (conexion, carpeta, resumen):
        with abrir(ruta) as archivo:
            resumen.punto = punto(archivo)
            resumen.fuente = fuente or fuente_de(resumen.punto.url or "")
            bolsa = _leer(archivo, carpeta, resumen, progreso)
        _guardar(conexion, carpeta, bolsa, resumen, progreso)
        if not resumen.total:
            raise SinObjetos(archivo=resumen.archivo)
        _retroceder_flujos(conexion, resumen)
    return resumen


def aplicar(sesion: Session, ruta: str | Path, progreso: Progreso = _callado) -> Resumen:
    """Aplica un archivo de cambios (.osc, .osc.gz): crea, modifica, borra y rehace lo que depende de ello.

    Una versión más vieja que la guardada se cuenta como antigua y no hace nada; aplicar dos veces lo mismo, tampoco.

    Parameters
    ----------
    sesion
        Transacción abierta; quien llama la confirma.

    Raises
    ------
    ErrorOsm
        Si el archivo no se puede tomar; la base queda igual.
    """
    with trabajo(sesion, Path(ruta).name, "aplicar") as (conexion, carpeta, resumen):
        with abrir(ruta, cambio=True) as archivo, Bolsa(carpeta, con_borrado=True) as bolsa:
            leer_cambio(archivo, bolsa, resumen, progreso)
        bloquear(conexion)
        _mezclar(conexion, carpeta, bolsa, None, resumen, progreso)
    return resumen


def leer_cambio(
    archivo: Archivo, bolsa: Bolsa, resumen: Resumen, progreso: Progreso = _callado, elegidos: Elegidos | None = None
) -> None:
    """Agrega un archivo de cambios a una bolsa abierta; con ``elegidos``, sólo esos objetos.

    Raises
    ------
    ErrorOsm
    """
    nuevo = resumen.punto.momento
    antes = dict(bolsa.filas)
    for i, leido in enumerate(cambios.leer(archivo, elegidos)):
        bolsa.meter(leido)
        if leido.cuando is not None and (nuevo is None or leido.cuando > nuevo):
            nuevo = leido.cuando
        if i % CADA == 0:
            progreso("leer", i, 0)
    resumen.leidos = {t: resumen.leidos.get(t, 0) + bolsa.filas[t] - antes[t] for t in TABLAS}
    resumen.punto = Punto(momento=nuevo)


def mezclar_cambio(conexion: psycopg.Connection, carpeta: Path, bolsa: Bolsa, resumen: Resumen) -> None:
    """Aplica lo que `leer_cambio` leyó, y lo anota en ``osm_cambio``. El resumen suma lo que otras mezclas dejaron."""
    conteos, sin_armar = resumen.conteos, resumen.sin_armar
    _mezclar(conexion, carpeta, bolsa, None, resumen, _callado)
    resumen.conteos = {t: conteos.get(t, Conteo()) + suyo for t, suyo in resumen.conteos.items()}
    if sin_armar:
        resumen.sin_armar = vigentes(conexion, [*sin_armar, *resumen.sin_armar])


@contextmanager
def trabajo(sesion: Session, archivo: str, modo: str) -> Iterator[tuple[psycopg.Connection, Path, Resumen]]:
    """Prepara conexión, carpeta temporal y resumen; al terminar bien, anota la importación.

    De un cambio seguido («seguir») que no dejó nada distinto no queda renglón: serían medio millón por año.
    """
    conexion = sesion.connection().connection.driver_connection
    assert isinstance(conexion, psycopg.Connection)
    inicio = time.monotonic()
    empezo = _uno(conexion, "SELECT ahora()")
    resumen = Resumen(archivo, modo)
    conexion.execute("SET LOCAL work_mem = '64MB'; SET LOCAL maintenance_work_mem = '128MB'")
    with tempfile.TemporaryDirectory(prefix="tequio-osm-") as carpeta:
        yield conexion, Path(carpeta), resumen
    resumen.segundos = time.monotonic() - inicio
    if modo != "seguir" or resumen.cambia:
        resumen.version = _anotar(conexion, resumen, empezo)


def _leer(archivo: Archivo, carpeta: Path, resumen: Resumen, progreso: Progreso) -> Bolsa:
    try:
        return _volcar(archivo, carpeta, resumen, progreso)
    except Desordenado:
        with ordenado(archivo) as otro:
            return _volcar(otro, carpeta, resumen, progreso)


def _volcar(archivo: Archivo, carpeta: Path, resumen: Resumen, progreso: Progreso) -> Bolsa:
    """Lee el archivo a una bolsa y a ``nodos.opl``."""
    lectura = Lectura(archivo, carpeta / "nodos.opl")
    with Bolsa(carpeta) as bolsa:
        for i, cosa in enumerate(lectura):
            bolsa.meter(cosa)
            if i % CADA == 0:
                progreso("leer", i, 0)
        for caso in lectura.sin_armar:
            bolsa.meter(caso)
    resumen.leidos = {tabla: bolsa.filas[tabla] for tabla in TABLAS}
    resumen.omitidos = lectura.omitidos
    resumen.sin_armar = lectura.sin_armar
    return bolsa


def _guardar(conexion: psycopg.Connection, carpeta: Path, bolsa: Bolsa, resumen: Resumen, progreso: Progreso) -> None:
    sueltos = carpeta / "nodos.opl"
    bloquear(conexion)
    if _uno(conexion, SQL["todo_vacio"]):
        antes = dict(resumen.leidos), Counter(resumen.omitidos)
        try:
            with conexion.transaction():
                _directo(conexion, bolsa, sueltos, resumen, progreso)
            return
        except psycopg.errors.UniqueViolation:
            # El archivo repite algún objeto: la mezcla sabe con cuál quedarse.
            resumen.leidos, resumen.omitidos = antes
    _mezclar(conexion, carpeta, bolsa, sueltos, resumen, progreso)


def _directo(conexion: psycopg.Connection, bolsa: Bolsa, sueltos: Path, resumen: Resumen, progreso: Progreso) -> None:
    """Llena las tablas vacías; los índices, después, que cuesta la tercera parte."""
    indices = conexion.execute(SQL["indices"]).fetchall()
    for nombre, _ in indices:
        conexion.execute(f"DROP INDEX {nombre}")
    _copiar_nodos(conexion, "osm_nodo", bolsa, sueltos, resumen, progreso)
    for tabla in ("via", "relacion", "objeto", "sin_armar"):
        progreso("guardar", resumen.leidos["nodo"], resumen.total)
        copiar(conexion, f"osm_{tabla}", bolsa.columnas(tabla), bolsa.trozos(tabla))
    for i, (_, definicion) in enumerate(indices):
        progreso("armar", i, len(indices))
        conexion.execute(definicion)
    resumen.conteos = {tabla: Conteo(creados=resumen.leidos[tabla]) for tabla in TABLAS}
    _analizar(conexion)


def _mezclar(
    conexion: psycopg.Connection,
    carpeta: Path,
    bolsa: Bolsa,
    sueltos: Path | None,
    resumen: Resumen,
    progreso: Progreso,
) -> None:
    mezcla = Mezcla(conexion, carpeta)
    mezcla.preparar()
    _copiar_nodos(conexion, "nuevo_nodo", bolsa, sueltos, resumen, progreso)
    for tabla in ("via", "relacion"):
        copiar(conexion, f"nuevo_{tabla}", bolsa.columnas(tabla), bolsa.trozos(tabla))
    progreso("armar", 0, 0)
    resumen.conteos, resumen.sin_armar = mezcla.por_versiones() if bolsa.con_borrado else mezcla.hacer()
    if resumen.suma("creados") + resumen.suma("modificados") > MUCHOS:
        _analizar(conexion)


def _copiar_nodos(
    conexion: psycopg.Connection, tabla: str, bolsa: Bolsa, sueltos: Path | None, resumen: Resumen, progreso: Progreso
) -> None:
    def contados(trozos: Iterable[bytes]) -> Iterator[bytes]:
        for trozo in trozos:
            resumen.leidos["nodo"] += nodos.contar(trozo)
            progreso("guardar", resumen.leidos["nodo"], 0)
            yield trozo

    # Primero los más, que vienen por orden de id: cada uno cae al final del índice.
    if sueltos is not None:
        copiar(conexion, tabla, nodos.COLUMNAS, contados(nodos.filas(sueltos, resumen.omitidos)))
    copiar(conexion, tabla, bolsa.columnas("nodo"), bolsa.trozos("nodo"))


def bloquear(conexion: psycopg.Connection) -> None:
    """Una importación a la vez. Quien lee no espera, salvo mientras se llenan las tablas por primera vez."""
    conexion.execute("LOCK TABLE osm_importacion IN SHARE ROW EXCLUSIVE MODE")


def _analizar(conexion: psycopg.Connection) -> None:
    # Sólo las columnas por las que se busca: medir etiquetas y listas de nodos cuesta más que importarlas.
    conexion.execute(
        "ANALYZE osm_nodo (id), osm_via (id), osm_relacion (id), osm_objeto (tipo, id, clase, zoom, geom, centro)"
    )


def _anotar(conexion: psycopg.Connection, resumen: Resumen, empezo: datetime) -> int:
    valores = {
        "archivo": resumen.archivo,
        "modo": resumen.modo,
        "fuente": resumen.fuente,
        "url": resumen.punto.url,
        "secuencia": resumen.punto.secuencia,
        "momento": resumen.punto.momento,
        "empezo": empezo,
        "cambio": resumen.cambia,
        "cifras": Jsonb(resumen.cifras()),
    }
    return int(_uno(conexion, SQL["anotar"], valores))


def _retroceder_flujos(conexion: psycopg.Connection, resumen: Resumen) -> None:
    """Un extracto más viejo que un flujo trae objetos cuyos cambios ya pasaron de largo: hay que repasarlos."""
    if resumen.cambia:
        datos = {"momento": resumen.punto.momento, "fuente": resumen.fuente}
        conexion.execute(SQL["retroceder_flujos"].encode(), datos)


def _uno(conexion: psycopg.Connection, consulta: str, valores: dict[str, Any] | None = None) -> Any:
    fila = conexion.execute(consulta.encode(), valores).fetchone()
    assert fila is not None
    return fila[0]
