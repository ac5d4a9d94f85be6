"""Errores en lo que trae un archivo: texto JSON, coordenadas y sistema de coordenadas."""

from geo.errores import N_, SistemaDesconocido
from geo.formatos.errores import ErrorLectura


class CodificacionInvalida(ErrorLectura):
    """El texto no es UTF-8; se puede leer como Windows-1252, que es lo usual en archivos viejos."""

    codigo = "codificacion_invalida"
    plantilla = N_("El texto no está en UTF-8 (línea %(linea)s). Guárdalo como UTF-8.")
    reparacion = N_("Se leería como Windows-1252; revisa después los acentos.")


class CodificacionDbf(CodificacionInvalida):
    """Los textos de un .dbf no están en la codificación que dice su .cpg."""

    plantilla = N_("Los textos de «%(nombre)s» no están en la codificación que dice el shapefile.")


class JsonRoto(ErrorLectura):
    """JSON mal escrito, con su lugar."""

    codigo = "json_roto"
    plantilla = N_("El JSON está mal escrito en la línea %(linea)s, columna %(columna)s, cerca de «%(cerca)s».")


class JsonCortado(ErrorLectura):
    """El JSON termina antes de cerrar lo que abrió."""

    codigo = "json_cortado"
    plantilla = N_("El JSON se corta en la línea %(linea)s, columna %(columna)s: le falta el final.")


class JsonInaceptable(ErrorLectura):
    """Es JSON, pero lleva un valor que no se puede guardar."""

    codigo = "json_inaceptable"
    plantilla = N_("El JSON lleva un valor que no se puede tomar (%(valor)s). Quítalo y envíalo de nuevo.")


class JsonMuyProfundo(ErrorLectura):
    """Listas u objetos metidos unos en otros más allá de lo razonable."""

    codigo = "json_muy_profundo"
    plantilla = N_("El JSON tiene demasiados niveles, unos dentro de otros.")


class GeojsonSinTipo(ErrorLectura):
    """No es GeoJSON: falta ``type`` o no es de los suyos."""

    codigo = "geojson_tipo"
    plantilla = N_("Esto no es GeoJSON: «type» es «%(tipo)s» y debería ser FeatureCollection, Feature o una geometría.")


class GeojsonFaltaTipo(GeojsonSinTipo):
    """Un objeto JSON sin ``type``."""

    plantilla = N_("Esto no es GeoJSON: le falta «type» en el primer nivel.")


class GeojsonMalFormado(ErrorLectura):
    """Un miembro de GeoJSON falta o no es de la forma que debe."""

    codigo = "geojson_mal_formado"
    plantilla = N_("En el objeto %(objeto)s, «%(miembro)s» falta o no tiene la forma que pide GeoJSON.")


class TextoInvalido(ErrorLectura):
    """Carácter nulo o mitad de un carácter dentro de un texto."""

    codigo = "texto_invalido"
    plantilla = N_("En el objeto %(objeto)s, «%(clave)s» trae un carácter que no es válido (nulo o incompleto).")


class CoordenadaNoFinita(ErrorLectura):
    """NaN, infinito o un número que no cabe."""

    codigo = "coordenada_no_finita"
    plantilla = N_("En el objeto %(objeto)s, el vértice %(vertice)s no es un número finito (NaN o infinito).")


class CoordenadaFueraDeRango(ErrorLectura):
    """Coordenada que no existe en la Tierra o en su sistema."""

    codigo = "coordenada_fuera_de_rango"
    plantilla = N_("En el objeto %(objeto)s, la coordenada %(lugar)s está fuera de rango para %(sistema)s.")


class CoordenadasIntercambiadas(ErrorLectura):
    """Latitud donde va la longitud."""

    codigo = "coordenadas_intercambiadas"
    plantilla = N_("Las coordenadas parecen venir al revés (latitud, longitud), por ejemplo %(lugar)s.")
    reparacion = N_("Se intercambiarían: %(lugar)s pasaría a %(lugar_nuevo)s.")


class AnilloAbierto(ErrorLectura):
    """El último vértice de un anillo no es el primero."""

    codigo = "anillo_abierto"
    plantilla = N_("En el objeto %(objeto)s hay un anillo abierto: empieza en %(inicio)s y termina en %(fin)s.")
    reparacion = N_("Se cerraría el anillo con un lado recto de %(fin)s a %(inicio)s.")


class AnilloAbiertoCerca(AnilloAbierto):
    """Un anillo abierto en un formato que no dice cuál de los del objeto es."""

    plantilla = N_("En el objeto %(objeto)s, que empieza en %(inicio)s, hay un anillo abierto.")
    reparacion = N_("Se cerraría el anillo con un lado recto de su último vértice al primero.")


class AnilloCorto(ErrorLectura):
    """Un anillo con menos de tres vértices distintos."""

    codigo = "anillo_corto"
    plantilla = N_("En el objeto %(objeto)s hay un anillo con menos de tres vértices, en %(lugar)s.")


class GeometriaNoAdmitida(ErrorLectura):
    """Un tipo de geometría que no manejamos (superficies, triangulaciones) o dañada."""

    codigo = "geometria_no_admitida"
    plantilla = N_("La geometría del objeto %(objeto)s está dañada o es de un tipo que no manejamos.")


class FaltaSistema(ErrorLectura):
    """No se sabe en qué sistema están las coordenadas ni se puede adivinar."""

    codigo = "falta_sistema"
    plantilla = N_("Falta el sistema de coordenadas de «%(capa)s». Dinos cuál es o guárdalo en EPSG:4326 (WGS 84).")


class FaltaSistemaProbable(FaltaSistema):
    """No se sabe en qué sistema están las coordenadas, pero sus números dan una pista.

    ``datos["candidatos"]`` lleva los códigos. Es reparable si hay uno solo y cae donde se espera.
    """

    plantilla = N_("Falta el sistema de coordenadas de «%(capa)s»; por sus números parece %(sugerencia)s.")
    reparacion = N_("Se leería como %(sugerencia)s.")


class FaltaPrj(FaltaSistema):
    """Shapefile sin su archivo .prj y sin pistas en sus números."""

    plantilla = N_("Al shapefile le falta «%(falta)s», que dice su sistema de coordenadas.")


class FaltaPrjProbable(FaltaSistemaProbable):
    """Shapefile sin su archivo .prj; sus números dan una pista."""

    plantilla = N_("Al shapefile le falta «%(falta)s», que dice su sistema de coordenadas; parece %(sugerencia)s.")


class SistemaContradice(FaltaSistemaProbable):
    """Los números no pueden ser del sistema que dice el archivo (o quien lo sube): grados por metros o al revés."""

    codigo = "sistema_contradice"
    plantilla = N_("El sistema indicado es %(dice)s, pero sus números no son de ahí: parece %(sugerencia)s.")


class SistemaIlegible(ErrorLectura):
    """El sistema que dice el archivo (o quien lo sube) no se reconoce."""

    codigo = SistemaDesconocido.codigo
    plantilla = SistemaDesconocido.plantilla


class SistemasMezclados(ErrorLectura):
    """Objetos de un mismo archivo en sistemas distintos."""

    codigo = "sistemas_mezclados"
    plantilla = N_("El archivo mezcla sistemas de coordenadas: %(sistemas)s. Guárdalo en uno solo.")
