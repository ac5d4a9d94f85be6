// El mapa de un proyecto que se está creando: el límite del municipio, el área elegida (o que se dibuja) y las tareas que
// saldrían. Y subir un archivo para que el servidor diga qué área trae.
import { _ } from './textos.js';
import { Rechazo, SinRed } from './api.js';
import { bajoLetreros } from './mapa_base.js';

const VACIO = { type: 'FeatureCollection', features: [] };
const ficha = (nombre) => getComputedStyle(document.documentElement).getPropertyValue(`--${nombre}`).trim();

/** Caja [oeste, sur, este, norte] de un GeoJSON. */
export function cajaDe(geojson) {
  const caja = [Infinity, Infinity, -Infinity, -Infinity];
  const recorrer = (coordenadas) => {
    if (typeof coordenadas[0] !== 'number') { coordenadas.forEach(recorrer); return; }
    const [x, y] = coordenadas;
    caja[0] = Math.min(caja[0], x); caja[1] = Math.min(caja[1], y);
    caja[2] = Math.max(caja[2], x); caja[3] = Math.max(caja[3], y);
  };
  const geometrias = geojson.features?.map((f) => f.geometry) ?? [geojson.geometry ?? geojson];
  geometrias.forEach((g) => recorrer(g.coordinates));
  return caja;
}

/** Pone en el mapa las capas de límite, área y tareas. Devuelve con qué cambiarlas. */
export function ponerCapas(mapa, alCambiarFondo) {
  for (const fuente of ['limite', 'area', 'tareas']) mapa.addSource(fuente, { type: 'geojson', data: VACIO });
  const antes = bajoLetreros(mapa);
  const agregar = (capa) => mapa.addLayer(capa, antes);
  agregar({ id: 'limite-linea', type: 'line', source: 'limite', paint: { 'line-width': 2, 'line-dasharray': [3, 2] } });
  agregar({ id: 'area-relleno', type: 'fill', source: 'area', paint: { 'fill-opacity': 0.12 } });
  agregar({ id: 'tareas-linea', type: 'line', source: 'tareas', paint: { 'line-width': ['interpolate', ['linear'], ['zoom'], 10, 0.4, 15, 1.4] } });
  agregar({ id: 'area-ribete', type: 'line', source: 'area', paint: { 'line-width': 6, 'line-opacity': 0.8 } });
  agregar({ id: 'area-linea', type: 'line', source: 'area', paint: { 'line-width': 3 } });
  const pintar = () => {
    mapa.setPaintProperty('limite-linea', 'line-color', ficha('tinta-2'));
    mapa.setPaintProperty('area-relleno', 'fill-color', ficha('barro'));
    mapa.setPaintProperty('tareas-linea', 'line-color', ficha('barro'));
    mapa.setPaintProperty('area-ribete', 'line-color', ficha('hoja'));
    mapa.setPaintProperty('area-linea', 'line-color', ficha('barro'));
  };
  pintar();
  alCambiarFondo(pintar);
  const poner = (fuente) => (geojson) => mapa.getSource(fuente).setData(geojson ?? VACIO);
  return {
    limite: poner('limite'),
    area: poner('area'),
    tareas: poner('tareas'),
    ir: ([o, s, e, n]) => mapa.fitBounds([[o, s], [e, n]], { padding: mapa.getContainer().clientHeight > 500 ? { top: 40, right: 72, bottom: 96, left: 40 } : 20, maxZoom: 17, animate: !matchMedia('(prefers-reduced-motion: reduce)').matches }),
  };
}

/**
 * Herramienta para dibujar el área. `alCambiar` recibe un FeatureCollection de polígonos, o null si no queda ninguno.
 * Devuelve { modo(nombre), poner(poligonos), borrar(), apagar() }; los modos son «polygon», «rectangle» y «select» (mover esquinas).
 * `entera`: si arrastrarla por dentro la mueve toda; si no, se mueve el mapa.
 */
