"""La cola de revisión y «dame una» con cien mil entregas en espera, y las medidas con cien mil dictámenes."""

import asyncio
import json
import os
import random
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from tareas.comun.bd import BaseDeDatos
from tests.bancos.cliente import Conexion
from tests.bancos.lugar import servidor
from tests.bancos.mundo import gente, municipio_de_200_vertices
from tests.fabrica import proyecto

PERSONAS, REVISAN = 200, 10
TAREAS = 100_000
INICIO = datetime(2026, 1, 5, 14, tzinfo=UTC)
CODIGOS = ("E-FALT", "E-TRAS", "E-ESQ", "V-SINCON", "E-DUP")
Filas = list[tuple[Any, ...]]


@dataclass
class Historia:
    """Filas de una historia de entregas y dictámenes, para escribirlas en bloque."""

    municipio: int
    pasos: Filas = field(default_factory=list)
    dictamenes: Filas = field(default_factory=list)
    retros: Filas = field(default_factory=list)
    senalados: Filas = field(default_factory=list)
    disputas: Filas = field(default_factory=list)
    segundas: Filas = field(default_factory=list)
    hallados: Filas = field(default_factory=list)
    estados: dict[tuple[int, int], int] = field(default_factory=dict)
    ficha: int = 0

    def paso(self, proyecto: int, numero: int, accion: str, de: int | None, a: int | None, quien: int, cuando: datetime,
             deshace: int | None = None) -> int:  # fmt: skip
        """Agrega un paso al historial y deja la tarea en su estado; su id."""
        self.ficha += accion in {"entrega", "dictamen"}
        nuevo = len(self.pasos) + 1
        con_turno = None if deshace else self.ficha
        self.pasos.append(
            (nuevo, self.municipio, proyecto, numero, accion, de, a, quien, cuando, con_turno, 300, deshace)
        )
        if a is not None:
            self.estados[proyecto, numero] = a
        return nuevo

    def entregar(self, azar: random.Random, proyecto: int, numero: int, quien: int, cuando: datetime) -> int:
        """Una entrega, con lo que la guarda halló y contó."""
        de = self.estados.get((proyecto, numero), 0)
        entrega = self.paso(proyecto, numero, "entrega", de, 1, quien, cuando)
        niveles = [azar.choice((0, 0, 0, 0, 0, 1, 2)), azar.choice((0, 0, 1, 1, 2, 3)), azar.choice((0, 1, 2))]
        codigos = json.dumps({azar.choice(CODIGOS): sum(niveles)} if sum(niveles) else {})
        self.hallados.append((proyecto, numero, self.ficha, self.municipio, azar.randrange(5, 60), *niveles, codigos))
        return entrega

    def juzgar(self, azar: random.Random, proyecto: int, numero: int, entrega: int, quien: int, cuando: datetime,
               veredicto: str, clase: str = "primera") -> int:  # fmt: skip
        """Un dictamen; si no acepta sin más, con uno a tres errores señalados."""
        autora, paso, retro = self.pasos[entrega - 1][7], None, None
        if clase == "ciega":
            self.ficha += 1
        else:
            paso = self.paso(proyecto, numero, "dictamen", 1, 3 if veredicto == "devuelta" else 2, quien, cuando)
        if veredicto != "aceptada":
            retro = len(self.retros) + 1
            self.retros.append((retro, self.municipio, proyecto, quien, "Falta lo señalado", cuando))
            for codigo in azar.sample(CODIGOS, azar.randrange(1, 4)):
                self.senalados.append((retro, proyecto, numero, codigo))
        nuevo = len(self.dictamenes) + 1
        self.dictamenes.append((nuevo, self.municipio, proyecto, numero, entrega, paso, self.ficha, quien, autora,
                                veredicto, clase, retro, cuando, azar.uniform(40, 900)))  # fmt: skip
        return nuevo

    def disputar(self, proyecto: int, numero: int, dictamen: int, cuando: datetime, resultado: str | None) -> None:
        """La disputa de una devolución; resuelta por ella misma si se dice en qué terminó."""
        de, autora = self.dictamenes[dictamen - 1][4], self.dictamenes[dictamen - 1][8]
        paso = self.paso(proyecto, numero, "disputa", 3, 1, autora, cuando)
        resuelta = dictamen if resultado else None
        self.disputas.append((self.municipio, proyecto, numero, dictamen, de, paso, autora, "Sí están todas las casas",
                              cuando, resuelta, resultado))  # fmt: skip

    def escribir(self, url: str) -> None:
        """Todo de una vez y sin disparadores: son filas que ya cuadran entre sí."""
        tablas: dict[str, tuple[str, Iterable[Sequence[Any]]]] = {
            "historial": ("id, municipio_id, proyecto_id, numero, accion, de, a, persona_id, cuando, ficha, duracion_s, deshace", self.pasos),
            "retroalimentacion": ("id, municipio_id, proyecto_id, persona_id, nota, cuando", self.retros),
            "senalamiento": ("retro_id, proyecto_id, numero, codigo", self.senalados),
            "dictamen": ("id, municipio_id, proyecto_id, numero, entrega, paso, ficha, persona_id, autora_id, veredicto, clase, retro_id, cuando, duracion_s", self.dictamenes),
            "disputa": ("municipio_id, proyecto_id, numero, dictamen_id, entrega, paso, persona_id, motivo, cuando, resuelta, resultado", self.disputas),
            "segunda_revision": ("entrega, municipio_id, proyecto_id, numero, primera, primera_persona_id, autora_id, sorteada, persona_id, ficha, desde, vence, hecha", self.segundas),
            "entrega_hallazgos": ("proyecto_id, numero, ficha, municipio_id, objetos, nivel1, nivel2, nivel3, codigos", self.hallados),
            "por_poner": ("proyecto_id, numero, estado", ((p, n, a) for (p, n), a in self.estados.items())),
        }  # fmt: skip
        with psycopg.connect(url) as conexion:
            conexion.execute("SET session_replication_role = replica")
            conexion.execute("CREATE TEMP TABLE por_poner (proyecto_id bigint, numero integer, estado smallint)")
            for tabla, (columnas, filas) in tablas.items():
                with conexion.cursor().copy(f"COPY {tabla} ({columnas}) FROM STDIN") as copia:
                    for fila in filas:
                        copia.write_row(fila)
            conexion.execute(
                "UPDATE tarea t SET estado = u.estado FROM por_poner u WHERE t.proyecto_id = u.proyecto_id AND t.numero = u.numero"
            )
            conexion.execute("INSERT INTO entrega_en_espera SELECT * FROM espera_segun_historial")
            for tabla in ("historial", "retroalimentacion", "dictamen"):
                conexion.execute(
                    f"SELECT setval(pg_get_serial_sequence('{tabla}', 'id'), (SELECT max(id) FROM {tabla}))"
                )  # nosec B608
            conexion.execute("SELECT setval('ficha_bloqueo', %s)", (self.ficha + 1,))
            conexion.commit()
            conexion.autocommit = True
            conexion.execute("VACUUM ANALYZE")


