"""Las páginas de proyectos y municipios, sin navegador."""

import re

import pytest
from sqlalchemy import text

from tests import fabrica


@pytest.fixture
def funcionaria(entrar, elenco):
    return entrar(elenco.funcionaria)


def texto_de(respuesta):
    assert respuesta.status_code == 200, respuesta.data[:300]
    return respuesta.get_data(as_text=True)


def test_explorar_muestra_los_proyectos_publicos_y_no_los_demas(cliente, elenco, bd):
    fabrica.proyecto(bd, elenco.municipio, nombre="Colonia secreta", visibilidad="privada", columnas=1, renglones=1)
    pagina = texto_de(cliente.get("/"))
    assert "Centro" in pagina
    assert "Colonia secreta" not in pagina


def test_explorar_filtra_y_no_se_queja_de_parametros_ajenos(cliente, elenco):
    assert "Ningún proyecto coincide" in texto_de(cliente.get("/?texto=zzz&utm_source=volante&estado=&orden="))
    assert "Centro" in texto_de(cliente.get("/?municipio=99001&orden=avance"))


def test_explorar_con_un_orden_inventado_lo_dice(cliente, elenco):
    respuesta = cliente.get("/?orden=precio")
    assert respuesta.status_code == 422
    assert respuesta.mimetype == "text/html"


def test_la_direccion_corta_lleva_al_proyecto(cliente, elenco):
    respuesta = cliente.get(f"/p/{elenco.proyecto}")
    assert respuesta.status_code == 303
    assert respuesta.headers["Location"].endswith(f"/proyectos/{elenco.proyecto}")


def test_las_imagenes_del_proyecto_caben_en_la_politica_de_su_pagina(cliente, elenco, bd):
    with bd.transaccion() as sesion:
        sesion.execute(
            text("""UPDATE proyecto SET imagenes = '[{"id": "a", "nombre": "A", "tipo": "xyz", "atribucion": "", "minzoom": 0,
                    "maxzoom": 20, "url": "https://{switch:a,b}.fotos.example/{z}/{x}/{y}.jpg"}]' WHERE id = :p"""),
            {"p": elenco.proyecto},
        )
    politica = cliente.get(f"/proyectos/{elenco.proyecto}").headers["Content-Security-Policy"]
    assert "https://*.fotos.example" in politica
    assert "fotos.example" not in cliente.get("/").headers["Content-Security-Policy"]


def formulario(respuesta):
    return re.search(r'name="csrf_token" value="([^"]+)"', texto_de(respuesta)).group(1)


def test_editar_guarda_y_lo_malo_se_marca_junto_a_su_campo(funcionaria, elenco):
    ruta = f"/proyectos/{elenco.proyecto}/editar"
    ficha = formulario(funcionaria.get(ruta))
    campos = {
        "csrf_token": ficha,
        "nombre": "Centro y río",
        "minutos_bloqueo": "60",
        "etiquetas_conjunto": "rio, tequio",
    }
    guardado = funcionaria.post(ruta, data=campos)
    assert guardado.status_code == 303
    assert funcionaria.get(f"/api/v1/proyectos/{elenco.proyecto}").json["etiquetas_conjunto"] == "#rio #tequio"
    malo = funcionaria.post(ruta, data=campos | {"nombre": "a" * 600, "imagenes": "{"})
    assert malo.status_code == 422
    pagina = malo.get_data(as_text=True)
    assert "Es muy largo" in pagina
    assert 'aria-invalid="true"' in pagina
    assert funcionaria.get(f"/api/v1/proyectos/{elenco.proyecto}").json["nombre"] == "Centro y río"


def test_publicar_archivar_restaurar_y_borrar_desde_la_pagina(funcionaria, elenco, bd):
    borrador = fabrica.proyecto(bd, elenco.municipio, estado="borrador", columnas=1, renglones=1)
    raiz = f"/proyectos/{borrador}"
    ficha = formulario(funcionaria.get(raiz + "/administrar"))

    def estado():
        with bd.lectura() as sesion:
            return sesion.execute(text("SELECT estado FROM proyecto WHERE id = :p"), {"p": borrador}).scalar()

    for paso, queda in (("publicar", "publicado"), ("archivar", "archivado"), ("restaurar", "publicado")):
        assert funcionaria.post(f"{raiz}/{paso}", data={"csrf_token": ficha}).status_code == 303
        assert estado() == queda
    assert funcionaria.post(f"{raiz}/borrar", data={"csrf_token": ficha}).status_code == 409
    otro = fabrica.proyecto(bd, elenco.municipio, estado="borrador", columnas=1, renglones=1)
    assert funcionaria.post(f"/proyectos/{otro}/borrar", data={"csrf_token": ficha}).status_code == 303
    assert funcionaria.get(f"/proyectos/{otro}").status_code == 404


def test_administrar_da_enlace_qr_y_cartel(funcionaria, elenco):
    pagina = texto_de(funcionaria.get(f"/proyectos/{elenco.proyecto}/administrar"))
    assert f"/p/{elenco.proyecto}" in pagina
    assert "<svg" in pagina
    cartel = texto_de(funcionaria.get(f"/proyectos/{elenco.proyecto}/cartel"))
    assert "Ejemplo del Río, Hidalgo" in cartel
    qr = funcionaria.get(f"/proyectos/{elenco.proyecto}/qr.svg")
    assert qr.mimetype == "image/svg+xml"
    assert b"<svg" in qr.data


def test_nuevo_ofrece_los_municipios_propios(funcionaria, entrar, elenco):
    propia = texto_de(funcionaria.get("/proyectos/nuevo"))
    assert f'value="{elenco.municipio}" checked' in propia
    assert "buscar_municipio" not in propia
    assert "buscar_municipio" in texto_de(entrar(elenco.administradora).get("/proyectos/nuevo"))


def test_municipios_busca_y_cada_uno_muestra_sus_proyectos(cliente, elenco):
    lista = texto_de(cliente.get("/municipios?texto=ejemplo"))
    assert "Ejemplo del Río" in lista
    assert "Ñuu Lejano" not in lista
    uno = texto_de(cliente.get(f"/municipios/{elenco.municipio}"))
    assert "Centro" in uno
    assert "Todavía no hay proyectos aquí" in texto_de(cliente.get(f"/municipios/{elenco.otro_municipio}"))


def test_la_administracion_muestra_solo_lo_que_se_gestiona(funcionaria, entrar, elenco):
    assert "Centro" in texto_de(funcionaria.get("/administracion"))
    assert "Centro" not in texto_de(entrar(elenco.forastera).get("/administracion"))
