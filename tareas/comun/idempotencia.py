"""Peticiones que se pueden repetir: misma clave y mismo contenido, misma respuesta; nunca dos veces el efecto."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request
from sqlalchemy import text
from sqlalchemy.orm import Session

from tareas.comun.errores import Conflicto, DatosInvalidos
from tareas.comun.textos import N_

CABECERA = "Idempotency-Key"
LARGO_MAXIMO = 200
DIAS_GUARDADA = 7

_TURNO = text("SELECT pg_advisory_xact_lock(hashtextextended(:clave, :persona))")
_LEER = text("SELECT huella, codigo_http, cuerpo FROM idempotencia WHERE persona_id = :persona AND clave = :clave")
_GUARDAR = text("""
    INSERT INTO idempotencia (persona_id, clave, huella, codigo_http, cuerpo)
    VALUES (:persona, :clave, :huella, :codigo, :cuerpo)
""")
# De a pocas y sin esperar a nadie: barrer lo viejo no debe costarle a quien guarda lo nuevo.
_BARRER = text("""
    DELETE FROM idempotencia WHERE ctid IN (
        SELECT ctid FROM idempotencia
         WHERE creada < ahora() - make_interval(days => :dias) LIMIT 20 FOR UPDATE SKIP LOCKED)
""")


class ClaveDeOtraPeticion(Conflicto):
    """La clave ya se usó con otro contenido."""

    codigo = "clave_de_otra_peticion"
    plantilla = N_("Esta Idempotency-Key ya se usó con otro contenido. Usa una clave nueva para una petición nueva.")


class ClaveInvalida(DatosInvalidos):
    """La clave está vacía, es muy larga o lleva caracteres que no se ven."""

    codigo = "clave_invalida"
    plantilla = N_("La Idempotency-Key debe tener de 1 a %(maximo)s caracteres visibles.")


def huella_de_peticion() -> bytes:
    """SHA-256 de método, ruta y cuerpo de la petición en curso."""
    suma = hashlib.sha256()
    for parte in (request.method.encode(), request.full_path.encode(), request.get_data(cache=True)):
        suma.update(len(parte).to_bytes(8, "big") + parte)
    return suma.digest()


def una_vez(sesion: Session, persona_id: int, hacer: Callable[[], tuple[Mapping[str, Any], int]]) -> Response:
    """Responde lo que diga ``hacer``; si la petición trae ``Idempotency-Key`` y ya se atendió, lo mismo que entonces.

    Las repeticiones simultáneas esperan turno: la primera escribe, las demás leen su respuesta. Un error no se guarda,
    así que corregir y repetir con la misma clave es posible mientras el contenido sea el mismo.

    Parameters
    ----------
    sesion
        Transacción abierta; la respuesta se guarda en ella, junto con lo que ``hacer`` escriba.
    persona_id
        Las claves de cada persona son suyas.
    hacer
        Hace el trabajo y devuelve cuerpo (JSON) y código HTTP.

    Raises
    ------
    ClaveDeOtraPeticion, ClaveInvalida
    """
    clave = request.headers.get(CABECERA)
    if clave is None:
        return _respuesta(*_en_json(*hacer()))
    if not 1 <= len(clave) <= LARGO_MAXIMO or not clave.isprintable():
        raise ClaveInvalida(maximo=LARGO_MAXIMO)
    huella = huella_de_peticion()
    sesion.execute(_TURNO, {"persona": persona_id, "clave": clave})
    guardada = sesion.execute(_LEER, {"persona": persona_id, "clave": clave}).one_or_none()
    if guardada is not None:
        if guardada.huella != huella:
            raise ClaveDeOtraPeticion
        return _respuesta(guardada.cuerpo, guardada.codigo_http)
    cuerpo, codigo = _en_json(*hacer())
    sesion.execute(
        _GUARDAR, {"persona": persona_id, "clave": clave, "huella": huella, "codigo": codigo, "cuerpo": cuerpo}
    )
    sesion.execute(_BARRER, {"dias": DIAS_GUARDADA})
    return _respuesta(cuerpo, codigo)


def _en_json(cuerpo: Mapping[str, Any], codigo: int) -> tuple[str, int]:
    return json.dumps(cuerpo, ensure_ascii=False, separators=(",", ":")), codigo


def _respuesta(cuerpo: str, codigo: int) -> Response:
    return Response(cuerpo, codigo, mimetype="application/json")
