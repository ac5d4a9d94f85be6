"""Referencia propia de un municipio (catastro o huellas de edificios), y cuánto del mapa está completo frente a ella."""
