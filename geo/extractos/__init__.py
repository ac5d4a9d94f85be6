"""Archivos de datos de OpenStreetMap que alguien sube, leídos en un proceso encerrado."""
