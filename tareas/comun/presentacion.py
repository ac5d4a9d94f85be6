"""Lo que las plantillas necesitan: fechas y números según el lugar, capas de imagen, política de seguridad."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from math import inf
from typing import Any
from urllib.parse import urlsplit

from babel.dates import TIMEDELTA_UNITS, format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, current_app, g
from flask_babel import get_locale

from tareas.comun.campos import dia_de_texto
from tareas.comun.marcado import marcado
from tareas.comun.signos import imprimible
from tareas.comun.textos import _
from tareas.comun.tiempos import DIA, ZONA, edad, zona_de

FORMATO_DE_DIA = {"es": "d MMM y", "en": "MMM d, y"}
ESPACIO_FIJO = "\u00a0"
SEGUNDOS_DE_BABEL = dict(TIMEDELTA_UNITS)


def idioma_actual() -> str:
    """Idioma de la petición: ``es`` o ``en``."""
    return "en" if str(get_locale() or "es").startswith("en") else "es"


def _local(idioma: str) -> str:
    return "en" if idioma == "en" else "es_MX"


def _idioma() -> str:
    return _local(idioma_actual())


def fecha(momento: date | None, zona: str = ZONA) -> str:
    """Día, «27 nov 2026» o «Nov 27, 2026»: el de un momento, en la zona del municipio; el del calendario, tal cual."""
    if momento is None:
        return ""
    dia = momento.astimezone(zona_de(zona)) if isinstance(momento, datetime) else momento
    return format_date(dia, FORMATO_DE_DIA[idioma_actual()], locale=_idioma())


def fecha_hora(momento: datetime | None, zona: str = ZONA) -> str:
    """Día y hora en la zona del municipio: «27 nov 2026, 14:05» o «Nov 27, 2026, 14:05»."""
    if momento is None:
        return ""
    formato = f"{FORMATO_DE_DIA[idioma_actual()]}, HH:mm"
    return format_datetime(momento, formato, tzinfo=zona_de(zona), locale=_idioma())


def dia_y_hora(momento: datetime, zona: str, ahora: datetime, idioma: str | None = None) -> str:
    """Un plazo, en la zona del municipio: «viernes 4 de diciembre a las 14:05», y con el año si no es el de ``ahora``.

    Así se escribe en las páginas, en los correos (fuera de una petición hay que decir ``idioma``) y en el navegador,
    con ``diaYHora`` de js/textos.js.
    """
    husos = zona_de(zona)
    otro = momento.astimezone(husos).year != ahora.astimezone(husos).year
    idioma = idioma or idioma_actual()
    if idioma == "en":
        formato = "EEEE, MMMM d, y 'at' HH:mm" if otro else "EEEE, MMMM d 'at' HH:mm"
    else:
        formato = "EEEE d 'de' MMMM 'de' y 'a las' HH:mm" if otro else "EEEE d 'de' MMMM 'a las' HH:mm"
    return format_datetime(momento, formato, tzinfo=husos, locale=_local(idioma))


def hace(momento: datetime | None) -> str:
    """«hace 3 minutos», «dentro de 2 días»: la edad de `tareas.comun.tiempos`. Igual que ``hace`` de js/textos.js."""
    if momento is None:
        return ""
    segundos = (momento - datetime.now(tz=momento.tzinfo)).total_seconds()
    cuantas, unidad = edad(abs(segundos))
    if cuantas == 0:
        return _("hace un momento") if segundos <= 0 else _("dentro de un momento")
    # Babel cuenta meses de 30 días y años de 365: se le da ya contado, en sus unidades.
    suyos = cuantas * SEGUNDOS_DE_BABEL[unidad]
    return format_timedelta(
        suyos if segundos > 0 else -suyos, granularity=unidad, threshold=inf, add_direction=True, locale=_idioma()
    )


def numero(valor: float | None, decimales: int = 0) -> str:
    """Número con los separadores del idioma; «—» si no hay dato."""
    if valor is None:
        return "—"
    return format_decimal(
        round(valor, decimales), format="#,##0." + "0" * decimales if decimales else "#,##0", locale=_idioma()
    )


def porcentaje(valor: float | None, decimales: int = 0) -> str:
    """Fracción como porcentaje: «93 %», con un espacio que no se parte, o «93%» en inglés; «—» si no hay dato.

    En los textos se escribe igual: ``\\u00a0%%`` en el original y ``%%`` pegado en su traducción (lo vigila
    `tareas.comun.catalogo.revision`).
    """
    if valor is None:
        return "—"
    return numero(100 * valor, decimales) + ("%" if idioma_actual() == "en" else f"{ESPACIO_FIJO}%")


def duracion(segundos: float | None) -> str:
    """«menos de 1 min», «12 min», «1 h 05 min»; desde un día, «1.7 días»; desde diez, «12 días». «—» sin dato."""
    if segundos is None:
        return "—"
    minutos = round(segundos / 60)
    if minutos < 1:
        return _("menos de 1 min")
    if minutos < 60:
        return _("%(n)s min", n=minutos)
    if minutos < 24 * 60:
        return _("%(h)s h %(m)s min", h=minutos // 60, m=f"{minutos % 60:02d}")
    dias = round(segundos / DIA, 1)
    if dias == 1:
        return _("1 día")
    return _("%(n)s días", n=numero(dias, 1 if dias < 10 and dias % 1 else 0))


def superficie(m2: float | None) -> str:
    """«2.4 km²» o «3,200 m²»."""
    if m2 is None:
        return "—"
    return f"{numero(m2 / 1e6, 2 if m2 < 1e7 else 1)} km²" if m2 >= 100_000 else f"{numero(m2)} m²"


def lado(m2: float) -> str:
    """Lado, en metros, de un cuadro de esa superficie: «80» o «330». Igual que ``lado`` de js/previa.js.

    Por decenas desde los cien metros: decir «327» fingiría una exactitud que las tareas, recortadas, no tienen.
    """
    metros = m2**0.5
    return numero(round(metros, -1) if metros >= 100 else metros)


def bytes_legibles(cuantos: float | None) -> str:
    """«3.2 GB», «640 MB»; en potencias de mil."""
    if cuantos is None:
        return "—"
    for unidad, tamano in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if cuantos >= tamano:
            return f"{numero(cuantos / tamano, 1 if cuantos < 100 * tamano else 0)} {unidad}"
    return f"{numero(cuantos / 1e3)} kB"


def capas_de_imagen() -> list[dict[str, Any]]:
    """Capas de imagen configuradas en ``TEQUIO_IMAGENES``.

    Es una lista JSON de ``{id, nombre, tipo: 'xyz'|'wms', url, atribucion, maxzoom}``; vacía si no hay
    internet que usar.
    """
    configuradas: str | list[dict[str, Any]] = current_app.config.get("TEQUIO_CAPAS_DE_IMAGEN") or []
    return json.loads(configuradas) if isinstance(configuradas, str) else configuradas


def permitir_imagenes(capas: list[dict[str, Any]]) -> None:
    """Deja que la página de esta petición pida también estas capas de imagen (las propias de un proyecto)."""
    g.capas_permitidas = capas


def permitir_envios(sitios: Iterable[str]) -> None:
    """Deja que un formulario de esta página termine en otro sitio: Chromium sigue la respuesta hasta donde lleve.

    Parameters
    ----------
    sitios
        Como los escribe la política: ``https://ejemplo.org``, o ``app:`` para el esquema propio de una aplicación.
    """
    g.envios_permitidos = sorted({*g.get("envios_permitidos", ()), *sitios})


def sitio_de(url: str) -> str | None:
    """Sitio de una dirección con huecos, como lo escribe la política: ``https://*.ejemplo.org``."""
    partes = urlsplit(url)
    if not partes.netloc:
        return None
    primera, punto, resto = re.sub(r"\{[^{}]*\}", "*", partes.netloc).partition(".")
    return f"{partes.scheme}://{'*' if '*' in primera else primera}{punto}{resto}"


