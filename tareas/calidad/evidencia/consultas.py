"""Lecturas de la evidencia: por tarea, por persona y por proyecto."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from tareas.calidad.evidencia.errores import TurnoDesconocido
from tareas.calidad.evidencia.reglas import (
    METROS_FUERA,
    PARTE_FUERA,
    PUBLICAS_POR_MAPEADO,
    avisos,
    sin_cambios,
)
from tareas.comun.bd import cargar_sql
from tareas.comun.permisos import GESTIONAN, VALIDAN, Actor
from tareas.comun.textos import _
from tareas.datos_osm.consultas import datos_hasta
from tareas.mapeo.consultas import exigir_tarea
from tareas.mapeo.objetos import resumen
from tareas.mapeo.reglas import Estado

CUENTAS = (
    "dentro_creados",
    "dentro_modificados",
    "dentro_borrados",
    "fuera_creados",
    "fuera_modificados",
    "fuera_borrados",
    "fuera_aparte",
    "sin_lugar",
    "lejos_m",
    "edificios",
    "edificios_creados",
    "edificios_borrados",
    "metros_vias",
    "metros_vias_creadas",
    "puntos",
    "puntos_creados",
    "vertices_movidos",
    "vertices_fuera",
    "guardados",
    "segundos_edicion",
    "conjuntos",
)
"""Columnas de lo contado, sin la lista de objetos."""


def _cargar() -> dict[str, TextClause]:
    crudas = cargar_sql(Path(__file__).parent)
    turno = crudas["turno"]
    for de in ("e", "k"):
        turno = turno.replace(f"{{cuentas:{de}}}", ", ".join(f"{de}.{c}" for c in CUENTAS))
    return {nombre: text(sql.replace("{turno}", turno)) for nombre, sql in crudas.items() if nombre != "turno"}


SQL = _cargar()

VEN_AVISOS = VALIDAN | GESTIONAN
"""Quien, además de la propia persona, ve lo que salió mal."""

LIMITE_OBJETOS = 500


def ve_todo(actor: Actor, municipio_id: int) -> bool:
    """``True`` si ve los avisos de todas las personas."""
    return actor.tiene(VEN_AVISOS, municipio_id)


def origen_de(sesion: Session, proyecto_id: int) -> Row[Any]:
    """De dónde salen los cambios de un proyecto: ``origen`` (``None`` si su aula ya no existe), ``servidor_osm``,
    ``aula_id``.
    """
    return sesion.execute(SQL["origen"], {"proyecto": proyecto_id}).one()


def de_tarea(sesion: Session, proyecto_id: int, numero: int) -> list[Mapping[str, Any]]:
    """Los turnos de mapeo de una tarea, del primero al último, con lo que cada uno cambió.

    Raises
    ------
    TareaDesconocida
    """
    filas = _turnos(sesion, "de_tarea", proyecto=proyecto_id, numero=numero)
    if not filas:
        exigir_tarea(sesion, proyecto_id, numero)
    return filas


def _turnos(sesion: Session, consulta: str, **parametros: Any) -> list[Mapping[str, Any]]:
    return [dict(f) for f in sesion.execute(SQL[consulta], parametros).mappings()]


def de_persona(
    sesion: Session, persona_id: int, proyecto_id: int | None = None, limite: int = 100
) -> list[Mapping[str, Any]]:
    """Los últimos turnos de una persona que terminaron en entrega, del más nuevo al más viejo."""
    return _turnos(sesion, "de_persona", persona=persona_id, proyecto=proyecto_id, limite=limite)


def de_proyecto(sesion: Session, proyecto_id: int, limite: int = 200_000, salto: int = 0) -> list[Mapping[str, Any]]:
    """Todos los turnos de mapeo de un proyecto, por tarea."""
    return _turnos(sesion, "de_proyecto", proyecto=proyecto_id, limite=limite, salto=salto)


def por_persona(sesion: Session, proyecto_id: int) -> list[dict[str, Any]]:
    """Lo que cada persona mapeó de verdad en un proyecto, con lo ya asentado; las columnas son
    `COLUMNAS_POR_MAPEADO` y ``persona_id``. Ordenadas por nombre: no es una clasificación.
    """
    parametros = {"proyecto": proyecto_id, "parte": PARTE_FUERA, "metros": METROS_FUERA}
    filas = []
    for f in sesion.execute(SQL["por_persona"], parametros):
        faltan = f.entregas - f.firmes
        filas.append(
            {
                "persona_id": f.persona_id,
                "usuario": f.usuario,
                "nombre": f.nombre,
                # Sin una sola entrega contada y sin cuenta, un cero sería mentira.
                **(
                    {"edificios": None, "km_vias": None, "puntos": None} if f.desconocida and not f.firmes else _suma(f)
                ),
                "entregas": f.entregas,
                "por_confirmar": 0 if f.desconocida else faltan,
                "sin_cuenta": faltan if f.desconocida else 0,
                "objetos": f.objetos,
                "fuera": f.fuera,
                "vertices_movidos": f.vertices_movidos,
                "horas_edicion": None if f.segundos_edicion is None else round(f.segundos_edicion / 3600, 2),
                "sin_cambios": f.sin_cambios,
                "parte_sin_cambios": round(f.sin_cambios / f.firmes, 4) if f.firmes else None,
                "con_motivo": f.con_motivo,
                "avisos_fuera": f.avisos_fuera,
            }
        )
    return filas


def _suma(fila: Row[Any]) -> dict[str, Any]:
    return {"edificios": fila.edificios, "km_vias": round(fila.metros_vias / 1000, 3), "puntos": fila.puntos}


def personas_para(actor: Actor, municipio_id: int, filas: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Recorta `por_persona`: lo que salió mal lo ve la propia persona y quien valida o coordina."""
    todo = ve_todo(actor, municipio_id)
    return [
        fila if todo or fila["persona_id"] == actor.id else {c: fila[c] for c in PUBLICAS_POR_MAPEADO} for fila in filas
    ]


