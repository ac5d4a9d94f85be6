// Las tareas de un proyecto sobre un mapa: teselas inmutables por versión, y encima el estado de cada una.
// De lejos el servidor manda bloques de tareas vecinas (capa «bloques», con su tramo desde–hasta, y en `mas` los de las que salieron de
// partir o juntar otras); de cerca, cada tarea. Al dividir una cambia la versión: se piden teselas nuevas sin recargar la página.
import { bajoLetreros, ponerEnPiso } from './mapa_base.js';
import { CLAVES, aspectos, claveDeByte, ficha, ponerImagenes } from './patrones.js';
import { PRIORIDADES, dibujoDePrioridad } from './prioridades.js';

const FUENTE = 'tareas';
const METROS_POR_PIXEL_Z0 = 78271.517; // en el ecuador, con teselas de 512

/** Zoom al que algo de `metros` de lado mide `pixeles` en pantalla. */
export function zoomPara(metros, latitud, pixeles) {
  return Math.log2((pixeles * METROS_POR_PIXEL_Z0 * Math.cos((latitud * Math.PI) / 180)) / metros);
}

/** Bytes de `GET …/estados` (base64, uno por tarea en orden de número). */
export function leerEstados(base64) {
  return Uint8Array.from(atob(base64), (letra) => letra.charCodeAt(0));
}

const NADA = 'rgba(0, 0, 0, 0)';
const PIXELES_DE_TRAMA = 16; // desde qué ancho de tarea se ven las tramas
const PUESTAS_MAXIMAS = 20000;
const SENALES_MAXIMAS = 3000; // prioridades que se dibujan a la vez

/** Pone en el mapa los dibujos `prioridad-<palabra>` para un fondo. */
function ponerDibujosDePrioridad(mapa, fondo) {
  const tema = fondo === 'oscuro' ? 'dark' : 'light';
  const colores = { tinta: ficha('--tinta', tema), hoja: ficha('--hoja', tema) };
  for (const palabra of PRIORIDADES.filter((p) => p !== 'normal')) {
    const nombre = `prioridad-${palabra}`;
    const imagen = dibujoDePrioridad(palabra, colores);
    if (mapa.hasImage(nombre)) mapa.updateImage(nombre, imagen);
    else mapa.addImage(nombre, imagen, { pixelRatio: 2 });
  }
}

/** Caja [oeste, sur, este, norte] de las coordenadas de un polígono o varios, unida a otra. */
function unirCaja(coordenadas, caja) {
  for (const parte of coordenadas) {
    if (typeof parte[0] !== 'number') unirCaja(parte, caja);
    else {
      caja[0] = Math.min(caja[0], parte[0]); caja[1] = Math.min(caja[1], parte[1]);
      caja[2] = Math.max(caja[2], parte[0]); caja[3] = Math.max(caja[3], parte[1]);
    }
  }
  return caja;
}

const elegida = ['boolean', ['feature-state', 'elegida'], false];
const visible = (clave, opacidad) => ['case', elegida, 0, si(clave), opacidad, 0];
const si = (clave) => ['==', ['feature-state', 's'], clave];
const segun = (valores, otro) => ['match', ['coalesce', ['feature-state', 's'], 'pendiente'], ...Object.entries(valores).flat(), otro];

