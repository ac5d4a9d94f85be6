"""Ningún texto para personas se escribe sin marcar para traducir.

Lo que sigue lee el código, no lo corre: cada prueba junta todas las faltas, con su archivo y renglón.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from tareas.comun.catalogo.javascript import Ficha, fichas
from tareas.comun.catalogo.llamadas import DE_PLURAL, MARCAS

RAIZ = Path(__file__).resolve().parents[2]
JINJA = Environment()

LETRA = re.compile(r"[^\W\d_]")
# Un texto que alguien lee: lleva letras del español, empieza como una frase, o son varias palabras.
FRASE = re.compile(r"[áéíóúñÁÉÍÓÚÑ¿¡]|(?:^|\s)[A-Z][a-z]+(?:\s|$)|(?<![\w-])[a-z]{2,}[.,:]?\s+[a-z]{2,}(?![\w-])")
FRASE_JS = re.compile(r"[áéíóúñÁÉÍÓÚÑ¿¡]|^[A-Z][a-z]+(?:\s[a-z]|[.,:](?:\s|$)|$)")
FRASE_PY = re.compile(r"[áéíóúñÁÉÍÓÚÑ¿¡]|^[A-Z][a-z]+\s+[a-z(«]")
ATRIBUTOS = {
    "aria-label",
    "aria-description",
    "aria-roledescription",
    "title",
    "placeholder",
    "alt",
    "label",
    "content",
}

# Lo que se escribe igual en todos los idiomas.
NOMBRES = {"Tequio", "OpenStreetMap", "MapLibre", "iD", "JOSM", "XYZ", "WMS", "Español", "English"}


def faltas(halladas: Iterator[str]) -> str:
    return "\n".join(halladas)


def archivos(carpeta: str, patron: str) -> Iterator[tuple[str, str]]:
    """Ruta desde la raíz y contenido."""
    for ruta in sorted((RAIZ / carpeta).glob(patron)):
        yield ruta.relative_to(RAIZ).as_posix(), ruta.read_text(encoding="utf-8")


# --- Plantillas -------------------------------------------------------------------------------------------------------

# Datos de muestra de la guía de estilo, que enseña los componentes llenos.
DE_MUESTRA = {
    "Calles del centro",
    "Edificios de la cabecera municipal",
    "Dibujamos cada casa para que protección civil sepa cuántas hay junto al río.",
    "San Lucas del Río",
    "Estado de muestra",
    "3 de marzo",
    "4 de marzo",
}
# Contenidos de <meta> que lee el navegador.
DE_META = {"width=device-width, initial-scale=1", "noindex", "#a4471f"}
DIRECCION = re.compile(r"https?://\S+")


class Lector(HTMLParser):
    """Junta los textos y atributos para personas de un HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.hallados: list[tuple[int, str]] = []
        self._mudas = 0

    def handle_starttag(self, etiqueta: str, atributos: list[tuple[str, str | None]]) -> None:
        self._mudas += etiqueta in ("script", "style", "code")
        for nombre, valor in atributos:
            if nombre in ATRIBUTOS and valor:
                self._anotar(valor)

    def handle_endtag(self, etiqueta: str) -> None:
        self._mudas -= etiqueta in ("script", "style", "code")

    def handle_data(self, texto: str) -> None:
        if not self._mudas:
            self._anotar(texto)

    def _anotar(self, texto: str) -> None:
        palabras = set(re.findall(r"[\w-]+", DIRECCION.sub("", texto)))
        if any(LETRA.search(p) for p in palabras - NOMBRES) and texto.strip() not in DE_META:
            self.hallados.append((self.getpos()[0], texto.strip()))


def sin_jinja(plantilla: str) -> str:
    """La plantilla sin sus expresiones, con los mismos renglones.

    El bloque `clase` del <body> queda fuera: es un atributo escrito en otra plantilla.
    """
    plantilla = re.sub(r"\{% block clase %\}.*?\{% endblock %\}", "", plantilla)
    return "".join(
        valor if tipo == "data" else "\n" * valor.count("\n")
        for _renglon, tipo, valor in JINJA.lexer.tokeniter(plantilla, None)
    )


def texto_suelto(plantilla: str) -> list[tuple[int, str]]:
    """Textos escritos directamente en el HTML de una plantilla."""
    lector = Lector()
    lector.feed(sin_jinja(plantilla))
    lector.close()
    # «#p» es el principio de una dirección armada en una macro.
    return [(renglon, texto) for renglon, texto in lector.hallados if not texto.startswith("#")]


