"""Los hallazgos guardados de un municipio: lo que un cambio toca se revisa de nuevo, y queda como si se revisara todo."""

from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import shapely
import shapely.affinity
from sqlalchemy import text

from geo.crs import crs_metrico
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.motor import revisar
from tareas.calidad.referencia.consultas import huellas_en
from tareas.calidad.revisiones import servicio
from tareas.calidad.revisiones.consultas import columnas
from tareas.calidad.revisiones.errores import RevisionEnCurso
from tareas.comun.bd import BaseDeDatos
from tareas.datos_osm import servicio as datos_osm
from tareas.datos_osm.seguimiento.seguidor import AL_AVANZAR
from tareas.municipios.errores import MunicipioNoEncontrado
from tests.fabrica import municipio, referencia
from tests.mundo_cambiante import Barrio
from tests.mundo_osm import archivo


def guardados(bd: BaseDeDatos) -> list[Any]:
    with bd.lectura() as sesion:
        filas = sesion.execute(
            text(
                "SELECT codigo, nivel, objetos, versiones, ST_AsText(lugar), ST_AsText(forma), frase, datos::text, huella"
                "  FROM hallazgo ORDER BY codigo, objetos, huella"
            )
        )
        return [tuple(f) for f in filas]


def importar(bd: BaseDeDatos, carpeta: Path, opl: str) -> None:
    with bd.transaccion() as sesion:
        datos_osm.importar(sesion, archivo(carpeta, opl))


def aplicar(bd: BaseDeDatos, carpeta: Path, opl: str) -> None:
    with bd.transaccion() as sesion:
        datos_osm.aplicar(sesion, archivo(carpeta, opl, "cambio.osc.gz"))


@pytest.mark.parametrize("semilla", range(4))
def test_revisar_lo_que_cambio_deja_lo_mismo_que_revisar_todo(bd: BaseDeDatos, tmp_path: Path, semilla: int) -> None:
    lugar = municipio(bd)
    barrio = Barrio(Random(semilla))
    barrio.llenar()
    importar(bd, tmp_path, barrio.sacar())
    assert servicio.poner_al_dia(bd, lugar).entera
    for _ in range(6):
        for _ in range(barrio.azar.randrange(1, 4)):
            for _ in range(barrio.azar.randrange(1, 5)):
                barrio.cambiar()
            aplicar(bd, tmp_path, barrio.sacar())
        assert not servicio.poner_al_dia(bd, lugar).entera
        por_partes = guardados(bd)
        todo = servicio.poner_al_dia(bd, lugar, entera=True)
        ahora = guardados(bd)
        assert [h for h in por_partes if h not in ahora] == []
        assert [h for h in ahora if h not in por_partes] == []
        assert (todo.nuevos, todo.resueltos) == (0, 0)
    assert por_partes


@pytest.mark.parametrize("semilla", range(2))
def test_una_tarea_dice_lo_mismo_que_el_lugar_entero(bd: BaseDeDatos, tmp_path: Path, semilla: int) -> None:
    """Aunque de lejos sólo se lean las calles o los edificios; también comparando con una referencia."""
    lugar = municipio(bd)
    barrio = Barrio(Random(semilla))
    barrio.llenar()
    importar(bd, tmp_path, barrio.sacar())
    with bd.transaccion() as sesion:
        # Como el mapa, corrida casi siempre por igual; algunas, tan lejos que faltan.
        sesion.execute(
            text(r"""WITH r AS (INSERT INTO referencia (municipio_id, nombre, licencia, fuente, puede_compararse, huella, huellas, omitidas)
                               VALUES (:m, 'Catastro', 'Uso interno', 'Ayuntamiento', true, '\x01', 1, '{}') RETURNING id)
                    INSERT INTO referencia_huella (referencia_id, geom)
                    SELECT r.id, ST_Multi(ST_Translate(o.geom, CASE WHEN o.id % 5 = 0 THEN 0.0004 WHEN o.id % 7 = 0 THEN 0.00007 ELSE 0.00001 END, 0))
                      FROM r, osm_objeto o WHERE o.clase = 'edificio' AND ST_IsValid(o.geom) AND ST_Dimension(o.geom) = 2"""),
            {"m": lugar},
        )
    with bd.lectura() as sesion:
        caja = shapely.box(*sesion.execute(text("SELECT caja FROM municipio WHERE id = :m"), {"m": lugar}).scalar_one())
        crs = crs_metrico(np.array([caja], dtype=object))
        lejos = shapely.buffer(caja, 0.02)
        mundo = Mundo(columnas(sesion, 0, lejos), crs, huellas_en(sesion, lugar, lejos, 10_000))
        entero = revisar(mundo, (*servicio.DE_CERCA, *servicio.DE_REFERENCIA))
        assert entero.fallas == []
        oeste, sur, este, norte = mundo.lonlat.min(axis=0).tolist() + mundo.lonlat.max(axis=0).tolist()
        comparados = set()
        for x0, x1 in pairwise(np.linspace(oeste, este, 4)):
            for y0, y1 in pairwise(np.linspace(sur, norte, 4)):
                zona = shapely.box(x0, y0, x1, y1)
                _mundo, resultado = servicio.revisar_zona(sesion, lugar, 0, zona, con_referencia=True)
                ahi = [h for h in entero.hallazgos if shapely.intersects_xy(zona, *h.lugar)]
                assert resultado.fallas == []
                dichos = sorted((h.codigo, h.huella) for h in resultado.hallazgos)
                assert dichos == sorted((h.codigo, h.huella) for h in ahi)
                comparados |= {h.codigo for h in ahi}
    assert "E-FALT" in comparados
    assert len(comparados) > 3


