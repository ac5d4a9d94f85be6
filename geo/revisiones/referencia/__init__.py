"""Cuánto le falta, le sobra y se le corre al mapa frente a una referencia propia, por zona."""