function capas(aspecto, fondo, zoomTramas) {
  const deTareas = { source: FUENTE, 'source-layer': 'tareas' };
  const deBloques = { source: FUENTE, 'source-layer': 'bloques' };
  const colores = Object.fromEntries(CLAVES.map((c) => [c, aspecto[c].color]));
  const tintes = Object.fromEntries(CLAVES.map((c) => [c, aspecto[c].tinte === 'transparent' ? NADA : aspecto[c].tinte]));
  const velo = fondo === 'imagen' ? 0.16 : 0.62;
  const ribete = aspecto.pendiente.ribete;
  return [
    { id: 'bloques-relleno', type: 'fill', ...deBloques, paint: { 'fill-color': segun(colores, NADA), 'fill-opacity': ['case', si('pendiente'), 0, ['*', 0.85, ['coalesce', ['feature-state', 'p'], 0]]] } },
    { id: 'bloques-borde', type: 'line', ...deBloques, paint: { 'line-color': colores.pendiente, 'line-width': 0.5, 'line-opacity': 0.7 } },
    // De lejos no caben las tramas: se pinta fuerte, y la claridad distingue lo validado (oscuro) de lo mapeado (medio).
    {
      id: 'tareas-relleno', type: 'fill', ...deTareas,
      paint: {
        'fill-color': ['step', ['zoom'], segun(colores, NADA), zoomTramas, segun(tintes, NADA)],
        'fill-opacity': ['interpolate', ['linear'], ['zoom'], zoomTramas - 0.01, segun({ pendiente: 0, validada: 0.85, devuelta: 0.8 }, 0.5), zoomTramas, segun({ pendiente: 0 }, velo), zoomTramas + 4, segun({ pendiente: 0 }, velo * 0.4)],
      },
    },
    ...CLAVES.filter((c) => c !== 'pendiente').map((c) => ({
      id: `tareas-trama-${c}`, type: 'fill', ...deTareas, minzoom: zoomTramas,
      // De cerca la trama se aclara, y la de la elegida se quita: importa lo que hay debajo.
      paint: { 'fill-pattern': `trama-${c}`, 'fill-opacity': ['interpolate', ['linear'], ['zoom'], zoomTramas + 1, visible(c, 1), zoomTramas + 4, visible(c, 0.5)] },
    })),
    { id: 'tareas-ribete', type: 'line', ...deTareas, paint: { 'line-color': ribete, 'line-width': ['interpolate', ['linear'], ['zoom'], zoomTramas - 1, 0, zoomTramas, 3, zoomTramas + 3, 4.5], 'line-opacity': 0.85 } },
    {
      id: 'tareas-borde', type: 'line', ...deTareas,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': segun(colores, colores.pendiente), 'line-width': ['interpolate', ['linear'], ['zoom'], zoomTramas - 2, 0.4, zoomTramas, 1, zoomTramas + 3, ['case', si('mia'), 3, 1.75]] },
    },
    { id: 'tareas-elegida-ribete', type: 'line', ...deTareas, layout: { 'line-join': 'round' }, paint: { 'line-color': fondo === 'oscuro' ? '#0e1115' : '#fff', 'line-width': 8, 'line-opacity': ['case', elegida, 1, 0] } },
    { id: 'tareas-elegida', type: 'line', ...deTareas, layout: { 'line-join': 'round' }, paint: { 'line-color': fondo === 'oscuro' ? '#f0c24b' : '#a4471f', 'line-width': 4, 'line-opacity': ['case', elegida, 1, 0] } },
  ];
}

/** Bytes de un bloque: su tramo y los de `mas`, «81-84,90-90». */
function bytesDe(bytes, desde, hasta, mas) {
  const suyos = bytes.subarray(desde - 1, hasta);
  if (!mas) return suyos;
  const tramos = mas.split(',').map((t) => t.split('-').map(Number));
  return [suyos, ...tramos.map(([a, b]) => bytes.subarray(a - 1, b))].flatMap((parte) => [...parte]);
}

/** Estado con que se pinta un bloque y qué parte de él lo tiene: { s, p }. */
function resumir(bytes) {
  const cuentas = {};
  for (const byte of bytes) {
    const clave = claveDeByte(byte);
    cuentas[clave] = (cuentas[clave] ?? 0) + 1;
  }
  delete cuentas.dividida;
  const total = Object.values(cuentas).reduce((a, b) => a + b, 0);
  delete cuentas.pendiente;
  const [s, n] = Object.entries(cuentas).sort((a, b) => b[1] - a[1])[0] ?? ['pendiente', 0];
  return { s, p: total ? n / total : 0 };
}

/**
 * Pone las tareas de un proyecto en un mapa ya cargado.
 *
 * proyecto: { id, version, caja: [oeste, sur, este, norte], area_m2, tareas_total, numeros }; `numeros` es el de la última tarea.
 * Devuelve { estados, cambiar, otraVersion, ponerMias, ponerPrioridades, elegir, marcar, numeroEn, byte, repintar, zoomTareas }; las funciones no usan `this`.
 */
