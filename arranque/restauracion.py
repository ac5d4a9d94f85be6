"""``./tequio restaurar``: pone en la base lo que guarda un respaldo, todo o nada.

El archivo se lee entero antes de tocar nada. Después, en una sola transacción, se quita lo que había, se pone lo del
respaldo y se arregla lo que depende del servidor donde se tomó; si algo falla, la base queda como estaba.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from arranque.binarios import EXTENSIONES
from arranque.clientes import Clientes
from arranque.errores import ErrorArranque
from arranque.pasos import avance
from arranque.respaldo import TABLAS_QUE_LO_DELATAN, tablas
from arranque.rutas import Rutas

REEMPLAZAR = "--reemplazar"
AYUDA = """Pone en la base lo que guarda un respaldo, todo o nada.

Uso: ./tequio restaurar ARCHIVO [--reemplazar]

El servidor web debe estar apagado. Si la base ya tiene datos, hay que decir --reemplazar: se borran y queda sólo lo del
respaldo. Al final pone al día las tablas y comprueba que todo cuadre. Las personas tendrán que volver a entrar."""
LO_QUE_TIENE_DATOS = ("persona", "municipio", "proyecto", "osm_importacion")
CONEXIONES_ABIERTAS = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'tequio'"""
TABLAS_PROPIAS = """
SELECT c.relname FROM pg_class c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                      AND d.deptype = 'e')"""

# Los números ya dados se recuerdan: ni una dirección ni una ficha de turno se vuelve a usar para otra cosa.
ANTES = """
SET client_min_messages = warning;
BEGIN;
SET LOCAL lock_timeout = '15s';
CREATE TEMP TABLE tequio_antes ON COMMIT DROP AS
SELECT sequencename::text AS que, last_value AS valor FROM pg_sequences WHERE schemaname = 'public';
DO $$
DECLARE
    orden text;
BEGIN
    IF to_regclass('public.proyecto') IS NOT NULL AND to_regclass('public.osm_importacion') IS NOT NULL THEN
        INSERT INTO tequio_antes SELECT 'version', greatest((SELECT max(version) FROM public.proyecto),
                                                            (SELECT max(version) FROM public.osm_importacion));
    END IF;
    FOREACH orden IN ARRAY coalesce((
        SELECT array_agg(o.orden) FROM (
            SELECT format('DROP %s IF EXISTS public.%I CASCADE',
                          CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'm' THEN 'MATERIALIZED VIEW'
                                         ELSE 'TABLE' END, c.relname) AS orden
              FROM pg_class c
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
               AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                                  AND d.deptype IN ('e', 'i'))
            UNION ALL
            SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', f.oid::regprocedure)
              FROM pg_proc f
             WHERE f.pronamespace = 'public'::regnamespace
               AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid
                                  AND d.deptype = 'e')) o), '{}')
    LOOP
        EXECUTE orden;
    END LOOP;
END $$;
"""

