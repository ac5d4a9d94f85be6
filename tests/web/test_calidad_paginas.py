"""Las páginas de las revisiones, sin navegador: se leen en dos idiomas, dicen lo que hay, y nada hostil pasa por ellas."""

import csv
import io

import pytest
from sqlalchemy import text

from geo.revisiones.catalogo import CATALOGO, VERSION
from tareas.calidad.revisiones import servicio
from tareas.calidad.revisiones.reglas import COLUMNAS_DE_HALLAZGO, NIVELES, SIN_REVISAR
from tareas.datos_osm import servicio as datos_osm
from tests.fabrica import OESTE, SUR
from tests.mundo_osm import archivo

METRO = 1 / 111_320
META = "v1 dV c7 t2026-03-02T16:05:00Z i502 uAna"


def casa(numero, x, y, lado=10.0):
    puntos = [(x, y), (x + lado, y), (x + lado, y + lado), (x, y + lado)]
    nodos = [
        f"n{numero + k} {META} T x{OESTE + a * METRO * 1.065:.7f} y{SUR + b * METRO:.7f}"
        for k, (a, b) in enumerate(puntos)
    ]
    return [*nodos, f"w{numero} {META} Tbuilding=yes N{','.join(f'n{numero + k}' for k in (0, 1, 2, 3, 0))}"]


@pytest.fixture
def revisado(bd, elenco, tmp_path):
    """Dos casas encimadas a la mitad y una calle de nombre con malicia; ya revisado."""
    calle = [
        f"n80 {META} T x{OESTE + 0.0002} y{SUR + 0.0007}",
        f"n81 {META} T x{OESTE + 0.0006} y{SUR + 0.0007}",
        f"w80 {META} Thighway=residential,name=Av.%20%<script>alert(1)</script> Nn80,n81",
    ]
    renglones = [*casa(10, 20, 20), *casa(20, 25, 20), *calle]
    orden = sorted(renglones, key=lambda r: (r[0] != "n", int(r.split()[0][1:])))
    with bd.transaccion() as sesion:
        datos_osm.importar(sesion, archivo(tmp_path, "\n".join(orden)))
    servicio.poner_al_dia(bd, elenco.municipio)
    return f"/municipios/{elenco.municipio}"


def texto_de(respuesta):
    assert respuesta.status_code == 200, respuesta.data[:300]
    return respuesta.get_data(as_text=True)


@pytest.mark.parametrize("idioma", ["es", "en"])
def test_cada_regla_se_explica_con_su_dibujo(cliente, idioma):
    pagina = texto_de(cliente.get("/calidad/reglas", headers={"Accept-Language": idioma}))
    for regla in CATALOGO:
        assert f'id="{regla.codigo}"' in pagina
        assert f'id="croquis-{regla.codigo.lower()}-t"' in pagina
    assert pagina.count('<svg class="croquis') == len(CATALOGO)
    assert "style=" not in pagina
    assert pagina.count("<script") == pagina.count("<script type=")


def test_sin_revisar_lo_dice_y_no_inventa_cifras(cliente, elenco):
    pagina = texto_de(cliente.get(f"/municipios/{elenco.municipio}/calidad"))
    assert "todavía no se revisa" in pagina
    assert "Cuántos hay" not in pagina


def test_dice_cuantos_hay_y_los_filtra(cliente, revisado):
    pagina = texto_de(cliente.get(f"{revisado}/calidad"))
    assert "Edificios que se enciman" in pagina
    assert pagina.count("Se encima 50\u00a0%") == 1
    assert "sin respuestas" in pagina
    otra = texto_de(cliente.get(f"{revisado}/calidad?codigo=E-CRUZ&nivel="))
    assert "0 hallazgos" in otra
    assert "Se encima" not in otra
    assert "1 hallazgo<" in texto_de(cliente.get(f"{revisado}/calidad?codigo=E-TRAS&nivel=2"))


