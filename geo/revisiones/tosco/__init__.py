"""E-CRUD: calles trazadas con muy pocos puntos."""
