"""Errores de las imágenes de un municipio."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import Caducado, Conflicto, DatosInvalidos, Demasiado, NoEncontrado, NoPermitido
from tareas.comun.textos import N_


class ImagenNoEncontrada(NoEncontrado):
    """No existe, o quien pregunta no la puede ver."""

    codigo = "imagen_no_encontrada"
    plantilla = N_("No encontramos esa imagen. Puede que la hayan retirado; mira las que ofrece el municipio.")


class TeselaDeImagenInexistente(NoEncontrado):
    """Zoom, columna o renglón que no son de ninguna tesela."""

    codigo = "tesela_de_imagen_inexistente"
    plantilla = N_("Esa tesela no existe. Vuelve a cargar el mapa.")


class FaltaElArchivo(Caducado):
    """La imagen está registrada y su archivo ya no está donde se dijo."""

    codigo = "imagen_sin_archivo"
    plantilla = N_(
        "El archivo de la imagen «%(nombre)s» no está en este servidor. Quien lo administra puede copiarlo de nuevo "
        "a su carpeta de imágenes."
    )


class NoGestionaImagenes(NoPermitido):
    """Registrar y publicar imágenes es de quien gestiona el municipio."""

    codigo = "no_gestiona_imagenes"
    plantilla = N_("Sólo quienes administran %(municipio)s pueden cambiar sus imágenes. Pídeles que lo hagan.")


class FaltaPermiso(DatosInvalidos):
    """Se quiso publicar sin permiso para trazar."""

    codigo = "imagen_sin_permiso"
    campo = "permiso"
    plantilla = N_(
        "Para publicarla falta el permiso para trazar en OpenStreetMap: marca que lo tienes y di quién lo dio y en qué "
        "documento. Sin él, lo que se dibuje encima tendría que borrarse."
    )


class FaltaLicencia(DatosInvalidos):
    """Se quiso publicar sin licencia."""

    codigo = "imagen_sin_licencia"
    campo = "licencia"
    plantilla = N_("Para publicarla falta su licencia: di bajo qué condiciones la entrega su dueño.")


class ImagenRepetida(Conflicto):
    """El municipio ya tiene ese archivo."""

    codigo = "imagen_repetida"
    campo = "archivo"
    plantilla = N_("Este municipio ya tiene registrado ese mismo archivo. Búscalo en su lista de imágenes.")


class ImagenLejos(DatosInvalidos):
    """La imagen no toca al municipio."""

    codigo = "imagen_lejos"
    campo = "archivo"
    plantilla = N_(
        "La imagen no cae sobre %(municipio)s: cubre de %(suroeste)s a %(noreste)s. Revisa que sea el archivo correcto "
        "y su sistema de coordenadas."
    )


class ImagenPublicada(Conflicto):
    """Sólo se borra una imagen retirada."""

    codigo = "imagen_publicada"
    plantilla = N_("La imagen está publicada. Retírala primero, para que los proyectos que la usan lo digan.")


class ArchivoEnUso(Conflicto):
    """Otra imagen usa el mismo archivo: se queda en el disco. No llega a quien borra."""

    codigo = "archivo_en_uso"
    plantilla = N_("Otra imagen usa el mismo archivo.")


class FaltaArchivoDeImagen(DatosInvalidos):
    """No llegó ningún archivo."""

    codigo = "falta_archivo_de_imagen"
    campo = "archivo"
    plantilla = N_("No llegó ningún archivo. Elige uno: MBTiles, PMTiles o GeoTIFF.")


class SinLugar(Demasiado):
    """No cabe en el disco."""

    codigo = "sin_lugar"
    campo = "archivo"
    plantilla = N_("El archivo mide %(megas)s MB y en el disco sólo quedan %(libres)s MB libres. Haz lugar primero.")


registrar_restricciones(
    {
        "imagen_publicada_con_permiso": FaltaPermiso,
        "imagen_publicada_con_licencia": FaltaLicencia,
        "imagen_archivo_unico": ImagenRepetida,
        "imagen_archivo_en_uso": ArchivoEnUso,
    }
)
