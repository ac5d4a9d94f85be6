"""La API de partes, y lo que el mapa dice antes y después: teselas de cerca y de lejos, estados, prioridades y cursor."""

import base64
import gzip
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.fabrica import LADO, OESTE, SUR, Elenco, proyecto

MOTIVO = {"motivo": "Es mucho trabajo para una"}
LINEA = {
    "type": "LineString",
    "coordinates": [[OESTE + 1.5 * LADO, SUR + 0.9 * LADO], [OESTE + 1.5 * LADO, SUR + 2.1 * LADO]],
}


def _campos(datos: bytes) -> Iterator[tuple[int, Any]]:
    """Campos de un mensaje de protobuf: número y entero, o bytes."""
    i = 0

    def entero() -> int:
        nonlocal i
        valor = corrido = 0
        while True:
            octeto = datos[i]
            i += 1
            valor |= (octeto & 127) << corrido
            corrido += 7
            if octeto < 128:
                return valor

    while i < len(datos):
        clave = entero()
        if clave & 7 == 0:
            yield clave >> 3, entero()
        else:
            largo = entero()
            yield clave >> 3, datos[i : i + largo]
            i += largo


def rasgos(cruda: bytes, nombre: str) -> list[dict[str, Any]]:
    """Propiedades de los rasgos de una capa de una tesela vectorial (especificación MVT 2.1), con su ``id``."""
    for _n, capa in _campos(cruda):
        campos = list(_campos(capa))
        if next(v for n, v in campos if n == 1).decode() != nombre:
            continue
        claves = [v.decode() for n, v in campos if n == 3]
        valores = [next((v.decode() if k == 1 else v) for k, v in _campos(x)) for n, x in campos if n == 4]
        salida = []
        for rasgo in (list(_campos(v)) for n, v in campos if n == 2):
            pares = [v for n, v in _campos_sueltos(next((v for n, v in rasgo if n == 2), b""))]
            propias = {claves[pares[i]]: valores[pares[i + 1]] for i in range(0, len(pares), 2)}
            salida.append({"id": next(v for n, v in rasgo if n == 1), **propias})
        return salida
    return []


def _campos_sueltos(datos: bytes) -> Iterator[tuple[int, int]]:
    valor = corrido = 0
    for octeto in datos:
        valor |= (octeto & 127) << corrido
        corrido += 7
        if octeto < 128:
            yield 0, valor
            valor = corrido = 0


class Mapa:
    """Lo que un navegador recibe de un proyecto."""

    def __init__(self, cliente: FlaskClient, proyecto_id: int) -> None:
        self.cliente = cliente
        self.id = proyecto_id

    def estados(self, desde: str | None = None) -> dict[str, Any]:
        direccion = f"/api/v1/proyectos/{self.id}/estados" + (f"?desde={desde}" if desde else "")
        return self.cliente.get(direccion).get_json()  # type: ignore[no-any-return]

    def bytes(self) -> bytes:
        return base64.b64decode(self.estados()["estados"])

    def tesela(self, z: int, x: int, y: int) -> bytes:
        version = self.estados()["version"]
        respuesta = self.cliente.get(f"/teselas/proyectos/{self.id}/{version}/{z}/{x}/{y}.mvt")
        assert respuesta.status_code == 200
        return respuesta.data if respuesta.data[:2] != b"\x1f\x8b" else gzip.decompress(respuesta.data)

    def de_lejos(self, z: int, x: int, y: int) -> dict[int, list[int]]:
        """Números de las tareas vivas que cuenta cada bloque, como los lee ``capas_tareas.js``."""
        estados = self.bytes()
        bloques = {}
        for r in rasgos(self.tesela(z, x, y), "bloques"):
            tramos = [(r["desde"], r["hasta"])]
            tramos += [tuple(map(int, t.split("-"))) for t in r.get("mas", "").split(",") if t]
            numeros = [n for a, b in tramos for n in range(a, b + 1)]
            bloques[r["id"]] = [n for n in numeros if estados[n - 1] & 15 != 5]
        return bloques


def partir(cliente: FlaskClient, proyecto_id: int, numero: int, **cuerpo: Any) -> Any:
    return cliente.post(
        f"/api/v1/proyectos/{proyecto_id}/tareas/{numero}/partes", json={"modo": "en_cuatro", **MOTIVO, **cuerpo}
    )


