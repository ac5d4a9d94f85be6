"""La aplicación que cargan los procesos del servidor."""

from tareas.aplicacion import crear_aplicacion
from tareas.cuentas.cartero import Cartero

app = crear_aplicacion()
# Un cartero por proceso: se reparten la cola de correos sin repetir ninguno.
Cartero(app.extensions["tequio_bd"], app.config["SERVIDOR_DE_CORREO"]).start()
