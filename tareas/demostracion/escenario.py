"""Arma la demostración completa en una base vacía de proyectos."""

import gzip
import hashlib
import heapq
import json
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from sqlalchemy import text

from geo.crs import area_m2
from geo.formatos.archivo import leer_archivo
from geo.formatos.area import area_de_archivo
from geo.pueblo import Pueblo, Simulador, Trazo, escribir_osm, generar, plantados_json, verdad_geojson
from tareas.calidad.evidencia import servicio as evidencia
from tareas.comun.bd import BaseDeDatos
from tareas.datos_osm import servicio as datos_osm
from tareas.demostracion import cuentas, proyectos
from tareas.demostracion.historia import Historia, Plan
from tareas.mapeo.consultas import geometria
from tareas.mapeo.reglas import Resultado
from tareas.municipios import servicio as municipios
from tareas.municipios.limites import Limite
from tareas.municipios.reglas import NOMBRES

DIAS = 26
Avisar = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Lugar:
    """El municipio de la demostración. ``pueblo`` es ``None`` si es uno verdadero."""

    clave: str
    nombre: str
    limite: MultiPolygon | Polygon
    pueblo: Pueblo | None


def armar(
    base: BaseDeDatos,
    carpeta: Path,
    ahora: datetime,
    avisar: Avisar,
    *,
    limite: Path | None = None,
    osm: Path | None = None,
) -> dict[str, Any]:
    """Arma la demostración y devuelve lo que va en ``demo.json``.

    Parameters
    ----------
    carpeta
        Donde queda la verdad del municipio ficticio, para compararla después.
    ahora
        La historia termina la víspera.
    limite, osm
        Límite y extracto verdaderos; sin ellos, el municipio ficticio.
    """
    carpeta.mkdir(parents=True, exist_ok=True)
    avisar("Municipio")
    lugar = _verdadero(limite) if limite is not None else _ficticio(carpeta)
    municipio = _guardar(base, lugar)
    if osm is not None or lugar.pueblo is not None:
        avisar("Datos de OpenStreetMap")
        with base.transaccion() as sesion:
            datos_osm.importar(
                sesion,
                osm if osm is not None else carpeta / "osm.osm.pbf",
                # Los ids del municipio ficticio no son de OpenStreetMap.
                fuente=None if osm is not None else "demostracion",
            )
    avisar("Cuentas")
    with base.transaccion() as sesion:
        lista, actores = cuentas.crear(sesion, municipio)
        proyectos.retirar_inconclusos(sesion, municipio)
    avisar("Proyectos")
    inicio = (ahora - timedelta(days=DIAS + 1)).replace(hour=15, minute=0, second=0, microsecond=0)
    ids = {}
    with base.lectura() as sesion:
        planes = proyectos.planes(sesion, lugar.limite, lugar.nombre.removesuffix(" (ficticio)"))
    for plan in planes:
        with base.transaccion() as sesion:
            creado = proyectos.crear(
                sesion,
                actores["municipio"],
                lugar.clave,
                plan,
                inicio - timedelta(days=1),
                publicar=plan.clave != "municipio",
            )
            ids[plan.clave] = creado
    _historia(base, lugar, ids, {usuario: a.id or 0 for usuario, a in actores.items()}, inicio, avisar)
    with base.lectura() as sesion:
        sesion.execute(text("ANALYZE"))
    return {"cuentas": [c.json() for c in lista], "proyectos": list(ids.values()), "municipio": municipio}


def _ficticio(carpeta: Path) -> Lugar:
    pueblo = generar()
    escribir_osm(pueblo, carpeta / "osm.osm.pbf")
    escribir_osm(pueblo, carpeta / "verdad.osm.pbf", que="verdad")
    (carpeta / "verdad.geojson.gz").write_bytes(gzip.compress(json.dumps(verdad_geojson(pueblo)).encode(), mtime=0))
    (carpeta / "errores_plantados.json").write_text(
        json.dumps(plantados_json(pueblo), ensure_ascii=False), encoding="utf-8"
    )
    return Lugar(pueblo.clave, pueblo.nombre, pueblo.limite, pueblo)


def _verdadero(limite: Path) -> Lugar:
    leida = area_de_archivo(limite, limite.name, reparar=True)
    return Lugar("demo", _nombre(limite), leida.geometria, None)


def _nombre(limite: Path) -> str:
    """El nombre que el archivo le da al lugar; si no lo dice, el del archivo."""
    for capa in leer_archivo(limite).capas:
        for propiedades in capa.propiedades:
            valores = {str(columna).lower(): valor for columna, valor in propiedades.items()}
            nombre = next((str(valores[c.lower()]) for c in NOMBRES if valores.get(c.lower())), "")
            if nombre:
                return nombre[:100]
    return limite.stem.replace("_", " ").replace("-", " ").strip().capitalize()[:100]


