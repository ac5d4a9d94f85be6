"""Las revisiones contra los errores plantados en el municipio ficticio, y su velocidad con datos reales."""

import os
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import osmium
import shapely

from geo.crs import a_4326
from geo.pueblo import Mapa, Plantado, Pueblo, generar
from geo.revisiones.base.areas import Relacion
from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.lectura import leer
from geo.revisiones.base.mundo import Columnas, Mundo
from geo.revisiones.catalogo import CATALOGO
from geo.revisiones.desplazados.regla import CORRIDO_M
from geo.revisiones.motor import Resultado, revisar
from geo.tipos import Geometrias
from tests.bancos.lugar import RAIZ

SEMILLA = 1907
SEMILLAS = (SEMILLA, 1, 2, 3)
"""Municipios que se juntan: de uno solo hay 6 a 20 errores de cada clase, y uno que se escape ya es 0.93."""
SIN_AFINAR = tuple(range(50, 62))
"""Otros doce, que no se miraron para ajustar ninguna regla: la cifra que vale. Si se miran, que sean otros (decisión 46)."""
META = 0.95
SEGUNDOS = 60.0
"""Lo que puede tardar este banco, en los dos procesadores de una máquina modesta."""
TOPES = {"E-CRUD": 0.85}
"""Exhaustividad que se pide donde no se llega a `META`, y que en `SIN_AFINAR` tampoco se alcanza: se dice. Una curva cambiada por una sola recta no deja vuelta que ver, y una vuelta de más de 60°
es una esquina (decisión 46). Con cualquier giro permitido y sin mínimo de largo se llega a 0.92, y los hallazgos en
Belice suben de 674 a 831."""
TAMBIEN = {"E-GRA": ("E-UNO",)}
"""Errores de otro código que la regla también señala, y así lo dice su texto: varias casas dibujadas como una."""
DATOS = RAIZ.parent / "shared" / "datos" / "osm"
CIUDAD = DATOS / "gibraltar-2017-09-03.osm.pbf"
PAIS = DATOS / "belice-2015-08-23.osm.pbf"
EDIFICIOS_DE_TAREA = 50
MARGEN_M = 50.0
COPIAS = 16
CORRIMIENTO = 0.09
"""Grados entre copias: lo que mide la ciudad a lo ancho, mar incluido."""


def columnas(mapa: Mapa) -> Columnas:
    """El mapa del pueblo como lo leería un archivo."""
    return Columnas(
        nodo_id=list(mapa.nodos),
        nodo_version=[n.autoria.version for n in mapa.nodos.values()],
        lon=[n.lon for n in mapa.nodos.values()],
        lat=[n.lat for n in mapa.nodos.values()],
        etiquetas_de_nodo={n.id: n.etiquetas for n in mapa.nodos.values() if n.etiquetas},
        via_id=list(mapa.vias),
        via_version=[v.autoria.version for v in mapa.vias.values()],
        via_nodos=[v.nodos for v in mapa.vias.values()],
        via_etiquetas=[v.etiquetas for v in mapa.vias.values()],
        relaciones=[Relacion(r.id, r.autoria.version, r.etiquetas, r.miembros) for r in mapa.relaciones.values()],
    )


def referencia(pueblo: Pueblo) -> Geometrias:
    """Los edificios de la verdad del pueblo, EPSG:4326, como si fueran su catastro."""
    verdad = Mundo(columnas(pueblo.verdad))
    return a_4326(verdad.edificios.geom, verdad.crs)


def hallados(pueblo: Pueblo) -> list[Hallazgo]:
    """Lo que dicen todas las reglas de la versión de OSM del pueblo, con la verdad como referencia."""
    resultado = revisar(Mundo(columnas(pueblo.osm), huellas=referencia(pueblo)))
    assert resultado.fallas == []
    return resultado.hallazgos


Cuenta = tuple[int, int, int, int]
"""Plantados, hallazgos, plantados que se vieron y hallazgos que son ciertos."""


