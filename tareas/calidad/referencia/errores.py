"""Errores de la referencia propia de un municipio."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import Conflicto, DatosInvalidos, Demasiado, NoEncontrado, NoPermitido
from tareas.comun.textos import N_


class ReferenciaNoEncontrada(NoEncontrado):
    """No existe, o es de otro municipio."""

    codigo = "referencia_no_encontrada"
    plantilla = N_("No encontramos esa referencia. Puede que ya la hayan borrado; mira la lista del municipio.")


class NoVeReferencias(NoPermitido):
    """Quien no tiene papel en el municipio no ve sus referencias."""

    codigo = "no_ve_referencias"
    plantilla = N_("Sólo quienes tienen un papel en %(municipio)s ven sus referencias. Pídeles que te sumen.")


class NoGestionaReferencias(NoPermitido):
    """Subir y borrar referencias es de quien gestiona el municipio."""

    codigo = "no_gestiona_referencias"
    plantilla = N_(
        "Sólo quienes administran %(municipio)s pueden subir o borrar sus referencias. Pídeles que lo hagan."
    )


class FaltaArchivoDeReferencia(DatosInvalidos):
    """No llegó ningún archivo."""

    codigo = "falta_archivo_de_referencia"
    campo = "archivo"
    plantilla = N_("No llegó ningún archivo. Elige uno: GeoPackage, GeoJSON, shapefile en zip, KML o FlatGeobuf.")


class ReferenciaSinPermiso(DatosInvalidos):
    """No se dijo que se puede comparar."""

    codigo = "referencia_sin_permiso"
    campo = "puede_compararse"
    plantilla = N_("Marca que el dueño de los datos permite compararlos con el mapa. Sin eso no podemos guardarlos.")


class ReferenciaSinLicencia(DatosInvalidos):
    """Falta la licencia o la fuente."""

    codigo = "referencia_sin_licencia"
    campo = "licencia"
    plantilla = N_("Di bajo qué condiciones se entregan los datos y de quién son.")


class ReferenciaSinHuellas(DatosInvalidos):
    """Ninguno de sus objetos es un polígono que se pueda comparar."""

    codigo = "referencia_sin_huellas"
    campo = "archivo"
    plantilla = N_(
        "En el archivo no hay huellas de edificios: hacen falta polígonos de menos de un kilómetro, y de sus %(n)s "
        "objetos ninguno lo es. Exporta la capa de construcciones, no la de puntos ni la de manzanas."
    )


class ReferenciaVariasCapas(DatosInvalidos):
    """Hay que elegir una capa: sus nombres van en ``datos['capas']``."""

    codigo = "referencia_varias_capas"
    campo = "capa"
    plantilla = N_("El archivo trae varias capas con polígonos: %(lista)s. Escribe cuál es la de los edificios.")


class ReferenciaCapaInexistente(DatosInvalidos):
    """La capa pedida no está."""

    codigo = "referencia_capa_inexistente"
    campo = "capa"
    plantilla = N_("El archivo no tiene una capa con ese nombre. Tiene: %(lista)s.")


class ReferenciaLejos(DatosInvalidos):
    """Ninguna huella cae en el municipio."""

    codigo = "referencia_lejos"
    campo = "archivo"
    plantilla = N_(
        "Ninguna de las huellas cae en %(municipio)s: van de %(suroeste)s a %(noreste)s. Revisa que sea el archivo "
        "correcto y su sistema de coordenadas."
    )


class ReferenciaRepetida(Conflicto):
    """El municipio ya tiene ese archivo."""

    codigo = "referencia_repetida"
    campo = "archivo"
    plantilla = N_("Este municipio ya subió ese mismo archivo. Búscalo en su lista de referencias.")


class CompletitudMuyGrande(Demasiado):
    """Demasiadas huellas para compararlas mientras alguien espera."""

    codigo = "completitud_muy_grande"
    plantilla = N_(
        "El proyecto tiene %(n)s huellas de la referencia, y aquí se comparan hasta %(maximo)s. Pide a quien "
        "administra el servidor que lo haga con ./tequio calidad comparar."
    )


registrar_restricciones(
    {
        "referencia_archivo_unico": ReferenciaRepetida,
        "referencia_con_permiso": ReferenciaSinPermiso,
        "referencia_con_licencia": ReferenciaSinLicencia,
        "referencia_con_fuente": ReferenciaSinLicencia,
    }
)
