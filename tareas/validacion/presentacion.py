"""Los dictámenes como los dan la API y las páginas, en el idioma de quien lee y sin lo que no debe ver."""

from typing import Any

from flask_babel import get_locale
from sqlalchemy.orm import Session

from geo.revisiones.catalogo import POR_CODIGO
from tareas.comun.permisos import Actor
from tareas.comun.textos import _, llenar, n_
from tareas.mapeo.consultas import exigir_tarea
from tareas.validacion import consultas, fortalezas
from tareas.validacion.reglas import (
    LLEVA_A,
    MOTIVOS,
    POR_BANDA,
    POR_BANDA_EN_PRACTICA,
    SE_CARGAN,
    Banda,
    Clase,
    Veredicto,
)


def error_dicho(codigo: str) -> dict[str, Any]:
    """Un código de la lista con lo que su revisión automática enseña: ``texto``, ``titulo``, ``por_que``, ``como``,
    ``trampa`` (nulos si no la tiene) y ``se_carga`` a quien mapeó.
    """
    texto = llenar(MOTIVOS[codigo], {}) if codigo in MOTIVOS else codigo
    regla = POR_CODIGO.get(codigo)
    dicho = regla.textos["en" if str(get_locale() or "es").startswith("en") else "es"] if regla is not None else {}
    return {
        "codigo": codigo,
        "texto": texto,
        "titulo": dicho.get("titulo", texto),
        "por_que": dicho.get("por_que"),
        "como": dicho.get("como"),
        "trampa": dicho.get("trampa"),
        "se_carga": codigo in SE_CARGAN,
    }


BANDAS = tuple(Banda)


def cola(sesion: Session, proyecto_id: int, persona_id: int, **pedido: Any) -> dict[str, Any]:
    """La cola de revisión (`tareas.validacion.consultas.cola`), con el porqué del lugar de cada tarea en una frase."""
    total, en_mis_manos, filas = consultas.cola(sesion, proyecto_id, persona_id, **pedido)
    return {"total": total, "en_mis_manos": en_mis_manos, "tareas": [_de_cola(f) for f in filas]}


def disputas(sesion: Session, actor: Actor, proyecto_id: int) -> dict[str, Any]:
    """Las disputas de un proyecto que tocan al actor: las que puede decidir, y las suyas que esperan."""
    total, tareas = consultas.por_decidir(sesion, actor, proyecto_id=proyecto_id)
    mias = consultas.mis_disputas_abiertas(sesion, actor, proyecto_id=proyecto_id)
    return {
        "por_decidir": {
            "total": total,
            "tareas": [
                {
                    "numero": f.numero,
                    "cuando": f.cuando.isoformat(),
                    "motivo": f.motivo,
                    "persona": f.persona,
                    "mia_hasta": f.mia_hasta.isoformat() if f.mia_hasta else None,
                }
                for f in tareas
            ],
        },
        "mias": [{"numero": f.numero, "cuando": f.cuando.isoformat()} for f in mias],
    }


def _de_cola(f: Any) -> dict[str, Any]:
    sin_mas = (
        "total",
        "en_mis_manos",
        "juzgadas",
        "devueltas",
        "del_municipio",
        "nivel1",
        "nivel2",
        "nivel3",
        "practica",
    )
    banda = BANDAS[f.banda]
    return {
        **{nombre: valor for nombre, valor in f._mapping.items() if nombre not in sin_mas},
        "entregada": f.entregada.isoformat(),
        "mia_hasta": f.mia_hasta.isoformat() if f.mia_hasta else None,
        "riesgo": round(f.riesgo, 3),
        "banda": banda.value,
        "porque": _porque(f, banda),
        "hallazgos": {f"nivel{n}": f._mapping[f"nivel{n}"] for n in (1, 2, 3)},
    }


def _porque(f: Any, banda: Banda) -> str:
    por_banda = POR_BANDA_EN_PRACTICA if f.practica else POR_BANDA
    partes = [llenar(por_banda[banda], {})] if banda in por_banda else []
    partes.append(_lo_revisado(f.juzgadas, f.devueltas, practica=f.practica))
    for nivel in (1, 2):
        if n := f._mapping[f"nivel{nivel}"]:
            partes.append(
                n_("%(num)s hallazgo de nivel %(nivel)s", "%(num)s hallazgos de nivel %(nivel)s", n, nivel=nivel)
            )
    dicho = "; ".join(partes)
    return dicho[:1].upper() + dicho[1:] + "."