def _guardar(base: BaseDeDatos, lugar: Lugar) -> int:
    multi = lugar.limite if isinstance(lugar.limite, MultiPolygon) else MultiPolygon([lugar.limite])
    wkb = shapely.to_wkb(multi, byte_order=1)
    nuevo = Limite(
        clave=lugar.clave,
        nombre=lugar.nombre,
        entidad=lugar.pueblo.estado if lugar.pueblo else "",
        pais="MX",
        poblacion=None,
        zona_horaria="America/Mexico_City",
        wkb=wkb,
        area_m2=float(area_m2(np.array([multi], dtype=object))[0]),
        huella=hashlib.sha256(wkb).digest(),
    )
    with base.transaccion() as sesion:
        municipios.guardar(sesion, [nuevo], "demostración")
        consulta = text("UPDATE municipio SET ficticio = :f WHERE clave = :c RETURNING id")
        municipio: int = sesion.execute(consulta, {"f": lugar.pueblo is not None, "c": lugar.clave}).scalar_one()
    return municipio


def _historia(
    base: BaseDeDatos, lugar: Lugar, ids: dict[str, int], personas: dict[str, int], inicio: datetime, avisar: Avisar
) -> None:
    simulador = Simulador(lugar.pueblo) if lugar.pueblo is not None else None
    conjunto = 950_000_000
    # Sólo en el municipio ficticio: estos números de cuenta no son de nadie, y sus datos tampoco.
    uids = {personas[usuario]: (uid, usuario) for usuario, uid in cuentas.EN_OSM.items()}
    if simulador is not None:
        with base.transaccion() as sesion:
            cuentas.vincular(sesion, {quien: uid for quien, (uid, _usuario) in uids.items()})

    def dibujar(destino: BaseDeDatos, proyecto: int, planes: list[Plan]) -> set[int]:
        nonlocal conjunto
        if simulador is None or not planes:
            return set()
        trazos = []
        planes = sorted(planes, key=lambda p: p.guarda)
        with destino.lectura() as sesion:
            for plan in planes:
                conjunto += 1
                poligono = shapely.from_wkb(geometria(sesion, proyecto, plan.numero))
                uid, usuario = uids[plan.quien]
                trazos.append(Trazo(poligono, plan.guarda, uid, f"{usuario}_ficticia", conjunto, plan.corrige))
        # De una tarea sin imagen no se dibuja nada.
        dibujados = [t for t, p in zip(trazos, planes, strict=True) if p.resultado is Resultado.MAPEADA]
        cambio, cuantos = simulador.cambio(dibujados)
        hechos = dict(zip((t.conjunto for t in dibujados), cuantos, strict=True))
        sin_cambios = {p.numero for t, p in zip(trazos, planes, strict=True) if not hechos.get(t.conjunto)}
        if b"<create>" in cambio:
            with tempfile.NamedTemporaryFile(suffix=".osc") as archivo:
                archivo.write(cambio)
                archivo.flush()
                with destino.transaccion() as sesion:
                    datos_osm.aplicar(sesion, archivo.name)
        return sin_cambios

    mapean = [personas["mapeo1"], personas["mapeo2"]]
    validan = [personas["revision"], personas["capacitacion"]]

    def vivir(clave: str, semilla: int, ritmo: float, mapeada: float, validada: float) -> Iterator[tuple[int, str]]:
        with base.lectura() as sesion:
            tareas: int = sesion.execute(
                text("SELECT tareas_total FROM proyecto WHERE id = :p"), {"p": ids[clave]}
            ).scalar_one()
        # A distinta hora: una persona sólo mapea una tarea a la vez, también en la demostración.
        salida = inicio + timedelta(hours=0 if clave == "centro" else 12)
        azar = random.Random(semilla)  # nosec B311
        historia = Historia(
            base,
            ids[clave],
            tareas,
            mapean,
            validan,
            mapeada,
            validada,
            dibujar,
            azar,
            ritmo,
            en_curso=clave == "barrio",
        )
        for dia in historia.correr(salida, DIAS):
            yield dia, clave

    # Día por día los dos, y no uno tras otro: los avisos de cada quien quedan en el orden en que habrían llegado.
    vidas = vivir("centro", 1, 0.7, 0.97, 0.86), vivir("barrio", 2, 0.86, 0.52, 0.28)
    for dia, clave in heapq.merge(*vidas, key=itemgetter(0)):
        avisar(f"Historia de «{clave}»: día {dia} de {DIAS}")
    avisar("Evidencia")
    with base.transaccion() as sesion:
        evidencia.asentar(sesion)
