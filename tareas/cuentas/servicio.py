"""Escrituras de cuentas: personas, claves, papeles, sesiones y enlaces. Reciben la sesión; nunca confirman."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from tareas.comun.permisos import Papel
from tareas.cuentas import claves
from tareas.cuentas.buzon import servicio as buzon
from tareas.cuentas.consultas import SQL, credencial, huella, usuarios_ocupados
from tareas.cuentas.errores import EnlaceCaducado, EntradaRechazada, ListaInvalida, PapelDesconocido, PersonaDesconocida
from tareas.cuentas.listas import OCUPADO, Renglon, problema, usuario_de_nombre
from tareas.cuentas.reglas import (
    DIAS_SESION_API,
    DIAS_SESION_LARGA,
    HORAS_SESION_CORTA,
    clave_temporal,
    ficha_nueva,
    normalizar_nombre,
    normalizar_usuario,
    revisar_clave,
)

Via = Literal["web", "api"]


@dataclass(frozen=True, slots=True)
class CuentaNueva:
    """Una cuenta recién creada o restablecida, con la clave temporal que se enseña una sola vez."""

    persona_id: int
    usuario: str
    nombre: str
    clave: str

    def __repr__(self) -> str:
        return f"CuentaNueva({self.usuario!r})"


@dataclass(frozen=True, slots=True)
class SesionNueva:
    """Una entrada recién abierta. ``ficha`` es el secreto que la prueba: no se guarda, sólo su huella."""

    ficha: str
    vence: datetime

    def __repr__(self) -> str:
        return f"SesionNueva(vence={self.vence.isoformat()})"


def crear_persona(
    sesion: Session,
    *,
    usuario: str,
    nombre: str,
    clave: str | None = None,
    correo: str | None = None,
    idioma: str = "es",
    debe_cambiar_clave: bool = False,
) -> int:
    """Crea una cuenta. Sin ``clave`` no puede entrar hasta que alguien se la restablezca.

    Returns
    -------
    int
        Identificador de la persona.

    Raises
    ------
    UsuarioInvalido, UsuarioOcupado, NombreInvalido, ClaveCorta, ClaveFacil
    """
    usuario = normalizar_usuario(usuario)
    if clave is not None and not debe_cambiar_clave:
        revisar_clave(clave, usuario)
    valores = {
        "usuario": usuario,
        "nombre": normalizar_nombre(nombre),
        "correo": correo,
        "clave_hash": None if clave is None else claves.cifrar(clave),
        "idioma": idioma,
        "debe_cambiar": debe_cambiar_clave,
    }
    return int(sesion.execute(SQL["crear_persona"], valores).scalar_one())


def crear_lote(
    sesion: Session,
    renglones: Sequence[Renglon],
    *,
    inicial: tuple[Papel, int | None] | None = None,
    otorgado_por: int | None = None,
    idioma: str = "es",
) -> list[CuentaNueva]:
    """Crea todas las personas de una lista, o ninguna, cada una con clave temporal y el mismo papel inicial.

    Raises
    ------
    ListaInvalida
        Si alguno de los usuarios pedidos ya existe.
    """
    pedidos = {r.usuario.lower(): r for r in renglones if r.usuario is not None}
    if ya := usuarios_ocupados(sesion, pedidos):
        repetidos = sorted((pedidos[usuario] for usuario in ya), key=lambda r: r.numero)
        raise ListaInvalida(renglones=[problema(r.numero, OCUPADO, usuario=r.usuario) for r in repetidos])
    raices = {usuario_de_nombre(r.nombre, ()) for r in renglones if r.usuario is None}
    tomados = set(pedidos) | usuarios_ocupados(sesion, (), raices)
    nuevas = []
    for renglon in renglones:
        usuario = renglon.usuario or usuario_de_nombre(renglon.nombre, tomados)
        tomados.add(usuario.lower())
        nuevas.append(crear_con_clave_temporal(sesion, usuario=usuario, nombre=renglon.nombre, idioma=idioma))
        if inicial is not None:
            dar_papel(sesion, nuevas[-1].persona_id, *inicial, otorgado_por=otorgado_por)
    return nuevas


def crear_con_clave_temporal(
    sesion: Session, *, usuario: str, nombre: str, correo: str | None = None, idioma: str = "es"
) -> CuentaNueva:
    """Crea una cuenta para entregar en papel: la persona pone su clave la primera vez que entra.

    Raises
    ------
    UsuarioInvalido, UsuarioOcupado
    """
    temporal = clave_temporal()
    persona = crear_persona(
        sesion, usuario=usuario, nombre=nombre, clave=temporal, correo=correo, idioma=idioma, debe_cambiar_clave=True
    )
    return CuentaNueva(persona, normalizar_usuario(usuario), nombre, temporal)


def cambiar_datos(sesion: Session, persona_id: int, *, nombre: str, idioma: str) -> None:
    """Cambia nombre e idioma.

    Raises
    ------
    PersonaDesconocida
    """
    valores = {"persona": persona_id, "nombre": normalizar_nombre(nombre), "idioma": idioma}
    if sesion.execute(SQL["cambiar_datos"], valores).one_or_none() is None:
        raise PersonaDesconocida


def cambiar_idioma(sesion: Session, persona_id: int, idioma: str) -> None:
    """Recuerda el idioma que la persona eligió."""
    sesion.execute(SQL["cambiar_idioma"], {"persona": persona_id, "idioma": idioma})


def cambiar_correo(sesion: Session, persona_id: int, correo: str | None, *, avisar: bool = False) -> None:
    """Cambia el correo; con ``avisar``, lo dice en el anterior: por él se restablece la clave.

    Raises
    ------
    PersonaDesconocida
    """
    fila = sesion.execute(SQL["cambiar_correo"], {"persona": persona_id, "correo": correo}).one_or_none()
    if fila is None:
        raise PersonaDesconocida
    if avisar and fila.anterior and fila.anterior != correo:
        encolar_correo(sesion, "correo_cambiado", fila.anterior, idioma=fila.idioma, datos={"usuario": fila.usuario})


def cambiar_clave(
    sesion: Session, persona_id: int, nueva: str, *, salvo: str | None = None, avisar: bool = False
) -> None:
    """Pone la clave que la persona eligió, cierra sus otras sesiones y anula sus enlaces.

    Parameters
    ----------
    salvo
        Ficha de la sesión que sigue abierta.
    avisar
        Encola un aviso a su correo.

    Raises
    ------
    ClaveCorta, ClaveFacil, PersonaDesconocida
    """
    _poner_clave(sesion, persona_id, nueva, debe_cambiar=False, salvo=salvo, avisar=avisar)


def restablecer_clave(sesion: Session, persona_id: int, *, avisar: bool = False) -> str:
    """Pone una clave temporal y cierra todas las sesiones; con ``avisar``, lo dice en el correo de la persona.

    Returns
    -------
    str
        La clave, para enseñarla una sola vez.

    Raises
    ------
    PersonaDesconocida
    """
    temporal = clave_temporal()
    _poner_clave(sesion, persona_id, temporal, debe_cambiar=True, avisar=avisar)
    return temporal


def _poner_clave(
    sesion: Session, persona_id: int, clave: str, *, debe_cambiar: bool, avisar: bool, salvo: str | None = None
) -> None:
    valores = {"persona": persona_id, "clave_hash": claves.cifrar(clave), "debe_cambiar": debe_cambiar}
    fila = sesion.execute(SQL["cambiar_clave"], valores).one_or_none()
    if fila is None:
        raise PersonaDesconocida
    if not debe_cambiar:
        revisar_clave(clave, fila.usuario)
    sesion.execute(SQL["anular_enlaces"], {"persona": persona_id})
    cerrar_sesiones(sesion, persona_id, salvo=salvo)
    if avisar and fila.correo:
        encolar_correo(sesion, "clave_cambiada", fila.correo, idioma=fila.idioma, datos={"usuario": fila.usuario})


def usar_enlace(sesion: Session, ficha: str, nueva: str, *, avisar: bool = False) -> int:
    """Gasta un enlace de un solo uso y pone la clave nueva.

    Returns
    -------
    int
        La persona.

    Raises
    ------
    EnlaceCaducado, ClaveCorta, ClaveFacil
    """
    persona_id = sesion.execute(SQL["usar_enlace"], {"huella": huella(ficha)}).scalar()
    if persona_id is None:
        raise EnlaceCaducado
    cambiar_clave(sesion, int(persona_id), nueva, avisar=avisar)
    return int(persona_id)


def dar_papel(
    sesion: Session, persona_id: int, papel: Papel, municipio_id: int | None, *, otorgado_por: int | None = None
) -> int:
    """Da un papel en un municipio, o en toda la instalación si ``municipio_id`` es ``None``.

    Raises
    ------
    PapelYaOtorgado, PersonaDesconocida, MunicipioDesconocido
    """
    valores = {"persona": persona_id, "municipio": municipio_id, "papel": papel.value, "otorgado_por": otorgado_por}
    return int(sesion.execute(SQL["dar_papel"], valores).scalar_one())


def quitar_papel(sesion: Session, persona_id: int, papel: Papel, municipio_id: int | None) -> None:
    """Quita un papel.

    Raises
    ------
    PapelDesconocido
        Si ya no lo tiene.
    UltimaAdministracion
    """
    valores = {"persona": persona_id, "municipio": municipio_id, "papel": papel.value}
    if sesion.execute(SQL["quitar_papel"], valores).one_or_none() is None:
        raise PapelDesconocido


def dar_de_baja(sesion: Session, persona_id: int) -> None:
    """Cierra una cuenta y todas sus sesiones. Su trabajo y sus papeles quedan.

    Raises
    ------
    PersonaDesconocida, UltimaAdministracion
    """
    _activar(sesion, persona_id, False)
    sesion.execute(SQL["anular_enlaces"], {"persona": persona_id})
    cerrar_sesiones(sesion, persona_id)


def dar_de_alta(sesion: Session, persona_id: int) -> None:
    """Vuelve a abrir una cuenta dada de baja.

    Raises
    ------
    PersonaDesconocida
    """
    _activar(sesion, persona_id, True)


def _activar(sesion: Session, persona_id: int, activa: bool) -> None:
    if sesion.execute(SQL["activar"], {"persona": persona_id, "activa": activa}).one_or_none() is None:
        raise PersonaDesconocida


def abrir_sesion(
    sesion: Session, persona_id: int, clave_hash: str | None, *, via: Via, larga: bool = False
) -> SesionNueva:
    """Abre una sesión si la cuenta sigue activa y con la clave que se comprobó.

    Parameters
    ----------
    clave_hash
        La que valía al comprobarla; si cambió desde entonces, no se abre.
    via
        ``"api"`` dura 7 días; ``"web"``, 12 horas, o 30 días si es ``larga``.

    Raises
    ------
    EntradaRechazada
    """
    horas = DIAS_SESION_API * 24 if via == "api" else DIAS_SESION_LARGA * 24 if larga else HORAS_SESION_CORTA
    ficha = ficha_nueva()
    valores = {"huella": huella(ficha), "persona": persona_id, "clave_hash": clave_hash, "via": via, "horas": horas}
    vence = sesion.execute(SQL["abrir_sesion"], valores).scalar()
    if vence is None:
        raise EntradaRechazada
    return SesionNueva(ficha, vence)


def cerrar_sesion(sesion: Session, ficha: str) -> None:
    """Cierra una sesión; cerrar una que ya no está no es un error."""
    sesion.execute(SQL["cerrar_sesion"], {"huella": huella(ficha)})


def cerrar_sesiones(sesion: Session, persona_id: int, *, salvo: str | None = None) -> None:
    """Cierra todas las sesiones de una persona, menos la de la ficha ``salvo``."""
    sesion.execute(SQL["cerrar_sesiones"], {"persona": persona_id, "salvo": None if salvo is None else huella(salvo)})


def pedir_enlace(sesion: Session, correo: str, *, idioma: str) -> None:
    """Encola el correo con el enlace.

    A quién le toca se averigua al enviarlo: pedirlo cuesta lo mismo si nadie usa esa dirección.
    """
    encolar_correo(sesion, "restablecer", correo, idioma=idioma)


def encolar_correo(
    sesion: Session, clase: str, destino: str, *, idioma: str = "es", datos: Mapping[str, str] | None = None
) -> None:
    """Deja un correo en la cola; sale cuando la transacción se confirma."""
    valores = {"clase": clase, "destino": destino, "idioma": idioma, "datos": json.dumps(dict(datos or {}))}
    sesion.execute(SQL["encolar_correo"], valores)


def barrer(sesion: Session) -> None:
    """Borra lo vencido: sesiones, enlaces, avisos viejos y correos que no salieron en un día.

    Los avisos de un correo que no salió vuelven a esperar su turno.
    """
    buzon.devolver_abandonados(sesion)
    buzon.barrer(sesion)
    for nombre in ("barrer_sesiones", "barrer_enlaces", "barrer_correos"):
        sesion.execute(SQL[nombre])


def primera_administracion(sesion: Session, *, usuario: str, nombre: str, clave: str | None) -> CuentaNueva | None:
    """Deja a una persona administrando toda la instalación.

    Returns
    -------
    CuentaNueva or None
        La cuenta creada, con la clave que valga; ``None`` si ya existía y sólo recibió el papel.

    Raises
    ------
    UsuarioInvalido, ClaveCorta, ClaveFacil, PapelYaOtorgado
    """
    existente = credencial(sesion, normalizar_usuario(usuario))
    if existente is not None:
        dar_papel(sesion, existente.id, Papel.ADMINISTRADOR, None)
        return None
    if clave is None:
        nueva = crear_con_clave_temporal(sesion, usuario=usuario, nombre=nombre)
    else:
        persona = crear_persona(sesion, usuario=usuario, nombre=nombre, clave=clave)
        nueva = CuentaNueva(persona, normalizar_usuario(usuario), nombre, clave)
    dar_papel(sesion, nueva.persona_id, Papel.ADMINISTRADOR, None)
    return nueva
