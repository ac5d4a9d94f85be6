"""Calidad: qué se mapeó de verdad."""
