"""Evidencia con un millón de cambios: leer la de una tarea, asentar diez mil entregas, recontarlas."""

import time
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import text

from tareas.calidad.evidencia import consultas, servicio
from tareas.comun.bd import BaseDeDatos
from tests.bancos.mundo import gente, municipio_de_200_vertices
from tests.fabrica import LADO, OESTE, SUR, proyecto

ENTREGAS, PERSONAS, CAMBIOS, LADO_DE_CAMPO = 10_000, 200, 1_000_000, 100
META_LEER_MS, META_ASENTAR_S = 30, 60
META_SUBIR_S, META_LARGO_S = 2, 15

# Cada persona entrega una tarea cada media hora; guarda diez objetos en cada una (casas, calles y vértices), uno de ellos
# fuera. Lo demás, hasta el millón, son cambios de otra gente en los mismos días.
ENTREGAR = """
INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id, cuando, ficha, motivos)
SELECT %(m)s, %(p)s, n, x.accion, x.de, x.a, (%(gente)s::bigint[])[1 + (n - 1) %% %(cuantas)s], x.cuando, n, x.motivos
  FROM generate_series(1, %(entregas)s) n
 CROSS JOIN LATERAL (SELECT timestamptz '2026-01-05 14:00Z' + ((n - 1) / %(cuantas)s) * interval '30 minutes' AS t) h
 CROSS JOIN LATERAL (VALUES ('bloqueo', NULL::smallint, NULL::smallint, h.t, ARRAY['mapear']),
                            ('entrega', 0::smallint, 1::smallint, h.t + interval '15 minutes', NULL)) x (accion, de, a, cuando, motivos)
 ORDER BY x.cuando
"""
GUARDAR = """
INSERT INTO osm_cambio (tipo, osm_id, version, accion, uid, cuando, conjunto, clase, etiquetas, geom, geom_antes)
SELECT CASE WHEN k < 8 THEN 'w' ELSE 'n' END, n * 10 + k, CASE WHEN k < 8 THEN 1 ELSE 2 END, CASE WHEN k < 8 THEN 'crear' ELSE 'modificar' END,
       1000 + (n - 1) %% %(cuantas)s, timestamptz '2026-01-05 14:00Z' + ((n - 1) / %(cuantas)s) * interval '30 minutes' + k * interval '1 minute',
       n, CASE WHEN k < 6 THEN 'edificio' WHEN k < 8 THEN 'via' END,
       CASE WHEN k < 6 THEN '{"building": "yes"}'::jsonb WHEN k < 8 THEN '{"highway": "residential"}' END, g.geom,
       CASE WHEN k >= 8 THEN ST_Translate(g.geom, 1e-6, 0) END
  FROM generate_series(1, %(entregas)s) n CROSS JOIN generate_series(0, 9) k
 CROSS JOIN LATERAL (SELECT %(o)s + ((n - 1) %% %(c)s + CASE WHEN k = 5 THEN 3 ELSE 0.1 * k + 0.02 END) * %(l)s AS x,
                            %(s)s + ((n - 1) / %(c)s + 0.4) * %(l)s AS y) e
 CROSS JOIN LATERAL (SELECT CASE WHEN k < 6 THEN ST_MakeEnvelope(x, y, x + 5e-5, y + 5e-5, 4326)
                                 WHEN k < 8 THEN ST_SetSRID(ST_MakeLine(ST_MakePoint(x, y), ST_MakePoint(x + 5e-4, y + 3e-4)), 4326)
                                 ELSE ST_SetSRID(ST_MakePoint(x, y), 4326) END AS geom) g
"""
AJENOS = """
INSERT INTO osm_cambio (tipo, osm_id, version, accion, uid, cuando, conjunto, clase, etiquetas, geom)
SELECT 'w', 10000000 + n, 1, 'crear', 500000 + n %% 3000, timestamptz '2026-01-05 14:00Z' + n * interval '0.1 second', n / 50, 'edificio',
       '{"building": "yes"}', ST_MakeEnvelope(%(o)s, %(s)s, %(o)s + 5e-5, %(s)s + 5e-5, 4326)
  FROM generate_series(1, %(ajenos)s) n
"""


def _ms(hacer: Any, veces: int = 50) -> list[float]:
    tiempos = []
    for i in range(veces):
        antes = time.perf_counter()
        hacer(1 + i * 197)
        tiempos.append(1000 * (time.perf_counter() - antes))
    return sorted(tiempos)


