"""E-VIA: vías que cruzan edificios."""
