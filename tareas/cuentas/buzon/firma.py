"""El enlace para dejar de recibir correos: firmado, sirve sin entrar y no vence."""

from itsdangerous import BadData, URLSafeSerializer

from tareas.cuentas.buzon.errores import BajaInvalida

SAL = "tequio.baja-de-avisos"
LARGO_MAXIMO = 200


def firmar_baja(secreto: str, persona_id: int) -> str:
    """Ficha que prueba que el enlace lo escribimos para esa persona."""
    return str(URLSafeSerializer(secreto, salt=SAL).dumps(persona_id))


def persona_de_baja(secreto: str, ficha: str) -> int:
    """Persona de una ficha.

    Raises
    ------
    BajaInvalida
        Está incompleta, cambiada, o la firmó otra instalación.
    """
    if len(ficha) > LARGO_MAXIMO:
        raise BajaInvalida
    try:
        persona = URLSafeSerializer(secreto, salt=SAL).loads(ficha)
    except BadData as error:
        raise BajaInvalida from error
    if not isinstance(persona, int):
        raise BajaInvalida
    return persona
