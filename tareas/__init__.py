"""La aplicación: un paquete por subdominio; ``docs/como_esta_hecha.md`` los presenta."""
