"""Los errores del protocolo de OpenStreetMap, en inglés.

Son de un idioma ajeno: llevan su propio número y su texto de siempre, que los editores reconocen palabra
por palabra. No pasan por las familias de ``comun/errores.py`` ni por gettext; sólo los sabe responder
``api06/vistas.py``.
"""

from datetime import datetime

from geo.osm.api06.errores import (
    AccionDesconocida,
    DemasiadosCambios,
    EntradaInvalida,
    ErrorApi,
    EtiquetaRepetida,
    XmlInvalido,
)


class SinCuerpo(ErrorApi):
    """El protocolo responde estos casos con el cuerpo vacío."""

    def __init__(self) -> None:
        super().__init__("")


class NoExiste(SinCuerpo):
    """No hay elemento, conjunto ni persona con ese id."""

    estado = 404


class Borrado(SinCuerpo):
    """El elemento está borrado."""

    estado = 410


class NoAceptable(SinCuerpo):
    """Quien pide no acepta XML ni JSON."""

    estado = 406


class IdDistinto(SinCuerpo):
    """El id de la dirección no es el del documento, en un borrado de vía o relación."""

    estado = 400


class NoHallado(ErrorApi):
    """No se encontró, con texto."""

    estado = 404

    def __init__(self, texto: str = "Object not found") -> None:
        super().__init__(texto)


class SinAutenticar(ErrorApi):
    """Hace falta la ficha de alguien, o la que llegó no vale aquí."""

    estado = 401

    def __init__(self) -> None:
        super().__init__("Couldn't authenticate you")


class SinAlcance(ErrorApi):
    """La ficha no permite esto."""

    estado = 403

    def __init__(self) -> None:
        super().__init__("You have not permitted the application access to this facility")


class ClaveTemporal(ErrorApi):
    """La persona todavía no pone su clave."""

    estado = 403

    def __init__(self) -> None:
        super().__init__("Your password is temporary. Sign in to Tequio and choose your own before editing.")


class SoloLectura(ErrorApi):
    """El aula está congelada: la referencia lo dice así cuando su API está en sólo lectura."""

    estado = 503

    def __init__(self) -> None:
        super().__init__("Database offline for maintenance")


class MetodoNoAdmitido(ErrorApi):
    """Esa dirección no admite la operación."""

    estado = 405

    def __init__(self, admitidos: list[str]) -> None:
        self.admitidos = admitidos
        super().__init__(f"Only method {' or '.join(admitidos)} is supported on this URI")


class CuerpoGrande(ErrorApi):
    """Más bytes de los que se toman, comprimidos o ya descomprimidos."""

    estado = 413

    def __init__(self, maximo: int) -> None:
        super().__init__(f"Payload exceeds limit of {maximo} bytes")


class CompresionDesconocida(ErrorApi):
    """``Content-Encoding`` que no se sabe abrir."""

    estado = 415

    def __init__(self, cual: str) -> None:
        super().__init__(f"Unsupported content encoding {cual}, only gzip and deflate are supported")


class VersionDistinta(ErrorApi):
    """Se edita una versión que ya no es la última."""

    estado = 409

    def __init__(self, clase: str, id: int, dada: int, actual: int) -> None:
        super().__init__(f"Version mismatch: Provided {dada}, server had: {actual} of {clase} {id}")


class ConjuntoAusente(ErrorApi):
    """El conjunto de cambios no existe."""

    estado = 409

    def __init__(self) -> None:
        super().__init__("You need to supply a changeset to be able to make a change")


class ConjuntoAjeno(ErrorApi):
    """El conjunto de cambios es de otra persona."""

    estado = 409

    def __init__(self) -> None:
        super().__init__("The user doesn't own that changeset")


class ConjuntoCerrado(ErrorApi):
    """El conjunto ya se cerró, venció o está lleno."""

    estado = 409

    def __init__(self, id: int, cuando: datetime) -> None:
        super().__init__(f"The changeset {id} was closed at {cuando:%Y-%m-%d %H:%M:%S} UTC")


class ConjuntoDistinto(ErrorApi):
    """Un elemento del osmChange dice otro conjunto que el de la dirección."""

    estado = 409

    def __init__(self, dado: int, admitido: int) -> None:
        super().__init__(f"Changeset mismatch: Provided {dado} but only {admitido} is allowed")


class PrecondicionFallida(ErrorApi):
    """Lo que se pide rompería lo que está unido a ello."""

    estado = 412

    def __init__(self, texto: str) -> None:
        super().__init__(f"Precondition failed: {texto}")


class YaBorrado(ErrorApi):
    """Se borra algo que ya estaba borrado."""

    estado = 410

    def __init__(self, modelo: str, id: int) -> None:
        super().__init__(f"The {modelo} with the id {id} has already been deleted")


class DemasiadosNodos(ErrorApi):
    """Más nodos de los que admite una vía."""

    estado = 400

    def __init__(self, id: int | None, dados: int, maximo: int) -> None:
        super().__init__(
            f"You tried to add {dados} nodes to way {'' if id is None else id}, however only {maximo} are allowed"
        )


class DemasiadosMiembros(ErrorApi):
    """Más miembros de los que admite una relación."""

    estado = 400

    def __init__(self, id: int | None, dados: int, maximo: int) -> None:
        super().__init__(
            f"You tried to add {dados} members to relation {'' if id is None else id}, "
            f"however only {maximo} are allowed"
        )


__all__ = [
    "AccionDesconocida",
    "Borrado",
    "ClaveTemporal",
    "CompresionDesconocida",
    "ConjuntoAjeno",
    "ConjuntoAusente",
    "ConjuntoCerrado",
    "ConjuntoDistinto",
    "CuerpoGrande",
    "DemasiadosCambios",
    "DemasiadosMiembros",
    "DemasiadosNodos",
    "EntradaInvalida",
    "ErrorApi",
    "EtiquetaRepetida",
    "IdDistinto",
    "MetodoNoAdmitido",
    "NoAceptable",
    "NoExiste",
    "NoHallado",
    "PrecondicionFallida",
    "SinAlcance",
    "SinAutenticar",
    "SinCuerpo",
    "SoloLectura",
    "VersionDistinta",
    "XmlInvalido",
    "YaBorrado",
]
