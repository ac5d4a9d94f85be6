"""Antes de entregar: lo de nivel 1 que la persona hizo en la tarea se arregla, o dice por qué lo deja."""

import json
from collections import Counter
from typing import Any

import shapely
from sqlalchemy.orm import Session

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Mundo
from tareas.calidad.evidencia.consultas import origen_de
from tareas.calidad.revisiones import consultas, presentacion, servicio
from tareas.calidad.revisiones.errores import PorArreglar
from tareas.calidad.revisiones.reglas import LISTADOS_AL_ENTREGAR, NIVEL_QUE_DETIENE, Respuesta
from tareas.mapeo.consultas import geometria
from tareas.mapeo.guardas import GUARDAS, Anotar, Entregando


def antes_de_entregar(sesion: Session, entrega: Entregando) -> Anotar | None:
    """Lo que falta por arreglar en la tarea; lo justificado, y cuánto se halló, se anotan con la entrega.

    Cuenta lo que hizo en éste y en sus turnos anteriores: lo que le devolvieron y sigue igual se pregunta otra vez,
    que aquella razón no convenció a quien revisó. La que nadie le señaló sigue valiendo.
    No detiene lo que nadie de aquí cree que sea error: reglas calladas en el municipio y falsas alarmas contestadas.

    Raises
    ------
    PorArreglar
        Con ``hallazgos``, como los da la API.
    """
    origen = origen_de(sesion, entrega.proyecto_id).origen
    if origen is None:
        return None
    tarea = (sesion, entrega.proyecto_id, entrega.numero, entrega.persona_id, origen)
    del_turno = consultas.claves_tocadas(*tarea, entrega.ficha)
    claves = del_turno | consultas.claves_suyas(*tarea, entrega.ficha)
    if not claves:
        return None
    zona = shapely.from_wkb(bytes(geometria(sesion, entrega.proyecto_id, entrega.numero)))
    mundo, resultado = servicio.revisar_zona(
        sesion, entrega.municipio_id, origen, zona, proyecto_id=entrega.proyecto_id
    )
    propios = [h for h in resultado.hallazgos if consultas.es_de(h, claves, mundo)]
    creidos = _sin_descartados(sesion, entrega.municipio_id, origen, propios)
    que_detienen = [h for h in creidos if h.nivel == NIVEL_QUE_DETIENE]
    faltan = [h for h in que_detienen if h.huella not in entrega.justificaciones]
    if faltan:
        dejados = consultas.dejados(sesion, entrega.proyecto_id, entrega.numero, entrega.persona_id)
        faltan = [h for h in faltan if h.huella not in dejados or consultas.es_de(h, del_turno, mundo)]
    if faltan:
        raise PorArreglar(
            total=len(faltan),
            hallazgos=presentacion.propiedades_con_geometria(
                sesion, entrega.municipio_id, origen, faltan[:LISTADOS_AL_ENTREGAR]
            ),
        )
    objetos = _objetos(del_turno, mundo)

    def anotar(escritura: Session) -> None:
        _contar(escritura, entrega, creidos, objetos)
        if dichos := [h for h in que_detienen if h.huella in entrega.justificaciones]:
            _anotar(escritura, entrega, dichos)

    return anotar


def _objetos(claves: frozenset[str], mundo: Mundo) -> int:
    """Cuántos objetos hay en ``claves``: los nodos sin etiquetas sólo son vértices."""
    con_etiquetas = {mundo.clave_de_nodo(n) for n, etiquetas in mundo.etiquetas_de_nodo.items() if etiquetas}
    return sum(clave[0] != "n" or clave in con_etiquetas for clave in claves)


def _contar(sesion: Session, entrega: Entregando, hallazgos: list[Hallazgo], objetos: int) -> None:
    niveles = Counter(h.nivel for h in hallazgos)
    sesion.execute(
        consultas.SQL["contar"],
        {
            "proyecto": entrega.proyecto_id,
            "numero": entrega.numero,
            "ficha": entrega.ficha,
            "municipio": entrega.municipio_id,
            "objetos": objetos,
            "nivel1": niveles[1],
            "nivel2": niveles[2],
            "nivel3": niveles[3],
            "codigos": json.dumps(Counter(h.codigo for h in hallazgos)),
        },
    )


def _sin_descartados(sesion: Session, municipio_id: int, origen: int, hallazgos: list[Hallazgo]) -> list[Hallazgo]:
    dichas = consultas.respuestas(sesion, municipio_id, origen, [h.huella for h in hallazgos])
    calladas = {c for c, p in consultas.precision(sesion, municipio_id).items() if p["callada"]}
    return [
        h
        for h in hallazgos
        if h.codigo not in calladas and dichas.get(h.huella, {}).get("respuesta") != Respuesta.FALSO
    ]


def _anotar(sesion: Session, entrega: Entregando, hallazgos: list[Hallazgo]) -> None:
    sesion.execute(
        consultas.SQL["justificar"],
        {
            "proyecto": entrega.proyecto_id,
            "numero": entrega.numero,
            "ficha": entrega.ficha,
            "municipio": entrega.municipio_id,
            "persona": entrega.persona_id,
            "hallazgos": json.dumps([_renglon(h, entrega.justificaciones[h.huella]) for h in hallazgos]),
        },
    )


def _renglon(hallazgo: Hallazgo, motivo: str) -> dict[str, Any]:
    lon, lat = hallazgo.lugar
    return {
        "huella": hallazgo.huella,
        "codigo": hallazgo.codigo,
        "objetos": list(hallazgo.objetos),
        "frase": hallazgo.frase,
        "datos": dict(hallazgo.datos),
        "lon": lon,
        "lat": lat,
        "motivo": motivo,
    }


GUARDAS.append(antes_de_entregar)
