"""Dónde y con qué edita un proyecto, dicho como lo usan las páginas."""

from typing import Any

from sqlalchemy import Row

from tareas.cuentas.osm.errores import ServidorDesconocido
from tareas.cuentas.osm.servidores import Servidor, nombre_de, servidor
from tareas.proyectos.editores import AQUI, JOSM, ofrecidos

COMENTARIO = "#tequio-{id}"


def servidor_de(proyecto: Row[Any]) -> Servidor:
    """El servidor del proyecto; el de un aula vive en este mismo sitio, y su dirección va sin él.

    Sin aula, o con un servidor que ya no está configurado, va sin direcciones: no se edita hasta elegir otro.
    """
    try:
        suyo = servidor(proyecto.servidor_osm)
    except ServidorDesconocido:
        return Servidor(proyecto.servidor_osm, proyecto.servidor_osm, "", "", "")
    return suyo.en_aula(proyecto.aula_id) if suyo.practica and proyecto.aula_id else suyo


def para_paginas(proyecto: Row[Any]) -> dict[str, Any]:
    """Servidor, editores y lo que lleva cada conjunto de cambios de un proyecto, para el navegador."""
    suyo = servidor_de(proyecto)
    # En un aula la ficha se pide aquí mismo; en otro servidor hace falta que la instalación esté registrada.
    se_puede_entrar = bool(suyo.api) and (suyo.practica or bool(suyo.cliente_id))
    etiquetas = proyecto.etiquetas_conjunto or COMENTARIO.format(id=proyecto.id)
    return {
        "servidor": {
            "id": suyo.id,
            "nombre": nombre_de(suyo.id),
            "web": suyo.web,
            "api": suyo.api,
            "practica": suyo.practica,
            "aula": proyecto.aula_id,
        },
        "aqui": se_puede_entrar and AQUI not in proyecto.editores_ocultos,
        "josm": bool(suyo.api) and JOSM not in proyecto.editores_ocultos,
        "editores": ofrecidos(suyo, proyecto.editores_ocultos, proyecto.editores) if suyo.api else [],
        "desplazamiento": proyecto.desplazamiento,
        "etiquetas": etiquetas,
        "comentario": proyecto.comentario_conjunto or f"{etiquetas} {proyecto.nombre}",
    }
