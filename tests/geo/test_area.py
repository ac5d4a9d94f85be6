"""Áreas de trabajo: lo que se acepta, lo que se une y lo que se rechaza con su lugar."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import area_m2
from geo.formatos import area
from geo.formatos.area import AreaLeida, area_de_archivo, area_de_geojson
from geo.formatos.errores import ErrorLectura
from geo.formatos.errores_area import ParteInvalida

Anillo = list[list[float]]


def cuadro(oeste: float = -98.8, sur: float = 20.0, lado: float = 0.1) -> Anillo:
    este, norte = oeste + lado, sur + lado
    return [[oeste, sur], [este, sur], [este, norte], [oeste, norte], [oeste, sur]]


def poligono(*anillos: Anillo) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(anillos)}


def coleccion(*geometrias: dict[str, Any]) -> dict[str, Any]:
    objetos = [{"type": "Feature", "properties": {}, "geometry": geometria} for geometria in geometrias]
    return {"type": "FeatureCollection", "features": objetos}


def codigos(leida: AreaLeida) -> list[str]:
    return [aviso.codigo for aviso in leida.avisos]


def rechazo(objeto: Any, **opciones: Any) -> ErrorLectura:
    with pytest.raises(ErrorLectura) as fallo:
        area_de_geojson(objeto, **opciones)
    return fallo.value


MONO = [[-98.8, 20.0], [-98.7, 20.1], [-98.7, 20.0], [-98.8, 20.1], [-98.8, 20.0]]
RIZO = [*cuadro()[:3], [-98.70001, 20.10001], [-98.7, 20.10001], [-98.70001, 20.1], *cuadro()[3:]]
PUNTO = {"type": "Point", "coordinates": [-98.75, 20.05]}


@pytest.mark.parametrize(
    "objeto",
    [
        poligono(cuadro()),
        {"type": "MultiPolygon", "coordinates": [[cuadro()]]},
        {"type": "Feature", "properties": None, "geometry": poligono(cuadro())},
        coleccion(poligono(cuadro())),
        {"type": "GeometryCollection", "geometries": [poligono(cuadro())]},
        poligono(cuadro()[::-1]),
        poligono([*cuadro()[:2], cuadro()[1], *cuadro()[2:]]),
    ],
)
def test_todas_las_formas_de_decir_un_poligono_dan_lo_mismo(objeto: dict[str, Any]) -> None:
    esperado = area_de_geojson(poligono(cuadro())).geometria
    for entrada in (objeto, json.dumps(objeto), json.dumps(objeto).encode()):
        leida = area_de_geojson(entrada)
        assert leida.geometria.equals_exact(esperado, 0)
        assert leida.geometria.geom_type == "MultiPolygon"
        assert leida.avisos == ()


def test_el_area_sale_orientada_medida_y_en_dos_dimensiones() -> None:
    hueco = cuadro(-98.78, 20.02, 0.02)
    leida = area_de_geojson(poligono(cuadro()[::-1], hueco))
    (parte,) = leida.geometria.geoms
    assert parte.exterior.is_ccw
    assert not parte.interiors[0].is_ccw
    assert leida.area_m2 == pytest.approx(area_m2(np.array([leida.geometria]))[0])
    assert leida.area_m2 == pytest.approx(0.96 * area_de_geojson(poligono(cuadro())).area_m2, rel=1e-3)


def test_los_poligonos_que_se_tocan_se_unen_y_se_dice() -> None:
    leida = area_de_geojson(coleccion(poligono(cuadro(-99, 20)), poligono(cuadro(-98.9, 20))))
    assert len(leida.geometria.geoms) == 1
    assert [aviso.datos for aviso in leida.avisos] == [{"antes": 2, "n": 1}]


def test_los_poligonos_encimados_se_unen_y_se_dice_cuanto() -> None:
    leida = area_de_geojson({"type": "MultiPolygon", "coordinates": [[cuadro(-99, 20)], [cuadro(-98.95, 20)]]})
    assert codigos(leida) == ["partes_encimadas"]
    assert leida.avisos[0].datos["m2"] == pytest.approx(leida.area_m2 / 3, rel=1e-3)


def test_los_poligonos_separados_se_quedan_como_estan() -> None:
    leida = area_de_geojson(coleccion(poligono(cuadro(-99, 20)), poligono(cuadro(-98, 20))))
    assert len(leida.geometria.geoms) == 2
    assert leida.avisos == ()


def test_una_linea_cerrada_vale_como_contorno_y_se_dice() -> None:
    leida = area_de_geojson({"type": "LineString", "coordinates": cuadro()})
    assert codigos(leida) == ["lineas_como_anillos"]
    assert leida.geometria.equals(area_de_geojson(poligono(cuadro())).geometria)


def test_una_linea_casi_cerrada_se_ofrece_cerrar() -> None:
    casi = {"type": "LineString", "coordinates": [*cuadro()[:-1], [-98.8, 20.0005]]}
    error = rechazo(casi)
    assert (error.codigo, error.datos["reparable"], error.datos["metros"]) == ("linea_abierta", True, 55)
    assert "55 m" in error.texto_reparacion
    assert codigos(area_de_geojson(casi, reparar=True)) == ["linea_cerrada"]


def test_una_linea_abierta_no_es_un_area() -> None:
    error = rechazo({"type": "LineString", "coordinates": cuadro()[:-1]}, reparar=True)
    assert (error.codigo, error.datos["reparable"]) == ("linea_abierta", False)


def test_muchas_lineas_abiertas_no_son_un_area_aunque_una_se_cierre() -> None:
    calle = {"type": "LineString", "coordinates": [[-99, 20], [-98, 20]]}
    glorieta = {"type": "LineString", "coordinates": cuadro()}
    assert rechazo(coleccion(calle, glorieta, calle)).codigo == "area_sin_poligonos"


def test_junto_a_poligonos_los_puntos_y_lineas_se_apartan_y_se_dice() -> None:
    calle = {"type": "LineString", "coordinates": [[-99, 20], [-98, 20]]}
    leida = area_de_geojson(coleccion(poligono(cuadro()), PUNTO, calle))
    assert [aviso.datos for aviso in leida.avisos] == [{"n": 2, "tipos": ["líneas", "puntos"]}]


@pytest.mark.parametrize(
    ("objeto", "codigo"),
    [
        (PUNTO, "area_sin_poligonos"),
        ({"type": "MultiPoint", "coordinates": [[0, 0], [1, 1]]}, "area_sin_poligonos"),
        (coleccion(), "area_vacia"),
        (coleccion({"type": "Polygon", "coordinates": []}), "area_vacia"),
        ({"type": "Feature", "geometry": None}, "area_vacia"),
        (poligono([[-98, 20], [-97, 20], [-96, 20], [-98, 20]]), "area_cero"),
        (poligono([[-98, 20], [-98, 20], [-98, 20], [-98, 20]]), "area_cero"),
        (poligono(cuadro(lado=1e-7)), "area_cero"),
        (poligono(cuadro()[:-1]), "anillo_abierto"),
        (poligono([[20.0, -98.8], [20.0, -98.7], [20.1, -98.7], [20.0, -98.8]]), "coordenadas_intercambiadas"),
        (poligono([[x * 1e5, y * 1e5] for x, y in cuadro()]), "falta_sistema"),
        (poligono([[1e9, 20], [1e9, 21], [1e9 + 1, 20], [1e9, 20]]), "coordenada_fuera_de_rango"),
        ('{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,NaN],[0,0]]]}', "coordenada_no_finita"),
        ("[" * 10_000, "json_muy_profundo"),
        ("\ud800", "codificacion_invalida"),
        ("", "json_cortado"),
        (b"\xff\xfe", "json_cortado"),
    ],
)
def test_lo_que_no_es_un_area_se_rechaza(objeto: Any, codigo: str) -> None:
    error = rechazo(objeto)
    assert error.codigo == codigo
    assert error.mensaje


def test_un_mono_se_cruza_y_no_tiene_arreglo_seguro() -> None:
    error = rechazo(poligono(MONO), reparar=True)
    assert error.codigo == "se_cruza"
    assert error.mensaje == "La parte 1 se cruza consigo misma en -98.75, 20.05."
    assert error.datos["reparable"] is False
    assert error.texto_reparacion == ""


def test_un_rizo_diminuto_se_cruza_pero_tiene_arreglo_y_se_dice() -> None:
    objeto = coleccion(poligono(cuadro(-99.5, 20)), poligono(RIZO))
    error = rechazo(objeto)
    assert error.mensaje == "La parte 2 se cruza consigo misma en -98.700005, 20.100005."
    assert error.datos["reparable"] is True
    assert error.texto_reparacion.startswith("Se corregiría su contorno cerca de -98.700005, 20.100005; conserva el")
    leida = area_de_geojson(objeto, reparar=True)
    assert codigos(leida)[0] == "parte_corregida"
    assert leida.geometria.is_valid
    assert leida.area_m2 == pytest.approx(2 * area_de_geojson(poligono(cuadro())).area_m2, rel=1e-5)


def test_un_contorno_que_se_toca_en_un_punto_se_corrige_sin_perder_nada() -> None:
    dos_cuadros = [*cuadro(-98.8, 20)[:3], *cuadro(-98.7, 20.1)[1:], *cuadro(-98.8, 20)[3:]]
    error = rechazo(poligono(dos_cuadros))
    assert (error.codigo, error.datos["conserva"], error.datos["reparable"]) == ("se_toca", "100", True)
    assert len(area_de_geojson(poligono(dos_cuadros), reparar=True).geometria.geoms) == 2


@pytest.mark.parametrize(
    ("huecos", "codigo"),
    [
        ([cuadro(-97, 20)], "hueco_fuera"),
        ([cuadro(-98.78, 20.02, 0.06), cuadro(-98.76, 20.04, 0.02)], "huecos_encimados"),
        ([cuadro(-98.78, 20.02, 0.04), cuadro(-98.76, 20.04, 0.04)], "se_cruza"),
    ],
)
def test_los_huecos_mal_puestos_dicen_su_parte(huecos: list[Anillo], codigo: str) -> None:
    error = rechazo(poligono(cuadro(), *huecos))
    assert (error.codigo, error.datos["parte"]) == (codigo, 1)
    assert isinstance(error, ParteInvalida)


def test_el_area_maxima_se_respeta() -> None:
    km2 = area_de_geojson(poligono(cuadro())).area_m2 / 1e6
    error = rechazo(poligono(cuadro()), area_maxima_m2=1e6)
    assert (error.codigo, error.datos["km2"], error.datos["maximo"]) == ("area_muy_grande", round(km2, 2), 1.0)


def test_los_vertices_maximos_se_respetan() -> None:
    error = rechazo(poligono(cuadro()), vertices_maximos=4)
    assert (error.codigo, error.datos["maximo"]) == ("demasiados_vertices", 4)


def test_un_texto_demasiado_grande_se_rechaza_sin_leerlo() -> None:
    assert rechazo(" " * (51 * 1024 * 1024)).codigo == "archivo_muy_grande"


def test_las_claves_repetidas_y_la_altura_se_dicen() -> None:
    texto = json.dumps(poligono([[*punto, 9] for punto in cuadro()]))[:-1] + ', "type": "Polygon"}'
    assert codigos(area_de_geojson(texto)) == ["claves_repetidas", "altura_quitada"]


def test_mucho_trabajo_de_union_se_hace_en_el_proceso_aparte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(area, "VERTICES_UNIR_AQUI", 5)
    leida = area_de_geojson(
        coleccion(poligono(cuadro(-99, 20)), poligono(cuadro(-98.95, 20)), poligono(RIZO)), reparar=True
    )
    assert codigos(leida) == ["parte_corregida", "partes_encimadas"]
    assert leida.geometria.is_valid
    assert rechazo(coleccion(poligono(cuadro()), poligono(MONO))).datos["parte"] == 2


def test_un_area_en_un_archivo_con_varias_capas_se_elige_por_su_nombre(tmp_path: Path) -> None:
    kml = "".join(
        f"<Folder><name>{nombre}</name><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        + " ".join(f"{x},{y}" for x, y in anillo)
        + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Folder>"
        for nombre, anillo in (("Norte", cuadro(-99, 21)), ("Sur", cuadro(-99, 20)))
    )
    ruta = tmp_path / "subida"
    ruta.write_text(f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{kml}</Document></kml>')
    with pytest.raises(ErrorLectura) as varias:
        area_de_archivo(ruta, "zonas.kml")
    assert (varias.value.codigo, varias.value.datos["capas"]) == ("varias_capas", ["Norte", "Sur"])
    assert area_de_archivo(ruta, "zonas.kml", capa="Sur").geometria.bounds == pytest.approx((-99, 20, -98.9, 20.1))
    with pytest.raises(ErrorLectura) as otra:
        area_de_archivo(ruta, "zonas.kml", capa="Este")
    assert otra.value.codigo == "capa_inexistente"


def test_un_area_en_un_geojson_lleva_los_avisos_de_su_lectura(tmp_path: Path) -> None:
    ruta = tmp_path / "a.geojson"
    ruta.write_text(json.dumps(poligono(cuadro()[:-1])))
    assert codigos(area_de_archivo(ruta, reparar=True)) == ["anillos_cerrados"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=12))
def test_cualquier_contorno_da_un_area_valida_o_un_error_con_su_lugar(vertices: list[tuple[int, int]]) -> None:
    anillo = [[-98 + x / 100, 20 + y / 100] for x, y in vertices]
    fallo = None
    try:
        leida = area_de_geojson(poligono([*anillo, anillo[0]]), reparar=True)
    except ErrorLectura as error:
        fallo = error
    if fallo is not None:
        assert fallo.datos["reparable"] is False
        assert fallo.codigo in ("area_cero", "se_cruza", "se_toca", "anillo_corto", "parte_invalida")
        return
    assert leida.geometria.is_valid
    assert leida.geometria.equals_exact(area_de_geojson(json.loads(shapely.to_geojson(leida.geometria))).geometria, 0)
    dibujada = area_m2(np.array([shapely.Polygon([*anillo, anillo[0]])]))[0]
    assert leida.area_m2 == pytest.approx(dibujada, rel=0.0011)
