from arranque.paquetes import por_instalar, sin_paquetes


def test_de_la_simulacion_salen_los_nombres_sin_la_biblioteca_de_c() -> None:
    simulacion = (
        "NOTE: This is only a simulation!\n"
        "Inst libc6 [2.36-9] (2.36-10 Debian:12 [amd64])\n"
        "Inst libpq5 (15.18 Debian:12 [amd64])\n"
        "Inst postgresql-15-postgis-3 (3.3.2 Debian:12 [amd64])\n"
        "Conf libpq5 (15.18 Debian:12 [amd64])\n"
    )
    assert por_instalar(simulacion) == ["libpq5", "postgresql-15-postgis-3"]


def test_se_pueden_tratar_paquetes_como_no_instalados() -> None:
    estado = "Package: bash\nStatus: ok\n\nPackage: postgresql-15\nStatus: ok\n\nPackage: libpq5\nStatus: ok\n\n"
    assert sin_paquetes(estado, "postgresql|libpq") == "Package: bash\nStatus: ok\n\n"
