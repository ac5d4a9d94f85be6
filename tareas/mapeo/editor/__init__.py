"""El editor dentro de Tequio: dónde edita un proyecto, con qué, y la página que lleva a iD."""
