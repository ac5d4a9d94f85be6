"""Los filtros que una página recibe en su dirección: lo que no se puede tomar se dice junto a su campo.

La API y las descargas son para programas y rechazan con `tareas.comun.entrada.validar`, con los nombres y valores de la
dirección. Una página es para personas: vuelve con su formulario como llegó (422) y lo dice con los nombres que se ven.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from tareas.comun.presentacion import campos_de_pydantic, en_frase
from tareas.comun.signos import imprimible
from tareas.comun.textos import _

Modelo = TypeVar("Modelo", bound=BaseModel)
Opciones = Sequence[tuple[Any, str]]
Pagina = str | tuple[str, int]
"""Lo que devuelve la vista de una página con filtros: con 422, si no se pudieron aplicar."""

OPCIONES_A_LA_VISTA: Final = 8
"""Con más, la frase no las enumera: se ven en el propio campo."""
SIN_CAMPO: Final = frozenset({"pagina"})
"""No los escribe nadie: vienen en los enlaces. Lo que no se entiende vale como si no estuviera."""


@dataclass(frozen=True, slots=True)
class Filtros(Generic[Modelo]):
    """Lo que una página pidió en su dirección.

    Attributes
    ----------
    pedido : Modelo
        Lo que se pudo tomar; lo demás, como si no viniera.
    enviado : dict
        Los campos del modelo como llegaron, para volver a llenar el formulario.
    problemas : dict
        Campo -> por qué no se puede tomar.
    """

    pedido: Modelo
    enviado: dict[str, str]
    problemas: dict[str, str] = field(default_factory=dict)

    def dichos(self, opciones: Mapping[str, Opciones] | None = None) -> dict[str, str]:
        """Campo -> frase para la página.

        Parameters
        ----------
        opciones : mapping, optional
            De cada campo de elegir, sus ``(valor, nombre a la vista)``: la frase nombra las que hay.
        """
        dichos = {campo: en_frase(texto) for campo, texto in self.problemas.items()}
        for campo, suyas in (opciones or {}).items():
            llego = self.enviado.get(campo)
            if campo in dichos and llego is not None and llego not in {str(valor) for valor, _nombre in suyas}:
                dichos[campo] = no_esta_en_la_lista(llego, suyas)
        return dichos


def no_esta_en_la_lista(enviado: str, opciones: Opciones) -> str:
    """«xx» no está en la lista, y qué sí: por el nombre con que se ve."""
    recortado = imprimible(enviado[:30]) + ("…" if len(enviado) > 30 else "")
    nombres = [nombre for _valor, nombre in opciones]
    if len(nombres) > OPCIONES_A_LA_VISTA:
        return _("«%(enviado)s» no está en la lista. Elige una de las que hay.", enviado=recortado)
    return _(
        "«%(enviado)s» no está en la lista. Elige una de éstas: %(opciones)s.",
        enviado=recortado,
        opciones=", ".join(nombres),
    )


def conocidos(modelo: type[BaseModel]) -> dict[str, str]:
    """Los parámetros de la dirección que ``modelo`` conoce y vienen llenos.

    Los demás no estorban: alguien pudo compartir la dirección con sus añadidos (``utm_source``…).
    """
    return {n: valor for n in modelo.model_fields if (valor := request.args.get(n, "").strip())}


def leer_filtros(modelo: type[Modelo]) -> Filtros[Modelo]:
    """Los filtros de la página pedida, con todo lo que esté mal y no sólo lo primero."""
    enviado = conocidos(modelo)
    buenos, problemas = dict(enviado), dict[str, str]()
    while True:
        try:
            pedido = modelo.model_validate(buenos)
        except ValidationError as error:
            nuevos = campos_de_pydantic(error.errors(include_url=False, include_input=False))
            # Cada vuelta quita uno; lo que se achaca a algo que no vino los quita todos.
            quitar = set(nuevos) & set(buenos) or set(buenos)
            if not quitar:
                raise
            problemas |= {c: texto for c, texto in nuevos.items() if c not in SIN_CAMPO}
            buenos = {c: v for c, v in buenos.items() if c not in quitar}
        else:
            return Filtros(pedido, enviado, problemas)