def _cuando(orden: int, de: int) -> datetime:
    return INICIO + timedelta(seconds=orden * 60 * 86400 / de)


def en_espera(historia: Historia, campo: int, tareas: int, mapean: Sequence[int], revisan: Sequence[int]) -> None:
    """Todas entregadas y sin juzgar: la mayoría por primera vez; 4 % ya volvió, 1 % se deshizo y se repitió, y hay
    disputas.
    """
    azar = random.Random(29)  # nosec B311
    for numero in range(1, tareas + 1):
        suerte, cuando = azar.random(), _cuando(numero, tareas)
        # Quienes revisan también mapean, poco.
        quien = azar.choice(revisan) if suerte > 0.995 else azar.choice(mapean)
        historia.paso(campo, numero, "bloqueo", None, None, quien, cuando - timedelta(minutes=20))
        entrega = historia.entregar(azar, campo, numero, quien, cuando)
        if suerte < 0.01:
            historia.paso(campo, numero, "deshacer", 1, 0, quien, cuando, deshace=entrega)
            entrega = historia.entregar(azar, campo, numero, quien, cuando + timedelta(minutes=1))
        if suerte < 0.05:
            revisa = azar.choice([r for r in revisan if r != quien])
            dictamen = historia.juzgar(azar, campo, numero, entrega, revisa, cuando + timedelta(days=1), "devuelta")
            if suerte < 0.002:
                historia.disputar(campo, numero, dictamen, cuando + timedelta(days=2), None)
            else:
                historia.entregar(azar, campo, numero, quien, cuando + timedelta(days=3))


