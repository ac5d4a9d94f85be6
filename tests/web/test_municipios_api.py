"""La API de municipios como la usa un cliente."""

import pytest


def test_buscar_sin_acentos_ni_mayusculas(cliente, elenco):
    hallados = cliente.get("/api/v1/municipios?texto=EJEMPLO%20del%20rio").json
    assert [m["nombre"] for m in hallados["municipios"]] == ["Ejemplo del Río"]
    assert hallados["total"] == 1


def test_un_error_de_dedo_tambien_encuentra(cliente, elenco):
    assert cliente.get("/api/v1/municipios?texto=ejenplo").json["municipios"][0]["clave"] == "99001"


def test_un_municipio_dice_su_caja_y_su_limite(cliente, elenco):
    uno = cliente.get(f"/api/v1/municipios/{elenco.municipio}").json
    assert uno["caja"] == [-98.76, 20.09, -98.74, 20.11]
    limite = cliente.get(f"/api/v1/municipios/{elenco.municipio}/limite")
    assert limite.mimetype == "application/geo+json"
    assert limite.get_json(force=True)["geometry"]["type"] == "MultiPolygon"
    otra = cliente.get(
        f"/api/v1/municipios/{elenco.municipio}/limite", headers={"If-None-Match": limite.headers["ETag"]}
    )
    assert otra.status_code == 304


@pytest.mark.parametrize("numero", ["999", "abc", "-1", str(2**40), str(2**70), "1.5"])
def test_un_municipio_que_no_existe_es_404(cliente, elenco, numero):
    for resto in ("", "/limite"):
        assert cliente.get(f"/api/v1/municipios/{numero}{resto}").status_code == 404


@pytest.mark.parametrize(
    "consulta",
    [
        "texto=" + "a" * 101,
        "texto=a%00b",
        "limite=0",
        "limite=abc",
        "limite=99999999999999999999",
        "pagina=-1",
        "orden=nombre",
        "x=1",
        "limite=1e3",
    ],
)
def test_parametros_que_no_sirven_se_dicen(cliente, elenco, consulta):
    respuesta = cliente.get(f"/api/v1/municipios?{consulta}")
    assert respuesta.status_code == 422
    assert respuesta.json["detail"]


@pytest.mark.parametrize("texto", ["%25", "_", "'", "\\", "%F0%9F%98%80", "Ñ", "%E2%80%8B", "   "])
def test_cualquier_texto_se_puede_buscar(cliente, elenco, texto):
    assert cliente.get(f"/api/v1/municipios?texto={texto}").status_code == 200