export async function ponerTareas(mapa, proyecto, fondoInicial = 'claro') {
  const latitud = (proyecto.caja[1] + proyecto.caja[3]) / 2;
  const lado = Math.sqrt(proyecto.area_m2 / Math.max(1, proyecto.tareas_total));
  const zoomTramas = Math.min(20, Math.max(1, zoomPara(lado, latitud, PIXELES_DE_TRAMA)));
  let bytes = new Uint8Array(proyecto.numeros);
  let mias = new Set();
  let laElegida = null;
  let marcadas = new Set();
  let prioridades = null;

  const teselas = () => [`${location.origin}/teselas/proyectos/${proyecto.id}/${proyecto.version}/{z}/{x}/{y}.mvt`];
  mapa.addSource(FUENTE, {
    type: 'vector', bounds: proyecto.caja, minzoom: 0, maxzoom: Math.min(17, Math.max(10, Math.ceil(zoomTramas) + 1)),
    tiles: teselas(),
  });
  await ponerImagenes(mapa, fondoInicial);
  const antes = bajoLetreros(mapa);
  capas(aspectos(fondoInicial), fondoInicial, zoomTramas).forEach((capa) => mapa.addLayer(capa, antes));

  ponerDibujosDePrioridad(mapa, fondoInicial);
  mapa.addSource('prioridades', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
  ponerEnPiso(mapa, 'marca', {
    id: 'tareas-prioridad', type: 'symbol', source: 'prioridades', minzoom: zoomTramas + 0.5,
    layout: { 'icon-image': ['concat', 'prioridad-', ['get', 'p']], 'icon-allow-overlap': true, 'icon-size': ['interpolate', ['linear'], ['zoom'], zoomTramas + 0.5, 0.7, zoomTramas + 2, 1] },
  });

  // MapLibre revisa todos los estados puestos cada vez que llega una tesela: sólo se ponen los de las tareas que están en las
  // teselas cargadas, y cuando ya son muchos se empieza de nuevo.
  const puestas = new Map();
  const lugar = (sourceLayer, id) => ({ source: FUENTE, sourceLayer, id });

  const ponerUna = (numero) => {
    const s = claveDeByte(bytes[numero - 1], mias.has(numero));
    if (puestas.get(numero) === s) return;
    puestas.set(numero, s);
    mapa.setFeatureState(lugar('tareas', numero), { s });
  };

  const pintarTareas = () => {
    if (puestas.size > PUESTAS_MAXIMAS) {
      puestas.clear();
      mapa.removeFeatureState({ source: FUENTE, sourceLayer: 'tareas' });
      if (laElegida) mapa.setFeatureState(lugar('tareas', laElegida), { elegida: true });
      for (const numero of marcadas) mapa.setFeatureState(lugar('tareas', numero), { elegida: true });
    }
    for (const rasgo of mapa.querySourceFeatures(FUENTE, { sourceLayer: 'tareas' })) {
      if (!puestas.has(rasgo.id)) ponerUna(rasgo.id);
      if (prioridades?.[rasgo.id - 1]) juntarSenal(rasgo);
    }
    pintarSenales();
  };

  // Una tarea llega en pedazos, uno por tesela: su señal va en medio de la caja de todos los que han llegado.
  const cajas = new Map();
  let senales = '';

  const juntarSenal = ({ id, geometry }) => {
    if (!cajas.has(id) && cajas.size >= SENALES_MAXIMAS) return;
    cajas.set(id, unirCaja(geometry.coordinates, cajas.get(id) ?? [Infinity, Infinity, -Infinity, -Infinity]));
  };

  const pintarSenales = () => {
    const features = [...cajas].map(([numero, [o, s, e, n]]) => ({ type: 'Feature', properties: { p: PRIORIDADES[prioridades[numero - 1]] }, geometry: { type: 'Point', coordinates: [(o + e) / 2, (s + n) / 2] } }));
    const nuevas = JSON.stringify(features);
    if (nuevas === senales) return;
    senales = nuevas;
    mapa.getSource('prioridades').setData({ type: 'FeatureCollection', features });
  };

  // Un bloque se pinta del estado que más tareas tienen entre las que ya no están pendientes.
  const pintarBloques = () => {
    const vistos = new Set();
    for (const { id, properties: { desde, hasta, mas } } of mapa.querySourceFeatures(FUENTE, { sourceLayer: 'bloques' })) {
      if (vistos.has(id)) continue;
      vistos.add(id);
      mapa.setFeatureState(lugar('bloques', id), resumir(bytesDe(bytes, desde, hasta, mas)));
    }
  };

  let enEspera = false;
  const pintar = () => {
    if (enEspera) return;
    enEspera = true;
    requestAnimationFrame(() => {
      enEspera = false;
      pintarTareas();
      pintarBloques();
    });
  };
  mapa.on('sourcedata', (e) => { if (e.sourceId === FUENTE && e.tile) pintar(); });

  return {
    zoomTareas: zoomTramas,
    /** Todos los estados de una vez. */
    estados(nuevos) {
      bytes = nuevos;
      [...puestas.keys()].forEach(ponerUna);
      pintar();
    },
    /** Hay otras tareas: con `proyecto` ya en la versión nueva, se piden sus teselas. Después llegan todos los estados. */
    otraVersion() {
      bytes = new Uint8Array(proyecto.numeros);
      puestas.clear();
      cajas.clear();
      for (const capa of ['tareas', 'bloques']) mapa.removeFeatureState({ source: FUENTE, sourceLayer: capa });
      mapa.getSource(FUENTE).setTiles(teselas());
      if (laElegida) mapa.setFeatureState(lugar('tareas', laElegida), { elegida: true });
      for (const numero of marcadas) mapa.setFeatureState(lugar('tareas', numero), { elegida: true });
    },
    /** Los que cambiaron: pares [numero, byte]. */
    cambiar(pares) {
      for (const [numero, byte] of pares) {
        bytes[numero - 1] = byte;
        if (puestas.has(numero)) ponerUna(numero);
      }
      if (pares.length) pintar();
    },
    /** Números de las tareas que quien mira tiene en sus manos. */
    ponerMias(numeros) {
      const antes = mias;
      mias = new Set(numeros);
      new Set([...antes, ...mias]).forEach(ponerUna);
    },
    /** Qué prioridad tiene cada tarea (js/prioridades.js: traerPrioridades), o null. */
    ponerPrioridades(todas) {
      prioridades = todas;
      cajas.clear();
      pintar();
    },
    /** Resalta varias tareas a la vez. */
    marcar(numeros) {
      const antes = marcadas;
      marcadas = new Set(numeros);
      for (const numero of antes) if (!marcadas.has(numero)) mapa.setFeatureState(lugar('tareas', numero), { elegida: false });
      for (const numero of marcadas) if (!antes.has(numero)) mapa.setFeatureState(lugar('tareas', numero), { elegida: true });
    },
    /** Resalta una tarea, o ninguna con null. */
    elegir(numero) {
      if (laElegida) mapa.setFeatureState(lugar('tareas', laElegida), { elegida: marcadas.has(laElegida) });
      laElegida = numero;
      if (numero) mapa.setFeatureState(lugar('tareas', numero), { elegida: true });
    },
    /** Número de la tarea que está en un punto de la pantalla, o null. */
    numeroEn(punto) {
      return mapa.queryRenderedFeatures(punto, { layers: ['tareas-relleno'] })[0]?.id ?? null;
    },
    /** Byte de estado de una tarea. */
    byte: (numero) => bytes[numero - 1],
    /** Vuelve a pintar para otro fondo: «claro», «oscuro» o «imagen». */
    async repintar(fondo) {
      await ponerImagenes(mapa, fondo);
      ponerDibujosDePrioridad(mapa, fondo);
      for (const capa of capas(aspectos(fondo), fondo, zoomTramas)) {
        for (const [propiedad, valor] of Object.entries(capa.paint)) mapa.setPaintProperty(capa.id, propiedad, valor);
      }
    },
  };
}
