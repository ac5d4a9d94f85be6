// Un mapa de Tequio en un <div data-modulo="…" data-mapa='{…}'> (componentes/mapa.html): base propia, imágenes, controles en
// el idioma de la página, teclado, y qué decir cuando no se puede dibujar.
import { _ } from './textos.js';
import { alCambiarTema, esOscuro } from './base.js';
import { estiloBase } from './estilo_base.js';

const MUNDO = [-118, 12, -84, 34]; // si nadie dice qué mirar: México y Centroamérica
const GUARDADO = 'tequio_fondo';
const CREDITO_MS = 6000; // OpenStreetMap pide que su crédito se lea al abrir, y deja plegarlo pasados cinco segundos
const CADA_CUANTO_MS = 15000; // se pregunta si el mapa de un aula cambió

/** Lo que la página le dejó dicho al mapa en data-mapa. */
export const datosDe = (div) => JSON.parse(div.dataset.mapa || '{}');

/**
 * Llama a `hacer` cuando el recuadro está por verse: un mapa pesa, y en un teléfono puede estar lejos. A quien pidió ahorrar
 * datos se le ofrece con un botón.
 */
export function alVerse(div, hacer) {
  if (navigator.connection?.saveData) return ofrecer(div, hacer);
  if (!('IntersectionObserver' in window)) return hacer();
  const mira = new IntersectionObserver((entradas) => {
    if (!entradas.some((e) => e.isIntersecting)) return;
    mira.disconnect();
    hacer();
  }, { rootMargin: '200px' });
  return mira.observe(div);
}

/**
 * Crea el mapa. Devuelve { mapa, ml, fondo(), imagen(), alCambiarFondo(oyente), alDia() } cuando está listo para recibir capas,
 * o null si no se pudo (el recuadro ya dice por qué y qué hacer). fondo() es «claro», «oscuro» o «imagen»; imagen(), la capa
 * elegida; alDia() vuelve a preguntar por el mapa base, si es el de un aula.
 *
 * data-mapa lleva `base`, la plantilla de nuestras teselas (/teselas/base/{version}/{z}/{x}/{y}.mvt, o las de un aula:
 * /teselas/aulas/{aula}/{z}/{x}/{y}.mvt; capas agua, suelo, edificios, vias, lugares y servicios, con `tipo` y `nombre`), o null.
 *
 * `sugerido`: el id de la imagen con que abre mientras la persona no haya elegido otro fondo.
 *
 * `retiradas`: nombres de imágenes del municipio que el proyecto usaba y ya no se sirven; el selector de fondo lo dice.
 *
 * opciones: { cooperativo } pide dos dedos para mover (mapas dentro de una página que se desplaza); { fondoInicial } es el id de
 * la imagen con que abre; lo demás va a MapLibre.
 */
