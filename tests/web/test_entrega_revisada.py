"""Antes de entregar: lo de nivel 1 que hice en mi turno se arregla o se justifica; nada más me detiene."""

import pytest
from sqlalchemy import text

from tareas.calidad.revisiones import consultas
from tareas.datos_osm import servicio as datos_osm
from tests.fabrica import OESTE, SUR
from tests.mundo_evidencia import Taller
from tests.mundo_osm import archivo

YO, OTRO = 501, 502
METRO = 1 / 111_320


def poligono(numero, puntos, uid, cuando):
    """Un edificio con los puntos dados, en metros desde la esquina de la tarea 1; OPL."""
    meta = f"v1 dV c7 t{cuando:%Y-%m-%dT%H:%M:%SZ} i{uid} uAna"
    nodos = [
        f"n{numero + k} {meta} T x{OESTE + x * METRO * 1.065:.7f} y{SUR + y * METRO:.7f}"
        for k, (x, y) in enumerate(puntos)
    ]
    refs = ",".join(f"n{numero + k}" for k in (*range(len(puntos)), 0))
    return [*nodos, f"w{numero} {meta} Tbuilding=yes N{refs}"]


MONIO = [(20, 20), (30, 30), (30, 20), (20, 30)]
CUADRO = [(20, 50), (30, 50), (30, 60), (20, 60)]
CASI_CUADRO = [(20.3, 50.2), (30.3, 50.2), (30.3, 60.2), (20.3, 60.2)]


@pytest.fixture
def turno(bd, elenco, entrar, tmp_path):
    """La mapeadora tiene la tarea 1; lo que guarde en OSM lo hace con `guardar`."""
    Taller(bd, elenco.proyecto).vincular(elenco.mapeadora, YO)
    cliente = entrar(elenco.mapeadora)
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas/1"
    ficha = cliente.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"]

    def guardar(numero, puntos, uid=YO):
        with bd.transaccion() as sesion:
            ahora = sesion.execute(text("SELECT ahora()")).scalar_one()
            renglones = sorted(poligono(numero, puntos, uid, ahora), key=lambda r: r[0] != "n")
            datos_osm.aplicar(sesion, archivo(tmp_path, "\n".join(renglones), f"c{numero}.osc.gz"))

    def entregar(**extra):
        return cliente.post(f"{raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada", **extra})

    return cliente, raiz, guardar, entregar


def codigos(respuesta):
    return sorted(h["codigo"] for h in respuesta.json["hallazgos"])


def test_dos_errores_mios_detienen_la_entrega_y_se_nombran(turno):
    _, _, guardar, entregar = turno
    guardar(10, MONIO)
    guardar(30, CUADRO)
    guardar(40, CASI_CUADRO)
    respuesta = entregar(nota="Quedó completa")
    assert respuesta.status_code == 409
    assert respuesta.json["codigo"] == "por_arreglar"
    assert codigos(respuesta) == ["E-CRUZ", "E-TRAS"]
    assert all(h["mensaje"] and h["arreglo"] and h["geometria"] and h["huella"] for h in respuesta.json["hallazgos"])


def test_arreglo_uno_justifico_el_otro_y_se_entrega(turno, bd, elenco, entrar, tmp_path):
    _, raiz, guardar, entregar = turno
    guardar(10, MONIO)
    guardar(30, CUADRO)
    guardar(40, CASI_CUADRO)
    por_huella = {h["codigo"]: h["huella"] for h in entregar().json["hallazgos"]}
    with bd.transaccion() as sesion:
        ahora = sesion.execute(text("SELECT ahora()")).scalar_one()
        borra = f"w10 v2 dD c7 t{ahora:%Y-%m-%dT%H:%M:%SZ} i{YO} uAna"
        datos_osm.aplicar(sesion, archivo(tmp_path, borra, "borra.osc.gz"))
    assert codigos(entregar()) == ["E-TRAS"]
    justificacion = {"huella": por_huella["E-TRAS"], "motivo": "Es un techo sobre otro"}
    hecha = entregar(justificaciones=[justificacion])
    assert hecha.status_code == 200
    hallazgos = entrar(elenco.validadora).get(f"{raiz}/hallazgos").json["features"]
    (dicho,) = [h["properties"] for h in hallazgos if h["properties"]["codigo"] == "E-TRAS"]
    assert dicho["justificado"]["motivo"] == "Es un techo sobre otro"


