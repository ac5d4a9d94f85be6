"""Mundo y material de `test_entradas_hostiles`: personas con sesión, foto de la base, y archivos y áreas con malicia."""

import io
import json
import struct
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from flask import Flask
from flask.testing import FlaskClient
from pyproj import Transformer
from sqlalchemy import text
from werkzeug.routing import Rule

from tareas.comun.bd import BaseDeDatos
from tareas.cuentas.consultas import huella
from tareas.proyectos import recuerdo
from tests.fabrica import VACIAR, Elenco, aula, imagen_en_borrador, persona, proyecto, referencia, sembrar_elenco

ANILLO = [[-98.755, 20.095], [-98.745, 20.095], [-98.745, 20.105], [-98.755, 20.105], [-98.755, 20.095]]
AREA_M2 = 1_157_000
PERSONAS = ("mapeadora", "mapeador", "validadora", "capacitadora", "funcionaria", "administradora", "forastera")

# Intentar entrar deja cuenta del intento aunque se rechace: para eso es.
_SIN_CONTAR = ("spatial_ref_sys", "alembic_version", "intento_de_entrada")


@dataclass
class Mundo:
    """Base sembrada una sola vez; se vuelve a sembrar, con los mismos números, cuando algo se escribió."""

    app: Flask
    bd: BaseDeDatos
    elenco: Elenco = field(init=False)
    privado: int = 0
    borrador: int = 0
    sola: int = 0
    aula: int = 0
    taller: int = 0
    grupo: int = 0
    aviso: int = 0
    imagen: int = 0
    _tablas: list[str] = field(default_factory=list)
    _al_principio: str = ""

    def __post_init__(self) -> None:
        with self.bd.lectura() as sesion:
            nombres = sesion.execute(
                text("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public' ORDER BY relname")
            ).scalars()
            self._tablas = [n for n in nombres if n not in _SIN_CONTAR]
        self.sembrar()

    def sembrar(self) -> None:
        """Deja la base como al principio."""
        self.vaciar()
        self.elenco = sembrar_elenco(self.bd)
        self.privado = proyecto(self.bd, self.elenco.municipio, nombre="Milpa reservada 7731", visibilidad="privada")
        self.borrador = proyecto(self.bd, self.elenco.municipio, nombre="Milpa a medias 9942", estado="borrador")
        self.sola = persona(self.bd, "sola")
        fichas = {quien: getattr(self.elenco, quien) for quien in PERSONAS} | {"sola": self.sola}
        with self.bd.transaccion() as sesion:
            self.aula = aula(sesion, self.elenco.municipio, visibilidad="privada")
            self.taller = sesion.execute(
                text("INSERT INTO taller (municipio_id, nombre, empieza) VALUES (:m, 'Taller', now()) RETURNING id"),
                {"m": self.elenco.municipio},
            ).scalar_one()
            self.imagen = imagen_en_borrador(sesion, self.elenco.municipio)
            self.grupo = sesion.execute(
                text("INSERT INTO grupo (municipio_id, nombre) VALUES (:m, 'Brigada') RETURNING id"),
                {"m": self.elenco.municipio},
            ).scalar_one()
            # Ya leído: abrir uno nuevo es el único GET que escribe, y es para eso.
            self.aviso = sesion.execute(
                text(
                    "INSERT INTO aviso (persona_id, clase, enlace, leido) VALUES (:p, 'validada', '/', ahora()) RETURNING id"
                ),
                {"p": self.elenco.administradora},
            ).scalar_one()
            self.referencia = referencia(sesion, self.elenco.municipio)
            for quien, identificador in fichas.items():
                sesion.execute(
                    text(
                        "INSERT INTO sesion (huella, persona_id, via, vence) VALUES (:h, :p, 'api', now() + interval '1 day')"
                    ),
                    {"h": huella(f"ficha de {quien}"), "p": identificador},
                )
        self._al_principio = self.foto()

    def vaciar(self) -> None:
        """Borra todo."""
        recuerdo.olvidar()
        with self.bd.transaccion() as sesion:
            sesion.execute(text(VACIAR))

    def foto(self) -> str:
        """Huella de cada fila de cada tabla: cambia si algo se escribió, se cambió o se borró."""
        partes = " UNION ALL ".join(
            f"SELECT '{t}' || count(*) || ':' || coalesce(sum(hashtextextended(x::text, 0)), 0) AS f FROM {t} x"
            for t in self._tablas
        )
        with self.bd.lectura() as sesion:
            return str(sesion.execute(text(f"SELECT string_agg(f, ' ' ORDER BY f) FROM ({partes}) u")).scalar_one())

    def intacto(self) -> bool:
        """Si nada se escribió desde que se sembró."""
        return self.foto() == self._al_principio

    def como_al_principio(self) -> None:
        """Vuelve a sembrar si hizo falta."""
        if not self.intacto():
            self.sembrar()

    def cliente(self, quien: str | None, *, galleta: bool = False) -> FlaskClient:
        """Cliente con la sesión de esa persona, en la cabecera ``Authorization`` o en la galleta."""
        cliente = self.app.test_client()
        if quien and galleta:
            cliente.set_cookie("tequio_sesion", f"ficha de {quien}")
        elif quien:
            cliente.environ_base["HTTP_AUTHORIZATION"] = f"Bearer ficha de {quien}"
        return cliente

    def reglas(self, prefijo: str = "/") -> list[Rule]:
        """Reglas de la aplicación cuya dirección empieza así; sin la API de OSM, que habla su propio protocolo.

        Esa la prueban sus propias pruebas, con los errores que le tocan.
        """
        reglas = [r for r in self.app.url_map.iter_rules() if r.rule.startswith(prefijo)]
        return [r for r in reglas if not r.rule.startswith("/practica/aulas/<int:aula_id>/api/")]

    def valores(self) -> dict[str, Any]:
        """Un valor que existe para cada parámetro de dirección."""
        return {
            "proyecto_id": self.elenco.proyecto,
            "municipio_id": self.elenco.municipio,
            "persona_id": self.elenco.mapeadora,
            "papel_id": 1,
            "aula_id": self.aula,
            "imagen_id": self.imagen,
            "referencia_id": self.referencia,
            "entrega": 1,
            "dictamen_id": 1,
            "a": "000",
            "b": "000",
            "c": "000",
            "taller_id": self.taller,
            "grupo_id": self.grupo,
            "aviso_id": self.aviso,
            "servidor": "osm",
            "cliente_id": "josm",
            "numero": 1,
            "version": 1,
            "z": 14,
            "x": 3697,
            "y": 7257,
            "formato": "gpx",
            "codigo": "E-TRAS",
            "idioma": "en",
            "ficha": "ninguna",
            "huella": "ninguna",
            "resto": "css/tequio.css",
        }

    def direccion(self, regla: Rule, **cambios: object) -> str:
        """Dirección de una regla, con valores que existen; ``cambios`` va tal cual, sin pasar por el convertidor."""
        partes = {**self.valores(), **cambios}
        return "".join(str(partes[dato]) if es_variable else dato for es_variable, dato in _trozos(regla))


