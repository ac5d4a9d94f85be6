"""Lecturas de las medidas: del dictamen, lo señalado, las segundas opiniones, las disputas y las respuestas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from geo.revisiones.catalogo import CATALOGO, VERSION
from tareas.comun.bd import cargar_sql, recuento_largo
from tareas.comun.permisos import Actor
from tareas.comun.textos import llenar
from tareas.comun.tiempos import zona_de
from tareas.proyectos.consultas import VISIBLE, parametros_visible
from tareas.tableros.medidas.reglas import (
    MINIMO_PERSONAS,
    Por,
    Proporcion,
    Renglon,
    RenglonDeCodigo,
    acuerdo,
    de_mas,
    proporcion,
    tabla_de,
    tasa,
    tiempos,
)
from tareas.validacion.reglas import MOTIVOS, SE_CARGAN

_CRUDO = cargar_sql(Path(__file__).parent)

_LLAVES: Final = {
    Por.PERSONA: ("j.autora_id", ""),
    Por.VALIDADOR: ("j.persona_id", ""),
    Por.PROYECTO: ("j.proyecto_id", ""),
    Por.MES: ("date_trunc('month', j.cuando AT TIME ZONE :zona)", ""),
    Por.GRUPO: (
        "gp.grupo_id",
        "JOIN grupo_persona gp ON gp.persona_id = j.autora_id"
        " JOIN grupo gr ON gr.id = gp.grupo_id AND gr.municipio_id = :municipio AND gr.archivado IS NULL",
    ),
    None: ("NULL", ""),
}
_DICHAS: Final = {Por.MES: "to_char({0}, 'YYYY-MM')"}
"""Cómo se escribe la llave, si no es tal cual: se le da forma a cada renglón y no a cada dictamen."""
CON_PAREJAS: Final = frozenset({Por.VALIDADOR, Por.PROYECTO, Por.MES})
"""Donde el acuerdo entre quienes revisan quiere decir algo."""


def _consulta(nombre: str, por: Por | None = None, *, de_una_persona: bool = False) -> TextClause:
    """Lo que se sustituye es sólo de `_LLAVES` y de estas consultas: nada de fuera entra en el texto."""
    llave, juntas = _LLAVES[por]
    juicios = _CRUDO["juicios"].replace("{solo}", _CRUDO["solo_lo_suyo"] if de_una_persona else "")
    sql = _CRUDO[nombre].replace("{juicios}", juicios).replace("{visible}", VISIBLE)
    sql = sql.replace("{renglones}", _renglones(por))
    dicha = _DICHAS.get(por, "cast({0} AS text)") if por is not None else "cast({0} AS text)"
    return text(sql.replace("{dicha}", dicha.format(llave)).replace("{llave}", llave).replace("{juntas}", juntas))


def _renglones(por: Por | None) -> str:
    """El total y cada renglón. Por grupo el de una persona se repite: su total va aparte, de los mismos juicios."""
    total = "NULL::text AS clave, true AS es_total"
    if por is None:
        return _de_renglones(None, total, "()")
    dicha = _DICHAS.get(por, "cast({0} AS text)").format("j.clave")
    if por is Por.GRUPO:
        propios = _de_renglones(por, f"{dicha} AS clave, false AS es_total", "(j.clave)")
        return f"{propios}\nUNION ALL\n{_de_renglones(None, total, '()')}"
    return _de_renglones(por, f"{dicha} AS clave, GROUPING(j.clave) = 1 AS es_total", "(), (j.clave)")


def _de_renglones(por: Por | None, cual: str, conjuntos: str) -> str:
    llave, juntas = _LLAVES[por]
    sql = _CRUDO["renglones"].replace("{cual}", cual).replace("{conjuntos}", conjuntos)
    return sql.replace("{llave}", llave).replace("{juntas}", juntas)


@dataclass(frozen=True, slots=True)
class Ambito:
    """De qué se mide: proyectos de un municipio, todos de verdad o todos de práctica, y el filtro.

    Attributes
    ----------
    desde, hasta : datetime or None
        ``hasta`` no entra.
    autora : int or None
        Sólo sus entregas.
    """

    municipio: int | None
    zona: str
    proyectos: tuple[int, ...]
    desde: datetime | None = None
    hasta: datetime | None = None
    grupo: int | None = None
    autora: int | None = None
    ve_personas: bool = False

    def parametros(self) -> dict[str, Any]:
        """De las consultas."""
        return {
            "municipio": self.municipio,
            "zona": self.zona,
            "proyectos": list(self.proyectos),
            "desde": self.desde,
            "hasta": self.hasta,
            "grupo": self.grupo,
            "autora": self.autora,
            "validadora": None,
            "las_dos": False,
            "se_cargan": sorted(SE_CARGAN),
            "version": VERSION,
        }

    def calla(self, personas: int, por: Por | None = None) -> bool:
        """``True`` si lo de tan pocas personas no se puede decir a quien pregunta."""
        if personas >= MINIMO_PERSONAS or self.autora is not None or por in {Por.PERSONA, Por.VALIDADOR}:
            return False
        return not self.ve_personas or por is Por.GRUPO or (self.grupo is not None and personas > 0)


def periodo(desde: date | None, hasta: date | None, zona: str) -> tuple[datetime | None, datetime | None]:
    """Del principio de un día al final de otro, en la zona del municipio; el segundo ya no entra."""
    husos = zona_de(zona)
    return (
        datetime.combine(desde, time(), husos) if desde else None,
        datetime.combine(hasta + timedelta(days=1), time(), husos) if hasta else None,
    )


def medidas(
    sesion: Session, ambito: Ambito, por: Por | None, de_todo_junto: Any = None
) -> tuple[Renglon, list[Renglon]]:
    """Todo junto, y un renglón por persona, grupo, mes…; sin ``por``, sólo el total, que puede venir ya contado.

    Por grupo, quien está en varios cuenta en cada uno; en el total, una vez.
    """
    parametros = ambito.parametros()
    juntos = por is not Por.GRUPO
    filas: list[Any] = [de_todo_junto]
    if de_todo_junto is None:
        filas = list(sesion.execute(_consulta("medidas", por), parametros))
    total = [f for f in filas if f.es_total]
    de_todo = _acuerdos(sesion, None, parametros)
    propios = _acuerdos(sesion, por, parametros) if por in CON_PAREJAS else {}
    disputas = {f.clave: f for f in sesion.execute(_consulta("disputas", por), parametros)} if juntos else {}
    resueltas = [f.resueltas for f in disputas.values()] if juntos else []
    claves = [f.clave for f in filas if not f.es_total]
    # Quien sólo dio segundas opiniones también tiene renglón entre quienes revisan.
    claves += sorted(set(propios) - set(claves))
    nombres = _nombres(sesion, por, claves, ambito)
    por_clave = {f.clave: f for f in filas if not f.es_total}
    vacio = proporcion(0, 0)
    # Quienes revisan suelen ser dos o tres: en qué no coinciden no es para el público; lo suyo, para cada quien.
    ve_revisar = ambito.ve_personas or por is Por.VALIDADOR
    callan = [f.clave for f in filas if not f.es_total and (ambito.calla(f.personas, por) or f.clave not in nombres)]
    autoras = {f.clave: frozenset(f.autoras or ()) for f in filas if not f.es_total}
    callan += de_mas(autoras, callan, frozenset(total[0].autoras or ()) if por is Por.GRUPO else None)
    renglones = []
    for clave in claves:
        if clave not in nombres:
            continue
        nombre, usuario = nombres[clave]
        f, d = por_clave.get(clave), disputas.get(clave)
        sostenidas = proporcion(d.sostenidas, d.resueltas) if d else vacio
        renglon = _renglon(clave, nombre, usuario, f) if f else Renglon(clave, nombre, usuario)
        if clave in callan or ambito.calla(renglon.personas, por):
            renglones.append(Renglon(clave, nombre, usuario, oculto=True, personas=0))
            continue
        suyo = propios.get(clave, acuerdo([[0, 0], [0, 0]])) if por in CON_PAREJAS else None
        renglones.append(replace(renglon, acuerdo=suyo, sostenidas=sostenidas) if ve_revisar else renglon)
    todo = _renglon("total", "", None, total[0])
    if ambito.calla(todo.personas):
        return Renglon("total", "", oculto=True), renglones
    if not ambito.ve_personas:
        return todo, renglones
    todas = proporcion(sum(f.sostenidas for f in disputas.values()), sum(resueltas)) if juntos else None
    return replace(todo, acuerdo=de_todo.get(None, acuerdo([[0, 0], [0, 0]])), sostenidas=todas), renglones


def _renglon(clave: str, nombre: str, usuario: str | None, f: Any) -> Renglon:
    return Renglon(
        clave,
        nombre,
        usuario,
        personas=f.personas,
        juzgadas=f.juzgadas,
        con_arreglos=f.con_arreglos,
        a_favor=f.a_favor,
        aceptacion=proporcion(f.aceptadas, f.primeras),
        errores=tasa(int(f.errores), int(f.objetos), f.entregas),
        revision=tiempos(f.revision_n, f.revision),
        espera=tiempos(f.espera_n, f.espera),
    )


def _acuerdos(sesion: Session, por: Por | None, parametros: Mapping[str, Any]) -> dict[str | None, Any]:
    tablas: dict[str | None, list[tuple[bool, bool, int]]] = {}
    pedido = {**parametros, "las_dos": por is Por.VALIDADOR}
    for f in sesion.execute(_consulta("parejas", por), pedido):
        tablas.setdefault(f.clave, []).append((f.primera_devuelve, f.segunda_devuelve, f.cuantas))
    return {clave: acuerdo(tabla_de(parejas)) for clave, parejas in tablas.items()}


def _nombres(
    sesion: Session, por: Por | None, claves: Sequence[Any], ambito: Ambito
) -> dict[str, tuple[str, str | None]]:
    if por is Por.MES:
        return {c: (c, None) for c in claves}
    if por is Por.GRUPO:
        return {str(g): (nombre, None) for g, nombre in grupos(sesion, ambito.municipio or 0)}
    if por is Por.PROYECTO:
        filas = sesion.execute(text(_CRUDO["nombres_de_proyectos"]), {"proyectos": [int(c) for c in claves]})
        return {str(f.id): (f.nombre, None) for f in filas}
    consulta = text("SELECT id, nombre, usuario FROM persona WHERE id = ANY(:personas)")
    filas = sesion.execute(consulta, {"personas": [int(c) for c in claves]})
    return {str(f.id): (f.nombre, f.usuario) for f in filas}


def grupos(sesion: Session, municipio_id: int) -> list[tuple[int, str]]:
    """Los grupos vigentes del municipio: número y nombre, por nombre."""
    return [tuple(f) for f in sesion.execute(text(_CRUDO["nombres_de_grupos"]), {"municipio": municipio_id})]


def codigos(
    sesion: Session, ambito: Ambito, titulos: Mapping[str, str]
) -> tuple[tuple[Renglon, list[Renglon]], list[RenglonDeCodigo]]:
    """Lo que da `medidas` sin ``por``; y de cada código de la lista de errores, su tasa y cuánto acierta su revisión
    automática en el municipio.
    """
    parametros = ambito.parametros()
    todo, filas = _contados(sesion, parametros)
    junto = medidas(sesion, ambito, None, SimpleNamespace(**todo.de_todo))
    calla = ambito.calla(todo.personas)
    dichas: dict[str, Proporcion] = {}
    if ambito.municipio is not None:
        dichas = {
            f.codigo: proporcion(f.errores, f.respuestas) for f in sesion.execute(text(_CRUDO["precision"]), parametros)
        }
    con_regla = {r.codigo for r in CATALOGO}
    todos = sorted(
        {*SE_CARGAN, *dichas, *filas},
        key=lambda c: (0 if calla or c not in filas else -filas[c].errores, c),
    )
    return junto, [
        RenglonDeCodigo(
            c,
            titulos.get(c) or llenar(MOTIVOS.get(c, c), {}),
            calla,
            None if calla else tasa(filas[c].errores if c in filas else 0, int(todo.objetos), todo.entregas),
            dichas.get(c, proporcion(0, 0)) if c in con_regla and ambito.municipio is not None else None,
        )
        for c in todos
    ]


def _contados(sesion: Session, parametros: Mapping[str, Any], *, de_una_persona: bool = False) -> tuple[Any, Any]:
    """El renglón de todo junto (``de_todo``: lo de `medidas`), y el de cada código señalado."""
    leidas = sesion.execute(_consulta("codigos", de_una_persona=de_una_persona), parametros)
    filas = {f.codigo: f for f in leidas}
    return filas.pop(None), filas


def de_persona(sesion: Session, persona_id: int, zona: str, *, practica: bool = False) -> tuple[Renglon, list[Any]]:
    """Las medidas de lo que una persona entregó, en todos los proyectos de verdad o de práctica, y los errores que más
    le han señalado: ``(codigo, cuántos)``.
    """
    proyectos = _suyos(sesion, persona_id, practica=practica)
    ambito = Ambito(None, zona, tuple(proyectos), autora=persona_id, ve_personas=True)
    with recuento_largo(sesion):
        todo, filas = _contados(sesion, ambito.parametros(), de_una_persona=True)
    senalados = sorted(filas.values(), key=lambda f: (-f.errores, f.codigo))
    return _renglon("yo", "", None, SimpleNamespace(**todo.de_todo)), [(f.codigo, f.errores) for f in senalados[:3]]


def de_validador(sesion: Session, persona_id: int, zona: str) -> Renglon:
    """Las medidas de lo que una persona revisó en los proyectos de verdad."""
    ambito = Ambito(None, zona, tuple(_suyos(sesion, persona_id, practica=False)), ve_personas=True)
    parametros = {**ambito.parametros(), "validadora": persona_id}
    with recuento_largo(sesion):
        consulta = _consulta("medidas", Por.VALIDADOR, de_una_persona=True)
        filas = {f.clave: f for f in sesion.execute(consulta, parametros)}
    suyas = filas.get(str(persona_id))
    renglon = Renglon("yo", "") if suyas is None else _renglon("yo", "", None, suyas)
    propios = _acuerdos(sesion, Por.VALIDADOR, parametros)
    disputas = sesion.execute(_consulta("disputas", None), parametros).one_or_none()
    return replace(
        renglon,
        acuerdo=next(iter(propios.values()), acuerdo([[0, 0], [0, 0]])),
        sostenidas=proporcion(disputas.sostenidas, disputas.resueltas) if disputas else proporcion(0, 0),
    )


def reviso(sesion: Session, persona_id: int) -> bool:
    """``True`` si alguna vez dio un dictamen."""
    consulta = text("SELECT EXISTS (SELECT FROM dictamen WHERE persona_id = :persona)")
    return bool(sesion.execute(consulta, {"persona": persona_id}).scalar_one())


def _suyos(sesion: Session, persona_id: int, *, practica: bool) -> list[int]:
    pedido = {"persona": persona_id, "practica": practica}
    return sorted(sesion.execute(text(_CRUDO["mis_proyectos"]), pedido).scalars())


def mis_parejas(sesion: Session, actor: Actor, limite: int = 50) -> list[dict[str, Any]]:
    """Lo que quien pregunta juzgó y otra persona también, a ciegas; de lo más nuevo a lo más viejo."""
    return _mias(sesion, actor, "mis_parejas", limite)


def mis_disputas(sesion: Session, actor: Actor, limite: int = 50) -> list[dict[str, Any]]:
    """Las devoluciones de quien pregunta que se disputaron, y en qué terminaron."""
    return _mias(sesion, actor, "mis_disputas", limite)


def _mias(sesion: Session, actor: Actor, nombre: str, limite: int) -> list[dict[str, Any]]:
    pedido = {"persona": actor.id, "limite": limite, **parametros_visible(actor)}
    return [dict(f._mapping) for f in sesion.execute(_consulta(nombre), pedido)]
