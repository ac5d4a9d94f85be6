"""Errores al leer datos de OpenStreetMap."""

from geo.errores import N_, ErrorGeo


class ErrorOsm(ErrorGeo):
    """Base de los errores de este paquete; ``archivo`` es el nombre del archivo, sin carpeta."""

    codigo = "osm"


class ArchivoAusente(ErrorOsm):
    """No hay un archivo legible en esa ruta."""

    codigo = "osm_archivo_ausente"
    plantilla = N_("No encontramos el archivo «%(archivo)s». Revisa la ruta.")


class ArchivoVacio(ErrorOsm):
    """El archivo no contiene nada."""

    codigo = "osm_archivo_vacio"
    plantilla = N_("El archivo «%(archivo)s» está vacío. Descárgalo de nuevo.")


class NoEsOsm(ErrorOsm):
    """El contenido no es de OpenStreetMap, diga lo que diga la extensión."""

    codigo = "osm_contenido_ajeno"
    plantilla = N_(
        "El archivo «%(archivo)s» no trae datos de OpenStreetMap: parece %(contenido)s. "
        "Usa un .osm.pbf, .osm, .osm.gz o .osm.bz2."
    )


class EsCambio(ErrorOsm):
    """Llegó un archivo de cambios donde se esperaban datos completos."""

    codigo = "osm_es_cambio"
    plantilla = N_("El archivo «%(archivo)s» es de cambios (osmChange). Aplícalo con «osm aplicar».")


class NoEsCambio(ErrorOsm):
    """Llegaron datos completos donde se esperaba un archivo de cambios."""

    codigo = "osm_no_es_cambio"
    plantilla = N_("El archivo «%(archivo)s» no es de cambios (.osc). Si son datos completos, usa «osm importar».")


class EsHistoria(ErrorOsm):
    """El archivo trae varias versiones de cada objeto."""

    codigo = "osm_es_historia"
    plantilla = N_(
        "El archivo «%(archivo)s» trae la historia completa. Usa un extracto con una sola versión de cada objeto."
    )


class SinObjetos(ErrorOsm):
    """El archivo está bien formado, pero no trae nodos, vías ni relaciones."""

    codigo = "osm_sin_objetos"
    plantilla = N_("El archivo «%(archivo)s» no trae ningún nodo, vía ni relación que se pueda guardar.")


class ArchivoTruncado(ErrorOsm):
    """El archivo se acaba antes de tiempo o está dañado; ``byte`` dice hasta dónde se leyó."""

    codigo = "osm_truncado"
    plantilla = N_("El archivo «%(archivo)s» está cortado o dañado en el byte %(byte)s. Descárgalo de nuevo.")


class XmlRoto(ErrorOsm):
    """El XML no está bien formado."""

    codigo = "osm_xml_roto"
    plantilla = N_(
        "El archivo «%(archivo)s» tiene un error de XML en la línea %(linea)s, columna %(columna)s (%(detalle)s). "
        "Descárgalo de nuevo."
    )


class XmlConEntidades(ErrorOsm):
    """El XML declara DOCTYPE o entidades, que los datos de OpenStreetMap nunca usan."""

    codigo = "osm_xml_entidades"
    plantilla = N_(
        "El archivo «%(archivo)s» declara entidades de XML (DOCTYPE). Por seguridad no se aceptan: "
        "quita esa declaración."
    )


class DemasiadoDesempacado(ErrorOsm):
    """Lo comprimido se expande mucho más de lo que un archivo real se expande."""

    codigo = "osm_desempacado"
    plantilla = N_(
        "El archivo «%(archivo)s» ocupa más de %(megabytes)s MB al descomprimirse, demasiado para su tamaño. "
        "Revisa de dónde viene."
    )


class CoordenadaFuera(ErrorOsm):
    """Un nodo está fuera del mundo."""

    codigo = "osm_coordenada_fuera"
    plantilla = N_("El nodo %(id)s está en %(lugar)s, fuera del mundo. Corrígelo en el archivo.")


class NodoSinLugar(ErrorOsm):
    """Un cambio crea o mueve un nodo y no dice adónde."""

    codigo = "osm_nodo_sin_lugar"
    plantilla = N_("El nodo %(id)s no trae coordenadas. Revisa el archivo «%(archivo)s».")


class ContenidoRoto(ErrorOsm):
    """Un valor imposible dentro de un archivo que por lo demás se entiende; ``detalle`` dice cuál."""

    codigo = "osm_contenido_roto"
    plantilla = N_("No pudimos leer el archivo «%(archivo)s»: %(detalle)s")


