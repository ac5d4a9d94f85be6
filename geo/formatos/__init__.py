"""Archivos que entran y salen: lo que la gente sube se lee aparte, con límites, y se revisa antes de usarlo."""
