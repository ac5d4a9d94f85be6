"""Bancos: cuánto tarda lo que importa, medido contra un piso en la misma corrida. ``./tequio banco``."""
