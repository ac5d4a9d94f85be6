"""Administración de personas: quién hay, qué papeles tiene y dónde."""
