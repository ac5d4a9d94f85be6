"""El servidor de la API 0.6 de OpenStreetMap de cada aula."""
