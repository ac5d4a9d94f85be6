"""Lectura de datos de OpenStreetMap: archivos, etiquetas, geometría y cifras."""
