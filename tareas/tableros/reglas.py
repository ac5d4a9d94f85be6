"""Cómo se calculan las cifras de avance, en un solo lugar: de aquí salen también el diccionario de datos y las
páginas.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tareas.comun.textos import N_
from tareas.mapeo.reglas import Estado

COLUMNAS_POR_DIA: dict[str, str] = {
    "dia": N_("Día, en la zona horaria del municipio (AAAA-MM-DD)"),
    "entregas": N_(
        "Tareas entregadas ese día, mapeadas o sin imagen; una tarea devuelta y vuelta a entregar cuenta otra vez"
    ),
    "validadas": N_("Dictámenes «validada» de ese día"),
    "devueltas": N_("Dictámenes «devuelta» de ese día"),
    "personas": N_("Personas distintas que entregaron o revisaron ese día"),
    "mediana_s": N_("Mediana del tiempo entre tomar y entregar una tarea, en segundos"),
    "tareas_por_hora": N_("Entregas entre las horas que las personas tuvieron esas tareas en sus manos"),
    "aceptadas_a_la_primera": N_("De las tareas revisadas por primera vez ese día, la parte que se validó (0 a 1)"),
    "pendientes": N_("Tareas pendientes al terminar el día"),
    "mapeadas": N_("Tareas mapeadas, en espera de revisión, al terminar el día"),
    "validadas_total": N_("Tareas validadas al terminar el día"),
    "devueltas_total": N_("Tareas devueltas al terminar el día"),
    "sin_imagen": N_("Tareas sin imagen al terminar el día"),
}

COLUMNAS_POR_PERSONA: dict[str, str] = {
    "usuario": N_("Nombre de usuario"),
    "nombre": N_("Nombre que la persona muestra"),
    "entregas": N_("Tareas que entregó"),
    "validadas": N_("Entregas suyas que se validaron"),
    "devueltas": N_("Entregas suyas que se devolvieron"),
    "aceptadas_a_la_primera": N_("De sus tareas revisadas por primera vez, la parte que se validó (0 a 1)"),
    "mediana_s": N_("Mediana de su tiempo por tarea, en segundos"),
    "tareas_por_hora": N_("Sus entregas entre las horas que tuvo esas tareas en sus manos"),
    "dictamenes": N_("Tareas que revisó"),
    "ultima": N_("Último trabajo (fecha y hora, UTC)"),
}

COLUMNAS_POR_DIA_DE_PERSONA: dict[str, str] = {
    "dia": N_("Día, en la zona horaria del municipio (AAAA-MM-DD)"),
    "entregas": N_("Tareas que entregó ese día"),
    "validadas": N_("Entregas suyas que se validaron ese día"),
    "devueltas": N_("Entregas suyas que se devolvieron ese día"),
    "aceptadas_a_la_primera": N_("De sus tareas revisadas por primera vez ese día, la parte que se validó (0 a 1)"),
    "mediana_s": N_("Mediana de su tiempo por tarea ese día, en segundos"),
    "tareas_por_hora": N_("Sus entregas de ese día entre las horas que tuvo esas tareas en sus manos"),
    "dictamenes": N_("Tareas que revisó ese día"),
}

COLUMNAS_POR_TAREA: dict[str, str] = {
    "numero": N_("Número de la tarea en el proyecto"),
    "estado": N_("Estado actual"),
    "area_m2": N_("Superficie, en metros cuadrados"),
    "edificios_al_publicar": N_(
        "Edificios dentro de la tarea al publicar el proyecto: en OpenStreetMap o, si es de práctica, en su aula"
    ),
    "edificios_al_entregar": N_("Edificios en la última entrega, según los datos que teníamos en ese momento"),
    "edificios_hoy": N_("Edificios hoy: en los datos de OpenStreetMap o, si es de práctica, en su aula"),
    "metros_vias_al_publicar": N_("Metros de calle al publicar"),
    "metros_vias_al_entregar": N_("Metros de calle en la última entrega"),
    "metros_vias_hoy": N_("Metros de calle hoy"),
    "entregada": N_("Última entrega (fecha y hora, UTC)"),
    "duracion_s": N_("Tiempo entre tomarla y entregarla la última vez, en segundos"),
}


@dataclass
class Dia:
    """Cifras de un día; los contadores por estado son los del final del día."""

    dia: date
    entregas: int = 0
    validadas: int = 0
    devueltas: int = 0
    personas: int = 0
    mediana_s: float | None = None
    segundos: float = 0.0
    primeras: int = 0
    primeras_aceptadas: int = 0
    estados: dict[Estado, int] = field(default_factory=dict)

    def fila(self) -> dict[str, Any]:
        """Como la dan la API y el CSV, en el orden de `COLUMNAS_POR_DIA`."""
        return {
            "dia": self.dia.isoformat(),
            "entregas": self.entregas,
            "validadas": self.validadas,
            "devueltas": self.devueltas,
            "personas": self.personas,
            "mediana_s": None if self.mediana_s is None else round(self.mediana_s, 1),
            "tareas_por_hora": por_hora(self.entregas, self.segundos),
            "aceptadas_a_la_primera": fraccion(self.primeras_aceptadas, self.primeras),
            "pendientes": self.estados.get(Estado.PENDIENTE, 0),
            "mapeadas": self.estados.get(Estado.MAPEADA, 0),
            "validadas_total": self.estados.get(Estado.VALIDADA, 0),
            "devueltas_total": self.estados.get(Estado.DEVUELTA, 0),
            "sin_imagen": self.estados.get(Estado.SIN_IMAGEN, 0),
        }


def por_hora(cuantas: int, segundos: float | None) -> float | None:
    """Cuántas por hora de trabajo; ``None`` si no hubo tiempo medido."""
    return round(cuantas * 3600 / segundos, 2) if segundos and segundos > 0 else None


def fraccion(parte: int, todo: int) -> float | None:
    """Parte de un todo, de 0 a 1; ``None`` si el todo es cero."""
    return round(parte / todo, 4) if todo else None


def se_dibujan(dias: Iterable[Mapping[str, Any]]) -> bool:
    """Si hay algo que dibujar en los días de una persona: la gráfica es de lo mapeado, y quien sólo revisa no tiene."""
    return any(d["entregas"] or d["validadas"] or d["devueltas"] for d in dias)


def plegar_dias_de_persona(
    entregas: Iterable[Any], respuestas: Iterable[Any], dictamenes: Iterable[Any]
) -> list[dict[str, Any]]:
    """Junta por día lo que una persona entregó, lo que le respondieron y lo que revisó."""
    dias: dict[date, dict[str, Any]] = {}

    def dia_de(fila: Any) -> dict[str, Any]:
        nuevo: dict[str, Any] = dict.fromkeys(COLUMNAS_POR_DIA_DE_PERSONA)
        nuevo.update(dia=fila.dia.isoformat(), entregas=0, validadas=0, devueltas=0, dictamenes=0)
        return dias.setdefault(fila.dia, nuevo)

    for f in entregas:
        mediana = None if f.mediana_s is None else round(f.mediana_s, 1)
        dia_de(f).update(entregas=f.entregas, mediana_s=mediana, tareas_por_hora=por_hora(f.entregas, f.segundos))
    for f in respuestas:
        parte = fraccion(f.primeras_aceptadas, f.primeras)
        dia_de(f).update(validadas=f.validadas, devueltas=f.devueltas, aceptadas_a_la_primera=parte)
    for f in dictamenes:
        dia_de(f).update(dictamenes=f.dictamenes)
    return [dias[clave] for clave in sorted(dias)]


def _de_donde(paso: Any) -> Estado | None:
    """Estado del que parte un paso; ``None`` si con él nace la tarea."""
    return None if paso.accion == "division" and paso.a != Estado.DIVIDIDA else Estado(paso.de)


def plegar_dias(total_tareas: int, pasos: Iterable[Any], gente: Iterable[Any]) -> list[Dia]:
    """Junta los pasos agrupados por día en cifras diarias, con el estado acumulado al final de cada día.

    Parameters
    ----------
    total_tareas
        Las que hay hoy, sin las divididas. Las del principio, que se deducen de los pasos, empiezan pendientes.
    pasos
        Filas ``(dia, accion, de, a, pasos, segundos, primeras, primeras_aceptadas)``.
    gente
        Filas ``(dia, personas, mediana_s, segundos_entregas)``.
    """
    dias: dict[date, Dia] = {}
    mudanzas: dict[date, list[tuple[Estado | None, Estado, int]]] = {}
    al_empezar = total_tareas
    for f in pasos:
        dia = dias.setdefault(f.dia, Dia(f.dia))
        mudanzas.setdefault(f.dia, []).append((_de_donde(f), Estado(f.a), f.pasos))
        if f.accion == "division":
            # Las que salieron no estaban; las divididas, sí.
            al_empezar += f.pasos if f.a == Estado.DIVIDIDA else -f.pasos
        elif f.accion == "entrega":
            dia.entregas += f.pasos
        elif f.accion == "dictamen":
            dia.primeras += f.primeras
            dia.primeras_aceptadas += f.primeras_aceptadas
            if f.a == Estado.VALIDADA:
                dia.validadas += f.pasos
            else:
                dia.devueltas += f.pasos
    for f in gente:
        dia = dias.setdefault(f.dia, Dia(f.dia))
        dia.personas, dia.mediana_s, dia.segundos = f.personas, f.mediana_s, f.segundos_entregas or 0.0
    estados = dict.fromkeys(Estado, 0)
    estados[Estado.PENDIENTE] = al_empezar
    ordenados = sorted(dias)
    for clave in ordenados:
        for de, a, cuantas in mudanzas.get(clave, []):
            if de is not None:
                estados[de] -= cuantas
            estados[a] += cuantas
        dias[clave].estados = dict(estados)
    return [dias[clave] for clave in ordenados]
