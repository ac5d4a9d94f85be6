"""Reemplazar unas tareas por otras que cubren lo mismo. Recibe la sesión; nunca confirma."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Row
from sqlalchemy.orm import Session

from geo.crs import area_m2
from geo.formatos.capas import Opciones
from geo.formatos.geojson import leer_objeto
from geo.formatos.revision import revisar
from geo.rejilla import partir as corte
from geo.rejilla.errores import AreaNoPoligonal, PartesSinTocarse
from geo.tipos import BaseGeometry, Geometrias
from tareas.mapeo.errores import BloqueoPerdido, ProyectoCerrado, TareaDesconocida, TareaDividida
from tareas.mapeo.partes import consultas
from tareas.mapeo.partes.consultas import SQL
from tareas.mapeo.partes.errores import LineaInvalida, PreviaVieja, TareasOcupadas, UnaSola
from tareas.mapeo.partes.reglas import FUENTE_MINIMA_M2, Clase, Modo, estado_heredado
from tareas.mapeo.reglas import Estado
from tareas.mapeo.servicio import partes_vivas

PUNTOS_MAXIMOS = 2000
"""De una línea o de un contorno: nadie dibuja más a mano."""


@dataclass(frozen=True, slots=True)
class Pedido:
    """Quién cambia qué, y por qué."""

    proyecto_id: int
    persona_id: int
    motivo: str
    ficha: int | None = None
    huella: str | None = None
    ensayo: bool = False


def _en_medio(geometria: BaseGeometry) -> list[float]:
    """Longitud y latitud de lo más adentro de la tarea: donde su número no cae sobre otra, aunque tenga forma de L."""
    lon, lat = shapely.maximum_inscribed_circle(geometria).coords[0]
    return [round(lon, 7), round(lat, 7)]


@dataclass(frozen=True, slots=True)
class _Corte:
    """Lo que sale de la geometría: cuáles de las tareas leídas se reemplazan, y por qué piezas."""

    cambian: Sequence[int]
    piezas: Geometrias


@dataclass(frozen=True, slots=True)
class Nueva:
    """Una tarea nueva. ``de`` son los números de las tareas de las que tiene algo, primero de la que más."""

    numero: int
    geometria: BaseGeometry
    area_m2: float
    edificios: int
    estado: Estado
    de: list[int]


@dataclass(frozen=True, slots=True)
class Hecho:
    """Lo que se hizo, o se haría: en un ensayo ``division``, ``version`` y ``cuando`` son ``None``."""

    clase: Clase
    viejas: list[int]
    nuevas: list[Nueva]
    huella: str
    division: int | None = None
    version: int | None = None
    cuando: datetime | None = None

    def json(self) -> dict[str, Any]:
        """Como lo da la API: las tareas nuevas son una FeatureCollection."""
        rasgos = [
            {
                "type": "Feature",
                "id": n.numero,
                "geometry": shapely.geometry.mapping(shapely.transform(n.geometria, lambda xy: np.round(xy, 7))),
                "properties": {
                    "numero": n.numero,
                    "area_m2": round(n.area_m2, 1),
                    "edificios": n.edificios,
                    "estado": n.estado.codigo,
                    "de": n.de,
                    "lugar": _en_medio(n.geometria),
                },
            }
            for n in self.nuevas
        ]
        return {
            "clase": self.clase.value,
            "ensayo": self.division is None,
            "dividen": self.viejas,
            "huella": self.huella,
            "division": self.division,
            "version": self.version,
            "cuando": self.cuando.isoformat() if self.cuando else None,
            "tareas": {"type": "FeatureCollection", "features": rasgos},
        }


def partir(sesion: Session, pedido: Pedido, numero: int, modo: Modo, linea: dict[str, Any] | None = None) -> Hecho:
    """Parte una tarea en dos, en cuatro o por una línea.

    Parameters
    ----------
    linea : dict, optional
        LineString GeoJSON, EPSG:4326; sólo con ``Modo.LINEA``.

    Raises
    ------
    TareaDesconocida, TareaDividida, ProyectoCerrado, TareasOcupadas, BloqueoPerdido, PreviaVieja, LineaInvalida
    geo.rejilla.errores.ErrorRejilla
        El corte no sirve; dice dónde.
    """
    trazo = _leer_linea(linea) if modo is Modo.LINEA else None

    def cortar(areas: Geometrias) -> _Corte:
        if trazo is not None:
            return _Corte([0], corte.por_linea(areas[0], trazo))
        puntos = consultas.edificios(sesion, pedido.proyecto_id, areas[0])
        mitades = corte.en_dos if modo is Modo.EN_DOS else corte.en_cuatro
        return _Corte([0], mitades(areas[0], puntos))

    return _reemplazar(sesion, pedido, Clase.PARTIR, [numero], cortar, propia=numero)


def juntar(sesion: Session, pedido: Pedido, numeros: Sequence[int]) -> Hecho:
    """Junta tareas vecinas en una.

    Raises
    ------
    UnaSola, TareaDesconocida, TareaDividida, ProyectoCerrado, TareasOcupadas, PreviaVieja
    geo.rejilla.errores.PartesSinTocarse
        No forman una sola pieza; ``datos['numero']`` es el de una que queda suelta.
    """
    pedidos = sorted(set(numeros))
    if len(pedidos) < 2:
        raise UnaSola

    def cortar(areas: Geometrias) -> _Corte:
        try:
            return _Corte(range(len(areas)), corte.unir(areas))
        except PartesSinTocarse as error:
            error.datos["numero"] = pedidos[error.datos.pop("cual")]
            raise

    return _reemplazar(sesion, pedido, Clase.JUNTAR, pedidos, cortar)


def corregir(sesion: Session, pedido: Pedido, numero: int, area: dict[str, Any]) -> Hecho:
    """Cambia el contorno de una tarea; lo que gana o pierde se lo quita o se lo da a sus vecinas.

    Parameters
    ----------
    area : dict
        Polígono GeoJSON, EPSG:4326; o multipolígono, si la tarea ya tenía varios pedazos.

    Raises
    ------
    TareaDesconocida, TareaDividida, ProyectoCerrado, TareasOcupadas, BloqueoPerdido, PreviaVieja
    geo.rejilla.errores.ErrorRejilla, geo.formatos.errores.ErrorLectura
        El contorno no sirve; dice dónde.
    """
    contorno = _leer_contorno(area)
    numeros = consultas.vecinas(sesion, pedido.proyecto_id, numero, contorno)
    if numero not in numeros:
        numeros = [numero]

    def cortar(areas: Geometrias) -> _Corte:
        hecha = corte.corregir(areas, numeros.index(numero), contorno)
        return _Corte(hecha.cambian.tolist(), hecha.piezas)

    return _reemplazar(sesion, pedido, Clase.CORREGIR, numeros, cortar, propia=numero)


def _reemplazar(
    sesion: Session,
    pedido: Pedido,
    clase: Clase,
    numeros: list[int],
    cortar: Callable[[Geometrias], _Corte],
    propia: int | None = None,
) -> Hecho:
    """La única operación: unas tareas vivas por otras nuevas que cubren lo mismo.

    Primero el turno del proyecto (quién divide y quién cambia prioridades pasan de uno en uno) y después el de cada
    tarea, en orden de número. Desde ahí nadie toma ni entrega ninguna: lo que se lee es lo que se reemplaza.
    """
    base: dict[str, Any] = {"proyecto": pedido.proyecto_id, "persona": pedido.persona_id, "numeros": numeros}
    proyecto = sesion.execute(SQL["proyecto" if pedido.ensayo else "turno_del_proyecto"], base).one()
    if proyecto.estado != "publicado":
        raise ProyectoCerrado
    leidas = list(sesion.execute(SQL["sin_turnos" if pedido.ensayo else "turnos"], base))
    _exigir_vivas(sesion, pedido.proyecto_id, numeros, leidas)
    areas = shapely.from_wkb([bytes(t.geom) for t in leidas])
    hecho = cortar(areas)
    fuentes = [leidas[i] for i in hecho.cambian]
    base["numeros"] = [t.numero for t in fuentes]
    _exigir_libres(sesion, pedido, base["numeros"], propia)
    zona = shapely.geometry.MultiPoint(shapely.get_coordinates(areas)).envelope
    puntos = consultas.edificios(sesion, pedido.proyecto_id, zona)
    # En un ensayo no se escribe nada: de dónde estaban los de entonces no hace falta saber.
    entonces = puntos if pedido.ensayo else consultas.edificios(sesion, pedido.proyecto_id, zona, al_publicar=True)
    reparto = _heredar(fuentes, areas[list(hecho.cambian)], hecho.piezas, puntos, entonces)
    nuevas = [
        Nueva(proyecto.tareas_total + k, r.geometria, r.area_m2, r.edificios, r.estado, [f.numero for f in r.fuentes])
        for k, r in enumerate(reparto, 1)
    ]
    huella = _huella(base["numeros"], hecho.piezas)
    if pedido.huella is not None and pedido.huella != huella:
        raise PreviaVieja
    if pedido.ensayo:
        return Hecho(clase, base["numeros"], nuevas, huella)
    base |= {"municipio": proyecto.municipio_id, "clase": clase.value, "motivo": pedido.motivo}
    base |= {"nuevas": len(nuevas), "viejas": len(fuentes)}
    sesion.execute(SQL["cerrar_turnos"], base)
    # Primero la cuenta: ahí está la restricción que dice si caben más números.
    version = sesion.execute(SQL["contar"], base).scalar_one()
    division = sesion.execute(SQL["anotar"], base).one()
    # Primero las que dejan de trabajarse: en el historial de una parte, lo último es que salió de ellas.
    sesion.execute(SQL["dividir"], base)
    for nueva, parte in zip(nuevas, reparto, strict=True):
        _escribir(sesion, {**base, "division": division.id}, nueva, parte)
    return Hecho(clase, base["numeros"], nuevas, huella, division.id, version, division.cuando)


def _exigir_vivas(sesion: Session, proyecto_id: int, numeros: Sequence[int], leidas: Sequence[Row[Any]]) -> None:
    if len(leidas) < len(numeros):
        raise TareaDesconocida
    for tarea in leidas:
        if tarea.estado == Estado.DIVIDIDA:
            raise TareaDividida(numero=tarea.numero, partes=partes_vivas(sesion, proyecto_id, tarea.numero))


def _exigir_libres(sesion: Session, pedido: Pedido, numeros: Sequence[int], propia: int | None) -> None:
    """Que nadie más tenga ninguna; y si se dijo con qué turno, que ese turno siga."""
    turnos = [b for b in consultas.bloqueos(sesion, pedido.proyecto_id, numeros) if b.vigente]
    ajenos = [b for b in turnos if b.persona_id != pedido.persona_id]
    if ajenos:
        dichos = [
            {"numero": b.numero, "persona": b.persona, "para": b.para, "vence": b.vence.isoformat()} for b in ajenos
        ]
        raise TareasOcupadas(**dichos[0], ocupadas=dichos)
    suya = any(b.numero == propia and b.ficha == pedido.ficha for b in turnos)
    if pedido.ficha is not None and not suya:
        raise BloqueoPerdido(numero=propia, nota=pedido.motivo)


@dataclass(frozen=True, slots=True)
class _Parte:
    """Una pieza y lo que hereda; ``fuentes`` empieza por la principal."""

    geometria: BaseGeometry
    area_m2: float
    edificios: int
    estado: Estado
    fuentes: list[Row[Any]]
    edificios_al_publicar: int | None
    metros_vias_al_publicar: float | None


def _heredar(
    fuentes: Sequence[Row[Any]],
    areas: Geometrias,
    piezas: Geometrias,
    puntos: npt.NDArray[np.float64],
    entonces: npt.NDArray[np.float64],
) -> list[_Parte]:
    """``puntos``: los edificios de hoy; ``entonces``: los que había al publicar, para repartir lo que se contó."""
    comunes = corte.traslapes(areas, piezas)
    medidas = area_m2(piezas)
    hoy = corte.contar_dentro(piezas, puntos)
    publicados = _al_publicar(
        [f.edificios_al_publicar for f in fuentes], _edificios_comunes(areas, piezas, entonces), comunes
    )
    vias = _al_publicar([f.metros_vias_al_publicar for f in fuentes], comunes, comunes)
    partes = []
    for j, pieza in enumerate(piezas):
        orden = np.argsort(-comunes[j], kind="stable")
        suyas = [fuentes[i] for k, i in enumerate(orden) if k == 0 or comunes[j, i] >= FUENTE_MINIMA_M2]
        estado = estado_heredado(Estado(suyas[0].estado), [Estado(f.estado) for f in suyas])
        partes.append(
            _Parte(
                pieza,
                float(medidas[j]),
                int(hoy[j]),
                estado,
                suyas,
                None if publicados is None else int(publicados[j]),
                None if vias is None else float(vias[j]),
            )
        )
    return partes


def _edificios_comunes(
    areas: Geometrias, piezas: Geometrias, puntos: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Edificios de cada área que caen en cada pieza: (piezas, áreas)."""
    columnas = [
        corte.contar_dentro(piezas, puntos[shapely.contains_xy(area, puntos)] if len(puntos) else puntos)
        for area in areas
    ]
    return np.column_stack(columnas).astype(np.float64)


