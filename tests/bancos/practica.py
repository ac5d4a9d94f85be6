"""El servidor de práctica: subir diez mil cambios, bajar cincuenta mil nodos, y treinta personas guardando a la vez."""

import http.client
import threading
import time
from statistics import median
from typing import Any

import psycopg

from geo.teselas.aritmetica import tesela_de
from tareas.comun.bd import BaseDeDatos
from tareas.practica.objetos import rearmar
from tests.bancos.lugar import servidor
from tests.bancos.mundo import gente, municipio_de_200_vertices
from tests.mundo_practica import aula

CAMBIOS = 10_000
NODOS = 50_000
VECES = 5
GENTE = 30
GUARDADOS = 5


class _Cliente:
    """Una conexión que se conserva, a nombre de alguien."""

    def __init__(self, puerto: int, aula_id: int, ficha: str) -> None:
        self._conexion = http.client.HTTPConnection("127.0.0.1", puerto, timeout=120)
        self._aula = aula_id
        self._base = f"/practica/aulas/{aula_id}/api/0.6/"
        self._cabezas = {"Authorization": f"Bearer {ficha}", "Accept-Encoding": "gzip"}

    def pedir(self, metodo: str, direccion: str, cuerpo: str = "") -> bytes:
        """El cuerpo de una respuesta buena de la API del aula."""
        return self._pedir(metodo, self._base + direccion, cuerpo)

    def tesela(self, z: int, x: int, y: int) -> bytes:
        """Una tesela de su mapa base."""
        return self._pedir("GET", f"/teselas/aulas/{self._aula}/{z}/{x}/{y}.mvt")

    def _pedir(self, metodo: str, direccion: str, cuerpo: str = "") -> bytes:
        self._conexion.request(metodo, direccion, cuerpo.encode() or None, self._cabezas)
        respuesta = self._conexion.getresponse()
        contenido = respuesta.read()
        assert respuesta.status in (200, 204), (respuesta.status, contenido[:300])
        return contenido

    def abrir(self) -> int:
        """Un conjunto nuevo."""
        return int(
            self.pedir("PUT", "changeset/create", "<osm><changeset><tag k='comment' v='banco'/></changeset></osm>")
        )


