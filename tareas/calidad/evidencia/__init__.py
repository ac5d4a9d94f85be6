"""Evidencia: qué cambió en OpenStreetMap quien tuvo una tarea, contado de los datos."""
