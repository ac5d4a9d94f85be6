"""Un barrio al azar que cambia al azar, con los errores que comete quien empieza; escrito en OPL."""

from dataclasses import dataclass, field
from random import Random

from geo.crs import WGS84, transformador
from geo.revisiones.base.casos import SISTEMA

X0, Y0 = 526_000.0, 2_222_500.0
"""Metros en UTM 14N: dentro del municipio de la fábrica."""
ETIQUETAS = (
    "building=yes",
    "building=house",
    "building=yes,layer=1",
    "highway=residential",
    "highway=residential,name=Av.%20%Juárez",
    "highway=service",
    "highway=residential,bridge=yes",
    "waterway=stream",
    "natural=water",
    "bulding=yes",
    "",
)


@dataclass
class Barrio:
    """Nodos, vías y relaciones con su versión; cada paso deja en ``renglones`` el cambio en OPL."""

    azar: Random
    nodos: dict[int, tuple[float, float, str]] = field(default_factory=dict)
    vias: dict[int, tuple[list[int], str]] = field(default_factory=dict)
    relaciones: dict[int, tuple[list[str], str]] = field(default_factory=dict)
    versiones: dict[str, int] = field(default_factory=dict)
    renglones: list[str] = field(default_factory=list)
    ultimo: int = 0

    def llenar(self) -> None:
        """Doce casas en tres renglones, dos calles, un arroyo, una casa con patio y una tienda."""
        for k in range(12):
            self._casa(k % 4 * 14 + self.azar.uniform(0, 5), k // 4 * 12 + self.azar.uniform(0, 4))
        self._via([self._nodo(-10, 11), self._nodo(30, 11), self._nodo(70, 11)], "highway=residential")
        self._via([self._nodo(30, -20), self._nodo(30, 11.0), self._nodo(31, 50)], "highway=service")
        self._via([self._nodo(-10, -8), self._nodo(70, -6)], "waterway=stream")
        fuera, dentro = (self._via(self._anillo(60, 20, lado), "") for lado in (20, 8))
        self._poner("r", self._nuevo(), [f"w{fuera}@outer", f"w{dentro}@inner"], "type=multipolygon,building=yes")
        self._nodo(5, 5, "shop=bakery")

    def cambiar(self) -> None:
        """Un cambio al azar."""
        self.azar.choice(
            (
                self._mover,
                self._mover,
                self._mover,
                self._crear,
                self._borrar,
                self._retocar,
                self._reetiquetar,
                self._repetir,
            )
        )()

    def sacar(self) -> str:
        """Los renglones desde la última vez, en el orden de un archivo de cambios; de cada objeto, sólo el último."""
        ultimos = {r.split(" ", 1)[0]: r for r in self.renglones}
        self.renglones = []
        return "\n".join(ultimos[c] for c in sorted(ultimos, key=lambda c: ("nwr".index(c[0]), int(c[1:]))))

    def _mover(self) -> None:
        numero = self.azar.choice(list(self.nodos))
        x, y, etiquetas = self.nodos[numero]
        cuanto = self.azar.choice((0.1, 2.0, 2.0, 8.0, 40.0))
        self._poner_nodo(
            numero, x + self.azar.uniform(-cuanto, cuanto), y + self.azar.uniform(-cuanto, cuanto), etiquetas
        )

    def _crear(self) -> None:
        if self.azar.random() < 0.7:
            self._casa(self.azar.uniform(-10, 70), self.azar.uniform(-10, 45))
        else:
            puntos = [self._nodo(self.azar.uniform(-15, 75), self.azar.uniform(-15, 50)) for _ in range(3)]
            self._via([*puntos, self.azar.choice(list(self.nodos))], "highway=residential")

    def _borrar(self) -> None:
        numero = self.azar.choice(list(self.vias))
        en_uso = any(f"w{numero}@" in m for miembros, _ in self.relaciones.values() for m in miembros)
        if en_uso or len(self.vias) < 6:
            return
        del self.vias[numero]
        self._escribir(f"w{numero}", "D", "")

    def _retocar(self) -> None:
        numero = self.azar.choice(list(self.vias))
        nodos, etiquetas = self.vias[numero]
        nodos = list(nodos)
        que = self.azar.randrange(4)
        if que == 0 and len(nodos) > 2:
            nodos.pop(self.azar.randrange(len(nodos)))
        elif que == 1:
            nodos.insert(self.azar.randrange(len(nodos)), self.azar.choice(list(self.nodos)))
        elif que == 2:
            k = self.azar.randrange(len(nodos))
            nodos.insert(k, nodos[k])
        else:
            nodos[0] = self.azar.choice(list(self.nodos))
        self._poner("w", numero, nodos, etiquetas)

    def _reetiquetar(self) -> None:
        numero = self.azar.choice(list(self.vias))
        self._poner("w", numero, self.vias[numero][0], self.azar.choice(ETIQUETAS))

    def _repetir(self) -> None:
        nodos, etiquetas = self.vias[self.azar.choice(list(self.vias))]
        self._via(list(nodos), etiquetas)

    def _casa(self, x: float, y: float) -> int:
        return self._via(self._anillo(x, y, self.azar.uniform(6, 12)), self.azar.choice(ETIQUETAS[:3]))

    def _anillo(self, x: float, y: float, lado: float) -> list[int]:
        esquinas = [self._nodo(x + a * lado, y + b * lado) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))]
        return [*esquinas, esquinas[0]]

    def _nuevo(self) -> int:
        self.ultimo += 1
        return self.ultimo

    def _nodo(self, x: float, y: float, etiquetas: str = "") -> int:
        numero = self._nuevo()
        self._poner_nodo(numero, x, y, etiquetas)
        return numero

    def _via(self, nodos: list[int], etiquetas: str) -> int:
        numero = self._nuevo()
        self._poner("w", numero, nodos, etiquetas)
        return numero

    def _poner_nodo(self, numero: int, x: float, y: float, etiquetas: str) -> None:
        self.nodos[numero] = (x, y, etiquetas)
        lon, lat = transformador(SISTEMA, WGS84).transform(X0 + x, Y0 + y)
        self._escribir(f"n{numero}", "V", f" T{etiquetas} x{lon:.7f} y{lat:.7f}")

    def _poner(self, tipo: str, numero: int, partes: list[int] | list[str], etiquetas: str) -> None:
        if tipo == "w":
            self.vias[numero] = ([int(n) for n in partes], etiquetas)
            self._escribir(f"w{numero}", "V", f" T{etiquetas} N{','.join(f'n{n}' for n in partes)}")
        else:
            self.relaciones[numero] = ([str(m) for m in partes], etiquetas)
            self._escribir(f"r{numero}", "V", f" T{etiquetas} M{','.join(str(m) for m in partes)}")

    def _escribir(self, clave: str, estado: str, resto: str) -> None:
        version = self.versiones[clave] = self.versiones.get(clave, 0) + 1
        minuto, segundo = divmod(sum(self.versiones.values()) % 3600, 60)
        self.renglones.append(
            f"{clave} v{version} d{estado} c{version} t2026-02-01T10:{minuto:02}:{segundo:02}Z i7 uAna{resto}"
        )
