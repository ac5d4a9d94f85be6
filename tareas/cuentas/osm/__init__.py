"""Entrar con la cuenta de un servidor de la familia OpenStreetMap, y saber qué cuentas tiene cada quien."""
