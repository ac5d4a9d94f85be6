"""El mapa base de un aula: las mismas teselas que el de verdad, con lo que hay en ella."""
