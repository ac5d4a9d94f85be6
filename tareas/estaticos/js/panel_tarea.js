// Ficha de una tarea: cómo está, quién la tiene, qué hay dentro, y qué se puede hacer con ella.
import { _, diaYHora, hace, numero as cifra } from './textos.js';
import { boton, faltaDe, h, icono } from './dom.js';
import { etiqueta, nombreDe } from './patrones.js';
import { abrirEnJosm, apiDe, direccion } from './editores.js';
import { palabraDe, selloDePrioridad } from './prioridades.js';
import { evidenciaDeTarea } from './evidencia.js';
import { disputaDe } from './dictamenes.js';
import { respuestaDeTarea } from './respuesta.js';
import { motivosDe } from './reglas_calidad.js';
import { panelPartes } from './partes.js';

/** Título con su etiqueta de estado y, si no es la normal, su prioridad. */
export function titulo(tarea) {
  const clave = tarea.bloqueo ? (tarea.bloqueo.para === 'validar' ? 'validando' : tarea.bloqueo.mia ? 'mia' : 'mapeando') : tarea.estado;
  return h('h2', {}, _('Tarea %(n)s', { n: tarea.numero }), etiqueta(clave), selloDePrioridad(palabraDe(tarea.prioridad)));
}

/** Qué hay dentro de la tarea, al publicar y hoy, en el mapa donde se edita. De un aula que ya no existe no se sabe. */
export function datosDeTarea(mesa, tarea) {
  const km = (metros) => _('%(n)s km', { n: cifra((metros ?? 0) / 1000, 2) });
  // Se compara lo que se lee: dos cifras que se escriben igual no son un cambio.
  const cambio = (antes, hoy, f) => (antes === null || antes === undefined || f(antes) === f(hoy) ? f(hoy) : _('%(hoy)s (al publicar: %(antes)s)', { hoy: f(hoy), antes: f(antes) }));
  const area = tarea.area_m2 >= 1e5 ? _('%(n)s km²', { n: cifra(tarea.area_m2 / 1e6, 2) }) : _('%(n)s m²', { n: cifra(tarea.area_m2) });
  const superficie = [h('dt', {}, _('Superficie')), h('dd', {}, area)];
  if (tarea.hoy.edificios === null) return h('dl', { class: 'datos-tarea' }, superficie);
  return h('dl', { class: 'datos-tarea' }, superficie,
    h('dt', {}, _('Edificios')), h('dd', {}, cambio(tarea.al_publicar.edificios, tarea.hoy.edificios, (n) => cifra(n ?? 0))),
    h('dt', {}, _('Calles')), h('dd', {}, cambio(tarea.al_publicar.metros_vias, tarea.hoy.metros_vias, km)));
}

const ACCIONES = {
  // De lo que se juzga a ciegas no llega el para qué; sólo se oculta lo de un turno de revisión.
  bloqueo: (p) => (p.oculto || p.motivos?.[0] === 'validar' ? _('empezó a revisarla') : _('empezó a mapearla')),
  extension: () => _('pidió más tiempo'),
  liberacion: () => _('la soltó'),
  vencimiento: () => _('se le acabó el tiempo'),
  entrega: (p) => {
    if (p.a === 'sin_imagen') return _('dijo que la imagen no sirve');
    if (p.motivos?.[0] === 'ya_estaba') return _('la entregó sin cambios: ya estaba mapeada');
    return p.motivos?.[0] === 'no_hay_nada' ? _('la entregó sin cambios: no hay nada que mapear') : _('la entregó mapeada');
  },
  dictamen: (p) => {
    if (p.oculto) return _('la revisó; se espera una segunda opinión');
    return p.a === 'validada' ? _('la validó') : _('la devolvió');
  },
  disputa: () => _('pidió que otra persona vea la devolución'),
  deshacer: (p) => _('deshizo el paso anterior: quedó %(estado)s', { estado: nombreDe(p.a).toLowerCase() }),
  division: (p) => (p.a === 'dividida' ? _('la cambió por otras tareas') : _('la sacó de otras tareas')),
  comentario: () => _('comentó'),
};

