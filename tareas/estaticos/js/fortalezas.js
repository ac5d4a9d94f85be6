// Lo que estuvo bien, sacado de lo que se sabe: cuentas de la evidencia y lo que las revisiones no hallaron. Sólo lo cierto.
import { _, n_, numero as cifra } from './textos.js';
import { claveDe } from './objetos.js';

const POCOS = 3; // con menos, «todos» no dice nada

/** El turno de la última entrega, o null. */
export const turnoEntregado = (evidencia) => evidencia?.turnos.findLast((t) => t.final === 'entrega' && t.cuenta === 'conocida') ?? null;

/** Las claves («w12») de lo que creó o cambió quien entregó y todavía está. */
export const clavesDe = (objetos) => new Set((objetos?.features ?? []).filter(({ properties: o }) => o.accion !== 'borrar' && !o.vertice).map(claveDe));

/**
 * Frases que hoy son ciertas de una entrega.
 *
 * `turno`: de la evidencia. `objetos`: lo que cambió en él, entero, o null si no cabe. `hallazgos`: la respuesta de la API, o null.
 * `senalados`: códigos que quien revisa ya señaló: lo que los contradiga no se propone.
 */
export function fortalezasDe({ turno, objetos, hallazgos, senalados = [] }) {
  if (!turno) return [];
  const dichas = [];
  const creados = (objetos?.features ?? []).filter(({ properties: o }) => o.accion === 'crear' && o.dentro && !o.vertice).map((r) => r.properties);
  const casas = creados.filter((o) => o.etiquetas?.building);
  const calles = creados.filter((o) => o.etiquetas?.highway && o.tipo === 'w');
  const nuevos = turno.edificios_creados ?? 0;
  const metros = Math.round((turno.km_vias_creadas ?? 0) * 1000);
  const tocadas = clavesDe(objetos);
  const completo = objetos !== null && objetos.total === objetos.features.length;
  const marcado = new Set(senalados);
  // Que no se hallara nada sólo se dice si esa revisión corrió sobre todo lo suyo.
  const limpio = (...codigos) => completo && hallazgos?.origen !== null && hallazgos !== null && codigos.every((codigo) => !marcado.has(codigo) && !hallazgos.fallas?.includes(codigo)
    && !hallazgos.features.some(({ properties: p }) => p.codigo === codigo && p.respuesta?.respuesta !== 'falso' && p.objetos.some((clave) => tocadas.has(clave))));

  if (nuevos > 0) dichas.push(n_('Dibujaste %(n)s edificio dentro de la tarea.', 'Dibujaste %(n)s edificios dentro de la tarea.', nuevos));
  if (metros >= 10) dichas.push(metros >= 1000 ? _('Trazaste %(n)s km de calle nueva.', { n: cifra(metros / 1000, 1) }) : _('Trazaste %(n)s m de calle nueva.', { n: cifra(metros) }));
  if (casas.length >= POCOS && limpio('E-ESC')) dichas.push(_('Todas las esquinas que debían ir a escuadra lo están.'));
  if (casas.length >= POCOS && limpio('E-TRAS')) dichas.push(_('Ninguno de tus edificios se encima con otro.'));
  if (casas.length >= POCOS && casas.filter((o) => o.etiquetas.building !== 'yes').length === casas.length) dichas.push(_('Dijiste de qué tipo es cada edificio.'));
  if (calles.length && limpio('E-NODO', 'E-CASI', 'E-ISLA')) dichas.push(_('Tus calles quedaron conectadas a las demás.'));
  const conNombre = calles.filter((o) => o.etiquetas.name).length;
  if (conNombre && limpio('E-NOMB')) dichas.push(n_('Pusiste el nombre de %(n)s calle, bien escrito.', 'Pusiste el nombre de %(n)s calles, bien escritos.', conNombre));
  const fuera = turno.fuera.creados + turno.fuera.modificados + turno.fuera.borrados;
  const dentro = turno.dentro.creados + turno.dentro.modificados + turno.dentro.borrados;
  if (dentro >= POCOS && fuera === 0 && !marcado.has('E-FUERA')) dichas.push(_('Trabajaste sólo dentro de la tarea.'));
  const corregidos = turno.dentro.modificados;
  if (corregidos >= POCOS) dichas.push(n_('Corregiste %(n)s objeto que ya estaba.', 'Corregiste %(n)s objetos que ya estaban.', corregidos));
  return dichas;
}
