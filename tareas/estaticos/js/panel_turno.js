// La tarea está en mis manos para mapearla: reloj, editores, instrucciones y entrega.
import { _, n_ } from './textos.js';
import { aviso, boton, h, icono } from './dom.js';
import { iniciarReloj } from './base.js';
import { evidenciaDeEntrega, nadaQueCambiar, porQueSinCambios, preguntarSiNada } from './evidencia.js';
import { hallazgosDeTarea, porArreglar, porquesDe } from './hallazgos.js';
import { guardar, leer } from './memoria.js';
import { hayPendientes } from './pendientes.js';
import { datosDeTarea, herramientas, historial, titulo } from './panel_tarea.js';
import { preguntarSiFalta, respuestaDeTarea } from './respuesta.js';

// La nota se guarda en este aparato mientras se escribe: cerrar la computadora no la pierde. Con la persona en la llave, porque
// en un taller varias usan la misma computadora.
const borrador = (mesa, tarea) => `tequio_nota_${mesa.yo}_${mesa.proyecto.id}_${tarea.numero}`;

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
  return h('details', { open: !leidas }, h('summary', {}, _('Instrucciones')), h('div', { class: 'instrucciones' }, mesa.instrucciones.content.cloneNode(true)));
}

function gracias(mesa, tarea, entrega) {
  const antes = tarea.al_publicar.edificios ?? 0;
  const nuevos = (entrega.edificios ?? 0) - antes;
  if (entrega.estado === 'sin_imagen') return _('Anotado: la imagen de la tarea %(n)s no sirve.', { n: tarea.numero });
  if (nuevos > 0) return n_('Entregada la tarea %(tarea)s: ya hay %(n)s edificio más que al empezar. Gracias.', 'Entregada la tarea %(tarea)s: ya hay %(n)s edificios más que al empezar. Gracias.', nuevos, { tarea: tarea.numero });
  return _('Entregada la tarea %(n)s. Otra persona la revisará. Gracias.', { n: tarea.numero });
}

/**
 * Lo que se puede hacer con una tarea que tengo para mapear, desde la hoja o desde el editor. `despues` corre en cuanto se hizo y
 * antes de cambiar la hoja; `nada` es el nodo de nadaQueCambiar, y en `pregunta` se pregunta por qué si no hay cambios, o por qué
 * se deja así lo que las revisiones hallan; `lugares` es cómo se ve y se abre cada hallazgo (js/hallazgos.js), y `seguro` corre
 * otra entrega si no queda nada sin guardar. Cada función devuelve si se hizo.
 */
function turnoDe(mesa, tarea, campo) {
  let { ficha } = tarea.bloqueo;
  const llave = borrador(mesa, tarea);
  return {
    nota: () => leer(llave),
    anotar(texto) {
      guardar(llave, texto);
      campo.value = texto;
    },
    renovar(toma) {
      ficha = toma.ficha;
      tarea.bloqueo.ficha = ficha;
    },
    extender: (pulsado) => mesa.intentar(() => mesa.api('PATCH', mesa.ruta(tarea.numero, '/bloqueo'), { ficha }), pulsado),
    async entregar(pedido, nota, pulsado, { nada, pregunta, lugares = {}, seguro = (hacer) => hacer(), despues = () => {} }) {
      if (pedido === 'mapeada' && !await preguntarSiFalta(tarea)) return false;
      let resultado = pedido;
      let motivo = nada.querySelector(':checked').value;
      if (resultado === 'mapeada' && !motivo) {
        const respuesta = await porQueSinCambios(mesa, tarea, pregunta);
        if (!respuesta) return false;
        if (respuesta.motivo === 'sin_imagen') resultado = 'sin_imagen';
        else motivo = respuesta.motivo;
      }
      const cuerpo = { ficha, resultado, ...(resultado === 'mapeada' && motivo && { sin_cambios: motivo }), ...(nota.trim() && { nota: nota.trim() }) };
      const porques = porquesDe(mesa, tarea, ficha);
      const justificaciones = porques.justificaciones();
      if (justificaciones.length) cuerpo.justificaciones = justificaciones;
      const entrega = await mesa.intentar(() => mesa.api('POST', mesa.ruta(tarea.numero, '/entrega'), cuerpo).catch((error) => {
        if (error.codigo !== 'por_arreglar') throw error;
        return { por_arreglar: error.datos.hallazgos };
      }), pulsado);
      if (!entrega) return false;
      if (entrega.por_arreglar) {
        const otraVez = (otro) => seguro(() => this.entregar(pedido, campo.value, otro, { nada, pregunta, lugares, seguro, despues }));
        const formulario = porArreglar(mesa, tarea, entrega.por_arreglar, { porques, entregar: otraVez, lugares, dejar: () => pulsado?.focus(), prefijo: `${campo.id}-por-arreglar` });
        pregunta.replaceChildren(formulario);
        formulario.scrollIntoView({ block: 'nearest' });
        formulario.querySelector('h3').focus();
        return false;
      }
      pregunta.replaceChildren();
      porques.olvidar();
      guardar(llave, '');
      despues();
      await mesa.refrescar();
      const otra = boton(_('Dame otra cerca'), () => mesa.dameUna(tarea.numero, otra), { dibujo: 'lapiz' });
      mesa.inicio(aviso('exito', gracias(mesa, tarea, entrega), evidenciaDeEntrega(mesa, tarea.numero, ficha), h('p', { class: 'botones' }, otra)));
      return true;
    },
    async soltar(pulsado, despues = () => {}, pedirOtra = false) {
      const hecho = await mesa.intentar(() => mesa.api('DELETE', mesa.ruta(tarea.numero, '/bloqueo'), { ficha }), pulsado);
      if (hecho === undefined) return false;
      despues();
      mesa.descartar(tarea.numero);
      await mesa.refrescar();
      if (pedirOtra) await mesa.dameUna(tarea.numero);
      else mesa.inicio(aviso('info', _('Soltaste la tarea %(n)s: quedó libre.', { n: tarea.numero })));
      return true;
    },
  };
}

