"""De la verdad a lo que OSM tiene: se quita una parte y se plantan errores, todos anotados."""

from typing import Final

from geo.pueblo.azar import Azar
from geo.pueblo.degradar import sobre_edificios, sobre_etiquetas, sobre_vias
from geo.pueblo.degradar.cobertura import cubrir
from geo.pueblo.degradar.lienzo import Lienzo
from geo.pueblo.verdad import Verdad

ERRORES: Final = (
    ("E-CRUD", sobre_vias.trazos_toscos, 14),
    ("E-CASI", sobre_vias.casi_uniones, 14),
    ("E-ISLA", sobre_vias.islas, 14),
    ("E-NODO", sobre_vias.cruces_sin_nodo, 14),
    ("E-AGUA", sobre_vias.agua_sin_puente, 6),
    ("E-DESP", sobre_edificios.desplazadas, 26),
    ("E-UNO", sobre_edificios.en_uno, 14),
    ("E-VIA", sobre_edificios.sobre_la_calle, 16),
    ("E-TRAS", sobre_edificios.traslapes, 18),
    ("E-HUE", sobre_edificios.rendijas, 14),
    ("E-ESC", sobre_edificios.esquinas, 20),
    ("E-PICO", sobre_edificios.picos, 14),
    ("E-CRUZ", sobre_edificios.cruzadas, 14),
    ("E-ABIE", sobre_edificios.abiertas, 14),
    ("E-CHI", sobre_edificios.chicas, 14),
    ("E-DUP", sobre_etiquetas.repetidos, 18),
    ("E-CLAS", sobre_etiquetas.clases, 12),
    ("E-ETIQ", sobre_etiquetas.invalidas, 18),
    ("E-NOMB", sobre_etiquetas.nombres, 20),
)
"""Código, quien lo planta y cuántos se buscan; primero los que mueven más cosas."""


def degradar(verdad: Verdad, semilla: int) -> Lienzo:
    """La versión de OSM de esa verdad, con sus errores anotados."""
    lienzo = cubrir(verdad, Azar(semilla, "cobertura"))
    for codigo, plantar, cuantos in ERRORES:
        plantar(lienzo, Azar(semilla, codigo), cuantos)
    return lienzo
