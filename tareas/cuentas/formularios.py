"""De lo que llega en un formulario o en JSON a valores limpios, con el porqué de cada campo que no sirve."""

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from email_validator import EmailNotValidError, validate_email
from flask import request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from tareas.comun.campos import Linea, Parrafos, rechazar
from tareas.comun.entrada import Cuerpo, validar
from tareas.comun.errores import DatosInvalidos, ErrorTequio
from tareas.comun.permisos import Papel
from tareas.comun.presentacion import en_frase
from tareas.comun.textos import _, llenar
from tareas.cuentas.errores import UsuarioInvalido
from tareas.cuentas.reglas import LARGO_CLAVE, LARGO_CORREO, LARGO_NOMBRE, normalizar_usuario

LARGO_LISTA = 30_000


def _lleno(valor: str) -> str:
    if not valor:
        rechazar(_("falta llenar este campo"))
    return valor


def _usuario(valor: str) -> str:
    try:
        return normalizar_usuario(valor)
    except UsuarioInvalido as error:
        rechazar(llenar(error.plantilla, {}))


def _correo(valor: str) -> str:
    if not valor:
        return ""
    try:
        return validate_email(valor, check_deliverability=False).normalized
    except EmailNotValidError:
        rechazar(_("no parece un correo; revisa que tenga la forma nombre@servidor"))


def _sin_control(valor: str) -> str:
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in valor):
        rechazar(_("lleva un carácter que no se ve; bórralo y escríbelo de nuevo"))
    return valor


Nombre = Annotated[Linea, Field(max_length=LARGO_NOMBRE), AfterValidator(_lleno)]
Usuario = Annotated[Linea, AfterValidator(_lleno), AfterValidator(_usuario)]
Correo = Annotated[Linea, Field(max_length=LARGO_CORREO), AfterValidator(_correo)]
Clave = Annotated[str, AfterValidator(_sin_control), Field(max_length=LARGO_CLAVE[1]), AfterValidator(_lleno)]
Idioma = Literal["es", "en"]


class Formulario(BaseModel):
    """Base de los formularios: lo que sobra (``csrf_token``) se ignora."""

    model_config = ConfigDict(extra="ignore")


class Entrada(Formulario):
    """Entrar."""

    usuario: Annotated[Linea, Field(max_length=200), AfterValidator(_lleno)]
    clave: Clave
    recordar: bool = False


class Registro(Formulario):
    """Crear la cuenta propia."""

    usuario: Usuario
    nombre: Nombre
    correo: Correo = ""
    clave: Clave


class Datos(Formulario):
    """Nombre e idioma."""

    nombre: Nombre
    idioma: Idioma


class CambioDeCorreo(Formulario):
    """Correo, con la clave como prueba."""

    correo: Correo = ""
    clave_actual: Clave


class ClaveNueva(Formulario):
    """La clave que la persona elige."""

    clave: Clave


class CambioDeClave(ClaveNueva):
    """La clave nueva y la de antes."""

    clave_actual: Clave


class Recuperacion(Formulario):
    """A qué correo mandar el enlace."""

    correo: Annotated[Correo, AfterValidator(_lleno)]


class CambioDeIdioma(Formulario):
    """Idioma de las páginas."""

    idioma: Idioma


class Ambito(Formulario):
    """Dónde vale un papel: un municipio, por clave o nombre, o toda la instalación."""

    municipio: Annotated[Linea, Field(max_length=200)] = ""
    toda: bool = False


class PapelPorDar(Ambito):
    """Papel y dónde."""

    papel: Papel


class PapelPorUsuario(PapelPorDar):
    """Papel para alguien que ya tiene cuenta."""

    usuario: Usuario


class PapelInicial(Ambito):
    """Papel con que nace una cuenta; puede faltar."""

    papel: Annotated[Papel | None, BeforeValidator(lambda valor: valor or None)] = None


class PersonaNueva(PapelInicial):
    """Una cuenta que crea la administración."""

    usuario: Usuario
    nombre: Nombre
    correo: Correo = ""


class Buscador(Formulario):
    """Filtros de la lista de personas."""

    texto: Annotated[Linea, Field(max_length=100)] = ""
    pagina: Annotated[int, Field(ge=1, le=10**6)] = 1


class ListaDePersonas(PapelInicial):
    """Muchas cuentas de una vez."""

    lista: Annotated[Parrafos, Field(max_length=LARGO_LISTA)]


class EntradaDeApi(Cuerpo):
    """``POST /api/v1/sesiones``."""

    usuario: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_sin_control)]
    clave: Annotated[str, Field(min_length=1, max_length=LARGO_CLAVE[1])]


Modelo = TypeVar("Modelo", bound=BaseModel)


def leer(modelo: type[Modelo], valores: Mapping[str, Any] | None = None) -> Modelo:
    """Valida el formulario de la petición.

    Raises
    ------
    EntradaInvalida
        ``datos['campos']`` dice qué campo y por qué.
    """
    return validar(modelo, request.form.to_dict() if valores is None else valores)


def problemas(error: ErrorTequio) -> dict[str, str]:
    """Campo -> mensaje de un error, para mostrarlo junto a su campo; ``""`` es el formulario entero."""
    if isinstance(error, DatosInvalidos) and "campos" in error.datos:
        return {campo: en_frase(texto) for campo, texto in error.datos["campos"].items()}
    return {getattr(error, "campo", ""): llenar(error.plantilla, error.datos)}