def _edificios(conjunto: int, cuantos: int, oeste: float, sur: float) -> str:
    """Un osmChange de edificios de cuatro esquinas: cinco cambios cada uno."""
    partes = []
    for i in range(cuantos):
        x, y = oeste + (i % 100) * 0.0003, sur + (i // 100) * 0.0003
        esquinas = [(x, y), (x + 0.0002, y), (x + 0.0002, y + 0.0002), (x, y + 0.0002)]
        ids = [-(4 * i + j + 1) for j in range(4)]
        partes += [
            f"<node id='{id}' lon='{a:.7f}' lat='{b:.7f}' changeset='{conjunto}'/>"
            for id, (a, b) in zip(ids, esquinas, strict=True)
        ]
        vuelta = "".join(f"<nd ref='{id}'/>" for id in [*ids, ids[0]])
        partes.append(f"<way id='{-(i + 1)}' changeset='{conjunto}'>{vuelta}<tag k='building' v='yes'/></way>")
    return f"<osmChange version='0.6'><create>{''.join(partes)}</create></osmChange>"


def _sembrar(url: str, aula_id: int) -> None:
    """Cincuenta mil nodos en diez mil calles de cinco."""
    with psycopg.connect(url) as conexion:
        conexion.execute(
            """INSERT INTO practica_elemento (aula_id, tipo, id, version, semilla, conjunto, uid, usuario, lon, lat)
               SELECT %s, 'n', i, 1, true, 1, 7, 'Ana', -987500000 + (i %% 250) * 2000, 201000000 + (i / 250) * 2000
                 FROM generate_series(1, %s) i""",
            (aula_id, NODOS),
        )
        conexion.execute(
            """INSERT INTO practica_elemento (aula_id, tipo, id, version, semilla, conjunto, uid, usuario, nodos, etiquetas)
               SELECT %s, 'w', i, 1, true, 1, 7, 'Ana', ARRAY[i*5-4, i*5-3, i*5-2, i*5-1, i*5], '{"highway": "residential"}'
                 FROM generate_series(1, %s) i""",
            (aula_id, NODOS // 5),
        )
        conexion.commit()
        rearmar(conexion, aula_id)
        conexion.commit()
        conexion.execute("ANALYZE practica_elemento, practica_objeto")


def _mundo(url: str, personas: int) -> tuple[BaseDeDatos, int, list[str]]:
    bd = BaseDeDatos(url)
    municipio = municipio_de_200_vertices(bd)
    _ids, fichas = gente(bd, personas, municipio)
    return bd, aula(bd, municipio), fichas


def _movidos(conjunto: int, cuantos: int) -> str:
    nodos = "".join(
        f"<node id='{i}' version='1' changeset='{conjunto}' lon='{-98.75 + i % 250 * 2e-4 + 1e-5:.7f}' "
        f"lat='{20.1 + i // 250 * 2e-4:.7f}'/>"
        for i in range(1, cuantos + 1)
    )
    return f"<osmChange version='0.6'><modify>{nodos}</modify></osmChange>"


def subida(url: str) -> dict[str, Any]:
    """Diez mil cambios en un solo osmChange, en un aula que ya tiene cincuenta mil nodos."""
    bd, aula_id, (ficha,) = _mundo(url, 1)
    _sembrar(url, aula_id)
    tardan = []
    with servidor(url, procesos=2) as puerto:
        cliente = _Cliente(puerto, aula_id, ficha)
        for vez in range(VECES):
            conjunto = cliente.abrir()
            documento = _edificios(conjunto, CAMBIOS // 5, -98.6, 20.2 + vez * 0.01)
            antes = time.perf_counter()
            respuesta = cliente.pedir("POST", f"changeset/{conjunto}/upload", documento)
            tardan.append(time.perf_counter() - antes)
            assert len(respuesta) > 1000
        # Mover nodos que ya estaban: cambian de forma, sin versión nueva, las calles que pasan por ellos.
        conjunto = cliente.abrir()
        antes = time.perf_counter()
        cliente.pedir("POST", f"changeset/{conjunto}/upload", _movidos(conjunto, CAMBIOS))
        mover = time.perf_counter() - antes
        with psycopg.connect(url) as conexion:
            fila = conexion.execute("SELECT count(*) FROM osm_cambio WHERE accion = 'forma'").fetchone()
        assert fila == (CAMBIOS // 5,)
    bd.cerrar()
    return {
        "cambios": CAMBIOS,
        "mediana_s": round(median(tardan), 2),
        "peor_s": round(max(tardan), 2),
        "mover_10000_nodos_s": round(mover, 2),
        "meta": "≤ 5 s por diez mil cambios",
        "bien": max(*tardan, mover) <= 5,
    }


def mapa(url: str) -> dict[str, Any]:
    """Una caja con cincuenta mil nodos y sus diez mil vías, en XML y en JSON."""
    bd, aula_id, (ficha,) = _mundo(url, 1)
    _sembrar(url, aula_id)
    caja = "bbox=-98.76,20.09,-98.69,20.15"
    tardan: dict[str, list[float]] = {"map": [], "map.json": []}
    with servidor(url, procesos=2) as puerto:
        cliente = _Cliente(puerto, aula_id, ficha)
        for _vez in range(VECES):
            for direccion, veces in tardan.items():
                antes = time.perf_counter()
                contenido = cliente.pedir("GET", f"{direccion}?{caja}")
                veces.append(time.perf_counter() - antes)
                assert len(contenido) > 200_000
    bd.cerrar()
    peor = max(max(v) for v in tardan.values())
    return {
        "nodos": NODOS,
        "xml_mediana_s": round(median(tardan["map"]), 2),
        "json_mediana_s": round(median(tardan["map.json"]), 2),
        "peor_s": round(peor, 2),
        "meta": "≤ 2 s con 50 000 nodos",
        "bien": peor <= 2,
    }


def teselas(url: str) -> dict[str, Any]:
    """El mapa base de un aula con diez mil calles y dos mil edificios: cada tesela, la primera vez que alguien la mira."""
    bd, aula_id, (ficha,) = _mundo(url, 1)
    _sembrar(url, aula_id)
    antes = time.perf_counter()
    estreno = time.perf_counter() - antes
    cifras: dict[str, Any] = {"elementos": NODOS + NODOS // 5 + CAMBIOS, "estreno_s": round(estreno, 2)}
    peor = 0.0
    with servidor(url, procesos=2) as puerto:
        cliente = _Cliente(puerto, aula_id, ficha)
        conjunto = cliente.abrir()
        cliente.pedir("POST", f"changeset/{conjunto}/upload", _edificios(conjunto, CAMBIOS // 5, -98.75, 20.1))
        for z in (15, 16, 17):
            tardan = []
            _z, x0, y0 = tesela_de(-98.75, 20.106, z)
            for x, y in ((x0 + i, y0 + j) for i in range(6) for j in range(2)):
                antes = time.perf_counter()
                cliente.tesela(z, x, y)
                tardan.append((time.perf_counter() - antes) * 1000)
            tardan.sort()
            cifras |= {f"z{z}_p50_ms": round(median(tardan), 1), f"z{z}_p95_ms": round(tardan[-1], 1)}
            peor = max(peor, tardan[-1])
    bd.cerrar()
    return {**cifras, "meta": "≤ 300 ms la peor tesela sin guardar", "bien": peor <= 300}


def a_la_vez(url: str) -> dict[str, Any]:
    """Treinta personas guardan a la vez en la misma aula, cinco veces cada una: ningún error, ninguna versión de menos."""
    bd, aula_id, fichas = _mundo(url, GENTE)
    tardan: list[float] = []
    errores: list[BaseException] = []

    def guardar(puerto: int, lugar: int, ficha: str) -> None:
        try:
            cliente = _Cliente(puerto, aula_id, ficha)
            conjunto = cliente.abrir()
            for vez in range(GUARDADOS):
                documento = _edificios(conjunto, 20, -98.7 + lugar * 0.01, 20.1 + vez * 0.001)
                antes = time.perf_counter()
                cliente.pedir("POST", f"changeset/{conjunto}/upload", documento)
                tardan.append(time.perf_counter() - antes)
        except BaseException as error:
            errores.append(error)

    with servidor(url, procesos=2) as puerto:
        hilos = [threading.Thread(target=guardar, args=(puerto, i, ficha)) for i, ficha in enumerate(fichas)]
        for hilo in hilos:
            hilo.start()
        for hilo in hilos:
            hilo.join()
    with psycopg.connect(url) as conexion:
        fila = conexion.execute("SELECT count(*) FROM practica_elemento WHERE aula_id = %s", (aula_id,)).fetchone()
    bd.cerrar()
    esperadas = GENTE * GUARDADOS * 100
    tardan.sort()
    return {
        "personas": GENTE,
        "guardados": len(tardan),
        "errores": len(errores),
        "versiones": fila[0] if fila else 0,
        "mediana_s": round(median(tardan), 3) if tardan else None,
        "p95_s": round(tardan[int(len(tardan) * 0.95)], 3) if tardan else None,
        "meta": "ningún error y todas las versiones",
        "bien": not errores and fila == (esperadas,),
    }
