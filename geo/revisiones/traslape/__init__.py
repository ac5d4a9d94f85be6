"""E-TRAS: edificios que se enciman."""
