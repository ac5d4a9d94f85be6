"""Respaldar y restaurar con PostgreSQL de verdad: lo mismo que había, en otro servidor, sin sorpresas para quien mira."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from arranque import clientes as programas
from arranque import respaldo, restauracion
from arranque.__main__ import principal
from arranque.clientes import Clientes, sin_clave
from arranque.errores import ErrorArranque
from arranque.postgres import Cluster, direccion
from arranque.procesos import entorno_limpio
from arranque.rutas import RAIZ, Rutas
from tareas.comun.bd import BaseDeDatos
from tareas.mapeo import consultas, servicio
from tareas.mapeo.reglas import Para, Resultado
from tareas.practica.replicacion import consultas as replicacion
from tareas.practica.replicacion import servicio as cortes
from tareas.proyectos import recuerdo
from tareas.proyectos.consultas import conteos
from tareas.tableros.comprobar import comprobar
from tests.fabrica import Elenco, abrir_sesion, aula, persona
from tests.servicios.test_aulas import cortar_hasta

MIGRACIONES = RAIZ / "migraciones" / "versiones"


@pytest.fixture(scope="module")
def grupo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Un servidor recién nacido: sus transacciones van muy por detrás de las de aquel donde se respalda."""
    carpeta = tmp_path_factory.mktemp("otro")
    for p in (carpeta, carpeta.parent):
        p.chmod(0o755)
    grupo = Cluster(carpeta / "pg", ajustes={"shared_buffers": "16MB", "fsync": "off"})
    try:
        grupo.asegurar()
    except ErrorArranque as error:
        pytest.skip(error.motivo)
    yield grupo
    grupo.borrar()


@pytest.fixture
def destino(grupo: Cluster) -> Iterator[str]:
    """Dirección de una base vacía en el otro servidor."""
    grupo.consultar("CREATE DATABASE prueba", "postgres")
    lugar = grupo.lugar()
    assert lugar is not None
    yield direccion(lugar.enchufe, "prueba")
    grupo.consultar("DROP DATABASE prueba WITH (FORCE)", "postgres")


@pytest.fixture
def origen(url_base: str, elenco: Elenco, bd: BaseDeDatos) -> str:
    """Una base con trabajo hecho: una tarea entregada, otra en manos de alguien."""
    with bd.transaccion() as sesion:
        toma = servicio.tomar(
            sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numeros=[4], para=Para.MAPEAR
        )[0]
        servicio.entregar(
            sesion,
            persona_id=elenco.mapeadora,
            proyecto_id=elenco.proyecto,
            numero=4,
            ficha=toma.ficha,
            resultado=Resultado.MAPEADA,
            nota="Ñandú «en» 20° 🌵",
        )
        servicio.tomar(sesion, persona_id=elenco.mapeador, proyecto_id=elenco.proyecto, numeros=[5], para=Para.MAPEAR)
    abrir_sesion(bd, elenco.mapeadora)
    bd.cerrar()
    return url_base


def clientes(grupo: Cluster, url: str) -> Clientes:
    binarios = grupo.binarios()
    return programas.para(url, entorno_limpio(binarios.entorno), binarios.carpeta)


def filas(url: str) -> dict[str, int]:
    """Cuántas filas tiene cada tabla."""
    with psycopg.connect(url) as conexion:
        tablas = conexion.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        cuentas = {t: conexion.execute(f'SELECT count(*) FROM "{t}"').fetchone() for (t,) in tablas}
    return {t: fila[0] for t, fila in cuentas.items() if fila}


def migrar(url: str) -> None:
    configuracion = Config(str(RAIZ / "alembic.ini"))
    configuracion.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(configuracion, "head")


@pytest.fixture
def archivo(grupo: Cluster, origen: str, tmp_path: Path) -> Path:
    """Un respaldo de la base de origen."""
    hecho = tmp_path / "hecho.respaldo"
    assert respaldo.respaldar(clientes(grupo, origen), hecho) > 10_000
    return hecho