def _trozos(regla: Rule) -> list[tuple[bool, str]]:
    trozos: list[tuple[bool, str]] = []
    for numero, parte in enumerate(regla.rule.replace(">", "<").split("<")):
        trozos.append((True, parte.rsplit(":", 1)[-1]) if numero % 2 else (False, parte))
    return trozos


def poligono(*anillos: Any) -> dict[str, Any]:
    """Geometría GeoJSON."""
    return {"type": "Polygon", "coordinates": list(anillos)}


def estrella(vertices: int) -> list[list[float]]:
    """Anillo válido, dentro del municipio, con muchos vértices."""
    angulos = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    radios = 0.004 + 0.0005 * (np.arange(vertices) % 2)
    puntos = np.round(np.column_stack((-98.75 + radios * np.cos(angulos), 20.1 + radios * np.sin(angulos))), 9).tolist()
    return [*puntos, puntos[0]]


def zip_de(archivos: Mapping[str, bytes]) -> bytes:
    """Un zip con esos nombres, tal como se escriben."""
    memoria = io.BytesIO()
    with zipfile.ZipFile(memoria, "w", zipfile.ZIP_DEFLATED) as paquete:
        for nombre, contenido in archivos.items():
            paquete.writestr(zipfile.ZipInfo(nombre), contenido)
    return memoria.getvalue()


def zip_con_enlace() -> bytes:
    """Un zip con un enlace simbólico hacia fuera."""
    memoria = io.BytesIO()
    with zipfile.ZipFile(memoria, "w") as paquete:
        enlace = zipfile.ZipInfo("area.geojson")
        enlace.create_system, enlace.external_attr = 3, 0o120777 << 16
        paquete.writestr(enlace, "/etc/passwd")
    return memoria.getvalue()


def bomba_zip() -> bytes:
    """Menos de 1 MB que desempacado ocupa 400 MB."""
    memoria = io.BytesIO()
    with (
        zipfile.ZipFile(memoria, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as paquete,
        paquete.open("a.geojson", "w") as a,
    ):
        blancos = b" " * 20_000_000
        for _vez in range(20):
            a.write(blancos)
    return memoria.getvalue()


def zip_mentiroso() -> bytes:
    """Un zip cuya cabecera dice que el archivo mide 1 byte."""
    crudo = bytearray(zip_de({"a.geojson": json.dumps(poligono(ANILLO)).encode()}))
    for firma, salto in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        donde = crudo.index(firma) + salto
        crudo[donde : donde + 4] = struct.pack("<I", 1)
    return bytes(crudo)


def vectorial(controlador: str, crs: str, *, sufijo: str, con_altura: bool = False) -> dict[str, bytes]:
    """El área de siempre, escrita por GDAL en ese sistema: nombre de cada archivo → contenido."""
    puntos = np.column_stack(Transformer.from_crs(4326, crs, always_xy=True).transform(*np.array(ANILLO).T))
    if con_altura:
        puntos = np.column_stack((puntos, np.full(len(puntos), 2400.0)))
    formas = shapely.to_wkb(np.array([shapely.polygons(puntos)]), flavor="iso")
    with tempfile.TemporaryDirectory() as carpeta:
        tipo = "Polygon Z" if con_altura else "Polygon"
        pyogrio.raw.write(
            str(Path(carpeta) / f"area{sufijo}"),
            formas,
            [np.array(["Centro"], dtype=object)],
            ["nombre"],
            driver=controlador,
            crs=crs,
            geometry_type=tipo,
        )
        return {ruta.name: ruta.read_bytes() for ruta in sorted(Path(carpeta).iterdir())}


def shapefile(crs: str = "EPSG:4326", *, sin: tuple[str, ...] = ()) -> bytes:
    """Zip de un shapefile, sin las partes cuya extensión se diga."""
    partes = vectorial("ESRI Shapefile", crs, sufijo=".shp")
    return zip_de({n: c for n, c in partes.items() if not n.endswith(sin)} if sin else partes)


def gpkg(crs: str = "EPSG:4326") -> bytes:
    """GeoPackage de una capa."""
    return vectorial("GPKG", crs, sufijo=".gpkg")["area.gpkg"]


def kml(dentro: str, dtd: str = "") -> bytes:
    """Documento KML."""
    return f'<?xml version="1.0"?>{dtd}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{dentro}</Document></kml>'.encode()
