"""Revisiones de calidad de datos de OpenStreetMap: una carpeta por revisión.

Entran datos (`geo.revisiones.base.mundo.Mundo`), salen hallazgos (`geo.revisiones.base.hallazgo.Hallazgo`). El catálogo
es `geo.revisiones.catalogo` y las corre `geo.revisiones.motor`. Cada carpeta lleva:

- ``regla.py``: la función y sus umbrales, en una `geo.revisiones.base.regla.Regla`.
- ``textos.toml``: qué es, por qué importa, cómo se arregla y la trampa, en español y en inglés.
- ``casos.txt``: datos de OpenStreetMap que se leen a simple vista, con lo que la revisión debe decir de ellos. Son su
  prueba, y el primero es además su dibujo.
"""
