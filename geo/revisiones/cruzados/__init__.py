"""E-CRUZ: contornos que se cruzan."""