export async function crearMapa(div, { cooperativo = false, fondoInicial = null, ...opciones } = {}) {
  const datos = datosDe(div);
  if (!hayWebGL()) return noSePuede(div, _('Este navegador no puede dibujar mapas. Actualízalo o prueba en otro aparato; las listas de esta página sirven igual.'));
  let ml;
  try {
    ml = await import('maplibre-gl');
  } catch {
    return noSePuede(div, _('El mapa no terminó de bajar. Revisa tu red y carga la página de nuevo.'));
  }
  const imagenes = datos.imagenes ?? [];
  const retiradas = datos.retiradas ?? [];
  const imagenDe = (id) => imagenes.find((i) => i.id === id) ?? null;
  const suyo = leerFondo(); // «» si eligió el mapa
  let elegida = imagenDe(fondoInicial ?? suyo) ?? (fondoInicial || suyo === '' ? null : imagenDe(datos.sugerido));
  const estilo = () => estiloBase({
    plantilla: datos.base, oscuro: esOscuro(), imagen: elegida, letra: div.dataset.letra, letraNegrita: div.dataset.letraNegrita,
  });
  div.removeAttribute('role'); // el lienzo trae el suyo, con el mismo nombre
  const titulo = div.getAttribute('aria-label') ?? _('Mapa');
  div.removeAttribute('aria-label');
  const mapa = new ml.Map({
    container: div,
    style: estilo(),
    bounds: datos.caja ?? MUNDO,
    fitBoundsOptions: { padding: 24 },
    maxZoom: 21,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    rollEnabled: false,
    cooperativeGestures: cooperativo,
    attributionControl: false,
    locale: textosDelMapa(titulo),
    ...opciones,
  });
  mapa.touchZoomRotate.disableRotation();
  mapa.keyboard.disableRotation();
  mapa.addControl(new ml.AttributionControl({ compact: innerWidth < 700 }), 'bottom-right');
  const ensenarCredito = plegarCredito(mapa);
  mapa.addControl(new ml.NavigationControl({ showCompass: false }), 'top-right');
  mapa.addControl(new ml.ScaleControl({ unit: 'metric', maxWidth: 90 }), 'bottom-left');

  // [data-quieto]: ni se mueve ni le falta nada por pintar. Antes de eso, lo que se toca puede no ser lo que se ve.
  mapa.on('idle', () => { div.dataset.quieto = ''; });
  ['movestart', 'dataloading'].forEach((que) => mapa.on(que, () => { delete div.dataset.quieto; }));

  const oyentes = new Set();
  const fondo = () => (elegida ? 'imagen' : esOscuro() ? 'oscuro' : 'claro');
  // Se cambian sólo las capas del fondo: las que otros módulos pusieron encima se quedan.
  const aplicar = () => {
    mapa.setStyle(estilo(), { transformStyle: conservarLoAjeno });
    mapa.once('styledata', () => oyentes.forEach((oyente) => oyente(fondo())));
    ensenarCredito();
  };
  if (imagenes.length || retiradas.length) {
    mapa.addControl(new SelectorDeFondo(imagenes, retiradas, () => elegida?.id ?? 'base', (id) => {
      elegida = imagenDe(id);
      guardarFondo(elegida?.id ?? '');
      aplicar();
    }), 'top-right');
  }
  alCambiarTema(() => { if (!elegida) aplicar(); });
  avisarDeFallas(mapa, div, () => elegida, retiradas);
  dejarseImprimir(mapa, div, fondo);

  // «load» espera a todas las teselas, y MapLibre no avisa si las de la imagen no llegan: sin red, se quedaría esperando.
  await new Promise((listo) => { mapa.once(elegida ? 'style.load' : 'load', listo); });
  div.querySelector('.mapa-espera')?.remove(); // hasta ahora: en una red lenta, un recuadro vacío parece descompuesto
  div.dataset.listo = '';
  // El mapa de un aula cambia con cada guardado y su dirección no: se vuelve a preguntar, y lo que sigue igual no viaja otra vez. Con
  // otra marca detrás de «#», que no se envía, MapLibre las toma por teselas nuevas y las dibuja: `refreshTiles` no repinta las ampliadas.
  const deAula = datos.base?.startsWith('/teselas/aulas/');
  let veces = 0;
  const alDia = () => {
    const base = deAula && mapa.getSource('base-osm');
    // Sin `tiles` aún no carga por primera vez: lo que traiga ya será lo de ahora.
    if (base?.tiles) base.setTiles(base.tiles.map((direccion) => `${direccion.split('#')[0]}#${veces += 1}`));
  };
  document.addEventListener('visibilitychange', () => { if (!document.hidden) alDia(); });
  if (deAula) vigilar(mapa, datos.base, alDia);
  return { mapa, ml, fondo, imagen: () => elegida, alCambiarFondo: (oyente) => oyentes.add(oyente), alDia };
}

/**
 * Donde el crédito va compacto (un teléfono) tapa la orilla del mapa: se pliega a los pocos segundos o al usar el mapa, y su botón
 * lo vuelve a abrir. Devuelve con qué enseñarlo otra vez, para un fondo nuevo.
 */
function plegarCredito(mapa) {
  const nodo = mapa.getContainer().querySelector('.maplibregl-ctrl-attrib');
  let reloj;
  const plegar = () => {
    clearTimeout(reloj);
    nodo.classList.remove('maplibregl-compact-show');
  };
  // Lo que hay que decir puede llegar tarde: se cuenta desde que se ve.
  let visible = false;
  new MutationObserver(() => {
    const antes = visible;
    visible = nodo.classList.contains('maplibregl-compact-show');
    if (visible && !antes) reloj = setTimeout(() => { if (!nodo.contains(document.activeElement)) plegar(); }, CREDITO_MS);
  }).observe(nodo, { attributeFilter: ['class'] });
  mapa.getContainer().addEventListener('pointerdown', ({ target }) => { if (!nodo.contains(target)) plegar(); });
  mapa.on('movestart', ({ originalEvent }) => { if (originalEvent) plegar(); });
  nodo.addEventListener('click', () => clearTimeout(reloj)); // quien lo abre o va a un enlace decide cuándo se cierra
  return () => {
    if (!nodo.classList.contains('maplibregl-compact')) return;
    nodo.setAttribute('open', '');
    nodo.classList.add('maplibregl-compact-show');
  };
}

/** Lo que tapa el crédito en la orilla de abajo, en píxeles. */
export const altoDelCredito = (mapa) => (mapa.getContainer().querySelector('.maplibregl-ctrl-attrib.maplibregl-compact')?.offsetHeight ?? 0);

