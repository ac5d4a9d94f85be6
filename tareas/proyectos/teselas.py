"""Teselas vectoriales de las tareas de un proyecto: se calculan una vez por versión y se guardan comprimidas.

De cerca se dibuja cada tarea (capa ``tareas``, el identificador de cada una es su número). De lejos, donde no llegarían
a `PIXELES_DE_TAREA` de ancho, se dibujan bloques de tareas vecinas (capa ``bloques``, con ``desde`` y ``hasta``): los
números van en orden de Morton, así que un bloque es un tramo seguido y quien dibuja lo colorea con el arreglo compacto
de estados. Las que salieron de partir o juntar otras llevan números del final: su bloque las nombra en ``mas``.
"""

import gzip
from collections.abc import Hashable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from tareas.comun.guardadas import Guardadas
from tareas.proyectos import consultas
from tareas.proyectos.consultas import ProyectoVisible
from tareas.proyectos.errores import TeselaInexistente
from tareas.proyectos.reglas import ZOOM_MAXIMO_DE_TESELA, niveles_de_bloque

BYTES_GUARDADOS: Final = 64 * 1024 * 1024
ANCHO_DEL_MUNDO: Final = 2 * np.pi * 6_378_137.0
"""Metros de EPSG:3857."""

BORDE: Final = 64 / 4096
"""Parte de tesela que se dibuja de más a cada lado, para que los contornos no se corten en la unión."""


_TESELAS: Guardadas[bytes] = Guardadas(BYTES_GUARDADOS)
_BLOQUES: Guardadas[tuple[npt.NDArray[np.float64], list[str | None]]] = Guardadas(BYTES_GUARDADOS // 2)


def tesela(sesion: Session, proyecto: ProyectoVisible, z: int, x: int, y: int) -> bytes:
    """Tesela de un proyecto, comprimida con gzip; vacía si no hay nada que dibujar.

    Raises
    ------
    TeselaInexistente
        Si ``z``, ``x`` o ``y`` no son de una tesela.
    """
    if not (0 <= z <= ZOOM_MAXIMO_DE_TESELA and 0 <= x < 2**z and 0 <= y < 2**z):
        raise TeselaInexistente

    def hacer() -> tuple[int, bytes]:
        cruda = _dibujar(sesion, proyecto, z, x, y)
        comprimida = gzip.compress(cruda, 6, mtime=0) if cruda else b""
        return len(comprimida) + 200, comprimida

    return _TESELAS.obtener((*_de(proyecto), z, x, y), hacer)


def _dibujar(sesion: Session, proyecto: ProyectoVisible, z: int, x: int, y: int) -> bytes:
    caja = _caja_en_grados(z, x, y, BORDE)
    if not _se_tocan(caja, proyecto.caja):
        return b""
    latitud = (proyecto.caja[1] + proyecto.caja[3]) / 2
    niveles = niveles_de_bloque(z, latitud, proyecto.area_m2, proyecto.tareas_total)
    if niveles == 0:
        return consultas.tesela_tareas(sesion, proyecto.id, z, x, y, ANCHO_DEL_MUNDO / 2**z * BORDE)
    bloques, mas = _bloques(sesion, proyecto, niveles)
    oeste, sur, este, norte = caja
    cuales = np.flatnonzero(
        (bloques[:, 2] <= este) & (bloques[:, 4] >= oeste) & (bloques[:, 3] <= norte) & (bloques[:, 5] >= sur)
    )
    if not len(cuales):
        return b""
    dentro = bloques[cuales]
    columnas: dict[str, list[Any]] = {
        "desde": dentro[:, 0].astype(int).tolist(),
        "hasta": dentro[:, 1].astype(int).tolist(),
        "mas": [mas[i] for i in cuales.tolist()],
        **{nombre: dentro[:, i].tolist() for i, nombre in enumerate(("oeste", "sur", "este", "norte"), 2)},
    }
    return consultas.tesela_bloques(sesion, z, x, y, columnas)


def _bloques(
    sesion: Session, proyecto: ProyectoVisible, niveles: int
) -> tuple[npt.NDArray[np.float64], list[str | None]]:
    def hacer() -> tuple[int, tuple[npt.NDArray[np.float64], list[str | None]]]:
        leidos = consultas.bloques(sesion, proyecto.id, niveles)
        filas = np.array([tuple(f)[:6] for f in leidos], dtype=np.float64).reshape(-1, 6)
        mas = [f.mas for f in leidos]
        return filas.nbytes + sum(len(m) for m in mas if m) + 8 * len(mas) + 200, (filas, mas)

    return _BLOQUES.obtener((*_de(proyecto), niveles), hacer)


def _de(proyecto: ProyectoVisible) -> tuple[Hashable, ...]:
    # Con el momento de creación: en otra base de datos, o restaurada, el mismo número puede ser otro proyecto.
    return proyecto.id, proyecto.creado, proyecto.version


def _caja_en_grados(z: int, x: int, y: int, borde: float) -> tuple[float, float, float, float]:
    n = 2.0**z
    oeste, este = ((x - borde) / n * 360 - 180, (x + 1 + borde) / n * 360 - 180)
    norte, sur = (float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * f / n))))) for f in (y - borde, y + 1 + borde))
    return oeste, sur, este, norte


def _se_tocan(a: tuple[float, float, float, float], b: list[float]) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]
