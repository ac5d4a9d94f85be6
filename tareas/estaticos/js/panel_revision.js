// Una o varias tareas en mis manos para revisarlas: qué hay dentro, qué pasó antes, y el dictamen.
import { _, n_, hace, numero as cifra } from './textos.js';
import { aviso, boton, h, icono } from './dom.js';
import { iniciarReloj } from './base.js';
import { evidenciaDeTarea } from './evidencia.js';
import { hallazgosDeTarea } from './hallazgos.js';
import { rutaDe } from './niveles_hallazgo.js';
import { cajaDeTodas, pedirObjetos } from './objetos.js';
import { clavesDe, fortalezasDe, turnoEntregado } from './fortalezas.js';
import { formaDictamen } from './dictamen.js';
import { comoAcabo, dictamenesDe, disputaDe, pedirDictamenes, sinAtender } from './dictamenes.js';
import { guardar, leer } from './memoria.js';
import { preguntar } from './preguntar.js';
import { vecinasDe } from './vecinas.js';
import { datosDeTarea, herramientas, historial, titulo } from './panel_tarea.js';
import { panelPartes } from './partes.js';
import { abrirEn, botonEditar, reloj } from './panel_turno.js';

const TURNOS_DE_ANTES = 5; // de quien entregó: los que se leen para saber qué es suyo
const ESPERA_DICHOS_MS = 3000; // lo que un dictamen espera a saber si hay algo que preguntar

/** Objetos dentro de la tarea, en el mapa donde se edita: en el mapa y en una lista; los más nuevos, primero. */
function objetos(mesa, tarea, senalar) {
  const lista = h('ul', { class: 'pasos' });
  const delAula = mesa.proyecto.servidor.practica;
  const { web } = mesa.proyecto;
  const nombre = (clave) => (web ? h('a', { href: `${web}/${rutaDe(clave)}`, target: '_blank', rel: 'noopener' }, clave) : clave);
  const resumen = h('summary', {}, delAula ? _('Objetos del aula en la tarea') : _('Objetos de OpenStreetMap en la tarea'));
  const nodo = h('details', {}, resumen, lista);
  pedirObjetos(mesa, tarea.numero, true).then((coleccion) => {
    if (!nodo.isConnected) return; // ya se mira otra: el mapa es de ella
    mesa.ponerObjetos(coleccion);
    resumen.textContent = delAula ? n_('%(n)s objeto del aula en la tarea', '%(n)s objetos del aula en la tarea', coleccion.total) : n_('%(n)s objeto de OpenStreetMap en la tarea', '%(n)s objetos de OpenStreetMap en la tarea', coleccion.total);
    lista.replaceChildren(...coleccion.features.slice(0, 200).map(({ geometry, properties: o }) => h('li', { class: 'con-boton' }, h('p', {},
      nombre(`${o.tipo}${o.id}`), ` ${o.resumen}`,
      o.usuario || o.cuando ? h('span', { class: 'suave' }, ` · ${[o.usuario, o.cuando && hace(o.cuando)].filter(Boolean).join(', ')}`) : null),
    boton(_('Señalar'), () => senalar({ objeto: `${o.tipo}${o.id}`, version: o.version, resumen: o.resumen, geometria: geometry, numero: tarea.numero }), { tipo: 'discreto', 'aria-label': _('Señalar un error en %(objeto)s', { objeto: `${o.tipo}${o.id}` }) }))));
  }).catch((error) => mesa.decirRechazo(error));
  return nodo;
}