def test_lo_que_hizo_otra_persona_no_me_detiene(turno):
    _, _, guardar, entregar = turno
    guardar(10, MONIO, uid=OTRO)
    guardar(30, CUADRO)
    assert entregar().status_code == 200


def test_sin_imagen_se_entrega_sin_revisar(turno):
    _, _, guardar, entregar = turno
    guardar(10, MONIO)
    assert entregar(resultado="sin_imagen").status_code == 200


def test_sin_cambios_se_entrega_de_una_vez(turno):
    *_, entregar = turno
    assert entregar().status_code == 200


def test_una_falsa_alarma_ya_contestada_no_detiene(turno, elenco, entrar):
    _, raiz, guardar, entregar = turno
    guardar(10, MONIO)
    (hallazgo,) = entregar().json["hallazgos"]
    dicha = entrar(elenco.validadora).post(
        f"{raiz}/hallazgos/respuestas", json={"huella": hallazgo["huella"], "respuesta": "falso"}
    )
    assert dicha.status_code == 201
    assert entregar().status_code == 200


def test_una_regla_callada_en_el_municipio_no_detiene(turno, bd, elenco):
    _, _, guardar, entregar = turno
    guardar(10, MONIO)
    assert entregar().status_code == 409
    with bd.transaccion() as sesion:
        for k in range(50):
            sesion.execute(
                consultas.SQL["responder"],
                {
                    "municipio": elenco.municipio, "origen": 0, "codigo": "E-CRUZ", "huella": f"{k:024x}",
                    "respuesta": "falso", "nota": "", "persona": elenco.validadora, "version": 1,
                },
            )  # fmt: skip
    assert entregar().status_code == 200


def test_con_el_turno_perdido_se_dice_que_se_perdio_y_no_los_errores(turno):
    cliente, raiz, guardar, entregar = turno
    guardar(10, MONIO)
    assert cliente.delete(f"{raiz}/bloqueo", json={}).status_code == 204
    respuesta = entregar(nota="No la pierdas")
    assert respuesta.status_code == 409
    assert respuesta.json["codigo"] == "bloqueo_perdido"
    assert respuesta.json["nota"] == "No la pierdas"


@pytest.mark.parametrize(
    "justificaciones",
    [[{"huella": "corta", "motivo": "porque sí"}], [{"huella": "0" * 24, "motivo": "  "}], "no es lista"],
)
def test_una_justificacion_mal_escrita_se_dice(turno, justificaciones):
    *_, entregar = turno
    assert entregar(justificaciones=justificaciones).status_code == 422


def test_soltarla_y_tomarla_de_nuevo_no_olvida_lo_que_hice(turno):
    cliente, raiz, guardar, _ = turno
    guardar(10, MONIO)
    assert cliente.delete(f"{raiz}/bloqueo", json={}).status_code == 204
    ficha = cliente.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"]
    respuesta = cliente.post(f"{raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada"})
    assert respuesta.status_code == 409
    assert codigos(respuesta) == ["E-CRUZ"]


def test_mover_la_otra_punta_de_una_calle_no_hace_mio_lo_que_ya_estaba(turno, bd, tmp_path):
    _, _, guardar, entregar = turno
    with bd.transaccion() as sesion:
        ahora = sesion.execute(text("SELECT ahora()")).scalar_one()
        meta = f"dV c7 t{ahora:%Y-%m-%dT%H:%M:%SZ}"
        # Una calle de otra persona que atraviesa la casa de otra persona, y que sigue 300 m más allá.
        puntos = ((15, 55), (35, 55), (335, 55))
        nodos = [
            f"n{900 + k} v1 {meta} i{OTRO} uOtra T x{OESTE + x * METRO * 1.065:.7f} y{SUR + y * METRO:.7f}"
            for k, (x, y) in enumerate(puntos)
        ]
        calle = f"w900 v1 {meta} i{OTRO} uOtra Thighway=residential Nn900,n901,n902"
        datos_osm.aplicar(sesion, archivo(tmp_path, "\n".join([*nodos, calle]), "calle.osc.gz"))
    guardar(30, CUADRO, uid=OTRO)
    with bd.transaccion() as sesion:
        movido = f"n902 v2 {meta} i{YO} uYo T x{OESTE + 340 * METRO * 1.065:.7f} y{SUR + 57 * METRO:.7f}"
        datos_osm.aplicar(sesion, archivo(tmp_path, movido, "mueve.osc.gz"))
    assert entregar().status_code == 200


