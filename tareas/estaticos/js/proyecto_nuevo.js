// Crear un proyecto en cuatro pasos: municipio, área, tareas y textos; o cambiar el área y la división de un borrador en los
// tres primeros. El mapa y los números siguen a lo que se elige.
import { _, n_, numero } from './textos.js';
import { api } from './api.js';
import { aviso, boton, h, icono } from './dom.js';
import { crearMapa } from './mapa_base.js';
import { cajaDe, comoArchivo, dibujarArea, leerArea, ponerCapas } from './area.js';
import { comparar, contar, distancia, nombreDeDivision, superficie } from './previa.js';
import { iniciarDonde } from './donde_se_edita.js';
import { iniciarImagenes } from './imagenes.js';

const ESPERA_MS = 450;
const asistente = document.getElementById('asistente');
const forma = document.getElementById('forma-nuevo');
const $ = (selector) => asistente.querySelector(selector);
/** El borrador que se cambia, o null si se crea uno: { id, version, municipio, division, todo, caja }. */
const borrador = JSON.parse(asistente.dataset.borrador ?? 'null');
const PASOS = borrador ? 3 : 4;
const anunciar = (texto) => { $('[data-anuncio]').textContent = texto; };

const estado = { municipio: null, origen: borrador ? 'actual' : 'todo', area: null, entendido: null, reparar: false, poligonos: null, previa: null, guardada: null };
let paso = 1;
let visto = 1;
let capas = null;
let creado = null;
let lapiz = null;
const imagenes = borrador ? null : iniciarImagenes($('[data-imagenes]'));
const donde = borrador ? null : iniciarDonde($('[data-donde-se-edita]'));

function demorar(hacer, ms) {
  let reloj;
  return (...argumentos) => {
    clearTimeout(reloj);
    reloj = setTimeout(() => hacer(...argumentos), ms);
  };
}

// --- Problemas --------------------------------------------------------------------------------------------------------

/** Dice un problema arriba del paso; si el servidor ofrece un arreglo, lo propone. */
function decir(error, ...acciones) {
  $('[data-problema]').replaceChildren(...(error ? [aviso('error', error.message ?? error, ...acciones)] : []));
  if (error) $('[data-problema]').scrollIntoView({ block: 'nearest' });
}

// --- Pasos ------------------------------------------------------------------------------------------------------------

const listo = {
  1: () => Boolean(estado.municipio),
  2: () => ['todo', 'actual'].includes(estado.origen) || Boolean(estado.area),
  3: () => Boolean(estado.previa),
};
const falta = {
  1: () => _('Elige un municipio para seguir.'),
  2: () => (estado.origen === 'dibujo' ? _('Dibuja el área en el mapa para seguir.') : _('Sube el archivo con el área para seguir.')),
  3: () => _('Elige una división que se pueda hacer para seguir.'),
};

function ir(nuevo, enfocar = true) {
  for (let p = 1; p < nuevo; p += 1) {
    if (!listo[p]()) {
      decir(falta[p]());
      if (p !== paso) ir(p);
      return;
    }
  }
  decir(null);
  paso = nuevo;
  visto = Math.max(visto, nuevo);
  asistente.dataset.paso = nuevo;
  for (let p = 1; p <= PASOS; p += 1) document.getElementById(`paso-${p}`).hidden = p !== nuevo;
  pintarPasos();
  $('[data-atras]').hidden = nuevo === 1;
  $('[data-siguiente]').hidden = nuevo === PASOS;
  $('[data-guardar]').hidden = nuevo !== PASOS;
  if (!borrador) $('[data-publicar]').hidden = nuevo !== PASOS;
  if (lapiz && nuevo !== 2) lapiz.modo('select');
  if (nuevo > 1 && !estado.area) capas?.area(areaDeOrigen());
  capas?.tareas(nuevo >= 3 ? estado.previa?.tareas : null);
  if (nuevo === 3) alLlegarATareas();
  if (nuevo === 4) alLlegarATextos();
  creado?.mapa.resize();
  if (enfocar) {
    document.getElementById(`t-paso-${nuevo}`).focus({ preventScroll: true });
    asistente.querySelector('.asistente-hoja').scrollTop = 0;
    if (matchMedia('(max-width: 59.99rem)').matches) $('.pasos-asistente').scrollIntoView();
  }
}

