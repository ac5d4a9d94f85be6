// Una o varias tareas en mis manos para revisarlas: qué hay dentro, qué pasó antes, y el dictamen.
import { _, n_, hace, numero as cifra } from './textos.js';
import { aviso, boton, h } from './dom.js';
import { iniciarReloj } from './base.js';
import { evidenciaDeTarea } from './evidencia.js';
import { hallazgosDeTarea } from './hallazgos.js';
import { datosDeTarea, herramientas, historial, titulo } from './panel_tarea.js';
import { panelPartes } from './partes.js';
import { abrirEn, botonEditar, guardar, leer, reloj } from './panel_turno.js';

const LETRA_DE_TIPO = { n: 'node', w: 'way', r: 'relation' };

/**
 * Objetos dentro de la tarea, en el mapa donde se edita: en el mapa y en una lista; los más nuevos, primero.
 */
function objetos(mesa, tarea) {
  const lista = h('ul', { class: 'pasos' });
  const delAula = mesa.proyecto.servidor.practica;
  const nombre = (o) => (delAula ? `${o.tipo}${o.id}`
    : h('a', { href: `https://www.openstreetmap.org/${LETRA_DE_TIPO[o.tipo]}/${o.id}`, target: '_blank', rel: 'noopener' }, `${o.tipo}${o.id}`));
  const resumen = h('summary', {}, delAula ? _('Objetos del aula en la tarea') : _('Objetos de OpenStreetMap en la tarea'));
  const detalles = h('details', {}, resumen, lista);
  mesa.api('GET', mesa.ruta(tarea.numero, '/objetos')).then((coleccion) => {
    mesa.ponerObjetos(coleccion);
    resumen.textContent = delAula ? n_('%(n)s objeto del aula en la tarea', '%(n)s objetos del aula en la tarea', coleccion.total) : n_('%(n)s objeto de OpenStreetMap en la tarea', '%(n)s objetos de OpenStreetMap en la tarea', coleccion.total);
    lista.replaceChildren(...coleccion.features.slice(0, 200).map(({ properties: o }) => h('li', {}, h('p', {},
      nombre(o), ` ${o.resumen}`,
      o.usuario || o.cuando ? h('span', { class: 'suave' }, ` · ${[o.usuario, o.cuando && hace(o.cuando)].filter(Boolean).join(', ')}`) : null))));
  }).catch((error) => mesa.decirRechazo(error));
  return detalles;
}

