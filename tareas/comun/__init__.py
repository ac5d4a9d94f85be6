"""El suelo de la aplicación: base de datos, errores, permisos, reloj, textos y web. No conoce a nadie más."""
