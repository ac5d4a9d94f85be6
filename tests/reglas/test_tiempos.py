"""Cuánto hace y cuánto duró: una regla, sin huecos ni frases ambiguas."""

from datetime import UTC, datetime, timedelta

import pytest
from flask_babel import force_locale

from tareas.comun.presentacion import dia_y_hora, duracion, hace
from tareas.comun.tiempos import DIA, HORA, MES, MINUTO, edad, zona_de

# (segundos, en español, en inglés): las mismas frases las prueba el navegador contra js/textos.js.
EDADES = (
    (0, "hace un momento", "just now"),
    (59, "hace un momento", "just now"),
    (MINUTO, "hace 1 minuto", "1 minute ago"),
    (59.9 * MINUTO, "hace 59 minutos", "59 minutes ago"),
    (HORA, "hace 1 hora", "1 hour ago"),
    (23.9 * HORA, "hace 23 horas", "23 hours ago"),
    (DIA, "hace 1 día", "1 day ago"),
    (8.4 * DIA, "hace 8 días", "8 days ago"),
    (13.9 * DIA, "hace 13 días", "13 days ago"),
    (14 * DIA, "hace 2 semanas", "2 weeks ago"),
    (62.9 * DIA, "hace 8 semanas", "8 weeks ago"),
    (63 * DIA, "hace 2 meses", "2 months ago"),
    (23.9 * MES, "hace 23 meses", "23 months ago"),
    (24 * MES, "hace 2 años", "2 years ago"),
    (3564 * DIA, "hace 9 años", "9 years ago"),
)

# (momento, zona, en español, en inglés), vistos a fines de noviembre de 2026: el navegador también las prueba.
PLAZOS = (
    (
        "2026-12-04T20:05:00Z",
        "America/Mexico_City",
        "viernes 4 de diciembre a las 14:05",
        "Friday, December 4 at 14:05",
    ),
    ("2026-12-04T05:30:00Z", "America/Tijuana", "jueves 3 de diciembre a las 21:30", "Thursday, December 3 at 21:30"),
    (
        "2026-12-02T06:00:00Z",
        "America/Mexico_City",
        "miércoles 2 de diciembre a las 00:00",
        "Wednesday, December 2 at 00:00",
    ),
    (
        "2027-01-01T12:00:00Z",
        "America/Bogota",
        "viernes 1 de enero de 2027 a las 07:00",
        "Friday, January 1, 2027 at 07:00",
    ),
    ("2027-01-01T02:00:00Z", "America/Bogota", "jueves 31 de diciembre a las 21:00", "Thursday, December 31 at 21:00"),
)
VISTOS = datetime(2026, 11, 27, 18, tzinfo=UTC)


@pytest.mark.parametrize(("momento", "zona", "en_espanol", "en_ingles"), PLAZOS)
def test_un_plazo_se_escribe_igual_en_paginas_y_correos(app, momento, zona, en_espanol, en_ingles):
    plazo = datetime.fromisoformat(momento)
    assert dia_y_hora(plazo, zona, VISTOS, "es") == en_espanol
    assert dia_y_hora(plazo, zona, VISTOS, "en") == en_ingles
    with app.test_request_context("/"):
        for idioma, dicho in (("es", en_espanol), ("en", en_ingles)):
            with force_locale(idioma):
                assert dia_y_hora(plazo, zona, VISTOS) == dicho


@pytest.mark.parametrize(("segundos", "en_espanol", "en_ingles"), EDADES)
def test_hace_cuanto_se_dice_igual_en_los_dos_idiomas(app, segundos, en_espanol, en_ingles):
    # Medio segundo de más: la prueba también tarda.
    momento = datetime.now(UTC) - timedelta(seconds=segundos + (0.5 if segundos else 0))
    with app.test_request_context("/"):
        for idioma, dicho in (("es", en_espanol), ("en", en_ingles)):
            with force_locale(idioma):
                assert hace(momento) == dicho


def test_lo_que_viene_tambien(app):
    with app.test_request_context("/"), force_locale("es"):
        assert hace(datetime.now(UTC) + timedelta(days=6, hours=23)) == "dentro de 6 días"
        assert hace(datetime.now(UTC) + timedelta(seconds=30)) == "dentro de un momento"


def test_ninguna_edad_retrocede_ni_se_queda_en_cero():
    anterior, orden = (0, 0), ["minute", "hour", "day", "week", "month", "year"]
    for segundos in range(0, 3 * 366 * DIA, 1801):
        cuantas, unidad = edad(segundos)
        ahora = (orden.index(unidad), cuantas)
        assert ahora >= anterior
        assert cuantas >= 1 or segundos < MINUTO
        anterior = ahora


@pytest.mark.parametrize(
    ("segundos", "en_espanol", "en_ingles"),
    [
        (None, "—", "—"),
        (12, "menos de 1 min", "less than 1 min"),
        (59.6 * MINUTO, "1 h 00 min", "1 h 00 min"),
        (65 * MINUTO, "1 h 05 min", "1 h 05 min"),
        (23.9 * HORA, "23 h 54 min", "23 h 54 min"),
        (DIA, "1 día", "1 day"),
        (41 * HORA + 4 * MINUTO, "1.7 días", "1.7 days"),
        (2 * DIA, "2 días", "2 days"),
        (6.4 * DIA, "6.4 días", "6.4 days"),
        (12.3 * DIA, "12 días", "12 days"),
    ],
)
def test_una_duracion_de_un_dia_o_mas_se_dice_en_dias(app, segundos, en_espanol, en_ingles):
    with app.test_request_context("/"):
        for idioma, dicho in (("es", en_espanol), ("en", en_ingles)):
            with force_locale(idioma):
                assert duracion(segundos) == dicho


def test_una_zona_que_esta_maquina_no_conoce_no_rompe_una_pagina(caplog):
    for mala in ("America/Narnia", "../etc/passwd", ""):
        assert zona_de(mala).key == "America/Mexico_City"
        assert zona_de(mala).key == "America/Mexico_City"
    assert len(caplog.records) == 3
