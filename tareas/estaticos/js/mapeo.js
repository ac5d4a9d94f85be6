// Página de mapeo y validación: une el mapa, los estados vivos y la hoja con lo que toca hacer.
import { _ } from './textos.js';
import { api, Rechazo, SinRed } from './api.js';
import { aviso, boton, h } from './dom.js';
import { altoDelCredito, bajoLetreros, crearMapa, datosDe } from './mapa_base.js';
import { ponerTareas } from './capas_tareas.js';
import { seguirEstados } from './estados_vivos.js';
import { alVolver, recordarAlCambiar, reponer } from './cambio_idioma.js';
import { panelInicio } from './panel_inicio.js';
import { panelTarea } from './panel_tarea.js';
import { leer } from './memoria.js';
import { panelTurno } from './panel_turno.js';
import { BYTE_MAPEADA } from './patrones.js';
import { traerPrioridades } from './prioridades.js';
import { conMemoria } from './repintar.js';
import { acomodarAlFondo, quitarEvidencia } from './evidencia.js';
import { quitarHallazgos } from './hallazgos.js';
import { quitarPines } from './pines.js';
import { quitarPartes } from './partes.js';

const datos = JSON.parse(document.getElementById('datos-mapeo').textContent);
const contenido = document.getElementById('panel-contenido');
const vivo = document.getElementById('vivo');
const raiz = `/proyectos/${datos.proyecto.id}`;

/** Lo que las hojas comparten. */
const mesa = {
  ...datos,
  raiz,
  instrucciones: document.getElementById('instrucciones'), // plantilla, ya con su marcado; null si no hay
  bytes: new Uint8Array(datos.proyecto.numeros),
  prioridades: null, // js/prioridades.js
  bloqueos: [], // los míos en este proyecto
  disputas: { por_decidir: { total: 0, tareas: [] }, mias: [] }, // las que me toca decidir en él, y las mías que esperan
  ciegas: null, // número → la segunda opinión que puedo dar; null: todavía no se sabe
  elegida: null,
  mapa: null,
  ml: null, // MapLibre, al haber mapa
  alTocar: null, // (evento) => si ya atendió ese toque del mapa
  capas: null,
  imagen: imagenDelFondo,
  lugarDeRechazos: null, // con el editor abierto, la hoja no se ve
  ruta: (numero, resto = '') => `${raiz}/tareas/${numero}${resto}`,
  api,
  mostrar,
  inicio,
  elegir,
  tomar,
  dameUna,
  refrescar,
  alistar: () => seguidor?.preguntar(),
  mapaAlDia: () => {}, // al haber mapa: vuelve a preguntar por el del aula
};

// El mapa, cuando ya recibe capas; null si no se pudo dibujar.
let hayMapa;
mesa.mapaListo = new Promise((listo) => { hayMapa = listo; });

let limpiar = () => {};
let seguidor = null;
let releyendo = false;
const memoria = conMemoria(contenido);
const alCambiar = new Map(); // nodo de la hoja → qué hacer cuando llegan estados nuevos

// --- La hoja ----------------------------------------------------------------------------------------------------------

/** Pone una hoja. `nodos` es lo que se ve; `alSalir` se llama al cambiarla por otra. */
function mostrar(nodos, { alSalir = () => {}, enfocar = true } = {}) {
  limpiar();
  limpiar = alSalir;
  contenido.replaceChildren(...[nodos].flat().filter(Boolean));
  alCambiar.forEach((_hacer, nodo) => { if (!nodo.isConnected) alCambiar.delete(nodo); });
  quitarPartes(mesa);
  if (releyendo) return;
  memoria.olvidar();
  quitarEvidencia(mesa);
  quitarHallazgos(mesa);
  quitarPines(mesa);
  mesa.alTocar = null;
  document.getElementById('panel').scrollTop = 0;
  if (enfocar) contenido.focus({ preventScroll: true });
}

/** Pone con `pintar` la misma hoja otra vez, sin que quien la usa pierda lo escrito, lo desplegado, el foco ni el lugar. */
function repintar(pintar) {
  memoria.otraVez(() => {
    releyendo = true;
    try {
      pintar();
    } finally {
      releyendo = false;
    }
  });
}

