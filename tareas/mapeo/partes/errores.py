"""Lo que puede salir mal al partir, juntar o corregir tareas."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import Conflicto, DatosInvalidos, NoPermitido
from tareas.comun.textos import N_
from tareas.mapeo.errores import TareaDividida, TareaOcupada


class TareasOcupadas(TareaOcupada):
    """Alguien tiene una de las tareas que cambiarían. ``datos``: ``numero``, ``persona``, ``para``, ``vence`` y
    ``ocupadas``, todas.
    """

    plantilla = N_(
        "La tarea %(numero)s la tiene %(persona)s y no se puede cambiar hasta que la deje. Espera, o pídele "
        "que la suelte."
    )


class PreviaVieja(Conflicto):
    """Lo que saldría hoy no es lo que se vio en la vista previa."""

    codigo = "partes_previa_vieja"
    plantilla = N_("El mapa cambió desde que viste cómo quedaría. Míralo de nuevo y confirma.")


class DemasiadosNumeros(Conflicto):
    """El proyecto llegó al último número de tarea."""

    codigo = "partes_sin_numeros"
    plantilla = N_("El proyecto ya tiene el máximo de tareas: no caben más. Abre otro proyecto para lo que falta.")


class UnaSola(DatosInvalidos):
    """Juntar necesita dos tareas o más."""

    codigo = "partes_una_sola"
    plantilla = N_("Para juntar hacen falta al menos dos tareas distintas.")


class LineaInvalida(DatosInvalidos):
    """Lo que llegó no es una línea GeoJSON."""

    codigo = "partes_linea_invalida"
    plantilla = N_(
        "La línea debe ser un LineString de GeoJSON con dos puntos o más, distintos y en grados: longitud y "
        "luego latitud."
    )


class PartesInexactas(Conflicto):
    """La base no aceptó las partes."""

    codigo = "partes_inexactas"
    plantilla = N_("Las tareas nuevas no cubren exactamente lo mismo que las de antes. Prueba con otro corte.")


class ConDisputa(Conflicto):
    """Alguien pidió que otra persona vea la devolución: su entrega se juzga en la tarea que fue."""

    codigo = "partes_con_disputa"
    plantilla = N_("Una de las tareas tiene una devolución en disputa. Resuélvela antes de cambiar las tareas.")


class DivisionIntocable(NoPermitido):
    """Lo que se dividió queda escrito."""

    codigo = "division_intocable"
    plantilla = N_("Lo que se partió, juntó o corrigió no se borra ni se cambia. Si hace falta, júntalas de nuevo.")


registrar_restricciones(
    {
        "tarea_dividida_sin_turno": TareaOcupada,
        "tarea_dividida_sin_disputa": ConDisputa,
        "tarea_dividida_para_siempre": TareaDividida,
        "tarea_dividida_con_partes": PartesInexactas,
        "division_cubre_lo_mismo": PartesInexactas,
        "division_solo_se_agrega": DivisionIntocable,
        "proyecto_tareas_maximas": DemasiadosNumeros,
    }
)
