"""Qué hace cada dirección del protocolo."""

from collections.abc import Callable
from typing import Any

from flask import Response, request
from werkzeug.routing import BaseConverter, Map, Rule

from geo.osm.api06 import escritura
from geo.osm.api06.escritura import e, etiquetas_xml, limites_xml, momento
from geo.osm.api06.valores import MODELOS, NODO, NOMBRES, RELACION, VIA, a_entero
from tareas.comun import bd
from tareas.practica.api06 import consultas, servicio
from tareas.practica.api06.consultas import FilaConjunto, FilaPersona, Filtro, foto
from tareas.practica.api06.errores import (
    ClaveTemporal,
    EntradaInvalida,
    NoExiste,
    NoHallado,
    SinAlcance,
    SinAutenticar,
    SoloLectura,
)
from tareas.practica.api06.peticion import JSON, XML, Peticion, cuerpo, de_hoy, elementos, json, momento_de, texto, xml
from tareas.practica.api06.reglas import (
    ABIERTA,
    ALCANCES,
    AREA_MAXIMA,
    AREA_MAXIMA_DE_NOTAS,
    CAMBIOS_POR_CONJUNTO,
    CONJUNTOS_POR_CONSULTA,
    MIEMBROS_POR_RELACION,
    NODOS_POR_VIA,
    NOTAS_POR_CONSULTA,
    PUNTOS_POR_PAGINA,
    SEGUNDOS,
    caja_de_texto,
    exigir_tamano,
)

Atencion = Callable[..., Response]


