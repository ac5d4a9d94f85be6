"""Seguir flujos de replicación: objetos y conjuntos de cambios, sin perder ni repetir ninguno."""
