"""De una capa leída a límites listos para guardar: clave, nombre, entidad, zona horaria, polígono válido."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import area_m2
from geo.errores import ErrorGeo
from geo.formatos.capas import Capa
from geo.formatos.union import unir
from tareas.comun.textos import N_
from tareas.municipios.errores import ColumnaInexistente, RenglonesRechazados, SinColumnaClave, SinLimites
from tareas.municipios.reglas import (
    FUENTES,
    LARGO_CLAVE,
    LARGO_NOMBRE,
    NOMBRES,
    POBLACIONES,
    aplanar,
    armar_clave,
    buscar_columna,
    columnas_de_clave,
    entero_o_nada,
    entidad_de_clave,
    texto_limpio,
    zona_por_longitud,
)

TIPOS = {0: N_("puntos"), 1: N_("líneas"), 2: N_("líneas"), 4: N_("puntos"), 5: N_("líneas"), 7: N_("colecciones")}


@dataclass(frozen=True, slots=True)
class Columnas:
    """Lo que quien importa dice de las columnas; vacío se averigua.

    Attributes
    ----------
    clave, nombre : str
        Columnas; ``a.b`` alcanza dentro de un objeto.
    entidad : str
        Columna, o el texto mismo si ninguna se llama así.
    pais, zona : str
        Código de dos letras y zona horaria IANA.
    """

    clave: str = ""
    nombre: str = ""
    entidad: str = ""
    pais: str = ""
    zona: str = ""


@dataclass(frozen=True, slots=True)
class Limite:
    """Un municipio listo para guardar.

    ``wkb`` es un MultiPolygon en EPSG:4326; ``fuente``, de quién es el dato si el archivo lo dice.
    """

    clave: str
    nombre: str
    entidad: str
    pais: str
    poblacion: int | None
    zona_horaria: str
    wkb: bytes
    area_m2: float
    huella: bytes
    fuente: str = ""


@dataclass(slots=True)
class Avisos:
    """Lo que se supuso o se reparó al leer, para decirlo."""

    reparados: list[str] = field(default_factory=list)
    sin_nombre: int = 0
    zonas_supuestas: set[str] = field(default_factory=set)


def preparar(capa: Capa, columnas: Columnas) -> tuple[list[Limite], Avisos]:
    """Convierte los renglones de una capa en límites.

    Raises
    ------
    SinLimites
        Si no hay ningún polígono.
    SinColumnaClave, ColumnaInexistente
    RenglonesRechazados
        Si alguno no sirve; dice cuáles y por qué. Nada se toma a medias.
    """
    _exigir_poligonos(capa)
    filas = [aplanar(p) for p in capa.propiedades]
    cuales = _Elegidas.de(filas, columnas)
    avisos = Avisos()
    claves = [armar_clave([fila.get(c) for c in cuales.clave]) for fila in filas]
    geometrias, motivos = _validas(capa.geometrias, claves, avisos)
    _revisar_claves(claves, motivos)
    if motivos:
        raise RenglonesRechazados(n=len(motivos), motivos=sorted(motivos.items())[:200])
    areas = area_m2(geometrias)
    puntos = shapely.get_coordinates(shapely.centroid(geometrias))
    limites = [
        _limite(clave, fila, cuales, columnas, wkb, area, punto, avisos)
        for clave, fila, wkb, area, punto in zip(
            claves, filas, shapely.to_wkb(geometrias).tolist(), areas.tolist(), puntos.tolist(), strict=True
        )
    ]
    return limites, avisos


@dataclass(frozen=True, slots=True)
class _Elegidas:
    clave: tuple[str, ...]
    nombre: str | None
    entidad: str | None
    poblacion: str | None
    fuente: str | None

    @classmethod
    def de(cls, filas: Sequence[dict[str, Any]], dichas: Columnas) -> "_Elegidas":
        hay = list(dict.fromkeys(columna for fila in filas for columna in fila))
        clave = (_exigir(hay, dichas.clave),) if dichas.clave else columnas_de_clave(hay)
        if not clave:
            raise SinColumnaClave(columnas=_lista(hay), distintas=_lista(_distintas(filas, hay)))
        nombre = _exigir(hay, dichas.nombre) if dichas.nombre else buscar_columna(hay, NOMBRES)
        if nombre is None and dichas.clave and not any(texto_limpio(f.get(clave[0])).isdigit() for f in filas[:1]):
            # Una clave con letras es ya un nombre («parroquia»).
            nombre = clave[0]
        entidad = buscar_columna(hay, (dichas.entidad,)) if dichas.entidad else None
        return cls(clave, nombre, entidad, buscar_columna(hay, POBLACIONES), buscar_columna(hay, FUENTES))


def _exigir(hay: Sequence[str], columna: str) -> str:
    encontrada = buscar_columna(hay, (columna,))
    if encontrada is None:
        raise ColumnaInexistente(columna=columna[:60], columnas=_lista(hay))
    return encontrada


def _distintas(filas: Sequence[dict[str, Any]], hay: Sequence[str]) -> list[str]:
    """Columnas que podrían ser la clave: llenas y sin repetir."""
    valores = {columna: [texto_limpio(fila.get(columna)) for fila in filas] for columna in hay}
    return [columna for columna, suyos in valores.items() if all(suyos) and len(set(suyos)) == len(suyos)]


def _lista(hay: Sequence[str]) -> str:
    return ", ".join(hay[:20]) or "—"


def _exigir_poligonos(capa: Capa) -> None:
    tipos = shapely.get_type_id(capa.geometrias)
    if not np.isin(tipos, (3, 6, 7)).any():
        nombres = sorted({TIPOS.get(int(t), N_("renglones sin geometría")) for t in tipos}) or [
            N_("renglones sin geometría")
        ]
        raise SinLimites(tipos=", ".join(nombres))


def _validas(
    geometrias: npt.NDArray[Any], claves: list[str], avisos: Avisos
) -> tuple[npt.NDArray[Any], dict[int, str]]:
    """Cada geometría como MultiPolygon válido, y los renglones (desde 1) que no se pudieron, con su motivo."""
    listas = np.asarray(geometrias, dtype=object).copy()
    motivos: dict[int, str] = {}
    for i in np.flatnonzero(~np.isin(shapely.get_type_id(listas), (3, 6)) | ~shapely.is_valid(listas)):
        hecha, motivo = _reparar(listas[i])
        listas[i] = hecha
        if motivo:
            motivos[int(i) + 1] = motivo
        elif hecha is not None:
            avisos.reparados.append(claves[i])
    sueltos = shapely.get_type_id(listas) == 3
    listas[sueltos] = [shapely.multipolygons([p]) for p in listas[sueltos]]
    return listas, motivos


def _reparar(geometria: Any) -> tuple[Any, str]:
    """La geometría con su contorno corregido, o el motivo por el que no se puede sin cambiarla."""
    if geometria is None or shapely.is_empty(geometria):
        return None, N_("viene sin geometría")
    partes = shapely.get_parts(shapely.get_parts(np.array([geometria], dtype=object)))
    if not len(partes) or (shapely.get_type_id(partes) != shapely.GeometryType.POLYGON).any():
        return None, N_("no es un polígono")
    try:
        return unir(partes, reparar=True)[0], ""
    except ErrorGeo as error:
        return None, error.mensaje


def _revisar_claves(claves: list[str], motivos: dict[int, str]) -> None:
    veces = Counter(claves)
    donde: dict[str, list[int]] = defaultdict(list)
    for i, clave in enumerate(claves, 1):
        if veces[clave] > 1:
            donde[clave].append(i)
    for i, clave in enumerate(claves, 1):
        if not clave:
            motivos.setdefault(i, N_("no trae clave"))
        elif len(clave) > LARGO_CLAVE:
            motivos.setdefault(i, N_("su clave pasa de %(n)s caracteres") % {"n": LARGO_CLAVE})
        elif len(donde[clave]) > 1:
            otros = ", ".join(str(n) for n in donde[clave] if n != i)[:60]
            motivos.setdefault(
                i, N_("la clave «%(clave)s» se repite en el renglón %(otros)s") % {"clave": clave, "otros": otros}
            )


def _limite(
    clave: str,
    fila: dict[str, Any],
    cuales: _Elegidas,
    dichas: Columnas,
    wkb: bytes,
    area: float,
    punto: list[float],
    avisos: Avisos,
) -> Limite:
    nombre = texto_limpio(fila.get(cuales.nombre))[:LARGO_NOMBRE] if cuales.nombre else ""
    if not nombre:
        nombre = clave
        avisos.sin_nombre += 1
    del_inegi = None if dichas.pais not in ("", "MX") else entidad_de_clave(clave)
    entidad = texto_limpio(fila.get(cuales.entidad)) if cuales.entidad else dichas.entidad
    zona = dichas.zona or (del_inegi[1] if del_inegi else zona_por_longitud(punto[0]))
    if not dichas.zona and del_inegi is None:
        avisos.zonas_supuestas.add(zona)
    pais = dichas.pais or ("MX" if del_inegi else "")
    poblacion = entero_o_nada(fila.get(cuales.poblacion)) if cuales.poblacion else None
    entidad = (entidad or (del_inegi[0] if del_inegi else ""))[:LARGO_NOMBRE]
    fuente = texto_limpio(fila.get(cuales.fuente))[:LARGO_NOMBRE] if cuales.fuente else ""
    atributos = "\x1f".join((clave, nombre, entidad, pais, str(poblacion), zona, fuente))
    huella = hashlib.blake2b(atributos.encode() + b"\0" + wkb, digest_size=16).digest()
    return Limite(clave, nombre, entidad, pais, poblacion, zona, wkb, area, huella, fuente)
