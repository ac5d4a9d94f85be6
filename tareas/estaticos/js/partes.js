// Partir una tarea, juntarla con vecinas o corregir su contorno: primero se ve cómo quedaría en el mapa, después se confirma.
import { _, enumerar, n_, numero as cifra } from './textos.js';
import { aviso, boton, h } from './dom.js';
import { dibujarArea } from './area.js';
import { cajaDeTodas } from './objetos.js';
import { etiqueta, pincelDe } from './patrones.js';

const VACIO = { type: 'FeatureCollection', features: [] };
const coleccion = (features) => ({ type: 'FeatureCollection', features });
const FUENTES = ['partes', 'partes-trazo'];
const MORADO = '#7b1fa2';
// Cada parte con su color (de Okabe e Ito, que se distinguen con cualquier vista), su trama y su número; en la lista, igual. Las
// primeras no se parecen a la trama de ningún estado.
const ASPECTOS = [['#0072b2', 'acostada'], ['#d55e00', 'parada'], ['#009e73', 'cuadros'], ['#b0578d', 'puntos'], ['#a87400', 'baja'], ['#1f7fb5', 'sube']];
const BALDOSA = 16;
const aspectoDe = (orden) => orden % ASPECTOS.length;
const SU_ASPECTO = ['%', ['get', 'orden'], ASPECTOS.length];
const redondo = ([lon, lat]) => [Number(lon.toFixed(7)), Number(lat.toFixed(7))];

/** Lo que está a medias en el mapa: la vista previa, la barra de dibujo, el lápiz. */
let enMapa = null;

/** Quita del mapa lo que se estaba viendo o dibujando. */
export function quitarPartes(mesa) {
  if (!enMapa) return;
  enMapa.lapiz?.apagar();
  enMapa.barra?.remove();
  // Quien revisa seguía señalando objetos a toques: se le devuelve.
  mesa.alTocar = enMapa.antes;
  if (enMapa.juntando) {
    mesa.capas?.marcar([]);
    mesa.capas?.elegir(mesa.elegida);
  }
  enMapa = null;
  FUENTES.forEach((f) => mesa.mapa?.getSource(f)?.setData(VACIO));
  delete document.documentElement.dataset.partes;
}

/** Pincel con la trama de una parte: se repite sin costura. */
function baldosa([color, trama]) {
  const pincel = pincelDe(BALDOSA);
  const linea = (x0, y0, x1, y1) => { pincel.beginPath(); pincel.moveTo(x0, y0); pincel.lineTo(x1, y1); pincel.stroke(); };
  const medio = BALDOSA / 2;
  pincel.fillStyle = `${color}38`;
  pincel.fillRect(0, 0, BALDOSA, BALDOSA);
  pincel.fillStyle = `${color}b0`;
  pincel.strokeStyle = `${color}b0`;
  pincel.lineWidth = 2.5;
  if (trama === 'sube') [-BALDOSA, 0, BALDOSA].forEach((x) => linea(x, BALDOSA, x + BALDOSA, 0));
  if (trama === 'baja') [-BALDOSA, 0, BALDOSA].forEach((x) => linea(x, 0, x + BALDOSA, BALDOSA));
  if (trama === 'acostada' || trama === 'cuadros') linea(0, medio, BALDOSA, medio);
  if (trama === 'parada' || trama === 'cuadros') linea(medio, 0, medio, BALDOSA);
  if (trama === 'puntos') { pincel.beginPath(); pincel.arc(medio, medio, 3.5, 0, 2 * Math.PI); pincel.fill(); }
  return pincel;
}

/** La muestra de una parte para la lista. */
function muestra(orden) {
  const nodo = h('canvas', { class: 'muestra-de-parte', width: 56, height: 40, 'aria-hidden': 'true' });
  const pincel = nodo.getContext('2d');
  pincel.fillStyle = pincel.createPattern(baldosa(ASPECTOS[aspectoDe(orden)]).canvas, 'repeat');
  pincel.fillRect(0, 0, nodo.width, nodo.height);
  return nodo;
}