def juzgadas(historia: Historia, campo: int, tareas: int, mapean: Sequence[int], revisan: Sequence[int]) -> None:
    """Una entrega y un dictamen por tarea; 12 % con segunda opinión, y una de cada veinte devueltas, disputada."""
    azar = random.Random(31)  # nosec B311
    culpas = {quien: azar.uniform(0.02, 0.4) for quien in mapean}
    for numero in range(1, tareas + 1):
        cuando, quien, (revisa, otra) = _cuando(numero, tareas), azar.choice(mapean), azar.sample(revisan, 2)
        entrega = historia.entregar(azar, campo, numero, quien, cuando)
        devuelve = azar.random() < culpas[quien]
        veredicto = "devuelta" if devuelve else azar.choice(("aceptada", "aceptada", "con_arreglos"))
        despues = cuando + timedelta(seconds=azar.uniform(3600, 200_000))
        dictamen = historia.juzgar(azar, campo, numero, entrega, revisa, despues, veredicto)
        if azar.random() < 0.12:
            igual = veredicto if azar.random() < 0.8 else "aceptada" if devuelve else "devuelta"
            ciega = historia.juzgar(azar, campo, numero, entrega, otra, despues + timedelta(days=1), igual, "ciega")
            historia.segundas.append((entrega, historia.municipio, campo, numero, dictamen, revisa, quien, despues, otra,
                                      historia.ficha, despues, despues + timedelta(hours=2), ciega))  # fmt: skip
        elif devuelve and azar.random() < 0.05:
            resultado = azar.choice(("sostenida", "a_favor"))
            historia.disputar(campo, numero, dictamen, despues + timedelta(days=1), resultado)


@dataclass(frozen=True)
class Lugar:
    """Lo que se midió: el municipio, el proyecto y las fichas de quienes revisan."""

    municipio: int
    campo: int
    revisan: list[int]
    fichas: list[str]


