"""Errores de municipios."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import DatosInvalidos, NoEncontrado
from tareas.comun.textos import N_


class MunicipioNoEncontrado(NoEncontrado):
    """Ningún municipio tiene ese identificador."""

    codigo = "municipio_no_encontrado"
    plantilla = N_("No encontramos ese municipio. Búscalo por su nombre en la lista de municipios.")


class MunicipioDesconocido(DatosInvalidos):
    """Se pidió trabajar en un municipio que no está cargado."""

    codigo = "municipio_desconocido"
    plantilla = N_("No tenemos el municipio «%(municipio)s». Búscalo por su nombre o pide que carguen su límite.")


class ArchivoRechazado(DatosInvalidos):
    """Un archivo de límites que no se importó; nada de él se guardó."""

    codigo = "limites_rechazados"


class SinColumnaClave(ArchivoRechazado):
    """No se reconoce qué columna identifica a cada municipio."""

    codigo = "limites_sin_clave"
    plantilla = N_(
        "No reconocemos la columna de la clave. Dila con --clave. "
        "Hay: %(columnas)s. Sin valores repetidos: %(distintas)s."
    )


class ColumnaInexistente(ArchivoRechazado):
    """Se pidió una columna que el archivo no tiene."""

    codigo = "limites_columna_inexistente"
    plantilla = N_("El archivo no tiene la columna «%(columna)s»; hay: %(columnas)s.")


class SinLimites(ArchivoRechazado):
    """El archivo no trae ningún polígono."""

    codigo = "limites_sin_poligonos"
    plantilla = N_("Un límite es un polígono, y el archivo solo trae %(tipos)s.")


class RenglonesRechazados(ArchivoRechazado):
    """Algunos renglones no sirven: ``datos['motivos']`` es la lista de ``(renglón, motivo)``."""

    codigo = "limites_renglones"
    plantilla = N_("Renglones que no sirven: %(n)s. Corrígelos y vuelve a importar.")


class ZonaDesconocida(DatosInvalidos):
    """La zona horaria de un municipio no está en la lista de la base."""

    codigo = "zona_desconocida"
    campo = "zona_horaria"
    plantilla = N_("Esa zona horaria no existe. Escribe una de la lista IANA, por ejemplo America/Mexico_City.")


registrar_restricciones({"municipio_zona_conocida": ZonaDesconocida})