function agregarCapas(mapa) {
  if (mapa.getSource('partes')) return;
  FUENTES.forEach((f) => mapa.addSource(f, { type: 'geojson', data: VACIO }));
  ASPECTOS.forEach((aspecto, k) => { if (!mapa.hasImage(`parte-${k}`)) mapa.addImage(`parte-${k}`, baldosa(aspecto).getImageData(0, 0, BALDOSA, BALDOSA), { pixelRatio: 2 }); });
  const color = MORADO;
  mapa.addLayer({ id: 'partes-relleno', type: 'fill', source: 'partes', filter: ['has', 'orden'], paint: { 'fill-pattern': ['concat', 'parte-', ['to-string', SU_ASPECTO]] } });
  mapa.addLayer({ id: 'partes-ribete', type: 'line', source: 'partes', filter: ['has', 'orden'], layout: { 'line-join': 'round' }, paint: { 'line-color': '#fff', 'line-width': 6, 'line-opacity': 0.9 } });
  mapa.addLayer({ id: 'partes-borde', type: 'line', source: 'partes', filter: ['has', 'orden'], layout: { 'line-join': 'round' }, paint: { 'line-color': ['match', SU_ASPECTO, ...ASPECTOS.slice(1).flatMap(([suyo], k) => [k + 1, suyo]), ASPECTOS[0][0]], 'line-width': 3, 'line-dasharray': [2, 1] } });
  mapa.addLayer({ id: 'partes-numero', type: 'symbol', source: 'partes', filter: ['==', ['geometry-type'], 'Point'], layout: { 'text-field': ['to-string', ['get', 'numero']], 'text-font': ['Atkinson negrita'], 'text-size': 16, 'text-allow-overlap': true, 'text-ignore-placement': true }, paint: { 'text-color': '#1f2a37', 'text-halo-color': '#fff', 'text-halo-width': 2.5 } });
  mapa.addLayer({ id: 'partes-trazo-ribete', type: 'line', source: 'partes-trazo', layout: { 'line-join': 'round' }, paint: { 'line-color': '#fff', 'line-width': 7 } });
  mapa.addLayer({ id: 'partes-trazo-linea', type: 'line', source: 'partes-trazo', layout: { 'line-join': 'round' }, paint: { 'line-color': color, 'line-width': 3.5 } });
  mapa.addLayer({ id: 'partes-trazo-punto', type: 'circle', source: 'partes-trazo', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-color': color, 'circle-radius': 6, 'circle-stroke-color': '#fff', 'circle-stroke-width': 2 } });
}

/** El mapa, listo para dibujar en él; null si este navegador no lo tiene, y entonces se dice. */
async function mapaPara(mesa, decir) {
  const mapa = await mesa.mapaListo;
  if (!mapa) {
    decir(aviso('error', _('Este navegador no puede dibujar mapas. Usa «en dos» o «en cuatro».')));
    return null;
  }
  agregarCapas(mapa);
  quitarPartes(mesa);
  enMapa = { antes: mesa.alTocar };
  return mapa;
}

/** Barra sobre el mapa, con lo que se puede hacer mientras se dibuja. */
function barraDeDibujo(mapa, texto, ...botones) {
  const barra = h('div', { class: 'barra-de-partes', role: 'group', 'aria-label': _('Dibujo') }, h('p', { role: 'status' }, texto), h('div', { class: 'botones' }, ...botones));
  mapa.getContainer().append(barra);
  enMapa.barra = barra;
  document.documentElement.dataset.partes = 'dibujando';
  return barra;
}

/** Línea a toques. `alTerminar` recibe un LineString. */
async function dibujarLinea(mesa, tarea, decir, alTerminar, alCancelar) {
  const mapa = await mapaPara(mesa, decir);
  if (!mapa) return;
  const puntos = [];
  const terminar = boton(_('Terminar'), () => {
    const linea = { type: 'LineString', coordinates: [...puntos] };
    quitarPartes(mesa);
    mesa.acercarA(tarea.caja); // en un teléfono, el mapa vuelve a ser bajo
    alTerminar(linea);
  }, { dibujo: 'palomita' });
  const quitar = boton(_('Quitar el último punto'), () => { puntos.pop(); pintar(); }, { tipo: 'secundario' });
  const cancelar = boton(_('Cancelar'), () => { quitarPartes(mesa); mesa.acercarA(tarea.caja); alCancelar(); }, { tipo: 'secundario' });
  const barra = barraDeDibujo(mapa, '', terminar, quitar, cancelar);
  const pintar = () => {
    const rasgos = puntos.map((coordinates) => ({ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates } }));
    if (puntos.length > 1) rasgos.push({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: puntos } });
    mapa.getSource('partes-trazo').setData(coleccion(rasgos));
    terminar.disabled = puntos.length < 2;
    quitar.disabled = !puntos.length;
    barra.querySelector('p').textContent = puntos.length ? n_('%(n)s punto. Sigue tocando hasta cruzar la tarea de lado a lado.', '%(n)s puntos. Sigue hasta el otro borde, o toca «Terminar»: la línea se alarga sola.', puntos.length) : _('Toca el mapa por donde quieres partirla, de un borde al otro.');
  };
  mesa.alTocar = ({ lngLat }) => { puntos.push(redondo([lngLat.lng, lngLat.lat])); pintar(); return true; };
  pintar();
  mesa.acercarA(tarea.caja);
  cancelar.focus();
}

