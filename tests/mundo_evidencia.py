"""Turnos y cambios de OSM para las pruebas de evidencia: los turnos, por los servicios; los cambios, fila por fila."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from tareas.comun import reloj
from tareas.comun.bd import BaseDeDatos
from tareas.mapeo import servicio as mapeo
from tareas.mapeo.reglas import Para, Resultado, SinCambios
from tests.fabrica import LADO, OESTE, SUR

LUNES = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
GRADO = 111_320.0
"""Metros por grado de latitud, aproximados: para poner cosas «a unos metros»."""


def min_(n: float) -> datetime:
    """El lunes, ``n`` minutos después de empezar."""
    return LUNES + timedelta(minutes=n)


def esquina(numero: int) -> tuple[float, float]:
    """Esquina suroeste de una tarea del proyecto de 3 × 3 de la fábrica."""
    renglon, columna = divmod(numero - 1, 3)
    return OESTE + columna * LADO, SUR + renglon * LADO


def casa(numero: int, x: float = 0.3, y: float = 0.3, lado: float = 0.1) -> str:
    """Cuadro dentro de una tarea; ``x``, ``y`` y ``lado``, en partes de la tarea. WKT."""
    oeste, sur = esquina(numero)
    a, b = oeste + x * LADO, sur + y * LADO
    d = lado * LADO
    return f"POLYGON(({a:.7f} {b:.7f}, {a + d:.7f} {b:.7f}, {a + d:.7f} {b + d:.7f}, {a:.7f} {b + d:.7f}, {a:.7f} {b:.7f}))"


def calle(numero: int, x0: float, y0: float, x1: float, y1: float) -> str:
    """Línea recta en partes de una tarea. WKT."""
    oeste, sur = esquina(numero)
    return f"LINESTRING({oeste + x0 * LADO:.7f} {sur + y0 * LADO:.7f}, {oeste + x1 * LADO:.7f} {sur + y1 * LADO:.7f})"


def punto(numero: int, x: float = 0.5, y: float = 0.5) -> str:
    """Punto en partes de una tarea. WKT."""
    oeste, sur = esquina(numero)
    return f"POINT({oeste + x * LADO:.7f} {sur + y * LADO:.7f})"


@dataclass
class Taller:
    """Un proyecto donde se mapea con cuentas de OSM sabidas."""

    bd: BaseDeDatos
    proyecto: int
    origen: int = 0

    def vincular(self, persona: int, uid: int, servidor: str = "osm") -> None:
        """Dice con qué cuenta de OSM edita una persona."""
        self._hacer(
            "INSERT INTO cuenta_osm (persona_id, servidor, uid, nombre) VALUES (:p, :s, :u, 'cuenta de prueba')",
            p=persona,
            s=servidor,
            u=uid,
        )

    def en(self, cuando: datetime, funcion: Any, **datos: Any) -> Any:
        """Llama a un servicio a una hora."""
        with self.bd.transaccion() as sesion:
            reloj.fijar(sesion, cuando)
            return funcion(sesion, proyecto_id=self.proyecto, **datos)

    def tomar(self, quien: int, numero: int, desde: datetime) -> int:
        """Toma una tarea; da la ficha."""
        ficha: int = self.en(desde, mapeo.tomar, persona_id=quien, numeros=[numero], para=Para.MAPEAR)[0].ficha
        return ficha

    def entregar(self, quien: int, numero: int, ficha: int, hasta: datetime, **extra: Any) -> None:
        """Entrega una tarea tomada."""
        datos: dict[str, Any] = {"resultado": Resultado.MAPEADA, **extra}
        self.en(hasta, mapeo.entregar, persona_id=quien, numero=numero, ficha=ficha, **datos)

    def turno(self, quien: int, numero: int, desde: datetime, hasta: datetime, motivo: SinCambios | None = None) -> int:
        """Toma y entrega; da la ficha."""
        ficha = self.tomar(quien, numero, desde)
        self.entregar(quien, numero, ficha, hasta, sin_cambios=motivo)
        return ficha

    def cambio(
        self,
        uid: int,
        cuando: datetime,
        tipo: str,
        osm_id: int,
        version: int = 1,
        accion: str = "crear",
        *,
        clase: str | None = None,
        geom: str | None = None,
        etiquetas: dict[str, str] | None = None,
        antes: tuple[str | None, str | None, dict[str, str] | None] = (None, None, None),
        conjunto: int | None = 7,
        causa: str = "",
        origen: int | None = None,
    ) -> None:
        """Una fila de ``osm_cambio``. ``antes``: clase, WKT y etiquetas de como estaba."""
        self._hacer(
            """INSERT INTO osm_cambio (origen, tipo, osm_id, version, accion, causa, uid, cuando, conjunto, clase, clase_antes, etiquetas,
                                       etiquetas_antes, geom, geom_antes)
               VALUES (:o, :t, :i, :v, :a, :ca, :u, :c, :j, :cl, :cla, cast(:e AS jsonb), cast(:ea AS jsonb),
                       ST_GeomFromText(:g, 4326), ST_GeomFromText(:ga, 4326))""",
            o=self.origen if origen is None else origen,
            t=tipo,
            i=osm_id,
            v=version,
            a=accion,
            ca=causa,
            u=uid,
            c=cuando,
            j=conjunto,
            cl=clase,
            cla=antes[0],
            e=None if etiquetas is None else json.dumps(etiquetas),
            ea=None if antes[2] is None else json.dumps(antes[2]),
            g=geom,
            ga=antes[1],
        )

    def edificio(self, uid: int, cuando: datetime, osm_id: int, geom: str, **extra: Any) -> None:
        """Un edificio nuevo."""
        self.cambio(uid, cuando, "w", osm_id, clase="edificio", geom=geom, etiquetas={"building": "yes"}, **extra)

    def via(self, uid: int, cuando: datetime, osm_id: int, geom: str, **extra: Any) -> None:
        """Una calle nueva."""
        self.cambio(uid, cuando, "w", osm_id, clase="via", geom=geom, etiquetas={"highway": "residential"}, **extra)

    def datos_hasta(self, cuando: datetime) -> None:
        """Un flujo que ya llegó hasta esa hora, desde un extracto de la víspera."""
        self._hacer(
            """INSERT INTO osm_importacion (archivo, modo, empezo, termino, version, cambio, cifras, momento)
               SELECT 'vispera.osm.pbf', 'importar', :m, :m, 1, true, '{}', :m WHERE NOT EXISTS (SELECT FROM osm_importacion)""",
            m=LUNES - timedelta(days=1),
        )
        self._hacer(
            """INSERT INTO osm_flujo (url, momento) VALUES ('http://127.0.0.1/flujo/', :c)
               ON CONFLICT ON CONSTRAINT osm_flujo_url_unica DO UPDATE SET momento = excluded.momento""",
            c=cuando,
        )

    def _hacer(self, sql: str, **parametros: Any) -> None:
        with self.bd.transaccion() as sesion:
            sesion.execute(text(sql), parametros)
