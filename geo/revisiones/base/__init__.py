"""Lo que comparten las revisiones: los datos en columnas, la forma de una regla y la de un hallazgo."""