/** Contorno de hoy, con sus esquinas para moverlas. `alTerminar` recibe un Polygon. */
async function dibujarContorno(mesa, tarea, decir, alTerminar, alCancelar) {
  const contorno = await mesa.intentar(() => fetch(`/api/v1${mesa.ruta(tarea.numero, '/limite.geojson')}`).then((r) => r.json()));
  const geometria = contorno?.geometry ?? contorno?.features?.[0]?.geometry;
  const pedazos = geometria?.type === 'MultiPolygon' ? geometria.coordinates : geometria && [geometria.coordinates];
  if (!pedazos) return;
  const mapa = await mapaPara(mesa, decir);
  if (!mapa) return;
  mesa.alTocar = () => true;
  let dibujado = null;
  const terminar = boton(_('Terminar'), () => {
    const forma = dibujado;
    quitarPartes(mesa);
    mesa.acercarA(tarea.caja);
    alTerminar(forma);
  }, { dibujo: 'palomita', disabled: true });
  const cancelar = boton(_('Cancelar'), () => { quitarPartes(mesa); mesa.acercarA(tarea.caja); alCancelar(); }, { tipo: 'secundario' });
  barraDeDibujo(mapa, pedazos.length > 1 ? _('Son %(n)s pedazos: toca uno y arrastra sus esquinas. Los puntos chicos de en medio agregan una.', { n: pedazos.length }) : _('Arrastra las esquinas. Los puntos chicos de en medio agregan una.'), terminar, cancelar);
  const ml = await import('maplibre-gl');
  const lapiz = await dibujarArea({ mapa, ml: ml.default ?? ml }, (geojson) => {
    const formas = geojson?.features ?? [];
    terminar.disabled = formas.length !== pedazos.length;
    // Los huecos no se dibujan: se quedan como estaban.
    const poligonos = formas.map(({ geometry }, i) => [geometry.coordinates[0].map(redondo), ...(pedazos[i]?.slice(1) ?? [])]);
    dibujado = poligonos.length > 1 ? { type: 'MultiPolygon', coordinates: poligonos } : { type: 'Polygon', coordinates: poligonos[0] };
  }, () => {}, { entera: false });
  if (!enMapa) { lapiz.apagar(); return; }
  enMapa.lapiz = lapiz;
  lapiz.poner(pedazos.map(([exterior]) => [exterior.map(redondo)]));
  mesa.acercarA(tarea.caja);
}

