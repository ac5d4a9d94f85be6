"""Las páginas en inglés no dejan ver español: ni en el texto, ni en los atributos, ni en los errores."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from flask import Flask
from flask.testing import FlaskClient

from tareas.aplicacion import crear_aplicacion
from tareas.comun.bd import BaseDeDatos
from tareas.comun.catalogo import archivo, ordenes
from tareas.comun.web import GALLETA_IDIOMA
from tests.fabrica import Elenco, abrir_sesion, proyecto

# Los datos se quedan en el idioma en que la gente los escribió.
DATOS = re.compile(
    r"Ejemplo del Río|Ñuu Lejano|Centro|Hidalgo|Av\. Juárez|Avenida Juárez|Calle Nogal|Mapeador[a]?|Validadora|Español|tequio municipios importar"
)
# Palabras que sólo son españolas, y sus letras.
ESPANOL = re.compile(
    r"[áéíóúñ¿¡«»]|\b(el|los|las|una|del|que|para|con|por|tus?|sus?|esta|este|tareas?|proyectos?|municipios?|avance|clave)\b",
    re.IGNORECASE,
)
ATRIBUTOS = {"aria-label", "title", "placeholder", "alt", "content", "label"}


class Texto(HTMLParser):
    """Lo que una página dice, con sus atributos que se leen; no lo que va en `lang="es"`."""

    def __init__(self) -> None:
        super().__init__()
        self.dicho: list[str] = []
        self._mudo = False

    def handle_starttag(self, etiqueta: str, atributos: list[tuple[str, str | None]]) -> None:
        self._mudo = etiqueta in ("script", "style") or ("lang", "es") in atributos
        self.dicho += [valor for nombre, valor in atributos if nombre in ATRIBUTOS and valor]

    def handle_data(self, texto: str) -> None:
        if not self._mudo:
            self.dicho.append(texto)

    def handle_endtag(self, etiqueta: str) -> None:
        self._mudo = False


def en_espanol(pagina: str) -> list[str]:
    """Textos de una página que parecen español."""
    lector = Texto()
    lector.feed(pagina)
    lector.close()
    return [texto.strip() for texto in lector.dicho if ESPANOL.search(DATOS.sub("", texto))]


@pytest.fixture(scope="module")
def traducciones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Los catálogos de verdad, compilados en otra carpeta."""
    carpeta = tmp_path_factory.mktemp("traducciones")
    fuente, copia = archivo.ruta_de(ordenes.CARPETA, "en"), archivo.ruta_de(carpeta, "en")
    copia.parent.mkdir(parents=True)
    copia.write_bytes(fuente.read_bytes())
    with copia.with_suffix(".mo").open("wb") as compilado:
        write_mo(compilado, archivo.leer(copia, "en"))
    return carpeta


@pytest.fixture(scope="module")
def app_traducida(url_base: str, traducciones: Path) -> Iterator[Flask]:
    aplicacion = crear_aplicacion(
        url_base,
        TESTING=True,
        PROPAGATE_EXCEPTIONS=False,
        SECRET_KEY="pruebas",
        BABEL_TRANSLATION_DIRECTORIES=str(traducciones),
    )
    yield aplicacion
    aplicacion.extensions["tequio_bd"].cerrar()


@pytest.fixture
def en_ingles(app_traducida: Flask, bd: BaseDeDatos):  # type: ignore[no-untyped-def]
    """``en_ingles(persona)`` da un cliente en inglés, con su sesión si se dice quién."""

    def _cliente(persona: int | None = None) -> FlaskClient:
        cliente = app_traducida.test_client()
        cliente.set_cookie(GALLETA_IDIOMA, "en")
        if persona is not None:
            cliente.environ_base["HTTP_AUTHORIZATION"] = "Bearer " + abrir_sesion(bd, persona)
        return cliente

    return _cliente


@pytest.fixture
def con_trabajo(elenco: Elenco, en_ingles) -> Elenco:  # type: ignore[no-untyped-def]
    """El elenco después de una tarea validada y otra devuelta."""
    mapea, valida = en_ingles(elenco.mapeadora), en_ingles(elenco.validadora)
    for numero, veredicto in ((1, "validada"), (2, "devuelta")):
        ruta = f"/api/v1/proyectos/{elenco.proyecto}/tareas/{numero}"
        ficha = mapea.post(f"{ruta}/bloqueo", json={"para": "mapear"}).json["ficha"]
        assert mapea.post(f"{ruta}/entrega", json={"ficha": ficha, "resultado": "mapeada"}).status_code == 200
        ficha = valida.post(f"{ruta}/bloqueo", json={"para": "validar"}).json["ficha"]
        motivos = ["E-FALT", "E-ESC"] if veredicto == "devuelta" else []
        dictamen = {"ficha": ficha, "veredicto": veredicto, "motivos": motivos}
        assert valida.post(f"{ruta}/dictamen", json=dictamen).status_code == 200
    return elenco


