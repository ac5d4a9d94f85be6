"""Errores al usar una geometría como área de trabajo."""

from geo.errores import N_
from geo.formatos.errores import ErrorLectura


class AreaVacia(ErrorLectura):
    """No hay ninguna geometría."""

    codigo = "area_vacia"
    plantilla = N_("El área está vacía: no trae ninguna geometría. Dibuja o sube un polígono.")


class AreaSinPoligonos(ErrorLectura):
    """Hay geometrías, pero ninguna encierra un área."""

    codigo = "area_sin_poligonos"
    plantilla = N_("El área necesita polígonos y solo trae %(tipos)s. Dibuja o sube un polígono.")


class LineaAbierta(ErrorLectura):
    """Una línea que no se cierra y por eso no encierra un área."""

    codigo = "linea_abierta"
    plantilla = N_("La línea no se cierra: empieza en %(inicio)s y termina en %(fin)s, a %(metros)s m. Únelas.")
    reparacion = N_("Se cerraría la línea con un lado recto de %(metros)s m entre %(fin)s y %(inicio)s.")


class AreaCero(ErrorLectura):
    """Una parte no encierra nada: sus vértices están en una línea o en un punto."""

    codigo = "area_cero"
    plantilla = N_("La parte %(parte)s no encierra ninguna área, en %(lugar)s. Vuelve a dibujarla.")


class ParteInvalida(ErrorLectura):
    """Una parte del área no es un polígono válido, con su lugar."""

    codigo = "parte_invalida"
    plantilla = N_("La parte %(parte)s no es un polígono válido en %(lugar)s. Vuelve a dibujarla.")
    reparacion = N_("Se corregiría su contorno cerca de %(lugar)s; conserva el %(conserva)s\u00a0%% de su área.")


class SeCruza(ParteInvalida):
    """El contorno de una parte pasa sobre sí mismo."""

    codigo = "se_cruza"
    plantilla = N_("La parte %(parte)s se cruza consigo misma en %(lugar)s.")


class SeToca(ParteInvalida):
    """El contorno de una parte pasa dos veces por el mismo punto."""

    codigo = "se_toca"
    plantilla = N_("El contorno de la parte %(parte)s se toca a sí mismo en %(lugar)s.")


class HuecoFuera(ParteInvalida):
    """Un hueco queda fuera de su parte."""

    codigo = "hueco_fuera"
    plantilla = N_("Un hueco de la parte %(parte)s queda fuera de ella, en %(lugar)s.")


class HuecosEncimados(ParteInvalida):
    """Dos huecos de la misma parte se enciman o la cortan en pedazos."""

    codigo = "huecos_encimados"
    plantilla = N_("Los huecos de la parte %(parte)s se enciman o la cortan en pedazos, en %(lugar)s.")


class AreaMuyGrande(ErrorLectura):
    """El área pasa del máximo."""

    codigo = "area_muy_grande"
    plantilla = N_("El área mide %(km2)s km² y el máximo es %(maximo)s km². Divídela.")


class AreaMuyComplicada(ErrorLectura):
    """Unir o arreglar las partes pasó del tiempo o de la memoria permitidos."""

    codigo = "area_muy_complicada"
    plantilla = N_("El área es demasiado complicada: sus lados se cruzan muchísimas veces. Simplifícala.")


class VariasCapas(ErrorLectura):
    """El archivo trae varias capas y hay que elegir; ``datos["capas"]`` lleva sus nombres."""

    codigo = "varias_capas"
    plantilla = N_("El archivo trae %(n)s capas con polígonos. Elige una: %(lista)s.")


class CapaInexistente(ErrorLectura):
    """La capa elegida no está en el archivo; ``datos["capas"]`` lleva los nombres que sí."""

    codigo = "capa_inexistente"
    plantilla = N_("El archivo no tiene la capa «%(capa)s». Tiene: %(lista)s.")
