"""Reparte los correos de la cola, fuera de toda petición. Varios procesos pueden repartir a la vez sin repetir."""

import logging
import smtplib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from tareas.comun.bd import BaseDeDatos
from tareas.cuentas import servicio
from tareas.cuentas.buzon import consultas as buzon_consultas
from tareas.cuentas.buzon import servicio as buzon
from tareas.cuentas.buzon.correos import CLASES_DEL_BUZON, componer_del_buzon
from tareas.cuentas.buzon.reglas import ZONA_POR_OMISION
from tareas.cuentas.consultas import SQL, huella
from tareas.cuentas.correo import ServidorDeCorreo, componer, enviar
from tareas.cuentas.errores import CorreoInseguro
from tareas.cuentas.reglas import HORAS_ENLACE, INTENTOS_DE_CORREO, espera_de_reintento, ficha_nueva

bitacora = logging.getLogger("tequio.correo")
PLAZO_S = 300.0


@dataclass(slots=True)
class Reparto:
    """Cuenta de una vuelta: enviados, aplazados, y descartados porque nadie los espera o el destino no existe."""

    enviados: int = 0
    aplazados: int = 0
    descartados: int = 0


def repartir(
    bd: BaseDeDatos,
    servidor: ServidorDeCorreo,
    *,
    plazo_s: float = PLAZO_S,
    alto: Callable[[], bool] = lambda: False,
) -> Reparto:
    """Pone en la cola los avisos que ya tocan y envía lo que espera, hasta que no quede nada o se acabe el plazo.

    Ninguna transacción queda abierta mientras el servidor de correo contesta.

    Parameters
    ----------
    plazo_s
        Segundos tras los que no empieza otro correo; lo que falte es de la siguiente vuelta.
    alto
        Si ya hay que terminar; se pregunta antes de cada correo.
    """
    cuenta, limite = Reparto(), time.monotonic() + plazo_s

    def sigue() -> bool:
        return not alto() and time.monotonic() < limite

    while sigue():
        with bd.transaccion() as sesion:
            puestos = buzon.poner_correos(sesion)
        while sigue() and (tomado := _tomar(bd, servidor)) is not None:
            correo, mensaje = tomado
            if mensaje is None:
                cuenta.descartados += 1
                _terminar(bd, correo.id)
            else:
                _intentar(bd, servidor, correo, mensaje, cuenta)
        if not puestos:
            break
    return cuenta


def _tomar(bd: BaseDeDatos, servidor: ServidorDeCorreo) -> tuple[Row[Any], EmailMessage | None] | None:
    with bd.transaccion() as sesion:
        correo = sesion.execute(SQL["tomar_correo"], {"maximo": INTENTOS_DE_CORREO}).one_or_none()
        if correo is None:
            return None
        datos: dict[str, Any] = dict(correo.datos)
        if correo.clase in CLASES_DEL_BUZON:
            return correo, componer_del_buzon(sesion, servidor, correo.clase, datos)
        if correo.clase == "restablecer":
            # El secreto nace aquí y viaja sólo en el correo: en la base queda su huella.
            personas = sesion.execute(SQL["de_correo"], {"correo": correo.destino}).all()
            if not personas:
                return correo, None
            datos = {"horas": HORAS_ENLACE, "cuentas": []}
            for persona in personas:
                ficha = ficha_nueva()
                sesion.execute(
                    SQL["crear_enlace"], {"huella": huella(ficha), "persona": persona.id, "horas": HORAS_ENLACE}
                )
                datos["cuentas"].append(
                    {"usuario": persona.usuario, "enlace": f"{servidor.direccion}/restablecer/{ficha}"}
                )
        return correo, componer(servidor, correo.clase, correo.destino, correo.idioma, datos)


def _intentar(
    bd: BaseDeDatos, servidor: ServidorDeCorreo, correo: Row[Any], mensaje: EmailMessage, cuenta: Reparto
) -> None:
    try:
        enviar(servidor, mensaje)
    except smtplib.SMTPRecipientsRefused as error:
        codigos = {codigo for codigo, _texto in error.recipients.values()}
        if all(500 <= codigo < 600 for codigo in codigos):
            cuenta.descartados += 1
            _terminar(bd, correo.id)
        else:
            _aplazar(bd, correo, f"destino: {sorted(codigos)}", cuenta)
    except (smtplib.SMTPException, OSError, CorreoInseguro) as error:
        # El texto del servidor puede repetir la dirección o el mensaje: basta la clase de fallo y su código.
        _aplazar(bd, correo, f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip(), cuenta)
    else:
        cuenta.enviados += 1
        _terminar(bd, correo.id)


def _terminar(bd: BaseDeDatos, correo_id: int) -> None:
    with bd.transaccion() as sesion:
        sesion.execute(SQL["correo_enviado"], {"id": correo_id})


def _aplazar(bd: BaseDeDatos, correo: Row[Any], motivo: str, cuenta: Reparto) -> None:
    cuenta.aplazados += 1
    espera = espera_de_reintento(correo.intentos)
    bitacora.warning(
        "correo %s sin enviar (intento %s): %s; se repite en %s s", correo.id, correo.intentos, motivo, espera
    )
    with bd.transaccion() as sesion:
        sesion.execute(SQL["aplazar_correo"], {"id": correo.id, "espera": espera, "error": motivo})


class Cartero(threading.Thread):
    """Hilo que reparte cada pocos segundos y, cada hora, barre lo vencido.

    Parameters
    ----------
    servidor
        ``None``: sólo barre.
    cada_s
        Segundos entre vueltas.
    """

    BARRIDO_S = 3600

    def __init__(self, bd: BaseDeDatos, servidor: ServidorDeCorreo | None, *, cada_s: float = 10) -> None:
        super().__init__(name="cartero", daemon=True)
        self._bd = bd
        self._servidor = servidor
        self._cada_s = cada_s
        self._alto = threading.Event()
        self._zonas_dichas: set[str] = set()

    def run(self) -> None:
        """Da vueltas hasta que se le detenga; si la base no contesta, prueba en la siguiente."""
        faltan_s = 0.0
        while not self._alto.is_set():
            try:
                if self._servidor is not None:
                    repartir(self._bd, self._servidor, alto=self._alto.is_set)
                if faltan_s <= 0:
                    self._decir_zonas()
                    with self._bd.transaccion() as sesion:
                        servicio.barrer(sesion)
                    faltan_s = self.BARRIDO_S
            except SQLAlchemyError as error:
                bitacora.warning("la base de datos no contestó al repartir correos: %s", type(error).__name__)
            self._alto.wait(self._cada_s)
            faltan_s -= self._cada_s

    def _decir_zonas(self) -> None:
        """Anota, una sola vez cada una, las zonas horarias que la base no entiende."""
        with self._bd.lectura() as sesion:
            for zona, municipios in buzon_consultas.zonas_desconocidas(sesion):
                if zona not in self._zonas_dichas:
                    self._zonas_dichas.add(zona)
                    bitacora.warning(
                        "la base no conoce la zona horaria «%s» (%s municipios): sus resúmenes salen a la hora de %s",
                        zona,
                        municipios,
                        ZONA_POR_OMISION,
                    )

    def detener(self) -> None:
        """Pide al hilo que termine después del correo que tenga en la mano."""
        self._alto.set()
