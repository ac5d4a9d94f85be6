"""Municipios y sus límites."""
