// La tarea está en mis manos para mapearla: reloj, editores, instrucciones y entrega.
import { _, numero as cifra } from './textos.js';
import { aviso, boton, h, icono } from './dom.js';
import { iniciarReloj } from './base.js';
import { evidenciaDeEntrega, nadaQueCambiar, porQueSinCambios } from './evidencia.js';
import { datosDeTarea, herramientas, historial, titulo } from './panel_tarea.js';

// La nota se guarda en este aparato mientras se escribe: cerrar la computadora no la pierde. Con la persona en la llave, porque
// en un taller varias usan la misma computadora.
const borrador = (mesa, tarea) => `tequio_nota_${mesa.yo}_${mesa.proyecto.id}_${tarea.numero}`;

export const leer = (llave) => { try { return localStorage.getItem(llave) ?? ''; } catch { return ''; } };
export const guardar = (llave, valor) => { try { if (valor) localStorage.setItem(llave, valor); else localStorage.removeItem(llave); } catch { /* sin almacenamiento */ } };

/** Reloj igual al de componentes/reloj.html. */
export function reloj(vence, ahora) {
  return h('p', { class: 'reloj', 'data-vence': vence, 'data-ahora': ahora }, icono('reloj'), h('span', { 'data-resta': '' }), h('span', { class: 'solo-lector', role: 'status', 'data-anuncio': '' }));
}

/** Instrucciones: enteras la primera vez; después, plegadas. */
function instrucciones(mesa) {
  if (!mesa.instrucciones) return null;
  const llave = `tequio_leidas_${mesa.proyecto.id}`;
  const leidas = leer(llave);
  guardar(llave, '1');
  return h('details', { open: !leidas }, h('summary', {}, _('Instrucciones')), h('div', { class: 'instrucciones' }, mesa.instrucciones));
}

function gracias(tarea, entrega) {
  const antes = tarea.al_publicar.edificios ?? 0;
  const nuevos = (entrega.edificios ?? 0) - antes;
  if (entrega.estado === 'sin_imagen') return _('Anotado: la imagen de la tarea %(n)s no sirve.', { n: tarea.numero });
  if (nuevos > 0) return _('Entregada. En la tarea %(n)s ya hay %(edificios)s edificios más que al empezar. Gracias.', { n: tarea.numero, edificios: cifra(nuevos) });
  return _('Entregada la tarea %(n)s. Otra persona la revisará. Gracias.', { n: tarea.numero });
}

/** Muestra la tarea que tengo para mapear. */
export function panelTurno(mesa, tarea, mensaje) {
  const { ficha } = tarea.bloqueo;
  const llave = borrador(mesa, tarea);
  const nota = h('textarea', { id: 'nota', name: 'nota', maxlength: 5000, rows: 2, oninput: () => guardar(llave, nota.value) });
  nota.value = leer(llave);
  const elReloj = reloj(tarea.bloqueo.vence, tarea.ahora);
  const pararReloj = iniciarReloj(elReloj);
  elReloj.addEventListener('vencido', () => {
    mesa.refrescar();
    mesa.elegir(tarea.numero, { mensaje: aviso('advertencia', _('Se acabó el tiempo y la tarea quedó libre. Tu nota sigue guardada: si nadie la ha tomado, tómala de nuevo.')) });
  });

  const nada = nadaQueCambiar();
  const pregunta = h('div');
  const entregar = async (resultado, pulsado) => {
    let motivo = nada.querySelector(':checked').value;
    if (resultado === 'mapeada' && !motivo) {
      const respuesta = await porQueSinCambios(mesa, tarea, pregunta);
      if (!respuesta) return;
      if (respuesta.motivo === 'sin_imagen') resultado = 'sin_imagen';
      else motivo = respuesta.motivo;
    }
    const cuerpo = { ficha, resultado, ...(resultado === 'mapeada' && motivo && { sin_cambios: motivo }), ...(nota.value.trim() && { nota: nota.value.trim() }) };
    const entrega = await mesa.intentar(() => mesa.api('POST', mesa.ruta(tarea.numero, '/entrega'), cuerpo), pulsado);
    if (!entrega) return;
    guardar(llave, '');
    await mesa.refrescar();
    const otra = boton(_('Dame otra cerca'), () => mesa.dameUna(tarea.numero, otra), { dibujo: 'lapiz' });
    mesa.inicio(aviso('exito', gracias(tarea, entrega), evidenciaDeEntrega(mesa, tarea.numero, ficha), h('p', { class: 'botones' }, otra)));
  };
  const soltar = async (pulsado, pedirOtra) => {
    const hecho = await mesa.intentar(() => mesa.api('DELETE', mesa.ruta(tarea.numero, '/bloqueo'), { ficha }), pulsado);
    if (hecho === undefined) return;
    mesa.descartar(tarea.numero);
    await mesa.refrescar();
    if (pedirOtra) await mesa.dameUna(tarea.numero);
    else mesa.inicio(aviso('info', _('Soltaste la tarea %(n)s: quedó libre.', { n: tarea.numero })));
  };
  const mas = boton(_('Más tiempo'), async () => {
    const toma = await mesa.intentar(() => mesa.api('PATCH', mesa.ruta(tarea.numero, '/bloqueo'), { ficha }), mas);
    if (toma) elReloj.dataset.vence = toma.vence;
  }, { tipo: 'discreto', dibujo: 'reloj' });
  const lista = boton(_('Entregar mapeada'), () => entregar('mapeada', lista), { tipo: 'grande', dibujo: 'palomita' });
  const sinImagen = boton(_('La imagen no sirve'), () => entregar('sin_imagen', sinImagen), { tipo: 'secundario' });
  const deja = boton(_('Soltarla'), () => soltar(deja, false), { tipo: 'secundario' });
  const otra = boton(_('Otra'), () => soltar(otra, true), { tipo: 'secundario' });

  mesa.ponerObjetos(null);
  mesa.mostrar(h('div', { 'data-turno': tarea.numero },
    mensaje, titulo(tarea), h('div', { class: 'botones' }, elReloj, mas),
    tarea.estado === 'devuelta' && historial(mesa, tarea, true),
    instrucciones(mesa), ...herramientas(mesa, tarea, { abiertas: true }), datosDeTarea(tarea),
    h('label', { for: 'nota' }, _('Nota para quien revisa'), ' ', h('span', { class: 'opcional' }, _('(opcional)'))), nota, nada,
    h('p', { class: 'botones' }, sinImagen, deja, otra),
    tarea.estado !== 'devuelta' && historial(mesa, tarea), pregunta, h('p', { class: 'botones accion-fija' }, lista)), { alSalir: pararReloj });
}
