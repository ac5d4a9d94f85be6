"""Unas semanas de trabajo: quién tomó qué, cuánto tardó, qué se devolvió y por qué; con azar fijo."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tareas.calidad.revisiones.errores import PorArreglar
from tareas.calidad.revisiones.guarda import antes_de_entregar
from tareas.comun import reloj
from tareas.comun.bd import BaseDeDatos
from tareas.mapeo import servicio as mapeo
from tareas.mapeo.guardas import Entregando
from tareas.mapeo.reglas import Para, Resultado, SinCambios
from tareas.validacion import servicio as validacion
from tareas.validacion.reglas import DE_CADA, Veredicto

NOTAS = (
    "",
    "",
    "",
    "Lo revisé dos veces.",
    "La calle del fondo no se ve bien.",
    "Terminé con JOSM.",
    "Un patio tapado por árboles.",
)
FORTALEZAS = (
    "Los contornos siguen la base de los muros y no el techo.",
    "Separaste las casas que comparten pared.",
    "Las esquinas quedaron a escuadra.",
    "Uniste cada calle con la que ya estaba.",
    "No dejaste ni un cuarto del fondo sin dibujar.",
)
MOTIVO_DE_DISPUTA = "La casa que falta es un patio con lona: en la imagen de este año ya no está."
DEVOLUCIONES = (
    (["E-FALT"], "Quedaron casas sin dibujar en la esquina norte."),
    (["E-ESC"], "Escuadra las esquinas con la tecla Q."),
    (["E-UNO"], "Son tres casas, no una: mira las diferencias entre techos."),
    (["E-DESP", "E-ESC"], "Los contornos quedaron corridos hacia la sombra."),
    (["E-CASI"], "La calle no llega a unirse con la avenida."),
)

MUNICIPIO = text("SELECT municipio_id FROM proyecto WHERE id = :p")
ARREGLOS = {
    "E-ESC": "Selecciónalo y oprime la tecla Q.",
    "E-UNO": "Córtalo por las líneas que separan los techos.",
    "E-DESP": "Arrástralo entero hasta la base de los muros.",
}
OBJETOS = text("""
    SELECT o.tipo || o.id AS clave, o.clase, v.version
      FROM tarea t JOIN osm_objeto o ON o.geom && t.geom AND ST_Intersects(o.geom, t.geom) JOIN osm_via v ON v.id = o.id
     WHERE t.proyecto_id = :p AND t.numero = :n AND o.tipo = 'w' AND o.clase IN ('edificio', 'via')
     ORDER BY o.id DESC LIMIT 40""")
LUGAR = text("SELECT ST_AsBinary(ST_PointOnSurface(geom)) FROM tarea WHERE proyecto_id = :p AND numero = :n")
SORTEADA = text("SELECT entrega FROM segunda_abierta WHERE proyecto_id = :p AND numero = :n")
DEVUELTA = text("""
    SELECT d.id, d.numero, d.autora_id
      FROM tarea t JOIN dictamen d ON d.proyecto_id = t.proyecto_id AND d.numero = t.numero
     WHERE t.proyecto_id = :p AND t.estado = 3 AND d.paso IS NOT NULL ORDER BY d.id DESC LIMIT 1""")


@dataclass(frozen=True, slots=True)
class Plan:
    """Lo que una persona hará con una tarea: cuándo la toma, cuándo guarda en OSM, cuándo la entrega.

    ``suelta``: cuándo la suelta para tomarla otra vez. ``corrige``: se la devolvieron.
    """

    quien: int
    numero: int
    toma: datetime
    suelta: datetime | None
    guarda: datetime
    entrega: datetime
    resultado: Resultado
    nota: str | None
    corrige: bool


Dibujar = Callable[[BaseDeDatos, int, list[Plan]], set[int]]
"""Pone en OSM lo que se mapeará ese día, cada quien con su cuenta y a su hora; dice en qué tareas no cambió nada."""


def entregar_revisada(sesion: Session, *, resultado: Resultado, **turno: Any) -> None:
    """Entrega como la API: pasa por la guarda, y lo que ella detiene se deja así, diciendo por qué."""
    anotar = None
    if resultado is Resultado.MAPEADA:
        municipio: int = sesion.execute(MUNICIPIO, {"p": turno["proyecto_id"]}).scalar_one()
        cual = {nombre: turno[nombre] for nombre in ("proyecto_id", "numero", "ficha", "persona_id")}
        entrega = Entregando(municipio_id=municipio, **cual)
        try:
            anotar = antes_de_entregar(sesion, entrega)
        except PorArreglar as error:
            por_que = {h["huella"]: "Así se ve en la imagen." for h in error.datos["hallazgos"]}
            anotar = antes_de_entregar(sesion, replace(entrega, justificaciones=por_que))
    mapeo.entregar(sesion, **turno, resultado=resultado)
    if anotar is not None:
        anotar(sesion)


@dataclass
class Historia:
    """Trabajo de varias personas en un proyecto, día por día.

    Parameters
    ----------
    mapeadoras, validadoras
        Identificadores de persona.
    parte_mapeada, parte_validada
        Hasta dónde llega el trabajo, de 0 a 1.
    ritmo
        Parte de los días en que se mapea.
    en_curso
        Las entregas pasan por la guarda, y al final queda una disputa abierta.
    """

    base: BaseDeDatos
    proyecto: int
    tareas: int
    mapeadoras: list[int]
    validadoras: list[int]
    parte_mapeada: float
    parte_validada: float
    dibujar: Dibujar
    azar: random.Random
    ritmo: float = 0.7
    en_curso: bool = False
    por_validar: list[int] = field(default_factory=list)
    devueltas: list[tuple[int, int]] = field(default_factory=list)
    validadas: int = 0

    def correr(self, inicio: datetime, dias: int) -> Iterator[int]:
        """Vive los días uno por uno; da cuántos pasos lleva."""
        pendientes = list(range(1, self.tareas + 1))
        meta = int(self.tareas * self.parte_mapeada)
        por_dia = max(1, -(-meta // max(1, int(dias * self.ritmo))))
        mapeadas = 0
        for dia in range(dias):
            manana = inicio + timedelta(days=dia)
            if manana.weekday() == 6:
                continue
            corrigen = {numero for _quien, numero in self.devueltas}
            hoy = self._repartir(pendientes, min(por_dia, meta - mapeadas))
            mapeadas += sum(len(numeros) for numeros in hoy.values())
            planes = [p for quien, numeros in hoy.items() for p in self._planear(quien, numeros, manana, corrigen)]
            # Antes de vivirlo: así, al entregar, los datos de OSM ya traen lo que se guardó.
            sin_cambios = self.dibujar(self.base, self.proyecto, planes)
            for plan in planes:
                self._mapear(plan, plan.numero in sin_cambios)
            self._revisar(manana + timedelta(hours=9))
            yield dia + 1
        if self.en_curso:
            self._disputar(inicio + timedelta(days=dias - 1, hours=11))

    def _repartir(self, pendientes: list[int], cuantas: int) -> dict[int, list[int]]:
        """A cada quien su tramo, para que no se estorben; primero lo que se devolvió."""
        reparto: dict[int, list[int]] = {quien: [] for quien in self.mapeadoras}
        for quien, numero in self.devueltas:
            reparto.setdefault(quien, []).append(numero)
        self.devueltas.clear()
        for i in range(cuantas):
            if pendientes:
                quien = self.mapeadoras[i % len(self.mapeadoras)]
                reparto[quien].append(pendientes.pop(0 if i % 2 == 0 else -1))
        return reparto

    def _en(self, cuando: datetime, funcion: Callable[..., Any], **datos: Any) -> Any:
        with self.base.transaccion() as sesion:
            reloj.fijar(sesion, cuando)
            return funcion(sesion, proyecto_id=self.proyecto, **datos)

    def _planear(self, quien: int, numeros: list[int], manana: datetime, corrigen: set[int]) -> Iterator[Plan]:
        hora = manana + timedelta(minutes=self.azar.randint(0, 90))
        for numero in numeros:
            toma, suelta = hora, None
            if self.azar.random() < 0.06:
                hora += timedelta(minutes=4)
                suelta = hora
            minutos = self.azar.lognormvariate(2.75, 0.45)
            guarda = hora + timedelta(minutes=0.8 * minutos)
            hora += timedelta(minutes=minutos)
            sin_imagen = self.azar.random() < 0.02
            resultado = Resultado.SIN_IMAGEN if sin_imagen else Resultado.MAPEADA
            nota = self.azar.choice(NOTAS) or None
            yield Plan(quien, numero, toma, suelta, guarda, hora, resultado, nota, numero in corrigen)
            hora += timedelta(minutes=self.azar.randint(1, 12))

    def _mapear(self, plan: Plan, sin_cambios: bool) -> None:
        tarea: dict[str, Any] = {"persona_id": plan.quien, "numero": plan.numero}
        pedido: dict[str, Any] = {"persona_id": plan.quien, "numeros": [plan.numero], "para": Para.MAPEAR}
        toma = self._en(plan.toma, mapeo.tomar, **pedido)[0]
        if plan.suelta is not None:
            self._en(plan.suelta, mapeo.soltar, **tarea, ficha=toma.ficha)
            toma = self._en(plan.suelta, mapeo.tomar, **pedido)[0]
        # Casi siempre dice por qué no cambió nada; alguna vez se le olvida, y eso se ve después.
        callada = plan.numero % 5 == 0 or plan.resultado is Resultado.SIN_IMAGEN
        self._en(
            plan.entrega,
            # Revisar cada entrega tarda; de lo ya casi terminado no hace falta para ordenar la cola.
            entregar_revisada if self.en_curso else mapeo.entregar,
            **tarea,
            ficha=toma.ficha,
            resultado=plan.resultado,
            nota=plan.nota,
            sin_cambios=SinCambios.YA_ESTABA if sin_cambios and not callada else None,
        )
        if plan.resultado is Resultado.MAPEADA:
            self.por_validar.append(plan.numero)

    def _revisar(self, tarde: datetime) -> None:
        hora = tarde
        quedan = max(0, int(self.tareas * self.parte_validada) - self.validadas)
        hoy, self.por_validar = (
            self.por_validar[: quedan + 2],
            self.por_validar[quedan + 2 :] if quedan else self.por_validar,
        )
        if not quedan:
            return
        for numero in hoy:
            quien = self.azar.choice(self.validadoras)
            toma = self._en(hora, mapeo.tomar, persona_id=quien, numeros=[numero], para=Para.VALIDAR)[0]
            hora += timedelta(minutes=self.azar.uniform(1.5, 6))
            devuelve = self.azar.random() < 0.16
            motivos, nota = (
                self.azar.choice(DEVOLUCIONES)
                if devuelve
                else ([], self.azar.choice(("", "", "Muy bien escuadrado.", "Completa, gracias.")))
            )
            veredicto = Veredicto.DEVUELTA if devuelve else Veredicto.VALIDADA
            # Lo demás de la historia sale de `azar`: lo nuevo tiene el suyo, para no cambiarla.
            otro = random.Random(numero * 31 + self.validadas)  # nosec B311
            if not devuelve and otro.random() < 0.12:
                veredicto, motivos = Veredicto.CON_ARREGLOS, ["E-ESC"]
            self._en(
                hora,
                validacion.dictaminar,
                persona_id=quien,
                numero=numero,
                ficha=toma.ficha,
                veredicto=veredicto,
                nota=nota or None,
                fortaleza=otro.choice(FORTALEZAS) if devuelve or otro.random() < 0.5 else None,
                senalados=self._senalar(numero, motivos, otro),
                # Más que de costumbre: con tan pocas tareas no habría con qué comparar a quienes revisan.
                sorteadas=DE_CADA if devuelve else 2 * DE_CADA // 5,
            )
            self._opinar(numero, devuelve, quien, hora, otro)
            if devuelve:
                self.devueltas.append((self._autora(numero), numero))
            else:
                self.validadas += 1
            hora += timedelta(minutes=1)

    def _senalar(self, numero: int, motivos: list[str], azar: random.Random) -> list[validacion.Senalado]:
        """Cada motivo, puesto sobre un objeto de la tarea o, si falta algo, en un lugar de ella."""
        if not motivos:
            return []
        with self.base.lectura() as sesion:
            objetos = sesion.execute(OBJETOS, {"p": self.proyecto, "n": numero}).all()
            lugar = bytes(sesion.execute(LUGAR, {"p": self.proyecto, "n": numero}).scalar_one())
        senalados = []
        for motivo in motivos:
            buenos = [o for o in objetos if (o.clase == "edificio") != (motivo == "E-CASI")]
            if motivo == "E-FALT" or not buenos:
                senalados.append(validacion.Senalado(motivo, lugar=lugar))
            else:
                objeto = azar.choice(buenos)
                senalados.append(validacion.Senalado(motivo, objeto.clave, objeto.version, nota=ARREGLOS.get(motivo)))
        return senalados

    def _opinar(self, numero: int, devuelta: bool, primera: int, hora: datetime, azar: random.Random) -> None:
        """Si salió sorteada, otra persona la juzga a ciegas; casi siempre coinciden."""
        with self.base.lectura() as sesion:
            entrega = sesion.execute(SORTEADA, {"p": self.proyecto, "n": numero}).scalar_one_or_none()
        otras = [q for q in self.validadoras if q != primera]
        if entrega is None or not otras:
            return
        quien: dict[str, Any] = {"persona_id": azar.choice(otras), "entrega": entrega}
        toma = self._en(hora + timedelta(minutes=2), validacion.tomar_segunda, **quien)
        opina_igual = azar.random() < 0.82
        devuelve = devuelta == opina_igual
        motivos = azar.choice(DEVOLUCIONES)[0] if devuelve else []
        self._en(
            hora + timedelta(minutes=2 + azar.uniform(1.5, 6)),
            validacion.opinar,
            **quien,
            ficha=toma.ficha,
            veredicto=Veredicto.DEVUELTA if devuelve else Veredicto.VALIDADA,
            senalados=self._senalar(numero, motivos, azar),
        )

    def _disputar(self, cuando: datetime) -> None:
        """Una de las que quedaron devueltas: quien la mapeó pide que otra persona la vea."""
        if self.por_validar and not self.devueltas:
            numero, quien = self.por_validar[0], self.validadoras[0]
            toma = self._en(cuando, mapeo.tomar, persona_id=quien, numeros=[numero], para=Para.VALIDAR)[0]
            self._en(
                cuando + timedelta(minutes=4),
                validacion.dictaminar,
                persona_id=quien,
                numero=numero,
                ficha=toma.ficha,
                veredicto=Veredicto.DEVUELTA,
                nota="Falta la casa del fondo.",
                senalados=self._senalar(numero, ["E-FALT"], self.azar),
            )
        with self.base.lectura() as sesion:
            fila = sesion.execute(DEVUELTA, {"p": self.proyecto}).one_or_none()
        if fila is not None:
            disputa: dict[str, Any] = {"persona_id": fila.autora_id, "numero": fila.numero, "dictamen_id": fila.id}
            self._en(cuando + timedelta(minutes=40), validacion.disputar, **disputa, motivo=MOTIVO_DE_DISPUTA)

    def _autora(self, numero: int) -> int:
        with self.base.lectura() as sesion:
            consulta = text("SELECT reservada_a FROM tarea WHERE proyecto_id = :p AND numero = :n")
            autora: int = sesion.execute(consulta, {"p": self.proyecto, "n": numero}).scalar_one()
        return autora
