// Los días de una gráfica, juntos por semanas, meses o años cuando uno por uno serían hilos.
import { _ } from './textos.js';

// Lo que se deja a los números del eje, y lo menos que mide un grupo de barras para que se lean: tres juntas o una apilada.
const EJE = 48;
const [TRES_JUNTAS, APILADA] = [24, 12];

/** El mediodía de un día «2026-11-27». */
export const momento = (dia) => new Date(`${dia}T12:00:00Z`);
const clave = (fecha) => fecha.toISOString().slice(0, 10);
function lunesDe(dia) {
  const fecha = momento(dia);
  fecha.setUTCDate(fecha.getUTCDate() - ((fecha.getUTCDay() + 6) % 7));
  return clave(fecha);
}
/** De más fino a más grueso: en cuál cae un día, y cómo se titula cada gráfica. */
const TRAMOS = [
  { de: (dia) => dia, trabajo: () => _('Trabajo de cada día'), estados: () => _('Estado de las tareas al terminar cada día') },
  { de: lunesDe, trabajo: () => _('Trabajo de cada semana'), estados: () => _('Estado de las tareas al terminar cada semana'), semana: true },
  { de: (dia) => `${dia.slice(0, 7)}-01`, trabajo: () => _('Trabajo de cada mes'), estados: () => _('Estado de las tareas al terminar cada mes'), formato: { month: 'short', year: 'numeric' } },
  { de: (dia) => `${dia.slice(0, 4)}-01-01`, trabajo: () => _('Trabajo de cada año'), estados: () => _('Estado de las tareas al terminar cada año'), formato: { year: 'numeric' } },
];

/** Los días en tramos: lo apilado es cómo quedó al final de cada uno; lo demás se suma. */
function enTramos(dias, tramo, series, apilada) {
  const grupos = new Map();
  dias.forEach((d) => {
    const inicio = tramo.de(d.dia);
    const previo = grupos.get(inicio);
    const suma = (nombre) => (apilada || !previo ? d[nombre] : previo[nombre] + d[nombre]);
    grupos.set(inicio, { inicio, desde: previo?.desde ?? d.dia, hasta: d.dia, ...Object.fromEntries(series.map(([nombre]) => [nombre, suma(nombre)])) });
  });
  return [...grupos.values()];
}

/**
 * El tramo más fino cuyas barras caben a lo ancho (en píxeles) sin volverse hilos: { tramo, grupos }. Los grupos cubren todos los días.
 * `series`: [[columna, …]]. `apilada`: cada barra dice cómo quedó todo; si no, lo de cada columna se suma.
 */
export function queQuepa(dias, ancho, series, apilada) {
  const caben = Math.max(1, Math.floor((ancho - EJE) / (apilada ? APILADA : TRES_JUNTAS)));
  const deTodos = TRAMOS.map((tramo) => ({ tramo, grupos: enTramos(dias, tramo, series, apilada) }));
  return deTodos.find(({ grupos }) => grupos.length <= caben) ?? deTodos.at(-1);
}

/** Un día sin trabajo también es un dato: la línea del tiempo no se encoge. */
export function todosLosDias(dias) {
  const completos = [];
  let previo = null;
  for (const dia of dias) {
    while (previo) {
      const siguiente = momento(previo.dia);
      siguiente.setUTCDate(siguiente.getUTCDate() + 1);
      if (clave(siguiente) >= dia.dia) break;
      previo = { ...previo, dia: clave(siguiente), entregas: 0, validadas: 0, devueltas: 0 };
      completos.push(previo);
    }
    completos.push(dia);
    previo = dia;
  }
  return completos;
}
