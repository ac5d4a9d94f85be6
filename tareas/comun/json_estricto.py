"""JSON de fuera, leído con `geo.formatos.json_estricto`: lo que no sirve se dice como error de la petición."""

from typing import Any

from geo.formatos import errores_datos, json_estricto
from tareas.comun.errores import ErrorTequio
from tareas.comun.textos import N_, llenar


class JsonRoto(ErrorTequio):
    """No se puede leer como JSON."""

    codigo = "json_roto"
    plantilla = N_("El JSON está roto en la línea %(linea)s, columna %(columna)s. Corrígelo y envíalo de nuevo.")


class JsonInaceptable(ErrorTequio):
    """Es JSON, pero lleva un valor que no se puede guardar."""

    codigo = "json_inaceptable"
    plantilla = errores_datos.JsonInaceptable.plantilla


def cargar(texto: str | bytes) -> tuple[Any, list[str]]:
    """Lee JSON sin NaN ni infinitos, sin NUL, sin sustitutos sueltos y de a lo más cien niveles.

    Returns
    -------
    tuple
        El objeto, y las claves que venían repetidas (vale la última, como en ``json``).

    Raises
    ------
    JsonRoto
        Con línea y columna.
    JsonInaceptable
        Con el campo, si se sabe.
    """
    try:
        return json_estricto.cargar(texto)
    except (errores_datos.JsonRoto, errores_datos.JsonCortado) as error:
        raise JsonRoto(linea=error.datos["linea"], columna=error.datos["columna"]) from error
    except errores_datos.JsonMuyProfundo as error:
        raise JsonInaceptable(valor="…[[[[…") from error
    except errores_datos.JsonInaceptable as error:
        valor, campo = error.datos["valor"], error.datos.get("campo")
        if campo is None:
            raise JsonInaceptable(valor=valor) from error
        frase = llenar(JsonInaceptable.plantilla, {"valor": valor})
        raise JsonInaceptable(valor=valor, campos={campo: frase}) from error
