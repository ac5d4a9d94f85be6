"""Cifras de avance: sólo lee, nunca escribe."""