function pintarPasos() {
  for (const b of asistente.querySelectorAll('[data-ir]')) {
    const n = Number(b.dataset.ir);
    b.disabled = n > visto;
    if (n === paso) b.setAttribute('aria-current', 'step');
    else b.removeAttribute('aria-current');
    b.classList.toggle('hecho', n < paso);
  }
}

/** Lo que dependía de algo que cambió ya no vale. */
function olvidarDesde(p) {
  if (p <= 1) Object.assign(estado, { area: null, entendido: null, poligonos: null });
  if (p <= 2) {
    estado.previa = null;
    quitarComparacion();
    $('[data-previa]').replaceChildren();
  }
  visto = Math.min(visto, p);
  pintarPasos();
}

// --- Paso 1: municipio --------------------------------------------------------------------------------------------------

async function elegirMunicipio(id) {
  try {
    const municipio = await api('GET', `/municipios/${id}`);
    if (estado.municipio?.id !== municipio.id) olvidarDesde(1);
    estado.municipio = municipio;
    if (borrador) ofrecerLaActual(municipio.id === borrador.municipio);
    imagenes?.ofrecerDe(municipio.id);
    donde?.municipio(municipio.id);
    decir(null);
    dibujarMunicipio();
  } catch (error) {
    decir(error);
  }
}

/** El área de un borrador es de su municipio: con otro, ya no se ofrece. */
function ofrecerLaActual(puede) {
  $('[data-actual]').hidden = !puede;
  if (puede || estado.origen !== 'actual') return;
  forma.elements.origen.value = 'todo';
  cambiarOrigen('todo');
}

/** Lo que el mapa muestra como área si no se dibujó ni subió otra. */
const areaDeOrigen = () => ({ todo: limite(), actual: borrador && `/api/v1/proyectos/${borrador.id}/area` })[estado.origen] ?? null;

const limite = () => `/api/v1/municipios/${estado.municipio.id}/limite?detalle=dibujo`;

function dibujarMunicipio() {
  const { nombre, entidad, area_m2: area, poblacion } = estado.municipio;
  const datos = [superficie(area), poblacion !== null && n_('%(n)s habitante', '%(n)s habitantes', poblacion)].filter(Boolean).join(' · ');
  // El que ya está marcado en la lista no se dice dos veces.
  const enLista = forma.querySelector('[name="municipio"]:checked')?.value === String(estado.municipio.id);
  if (enLista) $('[data-municipio]').replaceChildren();
  else $('[data-municipio]').replaceChildren(h('p', { class: 'elegido' }, h('strong', {}, nombre), entidad && `, ${entidad}`, h('br'), h('span', { class: 'suave' }, datos)));
  if (!capas) return;
  capas.limite(limite());
  capas.area(estado.area ?? (paso > 1 ? areaDeOrigen() : null));
  capas.ir(borrador && estado.origen === 'actual' ? borrador.caja : estado.municipio.caja);
}

const buscar = demorar(async (texto) => {
  const lugar = $('[data-hallados]');
  if (texto.trim().length < 2) { lugar.replaceChildren(); return; }
  try {
    const { municipios, total } = await api('GET', `/municipios?limite=8&texto=${encodeURIComponent(texto.trim())}`);
    if ($('[name="buscar_municipio"]').value !== texto) return;
    lugar.replaceChildren(
      h('p', { class: 'suave chica' }, total ? n_('%(n)s municipio', '%(n)s municipios', total) : _('Ningún municipio se llama así. Revisa cómo se escribe.')),
      h('ul', { class: 'sin-vinetas' }, municipios.map((m) => h('li', {}, h('button', { type: 'button', onclick: () => hallado(m) }, h('strong', {}, m.nombre), m.entidad && `, ${m.entidad}`, ' ', h('span', { class: 'suave' }, m.clave))))));
  } catch (error) {
    decir(error);
  }
}, 250);

