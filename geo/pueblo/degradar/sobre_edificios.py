"""Errores de los edificios: esquinas, picos, cruces, traslapes, rendijas, tamaños, desplazamientos."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from geo.pueblo.azar import Azar
from geo.pueblo.degradar.lienzo import Lienzo
from geo.pueblo.manzanas import Frente
from geo.pueblo.plano import Puntos, girados, largos
from geo.pueblo.verdad import Casa


def _centro(casa: Casa) -> Puntos:
    return np.asarray(shapely.get_coordinates(casa.poligono.representative_point())[0])


def _intentar(lienzo: Lienzo, casa: Casa, contorno: Puntos, codigo: str) -> bool:
    """Redibuja la casa si el contorno nuevo no estorba a nadie, y lo anota."""
    if not lienzo.cabe(Polygon(contorno).buffer(0.01), [casa.clave]):
        return False
    lienzo.redibujar(casa, contorno)
    lienzo.plantar(codigo, [casa.clave], contorno.mean(axis=0))
    return True


def esquinas(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-ESC: una esquina corrida, de modo que dos ángulos dejan de ser rectos por 4 a 11 grados."""
    for casa in azar.barajados(lienzo.rectangulos()):
        if cuantos == 0:
            return
        puntos = casa.edificio.contorno.copy()
        k = azar.entero(0, 3)
        antes, propio, despues = puntos[k - 1], puntos[k], puntos[(k + 1) % 4]
        hacia = (antes - propio) / np.hypot(*(antes - propio))
        corrimiento = np.hypot(*(despues - propio)) * np.tan(np.radians(azar.entre(4, 11)))
        if corrimiento > 0.5 * np.hypot(*(antes - propio)):
            continue
        puntos[k] = propio + hacia * corrimiento
        cuantos -= _intentar(lienzo, casa, puntos, "E-ESC")


