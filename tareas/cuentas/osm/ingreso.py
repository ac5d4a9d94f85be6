"""Entrar o registrarse con una cuenta de allá, aunque la misma llegue dos veces en el mismo instante."""

from tareas.comun.bd import BaseDeDatos
from tareas.cuentas import limites
from tareas.cuentas.limites import Tope
from tareas.cuentas.osm import servicio
from tareas.cuentas.osm.cliente import CuentaDeAlla
from tareas.cuentas.osm.errores import CuentaOsmAjena, SoloCuentasConocidas
from tareas.cuentas.reglas import REGISTROS_POR_DIRECCION, red_de
from tareas.cuentas.servicio import SesionNueva


def entrar(
    bd: BaseDeDatos, servidor: str, alla: CuentaDeAlla, *, idioma: str, direccion: str | None, registro_abierto: bool
) -> tuple[SesionNueva, bool]:
    """Abre la sesión de quien tiene la cuenta; si nadie, crea a la persona.

    Returns
    -------
    tuple of (SesionNueva, bool)
        La sesión, y si la persona es nueva.

    Raises
    ------
    CuentaDeBaja, SoloCuentasConocidas, DemasiadasVeces
    """
    with bd.transaccion() as sesion:
        nueva = servicio.entrar(sesion, servidor, alla)
    if nueva is not None:
        return nueva, False
    if not registro_abierto:
        raise SoloCuentasConocidas
    with bd.transaccion() as sesion:
        limites.anotar(sesion, (Tope("registro", red_de(direccion), REGISTROS_POR_DIRECCION),))
    try:
        with bd.transaccion() as sesion:
            return servicio.crear(sesion, servidor, alla, idioma=idioma), True
    except CuentaOsmAjena:
        # La misma persona entró en otra ventana un instante antes: lo de aquí se deshizo y ahora la cuenta ya está.
        with bd.transaccion() as sesion:
            creada = servicio.entrar(sesion, servidor, alla)
        if creada is None:
            raise
        return creada, False