async function hallado(m) {
  $('[name="buscar_municipio"]').value = m.nombre;
  $('[data-hallados]').replaceChildren();
  await elegirMunicipio(m.id);
  $('[data-siguiente]').focus();
}

// --- Paso 2: área -------------------------------------------------------------------------------------------------------

async function cambiarOrigen(origen) {
  estado.origen = origen;
  estado.area = null;
  olvidarDesde(2);
  decir(null);
  entender(null);
  capas?.area(areaDeOrigen());
  for (const parte of asistente.querySelectorAll('[data-con]')) parte.hidden = parte.dataset.con !== origen;
  if (origen !== 'dibujo') {
    lapiz?.apagar();
    lapiz = null;
  } else if (creado) {
    lapiz = await dibujarArea(creado, alDibujar, pintarHerramientas);
    lapiz.modo('polygon');
    if (borrador && estado.municipio.id === borrador.municipio) await empezarConLaActual();
    $('.asistente-mapa').scrollIntoView({ block: 'nearest' });
  } else {
    decir(_('Este navegador no puede dibujar mapas. Usa todo el municipio o sube un archivo.'));
  }
}

const ESQUINAS_QUE_SE_MUEVEN = 200;

/** Si el área que ya tiene el borrador es sencilla, se dibuja para mover sus esquinas en lugar de empezar de nada. */
async function empezarConLaActual() {
  const { geometry } = await api('GET', `/proyectos/${borrador.id}/area`);
  const partes = geometry.coordinates;
  if (partes.some((anillos) => anillos.length > 1) || partes.flat(2).length > ESQUINAS_QUE_SE_MUEVEN || estado.origen !== 'dibujo') return;
  lapiz.poner(partes);
}

function pintarHerramientas(modo) {
  for (const b of asistente.querySelectorAll('[data-dibujar]')) b.setAttribute('aria-pressed', String(b.dataset.dibujar === modo));
}

function alDibujar(geojson) {
  olvidarDesde(2);
  estado.area = null;
  if (geojson) leer(comoArchivo(geojson), 'dibujo.geojson', { dibujo: true });
  else entender(null);
}

let pedido = 0;

/** Pide al servidor que lea un archivo o un dibujo y dice qué entendió. */
async function leer(archivo, nombre, { dibujo = false, ...campos } = {}) {
  pedido += 1;
  const mio = pedido;
  const lugar = $('[data-entendido]');
  lugar.replaceChildren(h('p', { class: 'suave' }, _('Leyendo…')));
  try {
    const leida = await leerArea(archivo, nombre, { municipio: estado.municipio.clave, ...campos });
    if (mio !== pedido) return;
    estado.area = leida.area;
    decir(null);
    entender(leida);
    if (!dibujo) {
      capas?.area(leida.area);
      capas?.ir(cajaDe(leida.area));
    }
  } catch (error) {
    if (mio !== pedido) return;
    estado.area = null;
    entender(null);
    decir(error, ...arreglos(error, (mas) => leer(archivo, nombre, { dibujo, ...campos, ...mas })));
  }
}

/** Lo que se puede hacer con un archivo rechazado: arreglarlo, elegir una capa o decir su sistema de coordenadas. */
function arreglos({ codigo, datos }, otraVez) {
  if (datos.reparable) return [datos.arreglo && h('p', {}, datos.arreglo), boton(_('Arreglarlo y seguir'), () => otraVez({ reparar: 'true' }), { tipo: 'secundario' })];
  if (codigo === 'varias_capas') return datos.capas.map((capa) => boton(capa, () => otraVez({ capa }), { tipo: 'secundario' }));
  if (codigo?.startsWith('falta_sistema')) {
    const campo = h('input', { 'aria-label': _('Sistema de coordenadas'), placeholder: 'EPSG:32614', maxlength: 40 });
    return [h('div', { class: 'fila' }, campo, boton(_('Leerlo así'), () => otraVez({ crs: campo.value.trim() }), { tipo: 'secundario' }))];
  }
  return [];
}

