"""Medidas de calidad, cada una con su intervalo y de cuántos casos sale: sólo lee."""
