"""Filas mínimas para las pruebas, escritas en SQL para no depender de los servicios que se prueban."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from tareas.comun.bd import BaseDeDatos
from tareas.cuentas.consultas import huella

OESTE, SUR, LADO = -98.75, 20.10, 0.001


# Un TRUNCATE rehace cada índice y espera al disco por cada uno: con las pocas filas de una prueba, borrarlas cuesta cien
# veces menos. Las que crecieron sí se truncan. Nadie escribe mientras tanto: primero se espera a lo que siga a medias.
VACIAR = """
DO $$
DECLARE
    tablas regclass[] := ARRAY(
        SELECT oid FROM pg_class
         WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ('spatial_ref_sys', 'alembic_version')
         ORDER BY relname);
    tabla regclass;
    secuencia pg_sequence;
BEGIN
    -- Sin disparadores: el historial no se deja borrar de otra manera.
    SET LOCAL session_replication_role = replica;
    EXECUTE 'LOCK TABLE ' || array_to_string(tablas, ', ') || ' IN EXCLUSIVE MODE';
    FOREACH tabla IN ARRAY tablas LOOP
        CASE WHEN pg_relation_size(tabla) > 1000000 THEN EXECUTE 'TRUNCATE ' || tabla || ' CASCADE';
             WHEN pg_relation_size(tabla) > 0 THEN EXECUTE 'DELETE FROM ' || tabla;
             ELSE NULL;
        END CASE;
    END LOOP;
    -- Solo las de las columnas: las que van solas siguen de largo, como en un TRUNCATE … RESTART IDENTITY.
    FOR secuencia IN
        SELECT s.* FROM pg_sequence s
         WHERE pg_sequence_last_value(s.seqrelid) IS NOT NULL
           AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid
                                                 AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))
    LOOP
        PERFORM setval(secuencia.seqrelid, secuencia.seqstart, false);
    END LOOP;
