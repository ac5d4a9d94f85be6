"""E-NODO: calles que se cruzan sin compartir un nodo."""
