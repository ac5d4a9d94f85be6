"""La clase y la forma de lo que una subida toca, antes y después; también de lo que cambia sin versión nueva.

Mover un nodo no da versión nueva a las vías que pasan por él, ni cambiar una vía a las relaciones que la usan: lo que
así cambia de forma es también obra de quien subió (decisión 33).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from geo.osm.api06.geometria import de_contornos, de_elemento, de_relaciones, puede_ser_area, repasa_un_lugar
from geo.osm.api06.valores import NODO, RELACION, VIA
from geo.osm.etiquetas import clasificar
from tareas.practica.api06.mundo import Clave, Estado, Mundo

Forma = tuple[str | None, str | None]
"""Clase y geometría (EWKB en hexadecimal)."""

SIN_FORMA: Forma = (None, None)
LIMITE = "limite"


@dataclass(frozen=True, slots=True)
class Renglon:
    """Lo que se anota de un objeto. ``causa``: la versión que le cambió la forma; vacía si la versión es suya."""

    estado: Estado
    antes: Estado | None
    accion: str
    causa: str
    forma: Forma
    forma_antes: Forma


@dataclass(frozen=True, slots=True)
class Usan:
    """Lo que cambia de forma sin estar entre los cambios. Todo está cargado en el mundo."""

    vias: frozenset[int]
    relaciones: frozenset[int]


def movidos(mundo: Mundo) -> set[int]:
    """Los nodos que había, sigue habiendo y quedan en otro lugar."""
    hallados = set()
    for tipo, id in mundo.tocados:
        if tipo != NODO:
            continue
        antes, despues = mundo.antes((tipo, id)), mundo.despues((tipo, id))
        if _hay(antes) and _hay(despues) and _lugar(antes) != _lugar(despues):
            hallados.add(id)
    return hallados


class Formas:
    """Las formas de lo que una subida toca, en el mundo de antes y en el de después; las relaciones, todas juntas."""

    def __init__(self, mundo: Mundo, usan: Usan) -> None:
        relaciones = [id for tipo, id in mundo.tocados if tipo == RELACION] + sorted(usan.relaciones)
        self._mundo = mundo
        self._usan = [*((VIA, id) for id in sorted(usan.vias)), *((RELACION, id) for id in sorted(usan.relaciones))]
        vias = [id for tipo, id in mundo.tocados if tipo == VIA] + sorted(usan.vias)
        self._areas_antes = _areas(mundo.antes, relaciones) | _contornos(mundo.antes, vias)
        self._areas = _areas(mundo.despues, relaciones) | _contornos(mundo.despues, vias)
        self._despues: dict[Clave, Forma] = {}

    def renglones(self) -> list[Renglon]:
        """Lo que se anota: uno por versión nueva, en orden, y detrás lo que sólo cambió de forma."""
        return [*self._de_los_pasos(), *self._de_lo_demas()]

    def objetos(self) -> Iterator[tuple[Clave, tuple[str | None, int | None, str | None]]]:
        """Cómo queda todo lo tocado: clase, zoom y geometría; sin clase, lo que ya no se ve ni se cuenta."""
        for clave in [*self._mundo.tocados, *self._usan]:
            estado, antes = self._mundo.despues(clave), self._mundo.antes(clave)
            se_ve = estado is not None and estado.visible and bool(estado.etiquetas)
            if se_ve or (antes is not None and antes.etiquetas):
                clase, geom = self._al_final(clave) if se_ve else SIN_FORMA
                if clase is None or geom is None or clase == LIMITE or estado is None:
                    yield clave, (None, None, None)
                else:
                    _clase, zoom = clasificar(estado.tipo, estado.etiquetas or {}, area=_es_superficie(geom))
                    yield clave, (clase, zoom, geom)

    def _al_principio(self, clave: Clave) -> Forma:
        return _forma(self._mundo.antes, clave, self._areas_antes)

    def _al_final(self, clave: Clave) -> Forma:
        forma = self._despues.get(clave)
        if forma is None:
            forma = self._despues[clave] = _forma(self._mundo.despues, clave, self._areas)
        return forma

    def _de_los_pasos(self) -> Iterator[Renglon]:
        """La primera versión de cada objeto dice cómo estaba antes de la subida; la última, cómo queda después de toda.

        Las de en medio no duran: llevan la forma de ese instante, y una relación, ninguna.
        """
        ultimos = {(p.despues.tipo, p.despues.id): p for p in self._mundo.pasos}
        vistos: set[Clave] = set()
        for paso in self._mundo.pasos:
            clave = (paso.despues.tipo, paso.despues.id)
            habia = paso.antes if _hay(paso.antes) else None
            forma_antes = SIN_FORMA
            if habia is not None:
                forma_antes = self._al_principio(clave) if clave not in vistos else _de_paso(habia, paso.lugares_antes)
            vistos.add(clave)
            forma = self._al_final(clave) if ultimos[clave] is paso else _de_paso(paso.despues, paso.lugares)
            yield Renglon(paso.despues, habia, paso.accion, "", forma, forma_antes)

    def _de_lo_demas(self) -> Iterator[Renglon]:
        """Lo que tenía forma, la sigue teniendo y es otra. Las vías sin etiquetas sólo sirven a sus relaciones."""
        se_movio, tocadas = movidos(self._mundo), set(self._mundo.tocados)
        for clave in self._usan:
            estado = self._mundo.despues(clave)
            if estado is None or not estado.etiquetas:
                continue
            forma_antes, forma = self._al_principio(clave), self._al_final(clave)
            if None in (*forma_antes, *forma) or forma_antes[1] == forma[1] or forma[0] == LIMITE:
                continue
            yield Renglon(estado, estado, "forma", _causa(self._mundo, estado, se_movio, tocadas), forma, forma_antes)


Mirar = Callable[[Clave], Estado | None]


def _areas(mirar: Mirar, ids: Iterable[int]) -> dict[Clave, Forma]:
    relaciones = [x for id in ids if (x := mirar((RELACION, id))) and x.visible and puede_ser_area(x.etiquetas)]
    if not relaciones:
        return {}
    vias = {
        id: via.nodos
        for x in relaciones
        for tipo, id in x.miembros
        if tipo == VIA and (via := mirar((VIA, id))) and via.visible
    }
    nodos = {n for de_una in vias.values() for n in de_una}
    lugares = {n: _lugar(x) for n in nodos if (x := mirar((NODO, n))) and x.visible}
    armadas = de_relaciones(((x.id, x.etiquetas, x.miembros, x.roles) for x in relaciones), vias, lugares)
    return {(RELACION, id): forma for id, forma in armadas.items()}


def _contornos(mirar: Mirar, ids: Iterable[int]) -> dict[Clave, Forma]:
    """Las vías cerradas que se tocan a sí mismas: si son área lo decide la misma pieza que arma los archivos."""
    dudosas, lugares = [], {}
    for via in (x for id in ids if (x := mirar((VIA, id))) and x.visible and _cierra(x)):
        suyos = {n: _lugar(x) for n in via.nodos if (x := mirar((NODO, n))) and x.visible}
        if repasa_un_lugar(via.etiquetas, [suyos[n] for n in via.nodos if n in suyos], cerrada=True):
            dudosas.append((via.id, via.etiquetas or {}, via.nodos))
            lugares.update(suyos)
    return {(VIA, id): forma for id, forma in de_contornos(dudosas, lugares).items()}


def _forma(mirar: Mirar, clave: Clave, areas: dict[Clave, Forma]) -> Forma:
    estado = mirar(clave)
    if estado is None or not estado.visible:
        return SIN_FORMA
    if clave in areas:
        return areas[clave]
    if estado.tipo == RELACION:
        return SIN_FORMA
    if estado.tipo == NODO:
        return _de(estado, [_lugar(estado)])
    nodos = (mirar((NODO, n)) for n in estado.nodos)
    return _de(estado, [_lugar(n) for n in nodos if n is not None])


def _de(estado: Estado, lugares: list[tuple[int, int]]) -> Forma:
    return de_elemento(estado.tipo, estado.etiquetas, lugares, cerrada=_cierra(estado))


def _cierra(via: Estado) -> bool:
    return len(via.nodos) > 3 and via.nodos[0] == via.nodos[-1]


def _de_paso(estado: Estado, lugares: list[tuple[int, int]]) -> Forma:
    return _de(estado, lugares) if estado.visible and estado.tipo != RELACION else SIN_FORMA


def _causa(mundo: Mundo, estado: Estado, se_movio: set[int], tocadas: set[Clave]) -> str:
    """La versión que cambió la forma; entre varias, la primera: no habrá otra subida con la misma."""
    vias = [(VIA, estado.id)] if estado.tipo == VIA else [m for m in estado.miembros if m[0] == VIA]
    candidatas = {via for via in vias if via in tocadas}
    candidatas |= {(NODO, n) for via in vias if (x := mundo.despues(via)) for n in x.nodos if n in se_movio}
    tipo, id = min(candidatas)
    causante = mundo.despues((tipo, id))
    return f"{tipo}{id}v{causante.version if causante else 0}"


def _es_superficie(ewkb: str) -> bool:
    """Si un EWKB en hexadecimal, de bytes en orden del procesador, es Polygon o MultiPolygon."""
    return ewkb[2:4] in ("03", "06")


def _hay(estado: Estado | None) -> bool:
    return estado is not None and estado.visible


def _lugar(estado: Estado | None) -> tuple[int, int]:
    return (estado.lon, estado.lat) if estado is not None else (0, 0)
