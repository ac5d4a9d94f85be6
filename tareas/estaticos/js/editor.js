// El editor a todo lo ancho, con una barra delgada: la tarea, el reloj, lo que se ha guardado, y entregar o soltar sin salir. iD
// va en un marco aparte (js/editor_id.js); sus atajos de teclado no salen de él, ni los nuestros entran.
import { _, n_, numero as cifra } from './textos.js';
import { aviso, boton, h, icono } from './dom.js';
import { iniciarReloj } from './base.js';
import { nadaQueCambiar, noPreguntar, preguntarSiNada } from './evidencia.js';
import { hallazgosDeTarea } from './hallazgos.js';
import { guardar, leer } from './memoria.js';
import { hayPendientes, libreta, olvidarPendientes } from './pendientes.js';
import { preguntar } from './preguntar.js';

// La hoja de estilo se baja con el editor: la página de mapeo no la necesita.
document.head.append(h('link', { rel: 'stylesheet', href: new URL('../css/editor.css', import.meta.url).href }));

const CHICA = 700; // píxeles; en menos, iD cabe pero estorba
const LLAVE_CHICA = 'tequio_pantalla_chica';
// Igual que en css/editor.css: aquí la barra es de un renglón y lo demás va en su menú.
const DE_UN_RENGLON = matchMedia('(max-width: 56rem), (max-height: 30rem)');
const LEER_MS = 12_000; // lo que se deja un aviso que no pide nada

// --- Preguntar ----------------------------------------------------------------------------------------------------------

const cuantos = (n) => (n > 0 ? n_('Tienes %(n)s cambio sin guardar', 'Tienes %(n)s cambios sin guardar', n) : _('Tienes cambios sin guardar'));

/**
 * Antes de entregar o soltar con el editor cerrado: si esta persona dejó ahí cambios sin guardar, pregunta. Devuelve `true` si
 * se sigue adelante, sin ellos.
 */
export async function sinPendientes(mesa, tarea, que, abrir) {
  if (!hayPendientes(mesa.yo, mesa.proyecto.id, tarea.numero)) return true;
  const respuesta = await preguntar(cuantos(0), _('Los dejaste en el editor y todavía no están en el mapa.'), [
    ['abrir', _('Abrir el editor para guardarlos'), ''],
    ['seguir', que === 'entregar' ? _('Entregar sin ellos') : _('Soltarla sin ellos'), 'secundario'],
    [null, _('Cancelar'), 'discreto'],
  ]);
  if (respuesta === 'abrir') abrir();
  if (respuesta !== 'seguir') return false;
  olvidarPendientes(mesa.yo, mesa.proyecto.id, tarea.numero);
  return true;
}

// --- Lo guardado en esta sesión -----------------------------------------------------------------------------------------

/** «3 edificios, 120 m de calle, 2 objetos corregidos». */
export function decirGuardado({ creados, modificados, borrados, edificios, metros }) {
  const partes = [];
  if (edificios) partes.push(n_('%(n)s edificio', '%(n)s edificios', edificios));
  const redondos = Math.round(metros);
  if (redondos >= 1000) partes.push(_('%(n)s km de calle', { n: cifra(redondos / 1000, 1) }));
  else if (redondos > 0) partes.push(_('%(n)s m de calle', { n: cifra(redondos) }));
  const otros = creados - edificios;
  if (otros > 0 && (!redondos || otros > 1 || edificios > creados)) partes.push(n_('%(n)s objeto nuevo', '%(n)s objetos nuevos', otros));
  if (modificados) partes.push(n_('%(n)s corregido', '%(n)s corregidos', modificados));
  if (borrados) partes.push(n_('%(n)s borrado', '%(n)s borrados', borrados));
  return partes.join(', ');
}

// --- El editor ----------------------------------------------------------------------------------------------------------

/**
 * Abre el editor sobre una tarea que tengo.
 *
 * `turno` es lo que se puede hacer con ella: { entregar(resultado, nota, pulsado), soltar(pulsado), extender(pulsado) } al
 * mapear, cada uno devuelve si se hizo; al validar, null: el dictamen se da en la hoja. `objeto`: el que se elige al abrir.
 */
