"""Lo que llegue roto, raro o enorme da hallazgos o un rechazo contado: nunca una excepción, ni un rato sin fin."""

import math
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from geo.osm.errores import ErrorOsm
from geo.revisiones.base.areas import Relacion
from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.lectura import leer
from geo.revisiones.base.mundo import JUNTOS_MAXIMO, Columnas, Mundo
from geo.revisiones.base.regla import Ajustes, Regla
from geo.revisiones.catalogo import CATALOGO, POR_CODIGO
from geo.revisiones.motor import Resultado, revisar
from geo.revisiones.salida import coleccion
from tests.mundo_osm import archivo

LUGAR = (-98.7, 20.1)
GRADO = 1e-5
"""Cerca de un metro."""
CASA = [(0, 0), (10, 0), (10, 8), (0, 8), (0, 0)]
Punto = tuple[float, float]


class Dibujo:
    """Un mundo que se dibuja a mano; los puntos son metros, más o menos."""

    def __init__(self, lugar: Punto = LUGAR) -> None:
        self.columnas = Columnas()
        self._lugar = lugar
        self._nodos: dict[Punto, int] = {}

    def nodo(self, punto: Punto) -> int:
        if punto not in self._nodos:
            self._nodos[punto] = len(self._nodos) + 1
            lon, lat = (a + GRADO * b for a, b in zip(self._lugar, punto, strict=True))
            self.suelto(self._nodos[punto], lon, lat)
        return self._nodos[punto]

    def suelto(self, numero: int, lon: float, lat: float, version: int = 1) -> None:
        self.columnas.nodo_id.append(numero)
        self.columnas.nodo_version.append(version)
        self.columnas.lon.append(lon)
        self.columnas.lat.append(lat)

    def via(self, puntos: list[Punto], numero: int = 0, version: int = 1, **etiquetas: str) -> int:
        return self.via_de([self.nodo(p) for p in puntos], etiquetas or {"building": "yes"}, numero, version)

    def via_de(self, nodos: list[int], etiquetas: dict[str, str], numero: int = 0, version: int = 1) -> int:
        numero = numero or len(self.columnas.via_id) + 1
        self.columnas.via_id.append(numero)
        self.columnas.via_version.append(version)
        self.columnas.via_nodos.append(nodos)
        self.columnas.via_etiquetas.append(etiquetas)
        return numero

    def relacion(self, numero: int, miembros: list[tuple[str, int, str]], **etiquetas: str) -> None:
        self.columnas.relaciones.append(Relacion(numero, 1, etiquetas, tuple(miembros)))

    def revisar(self) -> Resultado:
        return revisado(self.columnas)


def revisado(columnas: Columnas, segundos: float = 10.0) -> Resultado:
    """Corre todo el catálogo y exige lo que vale siempre: ninguna regla se rompe, y lo dicho se puede guardar."""
    inicio = time.perf_counter()
    resultado = revisar(Mundo(columnas))
    assert time.perf_counter() - inicio < segundos
    assert resultado.fallas == []
    for hallazgo in resultado.hallazgos:
        assert all(math.isfinite(v) for v in hallazgo.lugar), hallazgo
        assert hallazgo.huella
        assert len(hallazgo.objetos) == len(hallazgo.versiones)
        for idioma in ("es", "en"):
            assert 0 < len(POR_CODIGO[hallazgo.codigo].frase(hallazgo, idioma)) < 600
    assert len(coleccion(resultado.hallazgos)["features"]) == len(resultado.hallazgos)
    return resultado


