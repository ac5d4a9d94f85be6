"""Junta las medidas de un municipio o un proyecto, recortadas para quien las pide, y las dice con palabras."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from tareas.calidad.revisiones.presentacion import titulos
from tareas.comun.bd import recuento_largo
from tareas.comun.entrada import EntradaInvalida
from tareas.comun.errores import ErrorTequio, NoAutenticado, NoEncontrado, NoPermitido
from tareas.comun.permisos import Actor
from tareas.comun.presentacion import duracion, numero, porcentaje
from tareas.comun.textos import N_, _, llenar, n_
from tareas.cuentas.osm.servidores import PRACTICA
from tareas.tableros.consultas import proyectos_de_municipio
from tareas.tableros.medidas import consultas
from tareas.tableros.medidas.consultas import Ambito, periodo
from tareas.tableros.medidas.formularios import Filtro
from tareas.tableros.medidas.reglas import (
    VEN_GRUPOS,
    VEN_MEDIDAS,
    Acuerdo,
    Orden,
    Por,
    Proporcion,
    Renglon,
    RenglonDeCodigo,
    Tasa,
    Tiempos,
    ordenar,
)

DICHO_POR: Final = {
    Por.PERSONA: N_("Quien mapea"),
    Por.GRUPO: N_("Grupo"),
    Por.VALIDADOR: N_("Quien revisa"),
    Por.CODIGO: N_("Error"),
    Por.MES: N_("Mes"),
    Por.PROYECTO: N_("Proyecto"),
}
DICHO_ORDEN: Final = {
    Orden.NOMBRE: N_("Nombre"),
    Orden.ACEPTACION: N_("Menos aceptadas a la primera"),
    Orden.ERRORES: N_("Más errores por cada 100 objetos"),
    Orden.REVISION: N_("Revisión más larga"),
    Orden.ESPERA: N_("Espera más larga"),
    Orden.ACUERDO: N_("Menos acuerdo"),
    Orden.CASOS: N_("Más entregas juzgadas"),
}


@dataclass(frozen=True, slots=True)
class Medidas:
    """Lo que esta persona puede ver: el total, los renglones, y por qué."""

    por: Por
    opciones: tuple[Por, ...]
    total: Renglon
    renglones: list[Renglon]
    codigos: list[RenglonDeCodigo]
    ve_personas: bool
    grupos: list[tuple[int, str]]
    hay_practica: bool

    def json(self) -> dict[str, Any]:
        """Como lo da la API."""
        filas = self.codigos if self.por is Por.CODIGO else self.renglones
        return {"por": self.por.value, "total": self.total.json(), "renglones": [f.json() for f in filas]}


def medir(
    sesion: Session,
    actor: Actor,
    filtro: Filtro,
    *,
    municipio_id: int,
    zona: str,
    proyecto: Any = None,
    estricto: bool = True,
) -> Medidas:
    """Las medidas de un municipio (sus proyectos visibles, de verdad o de práctica) o de un proyecto.

    Parameters
    ----------
    estricto : bool
        Si es ``False``, un ``por`` que no toca se cambia por el de siempre en vez de rechazarse.

    Raises
    ------
    NoEncontrado
        Si el grupo no es del municipio, o quien pregunta no puede verlo.
    NoAutenticado, NoPermitido, EntradaInvalida
        Si ``por`` es de lo que quien pregunta no ve (por persona o por quien revisa, sin cuenta; por grupo, sin papel),
        o es por proyecto y ya es uno.
    """
    ve, ve_grupos = actor.tiene(VEN_MEDIDAS, municipio_id), actor.tiene(VEN_GRUPOS, municipio_id)
    grupos = consultas.grupos(sesion, municipio_id) if ve_grupos else []
    if filtro.grupo is not None and filtro.grupo not in {g for g, _nombre in grupos}:
        raise NoEncontrado
    if proyecto is None:
        de_verdad, de_practica = proyectos_de_municipio(sesion, actor, municipio_id)
        cuales = tuple(p.id for p in (de_practica if filtro.practica else de_verdad))
        hay_practica = bool(de_practica)
    else:
        cuales, hay_practica = (proyecto.id,), False
    negadas = _negadas(actor, proyecto is not None, ve_grupos)
    if estricto and filtro.por in negadas:
        raise negadas[filtro.por]
    # Sin grupos no se ofrece; pedirlo no es un error.
    opciones = tuple(p for p in Por if p not in negadas and (p is not Por.GRUPO or grupos))
    por = filtro.por if filtro.por and filtro.por not in negadas else Por.PERSONA if ve else Por.MES
    desde, hasta = periodo(filtro.desde, filtro.hasta, zona)
    ambito = Ambito(municipio_id, zona, cuales, desde, hasta, filtro.grupo, ve_personas=ve)
    renglones: list[Renglon] = []
    codigos: list[RenglonDeCodigo] = []
    with recuento_largo(sesion):
        if por is Por.CODIGO:
            (total, _nada), codigos = consultas.codigos(sesion, ambito, titulos())
        else:
            total, renglones = consultas.medidas(sesion, ambito, por)
    if por in {Por.PERSONA, Por.VALIDADOR} and not ve:
        renglones = [r for r in renglones if r.clave == str(actor.id)]
    return Medidas(por, opciones, total, ordenar(renglones, filtro.orden, por), codigos, ve, grupos, hay_practica)


def _negadas(actor: Actor, en_proyecto: bool, ve_grupos: bool) -> dict[Por, ErrorTequio]:
    """Lo que quien pregunta no puede pedir, y por qué."""
    negadas: dict[Por, ErrorTequio] = {}
    if en_proyecto:
        negadas[Por.PROYECTO] = EntradaInvalida(
            campos={"por": _("aquí sólo hay un proyecto")}, resumen=_("por: aquí sólo hay un proyecto")
        )
    if not ve_grupos:
        negadas[Por.GRUPO] = NoPermitido() if actor.entro else NoAutenticado()
    if not actor.entro:
        negadas |= {Por.PERSONA: NoAutenticado(), Por.VALIDADOR: NoAutenticado()}
    return negadas


def es_practica(proyecto: Any) -> bool:
    """``True`` si lo que ahí se mapea queda en un aula."""
    return bool(proyecto.servidor_osm == PRACTICA)


def decir_por(por: Por) -> str:
    """«Quien mapea», «Mes»…"""
    return llenar(DICHO_POR[por], {})


def ordenes(por: Por) -> list[tuple[str, str]]:
    """Cómo se puede ordenar, para un formulario."""
    sin = {Orden.ACUERDO} if por not in consultas.CON_PAREJAS else set()
    return [(o.value, llenar(dicho, {})) for o, dicho in DICHO_ORDEN.items() if o not in sin]


def _falta(n: int, minimo: int) -> str:
    return _("todavía no alcanza: %(n)s de %(minimo)s", n=numero(n), minimo=numero(minimo))


def decir_aceptacion(m: Proporcion | None) -> str:
    """«87 % a la primera (entre 74 % y 94 %, 38 tareas)»."""
    if m is None:
        return "—"
    if m.valor is None:
        return _falta(m.n, m.minimo)
    return n_(
        "%(valor)s a la primera (entre %(bajo)s y %(alto)s, %(cuantas)s tarea)",
        "%(valor)s a la primera (entre %(bajo)s y %(alto)s, %(cuantas)s tareas)",
        m.n,
        **_partes(m),
    )


def decir_acuerdo(a: Acuerdo | None) -> str:
    """«82 % coinciden (entre 66 % y 92 %, 33 parejas); κ 0.61, entre 0.34 y 0.88»."""
    if a is None:
        return "—"
    m = a.coinciden
    if m.valor is None:
        return _falta(m.n, m.minimo)
    dicho = n_(
        "coinciden %(valor)s (entre %(bajo)s y %(alto)s, %(cuantas)s pareja)",
        "coinciden %(valor)s (entre %(bajo)s y %(alto)s, %(cuantas)s parejas)",
        m.n,
        **_partes(m),
    )
    if a.kappa is None:
        return _("%(dicho)s; κ no se puede calcular: todas dijeron lo mismo", dicho=dicho)
    return _(
        "%(dicho)s; κ %(k)s, entre %(bajo)s y %(alto)s",
        dicho=dicho,
        k=numero(a.kappa, 2),
        bajo=numero(a.bajo, 2),
        alto=numero(a.alto, 2),
    )


def decir_sostenidas(m: Proporcion | None) -> str:
    """De las devoluciones disputadas, cuántas se sostuvieron."""
    if m is None or not m.n:
        return "—"
    if m.valor is None:
        return _("%(k)s de %(n)s se sostuvieron", k=numero(m.k), n=numero(m.n))
    return _("%(valor)s se sostuvieron (entre %(bajo)s y %(alto)s, %(cuantas)s disputas)", **_partes(m))


def decir_precision(m: Proporcion | None) -> str:
    """«acierta 80 % (entre 62 % y 91 %, 30 respuestas)»."""
    if m is None:
        return _("no la busca ninguna revisión")
    if m.valor is None:
        return _falta(m.n, m.minimo)
    return _("acierta %(valor)s (entre %(bajo)s y %(alto)s, %(cuantas)s respuestas)", **_partes(m))


def _partes(m: Proporcion) -> dict[str, str]:
    return {
        "valor": porcentaje(m.valor),
        "bajo": porcentaje(m.bajo),
        "alto": porcentaje(m.alto),
        "cuantas": numero(m.n),
    }


def decir_errores(m: Tasa | None) -> str:
    """«4.1 por cada 100 objetos (entre 2.9 y 5.6; 34 errores en 830)»."""
    if m is None:
        return "—"
    if m.valor is None:
        return _("todavía no alcanza: %(n)s de %(minimo)s objetos", n=numero(m.n), minimo=numero(m.minimo))
    return n_(
        "%(valor)s por cada 100 objetos (entre %(bajo)s y %(alto)s; %(k)s error en %(objetos)s)",
        "%(valor)s por cada 100 objetos (entre %(bajo)s y %(alto)s; %(k)s errores en %(objetos)s)",
        m.k,
        valor=numero(m.valor, 1),
        bajo=numero(m.bajo, 1),
        alto=numero(m.alto, 1),
        k=numero(m.k),
        objetos=numero(m.n),
    )


def decir_tiempo(m: Tiempos | None) -> str:
    """«4 min (la mitad, entre 3 min y 7 min; 38 veces)»."""
    if m is None:
        return "—"
    if m.mediana is None:
        return _falta(m.n, m.minimo)
    return n_(
        "%(mediana)s (la mitad, entre %(p25)s y %(p75)s; %(cuantas)s vez)",
        "%(mediana)s (la mitad, entre %(p25)s y %(p75)s; %(cuantas)s veces)",
        m.n,
        mediana=duracion(m.mediana),
        p25=duracion(m.p25),
        p75=duracion(m.p75),
        cuantas=numero(m.n),
    )