def _lo_revisado(juzgadas: int, devueltas: int, *, practica: bool) -> str:
    if not juzgadas:
        return (
            _("nadie ha revisado todavía lo suyo en práctica") if practica else _("nadie ha revisado todavía lo suyo")
        )
    if juzgadas == 1 and practica:
        return (
            _("se devolvió la única de práctica que se le ha revisado")
            if devueltas
            else _("se aceptó la única de práctica que se le ha revisado")
        )
    if juzgadas == 1:
        return (
            _("se devolvió la única que se le ha revisado")
            if devueltas
            else _("se aceptó la única que se le ha revisado")
        )
    cuantas = {"k": devueltas, "n": juzgadas}
    if practica:
        return _("devueltas: %(k)s de sus últimas %(n)s de práctica revisadas", **cuantas)
    return _("devueltas: %(k)s de sus últimas %(n)s revisadas", **cuantas)


def dictamenes(
    sesion: Session, proyecto_id: int, numero: int, *, persona_id: int | None, valida: bool
) -> list[dict[str, Any]]:
    """Los de una tarea, del más nuevo al más viejo, con lo que esa persona puede ver de cada uno.

    Parameters
    ----------
    valida : bool
        Si tiene en el municipio un papel de los que validan.

    Raises
    ------
    TareaDesconocida
    """
    filas = consultas.dictamenes(sesion, proyecto_id, numero, persona_id, valida=valida)
    if not filas:
        exigir_tarea(sesion, proyecto_id, numero)
    # Una segunda opinión no cambia nada para quien mapeó: es para que quienes validan se comparen.
    filas = [f for f in filas if valida or f.clase != Clase.CIEGA]
    senalados = consultas.senalamientos(sesion, proyecto_id, numero, [f.retro_id for f in filas if f.retro_id])
    ultimo = next((f.id for f in filas if f.clase != Clase.CIEGA and not f.deshecho), None)
    return [_dictamen(f, senalados.get(f.retro_id, []), persona_id, valida, f.id == ultimo) for f in filas]


def _dictamen(f: Any, senalados: list[Any], persona_id: int | None, valida: bool, ultimo: bool) -> dict[str, Any]:
    base = {
        "id": f.id,
        "paso": f.paso,
        "entrega": f.entrega,
        "cuando": f.cuando.isoformat(),
        "deshecho": f.deshecho,
        "oculto": f.oculto,
        "detalle": False,
        "estado": None if f.oculto else LLEVA_A[Veredicto(f.veredicto)].codigo,
    }
    mia = f.autora_id == persona_id
    if f.oculto and valida and f.disputa is not None and f.resuelta is None and f.retirada is None:
        # Quien resuelve no sabe qué se dijo antes, pero sí oye a quien mapeó.
        base["disputa"] = {"motivo": f.motivo, "cuando": f.disputada.isoformat(), "abierta": True}
    if f.oculto or not (mia or valida):
        return base
    disputa = None
    if f.disputa is not None:
        disputa = {
            "id": f.disputa,
            "motivo": f.motivo,
            "cuando": f.disputada.isoformat(),
            "abierta": f.resuelta is None and f.retirada is None,
            "retirada": f.retirada.isoformat() if f.retirada else None,
            "resuelta": f.resuelta,
            "resultado": f.resultado,
        }
    retro = None
    if f.retro_id is not None:
        retro = {
            "id": f.retro_id,
            "fortaleza": fortalezas.dicha(f.fortaleza, f.fortalezas, f.numero),
            "fortalezas": fortalezas.de_la_tarea(f.fortalezas, f.numero),
            "nota": f.nota,
        }
    return {
        **base,
        "detalle": True,
        "clase": f.clase,
        "veredicto": f.veredicto,
        "persona": {"id": f.persona_id, "usuario": f.usuario, "nombre": f.persona},
        "autora": {"id": f.autora_id, "usuario": f.autora_usuario, "nombre": f.autora},
        "duracion_s": round(f.duracion_s, 1) if f.duracion_s is not None else None,
        "retro": retro,
        "senalamientos": [_senalamiento(s) for s in senalados],
        "disputa": disputa,
        "leido": f.leido.isoformat() if f.leido else None,
        "sin_leer": f.sin_leer,
        "se_puede_disputar": mia and ultimo and f.se_puede_disputar,
    }


def _senalamiento(s: Any) -> dict[str, Any]:
    return {
        "id": s.id,
        **error_dicho(s.codigo),
        "objeto": s.objeto,
        "version": s.version,
        "lugar": s.lugar,
        "nota": s.nota,
        "huella": s.huella,
        "atendido": s.atendido.isoformat() if s.atendido else None,
    }
