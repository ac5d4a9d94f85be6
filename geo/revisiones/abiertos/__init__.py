"""E-ABIE: áreas sin cerrar."""
