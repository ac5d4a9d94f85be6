"""Aritmética de las teselas web (XYZ, Web Mercator)."""
