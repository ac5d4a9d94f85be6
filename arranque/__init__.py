"""Arranque de Tequio: prepara la máquina y entrega el mando a las órdenes de consola.

Corre antes de que exista el entorno de Python, así que solo usa la biblioteca estándar
y no importa nada de ``tareas`` ni de ``geo``.
"""
