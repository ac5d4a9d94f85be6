"""Cómo se dice un proyecto en la API y en las páginas."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Row

from tareas.proyectos.consultas import LoteDeTareas
from tareas.proyectos.reglas import palabra_de_prioridad


def resumen(fila: Row[Any], cuentas: dict[str, int]) -> dict[str, Any]:
    """Un proyecto de una lista, con sus tareas por estado."""
    return {
        "id": fila.id,
        "nombre": fila.nombre,
        "descripcion": fila.descripcion,
        "estado": fila.estado,
        "visibilidad": fila.visibilidad,
        "version": fila.version,
        "prioridad": fila.prioridad,
        "area_m2": round(fila.area_m2, 1),
        "caja": list(fila.caja),
        "tareas_total": fila.tareas_total,
        "tareas": cuentas,
        "avance": avance(cuentas),
        "creado": _momento(fila.creado),
        "publicado": _momento(fila.publicado),
        "servidor_osm": fila.servidor_osm,
        "aula": fila.aula_id,
        "municipio": {
            "id": fila.municipio_id,
            "clave": fila.municipio_clave,
            "nombre": fila.municipio_nombre,
            "entidad": fila.municipio_entidad,
            "zona_horaria": fila.zona_horaria,
            "ficticio": fila.ficticio,
        },
    }


def completo(fila: Row[Any], cuentas: dict[str, int]) -> dict[str, Any]:
    """Todo lo que se dice de un proyecto."""
    return {
        **resumen(fila, cuentas),
        "numeros": fila.numeros,
        "instrucciones": fila.instrucciones,
        "minutos_bloqueo": fila.minutos_bloqueo,
        "division": fila.division,
        "imagenes": imagenes_vigentes(fila),
        "imagenes_retiradas": [capa["nombre"] for capa in fila.imagenes_retiradas],
        "comentario_conjunto": fila.comentario_conjunto,
        "etiquetas_conjunto": fila.etiquetas_conjunto,
        "editores": fila.editores,
        "editores_ocultos": fila.editores_ocultos,
        "presets": fila.presets,
        "desplazamiento": fila.desplazamiento,
        "archivado": _momento(fila.archivado),
        "teselas": f"/teselas/proyectos/{fila.id}/{fila.version}/{{z}}/{{x}}/{{y}}.mvt",
    }


def imagenes_vigentes(fila: Row[Any]) -> list[dict[str, Any]]:
    """Las capas de imagen del proyecto, sin las del municipio que se retiraron."""
    return [capa for capa in fila.imagenes or [] if capa not in fila.imagenes_retiradas]


def avance(cuentas: dict[str, int]) -> dict[str, float]:
    """Fracción de las tareas ya mapeadas (o sin imagen) y de las validadas; las divididas no cuentan."""
    total = sum(n for estado, n in cuentas.items() if estado != "dividida")
    if not total:
        return {"mapeado": 0.0, "validado": 0.0}
    hechas = cuentas["mapeada"] + cuentas["validada"] + cuentas["sin_imagen"]
    return {"mapeado": round(hechas / total, 4), "validado": round(cuentas["validada"] / total, 4)}


def coleccion(lotes: Iterable[LoteDeTareas], por_pagina: int | None, direccion: Callable[[int], str]) -> Iterator[str]:
    """FeatureCollection de las tareas, trozo por trozo.

    Parameters
    ----------
    lotes : iterable of LoteDeTareas
        Con páginas, hasta una tarea más de las que caben.
    por_pagina : int or None
        Cuántas caben en la página; sin páginas no hay miembro ``siguiente``.
    direccion : callable
        Dirección de la página que empieza en un número.
    """
    van = 0
    siguiente: int | None = None
    yield '{"type":"FeatureCollection","features":['
    for numeros, rasgos in lotes:
        caben = len(rasgos) if por_pagina is None else por_pagina - van
        if len(rasgos) > caben:
            siguiente = numeros[caben]
        if rasgos[:caben]:
            yield ("," if van else "") + ",".join(rasgos[:caben])
        van += len(rasgos[:caben])
    if por_pagina is None:
        yield "]}"
    else:
        yield '],"siguiente":' + json.dumps(None if siguiente is None else direccion(siguiente)) + "}"


def por_palabra(tramos: Iterable[tuple[int, int, int]]) -> dict[str, list[list[int]]]:
    """Tramos ``(prioridad, desde, hasta)`` como ``{palabra: [[desde, hasta], …]}``."""
    palabras: dict[str, list[list[int]]] = {}
    for prioridad, desde, hasta in tramos:
        palabras.setdefault(palabra_de_prioridad(prioridad), []).append([desde, hasta])
    return palabras


def dicho_en_tramos(numeros: Sequence[int], total: int) -> str:
    """Números de tareas en orden, con los seguidos juntos: «1–4, 9»; «…» si son más que los que llegaron."""
    tramos: list[list[int]] = []
    for numero in numeros:
        if tramos and numero == tramos[-1][1] + 1:
            tramos[-1][1] = numero
        else:
            tramos.append([numero, numero])
    dicho = ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in tramos)
    return f"{dicho}…" if total > len(numeros) else dicho


def _momento(cuando: Any) -> str | None:
    return None if cuando is None else cuando.isoformat()