/** Lo que hace falta para proponer fortalezas: la evidencia del turno entregado, sus objetos y los hallazgos. */
async function loSabido(mesa, tarea) {
  const evidencia = await mesa.api('GET', mesa.ruta(tarea.numero, '/evidencia'));
  const turno = turnoEntregado(evidencia);
  if (!turno) return { turno: null, objetos: null };
  const objetosDe = async ({ ficha }) => (await mesa.api('GET', mesa.ruta(tarea.numero, `/evidencia?objetos=${ficha}`))).objetos;
  const cambiados = await objetosDe(turno);
  // Lo que hizo en sus turnos de antes, y sigue ahí, también es suyo.
  const deAntes = evidencia.turnos.filter((t) => t.persona.id === turno.persona.id && t.cuenta === 'conocida' && t.ficha !== turno.ficha).slice(-TURNOS_DE_ANTES);
  const suyas = new Set([cambiados, ...await Promise.all(deAntes.map(objetosDe))].flatMap((objetos) => [...clavesDe(objetos)]));
  return { turno, objetos: cambiados, suyas };
}

/** Quién la entregó, cuándo y con qué nota. */
function entregada(mesa, tarea) {
  const nodo = h('div', { class: 'entregada' });
  mesa.api('GET', mesa.ruta(tarea.numero, '/historial')).then(({ historial: pasos }) => {
    const paso = pasos.findLast((p) => p.accion === 'entrega');
    if (paso) nodo.append(h('p', {}, _('La entregó %(persona)s %(cuando)s.', { persona: paso.persona.nombre, cuando: hace(paso.cuando) })), ...(paso.nota ? [h('blockquote', {}, paso.nota)] : []));
  }).catch((error) => mesa.decirRechazo(error));
  return nodo;
}

const DICHOS = {
  validada: (n, cual) => n_('Validada la tarea %(cuales)s.', 'Validadas %(n)s tareas.', n, { cuales: cual }),
  con_arreglos: (n, cual) => n_('Validada con tus arreglos la tarea %(cuales)s.', 'Validadas con tus arreglos %(n)s tareas.', n, { cuales: cual }),
  devuelta: (n, cual) => n_('Devuelta la tarea %(cuales)s: quien la mapeó recibirá tus motivos.', 'Devueltas %(n)s tareas: quienes las mapearon recibirán tus motivos.', n, { cuales: cual }),
};

/** El dictamen quedó: se dice, y lo que sigue es la cola, con su botón a la mano (Intro o Alt+N). Donde no hay cola, aquí va el botón. */
function yaQuedo(mesa, dicho) {
  const otra = mesa.modo === 'validar' ? null : boton(_('Dame otra para revisar'), () => { location.href = `/proyectos/${mesa.proyecto.id}/validar`; }, { dibujo: 'derecha' });
  mesa.inicio(aviso('exito', dicho, otra && h('p', { class: 'botones' }, otra)), { alaMano: true });
  otra?.focus({ preventScroll: true });
}

/**
 * Muestra la revisión de una o varias tareas que ya tengo.
 *
 * `ciega`: el id de la entrega, si es una segunda opinión que no sabe qué dijo la primera.
 */
