"""La aplicación que cargan los procesos del servidor."""

from tareas.aplicacion import crear_aplicacion
from tareas.cuentas.cartero import Cartero
from tareas.datos_osm.seguimiento.seguidor import Relevo
from tareas.puente import Puente

HILOS = 6

app = crear_aplicacion()
servicio = Puente(app, hilos=HILOS, cuerpo_maximo=app.config["MAX_CONTENT_LENGTH"])
# Un cartero por proceso: se reparten la cola de correos sin repetir ninguno.
Cartero(app.extensions["tequio_bd"], app.config["SERVIDOR_DE_CORREO"]).start()
# Y uno que sigue los flujos registrados: un candado en la base deja trabajar a uno solo en cada flujo.
Relevo(app.extensions["tequio_bd"]).start()
