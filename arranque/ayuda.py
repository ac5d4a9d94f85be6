"""Lo que se lee con ``./tequio`` o ``./tequio --help``."""

from __future__ import annotations

import subprocess

from arranque.procesos import entorno_limpio
from arranque.rutas import Rutas

TEXTO = """Tequio: mapeo colaborativo con OpenStreetMap para municipios.

Uso: ./tequio ORDEN [opciones]

Órdenes para empezar:
  demo       Prepara esta máquina, carga el municipio de demostración y abre Tequio en el navegador.
  servir     Enciende el servidor con tus datos.
  parar      Apaga el servidor web y la base de datos.
  estado     Dice qué está encendido, con qué versiones y cuánto ocupa.
  respaldar  Guarda todo lo que hay en la base en un archivo.
  restaurar  Recupera lo que guarda un respaldo.
  pruebas    Prepara lo necesario y corre todas las revisiones y pruebas.
  ayuda      Muestra este texto.

Variables que puedes definir:
  TEQUIO_BASE_DE_DATOS   Usa este servidor de PostgreSQL (15 o más nuevo, con PostGIS 3.3 o más nuevo).
  TEQUIO_NAVEGADOR       Chromium que usan las pruebas."""

SIN_PREPARAR = """
Las demás órdenes (importar municipios y datos de OSM, crear proyectos, cuentas, medir…) se muestran aquí
cuando la máquina está preparada. Empieza con: ./tequio demo"""


def mostrar(rutas: Rutas) -> int:
    """Escribe la ayuda; si Tequio ya está preparado, también la de las órdenes de datos."""
    print(TEXTO, flush=True)
    if not rutas.python.exists():
        print(SIN_PREPARAR)
        return 0
    orden = [str(rutas.python), "-P", "-m", "tareas.ordenes", "--help"]
    entorno = entorno_limpio({"PYTHONPATH": str(rutas.raiz)})
    salida = subprocess.run(orden, env=entorno, capture_output=True, text=True, check=False)
    print(f"\n{salida.stdout.rstrip()}" if salida.returncode == 0 else SIN_PREPARAR)
    return 0