def test_lo_restaurado_en_otro_servidor_es_lo_que_habia_y_todo_cuadra(
    grupo: Cluster, origen: str, archivo: Path, destino: str
) -> None:
    otra = clientes(grupo, destino)
    restauracion.verificar(otra, archivo, MIGRACIONES)
    restauracion.exigir_que_se_pueda(otra, reemplazar=False)
    restauracion.restaurar(otra, archivo)
    migrar(destino)

    antes, despues = filas(origen), filas(destino)
    assert despues.pop("sesion") == 0
    assert antes.pop("sesion") == 1
    assert despues == antes
    base = BaseDeDatos(destino)
    with base.lectura() as sesion:
        assert sum(r.cuantas for r in comprobar(sesion)) == 0
        assert "Ñandú «en» 20° 🌵" in sesion.execute(text("SELECT nota FROM historial")).scalars().all()
    base.cerrar()


def test_en_el_otro_servidor_solo_se_ven_como_cambios_los_que_se_hagan_alli(
    grupo: Cluster, archivo: Path, destino: str, elenco: Elenco
) -> None:
    restauracion.restaurar(clientes(grupo, destino), archivo)
    base = BaseDeDatos(destino)
    with base.lectura() as sesion:
        cursor = consultas.estados(sesion, elenco.proyecto)["cursor"]
        assert consultas.cambios(sesion, elenco.proyecto, cursor)["cambios"] == []
        # Las cifras recordadas valen mientras nadie escriba.
        conteos(sesion, [elenco.proyecto])
        assert recuerdo.exacto_por_proyecto(sesion, ("conteos",), [elenco.proyecto], lambda _p: pytest.fail("recontó"))
    with base.transaccion() as sesion:
        servicio.comentar(
            sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numero=7, nota="Ya en el servidor nuevo"
        )
    with base.lectura() as sesion:
        assert [n for n, _ in consultas.cambios(sesion, elenco.proyecto, cursor)["cambios"]] == [7]
    base.cerrar()


def test_la_replicacion_de_un_aula_sigue_donde_iba_en_el_otro_servidor(
    grupo: Cluster, bd: BaseDeDatos, elenco: Elenco, url_base: str, destino: str, tmp_path: Path
) -> None:
    poner = text("""INSERT INTO practica_elemento (aula_id, tipo, id, version, conjunto, uid, usuario, lon, lat)
                    VALUES (:a, 'n', :n, 1, 1, 1, 'alguien', 0, 0)""")
    with bd.transaccion() as sesion:
        numero = aula(sesion, elenco.municipio)
    for nodo, corta in ((1, True), (2, True), (3, False)):
        with bd.transaccion() as sesion:
            sesion.execute(poner, {"a": numero, "n": nodo})
        if corta:
            assert cortar_hasta(bd, numero, nodo) == nodo
    bd.cerrar()
    hecho = tmp_path / "aula.respaldo"
    respaldo.respaldar(clientes(grupo, url_base), hecho)
    restauracion.restaurar(clientes(grupo, destino), hecho)
    migrar(destino)
    otra = BaseDeDatos(destino, conexiones=2)
    with otra.transaccion() as sesion:
        assert cortes.cortar(sesion, numero).secuencia == 3
    vistos = []
    with otra.lectura() as sesion:
        for secuencia in (1, 2, 3):
            tramo = replicacion.una(sesion, numero, secuencia)
            datos = {"aula": numero, "desde": tramo.tx_desde, "hasta": tramo.tx_hasta}
            vistos.append([fila.id for fila in sesion.execute(replicacion.SQL["versiones"], datos)])
    otra.cerrar()
    assert vistos == [[1], [2], [3]]


