"""Preparar un taller: cuentas listas, límites de OpenStreetMap, tamaño de las tareas."""
