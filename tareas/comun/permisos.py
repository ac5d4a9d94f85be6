"""Quién pide: la persona y sus papeles, y lo que un papel permite."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Papel(StrEnum):
    """Papeles que una persona puede tener en un municipio o en toda la instalación."""

    MAPEADOR = "mapeador"
    VALIDADOR = "validador"
    CAPACITADOR = "capacitador"
    FUNCIONARIO = "funcionario"
    ADMINISTRADOR = "administrador"


TODOS = frozenset(Papel)
VALIDAN = frozenset({Papel.VALIDADOR, Papel.CAPACITADOR, Papel.ADMINISTRADOR})
GESTIONAN = frozenset({Papel.FUNCIONARIO, Papel.ADMINISTRADOR})
VEN_BORRADORES = frozenset({Papel.FUNCIONARIO, Papel.ADMINISTRADOR, Papel.CAPACITADOR})


@dataclass(frozen=True, slots=True)
class Actor:
    """La persona de la petición; sin ``id`` es alguien que no ha entrado.

    Attributes
    ----------
    papeles : frozenset of (municipio_id or None, Papel)
        ``None`` vale en todos los municipios.
    debe_cambiar_clave : bool
        Entró con una clave temporal: antes de nada tiene que poner la suya.
    """

    id: int | None = None
    usuario: str = ""
    nombre: str = ""
    idioma: str | None = None
    papeles: frozenset[tuple[int | None, Papel]] = field(default_factory=frozenset)
    debe_cambiar_clave: bool = False

    @property
    def entro(self) -> bool:
        """``True`` si entró con una cuenta."""
        return self.id is not None

    def tiene(self, papeles: Iterable[Papel], municipio_id: int | None) -> bool:
        """``True`` si tiene alguno de ``papeles`` en ese municipio (o en todos)."""
        buscados = set(papeles)
        return any(p in buscados and m in (None, municipio_id) for m, p in self.papeles)

    def municipios_con(self, papeles: Iterable[Papel]) -> set[int | None]:
        """Municipios donde tiene alguno de ``papeles``; contiene ``None`` si vale en todos."""
        buscados = set(papeles)
        return {m for m, p in self.papeles if p in buscados}

    @property
    def administra_todo(self) -> bool:
        """``True`` si administra la instalación entera."""
        return (None, Papel.ADMINISTRADOR) in self.papeles


ANONIMO = Actor()
