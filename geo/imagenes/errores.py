"""Errores al examinar o abrir un archivo de imágenes."""

from geo.errores import N_
from geo.formatos.errores import ErrorLectura


class ErrorImagen(ErrorLectura):
    """Base de lo que puede salir mal con un archivo de imágenes."""

    codigo = "imagen"
    campo = "archivo"
    plantilla = N_("No se pudo leer la imagen «%(nombre)s».")


class ImagenNoAdmitida(ErrorImagen):
    """La extensión o el contenido no es de los formatos que se sirven."""

    codigo = "imagen_no_admitida"
    plantilla = N_(
        "«%(nombre)s» no es una imagen que sepamos servir. Usa MBTiles o PMTiles con teselas PNG, JPEG o WebP, "
        "o un GeoTIFF."
    )


class ImagenDistinta(ErrorImagen):
    """El contenido no es lo que dice la extensión."""

    codigo = "imagen_distinta"
    plantilla = N_("«%(nombre)s» no es lo que dice su extensión: por dentro es %(parece)s. Revisa que sea el correcto.")


class ImagenDanada(ErrorImagen):
    """El archivo no se entiende."""

    codigo = "imagen_danada"
    plantilla = N_(
        "«%(nombre)s» está dañado o no se entiende por dentro. Vuelve a copiarlo o a exportarlo desde tu programa."
    )


class ImagenVectorial(ErrorImagen):
    """Las teselas son vectoriales."""

    codigo = "imagen_vectorial"
    plantilla = N_("«%(nombre)s» trae teselas vectoriales, no imágenes. Expórtalo con teselas PNG, JPEG o WebP.")


class ImagenSinTeselas(ErrorImagen):
    """No hay ninguna tesela."""

    codigo = "imagen_sin_teselas"
    plantilla = N_("«%(nombre)s» no trae ninguna tesela. Vuelve a exportarlo y revisa la zona y los niveles de zoom.")


class TeselaDeOtroTipo(ErrorImagen):
    """Una tesela no es PNG, JPEG ni WebP, o mide lo que no debe."""

    codigo = "imagen_tesela_mala"
    plantilla = N_(
        "En «%(nombre)s», la tesela %(tesela)s no es una imagen PNG, JPEG o WebP de 256 a 1024 píxeles. "
        "Vuelve a exportarlo."
    )


class ImagenSinSistema(ErrorImagen):
    """El GeoTIFF no dice dónde está."""

    codigo = "imagen_sin_sistema"
    plantilla = N_(
        "«%(nombre)s» no dice dónde está: le falta el sistema de coordenadas o su posición. En QGIS, expórtalo como "
        "GeoTIFF con su sistema (por ejemplo EPSG:32614); un .tfw aparte no basta."
    )


class ImagenConBandas(ErrorImagen):
    """Número o tipo de bandas que no se sabe mostrar."""

    codigo = "imagen_bandas"
    plantilla = N_(
        "«%(nombre)s» trae %(bandas)s bandas de tipo %(tipo)s. Expórtalo con una (gris) o tres (rojo, verde, azul) y, "
        "si quieres, transparencia."
    )


class ImagenDescomunal(ErrorImagen):
    """Dimensiones o bloques tan grandes que leer un pedazo costaría leerlo casi todo."""

    codigo = "imagen_descomunal"
    plantilla = N_(
        "«%(nombre)s» dice medir %(ancho)s × %(alto)s píxeles en bloques de %(bloque)s. Guárdalo como COG "
        "(GeoTIFF optimizado para la nube), que se lee por partes: en QGIS, o con gdal_translate -of COG."
    )


class ImagenSinVistas(ErrorImagen):
    """Un GeoTIFF grande sin vistas reducidas."""

    codigo = "imagen_sin_vistas"
    plantilla = N_(
        "«%(nombre)s» es grande y no trae vistas reducidas: verlo de lejos obligaría a leerlo entero. Guárdalo como "
        "COG (gdal_translate -of COG -co COMPRESS=JPEG), o regístralo desde la consola, que lo convierte."
    )


class ImagenFueraDelMundo(ErrorImagen):
    """Las coordenadas no caben en el mundo."""

    codigo = "imagen_fuera_del_mundo"
    plantilla = N_(
        "«%(nombre)s» queda fuera del mundo o no dice bien dónde está. Revisa su sistema de coordenadas y expórtalo "
        "otra vez."
    )


class ImagenConBomba(ErrorImagen):
    """Un índice comprimido que se infla más de la cuenta."""

    codigo = "imagen_bomba"
    plantilla = N_("El índice de «%(nombre)s» ocupa demasiado al descomprimirse: así no se abre. Vuelve a exportarlo.")


class CompresionNoAdmitida(ErrorImagen):
    """PMTiles comprimido de una forma que no se lee."""

    codigo = "imagen_compresion"
    plantilla = N_("El índice de «%(nombre)s» está comprimido con %(cual)s, que no leemos. Usa gzip, que es lo común.")