function entender(leida) {
  estado.entendido = leida;
  if (!leida) { $('[data-entendido]').replaceChildren(); return; }
  const partes = [superficie(leida.area_m2)];
  if (leida.partes > 1) partes.push(n_('%(n)s parte', '%(n)s partes', leida.partes));
  if (leida.edificios !== null) partes.push(n_('%(n)s edificio ya en OSM', '%(n)s edificios ya en OSM', leida.edificios), _('%(distancia)s de calles', { distancia: distancia(leida.metros_vias) }));
  $('[data-entendido]').replaceChildren(
    aviso('exito', _('Entendimos: %(que)s.', { que: partes.join(', ') })),
    ...leida.avisos.map((a) => h('p', { class: 'suave chica' }, a.mensaje)));
}

// --- Paso 3: tareas -----------------------------------------------------------------------------------------------------

// La barra va de 20 m a 2 km; cada tramo multiplica, porque entre 20 y 40 m hay tanta diferencia como entre 1 y 2 km.
const LADO_MINIMO = 20;
const LADO_MAXIMO = 2000;
const redondo = (metros) => Number(metros.toPrecision(2));
const deBarra = (v) => redondo(LADO_MINIMO * (LADO_MAXIMO / LADO_MINIMO) ** (v / 100));
const aBarra = (m) => (100 * Math.log(m / LADO_MINIMO)) / Math.log(LADO_MAXIMO / LADO_MINIMO);

function division() {
  const datos = new FormData(forma);
  const tipo = datos.get('tipo');
  const recortar = datos.get('recortar') !== null;
  if (tipo === 'mercator') return { tipo, zoom: Number(datos.get('zoom')), recortar };
  if (tipo === 'poligonos') return { tipo, geojson: estado.poligonos, recortar };
  return { tipo, lado_m: Number(datos.get('lado_m')), recortar };
}

function areaPedida() {
  if (estado.origen === 'actual') return {};
  return { municipio: estado.municipio.id, ...(estado.origen === 'todo' ? {} : { area: estado.area }) };
}

function alLlegarATareas() {
  if (estado.previa) return;
  if (borrador) {
    // La primera vez, la división que ya tiene; si después cambia el área, la que se haya elegido.
    if (!estado.llena) ponerDivision(borrador.division);
    estado.llena = true;
    previsualizar();
    return;
  }
  // Para empezar, unas 300 tareas: caben en la cabeza de quien coordina.
  const area = estado.entendido?.area_m2 ?? estado.municipio.area_m2;
  ponerLado(redondo(Math.min(LADO_MAXIMO, Math.max(50, Math.sqrt(area / 300)))));
  previsualizar();
}

function ponerLado(metros) {
  document.getElementById('c-lado').value = metros;
  document.getElementById('c-lado-barra').value = aBarra(metros);
}

let ultima = 0;

async function previsualizar() {
  const pedida = division();
  if (pedida.tipo === 'poligonos' && !pedida.geojson) {
    estado.previa = null;
    $('[data-previa]').replaceChildren(h('p', { class: 'suave' }, _('Sube el archivo para ver qué sale.')));
    return;
  }
  ultima += 1;
  const mia = ultima;
  const lugar = $('[data-previa]');
  lugar.setAttribute('aria-busy', 'true');
  try {
    const ruta = borrador ? `/proyectos/${borrador.id}/previa` : '/proyectos/previa';
    const previa = await api('POST', ruta, { ...areaPedida(), division: pedida }, { repetir: false });
    if (mia !== ultima) return;
    estado.previa = { ...previa, pedida };
    decir(null);
    lugar.replaceChildren(...contar(previa), ...deUnaSentada(previa), boton(estado.guardada ? _('Cambiar la A por ésta') : _('Comparar con otra manera'), guardarParaComparar, { tipo: 'discreto' }));
    if (paso >= 3) capas?.tareas(previa.tareas);
    anunciar(n_('Saldría %(n)s tarea', 'Saldrían %(n)s tareas', previa.tareas_total));
  } catch (error) {
    if (mia !== ultima) return;
    estado.previa = null;
    capas?.tareas(null);
    lugar.replaceChildren();
    decir(error, ...sugerencia(error.datos));
  } finally {
    if (mia === ultima) lugar.setAttribute('aria-busy', 'false');
  }
  pintarComparacion();
}

