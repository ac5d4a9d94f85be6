"""Reglas puras de municipios: qué columna es cuál y qué dice una clave."""

import pytest

from tareas.municipios.reglas import (
    aplanar,
    armar_clave,
    buscar_columna,
    columnas_de_clave,
    entero_o_nada,
    entidad_de_clave,
    zona_por_longitud,
)


@pytest.mark.parametrize("columna", ["CVEGEO", "cvegeo", "CveGeo", "clave"])
def test_la_columna_de_la_clave_se_reconoce_sin_importar_mayusculas(columna):
    assert columnas_de_clave(["id", columna, "nombre"]) == (columna,)


def test_sin_cvegeo_la_clave_son_entidad_y_municipio():
    assert columnas_de_clave(["NOMGEO", "CVE_MUN", "CVE_ENT"]) == ("CVE_ENT", "CVE_MUN")


def test_media_clave_no_es_clave():
    assert columnas_de_clave(["CVE_MUN", "nombre"]) == ()


def test_la_clave_de_dos_columnas_lleva_sus_ceros():
    assert armar_clave([1, "7"]) == "01007"
    assert armar_clave(["13", None]) == ""


def test_una_clave_leida_como_decimal_pierde_su_punto():
    assert armar_clave([13048.0]) == "13048"


def test_la_clave_de_un_objeto_anidado_se_alcanza_con_punto():
    planas = aplanar({"info": {"ref": "1302400010052017", "codigo": 6635}, "via": None})
    assert planas == {"info.ref": "1302400010052017", "info.codigo": 6635, "via": None}
    assert buscar_columna(list(planas), ("INFO.REF",)) == "info.ref"


@pytest.mark.parametrize(
    ("clave", "entidad"),
    [("13048", "Hidalgo"), ("130510001", "Hidalgo"), ("1302400010052017", "Hidalgo"), ("02004", "Baja California")],
)
def test_una_clave_del_inegi_dice_su_entidad(clave, entidad):
    encontrada = entidad_de_clave(clave)
    assert encontrada is not None
    assert encontrada[0] == entidad


@pytest.mark.parametrize("clave", ["", "33001", "00001", "1304", "Alangasí", "99001", "13048x"])
def test_lo_que_no_es_clave_del_inegi_no_dice_entidad(clave):
    assert entidad_de_clave(clave) is None


def test_la_zona_horaria_supuesta_sigue_a_la_longitud():
    assert zona_por_longitud(-78.5) == "Etc/GMT+5"
    assert zona_por_longitud(2.0) == "Etc/GMT"
    assert zona_por_longitud(40.0) == "Etc/GMT-3"


def test_una_poblacion_que_no_es_un_numero_se_ignora():
    assert entero_o_nada("1,619") == 1619
    assert entero_o_nada(947.0) == 947
    assert entero_o_nada("N/D") is None
    assert entero_o_nada(None) is None
