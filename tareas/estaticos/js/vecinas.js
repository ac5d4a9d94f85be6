// Las tareas que comparten borde con la que se revisa: cómo están y quién las hizo; al tocar una, el mapa va a verla.
import { _, n_ } from './textos.js';
import { boton, h } from './dom.js';
import { etiqueta } from './patrones.js';

/** Lista plegada de las vecinas; se pide al abrirla. */
export function vecinasDe(mesa, tarea) {
  const cuerpo = h('div');
  const resumen = h('summary', {}, _('Tareas vecinas'));
  const nodo = h('details', { 'data-vecinas': tarea.numero }, resumen, cuerpo);
  nodo.addEventListener('toggle', async () => {
    if (!nodo.open || cuerpo.childNodes.length) return;
    const datos = await mesa.intentar(() => mesa.api('GET', mesa.ruta(tarea.numero, '/vecinas')));
    if (!datos) return;
    resumen.textContent = n_('%(n)s tarea vecina', '%(n)s tareas vecinas', datos.vecinas.length);
    const volver = boton(_('Volver a la tarea %(n)s', { n: tarea.numero }), () => { mesa.acercarA(tarea.caja); volver.hidden = true; }, { tipo: 'secundario', dibujo: 'izquierda', hidden: true });
    cuerpo.replaceChildren(h('ul', { class: 'lista-tareas' }, datos.vecinas.map((v) => h('li', {}, h('button', { type: 'button', onclick: () => {
      mesa.acercarA(v.caja);
      volver.hidden = false;
    } }, h('span', {}, _('Tarea %(n)s', { n: v.numero })), etiqueta(v.estado), h('span', { class: 'suave chica' }, v.persona?.nombre ?? v.persona ?? ''))))), h('p', { class: 'botones' }, volver));
  });
  return nodo;
}
