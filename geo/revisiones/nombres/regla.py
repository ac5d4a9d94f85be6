"""E-NOMB: nombres abreviados, sin acentos, en mayúsculas o que no son un nombre.

Qué se abrevia en cada país y qué palabras llevan acento está en ``palabras.toml``, con sus fuentes. De un país que no
está ahí sólo se miran los espacios dobles. Una abreviatura cuenta en el nombre de una calle, no en el de un comercio:
«Farmacia del Dr. Ahorro» se llama así. En ``sugerencia``, una etiqueta con ``None`` se quita.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.lugares import con_etiquetas, lugar_de
from geo.revisiones.base.mundo import Etiquetas, Mundo
from geo.revisiones.base.regla import Ajustes, Regla

CARPETA: Final = Path(__file__).parent
LETRAS_DE_SIGLA: Final = 4
"""Hasta cuántas letras puede tener una sigla que no conocemos: «CFE», «UNAM». Propio."""
TEXTO_MAXIMO: Final = 60
NOMBRE_MAXIMO: Final = 255
"""Lo que OpenStreetMap admite en un valor; de lo que pase no se propone arreglo."""
DE_CALLE: Final = ("highway", "place", "junction")
DE_COMERCIO: Final = ("shop", "office", "craft", "tourism", "brand", "brand:wikidata")
AMERICA: Final = (-118.5, -56.6, -28.0, 33.0)
"""Oeste, sur, este y norte, en grados, de todos los países de la lista. Fuera de ahí nadie escribe como aquí: en un
archivo de Mónaco que se revise con el país de fábrica, «jardin» no está mal escrito."""
PALABRA: Final = re.compile(r"[^\W\d_]+", re.UNICODE)


class Falta(NamedTuple):
    """Qué tiene mal un nombre y cómo iría; ``None`` si hay que quitarlo."""

    frase: str
    bien: str | None


class Idioma:
    """Las listas de ``palabras.toml`` para un país."""

    def __init__(self, datos: Mapping[str, Any], pais: str) -> None:
        self.abreviaturas: Mapping[str, str] = datos["comunes"] | datos["paises"][pais]
        self.ambiguas = frozenset(datos["ambiguas"]["palabras"].split())
        self.tratos: Mapping[str, str] = datos["tratos"] | datos["tratos_de"].get(pais, {})
        self.rumbos: Mapping[str, str] = datos["rumbos"] if pais == "mx" else {}
        otros = datos["otros"]
        self.sin_nombre = frozenset(n.strip() for n in otros["sin_nombre"].split("|"))
        self.minusculas = frozenset(otros["minusculas"].split())
        self.comercios = frozenset(otros["comercios"].split())
        self.siglas = frozenset(otros["siglas"].split())
        self.otro_idioma = frozenset(otros["otro_idioma"].split())
        self.terminacion: str = datos["acentos"]["terminacion"]
        self.con_acento = {_sin_acento(p.casefold()): p for p in datos["acentos"]["palabras"].split()}


@cache
def _datos() -> dict[str, Any]:
    return tomllib.loads((CARPETA / "palabras.toml").read_text(encoding="utf-8"))


def paises() -> frozenset[str]:
    """De los que sabemos cómo escriben sus calles; códigos ISO 3166-1 en minúsculas."""
    return frozenset(_datos()["paises"])


@cache
def idioma_de(pais: str) -> Idioma | None:
    """Las listas de ese país; ``None`` si no las tenemos."""
    return Idioma(_datos(), pais) if pais in _datos()["paises"] else None


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Mira ``name`` y ``addr:street`` de cada objeto."""
    idioma = idioma_de(ajustes.pais)
    vistos: dict[tuple[str, bool, bool], Falta | None] = {}
    dichos: list[Hallazgo] = []
    for clave, etiquetas in con_etiquetas(mundo):
        for llave in ("name", "addr:street"):
            nombre = etiquetas.get(llave)
            if nombre is None or not nombre.strip():
                continue
            de_calle = llave == "addr:street" or any(k in etiquetas for k in DE_CALLE)
            propio = idioma is None or (not de_calle and _es_comercio(idioma, etiquetas, nombre))
            # Una calle son muchas vías con el mismo nombre: se piensa una vez.
            pregunta = (nombre, de_calle, propio)
            if pregunta not in vistos:
                vistos[pregunta] = _mal(None if propio else idioma, nombre, de_calle=de_calle)
            falta = vistos[pregunta]
            lugar = lugar_de(mundo, clave) if falta else None
            if falta and lugar:
                dichos.append(_hallazgo(clave, lugar, etiquetas, llave, nombre, falta))
    lon, lat = mundo.a_grados([h.lugar for h in dichos]).T
    oeste, sur, este, norte = AMERICA
    dentro = (lon >= oeste) & (lon <= este) & (lat >= sur) & (lat <= norte)
    yield from (h for h, aqui in zip(dichos, dentro, strict=True) if aqui or h.frase == "espacios")


