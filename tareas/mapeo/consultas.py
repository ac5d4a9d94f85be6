"""Lecturas del trabajo sobre las tareas."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql
from tareas.comun.textos import _
from tareas.mapeo.errores import CursorInvalido, TareaDesconocida
from tareas.mapeo.reglas import Estado

SQL: dict[str, TextClause] = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}


CIFRAS_DE_CURSOR = 15
"""De cada parte de un cursor; con más, los milisegundos pasarían de la última fecha que la base conoce."""

TOPE_DE_CAMBIOS = 2000
"""Pasos que se revisan al buscar cambios; si hubo más desde el cursor, sale más barato darlo todo."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Hasta dónde ha visto un cliente: la transacción más vieja que seguía abierta, y la hora.

    Todo lo que se confirme después llevará ``tx >= xmin``, aunque haya empezado antes: así ningún cambio
    se escapa entre dos preguntas; a lo más, alguno se repite. La hora sirve para los bloqueos, que vencen sin que
    nadie escriba nada.
    """

    version: int
    xmin: int
    ms: int

    def __str__(self) -> str:
        return f"{self.version}.{self.xmin}.{self.ms}"

    @classmethod
    def leer(cls, texto: str) -> "Cursor":
        """Convierte el texto de un cliente.

        Raises
        ------
        CursorInvalido
        """
        partes = texto.split(".")
        if len(partes) != 3 or not all(p.isascii() and p.isdigit() and len(p) <= CIFRAS_DE_CURSOR for p in partes):
            raise CursorInvalido
        return cls(int(partes[0]), int(partes[1]), int(partes[2]))


def estados(sesion: Session, proyecto_id: int) -> dict[str, Any]:
    """Estado de todas las tareas, un byte cada una en orden de ``numero``.

    Returns
    -------
    dict
        ``version``, ``cursor``, ``total`` y ``estados`` (base64). El byte es el estado, más 16
        si está tomada para mapear o 32 para validar.
    """
    fila = sesion.execute(SQL["estados"], {"proyecto": proyecto_id}).one()
    arreglo = bytearray(fila.estados or b"")
    for numero_y_marca in fila.bloqueos or ():
        arreglo[numero_y_marca // 64 - 1] |= numero_y_marca % 64
    cursor = Cursor(fila.version, fila.xmin, fila.ms)
    return {
        "version": fila.version,
        "cursor": str(cursor),
        "total": fila.tareas_total,
        "estados": base64.b64encode(arreglo).decode(),
    }


def cambios(sesion: Session, proyecto_id: int, desde: str) -> dict[str, Any]:
    """Lo que cambió desde un cursor; si ya no se puede saber (otra versión, base restaurada), todo de nuevo.

    Returns
    -------
    dict
        ``version``, ``cursor``, ``total`` y ``cambios``: pares ``[numero, byte]``; o lo mismo que `estados`.
    """
    anterior = Cursor.leer(desde)
    fila = sesion.execute(
        SQL["cambios"], {"proyecto": proyecto_id, "xmin": anterior.xmin, "ms": anterior.ms, "tope": TOPE_DE_CAMBIOS}
    ).one()
    if anterior.version != fila.version or anterior.xmin > fila.xmin or fila.faltan:
        return estados(sesion, proyecto_id)
    cursor = Cursor(fila.version, fila.xmin, fila.ms)
    return {"version": fila.version, "cursor": str(cursor), "total": fila.tareas_total, "cambios": fila.cambios or []}


def _iso(momento: Any) -> str | None:
    return momento.isoformat() if momento is not None else None


def detalle(sesion: Session, proyecto_id: int, numero: int, persona_id: int | None) -> dict[str, Any]:
    """Todo lo que la ficha de una tarea muestra.

    Raises
    ------
    TareaDesconocida
    """
    fila = sesion.execute(
        SQL["detalle"], {"proyecto": proyecto_id, "numero": numero, "persona": persona_id}
    ).one_or_none()
    if fila is None:
        raise TareaDesconocida
    bloqueo = None
    if fila.persona_id is not None:
        mia = fila.persona_id == persona_id
        bloqueo = {
            "para": fila.para,
            "persona": fila.persona,
            "usuario": fila.usuario,
            "desde": _iso(fila.desde),
            "vence": _iso(fila.vence),
            "mia": mia,
        }
        if mia:
            bloqueo["ficha"] = fila.ficha
    reserva = None
    if fila.reservada_a is not None and fila.reservada_hasta > fila.ahora:
        reserva = {
            "persona": fila.reservada_nombre,
            "hasta": _iso(fila.reservada_hasta),
            "mia": fila.reservada_a == persona_id,
        }
    return {
        "numero": fila.numero,
        "estado": Estado(fila.estado).codigo,
        "bloqueo": bloqueo,
        "reserva": reserva,
        "la_mapee": fila.mia_alguna_vez,
        "viene_de": fila.viene_de,
        "partes": fila.partes,
        "prioridad": fila.prioridad,
        "area_m2": round(fila.area_m2, 1),
        "caja": fila.caja,
        "al_publicar": {"edificios": fila.edificios_al_publicar, "metros_vias": fila.metros_vias_al_publicar},
        "hoy": {"edificios": fila.edificios_hoy, "metros_vias": fila.metros_vias_hoy},
        "ahora": _iso(fila.ahora),
    }


def paso_json(fila: Row[Any]) -> dict[str, Any]:
    """Un paso del historial, como lo da la API."""
    return {
        "id": fila.id,
        "numero": fila.numero,
        "accion": fila.accion,
        "de": Estado(fila.de).codigo if fila.de is not None else None,
        "a": Estado(fila.a).codigo if fila.a is not None else None,
        "cuando": _iso(fila.cuando),
        "persona": {"id": fila.persona_id, "usuario": fila.usuario, "nombre": fila.nombre},
        "ficha": fila.ficha,
        "duracion_s": round(fila.duracion_s, 1) if fila.duracion_s is not None else None,
        "nota": fila.nota,
        "motivos": fila.motivos,
        "edificios": fila.edificios,
        "metros_vias": fila.metros_vias,
        "deshace": fila.deshace,
    }


def historial(
    sesion: Session, proyecto_id: int, numero: int, quien: int | None = None, *, valida: bool = False
) -> list[dict[str, Any]]:
    """Cada paso de una tarea, del primero al último.

    Parameters
    ----------
    quien, valida
        Quién mira, y si valida en el municipio. De un dictamen que alguien debe juzgar a ciegas, sólo quien lo dio y
        quien mapeó ven más que que lo hubo (``oculto``).

    Raises
    ------
    TareaDesconocida
    """
    pedido = {"proyecto": proyecto_id, "numero": numero, "quien": quien, "valida": valida}
    pasos = [_a_ciegas(paso_json(f)) if f.oculto else paso_json(f) for f in sesion.execute(SQL["historial"], pedido)]
    if not pasos:
        exigir_tarea(sesion, proyecto_id, numero)
    return pasos


def _a_ciegas(paso: dict[str, Any]) -> dict[str, Any]:
    nadie = {"id": None, "usuario": None, "nombre": _("Otra persona")}
    return {
        **paso,
        "a": None,
        "persona": nadie,
        "ficha": None,
        "duracion_s": None,
        "nota": None,
        "motivos": None,
        "oculto": True,
    }


def exigir_tarea(sesion: Session, proyecto_id: int, numero: int) -> None:
    """Levanta `TareaDesconocida` si no existe."""
    geometria(sesion, proyecto_id, numero)


def geometria(sesion: Session, proyecto_id: int, numero: int) -> bytes:
    """WKB de la tarea, EPSG:4326.

    Raises
    ------
    TareaDesconocida
    """
    wkb = sesion.execute(SQL["geometria"], {"proyecto": proyecto_id, "numero": numero}).scalar_one_or_none()
    if wkb is None:
        raise TareaDesconocida
    return bytes(wkb)


def contorno(sesion: Session, proyecto_id: int, numero: int) -> str:
    """La tarea como geometría GeoJSON (texto), EPSG:4326.

    Raises
    ------
    TareaDesconocida
    """
    parametros = {"proyecto": proyecto_id, "numero": numero}
    geojson: str | None = sesion.execute(SQL["contorno"], parametros).scalar_one_or_none()
    if geojson is None:
        raise TareaDesconocida
    return geojson


def actividad(
    sesion: Session, proyecto_id: int, limite: int = 20, quien: int | None = None, *, valida: bool = False
) -> list[dict[str, Any]]:
    """Últimas entregas, dictámenes, comentarios y divisiones de un proyecto.

    Como en `historial`, de lo que alguien debe juzgar a ciegas sólo se dice que se revisó (``oculto``). Una división es
    un renglón: ``clase``, las que ``dividen`` y las que ``quedan``.
    """
    pedido = {"proyecto": proyecto_id, "limite": limite, "quien": quien, "valida": valida}
    return [
        {
            "id": f.id,
            "numero": f.numero,
            "accion": f.accion,
            "a": Estado(f.a).codigo if f.a is not None and not f.oculto else None,
            "cuando": _iso(f.cuando),
            "persona": _("Otra persona") if f.oculto else f.nombre,
            "nota": None if f.oculto else f.nota,
            "oculto": f.oculto,
            "con_arreglos": f.con_arreglos and not f.oculto,
            **({"clase": f.clase, "dividen": f.dividen, "quedan": f.quedan} if f.accion == "division" else {}),
        }
        for f in sesion.execute(SQL["actividad"], pedido)
    ]


def mis_bloqueos(sesion: Session, persona_id: int) -> list[dict[str, Any]]:
    """Tareas que una persona tiene en sus manos ahora."""
    return [
        {**dict(f._mapping), "desde": _iso(f.desde), "vence": _iso(f.vence)}
        for f in sesion.execute(SQL["mis_bloqueos"], {"persona": persona_id})
    ]
