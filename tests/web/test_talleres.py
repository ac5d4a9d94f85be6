"""Preparar un taller: quién tiene su cuenta lista, cuánto podrá subir, qué falta."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.fabrica import aula

PRONTO = (datetime.now(UTC) + timedelta(days=10)).replace(microsecond=0)


def taller(cliente: Any, **otros: Any) -> Any:
    datos = {"municipio": "99001", "nombre": "Taller de marzo", "empieza": PRONTO.isoformat(), **otros}
    return cliente.post("/api/v1/talleres", json=datos)


def preparacion(cliente: Any, numero: int) -> Any:
    return cliente.get(f"/api/v1/talleres/{numero}/preparacion").json


def vincular(bd: Any, persona: int, uid: int, nombre: str, dias: float, conjuntos: int) -> None:
    with bd.transaccion() as sesion:
        sesion.execute(
            text("""INSERT INTO cuenta_osm (persona_id, servidor, uid, nombre, creada_alla, conjuntos)
                    VALUES (:p, 'osm', :u, :n, :c, :k)"""),
            {"p": persona, "u": uid, "n": nombre, "c": PRONTO - timedelta(days=dias), "k": conjuntos},
        )


def test_de_cada_persona_se_dice_que_tan_lista_esta_y_cuanto_podra_subir(bd, entrar, elenco) -> None:
    vincular(bd, elenco.mapeadora, 71, "Ñandú mapeador", 3.5, 9)
    vincular(bd, elenco.mapeador, 72, "nuevecita", 400, 0)
    lista = ["ñandú MAPEADOR", "mapeador", "validadora", "quien sabe"]
    numero = taller(entrar(elenco.capacitadora), proyecto=elenco.proyecto, personas=lista).json["id"]
    hecha = preparacion(entrar(elenco.capacitadora), numero)
    por_nombre = {p["nombre"]: p for p in hecha["personas"]}
    assert por_nombre["ñandú MAPEADOR"]["usuario"] == "mapeadora"
    assert por_nombre["ñandú MAPEADOR"]["cambios_por_hora"] == {"seguro": 1000, "quiza": 25000}
    assert por_nombre["mapeador"]["cambios_por_hora"] == {"seguro": 1000, "quiza": 1000}
    assert por_nombre["validadora"]["estado"] == "sin_osm"
    assert por_nombre["quien sabe"]["estado"] == "sin_tequio"
    assert hecha["grupo"] == {"cambios_por_hora": 2000, "cambios_esperados_por_hora": 600}
    frases = " ".join(a["mensaje"] for a in hecha["avisos"])
    assert "A 1 persona le falta su cuenta de Tequio" in frases
    assert "1 persona no ha vinculado" in frases
    assert "Todavía hay tiempo" in frases


def test_un_primer_cambio_que_vimos_pasar_despeja_la_duda(bd, entrar, elenco) -> None:
    vincular(bd, elenco.mapeadora, 71, "ana", 400, 9)
    with bd.transaccion() as sesion:
        sesion.execute(
            text("INSERT INTO osm_conjunto (id, uid, abierto) VALUES (5, 71, :d)"), {"d": PRONTO - timedelta(days=30)}
        )
    numero = taller(entrar(elenco.capacitadora), personas=["mapeadora"]).json["id"]
    assert preparacion(entrar(elenco.capacitadora), numero)["personas"][0]["cambios_por_hora"]["seguro"] == 100000


def test_en_un_aula_no_hay_limite_y_se_avisa_si_esta_congelada(bd, entrar, elenco) -> None:
    with bd.transaccion() as sesion:
        sesion.execute(
            text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a WHERE id = :p"),
            {"a": aula(sesion, elenco.municipio), "p": elenco.proyecto},
        )
        sesion.execute(text("UPDATE aula SET estado = 'congelada'"))
    numero = taller(entrar(elenco.capacitadora), proyecto=elenco.proyecto, personas=["mapeadora"]).json["id"]
    hecha = preparacion(entrar(elenco.capacitadora), numero)
    assert hecha["en_aula"] is True
    assert hecha["personas"][0]["estado"] == "lista"
    assert any("congelada" in a["mensaje"] for a in hecha["avisos"])
    # Sin aula no hay de dónde contar, y no se dicen los edificios del mapa de verdad.
    with bd.transaccion() as sesion:
        sesion.execute(
            text("UPDATE proyecto SET estado = 'archivado', aula_id = NULL WHERE id = :p"), {"p": elenco.proyecto}
        )
    assert preparacion(entrar(elenco.capacitadora), numero)["tarea_sugerida"]["lado_m"] is None


@pytest.mark.parametrize(
    "cambios",
    [
        {"empieza": "mañana"},
        {"empieza": "9999-01-01T00:00"},
        {"empieza": 5},
        {"horas": 0},
        {"ritmo": 100000},
        {"personas": ["x" * 121]},
        {"personas": ["a"] * 501},
        {"personas": ["Ana", "ana"]},
        {"nombre": "a"},
        {"municipio": "ninguno"},
        {"sobra": 1},
    ],
)
def test_lo_que_no_sirve_se_dice_y_no_queda_nada(bd, entrar, elenco, cambios) -> None:
    respuesta = taller(entrar(elenco.capacitadora), **cambios)
    assert respuesta.status_code == 422
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM taller")).scalar() == 0


def test_un_proyecto_de_otro_municipio_no_va_en_el_taller(entrar, elenco) -> None:
    respuesta = entrar(elenco.administradora).post(
        "/api/v1/talleres",
        json={"municipio": "99002", "nombre": "Taller", "empieza": "2026-12-01T10:00", "proyecto": elenco.proyecto},
    )
    assert respuesta.status_code == 422
    assert "otro municipio" in respuesta.json["detail"]


def test_la_hora_escrita_sin_zona_es_la_del_municipio_y_vuelve_igual_al_formulario(bd, entrar, elenco) -> None:
    cliente = entrar(elenco.capacitadora)
    datos = {
        "municipio": "99001",
        "nombre": "Taller",
        "empieza": "2026-12-01T10:00",
        "personas": "mapeadora\n\n  mapeador , \n",
    }
    numero = cliente.post("/talleres/nuevo", data=datos).headers["Location"].rsplit("/", 1)[1]
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT empieza FROM taller")).scalar() == datetime(2026, 12, 1, 16, tzinfo=UTC)
    formulario = cliente.get(f"/talleres/{numero}/editar").text
    assert 'value="2026-12-01T10:00"' in formulario
    assert "mapeadora\nmapeador</textarea>" in formulario
    assert "Mapeador" in cliente.get(f"/talleres/{numero}").text


def test_lo_escrito_no_se_pierde_si_algo_falta(entrar, elenco) -> None:
    respuesta = entrar(elenco.capacitadora).post(
        "/talleres/nuevo", data={"municipio": "99001", "nombre": "Mi taller", "empieza": "", "personas": "alguien"}
    )
    assert respuesta.status_code == 422
    assert "Mi taller" in respuesta.text
    assert "alguien" in respuesta.text


def test_cambiar_y_borrar_un_taller(entrar, elenco) -> None:
    cliente = entrar(elenco.capacitadora)
    numero = taller(cliente, personas=["mapeadora"]).json["id"]
    datos = {"municipio": "99001", "nombre": "Otro", "empieza": "2026-12-01T10:00", "personas": ["mapeador"]}
    assert cliente.put(f"/api/v1/talleres/{numero}", json=datos).status_code == 200
    assert [p["nombre"] for p in preparacion(cliente, numero)["personas"]] == ["mapeador"]
    assert cliente.delete(f"/api/v1/talleres/{numero}").status_code == 204
    assert cliente.get("/api/v1/talleres").json["talleres"] == []


def test_al_repetir_a_alguien_se_dice_a_quien(entrar, elenco) -> None:
    respuesta = taller(entrar(elenco.capacitadora), personas=["Ñandú", "otra", "ñANDÚ"])
    assert respuesta.status_code == 422
    assert respuesta.json["codigo"] == "persona_repetida"
    assert "«ñANDÚ»" in respuesta.json["detail"]


def test_el_taller_y_la_vista_previa_miden_la_tarea_con_la_misma_cuenta(bd, entrar, elenco) -> None:
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE municipio SET poblacion = 40000"))
        sesion.execute(text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a"), {"a": aula(sesion, elenco.municipio)})  # fmt: skip
        area = sesion.execute(text("SELECT ST_AsGeoJSON(area)::jsonb FROM proyecto")).scalar_one()
    cliente = entrar(elenco.capacitadora)
    pedido = {"municipio": elenco.municipio, "area": area, "division": {"tipo": "cuadros", "lado_m": 2000.0}}
    previa = entrar(elenco.funcionaria).post("/api/v1/proyectos/previa", json=pedido).json["trabajo"]
    assert previa["sugerencia"]["parecer"] == "largas"
    de_practica = round(3600 / previa["supuestos"]["segundos_por_edificio_nuevo"])
    lados = {}
    for ritmo in (30, de_practica):
        numero = taller(cliente, proyecto=elenco.proyecto, personas=["mapeadora"], ritmo=ritmo).json["id"]
        hecha = preparacion(cliente, numero)
        lados[ritmo] = hecha["tarea_sugerida"]["lado_m"]
        if ritmo == 30:
            assert any("grandes para quien empieza" in a["mensaje"] for a in hecha["avisos"])
    # Al mismo ritmo, el mismo lado; a uno más lento, tareas más chicas.
    assert lados[de_practica] == previa["sugerencia"]["lado_m"]
    assert lados[30] < lados[de_practica]