def sitios_de(capas: Iterable[Mapping[str, Any]]) -> list[str]:
    """De qué sitios ajenos se piden unas capas de imagen, como los escribe la política."""
    return sorted({sitio for capa in capas if (sitio := sitio_de(capa["url"]))})


def politica(app: Flask, nonce: str) -> str:
    """Content-Security-Policy de las páginas: sólo lo nuestro, las capas de imagen y JOSM en esta máquina."""
    capas = [*capas_de_imagen(), *g.get("capas_permitidas", [])]
    fuera = " ".join(sitios_de(capas))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}'",
            "worker-src 'self' blob:",
            "style-src 'self'",
            # MapLibre y ECharts escriben estilos en los elementos que crean.
            "style-src-attr 'unsafe-inline'",
            f"img-src 'self' data: blob: {fuera}".strip(),
            f"connect-src 'self' http://127.0.0.1:8111 {fuera}".strip(),
            "font-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            " ".join(("form-action 'self'", *g.get("envios_permitidos", ()))),
            "frame-ancestors 'none'",
        )
    )


def _debe_ser_una(contexto: Mapping[str, Any]) -> str:
    # pydantic las da como las escribe Python: 'a', 'b' or 'c'.
    crudas = re.split(r", | or ", str(contexto.get("expected")))
    opciones = [limpia for cruda in crudas if (limpia := cruda.strip("'\""))]
    return _("debe ser una de estas opciones: %(opciones)s", opciones=", ".join(opciones))


