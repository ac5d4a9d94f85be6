"""Quién editó cada objeto de OSM: cuentas, fechas y conjuntos de cambios inventados pero verosímiles."""

from datetime import UTC, datetime, timedelta
from typing import Final

from geo.pueblo.azar import Azar
from geo.pueblo.degradar.lienzo import VIA_PROPIA, Lienzo
from geo.pueblo.tipos import Autoria, Clave

CUENTAS: Final = tuple((99_000_000 + k, f"cuenta_ficticia_{k}") for k in range(1, 11))
APRENDICES: Final = CUENTAS[4:]
PRIMER_CONJUNTO: Final = 900_000_100
"""Muy por encima de los números de OSM, para no confundirse con conjuntos reales."""
RETOCADOS: Final = 0.16
"""Parte de las vías que alguien corrigió después de creadas."""

Sesion = tuple[str, int]
"""Motivo y número de una sesión de edición."""


class Bitacora:
    """Reparte los objetos en sesiones y pone a cada uno su autoría.

    Parameters
    ----------
    lienzo : Lienzo
        Ya degradado.
    semilla : int
    """

    def __init__(self, lienzo: Lienzo, semilla: int) -> None:
        self._azar = Azar(semilla, "autoria")
        self._lienzo = lienzo
        self._plantados = {o for p in lienzo.plantados for o in p.objetos if p.codigo not in ("E-DESP", "E-AGUA")}
        self._sesion: dict[Clave, Sesion] = {}
        self._retoque: dict[Clave, Sesion] = {}
        for clave in self._claves():
            self._sesion[clave] = self._motivo(clave)
            if clave not in self._plantados and self._azar.moneda(RETOCADOS):
                self._retoque[clave] = ("retoque", self._azar.entero(1, 40))
            elif clave in self._plantados and clave[0] == "w" and int(clave[1:]) in lienzo.verdad.calles:
                self._retoque[clave] = ("aprendiz", self._azar.entero(1, 24))
        sesiones = sorted({*self._sesion.values(), *self._retoque.values()})
        datos = sorted((self._fecha(s), s) for s in sesiones)
        self._datos = {
            s: (fecha, PRIMER_CONJUNTO + 37 * k, self._azar.elige(APRENDICES if s[0] == "aprendiz" else CUENTAS))
            for k, (fecha, s) in enumerate(datos)
        }

    def _claves(self) -> list[Clave]:
        lienzo = self._lienzo
        return [
            *(f"n{n}" for n in lienzo.etiquetas), *(f"w{v}" for v in lienzo.vias), *(f"r{r}" for r in lienzo.relaciones)
        ]  # fmt: skip

    def _motivo(self, clave: Clave) -> Sesion:
        lienzo, numero = self._lienzo, int(clave[1:])
        verdadera = lienzo.origen[clave][0] if lienzo.origen.get(clave) else clave
        if clave[0] == "w" and numero in lienzo.verdad.calles:
            return "calles", lienzo.verdad.calles[numero].barrio
        if clave in self._plantados or (clave[0] == "w" and numero >= VIA_PROPIA):
            return "aprendiz", self._azar.entero(1, 24)
        casa = lienzo.casas.get(verdadera)
        if casa is not None:
            return "casas", casa.edificio.manzana
        return "suelo", self._azar.entero(1, 30)

    def _fecha(self, sesion: Sesion) -> datetime:
        inicio, dias = {
            "calles": (datetime(2014, 3, 1, tzinfo=UTC), 1500),
            "suelo": (datetime(2016, 2, 1, tzinfo=UTC), 2900),
            "casas": (datetime(2018, 5, 1, tzinfo=UTC), 2200),
            "aprendiz": (datetime(2024, 8, 1, tzinfo=UTC), 400),
            "retoque": (datetime(2024, 6, 1, tzinfo=UTC), 520),
        }[sesion[0]]
        return inicio + timedelta(days=self._azar.entero(0, dias), minutes=self._azar.entero(13 * 60, 27 * 60))

    def de(self, clave: Clave) -> Autoria:
        """Autoría de la versión vigente de una vía, una relación o un nodo con etiquetas."""
        if clave in self._retoque:
            return self._firmada(self._retoque[clave], 2 + int(self._azar.moneda(0.25)))
        return self._firmada(self._sesion[clave], 1)

    def de_nodo(self, via: Clave) -> Autoria:
        """Autoría de un nodo sin etiquetas que se creó con esa vía."""
        return self._firmada(self._sesion[via], 1)

    def _firmada(self, sesion: Sesion, version: int) -> Autoria:
        fecha, conjunto, (uid, usuario) = self._datos[sesion]
        return Autoria(version, fecha + timedelta(seconds=self._azar.entero(0, 2400)), conjunto, uid, usuario)