/** Botón que abre el editor aquí mismo; `turno` como en js/editor.js. Nada si el proyecto no lo ofrece. */
export function botonEditar(mesa, tarea, turno, { tipo = 'grande ancho' } = {}) {
  if (!mesa.proyecto.aqui) return null;
  const abrir = boton(_('Editar aquí'), () => abrirEn(mesa, tarea, turno)(null, abrir), { tipo, dibujo: 'lapiz' });
  return abrir;
}

/** Función que abre el editor en un objeto, como «w12»; null si el proyecto no edita aquí. */
export function abrirEn(mesa, tarea, turno) {
  if (!mesa.proyecto.aqui) return null;
  return async (objeto, pulsado = null) => {
    const { abrirEditor } = await mesa.intentar(() => import('./editor.js'), pulsado) ?? {};
    abrirEditor?.(mesa, tarea, turno, { objeto });
  };
}

/** Sigue adelante si no quedó nada sin guardar en el editor, o si la persona lo decide. El editor sólo se baja si hace falta. */
async function sinPendientes(mesa, tarea, que, abrir) {
  if (!hayPendientes(mesa.yo, mesa.proyecto.id, tarea.numero)) return true;
  const editor = await import('./editor.js');
  return editor.sinPendientes(mesa, tarea, que, abrir);
}

/** Muestra la tarea que tengo para mapear. */
export function panelTurno(mesa, tarea, mensaje) {
  const nota = h('textarea', { id: 'nota', name: 'nota', maxlength: 5000, rows: 2, oninput: () => turno.anotar(nota.value) });
  const turno = turnoDe(mesa, tarea, nota);
  nota.value = turno.nota();
  const elReloj = reloj(tarea.bloqueo.vence, tarea.ahora);
  const pararReloj = iniciarReloj(elReloj);
  elReloj.addEventListener('vencido', () => {
    mesa.refrescar();
    mesa.elegir(tarea.numero, { mensaje: aviso('advertencia', _('Se acabó el tiempo y la tarea quedó libre. Tu nota sigue guardada: si nadie la ha tomado, tómala de nuevo.')) });
  });

  const editar = botonEditar(mesa, tarea, turno);
  const nada = nadaQueCambiar(tarea);
  preguntarSiNada(nada, mesa, tarea);
  const pregunta = h('div');
  const lugares = { abrir: abrirEn(mesa, tarea, turno) };
  const seguro = (que, hacer) => sinPendientes(mesa, tarea, que, () => editar?.click()).then((sigue) => sigue && hacer());
  const otraEntrega = (hacer) => seguro('entregar', hacer);
  const mas = boton(_('Más tiempo'), async () => {
    const toma = await turno.extender(mas);
    if (toma) elReloj.dataset.vence = toma.vence;
  }, { tipo: 'discreto', dibujo: 'reloj' });
  // Lo que toca primero es dibujar; cuando ya se puede entregar, entregar.
  const lista = boton(_('Entregar mapeada'), () => seguro('entregar', () => turno.entregar('mapeada', nota.value, lista, { nada, pregunta, lugares, seguro: otraEntrega })), { tipo: editar ? 'secundario' : 'grande', dibujo: 'palomita' });
  const sinImagen = boton(_('La imagen no sirve'), () => seguro('entregar', () => turno.entregar('sin_imagen', nota.value, sinImagen, { nada, pregunta, lugares, seguro: otraEntrega })), { tipo: 'secundario' });
  const deja = boton(_('Soltarla'), () => seguro('soltar', () => turno.soltar(deja)), { tipo: 'secundario' });
  const otra = boton(_('Otra'), () => seguro('soltar', () => turno.soltar(otra, () => {}, true)), { tipo: 'secundario' });

  mesa.ponerObjetos(null);
  mesa.mostrar(h('div', { 'data-turno': tarea.numero },
    mensaje, titulo(tarea), h('div', { class: 'botones' }, elReloj, mas), editar && h('p', { class: 'botones' }, editar),
    tarea.estado === 'devuelta' && respuestaDeTarea(mesa, tarea, lugares),
    hallazgosDeTarea(mesa, tarea, lugares),
    instrucciones(mesa), ...herramientas(mesa, tarea, { abiertas: !editar }), datosDeTarea(mesa, tarea),
    h('label', { for: 'nota' }, _('Nota para quien revisa'), ' ', h('span', { class: 'opcional' }, _('(opcional)'))), nota, nada,
    h('p', { class: 'botones' }, sinImagen, deja, otra),
    historial(mesa, tarea), pregunta, h('p', { class: 'botones accion-fija' }, lista)), { alSalir: pararReloj });
}
