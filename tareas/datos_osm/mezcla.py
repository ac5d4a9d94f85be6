"""Trae objetos nuevos a las tablas crudas y vuelve a armar todo lo que depende de ellos.

Vale igual para un archivo de cambios que para un extracto que se encima con lo que ya hay: el resultado es el de
importar de una vez todo junto.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from geo.osm.archivo import Archivo
from geo.osm.escritura import escribir
from geo.osm.lectura import Lectura
from geo.osm.objetos import Nodo, Objeto, Relacion, SinArmar, Via
from tareas.comun.bd import cargar_sql
from tareas.datos_osm.bolsa import COLUMNAS, Bolsa, copiar

SQL = cargar_sql(Path(__file__).parent, "mezcla.sql")
# Con más nodos o vías que estos cuesta menos recorrer la tabla que buscarlos uno por uno en el índice.
POCOS = 2000
TABLAS = ("nodo", "via", "relacion")
_CAMPOS = {"nodo": ("lon", "lat"), "via": ("nodos",), "relacion": ("miembros", "roles")}
_CLASES = {"nodo": Nodo, "via": Via, "relacion": Relacion}


@dataclass(frozen=True, slots=True)
class Conteo:
    """Qué pasó con los objetos de un tipo. ``desconocidos``: borrados de algo que no teníamos."""

    creados: int = 0
    modificados: int = 0
    borrados: int = 0
    desconocidos: int = 0
    iguales: int = 0
    antiguos: int = 0

    @property
    def cambia(self) -> bool:
        """Si algo quedó distinto."""
        return bool(self.creados or self.modificados or self.borrados)

    def __add__(self, otro: "Conteo") -> "Conteo":
        """La suma, campo por campo."""
        return Conteo(*(uno + dos for uno, dos in zip(asdict(self).values(), asdict(otro).values(), strict=True)))


class Mezcla:
    """Una mezcla dentro de una transacción. Primero `preparar`, luego llenar ``nuevo_nodo``…, y al final `hacer`.

    Parameters
    ----------
    conexion
        La de la transacción.
    carpeta
        Temporal, para lo que se vuelve a leer.
    """

    def __init__(self, conexion: psycopg.Connection, carpeta: Path) -> None:
        self._conexion = conexion
        self._carpeta = carpeta

    def preparar(self) -> None:
        """Crea las tablas de paso, vacías."""
        self._sql("tirar")
        for tabla in TABLAS:
            self._sql("crear_nuevo", tabla)
            self._sql("crear_gana", tabla)

    def por_versiones(self) -> tuple[dict[str, Conteo], list[SinArmar]]:
        """Como `hacer` con ``anotar``, versión por versión de lo que trae varias: todas quedan anotadas."""
        vueltas = max(self._contar_vueltas(tabla) for tabla in TABLAS)
        if vueltas == 1:
            return self.hacer(anotar=True)
        self._sql("tirar_vueltas")
        for tabla in TABLAS:
            self._sql("repartir_en_vueltas", tabla)
        conteos = {tabla: Conteo() for tabla in TABLAS}
        sin_armar: list[SinArmar] = []
        for vuelta in range(1, vueltas + 1):
            self.preparar()
            for tabla in TABLAS:
                self._conexion.execute(_llenar("tomar_vuelta", tabla, vuelta=vuelta))
            parciales, casos = self.hacer(anotar=True)
            conteos = {tabla: conteos[tabla] + parciales[tabla] for tabla in TABLAS}
            sin_armar += casos
        self._sql("tirar_vueltas")
        return conteos, vigentes(self._conexion, sin_armar)

    def hacer(self, *, anotar: bool = False) -> tuple[dict[str, Conteo], list[SinArmar]]:
        """Decide qué gana, lo escribe y rehace lo que toca.

        Parameters
        ----------
        anotar : bool
            Si lo que gana queda en ``osm_cambio``, con cómo estaba; y lo que cambió de forma sin versión nueva.

        Returns
        -------
        conteos : dict
            Tabla (``nodo``, ``via``, ``relacion``) -> `Conteo`.
        sin_armar : list of SinArmar
            Entre lo tocado, lo que se quedó sin geometría.
        """
        conteos = {tabla: self._decidir(tabla) for tabla in TABLAS}
        sin_armar: list[SinArmar] = []
        if any(c.cambia or c.desconocidos for c in conteos.values()):
            if anotar:
                self._sql("crear_antes")
                for tabla in TABLAS:
                    self._sql("poner_antes", tabla)
            for tabla in TABLAS:
                for paso in ("recordar_borrados", "quitar_borrados", "olvidar_revividos", "poner_ganadores"):
                    self._sql(paso, tabla)
            self._tocar()
            if anotar:
                self._sql("poner_antes_de_lo_demas")
            sin_armar = self._rearmar()
            if anotar:
                for tabla in TABLAS:
                    self._sql("anotar_cambios", tabla)
                self._sql("anotar_formas")
        self._sql("tirar")
        return conteos, sin_armar

    def _decidir(self, tabla: str) -> Conteo:
        self._conexion.execute(f"ANALYZE nuevo_{tabla} (id, version)")
        fila = self._sql("decidir", tabla).fetchone()
        assert fila is not None
        return Conteo(*fila)

    def _tocar(self) -> None:
        self._sql("tocar_vias", cerca=SQL["cerca_de_nodos"] if self._cuantos("gana_nodo") <= POCOS else "")
        self._sql("tocar_relaciones", cerca=SQL["cerca_de_vias"] if self._cuantos("toca_via") <= POCOS else "")
        self._sql("crear_tocado")
        self._sql("vias_por_leer")
        for tabla in ("toca_via", "toca_relacion", "tocado", "lee_via"):
            self._conexion.execute(f"ANALYZE {tabla} (id)")

    def _rearmar(self) -> list[SinArmar]:
        """Lee lo tocado con la misma pieza que lee los archivos, y cambia lo derivado."""
        pendiente = self._carpeta / "tocado.opl"
        with pendiente.open("wb") as salida:
            # El lugar de cada nodo, primero: los que además llevan etiquetas se repiten enteros detrás.
            with self._conexion.cursor() as cursor, cursor.copy(_llenar("leer_lugares")) as copia:
                salida.writelines(copia)
            for tabla in TABLAS:
                escribir(salida, self._crudos(tabla))
        lectura = Lectura(Archivo(pendiente.name, pendiente, "opl"))
        with Bolsa(self._carpeta) as bolsa:
            for cosa in lectura:
                if isinstance(cosa, Objeto):
                    bolsa.meter(cosa)
            for caso in lectura.sin_armar:
                bolsa.meter(caso)
        for tabla, plural in (("objeto", "objetos"), ("sin_armar", "sin_armar")):
            self._sql(f"crear_{plural}")
            copiar(self._conexion, f"nuevo_{tabla}", bolsa.columnas(tabla), bolsa.trozos(tabla))
            self._conexion.execute(f"ANALYZE nuevo_{tabla} (tipo, id)")
            self._sql(f"quitar_{plural}")
        self._sql("poner_objetos", "objeto")
        return [SinArmar(*fila) for fila in self._sql("poner_sin_armar", "sin_armar")]

    def _crudos(self, tabla: str) -> Iterator[Nodo | Via | Relacion]:
        consulta = {"nodo": "leer_nodos", "via": "leer_vias", "relacion": "leer_relaciones"}[tabla]
        columnas = ", ".join(("id", "version", "cuando", "uid", "usuario", "conjunto", "etiquetas", *_CAMPOS[tabla]))
        with self._conexion.cursor(row_factory=tuple_row) as cursor:
            for fila in cursor.stream(SQL[consulta].format(columnas=columnas).encode()):
                yield _CLASES[tabla](*fila[:6], fila[6] or {}, False, *fila[7:])

    def _sql(self, nombre: str, tabla: str = "nodo", cerca: str = "") -> psycopg.Cursor[tuple[Any, ...]]:
        return self._conexion.cursor(row_factory=tuple_row).execute(_llenar(nombre, tabla, cerca))

    def _contar_vueltas(self, tabla: str) -> int:
        fila = self._sql("contar_vueltas", tabla).fetchone()
        assert fila is not None
        return max(int(fila[0]), 1)

    def _cuantos(self, tabla: str) -> int:
        fila = self._conexion.execute(f"SELECT count(*) FROM {tabla}").fetchone()  # nosec B608 - tabla nuestra
        return int(fila[0]) if fila else 0


def vigentes(conexion: psycopg.Connection, casos: list[SinArmar]) -> list[SinArmar]:
    """De lo que varias mezclas seguidas dejaron sin armar, lo que sigue así, una vez y como quedó en la última."""
    ultimos = {(caso.tipo, caso.id): caso for caso in casos}
    siguen = conexion.execute("SELECT tipo, id FROM osm_sin_armar WHERE id = ANY(%s)", [[i for _, i in ultimos]])
    return [ultimos[clave] for clave in {(t, i) for t, i in siguen} & ultimos.keys()]


def _llenar(nombre: str, tabla: str = "nodo", cerca: str = "", vuelta: int = 0) -> bytes:
    """El texto de una consulta con sus huecos llenos; todo lo que entra son constantes de este módulo."""
    columnas = COLUMNAS[tabla]
    contenido = (*_CAMPOS.get(tabla, ()), "etiquetas")
    return (
        SQL[nombre]
        .format(
            t=tabla,
            tipo={"nodo": "n", "via": "w", "relacion": "r"}.get(tabla, ""),
            columnas=", ".join(columnas),
            excluidas=", ".join(f"EXCLUDED.{c}" for c in columnas),
            contenido_n="(" + ", ".join(f"n.{c}" for c in contenido) + ")",
            contenido_v="(" + ", ".join(f"v.{c}" for c in contenido) + ")",
            mueve="(v.id IS NULL OR n.borrado OR (v.lon, v.lat) IS DISTINCT FROM (n.lon, n.lat))"
            if tabla == "nodo"
            else "true",
            lugar="ST_SetSRID(ST_MakePoint(v.lon, v.lat), 4326)" if tabla == "nodo" else "NULL",
            lugar_nuevo="ST_SetSRID(ST_MakePoint(g.lon, g.lat), 4326)" if tabla == "nodo" else "NULL",
            cerca=cerca,
            vuelta=vuelta,
        )
        .encode()
    )
