"""Entrar: comprobar quién es con el mismo trabajo exista o no, con intentos contados, y abrir la sesión.

La comprobación de la clave ocurre fuera de toda transacción: nadie retiene una conexión mientras se calcula.
"""

from dataclasses import dataclass

from tareas.comun.bd import BaseDeDatos
from tareas.cuentas import claves, limites, servicio
from tareas.cuentas.consultas import SQL, credencial
from tareas.cuentas.errores import ClaveEquivocada, EntradaRechazada, UsuarioInvalido
from tareas.cuentas.limites import Tope
from tareas.cuentas.reglas import ENTRADAS_POR_DIRECCION, ENTRADAS_POR_USUARIO, normalizar_usuario, red_de


@dataclass(frozen=True, slots=True)
class Comprobada:
    """Una persona que demostró quién es, y los intentos anotados que se le perdonan."""

    persona_id: int
    clave_hash: str
    intentos: list[int]
    tope: Tope


def entrar(
    bd: BaseDeDatos, *, usuario: str, clave: str, direccion: str | None, via: servicio.Via, larga: bool = False
) -> servicio.SesionNueva:
    """Comprueba usuario y clave y abre una sesión.

    Parameters
    ----------
    direccion
        De dónde viene la petición.
    via, larga
        Ver `servicio.abrir_sesion`.

    Raises
    ------
    EntradaRechazada
        No coinciden, la cuenta no existe o está de baja: sin distinguir.
    DemasiadasVeces
    """
    quien = _comprobar(bd, usuario, clave, direccion)
    with bd.transaccion() as sesion:
        limites.perdonar(sesion, quien.intentos, quien.tope)
        nueva = servicio.abrir_sesion(sesion, quien.persona_id, quien.clave_hash, via=via, larga=larga)
        if claves.conviene_cifrar_de_nuevo(quien.clave_hash):
            valores = {"persona": quien.persona_id, "vieja": quien.clave_hash, "nueva": claves.cifrar(clave)}
            sesion.execute(SQL["cifrar_de_nuevo"], valores)
    return nueva


def confirmar_clave(bd: BaseDeDatos, *, usuario: str, clave: str, direccion: str | None) -> None:
    """Pide otra vez la clave a quien ya entró, con los mismos límites que al entrar.

    Raises
    ------
    ClaveEquivocada, DemasiadasVeces
    """
    try:
        quien = _comprobar(bd, usuario, clave, direccion)
    except EntradaRechazada as error:
        raise ClaveEquivocada from error
    with bd.transaccion() as sesion:
        limites.perdonar(sesion, quien.intentos, quien.tope)


def _comprobar(bd: BaseDeDatos, usuario: str, clave: str, direccion: str | None) -> Comprobada:
    try:
        buscado = normalizar_usuario(usuario)
    except UsuarioInvalido:
        # Ninguna cuenta se llama así; se sigue de todos modos para que cueste y se cuente igual.
        buscado = ""
    tope = Tope("usuario", buscado or usuario, ENTRADAS_POR_USUARIO)
    with bd.transaccion() as sesion:
        intentos = limites.anotar(sesion, (Tope("direccion", red_de(direccion), ENTRADAS_POR_DIRECCION), tope))
    with bd.lectura() as sesion:
        fila = credencial(sesion, buscado)
    guardada = fila.clave_hash if fila is not None else None
    if not claves.verificar(guardada, clave) or fila is None or not fila.activa:
        raise EntradaRechazada
    return Comprobada(fila.id, fila.clave_hash, intentos, tope)