/** Dice un rechazo en la hoja, con lo que se puede hacer ahora. */
export function decirRechazo(error, lugar = mesa.lugarDeRechazos ?? contenido) {
  if (!(error instanceof Rechazo) && !(error instanceof SinRed)) throw error;
  lugar.querySelectorAll(':scope > .aviso.error').forEach((n) => n.remove());
  const acciones = [];
  if (error.estado === 401) acciones.push(h('a', { class: 'boton', href: `/entrar?siguiente=${encodeURIComponent(location.pathname)}` }, _('Entrar')));
  if (error.codigo === 'ya_tienes_otra' && error.datos.numero) {
    acciones.push(h('a', { class: 'boton', href: `/proyectos/${error.datos.proyecto}/mapear/${error.datos.numero}` }, _('Ir a la tarea %(n)s', { n: error.datos.numero })));
  }
  if (['tarea_ocupada', 'estado_no_permite', 'reservada'].includes(error.codigo) && mesa.modo === 'mapear') {
    acciones.push(boton(_('Buscar otra cerca'), () => dameUna(error.datos.numero)));
  }
  if (error.codigo === 'bloqueo_perdido' && error.datos.numero) {
    acciones.push(boton(_('Ir a la tarea %(n)s', { n: error.datos.numero }), () => elegir(error.datos.numero)));
  }
  if (error.codigo === 'tarea_dividida') {
    if (error.datos.nota) acciones.push(h('blockquote', {}, error.datos.nota));
    acciones.push(...(error.datos.partes ?? []).slice(0, 6).map((n) => boton(_('Ir a la tarea %(n)s', { n }), () => elegir(n, { acercar: true }), { tipo: 'secundario' })));
  }
  const tiene = error.datos.la_tiene;
  const quien = tiene ? ` ${_('La tiene %(persona)s.', { persona: tiene.persona })}` : '';
  const nodo = aviso('error', error.message + quien, ...acciones);
  lugar.prepend(nodo);
  nodo.scrollIntoView({ block: 'nearest' });
}
mesa.decirRechazo = decirRechazo;

/** Corre algo que llama a la API, con el botón apagado mientras tanto; los rechazos se dicen en la hoja. */
mesa.intentar = async (hacer, pulsado = null) => {
  const teniaElFoco = pulsado && document.activeElement === pulsado;
  if (pulsado) pulsado.setAttribute('aria-busy', 'true');
  if (pulsado) pulsado.disabled = true;
  try {
    return await hacer();
  } catch (error) {
    decirRechazo(error);
    return undefined;
  } finally {
    pulsado?.removeAttribute('aria-busy');
    if (pulsado) pulsado.disabled = false;
    // Apagarlo le quitó el foco: quien usa el teclado sigue donde estaba, si nadie lo llevó a otra parte.
    if (teniaElFoco && pulsado.isConnected && document.activeElement === document.body) pulsado.focus({ preventScroll: true });
  }
};

const numeroEnLaBarra = () => Number(location.pathname.match(/\/(?:mapear|validar)\/(\d+)$/)?.[1] ?? 0) || null;

/** De la lista a una tarea se agrega un paso: «atrás» vuelve a la lista. Lo demás no llena el historial del navegador. */
function direccion(numero) {
  const nueva = `${raiz}/${mesa.modo}${numero ? `/${numero}` : ''}`;
  if (nueva === location.pathname) {
    if (history.state?.aparte) history.replaceState(null, '', nueva);
    return;
  }
  if (numero && !numeroEnLaBarra()) history.pushState(null, '', nueva);
  else history.replaceState(null, '', nueva);
}

/** Una hoja sin dirección propia (varias juntas, una segunda opinión): «atrás» también vuelve de ella a la lista. */
let aparte = false;
mesa.aparte = (nombre) => {
  aparte = true;
  mesa.elegida = null;
  const nueva = `${raiz}/${mesa.modo}#${nombre}`;
  if (location.pathname + location.hash !== nueva) history.pushState({ aparte: nombre }, '', nueva);
};