def texto_en_expresiones(plantilla: str) -> list[tuple[int, str]]:
    """Textos que una expresión de Jinja lleva entre comillas sin marcarlos."""
    arbol = JINJA.parse(plantilla)
    marcados = {
        id(argumento)
        for llamada in arbol.find_all(nodes.Call)
        if isinstance(llamada.node, nodes.Name) and llamada.node.name in MARCAS
        for argumento in llamada.args
    }
    return [
        (c.lineno, c.value)
        for c in arbol.find_all(nodes.Const)
        if isinstance(c.value, str) and id(c) not in marcados and c.value not in NOMBRES and FRASE.search(c.value)
    ]


def test_las_plantillas_no_llevan_textos_sin_marcar() -> None:
    halladas = (
        f"{ruta}:{renglon}: «{texto}»"
        for patron in ("**/*.html", "**/*.txt")
        for ruta, plantilla in archivos("plantillas", patron)
        for renglon, texto in texto_suelto(plantilla) + texto_en_expresiones(plantilla)
        if not (ruta == "plantillas/estilo/guia.html" and texto in DE_MUESTRA)
    )
    assert not faltas(halladas)


@pytest.mark.parametrize(
    "plantilla",
    [
        "<p>Hola</p>",
        "<p>{{ _('Hola') }} mundo</p>",
        '<a href="/" aria-label="Ir al inicio">{{ x }}</a>',
        '<input placeholder="{% if a %}Tu nombre{% endif %}">',
        "{{ boton('Guardar cambios') }}",
        "{% set titulo = 'Aquí' %}",
        "{{ _('Sí') if x else 'Todavía no' }}",
    ],
)
def test_un_texto_sin_marcar_en_una_plantilla_se_nota(plantilla: str) -> None:
    assert texto_suelto(plantilla) + texto_en_expresiones(plantilla)


def test_lo_marcado_y_lo_que_no_es_texto_no_estorba_en_una_plantilla() -> None:
    plantilla = """{% from 'a/b.html' import c %}<p class="boton grande" data-x="Hola">{{ _('Hola %(n)s', n=uno) }} · 25 %
        <svg viewBox="0 0 1 1"></svg>{{ c(tipo='secundario', clase='sin-vinetas hoja') }}</p><script>let a = 'Hola';</script>"""
    assert texto_suelto(plantilla) + texto_en_expresiones(plantilla) == []


# --- Módulos del navegador --------------------------------------------------------------------------------------------

# Palabras de OpenStreetMap, GeoJSON, el navegador y la letra, que no se leen en la página.
DE_CODIGO = {"Atkinson", "Atkinson negrita", "Escape", "Feature", "FeatureCollection", "Point", "Polygon", "LineString"}
DE_CODIGO |= {"Enter", "Tab", "Home", "End", "Delete", "Backspace", "Space"}
DE_TEXTO = {*ATRIBUTOS, "textContent", "innerText"}


def sin_marcar_en_modulo(modulo: str) -> list[tuple[int, str]]:
    """Cadenas para personas que no pasan por ``_`` ni ``n_``.

    Se reconocen por su aspecto (acentos, mayúscula inicial) o por su lugar: un hijo de ``h(…)``, ``textContent`` o un
    atributo que se lee.
    """
    todas = list(fichas(modulo))
    return [
        (ficha.renglon, ficha.valor)
        for i, ficha in enumerate(todas)
        if ficha.clase in ("cadena", "plantilla")
        and ficha.valor not in DE_CODIGO | NOMBRES
        and not _marcada(todas, i)
        and (FRASE_JS.search(ficha.valor) or (_se_lee(todas, i) and re.search(r"[a-záéíóúñ]{2}", ficha.valor)))
    ]


def _marcada(todas: list[Ficha], i: int) -> bool:
    previas = [f.valor for f in todas[max(0, i - 4) : i]]
    return (previas[-1:] == ["("] and previas[-2:-1] != [] and previas[-2] in MARCAS) or (
        len(previas) == 4 and previas[0] in DE_PLURAL and previas[1] == "(" and previas[3] == ","
    )


def _se_lee(todas: list[Ficha], i: int) -> bool:
    previas = [f.valor for f in todas[max(0, i - 2) : i]]
    es_hijo = previas == ["}", ","]
    return es_hijo or (len(previas) == 2 and previas[0] in DE_TEXTO and previas[1] in (":", ",", "="))


