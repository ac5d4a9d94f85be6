"""GeoJSON: desde texto u objetos hasta una capa cruda, objeto por objeto."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo.errores import N_
from geo.formatos.capas import CapaCruda, Opciones
from geo.formatos.errores import DemasiadosObjetos
from geo.formatos.errores_datos import GeojsonFaltaTipo, GeojsonMalFormado, GeojsonSinTipo, SistemasMezclados
from geo.formatos.json_estricto import Analizador, decodificar
from geo.formatos.propiedades import limpiar
from geo.formatos.trazo import TIPOS, Trazador
from geo.tipos import Aviso

ALTURA_QUITADA = N_("Se quitó la altura (objetos: %(n)s): aquí solo se usan longitud y latitud.")
ANILLOS_CERRADOS = N_("Anillos que estaban abiertos y se cerraron: %(n)s.")
SIN_GEOMETRIA = N_("Objetos que vienen sin geometría: %(n)s.")


def leer_archivo(ruta: Path, nombre: str, opciones: Opciones) -> CapaCruda:
    """Lee un archivo GeoJSON.

    Parameters
    ----------
    ruta : Path
    nombre : str
        Nombre de la capa.
    opciones : Opciones

    Raises
    ------
    ErrorLectura
        Con el lugar de lo que está mal.
    """
    texto, avisos = decodificar(ruta.read_bytes(), reparar=opciones.reparar)
    capa = leer_texto(texto, nombre, opciones)
    capa.avisos[:0] = avisos
    return capa


def leer_texto(texto: str, nombre: str, opciones: Opciones) -> CapaCruda:
    """Lee GeoJSON de un texto: FeatureCollection, Feature o geometría suelta."""
    analizador = Analizador(texto)
    coleccion = Coleccion(opciones)
    raiz: dict[str, Any] = {}
    for clave, valor in analizador.miembros():
        if clave == "features[]":
            coleccion.agregar(valor)
        elif clave == "":
            raise GeojsonSinTipo(tipo=type(valor).__name__)
        else:
            raiz[clave] = valor
            if clave == "features":
                coleccion = Coleccion(opciones)
    capa = _terminar(raiz, coleccion, nombre)
    capa.avisos[:0] = analizador.avisos()
    return capa


def leer_objeto(objeto: dict[str, Any], nombre: str, opciones: Opciones) -> CapaCruda:
    """Lee GeoJSON ya convertido en diccionario."""
    coleccion = Coleccion(opciones)
    if objeto.get("type") == "FeatureCollection" and isinstance(objeto.get("features"), list):
        for elemento in objeto["features"]:
            coleccion.agregar(elemento)
    return _terminar(objeto, coleccion, nombre)


@dataclass(slots=True)
class Coleccion:
    """Los objetos leídos hasta ahora."""

    opciones: Opciones
    geometrias: list[BaseGeometry | None] = field(default_factory=list)
    propiedades: list[dict[str, Any]] = field(default_factory=list)
    sistemas: dict[str, None] = field(default_factory=dict)
    trazador: Trazador = field(init=False)

    def __post_init__(self) -> None:
        self.trazador = Trazador(self.opciones.limites.vertices, self.opciones.reparar)

    def agregar(self, elemento: Any) -> None:
        """Agrega un ``Feature``.

        Raises
        ------
        GeojsonMalFormado, DemasiadosObjetos
            Y los de :meth:`geo.formatos.trazo.Trazador.geometria`.
        """
        numero = len(self.geometrias) + 1
        if numero > self.opciones.limites.objetos:
            raise DemasiadosObjetos(maximo=self.opciones.limites.objetos)
        if not isinstance(elemento, dict) or elemento.get("type") != "Feature":
            raise GeojsonMalFormado(objeto=numero, miembro="type")
        propiedades = _diccionario(elemento.get("properties"), "properties", numero) or {}
        if "id" in elemento and "id" not in propiedades:
            propiedades = {"id": elemento["id"], **propiedades}
        geometria = _diccionario(elemento.get("geometry"), "geometry", numero)
        self._anotar_sistema(elemento.get("crs"), numero)
        self.geometria(geometria, numero)
        self.propiedades.append(limpiar(propiedades, numero))

    def geometria(self, geometria: dict[str, Any] | None, numero: int) -> None:
        """Agrega solo la geometría; ``None`` y las vacías quedan como ``None``."""
        if geometria is None:
            self.geometrias.append(None)
            return
        # el INEGI pone el sistema dentro de la geometría
        self._anotar_sistema(geometria.get("crs"), numero)
        self.geometrias.append(self.trazador.geometria(geometria, numero))

    def _anotar_sistema(self, crs: Any, numero: int) -> None:
        if crs is not None:
            self.sistemas[texto_crs(crs, numero)] = None

    def avisos(self) -> list[Aviso]:
        """Lo que se cambió o conviene saber de lo leído."""
        cuentas = (
            ("altura_quitada", ALTURA_QUITADA, self.trazador.con_altura),
            ("anillos_cerrados", ANILLOS_CERRADOS, self.trazador.cerrados),
            ("sin_geometria", SIN_GEOMETRIA, self.geometrias.count(None)),
        )
        return [Aviso(codigo, plantilla, {"n": n}) for codigo, plantilla, n in cuentas if n]


def texto_crs(crs: Any, objeto: int) -> str:
    """Código o WKT de un miembro ``crs`` de GeoJSON 2008 (``name`` o ``EPSG``); ``link`` no se sigue."""
    propiedades = crs.get("properties") if isinstance(crs, dict) else None
    if isinstance(propiedades, dict):
        nombre = propiedades.get("name", propiedades.get("code"))
        if isinstance(nombre, (str, int)):
            return str(nombre)
    raise GeojsonMalFormado(objeto=objeto, miembro="crs")


def _terminar(raiz: dict[str, Any], coleccion: Coleccion, nombre: str) -> CapaCruda:
    tipo = raiz.get("type")
    if tipo != "FeatureCollection":
        coleccion = Coleccion(coleccion.opciones)
    if tipo == "Feature":
        coleccion.agregar(raiz)
    elif isinstance(tipo, str) and tipo in TIPOS:
        coleccion.geometria(raiz, 1)
        coleccion.propiedades.append({})
    elif tipo is None:
        raise GeojsonFaltaTipo
    elif tipo != "FeatureCollection":
        raise GeojsonSinTipo(tipo=str(tipo)[:40])
    elif not isinstance(raiz.get("features"), list):
        raise GeojsonMalFormado(objeto=1, miembro="features")
    else:
        coleccion.sistemas.update({texto_crs(raiz["crs"], 1): None} if raiz.get("crs") is not None else {})
    if len(coleccion.sistemas) > 1:
        raise SistemasMezclados(sistemas=", ".join(list(coleccion.sistemas)[:5]))
    return CapaCruda(
        nombre=nombre,
        geometrias=_arreglo(coleccion.geometrias),
        propiedades=coleccion.propiedades,
        sistema=next(iter(coleccion.sistemas), None),
        supone_wgs84=True,
        avisos=coleccion.avisos(),
    )


def _arreglo(geometrias: list[BaseGeometry | None]) -> Any:
    arreglo = np.empty(len(geometrias), dtype=object)
    arreglo[:] = geometrias
    return arreglo


def _diccionario(valor: Any, miembro: str, objeto: int) -> dict[str, Any] | None:
    if valor is None or isinstance(valor, dict):
        return valor
    raise GeojsonMalFormado(objeto=objeto, miembro=miembro)
