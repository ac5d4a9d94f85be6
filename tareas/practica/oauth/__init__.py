"""Fichas OAuth 2 de las aulas."""
