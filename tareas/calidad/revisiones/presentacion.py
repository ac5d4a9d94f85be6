"""Los hallazgos y las reglas como los dan la API y las páginas, en el idioma de quien lee."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache
from typing import Any

import shapely
from flask_babel import get_locale
from sqlalchemy.orm import Session

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.regla import CAMPOS
from geo.revisiones.catalogo import CATALOGO, POR_CODIGO, VERSION
from geo.revisiones.croquis import Croquis, croquis
from geo.revisiones.salida import coleccion
from tareas.calidad.evidencia.consultas import origen_de
from tareas.calidad.revisiones import consultas, servicio
from tareas.calidad.revisiones.errores import ReglaDesconocida
from tareas.calidad.revisiones.reglas import A_LA_VISTA, MAXIMO_POR_PAGINA, NIVELES, POCAS, SIN_REVISAR
from tareas.comun.textos import _, llenar
from tareas.mapeo.consultas import geometria

DECIMALES_DE_LO_AJENO = 4
"""Grados con que se dice dónde falta algo de la referencia: unos 11 m."""


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


def regla(codigo: str) -> dict[str, Any]:
    """Una regla del catálogo con su dibujo: ``croquis`` es ``{svg, nivel, frase}``.

    Raises
    ------
    ReglaDesconocida
    """
    dicha = next((r for r in reglas()["reglas"] if r["codigo"] == codigo), None)
    if dicha is None:
        raise ReglaDesconocida
    return {**dicha, "croquis": asdict(_croquis(codigo, idioma()))}


def reglas_con_croquis() -> list[dict[str, Any]]:
    """Como `reglas`, con sus umbrales en palabras y su dibujo (SVG nuestro: nada de fuera entra en él)."""
    lengua = idioma()
    return [
        {
            **dicha,
            "umbrales": POR_CODIGO[dicha["codigo"]].umbrales_dichos(lengua),
            "croquis": _croquis(dicha["codigo"], lengua),
        }
        for dicha in reglas()["reglas"]
    ]


@cache
def _croquis(codigo: str, lengua: str) -> Croquis:
    return croquis(POR_CODIGO[codigo], lengua)


def titulos() -> dict[str, str]:
    """Cómo se llama cada regla."""
    return {r.codigo: r.textos[idioma()]["titulo"] for r in CATALOGO}


def niveles() -> dict[int, str]:
    """Cómo se dice cada nivel."""
    return {nivel: llenar(dicho, {}) for nivel, dicho in NIVELES.items()}


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
    mundo, resultado = servicio.revisar_zona(
        sesion, municipio_id, de.origen, zona, proyecto_id=proyecto_id, con_referencia=con_referencia
    )
    tocadas = (
        frozenset()
        if persona_id is None
        else consultas.claves_tocadas(sesion, proyecto_id, numero, persona_id, de.origen)
        | consultas.claves_suyas(sesion, proyecto_id, numero, persona_id, de.origen)
    )
    mias = {h.huella for h in resultado.hallazgos if consultas.es_de(h, tocadas, mundo)}
    salida = {
        **cuerpo,
        **_con_respuestas(
            sesion,
            municipio_id,
            de.origen,
            resultado.hallazgos,
            menos_de=consultas.a_ciegas(sesion, proyecto_id, numero, persona_id),
        ),
        "sin_revisar": dict(resultado.omitidos),
        "fallas": [f.codigo for f in resultado.fallas],
    }
    por_que = consultas.justificados(sesion, proyecto_id, numero)
    for rasgo in salida["features"]:
        rasgo["properties"]["justificado"] = por_que.get(rasgo["properties"]["huella"])
        rasgo["properties"]["mio"] = rasgo["properties"]["huella"] in mias
    return salida


def de_municipio(
    sesion: Session, municipio_id: int, pedido: dict[str, Any], lengua: str | None = None
) -> dict[str, Any]:
    """Los hallazgos guardados, por lotes: ``siguiente`` es de dónde seguir, o ``None``.

    Sin ``lengua``, en la de la petición.
    """
    encontrados = consultas.guardados(sesion, municipio_id, **pedido)
    lleno = len(encontrados) == pedido["limite"]
    juntos = _con_respuestas(sesion, municipio_id, 0, [h for _, h in encontrados], lengua, calla=True)
    for rasgo in juntos["features"]:
        # Se contestó en una tarea, quizá de un proyecto privado: aquí sólo se dice qué, no quién ni con qué nota.
        if (dicha := rasgo["properties"]["respuesta"]) is not None:
            rasgo["properties"]["respuesta"] = {"respuesta": dicha["respuesta"]}
    return {
        **juntos,
        "siguiente": encontrados[-1][0] if lleno else None,
    }


def opciones_de_filtro() -> dict[str, list[tuple[str, str]]]:
    """Lo que se elige en la página de calidad de un municipio: valor y nombre. Lo de la referencia no se guarda."""
    propias = [(codigo, titulo) for codigo, titulo in titulos().items() if not POR_CODIGO[codigo].de_referencia]
    return {
        "codigo": [("", _("Todas")), *propias],
        "nivel": [("", _("Todos")), *((str(n), texto) for n, texto in niveles().items())],
    }


def calidad(sesion: Session, municipio_id: int, codigo: str, nivel: str) -> dict[str, Any]:
    """Lo que muestra la página de calidad de un municipio: cuentas por regla, cuánto acierta cada una, qué no se pudo
    revisar y los primeros hallazgos que pasan el filtro.
    """
    cuentas, aciertos = consultas.cuentas(sesion, municipio_id), consultas.precision(sesion, municipio_id)
    filtro = {"codigo": codigo or None, "nivel": int(nivel) if nivel else None}
    llamadas = titulos()
    revision = consultas.ultima_revision(sesion, municipio_id)
    primeros = de_municipio(sesion, municipio_id, {**filtro, "limite": A_LA_VISTA, "por_nivel": True})["features"]
    # Las que comparan con la referencia no se guardan: un cero diría que no falta nada.
    propias = [c for c in llamadas if not POR_CODIGO[c].de_referencia]
    filas = [_fila(c, llamadas[c], cuentas.get(c, {}), aciertos.get(c)) for c in propias]
    return {
        "revision": revision,
        "hecha": None if revision is None else datetime.fromisoformat(revision["hecha"]),
        "sin_revisar": [] if revision is None else _sin_revisar(revision["sin_revisar"]),
        "fallas": [] if revision is None else [llamadas.get(f["codigo"], f["codigo"]) for f in revision["fallas"]],
        # Primero donde más hay por arreglar.
        "filas": sorted(filas, key=lambda f: [-f["niveles"][n] for n in NIVELES]),
        "por_nivel": {n: sum(f["niveles"][n] for f in filas) for n in NIVELES},
        "total": sum(
            n for c, propias in cuentas.items() for k, n in propias.items() if codigo in ("", c) and nivel in ("", k)
        ),
        "primeros": [r["properties"] for r in primeros],
    }


def filas_de_descarga(
    abrir: Callable[[], AbstractContextManager[Session]], municipio_id: int, codigo: str, nivel: str, lengua: str
) -> Iterator[dict[str, Any]]:
    """Un renglón por hallazgo (`tareas.calidad.revisiones.reglas.COLUMNAS_DE_HALLAZGO`): todos, por lotes.

    Parameters
    ----------
    abrir : callable
        Da una sesión de lectura propia para cada lote: quien descarga despacio no deja ninguna ocupada.
    """
    pedido = {"codigo": codigo or None, "nivel": int(nivel) if nivel else None, "limite": MAXIMO_POR_PAGINA}
    desde: int | None = 0
    while desde is not None:
        with abrir() as sesion:
            lote = de_municipio(sesion, municipio_id, {**pedido, "desde": desde}, lengua)
        desde = lote["siguiente"]
        for p in (r["properties"] for r in lote["features"]):
            yield {
                **p,
                "revision": p["titulo"],
                "objetos": " ".join(p["objetos"]),
                "lon": round(p["lugar"][0], 7),
                "lat": round(p["lugar"][1], 7),
                "respuesta": (p["respuesta"] or {}).get("respuesta"),
                "callada": "si" if p["callada"] else "no",
            }


def _fila(codigo: str, titulo: str, niveles_: dict[str, int], acierto: dict[str, Any] | None) -> dict[str, Any]:
    propios = {n: niveles_.get(str(n), 0) for n in NIVELES}
    fila = {"codigo": codigo, "titulo": titulo, "niveles": propios, "total": sum(propios.values())}
    return {**fila, "callada": bool(acierto and acierto["callada"]), "acierto": acierto and _acierto(acierto)}


def _acierto(p: dict[str, Any]) -> dict[str, str]:
    total = p["errores"] + p["falsos"]
    bajo, alto = (round(100 * extremo) for extremo in p["intervalo"])
    if total < POCAS:
        dicho = _("acertó %(n)s de %(total)s", n=p["errores"], total=total)
    else:
        dicho = _("acierta %(n)s de cada 10, de %(total)s respuestas", n=round(10 * p["precision"]), total=total)
    return {"dicho": dicho, "intervalo": _("entre %(bajo)s y %(alto)s\u00a0%%", bajo=bajo, alto=alto)}


def _sin_revisar(omitidos: dict[str, int]) -> list[tuple[str, int]]:
    return [(llenar(SIN_REVISAR[m], {}) if m in SIN_REVISAR else m, n) for m, n in sorted(omitidos.items()) if n]


def propiedades_con_geometria(
    sesion: Session, municipio_id: int, origen: int, hallazgos: Iterable[Hallazgo]
) -> list[dict[str, Any]]:
    """Cada hallazgo en un renglón: sus propiedades y su ``geometria`` (GeoJSON)."""
    rasgos = _con_respuestas(sesion, municipio_id, origen, hallazgos)["features"]
    return [{**r["properties"], "geometria": r["geometry"]} for r in rasgos]


def _sin_copiarla(hallazgo: Hallazgo) -> Hallazgo:
    """Lo que falta según la referencia, dicho sin entregarla: por dónde (a unos 11 m) y de qué tamaño (a decenas).

    Con el punto exacto de cada huella y su área, juntar los hallazgos sería copiar el catastro.
    """
    if hallazgo.codigo != "E-FALT":
        return hallazgo
    lon, lat = hallazgo.lugar
    datos = {**hallazgo.datos, "m2": max(10, round(hallazgo.datos["m2"], -1))}
    return replace(hallazgo, lugar=(round(lon, DECIMALES_DE_LO_AJENO), round(lat, DECIMALES_DE_LO_AJENO)), datos=datos)


def _con_respuestas(
    sesion: Session,
    municipio_id: int,
    origen: int,
    hallazgos: Iterable[Hallazgo],
    lengua: str | None = None,
    menos_de: Iterable[int] = (),
    calla: bool = False,
) -> dict[str, Any]:
    lengua = lengua or idioma()
    juntos = [_sin_copiarla(h) for h in hallazgos]
    salida = coleccion(juntos, lengua)
    dichas = consultas.respuestas(sesion, municipio_id, origen, [h.huella for h in juntos], menos_de, calla=calla)
    calladas = {c for c, p in consultas.precision(sesion, municipio_id).items() if p["callada"]}
    for rasgo in salida["features"]:
        propias = rasgo["properties"]
        propias["titulo"] = POR_CODIGO[propias["codigo"]].textos[lengua]["titulo"]
        propias["respuesta"] = dichas.get(propias["huella"])
        propias["callada"] = propias["codigo"] in calladas
    return salida
