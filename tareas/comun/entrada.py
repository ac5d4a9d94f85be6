"""Lo que llega de fuera, con su forma declarada una vez: valida, explica en español y documenta en OpenAPI."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError

from tareas.comun.errores import DatosInvalidos, ErrorTequio
from tareas.comun.json_estricto import JsonRoto, cargar
from tareas.comun.presentacion import campos_de_pydantic
from tareas.comun.textos import N_

Vista = TypeVar("Vista", bound=Callable[..., Any])
Modelo = TypeVar("Modelo", bound=BaseModel)


class Cuerpo(BaseModel):
    """Base de los cuerpos JSON: tipos exactos y ningún campo desconocido."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Consulta(BaseModel):
    """Base de los parámetros de la dirección: llegan como texto, se convierten, y no se admite ninguno desconocido."""

    model_config = ConfigDict(extra="forbid")


class EntradaInvalida(DatosInvalidos):
    """Campos con problemas: ``datos['campos']`` dice cuáles y por qué; ``resumen`` los junta en una frase."""

    codigo = "datos_invalidos"
    plantilla = N_("Revisa los datos: %(resumen)s.")


class FaltaJson(ErrorTequio):
    """El cuerpo no es un objeto JSON."""

    codigo = "falta_json"
    plantilla = N_("Envía un objeto JSON con Content-Type: application/json.")


def validar(modelo: type[Modelo], valores: Any) -> Modelo:
    """Valida ``valores`` contra ``modelo``.

    Raises
    ------
    EntradaInvalida
        Con el porqué de cada campo en el idioma de la petición.
    """
    try:
        return modelo.model_validate(valores)
    except ValidationError as error:
        campos = campos_de_pydantic(error.errors(include_url=False, include_input=False))
        resumen = "; ".join(f"{campo}: {texto}" for campo, texto in list(campos.items())[:5])
        raise EntradaInvalida(campos=campos, resumen=resumen) from error


def cuerpo_json() -> Any:
    """Cuerpo de la petición leído con `json_estricto`.

    Raises
    ------
    FaltaJson, JsonRoto
    """
    crudo = request.get_data(cache=True)
    if not crudo:
        raise FaltaJson
    if not request.is_json:
        raise FaltaJson
    objeto, repetidas = cargar(crudo)
    if repetidas:
        from flask import g

        g.claves_repetidas = repetidas
    return objeto


def entrada(
    modelo: type[BaseModel], de: Literal["json", "query"] = "json", *, opcional: bool = False
) -> Callable[[Vista], Vista]:
    """Decora una vista de la API: le entrega ``datos`` (cuerpo) o ``consulta`` (parámetros) ya validados.

    Parameters
    ----------
    modelo
        Subclase de `Cuerpo` o de `Consulta`.
    de
        De dónde se leen.
    opcional
        Sin cuerpo vale como ``{}``.
    """

    def decorar(vista: Vista) -> Vista:
        @wraps(vista)
        def envuelta(*args: Any, **kwargs: Any) -> Any:
            if de == "query":
                kwargs["consulta"] = validar(modelo, request.args.to_dict())
            else:
                vacio = opcional and not request.get_data(cache=True)
                kwargs["datos"] = validar(modelo, {} if vacio else cuerpo_json())
            return vista(*args, **kwargs)

        # APIFlask lee de aquí lo que publica en OpenAPI.
        declarado = dict(getattr(vista, "_spec", {}))
        if de == "query":
            declarado["args"] = [*declarado.get("args", []), (modelo, "query")]
        else:
            declarado.update(body=modelo, content_type="application/json")
        envuelta._spec = declarado  # type: ignore[attr-defined]
        return envuelta  # type: ignore[return-value]

    return decorar


__all__ = ["Consulta", "Cuerpo", "EntradaInvalida", "FaltaJson", "JsonRoto", "cuerpo_json", "entrada", "validar"]
