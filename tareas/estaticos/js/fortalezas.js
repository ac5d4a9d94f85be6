// Lo que estuvo bien, sacado de lo que se sabe: cuentas de la evidencia y lo que las revisiones no hallaron. Sólo lo cierto.
import { _, n_, numero as cifra } from './textos.js';
import { claveDe } from './objetos.js';

const POCOS = 3; // con menos, «todos» no dice nada

/** El turno de la última entrega, o null. */
export const turnoEntregado = (evidencia) => evidencia?.turnos.findLast((t) => t.final === 'entrega' && t.cuenta === 'conocida') ?? null;

/** Las claves («w12») de lo que creó o cambió quien entregó y todavía está. */
export const clavesDe = (objetos) => new Set((objetos?.features ?? []).filter(({ properties: o }) => o.accion !== 'borrar' && !o.vertice).map(claveDe));

/** Cómo se dice cada una, con su cifra; los mismos textos que `tareas/validacion/fortalezas.py`. */
const FRASES = {
  'F-EDIF': (n) => n_('Dibujaste %(n)s edificio dentro de la tarea.', 'Dibujaste %(n)s edificios dentro de la tarea.', n),
  'F-CALLE': (n) => (n >= 1000 ? _('Trazaste %(n)s km de calle nueva.', { n: cifra(n / 1000, 1) }) : _('Trazaste %(n)s m de calle nueva.', { n: cifra(n) })),
  'F-ESC': () => _('Todas las esquinas que debían ir a escuadra lo están.'),
  'F-TRAS': () => _('Ninguno de tus edificios se encima con otro.'),
  'F-TIPO': () => _('Dijiste de qué tipo es cada edificio.'),
  'F-CONEX': () => _('Tus calles quedaron conectadas a las demás.'),
  'F-NOMB': (n) => n_('Pusiste el nombre de %(n)s calle, bien escrito.', 'Pusiste el nombre de %(n)s calles, bien escritos.', n),
  'F-DENTRO': () => _('Trabajaste sólo dentro de la tarea.'),
  'F-CORR': (n) => n_('Corregiste %(n)s objeto que ya estaba.', 'Corregiste %(n)s objetos que ya estaban.', n),
};
/** Su nombre sin cifra, para ofrecerla en varias tareas a la vez. */
const NOMBRES = {
  'F-EDIF': () => _('Edificios dibujados'),
  'F-CALLE': () => _('Calles trazadas'),
  'F-ESC': () => _('Esquinas a escuadra'),
  'F-TRAS': () => _('Edificios sin encimarse'),
  'F-TIPO': () => _('Tipo de cada edificio'),
  'F-CONEX': () => _('Calles conectadas'),
  'F-NOMB': () => _('Nombres bien escritos'),
  'F-DENTRO': () => _('Sólo dentro de la tarea'),
  'F-CORR': () => _('Objetos corregidos'),
};
export const fraseDe = ({ codigo, n }) => FRASES[codigo]?.(n) ?? '';
export const nombreDeFortaleza = (codigo) => NOMBRES[codigo]?.() ?? codigo;

/**
 * Fortalezas que hoy son ciertas de una entrega: `[{ codigo, n }]`.
 *
 * `turno`: de la evidencia. `objetos`: lo que cambió en él, entero, o null si no cabe. `hallazgos`: la respuesta de la API, o null.
 * `senalados`: códigos que quien revisa ya señaló: lo que los contradiga no se propone.
 */
export function fortalezasDe({ turno, objetos, hallazgos, senalados = [] }) {
  if (!turno) return [];
  const dichas = [];
  const decir = (codigo, n) => dichas.push(n === undefined ? { codigo } : { codigo, n });
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

  if (nuevos > 0) decir('F-EDIF', nuevos);
  if (metros >= 10) decir('F-CALLE', metros);
  if (casas.length >= POCOS && limpio('E-ESC')) decir('F-ESC');
  if (casas.length >= POCOS && limpio('E-TRAS')) decir('F-TRAS');
  if (casas.length >= POCOS && casas.filter((o) => o.etiquetas.building !== 'yes').length === casas.length) decir('F-TIPO');
  if (calles.length && limpio('E-NODO', 'E-CASI', 'E-ISLA')) decir('F-CONEX');
  const conNombre = calles.filter((o) => o.etiquetas.name).length;
  if (conNombre && limpio('E-NOMB')) decir('F-NOMB', conNombre);
  const fuera = turno.fuera.creados + turno.fuera.modificados + turno.fuera.borrados;
  const dentro = turno.dentro.creados + turno.dentro.modificados + turno.dentro.borrados;
  if (dentro >= POCOS && fuera === 0 && !marcado.has('E-FUERA')) decir('F-DENTRO');
  const corregidos = turno.dentro.modificados;
  if (corregidos >= POCOS) decir('F-CORR', corregidos);
  return dichas;
}
