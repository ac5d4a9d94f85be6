"""Lo que puede salir mal al entrar con OpenStreetMap. Nada de esto impide entrar con usuario y clave."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import Caducado, Conflicto, DatosInvalidos, NoEncontrado, NoPermitido
from tareas.comun.textos import N_


class ServidoresMalConfigurados(DatosInvalidos):
    """``TEQUIO_SERVIDORES_OSM`` no se entiende."""

    codigo = "servidores_mal_configurados"
    plantilla = N_("TEQUIO_SERVIDORES_OSM no sirve: %(porque)s.")


class ServidorDesconocido(NoEncontrado):
    """No hay un servidor con ese identificador, o no se puede entrar con él."""

    codigo = "servidor_desconocido"
    plantilla = N_("Aquí no se puede usar ese servidor de OpenStreetMap. Entra con tu usuario y tu clave.")


class EntradaOsmAjena(Caducado):
    """La respuesta no es de una entrada que este navegador haya empezado, o ya se usó, o tardó demasiado."""

    codigo = "entrada_osm_ajena"
    plantilla = N_("Esta entrada ya se usó, caducó o se empezó en otra ventana. Empieza de nuevo desde aquí.")


class PermisoNegado(NoPermitido):
    """La persona no dio permiso en el otro servidor."""

    codigo = "permiso_negado"
    plantilla = N_("No diste permiso en %(servidor)s, así que no sabemos quién eres. No pasa nada.")


class ServidorOsmFalla(Conflicto):
    """El otro servidor no contestó, o contestó algo que no se entiende."""

    codigo = "servidor_osm_falla"
    plantilla = N_("%(servidor)s no respondió como se esperaba. Prueba en un rato, o entra con tu usuario y tu clave.")


class ServidorOsmCallado(ServidorOsmFalla):
    """No contestó a tiempo."""

    codigo = "servidor_osm_callado"
    plantilla = N_("%(servidor)s no contesta. Prueba en un rato, o entra con tu usuario y tu clave.")


class CodigoRechazado(ServidorOsmFalla):
    """No aceptó el código: ya se usó o venció."""

    codigo = "codigo_rechazado"
    plantilla = N_("%(servidor)s no aceptó esta entrada: quizá ya se usó o venció. Empieza de nuevo desde aquí.")


class CuentaOsmAjena(Conflicto):
    """Otra persona de aquí ya la tiene."""

    codigo = "cuenta_osm_ajena"
    plantilla = N_("Esa cuenta de OpenStreetMap ya es de otra persona aquí. Entra con ella, o vincula otra.")


class CuentaOsmRepetida(Conflicto):
    """La persona ya vinculó otra cuenta del mismo servidor."""

    codigo = "cuenta_osm_repetida"
    plantilla = N_("Ya tienes vinculada otra cuenta de ese servidor. Desvincúlala antes de vincular ésta.")


class CuentaOsmDesconocida(NoEncontrado):
    """La persona no tiene esa cuenta vinculada."""

    codigo = "cuenta_osm_desconocida"
    plantilla = N_("Ya no tienes vinculada esa cuenta. Vuelve a cargar la página.")


class QuedariaSinEntrada(Conflicto):
    """No tiene clave: sin esa cuenta no podría volver a entrar."""

    codigo = "quedaria_sin_entrada"
    plantilla = N_("Todavía no tienes clave aquí: sin esta cuenta no podrías volver a entrar. Pon una clave primero.")


class CuentaDeBaja(NoPermitido):
    """La persona existe y está de baja."""

    codigo = "cuenta_de_baja"
    plantilla = N_("Tu cuenta aquí está de baja. Pide a quien organiza el mapeo que la vuelva a abrir.")


class SoloCuentasConocidas(NoPermitido):
    """El registro está cerrado y esa cuenta de OSM no es de nadie de aquí."""

    codigo = "solo_cuentas_conocidas"
    plantilla = N_(
        "Aquí las cuentas las crea la administración, y ésta de OpenStreetMap no es de nadie todavía. Entra con tu "
        "usuario y tu clave, y vincúlala en «Mi cuenta»."
    )


class VinculoDeOtraPersona(Conflicto):
    """Entre el ir y el volver cambió quién estaba adentro."""

    codigo = "vinculo_de_otra_persona"
    plantilla = N_("Empezaste a vincular con otra cuenta abierta, o se cerró tu sesión. Entra y vincúlala de nuevo.")


registrar_restricciones({"cuenta_osm_uid_unico": CuentaOsmAjena, "cuenta_osm_una_por_servidor": CuentaOsmRepetida})