def _al_publicar(
    valores: Sequence[float | None], pesos: npt.NDArray[np.float64], areas: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64] | None:
    """Lo que había al publicar, repartido entre las piezas por peso (o por área): la suma del proyecto no cambia.

    ``None`` si de alguna no se sabe.
    """
    if any(v is None for v in valores):
        return None
    total = np.zeros(len(pesos))
    for i, valor in enumerate(valores):
        peso = pesos[:, i] if pesos[:, i].sum() > 0 else areas[:, i]
        total += corte.repartir(float(valor or 0), peso)
    return total


def _escribir(sesion: Session, base: dict[str, Any], nueva: Nueva, parte: _Parte) -> None:
    principal = parte.fuentes[0]
    # La reserva sigue a una tarea devuelta; si quedó en otro estado, no hay nada que corregir.
    espera = parte.estado is Estado.DEVUELTA
    fila = {
        **base,
        "numero": nueva.numero,
        "celda": principal.celda,
        "geom": shapely.to_wkb(nueva.geometria),
        "area_m2": nueva.area_m2,
        "estado": int(nueva.estado),
        "prioridad": principal.prioridad,
        "reservada_a": principal.reservada_a if espera else None,
        "reservada_hasta": principal.reservada_hasta if espera else None,
        "edificios": parte.edificios_al_publicar,
        "metros_vias": parte.metros_vias_al_publicar,
        "fuentes": nueva.de,
        "principales": [i == 0 for i in range(len(nueva.de))],
    }
    for paso in ("agregar", "origen", "anotar_nueva"):
        sesion.execute(SQL[paso], fila)


