"""Lo que llega de fuera, con su forma declarada una vez: valida, explica en español y documenta en OpenAPI."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, Literal, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from tareas.comun.errores import DatosInvalidos, Demasiado, ErrorTequio
from tareas.comun.json_estricto import JsonRoto, cargar
from tareas.comun.presentacion import campos_de_pydantic
from tareas.comun.textos import N_

Vista = TypeVar("Vista", bound=Callable[..., Any])
Modelo = TypeVar("Modelo", bound=BaseModel)


class Cuerpo(BaseModel):
    """Base de los cuerpos JSON: tipos exactos y ningún campo desconocido.

    Attributes
    ----------
    BYTES : int
        Lo más que puede medir el cuerpo. Leer JSON ocupa hasta treinta veces su tamaño en memoria, y cualquiera puede
        mandarlo.
    """

    BYTES: ClassVar[int] = 1024 * 1024
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


class CuerpoMuyGrande(Demasiado):
    """El cuerpo JSON mide más de lo que esa ruta necesita."""

    codigo = "cuerpo_muy_grande"
    plantilla = N_("Lo que enviaste es demasiado grande: aquí caben %(maximo)s KB. Envía menos de una vez.")


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


def _crudo(maximo: int) -> bytes:
    """Cuerpo de la petición, sin leer más de ``maximo`` bytes."""
    # Uno de más: a un cuerpo en trozos, sin largo declarado, se le corta ahí y sin avisar.
    request.max_content_length = maximo + 1
    try:
        crudo = request.get_data(cache=True)
    except RequestEntityTooLarge as error:
        raise CuerpoMuyGrande(maximo=maximo // 1024) from error
    # Si algo abrió antes el flujo, con el límite de las subidas, aquí se nota.
    if len(crudo) > maximo:
        raise CuerpoMuyGrande(maximo=maximo // 1024)
    return crudo


def cuerpo_json(maximo: int = Cuerpo.BYTES) -> Any:
    """Cuerpo de la petición leído con `json_estricto`.

    Raises
    ------
    CuerpoMuyGrande, FaltaJson, JsonRoto
    """
    crudo = _crudo(maximo)
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
                maximo = modelo.BYTES if issubclass(modelo, Cuerpo) else Cuerpo.BYTES
                vacio = opcional and not _crudo(maximo)
                kwargs["datos"] = validar(modelo, {} if vacio else cuerpo_json(maximo))
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


__all__ = [
    "Consulta",
    "Cuerpo",
    "CuerpoMuyGrande",
    "EntradaInvalida",
    "FaltaJson",
    "JsonRoto",
    "cuerpo_json",
    "entrada",
    "validar",
]
