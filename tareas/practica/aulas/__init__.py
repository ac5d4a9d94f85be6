"""Crear, reiniciar, congelar, exportar y borrar aulas."""
