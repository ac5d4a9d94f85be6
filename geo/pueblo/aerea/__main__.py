"""``python -m geo.pueblo.aerea DESTINO.mbtiles``: dibuja la vista aérea ficticia."""

import sys
from pathlib import Path

from geo.pueblo.aerea.teselas import dibujar

if __name__ == "__main__":
    print(dibujar(Path(sys.argv[1])))
