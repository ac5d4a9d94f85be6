// La API de Tequio desde una página: JSON, protección contra formularios ajenos, y errores con nuestras palabras.
import { _ } from './textos.js';

/** Rechazo de la API. `codigo` es el del error del dominio; `datos`, el problema entero. */
export class Rechazo extends Error {
  constructor(estado, datos) {
    super(datos.detail ?? _('No se pudo completar la operación. Inténtalo de nuevo.'));
    this.estado = estado;
    this.codigo = datos.codigo ?? `http_${estado}`;
    this.datos = datos;
  }
}

/** La red no llegó. */
export class SinRed extends Error {
  constructor() {
    super(_('No hay conexión con Tequio. Lo que escribiste sigue aquí; inténtalo de nuevo cuando vuelva la red.'));
    this.codigo = 'sin_red';
    this.datos = {};
  }
}

const ESPERA_MS = 20000;

/**
 * Llama a `/api/v1` + ruta. Con `cuerpo`, envía JSON. Una escritura que se corta por la red se repite con la misma clave de
 * idempotencia, así que nunca ocurre dos veces.
 */
export async function api(metodo, ruta, cuerpo, { repetir = metodo === 'POST' } = {}) {
  const cabeceras = { Accept: 'application/json' };
  if (cuerpo !== undefined) cabeceras['Content-Type'] = 'application/json';
  if (metodo !== 'GET') {
    cabeceras['X-CSRFToken'] = document.querySelector('meta[name="csrf-token"]')?.content ?? '';
    if (repetir) cabeceras['Idempotency-Key'] = clave();
  }
  const pedir = () => fetch(`/api/v1${ruta}`, {
    method: metodo, headers: cabeceras, body: cuerpo === undefined ? undefined : JSON.stringify(cuerpo), signal: AbortSignal.timeout(ESPERA_MS),
  });
  let respuesta;
  try {
    respuesta = await pedir();
  } catch {
    if (metodo !== 'GET' && !repetir) throw new SinRed();
    await new Promise((listo) => { setTimeout(listo, 1500); });
    respuesta = await pedir().catch(() => { throw new SinRed(); });
  }
  if (respuesta.status === 204) return null;
  const datos = await respuesta.json().catch(() => ({}));
  if (!respuesta.ok) throw new Rechazo(respuesta.status, datos);
  return datos;
}

function clave() {
  // randomUUID sólo existe en páginas seguras, y un taller puede ir por http en su red local.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}
