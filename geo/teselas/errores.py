"""Errores de teselas."""

from geo.errores import N_, ErrorGeo


class TeselaInvalida(ErrorGeo):
    """El zoom, la columna o el renglón no son enteros o no existen."""

    codigo = "tesela_invalida"
    plantilla = N_("La tesela %(z)s/%(x)s/%(y)s no existe: el zoom va de 0 a %(maximo)s y x, y de 0 a 2^zoom − 1.")


class DemasiadasTeselas(ErrorGeo):
    """Una caja se cubre con más teselas de las permitidas."""

    codigo = "demasiadas_teselas"
    plantilla = N_("Con zoom %(z)s hacen falta %(n)s teselas y el máximo es %(maximo)s. Usa un zoom menor.")
