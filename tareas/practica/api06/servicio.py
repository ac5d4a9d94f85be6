"""Escrituras en un aula. Reciben la sesión y no confirman: todo lo de una petición ocurre, o nada."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from geo.osm.api06.lectura import leer_cambios, leer_conjunto, leer_elemento
from geo.osm.api06.valores import NODO, RELACION, VIA, Cambio
from tareas.practica.api06.consultas import POCOS, SQL, FilaConjunto, conexion_de, conjunto
from tareas.practica.api06.errores import (
    ConjuntoAjeno,
    ConjuntoCerrado,
    DemasiadosCambios,
    EntradaInvalida,
    ErrorApi,
    IdDistinto,
    NoExiste,
    SoloLectura,
)
from tareas.practica.api06.formas import Formas, Renglon, Usan, movidos
from tareas.practica.api06.mundo import Clave, Estado, Mundo, Paso, Resultado
from tareas.practica.api06.reglas import ABIERTA, CAMBIOS_POR_CONJUNTO, exigir_etiquetas
from tareas.practica.objetos import poner_objetos

Conexion = psycopg.Connection[Any]


# --- conjuntos de cambios --------------------------------------------------------------------------------------------


def abrir_conjunto(sesion: Session, aula: int, persona_id: int, documento: bytes) -> int:
    """Abre un conjunto de cambios con las etiquetas del documento.

    Raises
    ------
    ErrorApi
    """
    etiquetas = leer_conjunto(documento)
    exigir_etiquetas(etiquetas, "Changeset", "")
    conexion = conexion_de(sesion)
    _tomar_turno(conexion, aula)
    parametros = {"aula": aula, "persona": persona_id, "etiquetas": Jsonb(etiquetas)}
    fila = conexion.execute(SQL["abrir_conjunto"].encode(), parametros).fetchone()
    assert fila is not None
    id = int(fila[0])
    _anotar(conexion, id)
    return id


def etiquetar_conjunto(sesion: Session, aula: int, persona_id: int, id: int, documento: bytes) -> FilaConjunto:
    """Cambia todas las etiquetas de un conjunto abierto y propio.

    Raises
    ------
    ErrorApi
    """
    conexion = conexion_de(sesion)
    _tomar_turno(conexion, aula)
    fila = conjunto(conexion, aula, id, para_escribir=True)
    etiquetas = leer_conjunto(documento)
    _exigir_propio_y_abierto(fila, persona_id)
    exigir_etiquetas(etiquetas, "Changeset", id)
    conexion.execute(SQL["etiquetar_conjunto"].encode(), {"aula": aula, "id": id, "etiquetas": Jsonb(etiquetas)})
    _anotar(conexion, id)
    return conjunto(conexion, aula, id)


def cerrar_conjunto(sesion: Session, aula: int, persona_id: int, id: int) -> None:
    """Cierra un conjunto abierto y propio.

    Raises
    ------
    ErrorApi
    """
    conexion = conexion_de(sesion)
    _tomar_turno(conexion, aula)
    _exigir_propio_y_abierto(conjunto(conexion, aula, id, para_escribir=True), persona_id)
    conexion.execute(SQL["cerrar_conjunto"].encode(), {"aula": aula, "id": id})
    _anotar(conexion, id)


def _exigir_propio_y_abierto(fila: FilaConjunto, persona_id: int) -> None:
    if fila.persona_id != persona_id:
        raise ConjuntoAjeno
    if (desde := fila.cerrado_desde) is not None:
        raise ConjuntoCerrado(fila.id, desde)


def _anotar(conexion: Conexion, id: int) -> None:
    """Copia el conjunto al registro común de conjuntos de cambios."""
    conexion.execute(SQL["anotar_conjunto"].encode(), {"id": id})


# --- elementos -------------------------------------------------------------------------------------------------------


def guardar_uno(
    sesion: Session, aula: int, persona: tuple[int, str], tipo: str, id: int | None, accion: str, documento: bytes
) -> Estado:
    """Crea, modifica o borra un elemento.

    Parameters
    ----------
    persona
        Id y nombre de usuario.
    id
        El de la dirección; ``None`` al crear.
    accion
        ``create``, ``modify`` o ``delete``.

    Returns
    -------
    Estado
        Cómo quedó.

    Raises
    ------
    ErrorApi
    """
    conexion = conexion_de(sesion)
    ahora = _tomar_turno(conexion, aula)
    if id is not None and (tipo, id) not in _cargar(conexion, aula, [(tipo, id)]):
        raise NoExiste
    cambio = leer_elemento(documento, tipo, crear=accion == "create", accion=accion)
    if id is not None and cambio.id != id:
        if accion == "delete" and tipo != NODO:
            raise IdDistinto
        raise EntradaInvalida(f"The id in the url ({id}) is not the same as provided in the xml ({cambio.id})")
    try:
        fila = conjunto(conexion, aula, cambio.conjunto, para_escribir=True)
    except NoExiste:
        fila = None
    mundo = _mundo(conexion, aula, [cambio], fila, persona[0])
    estado = mundo.uno(cambio)
    assert fila is not None
    _escribir(conexion, aula, persona, fila.id, mundo, ahora)
    return estado


def subir(sesion: Session, aula: int, persona: tuple[int, str], conjunto_id: int, documento: bytes) -> list[Resultado]:
    """Aplica un osmChange entero, o nada.

    Returns
    -------
    list of Resultado
        Uno por cambio, en el orden del documento.

    Raises
    ------
    ErrorApi
    """
    # Leer es lo que más tarda: se hace antes de tomar el turno.
    cambios, queja = leer_cambios(documento, CAMBIOS_POR_CONJUNTO)
    conexion = conexion_de(sesion)
    ahora = _tomar_turno(conexion, aula)
    fila = conjunto(conexion, aula, conjunto_id, para_escribir=True)
    _exigir_propio_y_abierto(fila, persona[0])
    mundo = _mundo(conexion, aula, cambios, fila, persona[0])
    resultados = [mundo.de_subida(cambio) for cambio in cambios]
    if isinstance(queja, DemasiadosCambios):
        raise ConjuntoCerrado(fila.id, ahora)
    if isinstance(queja, ErrorApi):
        raise queja
    _escribir(conexion, aula, persona, fila.id, mundo, ahora)
    return resultados


def _tomar_turno(conexion: Conexion, aula: int) -> datetime:
    fila = conexion.execute(SQL["tomar_turno"].encode(), {"aula": aula}).fetchone()
    if fila is None:
        raise NoExiste
    estado, ahora = fila
    if estado != ABIERTA:
        raise SoloLectura
    momento: datetime = ahora
    return momento


def _mundo(conexion: Conexion, aula: int, cambios: list[Cambio], fila: FilaConjunto | None, persona_id: int) -> Mundo:
    """Carga lo que los cambios mencionan, con un número fijo de consultas."""
    menciona: set[Clave] = set()
    borra: set[Clave] = set()
    nuevos = 0
    for cambio in cambios:
        if cambio.accion == "create":
            nuevos += 1
        elif cambio.id is not None:
            menciona.add((cambio.tipo, cambio.id))
            if cambio.accion == "delete":
                borra.add((cambio.tipo, cambio.id))
        menciona.update((NODO, n) for n in cambio.nodos)
        menciona.update(cambio.miembros)
    elementos = _cargar(conexion, aula, menciona)
    # Miembros de las relaciones de antes y nodos de las vías: hacen falta para saber por dónde pasa lo que cambia.
    miembros = {m for x in elementos.values() if x.tipo == RELACION for m in x.miembros if m[0] != RELACION}
    elementos |= _cargar(conexion, aula, miembros - elementos.keys())
    nodos = {(NODO, n) for x in elementos.values() if x.tipo == VIA for n in x.nodos}
    elementos |= _cargar(conexion, aula, nodos - elementos.keys())
    usos = _usos(conexion, aula, [clave for clave in borra if clave[1] > 0])
    return Mundo(elementos, usos, fila.para_escribir() if fila else None, persona_id, _ids(conexion, nuevos))


def _cargar(conexion: Conexion, aula: int, claves: Iterable[Clave]) -> dict[Clave, Estado]:
    pedidas = sorted(clave for clave in claves if clave[1] > 0)
    if not pedidas:
        return {}
    parametros = {"aula": aula, "tipos": [t for t, _ in pedidas], "ids": [i for _, i in pedidas]}
    with conexion.cursor(row_factory=tuple_row) as cursor:
        filas = cursor.execute(SQL["mencionados"].encode(), parametros)
        return {
            (tipo, id): Estado(
                tipo,
                id,
                version,
                visible,
                etiquetas or {},
                lon or 0,
                lat or 0,
                nodos or (),
                [(m[0], int(m[1:])) for m in miembros or ()],
                roles or (),
            )
            for tipo, id, version, visible, etiquetas, lon, lat, nodos, miembros, roles in filas
        }


def _usos(conexion: Conexion, aula: int, claves: list[Clave]) -> dict[Clave, set[Clave]]:
    usos: dict[Clave, set[Clave]] = {clave: set() for clave in claves}
    if claves:
        parametros = {
            "aula": aula,
            "nodos": [id for tipo, id in claves if tipo == NODO],
            "miembros": [f"{tipo}{id}" for tipo, id in claves],
        }
        for tipo, id, de_tipo, de_id in conexion.execute(SQL["quien_usa"].encode(), parametros):
            usos[tipo, id].add((de_tipo, de_id))
    return usos


def _ids(conexion: Conexion, cuantos: int) -> Callable[[], int]:
    ids = [fila[0] for fila in conexion.execute(SQL["ids_nuevos"].encode(), {"cuantos": cuantos})] if cuantos else []
    return iter(ids).__next__


# --- escribir --------------------------------------------------------------------------------------------------------


def _escribir(
    conexion: Conexion, aula: int, persona: tuple[int, str], conjunto_id: int, mundo: Mundo, ahora: datetime
) -> None:
    """Escribe las versiones nuevas, el registro de cambios y el conjunto."""
    pasos = mundo.pasos
    if pasos:
        formas = Formas(mundo, _que_usa_lo_cambiado(conexion, aula, mundo))
        _jubilar(conexion, aula, pasos)
        _copiar_elementos(conexion, aula, persona, conjunto_id, pasos, ahora)
        _copiar_bitacora(conexion, aula, persona[0], conjunto_id, formas.renglones(), ahora)
        poner_objetos(conexion, aula, formas.objetos())
    oeste, sur, este, norte = mundo.caja.limites or (None, None, None, None)
    conexion.execute(
        SQL["sumar_al_conjunto"].encode(),
        {
            "id": conjunto_id,
            "cambios": len(pasos),
            "ahora": ahora,
            "oeste": oeste,
            "sur": sur,
            "este": este,
            "norte": norte,
        },
    )
    _anotar(conexion, conjunto_id)


def _jubilar(conexion: Conexion, aula: int, pasos: list[Paso]) -> None:
    """Lo que estaba deja de ser la última versión."""
    claves = sorted({(p.despues.tipo, p.despues.id) for p in pasos if p.antes is not None})
    if claves:
        conexion.execute(
            SQL["jubilar"].encode(),
            {"aula": aula, "tipos": [t for t, _ in claves], "ids": [i for _, i in claves]},
        )


def _copiar_elementos(
    conexion: Conexion, aula: int, persona: tuple[int, str], conjunto_id: int, pasos: list[Paso], ahora: datetime
) -> None:
    ultimas = {(p.despues.tipo, p.despues.id): p.despues.version for p in pasos}
    with conexion.cursor() as cursor, cursor.copy(SQL["copiar_elementos"].encode()) as copia:
        for paso in pasos:
            x = paso.despues
            es_nodo, es_relacion = x.tipo == NODO, x.tipo == RELACION
            copia.write_row(
                (
                    aula,
                    x.tipo,
                    x.id,
                    x.version,
                    ultimas[x.tipo, x.id] == x.version,
                    x.visible,
                    conjunto_id,
                    ahora,
                    *persona,
                    Jsonb(x.etiquetas) if x.etiquetas else None,
                    x.lon if es_nodo else None,
                    x.lat if es_nodo else None,
                    list(x.nodos) if x.tipo == VIA else None,
                    [f"{t}{i}" for t, i in x.miembros] if es_relacion else None,
                    list(x.roles) if es_relacion else None,
                )
            )


def _copiar_bitacora(
    conexion: Conexion, aula: int, persona_id: int, conjunto_id: int, filas: list[Renglon], ahora: datetime
) -> None:
    with conexion.cursor() as cursor, cursor.copy(SQL["copiar_bitacora"].encode()) as copia:
        for fila in filas:
            x, antes = fila.estado, fila.antes
            copia.write_row(
                (
                    aula,
                    x.tipo,
                    x.id,
                    x.version,
                    fila.accion,
                    fila.causa,
                    persona_id,
                    ahora,
                    conjunto_id,
                    fila.forma[0],
                    fila.forma_antes[0],
                    Jsonb(x.etiquetas) if x.etiquetas else None,
                    Jsonb(antes.etiquetas) if antes and antes.etiquetas else None,
                    fila.forma[1],
                    fila.forma_antes[1],
                )
            )


def _que_usa_lo_cambiado(conexion: Conexion, aula: int, mundo: Mundo) -> Usan:
    """Carga las vías y las relaciones de área que cambian de forma sin tener versión nueva, y todo lo que las arma."""
    tocados = set(mundo.tocados)
    nodos = movidos(mundo)
    vias = _ids_de(conexion, "vias_por_nodos", aula, list(nodos)) if nodos else set()
    vias -= {id for tipo, id in tocados if tipo == VIA}
    cambiadas = vias | {id for tipo, id in tocados if tipo == VIA and mundo.antes((tipo, id)) is not None}
    relaciones = _ids_de(conexion, "areas_por_vias", aula, [f"w{id}" for id in cambiadas]) if cambiadas else set()
    relaciones -= {id for tipo, id in tocados if tipo == RELACION}
    # De lo más grande a lo más chico: cada nivel dice qué hace falta del siguiente.
    _completar(conexion, aula, mundo, {(RELACION, id) for id in relaciones} | {(VIA, id) for id in vias})
    miembros = {m for id in relaciones for m in _de(mundo, (RELACION, id)) if m[0] == VIA}
    _completar(conexion, aula, mundo, miembros)
    _completar(conexion, aula, mundo, {n for clave in miembros | {(VIA, id) for id in vias} for n in _de(mundo, clave)})
    return Usan(frozenset(vias), frozenset(relaciones))


def _completar(conexion: Conexion, aula: int, mundo: Mundo, claves: Iterable[Clave]) -> None:
    mundo.agregar(_cargar(conexion, aula, mundo.faltan(claves)))


def _de(mundo: Mundo, clave: Clave) -> set[Clave]:
    estado = mundo.despues(clave)
    return estado.usa if estado is not None else set()


def _ids_de(conexion: Conexion, nombre: str, aula: int, de: Sequence[int | str]) -> set[int]:
    # Con muchos cuesta menos recorrer el aula que buscarlos uno por uno en el índice.
    consulta = SQL[nombre].replace("{cerca}", SQL[f"cerca_{nombre}"] if len(de) <= POCOS else "")
    with conexion.cursor(row_factory=tuple_row) as cursor:
        return {fila[0] for fila in cursor.execute(consulta.encode(), {"aula": aula, "de": list(de)})}
