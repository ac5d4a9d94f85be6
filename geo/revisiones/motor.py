"""Corre las reglas y deja sus hallazgos listos para guardarse: en grados, con versiones y huella, en orden fijo."""

import gc
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.osm.etiquetas import es_area
from geo.revisiones.base.areas import DE_AREA, VIAS_MAXIMAS, Relacion
from geo.revisiones.base.hallazgo import Falla, Hallazgo
from geo.revisiones.base.mundo import SIN_ETIQUETAS, UNIDADES, Mundo
from geo.revisiones.base.regla import Ajustes, Regla
from geo.revisiones.catalogo import CATALOGO

BYTES_DE_HUELLA: Final = 12


@dataclass(slots=True)
class Resultado:
    """Lo que se halló.

    Attributes
    ----------
    hallazgos : list of Hallazgo
        Por código y objetos; ``lugar`` y ``donde`` en grados EPSG:4326.
    fallas : list of Falla
        Reglas que no terminaron.
    omitidos : Counter
        Objetos que no se pudieron revisar, por motivo.
    segundos : dict of str to float
        Por regla.
    """

    hallazgos: list[Hallazgo] = field(default_factory=list)
    fallas: list[Falla] = field(default_factory=list)
    omitidos: Counter[str] = field(default_factory=Counter)
    segundos: dict[str, float] = field(default_factory=dict)


def revisar(
    mundo: Mundo,
    reglas: Iterable[Regla] = CATALOGO,
    ajustes: Ajustes | None = None,
    area: BaseGeometry | None = None,
) -> Resultado:
    """Corre cada regla; si una se rompe, lo anota y sigue con las demás.

    Parameters
    ----------
    area : geometría, optional
        EPSG:4326. Sólo se entregan los hallazgos cuyo lugar cae en ella; los datos de alrededor sí cuentan.
    """
    with _sin_recoger:
        return _revisar(mundo, reglas, ajustes, area)


class _SinRecoger:
    """Detiene el recolector de ciclos: aquí no se hacen, y cada vuelta suya recorre todo lo leído, que crece al
    cuadrado. Es de todo el proceso: entre varios hilos, lo detiene el primero que entra y lo repone el último que sale.
    """

    def __init__(self) -> None:
        self._candado = threading.Lock()
        self._dentro = 0
        self._encendido = False

    def __enter__(self) -> None:
        with self._candado:
            if self._dentro == 0:
                self._encendido = gc.isenabled()
                gc.disable()
            self._dentro += 1

    def __exit__(self, *_error: object) -> None:
        with self._candado:
            self._dentro -= 1
            if self._dentro == 0 and self._encendido:
                gc.enable()


_sin_recoger = _SinRecoger()


def _revisar(mundo: Mundo, reglas: Iterable[Regla], ajustes: Ajustes | None, area: BaseGeometry | None) -> Resultado:
    resultado = Resultado()
    ajustes = ajustes or Ajustes()
    firmante = _Firmante(mundo)
    if area is not None:
        shapely.prepare(area)
    for regla in reglas:
        inicio = time.perf_counter()
        try:
            # Completa o nada: lo que una regla alcanzó a decir antes de romperse no se entrega.
            resultado.hallazgos += _terminados(firmante, list(regla.revisar(mundo, ajustes)), area)
        except Exception as error:  # Una regla rota no puede dejar sin revisar lo demás.
            resultado.fallas.append(Falla(regla.codigo, f"{type(error).__name__}: {error}"))
        resultado.segundos[regla.codigo] = time.perf_counter() - inicio
    resultado.hallazgos.sort(key=orden)
    # Al final: las capas se arman, y cuentan lo que no pueden, conforme las reglas las piden.
    resultado.omitidos += mundo.omitidos
    for motivo in mundo.sin_armar.values():
        resultado.omitidos[f"relacion_{motivo}"] += 1
    resultado.omitidos["via_sin_largo"] = _sin_largo(mundo)
    resultado.omitidos["via_incompleta"] = int((~mundo.completa).sum())
    resultado.omitidos["amontonado"] = len(mundo.amontonados)
    resultado.omitidos += Counter()
    return resultado


def _sin_largo(mundo: Mundo) -> int:
    """Vías con etiquetas de línea y un solo lugar, o ninguno: no hay qué medirles. De las de área habla E-ABIE."""
    cortas = np.flatnonzero(mundo.completa & (mundo.lineas == None))  # noqa: E711
    return sum(
        1
        for k in cortas.tolist()
        if mundo.via_etiquetas[k] and (not mundo.cuantos_nodos[k] or not es_area(mundo.via_etiquetas[k]))
    )


def orden(hallazgo: Hallazgo) -> tuple[str, tuple[str, ...], str, tuple[float, float]]:
    """En qué orden se dan los hallazgos."""
    return (hallazgo.codigo, hallazgo.objetos, hallazgo.frase, hallazgo.lugar)


