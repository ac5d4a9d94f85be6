// Página de un proyecto: el mapa de las tareas al día, lo que ha pasado y quiénes han ayudado.
import { _, enumerar, hace, n_ } from './textos.js';
import { h } from './dom.js';
import { alVerse, crearMapa, datosDe } from './mapa_base.js';
import { ponerTareas } from './capas_tareas.js';
import { seguirEstados } from './estados_vivos.js';
import { claveDeByte, etiqueta, nombreDe } from './patrones.js';
import { PRIORIDADES, contarPrioridades, selloDePrioridad, traerPrioridades } from './prioridades.js';

const div = document.querySelector('[data-modulo="proyecto"]');
const { proyecto } = datosDe(div);
const raiz = `/proyectos/${proyecto.id}`;
const api = `/api/v1${raiz}`;

// --- Mapa -------------------------------------------------------------------------------------------------------------

async function iniciarMapa() {
  const creado = await crearMapa(div, { cooperativo: true });
  if (!creado) return;
  const { mapa, ml, fondo, alCambiarFondo } = creado;
  const tareas = await ponerTareas(mapa, proyecto, fondo());
  alCambiarFondo((nuevo) => tareas.repintar(nuevo));
  let prioridades = null;
  const ponerPrioridades = async () => {
    prioridades = await traerPrioridades(proyecto);
    tareas.ponerPrioridades(prioridades);
  };
  seguirEstados(proyecto, { alLlegar: tareas.estados, alCambiar: tareas.cambiar, alDividir() { tareas.otraVersion(); ponerPrioridades(); } });
  await ponerPrioridades();
  leyendaDePrioridades(prioridades);
  mapa.on('click', ({ point, lngLat }) => {
    const numero = tareas.numeroEn(point);
    if (numero) abrirGlobo(ml, mapa, tareas, numero, lngLat, prioridades);
  });
  mapa.on('mousemove', ({ point }) => { mapa.getCanvas().style.cursor = tareas.numeroEn(point) ? 'pointer' : ''; });
}

/** Si hay tareas con prioridad, la leyenda dice con qué señal se ven. */
function leyendaDePrioridades(prioridades) {
  if (!prioridades) return;
  const cuentas = contarPrioridades(prioridades);
  const leyenda = document.querySelector('.bajo-mapa .leyenda-estados');
  leyenda.append(...PRIORIDADES.filter((p) => p !== 'normal' && cuentas[p]).map((p) => h('li', {}, selloDePrioridad(p))));
}

function abrirGlobo(ml, mapa, tareas, numero, lugar, prioridades) {
  tareas.elegir(numero);
  const clave = claveDeByte(tareas.byte(numero));
  const contenido = h('div', {},
    h('h3', {}, _('Tarea %(n)s', { n: numero })),
    h('p', {}, etiqueta(clave)),
    prioridades?.[numero - 1] ? h('p', {}, selloDePrioridad(PRIORIDADES[prioridades[numero - 1]])) : null,
    proyecto.abierto && h('a', { class: 'boton secundario', href: `${raiz}/mapear/${numero}` }, _('Abrir esta tarea')));
  const globo = new ml.Popup({ maxWidth: '18rem' }).setLngLat(lugar).setDOMContent(contenido).addTo(mapa);
  globo.on('close', () => tareas.elegir(null));
}

// --- Actividad --------------------------------------------------------------------------------------------------------

/** «12, 13 y 14»; de muchas, las primeras. */
const CUANTAS = 4;
const enLista = (numeros) => (numeros.length > CUANTAS ? _('%(cuales)s y otras', { cuales: numeros.slice(0, CUANTAS).join(', ') }) : enumerar(numeros));

function fraseDeDivision({ clase, persona, dividen, quedan }) {
  const huecos = { persona, de: enLista(dividen), en: enLista(quedan) };
  if (clase === 'juntar') return _('%(persona)s juntó las tareas %(de)s en la %(en)s', huecos);
  if (clase === 'corregir') return _('%(persona)s corrigió el contorno de %(de)s: ahora es %(en)s', huecos);
  return _('%(persona)s partió la tarea %(de)s en %(en)s', huecos);
}