/** Muestra la revisión de una o varias tareas que ya tengo. */
export function panelRevision(mesa, tareas, mensaje = null) {
  const [primera] = tareas;
  const llave = `tequio_revision_${mesa.yo}_${mesa.proyecto.id}_${primera.numero}`;
  const nota = h('textarea', { id: 'nota', name: 'nota', maxlength: 5000, rows: 3, oninput: () => guardar(llave, nota.value) });
  nota.value = leer(llave);
  const falta = h('div');
  const motivos = h('fieldset', { class: 'motivos', hidden: true }, h('legend', {}, _('¿Qué hay que corregir?')), falta);
  mesa.api('GET', '/motivos').then(({ motivos: todos }) => motivos.append(...todos.map((m) => h('label', { class: 'opcion' }, h('input', { type: 'checkbox', name: 'motivo', value: m.codigo }), h('span', {}, m.texto))))).catch((e) => mesa.decirRechazo(e));
  const elReloj = reloj(tareas.map((t) => t.bloqueo.vence).sort()[0], primera.ahora);
  const pararReloj = iniciarReloj(elReloj);
  elReloj.addEventListener('vencido', () => {
    mesa.refrescar();
    mesa.elegir(primera.numero, { mensaje: aviso('advertencia', _('Se acabó el tiempo y la tarea quedó libre. Tu nota sigue guardada: si nadie la ha tomado, tómala de nuevo.')) });
  });

  // Cada tarea tiene su ficha: se pide para todas, y el reloj dice la que se acaba primero.
  const mas = boton(_('Más tiempo'), async () => {
    const tomas = await mesa.intentar(() => Promise.all(tareas.map((t) => mesa.api('PATCH', mesa.ruta(t.numero, '/bloqueo'), { ficha: t.bloqueo.ficha }))), mas);
    if (!tomas) return;
    tomas.forEach((toma, i) => { tareas[i].bloqueo.vence = toma.vence; });
    elReloj.dataset.vence = tomas.map((toma) => toma.vence).sort()[0];
  }, { tipo: 'discreto', dibujo: 'reloj' });

  const dictaminar = async (veredicto, pulsado) => {
    const cuerpo = {
      tareas: tareas.map((t) => ({ numero: t.numero, ficha: t.bloqueo.ficha })), veredicto,
      motivos: veredicto === 'devuelta' ? [...motivos.querySelectorAll(':checked')].map((c) => c.value) : [],
      ...(nota.value.trim() && { nota: nota.value.trim() }),
    };
    const hecho = await mesa.intentar(() => mesa.api('POST', `${mesa.raiz}/dictamenes`, cuerpo), pulsado);
    if (!hecho) return;
    guardar(llave, '');
    await mesa.refrescar();
    const otra = boton(_('Revisar otra'), () => mesa.dameUna(primera.numero, otra), { dibujo: 'ojo' });
    const dicho = veredicto === 'validada'
      ? n_('Validada la tarea %(cuales)s.', 'Validadas %(n)s tareas.', tareas.length, { cuales: primera.numero })
      : n_('Devuelta la tarea %(cuales)s: quien la mapeó verá tus motivos.', 'Devueltas %(n)s tareas: quienes las mapearon verán tus motivos.', tareas.length, { cuales: primera.numero });
    mesa.inicio(aviso('exito', dicho, h('p', { class: 'botones' }, otra)));
  };
  const bien = boton(_('Está bien: validar'), () => dictaminar('validada', bien), { tipo: 'grande', dibujo: 'palomita', 'aria-keyshortcuts': 'Alt+V' });
  const mal = boton(_('Devolver con motivos'), () => {
    if (motivos.hidden) {
      motivos.hidden = false;
      motivos.querySelector('input')?.focus();
      // Sigue a la mano: quien se equivocó de botón todavía puede validar.
      bien.classList.replace('grande', 'secundario');
      mal.classList.remove('secundario');
      mal.classList.add('grande');
      mal.lastChild.textContent = _('Devolver ahora');
    } else if (motivos.querySelector(':checked')) dictaminar('devuelta', mal);
    else {
      falta.replaceChildren(aviso('error', _('Marca al menos un motivo.')));
      motivos.querySelector('input')?.focus();
    }
  }, { tipo: 'secundario', dibujo: 'deshacer', 'aria-keyshortcuts': 'Alt+D' });
  const dejar = boton(n_('Soltarla sin dictamen', 'Soltarlas sin dictamen', tareas.length), async () => {
    for (const t of tareas) await mesa.intentar(() => mesa.api('DELETE', mesa.ruta(t.numero, '/bloqueo'), { ficha: t.bloqueo.ficha }), dejar);
    await mesa.refrescar();
    mesa.inicio();
  }, { tipo: 'discreto' });
  const teclas = (evento) => {
    // AltGr, con que se escriben algunos signos, llega como Ctrl+Alt.
    if (!evento.altKey || evento.ctrlKey || evento.repeat || document.documentElement.dataset.editor) return;
    if (evento.key.toLowerCase() === 'v') bien.click();
    if (evento.key.toLowerCase() === 'd') mal.click();
  };
  document.addEventListener('keydown', teclas);

  const una = tareas.length === 1;
  const vista = h('div');
  const ver = (t) => vista.replaceChildren(...[h('h3', {}, _('Tarea %(n)s', { n: t.numero })), datosDeTarea(mesa, t), evidenciaDeTarea(mesa, t, { abierta: true }), hallazgosDeTarea(mesa, t, { responder: true }), objetos(mesa, t), historial(mesa, t, true)].filter(Boolean));
  const cabeza = una ? [titulo(primera), datosDeTarea(mesa, primera), evidenciaDeTarea(mesa, primera, { abierta: true }), hallazgosDeTarea(mesa, primera, { responder: true, abrir: abrirEn(mesa, primera, null) }), objetos(mesa, primera), historial(mesa, primera, true)]
    : [h('h2', {}, _('Revisas %(n)s tareas juntas', { n: cifra(tareas.length) })), h('ul', { class: 'lista-tareas' }, tareas.map((t) => h('li', {}, h('button', { type: 'button', onclick: () => { mesa.capas?.elegir(t.numero); mesa.acercarA(t.caja); ver(t); } }, _('Tarea %(n)s', { n: t.numero }))))), vista];
  if (!una) ver(primera);
  mesa.mostrar(h('div', { 'data-revision': primera.numero },
    mensaje, ...cabeza, h('div', { class: 'botones' }, elReloj, mas), una && h('p', { class: 'botones' }, botonEditar(mesa, primera, null, { tipo: 'secundario' })), ...(una ? [panelPartes(mesa, primera), ...herramientas(mesa, primera)] : []), motivos,
    h('label', { for: 'nota' }, _('Qué estuvo bien y qué mejorar'), ' ', h('span', { class: 'opcional' }, _('(opcional)'))), nota,
    h('p', { class: 'botones' }, dejar), h('p', { class: 'botones accion-fija' }, bien, mal)), {
    alSalir() {
      pararReloj();
      document.removeEventListener('keydown', teclas);
      mesa.ponerObjetos(null);
    },
  });
}
