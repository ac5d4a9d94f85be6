"""Los archivos de datos que alguien sube se leen en otro proceso: lo hostil se rechaza con su porqué y no cuesta memoria."""

import bz2
import gzip
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path

import pytest

from geo.errores import ErrorGeo
from geo.extractos.aparte import Renglon, leer_aparte
from geo.osm import errores

MEGA = 1024 * 1024
PUNTO = '<node id="{0}" version="1" timestamp="2020-01-01T00:00:00Z" lat="20.1" lon="-98.7"/>'


def documento(dentro: str) -> bytes:
    return f"<?xml version='1.0'?><osm version='0.6'>{dentro}</osm>".encode()


def leidos(tmp_path: Path, contenido: bytes, nombre: str, tope: int = 1000) -> list[Renglon]:
    ruta = tmp_path / nombre
    ruta.write_bytes(contenido)
    with leer_aparte(ruta, tope=tope, maximo=64 * MEGA) as extracto:
        return list(extracto.renglones())


def test_llega_lo_que_trae_en_su_orden_y_sin_lo_borrado(tmp_path) -> None:
    # Las vías antes que los nodos: aquí sólo se copia, y el orden da igual.
    hallados = leidos(
        tmp_path,
        documento(
            '<way id="7" version="3"><nd ref="1"/><nd ref="2"/><tag k="name" v="Peñón «a» &quot;b&quot;"/></way>'
            + PUNTO.format(1)
            + '<node id="2" version="2" visible="false"/><node id="-3" lat="1" lon="1"/>'
            '<relation id="9" version="1"><member type="way" ref="7" role="outer"/></relation>'
        ),
        "mi taller ñ.osm",
    )
    assert [(r.tipo, r.id) for r in hallados] == [("w", 7), ("n", 1), ("r", 9)]
    assert hallados[0].etiquetas == {"name": 'Peñón «a» "b"'}
    assert hallados[0].nodos == [1, 2]
    assert (hallados[1].lon, hallados[1].lat, hallados[1].cuando) == (-98.7, 20.1, "2020-01-01T00:00:00+00:00")
    assert (hallados[2].miembros, hallados[2].roles) == (["w7"], ["outer"])


def test_de_mas_se_nota_sin_leerlo_todo(tmp_path) -> None:
    ruta = tmp_path / "muchos.osm"
    ruta.write_bytes(documento("".join(PUNTO.format(i) for i in range(1, 200))))
    with leer_aparte(ruta, tope=50, maximo=MEGA) as extracto:
        assert extracto.cuantos == 51
        assert len(list(extracto.renglones())) == 50


def _pbf_cortado() -> bytes:
    # El encabezado promete un bloque de 100 bytes y el archivo se acaba.
    return b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x64" + b"\x00" * 10


HOSTILES = [
    pytest.param(gzip.compress(b"<osm>" + b" " * 70_000_000), "bomba.osm.gz", errores.DemasiadoDesempacado, "67 MB"),
    pytest.param(bz2.compress(b"<osm>" + b" " * 70_000_000), "bomba.osm.bz2", errores.DemasiadoDesempacado, "67 MB"),
    pytest.param(gzip.compress(documento(PUNTO.format(1)))[:-9], "cortado.osm.gz", errores.ArchivoTruncado, "cortado"),
    pytest.param(_pbf_cortado(), "cortado.osm.pbf", errores.ArchivoTruncado, "cortado o dañado"),
    pytest.param(b"<osm version='0.6'><node id='1'", "roto.osm", errores.XmlRoto, "línea 1"),
    pytest.param(
        b"<!DOCTYPE osm [<!ENTITY a 'b'>]><osm version='0.6'><node id='1' lat='1' lon='1' user='&a;'/></osm>",
        "entidades.osm",
        errores.XmlConEntidades,
        "entidades de XML",
    ),
    pytest.param(documento('<node id="1" version="1"/>'), "sinlugar.osm", errores.NodoSinLugar, "no trae coordenadas"),
    pytest.param(documento('<node id="1" lat="1e999" lon="1"/>'), "lejos.osm", errores.ContenidoRoto, "1e9"),
    pytest.param(b"<osmChange version='0.6'/>", "cambio.osm", errores.EsCambio, "osmChange"),
    pytest.param(b"PK\x03\x04" + zlib.compress(b"x"), "otro.osm.pbf", errores.NoEsOsm, "un zip"),
    pytest.param(b"", "vacio.osm", errores.ArchivoVacio, "vacío"),
    pytest.param(
        documento('<way id="1" version="1">' + '<nd ref="1234567890123456"/>' * 300_000 + "</way>"),
        "via_enorme.osm",
        errores.ContenidoRoto,
        "el objeto 1 ocupa 4 MB",
    ),
]


@pytest.mark.parametrize(("contenido", "nombre", "clase", "dice"), HOSTILES)
def test_lo_hostil_se_rechaza_con_su_porque(tmp_path, contenido, nombre, clase, dice) -> None:
    with pytest.raises(ErrorGeo) as caido:
        leidos(tmp_path, contenido, nombre)
    assert type(caido.value) is clase
    assert nombre in str(caido.value)
    assert dice in str(caido.value)


def test_lo_que_no_existe_se_dice(tmp_path) -> None:
    with (
        pytest.raises(errores.ArchivoAusente, match=r"nada\.osm"),
        leer_aparte(tmp_path / "nada.osm", tope=1, maximo=1),
    ):
        pass


def test_la_memoria_de_quien_lo_pide_no_crece_con_el_archivo(tmp_path) -> None:
    """Mide, en un proceso limpio, cuánto crece al recorrer diez mil nodos y después cien mil."""
    for cuantos, nombre in ((10_000, "chico.osm"), (100_000, "grande.osm")):
        (tmp_path / nombre).write_bytes(documento("".join(PUNTO.format(i) for i in range(1, cuantos + 1))))
    guion = textwrap.dedent("""
        import resource, sys
        from pathlib import Path
        from geo.extractos.aparte import leer_aparte
        for nombre in ("chico.osm", "grande.osm"):
            with leer_aparte(Path(sys.argv[1]) / nombre, tope=400_000, maximo=400_000_000) as extracto:
                cuantos = sum(1 for _ in extracto.renglones())
            print(cuantos, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    """)
    salida = subprocess.run(
        [sys.executable, "-c", guion, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert (salida[0], salida[2]) == ("10000", "100000")
    crecio = int(salida[3]) - int(salida[1])
    assert crecio < 3 * 1024, f"creció {crecio} KiB"
