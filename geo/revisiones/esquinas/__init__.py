"""E-ESC: edificios sin escuadra."""
