"""Importar y buscar límites, sobre PostGIS."""

import json
import zipfile

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from tareas.municipios.consultas import buscar
from tareas.municipios.ordenes import grupo
from tests.conftest import datos_reales


@pytest.fixture
def ordenar(bd, url_base, monkeypatch):
    """Corre una orden de municipios sobre la base de la prueba."""
    monkeypatch.setenv("TEQUIO_BASE_DE_DATOS", url_base)

    def correr(*argumentos):
        return CliRunner().invoke(grupo, [str(a) for a in argumentos])

    return correr


def cuadro(oeste, sur, lado=0.01):
    este, norte = oeste + lado, sur + lado
    return [[[oeste, sur], [este, sur], [este, norte], [oeste, norte], [oeste, sur]]]


def escribir(carpeta, *renglones, nombre="limites.geojson"):
    """GeoJSON con un renglón por ``(propiedades, geometría)``."""
    features = [{"type": "Feature", "properties": p, "geometry": g} for p, g in renglones]
    ruta = carpeta / nombre
    ruta.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return ruta


def poligono(*lugar, **lado):
    return {"type": "Polygon", "coordinates": cuadro(*lugar, **lado)}


def municipios(bd):
    with bd.lectura() as sesion:
        return sesion.execute(text("SELECT clave, nombre, entidad, zona_horaria FROM municipio ORDER BY clave")).all()


def test_importar_crea_y_repetir_no_duplica(bd, ordenar, tmp_path):
    ruta = escribir(tmp_path, ({"CVEGEO": "13048", "NOMGEO": "Pachuca de Soto"}, poligono(-98.8, 20.0)))
    assert "nuevos" in ordenar("importar", ruta).output
    segunda = ordenar("importar", ruta)
    assert segunda.exit_code == 0
    assert segunda.stdout.splitlines()[1].split()[1:5] == ["0", "0", "1", "0"]
    assert municipios(bd) == [("13048", "Pachuca de Soto", "Hidalgo", "America/Mexico_City")]


def test_un_limite_que_cambia_se_actualiza_y_conserva_su_id(bd, ordenar, tmp_path):
    ordenar("importar", escribir(tmp_path, ({"CVEGEO": "13048", "NOMGEO": "Pachuca"}, poligono(-98.8, 20.0))))
    with bd.lectura() as sesion:
        antes = sesion.execute(text("SELECT id, area_m2 FROM municipio")).one()
    ordenar(
        "importar", escribir(tmp_path, ({"CVEGEO": "13048", "NOMGEO": "Pachuca"}, poligono(-98.8, 20.0, lado=0.02)))
    )
    with bd.lectura() as sesion:
        despues = sesion.execute(text("SELECT id, area_m2 FROM municipio")).one()
    assert despues.id == antes.id
    assert despues.area_m2 == pytest.approx(4 * antes.area_m2, rel=1e-3)


def test_de_un_archivo_entra_todo_o_nada(bd, ordenar, tmp_path):
    mono = {"type": "Polygon", "coordinates": [[[-98, 20], [-97, 21], [-97, 20], [-98, 21], [-98, 20]]]}
    ruta = escribir(
        tmp_path,
        ({"cvegeo": "13001", "nombre": "Uno"}, poligono(-98.8, 20.0)),
        ({"cvegeo": "13002", "nombre": "Dos"}, mono),
        ({"cvegeo": "", "nombre": "Tres"}, poligono(-98.7, 20.0)),
    )
    salida = ordenar("importar", ruta)
    assert salida.exit_code == 1
    assert municipios(bd) == []
    assert "2: La parte 1 se cruza consigo misma en -97.5, 20.5." in salida.output
    assert "3: no trae clave" in salida.output


def test_una_clave_repetida_se_rechaza_y_dice_donde(bd, ordenar, tmp_path):
    ruta = escribir(tmp_path, *[({"cvegeo": "13001", "nombre": "Uno"}, poligono(-98.8 + i, 20.0)) for i in range(2)])
    salida = ordenar("importar", ruta)
    assert "1: la clave «13001» se repite en el renglón 2" in salida.output
    assert municipios(bd) == []


def test_un_rizo_diminuto_se_repara_y_se_dice(bd, ordenar, tmp_path):
    anillo = [[-98.8, 20.0], [-98.7, 20.0], [-98.7, 20.1], [-98.70001, 20.10001], [-98.70001, 20.1], [-98.7, 20.10001]]
    anillo += [[-98.8, 20.1], [-98.8, 20.0]]
    ruta = escribir(tmp_path, ({"cvegeo": "13001", "nombre": "Uno"}, {"type": "Polygon", "coordinates": [anillo]}))
    salida = ordenar("importar", ruta)
    assert "Se reparó el contorno de 1" in salida.output
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT bool_and(ST_IsValid(limite)) FROM municipio")).scalar()