def picos(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-PICO: dos vértices de más a media pared que forman una punta de unos 7 grados."""
    for casa in azar.barajados(lienzo.rectangulos()):
        if cuantos == 0:
            return
        puntos = casa.edificio.contorno
        k = azar.entero(0, 3)
        a, b = puntos[k], puntos[(k + 1) % 4]
        pared = float(np.hypot(*(b - a)))
        rumbo = (b - a) / pared
        afuera = np.array([rumbo[1], -rumbo[0]])
        if Polygon(puntos).contains(shapely.Point((a + b) / 2 + afuera)):
            afuera = -afuera
        base, alto = azar.entre(0.3, 0.5) * pared, azar.entre(3.6, 5.5)
        punta = a + rumbo * (base + 0.5 * alto) + afuera * alto
        nuevos = np.array([a + rumbo * base, punta, a + rumbo * (base + 0.12 * alto)])
        cuantos -= _intentar(lienzo, casa, np.insert(puntos, k + 1, nuevos, axis=0), "E-PICO")


def cruzadas(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-CRUZ: dos vértices seguidos en orden equivocado."""
    for casa in azar.barajados(lienzo.rectangulos()):
        if cuantos == 0:
            return
        lados = largos(np.vstack([casa.edificio.contorno, casa.edificio.contorno[:1]]))
        if lados.max() > 1.9 * lados.min():
            continue
        puntos = casa.edificio.contorno[[0, 2, 1, 3]]
        forma = casa.poligono
        lienzo.redibujar(casa, puntos)
        lienzo.formas[casa.clave] = forma
        lienzo.plantar("E-CRUZ", [casa.clave], _centro(casa))
        cuantos -= 1


def abiertas(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-ABIE: el contorno no regresa a su primer nodo."""
    for casa in azar.barajados(lienzo.sueltas())[:cuantos]:
        lienzo.vias[casa.vias[0]].nodos.pop()
        lienzo.plantar("E-ABIE", [casa.clave], _centro(casa))


def chicas(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-CHI: un edificio de 1 a 3 metros cuadrados donde hay uno de tamaño natural."""
    for casa in azar.barajados(lienzo.rectangulos(6.0)):
        if cuantos == 0:
            return
        puntos = casa.edificio.contorno
        escala = np.sqrt(azar.entre(1.0, 3.0) / casa.poligono.area)
        cuantos -= _intentar(lienzo, casa, puntos.mean(axis=0) + (puntos - puntos.mean(axis=0)) * escala, "E-CHI")


def _filas(lienzo: Lienzo) -> list[tuple[Frente, list[Casa]]]:
    """Las casas presentes de cada frente, en el orden en que se ven desde la calle."""
    frentes: dict[int, tuple[Frente, list[Casa]]] = {}
    for clave in lienzo.formas:
        casa = lienzo.casas[clave]
        if casa.edificio.frente is not None:
            frentes.setdefault(id(casa.edificio.frente), (casa.edificio.frente, []))[1].append(casa)
    return [(f, sorted(fila, key=lambda c: (_avance(f, c), c.clave))) for f, fila in frentes.values()]


def _avance(frente: Frente, casa: Casa) -> float:
    return round(float((casa.edificio.contorno.mean(axis=0) - frente.origen) @ frente.rumbo), 3)


def _vecinas(lienzo: Lienzo) -> list[tuple[Casa, Casa, Puntos]]:
    """Parejas de casas seguidas de un frente, y el rumbo de la primera, que no comparte nodos, a la segunda."""
    sueltas = {c.clave for c in lienzo.sueltas()}
    parejas = []
    for frente, fila in _filas(lienzo):
        libres = [c for c in fila if c.clave[0] == "w" and c.clave not in lienzo.tocados]
        for uno, otro in pairwise(libres):
            parejas += [(uno, otro, frente.rumbo)] if uno.clave in sueltas else []
            parejas += [(otro, uno, -frente.rumbo)] if otro.clave in sueltas else []
    return sorted(parejas, key=lambda p: (p[0].clave, p[1].clave))


def traslapes(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-TRAS: una casa corrida sobre su vecina entre 5 y 60 por ciento."""
    for uno, otro, rumbo in azar.barajados(_vecinas(lienzo)):
        if cuantos == 0:
            return
        hueco = uno.poligono.distance(otro.poligono)
        if {uno.clave, otro.clave} & lienzo.tocados or hueco > 4 or min(otro.poligono.area, uno.poligono.area) < 20:
            continue
        paso = rumbo * (hueco + azar.entre(0.9, 3.6))
        forma = _corrida(uno, paso)
        comun = forma.intersection(otro.poligono).area / min(forma.area, otro.poligono.area)
        if 0.05 < comun < 0.6 and lienzo.cabe(forma, [uno.clave, otro.clave]):
            lienzo.mover(uno, paso, {})
            lienzo.plantar("E-TRAS", [uno.clave, otro.clave], _en_medio(forma, otro))
            cuantos -= 1


def rendijas(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-HUE: dos casas que debían tocarse, o estar aparte, a unos centímetros."""
    for uno, otro, rumbo in azar.barajados(_vecinas(lienzo)):
        if cuantos == 0:
            return
        hueco = uno.poligono.distance(otro.poligono)
        if {uno.clave, otro.clave} & lienzo.tocados or not 0.4 < hueco < 5:
            continue
        paso = rumbo * (hueco - azar.entre(0.06, 0.14))
        forma = _corrida(uno, paso)
        if 0.05 < forma.distance(otro.poligono) < 0.16 and lienzo.cabe(forma, [uno.clave, otro.clave]):
            lienzo.mover(uno, paso, {})
            lienzo.plantar("E-HUE", [uno.clave, otro.clave], _en_medio(forma, otro))
            cuantos -= 1


def _corrida(casa: Casa, paso: Puntos) -> Polygon:
    return shapely.transform(casa.poligono, lambda p: p + paso)


def _en_medio(forma: Polygon, otra: Casa) -> Puntos:
    return np.asarray(
        shapely.get_coordinates(shapely.shortest_line(forma.centroid, otra.poligono.centroid)).mean(axis=0)
    )


def en_uno(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-UNO: tres o más casas de una fila dibujadas como un solo edificio."""
    cadenas = [
        (frente, cadena) for frente, fila in _filas(lienzo) for cadena in _cadenas(fila) if 3 <= len(cadena) <= 6
    ]
    for frente, cadena in azar.barajados(sorted(cadenas, key=lambda c: c[1][0].clave)):
        if cuantos == 0:
            return
        if all(c.clave[0] == "w" and c.clave not in lienzo.tocados for c in cadena):
            cuantos -= _unir(lienzo, frente, cadena)


def _cadenas(fila: list[Casa]) -> list[list[Casa]]:
    """Grupos de casas seguidas, sin contar cuartos, a menos de un metro una de otra."""
    cadenas: list[list[Casa]] = []
    for casa in fila:
        if casa.edificio.etiquetas["building"] == "shed":
            continue
        if cadenas and cadenas[-1][-1].poligono.distance(casa.poligono) < 1.0:
            cadenas[-1].append(casa)
        else:
            cadenas.append([casa])
    return cadenas


def _unir(lienzo: Lienzo, frente: Frente, cadena: list[Casa]) -> bool:
    todos = np.vstack([c.edificio.contorno for c in cadena]) - frente.origen
    s, d = todos @ frente.rumbo, todos @ frente.normal
    marco = np.array([[s.min(), d.min()], [s.max(), d.min()], [s.max(), d.max()], [s.min(), d.max()]])
    contorno = frente.al_plano(marco)
    forma = Polygon(contorno)
    claves = [c.clave for c in cadena]
    if not lienzo.cabe(forma, claves):
        return False
    for clave in claves:
        lienzo.quitar(clave)
    nodos = [lienzo.nodo(p) for p in contorno]
    clave = lienzo.via([*nodos, nodos[0]], {"building": "yes"}, tuple(claves))
    lienzo.adoptar(clave, forma)
    lienzo.plantar("E-UNO", [clave], contorno.mean(axis=0))
    return True


def sobre_la_calle(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-VIA: una casa que se alarga hasta pasar el eje de su calle."""
    for casa in azar.barajados(lienzo.rectangulos(40.0)):
        if cuantos == 0:
            return
        frente = casa.edificio.frente
        if frente is None:
            continue
        puntos = casa.edificio.contorno.copy()
        delante, atras = np.split(np.argsort((puntos - frente.origen) @ frente.normal), 2)
        medio = puntos[delante].mean(axis=0)
        hacia = medio - puntos[atras].mean(axis=0)
        hacia /= np.hypot(hacia[0], hacia[1])
        rayo = LineString([medio, medio + hacia * 13])
        calles = lienzo.calles_que_cruza(rayo)
        if len(calles) != 1 or f"w{calles[0]}" in lienzo.tocados:
            continue
        alcance = rayo.intersection(lienzo.linea(calles[0])).distance(shapely.Point(medio))
        puntos[delante] += hacia * (alcance + azar.entre(1.3, 2.4))
        forma = Polygon(puntos)
        encima = lienzo.calles_que_cruza(forma)
        if (
            encima == calles
            and not set(lienzo.estorban(forma)) - {casa.clave}
            and _solo_cruza(forma, lienzo.linea(calles[0]))
        ):
            lienzo.redibujar(casa, puntos)
            lienzo.plantar("E-VIA", [f"w{calles[0]}", casa.clave], medio + hacia * alcance)
            lienzo.tocados.discard(f"w{calles[0]}")
            cuantos -= 1


def _solo_cruza(forma: Polygon, calle: LineString) -> bool:
    return bool(forma.intersection(calle).length > 3 and not forma.contains(shapely.Point(calle.coords[0])))


def desplazadas(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-DESP: manzanas trazadas sobre una imagen corrida, de 4 a 7 metros, todas hacia el mismo lado."""
    por_manzana: dict[int, list[Casa]] = defaultdict(list)
    for clave in lienzo.formas:
        por_manzana[lienzo.casas[clave].edificio.manzana].append(lienzo.casas[clave])
    candidatas = [k for k, g in sorted(por_manzana.items()) if k >= 0 and 4 <= len(g) <= 9]
    for manzana in azar.barajados(candidatas):
        if cuantos <= 0:
            return
        grupo = por_manzana[manzana]
        if any(c.clave in lienzo.tocados for c in grupo):
            continue
        paso = girados(np.array([[azar.entre(4.2, 6.8), 0.0]]), azar.entre(0, 360))[0]
        buenas, malas = _repartidas(lienzo, grupo, paso)
        if len(buenas) < 4:
            continue
        for casa in malas:
            lienzo.quitar(casa.clave)
        cambios: dict[int, int] = {}
        for casa in buenas:
            lienzo.mover(casa, paso, cambios)
            lienzo.plantar("E-DESP", [casa.clave], _centro(casa) + paso)
        cuantos -= len(buenas)


def _repartidas(lienzo: Lienzo, grupo: list[Casa], paso: Puntos) -> tuple[list[Casa], list[Casa]]:
    """Las que se pueden mover sin pisar calles ni casas de otra manzana, y las que no."""
    claves = [c.clave for c in grupo]
    buenas: list[Casa] = []
    malas: list[Casa] = []
    for casa in grupo:
        (buenas if lienzo.cabe(_corrida(casa, paso), claves) else malas).append(casa)
    return buenas, malas
