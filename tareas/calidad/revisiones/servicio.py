"""Revisar los datos de un lugar y guardar lo que se halla. Recibe la sesión; nunca confirma."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.crs import WGS84, a_4326, a_metrico, crs_metrico, transformar
from geo.revisiones.base.areas import VIAS_MAXIMAS
from geo.revisiones.base.hallazgo import Falla, Hallazgo
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.referencia import lados
from geo.revisiones.base.regla import CALLES, EDIFICIOS, LLAVES_DE, Ajustes, Regla
from geo.revisiones.catalogo import CATALOGO, VERSION
from geo.revisiones.desplazados.regla import REGLA as DESPLAZADOS
from geo.revisiones.desplazados.regla import que_mira
from geo.revisiones.motor import Resultado, orden, revisar
from geo.tipos import Geometrias
from tareas.calidad.evidencia.consultas import origen_de
from tareas.calidad.referencia.consultas import huellas_en, vigente
from tareas.calidad.revisiones import consultas
from tareas.calidad.revisiones.consultas import SQL, columnas, municipios_por_revisar
from tareas.calidad.revisiones.errores import RevisionEnCurso
from tareas.calidad.revisiones.reglas import Respuesta, llaves_de
from tareas.comun.bd import BaseDeDatos, filas
from tareas.datos_osm.seguimiento.seguidor import AL_AVANZAR
from tareas.mapeo.consultas import geometria
from tareas.municipios.errores import MunicipioNoEncontrado

DE_CERCA: Final = tuple(r for r in CATALOGO if r.alcance_m is not None and not r.de_referencia)
DE_REFERENCIA: Final = tuple(r for r in CATALOGO if r.de_referencia)
"""Sólo se corren al mirar una tarea y nunca se guardan: dicen dónde hay una huella, y no todos la pueden ver."""
DE_HUELLAS: Final = tuple(r for r in DE_REFERENCIA if r is not DESPLAZADOS)
"""Las que de una huella sólo miran los edificios que toca, y de un edificio, las huellas que toca."""
DE_JUNTO: Final = tuple(r for r in DE_CERCA if r.mira is None)
ALCANCE_DE_JUNTO_M: Final = 1.0 + max(r.alcance_m or 0.0 for r in DE_JUNTO)
DE_CALLES: Final = tuple(r for r in DE_CERCA if r.mira == CALLES)
DE_EDIFICIOS: Final = tuple(r for r in DE_CERCA if r.mira == EDIFICIOS)
ALCANCE_DE_EDIFICIOS_M: Final = 1.0 + max(r.alcance_m or 0.0 for r in DE_EDIFICIOS)
"""De una tarea se lee todo lo que hay cerca; de lo de más lejos, sólo lo que miran las reglas que llegan hasta ahí."""
HUELLAS_DE_ZONA: Final = 50_000
LADO_MAXIMO_M: Final = max(r.alcance_m or 0.0 for r in DE_HUELLAS)
HOLGURA_M: Final = 1.0
"""Lo que una raya recta en metros se aparta, de sobra, de la misma recta en grados, y el redondeo de un lugar."""
DE_TODO: Final = tuple(r for r in CATALOGO if r.alcance_m is None)
GUARDADAS: Final = tuple(r for r in CATALOGO if not r.de_referencia)
ALCANCE_M: Final = 1.0 + max((r.alcance_m or 0.0 for r in DE_CERCA), default=0.0)
"""Metros: más lejos que esto de lo que cambió, las reglas de cerca dicen lo mismo que antes."""
SIN_TERMINAR: Final = 0
"""Versión que se anota cuando alguna regla se rompió."""
MARGEN_DE_TAREA_M: Final = 30.0
"""Alrededor de una tarea, para saber con qué colinda lo que hay en ella."""
PARTE_PARA_TODO: Final = 0.25
"""Si lo tocado abarca más que esta parte del municipio, cuesta menos revisarlo entero."""


@dataclass(slots=True)
class Resumen:
    """Lo que hizo una revisión de un municipio.

    Attributes
    ----------
    entera : bool
        Si se revisó todo, y no sólo lo que los cambios tocaron.
    hallazgos, nuevos, resueltos : int
        Cuántos hay ahora, cuántos no estaban y cuántos dejaron de estar.
    """

    entera: bool
    hallazgos: int = 0
    nuevos: int = 0
    resueltos: int = 0
    segundos: float = 0.0
    fallas: list[Falla] = field(default_factory=list)
    omitidos: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Corte:
    """Hasta dónde llegan los datos: el último `osm_cambio` y el último archivo importado."""

    cambio: int
    importacion: int


def corte(sesion: Session) -> Corte:
    """El corte de ahora. Va en una transacción propia y corta: espera a las escrituras en curso y las detiene."""
    fila = filas(sesion, SQL["corte"], {})[0]
    return Corte(fila.cambio, fila.importacion)


def revisar_municipio(sesion: Session, municipio_id: int, hasta: Corte, *, entera: bool = False) -> Resumen:
    """Pone al día los hallazgos de un municipio.

    La primera vez, con otra versión de las reglas o después de importar un archivo se revisa todo; si no, sólo
    alrededor de lo que los cambios tocaron desde la última vez. Lo que queda guardado es lo mismo.

    Parameters
    ----------
    hasta : Corte
        Tomado antes de empezar esta transacción, que debe ver una sola fotografía de la base (``REPEATABLE READ``).
    entera : bool
        Revisar todo aunque no haga falta.

    Raises
    ------
    MunicipioNoEncontrado, RevisionEnCurso
    """
    inicio = time.perf_counter()
    if not filas(sesion, SQL["turno"], {"municipio": municipio_id})[0][0]:
        raise RevisionEnCurso
    encontrado = filas(sesion, SQL["municipio"], {"municipio": municipio_id})
    if not encontrado:
        raise MunicipioNoEncontrado
    lugar = _Lugar(sesion, encontrado[0])
    al_dia = (
        lugar.version == VERSION
        and lugar.importacion == hasta.importacion
        and lugar.crs_guardado == lugar.crs
        and lugar.mismo_limite
    )
    resumen = None if entera or not al_dia else _lo_tocado(lugar, hasta)
    if resumen is None:
        resumen = _todo(lugar)
    resumen.segundos = time.perf_counter() - inicio
    sesion.execute(
        SQL["anotar"],
        {
            "municipio": municipio_id,
            # De una regla que se rompió no se sabe nada: la próxima vez se revisa todo otra vez.
            "version": SIN_TERMINAR if resumen.fallas else VERSION,
            "hasta": hasta.cambio,
            "importacion": hasta.importacion,
            "crs": lugar.crs.to_string(),
            "segundos": resumen.segundos,
            "fallas": json.dumps([asdict(falla) for falla in resumen.fallas]),
            "omitidos": json.dumps(resumen.omitidos),
            "entera": resumen.entera,
        },
    )
    return resumen


def poner_al_dia(bd: BaseDeDatos, municipio_id: int, *, entera: bool = False) -> Resumen:
    """`revisar_municipio` con sus dos transacciones: el corte, y la revisión sobre una sola fotografía."""
    with bd.transaccion() as sesion:
        hasta = corte(sesion)
    with bd.transaccion() as sesion:
        sesion.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        return revisar_municipio(sesion, municipio_id, hasta, entera=entera)


def municipios_sin_revisar(bd: BaseDeDatos) -> list[int]:
    """Los que tienen proyectos sobre los datos de verdad y nunca se han revisado."""
    with bd.lectura() as sesion:
        revisados = {f.municipio_id for f in filas(sesion, SQL["revisados"], {})}
        return [f.id for f in municipios_por_revisar(sesion) if f.id not in revisados]


def revisar_zona(
    sesion: Session,
    municipio_id: int,
    origen: int,
    zona: BaseGeometry,
    *,
    proyecto_id: int | None = None,
    con_referencia: bool = False,
) -> tuple[Mundo, Resultado]:
    """Lo que hoy se halla dentro de una zona pequeña (una tarea), sin guardarlo.

    De las reglas que necesitan todo el municipio van los hallazgos guardados cuyos objetos siguen como estaban.

    Parameters
    ----------
    origen : int
        0, los datos que guardamos; si no, el aula.
    zona : geometría, EPSG:4326
    proyecto_id : int, optional
        El de la tarea: de lo que no mapea no se juzgan las etiquetas (`Ajustes.mapea`).
    con_referencia : bool
        Comparar también con la referencia del municipio, si tiene; sólo para quien tiene un papel en él.
    """
    fila = filas(sesion, SQL["caja"], {"municipio": municipio_id, "proyecto": proyecto_id})[0]
    ajustes = Ajustes(fila.pais, llaves_de(fila.presets or ()))
    crs = crs_metrico(np.array([shapely.box(*fila.caja)], dtype=object))
    alrededor = _crecida(zona, crs, ALCANCE_M + MARGEN_DE_TAREA_M)
    compara = con_referencia and vigente(sesion, municipio_id) is not None
    lejanas: tuple[Regla, ...] = ()
    if origen:
        # En un aula las vías no tienen geometría guardada: se lee todo de una vez.
        leido = alrededor
        mundo = calles = Mundo(columnas(sesion, origen, alrededor), crs)
        resultado = revisar(mundo, DE_CERCA, ajustes, zona)
    else:
        leido = _crecida(zona, crs, ALCANCE_DE_JUNTO_M + MARGEN_DE_TAREA_M)
        mundo = Mundo(columnas(sesion, 0, leido, puntos_en=alrededor), crs)
        calles = Mundo(columnas(sesion, 0, alrededor, llaves=LLAVES_DE[CALLES]), crs)
        resultado = revisar(mundo, DE_JUNTO, ajustes, zona)
        _sumar(resultado, revisar(calles, DE_CALLES, ajustes, zona))
        lejanas = tuple(r for r in DE_EDIFICIOS if r.puede is None or r.puede(mundo))
    referencia = _Referencia(sesion, municipio_id, origen, zona, mundo, leido) if compara else None
    lejos = [_crecida(zona, crs, ALCANCE_DE_EDIFICIOS_M + MARGEN_DE_TAREA_M)] if lejanas else []
    if referencia is not None and referencia.cuadros is not None:
        lejos.append(referencia.cuadros)
    # Juntas se leen una vez.
    edificios = _edificios_en(sesion, origen, lejos, mundo, leido)
    if lejanas:
        _sumar(resultado, revisar(edificios, lejanas, ajustes, zona))
    if not origen:
        resultado.hallazgos.sort(key=orden)
        resultado.hallazgos += de_todo_en(sesion, municipio_id, zona, (mundo, calles))
    if referencia is not None:
        _sumar(resultado, revisar(referencia.cerca, DE_HUELLAS, ajustes, zona))
        if referencia.cuadros is not None:
            corridos = edificios.con_huellas(referencia.huellas(referencia.cuadros))
            _sumar(resultado, revisar(corridos, (DESPLAZADOS,), ajustes, zona))
    return mundo, resultado


def _sumar(resultado: Resultado, otro: Resultado) -> None:
    """Lo que no se pudo revisar se cuenta sólo una vez, en lo que hay junto a la zona."""
    resultado.hallazgos += otro.hallazgos
    resultado.fallas += otro.fallas
    resultado.segundos |= otro.segundos


def _edificios_en(
    sesion: Session, origen: int, donde: Sequence[BaseGeometry], mundo: Mundo, leido: BaseGeometry
) -> Mundo:
    """Los edificios que tocan esas zonas (EPSG:4326); los de ``mundo``, si todo lo que pedían estaba ya leído."""
    todas: BaseGeometry = shapely.union_all(np.array(donde, dtype=object))
    if todas.is_empty or shapely.covers(leido, todas):
        return mundo
    return Mundo(columnas(sesion, origen, todas, llaves=LLAVES_DE[EDIFICIOS]), mundo.crs)


class _Referencia:
    """Con qué se comparan los edificios de una zona, leyendo sólo lo que puede cambiar lo que de ella se dice.

    Attributes
    ----------
    cerca : Mundo
        Los edificios de la zona y las huellas que tocan, las huellas de la zona y los edificios que las tocan.
    cuadros : geometría or None
        EPSG:4326. Donde está todo lo que decide cuánto están corridos los edificios de la zona, si hay alguno.
    """

    def __init__(
        self, sesion: Session, municipio_id: int, origen: int, zona: BaseGeometry, mundo: Mundo, leido: BaseGeometry
    ) -> None:
        self._sesion, self._municipio = sesion, municipio_id
        plana = shapely.buffer(transformar(np.array([zona], dtype=object), WGS84, mundo.crs)[0], HOLGURA_M)
        suyos = mundo.edificios.geom[mundo.edificios.arbol.query(plana, predicate="intersects")]
        # De lo que mide más que esto ninguna dice nada, y leer todo lo que toca no acabaría.
        chicos = suyos[lados(suyos) <= LADO_MAXIMO_M]
        huellas = self.huellas(_a_grados([plana, *shapely.buffer(chicos, HOLGURA_M)], mundo.crs))
        planas = a_metrico(huellas, mundo.crs)
        alcanzan = _a_grados(shapely.buffer(planas[lados(planas) <= LADO_MAXIMO_M], HOLGURA_M), mundo.crs)
        if not shapely.covers(leido, alcanzan):
            # Con lo ya leído: un contorno sin cerrar puede rodear una huella que ninguna de sus vías toca.
            mundo = _edificios_en(sesion, origen, [leido, alcanzan], mundo, leido)
        self.cerca = mundo.con_huellas(huellas)
        caja = que_mira(suyos)
        self.cuadros = None if caja is None else _a_grados([shapely.buffer(shapely.box(*caja), HOLGURA_M)], mundo.crs)

    def huellas(self, donde: BaseGeometry) -> Geometrias:
        """Las de la referencia que tocan esa zona, EPSG:4326."""
        return huellas_en(self._sesion, self._municipio, donde, HUELLAS_DE_ZONA)


def _a_grados(planas: Sequence[BaseGeometry] | Geometrias, crs: CRS) -> BaseGeometry:
    """La unión, EPSG:4326, de unas geometrías en metros."""
    junta: BaseGeometry = shapely.union_all(np.array(planas, dtype=object))
    en_grados: BaseGeometry = a_4326(np.array([junta], dtype=object), crs)[0]
    return en_grados


def de_todo_en(sesion: Session, municipio_id: int, zona: BaseGeometry, mundos: tuple[Mundo, ...]) -> list[Hallazgo]:
    """Los guardados de las reglas que miran todo el municipio, en una zona; los de objetos que ya cambiaron se callan
    hasta que la siguiente revisión diga.
    """
    codigos = [r.codigo for r in DE_TODO]
    vistos = consultas.guardados_en(sesion, municipio_id, codigos, zona)
    return [h for h in vistos if all(_sigue_igual(mundos, c, v) for c, v in zip(h.objetos, h.versiones, strict=True))]


def _sigue_igual(mundos: tuple[Mundo, ...], clave: str, version: int) -> bool:
    """Si el objeto vino con esa versión; del que está lejos y no vino no se sabe nada nuevo."""
    if clave[0] != "w":
        return True
    donde = [(mundo, mundo.posicion_de_via(int(clave[1:]))) for mundo in mundos]
    return all(k is None or int(mundo.via_version[k]) == version for mundo, k in donde)


def hallazgo_de_tarea(
    sesion: Session, municipio_id: int, proyecto_id: int, numero: int, huella: str
) -> tuple[int, Hallazgo | None]:
    """El hallazgo de hoy con esa huella y su origen; ``None`` si ya nadie lo halla. Para quien valida en el municipio.

    Raises
    ------
    TareaDesconocida
    """
    zona = shapely.from_wkb(bytes(geometria(sesion, proyecto_id, numero)))
    origen = origen_de(sesion, proyecto_id).origen
    if origen is None:
        return 0, None
    _mundo, resultado = revisar_zona(sesion, municipio_id, origen, zona, proyecto_id=proyecto_id, con_referencia=True)
    return origen, next((h for h in resultado.hallazgos if h.huella == huella), None)


def responder(
    sesion: Session,
    *,
    municipio_id: int,
    origen: int,
    hallazgo: Hallazgo,
    respuesta: Respuesta,
    nota: str,
    persona_id: int,
) -> None:
    """Guarda lo que una persona dice de un hallazgo. Vale su última respuesta, mientras el objeto no cambie."""
    sesion.execute(
        SQL["responder"],
        {
            "municipio": municipio_id,
            "origen": origen,
            "codigo": hallazgo.codigo,
            "huella": hallazgo.huella,
            "respuesta": respuesta.value,
            "nota": nota,
            "persona": persona_id,
            "version": VERSION,
        },
    )


class _Lugar:
    """Un municipio y lo que se sabe de su última revisión."""

    def __init__(self, sesion: Session, fila: Any) -> None:
        self.sesion = sesion
        self.id: int = fila.id
        self.limite = shapely.from_wkb(bytes(fila.limite))
        self.crs = crs_metrico(np.array([self.limite], dtype=object))
        self.ajustes = Ajustes(fila.pais)
        self.version: int | None = fila.version_reglas
        self.importacion: int | None = fila.importacion
        self.desde: int | None = fila.hasta_cambio
        self.mismo_limite: bool = fila.mismo_limite
        self.crs_guardado = None if fila.crs is None else CRS.from_user_input(fila.crs)

    def mundo(self, zona: BaseGeometry) -> Mundo:
        return Mundo(columnas(self.sesion, 0, zona), self.crs)

    def crecida(self, zona: BaseGeometry, metros: float) -> BaseGeometry:
        return _crecida(zona, self.crs, metros)

    def guardar(
        self,
        hallazgos: Sequence[Hallazgo],
        reglas: Iterable[Regla],
        zona: BaseGeometry | None = None,
        claves: Sequence[str] = (),
    ) -> tuple[int, int]:
        """Cambia por ``hallazgos`` los guardados de esas reglas, ahí o de esos objetos; cuántos entran y salen."""
        donde = {
            "municipio": self.id,
            "codigos": [r.codigo for r in reglas],
            "zona": None if zona is None else shapely.to_wkb(zona),
            "claves": list(claves),
        }
        guardados = filas(self.sesion, SQL["guardados_en"], donde)
        ahora = {h.huella for h in hallazgos}
        sobran = [f.id for f in guardados if f.huella not in ahora]
        self.sesion.execute(SQL["quitar"], {"ids": sobran})
        self.sesion.execute(
            SQL["guardar"],
            {"municipio": self.id, "version": VERSION, "hallazgos": json.dumps([_fila(h) for h in hallazgos])},
        )
        return len(ahora - {f.huella for f in guardados}), len(sobran)


def _todo(lugar: _Lugar) -> Resumen:
    mundo = lugar.mundo(lugar.crecida(lugar.limite, ALCANCE_M))
    resultado = revisar(mundo, GUARDADAS, lugar.ajustes, lugar.limite)
    nuevos, resueltos = lugar.guardar(resultado.hallazgos, _las_que_terminaron(GUARDADAS, resultado))
    return Resumen(
        True, len(resultado.hallazgos), nuevos, resueltos, fallas=resultado.fallas, omitidos=dict(resultado.omitidos)
    )


def _lo_tocado(lugar: _Lugar, hasta: Corte) -> Resumen | None:
    """Revisa alrededor de lo que cambió; ``None`` si es tanto que conviene revisar todo."""
    resumen = Resumen(entera=False)
    fila = filas(
        lugar.sesion, SQL["tocado"], {"desde": lugar.desde, "hasta": hasta.cambio, "vias_maximas": VIAS_MAXIMAS}
    )[0]
    if not fila.claves:
        return resumen
    if fila.sin_forma:
        return None
    tocada = None if fila.zona is None else shapely.from_wkb(bytes(fila.zona))
    zona = shapely.Polygon() if tocada is None else shapely.intersection(lugar.crecida(tocada, ALCANCE_M), lugar.limite)
    if shapely.area(zona) > PARTE_PARA_TODO * shapely.area(lugar.limite):
        return None
    hallazgos: list[Hallazgo] = []
    reglas = DE_CERCA
    if not shapely.is_empty(zona):
        cerca = revisar(lugar.mundo(lugar.crecida(zona, ALCANCE_M)), DE_CERCA, lugar.ajustes, zona)
        hallazgos, resumen.fallas, reglas = cerca.hallazgos, cerca.fallas, _las_que_terminaron(DE_CERCA, cerca)
    resumen.nuevos, resumen.resueltos = lugar.guardar(hallazgos, reglas, zona, fila.claves)
    if DE_TODO and not shapely.is_empty(zona):
        todo = revisar(lugar.mundo(lugar.crecida(lugar.limite, ALCANCE_M)), DE_TODO, lugar.ajustes, lugar.limite)
        nuevos, resueltos = lugar.guardar(todo.hallazgos, _las_que_terminaron(DE_TODO, todo))
        hallazgos = hallazgos + todo.hallazgos
        resumen.nuevos, resumen.resueltos = resumen.nuevos + nuevos, resumen.resueltos + resueltos
        resumen.fallas = resumen.fallas + todo.fallas
    resumen.hallazgos = len(hallazgos)
    return resumen


def _las_que_terminaron(reglas: Iterable[Regla], resultado: Resultado) -> tuple[Regla, ...]:
    """De una regla que se rompió no se sabe nada: lo guardado se queda."""
    rotas = {falla.codigo for falla in resultado.fallas}
    return tuple(r for r in reglas if r.codigo not in rotas)


def _crecida(zona: BaseGeometry, crs: CRS, metros: float) -> BaseGeometry:
    plana = transformar(np.array([zona], dtype=object), WGS84, crs)
    # Cada parte por su lado y luego juntas: crecer de una vez miles que se enciman tarda minutos.
    return _a_grados(shapely.buffer(shapely.get_parts(plana), metros, quad_segs=4), crs)


def _fila(hallazgo: Hallazgo) -> Mapping[str, Any]:
    return {
        "codigo": hallazgo.codigo,
        "nivel": hallazgo.nivel,
        "objetos": hallazgo.objetos,
        "versiones": hallazgo.versiones,
        "lugar": shapely.to_wkb(shapely.Point(hallazgo.lugar), hex=True),
        "forma": None if hallazgo.donde is None else shapely.to_wkb(hallazgo.donde, hex=True),
        "frase": hallazgo.frase,
        "datos": dict(hallazgo.datos),
        "sugerencia": hallazgo.sugerencia,
        "huella": hallazgo.huella,
    }


def _tras_avanzar(bd: BaseDeDatos) -> None:
    """Tras cada tanda de un flujo, los municipios que ya se revisaron alguna vez se ponen al día solos."""
    with bd.lectura() as sesion:
        revisados = [f.municipio_id for f in filas(sesion, SQL["revisados"], {})]
    for municipio_id in revisados:
        # Si otro proceso lo está revisando, él ve lo mismo; lo que quede entra en la siguiente.
        with suppress(RevisionEnCurso, MunicipioNoEncontrado):
            poner_al_dia(bd, municipio_id)


AL_AVANZAR.append(_tras_avanzar)