def subir_huellas(bd: BaseDeDatos, lugar: int, huellas: list[Any]) -> None:
    """Una referencia del municipio con esas huellas, EPSG:4326."""
    with bd.transaccion() as sesion:
        sesion.execute(
            text("""INSERT INTO referencia_huella (referencia_id, geom)
                    SELECT :r, ST_Multi(ST_SetSRID(ST_GeomFromWKB(g), 4326)) FROM unnest(cast(:formas AS bytea[])) AS g"""),
            {"r": referencia(sesion, lugar), "formas": [*shapely.to_wkb(huellas)]},
        )


@pytest.mark.parametrize("semilla", range(2))
def test_comparar_una_tarea_leyendo_poco_dice_lo_mismo(bd: BaseDeDatos, tmp_path: Path, semilla: int) -> None:
    """Casas corridas, juntas en una, partidas en varias y de más, con naves que se salen de cualquier zona."""
    lugar, azar = municipio(bd), Random(semilla)
    metro = 1e-5
    huellas, casas = [], []
    for x in range(0, 1500, 22):
        for y in range(0, 260, 20):
            largo = 300 if (x, y) in {(440, 100), (880, 180)} else 12
            huella = shapely.box(x, y, x + largo, y + 9)
            huellas.append(huella)
            suerte = azar.random()
            if suerte < 0.75:
                corrida = 4.5 if suerte < 0.08 else azar.gauss(0, 0.3)
                casas.append(shapely.affinity.translate(huella, corrida, azar.gauss(0, 0.3)))
            elif suerte < 0.85:
                casas.append(shapely.box(x, y, x + 60, y + 9))
            elif suerte < 0.9:
                casas += [shapely.box(x + k, y, x + k + 3.9, y + 9) for k in range(0, largo, 4)]
    esquina = np.array([-98.756, 20.095])
    huellas, casas = (list(shapely.transform(g, lambda p: p * metro + esquina)) for g in (huellas, casas))
    nodos, vias = [], []
    for k, casa in enumerate(casas, start=1):
        puntos = shapely.get_coordinates(casa)[:-1]
        nodos += [f"n{10 * k + n} v1 x{x:.7f} y{y:.7f}" for n, (x, y) in enumerate(puntos)]
        vias.append(f"w{k} v1 Tbuilding=yes N{','.join(f'n{10 * k + n}' for n in (0, 1, 2, 3, 0))}")
    importar(bd, tmp_path, "\n".join(nodos + vias))
    subir_huellas(bd, lugar, huellas)
    with bd.lectura() as sesion:
        caja = shapely.box(*sesion.execute(text("SELECT caja FROM municipio WHERE id = :m"), {"m": lugar}).scalar_one())
        mundo = Mundo(
            columnas(sesion, 0, caja),
            crs_metrico(np.array([caja], dtype=object)),
            huellas_en(sesion, lugar, caja, 10_000),
        )
        entero = revisar(mundo, servicio.DE_REFERENCIA)
        oeste, sur, este, norte = mundo.lonlat.min(axis=0).tolist() + mundo.lonlat.max(axis=0).tolist()
        comparados = set()
        for x0, x1 in pairwise(np.linspace(oeste, este, 7)):
            for y0, y1 in pairwise(np.linspace(sur, norte, 3)):
                zona = shapely.box(x0, y0, x1, y1)
                _mundo, resultado = servicio.revisar_zona(sesion, lugar, 0, zona, con_referencia=True)
                assert resultado.fallas == []
                codigos = {r.codigo for r in servicio.DE_REFERENCIA}
                dichos = sorted((h.codigo, h.huella) for h in resultado.hallazgos if h.codigo in codigos)
                ahi = [h for h in entero.hallazgos if shapely.intersects_xy(zona, *h.lugar)]
                assert dichos == sorted((h.codigo, h.huella) for h in ahi)
                comparados |= {(h.codigo, h.frase) for h in ahi}
    assert comparados == {("E-FALT", "falta"), ("E-UNO", "en_uno"), ("E-UNO", "en_varios"), ("E-DESP", "corrido")}


