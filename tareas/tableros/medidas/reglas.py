"""Qué es cada medida, desde cuántos casos se dice y quién la ve. El porqué está en la decisión 41."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from geo.estadisticas.acuerdo import kappa
from geo.estadisticas.proporciones import wilson
from geo.estadisticas.tasas import por_cada
from tareas.comun.permisos import GESTIONAN, VALIDAN
from tareas.comun.textos import N_

VEN_MEDIDAS: Final = VALIDAN
"""Quien ve las de cada persona, además de ella misma."""
VEN_GRUPOS: Final = VALIDAN | GESTIONAN
MINIMO_CASOS: Final = 10
"""Tareas, parejas o respuestas con que una proporción o un κ ya se dice."""
MINIMO_OBJETOS: Final = 100
MINIMO_TIEMPOS: Final = 5
MINIMO_PERSONAS: Final = 5
"""Con menos, lo de un grupo no se publica; lo de un municipio, un proyecto o un mes, sólo a quien ve personas."""


class Por(StrEnum):
    """Qué es cada renglón."""

    PERSONA = "persona"
    GRUPO = "grupo"
    VALIDADOR = "validador"
    CODIGO = "codigo"
    MES = "mes"
    PROYECTO = "proyecto"


class Orden(StrEnum):
    """Por qué columna se ordenan los renglones."""

    NOMBRE = "nombre"
    ACEPTACION = "aceptacion"
    ERRORES = "errores"
    REVISION = "revision"
    ESPERA = "espera"
    ACUERDO = "acuerdo"
    CASOS = "casos"


@dataclass(frozen=True, slots=True)
class Proporcion:
    """De ``n``, ``k``. Sin casos suficientes, ``valor`` y su intervalo son ``None``."""

    k: int
    n: int
    valor: float | None
    bajo: float | None
    alto: float | None
    minimo: int = MINIMO_CASOS


@dataclass(frozen=True, slots=True)
class Tasa:
    """``k`` errores en ``n`` objetos de ``entregas`` entregas, por cada cien."""

    k: int
    n: int
    entregas: int
    valor: float | None
    bajo: float | None
    alto: float | None
    minimo: int = MINIMO_OBJETOS


@dataclass(frozen=True, slots=True)
class Tiempos:
    """Mediana y cuartiles de ``n`` tiempos, en segundos."""

    n: int
    mediana: float | None
    p25: float | None
    p75: float | None
    minimo: int = MINIMO_TIEMPOS


@dataclass(frozen=True, slots=True)
class Acuerdo:
    """Coincidencia de las parejas a ciegas, y κ con su error estándar y su intervalo."""

    coinciden: Proporcion
    kappa: float | None
    error: float | None
    bajo: float | None
    alto: float | None


def proporcion(k: int, n: int, minimo: int = MINIMO_CASOS) -> Proporcion:
    """Con su intervalo de Wilson, si hay casos suficientes."""
    if n < max(1, minimo):
        return Proporcion(k, n, None, None, None, minimo)
    bajo, alto = wilson(k, n)
    return Proporcion(k, n, round(k / n, 4), round(bajo, 4), round(alto, 4), minimo)


def tasa(k: int, n: int, entregas: int) -> Tasa:
    """Por cada cien objetos, con su intervalo de Poisson, si hay objetos suficientes."""
    if n < MINIMO_OBJETOS:
        return Tasa(k, n, entregas, None, None, None)
    valor, bajo, alto = (round(x, 3) for x in por_cada(k, n))
    return Tasa(k, n, entregas, valor, bajo, alto)


def tiempos(n: int, cuartiles: Sequence[float] | None) -> Tiempos:
    """De ``[p25, mediana, p75]``, si hay casos suficientes."""
    if n < MINIMO_TIEMPOS or cuartiles is None:
        return Tiempos(n, None, None, None)
    p25, mediana, p75 = (round(x, 1) for x in cuartiles)
    return Tiempos(n, mediana, p25, p75)


def acuerdo(tabla: Sequence[Sequence[int]]) -> Acuerdo:
    """De la tabla de las parejas: renglón, lo que dijo la primera; columna, la segunda; «pasa» y «se devuelve»."""
    k = kappa(tabla)
    coinciden = proporcion(k.iguales, k.n)
    if coinciden.valor is None or k.valor is None or k.error is None or k.bajo is None or k.alto is None:
        return Acuerdo(coinciden, None, None, None, None)
    return Acuerdo(coinciden, round(k.valor, 3), round(k.error, 3), round(k.bajo, 3), round(k.alto, 3))


class Lectura(StrEnum):
    """Qué tan fuerte es un acuerdo, en la escala de Landis y Koch."""

    NINGUNO = "ninguno"
    LEVE = "leve"
    ACEPTABLE = "aceptable"
    MODERADO = "moderado"
    CONSIDERABLE = "considerable"
    CASI_PERFECTO = "casi_perfecto"


_HASTA: Final = (
    (0.0, Lectura.NINGUNO),
    (0.2, Lectura.LEVE),
    (0.4, Lectura.ACEPTABLE),
    (0.6, Lectura.MODERADO),
    (0.8, Lectura.CONSIDERABLE),
)


def leer_kappa(kappa: float) -> Lectura:
    """Cómo se lee un κ (−1 a 1).

    Los cortes son los de J. R. Landis y G. G. Koch, «The measurement of observer agreement for categorical data»,
    *Biometrics* 33 (1977), 159-174; ellos mismos los llaman arbitrarios: sirven para hablar, no para decidir.
    """
    return next((lectura for hasta, lectura in _HASTA if kappa <= hasta), Lectura.CASI_PERFECTO)


@dataclass(frozen=True, slots=True)
class Renglon:
    """Las medidas de una persona, un grupo, un proyecto, un mes… o de todo.

    ``oculto`` dice que no se publican: son de muy pocas personas o por ellas se sabría de otras: va sin cifras.
    """

    clave: str
    nombre: str
    usuario: str | None = None
    oculto: bool = False
    personas: int = 0
    juzgadas: int = 0
    con_arreglos: int = 0
    a_favor: int = 0
    aceptacion: Proporcion | None = None
    errores: Tasa | None = None
    revision: Tiempos | None = None
    espera: Tiempos | None = None
    acuerdo: Acuerdo | None = None
    sostenidas: Proporcion | None = None

    def json(self) -> dict[str, Any]:
        """Como lo da la API."""
        if self.oculto:
            return {"clave": self.clave, "nombre": self.nombre, "oculto": True}
        return asdict(self)

    def fila(self) -> dict[str, Any]:
        """Como lo da el CSV: `COLUMNAS_DE_MEDIDAS`."""
        plana: dict[str, Any] = {"clave": self.clave, "nombre": self.nombre, "oculto": "si" if self.oculto else "no"}
        if self.oculto:
            return plana
        plana |= {
            "personas": self.personas,
            "juzgadas": self.juzgadas,
            "con_arreglos": self.con_arreglos,
            "a_favor": self.a_favor,
            **_aplanar("aceptacion", self.aceptacion),
            **_aplanar("errores", self.errores),
            **_aplanar("revision", self.revision),
            **_aplanar("espera", self.espera),
            **_aplanar("sostenidas", self.sostenidas),
        }
        if (a := self.acuerdo) is not None:
            plana |= _aplanar("acuerdo", a.coinciden)
            plana |= {"kappa": a.kappa, "kappa_error": a.error, "kappa_bajo": a.bajo, "kappa_alto": a.alto}
        return plana


@dataclass(frozen=True, slots=True)
class RenglonDeCodigo:
    """Las medidas de un código de la lista de errores."""

    codigo: str
    nombre: str
    oculto: bool
    errores: Tasa | None
    precision: Proporcion | None
    """De lo que la revisión automática halla, lo que las personas dijeron que sí es un error; ``None`` si no la hay."""

    @property
    def con_casos(self) -> bool:
        """``True`` si alguien lo señaló, o si ya se sabe cuánto acierta su revisión."""
        return bool(self.errores and self.errores.k) or bool(self.precision and self.precision.valor is not None)

    def json(self) -> dict[str, Any]:
        """Como lo da la API."""
        return asdict(self)

    def fila(self) -> dict[str, Any]:
        """Como lo da el CSV: `COLUMNAS_DE_MEDIDAS_POR_CODIGO`."""
        return {
            "codigo": self.codigo,
            "nombre": self.nombre,
            "oculto": "si" if self.oculto else "no",
            **_aplanar("errores", self.errores),
            **_aplanar("precision", self.precision),
        }


def _aplanar(prefijo: str, medida: Proporcion | Tasa | Tiempos | None) -> dict[str, Any]:
    if medida is None:
        return {}
    return {prefijo if c == "valor" else f"{prefijo}_{c}": v for c, v in asdict(medida).items() if c != "minimo"}


_LLAVES: dict[Orden, Callable[[Renglon], float | None]] = {
    Orden.ACEPTACION: lambda r: r.aceptacion.valor if r.aceptacion else None,
    Orden.ERRORES: lambda r: r.errores.valor if r.errores else None,
    Orden.REVISION: lambda r: r.revision.mediana if r.revision else None,
    Orden.ESPERA: lambda r: r.espera.mediana if r.espera else None,
    Orden.ACUERDO: lambda r: r.acuerdo.coinciden.valor if r.acuerdo else None,
    Orden.CASOS: lambda r: r.juzgadas,
}
_DE_MAYOR_A_MENOR: Final = frozenset({Orden.ERRORES, Orden.REVISION, Orden.ESPERA, Orden.CASOS})


def ordenar(renglones: Sequence[Renglon], orden: Orden, por: Por) -> list[Renglon]:
    """Por nombre (los meses, por fecha), o por una medida: primero donde más ayuda hace falta; lo que no alcanza, al
    final.
    """
    por_nombre = sorted(renglones, key=lambda r: (r.clave if por is Por.MES else r.nombre.casefold(), r.clave))
    if orden is Orden.NOMBRE:
        return por_nombre
    llave, signo = _LLAVES[orden], -1 if orden in _DE_MAYOR_A_MENOR else 1
    valores = {id(r): None if r.oculto else llave(r) for r in por_nombre}
    return sorted(por_nombre, key=lambda r: (valores[id(r)] is None, signo * (valores[id(r)] or 0)))


def de_mas(
    personas: Mapping[str, frozenset[int]], ocultos: Collection[str], todas: frozenset[int] | None = None
) -> list[str]:
    """Qué renglón más se oculta para que, restando del total los que quedan, no se sepa de menos de cinco personas.

    Es el de menos personas de los que se publican, porque con él lo que falta ya es de cinco o más.

    Parameters
    ----------
    personas : Mapping
        De quiénes es lo de cada renglón.
    ocultos : Collection
        Los que ya no se publican.
    todas : frozenset or None
        De quiénes es el total, si hay personas que no están en ningún renglón o están en varios, como en los grupos.
    """
    quedan = {clave: suyas for clave, suyas in personas.items() if clave not in ocultos}
    if todas is None:
        faltan = frozenset[int]().union(*(personas[clave] for clave in ocultos if clave in personas))
    else:
        faltan = todas.difference(*quedan.values())
    if not quedan or not 0 < len(faltan) < MINIMO_PERSONAS:
        return []
    return [min(quedan, key=lambda clave: (len(quedan[clave]), clave))]


def tabla_de(parejas: Sequence[tuple[bool, bool, int]]) -> list[list[int]]:
    """La tabla de dos por dos de ``(la primera devuelve, la segunda devuelve, cuántas)``."""
    tabla = [[0, 0], [0, 0]]
    for primera, segunda, cuantas in parejas:
        tabla[primera][segunda] += cuantas
    return tabla


def _de_proporcion(prefijo: str, valor: str, k: str, n: str) -> dict[str, str]:
    return {
        f"{prefijo}_k": k,
        f"{prefijo}_n": n,
        prefijo: valor,
        f"{prefijo}_bajo": N_("Desde dónde: límite inferior del intervalo, 95 de cada 100 veces"),
        f"{prefijo}_alto": N_("Hasta dónde: límite superior del intervalo, 95 de cada 100 veces"),
    }


_ERRORES: Final = {
    "errores_k": N_("Errores señalados en sus entregas juzgadas, de las que se sabe cuántos objetos tocó"),
    "errores_n": N_("Objetos que tocó en esas entregas"),
    "errores_entregas": N_("Cuántas entregas son"),
    "errores": N_("Errores por cada 100 objetos; vacío con menos de 100 objetos"),
    "errores_bajo": N_("Desde dónde: límite inferior del intervalo, 95 de cada 100 veces"),
    "errores_alto": N_("Hasta dónde: límite superior del intervalo, 95 de cada 100 veces"),
}


def _de_tiempo(prefijo: str, que: str, n: str) -> dict[str, str]:
    return {
        f"{prefijo}_n": n,
        f"{prefijo}_mediana": que,
        f"{prefijo}_p25": N_("Un cuarto de los tiempos es menor que éste, en segundos"),
        f"{prefijo}_p75": N_("Un cuarto de los tiempos es mayor que éste, en segundos"),
    }


COLUMNAS_DE_MEDIDAS: Final[Mapping[str, str]] = {
    "clave": N_("Número de la persona, del grupo o del proyecto, o el mes (AAAA-MM); «total», todo junto"),
    "nombre": N_("Cómo se llama"),
    "oculto": N_("si, cuando sus cifras no se publican: dirían lo de menos de cinco personas"),
    "personas": N_("De cuántas personas son las entregas juzgadas"),
    "juzgadas": N_("Entregas con dictamen; los deshechos no cuentan"),
    "con_arreglos": N_("De sus primeras revisiones, las que se aceptaron con arreglos de quien revisó"),
    "a_favor": N_("Devoluciones que se disputaron y se resolvieron a favor de quien mapeó"),
    **_de_proporcion(
        "aceptacion",
        N_("Parte aceptada a la primera (0 a 1); vacía con menos de 10 tareas"),
        N_("Tareas aceptadas en su primera revisión, con arreglos o sin ellos, o devueltas y resueltas a su favor"),
        N_("Tareas revisadas por primera vez"),
    ),
    **_ERRORES,
    **_de_tiempo(
        "revision",
        N_("Mediana del tiempo entre tomar una tarea para revisarla y su dictamen, en segundos"),
        N_("Revisiones con tiempo medido"),
    ),
    **_de_tiempo(
        "espera",
        N_("Mediana del tiempo entre una entrega y su dictamen, en segundos"),
        N_("Entregas con respuesta"),
    ),
    **_de_proporcion(
        "acuerdo",
        N_("Parte de las parejas a ciegas en que coincidieron (0 a 1); vacía con menos de 10 parejas"),
        N_("Parejas en que las dos dejaron pasar la entrega, o las dos la devolvieron"),
        N_("Parejas de dictámenes a ciegas de la misma entrega"),
    ),
    "kappa": N_("κ de Cohen de esas parejas: el acuerdo más allá del azar"),
    "kappa_error": N_("Error estándar de κ"),
    "kappa_bajo": N_("Desde dónde: límite inferior del intervalo, 95 de cada 100 veces"),
    "kappa_alto": N_("Hasta dónde: límite superior del intervalo, 95 de cada 100 veces"),
    **_de_proporcion(
        "sostenidas",
        N_("Parte de las devoluciones disputadas que otra persona sostuvo (0 a 1); vacía con menos de 10"),
        N_("Devoluciones disputadas que otra persona sostuvo"),
        N_("Devoluciones disputadas y resueltas"),
    ),
}

COLUMNAS_DE_MEDIDAS_POR_CODIGO: Final[Mapping[str, str]] = {
    "codigo": N_("Código de la lista de errores, como E-TRAS"),
    "nombre": N_("Qué error es"),
    "oculto": N_("si, cuando sus cifras no se publican: dirían lo de menos de cinco personas"),
    **_ERRORES,
    **_de_proporcion(
        "precision",
        N_("De lo hallado por la revisión automática, la parte que sí era error (0 a 1); vacía si no alcanza"),
        N_("Respuestas «sí es un error»"),
        N_("Respuestas que las personas dieron, en todo el municipio"),
    ),
}