/** Historial plegado; se pide al abrirlo. */
export function historial(mesa, tarea, abierto = false) {
  const lista = h('ol', { class: 'pasos' });
  const detalles = h('details', { open: abierto }, h('summary', {}, _('Lo que ha pasado')), lista);
  let pedidos = 0;
  let ultimo = 0; // el más nuevo que ya se puso
  const llenar = async () => {
    const pedido = ++pedidos;
    const [{ historial: pasos }, motivos] = await Promise.all([mesa.api('GET', mesa.ruta(tarea.numero, '/historial')), motivosDe(mesa)]);
    if (pedido < ultimo) return;
    ultimo = pedido;
    const nombres = Object.fromEntries(motivos.map((m) => [m.codigo, m.texto]));
    lista.replaceChildren(...(pasos.length ? pasos.toReversed().map((p) => h('li', {},
      h('p', {}, h('strong', {}, p.persona.nombre), ` ${ACCIONES[p.accion](p)} `, p.numero !== tarea.numero && h('span', { class: 'suave' }, _('(tarea %(n)s)', { n: p.numero }), ' '), h('time', { datetime: p.cuando, class: 'suave' }, hace(p.cuando))),
      p.accion === 'dictamen' && p.motivos?.length ? h('ul', {}, p.motivos.map((m) => h('li', {}, nombres[m] ?? m))) : null,
      p.nota ? h('blockquote', {}, p.nota) : null)) : [h('li', {}, _('Todavía nada.'))]));
  };
  detalles.addEventListener('toggle', () => { if (detalles.open) llenar().catch((e) => mesa.decirRechazo(e)); });
  if (abierto) llenar().catch((e) => mesa.decirRechazo(e));
  return detalles;
}

/** Una dirección que se copia con un botón. */
function copiable(rotulo, valor) {
  const campo = h('input', { readonly: true, value: valor, 'aria-label': rotulo, onfocus: () => campo.select() });
  const copiar = boton(_('Copiar'), async () => {
    campo.select();
    // Sin https no hay portapapeles: queda seleccionada para copiarla con el teclado.
    await navigator.clipboard?.writeText(valor).then(() => { copiar.textContent = _('Copiada'); }).catch(() => {});
  }, { tipo: 'secundario' });
  return h('div', { class: 'copiable' }, campo, copiar);
}

/** Lo que hay que saber de JOSM antes de abrir: el control remoto no puede cambiar de servidor, ni correr la imagen. */
function avisosDeJosm(mesa) {
  const { servidor, desplazamiento } = mesa.proyecto;
  const [este, norte] = desplazamiento ?? [];
  return [
    servidor.id !== 'osm' && h('div', {},
      h('p', { class: 'chica' }, _('JOSM edita en el servidor que tiene puesto, y no lo podemos cambiar desde aquí. Antes de abrir la tarea, pon esta dirección en JOSM: Preferencias, «Servidor OSM», quita «Usar la URL predeterminada» y pega:')),
      copiable(_('Dirección de la API para JOSM'), `${apiDe(mesa.proyecto)}/api`),
      servidor.practica && h('p', { class: 'chica' }, _('En los ajustes avanzados de OAuth 2.0, el identificador de cliente es josm. Entra con tu cuenta de Tequio.')),
      servidor.practica && h('p', { class: 'chica' }, _('Al terminar de practicar, vuelve a marcar «Usar la URL predeterminada».'))),
    desplazamiento && h('p', { class: 'chica' }, _('Aquí la imagen va corrida %(este)s m al este y %(norte)s m al norte. En JOSM ponlo en «Imágenes», «Nuevo desplazamiento»: %(este)s; %(norte)s.', { este, norte })),
  ];
}

function josm(mesa, tarea) {
  const estado = h('p', { role: 'status', class: 'chica' });
  const listo = mesa.proyecto.servidor.id === 'osm';
  const llave = `tequio_josm_${mesa.proyecto.servidor.id}_${mesa.proyecto.servidor.aula ?? ''}`;
  const abrir = boton(_('Abrir en JOSM'), async () => {
    estado.textContent = _('Abriendo en JOSM…');
    try {
      await abrirEnJosm(tarea, mesa.proyecto, mesa.imagen());
      estado.textContent = _('Listo: la tarea está abierta en JOSM.');
    } catch (error) {
      estado.textContent = error.message;
    }
  }, { tipo: 'secundario', dibujo: 'abrir' });
  // Con el servidor equivocado se subiría al mapa de verdad: quien practica lo confirma antes.
  const casilla = h('input', { type: 'checkbox', onchange: () => { abrir.disabled = !casilla.checked; try { localStorage.setItem(llave, casilla.checked ? '1' : ''); } catch { /* sin almacenamiento */ } } });
  try { casilla.checked = Boolean(localStorage.getItem(llave)); } catch { /* sin almacenamiento */ }
  abrir.disabled = !listo && !casilla.checked;
  return h('details', { class: 'josm' }, h('summary', {}, 'JOSM'), ...avisosDeJosm(mesa).filter(Boolean),
    !listo && h('label', { class: 'opcion' }, casilla, h('span', {}, _('JOSM ya edita en esa dirección'))),
    h('p', { class: 'botones' }, abrir), estado);
}

