"""Abrir un zip sin confiar en él."""

import io
import stat
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from geo.formatos.capas import LIMITES_SUBIDA, Limites
from geo.formatos.comprimido import Desempacado, desempacar
from geo.formatos.errores import ErrorLectura

VACIO = '{"type":"FeatureCollection","features":[]}'


def hacer_zip(archivos: Mapping[str | zipfile.ZipInfo, str | bytes], metodo: int = zipfile.ZIP_DEFLATED) -> bytes:
    memoria = io.BytesIO()
    with zipfile.ZipFile(memoria, "w", metodo) as zip_:
        for nombre, contenido in archivos.items():
            zip_.writestr(nombre, contenido)
    return memoria.getvalue()


@pytest.fixture
def abrir(tmp_path: Path):
    def _abrir(datos: bytes, limites: Limites = LIMITES_SUBIDA) -> Desempacado:
        ruta, destino = tmp_path / "subida.zip", tmp_path / "destino"
        ruta.write_bytes(datos)
        destino.mkdir()
        return desempacar(ruta, "subida.zip", destino, limites)

    return _abrir


@pytest.fixture
def rechazo(abrir, tmp_path: Path):
    def _rechazo(datos: bytes, limites: Limites = LIMITES_SUBIDA) -> ErrorLectura:
        with pytest.raises(ErrorLectura) as fallo:
            abrir(datos, limites)
        fuera = {"subida.zip", "destino"}
        assert {ruta.name for ruta in tmp_path.iterdir()} == fuera
        return fallo.value

    return _rechazo


def test_saca_solo_lo_geografico_con_nombres_nuestros(abrir) -> None:
    abierto = abrir(
        hacer_zip(
            {
                "mapas/": "",
                "mapas/límites.v2.geojson": VACIO,
                "mapas/LÉEME.txt": "hola",
                "__MACOSX/mapas/._límites.v2.geojson": "x",
                "mapas/.DS_Store": "x",
            }
        )
    )
    assert abierto.ignorados == ["mapas/LÉEME.txt"]
    assert list(abierto.archivos) == ["mapas/límites.v2.geojson"]
    (ruta,) = abierto.archivos.values()
    assert ruta.name.isascii()
    assert ruta.read_text() == VACIO


def test_los_acentos_escritos_sin_decir_que_son_utf8_se_entienden(abrir) -> None:
    datos = hacer_zip({"limites.geojson": VACIO}).replace(b"limites", "límite".encode())
    assert list(abrir(datos).archivos) == ["límite.geojson"]


@pytest.mark.parametrize(
    "nombre",
    [
        "../fuera.geojson",
        "a/../../fuera.geojson",
        "/etc/fuera.geojson",
        "C:/fuera.geojson",
        "..\\fuera.geojson",
        "a/../b.geojson",
        "x" * 1100 + ".geojson",
    ],
)
def test_un_nombre_que_sale_de_su_carpeta_se_rechaza(rechazo, nombre: str) -> None:
    assert rechazo(hacer_zip({nombre: VACIO})).codigo == "zip_nombre_peligroso"


def test_un_nombre_con_un_nulo_que_esconde_otra_extension_se_rechaza(rechazo) -> None:
    datos = hacer_zip({"a.geojson0.exe": VACIO}).replace(b"a.geojson0.exe", b"a.geojson\x00.exe")
    assert rechazo(datos).codigo == "zip_nombre_peligroso"


def test_un_enlace_simbolico_se_rechaza(rechazo) -> None:
    enlace = zipfile.ZipInfo("enlace.geojson")
    enlace.create_system = 3
    enlace.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert rechazo(hacer_zip({enlace: "/etc/passwd"})).codigo == "zip_nombre_peligroso"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_un_nombre_repetido_se_rechaza(rechazo) -> None:
    a, b = zipfile.ZipInfo("a.geojson"), zipfile.ZipInfo("a.geojson")
    assert rechazo(hacer_zip({a: VACIO, b: VACIO})).codigo == "zip_nombre_peligroso"


@pytest.mark.parametrize("nombre", ["otro.zip", "sub/otro.KMZ", "a.tar.gz", "b.7z", "c.rar"])
def test_un_comprimido_dentro_de_otro_se_rechaza(rechazo, nombre: str) -> None:
    error = rechazo(hacer_zip({"a.geojson": VACIO, nombre: "x"}))
    assert (error.codigo, error.datos["nombre"]) == ("zip_anidado", nombre)


def test_una_bomba_se_nota_por_sus_cabeceras_sin_desempacar(rechazo) -> None:
    bomba = hacer_zip({f"{n}.geojson": b" " * 2_000_000 for n in range(3)})
    assert len(bomba) < 10_000
    assert rechazo(bomba, replace(LIMITES_SUBIDA, desempacado=5_000_000)).codigo == "zip_muy_grande"


def test_una_bomba_que_miente_en_sus_cabeceras_se_detiene_al_desempacar(rechazo) -> None:
    datos = bytearray(hacer_zip({"a.geojson": b" " * 2_000_000}))
    central = datos.index(b"PK\x01\x02")
    struct.pack_into("<I", datos, central + 24, 1000)
    assert rechazo(bytes(datos), replace(LIMITES_SUBIDA, desempacado=5000)).codigo in ("zip_danado", "zip_muy_grande")


def test_demasiados_archivos_se_rechazan(rechazo) -> None:
    muchos = hacer_zip({f"{n}.geojson": VACIO for n in range(4)})
    assert rechazo(muchos, replace(LIMITES_SUBIDA, archivos=3)).codigo == "zip_con_demasiados"


def test_un_zip_con_clave_o_con_otra_compresion_se_rechaza(rechazo) -> None:
    cifrado = bytearray(hacer_zip({"a.geojson": VACIO}))
    for marca, lugar in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        cifrado[cifrado.index(marca) + lugar] |= 1
    assert rechazo(bytes(cifrado)).codigo == "zip_no_admitido"


def test_lzma_no_se_acepta(rechazo) -> None:
    assert rechazo(hacer_zip({"a.geojson": VACIO}, zipfile.ZIP_LZMA)).codigo == "zip_no_admitido"


def test_un_zip_cortado_o_alterado_se_nota(rechazo) -> None:
    datos = hacer_zip({"a.geojson": "0123456789" * 50}, zipfile.ZIP_STORED)
    assert rechazo(datos.replace(b"0123456789", b"0123456780", 1)).codigo == "zip_danado"


def test_un_zip_sin_final_se_nota(rechazo) -> None:
    assert rechazo(hacer_zip({"a.geojson": VACIO})[:-30]).codigo == "zip_danado"
