"""La aplicación que cargan los procesos del servidor."""

from tareas.aplicacion import crear_aplicacion

app = crear_aplicacion()
