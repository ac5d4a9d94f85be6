"""Aulas: mundos de práctica, cada uno con su servidor de OpenStreetMap (API 0.6)."""