CONTORNOS: dict[str, list[Punto]] = {
    "sin nodos": [],
    "un nodo": [(0, 0)],
    "el mismo nodo dos veces": [(0, 0), (0, 0)],
    "el mismo nodo muchas veces": [(0, 0)] * 50,
    "ida y vuelta": [(0, 0), (10, 0), (0, 0)],
    "plano": [(0, 0), (10, 0), (20, 0), (0, 0)],
    "sin cerrar": [(0, 0), (10, 0), (10, 8), (0, 8)],
    "nodos repetidos": [p for p in CASA for _ in range(3)],
    "al revés": CASA[::-1],
    "moño": [(0, 0), (10, 8), (10, 0), (0, 8), (0, 0)],
    "se toca en un nodo": [(0, 0), (10, 0), (5, 5), (10, 10), (0, 10), (5, 5), (0, 0)],
    "se toca en una pared": [(0, 0), (10, 0), (10, 8), (5, 8), (5, 0), (4, 0), (4, 8), (0, 8), (0, 0)],
    "dos vueltas": CASA + CASA[1:],
    "aguja": [(0, 0), (10, 0), (10, 8), (500, 8.001), (10, 8.002), (0, 8), (0, 0)],
    "diminuto": [(0, 0), (1e-3, 0), (1e-3, 1e-3), (0, 0)],
    "enorme": [(-2e6, -1e6), (2e6, -1e6), (2e6, 1e6), (-2e6, 1e6), (-2e6, -1e6)],
}


@pytest.mark.parametrize("etiquetas", [{"building": "yes"}, {"highway": "residential"}, {"landuse": "forest"}], ids=str)
@pytest.mark.parametrize("contorno", CONTORNOS.values(), ids=CONTORNOS)
def test_contornos_rotos(contorno: list[Punto], etiquetas: dict[str, str]) -> None:
    dibujo = Dibujo()
    dibujo.via(contorno, **etiquetas)
    dibujo.via([(x + 3, y + 3) for x, y in CASA])
    dibujo.revisar()


@pytest.mark.parametrize("lon", [math.nan, math.inf, -math.inf, 181.0, -4e9])
def test_un_nodo_en_ningun_lugar_se_cuenta_y_lo_demas_se_revisa(lon: float) -> None:
    dibujo = Dibujo()
    dibujo.via(CASA)
    dibujo.via([(x + 5, y) for x, y in CASA])
    dibujo.suelto(900, lon, 20.1)
    dibujo.suelto(901, LUGAR[0], lon)
    dibujo.via_de([900, 901, dibujo.nodo((0, 0)), 900], {"building": "yes"}, 9)
    resultado = dibujo.revisar()
    assert resultado.omitidos["sin_lugar" if not math.isfinite(lon) else "fuera_del_mundo"] == 2
    assert resultado.omitidos["via_incompleta"] == 1
    assert [h.objetos for h in resultado.hallazgos if h.codigo == "E-TRAS"] == [("w2", "w1")]


@pytest.mark.parametrize(
    "lugar",
    [
        (179.99995, -16.5),
        (-179.99995, 65.0),
        (0.0, 0.0),
        (10.0, 89.99995),
        (10.0, -89.99995),
        (0.0, 90.0),
        (180.0, -90.0),
    ],
    ids=str,
)
def test_los_bordes_del_mundo(lugar: Punto) -> None:
    """Dos casas encimadas a los dos lados del meridiano 180, en los polos y en la isla del (0, 0)."""
    dibujo = Dibujo(lugar)
    for x in (0, 5):
        dibujo.via([(x + a, b) for a, b in CASA])
    columnas = dibujo.columnas
    columnas.lon = [lon - 360 if lon > 180 else lon + 360 if lon < -180 else lon for lon in columnas.lon]
    # Pasado el polo no hay nada: esos nodos se cuentan y se dejan.
    resultado = revisado(columnas)
    if abs(lugar[1]) < 80:
        (traslape,) = [h for h in resultado.hallazgos if h.codigo == "E-TRAS"]
        assert traslape.datos["por_ciento"] == 50
        assert abs(traslape.lugar[1] - lugar[1]) < 1e-3


def test_lo_que_esta_en_las_antipodas_no_estropea_lo_demas() -> None:
    dibujo = Dibujo()
    dibujo.via(CASA)
    dibujo.via([(x + 5, y) for x, y in CASA])
    dibujo.suelto(900, LUGAR[0] + 180, -LUGAR[1])
    dibujo.revisar()


