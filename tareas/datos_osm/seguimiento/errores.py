"""Lo que puede salir mal al seguir un flujo. Cada mensaje dice qué pasó y si hay que hacer algo."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import Conflicto, DatosInvalidos, NoEncontrado
from tareas.comun.textos import N_

TARDO = N_("tardó demasiado en contestar")
SIN_CONEXION = N_("no se pudo conectar")
CORTADA = N_("la conexión se cortó a la mitad")
CODIGO = N_("contestó con el código %(codigo)s")


class ErrorDeFlujo(DatosInvalidos):
    """El flujo no se puede seguir por ahora; nada quedó a medias y no se salta ningún cambio."""

    codigo = "osm_flujo"


class NoResponde(ErrorDeFlujo):
    """No contesta, o contesta con un error."""

    codigo = "osm_flujo_no_responde"
    plantilla = N_("%(url)s: %(detalle)s. Revisa la dirección y la conexión; se sigue donde se quedó.")


class CambioAusente(ErrorDeFlujo):
    """El flujo dice tener un cambio que no entrega."""

    codigo = "osm_flujo_hueco"
    plantilla = N_(
        "Al flujo le falta el cambio %(secuencia)s (%(detalle)s). No se salta: los siguientes esperan a que aparezca. "
        "Si ya no existe, importa un extracto más nuevo."
    )


class EstadoIlegible(ErrorDeFlujo):
    """Lo que debía ser el estado del flujo es otra cosa."""

    codigo = "osm_flujo_estado_ilegible"
    plantilla = N_("%(url)s no es el estado de un flujo de replicación. Revisa la dirección.")


class EstadoAjeno(ErrorDeFlujo):
    """El estado de un cambio dice ser de otro."""

    codigo = "osm_flujo_estado_ajeno"
    plantilla = N_("El estado del cambio %(secuencia)s dice ser del %(dice)s. El flujo está mal armado; no se aplica.")


class Retrocede(ErrorDeFlujo):
    """El flujo va más atrás que nosotros."""

    codigo = "osm_flujo_retrocede"
    plantilla = N_(
        "El flujo va en el cambio %(suya)s y aquí ya se aplicó el %(nuestra)s. Si es pasajero, se sigue solo; si el "
        "flujo empezó de nuevo, quítalo con «osm flujos quitar» e importa su extracto."
    )


class RelojAtras(ErrorDeFlujo):
    """El estado de un cambio es anterior al del cambio que le precede."""

    codigo = "osm_flujo_reloj"
    plantilla = N_("El cambio %(secuencia)s dice ser de %(dice)s, antes que el anterior (%(anterior)s). No se aplica.")


class HistoriaDistinta(ErrorDeFlujo):
    """El cambio por el que vamos no es el que aplicamos."""

    codigo = "osm_flujo_historia_distinta"
    plantilla = N_(
        "El cambio %(secuencia)s era de %(nuestro)s y ahora dice ser de %(suyo)s: el flujo empezó de nuevo. Quítalo "
        "con «osm flujos quitar» e importa su extracto."
    )


class CuerpoEnorme(ErrorDeFlujo):
    """Manda más de lo que un flujo de verdad manda."""

    codigo = "osm_flujo_enorme"
    plantilla = N_("%(url)s manda más de %(megabytes)s MB, demasiado para lo que debería ser. No se toma.")


class DireccionInvalida(ErrorDeFlujo):
    """No es una dirección web."""

    codigo = "osm_flujo_direccion"
    plantilla = N_("«%(url)s» no es la dirección de un flujo: escribe la de su carpeta, con http:// o https://.")


class PuntoDesconocido(ErrorDeFlujo):
    """No se sabe desde dónde seguir."""

    codigo = "osm_flujo_sin_punto"
    plantilla = N_(
        "No se sabe hasta dónde llegan los datos guardados. Importa un extracto con fecha, o di desde dónde con "
        "«--desde» (una secuencia del flujo, o una fecha)."
    )


class SinHistoria(ErrorDeFlujo):
    """El flujo empieza después de nuestros datos."""

    codigo = "osm_flujo_sin_historia"
    plantilla = N_(
        "Los datos llegan hasta %(nuestro)s y el flujo empieza en %(suyo)s: faltaría lo de en medio. Importa un "
        "extracto más nuevo."
    )


class SecuenciaFutura(ErrorDeFlujo):
    """Se pidió seguir desde un cambio que aún no existe."""

    codigo = "osm_flujo_secuencia_futura"
    plantilla = N_("El flujo va en el cambio %(suya)s; no puedes empezar en el %(pedida)s.")


class FlujoMovido(ErrorDeFlujo):
    """Mientras se aplicaba un cambio, una importación lo hizo volver atrás, u otro proceso lo hizo avanzar."""

    codigo = "osm_flujo_movido"
    plantilla = N_("%(url)s cambió de lugar mientras se aplicaba un cambio, que no quedó aplicado. Se vuelve a mirar.")


class SinDisco(ErrorDeFlujo):
    """El sistema no dejó guardar lo que se bajaba."""

    codigo = "osm_flujo_sin_disco"
    plantilla = N_("No se pudo guardar el cambio en el disco (%(detalle)s). Revisa si queda espacio.")


class FuenteAjena(Conflicto):
    """Los ids de dos mundos se pisarían."""

    codigo = "osm_flujo_fuente_ajena"
    plantilla = N_(
        "Aquí ya hay datos de otro origen (%(otra)s) y este flujo es de %(esta)s: se mezclarían. Usa otra base de "
        "datos, o repite la orden con «--mezclar» si de verdad lo quieres."
    )


class FlujoOcupado(Conflicto):
    """Otro proceso lo está siguiendo."""

    codigo = "osm_flujo_ocupado"
    plantilla = N_("Otro proceso ya sigue %(url)s. Sólo uno a la vez puede hacerlo; éste no hace nada.")


class FlujoRepetido(Conflicto):
    """Ya está en la lista."""

    codigo = "osm_flujo_repetido"
    plantilla = N_("Ese flujo ya está en la lista.")


class FlujoDesconocido(NoEncontrado):
    """No está en la lista."""

    codigo = "osm_flujo_desconocido"
    plantilla = N_("No se sigue ningún flujo con la dirección %(url)s. Míralos con «osm flujos».")


registrar_restricciones({"osm_flujo_url_unica": FlujoRepetido})