@pytest.fixture
def partida(turno, bd, elenco, entrar):
    """Suelta la tarea 1, que se parte en cuatro: ``tomar(x, y)`` toma la parte de ese lugar y da con qué entregarla."""
    cliente, raiz, guardar, _ = turno

    def partir(soltar=True):
        if soltar:
            assert cliente.delete(f"{raiz}/bloqueo", json={}).status_code == 204
        cuerpo = {"modo": "en_cuatro", "motivo": "Es mucho para una"}
        assert entrar(elenco.validadora).post(f"{raiz}/partes", json=cuerpo).status_code == 201

    def tomar(x, y, quien=cliente):
        with bd.lectura() as sesion:
            numero = sesion.execute(
                text("""SELECT numero FROM tarea WHERE proyecto_id = :p AND estado <> 5
                           AND ST_Contains(geom, ST_SetSRID(ST_MakePoint(:x, :y), 4326))"""),
                {"p": elenco.proyecto, "x": OESTE + x * METRO * 1.065, "y": SUR + y * METRO},
            ).scalar_one()
        parte = f"/api/v1/proyectos/{elenco.proyecto}/tareas/{numero}"
        ficha = quien.post(f"{parte}/bloqueo", json={"para": "mapear"}).json["ficha"]
        return lambda **extra: quien.post(f"{parte}/entrega", json={"ficha": ficha, "resultado": "mapeada", **extra})

    return guardar, partir, tomar


def test_lo_que_hice_antes_de_que_la_partieran_me_detiene_en_su_parte_y_no_en_las_otras(partida):
    guardar, partir, tomar = partida
    guardar(10, MONIO)
    partir()
    # En la del noreste no hay nada mío: se entrega, y no se lleva lo de la otra.
    assert tomar(80, 80)().status_code == 200
    entregar = tomar(25, 25)
    respuesta = entregar()
    assert respuesta.status_code == 409
    assert codigos(respuesta) == ["E-CRUZ"]
    huella = respuesta.json["hallazgos"][0]["huella"]
    assert entregar(justificaciones=[{"huella": huella, "motivo": "Así está la construcción"}]).status_code == 200


def test_lo_que_otra_persona_hizo_antes_de_que_la_partieran_no_me_detiene(partida, bd, elenco, entrar):
    guardar, partir, tomar = partida
    guardar(10, MONIO)
    partir()
    Taller(bd, elenco.proyecto).vincular(elenco.mapeador, OTRO)
    assert tomar(25, 25, entrar(elenco.mapeador))().status_code == 200


def test_lo_ya_entregado_antes_de_que_la_partieran_no_se_pide_otra_vez(partida, turno, bd, elenco, entrar):
    guardar, partir, tomar = partida
    _, raiz, _, entregar = turno
    guardar(10, MONIO)
    huella = entregar().json["hallazgos"][0]["huella"]
    assert entregar(justificaciones=[{"huella": huella, "motivo": "Así está"}]).status_code == 200
    validadora = entrar(elenco.validadora)
    ficha = validadora.post(f"{raiz}/bloqueo", json={"para": "validar"}).json["ficha"]
    cuerpo = {"ficha": ficha, "veredicto": "devuelta", "motivos": ["E-FALT"], "nota": "faltan"}
    assert validadora.post(f"{raiz}/dictamen", json=cuerpo).status_code == 200
    partir(soltar=False)
    assert tomar(25, 25)().status_code == 200
