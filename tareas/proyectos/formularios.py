"""Lo que la API y las páginas de proyectos reciben."""

import json
import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from tareas.comun.campos import CajaTexto, Linea, Parrafos, rechazar
from tareas.comun.entrada import Consulta, Cuerpo
from tareas.comun.textos import _
from tareas.cuentas.osm.servidores import PRACTICA, todos
from tareas.proyectos.consultas import Orden
from tareas.proyectos.division import DISPONIBLES
from tareas.proyectos.editores import REAL, conocidos, revisar_enlace, revisar_presets
from tareas.proyectos.imagenes import revisar_lista, revisar_url
from tareas.proyectos.reglas import TAREAS_MAXIMAS

_IDENTIFICADOR = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")
_ETIQUETA = re.compile(r"^#?[\w-]{1,50}$")


def _division_conocida(valor: Any) -> Any:
    if isinstance(valor, dict) and valor.get("tipo") not in DISPONIBLES:
        rechazar(
            _(
                "la división «%(tipo)s» no está disponible; usa %(hay)s",
                tipo=str(valor.get("tipo", ""))[:40],
                hay=", ".join(DISPONIBLES),
            )
        )
    return valor


def _municipio(valor: Any) -> Any:
    if isinstance(valor, bool) or not isinstance(valor, int | str):
        rechazar(_("di su id (número) o su clave (texto)"))
    if isinstance(valor, int) and not 1 <= valor <= 2**62:
        rechazar(_("ese id no existe"))
    if isinstance(valor, str) and not 1 <= len(valor) <= 60:
        rechazar(_("di su id (número) o su clave (texto)"))
    return valor


def _identificador(texto: str) -> str:
    if not _IDENTIFICADOR.match(texto):
        rechazar(_("usa de 1 a 40 minúsculas sin acento, números o guiones"))
    return texto


def _etiquetas(texto: str) -> str:
    partes = [p for p in re.split(r"[\s,;]+", texto) if p]
    for parte in partes:
        if not _ETIQUETA.match(parte):
            rechazar(_("«%(parte)s» no es una etiqueta: sólo letras, números, guion y guion bajo", parte=parte[:40]))
    return " ".join(dict.fromkeys("#" + p.removeprefix("#") for p in partes))


class DivisionCuadros(Cuerpo):
    """Cuadros de ``lado_m`` metros."""

    tipo: Literal["cuadros"]
    lado_m: float
    recortar: bool = True


class DivisionHexagonos(Cuerpo):
    """Hexágonos cuyo lado mide ``lado_m`` metros."""

    tipo: Literal["hexagonos"]
    lado_m: float
    recortar: bool = True


class DivisionMercator(Cuerpo):
    """Las teselas de un zoom."""

    tipo: Literal["mercator"]
    zoom: int
    recortar: bool = True


class DivisionPoligonos(Cuerpo):
    """Un polígono por tarea."""

    tipo: Literal["poligonos"]
    geojson: dict[str, Any]
    recortar: bool = True


Division = Annotated[
    Annotated[DivisionCuadros | DivisionHexagonos | DivisionMercator | DivisionPoligonos, Field(discriminator="tipo")],
    BeforeValidator(_division_conocida),
]


class Imagen(Cuerpo):
    """Una capa de imagen."""

    id: Annotated[str, AfterValidator(_identificador)]
    nombre: Annotated[Linea, Field(min_length=1, max_length=80)]
    tipo: Literal["xyz", "wms"] = "xyz"
    url: Annotated[Linea, Field(min_length=10, max_length=1000)]
    atribucion: Annotated[Linea, Field(max_length=300)] = ""
    minzoom: Annotated[int, Field(ge=0, le=24)] = 0
    maxzoom: Annotated[int, Field(ge=0, le=24)] = 22

    @model_validator(mode="after")
    def _revisar(self) -> "Imagen":
        revisar_url(self.url, self.tipo)
        return self