def _hallazgo(
    clave: str, lugar: tuple[float, float], etiquetas: Etiquetas, llave: str, nombre: str, falta: Falta
) -> Hallazgo:
    bien = falta.bien
    arreglo: dict[str, str | None] = {llave: bien}
    if bien is None and llave == "name" and "highway" in etiquetas:
        arreglo["noname"] = "yes"
    datos = {"mal": _corto(nombre), "bien": _corto(bien or "")}
    sugerencia = {"etiquetas": arreglo} if bien is None or len(bien) <= NOMBRE_MAXIMO else None
    # Lo de la dirección lleva su propia frase: así se puede justificar una cosa y no la otra.
    dicha = falta.frase if llave == "name" else "direccion" if bien else "direccion_sin_nombre"
    return Hallazgo("E-NOMB", 3, (clave,), lugar, dicha, datos, sugerencia=sugerencia)


def _es_comercio(idioma: Idioma, etiquetas: Etiquetas, nombre: str) -> bool:
    """Los comercios y las marcas se llaman como dice su letrero."""
    if any(llave in etiquetas for llave in DE_COMERCIO) or etiquetas.get("operator") == nombre:
        return True
    return etiquetas.get("amenity") in idioma.comercios


def _mal(idioma: Idioma | None, nombre: str, *, de_calle: bool) -> Falta | None:
    # Una «é» escrita en dos piezas (letra y acento) se ve igual: no es un error, pero hay que juntarla para leerla.
    limpio = " ".join(unicodedata.normalize("NFC", nombre).split())
    if idioma is not None and limpio.casefold() in idioma.sin_nombre:
        return Falta("sin_nombre", None)
    frase = "espacios" if re.search(r"\S\s{2,}\S", nombre) else None
    if idioma is not None and not _en_otro_idioma(idioma, limpio):
        # Las mayúsculas van primero: «AV. JUAREZ» ya no se ve gritado si «AV.» se escribe completa.
        for nueva, cambiar in (("mayusculas", _con_mayusculas), ("abreviatura", _entero), ("acentos", _acentuado)):
            mejor = cambiar(idioma, limpio, de_calle=de_calle)
            if mejor != limpio:
                frase, limpio = frase or nueva, mejor
    return Falta(frase, limpio) if frase else None


def _en_otro_idioma(idioma: Idioma, nombre: str) -> bool:
    return any(palabra.casefold() in idioma.otro_idioma for palabra in PALABRA.findall(nombre))


