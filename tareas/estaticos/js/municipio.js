// Página de un municipio: su límite y dónde están sus proyectos.
import { h } from './dom.js';
import { alVerse, crearMapa, datosDe } from './mapa_base.js';

const div = document.querySelector('[data-modulo="municipio"]');
const { municipio, proyectos } = datosDe(div);
const ficha = (nombre) => getComputedStyle(document.documentElement).getPropertyValue(`--${nombre}`).trim();
const LIGERA = '?detalle=dibujo';

/** El área de cada proyecto, con su nombre; las que no lleguen se dejan fuera. */
async function areas() {
  const traidas = await Promise.all(proyectos.slice(0, 40).map(async ({ id, nombre }) => {
    const respuesta = await fetch(`/api/v1/proyectos/${id}/area${LIGERA}`).catch(() => null);
    return respuesta?.ok ? { ...(await respuesta.json()), properties: { id, nombre } } : null;
  }));
  return { type: 'FeatureCollection', features: traidas.filter(Boolean) };
}

async function iniciar() {
  const creado = await crearMapa(div, { cooperativo: true });
  if (!creado) return;
  const { mapa, ml, alCambiarFondo } = creado;
  mapa.addSource('limite', { type: 'geojson', data: `/api/v1/municipios/${municipio}/limite${LIGERA}` });
  mapa.addSource('proyectos', { type: 'geojson', data: await areas() });
  mapa.addLayer({ id: 'limite', type: 'line', source: 'limite', paint: { 'line-width': 2.5 } });
  mapa.addLayer({ id: 'proyectos', type: 'fill', source: 'proyectos', paint: { 'fill-opacity': 0.15 } });
  mapa.addLayer({ id: 'proyectos-linea', type: 'line', source: 'proyectos', paint: { 'line-width': 2, 'line-dasharray': [2, 1.5] } });
  const pintar = () => {
    mapa.setPaintProperty('limite', 'line-color', ficha('tinta'));
    mapa.setPaintProperty('proyectos', 'fill-color', ficha('barro'));
    mapa.setPaintProperty('proyectos-linea', 'line-color', ficha('barro'));
  };
  pintar();
  alCambiarFondo(pintar);
  mapa.on('click', 'proyectos', ({ lngLat, features }) => {
    const unicos = new Map(features.map(({ properties: p }) => [p.id, p.nombre]));
    const lista = h('ul', { class: 'sin-vinetas' }, [...unicos].map(([id, nombre]) => h('li', {}, h('a', { href: `/proyectos/${id}` }, nombre))));
    new ml.Popup().setLngLat(lngLat).setDOMContent(lista).addTo(mapa);
  });
  mapa.on('mouseenter', 'proyectos', () => { mapa.getCanvas().style.cursor = 'pointer'; });
  mapa.on('mouseleave', 'proyectos', () => { mapa.getCanvas().style.cursor = ''; });
}

alVerse(div, iniciar);