def aciertos(codigo: str, plantados: Iterable[Plantado], dichos: Iterable[Hallazgo]) -> Cuenta:
    """Cuántos plantados de ese código se hallaron y cuántos hallazgos lo son, por los objetos que comparten."""
    plantados = list(plantados)
    sembrados = [set(p.objetos) for p in plantados if p.codigo == codigo]
    valen = sembrados + [set(p.objetos) for p in plantados if p.codigo in TAMBIEN.get(codigo, ())]
    propios = [set(h.objetos) for h in dichos if h.codigo == codigo]
    vistos = sum(any(s & h for h in propios) for s in sembrados)
    ciertos = sum(any(h & s for s in valen) for h in propios)
    return len(sembrados), len(propios), vistos, ciertos


def fila_de(codigo: str, cuentas: Iterable[Cuenta]) -> dict[str, Any]:
    """Las cuentas de varios municipios, juntas, y si llegan a la meta."""
    plantados, hallazgos, vistos, ciertos = (sum(columna) for columna in zip(*cuentas, strict=True))
    exhaustividad = round(vistos / plantados, 3) if plantados else None
    precision = round(ciertos / hallazgos, 3) if hallazgos else None
    tope = TOPES.get(codigo, META)
    # De lo que no se plantó no se sabe cuánto se escapa; de lo que no se halló, cuánto se falla.
    bien = (exhaustividad is None or exhaustividad >= tope) and (precision is None or precision >= META)
    return {
        "codigo": codigo,
        "plantados": plantados,
        "hallazgos": hallazgos,
        "exhaustividad": exhaustividad,
        "precision": precision,
        "meta": f"{tope} de exhaustividad y {META} de precisión",
        "bien": bien,
    }


def corridos(pueblo: Pueblo) -> list[Plantado]:
    """Las casas que otro error plantado (E-TRAS) movió entera más de lo que pide E-DESP: también están corridas."""
    verdad, osm = Mundo(columnas(pueblo.verdad)), Mundo(columnas(pueblo.osm))
    encimadas = {o for p in pueblo.plantados if p.codigo == "E-TRAS" for o in p.objetos}
    buenas = dict(zip(verdad.edificios.clave, verdad.edificios.geom, strict=True))
    salida = []
    for clave, forma in zip(osm.edificios.clave, osm.edificios.geom, strict=True):
        de = pueblo.verdad_de.get(clave, ())
        if clave in encimadas and len(de) == 1 and de[0] in buenas:
            original = buenas[de[0]]
            igual = abs(forma.area - original.area) < 0.02 * original.area
            if igual and forma.centroid.distance(original.centroid) > CORRIDO_M:
                salida.append(
                    Plantado("E-DESP", (clave,), tuple(osm.a_grados([forma.centroid.x, forma.centroid.y])[0].tolist()))
                )
    return salida


def aciertos_de_faltantes(pueblo: Pueblo, dichos: Iterable[Hallazgo]) -> Cuenta:
    """De E-FALT se sabe la verdad completa: qué edificios de la verdad no son origen de ninguno de OSM."""
    verdad = Mundo(columnas(pueblo.verdad))
    en_osm = {f"w{v}" for v in pueblo.osm.vias} | {f"r{r}" for r in pueblo.osm.relaciones}
    estan = {de for clave in en_osm for de in pueblo.verdad_de.get(clave, ())}
    faltan = {k for k, clave in enumerate(verdad.edificios.clave) if clave not in estan}
    lugares = shapely.points([h.lugar for h in dichos if h.codigo == "E-FALT"])
    _, cuales = shapely.STRtree(referencia(pueblo)).query(lugares, predicate="intersects")
    vistos = set(cuales.tolist())
    return len(faltan), len(vistos), len(vistos & faltan), len(vistos & faltan)


def cuentas_de(semilla: int) -> dict[str, Cuenta]:
    """Las de cada regla en un municipio."""
    pueblo = generar(semilla)
    dichos = hallados(pueblo)
    plantados = [*pueblo.plantados, *corridos(pueblo)]
    return {
        regla.codigo: aciertos_de_faltantes(pueblo, dichos)
        if regla.codigo == "E-FALT"
        else aciertos(regla.codigo, plantados, dichos)
        for regla in CATALOGO
    }


def contra_lo_plantado(_url: str, semillas: Iterable[int] = SEMILLAS) -> list[dict[str, Any]]:
    """Exhaustividad y precisión de cada regla, en los pueblos de esas semillas juntos."""
    return _filas([cuentas_de(semilla) for semilla in semillas])


