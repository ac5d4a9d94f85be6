"""Grupos de personas de un municipio: una brigada, una escuela, un taller."""
