"""E-ETIQ: objetos sin etiquetas, llaves y valores mal escritos o inventados.

Lo que se acepta está en ``valores.toml``, con su fuente. En ``sugerencia``, una etiqueta con ``None`` se quita.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from geo.osm.etiquetas import es_calle, es_edificio
from geo.revisiones.base.escritura import Parecidas
from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.lugares import con_etiquetas, lugar_de
from geo.revisiones.base.mundo import Etiquetas, Mundo
from geo.revisiones.base.regla import Ajustes, Regla

CARPETA: Final = Path(__file__).parent
LARGO_DE_LLAVE: Final = 6
LARGO_DE_VALOR: Final = 5
"""Letras desde las que una llave o un valor a un tecleo de otro se tiene por mal escrito; más corta, «tower» sería
«power». Propios."""
SE_DICEN: Final = 3
"""De las etiquetas de una misma falla, cuántas nombra la frase."""
TEXTO_MAXIMO: Final = 40
PRINCIPALES_DE_NIVEL_1: Final = frozenset(("building", "highway"))

Arreglo = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Falta:
    """Lo que está mal en una etiqueta; ``bien`` dice cómo iría y ``arreglo`` qué etiquetas cambian."""

    frase: str
    nivel: int
    mal: str
    bien: str
    arreglo: Arreglo


class Conocidas:
    """Las listas de ``valores.toml``, ya preparadas."""

    def __init__(self, datos: Mapping[str, Any]) -> None:
        self.principales = frozenset(datos["principales"].split())
        comunes = self.principales | frozenset(datos["comunes"].split())
        self.otras = frozenset(datos["otras"].split())
        self.mudas = frozenset(datos["mudas"].split())
        self.atributos = frozenset(datos["atributos"].split())
        self.si_no = frozenset(datos["si_no"].split())
        self.dichos: dict[str, str] = {d: v for v in ("yes", "no") for d in (v, *datos["dichos"][v].split())}
        self.en_espanol: Mapping[str, str] = datos["en_espanol"]
        self.llaves = Parecidas(comunes, LARGO_DE_LLAVE)
        self.valores = {llave: frozenset(d["valores"].split()) for llave, d in datos["llaves"].items()}
        self.parecidos = {llave: Parecidas(valores, LARGO_DE_VALOR) for llave, valores in self.valores.items()}
        self.nivel: dict[str, int] = {llave: d["nivel"] for llave, d in datos["llaves"].items()}
        self.mal: dict[str, Mapping[str, str]] = {llave: d["mal"] for llave, d in datos["llaves"].items()}
        self.contradice = [(c["una"], c["otra"], frozenset(c["salvo"].split())) for c in datos["contradice"]]


@cache
def conocidas() -> Conocidas:
    """Las listas, leídas una vez."""
    return Conocidas(tomllib.loads((CARPETA / "valores.toml").read_text(encoding="utf-8")))


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Por objeto, un hallazgo de cada clase de falla, con todas sus etiquetas juntas.

    Si el proyecto dice qué mapea, sólo de eso y de lo que no dice qué es: quien dibuja casas no tiene por qué saber de
    las etiquetas de un comercio que ya estaba ahí.
    """
    yield from _sin_etiquetas(mundo)
    listas = conocidas()
    buenas: set[str] = set()
    """Llaves de las que no se revisa el valor: casi todas, y se preguntan una vez."""
    for clave, etiquetas in con_etiquetas(mundo):
        if ajustes.mapea and _es_ajeno(listas, ajustes.mapea, etiquetas):
            continue
        faltas: list[Falta] = []
        for llave, valor in etiquetas.items():
            if llave in buenas and valor and not (valor[0].isspace() or valor[-1].isspace()):
                continue
            propias = _de_etiqueta(listas, etiquetas, llave, valor)
            faltas += propias
            if not propias and llave not in listas.valores and llave not in listas.si_no:
                buenas.add(llave)
        if clave[0] != "n":
            faltas += _contradichas(listas, etiquetas)
        if faltas:
            yield from _decir(mundo, clave, faltas)


def _sin_etiquetas(mundo: Mundo) -> Iterator[Hallazgo]:
    listas = conocidas()
    de_relacion = {numero for r in mundo.relaciones for tipo, numero, _ in r.miembros if tipo == "w"}
    poco = listas.mudas | listas.atributos
    for via, etiquetas in enumerate(mundo.via_etiquetas):
        if not all(_es_de(llave, poco) for llave in etiquetas) or int(mundo.via_id[via]) in de_relacion:
            continue
        clave = mundo.clave_de_via(via)
        lugar = lugar_de(mundo, clave)
        if lugar is None:
            continue
        if all(_es_de(llave, listas.mudas) for llave in etiquetas):
            yield Hallazgo("E-ETIQ", 1, (clave,), lugar, "sin_etiquetas")
        else:
            dichas = sorted(llave for llave in etiquetas if not _es_de(llave, listas.mudas))
            yield Hallazgo("E-ETIQ", 2, (clave,), lugar, "sin_clase", {"llaves": _enumerar(dichas)})


def _es_de(llave: str, lista: frozenset[str]) -> bool:
    prefijo = llave.partition(":")[0]
    # «area:highway» sí dice qué es; «name:es» y «source:name», no.
    return llave in lista or (prefijo in lista and prefijo != "area")


