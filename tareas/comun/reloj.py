"""El tiempo lo dice la base de datos.

Los bloqueos vencen según la función SQL ``ahora()``, que es ``clock_timestamp()`` salvo que la transacción fije otro
momento. Así el juicio ocurre en la misma instrucción que escribe, todos los procesos comparten un reloj, y la historia
de la demostración y las pruebas de vencimiento pasan por los servicios verdaderos.
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


def fijar(sesion: Session, cuando: datetime) -> None:
    """Fija ``ahora()`` para lo que resta de la transacción.

    Parameters
    ----------
    cuando
        Momento con zona horaria.
    """
    if cuando.tzinfo is None:
        raise ValueError("El momento debe llevar zona horaria")
    sesion.execute(text("SELECT set_config('tequio.ahora', :t, true)"), {"t": cuando.isoformat()})


def ahora(sesion: Session) -> datetime:
    """Momento actual según la base de datos (UTC)."""
    momento: datetime = sesion.execute(text("SELECT ahora()")).scalar_one()
    return momento
