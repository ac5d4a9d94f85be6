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