addEventListener('popstate', () => {
  if (numeroEnLaBarra() === mesa.elegida && !aparte) return; // sólo cambió lo de después de «#»
  // Con el editor abierto no se sale así: podría haber algo sin guardar.
  if (document.documentElement.dataset.editor && mesa.elegida) history.pushState(null, '', `${raiz}/${mesa.modo}/${mesa.elegida}`);
  else if (numeroEnLaBarra()) elegir(numeroEnLaBarra());
  else inicio();
});

/** La hoja de entrada. `alaMano`: con el foco en pedir la que sigue. */
function inicio(mensaje = null, { alaMano = false } = {}) {
  mesa.elegida = null;
  encargo = SIN_ENCARGO;
  aparte = false;
  mesa.capas?.elegir(null);
  ponerObjetos(null);
  direccion(null);
  mostrar(panelInicio(mesa, mensaje, { alaMano }));
}

let leidas = 0;
let puesta = 0; // la última lectura que se mostró: la que contesta tarde no la tapa
const SIN_ENCARGO = { numero: null, mensaje: null, acercar: false };
let encargo = SIN_ENCARGO; // lo que falta decir y enseñar de la tarea que se está leyendo: lo cumple la lectura que conteste primero

/** Abre la ficha de una tarea; si la tengo en mis manos, lo que toca hacer con ella. */
async function elegir(numero, { mensaje = null, acercar = false, releer = false } = {}) {
  mesa.elegida = numero;
  aparte = false;
  mesa.capas?.elegir(numero);
  direccion(numero);
  const lectura = ++leidas;
  const pendiente = encargo.numero === numero ? encargo : SIN_ENCARGO;
  encargo = { numero, mensaje: mensaje ?? pendiente.mensaje, acercar: acercar || pendiente.acercar };
  const tarea = await mesa.intentar(() => api('GET', mesa.ruta(numero)));
  if (!tarea && lectura === leidas) encargo = SIN_ENCARGO;
  if (!tarea || mesa.elegida !== numero || lectura < puesta) return;
  puesta = lectura;
  const { mensaje: dicho, acercar: lleva } = encargo;
  encargo = SIN_ENCARGO;
  if (!releer) mesa.mapaAlDia();
  const mia = tarea.bloqueo?.mia ? tarea.bloqueo : null;
  // El mensaje es de una tarea que ya no tengo: si la sigo teniendo, no viene al caso.
  if (mia?.para === 'mapear') panelTurno(mesa, tarea);
  else if (mia?.para === 'validar') {
    const { panelRevision } = await mesa.intentar(revision) ?? {};
    if (mesa.elegida === numero) panelRevision?.(mesa, [tarea], dicho);
  }
  else if (mesa.ciegas?.has(numero)) {
    const modulo = await mesa.intentar(() => import('./segundas.js'));
    if (mesa.elegida === numero) modulo?.panelSegunda(mesa, tarea, mesa.ciegas.get(numero), dicho);
  }
  // Lo que se le acaba de decir a quien la mira se queda, aunque haya llegado mientras se releía.
  else if (releer && !dicho && fichaMirada() === numero) repintar(() => panelTarea(mesa, tarea, contenido.querySelector('[data-ficha] > .aviso:not(.error)')));
  else panelTarea(mesa, tarea, dicho);
  if (lleva) acercarA(tarea.caja);
}

/** La revisión sólo la usa quien valida: no se baja antes. */
const revision = () => import('./panel_revision.js');

/** Número de la tarea cuya ficha se está viendo; nada si la hoja es otra. */
function fichaMirada() {
  return Number(contenido.querySelector('[data-ficha]')?.dataset.ficha) || null;
}

/** La tarea que estoy mirando cambió de manos o de estado: su ficha se vuelve a leer. */
function releerFicha() {
  elegir(fichaMirada(), { releer: true });
}

// Lo que el mapa debe dejar ver, mientras nadie lo mueva: { caja, cerca }. Al abrir, todo el proyecto.
let encuadre = { caja: datos.proyecto.caja, cerca: false };
const soltarEncuadre = () => { encuadre = null; };

