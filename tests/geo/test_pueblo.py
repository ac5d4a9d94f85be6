"""El municipio ficticio: siempre igual, del tamaño dicho, limpio de verdad y legible por otros programas."""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from osmium.osm import Area, Changeset, Node, Relation, Way
from shapely.geometry import shape

from geo.crs import area_m2
from geo.pueblo import Pueblo, escribir_osm, limite_geojson, plantados_json, verdad_geojson
from geo.pueblo.formas import edificios, poligono

RAIZ = Path(__file__).resolve().parents[2]
HUELLA = """
import hashlib, json, pathlib, sys
from geo.pueblo import escribir_osm, generar, plantados_json
pueblo, carpeta = generar(), pathlib.Path(sys.argv[1])
for que in ("osm", "verdad"):
    escribir_osm(pueblo, carpeta / f"{que}.osm.pbf", que=que)
(carpeta / "plantados.json").write_text(json.dumps(plantados_json(pueblo)))
"""


def _huellas(carpeta: Path) -> list[str]:
    return [hashlib.sha256(ruta.read_bytes()).hexdigest() for ruta in sorted(carpeta.iterdir())]


@pytest.fixture(scope="session")
def archivos(pueblo: Pueblo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    carpeta = tmp_path_factory.mktemp("pueblo")
    for que in ("osm", "verdad"):
        escribir_osm(pueblo, carpeta / f"{que}.osm.pbf", que=que)
    (carpeta / "plantados.json").write_text(json.dumps(plantados_json(pueblo)))
    return carpeta


def test_los_mismos_bytes_en_otro_proceso_con_otra_semilla_de_picadillo(archivos: Path, tmp_path: Path) -> None:
    entorno = {**os.environ, "PYTHONHASHSEED": "77"}
    subprocess.run([sys.executable, "-c", HUELLA, str(tmp_path)], cwd=RAIZ, env=entorno, check=True, timeout=120)
    assert _huellas(tmp_path) == _huellas(archivos)


def test_los_archivos_pesan_menos_de_un_megabyte(archivos: Path) -> None:
    assert all(ruta.stat().st_size < 1_000_000 for ruta in archivos.iterdir())


def test_mide_seis_kilometros_cuadrados_y_su_limite_es_irregular(pueblo: Pueblo) -> None:
    (area,) = area_m2(np.array([pueblo.limite]))
    assert 5.5e6 < area < 6.5e6
    assert pueblo.limite.is_valid
    assert 80 <= len(pueblo.limite.exterior.coords) <= 200


def test_dice_que_es_ficticio(pueblo: Pueblo) -> None:
    assert "ficticio" in pueblo.nombre
    assert (pueblo.clave, pueblo.estado) == ("99001", "Estado de ejemplo")
    assert len(pueblo.localidades) >= 8
    usuarios = {n.autoria.usuario for n in pueblo.osm.nodos.values()}
    assert all(usuario.startswith("cuenta_ficticia_") for usuario in usuarios)


def test_hay_entre_tres_mil_y_cuatro_mil_quinientos_edificios_y_osm_tiene_la_mitad(pueblo: Pueblo) -> None:
    verdaderos, dibujados = edificios(pueblo.verdad), edificios(pueblo.osm)
    assert 3_000 <= len(verdaderos) <= 4_500
    assert 0.42 < len(dibujados) / len(verdaderos) < 0.58
    assert sum(clave[0] == "r" for clave in verdaderos) >= 40


def test_falta_cerca_del_quince_por_ciento_de_las_calles(pueblo: Pueblo) -> None:
    presentes = {clave for origen in pueblo.verdad_de.values() for clave in origen}
    calles = [f"w{v}" for v, via in pueblo.verdad.vias.items() if "highway" in via.etiquetas]
    faltan = sum(clave not in presentes for clave in calles)
    assert 0.1 < faltan / len(calles) < 0.2


def test_unos_barrios_estan_mapeados_y_otros_casi_nada(pueblo: Pueblo) -> None:
    lugares = shapely.points([loc.lugar for loc in pueblo.localidades])

    def por_barrio(casas: dict[str, shapely.Polygon]) -> Counter[int]:
        centros = np.array([c.centroid for c in casas.values()])
        return Counter(shapely.STRtree(lugares).nearest(centros).tolist())

    hay, tiene = por_barrio(edificios(pueblo.verdad)), por_barrio(edificios(pueblo.osm))
    partes = {pueblo.localidades[k].nombre: tiene[k] / hay[k] for k in hay}
    assert partes["Centro"] > 0.7
    assert partes["Colonia Bordo Poniente"] < 0.2
    assert sum(0.2 < parte < 0.7 for parte in partes.values()) >= 3


def test_las_areas_de_la_verdad_son_validas(pueblo: Pueblo) -> None:
    mapa = pueblo.verdad
    cerradas = [f"w{v}" for v, via in mapa.vias.items() if via.nodos[0] == via.nodos[-1]]
    areas = [poligono(mapa, clave) for clave in [*cerradas, *(f"r{r}" for r in mapa.relaciones)]]
    assert all(area.is_valid for area in areas if area is not None)


def test_cada_objeto_de_osm_sabe_de_donde_viene(pueblo: Pueblo) -> None:
    osm, verdad = pueblo.osm, pueblo.verdad
    claves = {f"{t}{k}" for t, g in (("n", osm.nodos), ("w", osm.vias), ("r", osm.relaciones)) for k in g}
    verdaderas = {f"{t}{k}" for t, g in (("n", verdad.nodos), ("w", verdad.vias), ("r", verdad.relaciones)) for k in g}
    assert set(pueblo.verdad_de) == claves
    assert {origen for origenes in pueblo.verdad_de.values() for origen in origenes} <= verdaderas


def test_ninguna_referencia_queda_en_el_aire(pueblo: Pueblo) -> None:
    for mapa in (pueblo.osm, pueblo.verdad):
        assert {n for via in mapa.vias.values() for n in via.nodos} <= mapa.nodos.keys()
        assert {m for r in mapa.relaciones.values() for _, m, _ in r.miembros} <= mapa.vias.keys()
        assert min([*mapa.nodos, *mapa.vias, *mapa.relaciones]) > 0


def test_un_conjunto_de_cambios_es_siempre_de_la_misma_cuenta(pueblo: Pueblo) -> None:
    osm = pueblo.osm
    firmas = [o.autoria for g in (osm.nodos, osm.vias, osm.relaciones) for o in g.values()]
    cuentas = {(f.conjunto, f.uid, f.usuario) for f in firmas}
    assert len({conjunto for conjunto, *_ in cuentas}) == len(cuentas) > 50
    assert {f.version for f in firmas} >= {1, 2, 3}
    assert min(f.fecha for f in firmas).year >= 2014
    assert max(f.fecha for f in firmas).year <= 2025


def _areas(ruta: Path) -> list[dict[str, str]]:
    """Etiquetas de las áreas que pyosmium pudo armar."""
    lector = osmium.FileProcessor(str(ruta)).with_areas()
    return [dict(objeto.tags) for objeto in lector if isinstance(objeto, Area) and objeto.num_rings()[0]]


def test_pyosmium_lee_los_archivos_y_arma_las_areas(pueblo: Pueblo, archivos: Path) -> None:
    for que, mapa in (("osm", pueblo.osm), ("verdad", pueblo.verdad)):
        buenos = sum(area.is_valid for area in edificios(mapa).values())
        areas = _areas(archivos / f"{que}.osm.pbf")
        assert sum("building" in etiquetas for etiquetas in areas) == buenos
        assert sum(etiquetas.get("boundary") == "administrative" for etiquetas in areas) == 1


def test_cada_objeto_escrito_lleva_su_autoria(archivos: Path) -> None:
    for objeto in osmium.FileProcessor(str(archivos / "osm.osm.pbf")):
        assert isinstance(objeto, Node | Way | Relation)
        assert objeto.version >= 1
        assert objeto.changeset > 900_000_000
        assert objeto.user.startswith("cuenta_ficticia_")


def test_el_archivo_va_ordenado(archivos: Path) -> None:
    lector = osmium.FileProcessor(str(archivos / "osm.osm.pbf"))
    orden = [("nwr".index(o.type_str()), o.id) for o in lector if not isinstance(o, Changeset)]
    assert orden == sorted(orden)


def test_los_geojson_son_geojson(pueblo: Pueblo) -> None:
    (limite,) = limite_geojson(pueblo)["features"]
    assert shape(limite["geometry"]).equals(pueblo.limite)
    assert limite["properties"]["CVEGEO"] == "99001"
    verdad = json.loads(json.dumps(verdad_geojson(pueblo)))["features"]
    casas = [r for r in verdad if "building" in r["properties"]["etiquetas"]]
    assert len(casas) == len(edificios(pueblo.verdad))
    assert 0.4 < np.mean([r["properties"]["en_osm"] for r in casas]) < 0.6