def test_una_casa_a_medio_dibujar_no_falta_aunque_su_contorno_no_toque_la_huella(
    bd: BaseDeDatos, tmp_path: Path
) -> None:
    """Con una nave que se sale de lo leído para la tarea, que obliga a leer otra vez."""
    lugar = municipio(bd)
    metro, esquina = 1e-5, np.array([-98.756, 20.095])
    huellas, contorno = (
        [shapely.box(50, 50, 60, 59), shapely.box(70, 50, 370, 59)],
        [(48, 48), (62, 48), (62, 61), (48, 61)],
    )
    huellas = list(shapely.transform(huellas, lambda p: p * metro + esquina))
    nodos = [
        f"n{k} v1 x{x * metro + esquina[0]:.7f} y{y * metro + esquina[1]:.7f}" for k, (x, y) in enumerate(contorno, 1)
    ]
    importar(bd, tmp_path, "\n".join([*nodos, "w1 v1 Tbuilding=yes Nn1,n2,n3,n4"]))
    subir_huellas(bd, lugar, huellas)
    zona = shapely.transform(shapely.box(40, 40, 90, 70), lambda p: p * metro + esquina)
    with bd.lectura() as sesion:
        _mundo, resultado = servicio.revisar_zona(sesion, lugar, 0, zona, con_referencia=True)
    faltan = [h.lugar for h in resultado.hallazgos if h.codigo == "E-FALT"]
    assert all(lugar[0] > esquina[0] + 62 * metro for lugar in faltan), faltan


def test_sin_cambios_no_hay_nada_que_revisar(bd: BaseDeDatos, tmp_path: Path) -> None:
    lugar = municipio(bd)
    barrio = Barrio(Random(1))
    barrio.llenar()
    importar(bd, tmp_path, barrio.sacar())
    servicio.poner_al_dia(bd, lugar)
    antes = guardados(bd)
    resumen = servicio.poner_al_dia(bd, lugar)
    assert (resumen.entera, resumen.nuevos, resumen.resueltos) == (False, 0, 0)
    assert guardados(bd) == antes


def test_al_avanzar_un_flujo_los_municipios_ya_revisados_se_ponen_al_dia(bd: BaseDeDatos, tmp_path: Path) -> None:
    lugar = municipio(bd)
    sin_revisar = municipio(bd, "99002", "Ñuu Lejano")
    barrio = Barrio(Random(4))
    barrio.llenar()
    importar(bd, tmp_path, barrio.sacar())
    servicio.poner_al_dia(bd, lugar)
    for _ in range(4):
        barrio.cambiar()
    aplicar(bd, tmp_path, barrio.sacar())
    for hacer in AL_AVANZAR:
        hacer(bd)
    por_partes = guardados(bd)
    assert servicio.poner_al_dia(bd, lugar, entera=True).nuevos == 0
    assert guardados(bd) == por_partes
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT municipio_id FROM revision")).scalars().all() == [lugar]
    assert sin_revisar not in servicio.municipios_sin_revisar(bd)


def test_importar_un_archivo_pide_revisar_todo(bd: BaseDeDatos, tmp_path: Path) -> None:
    lugar = municipio(bd)
    assert servicio.poner_al_dia(bd, lugar).hallazgos == 0
    barrio = Barrio(Random(2))
    barrio.llenar()
    importar(bd, tmp_path, barrio.sacar())
    resumen = servicio.poner_al_dia(bd, lugar)
    assert resumen.entera


def test_un_arroyo_que_zigzaguea_sobre_la_calle_no_impide_guardar(bd: BaseDeDatos, tmp_path: Path) -> None:
    lugar = municipio(bd)
    metro, que = 1 / 111_320, "v1 dV c1 t2026-02-01T10:00:00Z i7 uAna"
    puntos = [(0, 0), (100, 0), (40, -30), (50, -0.2), (50.2, 0.3), (50.5, -0.3), (50.7, 0.2), (60, 30)]
    nodos = [
        f"n{k} {que} T x{-98.75 + x * metro:.7f} y{20.1 + y * metro:.7f}" for k, (x, y) in enumerate(puntos, start=1)
    ]
    vias = [
        f"w1 {que} Thighway=residential Nn1,n2",
        f"w2 {que} Twaterway=stream N{','.join(f'n{k}' for k in range(3, 9))}",
    ]
    importar(bd, tmp_path, "\n".join(nodos + vias))
    assert servicio.poner_al_dia(bd, lugar).hallazgos == len(guardados(bd)) > 0


def test_dos_no_revisan_a_la_vez_el_mismo_municipio(bd: BaseDeDatos) -> None:
    lugar = municipio(bd)
    with bd.transaccion() as uno:
        servicio.revisar_municipio(uno, lugar, servicio.Corte(0, 0))
        with pytest.raises(RevisionEnCurso), bd.transaccion() as otro:
            servicio.revisar_municipio(otro, lugar, servicio.Corte(0, 0))


def test_un_municipio_que_no_existe_se_dice(bd: BaseDeDatos) -> None:
    with pytest.raises(MunicipioNoEncontrado):
        servicio.poner_al_dia(bd, 999)
