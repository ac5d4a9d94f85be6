"""Reglas de cuentas: usuarios, claves, límites de intentos, quién administra a quién, a dónde se vuelve."""

import ipaddress
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from tareas.comun.permisos import Actor, Papel
from tareas.comun.signos import ilegible, se_ve
from tareas.cuentas.errores import ClaveCorta, ClaveFacil, NombreInvalido, UsuarioInvalido

LARGO_USUARIO = (3, 40)
LARGO_NOMBRE = 120
LARGO_CORREO = 254
LARGO_CLAVE = (10, 200)
# Sin 0/o, 1/l/i: se dictan y se leen en papel. Doce de 31 signos son 59 bits.
SIGNOS_TEMPORALES = "23456789abcdefghjkmnpqrstuvwxyz"
CLAVES_SABIDAS = (
    "contraseña",
    "contrasena",
    "password",
    "qwertyuiop",
    "1234567890",
    "0123456789",
    "abcdefghij",
    "asdfghjkl",
    "tequio",
)

HORAS_SESION_CORTA = 12
DIAS_SESION_LARGA = 30
DIAS_SESION_API = 7
HORAS_ENLACE = 2


@dataclass(frozen=True, slots=True)
class Limite:
    """Cuántas veces en cuántos segundos."""

    maximo: int
    ventana_s: int


# Sólo quedan contadas las entradas que fallan. Cuarenta personas de un aula salen por una misma dirección, y
# equivocarse al copiar una clave de papel es lo normal: el límite por dirección es mucho más alto que el de un usuario.
ENTRADAS_POR_USUARIO = Limite(20, 15 * 60)
ENTRADAS_POR_DIRECCION = Limite(400, 15 * 60)
REGISTROS_POR_DIRECCION = Limite(120, 60 * 60)
ENLACES_POR_DIRECCION = Limite(60, 60 * 60)
ENLACES_POR_CORREO = Limite(3, 60 * 60)
VENTANA_MAYOR_S = 60 * 60

INTENTOS_DE_CORREO = 7


def normalizar_usuario(texto: str) -> str:
    """Nombre de usuario en forma NFKC y sin espacios alrededor.

    Raises
    ------
    UsuarioInvalido
        Si no tiene de 3 a 40 signos visibles, o lleva espacios, diagonales o arrobas.
    """
    usuario = unicodedata.normalize("NFKC", texto).strip()
    minimo, maximo = LARGO_USUARIO
    if not minimo <= len(usuario) <= maximo or any(not _visible(c) or c in "/@" for c in usuario):
        raise UsuarioInvalido
    return usuario


def normalizar_nombre(texto: str) -> str:
    """Nombre en forma NFC y sin espacios de más.

    Raises
    ------
    NombreInvalido
    """
    nombre = " ".join(unicodedata.normalize("NFC", texto).split())
    if len(nombre) > LARGO_NOMBRE or not se_ve(nombre) or any(ilegible(c) for c in nombre):
        raise NombreInvalido
    return nombre


def _visible(signo: str) -> bool:
    return unicodedata.category(signo)[0] not in "CZ"


def normalizar_clave(clave: str) -> str:
    """La misma clave tecleada en aparatos distintos da los mismos caracteres (NFKC)."""
    return unicodedata.normalize("NFKC", clave)


def revisar_clave(clave: str, usuario: str) -> None:
    """Pide una clave larga que no salga en el primer intento.

    Raises
    ------
    ClaveCorta
        Menos de 10 caracteres.
    ClaveFacil
        El usuario con adornos, un solo signo repetido, o una de las claves más sabidas.
    """
    normal = normalizar_clave(clave)
    if len(normal) < LARGO_CLAVE[0]:
        raise ClaveCorta(minimo=LARGO_CLAVE[0])
    plana = normal.casefold()
    resto = plana.replace(usuario.casefold(), "")
    for sabida in CLAVES_SABIDAS:
        resto = resto.replace(sabida, "")
    # Lo que queda sin el usuario ni las palabras sabidas es lo que de verdad hay que adivinar.
    if len(resto) < LARGO_CLAVE[0] // 2 and resto != plana:
        raise ClaveFacil
    if len(set(plana)) < 3:
        raise ClaveFacil


def clave_temporal() -> str:
    """Clave al azar que se puede dictar: tres grupos de cuatro signos."""
    return "-".join("".join(secrets.choice(SIGNOS_TEMPORALES) for _ in range(4)) for _ in range(3))


def ficha_nueva() -> str:
    """Secreto de 256 bits para una sesión o un enlace."""
    return secrets.token_urlsafe(32)


def red_de(direccion: str | None) -> str:
    """Lo que se cuenta como una misma procedencia: la dirección IPv4, o la red /64 en IPv6."""
    try:
        ip = ipaddress.ip_address(direccion or "")
    except ValueError:
        return "desconocida"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def destino_local(texto: str | None, por_omision: str = "/") -> str:
    """Ruta de este mismo sitio a donde volver; cualquier otra cosa vale como ``por_omision``.

    Los navegadores leen ``\\`` como ``/`` y quitan tabuladores y saltos de línea, así que ``/\\sitio`` o ``/\\t/sitio``
    sacarían a la persona de aquí.
    """
    if not texto or len(texto) > 2000 or not texto.startswith("/") or texto.startswith("//"):
        return por_omision
    if "\\" in texto or any(unicodedata.category(c)[0] == "C" for c in texto):
        return por_omision
    try:
        partes = urlsplit(texto)
    except ValueError:
        return por_omision
    return por_omision if partes.scheme or partes.netloc else texto


def espera_de_reintento(intentos: int) -> int:
    """Segundos hasta el intento que sigue: 1 min, 4 min, 16 min… y nunca más de 6 h."""
    return int(min(60 * 4.0 ** max(0, intentos - 1), 6 * 60 * 60))


def administra(quien: Actor, municipio_id: int | None) -> bool:
    """Si puede dar y quitar papeles en ese municipio (``None``: en toda la instalación)."""
    if municipio_id is None:
        return quien.administra_todo
    return quien.tiene((Papel.ADMINISTRADOR,), municipio_id)


def administra_cuenta(quien: Actor, municipios: Collection[int | None]) -> bool:
    """Si puede dar de baja o restablecer a quien tiene papeles en ``municipios``.

    Quien administra un municipio sólo toca las cuentas que trabajan ahí y en ningún otro lado: si no, podría entrar
    como alguien con más papeles que los suyos.
    """
    if quien.administra_todo:
        return True
    return bool(municipios) and all(m is not None and administra(quien, m) for m in municipios)


def ve_cuenta(quien: Actor, municipios: Collection[int | None]) -> bool:
    """Si la ve en la lista: tiene algún papel donde ``quien`` administra."""
    return quien.administra_todo or any(m is not None and administra(quien, m) for m in municipios)
