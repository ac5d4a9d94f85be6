"""Una historia de entregas y dictámenes escrita a mano, renglón por renglón, para recontar las medidas."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from tareas.comun.bd import BaseDeDatos

MARZO = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
ABRIL = datetime(2026, 4, 6, 16, 0, tzinfo=UTC)


@dataclass
class Diario:
    """Escribe filas sueltas, sin pasar por los servicios: así lo esperado no depende de lo que se prueba."""

    bd: BaseDeDatos
    municipio: int
    proyecto: int
    ficha: int = 0
    entregas: dict[int, int] = field(default_factory=dict)
    linajes: dict[int, list[tuple[int, int, bool]]] = field(default_factory=dict)
    """De cada tarea que vino de otras: ``(de, paso, principal)``, con todas las de antes."""

    def _sql(self, sql: str, **datos: Any) -> Any:
        with self.bd.transaccion() as sesion:
            fila = sesion.execute(text(sql), {"m": self.municipio, "p": self.proyecto, **datos})
            return fila.scalar_one() if fila.returns_rows else None

    def _ficha(self) -> int:
        self.ficha += 1
        return self.ficha

    def entregar(self, quien: int, numero: int, cuando: datetime, objetos: int | None = None) -> int:
        """Una entrega y, si se dice, cuántos objetos contó la guarda. Devuelve su paso."""
        ficha = self._ficha()
        paso: int = self._sql(
            "INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id, cuando, ficha, duracion_s)"
            " VALUES (:m, :p, :n, 'entrega', 0, 1, :q, :c, :f, 600) RETURNING id",
            n=numero,
            q=quien,
            c=cuando,
            f=ficha,
        )
        if objetos is not None:
            self._sql(
                "INSERT INTO entrega_hallazgos (proyecto_id, numero, ficha, municipio_id, objetos, nivel1, nivel2, nivel3,"
                " codigos) VALUES (:p, :n, :f, :m, :o, 0, 0, 0, '{}')",
                n=numero,
                f=ficha,
                o=objetos,
            )
        self.entregas[paso] = quien
        return paso

    def juzgar(
        self,
        entrega: int,
        quien: int,
        numero: int,
        cuando: datetime,
        veredicto: str = "aceptada",
        *,
        segundos: float | None = None,
        codigos: Sequence[str] = (),
        clase: str = "primera",
    ) -> int:
        """Un dictamen de una entrega, con lo que señala. Devuelve su id."""
        ficha, paso, retro = self._ficha(), None, None
        if clase != "ciega":
            paso = self._sql(
                "INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id, cuando, ficha,"
                " duracion_s) VALUES (:m, :p, :n, 'dictamen', 1, :a, :q, :c, :f, :s) RETURNING id",
                n=numero,
                a=3 if veredicto == "devuelta" else 2,
                q=quien,
                c=cuando,
                f=ficha,
                s=segundos,
            )
        if codigos:
            retro = self._sql(
                "INSERT INTO retroalimentacion (municipio_id, proyecto_id, persona_id, cuando) VALUES (:m, :p, :q, :c)"
                " RETURNING id",
                q=quien,
                c=cuando,
            )
            for codigo in codigos:
                self._sql(
                    "INSERT INTO senalamiento (retro_id, proyecto_id, numero, codigo) VALUES (:r, :p, :n, :k)",
                    r=retro,
                    n=numero,
                    k=codigo,
                )
        nuevo: int = self._sql(
            "INSERT INTO dictamen (municipio_id, proyecto_id, numero, entrega, paso, ficha, persona_id, autora_id, veredicto,"
            " clase, retro_id, cuando, duracion_s) VALUES (:m, :p, :n, :e, :paso, :f, :q, :au, :v, :cl, :r, :c, :s) RETURNING id",
            n=numero,
            e=entrega,
            paso=paso,
            f=ficha,
            q=quien,
            au=self.entregas[entrega],
            v=veredicto,
            cl=clase,
            r=retro,
            c=cuando,
            s=segundos,
        )
        return nuevo

    def deshacer(self, dictamen: int, numero: int, quien: int, cuando: datetime) -> None:
        """Quita un dictamen."""
        self._sql(
            "INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id, cuando, deshace)"
            " SELECT :m, :p, :n, 'deshacer', 3, 1, :q, :c, paso FROM dictamen WHERE id = :d",
            n=numero,
            q=quien,
            c=cuando,
            d=dictamen,
        )

    def partir(self, numero: int, partes: Sequence[int], quien: int) -> None:
        """Deja dicho que unas tareas vienen de otra y heredan lo suyo (los contornos, como estaban)."""
        self._dividir("partir", [numero], partes, quien)

    def juntar(self, numeros: Sequence[int], nueva: int, quien: int) -> None:
        """Una tarea viene de varias, y hereda lo de la primera."""
        self._dividir("juntar", numeros, [nueva], quien)

    def _dividir(self, clase: str, de: Sequence[int], nuevas: Sequence[int], quien: int) -> None:
        suyo = [(n, 1, n == de[0]) for n in de]
        for n in de:
            suyo += [(vieja, paso + 1, principal and n == de[0]) for vieja, paso, principal in self.linajes.get(n, [])]
        self.linajes |= dict.fromkeys(nuevas, suyo)
        with self.bd.transaccion() as sesion:
            # Que las partes cubran lo mismo se prueba con las divisiones; aquí importa de quién es lo entregado.
            sesion.execute(text("SET LOCAL session_replication_role = replica"))
            sesion.execute(
                text(
                    "WITH d AS (INSERT INTO division_de_tarea (municipio_id, proyecto_id, persona_id, clase, motivo)"
                    " VALUES (:m, :p, :q, :c, 'No era de su tamaño') RETURNING id)"
                    " INSERT INTO tarea_origen (proyecto_id, numero, de_numero, division_id, paso, principal)"
                    " SELECT :p, nueva, o.de, d.id, o.paso, o.principal FROM d, unnest(cast(:nuevas AS integer[])) nueva,"
                    " unnest(cast(:de AS integer[]), cast(:pasos AS integer[]), cast(:principales AS boolean[]))"
                    " AS o(de, paso, principal)"
                ),
                {
                    "m": self.municipio,
                    "p": self.proyecto,
                    "q": quien,
                    "c": clase,
                    "nuevas": list(nuevas),
                    "de": [o[0] for o in suyo],
                    "pasos": [o[1] for o in suyo],
                    "principales": [o[2] for o in suyo],
                },
            )

    def pareja(self, entrega: int, primera: int, segunda: int, numero: int) -> None:
        """Una segunda opinión a ciegas ya dada."""
        self._sql(
            "INSERT INTO segunda_revision (entrega, municipio_id, proyecto_id, numero, primera, primera_persona_id, autora_id,"
            " sorteada, persona_id, ficha, desde, vence, hecha) SELECT :e, :m, :p, :n, a.id, a.persona_id, a.autora_id, a.cuando,"
            " b.persona_id, b.ficha, b.cuando, b.cuando + interval '1 hour', b.id FROM dictamen a, dictamen b"
            " WHERE a.id = :a AND b.id = :b",
            e=entrega,
            n=numero,
            a=primera,
            b=segunda,
        )

    def disputar(self, dictamen: int, entrega: int, numero: int, quien: int, resuelta: int, resultado: str) -> None:
        """Una disputa ya resuelta."""
        self._sql(
            "INSERT INTO disputa (municipio_id, proyecto_id, numero, dictamen_id, entrega, paso, persona_id, motivo, resuelta,"
            " resultado) SELECT :m, :p, :n, d.id, :e, d.paso, :q, 'El contorno sigue la imagen', :r, :res FROM dictamen d"
            " WHERE d.id = :d",
            n=numero,
            d=dictamen,
            e=entrega,
            q=quien,
            r=resuelta,
            res=resultado,
        )


def contar(diario: Diario, *, mapeadora: int, mapeador: int, validadora: int, capacitadora: int) -> None:
    """La historia de las pruebas.

    Marzo, de la mapeadora, entregas de 10 objetos; la i-ésima espera i horas y se revisa en i minutos:

    * 1 a 9, aceptadas; 10, con arreglos (E-ESC).
    * 11, devuelta (E-TRAS dos veces y E-IMG); la vuelve a entregar, con 12 objetos, y se acepta.
    * 12, devuelta (E-FALT); la disputa y otra persona le da la razón.
    * 13, devuelta (E-NODO) por error: se deshace y se acepta.

    A ciegas se vuelven a juzgar 1 a 12: la segunda devuelve 9, 10 y 11. También 13, pero su primer dictamen se deshizo.

    Abril, del mapeador: 21 y 22 aceptadas y 23 devuelta (E-TRAS), de 30 objetos; 24 aceptada, de no se sabe cuántos.
    """
    hora, minuto = timedelta(hours=1), 60.0
    for i in range(1, 13):
        entrega = diario.entregar(mapeadora, i, MARZO, 10)
        veredicto = "aceptada" if i < 10 else "con_arreglos" if i == 10 else "devuelta"
        codigos = {10: ["E-ESC"], 11: ["E-TRAS", "E-TRAS", "E-IMG"], 12: ["E-FALT"]}.get(i, [])
        cuando = MARZO + i * hora
        primera = diario.juzgar(entrega, validadora, i, cuando, veredicto, segundos=i * minuto, codigos=codigos)
        segunda = diario.juzgar(
            entrega,
            capacitadora,
            i,
            cuando + hora / 2,
            "devuelta" if i in {9, 10, 11} else "aceptada",
            codigos=["E-DUP"] if i in {9, 10, 11} else [],
            clase="ciega",
        )
        diario.pareja(entrega, primera, segunda, i)
        if i == 11:
            otra = diario.entregar(mapeadora, 11, cuando + hora, 12)
            diario.juzgar(otra, validadora, 11, cuando + 14 * hora, segundos=13 * minuto)
        if i == 12:
            resuelve = diario.juzgar(
                entrega, capacitadora, 12, cuando + 2 * hora, segundos=14 * minuto, clase="disputa"
            )
            diario.disputar(primera, entrega, 12, mapeadora, resuelve, "a_favor")
    entrega = diario.entregar(mapeadora, 13, MARZO, 10)
    error = diario.juzgar(entrega, validadora, 13, MARZO + hora, "devuelta", segundos=5000, codigos=["E-NODO"])
    diario.deshacer(error, 13, validadora, MARZO + 2 * hora)
    diario.pareja(entrega, error, diario.juzgar(entrega, capacitadora, 13, MARZO + hora, clase="ciega"), 13)
    diario.juzgar(entrega, validadora, 13, MARZO + 14 * hora, segundos=15 * minuto)
    for numero in (21, 22, 23, 24):
        entrega = diario.entregar(mapeador, numero, ABRIL, 30 if numero < 24 else None)
        veredicto = "devuelta" if numero == 23 else "aceptada"
        codigos = ["E-TRAS"] if numero == 23 else []
        diario.juzgar(entrega, validadora, numero, ABRIL + hora, veredicto, segundos=120, codigos=codigos)
