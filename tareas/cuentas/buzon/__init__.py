"""El buzón de cada persona: qué pasó con su trabajo, qué puede hacer, y por correo si así lo quiere."""
