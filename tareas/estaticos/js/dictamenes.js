// Los dictámenes que ha tenido una tarea: para quien revisa, qué se le dijo antes.
import { _, hace, n_ } from './textos.js';
import { aviso, boton, h } from './dom.js';
import { irAlPin, ponerPines } from './pines.js';

export const pedirDictamenes = (mesa, numero) => mesa.api('GET', mesa.ruta(numero, '/dictamenes')).then(({ dictamenes }) => dictamenes);

const VEREDICTOS = { aceptada: () => _('la aceptó'), con_arreglos: () => _('la aceptó con arreglos'), devuelta: () => _('la devolvió') };
const CLASES = { ciega: () => _('Segunda opinión'), disputa: () => _('Por inconformidad') };
const RESULTADOS = { sostenida: () => _('otra persona revisó y también la devolvió'), a_favor: () => _('otra persona revisó y le dio la razón a quien mapeó') };

/** «Ana la devolvió hace 3 días». */
function frase(d) {
  return h('p', {}, h('strong', {}, d.persona?.nombre ?? _('Alguien')), ` ${VEREDICTOS[d.veredicto]()} `, h('time', { datetime: d.cuando, class: 'suave' }, hace(d.cuando)),
    CLASES[d.clase] ? h('span', { class: 'sello' }, CLASES[d.clase]()) : null);
}

/** Cómo acabaron las disputas que resolvió un dictamen recién dado; nada si no resolvió ninguna. `hecho`: lo que contestó la API. */
export function comoAcabo(hecho) {
  const todos = hecho.dictamenes ?? [hecho];
  const n = todos.filter((d) => d.clase === 'disputa').length;
  if (!n) return '';
  if (todos[0].estado === 'devuelta') return n_('La devolución se sostiene: se lo diremos a quien pidió otra opinión.', 'En %(n)s en disputa, la devolución se sostiene: se lo diremos a quienes pidieron otra opinión.', n);
  return n_('Se le dio la razón a quien pidió otra opinión de la devolución.', 'En %(n)s en disputa, se les dio la razón a quienes pidieron otra opinión.', n);
}

/** La inconformidad de quien mapeó, y en qué acabó. */
export function dichoDeDisputa(disputa) {
  if (!disputa) return null;
  return h('div', { class: 'disputa' }, h('p', {}, h('strong', {}, _('Quien mapeó no estuvo de acuerdo:'))), h('blockquote', {}, disputa.motivo),
    disputa.abierta ? h('p', { class: 'chica' }, _('Tu dictamen decide: si la validas, se le da la razón; si la devuelves, se sostiene lo que se le dijo.')) : null,
    disputa.resultado ? h('p', { class: 'chica' }, _('Cómo acabó: %(que)s.', { que: RESULTADOS[disputa.resultado]() })) : null);
}

/**
 * Lo que dijo quien mapeó al pedir otra mirada, mientras nadie resuelve; nada si no hay. `alSerMia`: la devolución en disputa es de quien
 * mira, y le toca a otra persona resolverla. `dictamenes`: los de la tarea, si ya se pidieron.
 */
export function disputaDe(mesa, tarea, { alSerMia = () => {}, dictamenes = pedirDictamenes(mesa, tarea.numero) } = {}) {
  const nodo = h('div', { 'data-disputa': tarea.numero, hidden: true });
  dictamenes.then((todos) => {
    const d = todos.find((x) => x.disputa?.abierta);
    if (!d) return;
    const mia = d.detalle && d.persona.id === mesa.yo;
    nodo.hidden = false;
    nodo.replaceChildren(aviso('info', mia ? h('div', {}, h('p', {}, _('Quien mapeó no estuvo de acuerdo con tu devolución: la revisa otra persona.')), h('blockquote', {}, d.disputa.motivo)) : dichoDeDisputa(d.disputa)));
    if (mia) alSerMia();
  }).catch((error) => mesa.decirRechazo(error));
  return nodo;
}

/**
 * Lo que se pidió corregir en la última devolución y quien mapeó no marcó como atendido, si la entregó otra vez y no la disputa.
 * De lo que se juzga a ciegas no se sabe: nada.
 */
export function sinAtender(todos) {
  const ultimo = todos.find((d) => d.clase !== 'ciega' && !d.deshecho);
  if (!ultimo?.detalle || ultimo.veredicto !== 'devuelta' || ultimo.disputa?.abierta) return [];
  return ultimo.senalamientos.filter((s) => !s.atendido);
}

/** Los dictámenes anteriores, del más nuevo al más viejo; nada si no hay. `dictamenes`: como en disputaDe. */
export function dictamenesDe(mesa, tarea, { abierto = true, dictamenes = pedirDictamenes(mesa, tarea.numero) } = {}) {
  const lista = h('ol', { class: 'pasos dictamenes' });
  const nodo = h('details', { open: abierto, hidden: true, 'data-dictamenes': tarea.numero }, h('summary', {}, _('Lo que se le dijo antes')), lista);
  dictamenes.then((todos) => {
    const faltan = new Set(sinAtender(todos).map((s) => s.id));
    const visibles = todos.filter((d) => d.detalle && !d.deshecho);
    nodo.hidden = !visibles.length;
    lista.replaceChildren(...visibles.map((d) => h('li', {}, frase(d),
      d.retro?.fortaleza ? h('p', {}, h('span', { class: 'suave' }, _('Bien:')), ` ${d.retro.fortaleza}`) : null,
      d.senalamientos.length ? h('ul', {}, d.senalamientos.map((s, i) => h('li', faltan.has(s.id) ? { 'data-sin-atender': s.id, tabindex: '-1' } : {}, s.texto, s.nota ? `: ${s.nota}` : '', ' ',
        s.lugar ? boton(_('Ver'), () => {
          ponerPines(mesa, [{ n: i + 1, geometria: s.lugar, mirado: true }]);
          irAlPin(mesa, { geometria: s.lugar });
        }, { tipo: 'discreto', 'aria-label': _('Ver en el mapa: %(que)s', { que: s.texto }) }) : null,
        s.atendido ? h('span', { class: 'sello' }, _('Dice que ya lo atendió')) : null, faltan.has(s.id) ? h('span', { class: 'sello sin-atender' }, _('No lo marcó como atendido')) : null))) : null,
      d.veredicto === 'devuelta' && d.clase !== 'ciega' && d.senalamientos.length ? h('p', { class: 'chica' }, _('Quien mapeó marcó %(m)s de %(n)s como atendidos.', { m: d.senalamientos.filter((s) => s.atendido).length, n: d.senalamientos.length })) : null,
      d.retro?.nota ? h('blockquote', {}, d.retro.nota) : null, dichoDeDisputa(d.disputa))));
  }).catch((error) => mesa.decirRechazo(error));
  return nodo;
}