def test_lo_que_alguien_escribio_en_el_mapa_no_se_vuelve_marcado(cliente, revisado):
    pagina = texto_de(cliente.get(f"{revisado}/calidad?codigo=E-NOMB"))
    assert "<script>alert" not in pagina
    assert "&lt;script&gt;alert(1)" in pagina


@pytest.mark.parametrize(
    "filtro",
    [
        "codigo=<script>",
        "codigo=E-tras",
        "codigo=' OR 1=1",
        "nivel=9",
        "nivel=1.5",
        "nivel=-1",
        "codigo=E-" + "A" * 500,
    ],
)
def test_un_filtro_que_no_existe_lo_dice_en_la_pagina(cliente, revisado, filtro):
    for ruta in ("calidad", "hallazgos.csv"):
        respuesta = cliente.get(f"{revisado}/{ruta}?{filtro}")
        assert respuesta.status_code == 422
        assert b"<script>alert" not in respuesta.data


@pytest.mark.parametrize("codigo", ["E-NADIE", "E-FALT"])
def test_de_lo_que_no_se_busca_o_no_se_guarda_no_se_dice_que_no_hay(cliente, revisado, codigo):
    """«0 hallazgos» diría que no hay errores; los de la referencia no se guardan."""
    pagina = cliente.get(f"{revisado}/calidad?codigo={codigo}&utm_source=volante")
    assert pagina.status_code == 422
    assert "0 hallazgos" not in pagina.text
    assert f"«{codigo}» no está en la lista" in pagina.text
    assert cliente.get(f"/api/v1{revisado}/hallazgos?codigo={codigo}").status_code == 422


def test_lo_importante_va_primero_y_lo_demas_plegado(cliente, revisado):
    pagina = texto_de(cliente.get(f"{revisado}/calidad"))
    orden = [
        pagina.index(trozo)
        for trozo in (
            'class="por-nivel"',
            "Lo que más hay",
            "<summary>Las otras",
            'id="mapa-calidad"',
            'id="lista-hallazgos"',
        )
    ]
    assert orden == sorted(orden)
    # Nada se pierde: cada revisión tiene su renglón, a la vista o plegado.
    guardan = [r for r in CATALOGO if not r.de_referencia]
    assert all(pagina.count(f'href="/calidad/reglas#{r.codigo}"') == 1 for r in guardan)
    assert pagina.index("Lo que más hay") < pagina.index("#E-TRAS") < pagina.index("<summary>Las otras")


def test_la_descarga_trae_lo_mismo_con_sus_columnas(cliente, revisado):
    respuesta = cliente.get(f"{revisado}/hallazgos.csv?codigo=E-TRAS")
    assert respuesta.mimetype == "text/csv"
    crudo = texto_de(respuesta)
    assert crudo.startswith("\ufeff")
    (fila,) = csv.DictReader(io.StringIO(crudo.removeprefix("\ufeff")))
    assert list(fila) == list(COLUMNAS_DE_HALLAZGO)
    assert (fila["codigo"], fila["nivel"], fila["callada"], fila["respuesta"]) == ("E-TRAS", "2", "no", "")
    assert sorted(fila["objetos"].split()) == ["w10", "w20"]
    assert float(fila["lon"]) == pytest.approx(OESTE, abs=0.001)
    diccionario = texto_de(cliente.get("/avance/diccionario.csv"))
    assert all(f"hallazgos,{columna}," in diccionario for columna in COLUMNAS_DE_HALLAZGO)


