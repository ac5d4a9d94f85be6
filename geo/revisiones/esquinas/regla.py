"""E-ESC: un edificio que quiso tener esquinas rectas y no las tiene."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from geo.revisiones.base.angulos import Enteros, Logicos, Reales
from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Capa, Mundo
from geo.revisiones.base.regla import Ajustes, Regla
from geo.revisiones.esquinas.escuadra import escuadrar

DESVIO_MINIMO: Final = 2.0
DESVIO_MAXIMO: Final = 15.0
"""Grados que una esquina se aparta de 90. Underpass admite 1; Atlas, de 0.3 a 10; iD, hasta 5."""
RECTO: Final = 15.0
"""Grados que un nodo a media pared puede apartarse de la línea recta."""
NODOS: Final = 12
"""Más vértices son un contorno hecho a mano con cuidado. Atlas, 16; iD, 10."""
LADO: Final = 0.5
"""Metros: un lado más corto no dice hacia dónde va la pared."""
ALCANCE: Final = 60.0
"""Metros a la redonda de la esquina peor donde se busca si comparte nodos con otro edificio."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Edificios sueltos en que todo es casi recto o casi derecho, y alguna esquina se aparta `DESVIO_MINIMO` o más.

    Uno con chaflán, curvas o en cuña tiene ángulos que no son ni esquina ni pared, y no se dice nada de él. A la
    tolerancia se le suma lo que el redondeo de las coordenadas puede torcer ese ángulo.
    """
    edificios, vertices = mundo.edificios, mundo.vertices_de_edificios
    desvio = np.abs(vertices.angulo - 90)
    esquina = desvio <= DESVIO_MAXIMO
    extrano = ~esquina & (vertices.angulo < 180 - RECTO) & (vertices.lado_corto >= LADO)
    torcida = esquina & (desvio >= DESVIO_MINIMO + vertices.duda) & (vertices.lado_corto >= LADO)
    total = len(edificios)
    cuantas = np.bincount(vertices.de[torcida], minlength=total)
    sirve = (
        (cuantas > 0)
        & (np.bincount(vertices.de[extrano], minlength=total) == 0)
        & (np.bincount(vertices.de, minlength=total) <= NODOS)
        & ~edificios.rota
        & np.array([e.get("nonsquare", "no") == "no" for e in edificios.etiquetas], dtype=np.bool_)
    )
    candidatas = np.flatnonzero(torcida & sirve[vertices.de])
    candidatas = candidatas[np.lexsort((-desvio[candidatas].round(1), vertices.de[candidatas]))]
    cuales, primeras = np.unique(vertices.de[candidatas], return_index=True)
    peores = candidatas[primeras]
    libres = ~_unidos(mundo, edificios, cuales, vertices.xy[peores])
    cuales, peores = cuales[libres], peores[libres]
    propuestas = _propuestas(mundo, cuales)
    for cual, peor in zip(cuales.tolist(), peores.tolist(), strict=True):
        x, y = vertices.xy[peor].tolist()
        yield Hallazgo(
            codigo="E-ESC",
            nivel=2,
            objetos=(edificios.clave[cual],),
            lugar=(x, y),
            frase="una" if cuantas[cual] == 1 else "varias",
            datos={"grados": round(float(vertices.angulo[peor]), 1), "cuantas": int(cuantas[cual])},
            sugerencia=propuestas.get(cual),
        )


def _unidos(mundo: Mundo, edificios: Capa, cuales: Enteros, lugares: Reales) -> Logicos:
    """(c,) si comparten con otro edificio un nodo a `ALCANCE` o menos de su lugar."""
    nodos, de = _nodos(mundo, edificios)
    usos = np.bincount(nodos, minlength=len(mundo.nodo_id))
    fila = np.full(len(edificios), -1, dtype=np.int64)
    fila[cuales] = np.arange(len(cuales))
    ver = (usos[nodos] > 1) & (fila[de] >= 0)
    nodos, filas = nodos[ver], fila[de[ver]]
    lejos = mundo.xy[nodos] - lugares[filas]
    cerca = np.hypot(lejos[:, 0], lejos[:, 1]) <= ALCANCE
    return np.bincount(filas[cerca], minlength=len(cuales)) > 0


def _nodos(mundo: Mundo, edificios: Capa) -> tuple[Enteros, Enteros]:
    """Parejas sin repetir de nodo y edificio (posiciones); de una relación, los de sus vías."""
    de_via = np.full(len(mundo.via_id), -1, dtype=np.int64)
    propias = edificios.via >= 0
    de_via[edificios.via[propias]] = np.flatnonzero(propias)
    de_ref = de_via[mundo.via_de_ref]
    sirve = (de_ref >= 0) & (mundo.refs >= 0)
    nodos, de = [mundo.refs[sirve]], [de_ref[sirve]]
    posicion = {edificios.numero(k): k for k in np.flatnonzero(~propias).tolist()}
    for _, relacion in mundo.armado.areas:
        if relacion.id in posicion:
            for tipo, numero, _ in relacion.miembros:
                via = mundo.posicion_de_via(numero) if tipo == "w" else None
                if via is not None:
                    suyos = mundo.nodos_de(via)
                    nodos.append(suyos)
                    de.append(np.full(len(suyos), posicion[relacion.id], dtype=np.int64))
    pares = np.unique(np.column_stack([np.concatenate(nodos), np.concatenate(de)]), axis=0)
    return pares[:, 0], pares[:, 1]


def _propuestas(mundo: Mundo, cuales: Enteros) -> Mapping[int, Mapping[str, Any]]:
    """Por edificio, su contorno escuadrado en GeoJSON, grados; sólo las vías de un contorno."""
    elegidos = np.zeros(len(mundo.edificios), dtype=np.bool_)
    elegidos[cuales] = mundo.edificios.via[cuales] >= 0
    vertices = mundo.vertices_de_edificios.elegir(elegidos)
    if not len(vertices):
        return {}
    nuevos, buenos = escuadrar(vertices)
    cuales, fila = np.unique(vertices.de, return_inverse=True)
    formas = shapely.polygons(shapely.linearrings(nuevos, indices=fila))
    sirven = shapely.is_valid(formas) & (np.bincount(fila[~buenos], minlength=len(cuales)) == 0)
    grados = mundo.a_grados(nuevos).round(7)
    cortes = np.searchsorted(fila, np.arange(len(cuales) + 1))
    salida = {}
    for k in np.flatnonzero(sirven):
        contorno = grados[cortes[k] : cortes[k + 1]].tolist()
        salida[int(cuales[k])] = {"geometria": {"type": "Polygon", "coordinates": [[*contorno, contorno[0]]]}}
    return salida


REGLA: Final = Regla(
    codigo="E-ESC",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={
        "desvio_minimo": DESVIO_MINIMO,
        "desvio_maximo": DESVIO_MAXIMO,
        "recto": RECTO,
        "nodos": NODOS,
        "lado": LADO,
        "alcance": ALCANCE,
    },
    alcance_m=ALCANCE,
)
