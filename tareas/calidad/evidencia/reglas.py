"""Qué se avisa de una evidencia y por qué; y las ventanas de tiempo con que la base cuenta (migración 0010)."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from tareas.comun.textos import N_
from tareas.mapeo.reglas import Estado, SinCambios

HOLGURA = timedelta(minutes=1)
"""Lo guardado poco antes de tomarla también cuenta: el reloj del servidor de OSM puede ir atrás del nuestro."""

PAUSA = timedelta(minutes=30)
"""De cada espera entre dos guardados, lo más que cuenta como tiempo en el editor."""

PARTE_FUERA = 0.10
METROS_FUERA = 25.0


class Aviso(StrEnum):
    """Lo que conviene mirar en una entrega."""

    NADA = "E-NADA"
    FUERA = "E-FUERA"


AVISOS = {
    Aviso.NADA: N_("Se entregó mapeada, y dentro de la tarea no se creó ni se cambió nada"),
    Aviso.FUERA: N_("Más de un décimo de los objetos, o alguno a más de 25 m, quedó fuera de la tarea"),
}


class Motivo(StrEnum):
    """Por qué una entrega no tiene cambios."""

    YA_ESTABA = SinCambios.YA_ESTABA.value
    NO_HAY_NADA = SinCambios.NO_HAY_NADA.value
    SIN_IMAGEN = "sin_imagen"


MOTIVOS = {
    Motivo.YA_ESTABA: N_("Ya estaba mapeada"),
    Motivo.NO_HAY_NADA: N_("No hay nada que mapear"),
    Motivo.SIN_IMAGEN: N_("La imagen no deja ver"),
}

COLUMNAS_POR_MAPEADO: dict[str, str] = {
    "usuario": N_("Nombre de usuario"),
    "nombre": N_("Nombre que la persona muestra"),
    "edificios": N_(
        "Edificios que agregó dentro de sus tareas, menos los que quitó; un edificio está donde su punto interior"
    ),
    "km_vias": N_(
        "Kilómetros de calle que agregó dentro de sus tareas, menos los que quitó o acortó; mover un nodo no los cambia"
    ),
    "puntos": N_("Puntos de interés (comercios, escuelas, servicios) que agregó, menos los que quitó"),
    "entregas": N_("Tareas que entregó"),
    "por_confirmar": N_("Entregas que los datos, de OpenStreetMap o de su aula, todavía no alcanzan"),
    "sin_cuenta": N_("Entregas de quien no ha dicho con qué cuenta de OpenStreetMap edita: no se sabe qué cambió"),
    "objetos": N_("Objetos que creó, modificó o borró dentro de sus tareas, cada uno una vez por turno"),
    "fuera": N_("Objetos que cambió fuera de la tarea que tenía"),
    "vertices_movidos": N_("Nodos sin etiquetas que movió"),
    "horas_edicion": N_("Horas de tomar la tarea al último guardado, sin contar de cada espera más de media hora"),
    "sin_cambios": N_("Entregas confirmadas sin ningún cambio y sin decir por qué (E-NADA)"),
    "parte_sin_cambios": N_("De sus entregas confirmadas, la parte sin ningún cambio y sin decir por qué (0 a 1)"),
    "con_motivo": N_("Entregas sin cambios en que dijo por qué: ya estaba, no hay nada, sin imagen"),
    "avisos_fuera": N_(
        "Turnos con más de un décimo de los objetos, o alguno a más de 25 m, fuera de la tarea (E-FUERA)"
    ),
}

PUBLICAS_POR_MAPEADO = ("usuario", "nombre", "edificios", "km_vias", "puntos", "entregas")
"""Lo que cualquiera que vea el proyecto puede saber de una persona; lo demás es suyo y de quien valida o coordina."""

COLUMNAS_POR_EVIDENCIA: dict[str, str] = {
    "numero": N_("Número de la tarea en el proyecto"),
    "ficha": N_("Número del turno"),
    "usuario": N_("Quien tuvo la tarea"),
    "tomada": N_("Cuándo la tomó (fecha y hora, UTC)"),
    "hasta": N_("Cuándo la dejó (fecha y hora, UTC)"),
    "final": N_("Cómo la dejó: entrega, liberacion o vencimiento"),
    "estado": N_(
        "«firme», o «por_confirmar» si los datos, de OpenStreetMap o de su aula, no alcanzan aún a cuando la dejó"
    ),
    "cuenta": N_("«conocida», o «desconocida» si no se sabe con qué cuenta de OpenStreetMap editó: lo demás va vacío"),
    "dentro_creados": N_("Objetos creados dentro de la tarea; lo que se creó y se borró en el mismo turno no cuenta"),
    "dentro_modificados": N_(
        "Objetos modificados dentro de la tarea; también los que cambiaron de forma porque se movieron sus nodos (un "
        "área de varias líneas que varias personas cambiaron en el mismo momento, sólo a cuenta de la última)"
    ),
    "dentro_borrados": N_("Objetos borrados dentro de la tarea"),
    "fuera_creados": N_("Objetos creados fuera de la tarea"),
    "fuera_modificados": N_("Objetos modificados fuera de la tarea"),
    "fuera_borrados": N_("Objetos borrados fuera de la tarea"),
    "lejos_m": N_("Metros de la tarea al objeto de fuera más lejano"),
    "edificios": N_("Edificios agregados menos quitados, dentro de la tarea"),
    "edificios_creados": N_("Edificios creados dentro de la tarea"),
    "edificios_borrados": N_("Edificios borrados dentro de la tarea"),
    "km_vias": N_(
        "Kilómetros de calle agregados menos quitados, dentro de la tarea; mover sus nodos también los cambia"
    ),
    "km_vias_creadas": N_("Kilómetros de calle de las vías creadas, dentro de la tarea"),
    "puntos": N_("Puntos de interés agregados menos quitados, dentro de la tarea"),
    "vertices_movidos": N_("Nodos sin etiquetas que se movieron dentro de la tarea"),
    "guardados": N_("Veces que guardó"),
    "segundos_edicion": N_(
        "Segundos de tomar la tarea al último guardado, sin contar de cada espera más de media hora"
    ),
    "conjuntos": N_("Conjuntos de cambios, separados por punto y coma"),
    "motivo": N_("Por qué no hubo cambios, si lo dijo"),
    "avisos": N_("E-NADA o E-FUERA; sólo lo suyo, salvo para quien valida o coordina"),
}


def avisos(turno: Mapping[str, Any]) -> list[Aviso]:
    """Lo que conviene mirar en un turno ya contado.

    E-FUERA: de los objetos, más de `PARTE_FUERA` no toca la tarea, o algo está a más de `METROS_FUERA`. E-NADA: se
    entregó mapeada, ya es firme, nada cambió dentro y no se dijo por qué. De lo que no se sabe no se avisa.

    Parameters
    ----------
    turno
        Las columnas de ``evidencia`` (``None`` si no se sabe la cuenta), con ``firme``, ``final``, ``a`` y ``motivo``.
    """
    if turno["dentro_creados"] is None:
        return []
    encontrados = []
    entregada = turno["final"] == "entrega" and turno["a"] == Estado.MAPEADA
    if turno["firme"] and entregada and turno["motivo"] is None and sin_cambios(turno):
        encontrados.append(Aviso.NADA)
    todos = objetos_dentro(turno) + objetos_fuera(turno)
    if turno["fuera_aparte"] > PARTE_FUERA * todos or (turno["lejos_m"] or 0) > METROS_FUERA:
        encontrados.append(Aviso.FUERA)
    return encontrados


def objetos_dentro(turno: Mapping[str, Any]) -> int:
    """Objetos que cambiaron dentro."""
    return int(turno["dentro_creados"] + turno["dentro_modificados"] + turno["dentro_borrados"])


def objetos_fuera(turno: Mapping[str, Any]) -> int:
    """Objetos que cambiaron fuera; los edificios en el borde también."""
    return int(turno["fuera_creados"] + turno["fuera_modificados"] + turno["fuera_borrados"])


def sin_cambios(turno: Mapping[str, Any]) -> bool:
    """``True`` si dentro no cambió nada, ni un vértice, y tampoco algo que no se sabe dónde está."""
    return bool(objetos_dentro(turno) + turno["vertices_movidos"] + turno["sin_lugar"] == 0)