def _imagenes(capas: list[Imagen]) -> list[Imagen]:
    revisar_lista([capa.model_dump() for capa in capas])
    return capas


class Editor(Cuerpo):
    """Un editor propio del proyecto, que se abre por enlace."""

    nombre: Annotated[Linea, Field(min_length=1, max_length=60)]
    url: Annotated[Linea, Field(min_length=10, max_length=1000)]

    @model_validator(mode="after")
    def _revisar(self) -> "Editor":
        revisar_enlace(self.url)
        return self


def _servidor(texto: str) -> str:
    hay = [s.id for s in todos()]
    if texto not in hay:
        rechazar(_("no conocemos ese servidor; usa %(hay)s", hay=", ".join(hay)))
    return texto


def _ocultos(ids: list[str]) -> list[str]:
    hay = conocidos()
    if ajenos := [i for i in ids if i not in hay]:
        rechazar(_("no conocemos el editor «%(id)s»; usa %(hay)s", id=ajenos[0][:40], hay=", ".join(hay)))
    return list(dict.fromkeys(ids))


def _aula_en_practica(servidor: str | None, aula: int | None) -> str | None:
    """Servidor que resulta de lo pedido: decir el aula es decir que se practica."""
    if aula is None or servidor == PRACTICA:
        return servidor
    if servidor is not None:
        rechazar(_("sólo un proyecto que edita en «practica» lleva aula"), "aula")
    return PRACTICA


Municipio = Annotated[int | str, BeforeValidator(_municipio)]
"""El ``id`` de un municipio si es un número, su clave si es un texto."""

Nombre = Annotated[Linea, Field(min_length=3, max_length=200)]
Texto = Annotated[Parrafos, Field(max_length=20_000)]
Visibilidad = Literal["publica", "privada"]
MinutosBloqueo = Annotated[int, Field(ge=5, le=1440)]
Imagenes = Annotated[list[Imagen], Field(max_length=12), AfterValidator(_imagenes)]
Comentario = Annotated[Linea, Field(max_length=200)]
Etiquetas = Annotated[Linea, Field(max_length=200), AfterValidator(_etiquetas)]
Prioridad = Annotated[int, Field(ge=-100, le=100)]
Numero = Annotated[int, Field(ge=1, le=TAREAS_MAXIMAS)]
ServidorOsm = Annotated[Linea, AfterValidator(_servidor)]
Aula = Annotated[int, Field(ge=1, le=2**62)]
Editores = Annotated[list[Editor], Field(max_length=8)]
Ocultos = Annotated[list[str], Field(max_length=40), AfterValidator(_ocultos)]
Presets = Annotated[list[str], Field(max_length=40), AfterValidator(revisar_presets)]
Metros = Annotated[float, Field(ge=-1000, le=1000, allow_inf_nan=False)]
Desplazamiento = Annotated[list[Metros], Field(min_length=2, max_length=2)]
"""Metros al este y al norte que se corre la imagen para que caiga en su lugar."""


class ConDivision(Cuerpo):
    """Cómo partir un área."""

    # Un polígono por tarea, hasta el límite de tareas.
    BYTES = 50 * 1024 * 1024

    area: dict[str, Any] | None = None
    reparar: bool = False
    division: Division
    recortar: bool | None = None

    def division_pedida(self) -> dict[str, Any]:
        """La división, con el ``recortar`` de afuera si vino."""
        pedida: dict[str, Any] = self.division.model_dump()
        if self.recortar is not None:
            pedida["recortar"] = self.recortar
        return pedida


class AreaYDivision(ConDivision):
    """Qué área de qué municipio, y cómo partirla. Sin ``area``, el municipio entero."""

    municipio: Municipio


