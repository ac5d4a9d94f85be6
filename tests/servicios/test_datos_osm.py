"""Importar extractos: todo o nada, repetible, y varios encimados dan lo mismo que uno solo."""

from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from geo.osm.errores import CoordenadaFuera, ErrorOsm, SinObjetos
from tareas.comun.bd import VARIABLE, BaseDeDatos
from tareas.datos_osm import consultas, servicio
from tareas.datos_osm.ordenes import grupo
from tests.conftest import datos_reales
from tests.mundo_osm import PUEBLO, archivo, foto, objetos, vaciar


def importar(bd: BaseDeDatos, ruta: Path) -> servicio.Resumen:
    with bd.transaccion() as sesion:
        return servicio.importar(sesion, ruta)


def test_un_pueblo_entra_con_su_geometria_y_su_clase(bd: BaseDeDatos, tmp_path: Path) -> None:
    resumen = importar(bd, archivo(tmp_path, PUEBLO))
    assert resumen.leidos == {"nodo": 7, "via": 4, "relacion": 1}
    assert resumen.suma("creados") == 12
    assert {nombre: clase for nombre, (clase, _) in objetos(bd).items()} == {
        "n7": "servicio", "w1": "edificio", "w2": "via", "w3": "otro", "w4": "otro", "r1": "suelo",
    }  # fmt: skip


def test_se_guarda_quien_cuando_y_en_que_conjunto(bd: BaseDeDatos, tmp_path: Path) -> None:
    importar(bd, archivo(tmp_path, PUEBLO))
    with bd.lectura() as sesion:
        columnas = "version, usuario, uid, conjunto, cuando::text, etiquetas"
        objeto = sesion.execute(text(f"SELECT {columnas} FROM osm_objeto WHERE tipo = 'w' AND id = 2")).one()
        nodo = sesion.execute(text(f"SELECT {columnas}, lon, lat FROM osm_nodo WHERE id = 2")).one()
    etiquetas = {"highway": "residential", "name": "Calle 5"}
    assert tuple(objeto) == (3, "Beto Ñ", 8, 12, "2020-03-01 00:00:00+00", etiquetas)
    assert tuple(nodo) == (1, "Ana", 7, 10, "2020-01-01 00:00:00+00", None, -88.0, 17.01)


def test_importar_dos_veces_lo_mismo_no_cambia_nada(bd: BaseDeDatos, tmp_path: Path) -> None:
    ruta = archivo(tmp_path, PUEBLO)
    primero = importar(bd, ruta)
    antes = foto(bd)
    segundo = importar(bd, ruta)
    assert segundo.suma("iguales") == 12
    assert not segundo.cambia
    assert segundo.version == primero.version == 1
    assert foto(bd) == antes


def test_sin_metadatos_se_reemplaza_lo_que_diga_otra_cosa_y_nada_mas(bd: BaseDeDatos, tmp_path: Path) -> None:
    sin = "n1 x0 y0\nn2 x1 y1\nn3 Tshop=yes x2 y2\nw1 Thighway=path Nn1,n2"
    importar(bd, archivo(tmp_path, sin))
    assert not importar(bd, archivo(tmp_path, sin)).cambia
    resumen = importar(bd, archivo(tmp_path, sin.replace("x1 y1", "x1 y5")))
    assert (resumen.suma("modificados"), resumen.suma("iguales")) == (1, 3)
    assert objetos(bd)["w1"][1] == "LINESTRING(0 0,1 5)"


def test_gana_la_version_mayor_venga_cuando_venga(bd: BaseDeDatos, tmp_path: Path) -> None:
    importar(bd, archivo(tmp_path, PUEBLO))
    importar(bd, archivo(tmp_path, "n5 v1 x-88.02 y17.005\nn6 v1 x-87.98 y17.005\nw2 v9 Thighway=primary Nn5,n6"))
    resumen = importar(bd, archivo(tmp_path, PUEBLO))
    assert resumen.suma("antiguos") == 1
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT etiquetas FROM osm_via WHERE id = 2")).scalar() == {"highway": "primary"}


