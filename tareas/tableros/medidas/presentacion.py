"""Junta las medidas de un municipio o un proyecto, recortadas para quien las pide, y las dice con palabras."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from babel.dates import format_skeleton
from sqlalchemy.orm import Session

from tareas.calidad.revisiones.presentacion import titulos
from tareas.comun.bd import recuento_largo
from tareas.comun.entrada import EntradaInvalida
from tareas.comun.errores import ErrorTequio, NoAutenticado, NoEncontrado, NoPermitido
from tareas.comun.permisos import Actor
from tareas.comun.presentacion import duracion, idioma_actual, numero, porcentaje
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
    Lectura,
    Orden,
    Por,
    Proporcion,
    Renglon,
    RenglonDeCodigo,
    Tasa,
    Tiempos,
    leer_kappa,
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

DICHA_LECTURA: Final = {
    Lectura.NINGUNO: N_("ninguno"),
    Lectura.LEVE: N_("leve"),
    Lectura.ACEPTABLE: N_("aceptable"),
    Lectura.MODERADO: N_("moderado"),
    Lectura.CONSIDERABLE: N_("considerable"),
    Lectura.CASI_PERFECTO: N_("casi perfecto"),
}


@dataclass(frozen=True, slots=True)
class Eleccion:
    """Qué se puede medir, y qué de ello puede ver quien pregunta.

    Attributes
    ----------
    proyectos : tuple of int
        Los que se miden.
    opciones : tuple of Por
        De qué puede ser cada renglón.
    negadas : dict
        De qué no, y por qué.
    grupos : list
        Número y nombre; ninguno para quien no los ve.
    """

    municipio: int
    zona: str
    proyectos: tuple[int, ...]
    hay_practica: bool
    opciones: tuple[Por, ...]
    negadas: dict[Por, ErrorTequio]
    ve_personas: bool
    ve_grupos: bool
    grupos: list[tuple[int, str]]

    def por(self, pedido: Por | None) -> Por:
        """Lo pedido, si se puede; si no, lo de siempre."""
        return pedido if pedido and pedido not in self.negadas else Por.PERSONA if self.ve_personas else Por.MES

    def tiene_grupo(self, grupo: int | None) -> bool:
        """``True`` si ése se puede elegir, o si no se eligió ninguno."""
        return grupo is None or any(g == grupo for g, _nombre in self.grupos)


@dataclass(frozen=True, slots=True)
class Medidas:
    """Lo que esta persona puede ver: el total, los renglones, y por qué."""

    por: Por
    total: Renglon
    renglones: list[Renglon]
    codigos: list[RenglonDeCodigo]
    ve_personas: bool

    def json(self) -> dict[str, Any]:
        """Como lo da la API."""
        filas = self.codigos if self.por is Por.CODIGO else self.renglones
        return {"por": self.por.value, "total": self.total.json(), "renglones": [f.json() for f in filas]}


def elegible(
    sesion: Session, actor: Actor, *, municipio_id: int, zona: str, proyecto: Any = None, practica: bool = False
) -> Eleccion:
    """Qué se puede medir de un municipio (sus proyectos visibles, de verdad o de práctica) o de un proyecto."""
    ve_grupos = actor.tiene(VEN_GRUPOS, municipio_id)
    grupos = consultas.grupos(sesion, municipio_id) if ve_grupos else []
    if proyecto is None:
        de_verdad, de_practica = proyectos_de_municipio(sesion, actor, municipio_id)
        cuales, hay_practica = tuple(p.id for p in (de_practica if practica else de_verdad)), bool(de_practica)
    else:
        cuales, hay_practica = (proyecto.id,), False
    negadas = _negadas(actor, proyecto is not None, ve_grupos)
    # Sin grupos no se ofrece; pedirlo no es un error.
    opciones = tuple(p for p in Por if p not in negadas and (p is not Por.GRUPO or grupos))
    ve = actor.tiene(VEN_MEDIDAS, municipio_id)
    return Eleccion(municipio_id, zona, cuales, hay_practica, opciones, negadas, ve, ve_grupos, grupos)


def medir(sesion: Session, actor: Actor, e: Eleccion, filtro: Filtro) -> Medidas:
    """Las medidas de lo elegido; si ``por`` no le toca a quien pregunta, por lo de siempre (véase `exigir`)."""
    por = e.por(filtro.por)
    desde, hasta = periodo(filtro.desde, filtro.hasta, e.zona)
    grupo = filtro.grupo if e.ve_grupos else None
    ambito = Ambito(e.municipio, e.zona, e.proyectos, desde, hasta, grupo, ve_personas=e.ve_personas)
    renglones: list[Renglon] = []
    codigos: list[RenglonDeCodigo] = []
    with recuento_largo(sesion):
        if por is Por.CODIGO:
            (total, _nada), codigos = consultas.codigos(sesion, ambito, titulos())
        else:
            total, renglones = consultas.medidas(sesion, ambito, por)
    if por in {Por.PERSONA, Por.VALIDADOR} and not e.ve_personas:
        renglones = [r for r in renglones if r.clave == str(actor.id)]
    return Medidas(por, total, ordenar(renglones, filtro.orden, por), codigos, e.ve_personas)


def de_un_municipio(sesion: Session, actor: Actor, lugar: Any, filtro: Filtro) -> Medidas:
    """Las medidas de un municipio, para lo que responde a programas: lo pedido, o nada.

    Raises
    ------
    NoEncontrado
        Si el grupo no es del municipio, o quien pregunta no puede verlo.
    NoAutenticado, NoPermitido, EntradaInvalida
        Si ``por`` es de lo que quien pregunta no ve (por persona o por quien revisa, sin cuenta; por grupo, sin papel),
        o es por proyecto y ya es uno.
    """
    e = elegible(sesion, actor, municipio_id=lugar.id, zona=lugar.zona_horaria, practica=filtro.practica)
    _exigir(e, filtro)
    return medir(sesion, actor, e, filtro)


def de_un_proyecto(sesion: Session, actor: Actor, proyecto: Any, filtro: Filtro) -> Medidas:
    """Las de un proyecto; falla igual que `de_un_municipio`."""
    e = elegible(sesion, actor, municipio_id=proyecto.municipio_id, zona=proyecto.zona_horaria, proyecto=proyecto)
    _exigir(e, filtro)
    return medir(sesion, actor, e, filtro)


def _exigir(e: Eleccion, filtro: Filtro) -> None:
    if not e.tiene_grupo(filtro.grupo):
        raise NoEncontrado
    if filtro.por in e.negadas:
        raise e.negadas[filtro.por]


def opciones_a_la_vista(e: Eleccion, por: Por) -> dict[str, list[tuple[str, str]]]:
    """Lo que cada campo de elegir ofrece a quien pregunta: valor y nombre."""
    opciones = {
        "por": [(p.value, decir_por(p)) for p in e.opciones],
        "orden": ordenes(por),
        "practica": [("", _("De verdad")), ("1", _("De práctica"))],
    }
    if e.ve_grupos:
        opciones["grupo"] = [("", _("Todas las personas")), *((str(g), nombre) for g, nombre in e.grupos)]
    return opciones


def avisos_de_lo_que_no_se_ve(e: Eleccion, filtro: Filtro, *, con_grupo: bool, entro: bool) -> list[str]:
    """Lo que se pidió y no se enseña: una página compartida muestra lo que sí, y dice qué no."""
    dichos = []
    if filtro.por in e.negadas:
        que = {"pedido": decir_por(filtro.por), "va": decir_por(e.por(filtro.por))}
        if filtro.por is Por.PROYECTO:
            dichos.append(_("Aquí sólo hay un proyecto; en vez de «%(pedido)s» va «%(va)s».", **que))
        elif filtro.por is Por.GRUPO and entro:
            dichos.append(_("«%(pedido)s» sólo lo ve quien revisa, capacita o gestiona aquí; va «%(va)s».", **que))
        else:
            dichos.append(_("«%(pedido)s» sólo se ve con una cuenta; va «%(va)s».", **que))
    if con_grupo and not e.ve_grupos:
        dichos.append(
            _("Lo de un grupo sólo lo ve quien revisa, capacita o gestiona aquí; va lo de todas las personas.")
        )
    return dichos


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
    return _("Todavía no alcanza: %(n)s de %(minimo)s", n=numero(n), minimo=numero(minimo))


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
    """«Coinciden 82 % (entre 66 % y 92 %, 33 parejas); κ 0.61, entre 0.34 y 0.88»."""
    if a is None:
        return "—"
    m = a.coinciden
    if m.valor is None:
        return _falta(m.n, m.minimo)
    dicho = n_(
        "Coinciden %(valor)s (entre %(bajo)s y %(alto)s, %(cuantas)s pareja)",
        "Coinciden %(valor)s (entre %(bajo)s y %(alto)s, %(cuantas)s parejas)",
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


def leer_acuerdo(a: Acuerdo | None) -> str:
    """Qué quiere decir el κ de `decir_acuerdo`, por los dos lados de su intervalo; vacío si no se pudo calcular."""
    if a is None or a.kappa is None or a.bajo is None or a.alto is None:
        return ""
    desde, hasta = (llenar(DICHA_LECTURA[leer_kappa(k)], {}) for k in (a.bajo, a.alto))
    if desde == hasta:
        return _("Ese acuerdo se llama «%(cual)s».", cual=desde)
    return _("Ese acuerdo va de «%(desde)s» a «%(hasta)s».", desde=desde, hasta=hasta)


def decir_renglon(r: Renglon, por: Por) -> str:
    """El nombre de un renglón: de un mes, «Marzo de 2026»."""
    if por is not Por.MES:
        return r.nombre
    dicho = str(format_skeleton("yMMMM", date.fromisoformat(f"{r.clave}-01"), locale=idioma_actual()))
    return dicho[:1].upper() + dicho[1:]


def decir_sostenidas(m: Proporcion | None) -> str:
    """De las devoluciones disputadas, cuántas se sostuvieron."""
    if m is None or not m.n:
        return "—"
    if m.valor is None:
        return _("%(k)s de %(n)s se sostuvieron", k=numero(m.k), n=numero(m.n))
    return _("%(valor)s se sostuvieron (entre %(bajo)s y %(alto)s, %(cuantas)s disputas)", **_partes(m))


def decir_precision(m: Proporcion | None) -> str:
    """«Acierta 80 % (entre 62 % y 91 %, 30 respuestas)»."""
    if m is None:
        return _("No la busca ninguna revisión")
    if m.valor is None:
        return _falta(m.n, m.minimo)
    return _("Acierta %(valor)s (entre %(bajo)s y %(alto)s, %(cuantas)s respuestas)", **_partes(m))


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
        return _("Todavía no alcanza: %(n)s de %(minimo)s objetos", n=numero(m.n), minimo=numero(m.minimo))
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
