"""Revisión: dictamen, motivos, devolución."""