def evidencia(url: str) -> list[dict[str, Any]]:
    """Leer la evidencia de una tarea (al vuelo y asentada), asentar 10 000 entregas y recontarlas."""
    bd = BaseDeDatos(url)
    lugar = municipio_de_200_vertices(bd)
    personas, _fichas = gente(bd, PERSONAS, lugar)
    campo = proyecto(bd, lugar, columnas=LADO_DE_CAMPO, renglones=LADO_DE_CAMPO)
    datos = {"m": lugar, "p": campo, "gente": personas, "cuantas": PERSONAS, "entregas": ENTREGAS, "o": OESTE, "s": SUR}
    datos |= {"l": LADO, "c": LADO_DE_CAMPO, "ajenos": CAMBIOS - 10 * ENTREGAS}
    with psycopg.connect(url, autocommit=True) as conexion:
        conexion.execute(
            "INSERT INTO cuenta_osm (persona_id, servidor, uid, nombre) "
            "SELECT p, 'osm', 999 + i, 'banco' FROM unnest(%s::bigint[]) WITH ORDINALITY AS g (p, i)",
            [personas],
        )
        for orden in (ENTREGAR, GUARDAR, AJENOS):
            conexion.execute(orden, datos)
        conexion.execute("ANALYZE")
        conexion.execute("INSERT INTO osm_flujo (url, momento) VALUES ('http://127.0.0.1/', '2026-12-31Z')")
        filas: int = conexion.execute("SELECT count(*) FROM osm_cambio").fetchone()[0]  # type: ignore[index]
    with bd.lectura() as sesion:
        consultas.de_tarea(sesion, campo, 1)
        al_vuelo = _ms(lambda n: consultas.de_tarea(sesion, campo, n))
        antes = time.perf_counter()
        asentadas = servicio.asentar(sesion)
        asentar_s = time.perf_counter() - antes
        firme = _ms(lambda n: consultas.de_tarea(sesion, campo, n))
        turno = consultas.de_tarea(sesion, campo, 5000)[0]
        objetos = _ms(lambda _n: consultas.objetos(sesion, turno))
        por_persona = _ms(lambda _n: consultas.por_persona(sesion, campo), 10)
        nada_que_asentar = _ms(lambda _n: servicio.asentar(sesion), 5)
        antes = time.perf_counter()
        distintas = len(consultas.diferencias(sesion))
        recontar_s = time.perf_counter() - antes
        # Una subida de diez mil cambios, con y sin lo que la evidencia le agrega.
        subida = []
        for disparadores in ("ENABLE", "DISABLE"):
            sesion.execute(text(f"ALTER TABLE osm_cambio {disparadores} TRIGGER evidencia_llego_tarde"))
            antes = time.perf_counter()
            sesion.execute(
                text("""INSERT INTO osm_cambio (origen, tipo, osm_id, version, accion, uid, cuando)
                        SELECT :o, 'n', n, 1, 'crear', 1000, ahora() FROM generate_series(1, 10000) n"""),
                {"o": 7 if disparadores == "ENABLE" else 8},
            )
            subida.append(time.perf_counter() - antes)
        # Sesgado: todo lo asentado es de una persona, que sube diez mil cambios a otras tantas horas; y un turno larguísimo.
        sesion.execute(text("ALTER TABLE osm_cambio ENABLE TRIGGER evidencia_llego_tarde"))
        sesion.execute(text("UPDATE evidencia SET uid = 7"))
        sesion.execute(text("UPDATE osm_cambio SET uid = 8 WHERE uid >= 500000 AND osm_id % 12 = 0"))
        sesion.execute(text("ANALYZE osm_cambio, evidencia"))
        antes = time.perf_counter()
        sesion.execute(
            text("""INSERT INTO osm_cambio (origen, tipo, osm_id, version, accion, uid, cuando)
                    SELECT 0, 'n', -n, 1, 'crear', 7, timestamptz '2026-01-05 14:00Z' + n * interval '8 s' FROM generate_series(1, 10000) n""")
        )
        una_persona_s = time.perf_counter() - antes
        antes = time.perf_counter()
        largo: int = sesion.execute(
            text("""SELECT c.fuera_creados + c.dentro_creados FROM tarea t, evidencia_cuenta(t.geom, 0, 8, '2026-01-01Z', '2027-01-01Z', '2026-01-01Z') c
                     WHERE t.proyecto_id = :p AND t.numero = 1"""),
            {"p": campo},
        ).scalar_one()
        largo_s = time.perf_counter() - antes
    bd.cerrar()
    return [
        {
            "cambios": filas,
            "entregas": asentadas,
            "leer_una_tarea_al_vuelo_ms": round(median(al_vuelo), 1),
            "leer_una_tarea_al_vuelo_p95_ms": round(al_vuelo[int(len(al_vuelo) * 0.95)], 1),
            "leer_una_tarea_firme_ms": round(median(firme), 1),
            "objetos_de_un_turno_ms": round(median(objetos), 1),
            "por_persona_ms": round(median(por_persona), 1),
            "meta": f"una tarea ≤ {META_LEER_MS} ms",
            "bien": max(median(al_vuelo), median(firme)) <= META_LEER_MS,
        },
        {
            "entregas": asentadas,
            "asentar_s": round(asentar_s, 1),
            "sin_nada_que_asentar_ms": round(median(nada_que_asentar), 1),
            "recontar_s": round(recontar_s, 1),
            "diferencias": distintas,
            "subir_10000_cambios_ms": round(1000 * subida[0], 1),
            "subir_10000_sin_evidencia_ms": round(1000 * subida[1], 1),
            "meta": f"asentar ≤ {META_ASENTAR_S} s, sin diferencias",
            "bien": asentar_s <= META_ASENTAR_S and distintas == 0 and asentadas == ENTREGAS,
        },
        {
            "subir_10000_a_otras_tantas_horas_con_10000_turnos_s": round(una_persona_s, 2),
            "objetos_de_un_turno_larguisimo": largo,
            "contar_un_turno_larguisimo_s": round(largo_s, 2),
            "meta": f"sesgado: subir ≤ {META_SUBIR_S} s, contar ≤ {META_LARGO_S} s",
            "bien": una_persona_s <= META_SUBIR_S and largo_s <= META_LARGO_S and largo > 70_000,
        },
    ]
