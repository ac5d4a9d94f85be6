"""Qué falta para que el día del taller salga bien: persona por persona, y lo que conviene avisar."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tareas.capacitacion.preparacion import consultas, reglas
from tareas.capacitacion.preparacion.reglas import CAMBIOS_POR_EDIFICIO, Cuenta, Limite
from tareas.comun.textos import _, n_
from tareas.municipios.consultas import por_id
from tareas.proyectos.previa import parte_del_municipio
from tareas.proyectos.reglas import (
    MINUTOS_POR_TAREA,
    edificios_de_una_sentada,
    edificios_esperados,
    lado_de_una_sentada,
    minutos_del_terreno,
    parecer_del_tamano,
)

PRACTICA = "practica"
PRONTO = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asistente:
    """Una persona de la lista y qué tan lista está; ``limite`` es ``None`` en un aula, donde no lo hay."""

    escrito: str
    cuenta: Cuenta
    fila: Row[Any]
    limite: Limite | None


@dataclass(frozen=True, slots=True)
class Diagnostico:
    """Todo lo que la página dice."""

    taller: Row[Any]
    proyecto: Row[Any] | None
    en_aula: bool
    asistentes: list[Asistente]
    por_hora_de_cada_quien: int
    edificios_por_tarea: int
    lado_m: int | None
    minutos_por_tarea_hoy: float | None
    por_dibujar: int | None
    avisos: list[tuple[str, str]] = field(default_factory=list)

    def cuantas(self, cuenta: str) -> int:
        """Personas en ese estado."""
        return sum(a.cuenta == cuenta for a in self.asistentes)

    @property
    def minutos_por_tarea(self) -> float:
        """Lo que toma una tarea del tamaño que conviene, a ese ritmo, con abrirla y entregarla."""
        return MINUTOS_POR_TAREA + self.edificios_por_tarea * 60 / self.por_hora_de_cada_quien

    @property
    def por_hora(self) -> int | None:
        """Cambios por hora que el grupo puede subir con seguridad; ``None`` si no hay límite."""
        limites = [a.limite.seguro for a in self.asistentes if a.limite is not None]
        return None if self.en_aula else sum(limites)

    @property
    def esperados(self) -> int:
        """Cambios por hora que se esperan del grupo a su ritmo."""
        return len(self.asistentes) * int(self.taller.ritmo) * CAMBIOS_POR_EDIFICIO


def diagnosticar(sesion: Session, taller: Row[Any]) -> Diagnostico:
    """Reúne cuentas, límites a la hora del taller, tamaño de tarea y avisos."""
    proyecto = consultas.proyecto(sesion, taller.proyecto_id)
    servidor = proyecto.servidor_osm if proyecto is not None else "osm"
    en_aula = servidor == PRACTICA
    asistentes = [_asistente(fila, taller, en_aula=en_aula) for fila in consultas.personas(sesion, taller.id, servidor)]
    limites = [a.limite.seguro for a in asistentes if a.limite is not None]
    # A quien aún no tiene cuenta de OSM le tocará el límite de una recién hecha.
    menor = (
        None
        if en_aula
        else min([*limites, *([reglas.INICIAL] if len(limites) < len(asistentes) else [])], default=reglas.INICIAL)
    )
    por_hora = reglas.por_hora(taller.ritmo, menor)
    lado, hoy, faltan = (None, None, None) if proyecto is None else _tamanos(sesion, proyecto, por_hora)
    hecho = Diagnostico(
        taller, proyecto, en_aula, asistentes, por_hora, edificios_de_una_sentada(por_hora), lado, hoy, faltan
    )
    hecho.avisos.extend(_avisos(hecho))
    return hecho


def _tamanos(sesion: Session, proyecto: Row[Any], por_hora: int) -> tuple[int | None, float | None, int | None]:
    """Lado que conviene, minutos que hoy toma una tarea y edificios que faltan; ``None`` si no se sabe.

    Es la cuenta de la vista previa, al ritmo del grupo.
    """
    if proyecto.edificios is None:
        # Un aula que se borró, o cuyos objetos no se han armado.
        return None, None, None
    municipio = por_id(sesion, proyecto.municipio_id)
    # Qué parte de la población vive ahí lo dice el mapa de verdad: lo que se practica en un aula no muda a nadie.
    parte, _reparto = parte_del_municipio(sesion, municipio, proyecto.area_m2, proyecto.edificios_de_verdad)
    esperados = edificios_esperados(municipio.poblacion, parte)
    por_dibujar = None if esperados is None else max(esperados - proyecto.edificios, 0)
    minutos = minutos_del_terreno(por_dibujar or 0, proyecto.edificios, proyecto.metros_vias, 3600 / por_hora)
    hoy = MINUTOS_POR_TAREA + minutos / proyecto.tareas_total if proyecto.tareas_total else None
    return lado_de_una_sentada(proyecto.area_m2, minutos), hoy, por_dibujar


def _asistente(fila: Row[Any], taller: Row[Any], *, en_aula: bool) -> Asistente:
    if fila.persona_id is None or not fila.activa:
        return Asistente(fila.escrito, Cuenta.SIN_TEQUIO, fila, None)
    if en_aula:
        return Asistente(fila.escrito, Cuenta.LISTA, fila, None)
    if fila.uid is None:
        return Asistente(fila.escrito, Cuenta.SIN_OSM, fila, None)
    tope = reglas.limite(taller.empieza, conjuntos=fila.conjuntos, primero=fila.primero, creada=fila.creada_alla)
    return Asistente(fila.escrito, Cuenta.LISTA, fila, tope)


def _avisos(d: Diagnostico) -> list[tuple[str, str]]:
    """Pares ``(tipo, frase)``: ``error`` impide trabajar; ``advertencia`` estorba; ``info`` conviene saberlo."""
    return [*_de_proyecto(d), *_de_cuentas(d), *_de_limites(d)]


def _de_proyecto(d: Diagnostico) -> list[tuple[str, str]]:
    p = d.proyecto
    if p is None:
        return [("error", _("El taller no tiene proyecto. Elige uno para saber qué y dónde se va a mapear."))]
    avisos = []
    if p.estado != "publicado":
        avisos.append(("error", _("El proyecto no está publicado: nadie puede tomar tareas.")))
    if d.en_aula and p.aula_id is None:
        avisos.append(
            ("error", _("El proyecto es de práctica y su aula ya no existe. Elige otra en «Dónde se edita»."))
        )
    if p.aula_estado == "congelada":
        avisos.append(("error", _("El aula está congelada: se ve y nadie guarda cambios. Ábrela antes de empezar.")))
    if not p.imagenes:
        avisos.append(
            ("advertencia", _("El proyecto no tiene imagen aérea propia. Sin internet no habrá de dónde calcar."))
        )
    if d.asistentes and p.por_mapear < len(d.asistentes):
        avisos.append(
            (
                "advertencia",
                _(
                    "Quedan %(tareas)s tareas por mapear y vienen %(personas)s personas: no alcanza para todas.",
                    tareas=p.por_mapear,
                    personas=len(d.asistentes),
                ),
            )
        )
    if d.minutos_por_tarea_hoy is not None and parecer_del_tamano(d.minutos_por_tarea_hoy) == "largas":
        avisos.append(
            ("advertencia", _("Las tareas son grandes para quien empieza: divide el proyecto en piezas más chicas."))
        )
    return avisos


def _de_cuentas(d: Diagnostico) -> list[tuple[str, str]]:
    avisos = []
    if not d.asistentes:
        avisos.append(("info", _("La lista de personas está vacía. Escríbela para saber quién tiene su cuenta lista.")))
    if n := d.cuantas(Cuenta.SIN_TEQUIO):
        avisos.append(
            (
                "advertencia",
                n_(
                    "A %(num)s persona le falta su cuenta de Tequio.",
                    "A %(num)s personas les falta su cuenta de Tequio.",
                    n,
                ),
            )
        )
    if n := d.cuantas(Cuenta.SIN_OSM):
        avisos.append(
            (
                "advertencia",
                n_(
                    "%(num)s persona no ha vinculado su cuenta de OpenStreetMap: se hace en «Mi cuenta».",
                    "%(num)s personas no han vinculado su cuenta de OpenStreetMap: se hace en «Mi cuenta».",
                    n,
                ),
            )
        )
    return avisos


def _de_limites(d: Diagnostico) -> list[tuple[str, str]]:
    if d.en_aula:
        return [("info", _("Se edita en un aula: no hay límite de cambios ni hace falta cuenta de OpenStreetMap."))]
    avisos = []
    espera = d.taller.ritmo * CAMBIOS_POR_EDIFICIO
    cortos = sum(a.limite is not None and a.limite.seguro < espera for a in d.asistentes)
    if cortos:
        avisos.append(
            (
                "advertencia",
                n_(
                    "A ese ritmo, %(num)s persona pasaría de lo que OpenStreetMap le deja subir por hora.",
                    "A ese ritmo, %(num)s personas pasarían de lo que OpenStreetMap les deja subir por hora.",
                    cortos,
                ),
            )
        )
    nuevas = sum(a.limite is not None and a.limite.seguro == reglas.INICIAL for a in d.asistentes)
    falta = d.taller.empieza - d.taller.ahora
    if (nuevas or d.cuantas(Cuenta.SIN_OSM)) and falta > PRONTO:
        avisos.append(
            (
                "info",
                _(
                    "Todavía hay tiempo: quien guarde un primer cambio en OpenStreetMap siete días antes llega sin "
                    "límite de cuenta nueva."
                ),
            )
        )
    return avisos
