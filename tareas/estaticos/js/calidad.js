// Calidad de los datos de un municipio: sus hallazgos en el mapa, juntos de lejos y con su figura de cerca.
import { _, n_ } from './textos.js';
import { h } from './dom.js';
import { alVerse, bajoLetreros, crearMapa, datosDe } from './mapa_base.js';
import { nivelDe, objetosEnlazados, ponerFiguras } from './niveles_hallazgo.js';

const LIMITE = 2000; // por pregunta, el de la API
const ESPERA_MS = 250;
const div = document.querySelector('[data-modulo="calidad"]');
const { municipio, filtro, niveles, web } = datosDe(div);
const dicho = document.getElementById('en-el-mapa');
const VACIO = { type: 'FeatureCollection', features: [] };

async function traer(caja) {
  const pedido = new URLSearchParams({ limite: LIMITE, caja: caja.map((g) => g.toFixed(6)).join(',') });
  if (filtro.codigo) pedido.set('codigo', filtro.codigo);
  if (filtro.nivel) pedido.set('nivel', filtro.nivel);
  const respuesta = await fetch(`/api/v1/municipios/${municipio}/hallazgos?${pedido}`, { headers: { Accept: 'application/json' } });
  if (!respuesta.ok) throw new Error(_('No llegaron los hallazgos. Mueve el mapa para intentarlo de nuevo.'));
  return respuesta.json();
}

function globo({ nivel, titulo, mensaje, arreglo, objetos, codigo }) {
  return h('div', { class: 'globo-hallazgo' }, h('p', {}, nivelDe(nivel, niveles[nivel])), h('p', {}, h('strong', {}, titulo)), h('p', {}, mensaje), h('p', { class: 'chica' }, arreglo),
    h('p', { class: 'chica' }, objetosEnlazados(objetos, web), ' · ', h('a', { href: `/calidad/reglas#${codigo}` }, _('Por qué importa'))));
}

function ponerCapas(mapa) {
  const antes = bajoLetreros(mapa);
  ponerFiguras(mapa);
  mapa.addSource('limite', { type: 'geojson', data: `/api/v1/municipios/${municipio}/limite?detalle=dibujo` });
  mapa.addLayer({ id: 'limite', type: 'line', source: 'limite', paint: { 'line-width': 2, 'line-color': getComputedStyle(document.documentElement).getPropertyValue('--tinta-2').trim() } }, antes);
  mapa.addSource('hallazgos', { type: 'geojson', data: VACIO, cluster: true, clusterRadius: 44, clusterMaxZoom: 16 });
  mapa.addLayer({ id: 'grupos', type: 'circle', source: 'hallazgos', filter: ['has', 'point_count'], paint: { 'circle-color': '#1f2a37', 'circle-radius': ['step', ['get', 'point_count'], 15, 50, 19, 500, 24], 'circle-stroke-color': '#fff', 'circle-stroke-width': 2.5 } });
  mapa.addLayer({ id: 'grupos-cuenta', type: 'symbol', source: 'hallazgos', filter: ['has', 'point_count'], layout: { 'text-field': ['get', 'point_count_abbreviated'], 'text-font': ['Atkinson negrita'], 'text-size': 13, 'text-allow-overlap': true }, paint: { 'text-color': '#fff' } });
  mapa.addLayer({ id: 'sueltos', type: 'symbol', source: 'hallazgos', filter: ['!', ['has', 'point_count']], layout: { 'icon-image': ['concat', 'hallazgo-', ['get', 'nivel']], 'icon-allow-overlap': true, 'icon-size': 0.9 } });
}

async function iniciar() {
  const creado = await crearMapa(div, { cooperativo: true });
  if (!creado) return;
  const { mapa, ml } = creado;
  ponerCapas(mapa);
  let vuelta = 0;
  const llenar = async () => {
    vuelta += 1;
    const mia = vuelta;
    const lados = mapa.getBounds();
    // De muy lejos, el mapa da la vuelta al mundo.
    const caja = [Math.max(-180, lados.getWest()), Math.max(-90, lados.getSouth()), Math.min(180, lados.getEast()), Math.min(90, lados.getNorth())];
    try {
      const { features, siguiente } = await traer(caja);
      if (mia !== vuelta) return;
      mapa.getSource('hallazgos').setData({ type: 'FeatureCollection', features: features.map(({ properties: p }) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: p.lugar }, properties: { nivel: p.nivel, dicho: JSON.stringify(p) } })) });
      dicho.textContent = siguiente ? _('En esta vista hay más de %(n)s: acércate para verlos todos.', { n: LIMITE }) : n_('%(n)s en esta vista del mapa.', '%(n)s en esta vista del mapa.', features.length);
      div.dataset.hallazgos = features.length;
    } catch (error) {
      if (mia === vuelta) dicho.textContent = error.message;
    }
  };
  let espera = 0;
  mapa.on('moveend', () => {
    clearTimeout(espera);
    espera = setTimeout(llenar, ESPERA_MS);
  });
  mapa.on('click', 'sueltos', ({ features: [{ geometry, properties }] }) => new ml.Popup({ offset: 14, maxWidth: '18rem' }).setLngLat(geometry.coordinates).setDOMContent(globo(JSON.parse(properties.dicho))).addTo(mapa));
  mapa.on('click', 'grupos', async ({ features: [grupo] }) => {
    const zoom = await mapa.getSource('hallazgos').getClusterExpansionZoom(grupo.properties.cluster_id);
    mapa.easeTo({ center: grupo.geometry.coordinates, zoom });
  });
  for (const capa of ['sueltos', 'grupos']) {
    mapa.on('mouseenter', capa, () => { mapa.getCanvas().style.cursor = 'pointer'; });
    mapa.on('mouseleave', capa, () => { mapa.getCanvas().style.cursor = ''; });
  }
  document.querySelectorAll('[data-ver]').forEach((boton) => {
    boton.hidden = false;
    boton.addEventListener('click', () => {
      div.scrollIntoView({ block: 'center' });
      mapa.jumpTo({ center: boton.dataset.ver.split(',').map(Number), zoom: 18.5 });
    });
  });
  await llenar();
}

alVerse(div, iniciar);
