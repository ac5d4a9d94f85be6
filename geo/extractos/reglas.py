"""Lo que el proceso que lee y quien lo llama tienen que saber igual."""

MEGA = 1024 * 1024
RENGLONES = "renglones.jsonl"
RENGLON_MAXIMO = 4 * MEGA
"""Bytes de un objeto ya escrito: una relación con treinta y dos mil miembros ocupa la cuarta parte."""