/** Si las tareas saldrían muy largas o muy cortas, un botón pone el lado con que se acaban de una sentada. */
function deUnaSentada({ trabajo: { sugerencia, supuestos } }) {
  if (!sugerencia) return [];
  const { parecer, lado_m: lado } = sugerencia;
  const texto = parecer === 'largas'
    ? _('Son tareas largas: se quedan a medias.')
    : _('Son tareas muy cortas: se pasa más tiempo abriéndolas que mapeando.');
  const ritmo = _('Contamos %(n)s edificios por hora, de quien ya tiene práctica.', { n: numero(Math.round(3600 / supuestos.segundos_por_edificio_nuevo)) });
  const poner = () => {
    ponerLado(lado);
    previsualizar();
  };
  return [h('p', { class: 'franja' }, texto, ' ', boton(_('Probar con %(n)s m (unos %(minutos)s minutos)', { n: numero(lado), minutos: supuestos.minutos_de_una_sentada }), poner, { tipo: 'secundario' }), ' ', h('span', { class: 'suave chica' }, ritmo))];
}

/** Si el servidor dijo qué lado o zoom sí cabe, un botón lo pone. */
function sugerencia({ codigo, sugerencia: valor }) {
  if (codigo !== 'rejilla_demasiadas' || valor === undefined) return [];
  const esZoom = forma.elements.tipo.value === 'mercator';
  const poner = () => {
    if (esZoom) forma.elements.zoom.value = valor;
    else ponerLado(valor);
    previsualizar();
  };
  return [boton(esZoom ? _('Usar zoom %(n)s', { n: valor }) : _('Usar %(n)s m', { n: numero(valor) }), poner, { tipo: 'secundario' })];
}

const pronto = demorar(previsualizar, ESPERA_MS);

function guardarParaComparar() {
  estado.guardada = estado.previa;
  anunciar(_('Guardada como A: %(division)s. Cambia la división para compararla.', { division: nombreDeDivision(estado.guardada.division) }));
  previsualizar();
  forma.elements.tipo.focus();
}

function quitarComparacion() {
  estado.guardada = null;
  pintarComparacion();
}

function ponerDivision(pedida) {
  forma.elements.tipo.value = pedida.tipo;
  forma.elements.recortar.checked = pedida.recortar;
  if (pedida.zoom) forma.elements.zoom.value = pedida.zoom;
  if (pedida.lado_m) ponerLado(pedida.lado_m);
  mostrarTipo();
}

function volverALaGuardada() {
  ponerDivision(estado.guardada.pedida);
  estado.guardada = null;
  previsualizar();
}

function pintarComparacion() {
  const lugar = $('[data-comparacion]');
  const distintas = estado.guardada && estado.previa && JSON.stringify(estado.guardada.pedida) !== JSON.stringify(estado.previa.pedida);
  lugar.hidden = !estado.guardada;
  if (!estado.guardada) lugar.replaceChildren();
  else if (distintas) lugar.replaceChildren(comparar(estado.guardada, estado.previa, volverALaGuardada, () => { quitarComparacion(); previsualizar(); }));
  else lugar.replaceChildren(h('p', { class: 'franja' }, _('A: %(division)s. Cambia la forma o el tamaño para comparar.', { division: nombreDeDivision(estado.guardada.division) })));
}