const MODOS = [
  ['en_dos', () => _('Partirla en dos')],
  ['en_cuatro', () => _('Partirla en cuatro')],
  ['linea', () => _('Partirla por una línea')],
  ['corregir', () => _('Corregir su contorno')],
  ['juntar', () => _('Juntarla con vecinas')],
];

function explicacion(modo) {
  switch (modo) {
    case 'linea': return _('Dibujas en el mapa, a toques, por dónde partirla.');
    case 'corregir': return _('Mueves sus esquinas. Lo que gane se lo quita a sus vecinas, y lo que pierda pasa a la vecina con la que comparte más borde.');
    case 'juntar': return _('Quedan como una sola. Tócalas en el mapa o márcalas aquí: deben compartir un lado.');
    default: return _('Cada parte tendrá más o menos los mismos edificios o, si casi no hay, la misma superficie.');
  }
}

const leerNumeros = (texto) => [...new Set((texto.match(/\d{1,6}/g) ?? []).map(Number))];

/** Qué se pide a la API, o null si todavía falta algo. */
function peticion(mesa, tarea, modo, { motivo, dibujado, conCuales, huella }) {
  const comun = { motivo: motivo.trim() || _('Vista previa'), ...(huella && { huella }) };
  const ficha = tarea.bloqueo?.ficha ? { ficha: tarea.bloqueo.ficha } : {};
  if (modo === 'juntar') {
    const numeros = [...new Set([tarea.numero, ...conCuales])];
    return numeros.length < 2 ? null : [`${mesa.raiz}/tareas/juntas`, { ...comun, numeros }];
  }
  if (modo === 'corregir') return dibujado && [mesa.ruta(tarea.numero, '/area'), { ...comun, ...ficha, area: dibujado }];
  if (modo === 'linea') return dibujado && [mesa.ruta(tarea.numero, '/partes'), { ...comun, ...ficha, modo, linea: dibujado }];
  return [mesa.ruta(tarea.numero, '/partes'), { ...comun, ...ficha, modo }];
}

function enPalabras({ numero, area_m2: area, edificios }) {
  const superficie = area >= 1e5 ? _('%(n)s km²', { n: cifra(area / 1e6, 2) }) : _('%(n)s m²', { n: cifra(area) });
  return [h('strong', {}, _('Tarea %(n)s', { n: numero })), ` · ${superficie} · `, n_('%(n)s edificio', '%(n)s edificios', edificios)];
}

/** Pinta en el mapa cómo quedaría, y lo lleva ahí. */
async function pintarPrevia(mesa, previa) {
  const mapa = await mesa.mapaListo;
  if (!mapa) return;
  agregarCapas(mapa);
  quitarPartes(mesa);
  enMapa = { antes: mesa.alTocar };
  const rasgos = previa.tareas.features.map((f, orden) => ({ ...f, properties: { ...f.properties, orden } }));
  // El número va en un punto aparte: el de un área saldría una vez en cada tesela que toca.
  const numeros = rasgos.map((f) => ({ type: 'Feature', properties: { numero: f.properties.numero }, geometry: { type: 'Point', coordinates: f.properties.lugar } }));
  mapa.getSource('partes').setData(coleccion([...rasgos, ...numeros]));
  const caja = [Infinity, Infinity, -Infinity, -Infinity];
  const crecer = (c) => { if (typeof c[0] === 'number') { caja[0] = Math.min(caja[0], c[0]); caja[1] = Math.min(caja[1], c[1]); caja[2] = Math.max(caja[2], c[0]); caja[3] = Math.max(caja[3], c[1]); } else c.forEach(crecer); };
  rasgos.forEach((f) => crecer(f.geometry.coordinates));
  mesa.acercarA(caja);
  document.documentElement.dataset.partes = 'previa';
}

