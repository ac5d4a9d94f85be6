"""Ponerse al día con un flujo por minuto: cambios por segundo, de uno en uno y por lotes."""

import gzip
import random
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from tareas.comun.bd import BaseDeDatos
from tareas.datos_osm import servicio as datos_osm
from tareas.datos_osm.seguimiento import servicio
from tareas.datos_osm.seguimiento.seguidor import JUNTOS, Seguidor
from tests.bancos.osm import _extracto

INICIO = datetime(2026, 5, 1, tzinfo=UTC)
CAMBIOS, DE_UNO_EN_UNO = 3000, 300
LEJOS_NODOS, LEJOS_VIAS, LEJOS_NODOS_POR_VIA = 200, 40, 12
CADA_CUANTOS = 3
"""Uno de cada tantos minutos trae algo de la zona, que ya es un taller de mapeo en marcha."""
ESPERA_MS = 20
"""Lo que el servidor tarda en contestar: el de OpenStreetMap está a otro tanto, o al doble."""
META = 3.0

SERVIDOR = """
import sys, time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

class Manos(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        time.sleep(float(sys.argv[2]) / 1000)
        super().do_GET()
    def log_message(self, *_):
        pass

servidor = ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Manos(*a, directory=sys.argv[1]))
print(servidor.server_address[1], flush=True)
servidor.serve_forever()
"""


def _flujo(carpeta: Path, nuestros: list[tuple[int, int, float, float]], cuantos: int) -> None:
    """Escribe un flujo: cada minuto, ediciones lejanas; y de vez en cuando, una casa nueva y una esquina que se mueve."""
    azar = random.Random(81)
    version = {numero: v for numero, v, _, _ in nuestros}
    for n in range(cuantos + 1):
        momento = INICIO + timedelta(minutes=n)
        meta = f'timestamp="{momento:%Y-%m-%dT%H:%M:%SZ}" uid="7" user="u" changeset="{n + 1}"'
        base = 10**11 + n * 10_000
        lejos = [
            f'<node id="{base + i}" version="1" {meta} lat="{azar.uniform(30, 50):.7f}" lon="{azar.uniform(0, 90):.7f}"/>'
            for i in range(LEJOS_NODOS)
        ]
        lejos += [
            f'<way id="{base + i}" version="1" {meta}>'
            + "".join(f'<nd ref="{base + azar.randrange(LEJOS_NODOS)}"/>' for _ in range(LEJOS_NODOS_POR_VIA))
            + '<tag k="highway" v="residential"/></way>'
            for i in range(LEJOS_VIAS)
        ]
        cambios = ""
        if n % CADA_CUANTOS == 1:
            numero, _, lon, lat = azar.choice(nuestros)
            version[numero] += 1
            cambios = (
                f'<modify><node id="{numero}" version="{version[numero]}" {meta} lat="{lat + azar.uniform(0, 1e-5):.7f}" '
                f'lon="{lon:.7f}"/></modify>'
            )
            casa = base + LEJOS_NODOS
            for i, (dx, dy) in enumerate(((0, 0), (1e-4, 0), (1e-4, 1e-4), (0, 1e-4))):
                lejos.insert(0, f'<node id="{casa + i}" version="1" {meta} lat="{lat + dy:.7f}" lon="{lon + dx:.7f}"/>')
            refs = "".join(f'<nd ref="{casa + i}"/>' for i in (0, 1, 2, 3, 0))
            lejos.append(f'<way id="{casa}" version="1" {meta}>{refs}<tag k="building" v="yes"/></way>')
        osc = f'<osmChange version="0.6"><create>{"".join(lejos)}</create>{cambios}</osmChange>'
        ruta = carpeta / f"{n // 1000000:03}" / f"{n // 1000 % 1000:03}" / f"{n % 1000:03}.osc.gz"
        ruta.parent.mkdir(parents=True, exist_ok=True)
        ruta.write_bytes(gzip.compress(osc.encode(), 1))
        estado = f"sequenceNumber={n}\ntimestamp={momento:%Y-%m-%dT%H\\:%M\\:%SZ}\n"
        ruta.with_name(f"{n % 1000:03}.state.txt").write_text(estado)
        (carpeta / "state.txt").write_text(estado)


