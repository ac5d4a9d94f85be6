"""Textos con que empieza un proyecto nuevo; quien lo crea los cambia."""

from tareas.comun.textos import N_

INSTRUCCIONES = {
    "edificios": (
        N_("Edificios"),
        N_(
            "Dibuja cada edificio por la base de sus muros, no por la orilla del techo ni por su sombra.\n\n"
            "1. Acerca la imagen hasta que un edificio ocupe buena parte de la pantalla.\n"
            "2. Marca una esquina tras otra y cierra el contorno; ponle la etiqueta building=yes.\n"
            "3. Deja las esquinas rectas (tecla Q en iD).\n"
            "4. Si dos casas comparten muro, dibújalas por separado y que compartan ese lado.\n\n"
            "Si un edificio queda entre dos tareas, dibújalo completo."
        ),
    ),
    "calles": (
        N_("Calles y caminos"),
        N_(
            "Dibuja cada calle por su centro y únela con las que cruza.\n\n"
            "1. Pon highway=residential a las calles con casas, highway=unclassified a las que unen poblados, "
            "highway=track a las brechas y highway=footway a los andadores.\n"
            "2. En cada cruce, las dos calles comparten un punto.\n"
            "3. Si sabes el nombre porque vives ahí, escríbelo en name. No lo copies de otro mapa.\n\n"
            "No muevas calles que ya están bien sobre la imagen."
        ),
    ),
    "todo": (
        N_("Edificios y calles"),
        N_(
            "Primero las calles, luego los edificios.\n\n"
            "1. Dibuja cada calle por su centro y únela con las que cruza.\n"
            "2. Dibuja cada edificio por la base de sus muros, con esquinas rectas y la etiqueta building=yes.\n"
            "3. Revisa lo que ya estaba: si quedó corrido respecto a la imagen, acomódalo; no lo borres.\n\n"
            "Lo que quede entre dos tareas, dibújalo completo."
        ),
    ),
}
"""Clave -> nombre y texto."""