/**
 * Con qué vecinas juntarla: se tocan en el mapa, se marcan en la lista o se escriben sus números. Al elegir una se ofrecen también las
 * suyas. Devuelve { nodo, elegidas(), empezar(), enfocar() }.
 */
function elegirVecinas(mesa, tarea, { alIntro }) {
  const conocidas = new Map(); // número → vecina, de las que tocan a alguna de las elegidas
  const pedidas = new Map(); // número → promesa de sus vecinas
  const elegidas = new Set();
  const dicho = h('p', { class: 'chica', role: 'status' }, _('Buscando sus vecinas…'));
  const lista = h('ul', { class: 'vecinas-por-juntar' });
  const numeros = h('input', { id: 'partes-vecinas', inputmode: 'numeric', autocomplete: 'off', placeholder: '12, 13' });
  numeros.addEventListener('keydown', (e) => { if (e.key === 'Enter') alIntro(); });
  const nodo = h('fieldset', { hidden: true }, h('legend', {}, _('¿Con cuáles?')), dicho, lista,
    h('details', {}, h('summary', {}, _('Escribir los números')), h('label', { for: 'partes-vecinas' }, _('Números de las vecinas')), numeros));

  const traer = (numero) => {
    if (!pedidas.has(numero)) pedidas.set(numero, mesa.api('GET', mesa.ruta(numero, '/vecinas')).then((d) => d.vecinas));
    return pedidas.get(numero);
  };
  const marcar = () => { if (enMapa?.juntando) mesa.capas?.marcar([tarea.numero, ...elegidas]); };
  let pedidos = 0;
  async function pintar(recien = null) {
    const pedido = ++pedidos;
    const grupos = await mesa.intentar(() => Promise.all([tarea.numero, ...elegidas].map(traer)));
    if (!grupos || !nodo.isConnected || pedido !== pedidos) return;
    conocidas.clear();
    grupos.flat().forEach((v) => { if (v.numero !== tarea.numero) conocidas.set(v.numero, v); });
    lista.replaceChildren(...[...conocidas.values()].sort((a, b) => elegidas.has(b.numero) - elegidas.has(a.numero) || a.numero - b.numero).map((v) => h('li', {}, h('label', { class: 'opcion' },
      h('input', { type: 'checkbox', id: `juntar-${v.numero}`, checked: elegidas.has(v.numero), onchange: (e) => poner(v.numero, e.target.checked) }),
      h('span', {}, _('Tarea %(n)s', { n: v.numero }), ' ', etiqueta(v.estado))))));
    dicho.textContent = elegidas.size ? n_('Se juntará con %(n)s tarea: %(cuales)s.', 'Se juntará con %(n)s tareas: %(cuales)s.', elegidas.size, { cuales: enumerar([...elegidas].sort((a, b) => a - b)) })
      : conocidas.size ? _('Todavía ninguna.') : _('Ninguna comparte un lado con ésta.');
    if (recien) lista.querySelector(`#juntar-${recien}`)?.focus({ preventScroll: true });
    marcar();
  }
  function poner(numero, si) {
    if (si) elegidas.add(numero);
    else elegidas.delete(numero);
    pintar(numero);
  }
  const alTocar = ({ point }) => {
    const numero = mesa.capas?.numeroEn(point);
    if (!numero || numero === tarea.numero) return true;
    if (conocidas.has(numero)) {
      if (elegidas.has(numero)) elegidas.delete(numero);
      else elegidas.add(numero);
      pintar();
    } else dicho.textContent = _('La tarea %(n)s no comparte un lado con las que llevas.', { n: numero });
    return true;
  };
  return {
    nodo,
    elegidas: () => [...elegidas, ...leerNumeros(numeros.value)],
    async empezar() {
      pintar();
      if (!(await mapaPara(mesa, () => {})) || nodo.hidden || !nodo.isConnected) return;
      enMapa.juntando = true;
      mesa.alTocar = alTocar;
      marcar();
      document.documentElement.dataset.partes = 'juntando';
      // Con ella, las que la tocan: si no, no habría qué elegir en el mapa.
      const suyas = await traer(tarea.numero).catch(() => []); // el rechazo ya lo dijo la lista
      if (enMapa?.juntando && nodo.isConnected) mesa.acercarA(cajaDeTodas([tarea, ...suyas].map((t) => t.caja)));
    },
    enfocar: () => (lista.querySelector('input') ?? numeros).focus(),
  };
}

