"""E-CHI: edificios demasiado chicos."""
