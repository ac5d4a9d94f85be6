"""``./tequio calidad comparar``: un archivo contra una referencia, sin base de datos."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geo.errores import ErrorGeo
from tareas.comun.bd import VARIABLE
from tareas.ordenes import tequio
from tests.mundo_osm import archivo

OPL = """
n1 v1 x-98.7 y20.1
n2 v1 x-98.6999 y20.1
n3 v1 x-98.6999 y20.1001
n4 v1 x-98.7 y20.1001
w1 v4 Tbuilding=yes Nn1,n2,n3,n4,n1
"""
Orden = Callable[..., Result]


def cuadro(oeste: float, lado: float = 0.0001) -> list[list[list[float]]]:
    sur = 20.1
    return [[[oeste, sur], [oeste + lado, sur], [oeste + lado, sur + lado], [oeste, sur + lado], [oeste, sur]]]


def geojson(ruta: Path, *formas: dict[str, object], **propias: object) -> Path:
    rasgos = [
        {"type": "Feature", "properties": {**propias, "numero": 7 + k}, "geometry": f} for k, f in enumerate(formas)
    ]
    ruta.write_text(json.dumps({"type": "FeatureCollection", "features": rasgos}), encoding="utf-8")
    return ruta


def poligono(oeste: float, lado: float = 0.0001) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": cuadro(oeste, lado)}


@pytest.fixture
def mapa(tmp_path: Path) -> Path:
    return archivo(tmp_path, OPL, "mapa.osm.pbf")


@pytest.fixture
def catastro(tmp_path: Path) -> Path:
    punto = {"type": "Point", "coordinates": [-98.7, 20.1]}
    return geojson(tmp_path / "catastro.geojson", poligono(-98.7), poligono(-98.6995), poligono(-98.69), punto)


@pytest.fixture
def comparar(monkeypatch: pytest.MonkeyPatch) -> Orden:
    """Corre la orden sin base de datos; los errores esperados se devuelven, lo demás se levanta."""
    monkeypatch.delenv(VARIABLE, raising=False)

    def correr(*argumentos: str | Path) -> Result:
        resultado = CliRunner().invoke(tequio, ["calidad", "comparar", *map(str, argumentos)])
        if resultado.exception and not isinstance(resultado.exception, ErrorGeo | SystemExit):
            raise resultado.exception
        return resultado

    return correr


def test_dice_cuanto_falta(mapa: Path, catastro: Path, comparar: Orden) -> None:
    salida = comparar(mapa, catastro)
    assert salida.exit_code == 0
    assert "Huellas de la referencia: 3." in salida.output
    assert "encima: 1 (33.3\u00a0%)" in salida.output
    assert "(omisión): 2 (66.7\u00a0%" in salida.output
    assert "Sin comparar: 1 puntos o líneas" in salida.output


def test_las_cifras_de_cada_tarea_conservan_su_numero_y_no_llevan_huellas(
    mapa: Path, catastro: Path, comparar: Orden, tmp_path: Path
) -> None:
    tareas = geojson(
        tmp_path / "tareas.geojson", poligono(-98.7003, 0.002), poligono(-98.691, 0.002), poligono(-98.6, 0.001)
    )
    salida, tabla = tmp_path / "por_tarea.geojson", tmp_path / "cifras.csv"
    assert comparar(mapa, catastro, "--tareas", tareas, "--salida", salida, "--csv", tabla).exit_code == 0
    rasgos = json.loads(salida.read_text(encoding="utf-8"))["features"]
    assert [(r["properties"]["numero"], r["properties"]["n"], r["properties"]["omision"]) for r in rasgos] == [
        (7, 2, 0.5), (8, 1, 1.0), (9, 0, None),
    ]  # fmt: skip
    with tabla.open(encoding="utf-8", newline="") as abierta:
        filas = list(csv.DictReader(abierta))
    assert [(f["numero"], f["faltan"]) for f in filas] == [("7", "1"), ("8", "1"), ("9", "0")]


def test_con_un_area_solo_cuenta_lo_que_cae_en_ella(
    mapa: Path, catastro: Path, comparar: Orden, tmp_path: Path
) -> None:
    area = geojson(tmp_path / "area.geojson", poligono(-98.7003, 0.002))
    assert "Huellas de la referencia: 2." in comparar(mapa, catastro, "--area", area).output


@pytest.mark.parametrize(
    ("contenido", "dicho"),
    [
        ({"type": "Point", "coordinates": [-98.7, 20.1]}, "no hay polígonos"),
        ({"type": "LineString", "coordinates": [[-98.7, 20.1], [-98.6, 20.1]]}, "no hay polígonos"),
        (poligono(5.0), "no toca los datos"),
        (poligono(-98.7, 0.5), "no hay polígonos"),
    ],
    ids=["puntos", "líneas", "otro lugar", "enorme"],
)
def test_una_referencia_que_no_sirve_se_dice(
    contenido: dict[str, object], dicho: str, mapa: Path, comparar: Orden, tmp_path: Path
) -> None:
    salida = comparar(mapa, geojson(tmp_path / "r.geojson", contenido))
    assert salida.exit_code != 0
    assert dicho in salida.output


@pytest.mark.parametrize("contenido", ["", "{", '{"type":"FeatureCollection","features":[]}'], ids=range(3))
def test_un_archivo_vacio_o_roto_se_dice(contenido: str, mapa: Path, comparar: Orden, tmp_path: Path) -> None:
    ruta = tmp_path / "r.geojson"
    ruta.write_text(contenido, encoding="utf-8")
    assert isinstance(comparar(mapa, ruta).exception, ErrorGeo | SystemExit)
    assert comparar(mapa, ruta).exit_code != 0


def test_lo_que_se_pide_mal_se_dice_antes_de_trabajar(
    mapa: Path, catastro: Path, comparar: Orden, tmp_path: Path
) -> None:
    pedidos: dict[tuple[str | Path, ...], str] = {
        ("--salida", tmp_path / "x.geojson"): "hacen falta zonas",
        ("--area", catastro, "--tareas", catastro): "no los dos",
        ("--tareas", catastro, "--csv", tmp_path): "es una carpeta",
        ("--sistema", "EPSG:4326"): "no está en metros",
        ("--sistema", "nada"): "No conozco el sistema",
        ("--capa", "otra"): "No hay capa «otra»",
    }
    for pedido, dicho in pedidos.items():
        salida = comparar(mapa, catastro, *pedido)
        assert salida.exit_code != 0
        assert dicho in salida.output