def test_los_modulos_no_llevan_textos_sin_marcar() -> None:
    # Un sistema de coordenadas es un código, aunque se enseñe de ejemplo.
    halladas = (
        f"{ruta}:{renglon}: «{texto}»"
        for ruta, modulo in archivos("tareas/estaticos/js", "**/*.js")
        for renglon, texto in sin_marcar_en_modulo(modulo)
        if not re.fullmatch(r"EPSG:\d+", texto)
    )
    assert not faltas(halladas)


@pytest.mark.parametrize(
    "modulo",
    [
        "x.textContent = 'listo';",
        "h('p', {}, 'sin tareas')",
        "h('p', { class: 'a' }, `faltan ${n}`)",
        "aviso('error', 'No se pudo')",
        "x.setAttribute('aria-label', 'cerrar')",
        "const a = { title: 'cerrar' };",
        "decir(`${n} días`);",
        "n_('%(n)s día', otro, 'Días')",
    ],
)
def test_un_texto_sin_marcar_en_un_modulo_se_nota(modulo: str) -> None:
    assert sin_marcar_en_modulo(modulo)


def test_lo_marcado_y_lo_que_no_es_texto_no_estorba_en_un_modulo() -> None:
    modulo = """// Un comentario con Mayúscula
        h('p', { class: 'boton grande' }, _('Hola %(n)s', { n: `${uno} km` }), n_('%(n)s día', '%(n)s días', 2));
        fetch('/api/v1', { headers: { 'Content-Type': 'application/json' } }); const r = /[áé]'/g; if (e.key === 'Escape') f();"""
    assert sin_marcar_en_modulo(modulo) == []


# --- Python -----------------------------------------------------------------------------------------------------------

# Las órdenes de consola hablan español por decisión; el pueblo ficticio y la demostración son datos.
# También lo que lee quien instala (servidores.py) y lo que la RFC 6749 pide en ASCII para programas (proveedor.py).
SIN_TRADUCIR = re.compile(
    r"(^|/)(ordenes(\.py|/)|demostracion/|pueblo/|comun/catalogo/|api06/)|^tareas/servidor\.py$"
    r"|^tareas/cuentas/osm/servidores\.py$|^tareas/practica/oauth/proveedor\.py$"
)
# Archivo -> textos que no son para la página: nombres de lugares, mensajes de bibliotecas, de consola y de bitácora.
PERMITIDOS = {
    "geo/formatos/json_estricto.py": ("Unterminated string",),
    "geo/formatos/proceso.py": ("el lector de «%s» terminó con %s: %s",),
    "geo/formatos/union.py": (
        "Ring Self-intersection",
        "Hole lies outside shell",
        "Holes are nested",
        "Interior is disconnected",
    ),
    "tareas/comun/reloj.py": ("El momento debe llevar zona horaria",),
    # Renglones de la orden «osm seguir» y de la bitácora.
    "tareas/datos_osm/seguimiento/seguidor.py": (
        "Los datos llegan al cambio ",
        "Hay más municipios con proyectos: se repasa desde el cambio ",
        "Va en el cambio ",
        "la base de datos no contestó al seguir flujos: %s",
    ),
    "tareas/cuentas/buzon/api.py": ("Buzón",),
    "tareas/comun/tiempos.py": ("esta máquina no conoce la zona horaria «%s»: se usa %s",),
    "tareas/cuentas/cartero.py": (
        "la base de datos no contestó al repartir correos: %s",
        "la base no conoce la zona horaria «%s» (%s municipios): sus resúmenes salen a la hora de %s",
    ),
    "tareas/cuentas/correo.py": (", la dirección que firma", ", la dirección pública con https://"),
    "tareas/cuentas/reglas.py": ("contraseña",),
    "tareas/municipios/servicio.py": (
        "Se reparó el contorno de ",
        "; conserva al menos el 99.9 % del área: ",
        "Zona horaria supuesta por la longitud: ",
    ),
    "tareas/validacion/api.py": ("Validación",),
}
ENTIDADES = "tareas/municipios/reglas.py"


@cache
def arboles() -> list[tuple[str, ast.Module]]:
    """Cada módulo Python, ya leído."""
    return [(ruta, ast.parse(codigo)) for carpeta in ("geo", "tareas") for ruta, codigo in archivos(carpeta, "**/*.py")]


def _es_llamada(nodo: ast.AST, nombres: frozenset[str] | set[str]) -> bool:
    return isinstance(nodo, ast.Call) and isinstance(nodo.func, ast.Name) and nodo.func.id in nombres


