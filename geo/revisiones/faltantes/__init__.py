"""E-FALT: lo que está en la referencia y no en el mapa."""