class Cifras(BaseConverter):
    """Un id o una versión: sólo cifras. Los que no caben se quedan en el mayor, que nada usa."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        """El número."""
        return min(int(value[:40]), 2**63 - 1)


RUTAS = Map(strict_slashes=False, merge_slashes=False, converters={"cifras": Cifras})
ATENCIONES: dict[str, Atencion] = {}
A_CIEGAS: set[str] = set()
"""Lo que se contesta aunque quien pide no pueda ver el aula: los editores lo preguntan antes de entrar."""


def ruta(
    patron: str, *metodos: str, escribe: bool = False, alcance: str | None = None, a_ciegas: bool = False
) -> Callable[[Atencion], Atencion]:
    """Ata una dirección a una función.

    Parameters
    ----------
    escribe
        No se puede en un aula congelada.
    alcance
        Pide haber entrado con una ficha que lo traiga.
    a_ciegas
        Se contesta aunque el aula no se pueda ver. No dice nada de ella, salvo que existe.
    """

    def atar(funcion: Atencion) -> Atencion:
        def atender(peticion: Peticion, **valores: Any) -> Response:
            if escribe and peticion.aula.estado != ABIERTA:
                raise SoloLectura
            if alcance is not None:
                _exigir_alcance(peticion, alcance)
            return funcion(peticion, **valores)

        nombre = f"{funcion.__name__} {patron}"
        ATENCIONES[nombre] = atender
        if a_ciegas:
            A_CIEGAS.add(nombre)
        RUTAS.add(Rule("/" + patron, endpoint=nombre, methods=metodos or ("GET",)))
        return funcion

    return atar


def _exigir_alcance(peticion: Peticion, alcance: str) -> None:
    actor = peticion.identidad.actor
    if not actor.entro:
        raise SinAutenticar
    if alcance not in peticion.identidad.alcances:
        raise SinAlcance
    if actor.debe_cambiar_clave:
        raise ClaveTemporal


# --- qué es este servidor --------------------------------------------------------------------------------------------


@ruta("versions", a_ciegas=True)
def versiones(peticion: Peticion) -> Response:
    """Versiones del protocolo."""
    if peticion.en() == JSON:
        return json({"api": {"versions": [escritura.VERSION]}})
    cuerpo_xml = f"{escritura.raiz(sin_version=True)}\n<api><version>{escritura.VERSION}</version></api>\n</osm>\n"
    return Response(cuerpo_xml, content_type="application/xml; charset=utf-8")


@ruta("capabilities", a_ciegas=True)
@ruta("0.6/capabilities", a_ciegas=True)
def capacidades(peticion: Peticion) -> Response:
    """Límites y estado."""
    estado = "online" if peticion.aula.estado == ABIERTA else "readonly"
    api: dict[str, dict[str, Any]] = {
        "version": {"minimum": escritura.VERSION, "maximum": escritura.VERSION},
        "area": {"maximum": AREA_MAXIMA},
        "note_area": {"maximum": AREA_MAXIMA_DE_NOTAS},
        "tracepoints": {"per_page": PUNTOS_POR_PAGINA},
        "waynodes": {"maximum": NODOS_POR_VIA},
        "relationmembers": {"maximum": MIEMBROS_POR_RELACION},
        "changesets": {
            "maximum_elements": CAMBIOS_POR_CONJUNTO,
            "default_query_limit": CONJUNTOS_POR_CONSULTA,
            "maximum_query_limit": CONJUNTOS_POR_CONSULTA,
        },
        "notes": {"default_query_limit": NOTAS_POR_CONSULTA[0], "maximum_query_limit": NOTAS_POR_CONSULTA[1]},
        "user_preferences": {"key_maximum_length": 255, "value_maximum_length": 10_000},
        "timeout": {"seconds": SEGUNDOS},
        "status": {"database": "online", "api": estado, "gpx": "offline"},
    }
    if peticion.en() == JSON:
        return json({"api": api, "policy": {"imagery": {"blacklist": []}}})
    partes = [f"<{k}{_atributos(atributos)}/>\n" for k, atributos in api.items()]
    return xml(["<api>\n", *partes, "</api>\n<policy><imagery/></policy>\n"])


def _atributos(valores: dict[str, Any]) -> str:
    return "".join(f' {llave}="{valor}"' for llave, valor in valores.items())


@ruta("0.6/permissions")
def permisos(peticion: Peticion) -> Response:
    """Lo que la ficha permite."""
    nombres = [f"allow_{alcance}" for alcance in ALCANCES if alcance in peticion.identidad.alcances]
    if peticion.en() == JSON:
        return json({"permissions": nombres})
    return xml(["<permissions>", *(f'<permission name="{n}"/>' for n in nombres), "</permissions>\n"])


# --- el mapa ---------------------------------------------------------------------------------------------------------


@ruta("0.6/map")
def mapa(peticion: Peticion) -> Response:
    """Todo lo de una caja."""
    formato = peticion.en()
    if request.args.get("bbox") is None:
        raise EntradaInvalida("The parameter bbox is required")
    caja = caja_de_texto(request.args["bbox"])
    exigir_tamano(caja)
    with foto() as conexion:
        lista = consultas.mapa(conexion, peticion.aula.id, caja)
    if formato == JSON:
        limites = {"minlat": caja.sur, "minlon": caja.oeste, "maxlat": caja.norte, "maxlon": caja.este}
        respuesta = json({"bounds": limites, "elements": list(escritura.elementos_json(lista))})
    else:
        respuesta = xml([limites_xml(escritura.Caja(*caja)), *escritura.elementos_xml(lista)])
    respuesta.headers["Content-Disposition"] = 'attachment; filename="map.osm"'
    return respuesta


# --- elementos -------------------------------------------------------------------------------------------------------


@ruta("0.6/<any(node,way,relation):modelo>/<cifras:id>")
def elemento(peticion: Peticion, modelo: str, id: int) -> Response:
    """La última versión."""
    with foto() as conexion:
        hallado = consultas.uno(conexion, peticion.aula.id, MODELOS[modelo], id)
    return de_hoy(elementos(peticion, [hallado]), hallado.cuando)


@ruta("0.6/<any(node,way,relation):modelo>/<cifras:id>/<cifras:version>")
def version(peticion: Peticion, modelo: str, id: int, version: int) -> Response:
    """Una versión."""
    with foto() as conexion:
        hallado = consultas.version(conexion, peticion.aula.id, MODELOS[modelo], id, version)
    return de_hoy(elementos(peticion, [hallado]), hallado.cuando)


@ruta("0.6/<any(node,way,relation):modelo>/<cifras:id>/history")
def historia(peticion: Peticion, modelo: str, id: int) -> Response:
    """Todas las versiones."""
    with foto() as conexion:
        lista = consultas.historia(conexion, peticion.aula.id, MODELOS[modelo], id)
    return elementos(peticion, lista)


@ruta("0.6/<any(way,relation):modelo>/<cifras:id>/full")
def completo(peticion: Peticion, modelo: str, id: int) -> Response:
    """Con todo lo que usa."""
    with foto() as conexion:
        lista = consultas.completo(conexion, peticion.aula.id, MODELOS[modelo], id)
    return elementos(peticion, lista)


@ruta("0.6/node/<cifras:id>/ways")
def vias_del_nodo(peticion: Peticion, id: int) -> Response:
    """Vías que pasan por un nodo."""
    with foto() as conexion:
        lista = consultas.vias_de(conexion, peticion.aula.id, [id])
    return elementos(peticion, lista)


@ruta("0.6/<any(node,way,relation):modelo>/<cifras:id>/relations")
def relaciones_del_elemento(peticion: Peticion, modelo: str, id: int) -> Response:
    """Relaciones de las que es miembro."""
    with foto() as conexion:
        lista = consultas.relaciones_de(conexion, peticion.aula.id, [f"{MODELOS[modelo]}{id}"])
    return elementos(peticion, lista)


@ruta("0.6/<any(nodes,ways,relations):modelos>")
def varios(peticion: Peticion, modelos: str) -> Response:
    """Varios elementos, o versiones suyas."""
    pedidos = request.args.get(modelos)
    if pedidos is None:
        raise EntradaInvalida(
            f"The parameter {modelos} is required, and must be of the form {modelos}=ID[vVER][,ID[vVER][,ID[vVER]...]]"
        )
    partes = pedidos.rstrip(",").split(",") if pedidos.strip(",") else []
    if not partes:
        raise EntradaInvalida(f"No {modelos} were given to search for")
    sueltos = [a_entero(p) for p in partes if "v" not in p]
    pares = [(a_entero(a), a_entero(b)) for a, _, b in (p.partition("v") for p in partes if "v" in p)]
    with foto() as conexion:
        lista = consultas.varios(conexion, peticion.aula.id, MODELOS[modelos[:-1]], sueltos, pares)
    return elementos(peticion, lista)


@ruta("0.6/<any(node,way,relation):modelo>/create", "PUT", escribe=True, alcance="write_api")
@ruta("0.6/<any(nodes,ways,relations):modelo>", "POST", escribe=True, alcance="write_api")
def crear(peticion: Peticion, modelo: str) -> Response:
    """Un elemento nuevo; responde su id."""
    tipo = MODELOS[modelo.removesuffix("s")]
    documento = cuerpo()
    with bd.transaccion() as sesion:
        estado = servicio.guardar_uno(sesion, peticion.aula.id, peticion.persona, tipo, None, "create", documento)
    return texto(str(estado.id))


@ruta("0.6/<any(node,way,relation):modelo>/<cifras:id>", "PUT", "DELETE", escribe=True, alcance="write_api")
def cambiar(peticion: Peticion, modelo: str, id: int) -> Response:
    """Una versión nueva, o el borrado; responde la versión."""
    accion = "modify" if request.method == "PUT" else "delete"
    documento, tipo = cuerpo(), MODELOS[modelo]
    with bd.transaccion() as sesion:
        estado = servicio.guardar_uno(sesion, peticion.aula.id, peticion.persona, tipo, id, accion, documento)
    return texto(str(estado.version))


# --- conjuntos de cambios --------------------------------------------------------------------------------------------


@ruta("0.6/changeset/create", "PUT", escribe=True, alcance="write_api")
@ruta("0.6/changesets", "POST", escribe=True, alcance="write_api")
def abrir_conjunto(peticion: Peticion) -> Response:
    """Abre un conjunto; responde su id."""
    documento = cuerpo()
    with bd.transaccion() as sesion:
        id = servicio.abrir_conjunto(sesion, peticion.aula.id, peticion.persona[0], documento)
    return texto(str(id))


@ruta("0.6/changeset/<cifras:id>")
def conjunto(peticion: Peticion, id: int) -> Response:
    """Un conjunto de cambios."""
    with foto() as conexion:
        fila = consultas.conjunto(conexion, peticion.aula.id, id)
    return _un_conjunto(peticion, fila, bool(request.args.get("include_discussion", "").strip()))


@ruta("0.6/changeset/<cifras:id>", "PUT", escribe=True, alcance="write_api")
def etiquetar_conjunto(peticion: Peticion, id: int) -> Response:
    """Cambia sus etiquetas."""
    documento = cuerpo()
    with bd.transaccion() as sesion:
        fila = servicio.etiquetar_conjunto(sesion, peticion.aula.id, peticion.persona[0], id, documento)
    return _un_conjunto(peticion, fila, False)


@ruta("0.6/changeset/<cifras:id>/close", "PUT", escribe=True, alcance="write_api")
def cerrar_conjunto(peticion: Peticion, id: int) -> Response:
    """Lo cierra."""
    with bd.transaccion() as sesion:
        servicio.cerrar_conjunto(sesion, peticion.aula.id, peticion.persona[0], id)
    return texto("")


@ruta("0.6/changeset/<cifras:id>/upload", "POST", escribe=True, alcance="write_api")
def subir(peticion: Peticion, id: int) -> Response:
    """Un osmChange. Lo que no se acepte se contesta en XML: ya quedó hecho, y hay que decirlo."""
    formato = peticion.en(si_nada=XML)
    documento = cuerpo()
    with bd.transaccion() as sesion:
        resultados = servicio.subir(sesion, peticion.aula.id, peticion.persona, id, documento)
    if formato == JSON:
        lista = []
        for r in resultados:
            renglon: dict[str, Any] = {"type": NOMBRES[r.tipo], "old_id": r.pedido}
            if r.id is not None:
                renglon |= {"new_id": r.id, "new_version": r.version}
            lista.append(renglon)
        return json({"diffResult": lista})
    partes = (
        f'<{NOMBRES[r.tipo]} old_id="{r.pedido}"'
        + (f' new_id="{r.id}" new_version="{r.version}"' if r.id is not None else "")
        + "/>\n"
        for r in resultados
    )
    return xml(partes, "diffResult")


@ruta("0.6/changeset/<cifras:id>/download")
def descargar(peticion: Peticion, id: int) -> Response:
    """Lo que hizo un conjunto, como osmChange."""
    formato = peticion.en()
    with foto() as conexion:
        fila = consultas.conjunto(conexion, peticion.aula.id, id)
        lista = consultas.del_conjunto(conexion, peticion.aula.id, fila.id)
    grupos: dict[str, list[escritura.Elemento]] = {"create": [], "modify": [], "delete": []}
    for x in lista:
        grupos["create" if x.version == 1 else "modify" if x.visible else "delete"].append(x)
    # Por hora y versión. Lo de la misma subida lleva la misma hora: se crean primero los nodos y se borran al final, y
    # así el documento se puede volver a aplicar.
    orden = {NODO: 0, VIA: 1, RELACION: 2}
    for accion in ("create", "modify"):
        grupos[accion].sort(key=lambda x: (x.cuando, x.version, orden[x.tipo]))
    grupos["delete"].sort(key=lambda x: (x.cuando, -orden[x.tipo], x.version))
    if formato == JSON:
        return json({"osmChange": {k: list(escritura.elementos_json(v)) for k, v in grupos.items()}})
    # Un bloque por elemento, como la referencia.
    partes = [
        f"<{accion}>\n{parte}</{accion}>\n"
        for accion, de_grupo in grupos.items()
        for parte in escritura.elementos_xml(de_grupo)
    ]
    return xml(partes, "osmChange")


@ruta("0.6/changesets")
def conjuntos(peticion: Peticion) -> Response:
    """Conjuntos que cumplen un filtro."""
    formato, de = peticion.en(), request.args.get
    if de("time") is not None and de("order") == "oldest":
        raise EntradaInvalida("cannot use order=oldest with time")
    filtro = Filtro(abiertos=de("open") is not None, cerrados=de("closed") is not None)
    if de("bbox") is not None:
        filtro.caja = caja_de_texto(de("bbox"))
    usuario, nombre = de("user"), de("display_name")
    if usuario is not None and nombre is not None:
        raise EntradaInvalida("provide either the user ID or display name, but not both")
    if usuario is not None and a_entero(usuario) < 1:
        raise EntradaInvalida("invalid user ID")
    with foto() as conexion:
        if usuario is not None:
            filtro.persona_id = a_entero(usuario)
            if not consultas.personas(conexion, peticion.aula.id, [filtro.persona_id], peticion.identidad.actor.id):
                raise NoExiste
        elif nombre is not None:
            filtro.persona_id = consultas.persona_de_nombre(
                conexion, peticion.aula.id, nombre, peticion.identidad.actor.id
            )
        _filtrar_por_tiempo(filtro)
        if (ids := de("changesets")) is not None:
            if not ids:
                raise EntradaInvalida("No changesets were given to search for")
            filtro.ids = [a_entero(parte) for parte in ids.split(",")]
        filtro.del_mas_viejo = de("order") == "oldest"
        filtro.limite = _limite("Changeset", CONJUNTOS_POR_CONSULTA, CONJUNTOS_POR_CONSULTA)
        filas = consultas.conjuntos(conexion, peticion.aula.id, filtro)
    if formato == JSON:
        return json({"changesets": [_conjunto_json(f, False) for f in filas]})
    return xml(_conjunto_xml(f, False) for f in filas)


def _filtrar_por_tiempo(filtro: Filtro) -> None:
    de = request.args.get
    if (tiempo := de("time")) is not None:
        partes = tiempo.split(",")
        if tiempo.count(",") == 1:
            if not partes[1]:
                raise EntradaInvalida("bad time range")
            filtro.cerrado_desde, filtro.abierto_hasta = (_fecha(parte) for parte in partes)
        else:
            filtro.cerrado_desde = _fecha(tiempo)
    if (desde := de("from")) is not None:
        for campo, valor in (("creado_desde", desde), ("creado_hasta", de("to"))):
            if valor is not None:
                cuando = momento_de(valor)
                if cuando is None:
                    raise EntradaInvalida(f"Date {valor} is in a wrong format")
                setattr(filtro, campo, cuando)


def _fecha(parte: str) -> Any:
    cuando = momento_de(parte)
    if cuando is None:
        raise EntradaInvalida(f'no time information in "{parte}"')
    return cuando


def _limite(de_que: str, por_omision: int, maximo: int) -> int:
    pedido = request.args.get("limit")
    if pedido is None:
        return por_omision
    limite = a_entero(pedido)
    if not 1 <= limite <= maximo:
        raise EntradaInvalida(f"{de_que} limit must be between 1 and {maximo}")
    return limite


def _un_conjunto(peticion: Peticion, fila: FilaConjunto, con_discusion: bool) -> Response:
    if peticion.en() == JSON:
        return json({"changeset": _conjunto_json(fila, con_discusion)})
    return xml([_conjunto_xml(fila, con_discusion)])


def _conjunto_xml(fila: FilaConjunto, con_discusion: bool) -> str:
    cerrado = fila.cerrado_desde
    atributos: dict[str, Any] = {
        "id": fila.id,
        "created_at": momento(fila.abierto),
        "open": "true" if cerrado is None else "false",
        "comments_count": 0,
        "changes_count": fila.cambios,
    }
    if cerrado is not None:
        atributos["closed_at"] = momento(cerrado)
    if (caja := fila.caja) is not None:
        atributos |= {
            "min_lat": f"{caja.sur:.7f}",
            "min_lon": f"{caja.oeste:.7f}",
            "max_lat": f"{caja.norte:.7f}",
            "max_lon": f"{caja.este:.7f}",
        }
    atributos |= {"uid": fila.persona_id, "user": e(fila.usuario)}
    abre = _atributos(atributos)
    discusion = "<discussion/>" if con_discusion else ""
    dentro = etiquetas_xml(fila.etiquetas) + discusion
    return f"<changeset{abre}>{dentro}</changeset>\n" if dentro else f"<changeset{abre}/>\n"


def _conjunto_json(fila: FilaConjunto, con_discusion: bool) -> dict[str, Any]:
    cerrado = fila.cerrado_desde
    objeto: dict[str, Any] = {
        "id": fila.id,
        "created_at": momento(fila.abierto),
        "open": cerrado is None,
        "comments_count": 0,
        "changes_count": fila.cambios,
    }
    if cerrado is not None:
        objeto["closed_at"] = momento(cerrado)
    if (caja := fila.caja) is not None:
        objeto |= {"min_lat": caja.sur, "min_lon": caja.oeste, "max_lat": caja.norte, "max_lon": caja.este}
    objeto |= {"uid": fila.persona_id, "user": fila.usuario}
    if fila.etiquetas:
        objeto["tags"] = fila.etiquetas
    if con_discusion:
        objeto["comments"] = []
    return objeto


# --- personas --------------------------------------------------------------------------------------------------------


@ruta("0.6/user/details", alcance="read_prefs")
def yo(peticion: Peticion) -> Response:
    """Quien pide."""
    return _persona(peticion, peticion.persona[0])


@ruta("0.6/user/<cifras:id>")
def persona(peticion: Peticion, id: int) -> Response:
    """Alguien que edita en el aula."""
    return _persona(peticion, id)


@ruta("0.6/users")
def personas(peticion: Peticion) -> Response:
    """Varias personas."""
    pedidas = request.args.get("users")
    if pedidas is None:
        raise EntradaInvalida("The parameter users is required, and must be of the form users=id[,id[,id...]]")
    ids = [a_entero(parte) for parte in pedidas.split(",")] if pedidas.strip(",") else []
    if not ids:
        raise EntradaInvalida("No users were given to search for")
    quien = peticion.identidad.actor.id
    with foto() as conexion:
        filas = consultas.personas(conexion, peticion.aula.id, ids, quien)
    if peticion.en() == JSON:
        return json({"users": [{"user": _persona_json(f, _se_muestra_a(peticion, f))} for f in filas]})
    return xml(_persona_xml(f, _se_muestra_a(peticion, f)) for f in filas)


def _persona(peticion: Peticion, id: int) -> Response:
    with foto() as conexion:
        filas = consultas.personas(conexion, peticion.aula.id, [id], peticion.identidad.actor.id)
    if not filas:
        raise NoExiste
    (fila,) = filas
    propia = _se_muestra_a(peticion, fila)
    if peticion.en() == JSON:
        return json({"user": _persona_json(fila, propia)})
    return xml([_persona_xml(fila, propia)])


def _se_muestra_a(peticion: Peticion, fila: FilaPersona) -> bool:
    return fila.id == peticion.identidad.actor.id and "read_prefs" in peticion.identidad.alcances


def _persona_xml(fila: FilaPersona, propia: bool) -> str:
    pd = ' pd="false"' if propia else ""
    mio = (
        f"<languages><lang>{fila.idioma}</lang></languages>"
        '<messages><received count="0" unread="0"/><sent count="0"/></messages>'
        if propia
        else ""
    )
    return (
        f'<user id="{fila.id}" display_name="{e(fila.usuario)}" account_created="{momento(fila.creada)}">'
        f'<description></description><contributor-terms agreed="true"{pd}/><roles/>'
        f'<changesets count="{fila.conjuntos}"/><traces count="0"/>'
        f'<blocks><received count="0" active="0"/></blocks>{mio}</user>\n'
    )


def _persona_json(fila: FilaPersona, propia: bool) -> dict[str, Any]:
    objeto: dict[str, Any] = {
        "id": fila.id,
        "display_name": fila.usuario,
        "account_created": momento(fila.creada),
        "description": "",
        "contributor_terms": {"agreed": True, "pd": False} if propia else {"agreed": True},
        "roles": [],
        "changesets": {"count": fila.conjuntos},
        "traces": {"count": 0},
        "blocks": {"received": {"count": 0, "active": 0}},
    }
    if propia:
        objeto["languages"] = [fila.idioma]
        objeto["messages"] = {"received": {"count": 0, "unread": 0}, "sent": {"count": 0}}
    return objeto


# --- lo que un aula no guarda: se contesta vacío, que es lo cierto ---------------------------------------------------


@ruta("0.6/user/preferences", alcance="read_prefs")
def preferencias(peticion: Peticion) -> Response:
    """Ninguna: en las aulas los editores guardan las suyas en su propia máquina."""
    return json({"preferences": {}}) if peticion.en() == JSON else xml(["<preferences/>\n"])


@ruta("0.6/user/preferences", "PUT", alcance="write_prefs")
@ruta("0.6/user/preferences/<llave>", "PUT", alcance="write_prefs")
def guardar_preferencias(peticion: Peticion, llave: str = "") -> Response:
    """Se reciben y no se guardan."""
    del peticion, llave
    cuerpo()
    return texto("")


@ruta("0.6/user/preferences/<llave>", "GET", "DELETE", alcance="read_prefs")
def una_preferencia(peticion: Peticion, llave: str) -> Response:
    """No hay ninguna."""
    del peticion, llave
    raise NoHallado


@ruta("0.6/user/gpx_files", alcance="read_gpx")
def trazas(peticion: Peticion) -> Response:
    """Ninguna."""
    return json({"traces": []}) if peticion.en() == JSON else xml([])


@ruta("0.6/trackpoints")
def puntos(peticion: Peticion) -> Response:
    """Ninguno, si la caja y la página están bien."""
    del peticion
    if a_entero(request.args.get("page")) < 0:
        raise EntradaInvalida("Page number must be greater than or equal to 0")
    exigir_tamano(caja_de_texto(request.args.get("bbox")))
    vacio = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<gpx version="1.0" creator="{escritura.GENERADOR}" xmlns="http://www.topografix.com/GPX/1/0"/>\n'
    )
    respuesta = Response(vacio, content_type="application/xml; charset=utf-8")
    respuesta.headers["Content-Disposition"] = 'attachment; filename="tracks.gpx"'
    return respuesta


@ruta("0.6/notes")
@ruta("0.6/notes/search")
def notas(peticion: Peticion) -> Response:
    """Ninguna, si lo que se pide está bien pedido."""
    if not request.path.rstrip("/").rsplit(".", 1)[0].endswith("search") or request.args.get("bbox") is not None:
        if request.args.get("bbox") is None:
            raise EntradaInvalida("No bbox was given")
        exigir_tamano(caja_de_texto(request.args["bbox"]), AREA_MAXIMA_DE_NOTAS)
    _limite("Note", *NOTAS_POR_CONSULTA)
    if peticion.en() == JSON:
        return json({"type": "FeatureCollection", "features": []}, con_raiz=False)
    return xml([])


__all__ = ["ATENCIONES", "A_CIEGAS", "RUTAS"]
