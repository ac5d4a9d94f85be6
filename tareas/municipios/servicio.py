"""Escrituras de municipios: cargar y actualizar límites."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.formatos.capas import Lectura
from tareas.comun.copia import copiar
from tareas.municipios.consultas import SQL
from tareas.municipios.errores import RenglonesRechazados, SinLimites
from tareas.municipios.limites import Avisos, Columnas, Limite, preparar

_TABLA = text("""
    CREATE TEMPORARY TABLE limite_por_importar (
        clave text PRIMARY KEY, nombre text, entidad text, pais text, poblacion integer, zona_horaria text,
        limite geometry(MultiPolygon, 4326), area_m2 double precision, huella bytea, fuente text) ON COMMIT DROP
""")
_COLUMNAS = ("clave", "nombre", "entidad", "pais", "poblacion", "zona_horaria", "limite", "area_m2", "huella", "fuente")
# SRID 4326 en EWKB little-endian: el bit 0x20000000 del tipo y luego el número.
_SRID = (0x20000000).to_bytes(4, "little"), (4326).to_bytes(4, "little")


@dataclass(slots=True)
class Resumen:
    """Qué pasó con un archivo de límites."""

    nuevos: list[str] = field(default_factory=list)
    cambiados: list[str] = field(default_factory=list)
    iguales: int = 0
    avisos: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Municipios que trae el archivo."""
        return len(self.nuevos) + len(self.cambiados) + self.iguales


def importar(sesion: Session, lectura: Lectura, fuente: str, columnas: Columnas) -> Resumen:
    """Guarda todos los límites de un archivo: crea los nuevos, actualiza los que cambiaron, deja en paz los iguales.

    Parameters
    ----------
    sesion
        Transacción; si el archivo se rechaza no queda nada escrito en ella.
    lectura
        Lo que `geo.formatos.leer_archivo` leyó.
    fuente : str
        Nombre del archivo, que se guarda como procedencia.
    columnas : Columnas

    Raises
    ------
    ArchivoRechazado
        `SinLimites`, `SinColumnaClave`, `ColumnaInexistente` o `RenglonesRechazados`.
    """
    limites, avisos = _juntar(lectura, columnas)
    resumen = guardar(sesion, limites, fuente)
    resumen.avisos = _frases(lectura, avisos)
    return resumen


def guardar(sesion: Session, limites: Iterable[Limite], archivo: str) -> Resumen:
    """Escribe límites ya preparados (claves sin repetir); ``archivo`` es su procedencia si ellos no dicen otra."""
    sesion.execute(_TABLA)
    filas = (
        (
            li.clave,
            li.nombre,
            li.entidad,
            li.pais,
            li.poblacion,
            li.zona_horaria,
            _ewkb(li.wkb),
            li.area_m2,
            li.huella,
            li.fuente or archivo[:200],
        )
        for li in limites
    )
    copiar(sesion, "limite_por_importar", _COLUMNAS, filas)
    resumen = Resumen()
    for clave, que in sesion.execute(SQL["comparar"]):
        if que == "igual":
            resumen.iguales += 1
        else:
            (resumen.nuevos if que == "nuevo" else resumen.cambiados).append(clave)
    if resumen.nuevos or resumen.cambiados:
        sesion.execute(SQL["guardar"])
    sesion.execute(text("DROP TABLE limite_por_importar"))
    return resumen


def _ewkb(wkb: bytes) -> str:
    tipo = int.from_bytes(wkb[1:5], "little") | int.from_bytes(_SRID[0], "little")
    return (wkb[:1] + tipo.to_bytes(4, "little") + _SRID[1] + wkb[5:]).hex()


def _juntar(lectura: Lectura, columnas: Columnas) -> tuple[list[Limite], list[tuple[str, Avisos]]]:
    limites: list[Limite] = []
    avisos: list[tuple[str, Avisos]] = []
    sin_poligonos: SinLimites | None = None
    for capa in lectura.capas:
        try:
            nuevos, suyos = preparar(capa, columnas)
        except SinLimites as error:
            # Otra capa del mismo archivo puede traerlos; si ninguna, se rechaza.
            sin_poligonos = error
            continue
        limites += nuevos
        avisos.append((capa.nombre, suyos))
    if not limites and sin_poligonos is not None:
        raise sin_poligonos
    _exigir_claves_distintas(limites)
    return limites, avisos


def _exigir_claves_distintas(limites: Sequence[Limite]) -> None:
    vistas: set[str] = set()
    repetidas = {li.clave for li in limites if li.clave in vistas or vistas.add(li.clave)}  # type: ignore[func-returns-value]
    if repetidas:
        motivos = [(clave, f"la clave «{clave}» viene en varias capas") for clave in sorted(repetidas)]
        raise RenglonesRechazados(n=len(motivos), motivos=motivos[:200])


def _frases(lectura: Lectura, avisos: list[tuple[str, Avisos]]) -> list[str]:
    frases = list(dict.fromkeys(a.mensaje for capa in lectura.capas for a in capa.avisos))
    frases += [a.mensaje for a in lectura.avisos]
    reparados = [clave for _, a in avisos for clave in a.reparados]
    if reparados:
        frases.append(
            f"Se reparó el contorno de {len(reparados)}; conserva al menos el 99.9 % del área: "
            f"{', '.join(reparados[:10])}."
        )
    sin_nombre = sum(a.sin_nombre for _, a in avisos)
    if sin_nombre:
        frases.append(f"{sin_nombre} no traen nombre y llevan su clave; di la columna con --nombre.")
    zonas = sorted(set().union(*(a.zonas_supuestas for _, a in avisos)))
    if zonas:
        frases.append(f"Zona horaria supuesta por la longitud: {', '.join(zonas)}; dila con --zona.")
    return frases


def archivos_de(rutas: Sequence[Path]) -> list[Path]:
    """Los archivos de una lista de rutas; de una carpeta, los que pueden traer límites, por nombre."""
    encontrados: list[Path] = []
    for ruta in rutas:
        if ruta.is_dir():
            encontrados += sorted(
                r
                for r in ruta.rglob("*")
                if r.is_file() and not r.name.startswith(".") and r.suffix.lower() in EXTENSIONES
            )
        else:
            encontrados.append(ruta)
    return encontrados


EXTENSIONES = frozenset({".geojson", ".json", ".gpkg", ".zip", ".shz", ".kml", ".kmz", ".fgb", ".shp"})
