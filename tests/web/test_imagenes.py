"""Imágenes de un municipio por HTTP: subirlas, publicarlas, sus teselas y usarlas en un proyecto."""

import io
import json
import re

import pytest
from sqlalchemy import text

from geo.teselas.aritmetica import tesela_de
from tareas.imagenes import archivos
from tareas.imagenes.reglas import direccion
from tests import imagenes as fabrica
from tests.imagenes import AQUI

Z = 16
TESELA = tesela_de((AQUI[0] + AQUI[2]) / 2, (AQUI[1] + AQUI[3]) / 2, Z)
BUENOS = {"nombre": "Ortofoto", "licencia": "CC BY 4.0", "permiso_trazar": "1", "permiso": "Catastro, oficio 12/2024"}


@pytest.fixture(autouse=True)
def carpeta(tmp_path, monkeypatch):
    monkeypatch.setenv(archivos.VARIABLE, str(tmp_path / "imagenes"))
    return tmp_path / "imagenes"


@pytest.fixture
def archivo(tmp_path):
    return fabrica.mbtiles(tmp_path / "origen.mbtiles").read_bytes()


def subir(cliente, municipio, cuerpo, llamado="orto.mbtiles", **datos):
    forma = {**BUENOS, **datos, "archivo": (io.BytesIO(cuerpo), llamado)}
    return cliente.post(f"/municipios/{municipio}/imagenes", data=forma, content_type="multipart/form-data")


@pytest.fixture
def publicada(entrar, elenco, archivo):
    """El número de una imagen publicada del municipio del elenco."""
    cliente = entrar(elenco.funcionaria)
    lugar = subir(cliente, elenco.municipio, archivo).headers["Location"]
    assert cliente.post(f"{lugar}/publicar").status_code == 303
    return int(lugar.rsplit("/", 1)[1])


def pedir(cliente, imagen, t=TESELA, **opciones):
    return cliente.get(f"/teselas/imagenes/{imagen}/{t.z}/{t.x}/{t.y}", **opciones)


def capa(imagen, **cambios):
    propia = {"id": f"municipio-{imagen}", "nombre": "Ortofoto", "tipo": "xyz", "url": direccion(imagen)}
    return {**propia, "atribucion": "", "minzoom": 14, "maxzoom": 16, **cambios}


def test_subir_revisar_y_publicar(entrar, elenco, archivo, carpeta):
    cliente = entrar(elenco.funcionaria)
    respuesta = subir(cliente, elenco.municipio, archivo, fecha="2024-03-15")
    assert respuesta.status_code == 303
    lugar = respuesta.headers["Location"]
    imagen = int(lugar.rsplit("/", 1)[1])
    assert [r.suffix for r in carpeta.iterdir()] == [".mbtiles"]
    pagina = cliente.get(lugar).text
    assert "Ortofoto" in pagina
    assert "todavía no se publica" in pagina
    assert direccion(imagen) in pagina
    # en borrador la ve quien gestiona; para las demás personas no existe
    assert pedir(cliente, imagen).headers["Cache-Control"] == "private, no-cache"
    for quien in (None, elenco.mapeadora, elenco.capacitadora, elenco.forastera):
        assert pedir(entrar(quien), imagen).status_code == 404
    assert cliente.post(f"{lugar}/publicar").status_code == 303
    for quien in (None, elenco.mapeadora, elenco.forastera):
        tesela = pedir(entrar(quien), imagen)
        assert (tesela.status_code, tesela.mimetype) == (200, "image/png")
        assert tesela.data == fabrica.teselas()[TESELA]
    assert cliente.post(f"{lugar}/borrar").status_code == 409
    assert cliente.post(f"{lugar}/retirar").status_code == 303
    assert pedir(entrar(None), imagen).status_code == 404
    assert cliente.post(f"{lugar}/borrar").status_code == 303
    assert not list(carpeta.iterdir())
    assert cliente.get(lugar).status_code == 404


def test_la_tesela_se_guarda_y_se_pregunta_por_etiqueta(cliente, publicada):
    primera = pedir(cliente, publicada)
    assert primera.headers["Cache-Control"] == "public, max-age=3600"
    etiqueta = primera.headers["ETag"]
    otra = pedir(cliente, publicada, headers={"If-None-Match": etiqueta})
    assert (otra.status_code, otra.data, otra.headers["ETag"]) == (304, b"", etiqueta)
    assert pedir(cliente, publicada, headers={"If-None-Match": '"vieja"'}).status_code == 200