def test_quien_miraba_el_mapa_lo_recibe_entero_y_ningun_numero_se_repite(
    grupo: Cluster, origen: str, archivo: Path, destino: str, elenco: Elenco
) -> None:
    otra = clientes(grupo, destino)
    restauracion.restaurar(otra, archivo)
    base = BaseDeDatos(destino)
    with base.lectura() as sesion:
        viejo = consultas.estados(sesion, elenco.proyecto)["cursor"]
    # Después del respaldo pasaron cosas, y alguien las vio; ninguna quedará.
    nueva = persona(base, "llegó_después")
    with base.transaccion() as sesion:
        dada = servicio.tomar(sesion, persona_id=nueva, proyecto_id=elenco.proyecto, numeros=[9], para=Para.MAPEAR)[0]
    base.cerrar()

    restauracion.restaurar(otra, archivo)
    with base.lectura() as sesion:
        assert "estados" in consultas.cambios(sesion, elenco.proyecto, viejo)
    assert persona(base, "otra_persona") > nueva
    with base.transaccion() as sesion:
        toma = servicio.tomar(
            sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numeros=[9], para=Para.MAPEAR
        )[0]
    assert toma.ficha > dada.ficha
    base.cerrar()


def test_una_base_con_datos_solo_se_reemplaza_si_se_pide(grupo: Cluster, archivo: Path, destino: str) -> None:
    otra = clientes(grupo, destino)
    migrar(destino)
    restauracion.exigir_que_se_pueda(otra, reemplazar=False)
    restauracion.restaurar(otra, archivo)
    with pytest.raises(ErrorArranque, match="ya tiene datos"):
        restauracion.exigir_que_se_pueda(otra, reemplazar=False)
    restauracion.exigir_que_se_pueda(otra, reemplazar=True)


def test_basta_con_ser_duenia_de_la_base(grupo: Cluster, archivo: Path, destino: str, tmp_path: Path) -> None:
    clientes(grupo, destino).consultar(
        "CREATE EXTENSION postgis; CREATE EXTENSION unaccent; CREATE EXTENSION pg_trgm; CREATE ROLE duenia LOGIN"
    )
    clientes(grupo, destino).consultar("ALTER DATABASE prueba OWNER TO duenia")
    suya = clientes(grupo, destino.replace("//tequio@", "//duenia@"))
    restauracion.restaurar(suya, archivo)
    assert respaldo.respaldar(suya, tmp_path / "suyo.respaldo") > 10_000
    restauracion.restaurar(suya, tmp_path / "suyo.respaldo")
    assert suya.consultar("SELECT count(*) FROM historial") == "3"


def test_con_tequio_encendido_o_con_tablas_ajenas_no_se_restaura(grupo: Cluster, destino: str) -> None:
    otra = clientes(grupo, destino)
    base = BaseDeDatos(destino)
    assert base.responde()
    with pytest.raises(ErrorArranque, match="usando la base"):
        restauracion.exigir_que_se_pueda(otra, reemplazar=True)
    base.cerrar()
    otra.consultar("CREATE TABLE nomina (sueldo integer)")
    with pytest.raises(ErrorArranque, match="nomina"):
        restauracion.exigir_que_se_pueda(otra, reemplazar=True)


