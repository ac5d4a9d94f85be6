// Inicio: los proyectos sobre el mapa. La lista de abajo dice lo mismo y funciona sin mapa.
import { _, n_, numero } from './textos.js';
import { h } from './dom.js';
import { alVerse, crearMapa, datosDe } from './mapa_base.js';
import { aspectos } from './patrones.js';

const div = document.querySelector('[data-modulo="explorar"]');
// Con un filtro que no se entiende no hay mapa.
const { proyectos = [] } = div ? datosDe(div) : {};
const NIVELES = 10;

const centro = ([oeste, sur, este, norte]) => [(oeste + este) / 2, (sur + norte) / 2];

function cajaDeTodos() {
  const cajas = proyectos.map((p) => p.caja);
  return [0, 1].map((i) => Math.min(...cajas.map((c) => c[i]))).concat([2, 3].map((i) => Math.max(...cajas.map((c) => c[i]))));
}

function geojson(figura) {
  return {
    type: 'FeatureCollection',
    features: proyectos.map((p) => ({
      type: 'Feature',
      id: p.id,
      geometry: figura(p),
      properties: { id: p.id, nombre: p.nombre, marca: `avance-${Math.round(p.avance.validado * NIVELES)}-${Math.round(p.avance.mapeado * NIVELES)}` },
    })),
  };
}

const punto = (p) => ({ type: 'Point', coordinates: centro(p.caja) });
const rectangulo = ({ caja: [o, s, e, n] }) => ({ type: 'Polygon', coordinates: [[[o, s], [e, s], [e, n], [o, n], [o, s]]] });

/** Un cuadro que se va llenando: lo validado lleno, lo mapeado a rayas. */
function dibujarMarca(validado, mapeado, fondo) {
  const [lado, orilla] = [60, 8];
  const lienzo = Object.assign(document.createElement('canvas'), { width: lado, height: lado });
  const pincel = lienzo.getContext('2d');
  const aspecto = aspectos(fondo);
  const alto = lado - 2 * orilla;
  const nivel = (n) => orilla + alto - (alto * n) / NIVELES;
  pincel.fillStyle = fondo === 'oscuro' ? '#0e1115' : '#fff';
  pincel.fillRect(0, 0, lado, lado);
  pincel.fillStyle = aspecto.mapeada.tinte;
  pincel.fillRect(orilla, nivel(mapeado), alto, (alto * mapeado) / NIVELES);
  pincel.fillStyle = aspecto.validada.color;
  pincel.fillRect(orilla, nivel(validado), alto, (alto * validado) / NIVELES);
  pincel.strokeStyle = fondo === 'oscuro' ? '#eae6de' : '#1f2a37';
  pincel.lineWidth = 5;
  pincel.strokeRect(orilla - 1, orilla - 1, alto + 2, alto + 2);
  return pincel.getImageData(0, 0, lado, lado);
}

function ponerMarcas(mapa, fondo) {
  for (const p of proyectos) {
    const [validado, mapeado] = [Math.round(p.avance.validado * NIVELES), Math.round(p.avance.mapeado * NIVELES)];
    const nombre = `avance-${validado}-${mapeado}`;
    const imagen = dibujarMarca(validado, mapeado, fondo);
    if (mapa.hasImage(nombre)) mapa.updateImage(nombre, imagen);
    else mapa.addImage(nombre, imagen, { pixelRatio: 2 });
  }
}

function globo(p) {
  const barra = h('span', { class: 'barra', 'aria-hidden': 'true' }, h('i', {}));
  barra.firstChild.style.width = `${100 * p.avance.validado}%`;
  return h('div', { class: 'globo-proyecto' },
    h('p', { class: 'suave chica' }, p.lugar),
    h('h3', {}, h('a', { href: `/proyectos/${p.id}` }, p.nombre)),
    barra,
    h('p', { class: 'chica' }, _('%(parte)s\u00a0%% validado', { parte: numero(100 * p.avance.validado) }), ' · ', n_('%(n)s tarea', '%(n)s tareas', p.tareas)));
}

function ponerCapas(mapa, fondo) {
  const barro = fondo === 'oscuro' ? '#e08a5b' : '#a4471f';
  const halo = fondo === 'oscuro' ? '#14181d' : '#fff';
  mapa.addSource('areas', { type: 'geojson', data: geojson(rectangulo) });
  mapa.addSource('puntos', { type: 'geojson', data: geojson(punto), cluster: true, clusterRadius: 36, clusterMaxZoom: 12 });
  mapa.addLayer({ id: 'areas-linea', type: 'line', source: 'areas', paint: { 'line-color': barro, 'line-width': 2, 'line-dasharray': [2, 1.5] } });
  mapa.addLayer({ id: 'grupos', type: 'circle', source: 'puntos', filter: ['has', 'point_count'], paint: { 'circle-color': barro, 'circle-radius': 17, 'circle-stroke-color': halo, 'circle-stroke-width': 3 } });
  mapa.addLayer({ id: 'grupos-cuenta', type: 'symbol', source: 'puntos', filter: ['has', 'point_count'], layout: { 'text-field': ['get', 'point_count_abbreviated'], 'text-font': ['Atkinson negrita'], 'text-size': 15, 'text-allow-overlap': true }, paint: { 'text-color': halo } });
  mapa.addLayer({ id: 'proyectos', type: 'symbol', source: 'puntos', filter: ['!', ['has', 'point_count']], layout: { 'icon-image': ['get', 'marca'], 'icon-allow-overlap': true } });
}

async function iniciarMapa() {
  const opciones = proyectos.length ? { bounds: cajaDeTodos(), fitBoundsOptions: { padding: { top: 32, right: 72, bottom: 48, left: 40 }, maxZoom: 14 } } : {};
  const creado = await crearMapa(div, { cooperativo: true, ...opciones });
  if (!creado || !proyectos.length) return;
  const { mapa, ml, fondo, alCambiarFondo } = creado;
  ponerMarcas(mapa, fondo());
  ponerCapas(mapa, fondo());
  alCambiarFondo((nuevo) => ponerMarcas(mapa, nuevo));
  mapa.on('click', 'proyectos', ({ features: [{ properties, geometry }] }) => {
    new ml.Popup({ offset: 16 }).setLngLat(geometry.coordinates).setDOMContent(globo(proyectos.find((p) => p.id === properties.id))).addTo(mapa);
  });
  mapa.on('click', 'grupos', async ({ features: [grupo] }) => {
    const zoom = await mapa.getSource('puntos').getClusterExpansionZoom(grupo.properties.cluster_id);
    mapa.easeTo({ center: grupo.geometry.coordinates, zoom });
  });
  for (const capa of ['proyectos', 'grupos']) {
    mapa.on('mouseenter', capa, () => { mapa.getCanvas().style.cursor = 'pointer'; });
    mapa.on('mouseleave', capa, () => { mapa.getCanvas().style.cursor = ''; });
  }
  // La tarjeta de la que se habla se enciende al pasar por su punto.
  const tarjeta = (id) => document.querySelector(`.tarjeta[data-proyecto="${id}"]`);
  mapa.on('mousemove', 'proyectos', ({ features: [{ properties }] }) => tarjeta(properties.id)?.classList.add('senalada'));
  mapa.on('mouseleave', 'proyectos', () => document.querySelectorAll('.tarjeta.senalada').forEach((t) => t.classList.remove('senalada')));
}

// En pantallas anchas caben todos los filtros.
if (matchMedia('(min-width: 60rem)').matches) document.querySelectorAll('.mas-filtros').forEach((d) => { d.open = true; });
if (div) alVerse(div, iniciarMapa);
