"""Personas, municipios y proyectos para medir, escritos en bloque."""

import math
import random
from datetime import UTC, datetime, timedelta

import psycopg

from tareas.comun.bd import BaseDeDatos
from tests.fabrica import abrir_sesion, persona


def municipio_de_200_vertices(bd: BaseDeDatos, radio_grados: float = 0.12) -> int:
    """Municipio redondo e irregular de 200 vértices, cerca de Pachuca."""
    azar = random.Random(7)  # nosec B311
    vertices = []
    for i in range(200):
        angulo, largo = 2 * math.pi * i / 200, radio_grados * azar.uniform(0.85, 1.0)
        vertices.append(f"{-98.75 + largo * math.cos(angulo):.7f} {20.1 + largo * 0.94 * math.sin(angulo):.7f}")
    anillo = ", ".join([*vertices, vertices[0]])
    from sqlalchemy import text

    with bd.transaccion() as sesion:
        nuevo: int = sesion.execute(
            text("""INSERT INTO municipio (clave, nombre, limite, area_m2, huella, ficticio)
                    SELECT 'banco-' || gen_random_uuid(), 'Banco', ST_Multi(g), ST_Area(g::geography), '\\x00', true
                      FROM ST_GeomFromText(:g, 4326) g RETURNING id"""),
            {"g": f"POLYGON(({anillo}))"},
        ).scalar_one()
    return nuevo


def gente(bd: BaseDeDatos, cuantas: int, municipio: int, papel: str = "mapeador") -> tuple[list[int], list[str]]:
    """Personas con sesión abierta: identificadores y fichas secretas."""
    ids = [persona(bd, f"{papel}{municipio}x{i}", (municipio, papel)) for i in range(cuantas)]
    return ids, [abrir_sesion(bd, i) for i in ids]


def historia_larga(url: str, proyecto: int, municipio: int, personas: list[int], pasos: int) -> None:
    """Escribe ``pasos`` pasos de historial coherentes en sesenta días: tomar, entregar, tomar, dictaminar."""
    azar = random.Random(11)  # nosec B311
    inicio = datetime(2026, 1, 5, 14, tzinfo=UTC)
    ciclos = pasos // 4
    filas = []
    for i in range(ciclos):
        numero, ficha = i + 1, 2 * i + 1
        quien, revisa = personas[i % len(personas)], personas[(i + 1) % len(personas)]
        toma = inicio + timedelta(seconds=i * 60 * 86400 / ciclos)
        dura, espera = azar.uniform(200, 2400), azar.uniform(3600, 200_000)
        devuelve = azar.random() < 0.2
        filas += [
            (municipio, proyecto, numero, "bloqueo", None, None, quien, toma, ficha, None, None),
            (municipio, proyecto, numero, "entrega", 0, 1, quien, toma + timedelta(seconds=dura), ficha, dura, None),
            (
                municipio,
                proyecto,
                numero,
                "bloqueo",
                None,
                None,
                revisa,
                toma + timedelta(seconds=dura + espera),
                ficha + 1,
                None,
                None,
            ),
            (
                municipio,
                proyecto,
                numero,
                "dictamen",
                1,
                3 if devuelve else 2,
                revisa,
                toma + timedelta(seconds=dura + espera + 120),
                ficha + 1,
                120,
                True,
            ),
        ]
    with psycopg.connect(url) as conexion:
        with (
            conexion.cursor() as cursor,
            cursor.copy(
                "COPY historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id, cuando, ficha, duracion_s, primera) FROM STDIN"
            ) as copia,
        ):
            for fila in filas:
                copia.write_row(fila)
        conexion.execute(
            """UPDATE tarea t SET estado = u.a FROM (SELECT DISTINCT ON (numero) numero, a FROM historial
                WHERE proyecto_id = %(p)s AND a IS NOT NULL ORDER BY numero, id DESC) u WHERE t.proyecto_id = %(p)s AND t.numero = u.numero""",
            {"p": proyecto},
        )
        conexion.execute("SELECT setval('ficha_bloqueo', %s)", (2 * ciclos + 10,))
        conexion.commit()
        conexion.autocommit = True
        conexion.execute("VACUUM ANALYZE")
