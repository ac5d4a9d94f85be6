"""Objetos de OpenStreetMap que guardamos: importar, aplicar cambios, consultar por área."""
