"""Los hallazgos y las reglas como los dan la API y las páginas, en el idioma de quien lee."""

from collections.abc import Iterable
from typing import Any

import shapely
from flask_babel import get_locale
from sqlalchemy.orm import Session

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.regla import CAMPOS
from geo.revisiones.catalogo import CATALOGO, POR_CODIGO, VERSION
from geo.revisiones.salida import coleccion
from tareas.calidad.evidencia.consultas import origen_de
from tareas.calidad.revisiones import consultas, servicio
from tareas.mapeo.consultas import geometria


def idioma() -> str:
    """``es`` o ``en``."""
    return "en" if str(get_locale() or "es").startswith("en") else "es"


def reglas() -> dict[str, Any]:
    """El catálogo: qué busca cada regla, por qué importa, cómo se arregla y en qué se equivoca."""
    lengua = idioma()
    return {
        "version": VERSION,
        "reglas": [
            {"codigo": r.codigo, **{c: r.textos[lengua][c] for c in CAMPOS}, "umbrales": dict(r.umbrales)}
            for r in CATALOGO
        ],
    }


def de_tarea(
    sesion: Session,
    *,
    municipio_id: int,
    proyecto_id: int,
    numero: int,
    persona_id: int | None,
    con_referencia: bool = False,
) -> dict[str, Any]:
    """Lo que se halla hoy en una tarea: FeatureCollection, con las respuestas ya dadas y cuáles son de ``persona_id``.

    Raises
    ------
    TareaDesconocida
    """
    de = origen_de(sesion, proyecto_id)
    zona = shapely.from_wkb(bytes(geometria(sesion, proyecto_id, numero)))
    cuerpo: dict[str, Any] = {"version_reglas": VERSION, "origen": de.origen, "servidor": de.servidor_osm}
    if de.origen is None:
        return {**cuerpo, **coleccion([]), "sin_revisar": {}, "fallas": []}
    mundo, resultado = servicio.revisar_zona(sesion, municipio_id, de.origen, zona, con_referencia=con_referencia)
    tocadas = (
        frozenset()
        if persona_id is None
        else consultas.claves_tocadas(sesion, proyecto_id, numero, persona_id, de.origen)
    )
    mias = {h.huella for h in resultado.hallazgos if consultas.es_de(h, tocadas, mundo)}
    salida = {
        **cuerpo,
        **_con_respuestas(sesion, municipio_id, de.origen, resultado.hallazgos),
        "sin_revisar": dict(resultado.omitidos),
        "fallas": [f.codigo for f in resultado.fallas],
    }
    por_que = consultas.justificados(sesion, proyecto_id, numero)
    for rasgo in salida["features"]:
        rasgo["properties"]["justificado"] = por_que.get(rasgo["properties"]["huella"])
        rasgo["properties"]["mio"] = rasgo["properties"]["huella"] in mias
    return salida


def de_municipio(sesion: Session, municipio_id: int, pedido: dict[str, Any]) -> dict[str, Any]:
    """Los hallazgos guardados, por lotes: ``siguiente`` es de dónde seguir, o ``None``."""
    encontrados = consultas.guardados(sesion, municipio_id, **pedido)
    lleno = len(encontrados) == pedido["limite"]
    return {
        **_con_respuestas(sesion, municipio_id, 0, [h for _, h in encontrados]),
        "siguiente": encontrados[-1][0] if lleno else None,
    }


def propiedades_con_geometria(
    sesion: Session, municipio_id: int, origen: int, hallazgos: Iterable[Hallazgo]
) -> list[dict[str, Any]]:
    """Cada hallazgo en un renglón: sus propiedades y su ``geometria`` (GeoJSON)."""
    rasgos = _con_respuestas(sesion, municipio_id, origen, hallazgos)["features"]
    return [{**r["properties"], "geometria": r["geometry"]} for r in rasgos]


def _con_respuestas(sesion: Session, municipio_id: int, origen: int, hallazgos: Iterable[Hallazgo]) -> dict[str, Any]:
    juntos = list(hallazgos)
    salida = coleccion(juntos, idioma())
    dichas = consultas.respuestas(sesion, municipio_id, origen, [h.huella for h in juntos])
    calladas = {c for c, p in consultas.precision(sesion, municipio_id).items() if p["callada"]}
    for rasgo in salida["features"]:
        propias = rasgo["properties"]
        propias["titulo"] = POR_CODIGO[propias["codigo"]].textos[idioma()]["titulo"]
        propias["respuesta"] = dichas.get(propias["huella"])
        propias["callada"] = propias["codigo"] in calladas
    return salida
