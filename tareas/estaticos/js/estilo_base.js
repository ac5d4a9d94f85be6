// Estilo del mapa base: nuestras propias teselas de OpenStreetMap, sin internet, en claro y en oscuro.
import { _ } from './textos.js';

const CLARO = {
  papel: '#f6f2ea', verde: '#dde8d3', bosque: '#cfdfc4', cultivo: '#eeebd3', urbano: '#efe9df', servicio: '#ece3ea', arena: '#f2e8cf',
  agua: '#b5d3e3', orilla: '#8db6cc', edificio: '#dcd2c4', filo: '#bfb2a0', via: '#ffffff', mayor: '#fbe3b8', orla: '#c9beae', senda: '#b19f86', riel: '#8f8a84',
  letra: '#3b4450', halo: '#ffffff', letraAgua: '#2b5d7d', letraServicio: '#6b4a63',
};
const OSCURO = {
  papel: '#1a1f25', verde: '#1f2b24', bosque: '#1c2f25', cultivo: '#262a22', urbano: '#1f242a', servicio: '#27242c', arena: '#2c2a22',
  agua: '#17354a', orilla: '#2a5876', edificio: '#323a43', filo: '#4a545f', via: '#4a545f', mayor: '#6b5c3c', orla: '#12161a', senda: '#6a6455', riel: '#6f767e',
  letra: '#d8d4cb', halo: '#14181d', letraAgua: '#9cc8e3', letraServicio: '#d0b3c9',
};

export const LETRA = 'Atkinson';
export const LETRA_NEGRITA = 'Atkinson negrita';

/** Colores del mapa base. */
export const colores = (oscuro) => (oscuro ? OSCURO : CLARO);

const porZoom = (...paradas) => ['interpolate', ['exponential', 1.6], ['zoom'], ...paradas];

// MapLibre pone la atribución como HTML, y la de un proyecto la escribe una persona.
const comoTexto = (texto) => texto.replace(/[&<>"']/g, (signo) => `&#${signo.charCodeAt(0)};`);

function fuenteDeImagen(imagen) {
  const comun = { type: 'raster', tileSize: 256, maxzoom: imagen.maxzoom ?? 20, minzoom: imagen.minzoom ?? 0, attribution: comoTexto(imagen.atribucion ?? '') };
  const subdominios = imagen.url.match(/\{switch:([^}]+)\}/)?.[1].split(',') ?? ['a'];
  const direccion = imagen.url
    .replaceAll('{zoom}', '{z}')
    .replaceAll('{bbox}', '{bbox-epsg-3857}')
    .replaceAll('{width}', '256')
    .replaceAll('{height}', '256')
    .replaceAll('{proj}', 'EPSG:3857')
    .replaceAll('{wkid}', '3857');
  // las del municipio vienen sin sitio: son de este mismo servidor
  const entera = direccion.startsWith('/') ? location.origin + direccion : direccion;
  const volteada = direccion.includes('{-y}');
  return { ...comun, scheme: volteada ? 'tms' : 'xyz', tiles: subdominios.map((s) => entera.replace(/\{switch:[^}]+\}|\{s\}/g, s).replaceAll('{-y}', '{y}')) };
}

const deTipo = (...tipos) => ['in', ['get', 'tipo'], ['literal', tipos]];
const GRANDES = ['motorway', 'trunk', 'primary', 'motorway_link', 'trunk_link', 'primary_link'];
const MEDIANAS = ['secondary', 'tertiary', 'secondary_link', 'tertiary_link'];
const SENDAS = ['path', 'footway', 'steps', 'cycleway', 'bridleway', 'track', 'pedestrian'];