def _terminados(firmante: "_Firmante", hallazgos: list[Hallazgo], area: BaseGeometry | None) -> list[Hallazgo]:
    """Los que caen en el área, en grados, con las versiones de sus objetos y su huella."""
    lugares = np.array([h.lugar for h in hallazgos], dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(lugares).all():
        raise ValueError("lugar no finito")
    _a_grados(firmante.mundo, hallazgos)
    hallazgos = _sin_repetir(hallazgos)
    if area is not None:
        lugares = np.array([h.lugar for h in hallazgos]).reshape(-1, 2)
        dentro = shapely.intersects_xy(area, lugares[:, 0], lugares[:, 1])
        hallazgos = [h for h, si in zip(hallazgos, dentro, strict=True) if si]
    for hallazgo in hallazgos:
        hallazgo.versiones = tuple(firmante.version(clave) for clave in hallazgo.objetos)
        partes = b"\0".join(firmante.firma(clave) for clave in sorted(hallazgo.objetos))
        cabeza = f"{hallazgo.codigo}\0{hallazgo.frase}\0{_al_metro(hallazgo)}\0".encode()
        hallazgo.huella = blake2b(cabeza + partes, digest_size=BYTES_DE_HUELLA).hexdigest()
    return hallazgos


def _al_metro(hallazgo: Hallazgo) -> str:
    """Dos vías pueden cruzarse dos veces: el lugar, al metro, las distingue."""
    lon, lat = hallazgo.lugar
    return f"{lon:.5f}\0{lat:.5f}"


def _sin_repetir(hallazgos: Sequence[Hallazgo]) -> list[Hallazgo]:
    """De lo que una regla dice dos veces de los mismos objetos en el mismo metro, que tendría la misma huella, uno.

    Va antes de recortar al área: cuál queda no depende de cómo se parta el lugar.
    """
    unos: dict[tuple[str, ...], Hallazgo] = {}
    for hallazgo in hallazgos:
        clave = (hallazgo.codigo, hallazgo.frase, _al_metro(hallazgo), *sorted(hallazgo.objetos))
        if clave not in unos or hallazgo.lugar < unos[clave].lugar:
            unos[clave] = hallazgo
    return list(unos.values())


def _a_grados(mundo: Mundo, hallazgos: Sequence[Hallazgo]) -> None:
    lugares = mundo.a_grados([h.lugar for h in hallazgos])
    for hallazgo, (lon, lat) in zip(hallazgos, np.round(lugares, 7).tolist(), strict=True):
        hallazgo.lugar = (lon, lat)
    con_forma = [h for h in hallazgos if h.donde is not None]
    formas = shapely.transform([h.donde for h in con_forma], mundo.a_grados)
    for hallazgo, forma in zip(con_forma, formas, strict=True):
        hallazgo.donde = forma


class _Firmante:
    """La forma y las etiquetas de cada objeto, resumidas; no depende de su versión, que puede no saberse."""

    def __init__(self, mundo: Mundo) -> None:
        self.mundo = mundo
        self._unidades = np.rint(mundo.lonlat * UNIDADES).astype(np.int64)
        self._relaciones: dict[int, Relacion] = {r.id: r for r in mundo.relaciones}
        self._hechas: dict[str, bytes] = {}

    def version(self, clave: str) -> int:
        mundo, numero = self.mundo, int(clave[1:])
        if clave[0] == "r":
            return self._relaciones[numero].version
        donde = mundo.posicion_de_nodo(numero) if clave[0] == "n" else mundo.posicion_de_via(numero)
        assert donde is not None
        return int((mundo.nodo_version if clave[0] == "n" else mundo.via_version)[donde])

    def firma(self, clave: str) -> bytes:
        if clave not in self._hechas:
            resumen = blake2b(clave.encode(), digest_size=BYTES_DE_HUELLA)
            for parte in self._partes(clave):
                resumen.update(parte)
            self._hechas[clave] = resumen.digest()
        return self._hechas[clave]

    def _partes(self, clave: str) -> Iterable[bytes]:
        mundo, numero = self.mundo, int(clave[1:])
        if clave[0] == "r":
            relacion = self._relaciones[numero]
            yield _texto(relacion.etiquetas)
            # Sólo de un área se traen siempre todas sus vías: de una ruta, las que haya dependen de qué zona se mira.
            con_forma = relacion.etiquetas.get("type") in DE_AREA and len(relacion.miembros) <= VIAS_MAXIMAS
            for tipo, miembro, papel in relacion.miembros:
                yield f"\1{tipo}{miembro}\0{papel}".encode()
                via = mundo.posicion_de_via(miembro) if con_forma and tipo == "w" else None
                if via is not None:
                    yield self._trazo(via)
            return
        donde = mundo.posicion_de_nodo(numero) if clave[0] == "n" else mundo.posicion_de_via(numero)
        assert donde is not None
        if clave[0] == "n":
            yield _texto(mundo.etiquetas_de_nodo.get(donde, SIN_ETIQUETAS))
            yield self._unidades[donde].tobytes()
        else:
            yield _texto(mundo.via_etiquetas[donde])
            yield self._trazo(donde)

    def _trazo(self, via: int) -> bytes:
        refs = self.mundo.nodos_de(via)
        return self._unidades[refs[refs >= 0]].tobytes() + refs.size.to_bytes(4, "big")


def _texto(etiquetas: Mapping[str, str]) -> bytes:
    return "\0".join(f"{k}\0{v}" for k, v in sorted(etiquetas.items())).encode() + b"\2"
