"""Personas, entrada, papeles por municipio."""
