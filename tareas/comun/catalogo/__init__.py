"""Catálogos de traducción: sacar los textos del código, guardarlos con su traducción y revisarlos."""
