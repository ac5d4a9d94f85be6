"""Fallos del arranque, con lo que la persona puede hacer."""

from __future__ import annotations


class ErrorArranque(Exception):
    """Un paso no se pudo completar.

    Parameters
    ----------
    motivo : str
        Qué pasó, en una frase o con la cola de la bitácora.
    remedio : str
        Qué hacer ahora; puede llevar órdenes listas para copiar.
    """

    def __init__(self, motivo: str, remedio: str = "") -> None:
        super().__init__(motivo)
        self.motivo = motivo
        self.remedio = remedio

    def __str__(self) -> str:
        return f"{self.motivo}\n{self.remedio}" if self.remedio else self.motivo
