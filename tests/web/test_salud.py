def test_salud_responde_200_cuando_la_base_contesta(cliente):
    assert cliente.get("/salud").status_code == 200


def test_lo_que_no_existe_se_dice_como_pagina_y_como_json(cliente):
    pagina = cliente.get("/nada")
    assert pagina.status_code == 404
    assert pagina.mimetype == "text/html"
    datos = cliente.get("/api/v1/nada")
    assert datos.status_code == 404
    assert datos.mimetype == "application/problem+json"
