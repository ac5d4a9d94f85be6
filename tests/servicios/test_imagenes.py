"""Imágenes de un municipio contra PostGIS de verdad: lo que la base no deja, y quien retira mientras otro agrega."""

import json
import threading
from contextlib import suppress
from datetime import date

import pytest
from sqlalchemy import text

from geo.imagenes.errores import ImagenSinVistas
from tareas.comun.bd import restricciones_registradas
from tareas.demostracion import aerea
from tareas.imagenes import archivos, servicio
from tareas.imagenes import errores as errores_de_imagen
from tareas.imagenes.errores import (
    ArchivoEnUso,
    FaltaLicencia,
    FaltaPermiso,
    ImagenLejos,
    ImagenPublicada,
    ImagenRepetida,
    SinLugar,
)
from tareas.imagenes.formularios import Datos
from tareas.imagenes.reglas import direccion
from tareas.municipios.consultas import por_id
from tareas.proyectos.errores import ImagenNoDisponible
from tests import imagenes as fabrica

BUENOS = {"nombre": "Ortofoto", "licencia": "CC BY 4.0", "permiso_trazar": True, "permiso": "Catastro, oficio 12/2024"}


@pytest.fixture(autouse=True)
def carpeta(tmp_path, monkeypatch):
    """La carpeta de imágenes de la prueba."""
    elegida = tmp_path / "imagenes"
    monkeypatch.setenv(archivos.VARIABLE, str(elegida))
    return elegida


@pytest.fixture
def archivo(tmp_path):
    return fabrica.mbtiles(tmp_path / "origen.mbtiles")


def registrar(bd, municipio_id, ruta, datos=None, **opciones):
    with bd.transaccion() as sesion:
        municipio = por_id(sesion, municipio_id)
        return servicio.registrar(
            sesion, municipio, ruta, ruta.name, Datos.model_validate(datos or BUENOS).model_dump(), **opciones
        )


def hacer(bd, paso, *datos):
    with bd.transaccion() as sesion:
        return paso(sesion, *datos)


def quitar(bd, archivo):
    """Como lo hace la página: después de borrar la imagen, y si otra lo usa, se queda."""
    with suppress(ArchivoEnUso), bd.transaccion() as sesion:
        servicio.quitar_archivo(sesion, archivo)


def poner_en_proyecto(bd, proyecto, *urls):
    capas = [
        {"id": f"c{k}", "nombre": "x", "tipo": "xyz", "url": u, "minzoom": 0, "maxzoom": 19} for k, u in enumerate(urls)
    ]
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET imagenes = :i WHERE id = :p"), {"i": json.dumps(capas), "p": proyecto})


def test_registrar_copia_el_archivo_y_queda_en_borrador(bd, elenco, archivo, carpeta):
    hecha = registrar(bd, elenco.municipio, archivo, {**BUENOS, "fecha": "2024-03-15"})
    with bd.lectura() as sesion:
        fila = sesion.execute(text("SELECT * FROM imagen")).one()
    assert (fila.estado, fila.formato, fila.minzoom, fila.maxzoom) == ("borrador", "mbtiles", 14, 16)
    assert fila.fecha == date(2024, 3, 15)
    assert fila.tamano == archivo.stat().st_size
    assert hecha.archivo.parent == carpeta
    assert hecha.archivo.read_bytes() == archivo.read_bytes()
    assert archivos.huella_de(hecha.archivo) == fila.huella


def test_en_su_lugar_no_se_copia_ni_se_borra(bd, elenco, archivo, carpeta):
    hecha = registrar(bd, elenco.municipio, archivo, en_su_lugar=True)
    assert hecha.archivo == archivo.resolve()
    assert not list(carpeta.glob("*.mbtiles"))
    quitar(bd, hacer(bd, servicio.borrar, hecha.id))
    assert archivo.exists()


def test_sin_permiso_o_sin_licencia_no_se_publica_ni_a_mano(bd, elenco, archivo):
    sin_permiso = registrar(bd, elenco.municipio, archivo, {"licencia": "CC0"}).id
    with pytest.raises(FaltaPermiso):
        hacer(bd, servicio.publicar, sin_permiso)
    with pytest.raises(FaltaPermiso), bd.transaccion() as sesion:
        # marcado pero sin decir quién lo dio
        sesion.execute(text("UPDATE imagen SET permiso_trazar = true, permiso = '  ', estado = 'publicada'"))
    with pytest.raises(FaltaLicencia), bd.transaccion() as sesion:
        sesion.execute(
            text("UPDATE imagen SET permiso_trazar = true, permiso = 'x', licencia = ' ', estado = 'publicada'")
        )
    hacer(bd, servicio.editar, sin_permiso, Datos.model_validate(BUENOS).model_dump())
    hacer(bd, servicio.publicar, sin_permiso)
    with pytest.raises(FaltaPermiso):
        hacer(bd, servicio.editar, sin_permiso, Datos.model_validate({**BUENOS, "permiso_trazar": False}).model_dump())


