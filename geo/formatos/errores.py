"""Errores al abrir un archivo: tamaño, contenido, zip, partes que faltan."""

from typing import Any, ClassVar, Self

from geo.errores import N_, ErrorGeo


class ErrorLectura(ErrorGeo):
    """Base de lo que puede salir mal al leer un archivo o un área.

    ``datos`` lleva siempre ``reparable`` (si ``reparar=True`` lo arregla) y, cuando el archivo venía dentro de un zip
    o de una carpeta, ``archivo`` con su nombre: quien traduce el mensaje lo antepone igual que :attr:`mensaje`.
    """

    codigo: ClassVar[str] = "lectura"
    plantilla: ClassVar[str] = N_("No se pudo leer el archivo.")
    reparacion: ClassVar[str] = ""
    """Qué cambiaría con ``reparar=True``, con los mismos huecos que ``plantilla``; vacío si no hay arreglo."""

    def __init__(self, **datos: Any) -> None:
        datos.setdefault("reparable", False)
        super().__init__(**datos)

    @property
    def mensaje(self) -> str:
        """Mensaje en español, con el nombre del archivo delante si venía dentro de otro."""
        texto = super().mensaje
        archivo = self.datos.get("archivo")
        return f"{archivo}: {texto}" if archivo else texto

    @property
    def texto_reparacion(self) -> str:
        """Qué cambiaría al reparar, en español; vacío si no hay arreglo."""
        return self.reparacion % self.datos if self.datos["reparable"] else ""

    def en_archivo(self, archivo: str) -> Self:
        """El mismo error, con el nombre del archivo de dentro del zip o de la carpeta."""
        return type(self)(**{**self.datos, "archivo": archivo})


class ArchivoNoEncontrado(ErrorLectura):
    """La ruta no existe o no es un archivo (o carpeta) común."""

    codigo = "archivo_no_encontrado"
    plantilla = N_("No encontramos «%(nombre)s». Revisa la ruta.")


class ArchivoVacio(ErrorLectura):
    """El archivo mide cero bytes."""

    codigo = "archivo_vacio"
    plantilla = N_("El archivo «%(nombre)s» está vacío.")


class ArchivoMuyGrande(ErrorLectura):
    """El archivo pasa del tamaño permitido."""

    codigo = "archivo_muy_grande"
    plantilla = N_("El archivo mide %(megas)s MB y el máximo es %(maximo)s MB. Recórtalo o simplifícalo.")


class FormatoNoAdmitido(ErrorLectura):
    """La extensión o el contenido no es de los formatos que leemos."""

    codigo = "formato_no_admitido"
    plantilla = N_(
        "No leemos «%(nombre)s». Sube GeoJSON, GeoPackage, KML, KMZ, FlatGeobuf, GPX o un shapefile dentro de un zip."
    )


class ContenidoDistinto(ErrorLectura):
    """El contenido no es lo que dice la extensión."""

    codigo = "contenido_distinto"
    plantilla = N_(
        "«%(nombre)s» no es lo que dice su extensión: parece %(parece)s. Revisa que sea el archivo correcto."
    )


class ShapefileSuelto(ErrorLectura):
    """Una parte de un shapefile sin las demás."""

    codigo = "shapefile_suelto"
    plantilla = N_("Un shapefile son varios archivos. Mete .shp, .shx, .dbf y .prj juntos en un zip y sube el zip.")


class FaltaParteShapefile(ErrorLectura):
    """El shapefile vino sin una de sus partes obligatorias."""

    codigo = "shapefile_incompleto"
    plantilla = N_("Al shapefile le falta el archivo «%(falta)s». Vuelve a comprimirlo con todas sus partes.")


class ArchivoTruncado(ErrorLectura):
    """El archivo termina antes de lo que él mismo anuncia."""

    codigo = "archivo_truncado"
    plantilla = N_("El archivo «%(nombre)s» está cortado: le falta el final. Vuelve a copiarlo o a descargarlo.")


