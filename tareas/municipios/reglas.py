"""Qué columna es la clave, cuál el nombre, y lo que una clave del INEGI dice: entidad y zona horaria."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

LARGO_CLAVE = 60
LARGO_NOMBRE = 200

CLAVES = ("cvegeo", "clave", "codigo", "code", "geoid", "dpa_parroq", "dpa_canton", "mpio_cdpmp", "ubigeo")
PARTES_DE_CLAVE = (("cve_ent", "cve_mun"), ("cve_agee", "cve_agem"))
NOMBRES = (
    *("nom_agem", "nomgeo", "nom_mun", "nom_loc", "nombre", "name:es", "name"),
    *("municipio", "parroquia", "canton", "distrito", "nombre_mun"),
)
FUENTES = ("fuente", "source", "attribution", "atribucion")
POBLACIONES = ("pob", "pobtot", "pob_tot", "poblacion", "habitantes", "population")

# Claves de las 32 entidades federativas (INEGI, Marco Geoestadístico) y la zona horaria de la mayor parte de cada una.
_CENTRO, _PACIFICO, _NOROESTE = "America/Mexico_City", "America/Mazatlan", "America/Tijuana"
ENTIDADES: Mapping[str, tuple[str, str]] = {
    "01": ("Aguascalientes", _CENTRO),
    "02": ("Baja California", _NOROESTE),
    "03": ("Baja California Sur", _PACIFICO),
    "04": ("Campeche", _CENTRO),
    "05": ("Coahuila de Zaragoza", _CENTRO),
    "06": ("Colima", _CENTRO),
    "07": ("Chiapas", _CENTRO),
    "08": ("Chihuahua", "America/Chihuahua"),
    "09": ("Ciudad de México", _CENTRO),
    "10": ("Durango", _CENTRO),
    "11": ("Guanajuato", _CENTRO),
    "12": ("Guerrero", _CENTRO),
    "13": ("Hidalgo", _CENTRO),
    "14": ("Jalisco", _CENTRO),
    "15": ("México", _CENTRO),
    "16": ("Michoacán de Ocampo", _CENTRO),
    "17": ("Morelos", _CENTRO),
    "18": ("Nayarit", _PACIFICO),
    "19": ("Nuevo León", _CENTRO),
    "20": ("Oaxaca", _CENTRO),
    "21": ("Puebla", _CENTRO),
    "22": ("Querétaro", _CENTRO),
    "23": ("Quintana Roo", "America/Cancun"),
    "24": ("San Luis Potosí", _CENTRO),
    "25": ("Sinaloa", _PACIFICO),
    "26": ("Sonora", "America/Hermosillo"),
    "27": ("Tabasco", _CENTRO),
    "28": ("Tamaulipas", _CENTRO),
    "29": ("Tlaxcala", _CENTRO),
    "30": ("Veracruz de Ignacio de la Llave", _CENTRO),
    "31": ("Yucatán", _CENTRO),
    "32": ("Zacatecas", _CENTRO),
}
_CLAVE_INEGI = re.compile(r"^(0[1-9]|[12]\d|3[0-2])\d{3}(\d{4}(\d{3}[\dA-Z](\d{3})?)?)?$")
"""Entidad (2), municipio (3) y, si es más chico, localidad (4), AGEB (4) y manzana (3)."""

_INVISIBLES = re.compile(r"[\x00-\x1f\x7f]+")


def entidad_de_clave(clave: str) -> tuple[str, str] | None:
    """Entidad y zona horaria de una clave del INEGI (municipio, localidad, AGEB o manzana), o ``None``."""
    return ENTIDADES[clave[:2]] if _CLAVE_INEGI.match(clave) else None


def zona_por_longitud(longitud: float) -> str:
    """Zona horaria náutica de una longitud en grados; las de ``Etc`` llevan el signo al revés."""
    horas = round(longitud / 15)
    return "Etc/GMT" if horas == 0 else f"Etc/GMT{-horas:+d}"


def aplanar(propiedades: Mapping[str, Any]) -> dict[str, Any]:
    """Propiedades con los objetos anidados a la vista: ``{"info": {"ref": 1}}`` se vuelve ``{"info.ref": 1}``."""
    planas: dict[str, Any] = {}
    for nombre, valor in propiedades.items():
        if isinstance(valor, Mapping):
            planas.update({f"{nombre}.{k}": v for k, v in aplanar(valor).items()})
        else:
            planas[nombre] = valor
    return planas


def buscar_columna(columnas: Sequence[str], nombres: Sequence[str]) -> str | None:
    """La primera columna que se llama como alguno de ``nombres``, en su orden y sin distinguir mayúsculas."""
    por_nombre = {columna.casefold(): columna for columna in reversed(columnas)}
    return next((por_nombre[n] for nombre in nombres if (n := nombre.casefold()) in por_nombre), None)


def columnas_de_clave(columnas: Sequence[str]) -> tuple[str, ...]:
    """Columnas que juntas forman la clave: una, o entidad y municipio; vacía si no se reconoce ninguna."""
    una = buscar_columna(columnas, CLAVES)
    if una is not None:
        return (una,)
    for partes in PARTES_DE_CLAVE:
        encontradas = tuple(c for parte in partes if (c := buscar_columna(columnas, (parte,))) is not None)
        if len(encontradas) == len(partes):
            return encontradas
    return ()


def texto_limpio(valor: Any) -> str:
    """Valor de una columna como texto de una línea; un decimal entero (``13048.0``) pierde su punto."""
    if valor is None:
        return ""
    if isinstance(valor, float) and valor.is_integer():
        valor = int(valor)
    return _INVISIBLES.sub(" ", str(valor)).strip()


def armar_clave(partes: Sequence[Any]) -> str:
    """Clave de un renglón: la columna tal cual, o entidad (2 dígitos) y municipio (3) con sus ceros."""
    textos = [texto_limpio(parte) for parte in partes]
    if len(textos) == 1:
        return textos[0]
    return "".join(texto.zfill(ancho) for texto, ancho in zip(textos, (2, 3), strict=True)) if all(textos) else ""


def entero_o_nada(valor: Any) -> int | None:
    """Población leída de una columna; lo que no es un entero razonable se ignora."""
    texto = texto_limpio(valor).replace(",", "")
    return int(texto) if texto.isascii() and texto.isdigit() and len(texto) <= 9 else None