export async function dibujarArea({ mapa, ml }, alCambiar, alCambiarModo, { entera = true } = {}) {
  const [draw, { TerraDrawMapLibreGLAdapter }] = await Promise.all([import('terra-draw'), import('terra-draw-maplibre-gl-adapter')]);
  const color = ficha('barro');
  const contorno = { fillColor: color, fillOpacity: 0.12, outlineColor: color, outlineWidth: 3 };
  const movible = { feature: { draggable: entera, coordinates: { midpoints: true, draggable: true, deletable: true } } };
  const lapiz = new draw.TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map: mapa, lib: ml }),
    modes: [
      new draw.TerraDrawPolygonMode({ styles: contorno, pointerDistance: 24 }),
      new draw.TerraDrawRectangleMode({ styles: contorno }),
      new draw.TerraDrawSelectMode({
        flags: { polygon: movible, rectangle: movible },
        pointerDistance: 24,
        styles: {
          selectedPolygonColor: color, selectedPolygonFillOpacity: 0.12, selectedPolygonOutlineColor: color, selectedPolygonOutlineWidth: 3,
          selectionPointColor: color, selectionPointWidth: 7, selectionPointOutlineColor: '#ffffff', selectionPointOutlineWidth: 2,
          midPointColor: '#ffffff', midPointWidth: 5, midPointOutlineColor: color, midPointOutlineWidth: 2,
        },
      }),
    ],
  });
  lapiz.start();
  const partes = () => lapiz.getSnapshot().filter((f) => f.geometry.type === 'Polygon' && ['polygon', 'rectangle'].includes(f.properties.mode));
  const avisar = () => {
    const features = partes().map(({ geometry }) => ({ type: 'Feature', properties: {}, geometry }));
    alCambiar(features.length ? { type: 'FeatureCollection', features } : null);
  };
  const modo = (nombre) => {
    lapiz.setMode(nombre);
    alCambiarModo(nombre);
  };
  lapiz.on('finish', (id, { action }) => {
    avisar();
    // Al cerrar un contorno se pasa a mover sus esquinas: otro toque no empieza uno nuevo sin querer.
    if (action === 'draw') setTimeout(() => { modo('select'); lapiz.selectFeature(id); });
  });
  return {
    modo,
    /** Empieza con estos polígonos (coordenadas GeoJSON), listos para mover sus esquinas. */
    poner(poligonos) {
      const puestos = lapiz.addFeatures(poligonos.map((coordinates) => ({ type: 'Feature', properties: { mode: 'polygon' }, geometry: { type: 'Polygon', coordinates } })));
      avisar();
      modo('select');
      const primero = puestos.find(({ valid }) => valid);
      if (primero) lapiz.selectFeature(primero.id);
    },
    borrar() {
      lapiz.clear();
      avisar();
    },
    apagar: () => lapiz.stop(),
  };
}

/** Sube un archivo (o un dibujo) y devuelve lo que el servidor entendió. Lanza Rechazo o SinRed. */
export async function leerArea(archivo, nombre, campos) {
  const forma = new FormData();
  forma.set('archivo', archivo, nombre);
  for (const [campo, valor] of Object.entries(campos)) if (valor) forma.set(campo, valor);
  const cabeceras = { Accept: 'application/json', 'X-CSRFToken': document.querySelector('meta[name="csrf-token"]')?.content ?? '' };
  const respuesta = await fetch('/api/v1/areas', { method: 'POST', body: forma, headers: cabeceras }).catch(() => { throw new SinRed(); });
  const datos = await respuesta.json().catch(() => ({ detail: _('No se pudo leer el archivo. Inténtalo de nuevo.') }));
  if (!respuesta.ok) throw new Rechazo(respuesta.status, datos);
  return datos;
}

/** Un dibujo como archivo GeoJSON. */
export const comoArchivo = (geojson) => new Blob([JSON.stringify(geojson)], { type: 'application/geo+json' });
