from collections.abc import Callable
from pathlib import Path

import pytest

from arranque.errores import ErrorArranque
from arranque.pasos import Paso, preparar
from arranque.rutas import Rutas


@pytest.fixture
def rutas(tmp_path: Path) -> Rutas:
    rutas = Rutas(tmp_path)
    rutas.preparar()
    return rutas


def paso(nombre: str, hacer: Callable[[Path], None], entrada: str = "v1") -> Paso:
    return Paso(nombre, f"Paso {nombre}", hacer, lambda: [entrada], lambda: True)


def test_un_paso_terminado_no_se_repite_hasta_que_cambia_su_entrada(rutas: Rutas) -> None:
    hechos: list[str] = []
    for entrada in ("v1", "v1", "v2"):
        preparar([paso("a", lambda _, e=entrada: hechos.append(e), entrada)], rutas)
    assert hechos == ["v1", "v2"]


def test_si_alguien_borra_el_resultado_el_paso_se_repite(rutas: Rutas) -> None:
    resultado = rutas.raiz / "resultado"
    uno = Paso("a", "Paso a", lambda _: resultado.touch(), lambda: [], resultado.exists)
    preparar([uno], rutas)
    resultado.unlink()
    preparar([uno], rutas)
    assert resultado.exists()


def test_un_paso_que_falla_dice_cual_por_que_y_que_hacer_y_al_repetir_continua_ahi(rutas: Rutas) -> None:
    hechos: list[str] = []
    red = {"hay": False}

    def bajar(_: Path) -> None:
        if not red["hay"]:
            raise ErrorArranque("sin respuesta del servidor", "Revisa la conexión.")
        hechos.append("b")

    pasos = [paso("a", lambda _: hechos.append("a")), paso("b", bajar), paso("c", lambda _: hechos.append("c"))]
    with pytest.raises(ErrorArranque) as fallo:
        preparar(pasos, rutas)
    assert "«Paso b»" in fallo.value.motivo
    assert "sin respuesta del servidor" in fallo.value.motivo
    assert "Revisa la conexión." in fallo.value.remedio
    assert "vuelve a ejecutar" in fallo.value.remedio
    red["hay"] = True
    preparar(pasos, rutas)
    assert hechos == ["a", "b", "c"]
