"""Reglas puras: cómo se llama aquí quien llega con su cuenta de OpenStreetMap."""

import itertools
import unicodedata
from collections.abc import Iterator

from tareas.comun.signos import ilegible, se_ve
from tareas.cuentas.reglas import LARGO_NOMBRE, LARGO_USUARIO

SEGUNDOS_DE_ENTRADA = 10 * 60
PRUEBAS_DE_NOMBRE = 30


def usuarios_posibles(nombre: str, uid: int) -> Iterator[str]:
    """Usuarios válidos que se parecen a un nombre de OpenStreetMap, del más parecido al que seguro está libre.

    Parameters
    ----------
    nombre
        El de allá, que admite espacios, diagonales y hasta 255 signos.
    uid
        Número de la cuenta de allá.
    """
    minimo, maximo = LARGO_USUARIO
    normal = unicodedata.normalize("NFKC", nombre)
    visible = "".join("_" if c in " /@" or unicodedata.category(c)[0] == "Z" else c for c in normal)
    base = "".join(c for c in visible if unicodedata.category(c)[0] != "C").strip("_")[: maximo - 5]
    if len(base) < minimo:
        base = f"osm_{base}" if base else f"osm_{uid}"
    yield base
    for numero in itertools.islice(itertools.count(2), PRUEBAS_DE_NOMBRE):
        yield f"{base}{numero}"
    yield f"osm_{uid}"
    for numero in itertools.count(2):
        yield f"osm_{uid}_{numero}"


def nombre_para_mostrar(nombre: str, uid: int) -> str:
    """El nombre de allá, como aquí se admite; si no queda nada legible, el número de la cuenta."""
    limpio = " ".join(
        "".join(c for c in unicodedata.normalize("NFC", nombre) if c.isspace() or not ilegible(c)).split()
    )
    limpio = limpio[:LARGO_NOMBRE].strip()
    return limpio if se_ve(limpio) else f"OSM {uid}"
