"""Errores de los proyectos."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import Conflicto, DatosInvalidos, NoEncontrado, NoPermitido
from tareas.comun.textos import N_


class ProyectoNoEncontrado(NoEncontrado):
    """No existe, o quien pregunta no lo puede ver."""

    codigo = "proyecto_no_encontrado"
    plantilla = N_("No encontramos ese proyecto. Puede que sea privado o que ya no exista; mira la lista de proyectos.")


class NoGestiona(NoPermitido):
    """Crear, editar o publicar es de quien gestiona el municipio."""

    codigo = "no_gestiona"
    plantilla = N_(
        "Sólo quienes administran %(municipio)s pueden hacer esto. Pídeles que lo hagan o que te den el papel."
    )


class OrigenFijo(Conflicto):
    """Se quiso cambiar el servidor o el aula de un proyecto donde ya se trabajó."""

    codigo = "origen_fijo"
    plantilla = N_(
        "En este proyecto ya se tomaron tareas, y lo mapeado se cuenta en el servidor donde se editó. Para editar en "
        "otro lugar, crea un proyecto nuevo."
    )


class AreaLejos(DatosInvalidos):
    """El área no toca el municipio."""

    codigo = "area_fuera_del_municipio"
    plantilla = N_(
        "El área queda a %(km)s km de %(municipio)s. Revisa que sea el archivo correcto y que latitud y longitud no "
        "estén cambiadas."
    )


class FaltaDivision(DatosInvalidos):
    """La división no se entiende."""

    codigo = "division_desconocida"
    plantilla = N_("No conocemos la división «%(tipo)s». Usa una de éstas: %(disponibles)s.")


class SinPoligonosPropios(DatosInvalidos):
    """Se pidió partir por polígonos propios y no llegó ninguno."""

    codigo = "division_sin_poligonos"
    plantilla = N_(
        "Para dividir con polígonos propios, envía en «geojson» una FeatureCollection con un polígono por tarea."
    )


class FaltaArchivo(DatosInvalidos):
    """No llegó ningún archivo."""

    codigo = "falta_archivo"
    plantilla = N_("No llegó ningún archivo. Elige uno y súbelo en el campo «archivo».")


class VariosArchivos(DatosInvalidos):
    """Llegó más de un archivo."""

    codigo = "varios_archivos"
    plantilla = N_("Llegaron %(n)s archivos y el área sale de uno. Sube sólo uno, o júntalos en un zip.")


class EstadoNoCorresponde(Conflicto):
    """El estado del proyecto no permite el paso pedido."""

    codigo = "proyecto_estado"
    plantilla = N_("El proyecto está en «%(estado)s» y ese paso no le corresponde. Vuelve a cargar la página.")


class NoEsBorrador(Conflicto):
    """Sólo un borrador se borra."""

    codigo = "proyecto_no_es_borrador"
    plantilla = N_(
        "Sólo se puede borrar un borrador. Este proyecto ya se publicó: archívalo para que nadie más lo trabaje."
    )


class AreaFija(Conflicto):
    """El área y las tareas sólo cambian mientras el proyecto es borrador."""

    codigo = "proyecto_area_fija"
    plantilla = N_(
        "El proyecto ya se publicó: su área y sus tareas ya no cambian. Crea otro proyecto con el área nueva."
    )


class TareasConHistoria(Conflicto):
    """Alguien ya escribió en las tareas de este borrador, y el historial no se borra."""

    codigo = "tareas_con_historia"
    plantilla = N_(
        "Ya hay comentarios en las tareas de este borrador y no se pueden borrar con ellas. Crea otro proyecto."
    )


class TareasQueNoHay(DatosInvalidos):
    """Números que no son de ninguna tarea del proyecto."""

    codigo = "tareas_que_no_hay"
    plantilla = N_("El proyecto no tiene estas tareas: %(numeros)s. Revisa los números; van del 1 al %(total)s.")


class NingunaTareaDentro(DatosInvalidos):
    """El área dibujada no tiene el centro de ninguna tarea."""

    codigo = "ninguna_tarea_dentro"
    plantilla = N_(
        "Ninguna tarea tiene su centro dentro de esa área. Dibújala más grande o elige las tareas una por una."
    )


class OtraDivision(Conflicto):
    """Los números que llegaron son de una división que ya no es la del proyecto."""

    codigo = "otra_division"
    plantilla = N_("El proyecto se dividió de nuevo y sus tareas ya son otras. Vuelve a cargar la página.")


class AulaAjena(DatosInvalidos):
    """El aula no existe o es de otro municipio."""

    codigo = "aula_ajena"
    campo = "donde"
    plantilla = N_("El municipio del proyecto no tiene esa aula. Elige una de la lista, o crea una en «Aulas».")


class FaltaAula(DatosInvalidos):
    """Un proyecto de práctica edita en un aula."""

    codigo = "falta_aula"
    campo = "donde"
    plantilla = N_("Un proyecto de práctica necesita un aula. Elige en cuál se edita.")


class TeselaInexistente(NoEncontrado):
    """Zoom, columna o fila que no son de ninguna tesela, o versión que ya no es la del proyecto."""

    codigo = "tesela_inexistente"
    plantilla = N_("Esa tesela no existe. Vuelve a cargar el mapa.")


class ImagenNoDisponible(DatosInvalidos):
    """Una imagen del municipio que no existe, no está publicada o es de otro."""

    codigo = "imagen_no_disponible"
    campo = "imagenes"
    plantilla = N_(
        "Una de las imágenes del municipio no se puede usar: no está publicada, no tiene permiso para trazar o es de "
        "otro municipio. Quítala de la lista."
    )


class CambiosDePrioridadIntocables(NoPermitido):
    """Lo anotado no se cambia ni se borra."""

    codigo = "cambios_de_prioridad_intocables"
    plantilla = N_("Lo que se anotó de las prioridades no se cambia ni se borra.")


registrar_restricciones(
    {
        "cambio_prioridad_solo_se_agrega": CambiosDePrioridadIntocables,
        "proyecto_area_de_borrador": AreaFija,
        "proyecto_aula_de_su_municipio": AulaAjena,
        "proyecto_imagen_disponible": ImagenNoDisponible,
        "proyecto_origen_fijo": OrigenFijo,
        "proyecto_publicado_con_aula": FaltaAula,
    }
)