/** En un taller guardan muchas personas: cada tanto se pregunta sólo por la marca del aula, y si es otra se pide el mapa. */
function vigilar(mapa, base, alDia) {
  const direccion = base.replace('{z}/{x}/{y}', '0/0/0');
  let marca = null;
  const preguntar = async () => {
    if (document.hidden) return;
    // Sin red se sabrá en la siguiente.
    const respuesta = await fetch(direccion, { cache: 'no-cache', signal: AbortSignal.timeout(CADA_CUANTO_MS) }).catch(() => null);
    const nueva = respuesta?.ok ? respuesta.headers.get('ETag') : null;
    if (marca && nueva && nueva !== marca) alDia();
    marca = nueva ?? marca;
  };
  preguntar();
  const reloj = setInterval(preguntar, CADA_CUANTO_MS * (0.85 + Math.random() * 0.3));
  mapa.once('remove', () => clearInterval(reloj));
}

function ofrecer(div, hacer) {
  const boton = Object.assign(document.createElement('button'), { type: 'button', className: 'boton secundario', textContent: _('Ver el mapa (baja medio mega)') });
  boton.addEventListener('click', () => {
    boton.remove();
    hacer();
  });
  return div.querySelector('.mapa-espera').append(boton);
}

function hayWebGL() {
  try {
    return Boolean(document.createElement('canvas').getContext('webgl2'));
  } catch {
    return false;
  }
}

function noSePuede(div, texto) {
  const nota = div.querySelector('.mapa-espera') ?? div.appendChild(Object.assign(document.createElement('p'), { className: 'mapa-espera' }));
  nota.textContent = texto;
  nota.setAttribute('role', 'status');
  div.dataset.listo = 'no';
  return null;
}

/** Estilo nuevo con las fuentes y capas que no son del fondo (las del fondo empiezan con «base-»). */
export function conservarLoAjeno(anterior, nuevo) {
  if (!anterior) return nuevo;
  const ajenas = anterior.layers.filter((c) => !c.id.startsWith('base-'));
  const fuentes = Object.fromEntries(Object.entries(anterior.sources).filter(([nombre]) => !nombre.startsWith('base-')));
  // Lo ajeno sigue bajo los letreros, o encima, como estaba.
  const esLetrero = (c) => c.id.startsWith('base-') && c.type === 'symbol';
  const primero = anterior.layers.findIndex(esLetrero);
  const abajo = new Set(anterior.layers.slice(0, primero < 0 ? undefined : primero));
  const letreros = nuevo.layers.filter(esLetrero);
  const suelo = nuevo.layers.filter((c) => !esLetrero(c));
  return {
    ...nuevo,
    sources: { ...nuevo.sources, ...fuentes },
    layers: [...suelo, ...ajenas.filter((c) => abajo.has(c)), ...letreros, ...ajenas.filter((c) => !abajo.has(c))],
  };
}

// De abajo arriba. Una seña se lee aunque haya una calle con nombre o algo resaltado en su lugar, y sin importar qué se puso antes.
const PISOS = ['fondo', 'trazo', 'contorno', 'letrero', 'marca', 'hallazgo', 'pin'];

/** Qué tan arriba va una capa ya puesta; -1 si quien la puso no lo dijo. */
function pisoDe({ id, type, metadata }) {
  if (id.startsWith('base-')) return PISOS.indexOf(type === 'symbol' ? 'letrero' : 'fondo');
  return PISOS.indexOf(metadata?.piso);
}

const encimaDe = (mapa, piso) => mapa.getLayersOrder().find((id) => pisoDe(mapa.getLayer(id)) > PISOS.indexOf(piso));

/** Primera capa de los contornos que se miran o de los letreros: lo que se agregue «antes» queda bajo unos y otros. */
export const bajoLetreros = (mapa) => encimaDe(mapa, 'trazo');

/** Agrega una capa en su piso: «contorno» (bajo los nombres de las calles), «marca», «hallazgo» o «pin» (sobre ellos). */
export function ponerEnPiso(mapa, piso, capa) {
  mapa.addLayer({ ...capa, metadata: { piso } }, encimaDe(mapa, piso));
}

// El lienzo de WebGL sale en blanco al imprimir: se copia, recién dibujado, en uno común.
function dejarseImprimir(mapa, div, fondo) {
  let copia = null;
  addEventListener('beforeprint', () => {
    mapa.redraw();
    const lienzo = mapa.getCanvas();
    // El mapa oscuro se imprime al revés, claro, con sus mismos tonos: cambiar de estilo no alcanza a dibujarse.
    copia = Object.assign(document.createElement('canvas'), { className: fondo() === 'oscuro' ? 'mapa-impreso de-noche' : 'mapa-impreso', width: lienzo.width, height: lienzo.height });
    copia.getContext('2d').drawImage(lienzo, 0, 0);
    div.prepend(copia);
  });
  addEventListener('afterprint', () => copia?.remove());
}

