"""Los catálogos dicen lo mismo que el código, y las órdenes que los cuidan notan cada falta."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog
from click.testing import CliRunner

import geo
import tareas
from geo.errores import ErrorGeo
from tareas.comun.catalogo import archivo, llamadas, ordenes, revision
from tareas.comun.catalogo.javascript import ModuloRoto, fichas
from tareas.comun.catalogo.llamadas import Llamada, de_javascript, de_jinja, de_python
from tareas.comun.errores import ErrorTequio
from tests.ingles import BRITANICO

INGLES = archivo.leer(archivo.ruta_de(ordenes.CARPETA, "en"), "en")


# --- El catálogo de verdad --------------------------------------------------------------------------------------------


def test_los_textos_estan_al_dia_y_traducidos() -> None:
    resultado = CliRunner().invoke(ordenes.comprobar)
    assert resultado.exit_code == 0, resultado.output


def test_el_ingles_no_tiene_restos_de_espanol() -> None:
    nombres = re.compile(r"México|Español|José")
    restos = [
        (mensaje.id, mensaje.string)
        for mensaje in INGLES
        if mensaje.id and re.search(r"[¿¡áéíóúñ«»]", nombres.sub("", str(mensaje.string)))
    ]
    assert restos == []


def test_el_ingles_se_escribe_siempre_igual() -> None:
    """Como en los Estados Unidos, y con un solo apóstrofo: «neighbor» y «neighbour» en la misma página parecen un descuido."""
    otros = [(m.id, m.string) for m in INGLES if m.id and (BRITANICO.search(str(m.string)) or "’" in str(m.string))]
    assert otros == []


def _clases_de_error() -> Iterator[type[ErrorGeo] | type[ErrorTequio]]:
    for paquete in (geo, tareas):
        for modulo in pkgutil.walk_packages(paquete.__path__, paquete.__name__ + "."):
            if not modulo.name.endswith(("wsgi", "__main__")):
                importlib.import_module(modulo.name)
    pendientes: list[type[ErrorGeo] | type[ErrorTequio]] = [ErrorGeo, ErrorTequio]
    while pendientes:
        clase = pendientes.pop()
        pendientes += clase.__subclasses__()
        if clase.__module__.startswith(("geo", "tareas")):
            yield clase


def test_cada_error_se_dice_en_ingles_con_los_mismos_huecos() -> None:
    clases = list(_clases_de_error())
    assert len(clases) > 50
    for clase in clases:
        mensaje = INGLES.get(clase.plantilla)
        assert mensaje is not None, f"{clase.__qualname__}: «{clase.plantilla}» no está en el catálogo"
        assert revision.huecos(str(mensaje.string)) == revision.huecos(clase.plantilla), clase.__qualname__


# --- Sacar textos -----------------------------------------------------------------------------------------------------


def test_de_python_se_sacan_marcas_huecos_y_textos_partidos() -> None:
    codigo = (
        "_('Hola %(n)s, '\n  'qué tal', n=1)\nN_('Uno')\nn_('a', 'b', 2, c=3)\nself._('no')\n_(NOMBRE)\n_('x', **d)"
    )
    assert [(x.renglon, x.textos, x.huecos) for x in de_python(codigo, "a.py")] == [
        (1, ("Hola %(n)s, qué tal",), {"n"}),
        (3, ("Uno",), None),
        (4, ("a", "b"), {"c"}),
        (6, (None,), set()),
        (7, ("x",), None),
    ]


def test_de_una_plantilla_se_sacan_marcas_y_huecos() -> None:
    plantilla = "{{ _('Hola %(n)s', n=x|upper) }}\n{% set a = ngettext('uno', 'varios', 3) %}{{ boton(_('Ir')) }}"
    assert [(x.renglon, x.textos, x.huecos) for x in de_jinja(plantilla, "a.html")] == [
        (1, ("Hola %(n)s",), {"n"}),
        (2, ("uno", "varios"), set()),
        (2, ("Ir",), set()),
    ]


def test_de_un_modulo_se_sacan_marcas_dentro_de_plantillas_y_tras_expresiones_regulares() -> None:
    modulo = r"""