/** Lleva el mapa a una caja, ya con el tamaño que le deja la hoja; si el mapa aún no está, irá al estar. `cerca`: hasta el detalle. */
function acercarA(caja, { cerca = false } = {}) {
  encuadre = { caja, cerca };
  if (mesa.mapa) requestAnimationFrame(() => encuadrar());
}
mesa.acercarA = acercarA;

function encuadrar({ alMomento = false } = {}) {
  const { mapa } = mesa;
  if (!encuadre || !mapa.getContainer().clientHeight) return;
  mapa.resize();
  const barra = mapa.getContainer().querySelector('.barra-de-partes')?.offsetHeight ?? 0;
  const padding = { top: 36, right: 36, left: 36, bottom: Math.max(36, altoDelCredito(mapa) + 24) + barra };
  const deGolpe = alMomento || matchMedia('(prefers-reduced-motion: reduce)').matches;
  mapa.fitBounds(encuadre.caja, { padding, maxZoom: encuadre.cerca ? 20 : 18, duration: deGolpe ? 0 : 600 });
}

/** La hoja llega después que el mapa, y crece y se encoge: lo que se miraba se vuelve a encuadrar si nadie ha tocado el mapa. */
function encuadrarAlCambiarDeTamano(mapa) {
  mapa.getCanvasContainer().addEventListener('pointerdown', soltarEncuadre);
  mapa.on('movestart', ({ originalEvent }) => { if (originalEvent) soltarEncuadre(); });
  let antes = '';
  new ResizeObserver(([{ contentRect: { width, height } }]) => {
    const ahora = `${Math.round(width)}×${Math.round(height)}`;
    if (ahora === antes) return;
    antes = ahora;
    encuadrar({ alMomento: !mapa.isMoving() });
  }).observe(mapa.getContainer());
}

/** Llama a `hacer` cada vez que llegan estados nuevos, mientras `nodo` esté en la hoja. */
mesa.alCambiarEstados = (nodo, hacer) => alCambiar.set(nodo, hacer);
const avisarDeEstados = () => alCambiar.forEach((hacer, nodo) => { if (nodo.isConnected) hacer(); });

async function tomar(numero, para, pulsado) {
  const toma = await mesa.intentar(() => api('POST', mesa.ruta(numero, '/bloqueo'), { para }), pulsado);
  if (!toma) return;
  await refrescar();
  await elegir(numero, { acercar: true });
}

const descartadas = new Set();

/** «Dame una tarea»: cerca de la última, sin las que ya dije que no. */
async function dameUna(cercaDe = null, pulsado = null) {
  const cuerpo = { para: mesa.modo, evitar: [...descartadas].slice(-200) };
  if (cercaDe) cuerpo.cerca_de = cercaDe;
  const toma = await mesa.intentar(() => api('POST', `${raiz}/tareas/siguiente`, cuerpo), pulsado);
  if (!toma) return;
  await refrescar();
  await elegir(toma.numero, { acercar: true });
}
mesa.descartar = (numero) => descartadas.add(numero);

mesa.traerDisputas = async () => {
  mesa.disputas = await api('GET', `${raiz}/disputas`).catch(() => mesa.disputas); // se llega igual desde la cola o «Mi trabajo»
};

const ESPERA_CIEGAS_MS = 4000;

/** Los estados en el mapa. A quien puede dar una segunda opinión, su color le diría la primera: la ve como otra que espera. */
function pintarEstados() {
  if (!mesa.ciegas) return;
  const bytes = mesa.bytes.slice();
  mesa.ciegas.forEach((_segunda, numero) => { bytes[numero - 1] = BYTE_MAPEADA; });
  mesa.capas?.estados(bytes);
}
mesa.traerCiegas = async () => {
  const habia = { segundas: [...mesa.ciegas?.values() ?? []] };
  const pedidas = mesa.modo === 'validar' && mesa.entro ? api('GET', `${raiz}/segundas?limite=200`).catch(() => habia) : habia;
  // El mapa no se queda sin estados por esperarlas.
  const { segundas } = await Promise.race([pedidas, new Promise((listo) => { setTimeout(listo, ESPERA_CIEGAS_MS, habia); })]);
  mesa.ciegas = new Map(segundas.map((s) => [s.numero, s]));
  pintarEstados();
};