export function abrirEditor(mesa, tarea, turno, { objeto = null } = {}) {
  if (document.querySelector('.editor')) return;
  const { practica } = mesa.proyecto.servidor;
  const cuenta = libreta(mesa.yo, mesa.proyecto.id, tarea.numero, tarea.bloqueo.ficha);
  const tras = [...document.body.children].filter((nodo) => !nodo.inert && !['SCRIPT', 'TEMPLATE'].includes(nodo.tagName));
  const volvia = document.activeElement;
  let vencida = false;
  let contado = ''; // lo que guardó en esta toma desde otra pestaña u otro aparato

  // La barra.
  const guardado = h('p', { class: 'editor-guardado', role: 'status' });
  const falta = boton('', () => puente()?.guardar(), { tipo: 'editor-falta', hidden: true });
  const elReloj = h('p', { class: 'reloj', 'data-vence': tarea.bloqueo.vence, 'data-ahora': tarea.ahora }, icono('reloj'), h('span', { 'data-resta': '' }), h('span', { class: 'solo-lector', role: 'status', 'data-anuncio': '' }));
  const salir = boton(turno ? _('Mapa') : _('Revisión'), () => cerrarPreguntando(), { tipo: 'editor-salir', dibujo: 'izquierda', 'aria-label': turno ? _('Volver al mapa') : _('Volver a la revisión') });
  const mas = turno && boton(_('Más tiempo'), async () => {
    const toma = await turno.extender(mas);
    if (toma) elReloj.dataset.vence = toma.vence;
  }, { tipo: 'discreto' });
  const suelta = turno && boton(_('Soltar'), () => soltar(), { tipo: 'secundario' });
  const abreMenu = boton('', () => mostrarMenu(!barra.classList.contains('abierta')), { tipo: 'editor-menu', dibujo: 'puntos', 'aria-label': _('Más de esta tarea'), 'aria-expanded': 'false', 'aria-controls': 'editor-mas' });
  const entrega = turno ? boton(_('Entregar'), () => mostrarCajon(cajon.hidden), { tipo: 'editor-entregar', dibujo: 'palomita', 'aria-expanded': 'false', 'aria-controls': 'editor-cajon' })
    : boton(_('Dar dictamen'), () => cerrarPreguntando(), { tipo: 'editor-entregar', dibujo: 'palomita' });
  // Ancha, todo va en la barra; angosta, lo de `lomas` baja de su menú.
  const lomas = h('div', { class: 'editor-mas', id: 'editor-mas' },
    h('h2', { class: 'editor-tarea' }, _('Tarea %(n)s', { n: tarea.numero }), practica && h('span', { class: 'editor-practica' }, _('Práctica'))),
    guardado, mas, suelta);
  const barra = h('header', { class: 'editor-barra' }, salir, elReloj, falta, entrega, abreMenu, lomas);
  barra.addEventListener('keydown', (evento) => {
    if (evento.key !== 'Escape' || !barra.classList.contains('abierta')) return;
    mostrarMenu(false);
    abreMenu.focus();
  });

  // El cajón de entrega, junto al editor.
  const cajon = turno && h('aside', { class: 'editor-cajon', id: 'editor-cajon', 'aria-label': _('Entregar la tarea'), hidden: true });
  const nota = turno && h('textarea', { id: 'editor-nota', maxlength: 5000, rows: 4, oninput: () => turno.anotar(nota.value) });
  const nada = turno && nadaQueCambiar(tarea);
  const pregunta = h('div');
  let mios = null; // lo suyo que conviene revisar, también lo que no detiene la entrega
  if (turno) {
    nota.value = turno.nota();
    mios = hallazgosDeTarea(mesa, tarea, { soloMios: true, rotulo: _('Ver'), ver: (p) => lugares.ver(p), abrir: (clave) => lugares.abrir(clave) });
    const lista = boton(_('Entregar mapeada'), () => entregar('mapeada', lista), { tipo: 'grande ancho', dibujo: 'palomita' });
    const sinImagen = boton(_('La imagen no sirve'), () => entregar('sin_imagen', sinImagen), { tipo: 'secundario ancho' });
    cajon.append(
      h('div', { class: 'editor-cajon-cabeza' }, h('h3', {}, _('Entregar la tarea %(n)s', { n: tarea.numero })), boton('', () => mostrarCajon(false), { tipo: 'discreto', dibujo: 'cerrar', 'aria-label': _('Cerrar') })),
      h('p', { class: 'editor-resumen', 'data-resumen': '' }),
      h('label', { for: 'editor-nota' }, _('Nota para quien revisa'), ' ', h('span', { class: 'opcional' }, _('(opcional)'))), nota,
      mios,
      h('form', {}, nada), // aparte, que sus opciones no sean las de la hoja
      pregunta, lista, sinImagen,
      mesa.instrucciones && h('details', {}, h('summary', {}, _('Instrucciones')), h('div', { class: 'instrucciones' }, mesa.instrucciones.content.cloneNode(true))));
    cajon.addEventListener('keydown', (evento) => { if (evento.key === 'Escape') mostrarCajon(false); });
  }

  const avisos = h('div', { class: 'editor-avisos' });
  const marco = h('iframe', { class: 'editor-marco', title: _('Editor iD, tarea %(n)s', { n: tarea.numero }), src: `/proyectos/${mesa.proyecto.id}/editor/${tarea.numero}` });
  const seccion = h('section', { class: 'editor', 'aria-label': _('Editor de la tarea %(n)s', { n: tarea.numero }), 'data-editor': tarea.numero },
    barra, avisos, h('div', { class: 'editor-cuerpo' }, marco, cajon));

  const puente = () => marco.contentWindow?.tequioEditor ?? null;
  const porGuardar = () => puente()?.sinGuardar() ?? 0;
  const hayAlgo = () => porGuardar() > 0 || hayPendientes(mesa.yo, mesa.proyecto.id, tarea.numero);

  // --- Qué se ve ---
  function pintarGuardado() {
    const dicho = decirGuardado(cuenta.suma()) || contado;
    guardado.textContent = dicho ? _('Guardado: %(que)s', { que: dicho }) : _('Todavía no guardas nada');
    guardado.classList.toggle('algo', Boolean(dicho));
    if (nada && cuenta.hayAlgo()) noPreguntar(nada);
    const resumen = cajon?.querySelector('[data-resumen]');
    if (resumen) resumen.textContent = dicho ? _('Guardaste %(que)s.', { que: dicho }) : _('No has guardado nada en el mapa. Si la tarea ya estaba completa o no hay nada que dibujar, dilo en la nota.');
  }
  function pintarFalta(n, guardando) {
    falta.hidden = !n && !guardando;
    falta.disabled = guardando;
    falta.replaceChildren(h('span', { class: 'largo' }, guardando ? _('Guardando…') : n_('%(n)s sin guardar', '%(n)s sin guardar', n)),
      h('span', { class: 'corto', 'aria-hidden': 'true' }, icono('subir'), guardando ? '…' : cifra(n)));
    falta.setAttribute('aria-label', guardando ? _('Guardando…') : n_('Guardar %(n)s cambio', 'Guardar %(n)s cambios', n));
  }
  function mostrarMenu(abierto) {
    barra.classList.toggle('abierta', abierto);
    abreMenu.setAttribute('aria-expanded', String(abierto));
  }
  function mostrarCajon(abierto) {
    mostrarMenu(false);
    cajon.hidden = !abierto;
    entrega.setAttribute('aria-expanded', String(abierto));
    if (abierto) {
      mios.dispatchEvent(new Event('revisar'));
      nota.focus();
    }
    else entrega.focus();
  }
  let alRato = 0;
  const decir = (...nodos) => {
    clearTimeout(alRato);
    avisos.replaceChildren(...nodos.filter(Boolean));
  };
  /** Un aviso que no pide nada: se va solo, cuando ya se pudo leer. */
  function decirDePaso(nodo) {
    decir(nodo);
    alRato = setTimeout(() => { if (nodo.isConnected && !nodo.matches(':hover, :focus-within')) decir(); }, LEER_MS);
  }

  // Con el mapa del editor enfrente, ahí se ve lo hallado; si el cajón lo tapa, se quita.
  const ensenar = (hacer) => {
    if (DE_UN_RENGLON.matches) mostrarCajon(false);
    hacer(puente());
    marco.focus();
  };
  const lugares = {
    rotulo: _('Ver'),
    ver: (p) => ensenar((id) => id?.ver(p.lugar)),
    abrir: (clave) => ensenar((id) => id?.elegir(clave)),
  };

  // --- Salir, entregar, soltar ---
  function cerrar() {
    puente()?.cerrar();
    pararReloj();
    clearTimeout(alRato);
    DE_UN_RENGLON.removeEventListener('change', acortar);
    seccion.remove();
    tras.forEach((nodo) => { nodo.inert = false; });
    delete document.documentElement.dataset.editor;
    mesa.lugarDeRechazos = null;
    (volvia?.isConnected ? volvia : document.getElementById('panel-contenido'))?.focus({ preventScroll: true });
  }
  async function cerrarPreguntando() {
    if (porGuardar() > 0) {
      const respuesta = await preguntar(cuantos(porGuardar()), _('Si sales ahora se quedan en este aparato y los encuentras al volver a abrir el editor, pero todavía no están en el mapa.'), [
        ['guardar', _('Guardarlos ahora'), ''], ['salir', _('Salir y seguir después'), 'secundario'], [null, _('Seguir editando'), 'discreto'],
      ]);
      if (respuesta === 'guardar') puente()?.guardar();
      if (respuesta !== 'salir') return;
    }
    cerrar();
    mesa.elegir(tarea.numero);
  }
  async function puedoSinGuardar(que) {
    if (!hayAlgo()) return true;
    const respuesta = await preguntar(cuantos(porGuardar()), que === 'entregar' ? _('Si entregas ahora, esos cambios no llegan al mapa.') : _('Si la sueltas ahora, esos cambios no llegan al mapa.'), [
      ['guardar', _('Guardarlos ahora'), ''], ['seguir', que === 'entregar' ? _('Entregar sin ellos') : _('Soltarla sin ellos'), 'secundario'], [null, _('Seguir editando'), 'discreto'],
    ]);
    if (respuesta === 'guardar') {
      mostrarCajon(false);
      puente()?.guardar();
    }
    return respuesta === 'seguir';
  }
  function terminar() {
    cerrar();
    // Después de cerrar: el editor escribe lo suyo al irse.
    setTimeout(() => olvidarPendientes(mesa.yo, mesa.proyecto.id, tarea.numero), 300);
  }
  async function entregar(resultado, pulsado) {
    if (await puedoSinGuardar('entregar')) await turno.entregar(resultado, nota.value, pulsado, { nada, pregunta, lugares, seguro: siGuardado, despues: terminar });
  }
  async function siGuardado(hacer) {
    if (await puedoSinGuardar('entregar')) await hacer();
  }
  async function soltar() {
    if (await puedoSinGuardar('soltar')) await turno.soltar(suelta, terminar);
  }

  // --- El reloj ---
  const acortar = () => elReloj.toggleAttribute('data-corto', DE_UN_RENGLON.matches);
  acortar();
  DE_UN_RENGLON.addEventListener('change', acortar);
  const pararReloj = iniciarReloj(elReloj);
  elReloj.addEventListener('vencido', (evento) => {
    evento.stopPropagation();
    vencida = true;
    if (entrega) entrega.disabled = Boolean(turno);
    const tomar = boton(_('Tomarla de nuevo'), async () => {
      const toma = await mesa.intentar(() => mesa.api('POST', mesa.ruta(tarea.numero, '/bloqueo'), { para: turno ? 'mapear' : 'validar' }), tomar);
      if (!toma) return;
      vencida = false;
      if (turno) turno.renovar(toma);
      else tarea.bloqueo.ficha = toma.ficha;
      elReloj.dataset.vence = toma.vence;
      entrega.disabled = false;
      decir();
    }, { tipo: 'secundario' });
    const texto = hayAlgo() ? _('Se acabó el tiempo y la tarea quedó libre. Tus cambios siguen aquí: toma la tarea de nuevo y guárdalos. Si otra persona ya la tomó, guárdalos igual para no perderlos.')
      : _('Se acabó el tiempo y la tarea quedó libre. Tómala de nuevo para seguir, si nadie la ha tomado.');
    decir(aviso('advertencia', texto, tomar));
  });

  // --- Lo que cuenta el marco ---
  marco.addEventListener('editor:listo', () => {
    document.documentElement.dataset.editor = 'listo';
    if (objeto) puente()?.elegir(objeto);
  });
  marco.addEventListener('editor:cambio', ({ detail }) => pintarFalta(detail.sinGuardar, detail.guardando));
  marco.addEventListener('editor:guardado', ({ detail }) => {
    cuenta.agregar(detail);
    pintarGuardado();
    pintarFalta(0, false);
    mesa.mapaAlDia();
    // Con el menú plegado, lo guardado no se ve en la barra.
    if (!vencida && DE_UN_RENGLON.matches) decirDePaso(aviso('exito', guardado.textContent));
  });
  marco.addEventListener('editor:falla', ({ detail }) => decir(aviso('error', detail.mensaje)));

  pintarGuardado();
  if (nada) {
    preguntarSiNada(nada, mesa, tarea).then((hecho) => {
      contado = hecho;
      pintarGuardado();
    });
  }
  if (Math.min(innerWidth, innerHeight) < CHICA && innerWidth < 2 * CHICA && !leer(LLAVE_CHICA)) {
    guardar(LLAVE_CHICA, '1');
    const consejo = aviso('info', _('Para dibujar conviene una pantalla más grande, con ratón.'), boton(_('Entendido'), () => { decir(); salir.focus(); }, { tipo: 'secundario' }));
    // Lo que tarda en leerse cuenta desde que hay editor.
    decir(consejo);
    marco.addEventListener('editor:listo', () => { if (consejo.isConnected) decirDePaso(consejo); }, { once: true });
    // Quien ya dibujó no lo necesita, y taparía los botones con que iD guarda.
    marco.addEventListener('editor:cambio', ({ detail }) => { if (detail.sinGuardar && consejo.isConnected) decir(); });
  }
  tras.forEach((nodo) => { nodo.inert = true; });
  document.body.append(seccion);
  document.documentElement.dataset.editor = 'abriendo';
  mesa.lugarDeRechazos = avisos;
  salir.focus();
}