DESPUES = """
SET search_path = public;
-- El cursor de los cambios y las cifras recordadas comparan este número con las transacciones de su servidor. Las del
-- respaldo son de otro, o de otro tiempo: en cero, ninguna pasa por nueva. Cambiar la columna la reescribe sin tocar la
-- regla de que el historial sólo se agrega.
ALTER TABLE historial ALTER COLUMN tx TYPE bigint USING 0;
-- La replicación de las aulas reparte las versiones en sus archivos por ese mismo número: se conserva el reparto con
-- números negativos, que ningún servidor da. Lo que aún no salía en ningún archivo saldrá en el siguiente.
DO $$
BEGIN
    IF to_regclass('practica_diferencia') IS NOT NULL THEN
        UPDATE practica_elemento e
           SET tx = coalesce((SELECT d.secuencia - 1099511627776 FROM practica_diferencia d
                               WHERE d.aula_id = e.aula_id AND e.tx >= d.tx_desde AND e.tx < d.tx_hasta), -1)
         WHERE NOT e.semilla;
        UPDATE practica_diferencia
           SET tx_desde = secuencia - 1099511627776, tx_hasta = secuencia + 1 - 1099511627776;
    END IF;
END $$;
-- Las teselas se guardan para siempre por versión, y quien mira el mapa lo pide entero si la versión es otra. Los
-- minutos desde 1970 son más que cualquier versión que se haya dado contando de una en una.
CREATE TEMP TABLE tequio_version ON COMMIT DROP AS
SELECT greatest((extract(epoch FROM clock_timestamp()) / 60)::bigint, max(valor) + 1) AS nueva
  FROM tequio_antes WHERE que = 'version';
UPDATE proyecto SET version = greatest(version + 1, nueva) FROM tequio_version;
UPDATE osm_importacion SET version = greatest(version + 1, nueva) FROM tequio_version
 WHERE id = (SELECT max(id) FROM osm_importacion);
SELECT setval(format('%I', s.sequencename)::regclass, greatest(s.last_value, a.valor)
              + CASE s.sequencename WHEN 'ficha_bloqueo' THEN 1000000 ELSE 1000 END)
  FROM pg_sequences s LEFT JOIN tequio_antes a ON a.que = s.sequencename
 WHERE s.schemaname = 'public' AND greatest(s.last_value, a.valor) IS NOT NULL;
-- Una sesión cerrada, un permiso retirado, un enlace usado o un correo enviado después del respaldo no reviven.
DELETE FROM sesion;
DELETE FROM restablecimiento;
DELETE FROM correo_pendiente;
DO $$ BEGIN
    -- Un respaldo de antes de las aulas no las tiene.
    IF to_regclass('public.oauth_codigo') IS NOT NULL THEN
        DELETE FROM oauth_ficha;
        DELETE FROM oauth_codigo;
    END IF;
END $$;
COMMIT;
"""


def verificar(clientes: Clientes, archivo: Path, migraciones: Path) -> None:
    """Comprueba que un archivo sea un respaldo de Tequio, que esté completo y que este programa lo entienda.

    Parameters
    ----------
    migraciones : Path
        Carpeta con las migraciones que este programa conoce.

    Raises
    ------
    ErrorArranque
    """
    if not archivo.is_file():
        raise ErrorArranque(
            f"No existe el archivo {archivo}.", "Los que se hicieron sin decir dónde están en .datos/respaldos."
        )
    try:
        contiene = tablas(clientes, archivo)
        # Leerlo hasta el final descubre un archivo cortado o dañado antes de tocar la base.
        clientes.leer("pg_restore", "--file=/dev/null", str(archivo))
    except ErrorArranque as error:
        raise ErrorArranque(
            f"{archivo} no es un respaldo, o está dañado.\n{error.motivo}", "Usa otra copia."
        ) from error
    if not contiene >= TABLAS_QUE_LO_DELATAN:
        raise ErrorArranque(f"{archivo} no es un respaldo de Tequio: le faltan sus tablas.")
    version = _version(clientes, archivo)
    if not any(migraciones.glob(f"{version}_*.py")):
        raise ErrorArranque(
            f"El respaldo es de una versión más nueva de Tequio (su esquema es el {version}).",
            "Actualiza Tequio (git pull) y vuelve a ejecutar la orden.",
        )


