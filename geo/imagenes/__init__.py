"""Imágenes en un archivo (MBTiles, PMTiles, GeoTIFF) que se sirven por teselas, sin internet."""