/** Vuelve a preguntar qué tengo en mis manos, y los estados. */
async function refrescar() {
  const ciegas = mesa.traerCiegas();
  if (mesa.entro) {
    // Las disputas se piden a la vez: al poner la hoja de entrada ya se sabe cuáles son, y no la empujan al llegar.
    const [{ bloqueos }] = await Promise.all([api('GET', '/yo/bloqueos').catch(() => ({ bloqueos: mesa.bloqueos })), mesa.traerDisputas()]);
    mesa.bloqueos = bloqueos.filter((b) => b.proyecto === datos.proyecto.id);
    mesa.ajenos = bloqueos.filter((b) => b.proyecto !== datos.proyecto.id);
    mesa.capas?.ponerMias(mesa.bloqueos.filter((b) => b.para === 'mapear').map((b) => b.numero));
  }
  await ciegas;
  seguidor?.preguntar();
  mesa.mapaAlDia();
  ponerPrioridades();
}

/** Las prioridades, para la lista y el mapa; si no llegan, se queda lo que había. */
async function ponerPrioridades() {
  mesa.prioridades = (await traerPrioridades(datos.proyecto)) ?? mesa.prioridades;
  mesa.capas?.ponerPrioridades(mesa.prioridades);
}

// La que sigue, con el teclado: donde haya un botón que la pida.
document.addEventListener('keydown', (evento) => {
  if (!evento.altKey || evento.ctrlKey || evento.repeat || evento.key.toLowerCase() !== 'n' || document.documentElement.dataset.editor) return;
  const otra = contenido.querySelector('[data-siguiente]') ?? contenido.querySelector('[aria-keyshortcuts="Alt+N"]');
  if (!otra || otra.disabled || otra.hidden) return;
  evento.preventDefault();
  otra.click();
});

// --- El mapa ----------------------------------------------------------------------------------------------------------

const SIN_OBJETOS = { type: 'FeatureCollection', features: [] };
let resaltados = SIN_OBJETOS;

/** Objetos de OSM que se resaltan sobre la tarea, o nada con null; si el mapa aún no está, saldrán al estar. */
function ponerObjetos(geojson) {
  resaltados = geojson ?? SIN_OBJETOS;
  document.documentElement.dataset.objetos = resaltados.features.length;
  mesa.mapa?.getSource('objetos')?.setData(resaltados);
}
mesa.ponerObjetos = ponerObjetos;

/** La imagen elegida de fondo o, si el fondo es el mapa base, la primera del proyecto: sobre alguna se dibuja. */
function imagenDelFondo() {
  const imagenes = datosDe(document.getElementById('mapa-mapeo')).imagenes ?? [];
  return imagenes.find((i) => i.id === leer('tequio_fondo')) ?? imagenes[0] ?? null;
}

