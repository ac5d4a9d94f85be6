"""Lecturas de las revisiones: los datos que el motor revisa, y los hallazgos guardados."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.estadisticas.proporciones import wilson
from geo.revisiones.base.areas import VIAS_MAXIMAS, Relacion
from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Columnas, Mundo
from geo.revisiones.catalogo import VERSION
from tareas.calidad.revisiones.reglas import se_calla
from tareas.comun.bd import cargar_sql, filas
from tareas.municipios.errores import MunicipioNoEncontrado

SQL: Final = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}

METROS_DE_LO_PROPIO: Final = 50.0
"""Un vértice movido más lejos que esto del lugar de un hallazgo no lo hace de quien lo movió."""
Respuestas = Mapping[str, Mapping[str, Any]]

UNIDADES: Final = 10_000_000
"""Por grado, en las aulas."""


def columnas(
    sesion: Session,
    origen: int,
    zona: BaseGeometry,
    *,
    llaves: Sequence[str] | None = None,
    puntos_en: BaseGeometry | None = None,
) -> Columnas:
    """Todos los objetos, enteros, que tocan una zona.

    Parameters
    ----------
    origen : int
        0, los datos de OpenStreetMap que guardamos; si no, el aula.
    zona : geometría, EPSG:4326
        De un aula se toma su caja, y sólo lo que tenga en ella al menos un nodo.
    llaves
        Sólo las vías y áreas que tengan alguna, y lo que las forma; de un aula van todas.
    puntos_en : geometría, EPSG:4326
        Otra zona para los nodos con etiquetas.
    """
    return _del_aula(sesion, origen, zona) if origen else _de_osm(sesion, zona, llaves, puntos_en or zona)


def municipios_por_revisar(sesion: Session, municipio_id: int | None = None) -> list[Any]:
    """Los que tienen proyectos sobre los datos de verdad, o el pedido: ``id``, ``nombre``.

    Raises
    ------
    MunicipioNoEncontrado
    """
    encontrados = filas(sesion, SQL["municipios_por_revisar"], {"municipio": municipio_id})
    if municipio_id is not None and not encontrados:
        raise MunicipioNoEncontrado
    return encontrados


def a_ciegas(sesion: Session, proyecto_id: int, numero: int, persona_id: int | None) -> list[int]:
    """Quienes ya juzgaron la tarea, si esa persona todavía no debe saber qué dijeron."""
    pedido = {"proyecto": proyecto_id, "numero": numero, "persona": persona_id}
    return list(sesion.execute(SQL["a_ciegas"], pedido).scalars())


def respuestas(
    sesion: Session,
    municipio_id: int,
    origen: int,
    huellas: Iterable[str],
    menos_de: Iterable[int] = (),
    *,
    calla: bool = False,
) -> Respuestas:
    """La última respuesta de cada hallazgo, por huella; sin las de esas personas. ``calla``: tampoco las que dirían qué
    opinó quien revisó algo que otra persona debe juzgar a ciegas.
    """
    buscadas = {
        "municipio": municipio_id,
        "origen": origen,
        "huellas": list(huellas),
        "menos_de": list(menos_de),
        "calla": calla,
    }
    return {
        f.huella: {"respuesta": f.respuesta, "nota": f.nota, "persona": f.persona, "cuando": f.dicha.isoformat()}
        for f in filas(sesion, SQL["respuestas"], buscadas)
    }


def justificados(sesion: Session, proyecto_id: int, numero: int) -> Respuestas:
    """Por qué quien mapeó dejó así cada hallazgo, por huella; la última vez que lo dijo."""
    return {
        f.huella: {
            "motivo": f.motivo,
            "persona_id": f.persona_id,
            "persona": f.persona,
            "cuando": f.dicho.isoformat(),
            "ficha": f.ficha,
        }
        for f in filas(sesion, SQL["justificados"], {"proyecto": proyecto_id, "numero": numero})
    }


def precision(sesion: Session, municipio_id: int) -> dict[str, dict[str, Any]]:
    """De cada regla que alguien contestó en el municipio: ``errores``, ``falsos``, ``precision``, su intervalo de
    Wilson a 95 % y si está ``callada``. Con otros umbrales la regla es otra: lo que se contestó de antes no cuenta.
    """
    salida = {}
    for f in filas(sesion, SQL["precision"], {"municipio": municipio_id, "version": VERSION}):
        total = f.errores + f.falsos
        bajo, alto = wilson(f.errores, total)
        salida[f.codigo] = {
            "errores": f.errores,
            "falsos": f.falsos,
            "precision": round(f.errores / total, 3),
            "intervalo": [round(bajo, 3), round(alto, 3)],
            "callada": se_calla(f.errores, f.falsos),
        }
    return salida


def claves_tocadas(
    sesion: Session, proyecto_id: int, numero: int, persona_id: int, origen: int, ficha: int | None = None
) -> frozenset[str]:
    """Lo que una persona creó o cambió en su último turno de la tarea (con ``ficha``, en ése y sólo si sigue
    vigente), como ``w12``; los vértices, como nodos.
    """
    pedido = {"proyecto": proyecto_id, "numero": numero, "persona": persona_id, "ficha": ficha}
    turnos = filas(sesion, SQL["mi_turno"], pedido)
    if not turnos or turnos[0].uid is None:
        return frozenset()
    turno = turnos[0]
    ventana = {"origen": origen, "uid": turno.uid, "desde": turno.desde, "hasta": turno.hasta}
    return frozenset(f.clave for f in filas(sesion, SQL["tocado_por"], ventana))


def claves_suyas(
    sesion: Session, proyecto_id: int, numero: int, persona_id: int, origen: int, ficha: int | None = None
) -> frozenset[str]:
    """Lo que una persona creó o cambió en todos sus turnos de la tarea (con ``ficha``, sólo si ésa sigue vigente):
    entregarla no vuelve ajeno lo que hizo.
    """
    pedido = {"proyecto": proyecto_id, "numero": numero, "persona": persona_id, "origen": origen, "ficha": ficha}
    return frozenset(f.clave for f in filas(sesion, SQL["tocado_antes"], pedido))


def dejados(sesion: Session, proyecto_id: int, numero: int, persona_id: int) -> frozenset[str]:
    """Las huellas que esa persona ya dejó así, con su razón, sin que nadie se las señalara después."""
    pedido = {"proyecto": proyecto_id, "numero": numero, "persona": persona_id}
    return frozenset(f.huella for f in filas(sesion, SQL["dejados"], pedido))


def es_de(hallazgo: Hallazgo, claves: frozenset[str], mundo: Mundo) -> bool:
    """Si un hallazgo es de quien tocó ``claves``: uno de sus objetos o, de sus vías, un nodo cerca de su lugar.

    Mover la punta de una calle larga no hace de uno lo que ya estaba mal en la otra.
    """
    if not claves.isdisjoint(hallazgo.objetos):
        return True
    vias = [v for clave in hallazgo.objetos for v in _vias_de(clave, mundo)]
    if not claves.isdisjoint(mundo.clave_de_via(v) for v in vias):
        return True
    lugar = shapely.Point(mundo.a_metros([hallazgo.lugar])[0])
    nodos = {n for v in vias for n in mundo.nodos_de(v).tolist() if n >= 0}
    return any(
        mundo.clave_de_nodo(n) in claves and lugar.distance(shapely.Point(mundo.xy[n])) <= METROS_DE_LO_PROPIO
        for n in nodos
    )


def _vias_de(clave: str, mundo: Mundo) -> list[int]:
    """Las vías de un objeto, por posición: ella misma, o las de una relación de área."""
    numero = int(clave[1:])
    if clave[0] == "w":
        ids = [numero]
    elif clave[0] == "r":
        ids = [m for r in mundo.relaciones if r.id == numero for tipo, m, _ in r.miembros if tipo == "w"]
    else:
        ids = []
    return [v for n in ids if (v := mundo.posicion_de_via(n)) is not None]


def guardados(
    sesion: Session,
    municipio_id: int,
    *,
    codigo: str | None = None,
    nivel: int | None = None,
    caja: tuple[float, float, float, float] | None = None,
    desde: int = 0,
    limite: int,
    por_nivel: bool = False,
) -> list[tuple[int, Hallazgo]]:
    """Los hallazgos guardados de un municipio con su número, en orden; siguen a ``desde``.

    Con ``por_nivel`` va primero lo que más importa, y no se puede seguir por lotes.
    """
    pedido = {
        "municipio": municipio_id,
        "codigo": codigo,
        "nivel": nivel,
        "caja": None if caja is None else list(caja),
        "desde": desde,
        "limite": limite,
        "por_nivel": por_nivel,
    }
    return [(f.id, _hallazgo(f)) for f in filas(sesion, SQL["guardados"], pedido)]


def guardados_en(sesion: Session, municipio_id: int, codigos: list[str], zona: BaseGeometry) -> list[Hallazgo]:
    """Los guardados de esas reglas cuyo lugar cae en la zona (EPSG:4326)."""
    pedido = {"municipio": municipio_id, "codigos": codigos, "zona": shapely.to_wkb(zona)}
    return [_hallazgo(f) for f in filas(sesion, SQL["guardados_de_lugar"], pedido)]


def cuentas(sesion: Session, municipio_id: int) -> dict[str, dict[str, int]]:
    """Cuántos hay de cada regla, por nivel (``{"E-TRAS": {"1": 3, "2": 5}}``)."""
    salida: dict[str, dict[str, int]] = {}
    for f in filas(sesion, SQL["cuentas"], {"municipio": municipio_id}):
        salida.setdefault(f.codigo, {})[str(f.nivel)] = f.cuantos
    return salida


def ultima_revision(sesion: Session, municipio_id: int) -> dict[str, Any] | None:
    """Cuándo y con qué reglas se revisó el municipio; ``None`` si nunca."""
    encontrada = filas(sesion, SQL["revision"], {"municipio": municipio_id})
    if not encontrada:
        return None
    f = encontrada[0]
    return {
        "version_reglas": f.version_reglas,
        "hecha": f.hecha.isoformat(),
        "entera": f.entera.isoformat(),
        "fallas": f.fallas,
        "sin_revisar": f.omitidos,
    }


def _hallazgo(f: Any) -> Hallazgo:
    return Hallazgo(
        codigo=f.codigo,
        nivel=f.nivel,
        objetos=tuple(f.objetos),
        lugar=(f.lon, f.lat),
        frase=f.frase,
        datos=f.datos,
        donde=None if f.forma is None else shapely.from_wkb(bytes(f.forma)),
        sugerencia=f.sugerencia,
        versiones=tuple(f.versiones),
        huella=f.huella,
    )


def _de_osm(sesion: Session, zona: BaseGeometry, llaves: Sequence[str] | None, puntos_en: BaseGeometry) -> Columnas:
    pedido = {
        "zona": shapely.to_wkb(zona),
        "vias_maximas": VIAS_MAXIMAS,
        "llaves": None if llaves is None else [*llaves],
    }
    vias, relaciones = _separados(filas(sesion, SQL["vias_cerca"], pedido))
    salida = Columnas()
    _poner_vias(salida, filas(sesion, SQL["vias"], {"ids": vias}))
    _poner_relaciones(salida, filas(sesion, SQL["relaciones"], {"ids": relaciones}))
    sueltos = [f.id for f in filas(sesion, SQL["nodos_con_etiquetas"], {"zona": shapely.to_wkb(puntos_en)})]
    # Como texto: convertir miles de números uno por uno cuesta más que leerlos.
    juntos = filas(sesion, SQL["nodos"], {"ids": "{" + ",".join(map(str, _nodos_de(salida, sueltos))) + "}"})[0]
    if juntos.ids is not None:
        salida.nodo_id = np.frombuffer(juntos.ids, dtype=">i8").tolist()
        salida.nodo_version = np.frombuffer(juntos.versiones, dtype=">i4").tolist()
        salida.lon = np.frombuffer(juntos.lon, dtype=">f8").tolist()
        salida.lat = np.frombuffer(juntos.lat, dtype=">f8").tolist()
        salida.etiquetas_de_nodo = {int(numero): etiquetas for numero, etiquetas in (juntos.etiquetas or {}).items()}
    return salida


def _del_aula(sesion: Session, aula: int, zona: BaseGeometry) -> Columnas:
    oeste, sur, este, norte = (round(grados * UNIDADES) for grados in zona.bounds)
    caja = {"aula": aula, "oeste": oeste, "sur": sur, "este": este, "norte": norte}
    vias, relaciones = _separados(filas(sesion, SQL["practica_vias_cerca"], {**caja, "vias_maximas": VIAS_MAXIMAS}))
    salida = Columnas()
    elementos = SQL["practica_elementos"]
    _poner_vias(salida, filas(sesion, elementos, {"aula": aula, "tipo": "w", "ids": vias}))
    _poner_relaciones(salida, filas(sesion, elementos, {"aula": aula, "tipo": "r", "ids": relaciones}))
    sueltos = [f.id for f in filas(sesion, SQL["practica_nodos_con_etiquetas"], caja)]
    _poner_nodos(salida, filas(sesion, elementos, {"aula": aula, "tipo": "n", "ids": _nodos_de(salida, sueltos)}))
    return salida


def _separados(tocados: Iterable[Any]) -> tuple[list[int], list[int]]:
    vias: list[int] = []
    relaciones: list[int] = []
    for fila in tocados:
        (vias if fila.tipo == "w" else relaciones).append(fila.id)
    return vias, relaciones


def _nodos_de(salida: Columnas, sueltos: list[int]) -> list[int]:
    return list({n for nodos in salida.via_nodos for n in nodos}.union(sueltos))


def _poner_vias(salida: Columnas, leidas: Iterable[Any]) -> None:
    for fila in leidas:
        salida.via_id.append(fila.id)
        salida.via_version.append(fila.version)
        salida.via_nodos.append(fila.nodos)
        salida.via_etiquetas.append(fila.etiquetas or {})


def _poner_relaciones(salida: Columnas, leidas: Iterable[Any]) -> None:
    for fila in leidas:
        miembros = tuple((m[0], int(m[1:]), rol) for m, rol in zip(fila.miembros, fila.roles, strict=True))
        salida.relaciones.append(Relacion(fila.id, fila.version, fila.etiquetas or {}, miembros))


def _poner_nodos(salida: Columnas, leidos: Iterable[Any]) -> None:
    for fila in leidos:
        salida.nodo_id.append(fila.id)
        salida.nodo_version.append(fila.version)
        salida.lon.append(float(fila.lon))
        salida.lat.append(float(fila.lat))
        if fila.etiquetas:
            salida.etiquetas_de_nodo[fila.id] = fila.etiquetas
