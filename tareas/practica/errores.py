"""Lo que puede salir mal al preparar un aula. Los errores de la API de OpenStreetMap van aparte, con sus palabras."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import Conflicto, DatosInvalidos, Demasiado, NoEncontrado
from tareas.comun.textos import N_


class AulaDesconocida(NoEncontrado):
    """No existe, o quien pide no la puede ver: desde fuera no se distinguen."""

    codigo = "aula_desconocida"
    plantilla = N_("No existe esa aula de práctica, o no la puedes ver. Revisa la dirección.")


class AulaEnUso(Conflicto):
    """Un proyecto abierto la usa. ``datos``: ``proyectos``."""

    codigo = "aula_en_uso"
    plantilla = N_("Hay proyectos abiertos que editan en esta aula: %(proyectos)s. Archívalos antes de borrarla.")


class AulaGrande(Demasiado):
    """La copia pasaría del tope."""

    codigo = "aula_grande"
    plantilla = N_(
        "Esa área tiene más de %(tope)s elementos de OpenStreetMap: es demasiado para un aula. Elige una más "
        "chica, o usa la consola: ./tequio practica crear."
    )


class FaltaArchivo(DatosInvalidos):
    """No llegó el archivo."""

    codigo = "falta_archivo"
    plantilla = N_("Falta el archivo: elige un .osm.pbf, .osm, .osm.gz u .osm.bz2.")


class DiferenciaInexistente(NoEncontrado):
    """La replicación aún no llega a ese número, o no es un número."""

    codigo = "diferencia_inexistente"
    plantilla = N_("Esta aula no tiene ese archivo de cambios. state.txt dice cuál es el último.")


class VersionRepetida(Conflicto):
    """Otra persona guardó esa misma versión un instante antes."""

    codigo = "version_repetida"
    plantilla = N_("Otra persona guardó ese elemento un instante antes. Vuelve a descargar los datos.")


registrar_restricciones(
    {
        "practica_conjunto_aula_id_fk": AulaDesconocida,
        "practica_elemento_aula_id_fk": AulaDesconocida,
        "practica_elemento_version_unica": VersionRepetida,
        "practica_elemento_una_actual": VersionRepetida,
    }
)