async function iniciarMapa() {
  const div = document.getElementById('mapa-mapeo');
  const creado = await crearMapa(div);
  if (!creado) {
    hayMapa(null);
    return;
  }
  const { mapa, ml, fondo, alCambiarFondo, alDia } = creado;
  mesa.mapa = mapa;
  mesa.ml = ml;
  mesa.mapaAlDia = alDia;
  mesa.fondo = fondo;
  mesa.capas = await ponerTareas(mapa, datos.proyecto, fondo());
  mapa.addSource('objetos', { type: 'geojson', data: resaltados });
  const morado = '#9c27b0';
  const antes = bajoLetreros(mapa);
  mapa.addLayer({ id: 'objetos-relleno', type: 'fill', source: 'objetos', filter: ['==', ['get', 'clase'], 'edificio'], paint: { 'fill-color': morado, 'fill-opacity': 0.25 } }, antes);
  mapa.addLayer({ id: 'objetos-linea', type: 'line', source: 'objetos', paint: { 'line-color': morado, 'line-width': ['match', ['get', 'clase'], ['edificio', 'via'], 2.5, 1], 'line-opacity': ['match', ['get', 'clase'], ['edificio', 'via'], 1, 0.6] } }, antes);
  mapa.addLayer({ id: 'objetos-punto', type: 'circle', source: 'objetos', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-color': morado, 'circle-radius': 5, 'circle-stroke-color': '#fff', 'circle-stroke-width': 1.5 } }, antes);
  alCambiarFondo(async (nuevo) => {
    acomodarAlFondo(mesa);
    await mesa.capas.repintar(nuevo);
  });
  mapa.on('click', (evento) => {
    if (mesa.alTocar?.(evento)) return;
    const numero = mesa.capas.numeroEn(evento.point);
    if (numero) elegir(numero);
    else if (mapa.getZoom() < mesa.capas.zoomTareas) mapa.easeTo({ center: evento.lngLat, zoom: Math.min(mapa.getZoom() + 2, 19) });
  });
  mapa.on('mousemove', (evento) => { mapa.getCanvas().style.cursor = mesa.alTocar ? 'crosshair' : mesa.capas.numeroEn(evento.point) ? 'pointer' : ''; });
  pintarEstados();
  mesa.capas.ponerPrioridades(mesa.prioridades);
  mesa.capas.ponerMias(mesa.bloqueos.filter((b) => b.para === 'mapear').map((b) => b.numero));
  if (mesa.elegida) mesa.capas.elegir(mesa.elegida);
  if (recobrado?.vista) {
    soltarEncuadre();
    mapa.jumpTo(recobrado.vista);
  }
  encuadrarAlCambiarDeTamano(mapa);
  hayMapa(mapa);
  document.documentElement.dataset.mapa = 'listo';
}

// --- Arranque ---------------------------------------------------------------------------------------------------------

seguidor = seguirEstados(datos.proyecto, {
  alLlegar(bytes) {
    const mirada = document.documentElement.dataset.estados && fichaMirada();
    const cambio = mirada && bytes[mirada - 1] !== mesa.bytes[mirada - 1];
    mesa.bytes = bytes;
    pintarEstados();
    avisarDeEstados();
    document.documentElement.dataset.estados = 'listos';
    if (cambio) releerFicha();
  },
  alDividir() {
    mesa.capas?.otraVersion();
    ponerPrioridades();
  },
  alCambiar(pares) {
    // Algún cambio puede llegar repetido: sólo cuenta el que de veras cambia algo.
    const mirada = fichaMirada();
    const cambio = pares.some(([numero, byte]) => numero === mirada && mesa.bytes[numero - 1] !== byte);
    pares.forEach(([numero, byte]) => { mesa.bytes[numero - 1] = byte; });
    if (mesa.ciegas) mesa.capas?.cambiar(pares.map(([numero, byte]) => [numero, mesa.ciegas.has(numero) ? BYTE_MAPEADA : byte]));
    avisarDeEstados();
    if (cambio) releerFicha();
  },
  alPerder(perdida) {
    vivo.classList.toggle('perdido', perdida);
    vivo.textContent = perdida ? _('Sin conexión: reintentando…') : '';
  },
});

const recobrado = alVolver();
recordarAlCambiar(contenido, () => mesa.mapa && { center: mesa.mapa.getCenter().toArray(), zoom: mesa.mapa.getZoom(), bearing: mesa.mapa.getBearing() }, () => decirRechazo(new SinRed()));
iniciarMapa().catch((error) => { throw error; });
await refrescar();
// Con varias en revisión se sigue desde la cola, que las ofrece juntas.
const juntas = mesa.modo === 'validar' && mesa.bloqueos.filter((b) => b.para === 'validar').length > 1;
const pendiente = juntas ? null : mesa.bloqueos[0];
const acercar = !recobrado?.vista;
if (datos.numero) await elegir(datos.numero, { acercar });
else if (pendiente) await elegir(pendiente.numero, { acercar });
else inicio();
if (recobrado) reponer(contenido, recobrado);
document.documentElement.dataset.panel = 'listo';
