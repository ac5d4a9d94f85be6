"""Las seis cuentas de la demostración, con claves al azar: ninguna instalación comparte claves con otra."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from tareas.comun.errores import Conflicto
from tareas.comun.permisos import Actor, Papel
from tareas.comun.textos import N_
from tareas.cuentas.servicio import cambiar_clave, crear_persona, dar_papel

ELENCO = (
    ("mapeo1", "Mapeo Uno (demo)", Papel.MAPEADOR),
    ("mapeo2", "Mapeo Dos (demo)", Papel.MAPEADOR),
    ("revision", "Revisión (demo)", Papel.VALIDADOR),
    ("capacitacion", "Capacitación (demo)", Papel.CAPACITADOR),
    ("municipio", "Oficina municipal (demo)", Papel.FUNCIONARIO),
    ("administracion", "Administración (demo)", Papel.ADMINISTRADOR),
)
EN_OSM = {"mapeo1": 99_100_001, "mapeo2": 99_100_002}
"""Con qué cuenta de OSM edita quien mapea en el municipio ficticio."""

PALABRAS = [
    "agave",
    "barro",
    "cielo",
    "comal",
    "fresno",
    "jarana",
    "laurel",
    "maguey",
    "mezquite",
    "nopal",
    "petate",
    "rebozo",
    "sauce",
    "tejate",
    "telar",
    "trueno",
]

_QUIEN = text("SELECT id, nombre FROM persona WHERE lower(usuario) = lower(:usuario)")


_VINCULAR = text("""
    INSERT INTO cuenta_osm (persona_id, servidor, uid, nombre)
    SELECT id, 'osm', :uid, usuario || '_ficticia' FROM persona WHERE id = :persona
    ON CONFLICT ON CONSTRAINT cuenta_osm_una_por_servidor DO NOTHING""")


class CuentaAjena(Conflicto):
    """La base ya tiene, con ese usuario, una cuenta que no es de la demostración."""

    codigo = "cuenta_ajena"
    plantilla = N_("La base ya tiene una cuenta «%(usuario)s» que no es de la demostración. Usa una base vacía.")


@dataclass(frozen=True, slots=True)
class Cuenta:
    """Una cuenta de la demostración. La clave sólo existe aquí y en ``.datos/demo.json``."""

    usuario: str
    clave: str
    papel: str

    def json(self) -> dict[str, str]:
        """Para ``demo.json``."""
        return asdict(self)


def clave_nueva() -> str:
    """Clave fácil de teclear: tres palabras y un número (unos 26 bits; el ingreso está limitado)."""
    return "-".join([*(secrets.choice(PALABRAS) for _ in range(3)), str(secrets.randbelow(9000) + 1000)])


def vincular(sesion: Session, uids: Mapping[int, int]) -> None:
    """Anota con qué cuenta ficticia de OSM edita cada persona."""
    for persona, uid in uids.items():
        sesion.execute(_VINCULAR, {"persona": persona, "uid": uid})


def crear(sesion: Session, municipio_id: int) -> tuple[list[Cuenta], dict[str, Actor]]:
    """Crea las seis cuentas; la de administración vale en toda la instalación."""
    cuentas, actores = [], {}
    for usuario, nombre, papel in ELENCO:
        cuenta = Cuenta(usuario, clave_nueva(), papel.value)
        lugar = None if papel is Papel.ADMINISTRADOR else municipio_id
        previa = sesion.execute(_QUIEN, {"usuario": usuario}).one_or_none()
        if previa is None:
            persona = crear_persona(sesion, usuario=usuario, nombre=nombre, clave=cuenta.clave)
            dar_papel(sesion, persona, papel, lugar)
        elif previa.nombre != nombre:
            raise CuentaAjena(usuario=usuario)
        else:
            # De un intento que se cortó: la cuenta sirve, pero su clave ya no la sabe nadie.
            persona = previa.id
            cambiar_clave(sesion, persona, cuenta.clave)
        cuentas.append(cuenta)
        actores[usuario] = Actor(persona, usuario, nombre, "es", frozenset({(lugar, papel)}))
    return cuentas, actores