def sin_marcar_en_python(arbol: ast.Module) -> list[tuple[int, str]]:
    """Frases en español que no van dentro de ``_``, ``N_`` o ``n_`` ni son documentación."""
    fuera: set[int] = set()
    for nodo in ast.walk(arbol):
        if _es_llamada(nodo, MARCAS):
            fuera |= {id(n) for n in ast.walk(nodo)}
        elif isinstance(nodo, ast.Expr) and isinstance(nodo.value, ast.Constant):
            fuera.add(id(nodo.value))
    return [
        (nodo.lineno, nodo.value)
        for nodo in ast.walk(arbol)
        if isinstance(nodo, ast.Constant) and isinstance(nodo.value, str) and id(nodo) not in fuera
        if FRASE_PY.search(nodo.value)
    ]


def test_el_python_no_lleva_textos_sin_marcar() -> None:
    halladas = (
        f"{ruta}:{renglon}: «{texto}»"
        for ruta, arbol in arboles()
        if not SIN_TRADUCIR.search(ruta) and ruta != ENTIDADES
        for renglon, texto in sin_marcar_en_python(arbol)
        if texto not in PERMITIDOS.get(ruta, ())
    )
    assert not faltas(halladas)


def test_cada_plantilla_de_error_va_marcada() -> None:
    def plantillas(arbol: ast.Module) -> Iterator[ast.expr]:
        for clase in ast.walk(arbol):
            for linea in clase.body if isinstance(clase, ast.ClassDef) else ():
                nombres = linea.targets if isinstance(linea, ast.Assign) else [getattr(linea, "target", None)]
                valor = getattr(linea, "value", None)
                if valor is not None and any(isinstance(n, ast.Name) and n.id == "plantilla" for n in nombres):
                    yield valor

    halladas = (
        f"{ruta}:{valor.lineno}: plantilla = {ast.unparse(valor)}"
        for ruta, arbol in arboles()
        for valor in plantillas(arbol)
        if not (_es_llamada(valor, {"N_"}) or isinstance(valor, (ast.Name, ast.Attribute)))
    )
    assert not faltas(halladas)


def test_lo_que_se_dice_con_flash_y_abort_va_marcado() -> None:
    def sueltos(arbol: ast.Module) -> Iterator[tuple[int, str]]:
        for nodo in ast.walk(arbol):
            if _es_llamada(nodo, {"flash", "abort"}):
                assert isinstance(nodo, ast.Call)
                dicho = nodo.args[:1] if ast.unparse(nodo.func) == "flash" else nodo.args[1:]
                for valor in [*dicho, *(k.value for k in nodo.keywords)]:
                    if isinstance(valor, (ast.Constant, ast.JoinedStr)):
                        yield nodo.lineno, ast.unparse(valor)

    assert not faltas(f"{ruta}:{n}: {texto}" for ruta, arbol in arboles() for n, texto in sueltos(arbol))


def al_importar(arbol: ast.Module) -> list[int]:
    """Renglones donde ``_`` o ``n_`` se llaman al importar el módulo: quedarían en un solo idioma para siempre."""
    renglones: list[int] = []

    def recorrer(nodo: ast.AST) -> None:
        if _es_llamada(nodo, {"_", "n_"}):
            renglones.append(nodo.lineno)  # type: ignore[attr-defined]
        if isinstance(nodo, (ast.FunctionDef, ast.AsyncFunctionDef)):
            # El cuerpo corre después; los decoradores y los valores por omisión, ahora.
            hijos: list[ast.AST] = [*nodo.decorator_list, nodo.args]
        elif isinstance(nodo, ast.Lambda):
            hijos = [nodo.args]
        else:
            hijos = list(ast.iter_child_nodes(nodo))
        for hijo in hijos:
            recorrer(hijo)

    recorrer(arbol)
    return renglones


def test_ningun_texto_se_traduce_al_importar_un_modulo() -> None:
    assert not faltas(
        f"{ruta}:{n}: usa N_ y traduce al mostrar" for ruta, arbol in arboles() for n in al_importar(arbol)
    )


def test_traducir_al_importar_se_nota() -> None:
    codigo = "A = _('a')\ndef f(x=_('b')):\n    return _('c')\nclass C:\n    d = {'d': _('d')}\nE = lambda: _('e')\n"
    assert al_importar(ast.parse(codigo)) == [1, 2, 5]
