"""Proyecto de mapeo: área, división en tareas, publicación."""