def test_el_mapa_de_cerca_y_de_lejos_antes_y_despues(entrar: Any, elenco: Elenco, bd: Any) -> None:
    grande = proyecto(bd, elenco.municipio, columnas=16, renglones=16)
    with bd.transaccion() as sesion:
        # La fábrica numera por renglones: aquí hace falta el orden de Morton, como en un proyecto de verdad.
        sesion.execute(
            text("""UPDATE tarea t SET celda = numero - 1, geom = ST_MakeEnvelope(:w + c.x * :l, :s + c.y * :l, :w + (c.x + 1) * :l, :s + (c.y + 1) * :l, 4326)
                      FROM (SELECT n, (SELECT sum(((n - 1) >> (2 * b) & 1) << b) FROM generate_series(0, 3) b) AS x,
                                   (SELECT sum(((n - 1) >> (2 * b + 1) & 1) << b) FROM generate_series(0, 3) b) AS y
                              FROM generate_series(1, 256) n) c
                     WHERE t.proyecto_id = :p AND c.n = t.numero"""),
            {"p": grande, "w": OESTE, "s": SUR, "l": LADO},
        )
    mapa, validadora = Mapa(entrar(None), grande), entrar(elenco.validadora)
    lejos = (11, 462, 907)
    antes = mapa.de_lejos(*lejos)
    assert len(antes) > 1
    assert sorted(n for b in antes.values() for n in b) == list(range(1, 257))
    cursor = mapa.estados()["cursor"]

    assert partir(validadora, grande, 37).status_code == 201
    juntadas = validadora.post(f"/api/v1/proyectos/{grande}/tareas/juntas", json={"numeros": [4, 7], **MOTIVO})
    assert juntadas.status_code == 201, juntadas.json
    assert partir(validadora, grande, 258).status_code == 201

    despues = mapa.de_lejos(*lejos)
    vivas = sorted({*range(1, 257), *range(257, 266)} - {37, 4, 7, 258})
    # Cada tarea viva está en un bloque y sólo en uno; las partes, en el de la tarea de la que salieron.
    assert Counter(n for b in despues.values() for n in b) == Counter(vivas)
    de = {n: i for i, b in antes.items() for n in b}
    ahora = {n: i for i, b in despues.items() for n in b}
    assert all(ahora[n] == de[37] for n in (257, 259, 260, 262, 263, 264, 265))
    assert ahora[261] == de[4]
    assert {n: i for n, i in ahora.items() if n <= 256} == {n: i for n, i in de.items() if n not in (4, 7, 37)}

    # De cerca no se dibujan las divididas, y sí las nuevas.
    cerca = {
        r["id"]
        for x in range(29583, 29592)
        for y in range(58056, 58064)
        for r in rasgos(_tal_vez(mapa, 17, x * 2, y * 2), "tareas")
    }
    assert not cerca & {4, 7, 37, 258}
    estados = mapa.bytes()
    assert len(estados) == 265
    assert {i + 1 for i, b in enumerate(estados) if b & 15 == 5} == {4, 7, 37, 258}
    # Quien preguntaba con un cursor de antes recibe todo de nuevo, con la versión nueva.
    nuevo = mapa.estados(desde=cursor)
    assert nuevo["version"] == 4
    assert nuevo["total"] == 265
    assert "estados" in nuevo
    ficha = mapa.cliente.get(f"/api/v1/proyectos/{grande}").json
    assert ficha["tareas_total"] == 261
    assert sum(ficha["tareas"].values()) == 261
    lista = mapa.cliente.get(f"/api/v1/proyectos/{grande}/tareas").get_json(force=True)["features"]
    assert sorted(f["id"] for f in lista) == vivas


def _tal_vez(mapa: Mapa, z: int, x: int, y: int) -> bytes:
    respuesta = mapa.cliente.get(f"/teselas/proyectos/{mapa.id}/{mapa.estados()['version']}/{z}/{x}/{y}.mvt")
    return respuesta.data if respuesta.status_code == 200 else b""


def test_la_prioridad_se_hereda_y_la_de_las_divididas_no_se_dice(entrar: Any, elenco: Elenco) -> None:
    ruta = f"/api/v1/proyectos/{elenco.proyecto}/prioridades"
    gestiona = entrar(elenco.funcionaria)
    assert gestiona.post(ruta, json={"numeros": [5], "prioridad": "alta"}).status_code == 200
    assert partir(gestiona, elenco.proyecto, 5).status_code == 201
    assert gestiona.get(ruta).json["prioridades"] == {"alta": [[10, 13]]}
    rechazo = gestiona.post(ruta, json={"numeros": [5], "prioridad": "baja"})
    assert rechazo.status_code >= 400
    assert "5" in rechazo.json["detail"]