def seguir(url: str) -> dict[str, Any]:
    """Sigue el mismo flujo de un servidor local, primero un rato de uno en uno y después por lotes."""
    with tempfile.TemporaryDirectory() as temporal, closing(_Base(url)) as base:
        extracto = _extracto(Path(temporal))
        with base.bd.transaccion() as sesion:
            datos_osm.importar(sesion, extracto)
        nuestros = base.zona()
        flujo = Path(temporal) / "flujo"
        flujo.mkdir()
        _flujo(flujo, nuestros, CAMBIOS)
        with subprocess.Popen(
            [sys.executable, "-c", SERVIDOR, str(flujo), str(ESPERA_MS)], stdout=subprocess.PIPE, text=True
        ) as servidor:
            assert servidor.stdout is not None
            try:
                direccion = f"http://127.0.0.1:{int(servidor.stdout.readline())}/"
                with base.bd.transaccion() as sesion:
                    servicio.abrir_flujo(sesion, direccion)
                uno = base.medir(direccion, CAMBIOS - DE_UNO_EN_UNO, DE_UNO_EN_UNO, 1)
                lotes = base.medir(direccion, 0, CAMBIOS, JUNTOS)
            finally:
                servidor.terminate()
    return {
        "meta": f"por lotes, al menos {META:g} veces más que de uno en uno",
        "bien": lotes["por_segundo"] >= META * uno["por_segundo"],
        "espera_del_servidor_ms": ESPERA_MS,
        "de_uno_en_uno_cambios": DE_UNO_EN_UNO,
        "de_uno_en_uno_por_segundo": uno["por_segundo"],
        "por_lotes_cambios": CAMBIOS,
        "por_lotes_por_segundo": lotes["por_segundo"],
        "por_lotes_s": lotes["s"],
        "una_semana_de_minutos_min": round(7 * 1440 / lotes["por_segundo"] / 60, 1),
        "anotados": lotes["anotados"],
    }


class _Base:
    def __init__(self, url: str) -> None:
        self.bd = BaseDeDatos(url)
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)

    def close(self) -> None:
        self.bd.cerrar()

    def zona(self) -> list[tuple[int, int, float, float]]:
        """Un municipio con proyecto de unos veinte kilómetros donde más se mapeó, y algunos de sus nodos."""
        with self.bd.transaccion() as sesion:
            lon, lat = sesion.execute(
                text(
                    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY lon), "
                    "percentile_cont(0.5) WITHIN GROUP (ORDER BY lat) FROM osm_nodo"
                )
            ).one()
            caja = {"o": lon - 0.1, "s": lat - 0.1, "e": lon + 0.1, "n": lat + 0.1}
            sesion.execute(
                text("""WITH m AS (INSERT INTO municipio (clave, nombre, limite, area_m2, huella)
                    VALUES ('banco', 'Zona', ST_Multi(ST_MakeEnvelope(:o, :s, :e, :n, 4326)), 1, '\\x01') RETURNING id, limite)
                    INSERT INTO proyecto (municipio_id, nombre, area, area_m2, division)
                    SELECT id, 'Zona', limite, 1, '{}' FROM m"""),
                caja,
            )
            return [
                tuple(f)  # type: ignore[misc]
                for f in sesion.execute(
                    text(
                        "SELECT id, coalesce(version, 1), lon, lat FROM osm_nodo "
                        "WHERE lon BETWEEN :o AND :e AND lat BETWEEN :s AND :n ORDER BY md5(id::text) LIMIT 500"
                    ),
                    caja,
                )
            ]

    def medir(self, direccion: str, desde: int, cuantos: int, juntos: int) -> dict[str, Any]:
        seguidor = Seguidor(self.bd, direccion, lambda _renglon: None, juntos=juntos)
        with psycopg.connect(self._url, autocommit=True) as conexion:
            conexion.execute("TRUNCATE osm_cambio")
        seguidor.empezar_en(desde)
        antes = time.perf_counter()
        hecho = seguidor.vuelta()
        tardo = time.perf_counter() - antes
        assert hecho.cambios == cuantos
        with self.bd.lectura() as sesion:
            anotados = sesion.execute(text("SELECT count(*) FROM osm_cambio")).scalar_one()
        return {"s": round(tardo, 1), "por_segundo": round(cuantos / tardo, 1), "anotados": anotados}
