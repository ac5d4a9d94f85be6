"""Motor geoespacial de Tequio: entran valores, salen valores; no conoce la web ni la base de datos."""
