"""Palabras que se parecen: a una letra de más, de menos, cambiada o volteada."""

from collections.abc import Iterable


class Parecidas:
    """Busca, entre unas palabras buenas, la que está a un error de tecleo de otra.

    El trabajo por consulta depende del largo de la palabra, no de cuántas hay: cada buena se guarda también con una
    letra menos, y se busca la dudosa con una letra menos.
    """

    def __init__(self, buenas: Iterable[str], minimo: int = 5) -> None:
        """``minimo`` es el largo desde el que una palabra puede parecerse a otra; más cortas, todas se parecen."""
        self._buenas = frozenset(buenas)
        self._minimo = minimo
        self._mayor = max((len(b) for b in self._buenas), default=0) + 1
        self._vecinas: dict[str, list[str]] = {}
        for buena in sorted(b for b in self._buenas if len(b) >= minimo):
            for pista in {buena, *_con_una_menos(buena)}:
                self._vecinas.setdefault(pista, []).append(buena)

    def de(self, dudosa: str) -> str | None:
        """La buena que se le parece (de varias, la primera por alfabeto); ``None`` si ninguna, o si ya es buena."""
        if dudosa in self._buenas:
            return None
        doblada = dudosa.strip().casefold().replace(" ", "_")
        if doblada in self._buenas:
            return doblada
        if not self._minimo <= len(doblada) <= self._mayor:
            return None
        candidatas = {b for pista in (doblada, *_con_una_menos(doblada)) for b in self._vecinas.get(pista, ())}
        return min((b for b in candidatas if a_un_paso(doblada, b)), default=None)


def a_un_paso(una: str, otra: str) -> bool:
    """Di si se pasa de una a la otra quitando, poniendo o cambiando una letra, o volteando dos seguidas."""
    corta, larga = sorted((una, otra), key=len)
    if una == otra or len(larga) - len(corta) > 1:
        return False
    k = next((i for i, (a, b) in enumerate(zip(corta, larga, strict=False)) if a != b), len(corta))
    if len(corta) < len(larga):
        return corta[k:] == larga[k + 1 :]
    volteadas = corta[k : k + 2] == larga[k : k + 2][::-1] and corta[k + 2 :] == larga[k + 2 :]
    return volteadas or corta[k + 1 :] == larga[k + 1 :]


def _con_una_menos(palabra: str) -> list[str]:
    return [palabra[:k] + palabra[k + 1 :] for k in range(len(palabra))]