END $$"""

_conexiones: dict[str, psycopg.Connection[tuple[object, ...]]] = {}


def vaciar(url: str) -> None:
    """Borra todo lo que las pruebas hayan escrito en una base y vuelve a contar desde uno.

    La conexión se guarda: una nueva tendría que volver a leer el catálogo entero.
    """
    conexion = _conexiones.get(url)
    try:
        if conexion is not None:
            conexion.execute(VACIAR)
            return
    except psycopg.OperationalError:
        # Alguna prueba apaga la base a propósito.
        if not conexion.closed:
            raise
    _conexiones[url] = conexion = psycopg.connect(url, autocommit=True)
    conexion.execute(VACIAR)


def persona(bd: BaseDeDatos, usuario: str, *papeles: tuple[int | None, str]) -> int:
    """Crea una persona activa con papeles ``(municipio_id, papel)``."""
    with bd.transaccion() as sesion:
        nueva: int = sesion.execute(
            text("INSERT INTO persona (usuario, nombre) VALUES (:u, :n) RETURNING id"),
            {"u": usuario, "n": usuario.capitalize()},
        ).scalar_one()
        for municipio_id, papel in papeles:
            sesion.execute(
                text("INSERT INTO papel (persona_id, municipio_id, papel) VALUES (:p, :m, :k)"),
                {"p": nueva, "m": municipio_id, "k": papel},
            )
    return nueva


def abrir_sesion(bd: BaseDeDatos, persona_id: int) -> str:
    """Ficha secreta de una sesión vigente."""
    ficha = secrets.token_urlsafe(24)
    with bd.transaccion() as sesion:
        sesion.execute(
            text(
                "INSERT INTO sesion (huella, persona_id, via, vence) VALUES (:h, :p, 'api', now() + interval '1 day')"
            ),
            {"h": huella(ficha), "p": persona_id},
        )
    return ficha


def municipio(bd: BaseDeDatos, clave: str = "99001", nombre: str = "Ejemplo del Río") -> int:
    """Municipio cuadrado de 0.02° por lado."""
    with bd.transaccion() as sesion:
        nuevo: int = sesion.execute(
            text("""INSERT INTO municipio (clave, nombre, entidad, limite, area_m2, huella, ficticio)
                    VALUES (:c, :n, 'Hidalgo', ST_Multi(ST_MakeEnvelope(-98.76, 20.09, -98.74, 20.11, 4326)), 4.6e6, '\\x00', true)
                    RETURNING id"""),
            {"c": clave, "n": nombre},
        ).scalar_one()
    return nuevo


def proyecto(
    bd: BaseDeDatos,
    municipio_id: int,
    *,
    columnas: int = 3,
    renglones: int = 3,
    estado: str = "publicado",
    visibilidad: str = "publica",
    nombre: str = "Centro",
) -> int:
    """Proyecto de ``columnas`` × ``renglones`` cuadros, numerados desde la esquina suroeste, renglón por renglón."""
    with bd.transaccion() as sesion:
        nuevo: int = sesion.execute(
            text("""INSERT INTO proyecto (municipio_id, nombre, estado, visibilidad, area, area_m2, division, tareas_total, publicado)
                    VALUES (:m, :n, :e, :v, ST_Multi(ST_MakeEnvelope(:w, :s, :w + :c * :l, :s + :r * :l, 4326)), :t * 11600.0,
                            '{"tipo": "cuadros", "lado_m": 100}', :t, now())
                    RETURNING id"""),
            {
                "m": municipio_id,
                "n": nombre,
                "e": estado,
                "v": visibilidad,
                "w": OESTE,
                "s": SUR,
                "l": LADO,
                "c": columnas,
                "r": renglones,
                "t": columnas * renglones,
            },
        ).scalar_one()
        sesion.execute(
            text("""INSERT INTO tarea (proyecto_id, numero, municipio_id, celda, geom, area_m2)
                    SELECT :p, (r * :c + c + 1), :m, (r * :c + c),
                           ST_MakeEnvelope(:w + c * :l, :s + r * :l, :w + (c + 1) * :l, :s + (r + 1) * :l, 4326), 11600
                      FROM generate_series(0, :c - 1) c, generate_series(0, :r - 1) r"""),
            {"p": nuevo, "m": municipio_id, "w": OESTE, "s": SUR, "l": LADO, "c": columnas, "r": renglones},
        )
    return nuevo


def aula(sesion: Session, municipio_id: int, *, visibilidad: str = "publica") -> int:
    """Aula vacía, con su replicación empezada."""
    nueva: int = sesion.execute(
        text(
            "INSERT INTO aula (municipio_id, nombre, visibilidad, armada) VALUES (:m, 'Taller', :v, true) RETURNING id"
        ),
        {"m": municipio_id, "v": visibilidad},
    ).scalar_one()
    sesion.execute(
        text("""INSERT INTO practica_diferencia (aula_id, secuencia, momento, tx_desde, tx_hasta, cambios)
                SELECT :a, 0, ahora(), x, x, 0 FROM (SELECT (pg_current_xact_id()::text)::bigint AS x) t"""),
        {"a": nueva},
    )
    return nueva


def imagen_en_borrador(sesion: Session, municipio_id: int) -> int:
    """Una imagen sin permiso, cuyo archivo no está en ninguna parte."""
    nueva: int = sesion.execute(
        text("""INSERT INTO imagen (municipio_id, nombre, archivo, formato, tamano, huella, caja, minzoom, maxzoom, resolucion_m)
                VALUES (:m, 'Ortofoto reservada', '/no/hay/tal.mbtiles', 'mbtiles', 1, '\\x00',
                        '{-98.76,20.09,-98.74,20.11}', 10, 18, 0.5) RETURNING id"""),
        {"m": municipio_id},
    ).scalar_one()
    return nueva


def referencia(sesion: Session, municipio_id: int) -> int:
    """Una referencia del municipio con una sola huella."""
    nueva: int = sesion.execute(
        text("""INSERT INTO referencia (municipio_id, nombre, licencia, fuente, puede_compararse, huella, huellas, omitidas)
                VALUES (:m, 'Catastro de ejemplo', 'Uso interno', 'Ayuntamiento', true, '\\x01', 1, '{}') RETURNING id"""),
        {"m": municipio_id},
    ).scalar_one()
    sesion.execute(
        text("""INSERT INTO referencia_huella (referencia_id, geom)
                VALUES (:r, ST_Multi(ST_MakeEnvelope(-98.7499, 20.1001, -98.7498, 20.1002, 4326)))"""),
        {"r": nueva},
    )
    return nueva


@dataclass
class Elenco:
    """Las personas de siempre; los atributos son sus identificadores."""

    municipio: int
    proyecto: int
    mapeadora: int
    mapeador: int
    validadora: int
    capacitadora: int
    funcionaria: int
    administradora: int
    forastera: int
    otro_municipio: int
    extra: dict[str, int] = field(default_factory=dict)


def sembrar_elenco(bd: BaseDeDatos) -> Elenco:
    """Municipio, proyecto y una persona por papel; la forastera tiene todos los papeles, pero en otro municipio."""
    aqui, alla = municipio(bd), municipio(bd, "99002", "Ñuu Lejano")
    return Elenco(
        municipio=aqui,
        otro_municipio=alla,
        proyecto=proyecto(bd, aqui),
        mapeadora=persona(bd, "mapeadora", (aqui, "mapeador")),
        mapeador=persona(bd, "mapeador", (aqui, "mapeador")),
        validadora=persona(bd, "validadora", (aqui, "validador")),
        capacitadora=persona(bd, "capacitadora", (aqui, "capacitador")),
        funcionaria=persona(bd, "funcionaria", (aqui, "funcionario")),
        administradora=persona(bd, "administradora", (None, "administrador")),
        forastera=persona(
            bd,
            "forastera",
            *[(alla, p) for p in ("mapeador", "validador", "capacitador", "funcionario", "administrador")],
        ),
    )


def devolver(mapea: Any, revisa: Any, raiz: str, *motivos: str) -> None:
    """Una tarea (``raiz``: su dirección en la API) que una persona entrega y otra le devuelve por esos motivos."""
    ficha = mapea.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"]
    assert mapea.post(f"{raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada"}).status_code == 200
    ficha = revisa.post(f"{raiz}/bloqueo", json={"para": "validar"}).json["ficha"]
    cuerpo = {"ficha": ficha, "veredicto": "devuelta", "motivos": motivos, "nota": "faltan dos"}
    assert revisa.post(f"{raiz}/dictamen", json=cuerpo).status_code == 200


def sortear(bd: BaseDeDatos) -> int:
    """Pide una segunda opinión de la última entrega que tuvo su primer dictamen, como si le hubiera tocado; da la entrega."""
    with bd.transaccion() as sesion:
        entrega: int = sesion.execute(text("SELECT max(entrega) FROM dictamen WHERE clase = 'primera'")).scalar_one()
        sesion.execute(
            text("""INSERT INTO segunda_revision (entrega, municipio_id, proyecto_id, numero, primera, primera_persona_id, autora_id)
                    SELECT entrega, municipio_id, proyecto_id, numero, id, persona_id, autora_id FROM dictamen WHERE entrega = :e
                    ON CONFLICT DO NOTHING"""),
            {"e": entrega},
        )
    return entrega
