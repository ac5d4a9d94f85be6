"""La forma de una regla y de sus textos."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.red import UNEN_TAMBIEN

EDIFICIOS: Final = "edificios"
CALLES: Final = "calles"
LLAVES_DE: Final = {
    EDIFICIOS: ("building",),
    CALLES: ("highway", *UNEN_TAMBIEN),
}
"""Llaves sin las que un objeto no es de esa clase (`geo.osm.etiquetas.es_edificio`, `geo.revisiones.base.red.une`)."""
IDIOMAS: Final = ("es", "en")
CAMPOS: Final = ("titulo", "por_que", "como", "trampa")


@dataclass(frozen=True, slots=True)
class Ajustes:
    """Lo que cambia de un lugar a otro.

    Attributes
    ----------
    pais : str
        ISO 3166-1 en minúsculas; dice qué abreviaturas y palabras se usan en los nombres.
    mapea : frozenset of str
        Llaves principales de lo que el proyecto mapea (``{"building", "highway"}``); vacío, todo. De lo que dice ser
        otra cosa no se juzgan las etiquetas.
    """

    pais: str = "mx"
    mapea: frozenset[str] = frozenset()


Revisar = Callable[[Mundo, Ajustes], Iterable[Hallazgo]]


@dataclass(frozen=True)
class Regla:
    """Una revisión.

    Attributes
    ----------
    codigo : str
    carpeta : Path
        Donde están ``textos.toml`` y ``casos.txt``.
    revisar : callable
        Recibe el mundo y los ajustes; da los hallazgos, en metros.
    umbrales : mapping of str to número
        Lo que decide. Cambiar uno hace otra versión del catálogo (`geo.revisiones.catalogo.VERSION`).
    alcance_m : float or None
        Un hallazgo depende sólo de los objetos, enteros, que pasan a esta distancia de su lugar o menos; ``None`` si
        depende de todo el municipio. De esto vive la revisión de lo que un cambio tocó.
    de_referencia : bool
        Si compara con la referencia del municipio (`Mundo.referencia`): sin ella nada dice.
    mira : str or None
        De qué objetos depende, si no es de todos: de `EDIFICIOS`, o de `CALLES` y lo demás que une
        (`geo.revisiones.base.red`). Quien revisa una tarea no tiene que leer lo demás que haya lejos.
    puede : callable or None
        Con lo que hay en un lugar, si algo de ahí le puede parecer mal; ``None`` si no se sabe sin correrla.
    """

    codigo: str
    carpeta: Path
    revisar: Revisar
    umbrales: Mapping[str, float]
    alcance_m: float | None
    de_referencia: bool = False
    mira: str | None = None
    puede: Callable[[Mundo], bool] | None = None

    @cached_property
    def textos(self) -> dict[str, dict[str, Any]]:
        """Por idioma: ``titulo``, ``por_que``, ``como``, ``trampa``, ``umbrales``, ``frases`` y ``arreglos``."""
        with (self.carpeta / "textos.toml").open("rb") as archivo:
            return tomllib.load(archivo)

    @property
    def casos(self) -> str:
        """Los datos legibles que son su prueba (`geo.revisiones.base.casos`)."""
        return (self.carpeta / "casos.txt").read_text(encoding="utf-8")

    def frase(self, hallazgo: Hallazgo, idioma: str = "es") -> str:
        """La oración con sus cifras."""
        return _llena(self._de(idioma)["frases"][hallazgo.frase], hallazgo, idioma)

    def arreglo(self, hallazgo: Hallazgo, idioma: str = "es") -> str:
        """Qué hacer con este hallazgo; si la frase no tiene el suyo, el de la regla."""
        textos = self._de(idioma)
        return _llena(textos.get("arreglos", {}).get(hallazgo.frase, textos["como"]), hallazgo, idioma)

    def umbrales_dichos(self, idioma: str = "es") -> list[str]:
        """Los umbrales en oraciones, con sus cifras; vacío si la regla no decide con números."""
        dichos = [frase.format_map(self.umbrales) for frase in self._de(idioma).get("umbrales", ())]
        return [frase.replace("%", "\u00a0%") for frase in dichos] if idioma == "es" else dichos

    def _de(self, idioma: str) -> dict[str, Any]:
        return self.textos.get(idioma) or self.textos["es"]


def _llena(plantilla: str, hallazgo: Hallazgo, idioma: str) -> str:
    """Los huecos son ``{dato}``. De un dato ``{"es": …, "en": …}`` se dice el del idioma."""
    dichos = {k: v.get(idioma, v["es"]) if isinstance(v, Mapping) else v for k, v in hallazgo.datos.items()}
    return plantilla.format_map({k: f"{v:,}" if isinstance(v, int) else v for k, v in dichos.items()})