def test_el_ensayo_dice_lo_mismo_que_despues_se_hace(entrar: Any, elenco: Elenco) -> None:
    validadora = entrar(elenco.validadora)
    ruta = f"/api/v1/proyectos/{elenco.proyecto}/tareas/5/partes"
    cuerpo = {"modo": "linea", "linea": LINEA, **MOTIVO}
    ensayo = validadora.post(ruta + "?ensayo=1", json=cuerpo)
    assert ensayo.status_code == 200
    assert ensayo.json["ensayo"] is True
    assert validadora.get(f"/api/v1/proyectos/{elenco.proyecto}").json["tareas_total"] == 9
    hecho = validadora.post(ruta, json={**cuerpo, "huella": ensayo.json["huella"]}, headers={"Idempotency-Key": "una"})
    assert hecho.status_code == 201
    assert hecho.json["tareas"] == ensayo.json["tareas"]
    assert [f["properties"]["de"] for f in hecho.json["tareas"]["features"]] == [[5], [5]]
    # Repetirlo con su llave no vuelve a partir; sin ella, dice dónde sigue.
    repetido = validadora.post(
        ruta, json={**cuerpo, "huella": ensayo.json["huella"]}, headers={"Idempotency-Key": "una"}
    )
    assert repetido.json == hecho.json
    rechazo = validadora.post(ruta, json=cuerpo)
    assert rechazo.status_code == 409
    assert rechazo.json["codigo"] == "tarea_dividida"
    assert rechazo.json["partes"] == [10, 11]


def test_409_dice_quien_tiene_que(entrar: Any, elenco: Elenco) -> None:
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas"
    assert entrar(elenco.mapeadora).post(f"{raiz}/4/bloqueo", json={"para": "mapear"}).status_code == 201
    rechazo = entrar(elenco.validadora).post(f"{raiz}/juntas", json={"numeros": [4, 5], **MOTIVO})
    assert rechazo.status_code == 409
    assert rechazo.json["codigo"] == "tarea_ocupada"
    assert rechazo.json["numero"] == 4
    assert "Mapeadora" in rechazo.json["detail"]


def test_quien_la_tenia_abierta_sabe_donde_sigue_y_conserva_su_nota(entrar: Any, elenco: Elenco) -> None:
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas/5"
    mapeadora = entrar(elenco.mapeadora)
    ficha = mapeadora.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"]
    assert mapeadora.delete(f"{raiz}/bloqueo", json={}).status_code == 204
    assert partir(entrar(elenco.validadora), elenco.proyecto, 5).status_code == 201
    entrega = mapeadora.post(f"{raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada", "nota": "Mi nota"})
    assert entrega.status_code == 409
    assert entrega.json["codigo"] == "tarea_dividida"
    assert entrega.json["partes"] == [10, 11, 12, 13]
    assert entrega.json["nota"] == "Mi nota"
    detalle = mapeadora.get(raiz).json
    assert detalle["estado"] == "dividida"
    assert detalle["partes"] == [10, 11, 12, 13]
    assert mapeadora.get(f"/proyectos/{elenco.proyecto}/mapear/13").status_code == 200


@pytest.mark.parametrize(
    ("resto", "cuerpo"),
    [
        ("5/partes", {"modo": "linea", **MOTIVO}),
        ("5/partes", {"modo": "en_dos", "linea": LINEA, **MOTIVO}),
        ("5/partes", {"modo": "en_dos", "motivo": "  "}),
        ("5/partes", {"modo": "en_tres", **MOTIVO}),
        ("5/partes", {"modo": "linea", "linea": {"type": "Point", "coordinates": [0, 0]}, **MOTIVO}),
        ("5/partes", {"modo": "linea", "linea": {"type": "LineString", "coordinates": [[0, 0]]}, **MOTIVO}),
        ("5/partes", {"modo": "linea", "linea": {"type": "LineString", "coordinates": [[0, 0], ["a", 1]]}, **MOTIVO}),
        ("5/partes", {"modo": "linea", "linea": {"type": "LineString", "coordinates": [[0, 0], [0, 0]]}, **MOTIVO}),
        ("juntas", {"numeros": [5, 5], **MOTIVO}),
        ("juntas", {"numeros": [1, 9], **MOTIVO}),
        ("5/area", {"area": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, **MOTIVO}),
        ("5/area", {"area": {"type": "Polygon", "coordinates": []}, **MOTIVO}),
        ("5/area", {"area": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, **MOTIVO}),
    ],
)
def test_lo_que_no_se_entiende_es_422_y_nada_cambia(entrar: Any, elenco: Elenco, resto: str, cuerpo: Any) -> None:
    validadora = entrar(elenco.validadora)
    rechazo = validadora.post(f"/api/v1/proyectos/{elenco.proyecto}/tareas/{resto}", json=cuerpo)
    assert rechazo.status_code == 422, rechazo.json
    assert validadora.get(f"/api/v1/proyectos/{elenco.proyecto}").json["version"] == 1