def test_la_descarga_trae_todos_aunque_sean_muchos_lotes(cliente, revisado, bd, elenco):
    with bd.transaccion() as sesion:
        sesion.execute(
            text("""INSERT INTO hallazgo (municipio_id, codigo, nivel, objetos, versiones, lugar, frase, datos, huella, version_reglas)
                    SELECT municipio_id, codigo, nivel, objetos, versiones, lugar, frase, datos, lpad(to_hex(g), 24, '0'), version_reglas
                      FROM hallazgo, generate_series(1, 4500) g WHERE municipio_id = :m AND codigo = 'E-TRAS'"""),
            {"m": elenco.municipio},
        )
    crudo = texto_de(cliente.get(f"{revisado}/hallazgos.csv?codigo=E-TRAS")).removeprefix("\ufeff")
    huellas = [fila["huella"] for fila in csv.DictReader(io.StringIO(crudo))]
    assert len(huellas) == len(set(huellas)) == 4501
    en = texto_de(cliente.get(f"{revisado}/hallazgos.csv?codigo=E-TRAS", headers={"Accept-Language": "en"}))
    assert "E-TRAS,Buildings that overlap" in en


def _contestar(bd, elenco, errores, falsos):
    with bd.transaccion() as sesion:
        for respuesta, cuantas in (("error", errores), ("falso", falsos)):
            sesion.execute(
                text("""INSERT INTO hallazgo_respuesta (municipio_id, origen, codigo, huella, respuesta, persona_id, version_reglas)
                        SELECT :m, 0, 'E-TRAS', lpad(to_hex(g + :desde), 24, '0'), :r, :p, :v FROM generate_series(1, :n) g"""),
                {
                    "m": elenco.municipio,
                    "r": respuesta,
                    "v": VERSION,
                    "p": elenco.validadora,
                    "n": cuantas,
                    "desde": 1000 * errores if respuesta == "falso" else 0,
                },
            )


def test_dice_cuanto_acierta_con_cuantas_respuestas(cliente, revisado, bd, elenco):
    _contestar(bd, elenco, 2, 1)
    assert "acertó 2 de 3" in texto_de(cliente.get(f"{revisado}/calidad"))
    _contestar(bd, elenco, 52, 4)
    pagina = texto_de(cliente.get(f"{revisado}/calidad"))
    assert "acierta 9 de cada 10, de 57 respuestas" in pagina
    assert "entre 81 y 96\u00a0%" in pagina
    assert "Callada aquí" not in pagina


def test_la_que_se_equivoca_mucho_sale_callada(cliente, revisado, bd, elenco):
    _contestar(bd, elenco, 20, 40)
    assert "Callada aquí" in texto_de(cliente.get(f"{revisado}/calidad"))
    assert "E-TRAS,Edificios que se enciman,2" in texto_de(cliente.get(f"{revisado}/hallazgos.csv?codigo=E-TRAS"))
    (hallazgo,) = cliente.get(f"/api/v1{revisado}/hallazgos?codigo=E-TRAS").json["features"]
    assert hallazgo["properties"]["callada"] is True


def test_lo_que_no_se_pudo_revisar_se_dice_con_palabras(cliente, revisado, bd, elenco):
    with bd.transaccion() as sesion:
        sesion.execute(
            text("""UPDATE revision SET omitidos = '{"via_incompleta": 3, "motivo_nuevo": 1}',
                           fallas = '[{"codigo": "E-TRAS", "error": "ValueError: secreto"}]'""")
        )
    pagina = texto_de(cliente.get(f"{revisado}/calidad"))
    assert f"{SIN_REVISAR['via_incompleta']}: 3" in pagina
    assert "La revisión «Edificios que se enciman» no terminó" in pagina
    assert "secreto" not in pagina


def test_se_llega_desde_el_municipio_y_desde_el_pie(cliente, elenco):
    pagina = texto_de(cliente.get(f"/municipios/{elenco.municipio}"))
    assert f'href="/municipios/{elenco.municipio}/calidad"' in pagina
    assert 'href="/calidad/reglas"' in pagina
    assert cliente.get("/municipios/999999/calidad").status_code == 404
    assert cliente.get("/municipios/999999/hallazgos.csv").status_code == 404


def test_los_tres_niveles_tienen_nombre():
    assert sorted(NIVELES) == [1, 2, 3]