class ArchivoIlegible(ErrorLectura):
    """El lector del formato no pudo con el archivo."""

    codigo = "archivo_ilegible"
    plantilla = N_(
        "El archivo «%(nombre)s» está dañado o no se entiende. Ábrelo y vuelve a guardarlo desde tu programa."
    )


class LecturaMuyLarga(ErrorLectura):
    """La lectura pasó del tiempo permitido."""

    codigo = "lectura_muy_larga"
    plantilla = N_("Leer «%(nombre)s» tomó más de %(segundos)s segundos y se detuvo. Divide o simplifica el archivo.")


class LecturaSinMemoria(ErrorLectura):
    """La lectura pasó de la memoria permitida."""

    codigo = "lectura_sin_memoria"
    plantilla = N_("Leer «%(nombre)s» necesita demasiada memoria. Divide o simplifica el archivo.")


class DemasiadosObjetos(ErrorLectura):
    """Más objetos de los permitidos."""

    codigo = "demasiados_objetos"
    plantilla = N_("El archivo trae más de %(maximo)s objetos. Divídelo.")


class DemasiadosVertices(ErrorLectura):
    """Más vértices de los permitidos."""

    codigo = "demasiados_vertices"
    plantilla = N_("La geometría tiene más de %(maximo)s vértices. Simplifícala o divídela.")


class ZipDanado(ErrorLectura):
    """El zip no se puede abrir o una de sus partes no coincide con su suma de control."""

    codigo = "zip_danado"
    plantilla = N_("El zip «%(nombre)s» está dañado o incompleto. Vuelve a comprimirlo o a descargarlo.")


class ZipMuyGrande(ErrorLectura):
    """Lo desempacado pasa del máximo (según las cabeceras o al desempacar de verdad)."""

    codigo = "zip_muy_grande"
    plantilla = N_("Desempacado, el zip ocupa más de %(maximo)s MB. Divídelo o quita lo que sobre.")


class ZipConDemasiados(ErrorLectura):
    """Más archivos de los permitidos en el zip o la carpeta."""

    codigo = "zip_con_demasiados"
    plantilla = N_("Hay más de %(maximo)s archivos juntos. Divídelos en varias entregas.")


class ZipNombrePeligroso(ErrorLectura):
    """Un nombre del zip sale de su carpeta, es absoluto, es un enlace o está repetido."""

    codigo = "zip_nombre_peligroso"
    plantilla = N_("El zip trae un nombre que no se acepta: «%(nombre)s». Vuelve a comprimir solo los archivos.")


class ZipAnidado(ErrorLectura):
    """Un archivo comprimido dentro del zip."""

    codigo = "zip_anidado"
    plantilla = N_("Dentro del zip hay otro archivo comprimido: «%(nombre)s». Sácalo y súbelo aparte.")


class ZipNoAdmitido(ErrorLectura):
    """Zip con contraseña o con un método de compresión que no leemos."""

    codigo = "zip_no_admitido"
    plantilla = N_("«%(nombre)s» viene con contraseña o comprimido de una forma que no leemos. Usa un zip común.")


class SinCapas(ErrorLectura):
    """Nada que leer: un zip o carpeta sin archivos geográficos, o un archivo sin capas con geometría."""

    codigo = "sin_capas"
    plantilla = N_("En «%(nombre)s» no hay ningún archivo ni capa con geometrías que podamos leer.")


class XmlConEntidades(ErrorLectura):
    """XML con DOCTYPE o entidades, que se rechaza siempre."""

    codigo = "xml_con_entidades"
    plantilla = N_("El XML de «%(nombre)s» declara DOCTYPE o entidades, que no se aceptan. Quita esa declaración.")


class XmlRoto(ErrorLectura):
    """XML mal formado, con su lugar."""

    codigo = "xml_roto"
    plantilla = N_("El XML de «%(nombre)s» está mal formado en la línea %(linea)s, columna %(columna)s.")
