"""Cifras que sólo cambian cuando alguien escribe en el historial: se calculan una vez y se sirven exactas.

Cada proceso guarda el resultado junto con la fotografía de la base en que lo calculó (``xmin``). Mientras ninguna
transacción posterior haya escrito en el historial de esos proyectos ni cambiado su versión (las tareas de un borrador
se pueden hacer de nuevo), el resultado sigue siendo exacto, y saberlo cuesta una búsqueda en un índice. Así los
contadores no necesitan una fila que cada bloqueo tendría que esperar para escribir.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from tareas.comun.bd import INSTRUCCIONES_SUELTAS

Valor = TypeVar("Valor")
MAXIMO = 2048

_IGUALES = text("""
    SELECT g.orden
      FROM unnest(cast(:proyectos AS bigint[]), cast(:xmins AS bigint[]), cast(:versiones AS integer[]))
           WITH ORDINALITY AS g(proyecto, xmin, version, orden)
     WHERE coalesce((SELECT max(h.tx) FROM historial h WHERE h.proyecto_id = g.proyecto) < g.xmin, true)
       AND (SELECT p.version FROM proyecto p WHERE p.id = g.proyecto) IS NOT DISTINCT FROM g.version
""")
_FOTOGRAFIA = text("""
    SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint AS xmin,
           ARRAY(SELECT (SELECT p.version FROM proyecto p WHERE p.id = g.proyecto)
                   FROM unnest(cast(:proyectos AS bigint[])) WITH ORDINALITY AS g(proyecto, orden)
                  ORDER BY g.orden) AS versiones
""")


class _Guardado(NamedTuple):
    xmin: int
    versiones: Sequence[int | None]
    valor: Any


_guardados: dict[Hashable, Any] = {}
_candado = Lock()


def exacto(
    sesion: Session, clave: Sequence[Hashable], proyectos: Sequence[int], calcular: Callable[[], Valor]
) -> Valor:
    """Lo que dé ``calcular``, o lo guardado si nadie ha escrito desde entonces en el historial de ``proyectos``.

    Parameters
    ----------
    clave
        Qué se calcula; se le agregan la base y los proyectos.
    """
    if not _se_puede(sesion):
        return calcular()
    completa = (base_de(sesion), *clave, *proyectos)
    guardado = _guardados.get(completa)
    if guardado is not None:
        xmins = [guardado.xmin] * len(proyectos)
        if len(_iguales(sesion, proyectos, xmins, guardado.versiones)) == len(proyectos):
            valor: Valor = guardado.valor
            return valor
    # La fotografía se toma antes de leer: lo que se confirme en medio se volverá a leer, nunca se perderá.
    foto = sesion.execute(_FOTOGRAFIA, {"proyectos": list(proyectos)}).one()
    valor = calcular()
    _guardar({completa: _Guardado(foto.xmin, foto.versiones, valor)})
    return valor


def exacto_por_proyecto(
    sesion: Session,
    clave: Sequence[Hashable],
    proyectos: Sequence[int],
    calcular: Callable[[Sequence[int]], Mapping[int, Valor]],
) -> dict[int, Valor]:
    """Como `exacto`, con un valor por proyecto: sólo se calculan los que faltan o cambiaron, todos juntos."""
    if not _se_puede(sesion):
        return dict(calcular(proyectos))
    base = base_de(sesion)
    conocidos = [(p, g) for p in proyectos if (g := _guardados.get((base, *clave, p))) is not None]
    vigentes: dict[int, Valor] = {}
    if conocidos:
        xmins, versiones = [g.xmin for _p, g in conocidos], [g.versiones[0] for _p, g in conocidos]
        for i in _iguales(sesion, [p for p, _g in conocidos], xmins, versiones):
            vigentes[conocidos[i][0]] = conocidos[i][1].valor
    faltan = [p for p in proyectos if p not in vigentes]
    if faltan:
        foto = sesion.execute(_FOTOGRAFIA, {"proyectos": faltan}).one()
        version_de = dict(zip(faltan, foto.versiones, strict=True))
        nuevos = calcular(faltan)
        _guardar({(base, *clave, p): _Guardado(foto.xmin, [version_de[p]], v) for p, v in nuevos.items()})
        vigentes.update(nuevos)
    return vigentes


def _se_puede(sesion: Session) -> bool:
    """Sólo con cada instrucción por su cuenta: dentro de una transacción se verían cambios que quizá nunca se
    confirmen.
    """
    return bool(sesion.get_bind().get_execution_options().get(INSTRUCCIONES_SUELTAS))


def base_de(sesion: Session) -> Hashable:
    """Qué base es, para que las claves de dos bases no se confundan."""
    return sesion.get_bind().engine.url


def _iguales(
    sesion: Session, proyectos: Sequence[int], xmins: Sequence[int], versiones: Sequence[int | None]
) -> list[int]:
    """Posiciones de los proyectos que siguen en su versión y en cuyo historial nadie ha escrito desde su fotografía."""
    parametros = {"proyectos": list(proyectos), "xmins": list(xmins), "versiones": list(versiones)}
    return [orden - 1 for (orden,) in sesion.execute(_IGUALES, parametros)]


def recordado(clave: Hashable) -> Any:
    """Lo guardado con `recordar`, o ``None``."""
    return _guardados.get(clave)


def recordar(clave: Hashable, valor: Any) -> None:
    """Guarda algo cuya vigencia juzga quien lo lee."""
    _guardar({clave: valor})


def _guardar(nuevos: Mapping[Hashable, Any]) -> None:
    with _candado:
        if len(_guardados) + len(nuevos) > MAXIMO:
            _guardados.clear()
        _guardados.update(nuevos)


def olvidar() -> None:
    """Olvida todo lo guardado: la base se vació o se restauró."""
    with _candado:
        _guardados.clear()
