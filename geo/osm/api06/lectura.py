"""Lee documentos ``osm`` y ``osmChange`` que llegan de fuera, sin DOCTYPE ni entidades y con topes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from geo.osm.api06.errores import (
    AccionDesconocida,
    DemasiadosCambios,
    EntradaInvalida,
    ErrorApi,
    EtiquetaRepetida,
    XmlInvalido,
)
from geo.osm.api06.valores import MODELOS, NODO, NOMBRES, VIA, Cambio, a_entero, a_escala, decimal_exacto, en_el_mundo

NIVELES = 50
PIEZAS_MAXIMAS = 100_000
NODOS_POR_VIA = 2000
MIEMBROS_POR_RELACION = 32_000
ACCIONES = ("create", "modify", "delete")
_TROZO = 256 * 1024


@dataclass(slots=True)
class Pieza:
    """Un elemento XML ya leído."""

    nombre: str
    atributos: dict[str, str]
    hijos: list["Pieza"] = field(default_factory=list)

    def texto(self) -> str:
        """El elemento escrito de nuevo, para repetirlo en un error."""
        atributos = "".join(
            f' {llave}="{escape(valor, {chr(34): "&quot;"})}"' for llave, valor in self.atributos.items()
        )
        if not self.hijos:
            return f"<{self.nombre}{atributos}/>"
        dentro = "".join(hijo.texto() for hijo in self.hijos[:100])
        return f"<{self.nombre}{atributos}>{dentro}</{self.nombre}>"


class _DemasiadasPiezas(Exception):
    pass


def leer_elemento(datos: bytes, tipo: str, *, crear: bool, accion: str = "") -> Cambio:
    """El primer elemento de ese tipo de un documento ``<osm>``.

    Parameters
    ----------
    crear
        Sin versión ni id obligatorios.

    Raises
    ------
    ErrorApi
        Con el texto y el número del protocolo.
    """
    modelo = NOMBRES[tipo]
    raiz = _documento(datos, modelo)
    pieza = next((p for p in raiz.hijos if p.nombre == modelo), None) if raiz.nombre == "osm" else None
    if pieza is None:
        raise XmlInvalido(modelo, _como_texto(datos), f"XML doesn't contain an osm/{modelo} element.")
    return _elemento(pieza, accion or ("create" if crear else "modify"), crear=crear)


def leer_conjunto(datos: bytes) -> dict[str, str]:
    """Etiquetas del primer conjunto de cambios de un documento ``<osm>``.

    Raises
    ------
    ErrorApi
    """
    raiz = _documento(datos, "changeset")
    pieza = next((p for p in raiz.hijos if p.nombre == "changeset"), None) if raiz.nombre == "osm" else None
    if pieza is None:
        raise XmlInvalido("changeset", _como_texto(datos), "XML doesn't contain an osm/changeset element.")
    return _etiquetas(pieza, "changeset", None)


def leer_cambios(datos: bytes, maximo: int) -> tuple[list[Cambio], ErrorApi | None]:
    """Los cambios de un ``<osmChange>``, en el orden del documento, hasta el primero que no se entienda.

    Quien aplica los cambios necesita los de antes del error: si uno de ésos falla, ése es el error que cuenta.

    Parameters
    ----------
    maximo
        Cambios que se leen; si hay más, el error es `DemasiadosCambios`.
    """
    lector = _LectorDeCambios(maximo)
    try:
        _recorrer(datos, "changeset", lector.abrir, lector.cerrar)
    except ErrorApi as error:
        return lector.cambios, error
    return lector.cambios, None


class _LectorDeCambios:
    """Arma un elemento a la vez: nunca tiene en memoria el documento entero."""

    def __init__(self, maximo: int) -> None:
        self.cambios: list[Cambio] = []
        self._maximo = maximo
        self._nivel = 0
        self._accion = ""
        self._si_no_se_usa = False
        self._pila: list[Pieza] = []
        self._sobran = 0

    def abrir(self, nombre: str, atributos: dict[str, str]) -> None:
        self._nivel += 1
        if self._nivel == 1:
            if nombre != "osmChange":
                raise EntradaInvalida("Document element should be 'osmChange'.")
        elif self._nivel == 2:
            if nombre not in ACCIONES:
                raise AccionDesconocida(nombre)
            self._accion, self._si_no_se_usa = nombre, "if-unused" in atributos
        elif self._nivel == 3:
            if nombre not in MODELOS:
                raise EntradaInvalida(f"Unexpected element type {nombre}, expected node, way or relation.")
            if len(self.cambios) >= self._maximo:
                raise DemasiadosCambios
            self._sobran = 0
            self._pila = [Pieza(nombre, atributos)]
        elif self._nivel == 4:
            padre = self._pila[0]
            if len(padre.hijos) <= MIEMBROS_POR_RELACION + 10_000:
                padre.hijos.append(Pieza(nombre, atributos))
            elif nombre in ("nd", "member"):
                self._sobran += 1
            else:
                raise EntradaInvalida(f"The {padre.nombre} has too many tags")

    def cerrar(self, _nombre: str) -> None:
        if self._nivel == 3:
            cambio = self._leer(self._pila.pop())
            cambio.si_no_se_usa = self._si_no_se_usa
            cambio.de_mas += self._sobran
            self.cambios.append(cambio)
        self._nivel -= 1

    def _leer(self, pieza: Pieza) -> Cambio:
        if self._accion == "delete":
            # Un borrado no tiene que traer más que estos tres.
            de = pieza.atributos.get
            return Cambio(
                "delete",
                MODELOS[pieza.nombre],
                a_entero(de("id")),
                a_entero(de("version")),
                a_entero(de("changeset")),
            )
        return _elemento(pieza, self._accion, crear=self._accion == "create")


def _elemento(pieza: Pieza, accion: str, *, crear: bool) -> Cambio:
    """Lee un elemento con el mismo orden de revisiones que la implementación de referencia."""
    modelo, de = pieza.nombre, pieza.atributos.get
    tipo = MODELOS[modelo]
    lon = lat = 0
    if tipo == NODO:
        for cual in ("lat", "lon"):
            if de(cual) is None:
                raise XmlInvalido(modelo, pieza.texto(), f"{cual} missing")
        lat, lon = _numero(pieza, "lat"), _numero(pieza, "lon")
        if de("changeset") is None:
            raise XmlInvalido(modelo, pieza.texto(), "Changeset id is missing")
        if not en_el_mundo(lon, lat):
            raise EntradaInvalida("The node is outside this world")
    version = de("version")
    if not crear and version is None:
        raise XmlInvalido(modelo, pieza.texto(), "Version is required when updating")
    if de("changeset") is None:
        raise XmlInvalido(modelo, pieza.texto(), "Changeset id is missing")
    id = None
    if not crear:
        if de("id") is None:
            punto = "." if tipo == NODO else ""
            raise XmlInvalido(modelo, pieza.texto(), f"ID is required when updating{punto}")
        id = a_entero(de("id"))
        if id == 0:
            raise EntradaInvalida(f"ID of {modelo} cannot be zero when updating.")
    cambio = Cambio(accion, tipo, id, 0 if crear else a_entero(version), a_entero(de("changeset")), lon=lon, lat=lat)
    cambio.provisional = a_entero(de("id"))
    cambio.etiquetas = _etiquetas(pieza, modelo, id)
    if tipo == VIA:
        for hijo in pieza.hijos:
            if hijo.nombre == "nd":
                if len(cambio.nodos) > NODOS_POR_VIA:
                    cambio.de_mas += 1
                else:
                    cambio.nodos.append(a_entero(hijo.atributos.get("ref")))
    elif tipo != NODO:
        _miembros(pieza, cambio)
    return cambio


def _miembros(pieza: Pieza, cambio: Cambio) -> None:
    for hijo in pieza.hijos:
        if hijo.nombre != "member":
            continue
        de_tipo = hijo.atributos.get("type", "")
        if de_tipo not in MODELOS:
            raise XmlInvalido(
                "relation", pieza.texto(), f'The {de_tipo} is not allowed only, ["node", "way", "relation"] allowed'
            )
        if len(cambio.miembros) > MIEMBROS_POR_RELACION:
            cambio.de_mas += 1
            continue
        cambio.miembros.append((MODELOS[de_tipo], a_entero(hijo.atributos.get("ref"))))
        cambio.roles.append(hijo.atributos.get("role", ""))


def _numero(pieza: Pieza, cual: str) -> int:
    numero = decimal_exacto(pieza.atributos[cual])
    if numero is None:
        raise XmlInvalido("node", pieza.texto(), f"{cual} not a number")
    return a_escala(numero)


def _etiquetas(pieza: Pieza, modelo: str, id: int | None) -> dict[str, str]:
    etiquetas: dict[str, str] = {}
    for hijo in pieza.hijos:
        if hijo.nombre != "tag":
            continue
        llave, valor = hijo.atributos.get("k"), hijo.atributos.get("v")
        if llave is None:
            raise XmlInvalido(modelo, pieza.texto(), "tag is missing key")
        if valor is None:
            raise XmlInvalido(modelo, pieza.texto(), "tag is missing value")
        if llave in etiquetas:
            raise EtiquetaRepetida(modelo, id, llave)
        etiquetas[llave] = valor
    return etiquetas


def _documento(datos: bytes, modelo: str) -> Pieza:
    pila: list[Pieza] = []
    raices: list[Pieza] = []
    cuantas = 0

    def abrir(nombre: str, atributos: dict[str, str]) -> None:
        nonlocal cuantas
        cuantas += 1
        if cuantas > PIEZAS_MAXIMAS:
            raise _DemasiadasPiezas
        pieza = Pieza(nombre, atributos)
        (pila[-1].hijos if pila else raices).append(pieza)
        pila.append(pieza)

    def cerrar(_nombre: str) -> None:
        pila.pop()

    try:
        _recorrer(datos, modelo, abrir, cerrar)
    except _DemasiadasPiezas:
        raise XmlInvalido(modelo, _como_texto(datos), "The document has too many elements.") from None
    return raices[0]


def _recorrer(
    datos: bytes, modelo: str, abrir: Callable[[str, dict[str, str]], None], cerrar: Callable[[str], None]
) -> None:
    analizador = expat.ParserCreate()
    nivel = 0

    def rechazar(*_: object) -> None:
        raise XmlInvalido(modelo, _como_texto(datos), "Document type declarations and entities are not allowed.")

    def al_abrir(nombre: str, atributos: dict[str, str]) -> None:
        nonlocal nivel
        nivel += 1
        if nivel > NIVELES:
            raise XmlInvalido(modelo, _como_texto(datos), "The document is nested too deeply.")
        abrir(nombre, atributos)

    def al_cerrar(nombre: str) -> None:
        nonlocal nivel
        nivel -= 1
        cerrar(nombre)

    analizador.StartDoctypeDeclHandler = rechazar
    analizador.EntityDeclHandler = rechazar
    analizador.StartElementHandler = al_abrir
    analizador.EndElementHandler = al_cerrar
    try:
        for desde in range(0, len(datos), _TROZO):
            analizador.Parse(datos[desde : desde + _TROZO], False)
        analizador.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise XmlInvalido(modelo, _como_texto(datos), _queja(error)) from error


def _queja(error: Exception) -> str:
    if isinstance(error, expat.ExpatError):
        return f"Fatal error: {expat.ErrorString(error.code)} at :{error.lineno}."
    return "Fatal error: Document has an unknown encoding."


def _como_texto(datos: bytes) -> str:
    return datos[:8000].decode("utf-8", "replace")