def test_si_la_restauracion_falla_la_base_queda_como_estaba(grupo: Cluster, archivo: Path, destino: str) -> None:
    otra = clientes(grupo, destino)
    restauracion.restaurar(otra, archivo)
    otra.consultar("INSERT INTO persona (usuario, nombre) VALUES ('se_queda', 'Se Queda')")
    antes = filas(destino)
    entero = archivo.read_bytes()
    archivo.write_bytes(entero[: len(entero) * 2 // 3])
    with pytest.raises(ErrorArranque, match="quedó como estaba"):
        restauracion.restaurar(otra, archivo)
    assert filas(destino) == antes


def test_un_respaldo_cortado_danado_o_ajeno_se_rechaza_sin_tocar_la_base(
    grupo: Cluster, archivo: Path, destino: str, tmp_path: Path
) -> None:
    otra = clientes(grupo, destino)
    entero = archivo.read_bytes()
    malos = {"vacio": b"", "texto": b"hola\n" * 500, "cortado": entero[: len(entero) - 4000]}
    malos["danado"] = entero[:-9000] + bytes(5000) + entero[-4000:]
    for nombre, contenido in malos.items():
        malo = tmp_path / nombre
        malo.write_bytes(contenido)
        with pytest.raises(ErrorArranque, match="dañado"):
            restauracion.verificar(otra, malo, MIGRACIONES)
    with pytest.raises(ErrorArranque, match="No existe"):
        restauracion.verificar(otra, tmp_path / "no_hay", MIGRACIONES)
    with pytest.raises(ErrorArranque, match="más nueva"):
        restauracion.verificar(otra, archivo, tmp_path)


def test_un_respaldo_no_se_escribe_sobre_otro_ni_deja_pedazos(grupo: Cluster, archivo: Path, destino: str) -> None:
    assert archivo.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ErrorArranque, match="Ya existe"):
        respaldo.respaldar(clientes(grupo, destino), archivo)
    with pytest.raises(ErrorArranque, match="no hay nada que respaldar"):
        respaldo.respaldar(clientes(grupo, destino), archivo.with_name("otro"))
    with pytest.raises(ErrorArranque, match="pg_dump"):
        respaldo.respaldar(clientes(grupo, destino.replace("/prueba?", "/no_existe?")), archivo.with_name("otro"))
    assert [p.name for p in archivo.parent.iterdir() if p.is_file()] == [archivo.name]


def test_sin_nombre_el_respaldo_lleva_la_fecha(tmp_path: Path) -> None:
    rutas, momento = Rutas(tmp_path), datetime(2026, 2, 3, 4, 5, 6)
    rutas.preparar()
    nombre = "tequio-2026-02-03-040506.respaldo"
    assert respaldo.destino_para(rutas, None, momento) == tmp_path / ".datos" / "respaldos" / nombre
    assert respaldo.destino_para(rutas, str(tmp_path), momento) == tmp_path / nombre
    assert respaldo.destino_para(rutas, str(tmp_path / "mi.respaldo"), momento) == tmp_path / "mi.respaldo"
    with pytest.raises(ErrorArranque, match="carpeta"):
        respaldo.destino_para(rutas, str(tmp_path / "no" / "hay"), momento)


def test_pedir_ayuda_no_prepara_nada(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for orden in ("respaldar", "restaurar"):
        assert principal([orden, "--help"], Rutas(tmp_path)) == 0
        assert f"Uso: ./tequio {orden}" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("sobra", [["a", "b"], ["--todo"]])
def test_lo_que_sobra_en_la_orden_se_dice(tmp_path: Path, sobra: list[str]) -> None:
    assert principal(["respaldar", *sobra], Rutas(tmp_path)) == 2
    assert principal(["restaurar", *sobra], Rutas(tmp_path)) == 2


@pytest.mark.parametrize(
    ("url", "limpia", "clave"),
    [
        (
            "postgresql://ana:ta%40co@bd.local:5433/tequio?sslmode=require",
            "postgresql://ana@bd.local:5433/tequio?sslmode=require",
            "ta@co",
        ),
        ("postgresql+psycopg://ana:x@bd/t", "postgresql://ana@bd/t", "x"),
        ("postgresql://tequio@/tequio?host=/a/b:c@d", "postgresql://tequio@/tequio?host=/a/b:c@d", None),
        ("postgres://bd.local/tequio", "postgres://bd.local/tequio", None),
    ],
)
def test_la_clave_de_la_base_no_se_ve_en_la_lista_de_procesos(url: str, limpia: str, clave: str | None) -> None:
    assert sin_clave(url) == (limpia, clave)
    assert (clave or "nada que buscar") not in " ".join(programas.para(url, {}, Path("/usr/bin")).orden("env", limpia))
