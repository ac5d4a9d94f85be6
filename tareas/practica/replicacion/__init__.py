"""La replicación de un aula: archivos de diferencias que cualquier programa de OpenStreetMap sabe seguir."""
