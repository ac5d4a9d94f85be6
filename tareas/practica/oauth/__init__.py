"""Proveedor OAuth 2 de las aulas: con él iD, JOSM y otras aplicaciones entran con la cuenta de Tequio."""
