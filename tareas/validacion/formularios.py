"""Lo que la API de validación recibe."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from tareas.comun.campos import Parrafos
from tareas.comun.entrada import Consulta, Cuerpo, EntradaInvalida
from tareas.comun.textos import N_, _
from tareas.mapeo.formularios import Ficha, Nota, Numero
from tareas.validacion.fortalezas import CIFRA_MAXIMA, CON_CIFRA
from tareas.validacion.lugares import leer_lugar
from tareas.validacion.reglas import (
    FORTALEZA_MAXIMA,
    FORTALEZAS_MAXIMAS,
    MOTIVOS,
    NOTA_DE_SENALAMIENTO,
    SENALAMIENTOS_MAXIMOS,
)
from tareas.validacion.servicio import Fortaleza, Senalado


def _conocido(motivo: str) -> str:
    if motivo not in MOTIVOS:
        raise PydanticCustomError("motivo_desconocido", "motivo", {"error_mensaje": _(MOTIVO_DESCONOCIDO)})
    return motivo


Motivo = Annotated[str, Field(json_schema_extra={"enum": list(MOTIVOS)}), AfterValidator(_conocido)]
MOTIVO_DESCONOCIDO = N_("no es uno de los motivos de la lista")
FALTA_MOTIVO = N_("di al menos un motivo para devolver la tarea")
FALTA_MOTIVO_DE = N_("di al menos un motivo para devolver la tarea %(n)s")
NUMERO_AJENO = N_("la tarea %(n)s no está en este dictamen")
CIFRA_SI_TOCA = N_("esa fortaleza lleva una cifra, o no la lleva")
FALTA_NUMERO = N_("di de cuál de las tareas es lo que señalas en el mapa")

Id = Annotated[int, Field(ge=1, le=2**62)]
Texto = Annotated[Parrafos, Field(max_length=FORTALEZA_MAXIMA)]


class Senalamiento(Cuerpo):
    """Un error señalado; con ``objeto`` o ``lugar``, dónde está."""

    codigo: Motivo
    numero: Numero | None = None
    """De qué tarea; sin él, de todas las del dictamen."""
    objeto: Annotated[str, StringConstraints(pattern=r"^[nwr][1-9][0-9]{0,17}$")] | None = None
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    lugar: Annotated[Any, Field(json_schema_extra={"type": "object"}), BeforeValidator(leer_lugar)] = None
    """Geometría GeoJSON: ``Point``, ``LineString`` o ``Polygon``, dentro de la tarea o a menos de 200 m."""
    nota: Annotated[Parrafos, Field(max_length=NOTA_DE_SENALAMIENTO)] | None = None
    huella: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")] | None = None
    """La del hallazgo automático que confirma."""


class FortalezaDicha(Cuerpo):
    """Algo que estuvo bien, de la lista; con ``n``, cuántos (en ``F-CALLE``, cuántos metros)."""

    codigo: Literal["F-EDIF", "F-CALLE", "F-ESC", "F-TRAS", "F-TIPO", "F-CONEX", "F-NOMB", "F-DENTRO", "F-CORR"]
    n: Annotated[int, Field(ge=1, le=CIFRA_MAXIMA)] | None = None
    numero: Numero | None = None
    """De qué tarea; sin él, de todas las del dictamen."""

    @model_validator(mode="after")
    def _con_su_cifra(self) -> Self:
        if (self.codigo in CON_CIFRA) != (self.n is not None):
            _achacar(_(CIFRA_SI_TOCA), "n")
        return self


class _Juicio(Cuerpo):
    veredicto: Literal["validada", "con_arreglos", "devuelta"]
    motivos: Annotated[list[Motivo], Field(max_length=len(MOTIVOS), default_factory=list)]
    nota: Nota | None = None
    fortaleza: Texto | None = None
    """Algo concreto que quien mapeó hizo bien, con las palabras de quien revisa."""
    fortalezas: Annotated[list[FortalezaDicha], Field(max_length=FORTALEZAS_MAXIMAS, default_factory=list)]
    """Lo mismo, elegido de la lista: quien mapeó lo lee en su idioma."""
    senalamientos: Annotated[list[Senalamiento], Field(max_length=SENALAMIENTOS_MAXIMOS, default_factory=list)]

    def _revisar(self, numeros: set[int] | None) -> None:
        """``numeros``: las tareas del dictamen; ``None``, una sola que dice la dirección."""
        if self.veredicto == "devuelta" and not self.motivos and not self.senalamientos:
            _achacar(_(FALTA_MOTIVO), "motivos")
        if numeros is None:
            return
        for i, s in enumerate(self.senalamientos):
            if s.numero is None and len(numeros) > 1 and (s.objeto is not None or s.lugar is not None):
                _achacar(_(FALTA_NUMERO), f"senalamientos.{i}.numero")
        if (
            self.veredicto == "devuelta"
            and not self.motivos
            and all(s.numero in numeros | {None} for s in self.senalamientos)
        ):
            for n in sorted(numeros):
                if not any(s.numero in (None, n) for s in self.senalamientos):
                    _achacar(_(FALTA_MOTIVO_DE, n=n), "motivos")

    def dichas(self, numeros: list[int]) -> list[Fortaleza]:
        """Las fortalezas elegidas, sin repetir.

        Raises
        ------
        EntradaInvalida
            Una es de una tarea que no está entre ``numeros``.
        """
        for i, f in enumerate(self.fortalezas):
            if f.numero is not None and f.numero not in numeros:
                campo, dicho = f"fortalezas.{i}.numero", _(NUMERO_AJENO, n=f.numero)
                raise EntradaInvalida(campos={campo: dicho}, resumen=f"{campo}: {dicho}")
        return list(dict.fromkeys(Fortaleza(f.codigo, f.n, f.numero) for f in self.fortalezas))

    def senalados(self, numeros: list[int]) -> dict[int, list[Senalado]]:
        """Lo señalado en cada tarea; de ``motivos``, los códigos que ningún señalamiento dice ya.

        Raises
        ------
        EntradaInvalida
            Un señalamiento es de una tarea que no está entre ``numeros``.
        """
        for i, s in enumerate(self.senalamientos):
            if s.numero is not None and s.numero not in numeros:
                campo, dicho = f"senalamientos.{i}.numero", _(NUMERO_AJENO, n=s.numero)
                raise EntradaInvalida(campos={campo: dicho}, resumen=f"{campo}: {dicho}")
        salida: dict[int, list[Senalado]] = {}
        for n in numeros:
            puestos = [
                Senalado(s.codigo, s.objeto, s.version, s.lugar, s.nota, s.huella)
                for s in self.senalamientos
                if s.numero in (None, n)
            ]
            codigos = {s.codigo for s in puestos}
            salida[n] = [Senalado(m) for m in dict.fromkeys(self.motivos) if m not in codigos] + puestos
        return salida


class Dictamen(_Juicio):
    """Cuerpo de ``POST …/dictamen``."""

    ficha: Ficha

    @model_validator(mode="after")
    def _devolver_dice_por_que(self) -> Self:
        self._revisar(None)
        return self


class FichaDeTarea(Cuerpo):
    """Una de las tareas de un dictamen conjunto."""

    numero: Numero
    ficha: Ficha


class DictamenVarias(_Juicio):
    """Cuerpo de ``POST …/dictamenes``: el mismo dictamen para varias tareas, todas o ninguna."""

    tareas: Annotated[list[FichaDeTarea], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _devolver_dice_por_que(self) -> Self:
        self._revisar({t.numero for t in self.tareas})
        return self


class Disputa(Cuerpo):
    """Cuerpo de ``POST …/disputa``."""

    dictamen: Id
    motivo: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=2000)]


class Atendido(Cuerpo):
    """Cuerpo de ``PUT …/atendidos``."""

    senalamiento: Id
    hecho: bool


class SoltarSegunda(Cuerpo):
    """Cuerpo, opcional, de ``DELETE …/segundas/{entrega}/toma``."""

    ficha: Ficha | None = None


class Cola(Consulta):
    """Parámetros de ``GET …/revision``."""

    persona: Annotated[int, Field(ge=1, le=2**62)] | None = None
    limite: Annotated[int, Field(ge=1, le=200)] = 50
    salto: Annotated[int, Field(ge=0, le=200_000)] = 0
    grupo: Id | None = None
    orden: Literal["riesgo", "espera"] = "riesgo"
    codigo: Motivo | None = None
    mias: Annotated[int, Field(ge=0, le=1)] = 0
    dias_min: Annotated[int, Field(ge=0, le=3650)] = 0


class Pagina(Consulta):
    """Parámetros de ``GET …/segundas`` y ``GET …/desacuerdos``."""

    limite: Annotated[int, Field(ge=1, le=200)] = 50
    salto: Annotated[int, Field(ge=0, le=200_000)] = 0


def _achacar(mensaje: str, campo: str) -> None:
    raise PydanticCustomError("campo", "campo", {"error_mensaje": mensaje, "campo": campo})
