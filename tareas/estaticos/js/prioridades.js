// La prioridad de las tareas: cómo se nombra, cómo se ve, y de dónde se trae. Viaja aparte de las teselas, que no cambian.
import { _ } from './textos.js';
import { h, icono } from './dom.js';

/** Palabras de la API; el lugar de cada una es el número con que se guarda en el arreglo de traerPrioridades. */
export const PRIORIDADES = ['normal', 'urgente', 'alta', 'baja'];
const VALORES = { urgente: 20, alta: 10, normal: 0, baja: -10 };
const ICONOS = { urgente: 'urgente', alta: 'arriba', baja: 'abajo' };

/** Palabra de un valor de `tarea.prioridad`: la mayor de la escala que no la pasa. */
export const palabraDe = (valor) => ['urgente', 'alta', 'normal'].find((p) => valor >= VALORES[p]) ?? 'baja';

/** Con que se nombra una prioridad. */
export function nombreDePrioridad(palabra) {
  switch (palabra) {
    case 'urgente': return _('Urgente');
    case 'alta': return _('Prioridad alta');
    case 'baja': return _('Prioridad baja');
    default: return _('Prioridad normal');
  }
}

/** Etiqueta con su dibujo y su palabra; nada si es la normal. */
export function selloDePrioridad(palabra) {
  if (!ICONOS[palabra]) return null;
  return h('span', { class: `sello prioridad ${palabra}` }, icono(ICONOS[palabra]), nombreDePrioridad(palabra));
}

/** Qué prioridad tiene cada tarea: un arreglo con el lugar en PRIORIDADES de cada una, en orden de número; null si no se pudo. */
export async function traerPrioridades(proyecto) {
  const respuesta = await fetch(`/api/v1/proyectos/${proyecto.id}/prioridades`).catch(() => null);
  if (!respuesta?.ok) return null;
  const { prioridades, version } = await respuesta.json();
  if (version !== proyecto.version) return null;
  const todas = new Uint8Array(proyecto.numeros);
  for (const [palabra, tramos] of Object.entries(prioridades)) {
    for (const [desde, hasta] of tramos) todas.fill(PRIORIDADES.indexOf(palabra), desde - 1, hasta);
  }
  return todas;
}

/** Cuántas hay de cada una: { urgente, alta, normal, baja }. */
export function contarPrioridades(todas) {
  const cuentas = Object.fromEntries(PRIORIDADES.map((p) => [p, 0]));
  for (const p of todas) cuentas[PRIORIDADES[p]] += 1;
  return cuentas;
}

const TRAZOS = { urgente: [[12, 5, 12, 13], [12, 17.5, 12, 18.5]], alta: [[6, 14, 12, 8], [12, 8, 18, 14]], baja: [[6, 10, 12, 16], [12, 16, 18, 10]] };

/** Dibujo de una prioridad para el mapa (20 px): un disco con «!», una punta hacia arriba o una hacia abajo. */
export function dibujoDePrioridad(palabra, { tinta, hoja }, escala = 2) {
  const lado = 20 * escala;
  const lienzo = Object.assign(document.createElement('canvas'), { width: lado, height: lado });
  const pincel = lienzo.getContext('2d', { willReadFrequently: true });
  pincel.scale(lado / 24, lado / 24);
  pincel.beginPath();
  pincel.arc(12, 12, 10.5, 0, 2 * Math.PI);
  pincel.fillStyle = palabra === 'urgente' ? tinta : hoja;
  pincel.fill();
  pincel.lineWidth = 1.5;
  pincel.strokeStyle = palabra === 'urgente' ? hoja : tinta;
  pincel.stroke();
  pincel.lineWidth = 2.75;
  pincel.lineCap = 'round';
  for (const [x0, y0, x1, y1] of TRAZOS[palabra]) {
    pincel.beginPath();
    pincel.moveTo(x0, y0);
    pincel.lineTo(x1, y1);
    pincel.stroke();
  }
  return pincel.getImageData(0, 0, lado, lado);
}