def lugar_con_cola(url: str, esperan: int = TAREAS, antes: int = TAREAS) -> Lugar:
    """Un proyecto con ``esperan`` entregas en espera, y otro del mismo municipio donde ya se juzgaron ``antes``."""
    bd = BaseDeDatos(url)
    municipio = municipio_de_200_vertices(bd)
    mapean, _fichas = gente(bd, PERSONAS, municipio)
    revisan, fichas = gente(bd, REVISAN, municipio, "validador")
    pasado, campo = (proyecto(bd, municipio, columnas=100, renglones=n // 100) for n in (antes, esperan))
    historia = Historia(municipio)
    juzgadas(historia, pasado, antes, mapean, revisan)
    en_espera(historia, campo, esperan, mapean, revisan)
    historia.escribir(url)
    bd.cerrar()
    return Lugar(municipio, campo, revisan, fichas)


def lugar_con_dictamenes(url: str, cuantas: int = TAREAS) -> Lugar:
    """Un proyecto con ``cuantas`` entregas ya juzgadas, de 200 personas en diez grupos."""
    bd = BaseDeDatos(url)
    municipio = municipio_de_200_vertices(bd)
    mapean, _fichas = gente(bd, PERSONAS, municipio)
    revisan, fichas = gente(bd, REVISAN, municipio, "validador")
    campo = proyecto(bd, municipio, columnas=100, renglones=cuantas // 100)
    historia = Historia(municipio)
    juzgadas(historia, campo, cuantas, mapean, revisan)
    historia.escribir(url)
    with psycopg.connect(url) as conexion:
        for k in range(10):
            conexion.execute(
                """WITH g AS (INSERT INTO grupo (municipio_id, nombre) VALUES (%s, %s) RETURNING id)
                   INSERT INTO grupo_persona (grupo_id, persona_id) SELECT g.id, unnest(%s::bigint[]) FROM g""",
                (municipio, f"Brigada {k}", mapean[k::10]),
            )
    bd.cerrar()
    return Lugar(municipio, campo, revisan, fichas)


async def _tiempos(veces: int, hacer: Callable[[], Awaitable[None]]) -> list[float]:
    salida = []
    for _vuelta in range(veces + 1):
        antes = time.perf_counter()
        await hacer()
        salida.append(1000 * (time.perf_counter() - antes))
    # La primera calienta las conexiones y los planes.
    return salida[1:]


def _cifras(que: str, tiempos: list[float], meta_ms: float, carga: float) -> dict[str, Any]:
    orden = sorted(tiempos)
    p50 = orden[len(orden) // 2]
    return {
        "medido": que,
        "n": len(orden),
        "p50_ms": round(p50, 1),
        "p95_ms": round(orden[int(len(orden) * 0.95)], 1),
        "carga_de_la_maquina": round(carga, 1),
        "meta": f"≤ {meta_ms:g} ms (p50)",
        "bien": p50 <= meta_ms,
    }


def _json(cuerpo: bytes) -> Any:
    return json.loads(zlib.decompress(cuerpo, 31) if cuerpo[:2] == b"\x1f\x8b" else cuerpo)


def cola(url: str, veces: int = 20) -> list[dict[str, Any]]:
    """Por HTTP, con cien mil entregas en espera: «dame una» para validar, y páginas de la cola."""
    lugar = lugar_con_cola(url)
    raiz = f"/api/v1/proyectos/{lugar.campo}"
    filas = []

    async def dar(conexion: Conexion) -> None:
        # Cada quien se queda con las suyas: la siguiente no es la misma.
        codigo, cuerpo = await conexion.pedir("POST", f"{raiz}/tareas/siguiente", {"para": "validar"})
        assert codigo == 201, (codigo, cuerpo)

    async def leer(conexion: Conexion, parametros: str) -> None:
        codigo, cuerpo = await conexion.pedir("GET", f"{raiz}/revision?{parametros}")
        assert codigo == 200, (codigo, cuerpo)
        assert _json(cuerpo)["tareas"]

    async def correr(puerto: int) -> None:
        conexion = Conexion(puerto, lugar.fichas[0])
        paginas = {
            "la primera página": "",
            "la página 1,000 por riesgo": "salto=49950",
            "la primera, por espera": "orden=espera",
            "la primera de una persona": f"persona={lugar.revisan[0] - 1}",
            "la primera de un código": "codigo=E-FALT",
        }
        filas.append(_cifras("dame una", await _tiempos(veces, lambda: dar(conexion)), 300, os.getloadavg()[0]))
        for que, parametros in paginas.items():
            tiempos = await _tiempos(veces, lambda p=parametros: leer(conexion, p))  # type: ignore[misc]
            filas.append(_cifras(que, tiempos, 300 if que == "la primera página" else 1000, os.getloadavg()[0]))
        await conexion.cerrar()

    with servidor(url, procesos=1) as puerto:
        asyncio.run(correr(puerto))
    return filas


def medidas(url: str, veces: int = 7) -> list[dict[str, Any]]:
    """Por HTTP, con cien mil dictámenes de 200 personas: cada modo de ver las medidas de un municipio."""
    lugar = lugar_con_dictamenes(url)
    filas = []

    async def leer(conexion: Conexion, ruta: str) -> None:
        codigo, cuerpo = await conexion.pedir("GET", ruta)
        assert codigo == 200, (codigo, cuerpo)

    async def correr(puerto: int) -> None:
        conexion = Conexion(puerto, lugar.fichas[0])
        raiz = f"/api/v1/municipios/{lugar.municipio}/medidas"
        vistas = {f"por {por}": f"{raiz}?por={por}" for por in ("persona", "grupo", "validador", "codigo", "mes", "proyecto")}  # fmt: skip
        vistas |= {"mías": "/api/v1/yo/medidas", "de un mes": f"{raiz}?por=persona&desde=2026-02-01&hasta=2026-02-28"}
        for que, ruta in vistas.items():
            tiempos = await _tiempos(veces, lambda r=ruta: leer(conexion, r))  # type: ignore[misc]
            filas.append(_cifras(que, tiempos, 1000, os.getloadavg()[0]))
        await conexion.cerrar()

    with servidor(url, procesos=1) as puerto:
        asyncio.run(correr(puerto))
    return filas