def test_el_mismo_archivo_no_se_registra_dos_veces_pero_otro_municipio_si_puede(bd, elenco, archivo, carpeta):
    registrar(bd, elenco.municipio, archivo)
    with pytest.raises(ImagenRepetida):
        registrar(bd, elenco.municipio, archivo)
    registrar(bd, elenco.otro_municipio, archivo)
    assert len(list(carpeta.glob("*.mbtiles"))) == 1


def test_borrar_quita_el_archivo_sólo_cuando_nadie_mas_lo_usa(bd, elenco, archivo, carpeta):
    una, otra = (registrar(bd, m, archivo).id for m in (elenco.municipio, elenco.otro_municipio))
    hacer(bd, servicio.publicar, una)
    with pytest.raises(ImagenPublicada):
        hacer(bd, servicio.borrar, una)
    hacer(bd, servicio.retirar, una)
    quitar(bd, hacer(bd, servicio.borrar, una))
    assert list(carpeta.glob("*.mbtiles"))
    quitar(bd, hacer(bd, servicio.borrar, otra))
    assert not list(carpeta.glob("*.mbtiles"))


def test_borrar_y_volver_a_registrar_a_la_vez_nunca_deja_una_imagen_sin_archivo(bd, elenco, archivo, carpeta):
    """Un municipio borra mientras otro registra el mismo archivo, muchas veces y arrancando a la vez."""
    de = (elenco.municipio, elenco.otro_municipio)
    anterior = registrar(bd, de[0], archivo).id
    for vuelta in range(1, 25):
        hechas, fallas = [], []
        listos = threading.Barrier(2)

        def en_paralelo(que, *datos, listos=listos, fallas=fallas):
            try:
                listos.wait()
                que(*datos)
            except Exception as error:
                fallas.append(error)

        hilos = [
            threading.Thread(target=en_paralelo, args=(lambda i: quitar(bd, hacer(bd, servicio.borrar, i)), anterior)),
            threading.Thread(
                target=en_paralelo,
                args=(lambda m, hechas=hechas: hechas.append(_registrar_rapido(bd, m, archivo)), de[vuelta % 2]),
            ),
        ]
        for hilo in hilos:
            hilo.start()
        for hilo in hilos:
            hilo.join()
        assert not fallas
        anterior = hechas[0].id
        assert hechas[0].archivo.exists()
    quitar(bd, hacer(bd, servicio.borrar, anterior))
    assert not list(carpeta.glob("*.mbtiles"))
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM imagen_archivo")).scalar_one() == 0


def _registrar_rapido(bd, municipio_id, ruta):
    """Registra con la ficha ya sabida: examinar tarda mucho más que la carrera que se busca."""
    if ruta not in _FICHAS:
        _FICHAS[ruta] = servicio.examinar(ruta, ruta.name)
    datos = Datos.model_validate(BUENOS).model_dump()
    huella = archivos.huella_de(ruta)
    nombre = f"{huella.hex()}.mbtiles"
    with bd.transaccion() as sesion:
        municipio = por_id(sesion, municipio_id)
        nueva = servicio._insertar(sesion, municipio, ruta, nombre, huella, _FICHAS[ruta], datos, None)
        archivos.copiar(ruta, nombre)
    return servicio.Registrada(nueva, _FICHAS[ruta], archivos.ruta_de(nombre), False)


_FICHAS = {}


def test_lo_que_se_rechaza_no_deja_fila_ni_archivo(bd, elenco, tmp_path, carpeta, monkeypatch, archivo):
    lejos = fabrica.geotiff(tmp_path / "lejos.tif", fabrica.np.ones((1, 200, 200), "uint8"), 600_000, 2_100_000, 1.0)
    with pytest.raises(ImagenLejos):
        registrar(bd, elenco.municipio, lejos)
    monkeypatch.setattr(archivos, "RESERVA", 2**60)
    with pytest.raises(SinLugar):
        registrar(bd, elenco.municipio, archivo)
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM imagen")).scalar_one() == 0
    assert [r.name for r in carpeta.iterdir()] == []