def revisar(cliente: FlaskClient, ruta: str, codigo: int = 200) -> None:
    respuesta = cliente.get(ruta)
    assert respuesta.status_code == codigo, ruta
    assert '<html lang="en"' in respuesta.text, ruta
    assert en_espanol(respuesta.text) == [], ruta


def test_lo_que_ve_quien_no_ha_entrado_esta_en_ingles(en_ingles, con_trabajo: Elenco) -> None:  # type: ignore[no-untyped-def]
    cliente, p, m = en_ingles(), con_trabajo.proyecto, con_trabajo.municipio
    for ruta in (
        "/",
        "/?texto=nada",
        "/entrar",
        "/registro",
        "/recuperar",
        "/municipios",
        f"/municipios/{m}",
        f"/municipios/{m}/avance",
        f"/municipios/{m}/medidas",
        f"/municipios/{m}/calidad",
        f"/municipios/{m}/completitud",
        "/calidad/reglas",
        f"/proyectos/{p}/completitud",
        f"/proyectos/{p}",
        f"/proyectos/{p}/mapear",
        f"/proyectos/{p}/mapear/2",
        f"/proyectos/{p}/avance",
        f"/proyectos/{p}/medidas?por=codigo",
        f"/proyectos/{p}/cartel",
        "/sin-conexion",
    ):
        revisar(cliente, ruta)
    revisar(cliente, "/proyectos/999999", 404)


def test_lo_que_ven_las_personas_con_papel_esta_en_ingles(en_ingles, con_trabajo: Elenco, bd: BaseDeDatos) -> None:  # type: ignore[no-untyped-def]
    p, borrador = con_trabajo.proyecto, proyecto(bd, con_trabajo.municipio, estado="borrador")
    for persona, rutas in {
        con_trabajo.mapeadora: ("/mi-trabajo", "/buzon", "/cuenta", "/cuenta/clave", f"/proyectos/{p}"),
        con_trabajo.validadora: (
            f"/proyectos/{p}/validar",
            f"/proyectos/{p}/avance",
            "/mi-trabajo",
            f"/municipios/{con_trabajo.municipio}/medidas",
            f"/municipios/{con_trabajo.municipio}/medidas?por=validador",
            "/mis-revisiones",
        ),
        con_trabajo.funcionaria: (
            "/administracion",
            f"/municipios/{con_trabajo.municipio}/referencias",
            f"/municipios/{con_trabajo.municipio}/grupos",
            f"/municipios/{con_trabajo.municipio}/medidas?por=proyecto",
            "/proyectos/nuevo",
            f"/proyectos/{p}/administrar",
            f"/proyectos/{p}/editar",
            f"/proyectos/{borrador}",
            f"/proyectos/{borrador}/administrar",
        ),
        con_trabajo.administradora: (
            "/administracion/personas",
            "/administracion/personas/nueva",
            "/administracion/personas/varias",
            "/administracion/personas/papeles",
            f"/administracion/personas/{con_trabajo.mapeadora}",
        ),
    }.items():
        cliente = en_ingles(persona)
        for ruta in rutas:
            revisar(cliente, ruta)


def test_los_errores_de_la_api_se_dicen_en_ingles(en_ingles, elenco: Elenco) -> None:  # type: ignore[no-untyped-def]
    cliente, tareas = en_ingles(elenco.mapeadora), f"/api/v1/proyectos/{elenco.proyecto}/tareas"
    for respuesta in (
        cliente.get("/api/v1/proyectos/999999"),
        cliente.post(f"{tareas}/1/bloqueo", data="{"),
        cliente.post(f"{tareas}/1/bloqueo", data="{", content_type="application/json"),
        cliente.post(f"{tareas}/1/bloqueo", json={"para": "nadar", "x": 1}),
        cliente.post(f"{tareas}/1/entrega", json={"ficha": 1, "resultado": "mapeada"}),
        cliente.post(f"{tareas}/77/bloqueo", json={"para": "mapear"}),
        cliente.post(f"{tareas}/1/bloqueo", json={"para": "validar"}),
        cliente.get("/api/v1/proyectos?caja=1,2,3&inventado=1"),
        cliente.put("/api/v1/proyectos"),
        en_ingles().post(f"{tareas}/1/bloqueo", json={"para": "mapear"}),
    ):
        assert respuesta.status_code >= 400
        assert respuesta.json
        dichos = [respuesta.json["title"], *respuesta.json.get("campos", {}).values()]
        assert [d for d in dichos if re.search(r"[áéíóúñ¿¡«»]|\b(el|los|que|debe|una)\b", d)] == []


def test_los_modulos_reciben_sus_textos_en_ingles(en_ingles) -> None:  # type: ignore[no-untyped-def]
    cliente = en_ingles()
    hallado = re.search(r'data-textos="([^"]+)"', cliente.get("/").text)
    assert hallado
    textos = json.loads(cliente.get(hallado[1]).data)
    assert textos["Dame una tarea"] == "Give me a task"
    assert textos["%(n)s tarea"] == ["%(n)s task", "%(n)s tasks"]
    assert "Olvidé mi clave" not in textos, "sólo los de los módulos"
