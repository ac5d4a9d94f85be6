import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tareas.comun.permisos import Actor, Papel
from tareas.cuentas import listas, reglas
from tareas.cuentas.errores import ClaveCorta, ClaveFacil, ListaInvalida, NombreInvalido, UsuarioInvalido


@pytest.mark.parametrize("usuario", ["ana", "Ñandú", "maría.lópez", "3er-grupo", "a" * 40, "  ana  "])
def test_un_usuario_lleva_letras_acentos_y_numeros(usuario):
    assert reglas.normalizar_usuario(usuario) == usuario.strip()


@pytest.mark.parametrize(
    "usuario", ["", "ab", "a" * 41, "ana maria", "ana@casa", "a/b/c", "ana\x00x", "ana\u200bx", "ana\u202ex", "ana\tx"]
)
def test_un_usuario_no_lleva_espacios_ni_signos_que_no_se_ven(usuario):
    with pytest.raises(UsuarioInvalido):
        reglas.normalizar_usuario(usuario)


def test_un_mismo_usuario_escrito_con_dos_formas_unicode_es_el_mismo():
    assert reglas.normalizar_usuario("n\u0303andu\u0301") == "ñandú"
    assert reglas.normalizar_usuario("ｍａｐａ") == "mapa"


@pytest.mark.parametrize("nombre", ["", "   ", "a" * 121, "a\x00b"])
def test_un_nombre_vacio_largo_o_con_control_se_rechaza(nombre):
    with pytest.raises(NombreInvalido):
        reglas.normalizar_nombre(nombre)


def test_un_nombre_puede_llevar_emoji_y_empezar_con_acento_o_numero():
    for nombre in ("Ángela", "Ñuu", "3er grupo", "Lola 🌽"):
        assert reglas.normalizar_nombre(nombre) == nombre


@pytest.mark.parametrize("clave", ["maíz azul y frijol", "correcto1caballo", "ñandú-ñandú-99x"])
def test_una_frase_sirve_de_clave(clave):
    reglas.revisar_clave(clave, "mapeadora")


def test_una_clave_corta_se_rechaza_y_dice_cuanto_falta():
    with pytest.raises(ClaveCorta) as error:
        reglas.revisar_clave("nueve1234", "ana")
    assert "10" in error.value.mensaje


@pytest.mark.parametrize(
    "clave",
    [
        "mapeadora1",
        "MAPEADORA!!",
        "1234567890",
        "contraseña1",
        "aaaaaaaaaaaa",
        "abababababab",
        "tequiotequio",
        "password123",
    ],
)
def test_una_clave_que_se_adivina_se_rechaza(clave):
    with pytest.raises(ClaveFacil):
        reglas.revisar_clave(clave, "mapeadora")


def test_la_clave_temporal_se_puede_dictar_y_pasa_la_propia_regla():
    claves = {reglas.clave_temporal() for _ in range(200)}
    assert len(claves) == 200
    for clave in claves:
        assert re.fullmatch(r"[2-9a-hjkmnp-z]{4}(-[2-9a-hjkmnp-z]{4}){2}", clave)
        reglas.revisar_clave(clave, "mapeadora")


@pytest.mark.parametrize(
    "siguiente",
    ["/", "/proyectos/3", "/proyectos/3?tarea=4#mapa", "/búsqueda?texto=río", "/a//b", "/%2F%2Fsitio.example"],
)
def test_se_vuelve_a_una_ruta_de_este_sitio(siguiente):
    assert reglas.destino_local(siguiente) == siguiente


@pytest.mark.parametrize(
    "siguiente",
    [
        None, "", "proyectos", "//sitio.example", "///sitio.example", "/\\sitio.example", "\\\\sitio.example", "https://sitio.example",
        "javascript:alert(1)", "/\t/sitio.example", "/\n/sitio.example", "/\x00", "//sitio.example/%2e%2e", " //sitio.example", "/" + "a" * 3000,
    ],
)  # fmt: skip
def test_nunca_se_vuelve_a_otro_sitio(siguiente):
    assert reglas.destino_local(siguiente) == "/"