function capasDeSuelo(c) {
  const base = { source: 'base-osm' };
  return [
    {
      id: 'base-suelo', type: 'fill', ...base, 'source-layer': 'suelo',
      paint: {
        'fill-color': ['match', ['get', 'tipo'],
          ['forest', 'wood', 'orchard', 'scrub', 'mangrove'], c.bosque,
          ['grass', 'meadow', 'park', 'garden', 'pitch', 'playground', 'recreation_ground', 'village_green', 'golf_course', 'cemetery', 'nature_reserve', 'wetland', 'heath', 'grassland'], c.verde,
          ['farmland', 'farm', 'farmyard', 'vineyard', 'plant_nursery'], c.cultivo,
          ['beach', 'sand', 'bare_rock', 'scree'], c.arena,
          ['pedestrian', 'footway', 'apron', 'runway', 'taxiway'], c.via,
          ['school', 'hospital', 'university', 'college', 'clinic', 'kindergarten', 'marketplace', 'place_of_worship'], c.servicio,
          c.urbano],
      },
    },
    { id: 'base-agua', type: 'fill', ...base, 'source-layer': 'agua', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': c.agua, 'fill-outline-color': c.orilla } },
    { id: 'base-rio', type: 'line', ...base, 'source-layer': 'agua', filter: ['==', ['geometry-type'], 'LineString'], layout: { 'line-cap': 'round' }, paint: { 'line-color': c.orilla, 'line-width': porZoom(10, 0.6, 15, ['match', ['get', 'tipo'], ['river', 'canal'], 3.5, 1.5], 19, ['match', ['get', 'tipo'], ['river', 'canal'], 10, 4]) } },
    { id: 'base-edificios', type: 'fill', ...base, 'source-layer': 'edificios', minzoom: 13, paint: { 'fill-color': c.edificio, 'fill-outline-color': c.filo } },
  ];
}

function capasDeVias(c) {
  const vias = { type: 'line', source: 'base-osm', 'source-layer': 'vias' };
  const redondas = { 'line-cap': 'round', 'line-join': 'round' };
  const tren = deTipo('rail', 'light_rail', 'subway', 'tram', 'narrow_gauge', 'monorail', 'funicular', 'preserved');
  const senda = deTipo(...SENDAS);
  const grande = deTipo(...GRANDES);
  const mediana = deTipo(...MEDIANAS);
  const ancho = (f) => porZoom(8, ['case', grande, 0.8 * f, 0.3 * f], 13, ['case', grande, 3.2 * f, mediana, 2.2 * f, 1 * f], 16, ['case', grande, 9 * f, mediana, 7.5 * f, deTipo('service'), 3 * f, 5 * f], 19, ['case', grande, 26 * f, mediana, 23 * f, deTipo('service'), 10 * f, 18 * f]);
  const calle = ['all', ['!', senda], ['!', tren]];
  return [
    { id: 'base-sendas', ...vias, filter: senda, minzoom: 13, paint: { 'line-color': c.senda, 'line-width': porZoom(13, 0.8, 19, 3), 'line-dasharray': [2, 1.4] } },
    { id: 'base-vias-orla', ...vias, filter: calle, layout: redondas, paint: { 'line-color': c.orla, 'line-width': ancho(1.35) } },
    { id: 'base-vias', ...vias, filter: calle, minzoom: 8, layout: { ...redondas, 'line-sort-key': ['case', grande, 2, mediana, 1, 0] }, paint: { 'line-color': ['case', grande, c.mayor, c.via], 'line-width': ancho(1) } },
    { id: 'base-riel', ...vias, filter: tren, paint: { 'line-color': c.riel, 'line-width': porZoom(10, 0.8, 19, 4), 'line-dasharray': [4, 1.5] } },
  ];
}

function capasDeServicios(c) {
  const servicios = { source: 'base-osm', 'source-layer': 'servicios', filter: ['has', 'nombre'] };
  return [
    { id: 'base-punto-servicio', type: 'circle', ...servicios, minzoom: 16, paint: { 'circle-radius': 3, 'circle-color': c.letraServicio, 'circle-stroke-color': c.halo, 'circle-stroke-width': 1.5 } },
    { id: 'base-nombre-servicio', type: 'symbol', ...servicios, minzoom: 16, layout: { 'text-field': ['get', 'nombre'], 'text-font': [LETRA], 'text-size': 12, 'text-anchor': 'top', 'text-offset': [0, 0.4], 'text-max-width': 8, 'text-optional': true }, paint: { 'text-color': c.letraServicio, 'text-halo-color': c.halo, 'text-halo-width': 1.6 } },
  ];
}

function letreros(c) {
  const halo = { 'text-halo-color': c.halo, 'text-halo-width': 1.6 };
  const nombrado = ['has', 'nombre'];
  return [
    { id: 'base-nombre-agua', type: 'symbol', source: 'base-osm', 'source-layer': 'agua', minzoom: 13, filter: ['all', nombrado, ['==', ['geometry-type'], 'LineString']], layout: { 'symbol-placement': 'line', 'text-field': ['get', 'nombre'], 'text-font': [LETRA], 'text-size': 13 }, paint: { ...halo, 'text-color': c.letraAgua } },
    { id: 'base-nombre-vias', type: 'symbol', source: 'base-osm', 'source-layer': 'vias', minzoom: 14, filter: nombrado, layout: { 'symbol-placement': 'line', 'text-field': ['get', 'nombre'], 'text-font': [LETRA], 'text-size': porZoom(14, 11, 18, 15), 'symbol-spacing': 320 }, paint: { ...halo, 'text-color': c.letra } },
    { id: 'base-nombre-lugares', type: 'symbol', source: 'base-osm', 'source-layer': 'lugares', filter: nombrado, layout: { 'text-field': ['get', 'nombre'], 'text-font': ['match', ['get', 'tipo'], ['city', 'town', 'village', 'suburb'], ['literal', [LETRA_NEGRITA]], ['literal', [LETRA]]], 'text-size': ['match', ['get', 'tipo'], 'city', 18, 'town', 16, ['village', 'suburb'], 14, 12], 'text-max-width': 8 }, paint: { ...halo, 'text-color': c.letra } },
  ];
}

/**
 * Estilo de MapLibre del fondo.
 *
 * plantilla: dirección de las teselas base con {z}/{x}/{y}, o null si no hay datos (queda el papel solo).
 * imagen: capa de imagen elegida, o null. Sobre una imagen sólo se dibujan los letreros.
 * letra, letraNegrita: direcciones de los archivos de letra; MapLibre dibuja con ellos, sin pedir glifos a nadie.
 */
export function estiloBase({ plantilla, oscuro = false, imagen = null, letra, letraNegrita }) {
  const c = colores(oscuro && !imagen);
  const fuentes = {};
  if (plantilla) {
    fuentes['base-osm'] = {
      type: 'vector', tiles: [new URL(plantilla, location.origin).href.replaceAll('%7B', '{').replaceAll('%7D', '}')], maxzoom: 16,
      attribution: `© <a href="https://www.openstreetmap.org/copyright">${_('colaboradores de OpenStreetMap')}</a>`,
    };
  }
  if (imagen) fuentes['base-imagen'] = fuenteDeImagen(imagen);
  return {
    version: 8,
    sources: fuentes,
    'font-faces': { [LETRA]: [{ url: new URL(letra, location.origin).href }], [LETRA_NEGRITA]: [{ url: new URL(letraNegrita, location.origin).href }] },
    layers: [
      { id: 'base-papel', type: 'background', paint: { 'background-color': c.papel } },
      ...(imagen ? [{ id: 'base-imagen', type: 'raster', source: 'base-imagen' }] : []),
      ...(plantilla && !imagen ? [...capasDeSuelo(c), ...capasDeVias(c)] : []),
      ...(plantilla && !imagen ? capasDeServicios(c) : []),
      ...(plantilla ? letreros(c) : []),
    ],
  };
}
