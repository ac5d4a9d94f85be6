// Los estados de las tareas de un proyecto, al día sin recargar: primero todos, después sólo lo que cambia.
import { leerEstados } from './capas_tareas.js';

const CADA_MS = 2000;
const TOPE_MS = 30000;

/**
 * Sigue los estados de un proyecto.
 *
 * alLlegar(bytes) recibe todos; alCambiar(pares) los que cambiaron, [numero, byte]; alPerder(sí) dice si se perdió la conexión.
 * Si alguien parte o junta tareas, alDividir() se llama antes de alLlegar, con `proyecto` ya al día; sin ella se recarga la página.
 * Devuelve { preguntar, parar }. Mientras la pestaña no se ve, no pregunta.
 */
export function seguirEstados(proyecto, { alLlegar, alCambiar, alDividir = null, alPerder = () => {} }) {
  let cursor = null;
  let espera = CADA_MS;
  let turno = null;
  let enCurso = false;
  let parado = false;

  async function preguntar() {
    if (enCurso || parado) return;
    enCurso = true;
    clearTimeout(turno);
    let datos = null;
    try {
      const consulta = cursor ? `?desde=${encodeURIComponent(cursor)}` : '';
      const respuesta = await fetch(`/api/v1/proyectos/${proyecto.id}/estados${consulta}`, { signal: AbortSignal.timeout(15000) });
      if (!respuesta.ok) throw new Error(String(respuesta.status));
      datos = await respuesta.json();
    } catch {
      espera = Math.min(TOPE_MS, espera * 2);
      alPerder(true);
    }
    // Fuera del try: una falla al pintar no es una falla de la red, y no debe parecerlo.
    try {
      if (datos) recibir(datos);
    } finally {
      enCurso = false;
      // Un poco al azar: trescientas pestañas no preguntan en el mismo instante.
      if (!parado && !document.hidden) turno = setTimeout(preguntar, espera * (0.85 + Math.random() * 0.3));
    }
  }

  function recibir(datos) {
    if (datos.version !== proyecto.version) {
      // En un borrador puede haber cambiado el área entera; en uno abierto, sólo algunas tareas: nadie pierde lo que escribía.
      if (!alDividir || !proyecto.abierto || datos.estados === undefined) { location.reload(); return; }
      proyecto.version = datos.version;
      proyecto.numeros = datos.total;
      alDividir();
    }
    cursor = datos.cursor;
    if (espera !== CADA_MS) alPerder(false);
    espera = CADA_MS;
    if (datos.estados !== undefined) alLlegar(leerEstados(datos.estados));
    else if (datos.cambios.length) alCambiar(datos.cambios);
  }

  const alVerse = () => { if (!document.hidden) preguntar(); };
  document.addEventListener('visibilitychange', alVerse);
  addEventListener('online', alVerse);
  preguntar();
  return {
    preguntar,
    parar() {
      parado = true;
      clearTimeout(turno);
      document.removeEventListener('visibilitychange', alVerse);
      removeEventListener('online', alVerse);
    },
  };
}
