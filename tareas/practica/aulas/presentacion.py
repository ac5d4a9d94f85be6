"""Cómo se dice un aula: en la API y en sus páginas."""

from typing import Any

from flask import url_for
from sqlalchemy import Row


def direcciones(aula_id: int) -> dict[str, str]:
    """Direcciones completas del aula: la que se escribe en un editor, la de la API y la de su replicación."""
    base = url_for("aulas.ver", aula_id=aula_id, _external=True).rsplit("/aulas/", 1)[0]
    raiz = f"{base}/practica/aulas/{aula_id}"
    return {"servidor": raiz, "api": f"{raiz}/api", "replicacion": f"{raiz}/replicacion/"}


def resumen(fila: Row[Any]) -> dict[str, Any]:
    """Un aula en una lista."""
    return {
        "id": fila.id,
        "nombre": fila.nombre,
        "estado": fila.estado,
        "visibilidad": fila.visibilidad,
        "fuente": fila.fuente,
        "creada": fila.creada.isoformat(),
        "municipio": {"id": fila.municipio_id, "clave": fila.municipio_clave, "nombre": fila.municipio_nombre},
    }


def completa(fila: Row[Any], cuentas: dict[str, int]) -> dict[str, Any]:
    """Un aula con lo que tiene y dónde se edita."""
    return {
        **resumen(fila),
        "caja": fila.caja,
        "elementos": cuentas,
        "secuencia": fila.secuencia,
        "direcciones": direcciones(fila.id),
    }