def test_un_geotiff_grande_sin_vistas_se_convierte_desde_la_consola(bd, elenco, tmp_path):
    datos = fabrica.np.ones((1, 4500, 4500), dtype="uint8")
    grande = fabrica.geotiff(tmp_path / "grande.tif", datos, 525_700.0, 2_223_000.0, 0.3, compress="DEFLATE")
    with pytest.raises(ImagenSinVistas):
        registrar(bd, elenco.municipio, grande)
    hecha = registrar(bd, elenco.municipio, grande, puede_convertir=True)
    assert hecha.convertida
    assert hecha.ficha.detalle["vistas"]
    assert grande.exists()


def test_un_proyecto_solo_toma_las_publicadas_de_su_municipio(bd, elenco, archivo):
    propia = registrar(bd, elenco.municipio, archivo).id
    ajena = registrar(bd, elenco.otro_municipio, archivo).id
    hacer(bd, servicio.publicar, ajena)
    for url in (direccion(propia), direccion(ajena), direccion(10**9), "/otra/cosa"):
        with pytest.raises(ImagenNoDisponible):
            poner_en_proyecto(bd, elenco.proyecto, url)
    hacer(bd, servicio.publicar, propia)
    poner_en_proyecto(bd, elenco.proyecto, direccion(propia), "https://ejemplo.org/{z}/{x}/{y}.png")
    # retirada, el proyecto se puede seguir corrigiendo, y no se puede volver a agregar si se quitó
    hacer(bd, servicio.retirar, propia)
    poner_en_proyecto(bd, elenco.proyecto, direccion(propia))
    poner_en_proyecto(bd, elenco.proyecto)
    with pytest.raises(ImagenNoDisponible):
        poner_en_proyecto(bd, elenco.proyecto, direccion(propia))


def test_retirarla_mientras_un_proyecto_la_agrega_espera_su_turno(bd, elenco, archivo):
    """Quien agrega se queda con la fila hasta confirmar: quien retira entra después, nunca en medio."""
    propia = registrar(bd, elenco.municipio, archivo).id
    hacer(bd, servicio.publicar, propia)
    retirada = threading.Event()

    def retirar():
        hacer(bd, servicio.retirar, propia)
        retirada.set()

    with bd.transaccion() as sesion:
        capa = json.dumps([{"id": "c", "nombre": "x", "url": direccion(propia)}])
        sesion.execute(text("UPDATE proyecto SET imagenes = :i WHERE id = :p"), {"i": capa, "p": elenco.proyecto})
        hilo = threading.Thread(target=retirar)
        hilo.start()
        assert not retirada.wait(0.4)
    hilo.join(5)
    assert retirada.is_set()


def test_la_demostracion_pone_su_vista_aerea_una_sola_vez(bd, elenco, tmp_path):
    with bd.lectura() as sesion:
        assert sesion.execute(
            text("SELECT ficticio FROM municipio WHERE id = :m"), {"m": elenco.municipio}
        ).scalar_one()
    demo = {"municipio": elenco.municipio, "proyectos": [elenco.proyecto]}
    assert aerea.falta(bd, demo)
    puestas = [
        hacer(bd, aerea.poner, fabrica.mbtiles(tmp_path / "vista.mbtiles"), elenco.municipio, [elenco.proyecto])
        for _vez in range(2)
        if not (tmp_path / "vista.mbtiles").exists() or (tmp_path / "vista.mbtiles").unlink() is None
    ]
    assert len(set(puestas)) == 1
    assert not aerea.falta(bd, {**demo, "imagen": puestas[0]})
    with bd.lectura() as sesion:
        capas = sesion.execute(text("SELECT imagenes FROM proyecto WHERE id = :p"), {"p": elenco.proyecto}).scalar_one()
        fila = sesion.execute(text("SELECT estado, permiso_trazar, nombre FROM imagen")).one()
    assert [c["url"] for c in capas] == [direccion(puestas[0])]
    assert tuple(fila) == ("publicada", True, "Vista aérea ficticia")


def test_cada_restriccion_que_se_traduce_existe_en_la_base(bd):
    propias = {n for n, c in restricciones_registradas().items() if c.__module__ == errores_de_imagen.__name__}
    with bd.lectura() as sesion:
        existen = set(
            sesion.execute(text("SELECT conname FROM pg_constraint UNION SELECT tgname FROM pg_trigger")).scalars()
        )
    assert len(propias) == 4
    assert propias | {"proyecto_imagen_disponible"} <= existen
