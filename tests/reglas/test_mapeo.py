from tareas.mapeo.reglas import Estado, Para, plegar, se_puede_tomar


def test_se_mapea_lo_pendiente_lo_devuelto_y_lo_que_no_tenia_imagen():
    assert {e for e in Estado if se_puede_tomar(e, Para.MAPEAR)} == {
        Estado.PENDIENTE,
        Estado.DEVUELTA,
        Estado.SIN_IMAGEN,
    }


def test_solo_se_valida_lo_mapeado():
    assert {e for e in Estado if se_puede_tomar(e, Para.VALIDAR)} == {Estado.MAPEADA}


def test_el_estado_es_el_del_ultimo_paso_que_lo_cambia():
    assert plegar([]) is Estado.PENDIENTE
    assert plegar([None, Estado.MAPEADA, None, Estado.DEVUELTA, None]) is Estado.DEVUELTA
