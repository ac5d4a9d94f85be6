// Los errores señalados, en el mapa: un número sobre cada uno (los de un mismo lugar, en una sola seña) y, si es un objeto o un
// trazo, su contorno.
import { ponerEnPiso } from './mapa_base.js';
import { pincelDe } from './patrones.js';
import { cajaCon, senaDe } from './objetos.js';

const GRANA = '#a11d33';
const VACIO = { type: 'FeatureCollection', features: [] };
const LADO = 52;
const JUNTOS_PX = 14; // más cerca en la pantalla, una seña taparía el número de la otra
const NUMEROS = 3; // los que caben en una seña; los demás se cuentan

const LETRA = 'bold 25px sans-serif';

/** Redondel con un número o, si lleva varios, cápsula. */
function dibujo(texto, hecho) {
  const medida = pincelDe(1);
  medida.font = LETRA;
  const ancho = Math.max(LADO, Math.ceil(medida.measureText(texto).width) + 36);
  const pincel = pincelDe(ancho, LADO);
  pincel.beginPath();
  pincel.roundRect(5, 5, ancho - 10, LADO - 10, 21);
  pincel.fillStyle = hecho ? '#2f6b4f' : GRANA;
  pincel.fill();
  pincel.lineWidth = 5;
  pincel.strokeStyle = '#fff';
  pincel.stroke();
  pincel.fillStyle = '#fff';
  pincel.font = LETRA;
  pincel.textAlign = 'center';
  pincel.textBaseline = 'middle';
  pincel.fillText(texto, ancho / 2, LADO / 2 + 2);
  return pincel.getImageData(0, 0, ancho, LADO);
}

/** Una seña por lugar, con los números de los que se ven ahí: «1», «1, 2» o «1, 2, 3 +2»; los ya hechos, «✓». */
function juntar(mapa, pines) {
  const grupos = [];
  pines.forEach((pin) => {
    const lugar = senaDe(pin.geometria);
    const { x, y } = mapa.project(lugar);
    const grupo = grupos.find((g) => Math.hypot(g.x - x, g.y - y) < JUNTOS_PX);
    if (grupo) grupo.pines.push(pin);
    else grupos.push({ lugar, x, y, pines: [pin] });
  });
  return grupos.map(({ lugar, pines: suyos }) => {
    const porHacer = suyos.filter((p) => !p.hecho).map((p) => p.n);
    const hechos = porHacer.length < suyos.length ? ['✓'] : [];
    const sobran = porHacer.length - NUMEROS;
    const texto = [...hechos, ...porHacer.slice(0, NUMEROS)].join(', ') + (sobran > 0 ? ` +${sobran}` : '');
    const hecho = !porHacer.length;
    return { type: 'Feature', geometry: { type: 'Point', coordinates: lugar }, properties: { sena: `pin-${texto}`, texto, hecho, mirado: suyos.some((p) => p.mirado) } };
  });
}

function alistar(mesa, mapa) {
  if (mapa.getSource('pines')) return;
  mapa.on('zoomend', () => { if (mesa.pinesPuestos) pintar(mapa, mesa.pinesPuestos); }); // de cerca se separan
  mapa.addSource('pines', { type: 'geojson', data: VACIO });
  const esTrazo = ['match', ['geometry-type'], ['LineString', 'MultiLineString', 'Polygon', 'MultiPolygon'], true, false];
  ponerEnPiso(mapa, 'contorno', { id: 'pines-ribete', type: 'line', source: 'pines', filter: esTrazo, paint: { 'line-color': '#fff', 'line-width': 8, 'line-opacity': 0.9 }, layout: { 'line-join': 'round' } });
  ponerEnPiso(mapa, 'contorno', { id: 'pines-linea', type: 'line', source: 'pines', filter: esTrazo, paint: { 'line-color': GRANA, 'line-width': ['case', ['get', 'mirado'], 5, 3], 'line-dasharray': [3, 1] }, layout: { 'line-join': 'round' } });
  ponerEnPiso(mapa, 'pin', { id: 'pines-sena', type: 'symbol', source: 'pines', filter: ['has', 'sena'], layout: { 'icon-image': ['get', 'sena'], 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'icon-size': ['case', ['get', 'mirado'], 1, 0.8], 'symbol-sort-key': ['case', ['get', 'mirado'], 1, 0] } });
}

function pintar(mapa, pines) {
  const contornos = pines.filter((p) => p.geometria.type !== 'Point').map(({ geometria, mirado = false }) => ({ type: 'Feature', geometry: geometria, properties: { mirado } }));
  const senas = juntar(mapa, pines);
  senas.forEach(({ properties: { sena, texto, hecho } }) => { if (!mapa.hasImage(sena)) mapa.addImage(sena, dibujo(texto, hecho), { pixelRatio: 2 }); });
  mapa.getSource('pines').setData({ type: 'FeatureCollection', features: [...contornos, ...senas] });
}

/**
 * Pone las señas. `pines`: [{ n, geometria, hecho, mirado }]; los que no tienen geometría son de toda la tarea y no se dibujan.
 */
export async function ponerPines(mesa, pines) {
  const conLugar = pines.filter((p) => p.geometria);
  mesa.pinesPuestos = conLugar;
  const mapa = await mesa.mapaListo;
  if (!mapa || mesa.pinesPuestos !== conLugar) return;
  alistar(mesa, mapa);
  pintar(mapa, conLugar);
  document.documentElement.dataset.pines = conLugar.length;
}

/** Quita las señas del mapa. */
export function quitarPines(mesa) {
  if (!mesa.pinesPuestos) return;
  mesa.pinesPuestos = null;
  mesa.mapa?.getSource('pines')?.setData(VACIO);
  delete document.documentElement.dataset.pines;
}

/** Lleva el mapa a uno. */
export const irAlPin = (mesa, { geometria }) => mesa.acercarA(cajaCon(geometria), { cerca: true });
