"""Cada cifra y cada fecha se escriben de una sola manera en cada idioma."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask_babel import force_locale

from tareas.comun.presentacion import fecha, fecha_hora, porcentaje


@pytest.mark.parametrize(
    ("valor", "decimales", "es", "en"),
    [
        (0.93, 0, "93\u00a0%", "93%"),
        (0.0512, 1, "5.1\u00a0%", "5.1%"),
        (0, 0, "0\u00a0%", "0%"),
        (1, 0, "100\u00a0%", "100%"),
        (12.5, 0, "1,250\u00a0%", "1,250%"),
        (None, 0, "—", "—"),
    ],
)
def test_un_por_ciento(app: Flask, valor: float | None, decimales: int, es: str, en: str) -> None:
    for idioma, dicho in (("es", es), ("en", en)):
        with app.test_request_context(), force_locale(idioma):
            assert porcentaje(valor, decimales) == dicho


def test_un_dia(app: Flask) -> None:
    momento = datetime(2026, 11, 27, 20, 5, tzinfo=UTC)
    for idioma, dia, con_hora in (
        ("es", "27 nov 2026", "27 nov 2026, 14:05"),
        ("en", "Nov 27, 2026", "Nov 27, 2026, 14:05"),
    ):
        with app.test_request_context(), force_locale(idioma):
            assert fecha(momento) == fecha(date(2026, 11, 27)) == dia
            assert fecha_hora(momento) == con_hora


@pytest.mark.parametrize(
    ("edificios", "km", "puntos", "es", "en"),
    [
        (1, 0.42, 2, "1 edificio · 0.42 km de calle · 2 puntos de interés", "1 building · 0.42 km of road · 2 points of interest"),
        (-1, -0.42, -2, "1 edificio menos · 0.42 km de calle menos · 2 puntos de interés menos", "1 fewer building · 0.42 km less road · 2 fewer points of interest"),
        (0, -0.001, 0, "Sin cambios dentro de la tarea", "No changes inside the task"),
    ],
)  # fmt: skip
def test_lo_que_se_quito_se_dice_con_palabras(
    app: Flask, edificios: int, km: float, puntos: int, es: str, en: str
) -> None:
    turno = {"edificios": edificios, "km_vias": km, "puntos": puntos, "vertices_movidos": 0}
    turno["dentro"] = dict.fromkeys(("creados", "modificados", "borrados"), 0)  # type: ignore[assignment]
    for idioma, dicho in (("es", es), ("en", en)):
        with app.test_request_context(), force_locale(idioma):
            macro = app.jinja_env.get_template("componentes/evidencia.html").module.frase_de_evidencia  # type: ignore[attr-defined]
            assert macro(turno).strip() == dicho
