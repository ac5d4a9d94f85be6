"""Comercios, paradas y otros puntos de interés, y los números de las casas."""

from collections import defaultdict

import numpy as np
import shapely
from shapely.geometry import LineString

from geo.pueblo.azar import Azar
from geo.pueblo.edificios import Edificio
from geo.pueblo.nombres import COMERCIOS
from geo.pueblo.rasgos import Rasgo
from geo.pueblo.red import Red
from geo.pueblo.urbe import Urbe

CONCURRENCIA = {"carretera": 0.3, "avenida": 0.24, "calle_vieja": 0.075, "camino": 0.12}
"""Probabilidad de que una casa tenga comercio, según la clase de su calle; en las demás, :data:`RALA`."""
RALA = 0.028


def clasificar(casas: list[Edificio], azar: Azar) -> None:
    """Pone a cada casa su clase de edificio y, a veces, sus pisos."""
    for casa in casas:
        if casa.etiquetas:
            continue
        area = casa.poligono.area
        opciones = ("house", "residential", "detached", "yes")
        casa.etiquetas["building"] = azar.elige(opciones, (0.66, 0.14, 0.06, 0.14)) if area > 28 else "hut"
        if area > 420 and azar.moneda(0.5):
            casa.etiquetas["building"] = azar.elige(("apartments", "commercial"))
        if azar.moneda(0.34):
            casa.etiquetas["building:levels"] = azar.elige(("1", "2", "3"), (0.55, 0.4, 0.05))


def numerar(casas: list[Edificio], red: Red, nombres: dict[int, str], centro: set[int], azar: Azar) -> None:
    """Pone calle y número a las casas del centro y a algunas más.

    Parameters
    ----------
    casas : list of Edificio
    red : Red
    nombres : dict of int to str
        Nombre de cada calle.
    centro : set of int
        Manzanas del barrio del centro.
    azar : Azar
    """
    ejes: dict[int, LineString] = {}
    for linea in {t.linea for t in red.tramos}:
        ejes[linea] = LineString(red.lineas[linea].puntos)
    usados: dict[int, set[int]] = defaultdict(set)
    for casa in casas:
        nombre = nombres.get(casa.linea)
        if not nombre or "shed" in casa.etiquetas.values() or not azar.moneda(0.8 if casa.manzana in centro else 0.12):
            continue
        eje, lugar = ejes[casa.linea], casa.contorno.mean(axis=0)
        donde = eje.project(shapely.Point(lugar))
        a, b = (shapely.get_coordinates(eje.interpolate(x))[0] for x in (max(0.0, donde - 1), donde + 1))
        derecha = (b - a)[0] * (lugar - a)[1] - (b - a)[1] * (lugar - a)[0] < 0
        numero = 100 + 2 * int(donde / 4.0) + int(derecha)
        while numero in usados[casa.linea]:
            numero += 2
        usados[casa.linea].add(numero)
        casa.etiquetas |= {"addr:street": nombre, "addr:housenumber": str(numero)}


def comercios(casas: list[Edificio], urbe: Urbe, azar: Azar) -> list[Rasgo]:
    """Un punto dentro de cada casa con comercio."""
    giros = [(etiquetas, nombres) for etiquetas, nombres, _ in COMERCIOS]
    pesos = [peso for *_, peso in COMERCIOS]
    rasgos = []
    for casa in casas:
        if casa.linea < 0 or "shed" in casa.etiquetas.values():
            continue
        if not azar.moneda(CONCURRENCIA.get(urbe.red.lineas[casa.linea].tipo, RALA)):
            continue
        etiquetas, nombres = azar.elige(giros, pesos)
        punto = shapely.get_coordinates(casa.poligono.representative_point())
        rasgos.append(Rasgo("punto", punto, {**etiquetas, "name": azar.elige(nombres)}, capa="objetos"))
        if casa.etiquetas.get("building") == "house" and azar.moneda(0.3):
            casa.etiquetas["building"] = "retail"
    return rasgos


def paradas(urbe: Urbe, ocupado: shapely.STRtree, azar: Azar) -> list[Rasgo]:
    """Paradas de autobús a la orilla de las vías principales y tomas de agua en las colonias sin servicio."""
    rasgos = []
    desde = 0.0
    for tramo in urbe.red.tramos:
        tipo = urbe.red.tipo(tramo)
        if tipo not in ("carretera", "avenida", "camino"):
            continue
        desde += tramo.largo
        eje = LineString(tramo.puntos)
        if desde < 330 or tramo.largo < 30 or not urbe.orilla.contains(eje):
            continue
        desde = 0.0
        punto = eje.offset_curve(azar.elige((-6.0, 6.0))).interpolate(0.5, normalized=True)
        if not len(ocupado.query(punto, predicate="dwithin", distance=0.8)):
            rasgos.append(
                Rasgo("punto", shapely.get_coordinates(punto), {"highway": "bus_stop", "bus": "yes"}, capa="objetos")
            )
    for manzana in urbe.manzanas:
        if azar.moneda(0.03):
            punto = manzana.poligono.representative_point()
            if not len(ocupado.query(punto, predicate="dwithin", distance=2.0)):
                clase = azar.elige(
                    ({"man_made": "water_well"}, {"amenity": "drinking_water"}, {"amenity": "recycling"})
                )
                rasgos.append(Rasgo("punto", shapely.get_coordinates(punto), clase, capa="objetos"))
    return [r for r in rasgos if not np.isnan(r.puntos).any()]
