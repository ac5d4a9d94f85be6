"""La huella de un hallazgo: una por cosa dicha, y la misma se mire la zona que se mire."""

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

from geo.revisiones.base.casos import leer
from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.regla import Ajustes, Regla
from geo.revisiones.motor import Resultado, revisar

ARROYO = """caso: Un arroyo que zigzaguea sobre la calle y la cruza tres veces en menos de un metro
w1 highway=residential | 0,0 100,0
w2 waterway=stream | 40,-30 50,-0.2 50.2,0.3 50.5,-0.3 50.7,0.2 60,30"""
RUTA = """caso: Una ruta por dos calles
w1 highway=residential | 0,0 100,0
w2 highway=residential | 100,0 200,0
r1 type=route route=bus name="AVENIDA JUAREZ" | w1: w2:"""


def _dichos(texto: str) -> Resultado:
    return revisar(leer(texto)[0].mundo())


def test_lo_mismo_en_el_mismo_metro_se_dice_una_vez() -> None:
    huellas = [h.huella for h in _dichos(ARROYO).hallazgos if h.codigo == "E-AGUA"]
    assert huellas
    assert len(huellas) == len(set(huellas))


def test_la_huella_de_una_ruta_no_depende_de_cuantas_de_sus_calles_se_traigan() -> None:
    sin_la_segunda = "\n".join(r for r in RUTA.splitlines() if not r.startswith("w2"))
    entera, parte = (next(h for h in _dichos(t).hallazgos if h.codigo == "E-NOMB") for t in (RUTA, sin_la_segunda))
    assert entera.lugar == parte.lugar
    assert entera.huella == parte.huella


def test_el_recolector_queda_como_estaba_aunque_una_regla_se_rompa() -> None:
    visto: list[bool] = []

    def romper(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
        visto.append(gc.isenabled())
        raise ValueError

    rota = Regla("E-ROTA", Path(), romper, {}, 0.0)
    mundo = leer(ARROYO)[0].mundo()
    assert gc.isenabled()
    assert [f.codigo for f in revisar(mundo, (rota,)).fallas] == ["E-ROTA"]
    assert gc.isenabled()
    gc.disable()
    try:
        revisar(mundo, (rota,))
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert visto == [False, False]


def test_entre_hilos_el_recolector_lo_repone_el_ultimo_que_sale() -> None:
    mundo = leer(ARROYO)[0].mundo()
    entro, sigue = (threading.Event() for _ in range(2))

    def esperar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
        entro.set()
        assert sigue.wait(10)
        yield from ()

    otro = threading.Thread(target=revisar, args=(mundo, (Regla("E-LENTA", Path(), esperar, {}, 0.0),)))
    otro.start()
    try:
        assert entro.wait(10)
        revisar(leer(ARROYO)[0].mundo())
        assert not gc.isenabled()
    finally:
        sigue.set()
        otro.join()
    assert gc.isenabled()
