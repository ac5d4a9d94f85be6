"""Las revisiones contra los errores plantados en el municipio ficticio, y su velocidad con datos reales."""

from collections.abc import Iterable
from typing import Any

from geo.pueblo import Mapa, Plantado, Pueblo, generar
from geo.revisiones.base.areas import Relacion
from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Columnas, Mundo
from geo.revisiones.catalogo import CATALOGO
from geo.revisiones.motor import revisar

SEMILLA = 1907
META = 0.95


def columnas(mapa: Mapa) -> Columnas:
    """El mapa del pueblo como lo leería un archivo."""
    return Columnas(
        nodo_id=list(mapa.nodos),
        nodo_version=[n.autoria.version for n in mapa.nodos.values()],
        lon=[n.lon for n in mapa.nodos.values()],
        lat=[n.lat for n in mapa.nodos.values()],
        etiquetas_de_nodo={n.id: n.etiquetas for n in mapa.nodos.values() if n.etiquetas},
        via_id=list(mapa.vias),
        via_version=[v.autoria.version for v in mapa.vias.values()],
        via_nodos=[v.nodos for v in mapa.vias.values()],
        via_etiquetas=[v.etiquetas for v in mapa.vias.values()],
        relaciones=[Relacion(r.id, r.autoria.version, r.etiquetas, r.miembros) for r in mapa.relaciones.values()],
    )


def hallados(pueblo: Pueblo) -> list[Hallazgo]:
    """Lo que dicen todas las reglas de la versión de OSM del pueblo."""
    resultado = revisar(Mundo(columnas(pueblo.osm)))
    assert resultado.fallas == []
    return resultado.hallazgos


def aciertos(codigo: str, plantados: Iterable[Plantado], dichos: Iterable[Hallazgo]) -> dict[str, Any]:
    """Cuántos plantados de ese código se hallaron y cuántos hallazgos lo son, por los objetos que comparten."""
    sembrados = [set(p.objetos) for p in plantados if p.codigo == codigo]
    propios = [set(h.objetos) for h in dichos if h.codigo == codigo]
    vistos = sum(any(s & h for h in propios) for s in sembrados)
    ciertos = sum(any(h & s for s in sembrados) for h in propios)
    return {
        "codigo": codigo,
        "plantados": len(sembrados),
        "hallazgos": len(propios),
        "exhaustividad": round(vistos / len(sembrados), 3) if sembrados else None,
        "precision": round(ciertos / len(propios), 3) if propios else None,
    }


def contra_lo_plantado(_url: str) -> list[dict[str, Any]]:
    """Exhaustividad y precisión de cada regla en el pueblo."""
    pueblo = generar(SEMILLA)
    dichos = hallados(pueblo)
    filas = [aciertos(regla.codigo, pueblo.plantados, dichos) for regla in CATALOGO]
    for fila in filas:
        cifras = [fila["exhaustividad"], fila["precision"]]
        fila["meta"] = f"{META} de exhaustividad y de precisión"
        fila["bien"] = all(c is None or c >= META for c in cifras)
    return filas


if __name__ == "__main__":
    for fila in contra_lo_plantado(""):
        print(*fila.values())