import { _, n_ } from './textos.js';
export function _(texto) { return x._('no'); }
const r = /['"`]/g, mitad = a / b / c; // _('comentario')
const t = `a ${b ? `${_('Dentro')}` : { c: '}' }} d`;
h('p', {}, _('It\'s %(n)s', { n: f(1, 2), m }), n_('uno', 'varios', k, { p }), _('Final', otro));
"""
    assert [(x.renglon, x.textos, x.huecos) for x in de_javascript(modulo, "a.js")] == [
        (5, ("Dentro",), set()),
        (6, ("It's %(n)s",), {"n", "m"}),
        (6, ("uno", "varios"), {"p"}),
        (6, ("Final",), None),
    ]


@pytest.mark.parametrize("modulo", ["const a = 'sin cerrar;\n", "const a = `abierta ${b}", "const r = /abierta\n;"])
def test_un_modulo_que_no_se_entiende_no_pasa_callado(modulo: str) -> None:
    with pytest.raises(ModuloRoto, match="renglón 1"):
        list(fichas(modulo))


def test_de_los_modulos_propios_se_saca_todo_lo_que_se_marca() -> None:
    # Otra manera de contar, más tosca: ninguna marca se le escapa al lector.
    for ruta in (ordenes.RAIZ / "tareas/estaticos/js").glob("*.js"):
        modulo = re.sub(r"^\s*(//|\*|/\*).*$", "", ruta.read_text(encoding="utf-8"), flags=re.M)
        a_ojo = len(re.findall(r"(?<![\w.$])(?<!function )(?:_|n_)\(", modulo))
        assert len(list(de_javascript(modulo, ruta.name))) == a_ojo, ruta.name


# --- Guardar ----------------------------------------------------------------------------------------------------------


def llamada(*textos: str, ruta: str = "a.py", renglon: int = 1, huecos: set[str] | None = None) -> Llamada:
    return Llamada(ruta, renglon, "_" if len(textos) == 1 else "n_", textos, frozenset(huecos or ()))


def catalogo(*todas: Llamada, **traducciones: str | tuple[str, str]) -> Catalog:
    nuevo = archivo.de_llamadas(todas, "en")
    for mensaje in nuevo:
        if mensaje.id:
            clave = mensaje.id if isinstance(mensaje.id, str) else mensaje.id[0]
            mensaje.string = traducciones.get(clave, mensaje.string)
    return nuevo


def test_actualizar_conserva_lo_traducido_y_olvida_lo_que_ya_no_se_dice(tmp_path: Path) -> None:
    ruta = archivo.ruta_de(tmp_path, "en")
    archivo.escribir(catalogo(llamada("Ir"), llamada("Viejo"), Ir="Go", Viejo="Old"), ruta)
    nuevo = archivo.de_llamadas([llamada("Nuevo"), llamada("Ir", renglon=9)], "en")
    assert archivo.escribir(archivo.con_traducciones(nuevo, archivo.leer(ruta, "en")), ruta)
    leido = archivo.leer(ruta, "en")
    assert {m.id: m.string for m in leido if m.id} == {"Nuevo": "", "Ir": "Go"}
    assert not archivo.escribir(archivo.con_traducciones(nuevo, leido), ruta), "la segunda vez no cambia nada"


def test_mover_codigo_de_renglon_no_cambia_el_catalogo(tmp_path: Path) -> None:
    ruta = archivo.ruta_de(tmp_path, "en")
    archivo.escribir(catalogo(llamada("A", renglon=1), llamada("B", renglon=2)), ruta)
    assert not archivo.escribir(catalogo(llamada("A", renglon=40), llamada("B", renglon=90)), ruta)
    escrito = ruta.read_text(encoding="utf-8")
    assert "#: a.py\n" in escrito
    assert "Date" not in escrito


def test_un_texto_largo_o_de_varios_renglones_vuelve_igual(tmp_path: Path) -> None:
    ruta, largo = archivo.ruta_de(tmp_path, "en"), 'Uno.\n\nDos «con» "comillas" y \\ y %(n)s ' + "muy " * 60
    archivo.escribir(catalogo(llamada(largo)), ruta)
    assert archivo.leer(ruta, "en").get(largo) is not None


def test_dos_plurales_para_un_singular_se_rechazan() -> None:
    with pytest.raises(archivo.PluralDistinto, match=r"b\.py:1.*a\.py:1"):
        archivo.de_llamadas([llamada("uno", "dos"), llamada("uno", "varios", ruta="b.py")], "en")


# --- Comprobar --------------------------------------------------------------------------------------------------------

UNA, VARIAS = "%(n)s tarea", "%(n)s tareas"
PLURAL = llamada(UNA, VARIAS, huecos={"n"})


@pytest.mark.parametrize(
    ("codigo", "guardado", "frase"),
    [
        (catalogo(llamada("Ir")), catalogo(), "«Ir» no está en el catálogo"),
        (catalogo(), catalogo(llamada("Ir"), Ir="Go"), "ya nadie dice «Ir»"),
        (catalogo(llamada("Ir", ruta="b.js")), catalogo(llamada("Ir"), Ir="Go"), "en otros archivos"),
        (catalogo(llamada("Ir")), catalogo(llamada("Ir")), "«Ir» no tiene traducción"),
        (catalogo(llamada("Ve %(a)s")), catalogo(llamada("Ve %(a)s"), **{"Ve %(a)s": "Go %(b)s"}), "mismos huecos"),
        (catalogo(llamada("Ve %(a)s")), catalogo(llamada("Ve %(a)s"), **{"Ve %(a)s": "Go"}), "mismos huecos"),
        (catalogo(llamada("Ir")), catalogo(llamada("Ir"), Ir="Go 100%"), "% suelto"),
        (catalogo(llamada("Ir")), catalogo(llamada("Ir"), Ir="Go 5 %%"), "en inglés va pegado"),
        (catalogo(llamada("Ir")), catalogo(llamada("Ir"), Ir="Go "), "empieza o acaba con espacio"),
        (catalogo(PLURAL), catalogo(llamada(UNA), **{UNA: "%(n)s task"}), "no está en el catálogo"),
        (catalogo(PLURAL), catalogo(PLURAL, **{UNA: ("%(n)s task", "")}), "todas sus formas de plural"),
        (catalogo(PLURAL), catalogo(PLURAL, **{UNA: ("%(n)s task", "many tasks")}), "mismos huecos"),
    ],
)
def test_cada_falta_del_catalogo_se_dice(codigo: Catalog, guardado: Catalog, frase: str) -> None:
    [falta] = revision.faltas_del_catalogo(codigo, guardado)
    assert frase in falta
    assert falta.startswith(("a.py: ", "b.js: "))


def test_una_traduccion_dudosa_no_cuenta_como_hecha(tmp_path: Path) -> None:
    guardado = catalogo(llamada("Ir"), Ir="Go")
    guardado["Ir"].flags.add("fuzzy")
    ruta = archivo.ruta_de(tmp_path, "en")
    archivo.escribir(archivo.con_traducciones(catalogo(llamada("Ir")), guardado), ruta)
    [falta] = revision.faltas_del_catalogo(catalogo(llamada("Ir")), archivo.leer(ruta, "en"))
    assert "dudosa" in falta


def test_un_catalogo_completo_no_tiene_faltas() -> None:
    bueno = catalogo(PLURAL, llamada("Ir"), **{UNA: ("%(n)s task", "%(n)s tasks"), "Ir": "Go"})
    assert list(revision.faltas_del_catalogo(bueno, bueno)) == []


@pytest.mark.parametrize(
    ("leer", "codigo", "frase"),
    [
        (de_python, "_('Al 100%')", "% suelto"),
        (de_python, "_('Al 100\u00a0%%')", "ningún hueco"),
        (de_python, "_('Al %(n)s %%', n=1)", "no separa el por ciento"),
        (de_javascript, "_('Al %(n)s%%', { n })", "no separa el por ciento"),
        (de_python, "_('Faltan %(n)s')", "nadie llena el hueco %(n)s"),
        (de_python, "_('Faltan', n=1)", "no tiene el hueco %(n)s"),
        (de_python, "_(f'Faltan {n}')", "se arma ahí mismo"),
        (de_python, "_('Faltan ' + n)", "se arma ahí mismo"),
        (de_jinja, "{{ _('Hola ' ~ nombre) }}", "se arma ahí mismo"),
        (de_jinja, "{{ _(' Hola') }}", "empieza o acaba con espacio"),
        (de_javascript, "_('Faltan %(n)s', { m: 1 })", "nadie llena el hueco %(n)s"),
        (de_javascript, "_('Faltan ' + n)", "se arma ahí mismo"),
    ],
)
def test_cada_texto_mal_marcado_se_dice(leer: llamadas.Lector, codigo: str, frase: str) -> None:
    halladas = list(revision.faltas_del_codigo(leer(codigo, "a.py" if leer is de_python else "a.js")))
    assert frase in halladas[0]
    assert halladas[0].startswith("a.")


def test_el_hueco_de_la_cuenta_lo_llena_el_plural() -> None:
    bien = [
        *de_python("n_('%(num)s día', '%(num)s días', n)", "a.py"),
        *de_javascript("n_('%(n)s día', '%(n)s días', n)", "a.js"),
        *de_jinja("{{ _('%(parte)s\u00a0%% hecho', parte=p) }}", "a.html"),
    ]
    assert list(revision.faltas_del_codigo(bien)) == []
