"""E-HUE: edificios casi pegados."""
