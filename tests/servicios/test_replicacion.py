"""Un programa que no escribimos (el de pyosmium) sigue la replicación de un aula hasta tener lo mismo que ella."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import osmium
import pytest
from osmium.replication.server import ReplicationServer
from werkzeug.serving import make_server

from tareas.comun.permisos import Actor
from tareas.practica.aulas import servicio
from tareas.practica.aulas.consultas import visible
from tests.servicios.test_aulas import CAMBIOS, capacita, crear, editar, mapa, pueblo

__all__ = ["capacita", "pueblo"]


@pytest.fixture
def sitio(app) -> Iterator[str]:  # type: ignore[no-untyped-def]
    servidor = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=servidor.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{servidor.port}"
    servidor.shutdown()


def extracto(app: Any, numero: int, ruta: Path) -> Path:
    ruta.write_bytes(app.test_client().get(f"/api/v1/aulas/{numero}/extracto.osm.pbf").data)
    return ruta


def contenido(ruta: Path) -> dict[str, Any]:
    return {
        o.type_str() + str(o.id): (
            o.version,
            dict(o.tags),
            (o.location.x, o.location.y) if o.is_node() else None,
            [n.ref for n in o.nodes] if o.is_way() else None,
            [(m.type, m.ref, m.role) for m in o.members] if o.is_relation() else None,
        )
        for o in osmium.FileProcessor(str(ruta))
    }


def _hasta(flujo: ReplicationServer, secuencia: int) -> int:
    """Pregunta hasta ver esa secuencia: otras pruebas en el mismo servidor pueden detener el corte un momento."""
    fin = time.monotonic() + 30
    while (ultima := flujo.get_state_info().sequence) < secuencia and time.monotonic() < fin:
        time.sleep(0.05)
    return int(ultima)


def test_extracto_mas_replicacion_da_lo_mismo_que_un_extracto_nuevo(
    bd, app, sitio, elenco, capacita: Actor, pueblo, tmp_path: Path
) -> None:
    creada = crear(bd, capacita, elenco.municipio)
    base = extracto(app, creada.id, tmp_path / "base.osm.pbf")
    editar(bd, creada.id, elenco.mapeadora, *CAMBIOS)
    with ReplicationServer(f"{sitio}/practica/aulas/{creada.id}/replicacion/") as flujo:
        assert _hasta(flujo, 1) == 1
        editar(bd, creada.id, elenco.mapeador, "n|1|3|lon,lat=-880020000,170020000")
        assert _hasta(flujo, 2) == 2
        with bd.transaccion() as sesion:
            servicio.reiniciar(sesion, capacita, visible(sesion, capacita, creada.id))
        # Cada cambio con su corte: si no, el de reiniciar puede caer antes o después de lo que sigue.
        assert _hasta(flujo, 3) == 3
        editar(bd, creada.id, elenco.mapeadora, 'n|7|3|lon,lat,etiquetas=-879940000,170020000,\'{"shop": "books"}\'')
        assert _hasta(flujo, 4) == 4
        puesto = tmp_path / "puesto.osm.pbf"
        assert flujo.apply_diffs_to_file(str(base), str(puesto), 1) == (4, 4)
    assert contenido(puesto) == contenido(extracto(app, creada.id, tmp_path / "hoy.osm.pbf"))
    assert set(contenido(puesto)) == set(mapa(bd, creada.id))
