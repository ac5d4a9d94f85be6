
import re
from tests.navegador.conftest import esperar_mapa
from tests.vallas.test_textos_en_ingles import en_espanol, DATOS
def test_x(abrir, elenco, sitio, bd):
    malos=[]
    def ver(quien, rutas):
        pagina=abrir(quien)
        pagina.context.add_cookies([{"name":"tequio_idioma","value":"en","url":sitio}])
        for r in rutas:
            pagina.goto(r); pagina.wait_for_timeout(2500)
            for s in pagina.query_selector_all("details:not([data-tema]):not(.menu)"):
                s.evaluate("d=>d.open=true")
            pagina.wait_for_timeout(500)
            malos.extend((r,x) for x in en_espanol(pagina.content()))
            pagina.screenshot(path=f"/tmp/en_{re.sub('[^a-z0-9]','_',r)}.png")
        return pagina
    p=elenco.proyecto
    pg=ver(elenco.mapeadora,["/",f"/proyectos/{p}",f"/proyectos/{p}/mapear"])
    pg.get_by_role("button",name="Give me a task").click(); pg.wait_for_timeout(2500)
    malos.extend(("turno",x) for x in en_espanol(pg.content())); pg.screenshot(path="/tmp/en_turno.png")
    pg.get_by_role("button",name="Submit as mapped").click(); pg.wait_for_timeout(2500)
    malos.extend(("entregada",x) for x in en_espanol(pg.content()))
    pg=ver(elenco.validadora,[f"/proyectos/{p}/validar"])
    pg.get_by_role("button",name="Review the longest-waiting one").click(); pg.wait_for_timeout(2500)
    pg.get_by_role("button",name="Return with reasons").click(); pg.wait_for_timeout(500)
    malos.extend(("revision",x) for x in en_espanol(pg.content())); pg.screenshot(path="/tmp/en_revision.png")
    ver(elenco.funcionaria,["/proyectos/nuevo",f"/proyectos/{p}/avance"])
    assert malos==[]
