"""Capacitación: por ahora, preparar un taller."""