def test_un_segundo_extracto_completa_lo_que_al_primero_le_faltaba(bd: BaseDeDatos, tmp_path: Path) -> None:
    renglones = PUEBLO.strip().splitlines()
    oeste = "\n".join(r for r in renglones if not r.startswith(("n4", "w4")))
    este = "\n".join(r for r in renglones if r.startswith(("n1 ", "n3 ", "n4 ", "w4 ")))
    primero = importar(bd, archivo(tmp_path, oeste))
    assert Counter(s.motivo for s in primero.sin_armar) == {"faltan_nodos": 1, "faltan_vias": 1}
    importar(bd, archivo(tmp_path, este))
    encimados = foto(bd)
    vaciar(bd)
    importar(bd, archivo(tmp_path, PUEBLO))
    assert foto(bd) == encimados


def test_un_archivo_que_repite_objetos_se_queda_con_el_mas_nuevo(bd: BaseDeDatos, tmp_path: Path) -> None:
    ruta = tmp_path / "repetido.osm"
    ruta.write_text(
        '<osm version="0.6"><node id="1" version="2" lat="5" lon="5"/><node id="1" version="1" lat="1" lon="1"/>'
        '<node id="2" version="1" lat="2" lon="2"/><way id="1" version="1"><nd ref="1"/><nd ref="2"/></way></osm>'
    )
    importar(bd, ruta)
    assert objetos(bd)["w1"][1] == "LINESTRING(2 2,5 5)"


def test_un_area_repetida_se_queda_con_la_mas_nueva(bd: BaseDeDatos, tmp_path: Path) -> None:
    ruta = tmp_path / "repetida.osm"
    nodos = "".join(f'<node id="{i}" version="1" lat="{i // 2}" lon="{i % 2 + i // 2}"/>' for i in range(1, 5))
    area = (
        '<way id="1" version="{}"><nd ref="1"/><nd ref="2"/><nd ref="4"/><nd ref="1"/><tag k="building" v="v{}"/></way>'
    )
    ruta.write_text(f'<osm version="0.6">{nodos}{area.format(2, 2)}{area.format(1, 1)}</osm>')
    importar(bd, ruta)
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT version, etiquetas FROM osm_via")).one() == (2, {"building": "v2"})
    assert objetos(bd)["w1"][0] == "edificio"


def test_un_archivo_al_reves_entra_igual(bd: BaseDeDatos, tmp_path: Path) -> None:
    importar(bd, archivo(tmp_path, PUEBLO))
    derecho = foto(bd)
    vaciar(bd)
    ruta = tmp_path / "reves.osm"
    lineas = archivo(tmp_path, PUEBLO).read_text().replace(" <", "<")
    cuerpo = lineas[lineas.index("<node") : lineas.index("</osm>")]
    corte = cuerpo.index("<way")
    ruta.write_text('<osm version="0.6">' + cuerpo[corte:] + cuerpo[:corte] + "</osm>")
    importar(bd, ruta)
    assert foto(bd) == derecho


@pytest.mark.parametrize(
    ("contenido", "error"),
    [
        ('<osm version="0.6"><node id="1" lat="1" lon="1"/><node id="2" lat="95" lon="1"/></osm>', CoordenadaFuera),
        ('<osm version="0.6"></osm>', SinObjetos),
        ('<osm version="0.6"><node id="-1" lat="1" lon="1"/></osm>', SinObjetos),
        ('<osm version="0.6"><node id="1" lat="1" lon="1"/><node id="2"', ErrorOsm),
    ],
)
def test_un_archivo_rechazado_no_deja_nada(
    bd: BaseDeDatos, tmp_path: Path, contenido: str, error: type[ErrorOsm]
) -> None:
    ruta = tmp_path / "malo.osm"
    ruta.write_text(contenido)
    with pytest.raises(error):
        importar(bd, ruta)
    assert all(filas == [] for filas in foto(bd).values())
    importar(bd, archivo(tmp_path, PUEBLO))
    antes = foto(bd)
    with pytest.raises(error):
        importar(bd, ruta)
    assert foto(bd) == antes
    with bd.lectura() as sesion:
        assert consultas.version_datos(sesion) == 1