function frase(paso) {
  const { accion, a, numero, persona } = paso;
  const huecos = { persona, n: numero };
  if (accion === 'division') return fraseDeDivision(paso);
  if (paso.oculto) return _('La tarea %(n)s se revisó; falta otra opinión para decir qué resultó', huecos);
  if (paso.con_arreglos) return _('%(persona)s validó la tarea %(n)s, con arreglos suyos', huecos);
  if (accion === 'entrega' && a === 'sin_imagen') return _('%(persona)s avisó que en la tarea %(n)s la imagen no sirve', huecos);
  if (accion === 'entrega') return _('%(persona)s mapeó la tarea %(n)s', huecos);
  if (accion === 'dictamen' && a === 'validada') return _('%(persona)s validó la tarea %(n)s', huecos);
  if (accion === 'dictamen') return _('%(persona)s devolvió la tarea %(n)s para mejorarla', huecos);
  if (accion === 'comentario') return _('%(persona)s comentó en la tarea %(n)s', huecos);
  return _('%(persona)s deshizo un paso de la tarea %(n)s', huecos);
}

function renglon(paso) {
  // De lo que aún no se dice, ni el color: queda el de lo que espera revisión.
  const estado = paso.oculto ? 'mapeada' : paso.accion === 'division' ? 'pendiente' : paso.a ?? 'pendiente';
  const marca = h('span', { class: `trama e-${estado}`, 'aria-hidden': 'true', title: nombreDe(estado) });
  return h('li', {}, marca, h('div', {},
    h('p', {}, frase(paso)),
    paso.nota && h('p', { class: 'suave chica' }, _('«%(dicho)s»', { dicho: paso.nota })),
    h('time', { datetime: paso.cuando }, hace(paso.cuando))));
}

async function traer(direccion) {
  const respuesta = await fetch(direccion).catch(() => null);
  return respuesta?.ok ? respuesta.json() : null;
}

async function iniciarActividad(lugar) {
  const datos = await traer(`${api}/actividad?limite=8`);
  if (!datos) lugar.replaceChildren(h('p', {}, _('No se pudo traer la actividad. Carga la página de nuevo en un momento.')));
  else if (!datos.actividad.length) lugar.replaceChildren(h('p', { class: 'suave' }, _('Todavía nadie entrega una tarea. La primera puede ser la tuya.')));
  else lugar.replaceChildren(h('ol', { class: 'actividad' }, datos.actividad.map(renglon)));
}

// --- Personas ---------------------------------------------------------------------------------------------------------

function mano({ nombre, entregas, dictamenes }) {
  const hecho = [
    entregas && n_('%(n)s tarea mapeada', '%(n)s tareas mapeadas', entregas),
    dictamenes && n_('%(n)s revisada', '%(n)s revisadas', dictamenes),
  ].filter(Boolean).join(' · ');
  return h('li', {}, h('span', { class: 'ficha-persona', 'aria-hidden': 'true' }, nombre.slice(0, 1)), h('span', {}, h('strong', {}, nombre), hecho && ` ${hecho}`));
}

async function iniciarGente(seccion) {
  const datos = await traer(`${api}/avance`);
  const personas = datos?.personas.filter((p) => p.entregas || p.dictamenes) ?? [];
  seccion.hidden = personas.length === 0;
  seccion.querySelector('.manos').append(...personas.slice(0, 60).map(mano));
}

// --- Compartir --------------------------------------------------------------------------------------------------------

function iniciarCompartir(boton) {
  if (!navigator.share && !navigator.clipboard) return;
  boton.hidden = false;
  boton.addEventListener('click', async () => {
    const enlace = { title: document.title, url: location.href.split('#')[0] };
    if (navigator.share) {
      await navigator.share(enlace).catch(() => {});
      return;
    }
    await navigator.clipboard.writeText(enlace.url);
    boton.lastChild.textContent = _('Enlace copiado');
  });
}

alVerse(div, iniciarMapa);
iniciarActividad(document.querySelector('[data-actividad]'));
iniciarGente(document.querySelector('[data-gente]'));
document.querySelectorAll('[data-compartir]').forEach(iniciarCompartir);
