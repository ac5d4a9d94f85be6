// Los errores señalados, en el mapa: un número sobre cada uno y, si es un objeto o un trazo, su contorno.
import { bajoLetreros } from './mapa_base.js';
import { pincelDe } from './patrones.js';
import { cajaCon, senaDe } from './objetos.js';

const GRANA = '#a11d33';
const VACIO = { type: 'FeatureCollection', features: [] };
const LADO = 52;

function dibujo(numero, hecho) {
  const pincel = pincelDe(LADO);
  pincel.beginPath();
  pincel.arc(LADO / 2, LADO / 2, 21, 0, 2 * Math.PI);
  pincel.fillStyle = hecho ? '#2f6b4f' : GRANA;
  pincel.fill();
  pincel.lineWidth = 5;
  pincel.strokeStyle = '#fff';
  pincel.stroke();
  pincel.fillStyle = '#fff';
  pincel.font = 'bold 25px sans-serif';
  pincel.textAlign = 'center';
  pincel.textBaseline = 'middle';
  pincel.fillText(hecho ? '✓' : String(numero), LADO / 2, LADO / 2 + 2);
  return pincel.getImageData(0, 0, LADO, LADO);
}

function alistar(mapa) {
  if (mapa.getSource('pines')) return;
  const antes = bajoLetreros(mapa);
  mapa.addSource('pines', { type: 'geojson', data: VACIO });
  const esTrazo = ['match', ['geometry-type'], ['LineString', 'MultiLineString', 'Polygon', 'MultiPolygon'], true, false];
  mapa.addLayer({ id: 'pines-ribete', type: 'line', source: 'pines', filter: esTrazo, paint: { 'line-color': '#fff', 'line-width': 8, 'line-opacity': 0.9 }, layout: { 'line-join': 'round' } }, antes);
  mapa.addLayer({ id: 'pines-linea', type: 'line', source: 'pines', filter: esTrazo, paint: { 'line-color': GRANA, 'line-width': ['case', ['get', 'mirado'], 5, 3], 'line-dasharray': [3, 1] }, layout: { 'line-join': 'round' } }, antes);
  // Encima de todo: un letrero no puede tapar la seña.
  mapa.addLayer({ id: 'pines-sena', type: 'symbol', source: 'pines', filter: ['has', 'sena'], layout: { 'icon-image': ['get', 'sena'], 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'icon-size': ['case', ['get', 'mirado'], 1, 0.8] } });
}

/**
 * Pone las señas. `pines`: [{ n, geometria, hecho, mirado }]; los que no tienen geometría son de toda la tarea y no se dibujan.
 */
export async function ponerPines(mesa, pines) {
  const features = pines.filter((p) => p.geometria).flatMap(({ n, geometria, hecho = false, mirado = false }) => {
    const sena = `pin-${hecho ? 'hecho' : n}`;
    const marca = { type: 'Feature', geometry: { type: 'Point', coordinates: senaDe(geometria) }, properties: { sena, n, hecho, mirado } };
    return geometria.type === 'Point' ? [marca] : [{ type: 'Feature', geometry: geometria, properties: { mirado } }, marca];
  });
  mesa.pinesPuestos = features;
  const mapa = await mesa.mapaListo;
  if (!mapa || mesa.pinesPuestos !== features) return;
  alistar(mapa);
  features.filter((f) => f.properties.sena).forEach(({ properties: { sena, n, hecho } }) => { if (!mapa.hasImage(sena)) mapa.addImage(sena, dibujo(n, hecho), { pixelRatio: 2 }); });
  mapa.getSource('pines').setData({ type: 'FeatureCollection', features });
  document.documentElement.dataset.pines = features.filter((f) => f.properties.sena).length;
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