def _version(clientes: Clientes, archivo: Path) -> str:
    texto = clientes.leer("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(archivo))
    renglones = texto.splitlines()
    copia = next((i for i, r in enumerate(renglones) if r.startswith("COPY public.alembic_version")), None)
    return renglones[copia + 1] if copia is not None else "?"


def exigir_que_se_pueda(clientes: Clientes, reemplazar: bool) -> None:
    """Comprueba que nadie use la base y que no se pierda nada sin haberlo pedido.

    Raises
    ------
    ErrorArranque
    """
    abiertas = int(clientes.consultar(CONEXIONES_ABIERTAS))
    if abiertas:
        raise ErrorArranque(
            f"Tequio está usando la base: hay {abiertas} conexiones abiertas.",
            "Apaga el servidor web (./tequio parar, o el servicio del sistema) y vuelve a ejecutar la orden.",
        )
    hay = set(clientes.consultar(TABLAS_PROPIAS).splitlines())
    if hay and not hay >= TABLAS_QUE_LO_DELATAN:
        raise ErrorArranque(
            f"La base tiene tablas que no son de Tequio: {', '.join(sorted(hay)[:5])}.",
            "Dale una sólo a Tequio.",
        )
    # Los nombres de tabla son los de nuestra lista.
    preguntas = [f"EXISTS (SELECT FROM public.{t})" for t in LO_QUE_TIENE_DATOS if t in hay]  # nosec B608
    pregunta = f"SELECT {' OR '.join(preguntas)}"
    llena = preguntas and clientes.consultar(pregunta) == "t"
    if llena and not reemplazar:
        raise ErrorArranque(
            "La base ya tiene datos, y restaurar los borraría.",
            "Si eso quieres, respáldala antes (./tequio respaldar) y repite la orden con --reemplazar.",
        )


def restaurar(clientes: Clientes, archivo: Path) -> None:
    """Cambia todo lo que hay en la base por lo que guarda el archivo, en una transacción.

    Raises
    ------
    ErrorArranque
        Nada cambió.
    """
    extensiones = "".join(f'CREATE EXTENSION IF NOT EXISTS "{nombre}" SCHEMA public;\n' for nombre in EXTENSIONES)
    traduce = clientes.orden("pg_restore", "--no-owner", "--no-privileges", "--schema=public", "--file=-", str(archivo))
    escribe = clientes.orden("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-d", clientes.url)
    entorno = dict(clientes.entorno)
    with tempfile.TemporaryFile() as dicho:
        with (
            subprocess.Popen(escribe, env=entorno, stdin=subprocess.PIPE, stdout=dicho, stderr=dicho) as base,
            subprocess.Popen(
                traduce, env=entorno, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=dicho
            ) as lector,
        ):
            completo = _pasar(base, lector, ANTES + extensiones)
        if not completo:
            dicho.seek(0)
            motivo = dicho.read().decode(errors="replace").strip()[-2000:]
            raise ErrorArranque(f"No se pudo restaurar, y la base quedó como estaba:\n{motivo}")
    clientes.consultar("VACUUM (ANALYZE)")


def _pasar(base: subprocess.Popen[bytes], lector: subprocess.Popen[bytes], antes: str) -> bool:
    """Le da a ``psql`` lo de antes, lo que ``pg_restore`` escribe y lo de después; ``False`` si algo se cortó.

    El COMMIT va al final de lo de después: si no se llega hasta ahí, la base lo deshace todo al irse ``psql``.
    """
    entrada, salida = base.stdin, lector.stdout
    assert entrada is not None
    assert salida is not None
    completo = False
    try:
        entrada.write(antes.encode())
        shutil.copyfileobj(salida, entrada, 1 << 20)
        if lector.wait() == 0:
            entrada.write(DESPUES.encode())
            completo = True
    except BrokenPipeError:
        # psql se fue al primer error; lo que quedó sin darle ya no importa.
        lector.kill()
    finally:
        with suppress(BrokenPipeError):
            entrada.close()
    return base.wait() == 0 and completo


def orden_restaurar(rutas: Rutas, clientes: Clientes, archivo: Path, *, reemplazar: bool) -> None:
    """Verifica y restaura, diciendo qué hace.

    Raises
    ------
    ErrorArranque
    """
    with avance("Revisión del respaldo"):
        verificar(clientes, archivo, rutas.raiz / "migraciones" / "versiones")
    exigir_que_se_pueda(clientes, reemplazar)
    with avance("Restauración"):
        restaurar(clientes, archivo)
