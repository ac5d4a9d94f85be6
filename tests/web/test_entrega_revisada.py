"""Antes de entregar: lo de nivel 1 que hice en mi turno se arregla o se justifica; nada más me detiene."""

from math import cos, sin

import pytest
from sqlalchemy import text

from geo.revisiones.catalogo import VERSION
from tareas.calidad.revisiones import consultas
from tareas.datos_osm import servicio as datos_osm
from tests.fabrica import OESTE, SUR
from tests.mundo_evidencia import Taller
from tests.mundo_osm import archivo

YO, OTRO = 501, 502
METRO = 1 / 111_320


def poligono(numero, puntos, uid, cuando, etiqueta="building=yes"):
    """Un edificio con los puntos dados, en metros desde la esquina de la tarea 1; OPL."""
    meta = f"v1 dV c7 t{cuando:%Y-%m-%dT%H:%M:%SZ} i{uid} uAna"
    nodos = [
        f"n{numero + k} {meta} T x{OESTE + x * METRO * 1.065:.7f} y{SUR + y * METRO:.7f}"
        for k, (x, y) in enumerate(puntos)
    ]
    refs = ",".join(f"n{numero + k}" for k in (*range(len(puntos)), 0))
    return [*nodos, f"w{numero} {meta} T{etiqueta} N{refs}"]


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

    def guardar(numero, puntos, uid=YO, etiqueta="building=yes"):
        with bd.transaccion() as sesion:
            ahora = sesion.execute(text("SELECT ahora()")).scalar_one()
            renglones = sorted(poligono(numero, puntos, uid, ahora, etiqueta), key=lambda r: r[0] != "n")
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


def test_de_lo_que_el_proyecto_no_pide_no_se_juzgan_las_etiquetas(turno, bd, elenco):
    _, _, guardar, entregar = turno

    def pedir(presets):
        with bd.transaccion() as sesion:
            sesion.execute(
                text("UPDATE proyecto SET presets = :presets WHERE id = :id"),
                {"presets": presets, "id": elenco.proyecto},
            )

    guardar(30, CUADRO, etiqueta="building=casa")
    assert codigos(entregar()) == ["E-ETIQ"]
    pedir(["building/house", "highway/residential"])
    assert codigos(entregar()) == ["E-ETIQ"]
    pedir(["amenity/school"])
    assert entregar().status_code == 200


MUCHAS = ",".join(f"clave{k}=valor" for k in range(1000))


def roto(cuando):
    """Lo que un archivo roto puede traer a la tarea 1, en OPL: cada clase de contorno imposible, y una relación de más."""
    meta = f"v1 dV c7 t{cuando:%Y-%m-%dT%H:%M:%SZ} i{YO} uAna"
    lugares = [(20, 20), (30, 20), (30, 30), (20, 30), (20, 20), (22, 22), (28, 22), (28, 28), (22, 28)]
    nodos = [
        f"n{100 + k} {meta} T x{OESTE + x * METRO * 1.065:.7f} y{SUR + y * METRO:.7f}"
        for k, (x, y) in enumerate(lugares)
    ]
    rueda = [
        f"n{1000 + k} {meta} T x{OESTE + (60 + 9 * cos(k / 318)) * METRO:.7f} y{SUR + (60 + 9 * sin(k / 318)) * METRO:.7f}"
        for k in range(2000)
    ]
    vias = {
        10: ("building=yes", [100, 101, 102, 103]),
        11: ("building=yes", [100]),
        12: ("building=yes", [100, 100, 101, 104, 102, 102, 103, 100]),
        13: ("building=yes", [100, 102, 101, 103, 100]),
        14: ("building=yes", [100, 101, 999_999, 100]),
        15: ("highway=residential", [101]),
        16: (f"building=yes,{MUCHAS}", [103, 102, 101, 100, 103]),
        17: ("building=yes", [*range(1000, 3000), 1000]),
        18: ("", [100, 101, 102, 103, 100]),
        19: ("", [105, 106, 107, 108, 105]),
    }
    relaciones = {
        1: "w18@inner,w19@outer",
        2: "w77@outer,w18@outer",
        3: "r3@outer",
        4: ",".join(f"n{1000 + k % 2000}@" for k in range(30_000)),
    }
    return [
        *nodos,
        *rueda,
        *(f"w{n} {meta} T{e} N{','.join(f'n{r}' for r in refs)}" for n, (e, refs) in vias.items()),
        *(f"r{n} {meta} Ttype=multipolygon,building=yes M{m}" for n, m in relaciones.items()),
    ]


def test_lo_roto_se_dice_o_se_cuenta_y_nada_se_cae(turno, bd, elenco, entrar, tmp_path):
    _, raiz, _, entregar = turno
    with bd.transaccion() as sesion:
        ahora = sesion.execute(text("SELECT ahora()")).scalar_one()
        datos_osm.aplicar(sesion, archivo(tmp_path, "\n".join(roto(ahora)), "roto.osc.gz"))
    vistos = entrar(elenco.validadora).get(f"{raiz}/hallazgos")
    assert vistos.status_code == 200
    assert vistos.json["fallas"] == []
    de = {(h["properties"]["codigo"], h["properties"]["objetos"][0]) for h in vistos.json["features"]}
    assert {("E-ABIE", "w10"), ("E-ABIE", "w11"), ("E-CRUZ", "w13"), ("E-CRUZ", "r1")} <= de
    assert vistos.json["sin_revisar"]["via_incompleta"] >= 1
    respuesta = entregar()
    assert respuesta.status_code == 409
    assert {"E-ABIE", "E-CRUZ"} <= set(codigos(respuesta))


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


