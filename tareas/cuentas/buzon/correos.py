"""Los correos del buzón, compuestos al enviarlos: con la dirección, el idioma y lo que siga sin leer entonces."""

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any, Final

from sqlalchemy.orm import Session

from tareas.cuentas.buzon.consultas import SQL
from tareas.cuentas.buzon.firma import firmar_baja
from tareas.cuentas.buzon.reglas import AVISOS_EN_UN_RESUMEN, ZONA_POR_OMISION
from tareas.cuentas.buzon.textos import en_palabras
from tareas.cuentas.correo import ServidorDeCorreo, catalogo, componer

CLASES_DEL_BUZON: Final = frozenset({"aviso", "resumen"})


def componer_del_buzon(
    sesion: Session, servidor: ServidorDeCorreo, clase: str, datos: Mapping[str, Any]
) -> EmailMessage | None:
    """Correo con los avisos que todavía no lee.

    Parameters
    ----------
    datos
        ``persona`` y ``avisos`` (identificadores).

    Returns
    -------
    EmailMessage or None
        ``None`` si ya no toca: los leyó, se dio de baja, quitó su correo o ya no quiere avisos.
    """
    quien = sesion.execute(SQL["destinataria"], {"persona": datos["persona"]}).one_or_none()
    if quien is None:
        return None
    pedido = {"persona": quien.id, "ids": datos["avisos"], "zona": ZONA_POR_OMISION}
    # De lo mismo varias veces (una tarea que se devolvió dos), sólo lo último: lo de antes ya no es cierto.
    vistas: dict[tuple[str, int | None, int | None], Any] = {}
    for f in sesion.execute(SQL["para_correo"], pedido):
        vistas.setdefault((f.clase, f.proyecto_id, f.numero), f)
    filas = list(vistas.values())
    if not filas:
        return None
    traducir = catalogo(quien.idioma).gettext
    avisos = [
        {
            "texto": en_palabras(f, traducir, quien.idioma),
            "proyecto": f.proyecto,
            "enlace": f"{servidor.direccion}/buzon/{f.id}",
        }
        for f in filas[:AVISOS_EN_UN_RESUMEN]
    ]
    baja, cabeceras = None, {}
    if servidor.secreto:
        baja = f"{servidor.direccion}/buzon/baja/{firmar_baja(servidor.secreto, quien.id)}"
        # RFC 8058: el programa de correo puede dar de baja con una sola petición, sin que nadie entre.
        cabeceras = {"List-Unsubscribe": f"<{baja}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    contenido = {"nombre": quien.nombre, "usuario": quien.usuario, "avisos": avisos, "total": len(filas), "baja": baja}
    if clase == "aviso" and len(filas) > 1:
        clase = "varios"
    return componer(servidor, clase, quien.correo, quien.idioma, contenido, cabeceras=cabeceras)
