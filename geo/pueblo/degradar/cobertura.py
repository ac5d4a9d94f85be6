"""Qué parte de la verdad está en OSM: barrios enteros sin mapear, otros a medias, algunos bien."""

from collections import defaultdict
from typing import Final

from geo.pueblo.azar import Azar
from geo.pueblo.degradar.lienzo import Lienzo
from geo.pueblo.plano import largos
from geo.pueblo.trazado import BARRIOS, TIPOS
from geo.pueblo.verdad import Verdad

PARTE_QUE_FALTA: Final = 0.135
"""De las calles; al quitar las que quedan sueltas se llega a cerca del 15 %."""
DESCUIDO_POR_BARRIO: Final = {
    "Colonia 20 de Noviembre": 0.3,
    "Colonia Nueva Esperanza": 0.5,
    "Colonia Bordo Poniente": 0.6,
    "Colonia El Mirador": 0.2,
    "Colonia Campo Alegre": 0.06,
    "El Capulín": 0.8,
    "Las Huertas": 0.8,
    "Rancho Viejo": 0.7,
    "La Ciénega": 0.5,
}
DESCUIDO_POR_TIPO: Final = {"callejon": 0.4, "brecha": 0.16, "escalinata": 0.6, "privada": 0.1}
LARGO_MENOR: Final = 20.0
"""Metros: nadie deja de dibujar los pedacitos que unen dos calles."""
DESCUIDO: Final = 0.015
"""Qué tan probable es que falte una calle, comparada con las demás."""
AISLADAS: Final = 6
"""Calles sueltas que alguien dibujó en un barrio donde nadie más ha mapeado."""


def cubrir(verdad: Verdad, azar: Azar) -> Lienzo:
    """El lienzo con lo que OSM tiene, todavía bien dibujado."""
    lienzo = Lienzo(verdad)
    faltan = _calles_que_faltan(verdad, azar)
    for numero in sorted(verdad.calles):
        if numero not in faltan:
            lienzo.poner(f"w{numero}")
    _quitar_islas(lienzo, azar)
    _casas(lienzo, azar)
    for clave, rasgo in verdad.otros:
        if azar.entre(0, 1) < _presencia(rasgo.etiquetas):
            lienzo.poner(clave)
    lienzo.poner(verdad.limite)
    return lienzo


def _calles_que_faltan(verdad: Verdad, azar: Azar) -> set[int]:
    """Las que menos suerte tuvieron, según el descuido de su barrio y de su clase."""
    suertes = []
    for numero, calle in sorted(verdad.calles.items()):
        suerte = azar.entre(0, 1)
        fija = TIPOS[calle.tipo].rango <= 3 or calle.tipo == "sendero" or {"bridge", "ford"} & calle.etiquetas.keys()
        if not fija and largos(calle.puntos).sum() > LARGO_MENOR:
            barrio = BARRIOS[calle.barrio].nombre if calle.barrio >= 0 else ""
            descuido = max(DESCUIDO_POR_BARRIO.get(barrio, DESCUIDO), DESCUIDO_POR_TIPO.get(calle.tipo, 0.0))
            suertes.append((suerte / descuido, numero))
    return {numero for _, numero in sorted(suertes)[: round(PARTE_QUE_FALTA * len(verdad.calles))]}


def _quitar_islas(lienzo: Lienzo, azar: Azar) -> None:
    """Lo que quedó sin unión con la red se quita, salvo unas pocas calles sueltas que quedan como error."""
    quedan = AISLADAS
    for grupo in azar.barajados(lienzo.islas()):
        calle = grupo[0]
        linea = lienzo.linea(calle)
        solas = len(grupo) == 1 and linea.length > 45 and "bridge" not in lienzo.vias[calle].etiquetas
        if solas and quedan and set(lienzo.calles_que_cruza(linea.buffer(9))) == {calle}:
            lienzo.plantar("E-ISLA", [f"w{calle}"], lienzo.puntos(calle)[len(lienzo.vias[calle].nodos) // 2])
            quedan -= 1
            continue
        for otra in grupo:
            lienzo.quitar(f"w{otra}")


def _casas(lienzo: Lienzo, azar: Azar) -> None:
    """Manzanas completas, a medias o vacías, según lo mapeado que esté su barrio."""
    por_manzana = defaultdict(list)
    for casa in lienzo.verdad.casas:
        por_manzana[casa.edificio.manzana].append(casa)
    for manzana in sorted(por_manzana):
        barrio = por_manzana[manzana][0].barrio
        parte = _parte_mapeada(BARRIOS[barrio].mapeado, azar) if barrio >= 0 else 0.75
        for casa in por_manzana[manzana]:
            chico = 0.55 if casa.edificio.etiquetas["building"] == "shed" else 1.0
            if azar.moneda(parte * chico):
                lienzo.poner(casa.clave)
                _simplificar(lienzo, casa.clave, azar)


def _parte_mapeada(mapeado: float, azar: Azar) -> float:
    dado = azar.entre(0, 1)
    if dado < mapeado:
        return azar.entre(0.93, 1.0)
    return azar.entre(0.15, 0.6) if dado < mapeado + 0.5 * (1 - mapeado) * min(1.0, 4 * mapeado) else 0.0


def _simplificar(lienzo: Lienzo, clave: str, azar: Azar) -> None:
    """En OSM las casas dicen menos que en la verdad: casi todas son sólo «edificio»."""
    numero = int(clave[1:])
    etiquetas = lienzo.vias[numero].etiquetas if clave[0] == "w" else lienzo.relaciones[numero].etiquetas
    if etiquetas["building"] in ("house", "residential", "detached", "hut", "shed") and azar.moneda(0.8):
        etiquetas["building"] = "yes"
    if azar.moneda(0.75):
        etiquetas.pop("building:levels", None)
    if azar.moneda(0.7):
        for llave in ("addr:street", "addr:housenumber"):
            etiquetas.pop(llave, None)


def _presencia(etiquetas: dict[str, str]) -> float:
    """Probabilidad de que un rasgo que no es calle ni edificio esté en OSM."""
    for llaves, probabilidad in (
        (("place", "water", "waterway", "ford", "power", "noexit", "boundary", "operator"), 1.0),
        (("crop",), 0.34),
        (("shop", "cuisine", "healthcare", "tourism"), 0.45),
        (("leisure", "amenity"), 0.75),
        (("barrier",), 0.6),
    ):
        if any(llave in etiquetas for llave in llaves):
            return probabilidad
    if etiquetas.get("natural") == "tree":
        return 0.25
    return {"residential": 0.75, "meadow": 0.3, "orchard": 0.5}.get(etiquetas.get("landuse", ""), 0.7)
