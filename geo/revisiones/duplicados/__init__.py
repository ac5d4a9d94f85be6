"""E-DUP: objetos repetidos."""
