"""E-ETIQ: etiquetas que faltan, están mal escritas o no existen."""