def test_sin_columna_conocida_se_dice_cuales_hay(ordenar, tmp_path):
    ruta = escribir(tmp_path, ({"parroquia": "Alangasí", "zona": 1}, poligono(-78.4, -0.3)))
    salida = ordenar("importar", ruta)
    assert salida.exit_code == 1
    assert "Dila con --clave. Hay: parroquia, zona." in salida.output


def test_con_otra_clave_entran_parroquias_de_otro_pais(bd, ordenar, tmp_path):
    ruta = escribir(tmp_path, ({"parroquia": "Alangasí", "zona": 1}, poligono(-78.4, -0.3)))
    salida = ordenar("importar", ruta, "--clave", "parroquia", "--pais", "ec", "--entidad", "Pichincha")
    assert salida.exit_code == 0
    assert municipios(bd) == [("Alangasí", "Alangasí", "Pichincha", "Etc/GMT+5")]
    assert "Zona horaria supuesta" in salida.output


def test_las_lineas_no_son_limites(ordenar, tmp_path):
    ruta = escribir(tmp_path, ({"CVEGEO": "13001"}, {"type": "LineString", "coordinates": [[-98, 20], [-98, 21]]}))
    salida = ordenar("importar", ruta)
    assert "Un límite es un polígono, y el archivo solo trae líneas." in salida.output


def test_un_archivo_malo_no_detiene_a_los_demas(bd, ordenar, tmp_path):
    escribir(tmp_path, ({"cvegeo": "13001", "nombre": "Uno"}, poligono(-98.8, 20.0)), nombre="a.geojson")
    (tmp_path / "b.geojson").write_text("{roto", encoding="utf-8")
    escribir(tmp_path, ({"cvegeo": "13002", "nombre": "Dos"}, poligono(-98.7, 20.0)), nombre="c.geojson")
    salida = ordenar("importar", tmp_path)
    assert salida.exit_code == 1
    assert "b.geojson: no se guardó nada." in salida.output
    assert [m.clave for m in municipios(bd)] == ["13001", "13002"]


def test_un_zip_de_varios_geojson_es_un_solo_archivo(bd, ordenar, tmp_path):
    with zipfile.ZipFile(tmp_path / "todos.zip", "w") as paquete:
        for i in range(3):
            suelto = escribir(tmp_path, ({"CVE_ENT": "13", "CVE_MUN": i, "NOM_MUN": f"M{i}"}, poligono(-98.8 + i, 20)))
            paquete.write(suelto, f"m{i}.geojson")
    salida = ordenar("importar", tmp_path / "todos.zip")
    assert salida.exit_code == 0
    assert [m.clave for m in municipios(bd)] == ["13000", "13001", "13002"]


def test_un_archivo_que_no_existe_se_dice(ordenar, tmp_path):
    salida = ordenar("importar", tmp_path / "nada.geojson")
    assert "No encontramos «nada.geojson»" in salida.output


def test_los_limites_del_inegi_entran_completos(bd, ordenar):
    ruta = datos_reales("limites/inegi-municipios-mexico-2473-simplificado.gpkg")
    salida = ordenar("importar", ruta)
    assert salida.exit_code == 0
    assert len(municipios(bd)) == 2473
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT bool_and(ST_IsValid(limite)) FROM municipio")).scalar()
        for escrito, hallado in [
            ("PACHUCA", "Pachuca de Soto"),
            ("zimapan", "Zimapán"),
            ("tulansingo", "Tulancingo de Bravo"),
            ("13051", "Mineral de la Reforma"),
            ("leon", "León"),
            ("leon guanaj", "León"),
            ("Oaxaca", "Oaxaca de Juárez"),
        ]:
            assert buscar(sesion, escrito, 5)[0][0].nombre == hallado
        assert buscar(sesion, "zzz%", 5) == ([], 0)


def test_el_crs_dentro_de_la_geometria_se_reconoce(bd, ordenar):
    salida = ordenar("importar", datos_reales("limites/inegi-AGEM_13048.geojson"))
    assert "EPSG:6365" in salida.output
    assert [m.nombre for m in municipios(bd)] == ["Pachuca de Soto"]


def test_listar_busca_sin_acentos(ordenar, tmp_path):
    ordenar("importar", escribir(tmp_path, ({"cvegeo": "13001", "nombre": "Ñuu Ángel"}, poligono(-98.8, 20.0))))
    assert "Ñuu Ángel, Hidalgo" in ordenar("listar", "--texto", "nuu angel").output
    assert "0 de 0" in ordenar("listar", "--texto", "zzz").output
