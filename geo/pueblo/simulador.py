"""Mapeo simulado: los cambios que haría quien dibuja, tarea por tarea, lo que a OSM le falta."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple
from xml.sax.saxutils import quoteattr

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from geo.pueblo.formas import coordenadas, edificios
from geo.pueblo.tipos import Clave, Pueblo

SALTO: Final = {"n": 5_000_000_000, "w": 500_000_000, "r": 50_000_000}
"""Lo que se suma al número de la verdad para numerar lo que se agrega: siempre el mismo, y después de la base."""
TAPADO: Final = 0.05
"""Parte de un edificio que, si ya está cubierta por otro de OSM, hace que no se vuelva a dibujar."""


OLVIDO: Final = 7
"""Uno de cada tantos objetos es de los que quien mapea deja pasar la primera vez."""


class Trazo(NamedTuple):
    """Lo que una persona dibuja de una vez.

    Attributes
    ----------
    poligono : Polygon or MultiPolygon
        Grados EPSG:4326.
    cuando : datetime
        Con zona horaria; es la fecha de todos los objetos.
    uid, usuario
        La cuenta de OSM que firma.
    conjunto : int
        Número del conjunto de cambios.
    completo : bool
        Si es falso, deja pasar uno de cada `OLVIDO` objetos, siempre los mismos: se dibujan con otro trazo.
    """

    poligono: BaseGeometry
    cuando: datetime
    uid: int
    usuario: str
    conjunto: int
    completo: bool = True


class Simulador:
    """Agrega a OSM, área por área, los edificios y calles que le faltan.

    Los cambios se aplican a la base en el orden en que se pidieron. Cada objeto se crea una sola vez, con un número que
    depende sólo del objeto verdadero; los nodos que comparten dos objetos (cruces, paredes) se crean con el primero y
    los que la base ya tiene se aprovechan.

    Parameters
    ----------
    pueblo : Pueblo
    """

    def __init__(self, pueblo: Pueblo) -> None:
        self._verdad, self._osm = pueblo.verdad, pueblo.osm
        presentes = {clave for origen in pueblo.verdad_de.values() for clave in origen}
        casas = {k: p for k, p in edificios(pueblo.verdad).items() if k not in presentes}
        casas = _destapadas(casas, [p for p in edificios(pueblo.osm).values() if p.is_valid])
        calles = {
            f"w{v}": LineString(coordenadas(self._verdad, v)) for v, via in self._verdad.vias.items()
            if "highway" in via.etiquetas and f"w{v}" not in presentes
        }  # fmt: skip
        self._claves: list[Clave] = [*casas, *calles]
        lugares = [p.representative_point() for p in casas.values()]
        lugares += [c.interpolate(0.5, normalized=True) for c in calles.values()]
        self._lugares = np.array(lugares, dtype=object)
        self._hechas: set[Clave] = set()

    def faltantes(self, poligono: BaseGeometry) -> list[Clave]:
        """Claves verdaderas de los edificios y calles que faltan dentro del polígono.

        Un edificio está dentro cuando lo está su punto representativo; una calle, cuando lo está su punto medio.

        Parameters
        ----------
        poligono : Polygon or MultiPolygon
            Grados EPSG:4326.
        """
        shapely.prepare(poligono)
        dentro = shapely.contains(poligono, self._lugares).tolist()
        return [c for c, esta in zip(self._claves, dentro, strict=True) if esta and c not in self._hechas]

    def cambio_por_tarea(
        self, poligono: BaseGeometry, cuando: datetime, uid: int, usuario: str, conjunto: int
    ) -> bytes:
        """El osmChange que dibuja lo que falta dentro del polígono.

        Parameters
        ----------
        poligono : Polygon or MultiPolygon
            Grados EPSG:4326.
        cuando : datetime
            Con zona horaria; es la fecha de todos los objetos.
        uid, usuario
            La cuenta de OSM que firma.
        conjunto : int
            Número del conjunto de cambios.

        Returns
        -------
        bytes
            XML de osmChange, con nodos, vías y relaciones en orden. Sin objetos si no falta nada.
        """
        return self.cambio([Trazo(poligono, cuando, uid, usuario, conjunto)])[0]

    def cambio(self, trazos: Iterable[Trazo]) -> tuple[bytes, list[int]]:
        """Un osmChange con lo que dibujan varias personas, una tras otra.

        Returns
        -------
        xml : bytes
            Nodos, vías y relaciones en orden. Sin objetos si no falta nada.
        cuantos : list of int
            Edificios y calles que dibujó cada trazo.
        """
        nodos: dict[int, str] = {}
        vias: dict[int, str] = {}
        relaciones: dict[int, str] = {}
        cuantos = []
        for trazo in trazos:
            claves = [c for c in self.faltantes(trazo.poligono) if trazo.completo or int(c[1:]) % OLVIDO]
            fecha = trazo.cuando.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            quien = f'uid="{trazo.uid}" user={quoteattr(trazo.usuario)}'
            firma = f'version="1" timestamp="{fecha}" changeset="{trazo.conjunto}" {quien}'
            for clave in claves:
                self._objeto(clave, firma, nodos, vias, relaciones)
            cuantos.append(len(claves))
        objetos = [textos[k] for textos in (nodos, vias, relaciones) for k in sorted(textos)]
        cuerpo = "\n".join(["<create>", *objetos, "</create>"]) if objetos else ""
        xml = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<osmChange version="0.6" generator="Tequio, municipio ficticio">\n'
            f"{cuerpo}\n</osmChange>\n"
        )
        return xml.encode(), cuantos

    def _objeto(
        self, clave: Clave, firma: str, nodos: dict[int, str], vias: dict[int, str], relaciones: dict[int, str]
    ) -> None:
        self._hechas.add(clave)
        numero = int(clave[1:])
        if clave[0] == "w":
            self._dibujar(numero, firma, nodos, vias)
            return
        relacion = self._verdad.relaciones[numero]
        for _, via, _ in relacion.miembros:
            self._dibujar(via, firma, nodos, vias)
        miembros = "".join(
            f'<member type="way" ref="{via + SALTO["w"]}" role="{papel}"/>' for _, via, papel in relacion.miembros
        )
        nuevo = numero + SALTO["r"]
        relaciones[nuevo] = f'<relation id="{nuevo}" {firma}>{miembros}{_etiquetas(relacion.etiquetas)}</relation>'

    def _dibujar(self, via: int, firma: str, nodos: dict[int, str], vias: dict[int, str]) -> None:
        verdadera = self._verdad.vias[via]
        refs = [self._nodo(n, firma, nodos) for n in verdadera.nodos]
        puntas = "".join(f'<nd ref="{n}"/>' for n in refs)
        nuevo = via + SALTO["w"]
        vias[nuevo] = f'<way id="{nuevo}" {firma}>{puntas}{_etiquetas(verdadera.etiquetas)}</way>'

    def _nodo(self, verdadero: int, firma: str, nodos: dict[int, str]) -> int:
        """El número del nodo en OSM: el de la base si lo tiene; si no, uno nuevo, que se crea la primera vez."""
        if verdadero in self._osm.nodos:
            return verdadero
        nuevo = verdadero + SALTO["n"]
        if f"n{verdadero}" not in self._hechas:
            self._hechas.add(f"n{verdadero}")
            nodo = self._verdad.nodos[verdadero]
            etiquetas = _etiquetas(nodo.etiquetas)
            nodos[nuevo] = f'<node id="{nuevo}" {firma} lat="{nodo.lat:.7f}" lon="{nodo.lon:.7f}">{etiquetas}</node>'
        return nuevo


def cambio_por_tarea(
    pueblo: Pueblo, poligono: BaseGeometry, cuando: datetime, uid: int, usuario: str, conjunto: int
) -> bytes:
    """Un solo cambio sobre la base; para varios seguidos, usa :class:`Simulador`, que recuerda lo ya hecho."""
    return Simulador(pueblo).cambio_por_tarea(poligono, cuando, uid, usuario, conjunto)


def _destapadas(casas: dict[Clave, shapely.Polygon], dibujados: list[shapely.Polygon]) -> dict[Clave, shapely.Polygon]:
    """Las que no tienen encima un edificio ya dibujado: quien mapea las daría por hechas."""
    poligonos, otros = np.array(list(casas.values()), dtype=object), np.array(dibujados, dtype=object)
    uno, otro = shapely.STRtree(otros).query(poligonos, predicate="intersects")
    comun = shapely.area(shapely.intersection(poligonos[uno], otros[otro])) / shapely.area(poligonos[uno])
    tapadas = {int(i) for i in uno[comun > TAPADO]}
    return {clave: p for k, (clave, p) in enumerate(casas.items()) if k not in tapadas}


def _etiquetas(etiquetas: Mapping[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in etiquetas.items())
