// Segundas opiniones que se piden sin decir la primera, y los desacuerdos que dejaron.
import { _, n_, hace } from './textos.js';
import { boton, h } from './dom.js';
import { evidenciaDeTarea } from './evidencia.js';
import { datosDeTarea } from './panel_tarea.js';

const VEREDICTOS = { aceptada: () => _('la aceptó'), con_arreglos: () => _('la aceptó con arreglos'), devuelta: () => _('la devolvió') };

async function tomar(mesa, s, pulsado) {
  const toma = await mesa.intentar(() => mesa.api('POST', `${mesa.raiz}/segundas/${s.entrega}/toma`, {}), pulsado);
  if (!toma) return;
  const tarea = await mesa.intentar(() => mesa.api('GET', mesa.ruta(s.numero)));
  if (!tarea) return;
  const { panelRevision } = await import('./panel_revision.js');
  mesa.capas?.elegir(s.numero);
  panelRevision(mesa, [{ ...tarea, bloqueo: { ficha: toma.ficha, vence: toma.vence, para: 'validar', mia: true } }], null, { ciega: s.entrega });
  mesa.acercarA(tarea.caja);
}

/** La ficha de una tarea de la que puedo dar la segunda opinión: sin su estado, que diría la primera. */
export function panelSegunda(mesa, tarea, s, mensaje = null) {
  const dar = boton(s.mia ? _('Seguir con mi segunda opinión') : _('Dar mi segunda opinión'), () => tomar(mesa, s, dar), { tipo: 'grande ancho', dibujo: 'ojo' });
  mesa.ponerObjetos(null);
  mesa.mostrar(h('div', { 'data-segunda-de': tarea.numero }, mensaje, h('h2', {}, _('Tarea %(n)s', { n: tarea.numero })),
    h('p', {}, _('Ya la revisó otra persona. No te decimos qué opinó, para saber si ustedes miran igual; lo que digas no cambia la tarea.')),
    h('p', { class: 'botones' }, dar), datosDeTarea(mesa, tarea), evidenciaDeTarea(mesa, tarea, { abierta: true }),
    h('p', { class: 'botones' }, boton(_('Ver todas las tareas'), () => mesa.inicio(), { tipo: 'discreto', dibujo: 'izquierda' }))));
}

function desacuerdo(mesa, d) {
  const dicho = (x) => `${x.persona?.nombre ?? x.persona} ${VEREDICTOS[x.veredicto]?.() ?? x.veredicto}`;
  return h('li', {}, h('button', { type: 'button', onclick: () => mesa.elegir(d.numero, { acercar: true }) }, h('strong', {}, _('Tarea %(n)s', { n: d.numero })),
    h('span', { class: 'chica' }, `${dicho(d.primera)}; ${dicho(d.segunda)}`)));
}

/** Nodos con las segundas opiniones que puedo dar y los desacuerdos que me tocan; cada lista, sólo si tiene algo. `alHaber`: se llama si hay alguna por dar. */
export function segundas(mesa, alHaber = () => {}) {
  const lista = h('ul', { class: 'lista-tareas' });
  const deSegundas = h('details', { hidden: true, 'data-segundas': '' }, h('summary', {}, _('Segundas opiniones')),
    h('p', { class: 'chica suave' }, _('Ya las revisó otra persona. No te decimos qué opinó, para saber si ustedes miran igual; lo que digas no cambia la tarea.')), lista);
  mesa.traerCiegas().then(() => {
    const todas = [...mesa.ciegas.values()];
    deSegundas.hidden = !todas.length;
    deSegundas.querySelector('summary').textContent = n_('%(n)s segunda opinión por dar', '%(n)s segundas opiniones por dar', todas.length);
    lista.replaceChildren(...todas.map((s) => {
      const dar = h('button', { type: 'button', onclick: () => tomar(mesa, s, dar) }, h('strong', {}, _('Tarea %(n)s', { n: s.numero })), s.mia ? h('span', { class: 'sello' }, _('La tienes tú')) : null, h('span', { class: 'suave chica' }, [s.persona?.nombre ?? s.persona, s.entregada && hace(s.entregada)].filter(Boolean).join(' · ')));
      return h('li', {}, dar);
    }));
    if (todas.length) alHaber();
  }).catch(() => { /* la cola sirve sin ellas */ });
  const diferencias = h('ul', { class: 'lista-tareas' });
  const deDesacuerdos = h('details', { hidden: true, 'data-desacuerdos': '' }, h('summary', {}, _('Desacuerdos')),
    h('p', { class: 'chica suave' }, _('Dos personas revisaron la misma entrega y no opinaron igual. Hablarlo afina el criterio de las dos.')), diferencias);
  mesa.api('GET', `${mesa.raiz}/desacuerdos`).then(({ desacuerdos: todos }) => {
    deDesacuerdos.hidden = !todos.length;
    deDesacuerdos.querySelector('summary').textContent = n_('%(n)s desacuerdo', '%(n)s desacuerdos', todos.length);
    diferencias.replaceChildren(...todos.map((d) => desacuerdo(mesa, d)));
  }).catch(() => { /* la cola sirve sin ellas */ });
  return [deSegundas, deDesacuerdos];
}