export function panelRevision(mesa, tareas, mensaje = null, { ciega = null } = {}) {
  const [primera] = tareas;
  const una = tareas.length === 1;
  const sabido = new Map(); // de cada tarea: turno, objetos, hallazgos
  const elReloj = reloj(tareas.map((t) => t.bloqueo.vence).sort()[0], primera.ahora);
  const pararReloj = iniciarReloj(elReloj);
  elReloj.addEventListener('vencido', () => {
    mesa.refrescar();
    const dicho = aviso('advertencia', _('Se acabó el tiempo y la tarea quedó libre. Lo que escribiste sigue guardado: si nadie la ha tomado, tómala de nuevo.'));
    if (ciega) mesa.inicio(dicho);
    else mesa.elegir(primera.numero, { mensaje: dicho });
  });

  // Cada tarea tiene su ficha: se pide para todas, y el reloj dice la que se acaba primero.
  const mas = ciega ? null : boton(_('Más tiempo'), async () => {
    const tomas = await mesa.intentar(() => Promise.all(tareas.map((t) => mesa.api('PATCH', mesa.ruta(t.numero, '/bloqueo'), { ficha: t.bloqueo.ficha }))), mas);
    if (!tomas) return;
    tomas.forEach((toma, i) => { tareas[i].bloqueo.vence = toma.vence; });
    elReloj.dataset.vence = tomas.map((toma) => toma.vence).sort()[0];
  }, { tipo: 'discreto', dibujo: 'reloj' });

  const pedido = (veredicto, retro) => {
    if (ciega) return ['POST', `${mesa.raiz}/segundas/${ciega}/dictamen`, { ficha: primera.bloqueo.ficha, veredicto, ...retro }];
    if (una) return ['POST', mesa.ruta(primera.numero, '/dictamen'), { ficha: primera.bloqueo.ficha, veredicto, ...retro }];
    return ['POST', `${mesa.raiz}/dictamenes`, { tareas: tareas.map((t) => ({ numero: t.numero, ficha: t.bloqueo.ficha })), veredicto, ...retro }];
  };
  const enviar = async (veredicto, retro, pulsado) => {
    const hecho = await mesa.intentar(() => mesa.api(...pedido(veredicto, retro)), pulsado);
    if (!hecho) return false;
    if (!una) guardar(llaveVistas, '');
    await mesa.refrescar();
    yaQuedo(mesa, ciega ? _('Quedó tu segunda opinión de la tarea %(n)s. No cambia la tarea; si difiere de la primera, las dos personas lo verán.', { n: primera.numero }) : [DICHOS[veredicto](tareas.length, primera.numero), comoAcabo(hecho)].filter(Boolean).join(' '));
    return true;
  };
  const proponer = () => {
    const senalados = (numero) => forma.errores.lista().filter((p) => !p.numero || p.numero === numero).map((p) => p.codigo);
    forma.proponer(tareas.filter((t) => sabido.has(t.numero)).map((t) => [t.numero, fortalezasDe({ hallazgos: null, ...sabido.get(t.numero), senalados: senalados(t.numero) })]));
  };
  // Lo que se dijo antes se pide una vez: para leerlo, y para saber al aceptar qué quedó sin marcar.
  const pedidos = new Map();
  const dichos = (t) => {
    if (!pedidos.has(t.numero)) pedidos.set(t.numero, pedirDictamenes(mesa, t.numero));
    return pedidos.get(t.numero);
  };
  if (!ciega) tareas.forEach((t) => dichos(t).catch(() => pedidos.delete(t.numero))); // quien lo lee lo dice; al aceptar se pide otra vez
  const tocados = () => new Set([...sabido.values()].flatMap((s) => [...clavesDe(s.objetos)]));
  const forma = formaDictamen(mesa, tareas, { enviar, ciega: Boolean(ciega), tocados, vistas: una ? null : () => _('Vistas: %(m)s de %(n)s', { m: vistas.size, n: tareas.length }), antes: async (veredicto) => (una || await conTodasVistas(veredicto)) && await conTodoAtendido(veredicto) && !soltando, alCambiar: () => {
    proponer();
    if (!una) decirVistas();
    document.querySelectorAll('[data-hallazgos]').forEach((nodo) => nodo.dispatchEvent(new Event('senalados')));
  } });
  const agregar = (numero, datos) => {
    sabido.set(numero, { turno: null, objetos: null, hallazgos: null, ...sabido.get(numero), ...datos });
    proponer();
  };
  // Que no haya fortalezas que proponer no estorba a la revisión.
  const saber = Promise.all(tareas.map((t) => loSabido(mesa, t).then((datos) => agregar(t.numero, datos)).catch(() => {})));

  let soltando = false;
  const dejar = boton(n_('Soltarla sin dictamen', 'Soltarlas sin dictamen', tareas.length), async () => {
    soltando = true; // un dictamen que esperaba una respuesta ya no se da
    if (ciega) await mesa.intentar(() => mesa.api('DELETE', `${mesa.raiz}/segundas/${ciega}/toma`, { ficha: primera.bloqueo.ficha }), dejar);
    else for (const t of tareas) await mesa.intentar(() => mesa.api('DELETE', mesa.ruta(t.numero, '/bloqueo'), { ficha: t.bloqueo.ficha }), dejar);
    await mesa.refrescar();
    mesa.inicio();
  }, { tipo: 'discreto' });
  const teclas = (evento) => {
    // AltGr, con que se escriben algunos signos, llega como Ctrl+Alt.
    if (!evento.altKey || evento.ctrlKey || evento.repeat || document.documentElement.dataset.editor || document.querySelector('dialog[open]')) return;
    if (forma.tecla(evento.key.toLowerCase())) evento.preventDefault();
  };
  document.addEventListener('keydown', teclas);

  const senalar = (parcial) => forma.errores.senalar(parcial);
  const deHallazgo = (tarea) => ({
    listo: forma.errores.listo,
    tiene: forma.errores.tiene,
    poner: (p, geometria) => senalar({ codigo: p.codigo, objeto: p.objetos[0] ?? null, version: p.versiones?.[0] ?? null, resumen: '', geometria, lugar: { type: 'Point', coordinates: p.lugar }, huella: p.huella, numero: tarea.numero }),
    quitar: forma.errores.quitarHuella,
  });
  const partes = (t) => [
    datosDeTarea(mesa, t), evidenciaDeTarea(mesa, t, { abierta: true }),
    hallazgosDeTarea(mesa, t, { responder: true, abrir: una && !ciega ? abrirEn(mesa, t, null) : null, senalar: deHallazgo(t), suyos: saber.then(() => sabido.get(t.numero)?.suyas ?? new Set()), alLlegar: (datos) => agregar(t.numero, { hallazgos: datos }) }),
    ciega ? null : dictamenesDe(mesa, t, { dictamenes: dichos(t) }), objetos(mesa, t, senalar), vecinasDe(mesa, t), ciega ? null : historial(mesa, t),
  ].filter(Boolean);
  // --- Varias juntas: cuáles ya vi, y la que estoy viendo ---
  const vista = h('div', { class: 'una-de-varias' });
  const botones = new Map();
  // Lo visto no se olvida al ir a la cola y volver; con otra ficha ya es otra revisión.
  const llaveVistas = `tequio_vistas_${mesa.yo}_${mesa.proyecto.id}`;
  const turnoDe = (t) => `${t.numero}.${t.bloqueo.ficha}`;
  const recordarVistas = () => { if (!una) guardar(llaveVistas, tareas.filter((t) => vistas.has(t.numero)).map(turnoDe).join(' ')); };
  const ya = una ? [] : leer(llaveVistas).split(' ');
  const vistas = new Set(tareas.filter((t) => ya.includes(turnoDe(t))).map((t) => t.numero));
  const cuantas = h('p', { class: 'cuantas-vistas', role: 'status' });
  const decirVistas = () => {
    const quedan = tareas.length - vistas.size;
    cuantas.textContent = quedan ? _('Vistas: %(m)s de %(n)s.', { m: vistas.size, n: tareas.length }) : _('Ya viste las %(n)s.', { n: tareas.length });
    que.hidden = !quedan;
    que.lastChild.textContent = vistas.size ? _('Ver la que sigue') : _('Ver la primera');
    tareas.forEach((t) => {
      const n = forma.errores.lista().filter((p) => p.numero === t.numero).length;
      const b = botones.get(t.numero);
      b.replaceChildren(vistas.has(t.numero) ? icono('palomita') : '', String(t.numero), n ? h('span', { class: 'con-errores', 'aria-hidden': 'true' }, `▲${n}`) : '');
      b.setAttribute('aria-label', [_('Tarea %(n)s', { n: t.numero }), vistas.has(t.numero) ? _('ya vista') : _('sin ver'), n ? n_('%(n)s error señalado', '%(n)s errores señalados', n) : ''].filter(Boolean).join(', '));
    });
  };
  const ver = (t) => {
    vistas.add(t.numero);
    recordarVistas();
    mesa.capas?.elegir(t.numero);
    mesa.acercarA(t.caja);
    const titular = h('h3', { tabindex: '-1' }, _('Tarea %(n)s', { n: t.numero }));
    const otra = tareas.find((x) => !vistas.has(x.numero));
    vista.replaceChildren(titular, entregada(mesa, t), ...partes(t), otra ? h('p', { class: 'botones' }, boton(_('Ver la que sigue'), () => ver(otra), { tipo: 'secundario', dibujo: 'derecha' })) : '');
    botones.forEach((b, numero) => { if (numero === t.numero) b.setAttribute('aria-current', 'true'); else b.removeAttribute('aria-current'); });
    decirVistas();
    forma.alDia();
    titular.focus({ preventScroll: true });
    // En un teléfono la hoja es baja: se ve la tarea, no lo que se tocó para llegar a ella.
    titular.scrollIntoView({ block: matchMedia('(max-width: 55.99rem)').matches ? 'start' : 'nearest' });
  };
  const DE_TODOS_MODOS = {
    validada: () => _('Validar las %(n)s de todos modos', { n: tareas.length }),
    con_arreglos: () => _('Validar las %(n)s de todos modos', { n: tareas.length }),
    devuelta: () => _('Devolver las %(n)s de todos modos', { n: tareas.length }),
  };
  /** Con alguna sin ver, pregunta antes de dar el dictamen a todas. */
  async function conTodasVistas(veredicto) {
    const faltan = tareas.filter((t) => !vistas.has(t.numero));
    if (!faltan.length) return true;
    const cuales = new Intl.ListFormat(document.documentElement.lang, { type: 'conjunction' }).format(faltan.map((t) => String(t.numero)));
    const respuesta = await preguntar(n_('Te falta ver una tarea', 'Te falta ver %(n)s tareas', faltan.length),
      n_('No has visto la tarea %(cuales)s, y el dictamen es el mismo para las %(todas)s.', 'No has visto las tareas %(cuales)s, y el dictamen es el mismo para las %(todas)s.', faltan.length, { cuales, todas: cifra(tareas.length) }), [
        ['ver', _('Ver la tarea %(n)s', { n: faltan[0].numero }), ''], ['seguir', DE_TODOS_MODOS[veredicto](), 'secundario'], [null, _('Cancelar'), 'discreto'],
      ]);
    if (respuesta === 'ver') ver(faltan[0]);
    return respuesta === 'seguir';
  }
  let yaSePregunto = false;
  /** Antes de aceptar lo que volvió con algo sin marcar como atendido, se pregunta una vez, diciendo qué. */
  async function conTodoAtendido(veredicto) {
    if (ciega || veredicto !== 'validada' || yaSePregunto) return true;
    // Sin poder leerlo no se pregunta: quien revisa ya vio el aviso, y su dictamen es suyo.
    const leidos = Promise.all(tareas.map((t) => dichos(t).then((todos) => [t, sinAtender(todos)], () => [t, []])));
    const aTiempo = new Promise((listo) => { setTimeout(listo, ESPERA_DICHOS_MS, []); });
    const porTarea = (await Promise.race([leidos, aTiempo])).filter(([, faltan]) => faltan.length);
    if (!forma.nodo.isConnected) return false;
    const n = porTarea.reduce((suma, [, faltan]) => suma + faltan.length, 0);
    if (!n) return true;
    yaSePregunto = true;
    const cual = (t, s) => [una ? null : _('Tarea %(n)s', { n: t.numero }), s.texto, s.nota].filter(Boolean).join(': ');
    const respuesta = await preguntar(n_('Queda %(n)s cosa sin marcar como atendida', 'Quedan %(n)s cosas sin marcar como atendidas', n), [
      h('p', {}, n_('Se pidió corregirla al devolverla, y quien mapeó no la marcó:', 'Se pidió corregirlas al devolverla, y quien mapeó no las marcó:', n)),
      h('ul', {}, porTarea.flatMap(([t, faltan]) => faltan.map((s) => h('li', {}, cual(t, s))))),
    ], [['ver', _('Ver lo que no marcó'), ''], ['seguir', _('Está bien de todos modos'), 'secundario'], [null, _('Cancelar'), 'discreto']]);
    if (respuesta === 'ver') {
      const [[t]] = porTarea;
      if (!una) ver(t);
      await dichos(t);
      const buscar = () => document.querySelector(`[data-dictamenes="${t.numero}"]`);
      if (!buscar().querySelector('[data-sin-atender]')) { // al abrir la hoja no se pudo leer
        buscar().replaceWith(dictamenesDe(mesa, t, { dictamenes: dichos(t) }));
        await dichos(t);
      }
      buscar().open = true;
      const primero = buscar().querySelector('[data-sin-atender]');
      primero.focus({ preventScroll: true });
      primero.scrollIntoView({ block: 'center' });
    }
    return respuesta === 'seguir';
  }
  const que = boton('', () => ver(tareas.find((t) => !vistas.has(t.numero))), { tipo: 'secundario', dibujo: 'derecha' });
  que.append('');
  const todas = boton(_('Verlas todas en el mapa'), () => { mesa.capas?.elegir(null); mesa.acercarA(cajaDeTodas(tareas.map((t) => t.caja))); }, { tipo: 'discreto', dibujo: 'ubicacion' });
  const paraVer = (t) => {
    const b = h('button', { type: 'button', class: 'boton secundario', onclick: () => ver(t) });
    botones.set(t.numero, b);
    return b;
  };
  const cabeza = una ? [titulo(primera), entregada(mesa, primera)]
    : [h('h2', {}, _('Revisas %(n)s tareas juntas', { n: cifra(tareas.length) })), h('p', { class: 'suave' }, _('El dictamen y la nota son los mismos para todas. Cada error y cada fortaleza dicen de cuál son, y cada quien lee sólo lo de la suya.')), h('div', { class: 'botones' }, elReloj, mas),
      h('ul', { class: 'tareas-juntas', 'aria-label': _('Tareas de esta revisión') }, tareas.map((t) => h('li', {}, paraVer(t)))), cuantas, h('p', { class: 'botones' }, que, todas)];
  // El pie con los veredictos no tapa lo demás: lo de arriba rueda aparte.
  mesa.mostrar(h('div', { 'data-revision': primera.numero, 'data-ciega': ciega }, h('div', { class: 'rollo' },
    mensaje, ...cabeza,
    una && !ciega && disputaDe(mesa, primera, { dictamenes: dichos(primera) }),
    ciega && aviso('info', _('Es una segunda opinión: no te decimos qué opinó la primera persona, para que la tuya sea independiente. No cambia la tarea.')),
    una && h('div', { class: 'botones' }, elReloj, mas),
    una && !ciega && h('p', { class: 'botones' }, botonEditar(mesa, primera, null, { tipo: 'secundario' })),
    una ? partes(primera) : vista,
    forma.nodo, ...(una && !ciega ? [panelPartes(mesa, primera), ...herramientas(mesa, primera)] : []), h('p', { class: 'botones' }, dejar)), forma.pie), {
    alSalir() {
      pararReloj();
      document.removeEventListener('keydown', teclas);
      mesa.ponerObjetos(null);
      if (!una) mesa.capas?.marcar(new Set());
    },
  });
  if (!una) {
    mesa.aparte('varias');
    mesa.capas?.marcar(new Set(tareas.map((t) => t.numero)));
    mesa.acercarA(cajaDeTodas(tareas.map((t) => t.caja)));
    decirVistas();
  } else if (ciega) mesa.aparte('segunda');
  forma.encender();
}
