"""Partir, juntar y corregir el área de tareas publicadas: unas tareas se reemplazan por otras que cubren lo mismo."""
