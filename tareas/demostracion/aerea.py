"""La vista aérea ficticia de la demostración: se dibuja aparte, se registra, se publica y se pone en sus proyectos."""

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tareas.comun.bd import BaseDeDatos
from tareas.imagenes import archivos, consultas, reglas
from tareas.imagenes import servicio as imagenes
from tareas.municipios.consultas import por_id
from tareas.proyectos import servicio as proyectos
from tareas.proyectos.consultas import visible
from tareas.proyectos.ordenes import CONSOLA

RAIZ = Path(__file__).resolve().parents[2]
NOMBRE = "Vista aérea ficticia"
DATOS: dict[str, Any] = {
    "nombre": NOMBRE,
    "licencia": "CC0 1.0",
    "atribucion": "Dibujo de Tequio: un pueblo que no existe",
    "fecha": date(2026, 1, 15),
    "resolucion_m": None,
    "permiso_trazar": True,
    "permiso": "La dibuja el propio Tequio con el pueblo ficticio de la demostración: se puede trazar encima sin pedir "
    "permiso. No la subas al OpenStreetMap verdadero: ese pueblo no existe.",
}


def falta(base: BaseDeDatos, demo: dict[str, Any]) -> bool:
    """Si esta demostración es la del pueblo ficticio y todavía no tiene su vista aérea."""
    if "imagen" in demo:
        return False
    with base.lectura() as sesion:
        ficticio = sesion.execute(
            text("SELECT ficticio FROM municipio WHERE id = :m"), {"m": demo["municipio"]}
        ).scalar_one_or_none()
    return bool(ficticio)


def empezar(carpeta: Path) -> "subprocess.Popen[bytes]":
    """Empieza a dibujarla aparte, mientras se arma lo demás."""
    carpeta.mkdir(parents=True, exist_ok=True)
    # -P: el programa no puede cargar un módulo que alguien haya dejado en la carpeta
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "geo.pueblo.aerea", str(carpeta / "vista_aerea.mbtiles")],
        cwd=RAIZ,
        env={"PYTHONPATH": str(RAIZ), "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def terminar(proceso: "subprocess.Popen[bytes]", base: BaseDeDatos, carpeta: Path, demo: dict[str, Any]) -> bool:
    """Espera el dibujo y lo pone en la demostración; dice si se pudo."""
    archivo = carpeta / "vista_aerea.mbtiles"
    if proceso.wait() != 0 or not archivo.is_file():
        return False
    with base.transaccion() as sesion:
        practica = [demo["practica"]] if demo.get("practica") else []
        demo["imagen"] = poner(sesion, archivo, demo["municipio"], [*demo["proyectos"], *practica])
    return True


def poner(sesion: Session, archivo: Path, municipio_id: int, proyecto_ids: list[int]) -> int:
    """Registra y publica el archivo, si el municipio no lo tiene ya, y lo agrega a los proyectos que no lo usan."""
    huella = archivos.huella_de(archivo)
    previa = sesion.execute(
        text("SELECT id FROM imagen WHERE municipio_id = :m AND huella = :h"), {"m": municipio_id, "h": huella}
    ).scalar_one_or_none()
    if previa is None:
        municipio = por_id(sesion, municipio_id)
        previa = imagenes.registrar(sesion, municipio, archivo, archivo.name, DATOS, mover=True).id
    imagenes.publicar(sesion, previa)
    agregar(sesion, int(previa), proyecto_ids)
    return int(previa)


def agregar(sesion: Session, imagen_id: int, proyecto_ids: list[int]) -> None:
    """Agrega una imagen publicada, como primera capa, a los proyectos que no la usan."""
    capa = reglas.capa(sesion.execute(consultas.SQL["una"], {"id": imagen_id}).one())
    for numero in proyecto_ids:
        proyecto = visible(sesion, CONSOLA, numero)
        tiene = sesion.execute(text("SELECT imagenes FROM proyecto WHERE id = :p"), {"p": numero}).scalar_one()
        if all(otra["url"] != capa["url"] for otra in tiene):
            proyectos.editar(sesion, proyecto, {"imagenes": [capa, *tiene]})
