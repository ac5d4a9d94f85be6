"""Aplica cambios, en orden, sobre la parte del aula que tocan; todo en memoria.

Quien lo usa carga de una vez lo que los cambios mencionan, los aplica, y escribe de una vez las versiones que
resultan. Cada revisión va en el mismo orden que en la implementación de referencia: de ahí sale qué error gana cuando
hay varios.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from geo.osm.api06.valores import CLASES, NODO, NOMBRES, RELACION, VIA, Cambio
from tareas.practica.api06.errores import (
    ConjuntoAjeno,
    ConjuntoAusente,
    ConjuntoCerrado,
    ConjuntoDistinto,
    DemasiadosMiembros,
    DemasiadosNodos,
    EntradaInvalida,
    NoExiste,
    PrecondicionFallida,
    VersionDistinta,
    YaBorrado,
)
from tareas.practica.api06.reglas import (
    CAMBIOS_POR_CONJUNTO,
    MIEMBROS_POR_RELACION,
    NODOS_POR_VIA,
    exigir_etiquetas,
    exigir_roles,
)

Clave = tuple[str, int]


@dataclass(slots=True)
class Estado:
    """Un elemento como está. ``miembros`` son pares ``(tipo, id)``."""

    tipo: str
    id: int
    version: int
    visible: bool = True
    etiquetas: dict[str, str] = field(default_factory=dict)
    lon: int = 0
    lat: int = 0
    nodos: Sequence[int] = ()
    miembros: Sequence[Clave] = ()
    roles: Sequence[str] = ()

    @property
    def usa(self) -> set[Clave]:
        """Lo que este elemento necesita que exista."""
        return {(NODO, n) for n in self.nodos} if self.tipo == VIA else set(self.miembros)


@dataclass(frozen=True, slots=True)
class Conjunto:
    """Un conjunto de cambios y si admite más, al momento de mirarlo."""

    id: int
    persona_id: int
    cerrado: datetime | None
    """Desde cuándo no admite cambios; ``None`` si está abierto."""

    cambios: int
    ahora: datetime


@dataclass(slots=True)
class Paso:
    """Una versión nueva: cómo estaba el elemento, cómo queda y por dónde pasa, antes y después."""

    accion: str
    antes: Estado | None
    despues: Estado
    lugares_antes: list[tuple[int, int]]
    lugares: list[tuple[int, int]]


@dataclass(slots=True)
class Resultado:
    """Un renglón de ``diffResult``. ``id`` y ``version`` son ``None`` en lo borrado."""

    tipo: str
    pedido: int
    id: int | None = None
    version: int | None = None


class Caja:
    """Caja que crece, en diezmillonésimas de grado."""

    def __init__(self) -> None:
        self.limites: tuple[int, int, int, int] | None = None

    def crecer(self, lugares: Iterable[tuple[int, int]]) -> None:
        """Hace que quepan estos lugares."""
        for lon, lat in lugares:
            if self.limites is None:
                self.limites = (lon, lat, lon, lat)
            else:
                o, s, e, n = self.limites
                self.limites = (min(o, lon), min(s, lat), max(e, lon), max(n, lat))


class Mundo:
    """La parte del aula que unos cambios tocan.

    Parameters
    ----------
    elementos
        Todo lo que los cambios mencionan y existe (borrado o no), y los nodos de esas vías.
    usos
        Quién usa cada cosa que se va a borrar.
    conjunto
        El de los cambios; ``None`` si no existe.
    persona_id
        Quien los pide.
    nuevo_id
        Da un id sin usar.
    """

    def __init__(
        self,
        elementos: dict[Clave, Estado],
        usos: dict[Clave, set[Clave]],
        conjunto: Conjunto | None,
        persona_id: int,
        nuevo_id: Callable[[], int],
    ) -> None:
        self._elementos = elementos
        self._usos = usos
        self._conjunto = conjunto
        self._persona_id = persona_id
        self._nuevo_id = nuevo_id
        self._provisionales: dict[Clave, int] = {}
        self._iniciales: dict[Clave, Estado | None] = {}
        self.pasos: list[Paso] = []
        self.caja = Caja()

    # --- antes y después ---------------------------------------------------------------------------------------------

    def antes(self, clave: Clave) -> Estado | None:
        """Cómo estaba antes de todos los cambios; ``None`` si no existía o no se cargó."""
        return self._iniciales[clave] if clave in self._iniciales else self._elementos.get(clave)

    def despues(self, clave: Clave) -> Estado | None:
        """Cómo queda después de todos los cambios."""
        return self._elementos.get(clave)

    @property
    def tocados(self) -> Iterable[Clave]:
        """Lo que tiene alguna versión nueva, en orden."""
        return self._iniciales.keys()

    def faltan(self, claves: Iterable[Clave]) -> set[Clave]:
        """De éstas, las que no se han cargado."""
        return {clave for clave in claves if clave not in self._elementos}

    def agregar(self, elementos: dict[Clave, Estado]) -> None:
        """Carga más de lo que hay en el aula; lo que ya estaba no cambia."""
        self._elementos = elementos | self._elementos

    # --- de uno en uno -----------------------------------------------------------------------------------------------

    def uno(self, cambio: Cambio) -> Estado:
        """Aplica un cambio suelto (``PUT``, ``DELETE``), sin ids provisionales.

        Raises
        ------
        ErrorApi
        """
        if cambio.accion == "create":
            return self._crear(cambio, self._nuevo_id)
        actual = self._existente((cambio.tipo, cambio.id or 0))
        return self._modificar(actual, cambio) if cambio.accion == "modify" else self._borrar(actual, cambio)

    # --- un osmChange ------------------------------------------------------------------------------------------------

    def de_subida(self, cambio: Cambio) -> Resultado:
        """Aplica un cambio de un osmChange.

        Raises
        ------
        ErrorApi
        """
        assert self._conjunto is not None
        tipo = cambio.tipo
        if cambio.accion == "create":
            self._exigir_mismo_conjunto(cambio)
            if (tipo, cambio.provisional) in self._provisionales:
                raise EntradaInvalida("Placeholder IDs must be unique for created elements.")
            self._sin_provisionales(cambio, cambio.provisional)
            nuevo = self._crear(cambio, self._nuevo_id)
            self._provisionales[tipo, cambio.provisional] = nuevo.id
            return Resultado(tipo, cambio.provisional, nuevo.id, nuevo.version)
        pedido = cambio.id or 0
        id = self._provisionales.get((tipo, pedido), pedido)
        if cambio.accion == "modify":
            self._exigir_mismo_conjunto(cambio)
            actual = self._existente((tipo, id))
            self._sin_provisionales(cambio, pedido)
            cambio.id = id
            nuevo = self._modificar(actual, cambio)
            return Resultado(tipo, pedido, id, nuevo.version)
        actual = self._existente((tipo, id))
        self._exigir_mismo_conjunto(cambio)
        cambio.id = id
        try:
            self._borrar(actual, cambio)
        except (YaBorrado, PrecondicionFallida):
            if not cambio.si_no_se_usa:
                raise
            return Resultado(tipo, pedido, id, actual.version)
        return Resultado(tipo, pedido)

    def _exigir_mismo_conjunto(self, cambio: Cambio) -> None:
        assert self._conjunto is not None
        if cambio.conjunto != self._conjunto.id:
            raise ConjuntoDistinto(cambio.conjunto, self._conjunto.id)

    def _sin_provisionales(self, cambio: Cambio, propio: int) -> None:
        """Cambia los ids negativos por los verdaderos: sólo valen los de elementos creados antes en el documento."""
        if cambio.tipo == VIA:
            for i, nodo in enumerate(cambio.nodos):
                if nodo < 0:
                    verdadero = self._provisionales.get((NODO, nodo))
                    if verdadero is None:
                        raise EntradaInvalida(f"Placeholder node not found for reference {nodo} in way {propio}")
                    cambio.nodos[i] = verdadero
        for i, (tipo, id) in enumerate(cambio.miembros):
            if id < 0:
                verdadero = self._provisionales.get((tipo, id))
                if verdadero is None:
                    raise EntradaInvalida(
                        f"Placeholder {CLASES[tipo]} not found for reference {id} in relation {propio}."
                    )
                cambio.miembros[i] = (tipo, verdadero)

    # --- lo que se puede hacer con un elemento -----------------------------------------------------------------------

    def _existente(self, clave: Clave) -> Estado:
        estado = self._elementos.get(clave)
        if estado is None:
            raise NoExiste
        return estado

    def _exigir_conjunto(self) -> None:
        conjunto = self._conjunto
        if conjunto is None:
            raise ConjuntoAusente
        if conjunto.persona_id != self._persona_id:
            raise ConjuntoAjeno
        if conjunto.cerrado is not None:
            raise ConjuntoCerrado(conjunto.id, conjunto.cerrado)
        if conjunto.cambios + len(self.pasos) >= CAMBIOS_POR_CONJUNTO:
            raise ConjuntoCerrado(conjunto.id, conjunto.ahora)

    def _exigir_al_dia(self, actual: Estado, cambio: Cambio) -> None:
        if cambio.version != actual.version:
            raise VersionDistinta(CLASES[actual.tipo], actual.id, cambio.version, actual.version)
        self._exigir_conjunto()

    def _crear(self, cambio: Cambio, nuevo_id: Callable[[], int]) -> Estado:
        self._exigir_conjunto()
        self._exigir_referencias(cambio, None)
        self._exigir_textos(cambio, None)
        return self._guardar("crear", None, self._estado(cambio, nuevo_id(), 1))

    def _modificar(self, actual: Estado, cambio: Cambio) -> Estado:
        self._exigir_al_dia(actual, cambio)
        self._exigir_referencias(cambio, actual)
        self._exigir_textos(cambio, actual.id)
        return self._guardar("modificar", actual, self._estado(cambio, actual.id, actual.version + 1))

    def _borrar(self, actual: Estado, cambio: Cambio) -> Estado:
        if not actual.visible:
            raise YaBorrado(NOMBRES[actual.tipo], actual.id)
        self._exigir_al_dia(actual, cambio)
        self._exigir_sin_uso(actual)
        return self._guardar(
            "borrar",
            actual,
            replace(actual, version=actual.version + 1, visible=False, etiquetas={}, nodos=(), miembros=(), roles=()),
        )

    def _exigir_sin_uso(self, actual: Estado) -> None:
        usan = self._usos.get((actual.tipo, actual.id), set())
        vias = sorted(id for tipo, id in usan if tipo == VIA)
        relaciones = sorted(id for tipo, id in usan if tipo == RELACION)
        if actual.tipo == RELACION:
            if relaciones:
                raise PrecondicionFallida(f"The relation {actual.id} is used in relation {relaciones[0]}.")
            return
        clase = CLASES[actual.tipo]
        if vias:
            raise PrecondicionFallida(f"{clase} {actual.id} is still used by ways {','.join(map(str, vias))}.")
        if relaciones:
            raise PrecondicionFallida(
                f"{clase} {actual.id} is still used by relations {','.join(map(str, relaciones))}."
            )

    def _exigir_referencias(self, cambio: Cambio, actual: Estado | None) -> None:
        id = "" if actual is None else str(actual.id)
        if cambio.tipo == VIA:
            if not cambio.nodos:
                que = "create way" if actual is None else f"update way {id}"
                raise PrecondicionFallida(f"Cannot {que}: data is invalid.")
            cuantos = len(cambio.nodos) + cambio.de_mas
            if cuantos > NODOS_POR_VIA:
                raise DemasiadosNodos(actual.id if actual else None, cuantos, NODOS_POR_VIA)
            conocidos = set(actual.nodos) if actual else set()
            faltan = sorted({n for n in cambio.nodos if n not in conocidos and not self._esta((NODO, n))})
            if faltan:
                raise PrecondicionFallida(
                    f"Way {id} requires the nodes with id in ({','.join(map(str, faltan))}), "
                    "which either do not exist, or are not visible."
                )
        elif cambio.tipo == RELACION:
            cuantos = len(cambio.miembros) + cambio.de_mas
            if cuantos > MIEMBROS_POR_RELACION:
                raise DemasiadosMiembros(actual.id if actual else None, cuantos, MIEMBROS_POR_RELACION)
            buenos = set(actual.miembros) if actual else set()
            for miembro in cambio.miembros:
                if miembro not in buenos and not self._esta(miembro):
                    raise PrecondicionFallida(
                        f"Relation with id {id} cannot be saved due to {CLASES[miembro[0]]} with id {miembro[1]}"
                    )

    def _esta(self, clave: Clave) -> bool:
        estado = self._elementos.get(clave)
        return estado is not None and estado.visible

    def _exigir_textos(self, cambio: Cambio, id: int | None) -> None:
        de = cambio.provisional if id is None else id
        exigir_etiquetas(cambio.etiquetas, CLASES[cambio.tipo], de)
        exigir_roles(cambio.roles, de)

    @staticmethod
    def _estado(cambio: Cambio, id: int, version: int) -> Estado:
        return Estado(
            cambio.tipo,
            id,
            version,
            True,
            cambio.etiquetas,
            cambio.lon,
            cambio.lat,
            cambio.nodos,
            cambio.miembros,
            cambio.roles,
        )

    # --- guardar -----------------------------------------------------------------------------------------------------

    def _guardar(self, accion: str, antes: Estado | None, despues: Estado) -> Estado:
        clave = (despues.tipo, despues.id)
        self._iniciales.setdefault(clave, antes)
        lugares_antes = self._lugares(antes) if antes is not None and antes.visible else []
        self._elementos[clave] = despues
        lugares = self._lugares(despues) if despues.visible else []
        self.pasos.append(Paso(accion, antes, despues, lugares_antes, lugares))
        if despues.tipo == RELACION:
            for miembro in self._miembros_que_cuentan(antes, despues):
                if miembro[0] != RELACION and (estado := self._elementos.get(miembro)) is not None:
                    self.caja.crecer(self._lugares(estado))
        else:
            self.caja.crecer([(antes.lon, antes.lat)] if antes and antes.tipo == NODO else lugares_antes)
            self.caja.crecer(lugares)
        usaba = antes.usa if antes is not None and antes.visible else set()
        usara = despues.usa
        for cosa in usaba - usara:
            if cosa in self._usos:
                self._usos[cosa].discard(clave)
        for cosa in usara - usaba:
            self._usos.setdefault(cosa, set()).add(clave)
        return despues

    @staticmethod
    def _miembros_que_cuentan(antes: Estado | None, despues: Estado) -> Sequence[Clave]:
        """Los miembros que agrandan la caja: si cambian las etiquetas, todos; si no, los que entran o salen."""
        if antes is None or (antes.etiquetas or {}) != (despues.etiquetas or {}):
            return despues.miembros
        de_antes = set(zip(antes.miembros, antes.roles, strict=True))
        de_ahora = set(zip(despues.miembros, despues.roles, strict=True))
        return [miembro for miembro, _rol in de_antes ^ de_ahora]

    def _lugares(self, estado: Estado) -> list[tuple[int, int]]:
        if estado.tipo == NODO:
            return [(estado.lon, estado.lat)]
        nodos = (self._elementos.get((NODO, n)) for n in estado.nodos)
        return [(n.lon, n.lat) for n in nodos if n is not None]
