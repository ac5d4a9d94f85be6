"""Lo que se guarda de las personas no crece sin que alguien lo decida."""

from sqlalchemy import text

from tareas.comun.bd import restricciones_registradas
from tareas.cuentas import errores


def columnas(bd, tabla):
    with bd.lectura() as sesion:
        return set(
            sesion.execute(
                text("SELECT column_name FROM information_schema.columns WHERE table_name = :t"), {"t": tabla}
            ).scalars()
        )


def test_de_una_persona_se_guarda_lo_minimo(bd):
    minimo = {"id", "usuario", "nombre", "correo", "clave_hash", "idioma", "activa", "debe_cambiar_clave", "creada"}
    assert columnas(bd, "persona") == minimo, (
        "Un dato personal nuevo se decide y se anota en docs/decisiones antes de guardarse."
    )


def test_de_una_sesion_no_se_guarda_ni_aparato_ni_direccion(bd):
    assert columnas(bd, "sesion") == {"huella", "persona_id", "via", "creada", "vence"}
    assert columnas(bd, "intento_de_entrada") == {"id", "asunto", "cuando"}


def test_cada_restriccion_de_cuentas_que_se_traduce_existe_en_la_base(bd):
    propias = {n for n, clase in restricciones_registradas().items() if clase.__module__ == errores.__name__}
    with bd.lectura() as sesion:
        existen = set(
            sesion.execute(
                text("""SELECT conname FROM pg_constraint UNION SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique
                        UNION SELECT tgname FROM pg_trigger""")
            ).scalars()
        )
    assert propias
    faltan = propias - existen
    assert not faltan, faltan