def test_una_calle_de_un_solo_punto_se_cuenta() -> None:
    dibujo = Dibujo()
    dibujo.via([(0, 0)], highway="residential")
    dibujo.via([(5, 0), (5, 0)], waterway="stream")
    dibujo.via([], building="yes")
    dibujo.via([(20, 0), (30, 0)], highway="residential")
    assert dibujo.revisar().omitidos["via_sin_largo"] == 3


def test_relaciones_rotas() -> None:
    dibujo = Dibujo()
    fuera = dibujo.via(CASA, note="contorno")
    lejos = dibujo.via([(x + 100, y) for x, y in CASA], note="hueco")
    abierta = dibujo.via([(0, 50), (10, 50), (10, 60)], note="abierta")
    casos: dict[str, list[tuple[str, int, str]]] = {
        "vacía": [],
        "el hueco fuera del contorno": [("w", fuera, "outer"), ("w", lejos, "inner")],
        "sólo huecos": [("w", fuera, "inner")],
        "le faltan partes": [("w", fuera, "outer"), ("w", 777, "outer"), ("n", 888, ""), ("r", 999, "")],
        "abierta": [("w", abierta, "outer")],
        "la misma vía dos veces": [("w", fuera, "outer"), ("w", fuera, "outer")],
        "contorno y hueco a la vez": [("w", fuera, "outer"), ("w", fuera, "inner")],
        "se contiene": [("r", 8, "outer"), ("w", fuera, "outer")],
        "ciclo de dos": [("r", 10, ""), ("w", fuera, "outer")],
        "ciclo de vuelta": [("r", 9, ""), ("w", fuera, "")],
        "papeles sin sentido": [("w", fuera, "🦖"), ("w", lejos, "x" * 255)],
    }
    for numero, miembros in enumerate(casos.values()):
        dibujo.relacion(numero, miembros, type="multipolygon", building="yes", name="AV. JUAREZ")
    resultado = dibujo.revisar()
    assert resultado.omitidos["relacion_sin_vias"] == 1
    assert resultado.omitidos["relacion_faltan_vias"] == 1
    assert resultado.omitidos["relacion_anillos_rotos"] >= 1


def test_una_relacion_de_miles_de_miembros() -> None:
    dibujo = Dibujo()
    orilla = [(60 * k, 30 * math.sin(k)) for k in range(3_001)] + [(60 * k, 500 + k % 7) for k in range(3_000, -1, -1)]
    partes = [dibujo.via(list(par), note="x") for par in pairwise([*orilla, orilla[0]])]
    dibujo.relacion(1, [("w", v, "outer") for v in partes], type="multipolygon", natural="water")
    dibujo.relacion(2, [("w", v, "outer") for v in partes[:4_000]], type="multipolygon", natural="wood")
    resultado = dibujo.revisar()
    assert resultado.omitidos["relacion_demasiadas_vias"] == 1
    assert resultado.omitidos["relacion_anillos_rotos"] == 1


def test_objetos_con_mil_etiquetas() -> None:
    dibujo = Dibujo()
    etiquetas = {f"llave_{k}": f"valor {k}" for k in range(1_000)} | {f"bulding_{k}": "" for k in range(1_000)}
    for k in range(50):
        dibujo.via([(x + 20 * k, y) for x, y in CASA], building="yes", **etiquetas)
    inicio = time.perf_counter()
    resultado = dibujo.revisar()
    assert time.perf_counter() - inicio < 3
    assert {h.objetos for h in resultado.hallazgos if h.codigo == "E-ETIQ"} == {(f"w{k}",) for k in range(1, 51)}