def totales(filas: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """La suma de lo que mapearon las personas de `por_persona`."""
    return {
        "edificios": sum(f["edificios"] or 0 for f in filas),
        "km_vias": round(sum(f["km_vias"] or 0 for f in filas), 3),
        "puntos": sum(f["puntos"] or 0 for f in filas),
        "entregas": sum(f["entregas"] for f in filas),
        "por_confirmar": sum(f["por_confirmar"] for f in filas),
        "sin_cuenta": sum(f["sin_cuenta"] for f in filas),
    }


def _iso(momento: datetime | None) -> str | None:
    return momento.isoformat() if momento is not None else None


def _km(metros: float | None) -> float | None:
    return None if metros is None else round(metros / 1000, 3)


def json_de_turno(turno: Mapping[str, Any], *, con_avisos: bool, datos: "Datos | None" = None) -> dict[str, Any]:
    """Un turno como lo da la API.

    Parameters
    ----------
    con_avisos
        Quien pregunta puede ver lo que salió mal de esa persona.
    datos
        Desde y hasta cuándo se conocen los cambios, para decir si el turno quedó antes.
    """
    conocida = turno["dentro_creados"] is not None
    cuerpo: dict[str, Any] = {
        "ficha": turno["ficha"],
        "persona": {"id": turno["persona_id"], "usuario": turno["usuario"], "nombre": turno["nombre"]},
        "desde": _iso(turno["tomada"]),
        "hasta": _iso(turno["hasta"]),
        "final": turno["final"],
        "resultado": Estado(turno["a"]).codigo if turno["a"] is not None else None,
        "paso": turno["paso"],
        "estado": "firme" if turno["firme"] else "por_confirmar",
        "cuenta": "conocida" if conocida else "desconocida",
        "explicacion": _explicacion(turno, datos),
        "ventana": {"desde": _iso(turno["ventana_desde"]), "hasta": _iso(turno["ventana_hasta"])},
        "motivo": turno["motivo"],
        "recontable": turno["recontable"],
    }
    for lado in ("dentro", "fuera"):
        cuerpo[lado] = {que: turno[f"{lado}_{que}"] for que in ("creados", "modificados", "borrados")}
    if con_avisos:
        cuerpo["fuera"].update(aparte=turno["fuera_aparte"], lejos_m=_redondo(turno["lejos_m"]))
    cuerpo |= {
        "edificios": turno["edificios"],
        "edificios_creados": turno["edificios_creados"],
        "edificios_borrados": turno["edificios_borrados"],
        "km_vias": _km(turno["metros_vias"]),
        "km_vias_creadas": _km(turno["metros_vias_creadas"]),
        "puntos": turno["puntos"],
        "puntos_creados": turno["puntos_creados"],
        "vertices_movidos": turno["vertices_movidos"],
        "sin_lugar": turno["sin_lugar"],
        "conjuntos": turno["conjuntos"],
        "guardados": turno["guardados"],
        "segundos_edicion": _redondo(turno["segundos_edicion"]),
        "avisos": [a.value for a in avisos(turno)] if con_avisos else None,
        "falta_motivo": con_avisos and falta_motivo(turno),
    }
    return cuerpo


def fila_de_turno(turno: Mapping[str, Any], *, con_avisos: bool) -> dict[str, Any]:
    """Un turno como renglón de `COLUMNAS_POR_EVIDENCIA`."""
    return {
        **turno,
        "estado": "firme" if turno["firme"] else "por_confirmar",
        "cuenta": "conocida" if turno["dentro_creados"] is not None else "desconocida",
        "lejos_m": _redondo(turno["lejos_m"]) if con_avisos else None,
        "km_vias": _km(turno["metros_vias"]),
        "km_vias_creadas": _km(turno["metros_vias_creadas"]),
        "segundos_edicion": _redondo(turno["segundos_edicion"]),
        "conjuntos": ";".join(map(str, turno["conjuntos"] or ())),
        "avisos": ";".join(a.value for a in avisos(turno)) if con_avisos else None,
    }


def falta_motivo(turno: Mapping[str, Any]) -> bool:
    """``True`` si se entregó mapeada, se sabe que dentro no cambió nada y nadie ha dicho por qué.

    En un aula se sabe en el acto; en OSM, cuando la evidencia es firme.
    """
    if turno["dentro_creados"] is None or turno["final"] != "entrega" or turno["a"] != Estado.MAPEADA:
        return False
    return (turno["firme"] or turno["origen"] > 0) and turno["motivo"] is None and sin_cambios(turno)


def _redondo(valor: float | None) -> float | None:
    return None if valor is None else round(valor, 1)


def _explicacion(turno: Mapping[str, Any], datos: "Datos | None") -> str | None:
    if turno["dentro_creados"] is not None:
        if not turno["firme"] and antes_de_saber(turno, datos):
            return _(
                "Es de antes de que aquí se siguieran los cambios de OpenStreetMap: no se puede saber todo lo que hizo."
            )
        return None
    if turno["origen"] is None:
        return _(
            "No hay de dónde contar: el aula donde se editaba ya no existe, o aquí no se siguen los cambios de ese "
            "servidor."
        )
    return _("No sabemos con qué cuenta de OSM editó: falta que la vincule en «Mi cuenta».")


def elegir_turno(turnos: Sequence[Mapping[str, Any]], ficha: int) -> Mapping[str, Any]:
    """El turno con esa ficha.

    Raises
    ------
    TurnoDesconocido
    """
    elegido = next((t for t in turnos if t["ficha"] == ficha), None)
    if elegido is None:
        raise TurnoDesconocido
    return elegido


def objetos(
    sesion: Session, turno: Mapping[str, Any], *, limite: int = LIMITE_OBJETOS, salto: int = 0
) -> dict[str, Any]:
    """FeatureCollection de lo que un turno cambió: lo más lejano de la tarea primero, los vértices al final.

    La geometría de cada rasgo es como quedó, o como estaba si se borró; en ``properties``, ``antes`` y ``despues``
    (GeoJSON o ``None``), las etiquetas de antes y de después, ``accion``, ``dentro`` y ``metros_fuera``; ``forma`` es
    cierto si no tiene versión nueva y sólo cambió de forma, porque se movieron sus nodos o cambiaron sus vías.
    """
    vacia: dict[str, Any] = {"type": "FeatureCollection", "total": 0, "features": []}
    if turno["dentro_creados"] is None:
        return vacia
    parametros = {
        "proyecto": turno["proyecto"],
        "numero": turno["numero"],
        "origen": turno["origen"],
        "uid": turno["uid"],
        "desde": turno["ventana_desde"],
        "hasta": turno["ventana_hasta"],
        "limite": limite,
        "salto": salto,
    }
    filas = sesion.execute(SQL["objetos"], parametros).all()
    return {
        **vacia,
        "total": filas[0].total if filas else 0,
        "features": [
            {
                "type": "Feature",
                "geometry": f.geometria or f.geometria_antes,
                "properties": {
                    "tipo": f.tipo,
                    "id": f.osm_id,
                    "version": f.version,
                    "accion": f.accion,
                    "vertice": f.vertice,
                    "forma": f.forma,
                    "clase": f.clase or f.clase_antes,
                    "dentro": f.dentro,
                    "metros_fuera": _redondo(f.metros_fuera),
                    "edificios": f.edificios,
                    "metros_vias": float(f.metros),
                    "puntos": f.puntos,
                    "conjunto": f.conjunto,
                    "cuando": _iso(f.cuando),
                    "etiquetas": f.etiquetas,
                    "etiquetas_antes": f.etiquetas_antes,
                    "resumen": resumen(f.etiquetas or f.etiquetas_antes),
                    "antes": f.geometria_antes,
                    "despues": f.geometria,
                },
            }
            for f in filas
        ],
    }


def diferencias(sesion: Session, proyecto_id: int | None = None) -> list[dict[str, Any]]:
    """Lo asentado que no da lo mismo al volver a contarlo de los datos, con los campos en que difiere.

    Lo que ya no se puede recontar (el aula se reinició) no entra.
    """
    return [dict(f) for f in sesion.execute(SQL["diferencias"], {"proyecto": proyecto_id}).mappings()]


class Datos(NamedTuple):
    """Entre qué momentos se conocen todos los cambios de un origen; ``desde`` es ``None`` si no hay límite."""

    origen: int
    desde: datetime | None
    hasta: datetime


def datos_de(sesion: Session, origen: int) -> Datos | None:
    """Qué tanto se sabe de un origen; ``None`` si nada."""
    hasta = datos_hasta(sesion, origen)
    if hasta is None:
        return None
    return Datos(origen, sesion.execute(SQL["datos_desde"], {"origen": origen}).scalar_one(), hasta)


def origenes(sesion: Session, proyecto_id: int | None = None) -> list[Datos]:
    """De dónde salen los cambios de los proyectos; sin los orígenes de los que nada se sabe."""
    encontrados = sesion.execute(SQL["origenes"], {"proyecto": proyecto_id}).scalars().all()
    return [datos for o in encontrados if (datos := datos_de(sesion, o)) is not None]


def hay_por_asentar(turnos: Sequence[Mapping[str, Any]], datos: Datos | None) -> bool:
    """``True`` si algún turno ya se puede asentar con los datos que hay."""
    return datos is not None and any(
        not t["firme"]
        and t["uid"] is not None
        and t["ventana_hasta"] is not None
        and t["ventana_hasta"] <= datos.hasta
        and not antes_de_saber(t, datos)
        for t in turnos
    )


def antes_de_saber(turno: Mapping[str, Any], datos: Datos | None) -> bool:
    """``True`` si el turno empezó antes de que aquí se anotaran los cambios de su origen: nunca se sabrá todo."""
    return datos is not None and datos.desde is not None and turno["tomada"] < datos.desde