function mostrarTipo() {
  const tipo = forma.elements.tipo.value;
  for (const parte of asistente.querySelectorAll('[data-con-tipo]')) parte.hidden = !parte.dataset.conTipo.split(' ').includes(tipo);
}

async function leerPoligonos(archivo) {
  if (!archivo) return;
  try {
    estado.poligonos = JSON.parse(await archivo.text());
    await previsualizar();
  } catch {
    decir(_('Ese archivo no es GeoJSON. Guárdalo como GeoJSON en EPSG:4326 y súbelo otra vez.'));
  }
}

// --- Paso 4: textos y guardar -------------------------------------------------------------------------------------------

function alLlegarATextos() {
  const { nombre } = forma.elements;
  if (!nombre.value) nombre.value = _('Edificios y calles de %(municipio)s', { municipio: estado.municipio.nombre });
}

function usarPlantilla({ target }) {
  const { instrucciones } = forma.elements;
  const texto = target.selectedOptions[0].dataset.texto ?? '';
  const deFabrica = [...target.options].some((o) => o.dataset.texto === instrucciones.value);
  if (!instrucciones.value.trim() || deFabrica) instrucciones.value = texto;
  else instrucciones.value = `${instrucciones.value.trim()}\n\n${texto}`;
}

function cuerpo() {
  const datos = new FormData(forma);
  return {
    ...areaPedida(),
    division: division(),
    nombre: datos.get('nombre').trim(),
    descripcion: datos.get('descripcion'),
    instrucciones: datos.get('instrucciones'),
    imagenes: imagenes.valor(),
    ...donde.valor(),
    visibilidad: datos.get('visibilidad'),
    minutos_bloqueo: Number(datos.get('minutos_bloqueo')),
    prioridad: Number(datos.get('prioridad')),
    comentario_conjunto: datos.get('comentario_conjunto'),
    etiquetas_conjunto: datos.get('etiquetas_conjunto'),
  };
}

/** Crea el proyecto, o cambia el borrador; da su número. */
async function enviar() {
  if (!borrador) return (await api('POST', '/proyectos', cuerpo())).id;
  const cambio = { ...areaPedida(), division: division(), version: borrador.version };
  await api('PUT', `/proyectos/${borrador.id}/area`, cambio, { repetir: true });
  return borrador.id;
}

async function guardar(publicar) {
  for (let p = 1; p <= 3; p += 1) {
    if (!listo[p]()) {
      decir(falta[p]());
      return;
    }
  }
  const botones = [$('[data-guardar]'), $('[data-publicar]')].filter(Boolean);
  decir(null);
  marcar({});
  botones.forEach((b) => { b.disabled = true; });
  anunciar(_('Guardando…'));
  try {
    const id = await enviar();
    if (publicar) await api('POST', `/proyectos/${id}/publicacion`, {});
    location.assign(`/proyectos/${id}/administrar`);
  } catch (error) {
    const campos = error.datos?.campos;
    decir(campos ? resumen(campos) : error);
    marcar(campos ?? {});
    botones.forEach((b) => { b.disabled = false; });
  }
}

/** El campo de la página que corresponde a uno de la API: «nombre», «imagenes.0.url»… */
function campoDe(nombre) {
  const [primero, indice, dato] = nombre.split('.');
  const recuadro = { imagenes: '[data-imagenes]', editores: '[data-editores]' }[primero];
  if (recuadro) return $(recuadro).querySelectorAll('.fila-imagen')[Number(indice)]?.querySelector(`[data-dato="${dato ?? 'url'}"]`);
  const campo = forma.elements[{ aula: 'donde', servidor_osm: 'donde', editores_ocultos: 'editores_ofrecidos', presets: 'otros_presets', desplazamiento: 'desplazamiento_este' }[primero] ?? primero];
  return campo instanceof RadioNodeList ? campo[0] : campo;
}