def test_una_importacion_directa_deja_los_indices_como_estaban(bd: BaseDeDatos, tmp_path: Path) -> None:
    consulta = text("SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'osm\\_%' ORDER BY 1")
    with bd.lectura() as sesion:
        antes = sesion.execute(consulta).scalars().all()
    importar(bd, archivo(tmp_path, PUEBLO))
    with bd.lectura() as sesion:
        assert sesion.execute(consulta).scalars().all() == antes


def test_el_avance_se_cuenta_por_pasos(bd: BaseDeDatos, tmp_path: Path) -> None:
    pasos: list[str] = []
    with bd.transaccion() as sesion:
        servicio.importar(sesion, archivo(tmp_path, PUEBLO), lambda paso, _hecho, _total: pasos.append(paso))
    assert list(dict.fromkeys(pasos)) == ["leer", "guardar", "armar"]


def test_monaco_de_2012_y_de_2026_dan_lo_mismo_en_cualquier_orden(bd: BaseDeDatos) -> None:
    viejo = datos_reales("osm/monaco-2012-07-06.osm.gz")
    nuevo = datos_reales("osm/monaco-2026-03-10.osm.pbf")
    importar(bd, viejo)
    assert importar(bd, nuevo).suma("antiguos") == 0
    antes = foto(bd)
    vaciar(bd)
    importar(bd, nuevo)
    assert importar(bd, viejo).suma("antiguos") > 1000
    despues = foto(bd)
    for tabla in antes:
        assert antes[tabla] == despues[tabla], tabla


# --- Consultas ------------------------------------------------------------------------------------------------------


def test_los_objetos_de_una_tarea_se_ven_del_mas_nuevo_al_mas_viejo(bd: BaseDeDatos, tmp_path: Path) -> None:
    importar(bd, archivo(tmp_path, PUEBLO))
    zona = wkb("POLYGON((-88.001 17.001,-87.999 17.001,-87.999 17.006,-88.001 17.006,-88.001 17.001))")
    with bd.lectura() as sesion:
        vistos = consultas.objetos_en(sesion, zona)
        assert len(consultas.objetos_en(sesion, zona, limite=1)) == 1
    assert [f"{o.tipo}{o.id}" for o in vistos] == ["w2", "r1", "w1"]
    assert vistos[0].usuario == "Beto Ñ"
    assert vistos[0].geometria == {"type": "LineString", "coordinates": [[-88.02, 17.005], [-87.98, 17.005]]}


def wkb(texto: str) -> bytes:
    import shapely

    return bytes(shapely.to_wkb(shapely.from_wkt(texto)))


def test_la_funcion_sql_y_la_cuenta_en_bloque_dicen_lo_mismo(bd: BaseDeDatos) -> None:
    import numpy as np
    import shapely

    importar(bd, datos_reales("osm/gibraltar-2017-09-03.osm.pbf"))
    x, y = np.meshgrid(np.linspace(-5.37, -5.335, 12), np.linspace(36.11, 36.155, 12))
    cuadros = shapely.box(x, y, x + 0.0032, y + 0.0041).ravel()
    estrellas = shapely.difference(cuadros[:40], shapely.buffer(shapely.centroid(cuadros[:40]), 0.001))
    zonas = np.concatenate((cuadros, estrellas, [shapely.box(-5.4, 36.1, -5.3, 36.2)]))
    with bd.lectura() as sesion:
        bloque = consultas.contar_en_geometrias(sesion, zonas)
        de_wkb = consultas.contar_en_geometrias(sesion, list(shapely.to_wkb(zonas)))
        una_a_una = [consultas.cifras_de_zona(sesion, shapely.to_wkb(z)) for z in zonas]
        total, metros = una_a_una[-1]
        vias = sesion.execute(text("SELECT sum(metros) FROM osm_objeto WHERE clase = 'via'")).scalar_one()
    assert [e for e, _ in una_a_una] == bloque.edificios.tolist() == de_wkb.edificios.tolist()
    assert np.allclose([m for _, m in una_a_una], bloque.metros_vias, rtol=1e-5, atol=0.01)
    assert total == 1695
    assert metros == pytest.approx(vias, rel=1e-5)


