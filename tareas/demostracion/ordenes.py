"""``./tequio demo``."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import text

from tareas.calidad.revisiones import servicio as revisiones
from tareas.comun.bd import BaseDeDatos, url_configurada
from tareas.demostracion import aerea, practica
from tareas.demostracion.escenario import armar

RAIZ = Path(__file__).resolve().parents[2]
DATOS = RAIZ / ".datos"


@click.command("demo", help="Arma el municipio de demostración, enciende el servidor y dice con qué cuentas entrar.")
@click.option("--puerto", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Puerto de 127.0.0.1.")
@click.option("--sin-servir", is_flag=True, help="Prepara todo y termina, sin encender el servidor.")
@click.option(
    "--limite",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Límite verdadero (GeoJSON, GeoPackage, shapefile zip o KML).",
)
@click.option(
    "--osm",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Extracto verdadero de OpenStreetMap (.osm.pbf, .osm…).",
)
def orden_demo(puerto: int, sin_servir: bool, limite: Path | None, osm: Path | None) -> None:
    """Arma la demostración una sola vez; después sólo la enciende."""
    if (limite is None) != (osm is None):
        raise click.UsageError("Da --limite y --osm juntos, o ninguno.")
    base = BaseDeDatos(url_configurada())
    direccion = f"http://127.0.0.1:{puerto}"
    demo = _lista(base)
    if demo is not None and limite is not None:
        raise click.UsageError(
            "Ya hay una demostración. Bórrala con ./tequio parar y quitando la carpeta .datos, y vuelve a empezar."
        )
    carpeta, avance = DATOS / "demo", _Avance()
    # La vista aérea se dibuja en otro proceso mientras la base vive su historia.
    dibujo = aerea.empezar(carpeta) if (limite is None if demo is None else aerea.falta(base, demo)) else None
    try:
        if demo is None:
            demo = armar(base, carpeta, datetime.now(UTC), avance, limite=limite, osm=osm)
        if dibujo is not None:
            avance("Vista aérea")
            if not aerea.terminar(dibujo, base, carpeta, demo):
                click.echo("\nNo se pudo dibujar la vista aérea; la demostración sirve sin ella.", err=True)
        if sin_revisar := revisiones.municipios_sin_revisar(base):
            avance("Revisiones de calidad")
            for municipio_id in sin_revisar:
                revisiones.poner_al_dia(base, municipio_id)
        if practica.falta(demo):
            avance("Aula de práctica")
            with base.transaccion() as sesion:
                if not practica.poner(sesion, demo):
                    click.echo("\nYa no están las cuentas de la demostración: se queda sin aula de práctica.", err=True)
    finally:
        if dibujo is not None and dibujo.poll() is None:
            dibujo.kill()
    base.cerrar()
    demo["direccion"] = direccion
    _guardar(demo)
    _decir(demo, sirve=not sin_servir)
    if sin_servir:
        return
    from tareas.servidor import servir

    servir("127.0.0.1", puerto)


def _lista(base: BaseDeDatos) -> dict[str, Any] | None:
    """La demostración ya armada en esta base, o ``None``."""
    archivo = DATOS / "demo.json"
    if not archivo.is_file():
        return None
    demo: dict[str, Any] = json.loads(archivo.read_text(encoding="utf-8"))
    with base.lectura() as sesion:
        vivos = sesion.execute(
            text("SELECT count(*) FROM proyecto WHERE id = ANY(:ids)"), {"ids": demo["proyectos"]}
        ).scalar_one()
    return demo if vivos == len(demo["proyectos"]) else None


def _guardar(demo: dict[str, Any]) -> None:
    archivo = DATOS / "demo.json"
    archivo.parent.mkdir(parents=True, exist_ok=True)
    archivo.touch(mode=0o600)
    archivo.write_text(json.dumps(demo, ensure_ascii=False, indent=1), encoding="utf-8")


def _decir(demo: dict[str, Any], *, sirve: bool) -> None:
    donde = "está en" if sirve else "quedó listo, sin encender. Cuando lo enciendas, estará en"
    click.echo(f"\nTequio {donde} {demo['direccion']}\n\nCuentas de demostración:")
    for cuenta in demo["cuentas"]:
        click.echo(f"  {cuenta['papel']:<15} {cuenta['usuario']:<15} {cuenta['clave']}")
    if "practica" in demo:
        click.echo(f"\nPara practicar sin internet: {demo['direccion']}/proyectos/{demo['practica']} edita en un aula.")
    if sirve:
        click.echo("\nPara detenerlo: Ctrl+C aquí, o ./tequio parar en otra ventana.")
    else:
        click.echo(f"\nPara encenderlo: ./tequio servir --puerto {demo['direccion'].rpartition(':')[2]}")


class _Avance:
    """Un renglón que se reescribe en una terminal; uno por paso si no la hay."""

    def __init__(self) -> None:
        self._vivo = sys.stdout.isatty()

    def __call__(self, paso: str) -> None:
        if self._vivo:
            click.echo(f"\r\033[K  {paso}…", nl=False)
        elif not paso.startswith("Historia") or " día 1 " in paso:
            click.echo(f"  {paso}…")
