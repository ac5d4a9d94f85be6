// Lo que saldría de una división, dicho con palabras, y dos maneras lado a lado.
import { _, n_, numero } from './textos.js';
import { h } from './dom.js';

/** «2.4 km²» o «3,200 m²». */
export function superficie(m2) {
  if (m2 >= 100000) return _('%(n)s km²', { n: numero(m2 / 1e6, m2 < 1e7 ? 2 : 1) });
  return _('%(n)s m²', { n: numero(m2) });
}

/** Lado de un cuadro de esa superficie: «80» o «330». Igual que el filtro `lado` de las páginas. */
export function lado(m2) {
  const metros = Math.sqrt(m2);
  return numero(metros >= 100 ? Math.round(metros / 10) * 10 : metros);
}

/** «34 km» o «820 m». */
export const distancia = (m) => (m >= 1000 ? _('%(n)s km', { n: numero(m / 1000, m < 1e4 ? 1 : 0) }) : _('%(n)s m', { n: numero(m) }));

const NOMBRES = {
  cuadros: (d) => _('Cuadros de %(lado)s m', { lado: numero(d.lado_m) }),
  hexagonos: (d) => _('Hexágonos de %(lado)s m por lado', { lado: numero(d.lado_m) }),
  mercator: (d) => _('Cuadros web, zoom %(zoom)s', { zoom: d.zoom }),
  poligonos: () => _('Polígonos propios'),
};

/** «Cuadros de 200 m». */
export const nombreDeDivision = (division) => NOMBRES[division.tipo](division);

/** Cuántas personas durante cuántos días: un grupo que termina en un par de semanas, a lo más. */
function ejemplo(personasDia) {
  if (personasDia <= 2) return _('una persona lo termina en un par de días');
  const personas = [5, 10, 20, 40, 80].find((p) => personasDia / p <= 10) ?? 100;
  const dias = Math.ceil(personasDia / personas);
  return n_('%(personas)s personas lo terminan en %(n)s día', '%(personas)s personas lo terminan en %(n)s días', dias, { personas });
}

function fraseDeTareas({ tareas_total: total, area_por_tarea_m2: area }) {
  return h('p', { class: 'cifra-grande' }, h('strong', {}, numero(total)), ' ', total === 1 ? _('tarea') : _('tareas'),
    h('span', { class: 'suave' }, ' ', _('de unos %(lado)s m de lado (%(area)s; la mayor, %(mayor)s)', { lado: lado(area.promedio), area: superficie(area.promedio), mayor: superficie(area.maximo) })));
}

const promedio = ({ promedio: n }) => numero(n, n < 10 ? 1 : 0);

function fraseDeOsm({ edificios, metros_vias: vias }) {
  if (!edificios) return h('p', {}, _('No tenemos datos de OpenStreetMap de este lugar, así que no se sabe qué hay ya dibujado.'));
  const tipica = edificios.por_tarea;
  return h('p', {}, _('En OpenStreetMap ya hay'), ' ', h('strong', {}, n_('%(n)s edificio', '%(n)s edificios', edificios.total)), ' ', _('y'), ' ',
    h('strong', {}, _('%(distancia)s de calles', { distancia: distancia(vias.total) })), '. ',
    _('En promedio, %(n)s edificios por tarea (hasta %(maximo)s) y %(calles)s de calle.', { n: promedio(tipica), maximo: numero(tipica.maximo), calles: distancia(vias.por_tarea.promedio) }));
}

function fraseDeTrabajo({ trabajo }) {
  const s = trabajo.supuestos;
  const esperados = trabajo.edificios_esperados === null
    ? _('No sabemos cuántos edificios faltan: sólo cuenta revisar lo que ya hay.')
    : `${_('Suponemos %(n)s edificios en total, por los habitantes del municipio (%(personas)s por vivienda)', { n: numero(trabajo.edificios_esperados), personas: s.personas_por_vivienda })} ${trabajo.reparto === 'edificios' ? _('y la parte de los edificios ya dibujados que cae en el área.') : _('y la parte de su superficie que abarca el área.')}`;
  return [
    h('p', { class: 'cifra-grande' }, _('Unas'), ' ', h('strong', {}, numero(trabajo.personas_dia, trabajo.personas_dia < 10 ? 1 : 0)), ' ', _('personas-día de trabajo'),
      h('span', { class: 'suave' }, ': ', ejemplo(trabajo.personas_dia), '. ', _('Cada tarea toma unos %(n)s minutos.', { n: numero(trabajo.minutos_por_tarea) }))),
    h('details', { class: 'como-se-calcula' }, h('summary', {}, _('Cómo se calcula')),
      h('p', {}, esperados, ' ', _('Cada tarea lleva %(tarea)s minutos de abrir, revisar y entregar; cada edificio nuevo, %(nuevo)s segundos; revisar uno que ya está, %(viejo)s; cada km de calle, %(km)s minutos. Validar suma %(validar)s\u00a0%%. Un día son %(horas)s horas. Es una estimación: el avance real la corrige.', {
        tarea: s.minutos_por_tarea, nuevo: s.segundos_por_edificio_nuevo, viejo: s.segundos_por_edificio_existente, km: s.minutos_por_km_de_calle, validar: numero(100 * s.parte_de_validacion), horas: s.horas_por_persona_dia,
      }))),
  ];
}

/** La vista previa con palabras. */
export function contar(previa) {
  return [
    fraseDeTareas(previa),
    fraseDeOsm(previa),
    ...fraseDeTrabajo(previa),
    ...previa.avisos.map((a) => h('p', { class: 'suave chica' }, a.mensaje)),
    !previa.tareas && h('p', { class: 'suave chica' }, _('Son demasiadas para dibujarlas antes de guardar; aquí se ve sólo el área.')),
  ].filter(Boolean);
}

const RENGLONES = () => [
  [_('Tareas'), (p) => numero(p.tareas_total)],
  [_('Tamaño típico'), (p) => superficie(p.area_por_tarea_m2.promedio)],
  [_('La mayor'), (p) => superficie(p.area_por_tarea_m2.maximo)],
  [_('Edificios por tarea'), (p) => (p.edificios ? _('%(n)s (hasta %(maximo)s)', { n: promedio(p.edificios.por_tarea), maximo: numero(p.edificios.por_tarea.maximo) }) : '—')],
  [_('Minutos por tarea'), (p) => numero(p.trabajo.minutos_por_tarea)],
  [_('Personas-día'), (p) => numero(p.trabajo.personas_dia, 1)],
];

/** Tabla que compara la manera guardada con la que se ve; cada encabezado elige la suya. */
export function comparar(guardada, actual, alElegir, alQuitar) {
  const encabezado = (p, letra, elegir) => h('th', { scope: 'col' }, h('span', { class: 'letra' }, letra), ' ', nombreDeDivision(p.division), elegir && h('button', { type: 'button', class: 'boton secundario', onclick: elegir }, _('Usar ésta')));
  return h('section', { class: 'comparacion', 'aria-label': _('Comparación de dos maneras') },
    h('table', {},
      h('thead', {}, h('tr', {}, h('td', {}), encabezado(guardada, 'A', alElegir), encabezado(actual, 'B', null))),
      h('tbody', {}, RENGLONES().map(([nombre, valor]) => h('tr', {}, h('th', { scope: 'row' }, nombre), h('td', {}, valor(guardada)), h('td', {}, valor(actual)))))),
    h('button', { type: 'button', class: 'boton discreto', onclick: alQuitar }, _('Quitar la A')));
}