const rotulo = (campo) => campo?.closest('.campo')?.querySelector('label, legend')?.firstChild.textContent.trim();

/** «Nombre del proyecto: es muy largo; Dirección: le faltan los huecos {z}, {x} y {y}.» */
function resumen(campos) {
  return `${Object.entries(campos).map(([nombre, texto]) => `${rotulo(campoDe(nombre)) ?? nombre}: ${texto}`).join('; ')}.`;
}

/** Marca los campos que el servidor no tomó y lleva al primero. */
function marcar(campos) {
  for (const malo of forma.querySelectorAll('[aria-invalid]')) malo.removeAttribute('aria-invalid');
  for (const nota of forma.querySelectorAll('.falta')) nota.remove();
  const malos = Object.entries(campos).map(([nombre, texto]) => [campoDe(nombre), texto]).filter(([campo]) => campo && campo.type !== 'hidden');
  malos.forEach(([campo, texto], i) => {
    campo.setAttribute('aria-invalid', 'true');
    campo.setAttribute('aria-errormessage', `falta-${i}`);
    campo.closest('.campo').append(h('p', { class: 'falta', id: `falta-${i}` }, icono('error'), h('span', {}, `${texto}.`)));
  });
  malos[0]?.[0].closest('details')?.setAttribute('open', '');
  malos[0]?.[0].focus();
}

// --- Encender -----------------------------------------------------------------------------------------------------------

asistente.querySelectorAll('[data-ir]').forEach((b) => b.addEventListener('click', () => ir(Number(b.dataset.ir))));
$('[data-siguiente]').addEventListener('click', () => ir(paso + 1));
$('[data-atras]').addEventListener('click', () => ir(paso - 1));
$('[data-guardar]').addEventListener('click', () => guardar(false));
$('[data-publicar]')?.addEventListener('click', () => guardar(true));
forma.addEventListener('submit', (e) => e.preventDefault());
$('[name="buscar_municipio"]')?.addEventListener('input', (e) => buscar(e.target.value));
forma.querySelectorAll('[name="municipio"]').forEach((r) => r.addEventListener('change', () => elegirMunicipio(r.value)));
forma.querySelectorAll('[name="origen"]').forEach((r) => r.addEventListener('change', () => cambiarOrigen(r.value)));
asistente.querySelectorAll('[data-dibujar]').forEach((b) => b.addEventListener('click', () => lapiz?.modo(b.dataset.dibujar)));
$('[data-borrar-dibujo]').addEventListener('click', () => { lapiz?.borrar(); lapiz?.modo('polygon'); });
document.getElementById('c-archivo').addEventListener('change', ({ target }) => { if (target.files[0]) leer(target.files[0], target.files[0].name); });
document.getElementById('c-lado-barra').addEventListener('input', ({ target }) => { document.getElementById('c-lado').value = deBarra(Number(target.value)); pronto(); });
document.getElementById('c-lado').addEventListener('input', ({ target }) => { document.getElementById('c-lado-barra').value = aBarra(Number(target.value) || LADO_MINIMO); pronto(); });
forma.elements.tipo.addEventListener('change', () => { mostrarTipo(); previsualizar(); });
forma.elements.zoom.addEventListener('input', pronto);
forma.elements.recortar.addEventListener('change', previsualizar);
document.getElementById('c-poligonos').addEventListener('change', ({ target }) => leerPoligonos(target.files[0]));
$('[data-plantilla]')?.addEventListener('change', usarPlantilla);

ir(1, false);
const inicial = forma.querySelector('[name="municipio"]:checked')?.value ?? asistente.dataset.municipio;
if (inicial) {
  const elegido = elegirMunicipio(inicial);
  if (borrador) elegido.then(() => { visto = 3; ir(2, false); });
}
creado = await crearMapa($('[data-modulo="proyecto-nuevo"]'));
if (creado) {
  capas = ponerCapas(creado.mapa, creado.alCambiarFondo);
  if (estado.municipio) dibujarMunicipio();
}