class CambioDeArea(ConDivision):
    """Cuerpo de ``PUT /proyectos/{id}/area``.

    Sin ``municipio`` ni ``area`` el área se conserva y sólo se divide de nuevo; con ``municipio`` y sin ``area``, es el
    municipio entero.
    """

    municipio: Municipio | None = None
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class PreviaDeBorrador(CambioDeArea):
    """Cuerpo de ``POST /proyectos/{id}/previa``."""

    con_tareas: bool = True


class Previa(AreaYDivision):
    """Cuerpo de ``POST /proyectos/previa``."""

    con_tareas: bool = True


class NuevoProyecto(AreaYDivision):
    """Cuerpo de ``POST /proyectos``."""

    nombre: Nombre
    descripcion: Texto = ""
    instrucciones: Texto = ""
    visibilidad: Visibilidad = "publica"
    minutos_bloqueo: MinutosBloqueo = 120
    imagenes: Imagenes = Field(default_factory=list)
    comentario_conjunto: Comentario = ""
    etiquetas_conjunto: Etiquetas = ""
    prioridad: Prioridad = 0
    servidor_osm: ServidorOsm | None = None
    aula: Aula | None = None
    editores: Editores = Field(default_factory=list)
    editores_ocultos: Ocultos = Field(default_factory=list)
    presets: Presets = Field(default_factory=list)
    desplazamiento: Desplazamiento | None = None

    @model_validator(mode="after")
    def _donde(self) -> "NuevoProyecto":
        self.servidor_osm = _aula_en_practica(self.servidor_osm, self.aula) or REAL
        return self


class Edicion(Cuerpo):
    """Cuerpo de ``PATCH /proyectos/{id}``: sólo lo que cambia."""

    ANULABLES: ClassVar[frozenset[str]] = frozenset({"aula", "desplazamiento"})

    nombre: Nombre | None = None
    descripcion: Texto | None = None
    instrucciones: Texto | None = None
    visibilidad: Visibilidad | None = None
    minutos_bloqueo: MinutosBloqueo | None = None
    imagenes: Imagenes | None = None
    comentario_conjunto: Comentario | None = None
    etiquetas_conjunto: Etiquetas | None = None
    prioridad: Prioridad | None = None
    servidor_osm: ServidorOsm | None = None
    aula: Aula | None = None
    editores: Editores | None = None
    editores_ocultos: Ocultos | None = None
    presets: Presets | None = None
    desplazamiento: Desplazamiento | None = None

    @model_validator(mode="after")
    def _donde(self) -> "Edicion":
        servidor = _aula_en_practica(self.servidor_osm, self.aula)
        if servidor != self.servidor_osm:
            self.servidor_osm = servidor
        return self

    def cambios(self) -> dict[str, Any]:
        """Campo -> valor de lo que vino; un ``null`` sólo cuenta en lo que se puede quitar."""
        valores = self.model_dump()
        return {c: valores[c] for c in self.model_fields_set if valores[c] is not None or c in self.ANULABLES}


def _lista_de_texto(valor: Any) -> Any:
    """Una lista de imágenes o de editores llega del formulario como JSON en un campo oculto."""
    if not isinstance(valor, str):
        return valor
    try:
        return json.loads(valor or "[]")
    except (ValueError, RecursionError):
        rechazar(_("no se entiende; vuelve a cargar la página"))


def _donde_de_texto(texto: str) -> str:
    """``osm``, otro servidor conocido, o ``practica:`` y el id del aula."""
    servidor, separador, aula = texto.partition(":")
    _servidor(servidor)
    if separador and (servidor != PRACTICA or not re.fullmatch(r"[0-9]{1,18}", aula)):
        rechazar(_("el aula se dice con su número: %(ejemplo)s", ejemplo="practica:3"))
    return texto


def _palabras(valor: Any) -> Any:
    return re.split(r"[\s,;]+", valor.strip()) if isinstance(valor, str) and valor.strip() else valor or []


def _vacio_es_nada(valor: Any) -> Any:
    return None if isinstance(valor, str) and not valor.strip() else valor