function avisarDeFallas(mapa, div, imagenElegida, retiradas) {
  const nota = Object.assign(document.createElement('p'), { className: 'mapa-nota', hidden: true });
  nota.setAttribute('role', 'status');
  div.append(nota);
  const decir = (texto) => {
    nota.textContent = texto;
    nota.hidden = !texto;
  };
  if (retiradas.length && !imagenElegida()) decir(_('El municipio retiró la imagen «%(nombre)s»: ya no se puede usar de fondo.', { nombre: retiradas.join('», «') }));
  mapa.on('error', ({ sourceId, error }) => {
    if (sourceId === 'base-imagen' && imagenElegida()) decir(_('Esta imagen no está llegando. Revisa tu red o elige otro fondo.'));
    else if (error?.status !== 404 && !navigator.onLine) decir(_('Sin conexión: el mapa puede verse incompleto.'));
  });
  mapa.on('sourcedata', (e) => { if (e.sourceId === 'base-imagen' && e.isSourceLoaded) decir(''); });
  mapa.on('webglcontextlost', () => decir(_('El mapa se quedó sin memoria. Carga la página de nuevo.')));
  mapa.on('webglcontextrestored', () => decir(''));
}

function textosDelMapa(titulo) {
  return {
    'Map.Title': titulo,
    'AttributionControl.ToggleAttribution': _('Mostrar u ocultar de quién son los datos'),
    'AttributionControl.MapFeedback': _('Comentarios sobre el mapa'),
    'FullscreenControl.Enter': _('Pantalla completa'),
    'FullscreenControl.Exit': _('Salir de pantalla completa'),
    'GeolocateControl.FindMyLocation': _('Dónde estoy'),
    'GeolocateControl.LocationNotAvailable': _('No se pudo saber dónde estás'),
    'LogoControl.Title': 'MapLibre',
    'Marker.Title': _('Punto en el mapa'),
    'NavigationControl.ResetBearing': _('Poner el norte arriba'),
    'NavigationControl.ZoomIn': _('Acercar'),
    'NavigationControl.ZoomOut': _('Alejar'),
    'Popup.Close': _('Cerrar'),
    'CooperativeGesturesHandler.WindowsHelpText': _('Usa Ctrl y la rueda para acercar el mapa'),
    'CooperativeGesturesHandler.MacHelpText': _('Usa ⌘ y la rueda para acercar el mapa'),
    'CooperativeGesturesHandler.MobileHelpText': _('Usa dos dedos para mover el mapa'),
  };
}

function leerFondo() {
  try { return localStorage.getItem(GUARDADO); } catch { return null; }
}

function guardarFondo(id) {
  try { localStorage.setItem(GUARDADO, id); } catch { /* sin almacenamiento: se elige otra vez */ }
}

// --- Elegir el fondo: mapa base o una imagen ---------------------------------------------------------------------------

class SelectorDeFondo {
  constructor(imagenes, retiradas, actual, elegir) {
    this.retiradas = retiradas;
    this.opciones = [{ id: 'base', nombre: _('Mapa') }, ...imagenes];
    this.actual = actual;
    this.elegir = elegir;
  }

  onAdd() {
    const menu = document.createElement('details');
    menu.className = 'maplibregl-ctrl maplibregl-ctrl-group menu fondo';
    const boton = document.createElement('summary');
    boton.setAttribute('aria-label', _('Elegir el fondo del mapa'));
    boton.title = _('Elegir el fondo del mapa');
    boton.innerHTML = `<svg class="icono" aria-hidden="true"><use href="${document.documentElement.dataset.iconos}#capas"></use></svg>`;
    const lista = document.createElement('div');
    const nombre = `fondo-${Math.random().toString(36).slice(2)}`;
    lista.append(...this.opciones.map((opcion) => {
      const renglon = Object.assign(document.createElement('label'), { className: 'opcion' });
      const radio = Object.assign(document.createElement('input'), { type: 'radio', name: nombre, value: opcion.id, checked: opcion.id === this.actual() });
      radio.addEventListener('change', () => this.elegir(opcion.id));
      renglon.append(radio, opcion.nombre);
      return renglon;
    }));
    lista.append(...this.retiradas.map((retirada) => {
      const renglon = Object.assign(document.createElement('label'), { className: 'opcion retirada' });
      renglon.append(Object.assign(document.createElement('input'), { type: 'radio', name: nombre, disabled: true }), _('%(nombre)s (retirada)', { nombre: retirada }));
      return renglon;
    }));
    menu.append(boton, lista);
    this.nodo = menu;
    return menu;
  }

  onRemove() {
    this.nodo.remove();
  }
}