class CoordenadaRota(ContenidoRoto):
    """Una coordenada no es un número, o no es de este mundo."""

    codigo = "osm_coordenada_rota"
    plantilla = N_(
        "El archivo «%(archivo)s» trae una coordenada que no sirve: %(detalle)s. La longitud es un número de -180 a "
        "180 y la latitud, de -90 a 90: corrige o quita ese nodo, y vuelve a intentarlo."
    )


class SinVersionDeFormato(ContenidoRoto):
    """El elemento ``osm`` no dice su versión."""

    codigo = "osm_sin_version"
    plantilla = N_(
        'El archivo «%(archivo)s» no dice su versión: su primer elemento debe ser <osm version="0.6">. '
        "Escríbela ahí o descárgalo de nuevo."
    )


class OtraVersionDeFormato(ContenidoRoto):
    """Es de una versión del formato que ya no se usa, o que no existe."""

    codigo = "osm_otra_version"
    plantilla = N_(
        "El archivo «%(archivo)s» dice ser de la versión «%(detalle)s» del formato. Sólo se lee la 0.6: "
        "descárgalo de nuevo en ella."
    )


class NumeroRoto(ContenidoRoto):
    """Un id, una versión o algo así que no es un número posible; ``campo`` es su nombre en el archivo."""

    codigo = "osm_numero_roto"
    plantilla = N_(
        "El archivo «%(archivo)s» trae «%(detalle)s» como «%(campo)s» de un objeto, y ahí va un número entero. "
        "Corrígelo y vuelve a intentarlo."
    )


class HoraRota(ContenidoRoto):
    """Una hora que no existe o está escrita de otra manera."""

    codigo = "osm_hora_rota"
    plantilla = N_(
        "El archivo «%(archivo)s» trae «%(detalle)s» como hora («timestamp») de un objeto. "
        "Va escrita como 2026-03-31T18:00:00Z: corrígela o quítala."
    )


class VisibleRoto(ContenidoRoto):
    """El atributo ``visible`` no dice ni sí ni no."""

    codigo = "osm_visible_roto"
    plantilla = N_(
        "El archivo «%(archivo)s» trae un objeto cuyo «visible» no es «true» ni «false». Corrígelo o quítalo."
    )


class TextoLargo(ContenidoRoto):
    """Una etiqueta, un rol o un nombre más largo de lo que OpenStreetMap guarda."""

    codigo = "osm_texto_largo"
    plantilla = N_(
        "El archivo «%(archivo)s» trae un texto más largo de lo que cabe en OpenStreetMap: una etiqueta o un rol "
        "puede tener hasta 255 letras. Acórtalo y vuelve a intentarlo."
    )


class ElementoDesconocido(ContenidoRoto):
    """Un elemento de XML que el formato no tiene."""

    codigo = "osm_elemento_desconocido"
    plantilla = N_(
        "El archivo «%(archivo)s» trae un elemento que no es de OpenStreetMap: <%(detalle)s>. "
        "Quítalo o descarga el archivo de nuevo."
    )


class MiembroRoto(ContenidoRoto):
    """Un miembro de relación sin tipo, o de un tipo que no hay, o que no dice cuál es."""

    codigo = "osm_miembro_roto"
    plantilla = N_(
        "El archivo «%(archivo)s» trae una relación con un miembro incompleto: cada <member> dice en «type» si es "
        "node, way o relation, y en «ref», su id. Corrígelo y vuelve a intentarlo."
    )


class ContenidoIlegible(ContenidoRoto):
    """Cualquier otra cosa que la biblioteca no pudo leer; ``detalle`` son sus palabras."""

    codigo = "osm_contenido_ilegible"
    plantilla = N_(
        "El archivo «%(archivo)s» está dañado o trae algo que no se puede leer. Descárgalo de nuevo; si vuelve a "
        "pasar, usa otro extracto. (Detalle técnico: %(detalle)s)"
    )


class LecturaLarga(ErrorOsm):
    """Leerlo pasó del plazo."""

    codigo = "osm_lectura_larga"
    plantilla = N_("El archivo «%(archivo)s» tardó más de %(segundos)s segundos en leerse. Usa un extracto más chico.")


class SinMemoria(ErrorOsm):
    """No alcanzó la memoria que se le da a un archivo ajeno."""

    codigo = "osm_sin_memoria"
    plantilla = N_(
        "El archivo «%(archivo)s» necesita más memoria de la que se le puede dar. Usa un extracto más chico."
    )
