"""Lo que comparten las pruebas del motor."""

import pytest

from geo.pueblo import Pueblo, generar


@pytest.fixture(scope="session")
def pueblo() -> Pueblo:
    """El municipio ficticio; tarda unos segundos, así que se genera una sola vez."""
    return generar()
