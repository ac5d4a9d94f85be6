"""Tomar, extender, soltar, entregar, comentar y deshacer. Recibe la sesión; nunca confirma."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tareas.comun.bd import filas
from tareas.comun.errores import ErrorTequio
from tareas.cuentas.buzon.servicio import avisar
from tareas.mapeo.consultas import SQL
from tareas.mapeo.errores import (
    BloqueoPerdido,
    EsBorrador,
    EstadoNoPermite,
    NadaQueDeshacer,
    NadaQueHacer,
    NoEsTuPaso,
    ProyectoCerrado,
    Reservada,
    TareaDesconocida,
    TareaDividida,
    TareaOcupada,
    YaTienesOtra,
)
from tareas.mapeo.reglas import (
    DIAS_DE_RESERVA,
    LLEVA_A,
    PRIMERAS_DE_LA_COLA,
    SE_TOMA_EN,
    Estado,
    Para,
    Resultado,
    SinCambios,
)


class FaltaRevisar(Exception):
    """La entrega tiene que pasar antes por `tareas.mapeo.guardas`."""


@dataclass(frozen=True, slots=True)
class Toma:
    """Una tarea tomada. ``ficha`` crece con cada toma: es la prueba de que el turno sigue siendo de quien la
    muestra.
    """

    numero: int
    ficha: int
    desde: datetime
    vence: datetime

    def json(self) -> dict[str, Any]:
        """Como lo da la API."""
        return {
            "numero": self.numero,
            "ficha": self.ficha,
            "desde": self.desde.isoformat(),
            "vence": self.vence.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Paso:
    """Un paso ya escrito en el historial."""

    id: int
    cuando: datetime
    estado: Estado
    duracion_s: float | None = None
    edificios: int | None = None
    metros_vias: float | None = None
    repetido: bool = False

    def json(self) -> dict[str, Any]:
        """Como lo da la API."""
        return {
            "paso": self.id,
            "estado": self.estado.codigo,
            "cuando": self.cuando.isoformat(),
            "duracion_s": self.duracion_s,
            "edificios": self.edificios,
            "metros_vias": self.metros_vias,
        }


def tomar(sesion: Session, *, persona_id: int, proyecto_id: int, numeros: Sequence[int], para: Para) -> list[Toma]:
    """Toma tareas: todas o ninguna.

    Raises
    ------
    TareaOcupada, YaTienesOtra, EstadoNoPermite, Reservada, TrabajoPropio, ProyectoCerrado, TareaDesconocida
        Según la restricción de la base que lo impida.
    """
    parametros = {"proyecto": proyecto_id, "numeros": list(numeros), "persona": persona_id, "para": para.value}
    return [Toma(*fila) for fila in filas(sesion, SQL["tomar"], parametros)]


def propias(sesion: Session, *, persona_id: int, proyecto_id: int, numeros: Sequence[int], para: Para) -> list[Toma]:
    """Las tareas de ``numeros`` que la persona ya tiene para lo mismo: tomar dos veces no es un error."""
    parametros = {"proyecto": proyecto_id, "numeros": list(numeros), "persona": persona_id, "para": para.value}
    return [Toma(*fila) for fila in sesion.execute(SQL["propio"], parametros)]


def explicar(sesion: Session, error: ErrorTequio, *, persona_id: int, proyecto_id: int, numero: int) -> ErrorTequio:
    """Agrega a un rechazo lo que ayuda a seguir: quién la tiene, hasta cuándo, o cuál tiene ya la persona."""
    if isinstance(error, YaTienesOtra):
        otra = next(
            (f for f in sesion.execute(SQL["mis_bloqueos"], {"persona": persona_id}) if f.para == Para.MAPEAR), None
        )
        if otra is not None:
            return YaTienesOtra(
                proyecto=otra.proyecto, numero=otra.numero, ficha=otra.ficha, vence=otra.vence.isoformat()
            )
    if isinstance(error, TareaOcupada | Reservada | EstadoNoPermite | BloqueoPerdido):
        fila = sesion.execute(SQL["quien_la_tiene"], {"proyecto": proyecto_id, "numero": numero}).one_or_none()
        if fila is None:
            return TareaDesconocida() if isinstance(error, BloqueoPerdido) else error
        if fila.estado == Estado.DIVIDIDA:
            datos = {**error.datos, "numero": numero}
            return TareaDividida(**datos, partes=partes_vivas(sesion, proyecto_id, numero))
        # Sin proyecto abierto no sirve tomarla de nuevo: se dice lo que pasó, y la nota sigue en los datos.
        cerrado = isinstance(error, BloqueoPerdido) and fila.proyecto_estado != "publicado"
        clase = ProyectoCerrado if cerrado else type(error)
        return clase(**error.datos, **_quien_la_tiene(fila, numero))
    return error


def partes_vivas(sesion: Session, proyecto_id: int, numero: int) -> list[int]:
    """Números de las tareas que hoy ocupan el lugar de una dividida."""
    return list(sesion.execute(SQL["partes_vivas"], {"proyecto": proyecto_id, "numero": numero}).scalars())


def exigir_viva(sesion: Session, proyecto_id: int, numero: int) -> None:
    """Levanta `TareaDividida` si otras ocupan ya su lugar, o `TareaDesconocida` si no existe."""
    fila = sesion.execute(SQL["quien_la_tiene"], {"proyecto": proyecto_id, "numero": numero}).one_or_none()
    if fila is None:
        raise TareaDesconocida
    if fila.estado == Estado.DIVIDIDA:
        raise TareaDividida(numero=numero, partes=partes_vivas(sesion, proyecto_id, numero))


def _quien_la_tiene(fila: Row[Any], numero: int) -> dict[str, Any]:
    datos: dict[str, Any] = {"numero": numero, "estado": Estado(fila.estado).codigo, "la_tiene": None}
    if fila.persona_id is not None:
        datos["la_tiene"] = {
            "persona": fila.persona,
            "para": fila.para,
            "desde": fila.desde.isoformat(),
            "vence": fila.vence.isoformat(),
        }
    return datos


def extender(sesion: Session, *, persona_id: int, proyecto_id: int, numero: int, ficha: int) -> Toma:
    """Vuelve a dar el tiempo completo a un turno vigente.

    Raises
    ------
    BloqueoPerdido
    """
    parametros = {"proyecto": proyecto_id, "numero": numero, "persona": persona_id, "ficha": ficha}
    fila = sesion.execute(SQL["extender"], parametros).one_or_none()
    if fila is None:
        raise BloqueoPerdido
    sesion.execute(SQL["anotar_extension"], {**parametros, "municipio": fila.municipio_id})
    return Toma(numero, fila.ficha, fila.desde, fila.vence)


def soltar(
    sesion: Session,
    *,
    persona_id: int,
    proyecto_id: int,
    numero: int,
    ficha: int | None,
    nota: str | None = None,
    coordina: bool = False,
) -> bool:
    """Suelta una tarea sin entregarla; soltar lo que ya no se tiene no es un error.

    Parameters
    ----------
    ficha
        Turno que se suelta; ``None``, el que tenga.
    coordina
        Quien coordina puede soltar la de otra persona.

    Returns
    -------
    bool
        ``True`` si había algo que soltar.
    """
    parametros = {
        "proyecto": proyecto_id,
        "numero": numero,
        "persona": persona_id,
        "ficha": ficha,
        "nota": nota,
        "coordina": coordina,
    }
    return sesion.execute(SQL["soltar"], parametros).one_or_none() is not None


def entregar(
    sesion: Session,
    *,
    persona_id: int,
    proyecto_id: int,
    numero: int,
    ficha: int,
    resultado: Resultado,
    nota: str | None = None,
    sin_cambios: SinCambios | None = None,
    revisada: bool = True,
) -> Paso:
    """Termina el mapeo de una tarea. La misma entrega repetida devuelve el paso que ya se dio.

    Parameters
    ----------
    revisada
        Si ya pasó por `tareas.mapeo.guardas`; sin eso sólo se entrega el turno en que no se guardó nada.
    sin_cambios
        Por qué no cambió nada en OSM; queda entre los motivos del paso.

    Raises
    ------
    BloqueoPerdido
        La ficha es vieja, de otra persona, o el turno venció; ``datos['nota']`` conserva la nota.
    FaltaRevisar
        Quizá hay que revisarla antes: se llamó con ``revisada`` falso y el turno guardó algo, o se perdió.
    """
    estado = LLEVA_A[resultado]
    parametros = {
        "proyecto": proyecto_id,
        "numero": numero,
        "persona": persona_id,
        "ficha": ficha,
        "nota": nota,
        "sin_cambios": sin_cambios.value if sin_cambios else None,
        "a": int(estado),
        "revisada": revisada,
    }
    for fila in filas(sesion, SQL["entregar"], parametros):
        return Paso(fila.id, fila.cuando, estado, fila.duracion_s, fila.edificios, fila.metros_vias)
    previa = paso_previo(
        sesion, persona_id=persona_id, proyecto_id=proyecto_id, numero=numero, ficha=ficha, accion="entrega"
    )
    if previa is not None and previa.estado == estado:
        return previa
    if not revisada:
        raise FaltaRevisar
    raise BloqueoPerdido(nota=nota)


def paso_previo(
    sesion: Session, *, persona_id: int, proyecto_id: int, numero: int, ficha: int, accion: str
) -> Paso | None:
    """El paso que esta misma ficha ya dio, si lo dio."""
    parametros = {"proyecto": proyecto_id, "numero": numero, "persona": persona_id, "ficha": ficha, "accion": accion}
    fila = sesion.execute(SQL["paso_con_ficha"], parametros).one_or_none()
    if fila is None:
        return None
    return Paso(fila.id, fila.cuando, Estado(fila.a), fila.duracion_s, fila.edificios, fila.metros_vias, repetido=True)


def tomar_siguiente(
    sesion: Session,
    *,
    persona_id: int,
    proyecto_id: int,
    total: int,
    para: Para,
    cerca_de: int | None = None,
    evitar: Sequence[int] = (),
    esperar: bool = False,
) -> Toma:
    """«Dame una tarea»: la devuelta que me espera, o la de más prioridad, cerca de la última que tuve; para
    validar, la primera de la cola de revisión.

    Parameters
    ----------
    cerca_de
        Número de la tarea cerca de la cual se busca.
    evitar
        Números que no se dan.
    esperar
        Esperar antes a quien esté cambiando prioridades: mientras, las libres están en sus manos y no se hallan.

    Raises
    ------
    NadaQueHacer, YaTienesOtra, ProyectoCerrado
    """
    base: dict[str, Any] = {"proyecto": proyecto_id, "persona": persona_id, "para": para.value, "evitar": list(evitar)}
    base["estados"] = [int(e) for e in sorted(SE_TOMA_EN[para]) if e is not Estado.SIN_IMAGEN]
    if esperar:
        sesion.execute(SQL["esperar_prioridades"], base)
    while (numero := _buscar(sesion, base, para, total, cerca_de)) is not None:
        # Con el turno ya en la mano se vuelve a mirar: alguien pudo tomarla entre la búsqueda y el turno.
        if not sesion.execute(SQL["ocupada"], {**base, "numero": numero}).scalar_one():
            return tomar(sesion, persona_id=persona_id, proyecto_id=proyecto_id, numeros=[numero], para=para)[0]
        base["evitar"].append(numero)
    raise NadaQueHacer


def _buscar(sesion: Session, base: dict[str, Any], para: Para, total: int, cerca_de: int | None) -> int | None:
    numero: int | None = None
    if para is Para.MAPEAR:
        numero = sesion.execute(SQL["devuelta_a_mi"], base).scalar_one_or_none()
    elif cerca_de is None:
        return _la_que_sigue_en_la_cola(sesion, base)
    if numero is None:
        punto = _punto_de_partida(sesion, base, total, cerca_de)
        if punto is not None:
            numero = sesion.execute(
                SQL["libre_cerca"], {**base, "lon": punto.lon, "lat": punto.lat}
            ).scalar_one_or_none()
    return numero


def _la_que_sigue_en_la_cola(sesion: Session, base: dict[str, Any]) -> int | None:
    evitar = list(base["evitar"])
    while True:
        pedido = {**base, "evitar": evitar, "cuantas": PRIMERAS_DE_LA_COLA}
        fila = sesion.execute(SQL["la_que_sigue_para_validar"], pedido).one()
        if fila.numero is not None or len(fila.miradas) < PRIMERAS_DE_LA_COLA:
            numero: int | None = fila.numero
            return numero
        # Otras personas están tomando todas ésas en este instante.
        evitar += fila.miradas


def _punto_de_partida(sesion: Session, base: dict[str, Any], total: int, cerca_de: int | None) -> Row[Any] | None:
    if cerca_de is not None:
        punto = sesion.execute(SQL["punto_de_tarea"], {**base, "numero": cerca_de}).one_or_none()
        if punto is None:
            raise TareaDesconocida
        return punto
    ultima = sesion.execute(SQL["mi_ultima"], base).one_or_none()
    if ultima is not None:
        return ultima
    azar = random.randint(1, max(1, total - 40))  # nosec B311 - reparte gente en el mapa, no guarda secretos
    lejos = sesion.execute(SQL["lejos_de_los_demas"], {**base, "azar": azar}).one_or_none()
    return lejos or sesion.execute(SQL["lejos_de_los_demas"], {**base, "azar": 1}).one_or_none()


def comentar(sesion: Session, *, persona_id: int, proyecto_id: int, numero: int, nota: str) -> tuple[int, datetime]:
    """Deja un comentario en la tarea, y avisa a quienes la mapearon o revisaron.

    Raises
    ------
    TareaDesconocida, TareaDividida, EsBorrador
    """
    fila = sesion.execute(
        SQL["comentar"], {"proyecto": proyecto_id, "numero": numero, "persona": persona_id, "nota": nota}
    ).one_or_none()
    if fila is None:
        exigir_viva(sesion, proyecto_id, numero)
        raise EsBorrador
    for otra in sesion.execute(
        SQL["avisar_de_comentario"], {"proyecto": proyecto_id, "numero": numero, "persona": persona_id}
    ).all():
        avisar(
            sesion,
            persona_id=otra.persona_id,
            clase="comentario",
            llave=f"comentario:{fila.id}",
            enlace=f"/proyectos/{proyecto_id}/{'mapear' if otra.mapeo else 'validar'}/{numero}",
            municipio_id=otra.municipio_id,
            proyecto_id=proyecto_id,
            numero=numero,
            datos={"proyecto": otra.proyecto},
        )
    return fila.id, fila.cuando


def deshacer(sesion: Session, *, persona_id: int, proyecto_id: int, numero: int, motivo: str, coordina: bool) -> Paso:
    """Deshace el último paso que cambió el estado; el historial guarda quién y por qué.

    Parameters
    ----------
    coordina
        La persona coordina el municipio: puede deshacer pasos ajenos.

    Raises
    ------
    TareaDesconocida, TareaDividida, TareaOcupada, NadaQueDeshacer, NoEsTuPaso
    """
    base = {"proyecto": proyecto_id, "numero": numero, "persona": persona_id}
    turno = sesion.execute(SQL["turno"], base).one_or_none()
    if turno is None:
        raise TareaDesconocida
    if turno.estado == Estado.DIVIDIDA:
        raise TareaDividida(numero=numero, partes=partes_vivas(sesion, proyecto_id, numero))
    if sesion.execute(SQL["ocupada"], base).scalar_one():
        raise TareaOcupada
    sesion.execute(SQL["desalojar_vencido"], base)
    paso = sesion.execute(SQL["paso_por_deshacer"], base).one_or_none()
    if paso is None or paso.a != turno.estado:
        raise NadaQueDeshacer
    if paso.persona_id != persona_id and not coordina:
        raise NoEsTuPaso
    fila = sesion.execute(
        SQL["anotar_deshacer"],
        {**base, "municipio": turno.municipio_id, "de": paso.a, "a": paso.de, "nota": motivo, "deshace": paso.id},
    ).one()
    # Si vuelve a quedar devuelta, vuelve a esperar a quien la mapeó.
    autora = sesion.execute(SQL["autor_vigente"], base).scalar_one_or_none() if paso.de == Estado.DEVUELTA else None
    sesion.execute(SQL["callar_avisos"], {"paso": paso.id})
    sesion.execute(SQL["poner_estado"], {**base, "a": paso.de, "reservada_a": autora, "dias": DIAS_DE_RESERVA})
    return Paso(fila.id, fila.cuando, Estado(paso.de))
