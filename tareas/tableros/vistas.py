"""Páginas de avance y sus descargas."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from flask import Blueprint, Response, current_app, render_template, request
from sqlalchemy.orm import Session

from tareas.calidad.evidencia import consultas as evidencia
from tareas.calidad.evidencia.reglas import COLUMNAS_POR_EVIDENCIA, COLUMNAS_POR_MAPEADO
from tareas.calidad.evidencia.servicio import asentar_si_toca
from tareas.calidad.referencia.presentacion import completitud
from tareas.calidad.referencia.reglas import COLUMNAS_POR_COMPLETITUD, COLUMNAS_POR_COMPLETITUD_DE_MUNICIPIO
from tareas.calidad.revisiones.reglas import COLUMNAS_DE_HALLAZGO
from tareas.comun.bd import lectura
from tareas.comun.descargas import csv_de
from tareas.comun.entrada import Consulta, validar
from tareas.comun.errores import NoPermitido
from tareas.comun.filtros import conocidos
from tareas.comun.permisos import Papel
from tareas.comun.textos import _, llenar
from tareas.comun.web import acceso, actor, pagina_de_la_descarga
from tareas.cuentas.buzon import consultas as buzon
from tareas.cuentas.osm.servidores import PRACTICA
from tareas.municipios.consultas import por_id
from tareas.proyectos.consultas import ficha
from tareas.tableros import consultas
from tareas.tableros.avance import VEN_PERSONAS, Avance, avance, exigir_que_pueda_verla
from tareas.tableros.estado import estado
from tareas.tableros.medidas import consultas as medidas
from tareas.tableros.medidas import presentacion as decir_medidas
from tareas.tableros.medidas.reglas import COLUMNAS_DE_MEDIDAS, COLUMNAS_DE_MEDIDAS_POR_CODIGO
from tareas.tableros.reglas import (
    COLUMNAS_POR_DIA,
    COLUMNAS_POR_DIA_DE_PERSONA,
    COLUMNAS_POR_PERSONA,
    COLUMNAS_POR_TAREA,
    se_dibujan,
)
from tareas.validacion import consultas as revision
from tareas.validacion.reglas import MOTIVOS

bp = Blueprint("tableros", __name__)

ENTREGAS_POR_PAGINA, PAGINAS_DE_MI_TRABAJO = 6, 200

DICCIONARIO = {
    "dia": COLUMNAS_POR_DIA,
    "persona": COLUMNAS_POR_PERSONA,
    "tarea": COLUMNAS_POR_TAREA,
    "mi-trabajo": COLUMNAS_POR_DIA_DE_PERSONA,
    "mapeado": COLUMNAS_POR_MAPEADO,
    "evidencia": COLUMNAS_POR_EVIDENCIA,
    "hallazgos": COLUMNAS_DE_HALLAZGO,
    "completitud": COLUMNAS_POR_COMPLETITUD,
    "completitud-de-municipio": COLUMNAS_POR_COMPLETITUD_DE_MUNICIPIO,
    "medidas": COLUMNAS_DE_MEDIDAS,
    "medidas-por-codigo": COLUMNAS_DE_MEDIDAS_POR_CODIGO,
}


class Descarga(Consulta):
    """Parámetros de las descargas CSV."""

    por: Literal["dia", "persona", "tarea", "mapeado", "evidencia", "completitud"] = "dia"


@bp.get("/proyectos/<int:proyecto_id>/avance")
@acceso(publico=True)
def de_proyecto(proyecto_id: int) -> str:
    """Página de avance de un proyecto, para mostrar en una reunión de cabildo."""
    with lectura() as sesion:
        proyecto = ficha(sesion, actor(), proyecto_id)
        cifras = avance(
            sesion, actor(), [proyecto_id], proyecto.municipio_id, proyecto.tareas_total, proyecto.zona_horaria
        )
        # Lo que se guarda en un aula no está en esos datos: compararlos diría que nadie mapeó nada.
        osm = None if proyecto.servidor_osm == PRACTICA else consultas.osm_del_proyecto(sesion, proyecto_id)
        asentar_si_toca(sesion, proyecto_id)
        mapeado = evidencia.por_persona(sesion, proyecto_id)
    return render_template(
        "tableros/avance.html",
        titulo=proyecto.nombre,
        proyecto=proyecto,
        municipio=None,
        cifras=cifras,
        osm=osm,
        mapeado=evidencia.personas_para(actor(), proyecto.municipio_id, mapeado),
        total_mapeado=evidencia.totales(mapeado),
        completas=actor().tiene(VEN_PERSONAS, proyecto.municipio_id),
        **_graficas(cifras),
    )


@bp.get("/municipios/<int:municipio_id>/avance")
@acceso(publico=True)
def de_municipio(municipio_id: int) -> str:
    """Página de avance de un municipio: la suma de sus proyectos visibles. Los de práctica van aparte."""
    with lectura() as sesion:
        lugar = por_id(sesion, municipio_id)
        de_verdad, de_practica = consultas.proyectos_de_municipio(sesion, actor(), municipio_id)
        cifras = _sumados(sesion, lugar, [p.id for p in de_verdad])
        practicado = _sumados(sesion, lugar, [p.id for p in de_practica]) if de_practica else None
    return render_template(
        "tableros/avance.html",
        titulo=lugar.nombre,
        proyecto=None,
        municipio=lugar,
        cifras=cifras,
        osm=None,
        mapeado=[],
        practicado=practicado,
        de_practica=de_practica,
        completas=actor().tiene(VEN_PERSONAS, municipio_id),
        **_graficas(cifras),
    )


def _sumados(sesion: Session, lugar: Any, proyectos: list[int]) -> Avance:
    return avance(sesion, actor(), proyectos, lugar.id, consultas.tareas_de(sesion, proyectos), lugar.zona_horaria)


def _graficas(cifras: Avance) -> dict[str, Any]:
    """Datos de las gráficas; los mismos que sus tablas."""
    return {"dias": [d.fila() for d in cifras.dias]}


@bp.get("/proyectos/<int:proyecto_id>/avance/personas/<int:persona_id>")
@acceso(cuenta=True)
def de_persona(proyecto_id: int, persona_id: int) -> str:
    """Una persona en un proyecto, día por día; para ella misma y para quien coordina."""
    with lectura() as sesion:
        proyecto = ficha(sesion, actor(), proyecto_id)
        exigir_que_pueda_verla(actor(), persona_id, proyecto.municipio_id)
        persona = consultas.persona_en(sesion, proyecto_id, persona_id)
        dias = consultas.por_dia_de_persona(sesion, persona_id, proyecto.zona_horaria, proyecto_id)
        asentar_si_toca(sesion, proyecto_id)
        mapeado = next((f for f in evidencia.por_persona(sesion, proyecto_id) if f["persona_id"] == persona_id), None)
        turnos = [
            {**evidencia.json_de_turno(t, con_avisos=True), "numero": t["numero"]}
            for t in evidencia.de_persona(sesion, persona_id, proyecto_id, limite=40)
        ]
    return render_template(
        "tableros/persona.html",
        proyecto=proyecto,
        persona=persona,
        dias=dias,
        con_grafica=se_dibujan(dias),
        mapeado=mapeado,
        turnos=turnos,
    )


@bp.get("/proyectos/<int:proyecto_id>/avance.csv")
@acceso(publico=True)
def csv_de_proyecto(proyecto_id: int) -> Response:
    """Las mismas cifras, por día, por persona o por tarea, en CSV (UTF-8)."""
    pagina_de_la_descarga(
        f"/proyectos/{proyecto_id}/avance",
        _("Esa descarga no existe. Elige una de las que hay al final de esta página."),
    )
    por: str = validar(Descarga, conocidos(Descarga)).por
    with lectura() as sesion:
        proyecto = ficha(sesion, actor(), proyecto_id)
        filas: Iterable[Mapping[str, Any]]
        if por == "tarea":
            filas = consultas.por_tarea(sesion, proyecto_id)
        elif por == "completitud":
            filas = completitud(sesion, actor(), proyecto)[0]["tareas"]
        elif por == "mapeado":
            asentar_si_toca(sesion, proyecto_id)
            filas = evidencia.personas_para(actor(), proyecto.municipio_id, evidencia.por_persona(sesion, proyecto_id))
        elif por == "evidencia":
            asentar_si_toca(sesion, proyecto_id)
            todo = evidencia.ve_todo(actor(), proyecto.municipio_id)
            filas = [
                evidencia.fila_de_turno(t, con_avisos=todo or (actor().entro and t["persona_id"] == actor().id))
                for t in evidencia.de_proyecto(sesion, proyecto_id)
            ]
        else:
            cifras = avance(
                sesion, actor(), [proyecto_id], proyecto.municipio_id, proyecto.tareas_total, proyecto.zona_horaria
            )
            filas = [d.fila() for d in cifras.dias] if por == "dia" else cifras.personas
    return csv_de(DICCIONARIO[por], filas, f"tequio-proyecto-{proyecto_id}-por-{por}.csv")


@bp.get("/avance/diccionario.csv")
@acceso(publico=True)
def diccionario() -> Response:
    """Qué significa cada columna de las descargas."""
    filas = [
        {"archivo": por, "columna": columna, "significado": llenar(texto, {})}
        for por, columnas in DICCIONARIO.items()
        for columna, texto in columnas.items()
    ]
    return csv_de(("archivo", "columna", "significado"), filas, "tequio-diccionario-de-datos.csv")


@bp.get("/mi-trabajo")
@acceso(cuenta=True)
def mi_trabajo() -> str:
    """Lo que una persona mapeó: primero lo que espera que haga algo; lo demás, de pocas en pocas."""
    pedida = request.args.get("pagina", "")
    pagina = min(max(1, int(pedida)), PAGINAS_DE_MI_TRABAJO) if pedida.isdecimal() and len(pedida) < 5 else 1
    salto = (pagina - 1) * ENTREGAS_POR_PAGINA
    with lectura() as sesion:
        yo = actor().id or 0
        por_corregir = _una_por_tarea(consultas.mi_trabajo(sesion, actor(), por_corregir=True)) if pagina == 1 else []
        decidir, por_decidir = revision.por_decidir(sesion, actor()) if pagina == 1 else (0, [])
        en_disputa = revision.mis_disputas_abiertas(sesion, actor()) if pagina == 1 else []
        entregas = consultas.mi_trabajo(sesion, actor(), limite=ENTREGAS_POR_PAGINA + 1, salto=salto)
        hay_mas = len(entregas) > ENTREGAS_POR_PAGINA and pagina < PAGINAS_DE_MI_TRABAJO
        arriba = {(e["paso"], e["numero"]) for e in por_corregir}
        entregas = [e for e in entregas[:ENTREGAS_POR_PAGINA] if (e["paso"], e["numero"]) not in arriba]
        sin_leer = buzon.sin_leer(sesion, yo)
        dias = consultas.por_dia_de_persona(sesion, yo, consultas.zona_de_persona(sesion, yo))
        for proyecto_id in sorted({e["proyecto"] for e in entregas}):
            asentar_si_toca(sesion, proyecto_id)
        turnos = evidencia.de_persona(sesion, yo, limite=max(60, salto + 2 * ENTREGAS_POR_PAGINA))
        mapeado = {t["paso"]: evidencia.json_de_turno(t, con_avisos=True) for t in turnos}
        cifras = consultas.cifras_de_persona(sesion, yo)
        practicado = consultas.cifras_de_persona(sesion, yo, practica=True)
        mias, senalados = medidas.de_persona(sesion, yo, consultas.zona_de_persona(sesion, yo))
        revise = medidas.reviso(sesion, yo)
    motivos = {codigo: llenar(texto, {}) for codigo, texto in MOTIVOS.items()}
    return render_template(
        "tableros/mi_trabajo.html",
        decidir=decidir,
        por_decidir=por_decidir,
        en_disputa=en_disputa,
        por_corregir=por_corregir,
        sin_leer=sin_leer,
        entregas=entregas,
        pagina=pagina,
        hay_mas=hay_mas,
        ahora=datetime.now(UTC),
        cifras=cifras,
        practicado=practicado,
        motivos=motivos,
        dias=dias,
        con_grafica=se_dibujan(dias),
        mapeado=mapeado,
        mias=mias,
        senalados=senalados,
        revise=revise,
        decir=decir_medidas,
    )


def _una_por_tarea(entregas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """La entrega más nueva de cada tarea: primero la que ya tomó; luego, la que antes deja de estar apartada."""
    vistas: dict[tuple[int, int], dict[str, Any]] = {}
    for entrega in entregas:
        vistas.setdefault((entrega["proyecto"], entrega["numero"]), entrega)
    return sorted(vistas.values(), key=lambda e: (e["en_mis_manos_hasta"] is None, e["apartada_hasta"]))


@bp.get("/mi-trabajo.csv")
@acceso(cuenta=True)
def mi_trabajo_csv() -> Response:
    """Mi trabajo día por día, en CSV; lo de los proyectos de práctica no está."""
    with lectura() as sesion:
        yo = actor().id or 0
        dias = consultas.por_dia_de_persona(sesion, yo, consultas.zona_de_persona(sesion, yo))
    return csv_de(COLUMNAS_POR_DIA_DE_PERSONA, dias, "tequio-mi-trabajo.csv")


@bp.get("/estado")
@acceso(Papel.ADMINISTRADOR)
def de_la_instalacion() -> str:
    """Estado de la instalación, para quien la administra entera."""
    if not actor().administra_todo:
        raise NoPermitido
    with lectura() as sesion:
        return render_template(
            "tableros/estado.html", e=estado(sesion, con_correo=current_app.config["SERVIDOR_DE_CORREO"] is not None)
        )
