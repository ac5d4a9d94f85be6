"""Imágenes propias de un municipio: archivos que se registran, se publican y se sirven por teselas, sin internet."""