def test_fuera_es_transparente_y_lo_que_no_es_tesela_no_existe(cliente, publicada):
    lejos = pedir(cliente, publicada, tesela_de(10, 10, Z))
    assert (lejos.status_code, lejos.mimetype) == (200, "image/png")
    assert len(lejos.data) < 400
    ampliada = cliente.get(f"/teselas/imagenes/{publicada}/18/{TESELA.x * 4}/{TESELA.y * 4}")
    assert ampliada.status_code == 200
    assert len(ampliada.data) > 400
    for mala in ("30/0/0", f"3/{2**40}/0", "3/9/0", "-1/0/0", "a/b/c"):
        assert cliente.get(f"/teselas/imagenes/{publicada}/{mala}").status_code == 404
    assert cliente.get(f"/teselas/imagenes/999999/{Z}/0/0").status_code == 404


def test_si_el_archivo_se_movio_se_dice(cliente, publicada, carpeta):
    (archivo,) = carpeta.iterdir()
    archivo.write_bytes(b"otra cosa")
    assert pedir(cliente, publicada).status_code in (200, 410)
    archivo.unlink()
    respuesta = pedir(cliente, publicada)
    assert respuesta.status_code == 410
    assert respuesta.json["codigo"] == "imagen_sin_archivo"


def test_un_archivo_malo_se_explica_junto_al_formulario_y_no_deja_nada(entrar, elenco, archivo, carpeta, bd):
    cliente = entrar(elenco.funcionaria)
    for cuerpo, nombre, frase in (
        (b"hola", "a.mbtiles", "no es una imagen que sepamos servir"),
        (archivo, "a.tif", "no es lo que dice su extensión"),
        (archivo[: len(archivo) // 2], "a.mbtiles", "está cortado"),
        (b"", "a.mbtiles", "está vacío"),
    ):
        respuesta = subir(cliente, elenco.municipio, cuerpo, nombre, nombre="Lo que escribí")
        assert respuesta.status_code == 422
        assert frase in respuesta.text
        assert 'value="Lo que escribí"' in respuesta.text
    for datos, frase in (
        ({"fecha": "ayer"}, "2024-03-15"),
        ({"nombre": "x" * 81}, "80"),
        ({"otro": "1"}, "Revisa lo marcado"),
    ):
        assert frase in subir(cliente, elenco.municipio, archivo, **datos).text
    assert subir(cliente, elenco.municipio, archivo).status_code == 303
    repetida = subir(cliente, elenco.municipio, archivo)
    assert repetida.status_code == 409
    assert "ya tiene registrado" in repetida.text
    assert len(list(carpeta.iterdir())) == 1
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM imagen")).scalar_one() == 1


def test_sin_permiso_no_se_publica_y_la_pagina_dice_por_que(entrar, elenco, archivo):
    cliente = entrar(elenco.funcionaria)
    lugar = subir(cliente, elenco.municipio, archivo, permiso="").headers["Location"]
    negada = cliente.post(f"{lugar}/publicar")
    assert negada.status_code == 422
    assert "falta el permiso para trazar" in negada.text
    visto = cliente.get(f"/api/v1/municipios/{elenco.municipio}/imagenes").json["imagenes"]
    assert [(i["utilizable"], i["porque"]) for i in visto] == [(False, "falta el permiso para trazar en OpenStreetMap")]
    assert entrar(elenco.mapeadora).get(f"/api/v1/municipios/{elenco.municipio}/imagenes").json == {"imagenes": []}
    assert cliente.post(lugar, data={**BUENOS, "fecha": "2023-01-02"}).status_code == 303
    assert cliente.post(f"{lugar}/publicar").status_code == 303
    # publicada, quitarle el permiso no se deja
    sin = cliente.post(lugar, data={k: v for k, v in BUENOS.items() if k != "permiso_trazar"})
    assert sin.status_code == 422
    assert "falta el permiso" in sin.text


def test_una_de_otro_municipio_no_se_toca(entrar, elenco, publicada):
    forastera = entrar(elenco.forastera)
    for ruta in (f"/municipios/{elenco.municipio}/imagenes", f"/municipios/{elenco.municipio}/imagenes/{publicada}"):
        assert forastera.get(ruta).status_code == 403
    # por la dirección de su propio municipio tampoco
    ajena = f"/municipios/{elenco.otro_municipio}/imagenes/{publicada}"
    assert forastera.get(ajena).status_code == 404
    assert forastera.post(f"{ajena}/retirar").status_code == 404


def test_un_proyecto_la_usa_y_al_retirarla_lo_dice(entrar, elenco, publicada):
    cliente, ruta = entrar(elenco.funcionaria), f"/api/v1/proyectos/{elenco.proyecto}"
    (ofrecida,) = cliente.get(f"/api/v1/municipios/{elenco.municipio}/imagenes").json["imagenes"]
    assert ofrecida["utilizable"]
    assert ofrecida["capa"] == capa(publicada)
    assert cliente.patch(ruta, json={"imagenes": [ofrecida["capa"]]}).status_code == 200
    assert cliente.get(ruta).json["imagenes"] == [capa(publicada)]
    for pagina in (f"/proyectos/{elenco.proyecto}", f"/proyectos/{elenco.proyecto}/mapear"):
        assert del_mapa(cliente.get(pagina).text)["imagenes"][0]["url"] == direccion(publicada)
    assert cliente.post(f"/municipios/{elenco.municipio}/imagenes/{publicada}/retirar").status_code == 303
    visto = cliente.get(ruta).json
    assert (visto["imagenes"], visto["imagenes_retiradas"]) == ([], ["Ortofoto"])
    for pagina in (f"/proyectos/{elenco.proyecto}", f"/proyectos/{elenco.proyecto}/mapear"):
        datos = del_mapa(cliente.get(pagina).text)
        assert (datos["imagenes"], datos["retiradas"]) == ([], ["Ortofoto"])
    # y el formulario deja guardar lo demás
    forma = {"nombre": "Otro nombre", "minutos_bloqueo": "60", "imagenes": json.dumps([capa(publicada)])}
    assert cliente.post(f"/proyectos/{elenco.proyecto}/editar", data=forma).status_code == 303


def del_mapa(html):
    crudo = re.search(r'data-mapa="([^"]*)"', html).group(1)
    for entidad, signo in (("&#34;", '"'), ("&#39;", "'"), ("&quot;", '"'), ("&amp;", "&")):
        crudo = crudo.replace(entidad, signo)
    return json.loads(crudo)


def test_un_proyecto_no_toma_lo_que_no_debe(entrar, elenco, publicada):
    cliente, ruta = entrar(elenco.funcionaria), f"/api/v1/proyectos/{elenco.proyecto}"
    cliente.post(f"/municipios/{elenco.municipio}/imagenes/{publicada}/retirar")
    negada = cliente.patch(ruta, json={"imagenes": [capa(publicada)]})
    assert (negada.status_code, negada.json["codigo"]) == (422, "imagen_no_disponible")
    for url in ("/teselas/imagenes/1/{z}/{x}", "/teselas/imagenes/1/{z}/{x}/{y}?a=1", "//ajeno.org/{z}/{x}/{y}", "/api/v1/yo/{z}/{x}/{y}", "/teselas/imagenes/0/{z}/{x}/{y}"):  # fmt: skip
        assert cliente.patch(ruta, json={"imagenes": [capa(publicada, url=url)]}).status_code == 422
    assert cliente.patch(ruta, json={"imagenes": [capa(publicada, tipo="wms")]}).status_code == 422
    nuevo = {
        "municipio": "99001",
        "nombre": "Nuevo",
        "division": {"tipo": "mercator", "zoom": 15},
        "imagenes": [capa(publicada)],
    }
    assert cliente.post("/api/v1/proyectos", json=nuevo).json["codigo"] == "imagen_no_disponible"
    pagina = cliente.post(
        f"/proyectos/{elenco.proyecto}/editar",
        data={"nombre": "Otro", "minutos_bloqueo": "60", "imagenes": json.dumps([capa(publicada)])},
    )
    assert pagina.status_code == 422
    assert "no se puede usar" in pagina.text