class FormularioDeEdicion(Consulta):
    """Campos de la página de edición: todos, como texto."""

    nombre: Nombre
    descripcion: Texto = ""
    instrucciones: Texto = ""
    visibilidad: Visibilidad = "publica"
    minutos_bloqueo: MinutosBloqueo
    imagenes: Annotated[Imagenes, BeforeValidator(_lista_de_texto)] = Field(default_factory=list)
    comentario_conjunto: Comentario = ""
    etiquetas_conjunto: Etiquetas = ""
    prioridad: Prioridad = 0
    donde: Annotated[Linea, Field(max_length=60), AfterValidator(_donde_de_texto)] = REAL
    editores: Annotated[Editores, BeforeValidator(_lista_de_texto)] = Field(default_factory=list)
    editores_ofrecidos: list[str] = Field(default_factory=list)
    presets: Presets = Field(default_factory=list)
    otros_presets: Annotated[Presets, BeforeValidator(_palabras)] = Field(default_factory=list)
    desplazamiento_este: Annotated[Metros | None, BeforeValidator(_vacio_es_nada)] = None
    desplazamiento_norte: Annotated[Metros | None, BeforeValidator(_vacio_es_nada)] = None

    def cambios(self) -> dict[str, Any]:
        """Los campos de `Edicion` que el formulario cambia: todos."""
        valores = self.model_dump(
            exclude={"donde", "editores_ofrecidos", "otros_presets", "desplazamiento_este", "desplazamiento_norte"}
        )
        servidor, _separador, aula = self.donde.partition(":")
        corrida = (self.desplazamiento_este or 0.0, self.desplazamiento_norte or 0.0)
        return valores | {
            "servidor_osm": servidor,
            "aula": int(aula) if aula else None,
            "editores_ocultos": [e for e in conocidos() if e not in self.editores_ofrecidos],
            "presets": list(dict.fromkeys([*self.presets, *self.otros_presets])),
            "desplazamiento": list(corrida) if any(corrida) else None,
        }


class Explorar(Consulta):
    """Filtros del inicio."""

    texto: Annotated[Linea, Field(max_length=100)] = ""
    municipio: Annotated[Linea, Field(max_length=60)] = ""
    estado: Literal["borrador", "publicado", "archivado"] | None = None
    orden: Orden = "recientes"
    pagina: Annotated[int, Field(ge=1, le=10_000)] = 1


class Lista(Explorar):
    """Parámetros de ``GET /proyectos``."""

    caja: CajaTexto | None = None
    por_pagina: Annotated[int, Field(ge=1, le=100)] = 20


class EnCaja(Consulta):
    """Parámetros de ``GET …/tareas``."""

    caja: CajaTexto | None = None
    desde_numero: Annotated[int, Field(ge=1, le=TAREAS_MAXIMAS)] | None = None
    limite: Annotated[int, Field(ge=1, le=10_000)] | None = None


class CambioDePrioridad(Cuerpo):
    """Cuerpo de ``POST …/prioridades``: las tareas por número, o las que tienen su centro en un área."""

    BYTES = 4 * 1024 * 1024

    numeros: Annotated[list[Numero], Field(min_length=1, max_length=TAREAS_MAXIMAS)] | None = None
    area: dict[str, Any] | None = None
    prioridad: Literal["urgente", "alta", "normal", "baja"]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None

    @model_validator(mode="after")
    def _una_de_dos(self) -> "CambioDePrioridad":
        if (self.numeros is None) == (self.area is None):
            rechazar(_("di las tareas con «numeros» o con «area», una de las dos"))
        return self


class OpcionesDeArea(Consulta):
    """Campos que acompañan al archivo en ``POST /areas``."""

    municipio: Annotated[Linea, Field(max_length=60)] = ""
    capa: Annotated[Linea, Field(max_length=200)] | None = None
    crs: Annotated[Linea, Field(max_length=100)] | None = None
    reparar: bool = False