/** «Partir o corregir el área», plegado; nada si quien mira no puede o no toca. */
export function panelPartes(mesa, tarea) {
  if (!(mesa.valida || mesa.coordina) || !mesa.proyecto.abierto || tarea.estado === 'dividida') return null;
  if (tarea.bloqueo && !tarea.bloqueo.mia) return null;
  const cuerpo = h('div', { class: 'partes' });
  const detalles = h('details', {}, h('summary', {}, _('Partir o corregir el área')), cuerpo);
  detalles.addEventListener('toggle', () => {
    if (!detalles.open) quitarPartes(mesa);
    else if (!cuerpo.children.length) cuerpo.append(...formulario(mesa, tarea));
    else cuerpo.firstElementChild.dispatchEvent(new Event('abrir'));
  });
  return detalles;
}

function formulario(mesa, tarea) {
  let dibujado = null;
  let huella = null;
  let vista = null; // la previa que se está leyendo: si se pliega y se vuelve, el mapa la enseña otra vez
  const dice = h('p', { class: 'chica suave', id: 'partes-dice' });
  const resultado = h('div', { class: 'partes-resultado' });
  const decir = (...nodos) => {
    resultado.replaceChildren(...nodos);
    if (nodos.length) resultado.scrollIntoView({ block: 'nearest' });
  };
  const vecinas = elegirVecinas(mesa, tarea, { alIntro: () => mirar() });
  const falta = h('p', { class: 'falta', id: 'partes-falta', role: 'alert', hidden: true }, _('Di por qué, con tres letras o más: queda escrito en el historial.'));
  const motivo = h('input', { id: 'partes-motivo', maxlength: 500, autocomplete: 'off', required: true, 'aria-describedby': 'partes-falta' });
  const modo = () => opciones.querySelector(':checked').value;
  let ensayos = 0; // lo que se pidió antes de elegir otra cosa ya no se enseña
  const deNuevo = () => {
    ensayos += 1;
    dibujado = null;
    huella = null;
    vista = null;
    quitarPartes(mesa);
    decir();
    pintar();
  };
  const opciones = h('fieldset', {}, h('legend', {}, _('¿Qué hace falta?')), MODOS.map(([valor, nombre], i) => h('label', { class: 'opcion' },
    h('input', { type: 'radio', name: 'partes-modo', value: valor, checked: i === 0, onchange: deNuevo }), h('span', {}, nombre()))));
  const seDibuja = () => ['linea', 'corregir'].includes(modo());

  const mirar = async () => {
    const pedido = peticion(mesa, tarea, modo(), { motivo: motivo.value, dibujado, conCuales: vecinas.elegidas() });
    if (!pedido) {
      decir(aviso('error', _('Elige al menos una vecina.')));
      vecinas.enfocar();
      return;
    }
    const ensayo = ++ensayos;
    const previa = await pedirConAviso(() => mesa.api('POST', `${pedido[0]}?ensayo=1`, pedido[1], { repetir: false }), ver);
    if (!previa || ensayo !== ensayos || !resultado.isConnected) return;
    huella = previa.huella;
    vista = previa;
    await pintarPrevia(mesa, previa);
    // Lo principal ahora es confirmar.
    ver.classList.add('secundario');
    const n = previa.tareas.features.length;
    decir(h('h3', { tabindex: -1 }, _('Quedaría así')), h('ul', { class: 'lista-de-partes' }, previa.tareas.features.map((f, orden) => h('li', {}, muestra(orden), h('span', {}, ...enPalabras(f.properties))))),
      h('p', { class: 'chica' }, n_('La tarea %(cuales)s conserva su historia y ya no se trabaja: su lugar lo ocupa lo nuevo.', 'Las tareas %(cuales)s conservan su historia y ya no se trabajan: su lugar lo ocupa lo nuevo.', previa.dividen.length, { cuales: enumerar(previa.dividen) })),
      h('label', { for: 'partes-motivo' }, _('¿Por qué?')), motivo, falta,
      h('p', { class: 'botones' }, h('button', { type: 'button', class: 'boton', onclick: (e) => confirmar(e.currentTarget) }, n_('Confirmar: queda %(n)s tarea', 'Confirmar: quedan %(n)s tareas', n)), boton(_('Descartar'), deNuevo, { tipo: 'secundario' })));
    resultado.querySelector('h3').focus({ preventScroll: true });
  };

  /** Los rechazos se dicen aquí, junto a lo que los causó. */
  const pedirConAviso = async (hacer, pulsado) => {
    pulsado.disabled = true;
    pulsado.setAttribute('aria-busy', 'true');
    try {
      return await hacer();
    } catch (error) {
      if (error.codigo === 'tarea_dividida' || error.estado === 401) mesa.decirRechazo(error);
      else decir(aviso('error', error.message));
      return null;
    } finally {
      pulsado.disabled = false;
      pulsado.removeAttribute('aria-busy');
    }
  };

  const confirmar = async (pulsado) => {
    if (motivo.value.trim().length < 3) {
      motivo.setAttribute('aria-invalid', 'true');
      falta.hidden = false;
      motivo.focus();
      return;
    }
    const [ruta, pedido] = peticion(mesa, tarea, modo(), { motivo: motivo.value, dibujado, conCuales: vecinas.elegidas(), huella });
    const hecho = await pedirConAviso(() => mesa.api('POST', ruta, pedido), pulsado);
    if (!hecho) return;
    quitarPartes(mesa);
    await mesa.refrescar();
    const numeros = hecho.tareas.features.map((f) => f.id);
    mesa.inicio(aviso('exito', n_('Listo: ahora es la tarea %(cuales)s.', 'Listo: ahora son las tareas %(cuales)s.', numeros.length, { cuales: enumerar(numeros) }),
      h('p', { class: 'botones' }, numeros.slice(0, 4).map((n) => boton(_('Ir a la tarea %(n)s', { n }), () => mesa.elegir(n, { acercar: true }), { tipo: 'secundario' })))));
  };

  const trazar = () => {
    vista = null;
    decir();
    const alTerminar = (forma) => { dibujado = forma; pintar(); mirar(); };
    if (modo() === 'linea') dibujarLinea(mesa, tarea, decir, alTerminar, () => ver.focus());
    else dibujarContorno(mesa, tarea, decir, alTerminar, () => ver.focus());
  };
  const ver = boton('', () => (seDibuja() ? trazar() : mirar()), { dibujo: 'ojo', 'aria-describedby': 'partes-dice' });
  const pintar = () => {
    ver.classList.remove('secundario');
    dice.textContent = explicacion(modo());
    vecinas.nodo.hidden = modo() !== 'juntar';
    if (modo() === 'juntar') vecinas.empezar();
    ver.lastChild.textContent = seDibuja() ? (dibujado ? _('Dibujar de nuevo') : _('Dibujar en el mapa')) : _('Ver cómo queda');
  };
  ver.append('');
  opciones.addEventListener('abrir', () => (vista && resultado.children.length ? pintarPrevia(mesa, vista) : pintar()));
  pintar();
  return [opciones, dice, vecinas.nodo, h('p', { class: 'botones' }, ver), resultado];
}
