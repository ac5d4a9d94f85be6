"""Las consultas que corren en casi toda petición, sin las capas de SQLAlchemy."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from tareas.comun.bd import BaseDeDatos, filas

QUIEN_SOY = text("SELECT pg_backend_pid() AS proceso, cast(:n AS integer) AS n")
CAMBIAR = text("UPDATE persona SET nombre = :n WHERE id = :id RETURNING id")
LLAMADAS = text("SELECT 1 FROM persona WHERE nombre = :n")
REPETIR = text("""
    INSERT INTO municipio (id, clave, nombre, limite, area_m2, huella)
    SELECT id, 'otra', nombre, limite, area_m2, huella FROM municipio LIMIT 1 RETURNING id""")


def test_da_lo_mismo_que_la_sesion(bd, elenco):
    consulta = text("SELECT id, usuario, creada, 'a%b' AS signo FROM persona WHERE id = ANY(:ids) ORDER BY id")
    parametros = {"ids": [elenco.mapeadora, elenco.mapeador]}
    with bd.lectura() as sesion:
        directas = filas(sesion, consulta, parametros)
        assert [tuple(f) for f in directas] == [tuple(f) for f in sesion.execute(consulta, parametros)]
        assert directas[0].usuario == "mapeadora"


def test_va_en_la_transaccion_de_la_sesion(bd, elenco):
    with bd.lectura() as fuera, bd.transaccion() as sesion:
        filas(sesion, CAMBIAR, {"n": "X", "id": elenco.mapeadora})
        assert filas(sesion, LLAMADAS, {"n": "X"})
        assert filas(fuera, LLAMADAS, {"n": "X"}) == []
        sesion.rollback()
    with bd.lectura() as sesion:
        assert filas(sesion, LLAMADAS, {"n": "X"}) == []


def test_los_errores_son_los_de_siempre_y_la_conexion_sigue_sirviendo(bd, elenco):
    with bd.lectura() as sesion:
        with pytest.raises(IntegrityError) as error:
            filas(sesion, REPETIR, {})
        assert error.value.orig.diag.constraint_name == "municipio_pk"
        assert filas(sesion, QUIEN_SOY, {"n": 3})[0].n == 3


def test_si_la_base_se_reinicia_se_pierde_una_peticion_y_no_una_por_conexion(url_base):
    bd = BaseDeDatos(url_base, conexiones=4)
    juntos = Barrier(4)

    def preguntar(_i: int) -> int:
        with Session(bd.motor_directo) as sesion:
            proceso = filas(sesion, QUIEN_SOY, {"n": 1})[0].proceso
            juntos.wait(10)
            return proceso

    try:
        with ThreadPoolExecutor(4) as hilos:
            procesos = list(hilos.map(preguntar, range(4)))
            assert len(set(procesos)) == 4
            with psycopg.connect(url_base, autocommit=True) as otra:
                otra.execute("SELECT pg_terminate_backend(p, 5000) FROM unnest(%s::int[]) p", (procesos,))
            with pytest.raises(OperationalError), bd.lectura() as sesion:
                filas(sesion, QUIEN_SOY, {"n": 1})
            nuevos = list(hilos.map(preguntar, range(4)))
        assert not set(nuevos) & set(procesos)
    finally:
        bd.cerrar()