FRASES_PYDANTIC: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _c: _("falta"),
    "extra_forbidden": lambda _c: _("no conocemos este campo"),
    "string_too_short": lambda c: _("escribe al menos %(n)s caracteres", n=c.get("min_length")),
    "string_too_long": lambda c: _("es muy largo: el máximo son %(n)s caracteres", n=c.get("max_length")),
    "greater_than_equal": lambda c: _("debe ser %(n)s o más", n=c.get("ge")),
    "less_than_equal": lambda c: _("debe ser %(n)s o menos", n=c.get("le")),
    "greater_than": lambda c: _("debe ser mayor que %(n)s", n=c.get("gt")),
    "less_than": lambda c: _("debe ser menor que %(n)s", n=c.get("lt")),
    "literal_error": lambda c: _debe_ser_una(c),
    "enum": lambda c: _debe_ser_una(c),
    "too_long": lambda c: _("son demasiados: el máximo es %(n)s", n=c.get("max_length")),
    "too_short": lambda c: _("son muy pocos: el mínimo es %(n)s", n=c.get("min_length")),
    "string_type": lambda _c: _("debe ser un texto"),
    "int_type": lambda _c: _("debe ser un número entero"),
    "int_parsing": lambda _c: _("debe ser un número entero"),
    "int_from_float": lambda _c: _("debe ser un número entero"),
    "float_type": lambda _c: _("debe ser un número"),
    "float_parsing": lambda _c: _("debe ser un número"),
    "bool_type": lambda _c: _("debe ser verdadero o falso"),
    "bool_parsing": lambda _c: _("debe ser verdadero o falso"),
    "list_type": lambda _c: _("debe ser una lista"),
    "dict_type": lambda _c: _("debe ser un objeto"),
    "model_type": lambda _c: _("debe ser un objeto"),
    "model_attributes_type": lambda _c: _("debe ser un objeto"),
    "finite_number": lambda _c: _("debe ser un número finito"),
}


def es_dia(valor: object) -> bool:
    """``True`` si un campo de fecha del navegador lo puede mostrar: vacío, o un día que existe (``AAAA-MM-DD``)."""
    return not valor or dia_de_texto(str(valor)) is not None


def en_frase(texto: str) -> str:
    """El porqué de un campo como frase: con mayúscula y punto."""
    return texto[:1].upper() + texto[1:] + ("" if texto.endswith((".", "?", "!")) else ".")


def campos_de_pydantic(errores: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Campo -> frase en el idioma de la petición, a partir de los errores de pydantic."""
    campos: dict[str, str] = {}
    for error in errores:
        contexto = error.get("ctx") or {}
        nombre = ".".join(str(p) for p in error.get("loc", ())) or contexto.get("campo") or _("cuerpo")
        tipo = error["type"]
        # Un límite de largo puesto a un texto que antes se limpia llega como si fuera el de una lista.
        if tipo in ("too_long", "too_short") and (error.get("ctx") or {}).get("field_type") == "Value":
            tipo = f"string_{tipo}"
        frase = FRASES_PYDANTIC.get(tipo)
        texto = frase(contexto) if frase else contexto.get("error_mensaje") or _("no se puede tomar")
        campos.setdefault(imprimible(nombre[:100]), texto)
    return campos


def iniciar(app: Flask) -> None:
    """Registra los filtros de las plantillas."""
    app.jinja_env.filters.update(
        fecha=fecha,
        fecha_hora=fecha_hora,
        dia_y_hora=dia_y_hora,
        hace=hace,
        marcado=marcado,
        numero=numero,
        porcentaje=porcentaje,
        duracion=duracion,
        superficie=superficie,
        lado=lado,
        bytes_legibles=bytes_legibles,
    )
    app.jinja_env.tests.update(dia=es_dia)
    app.jinja_env.globals.update(capas_de_imagen=capas_de_imagen)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