@pytest.mark.parametrize(
    "texto",
    [
        "x" * 255, "AVENIDA " * 5_000, "a" * 100_000, "\u202eשלום עולם\u202c", "\u200b\u200d\ufeff", "👩‍👩‍👧‍👦" * 60, "Jose\u0301 Mari\u0301a",
        "\u0000\u0007", "{0} {mal} %s %(n)s {", "<script>alert(1)</script>", "\ud800", "İSTANBUL ı ß ﬁ", " ", "", "\n\t", "ǅ" * 9,
    ],
    ids=range(16),
)  # fmt: skip
def test_textos_extranos_en_nombres_llaves_y_valores(texto: str) -> None:
    dibujo = Dibujo()
    dibujo.via(CASA, building=texto, name=texto)
    dibujo.via([(0, 20), (30, 20)], highway=texto, **{"name": f"Av. {texto}", texto: texto, "addr:street": texto})
    dibujo.columnas.etiquetas_de_nodo[1] = {"oneway": texto, f"higway{texto}": texto}
    # Medio par UTF-16 no cabe en un archivo de OpenStreetMap ni en la base.
    if texto != "\ud800":
        dibujo.revisar()


def test_un_nombre_con_el_acento_aparte_no_es_un_error() -> None:
    dibujo = Dibujo()
    dibujo.via([(0, 0), (30, 0)], highway="residential", name="Calle Jose\u0301 Mari\u0301a")
    assert [h for h in dibujo.revisar().hallazgos if h.codigo == "E-NOMB"] == []


def test_un_edificio_de_dos_mil_nodos() -> None:
    dibujo = Dibujo()
    vuelta = [(50 * math.cos(a), 50 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 2_000, endpoint=False).tolist()]
    dibujo.via([*vuelta, vuelta[0]])
    dibujo.via(CASA)
    assert any(h.codigo == "E-TRAS" for h in dibujo.revisar().hallazgos)


def test_un_rayon_de_dos_mil_nodos_se_cuenta() -> None:
    dibujo = Dibujo()
    puntos = [tuple(p) for p in np.random.default_rng(7).uniform(0, 100, (2_000, 2)).tolist()]
    dibujo.via([*puntos, puntos[0]])
    dibujo.relacion(1, [("w", dibujo.via([*puntos, puntos[0]], note="x"), "outer"), ("w", dibujo.via(CASA, note="y"), "inner")],
                    type="multipolygon", building="yes")  # fmt: skip
    assert dibujo.revisar().omitidos["rayon"] >= 1


def test_miles_de_edificios_en_el_mismo_lugar_se_cuentan() -> None:
    dibujo = Dibujo()
    for k in range(5_000):
        dibujo.via([(x + k * 1e-4, y) for x, y in CASA])
    aparte = dibujo.via([(x + 100, y) for x, y in CASA])
    dibujo.via([(x + 105, y) for x, y in CASA])
    resultado = dibujo.revisar()
    assert resultado.omitidos["amontonado"] >= 5_000 - 4 * JUNTOS_MAXIMO
    assert any(f"w{aparte}" in h.objetos for h in resultado.hallazgos if h.codigo == "E-TRAS")


def test_miles_de_calles_en_el_mismo_lugar() -> None:
    dibujo = Dibujo()
    for k in range(3_000):
        dibujo.via([(k * 1e-4, 0), (30 + k * 1e-4, 30)], highway="residential")
    dibujo.revisar()


def test_ids_negativos_y_repetidos() -> None:
    dibujo = Dibujo()
    dibujo.suelto(-5, *LUGAR)
    dibujo.via(CASA, -1)
    dibujo.via(CASA, 3, version=1, building="casa")
    dibujo.via([(x + 50, y) for x, y in CASA], 3, version=2, building="yes")
    dibujo.suelto(1, LUGAR[0] + 1e-4, LUGAR[1], version=0)
    resultado = dibujo.revisar()
    # De la vía 3 vale la versión 2, que no se encima ni está mal etiquetada.
    assert [h for h in resultado.hallazgos if "w3" in h.objetos] == []


@pytest.mark.parametrize(
    "opl", ["n1 v1 x-98.7 y20.1", "n1 v1 Tname=AV.%20%JUAREZ x-98.7 y20.1", "r1 Ttype=multipolygon M"]
)
def test_archivos_con_casi_nada(opl: str, tmp_path: Path) -> None:
    revisado(leer(archivo(tmp_path, opl)))


