"""La demostración: un municipio (ficticio o el que se le dé), tres proyectos, un aula
con el suyo, seis cuentas y unas semanas de trabajo.

Todo pasa por los servicios verdaderos, con el reloj de la base puesto en el momento que toca.
"""
