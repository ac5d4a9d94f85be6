"""A quién se le avisa de lo que pasa en una revisión. Deja avisos en el buzón, en la misma transacción."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from tareas.cuentas.buzon.servicio import avisar
from tareas.validacion.consultas import SQL
from tareas.validacion.reglas import Clase, Veredicto

CLASE_DE = {
    Veredicto.VALIDADA: "validada",
    Veredicto.CON_ARREGLOS: "con_arreglos",
    Veredicto.DEVUELTA: "devuelta",
}


def de_dictamen(
    sesion: Session,
    *,
    proyecto_id: int,
    numero: int,
    dictamen_id: int,
    autora_id: int,
    clase: str,
    veredicto: Veredicto,
    codigos: Sequence[str],
) -> None:
    """A quien mapeó, qué se decidió; si resolvió una disputa, también a quien había devuelto la tarea."""
    # Sólo lo devuelto queda apartado; también lo que otra persona volvió a devolver al resolver la disputa.
    hasta = sesion.execute(SQL["reserva"], {"proyecto": proyecto_id, "numero": numero, "persona": autora_id}).scalar()
    if clase != Clase.DISPUTA:
        _avisar(sesion, CLASE_DE[veredicto], [autora_id], proyecto_id, numero, dictamen_id, codigos, hasta=hasta)
        return
    _avisar(sesion, "disputa_resuelta", [autora_id], proyecto_id, numero, dictamen_id, hasta=hasta)
    primera = sesion.execute(SQL["quien_devolvio"], {"dictamen": dictamen_id}).scalars()
    _avisar(sesion, "disputa_resuelta", primera, proyecto_id, numero, dictamen_id, validan=True)


def de_disputa(sesion: Session, *, proyecto_id: int, numero: int, dictamen_id: int) -> None:
    """A quien devolvió la tarea y a quienes capacitan en el municipio."""
    quienes = sesion.execute(SQL["avisar_de_disputa"], {"dictamen": dictamen_id}).scalars()
    _avisar(sesion, "disputa", quienes, proyecto_id, numero, dictamen_id, validan=True)


def de_desacuerdo(
    sesion: Session, *, proyecto_id: int, numero: int, primera: int, segunda: int, personas: Iterable[int]
) -> None:
    """A las dos personas que juzgaron distinto la misma entrega; a cada una, con el dictamen de la otra."""
    for persona, ajeno in zip(personas, (segunda, primera), strict=True):
        _avisar(sesion, "desacuerdo", [persona], proyecto_id, numero, ajeno, validan=True)


def _avisar(
    sesion: Session,
    clase: str,
    personas: Iterable[int],
    proyecto_id: int,
    numero: int,
    dictamen_id: int,
    codigos: Sequence[str] = (),
    *,
    validan: bool = False,
    hasta: datetime | None = None,
) -> None:
    proyecto = sesion.execute(SQL["proyecto_del_aviso"], {"proyecto": proyecto_id}).one()
    datos: dict[str, object] = {"proyecto": proyecto.nombre}
    if codigos:
        datos["codigos"] = list(codigos)
    if hasta is not None:
        datos["hasta"] = hasta.isoformat()
    for persona in sorted(set(personas)):
        avisar(
            sesion,
            persona_id=persona,
            clase=clase,
            llave=f"{clase}:{dictamen_id}",
            enlace=f"/proyectos/{proyecto_id}/{'validar' if validan else 'mapear'}/{numero}",
            municipio_id=proyecto.municipio_id,
            proyecto_id=proyecto_id,
            numero=numero,
            dictamen_id=dictamen_id,
            datos=datos,
        )