def _huella(viejas: Sequence[int], piezas: Geometrias) -> str:
    suma = hashlib.blake2b(repr(list(viejas)).encode(), digest_size=12)
    for pieza in piezas:
        suma.update(shapely.to_wkb(shapely.transform(pieza, lambda xy: np.round(xy, 7))))
    return suma.hexdigest()


def _leer_linea(geojson: dict[str, Any] | None) -> shapely.LineString:
    if not isinstance(geojson, dict) or geojson.get("type") != "LineString":
        raise LineaInvalida
    coordenadas = geojson.get("coordinates")
    if not isinstance(coordenadas, list) or not 2 <= len(coordenadas) <= PUNTOS_MAXIMOS:
        raise LineaInvalida
    puntos: list[tuple[float, float]] = []
    for punto in coordenadas:
        if not isinstance(punto, list) or not 2 <= len(punto) <= 3:
            raise LineaInvalida
        if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in punto):
            raise LineaInvalida
        # Antes de hacerlos float: un entero de cuatrocientas cifras no cabe.
        if not (-180 <= punto[0] <= 180 and -90 <= punto[1] <= 90):
            raise LineaInvalida
        lon, lat = float(punto[0]), float(punto[1])
        if not puntos or puntos[-1] != (lon, lat):
            puntos.append((lon, lat))
    if len(puntos) < 2:
        raise LineaInvalida
    return shapely.LineString(puntos)


def _leer_contorno(geojson: dict[str, Any]) -> BaseGeometry:
    capa = revisar(leer_objeto(geojson, "GeoJSON", Opciones()), Opciones())
    poligonos = [p for g in capa.geometrias for p in shapely.get_parts(g)]
    if not poligonos or not all(isinstance(p, shapely.Polygon) for p in poligonos):
        raise AreaNoPoligonal(tipo=poligonos[0].geom_type if poligonos else "nada")
    forma: BaseGeometry = shapely.force_2d(poligonos[0] if len(poligonos) == 1 else shapely.MultiPolygon(poligonos))
    return forma
