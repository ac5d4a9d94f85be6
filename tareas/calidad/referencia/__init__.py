"""Referencia propia de un municipio (catastro, huellas de edificios), y qué tan completo está el mapa frente a ella."""
