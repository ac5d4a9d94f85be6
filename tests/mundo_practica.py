"""Aulas para las pruebas: se siembran en SQL y se editan como lo haría un editor, por HTTP."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from tareas.comun.bd import BaseDeDatos
from tests.fabrica import Elenco, abrir_sesion, sembrar_elenco

SEMILLA = 1
"""Versión y conjunto con que llega lo sembrado."""


def aula(bd: BaseDeDatos, municipio_id: int, nombre: str = "Aula de prueba") -> int:
    """Un aula vacía y privada."""
    with bd.transaccion() as sesion:
        nueva: int = sesion.execute(
            text("INSERT INTO aula (municipio_id, nombre, visibilidad) VALUES (:m, :n, 'privada') RETURNING id"),
            {"m": municipio_id, "n": nombre},
        ).scalar_one()
    return nueva


def estado_del_aula(bd: BaseDeDatos, aula_id: int, estado: str) -> None:
    """Congela o abre."""
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE aula SET estado = :e WHERE id = :a"), {"e": estado, "a": aula_id})


def sembrar(bd: BaseDeDatos, aula_id: int, elementos: Iterable[dict[str, Any]]) -> None:
    """Elementos de la semilla: ``tipo``, ``id`` y lo suyo (``lon`` y ``lat`` en grados, ``nodos``, ``miembros``…)."""
    filas = []
    for x in elementos:
        fila = {
            "aula": aula_id,
            "tipo": x["tipo"],
            "id": x["id"],
            "version": x.get("version", 1),
            "actual": x.get("actual", True),
            "visible": x.get("visible", True),
            "etiquetas": None,
            "lon": round(x["lon"] * 1e7) if x["tipo"] == "n" else None,
            "lat": round(x["lat"] * 1e7) if x["tipo"] == "n" else None,
            "nodos": x.get("nodos", []) if x["tipo"] == "w" else None,
            "miembros": x.get("miembros", []) if x["tipo"] == "r" else None,
            "roles": x.get("roles", [""] * len(x.get("miembros", []))) if x["tipo"] == "r" else None,
        }
        if x.get("etiquetas"):
            fila["etiquetas"] = json.dumps(x["etiquetas"])
        filas.append(fila)
    with bd.transaccion() as sesion:
        sesion.execute(
            text("""INSERT INTO practica_elemento (aula_id, tipo, id, version, actual, semilla, visible, conjunto, cuando, uid,
                           usuario, etiquetas, lon, lat, nodos, miembros, roles)
                    VALUES (:aula, :tipo, :id, :version, :actual, true, :visible, 1, '2020-01-01T00:00:00Z', 7, 'Ana',
                            CAST(:etiquetas AS jsonb), :lon, :lat, CAST(:nodos AS bigint[]), CAST(:miembros AS text[]),
                            CAST(:roles AS text[]))"""),
            filas,
        )


PUEBLO: list[dict[str, Any]] = [
    {"tipo": "n", "id": 1, "lon": -98.750, "lat": 20.100},
    {"tipo": "n", "id": 2, "lon": -98.749, "lat": 20.100},
    {"tipo": "n", "id": 3, "lon": -98.749, "lat": 20.101},
    {"tipo": "n", "id": 4, "lon": -98.750, "lat": 20.101},
    {
        "tipo": "n",
        "id": 5,
        "lon": -98.700,
        "lat": 20.200,
        "etiquetas": {"amenity": "school", "name": "Niños & «niñas»"},
    },
    {"tipo": "n", "id": 6, "lon": -98.600, "lat": 20.300},
    {"tipo": "n", "id": 9, "lon": -98.500, "lat": 20.300, "version": 1, "actual": False},
    {"tipo": "n", "id": 9, "lon": -98.500, "lat": 20.300, "version": 2, "visible": False},
    {"tipo": "w", "id": 1, "nodos": [1, 2, 3, 4, 1], "etiquetas": {"building": "yes"}},
    {"tipo": "w", "id": 2, "nodos": [4, 5], "etiquetas": {"highway": "residential"}},
    {"tipo": "r", "id": 1, "miembros": ["w1", "n5"], "roles": ["outer", ""], "etiquetas": {"type": "site"}},
    {"tipo": "r", "id": 2, "miembros": ["r1"], "etiquetas": {"type": "collection"}},
    {"tipo": "r", "id": 3, "miembros": ["r2"]},
]


@dataclass
class Editor:
    """Un programa que edita en un aula a nombre de alguien."""

    cliente: FlaskClient
    aula: int
    ficha: str = ""

    def pedir(self, metodo: str, direccion: str, cuerpo: str | bytes | None = None, **cabeceras: str) -> TestResponse:
        """``direccion`` va después de ``/api/0.6/`` (o empieza con ``/`` y va después de ``/api``)."""
        camino = direccion if direccion.startswith("/") else f"/0.6/{direccion}"
        cabeza = {k.replace("_", "-"): v for k, v in cabeceras.items()}
        if self.ficha:
            cabeza.setdefault("Authorization", f"Bearer {self.ficha}")
        return self.cliente.open(f"/practica/aulas/{self.aula}/api{camino}", method=metodo, data=cuerpo, headers=cabeza)

    def leer(self, direccion: str, **cabeceras: str) -> TestResponse:
        """GET."""
        return self.pedir("GET", direccion, **cabeceras)

    def abrir(self, **etiquetas: str) -> int:
        """Un conjunto de cambios nuevo."""
        dentro = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in (etiquetas or {"comment": "prueba"}).items())
        respuesta = self.pedir("PUT", "changeset/create", f"<osm><changeset>{dentro}</changeset></osm>")
        assert respuesta.status_code == 200, respuesta.text
        return int(respuesta.text)

    def subir(self, conjunto: int, dentro: str, **cabeceras: str) -> TestResponse:
        """Un osmChange; ``{c}`` es el conjunto."""
        documento = "<osmChange version='0.6'>" + dentro.replace("{c}", str(conjunto)) + "</osmChange>"
        return self.pedir("POST", f"changeset/{conjunto}/upload", documento, **cabeceras)


def arbol(respuesta: TestResponse) -> ET.Element:
    """El documento XML de una respuesta."""
    return ET.fromstring(respuesta.data)


def resumen(respuesta: TestResponse) -> str:
    """``n1v1 n2v1 w1v1``: los elementos de un documento ``osm``, en orden."""
    letra = {"node": "n", "way": "w", "relation": "r"}
    return " ".join(f"{letra[x.tag]}{x.get('id')}v{x.get('version')}" for x in arbol(respuesta) if x.tag in letra)


def diferencia(respuesta: TestResponse) -> list[tuple[str, str | None, str | None, str | None]]:
    """Renglones de un ``diffResult``."""
    assert respuesta.status_code == 200, respuesta.text
    return [(x.tag, x.get("old_id"), x.get("new_id"), x.get("new_version")) for x in arbol(respuesta)]


def foto(bd: BaseDeDatos, aula_id: int) -> list[tuple[Any, ...]]:
    """Todas las filas del aula, para comparar antes y después de un error."""
    with bd.lectura() as sesion:
        return [
            tuple(f)
            for consulta in (
                "SELECT tipo, id, version, actual, visible, etiquetas::text, lon, lat, nodos, miembros, roles, conjunto "
                "FROM practica_elemento WHERE aula_id = :a ORDER BY 1, 2, 3",
                "SELECT origen, tipo, osm_id, version FROM osm_cambio WHERE origen = :a ORDER BY 2, 3, 4",
                "SELECT id, cambios, oeste, sur, este, norte FROM practica_conjunto WHERE aula_id = :a ORDER BY 1",
            )
            for f in sesion.execute(text(consulta), {"a": aula_id})
        ]


def numeros(texto: str) -> list[int]:
    """Enteros de un texto."""
    return [int(n) for n in re.findall(r"-?\d+", texto)]


@dataclass
class Mundo:
    """Gente sembrada una vez; cada prueba pide su propia aula, que no ve a las demás."""

    app: Any
    bd: BaseDeDatos
    elenco: Elenco
    fichas: dict[int, str] = field(default_factory=dict)

    def aula(self, elementos: Iterable[dict[str, Any]] = (), municipio_id: int | None = None) -> int:
        """Un aula nueva con estos elementos."""
        nueva = aula(self.bd, municipio_id or self.elenco.municipio)
        if elementos:
            sembrar(self.bd, nueva, elementos)
        return nueva

    def editor(self, aula_id: int, persona_id: int | None = None) -> Editor:
        """Editor de una persona (la mapeadora, si no se dice); con 0, de nadie."""
        quien = self.elenco.mapeadora if persona_id is None else persona_id
        if quien and quien not in self.fichas:
            self.fichas[quien] = abrir_sesion(self.bd, quien)
        return Editor(self.app.test_client(), aula_id, self.fichas.get(quien, ""))


def sembrar_mundo(app: Any, bd: BaseDeDatos) -> Mundo:
    """Gente y municipios."""
    return Mundo(app, bd, sembrar_elenco(bd))
