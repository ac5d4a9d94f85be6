"""Estadística de las medidas: entran cuentas, salen cifras con su intervalo. Ni web ni base de datos."""