def test_sin_datos_las_cifras_son_cero(bd: BaseDeDatos) -> None:
    zona = wkb("POLYGON((0 0,1 0,1 1,0 0))")
    with bd.lectura() as sesion:
        assert consultas.cifras_de_zona(sesion, zona) == (0, 0.0)
        assert consultas.contar_en_geometrias(sesion, [zona]).edificios.tolist() == [0]
        assert consultas.contar_en_geometrias(sesion, []).edificios.tolist() == []
        assert consultas.version_datos(sesion) == 0


# --- Órdenes --------------------------------------------------------------------------------------------------------


@pytest.fixture
def orden(bd: BaseDeDatos, url_base: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv(VARIABLE, url_base)
    return CliRunner()


def test_la_orden_importar_dice_que_hizo_y_falla_si_algo_se_rechazo(orden: CliRunner, tmp_path: Path) -> None:
    bueno, malo = archivo(tmp_path, PUEBLO, "bueno.osm.pbf"), tmp_path / "malo.osm"
    malo.write_text("{}")
    salida = orden.invoke(grupo, ["importar", str(malo), str(bueno)])
    assert salida.exit_code == 1
    assert "malo.osm: rechazado" in salida.stderr
    assert "bueno.osm.pbf: 7 nodos, 4 vías y 1 relaciones" in salida.stdout
    assert "1 archivos tomados, 1 rechazados" in salida.stdout
    repetida = orden.invoke(grupo, ["importar", str(bueno)])
    assert repetida.exit_code == 0
    assert "Nada cambió" in repetida.stdout


def test_la_orden_aplicar_toma_varios_cambios_en_orden(orden: CliRunner, tmp_path: Path) -> None:
    orden.invoke(grupo, ["importar", str(archivo(tmp_path, PUEBLO))])
    cambios = [archivo(tmp_path, f"n7 v{v} dV Tshop=v{v} x1 y{v}", f"{v}.osc.gz") for v in (3, 4)]
    salida = orden.invoke(grupo, ["aplicar", *map(str, cambios)])
    assert salida.exit_code == 0
    assert salida.stdout.count("1 modificados") == 2


def test_de_belice_se_recorta_un_distrito(orden: CliRunner, tmp_path: Path) -> None:
    assert orden.invoke(grupo, ["importar", str(datos_reales("osm/belice-2015-08-23.osm.pbf"))]).exit_code == 0
    lista = orden.invoke(grupo, ["limites", "--texto", "stánn"], catch_exceptions=False).stdout
    assert "962353" in lista
    assert "Stann Creek" in lista
    salida = tmp_path / "stann.geojson"
    assert orden.invoke(grupo, ["limite", "r962353", "--salida", str(salida)]).exit_code == 0
    assert '"nombre": "Stann Creek"' in salida.read_text(encoding="utf-8")
    assert "no se pueden cerrar" in orden.invoke(grupo, ["limites"]).stdout


@pytest.mark.parametrize("identificador", ["abc", "-1", "r", "r0", "n5", "9" * 30])
def test_un_identificador_imposible_se_explica(orden: CliRunner, tmp_path: Path, identificador: str) -> None:
    salida = orden.invoke(grupo, ["limite", "--salida", str(tmp_path / "x.geojson"), "--", identificador])
    assert salida.exit_code == 2
    assert not (tmp_path / "x.geojson").exists()