/** Dónde se edita, enlaces a otros editores, JOSM, y descargas del contorno. */
export function herramientas(mesa, tarea, { abiertas = false } = {}) {
  const { servidor } = mesa.proyecto;
  const bajar = [['gpx', 'GPX'], ['geojson', 'GeoJSON'], ['osm', 'OSM']].map(([f, nombre]) => h('li', {}, h('a', { href: `/api/v1${mesa.ruta(tarea.numero, `/limite.${f}`)}`, download: '' }, icono('descargar'), nombre)));
  const enlaces = mesa.editores.map((e) => h('li', {}, h('a', { href: direccion(e.url, tarea, mesa.proyecto), target: '_blank', rel: 'noopener' }, icono('abrir'), e.nombre)));
  const dicho = servidor.practica && (servidor.aula ? _('Proyecto de práctica: lo que guardes queda en el aula y no toca el mapa de verdad.')
    : _('El aula de este proyecto ya no existe: quien lo administra tiene que elegir otra para que se pueda editar.'));
  return [
    dicho && h('p', { class: 'practica' }, icono('info'), h('span', {}, dicho)),
    enlaces.length > 0 && h('details', { open: abiertas }, h('summary', {}, mesa.proyecto.aqui ? _('Abrir en otro editor') : _('Abrir en un editor')),
      h('ul', { class: 'enlaces' }, enlaces),
      h('p', { class: 'chica suave' }, _('Al guardar, usa este comentario: %(comentario)s', { comentario: mesa.proyecto.comentario }))),
    mesa.proyecto.josm && josm(mesa, tarea),
    h('details', {}, h('summary', {}, _('Descargar el contorno')), h('ul', { class: 'enlaces' }, bajar)),
  ].filter(Boolean);
}

/** Campo para comentar. */
export function comentar(mesa, tarea) {
  const campo = h('textarea', { id: 'comentario', name: 'nota', maxlength: 5000, required: true, rows: 2 });
  const falta = faltaDe(campo, (texto) => (texto ? null : _('Escribe algo en el comentario.')));
  const enviar = h('button', { type: 'submit', class: 'secundario' }, _('Comentar'));
  return h('details', {}, h('summary', {}, _('Dejar un comentario')), h('form', { novalidate: true, onsubmit: async (evento) => {
    evento.preventDefault();
    if (!falta.revisar()) return;
    const hecho = await mesa.intentar(() => mesa.api('POST', mesa.ruta(tarea.numero, '/comentarios'), { nota: campo.value }), enviar);
    if (hecho) mesa.elegir(tarea.numero);
  } }, h('label', { for: 'comentario' }, _('Tu comentario lo ven todas las personas del proyecto')), campo, falta.nodo, enviar));
}

function deshacer(mesa, tarea) {
  const campo = h('input', { id: 'motivo-deshacer', name: 'motivo', minlength: 3, maxlength: 2000, required: true });
  const falta = faltaDe(campo, (texto) => (texto.length < 3 ? _('Di por qué, con tres letras o más: queda escrito en el historial.') : null));
  const enviar = h('button', { type: 'submit', class: 'secundario' }, _('Deshacer el último paso'));
  return h('details', {}, h('summary', {}, _('Deshacer el último paso')), h('form', { novalidate: true, onsubmit: async (evento) => {
    evento.preventDefault();
    if (!falta.revisar()) return;
    const hecho = await mesa.intentar(() => mesa.api('POST', mesa.ruta(tarea.numero, '/deshacer'), { motivo: campo.value }), enviar);
    if (!hecho) return;
    mesa.alistar();
    mesa.elegir(tarea.numero);
  } }, h('label', { for: 'motivo-deshacer' }, _('¿Por qué?')), campo, falta.nodo, enviar));
}

/** En una dividida: dónde sigue el trabajo. */
function dondeSigue(mesa, tarea) {
  return [h('p', {}, _('Esta tarea se partió, se juntó o cambió de contorno. El trabajo sigue en las que ocupan su lugar.')),
    h('p', { class: 'botones' }, tarea.partes.map((n) => boton(_('Ir a la tarea %(n)s', { n }), () => mesa.elegir(n, { acercar: true }), { tipo: 'secundario' })))];
}