def test_lo_que_contesto_quien_reviso_no_lo_lee_quien_debe_juzgar_a_ciegas(turno, bd, elenco, entrar):
    mapeadora, raiz, guardar, entregar = turno
    guardar(10, MONIO)
    (hallazgo,) = entregar().json["hallazgos"]
    assert entregar(justificaciones=[{"huella": hallazgo["huella"], "motivo": "Así es el techo"}]).status_code == 200
    valida = entrar(elenco.validadora)
    ficha = valida.post(f"{raiz}/bloqueo", json={"para": "validar"}).json["ficha"]
    dicha = {"huella": hallazgo["huella"], "respuesta": "error"}
    assert valida.post(f"{raiz}/hallazgos/respuestas", json=dicha).status_code == 201
    dictamen = {"ficha": ficha, "veredicto": "devuelta", "motivos": ["E-CRUZ"]}
    dado = valida.post(f"{raiz}/dictamen", json=dictamen).json["dictamen"]
    with bd.transaccion() as sesion:
        sesion.execute(text("DELETE FROM segunda_revision"))

    def lee(quien):
        (p,) = [f["properties"] for f in entrar(quien).get(f"{raiz}/hallazgos").json["features"]]
        return p["respuesta"] and p["respuesta"]["respuesta"]

    assert lee(elenco.capacitadora) == "error"
    disputa = {"dictamen": dado, "motivo": "Ese edificio tiene esa forma."}
    assert mapeadora.post(f"{raiz}/disputa", json=disputa).status_code == 201
    assert lee(elenco.capacitadora) is None
    assert lee(elenco.validadora) == "error"
    # Ni en lo público del municipio, que lee cualquiera.
    with bd.transaccion() as sesion:
        f = sesion.execute(text("SELECT municipio_id, origen, huella FROM hallazgo_respuesta")).one()
        assert consultas.respuestas(sesion, f.municipio_id, f.origen, [f.huella], calla=True) == {}
        sesion.execute(text("UPDATE disputa SET retirada = ahora()"))
        dichas = consultas.respuestas(sesion, f.municipio_id, f.origen, [f.huella], calla=True)
    assert dichas[f.huella]["respuesta"] == "error"


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
                    "respuesta": "falso", "nota": "", "persona": elenco.validadora, "version": VERSION,
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


def _devolver(entrar, elenco, raiz, huella):
    validadora = entrar(elenco.validadora)
    ficha = validadora.post(f"{raiz}/bloqueo", json={"para": "validar"}).json["ficha"]
    hallazgo = next(
        f for f in validadora.get(f"{raiz}/hallazgos").json["features"] if f["properties"]["huella"] == huella
    )
    lon, lat = hallazgo["properties"]["lugar"]
    senalado = {
        "codigo": hallazgo["properties"]["codigo"],
        "objeto": hallazgo["properties"]["objetos"][0],
        "lugar": {"type": "Point", "coordinates": [lon, lat]},
        "huella": huella,
    }
    cuerpo = {"ficha": ficha, "veredicto": "devuelta", "senalamientos": [senalado]}
    assert validadora.post(f"{raiz}/dictamen", json=cuerpo).status_code == 200


def test_lo_que_me_devolvieron_y_sigue_igual_se_pregunta_otra_vez(turno, bd, elenco, entrar):
    cliente, raiz, guardar, entregar = turno
    guardar(10, MONIO)
    huella = entregar().json["hallazgos"][0]["huella"]
    assert entregar(justificaciones=[{"huella": huella, "motivo": "Así está"}]).status_code == 200
    _devolver(entrar, elenco, raiz, huella)
    ficha = cliente.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"]
    mios = {
        f["properties"]["huella"] for f in cliente.get(f"{raiz}/hallazgos").json["features"] if f["properties"]["mio"]
    }
    assert huella in mios
    # Ni sin tocar nada ni con otro edificio: la razón que no convenció ya no basta.
    assert [h["huella"] for h in entregar(ficha=ficha).json["hallazgos"]] == [huella]
    guardar(20, [(60, 60), (70, 60), (70, 70), (60, 70)])
    assert [h["huella"] for h in entregar(ficha=ficha).json["hallazgos"]] == [huella]
    assert entregar(ficha=ficha, justificaciones=[{"huella": huella, "motivo": "Ya lo medí"}]).status_code == 200
    # Y quien revisa la ve en la cola con su error.
    cola = entrar(elenco.validadora).get(f"/api/v1/proyectos/{elenco.proyecto}/revision").json["tareas"]
    assert [t["hallazgos"]["nivel1"] for t in cola] == [1]
