"""La tarea en manos de quien mapea: bloqueo, historial, entrega."""