@given(st.text(max_size=60))
def test_ningun_texto_saca_a_la_persona_de_este_sitio(texto):
    destino = reglas.destino_local(texto)
    assert destino.startswith("/")
    assert destino[1:2] not in ("/", "\\")


def test_las_direcciones_se_cuentan_por_ipv4_o_por_red_de_64_bits():
    assert reglas.red_de("187.1.2.3") == "187.1.2.3"
    assert reglas.red_de("::ffff:187.1.2.3") == "187.1.2.3"
    assert reglas.red_de("2806:10ae::1") == reglas.red_de("2806:10ae::ffff:1")
    assert reglas.red_de(None) == reglas.red_de("basura")


def test_los_reintentos_de_correo_se_espacian_hasta_seis_horas():
    esperas = [reglas.espera_de_reintento(n) for n in range(1, 9)]
    assert esperas[:4] == [60, 240, 960, 3840]
    assert esperas[-1] == 6 * 3600


def _admin(*municipios):
    return Actor(1, "ana", "Ana", "es", frozenset((m, Papel.ADMINISTRADOR) for m in municipios))


def test_quien_administra_un_municipio_da_papeles_solo_ahi():
    assert reglas.administra(_admin(5), 5)
    assert not reglas.administra(_admin(5), 6)
    assert not reglas.administra(_admin(5), None)
    assert reglas.administra(_admin(None), None)
    assert reglas.administra(_admin(None), 6)


def test_quien_administra_un_municipio_no_toca_cuentas_con_papeles_en_otro_lado():
    assert reglas.administra_cuenta(_admin(5), [5, 5])
    assert not reglas.administra_cuenta(_admin(5), [5, 6])
    assert not reglas.administra_cuenta(_admin(5), [5, None])
    assert not reglas.administra_cuenta(_admin(5), [])
    assert reglas.administra_cuenta(_admin(None), [])


def test_quien_administra_un_municipio_ve_a_quien_trabaja_ahi():
    assert reglas.ve_cuenta(_admin(5), [6, 5])
    assert not reglas.ve_cuenta(_admin(5), [6, None])
    assert not reglas.ve_cuenta(_admin(5), [])


def test_una_lista_pegada_se_lee_con_comas_puntos_y_comas_o_tabuladores():
    renglones = listas.leer_lista("ana, Ana María\n\nluis;Luis Ñáñez\neva\tEva Díaz\nPedro Páramo\n")
    assert [(r.numero, r.usuario, r.nombre) for r in renglones] == [
        (1, "ana", "Ana María"),
        (3, "luis", "Luis Ñáñez"),
        (4, "eva", "Eva Díaz"),
        (5, None, "Pedro Páramo"),
    ]


def test_una_lista_con_errores_dice_en_que_renglones():
    with pytest.raises(ListaInvalida) as error:
        listas.leer_lista("ana, Ana\nx, Corto\nANA, Otra Ana\nlola, " + "a" * 200)
    assert [r["numero"] for r in error.value.datos["renglones"]] == [2, 3, 4]


def test_una_lista_vacia_o_muy_larga_se_rechaza():
    for texto in ("", " \n \n", "\n".join(f"persona{n}, Persona {n}" for n in range(listas.MAXIMO + 1))):
        with pytest.raises(ListaInvalida):
            listas.leer_lista(texto)


@pytest.mark.parametrize(
    ("nombre", "usuario"),
    [
        ("María Pérez López", "maria.perez"),
        ("Ñoño", "nono"),
        ("María de los Ángeles Ruiz", "maria.angeles"),
        ("Xi", "persona.xi"),
        ("🌽", "persona"),
        ("O'Brien-Núñez Ana", "o.brien"),
    ],
)
def test_el_usuario_se_inventa_del_nombre(nombre, usuario):
    assert listas.usuario_de_nombre(nombre, ()) == usuario
    assert reglas.normalizar_usuario(usuario) == usuario


def test_el_usuario_inventado_no_repite_los_que_ya_hay():
    assert listas.usuario_de_nombre("Ana Ruiz", {"ana.ruiz", "ana.ruiz2"}) == "ana.ruiz3"