function queSePuede(mesa, tarea) {
  const { estado, bloqueo, reserva } = tarea;
  if (estado === 'dividida') return dondeSigue(mesa, tarea);
  const tomar = (para, texto, dibujo) => {
    const b = boton(texto, () => mesa.tomar(tarea.numero, para, b), { tipo: 'grande', dibujo });
    return [h('p', { class: 'botones' }, b)];
  };
  if (!mesa.proyecto.abierto) return [h('p', {}, _('El proyecto no está abierto.'))];
  if (bloqueo) {
    const soltar = mesa.coordina ? boton(_('Soltarla para que otra persona la tome'), async () => {
      const hecho = await mesa.intentar(() => mesa.api('DELETE', mesa.ruta(tarea.numero, '/bloqueo'), {}), soltar);
      if (hecho === null) mesa.elegir(tarea.numero);
    }, { tipo: 'secundario' }) : null;
    return [h('p', {}, bloqueo.para === 'validar' ? _('%(persona)s la está revisando.', { persona: bloqueo.persona }) : _('%(persona)s la está mapeando.', { persona: bloqueo.persona }), ' ', _('Quedará libre a más tardar %(cuando)s.', { cuando: hace(bloqueo.vence) })), soltar && h('p', { class: 'botones' }, soltar)];
  }
  if (!mesa.entro) return [h('p', { class: 'botones' }, h('a', { class: 'boton', href: `/entrar?siguiente=${encodeURIComponent(location.pathname)}` }, _('Entrar para tomarla')))];
  if (estado === 'mapeada') {
    if (!mesa.valida) return [h('p', {}, _('Espera a que alguien la revise.'))];
    if (tarea.la_mapee) return [h('p', {}, _('La mapeaste tú: la revisará otra persona.'))];
    return tomar('validar', _('Revisar esta tarea'), 'ojo');
  }
  if (estado === 'validada') return [h('p', {}, _('Ya está validada. Gracias a quien la hizo.'))];
  if (reserva && !reserva.mia) return [h('p', {}, _('Se devolvió a %(persona)s, que puede corregirla hasta el %(cuando)s. Después queda libre.', { persona: reserva.persona, cuando: diaYHora(reserva.hasta, mesa.proyecto.zona) }))];
  return tomar('mapear', estado === 'devuelta' ? _('Corregir esta tarea') : _('Mapear esta tarea'), 'lapiz');
}

/** Muestra la ficha de una tarea que no está en mis manos. */
export function panelTarea(mesa, tarea, mensaje) {
  const ultimo = !tarea.bloqueo && !['pendiente', 'dividida'].includes(tarea.estado) && mesa.entro && (mesa.coordina || (tarea.la_mapee && ['mapeada', 'sin_imagen'].includes(tarea.estado)) || mesa.valida);
  const contestada = tarea.la_mapee && !['pendiente', 'dividida'].includes(tarea.estado);
  const queHacer = queSePuede(mesa, tarea).filter(Boolean);
  mesa.ponerObjetos(null);
  mesa.mostrar(h('div', { 'data-ficha': tarea.numero },
    mensaje, titulo(tarea), ...queHacer,
    mesa.valida && tarea.estado === 'mapeada' && !tarea.la_mapee && disputaDe(mesa, tarea, { alSerMia: () => { if (!tarea.bloqueo) queHacer.forEach((nodo) => nodo.remove()); } }),
    contestada && respuestaDeTarea(mesa, tarea, { disputar: true }), datosDeTarea(mesa, tarea),
    // Lo contestado va solo en el mapa: lo mapeado, debajo, se abre si se quiere.
    evidenciaDeTarea(mesa, tarea, { abierta: contestada && tarea.estado !== 'devuelta' }),
    historial(mesa, tarea, tarea.estado === 'devuelta' && !tarea.la_mapee),
    mesa.entro && !mesa.proyecto.borrador && tarea.estado !== 'dividida' && comentar(mesa, tarea), ultimo && deshacer(mesa, tarea), panelPartes(mesa, tarea), ...herramientas(mesa, tarea),
    h('p', { class: 'botones' }, boton(_('Ver todas las tareas'), () => mesa.inicio(), { tipo: 'discreto', dibujo: 'izquierda' }))));
}