def _es_ajeno(listas: Conocidas, mapea: frozenset[str], etiquetas: Etiquetas) -> bool:
    """Si dice qué es, y no es nada de lo que se mapea."""
    return mapea.isdisjoint(etiquetas) and not listas.principales.isdisjoint(etiquetas)


def _de_etiqueta(listas: Conocidas, todas: Etiquetas, llave: str, valor: str) -> list[Falta]:
    limpia, limpio = llave.strip(), valor.strip()
    if not limpia or not limpio:
        return [Falta("vacia", 2, _dicho(llave, valor), "", {llave: None})]
    if (limpia, limpio) != (llave, valor):
        return [
            Falta("espacios", 2, _dicho(limpia, limpio), _dicho(limpia, limpio), _cambio(todas, llave, limpia, limpio))
        ]
    falta = _llave_mala(listas, todas, llave, valor) or _valor_malo(listas, llave, valor)
    return [] if falta is None else [falta]


def _llave_mala(listas: Conocidas, todas: Etiquetas, llave: str, valor: str) -> Falta | None:
    if llave in listas.otras:
        return None
    buena = listas.en_espanol.get(llave.casefold()) or listas.llaves.de(llave)
    if buena is None:
        return None
    # Con la llave bien escrita también puesta, el objeto sí aparece: sobra ésta, y no urge.
    nivel = 1 if buena in listas.principales and buena not in todas else 2
    corregido = listas.mal.get(buena, {}).get(valor.casefold(), valor)
    return Falta("llave", nivel, llave, buena, _cambio(todas, llave, buena, corregido))


def _valor_malo(listas: Conocidas, llave: str, valor: str) -> Falta | None:
    if llave in listas.si_no:
        return _si_o_no(listas, llave, valor)
    buenos = listas.valores.get(llave)
    if buenos is None or valor in buenos:
        return None
    partes = [parte.strip() for parte in valor.split(";")]
    if llave in ("surface", "building", "natural") and all(parte in buenos for parte in partes):
        return None
    grave = 1 if llave in PRINCIPALES_DE_NIVEL_1 else 2
    bueno = listas.mal[llave].get(valor.casefold()) or listas.parecidos[llave].de(valor)
    if bueno is not None:
        return Falta("valor", grave, _dicho(llave, valor), _dicho(llave, bueno), {llave: bueno})
    return Falta("desconocido", listas.nivel[llave], _dicho(llave, valor), "", {})


def _si_o_no(listas: Conocidas, llave: str, valor: str) -> Falta | None:
    if valor in ("yes", "no"):
        return None
    bueno = listas.dichos.get(valor.casefold())
    if bueno is None:
        return Falta("si_o_no", 2, _dicho(llave, valor), "yes, no", {})
    return Falta("valor", 2, _dicho(llave, valor), _dicho(llave, bueno), {llave: bueno})


def _contradichas(listas: Conocidas, etiquetas: Etiquetas) -> Iterator[Falta]:
    for una, otra, salvo in listas.contradice:
        if una not in etiquetas or otra not in etiquetas or salvo & {etiquetas[una], etiquetas[otra]}:
            continue
        # Un vado o un arroyo seco que sirve de camino es las dos cosas.
        if "ford" in etiquetas or etiquetas.get("intermittent") == "yes" or "layer" in etiquetas:
            continue
        if (una == "building" and es_edificio(etiquetas)) or (una == "highway" and es_calle(etiquetas)):
            yield Falta("contradice", 2, _dicho(una, etiquetas[una]), _dicho(otra, etiquetas[otra]), {})


def _decir(mundo: Mundo, clave: str, faltas: list[Falta]) -> Iterator[Hallazgo]:
    lugar = lugar_de(mundo, clave)
    if lugar is None:
        return
    por_frase = defaultdict(list)
    for falta in sorted(faltas, key=lambda f: (f.frase, f.mal, f.bien)):
        por_frase[falta.frase].append(falta)
    for frase, propias in por_frase.items():
        arreglo: Arreglo = {}
        for falta in propias:
            arreglo |= falta.arreglo
        bien = [f.bien for f in propias if f.bien]
        yield Hallazgo(
            codigo="E-ETIQ",
            nivel=min(f.nivel for f in propias),
            objetos=(clave,),
            lugar=lugar,
            frase=frase,
            datos={"mal": _enumerar(f.mal for f in propias), "bien": _enumerar(dict.fromkeys(bien))},
            sugerencia={"etiquetas": dict(sorted(arreglo.items()))} if arreglo else None,
        )


def _cambio(todas: Etiquetas, llave: str, buena: str, valor: str) -> Arreglo:
    """Quita la llave mala y pone la buena, si no estaba ya."""
    if llave == buena:
        return {llave: valor}
    return {llave: None} if buena in todas else {llave: None, buena: valor}


def _dicho(llave: str, valor: str) -> str:
    return f"{_corto(llave)}={_corto(valor)}"


def _corto(texto: str) -> str:
    return texto if len(texto) <= TEXTO_MAXIMO else f"{texto[: TEXTO_MAXIMO - 1]}…"


def _enumerar(textos: Any) -> str:
    lista = [_corto(t) if "=" not in t else t for t in textos]
    return ", ".join(lista[:SE_DICEN]) + ("…" if len(lista) > SE_DICEN else "")


REGLA: Final = Regla(
    codigo="E-ETIQ",
    carpeta=CARPETA,
    revisar=revisar,
    umbrales={"largo_de_llave": LARGO_DE_LLAVE, "largo_de_valor": LARGO_DE_VALOR},
    alcance_m=0.0,
)
