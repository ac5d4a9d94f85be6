"""E-UNO: varios edificios dibujados como uno, o uno como varios."""
