"""Partir un área en tareas: cuadros, hexágonos, teselas de Mercator o polígonos propios."""

from geo.rejilla.division import dividir, estimar
from geo.rejilla.poligonos import poligonos
from geo.rejilla.tipos import Celdas, Cuadros, Hexagonos, Mercator

__all__ = ["Celdas", "Cuadros", "Hexagonos", "Mercator", "dividir", "estimar", "poligonos"]