def _filas(cuentas: list[dict[str, Cuenta]]) -> list[dict[str, Any]]:
    return [fila_de(regla.codigo, [c[regla.codigo] for c in cuentas]) for regla in CATALOGO]


def lado_a_lado(afinados: list[dict[str, Any]], otros: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Las cifras de los otros municipios junto a las de los afinados; alcanza la meta la que la alcanza en los dos."""
    return [
        {
            **fila,
            **{
                f"{llave}_sin_afinar": otra[llave] for llave in ("plantados", "hallazgos", "exhaustividad", "precision")
            },
            "bien": fila["bien"] and otra["bien"],
        }
        for fila, otra in zip(afinados, otros, strict=True)
    ]


def en_los_que_nadie_afino(_url: str) -> list[dict[str, Any]]:
    """Lo mismo en `SEMILLAS` y, a su lado, en `SIN_AFINAR`: la meta es una para los dos. Y cuánto tardó."""
    inicio = time.perf_counter()
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as procesos:
        cuentas = list(procesos.map(cuentas_de, (*SEMILLAS, *SIN_AFINAR)))
    segundos = time.perf_counter() - inicio
    filas = lado_a_lado(_filas(cuentas[: len(SEMILLAS)]), _filas(cuentas[len(SEMILLAS) :]))
    tardo = {
        "medido": f"todas las reglas en {len(cuentas)} municipios",
        "segundos": round(segundos, 1),
        "meta": f"{SEGUNDOS} s o menos",
        "bien": segundos <= SEGUNDOS,
    }
    return [*filas, tardo]


def velocidad(_url: str) -> list[dict[str, Any]]:
    """Segundos de una ciudad, de un país y de una tarea, y si el costo crece parejo con los datos."""
    if not CIUDAD.is_file() or not PAIS.is_file():
        return [
            {"medido": "nada: faltan los datos reales", "meta": "tener los datos en ../shared/datos", "bien": False}
        ]
    ciudad = leer(CIUDAD)
    with tempfile.TemporaryDirectory(prefix="tequio-banco-") as carpeta:
        xml = _a_xml(CIUDAD, Path(carpeta) / "ciudad.osm")
        filas = [
            _fila("la ciudad entera, desde XML", 3.0, 3, lambda: revisar(Mundo(leer(xml)))),
            _fila("el país entero, desde PBF", 20.0, 3, lambda: revisar(Mundo(leer(PAIS)))),
        ]
    tarea = _tarea(ciudad)
    return [
        *filas,
        _fila("una tarea con su margen", 0.15, 21, lambda: revisar(Mundo(tarea))),
        _crecimiento(ciudad),
    ]


def _fila(medido: str, meta: float, veces: int, correr: Callable[[], Resultado]) -> dict[str, Any]:
    tiempos = [_segundos(correr) for _vuelta in range(veces)]
    resultado = correr()
    lenta = max(resultado.segundos.items(), key=lambda par: par[1])
    return {
        "medido": medido,
        "segundos": round(median(tiempos), 3),
        "hallazgos": len(resultado.hallazgos),
        "la_regla_mas_lenta": f"{lenta[0]}, {lenta[1]:.3f} s",
        "meta": f"{meta} s o menos",
        "bien": median(tiempos) <= meta and not resultado.fallas,
    }


def _segundos(correr: Callable[[], Resultado]) -> float:
    inicio = time.perf_counter()
    correr()
    return time.perf_counter() - inicio


def _a_xml(origen: Path, destino: Path) -> Path:
    with osmium.SimpleWriter(str(destino)) as salida:
        for objeto in osmium.FileProcessor(str(origen)):
            salida.add(objeto)
    return destino


def _tarea(ciudad: Columnas) -> Columnas:
    """Los `EDIFICIOS_DE_TAREA` más cercanos al edificio de en medio, y lo que pasa a `MARGEN_M` o menos de ellos, entero."""
    mundo = Mundo(ciudad)
    centros = shapely.get_coordinates(shapely.centroid(mundo.edificios.geom))
    medio = centros[np.argmin(np.hypot(*(centros - np.median(centros, axis=0)).T))]
    cerca = np.argsort(np.hypot(*(centros - medio).T), kind="stable")[:EDIFICIOS_DE_TAREA]
    zona = shapely.box(*shapely.total_bounds(mundo.edificios.geom[cerca])).buffer(MARGEN_M, join_style="mitre")
    hay = mundo.lineas != None  # noqa: E711
    toca = np.zeros(len(mundo.via_id), dtype=bool)
    toca[hay] = shapely.intersects(mundo.lineas[hay], zona)
    de_area = {int(c[1:]) for c in np.array(mundo.superficies.clave)[shapely.intersects(mundo.superficies.geom, zona)]
               if c[0] == "r"}  # fmt: skip
    relaciones = [r for r in ciudad.relaciones if r.id in de_area]
    vias = set(mundo.via_id[toca].tolist()) | {n for r in relaciones for tipo, n, _ in r.miembros if tipo == "w"}
    quedan = [k for k, v in enumerate(ciudad.via_id) if v in vias]
    dentro = shapely.intersects_xy(zona, *mundo.xy.T)
    nodos = set(mundo.nodo_id[dentro].tolist()) | {n for k in quedan for n in ciudad.via_nodos[k]}
    lugares = [k for k, n in enumerate(ciudad.nodo_id) if n in nodos]
    return Columnas(
        nodo_id=[ciudad.nodo_id[k] for k in lugares],
        nodo_version=[ciudad.nodo_version[k] for k in lugares],
        lon=[ciudad.lon[k] for k in lugares],
        lat=[ciudad.lat[k] for k in lugares],
        etiquetas_de_nodo={n: e for n, e in ciudad.etiquetas_de_nodo.items() if n in nodos},
        via_id=[ciudad.via_id[k] for k in quedan],
        via_version=[ciudad.via_version[k] for k in quedan],
        via_nodos=[ciudad.via_nodos[k] for k in quedan],
        via_etiquetas=[ciudad.via_etiquetas[k] for k in quedan],
        relaciones=relaciones,
    )


def _crecimiento(ciudad: Columnas) -> dict[str, Any]:
    """Cuánto más tardan `COPIAS` ciudades, una junto a otra, que ese número de veces una."""
    crs = Mundo(ciudad).crs
    tiempos, hallados = {}, {}
    for copias in (1, COPIAS):
        columnas = _copias(ciudad, copias)
        vueltas = [_segundos(lambda c=columnas: revisar(Mundo(c, crs))) for _ in range(5 if copias == 1 else 2)]  # type: ignore[misc]
        tiempos[copias] = min(vueltas)
        hallados[copias] = len(revisar(Mundo(columnas, crs)).hallazgos)
    razon = tiempos[COPIAS] / (COPIAS * tiempos[1])
    return {
        "medido": f"de 1 a {COPIAS} ciudades",
        "segundos_de_una": round(tiempos[1], 3),
        f"segundos_de_{COPIAS}": round(tiempos[COPIAS], 3),
        "razon": round(razon, 2),
        "hallazgos_de_una": hallados[1],
        f"hallazgos_de_{COPIAS}": hallados[COPIAS],
        "meta": f"1.3 o menos: {COPIAS} veces los datos, {COPIAS} veces el tiempo",
        "bien": razon <= 1.3,
    }


def _copias(ciudad: Columnas, cuantas: int) -> Columnas:
    mas = max(*ciudad.nodo_id, *ciudad.via_id, *(r.id for r in ciudad.relaciones)) + 1
    todas = Columnas()
    for k in range(cuantas):
        paso = k * mas
        todas.nodo_id += [n + paso for n in ciudad.nodo_id]
        todas.nodo_version += ciudad.nodo_version
        todas.lon += [lon + k * CORRIMIENTO for lon in ciudad.lon]
        todas.lat += ciudad.lat
        todas.etiquetas_de_nodo |= {n + paso: e for n, e in ciudad.etiquetas_de_nodo.items()}
        todas.via_id += [v + paso for v in ciudad.via_id]
        todas.via_version += ciudad.via_version
        todas.via_nodos += [[n + paso for n in nodos] for nodos in ciudad.via_nodos]
        todas.via_etiquetas += ciudad.via_etiquetas
        todas.relaciones += [
            replace(r, id=r.id + paso, miembros=tuple((t, n + paso, papel) for t, n, papel in r.miembros))
            for r in ciudad.relaciones
        ]
    return todas


if __name__ == "__main__":
    for fila in en_los_que_nadie_afino(""):
        print(*fila.values())
