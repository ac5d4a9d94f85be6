"""La vista aérea ficticia: el pueblo desde arriba, a 28 cm por píxel, dibujado con la verdad del generador."""