def _entero(idioma: Idioma, nombre: str, *, de_calle: bool) -> str:
    """El nombre con sus abreviaturas escritas completas."""
    if not de_calle:
        return nombre
    # «Av.Juárez» y «C/Mina» no dejaron espacio.
    partes = re.sub(r"^([^\W\d]{1,6}\.|[cC]/)(?=[^\W\d])", r"\1 ", nombre).split(" ")
    ultima = len(partes) - 1
    for k, parte in enumerate(partes):
        corta = parte.rstrip(".").casefold()
        con_punto = parte.endswith((".", "/"))
        entera = None
        if k == 0 and ultima > 0 and (con_punto or corta not in idioma.ambiguas):
            entera = idioma.abreviaturas.get(corta)
        if entera is None and con_punto and k < ultima:
            entera = idioma.tratos.get(corta)
        if entera is None and k > 0 and (con_punto or k == ultima):
            entera = idioma.rumbos.get(corta)
        partes[k] = entera or parte
    return " ".join(partes)


def _con_mayusculas(idioma: Idioma, nombre: str, *, de_calle: bool) -> str:
    """«AVENIDA JUÁREZ» y «avenida juárez» como «Avenida Juárez»."""
    letras = [p for p in PALABRA.findall(nombre) if p not in idioma.siglas and p.casefold() not in idioma.minusculas]
    largas = [p for p in letras if len(p) > LETRAS_DE_SIGLA]
    # El nombre de un comercio puede ir como su dueño quiera si es una palabra: «ISSSTESON», «adidas».
    if not letras or (not de_calle and len(letras) < 2):
        return nombre
    gritadas = sum(p.isupper() for p in letras)
    fuerte = bool(largas) or (nombre.isupper() and len(letras) > 1)
    gritado = fuerte and all(p.isupper() for p in largas) and 2 * gritadas >= len(letras)
    bajito = all(p.islower() for p in PALABRA.findall(nombre)) and bool(largas)
    if not gritado and not bajito:
        return nombre
    return " ".join(_inicial(idioma, palabra, primera=k == 0) for k, palabra in enumerate(nombre.split(" ")))


def _inicial(idioma: Idioma, palabra: str, *, primera: bool) -> str:
    pelada = palabra.strip("().,;:«»\"'")
    if pelada.upper() in idioma.siglas and (pelada.isupper() or set(pelada.upper()) <= set("IVX")):
        return palabra.upper()
    if palabra.casefold() in idioma.minusculas and not primera:
        return palabra.casefold()
    if any(c.isdigit() for c in palabra):
        # «5A» es parte del número; «1RA» y «2DO», un ordinal.
        return (
            palabra.casefold()
            if re.fullmatch(r"\d+(ra|da|do|er|ro|ta|to|na|no|va|vo|a)\.?", palabra.casefold()) and len(pelada) > 2
            else palabra.upper()
        )
    return PALABRA.sub(lambda m: str(m[0]).capitalize(), palabra)


def _acentuado(idioma: Idioma, nombre: str, *, de_calle: bool) -> str:
    del de_calle
    return PALABRA.sub(lambda m: _con_su_acento(idioma, m[0]), nombre)


def _con_su_acento(idioma: Idioma, palabra: str) -> str:
    if not palabra.isascii():
        return palabra
    doblada = palabra.casefold()
    buena: str | None = idioma.con_acento.get(doblada)
    sin_acento = _sin_acento(idioma.terminacion)
    if buena is None and doblada.endswith(sin_acento) and len(doblada) > len(sin_acento) + 1:
        buena = palabra[:1].upper() + doblada[1:].removesuffix(sin_acento) + idioma.terminacion
    if buena is None or not palabra[:1].isupper():
        return palabra
    return buena.upper() if palabra.isupper() and len(palabra) > 1 else buena


def _sin_acento(palabra: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", palabra) if not unicodedata.combining(c))


def _corto(texto: str) -> str:
    return texto if len(texto) <= TEXTO_MAXIMO else f"{texto[: TEXTO_MAXIMO - 1]}…"


REGLA: Final = Regla(
    codigo="E-NOMB",
    carpeta=CARPETA,
    revisar=revisar,
    umbrales={"letras_de_sigla": LETRAS_DE_SIGLA},
    alcance_m=0.0,
)