def test_un_archivo_sin_objetos_no_tiene_errores(tmp_path: Path) -> None:
    ruta = tmp_path / "nada.osm"
    ruta.write_text('<osm version="0.6"></osm>', encoding="utf-8")
    assert revisado(leer(ruta)).hallazgos == []


@pytest.mark.parametrize(
    "contenido",
    [
        b"", b"   \n", b"PK\x03\x04" + b"\0" * 60, b"hola", b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x00", b'<osm version="0.6"><way id="1"',
        b'<osm version="0.6"><node id="1" lat="NaN" lon="0"/></osm>', b'<osm version="0.6"><node id="1" lat="1e999" lon="0"/></osm>',
        b'<osm version="0.6"><node id="x" lat="0" lon="0"/></osm>', b'<osm version="0.6"><node id="99999999999999999999" lat="0" lon="0"/></osm>',
        b'<!DOCTYPE osm [<!ENTITY a "b">]><osm version="0.6">&a;</osm>', b'{"type": "FeatureCollection", "features": []}',
    ],
    ids=range(12),
)  # fmt: skip
def test_un_archivo_roto_se_rechaza_con_su_motivo(contenido: bytes, tmp_path: Path) -> None:
    ruta = tmp_path / "roto.osm.pbf"
    ruta.write_bytes(contenido)
    with pytest.raises(ErrorOsm) as error:
        leer(ruta)
    assert "roto.osm.pbf" in str(error.value)


def test_un_pbf_cortado_se_rechaza(tmp_path: Path) -> None:
    entero = archivo(tmp_path, "n1 v1 x-98.7 y20.1\nw1 v1 Tbuilding=yes Nn1,n1", "entero.osm.pbf").read_bytes()
    for corte in (1, 20, len(entero) // 2, len(entero) - 1):
        (tmp_path / "cortado.osm.pbf").write_bytes(entero[:corte])
        with pytest.raises(ErrorOsm):
            leer(tmp_path / "cortado.osm.pbf")


def test_una_regla_que_se_rompe_se_dice_y_las_demas_siguen() -> None:
    def romper(mundo: Mundo, _ajustes: Ajustes) -> Iterator[Hallazgo]:
        yield Hallazgo("E-ROTA", 1, (mundo.clave_de_via(0),), (0.0, 0.0), "nada")
        raise ZeroDivisionError("a propósito")

    dibujo = Dibujo()
    for x in (0, 5):
        dibujo.via([(x + a, b) for a, b in CASA])
    rota = Regla("E-ROTA", Path(), romper, {}, 0.0)
    solas = revisar(Mundo(dibujo.columnas), CATALOGO)
    juntas = revisar(Mundo(dibujo.columnas), [rota, *CATALOGO])
    assert [(f.codigo, f.error) for f in juntas.fallas] == [("E-ROTA", "ZeroDivisionError: a propósito")]
    # Ni lo que alcanzó a decir cuenta: un hallazgo a medias no es un hallazgo.
    assert juntas.hallazgos == solas.hallazgos
    assert juntas.hallazgos


def test_un_hallazgo_imposible_es_una_falla_de_su_regla() -> None:
    def perdido(_mundo: Mundo, _ajustes: Ajustes) -> Iterator[Hallazgo]:
        yield Hallazgo("E-PERD", 1, ("w1",), (math.nan, 0.0), "nada")

    def fantasma(_mundo: Mundo, _ajustes: Ajustes) -> Iterator[Hallazgo]:
        yield Hallazgo("E-FANT", 1, ("w404",), (0.0, 0.0), "nada")

    dibujo = Dibujo()
    dibujo.via(CASA, building="casa")
    reglas = [Regla(c, Path(), r, {}, 0.0) for c, r in (("E-PERD", perdido), ("E-FANT", fantasma))]
    resultado = revisar(Mundo(dibujo.columnas), [*reglas, *CATALOGO])
    assert [f.codigo for f in resultado.fallas] == ["E-PERD", "E-FANT"]
    assert resultado.hallazgos == revisar(Mundo(dibujo.columnas), CATALOGO).hallazgos
    assert resultado.hallazgos
