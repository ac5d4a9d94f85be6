"""E-NOMB: nombres mal escritos."""
