// Lo que alguien dejó sin guardar en el editor de una tarea, en este aparato. iD lo escribe en una base por persona y tarea, y
// anota que la hay; así se puede preguntar antes de entregar o soltar, aunque el editor esté cerrado.

export const LLAVE_PENDIENTE = 'has_saved_history';

/** Nombre, en este aparato, de un dato de esa persona en esa tarea. */
export const llave = (persona, proyecto, numero, nombre) => `tequio_id_${persona}_${proyecto}_${numero}_${nombre}`;

/** `true` si hay cambios de esa persona en esa tarea que no ha subido. */
export function hayPendientes(persona, proyecto, numero) {
  try {
    return Boolean(localStorage.getItem(llave(persona, proyecto, numero, LLAVE_PENDIENTE)));
  } catch {
    return false;
  }
}

/** Tira lo que quedó sin guardar: la tarea se entregó o se soltó sin ello. */
export function olvidarPendientes(persona, proyecto, numero) {
  try {
    const inicio = llave(persona, proyecto, numero, '');
    Object.keys(localStorage).filter((k) => k.startsWith(inicio)).forEach((k) => localStorage.removeItem(k));
    indexedDB.deleteDatabase(`${inicio}keyval-store`);
  } catch { /* sin almacenamiento no hay nada que tirar */ }
}

// --- Lo guardado mientras se tiene una tarea ------------------------------------------------------------------------------

const NADA = { creados: 0, modificados: 0, borrados: 0, edificios: 0, metros: 0 };

/** Suma de lo guardado en el editor con esta toma de la tarea; se recuerda aunque se recargue la página. */
export function libreta(persona, proyecto, numero, ficha) {
  const lugar = `tequio_guardado_${persona}_${proyecto}_${numero}_${ficha}`;
  let suma = NADA;
  try { suma = { ...NADA, ...JSON.parse(sessionStorage.getItem(lugar) ?? '{}') }; } catch { /* sin almacenamiento */ }
  return {
    suma: () => suma,
    hayAlgo: () => suma.creados + suma.modificados + suma.borrados > 0,
    agregar(otra) {
      suma = Object.fromEntries(Object.keys(NADA).map((campo) => [campo, suma[campo] + (otra[campo] ?? 0)]));
      try { sessionStorage.setItem(lugar, JSON.stringify(suma)); } catch { /* sin almacenamiento */ }
    },
  };
}
