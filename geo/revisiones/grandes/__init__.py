"""E-GRA: edificios demasiado grandes."""
