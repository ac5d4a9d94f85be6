"""E-CLAS: pedazos de calle cuya clase salta respecto a los que le siguen."""
