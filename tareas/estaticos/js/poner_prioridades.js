// Página para poner prioridad a las tareas: se eligen en el mapa, por número o con un área dibujada.
import { _, n_, numero as cifra } from './textos.js';
import { api } from './api.js';
import { aviso, h } from './dom.js';
import { crearMapa, datosDe } from './mapa_base.js';
import { dibujarArea } from './area.js';
import { ponerTareas } from './capas_tareas.js';
import { seguirEstados } from './estados_vivos.js';
import { claveDeByte } from './patrones.js';
import { contarPrioridades, nombreDePrioridad, traerPrioridades } from './prioridades.js';

const pagina = document.getElementById('prioridades');
const forma = document.getElementById('forma-prioridades');
const div = document.getElementById('mapa-prioridades');
const { proyecto } = datosDe(div);
const $ = (selector) => pagina.querySelector(selector);
const { numeros: campo } = forma.elements;

let elegidas = new Set();
let area = null;
let capas = null;
let creado = null;
let lapiz = null;

const decir = (...nodos) => {
  $('[data-dicho]').replaceChildren(...nodos);
  nodos[0]?.scrollIntoView({ block: 'nearest' });
};

// --- Números ------------------------------------------------------------------------------------------------------------

/** «12, 15-20» → números. Lanza un Error que dice qué no se entiende. */
function leerNumeros(texto) {
  const numeros = new Set();
  for (const parte of texto.split(/[\s,;]+/).filter(Boolean)) {
    const tramo = parte.match(/^(\d{1,6})(?:[-–](\d{1,6}))?$/);
    if (!tramo) throw new Error(_('«%(parte)s» no es un número de tarea. Escribe números, o tramos como 15-20.', { parte: parte.slice(0, 30) }));
    const [desde, hasta] = [Number(tramo[1]), Number(tramo[2] ?? tramo[1])];
    if (desde > hasta) throw new Error(_('El tramo %(parte)s está al revés: pon primero el número menor.', { parte }));
    if (desde < 1 || hasta > proyecto.numeros) throw new Error(_('El proyecto tiene tareas del 1 al %(total)s: revisa «%(parte)s».', { total: cifra(proyecto.numeros), parte }));
    for (let n = desde; n <= hasta; n += 1) numeros.add(n);
  }
  return numeros;
}

/** Números → «12, 15-20». */
function escribirNumeros(numeros) {
  const tramos = [];
  for (const n of [...numeros].sort((a, b) => a - b)) {
    const ultimo = tramos.at(-1);
    if (ultimo && ultimo[1] === n - 1) ultimo[1] = n;
    else tramos.push([n, n]);
  }
  return tramos.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(', ');
}

function pintarEleccion() {
  if (area) $('[data-cuantas]').textContent = _('Se cambiarán las tareas que tienen su centro dentro del área dibujada.');
  else $('[data-cuantas]').textContent = elegidas.size ? n_('%(n)s tarea elegida.', '%(n)s tareas elegidas.', elegidas.size) : '';
  capas?.marcar(elegidas);
}

function elegir(numeros) {
  elegidas = numeros;
  campo.value = escribirNumeros(numeros);
  campo.removeAttribute('aria-invalid');
  pintarEleccion();
}

/** Las que alguien acaba de partir o juntar ya no reciben prioridad: dejan de estar elegidas, y se dice. */
function quitarDivididas(bytes) {
  const fuera = [...elegidas].filter((n) => claveDeByte(bytes[n - 1]) === 'dividida');
  if (!fuera.length) return;
  elegir(new Set([...elegidas].filter((n) => !fuera.includes(n))));
  decir(aviso('info', n_('La tarea %(cuales)s se partió o se juntó con otra: ya no está elegida.', 'Las tareas %(cuales)s se partieron o se juntaron con otras: ya no están elegidas.', fuera.length, { cuales: escribirNumeros(fuera) })));
}

campo.addEventListener('input', () => {
  dejarDeDibujar();
  try {
    elegidas = leerNumeros(campo.value);
    campo.removeAttribute('aria-invalid');
    pintarEleccion();
  } catch {
    // A medio escribir es normal que falte algo: se dice al terminar.
    elegidas = new Set();
    pintarEleccion();
  }
});
campo.addEventListener('change', () => {
  try {
    leerNumeros(campo.value);
    decir();
  } catch (error) {
    campo.setAttribute('aria-invalid', 'true');
    $('[data-cuantas]').textContent = error.message;
  }
});

// --- Área ---------------------------------------------------------------------------------------------------------------

function pintarHerramientas(modo) {
  for (const b of pagina.querySelectorAll('[data-dibujar]')) b.setAttribute('aria-pressed', String(b.dataset.dibujar === modo));
}

function dejarDeDibujar() {
  lapiz?.apagar();
  lapiz = null;
  area = null;
  pintarHerramientas(null);
}

async function dibujar(modo) {
  if (!creado) {
    decir(aviso('error', _('Este navegador no puede dibujar mapas. Escribe los números de las tareas.')));
    return;
  }
  elegir(new Set());
  lapiz ??= await dibujarArea(creado, (geojson) => { area = geojson; pintarEleccion(); }, pintarHerramientas);
  lapiz.modo(modo);
}

pagina.querySelectorAll('[data-dibujar]').forEach((b) => b.addEventListener('click', () => dibujar(b.dataset.dibujar)));
$('[data-ninguna]').addEventListener('click', () => { dejarDeDibujar(); elegir(new Set()); });

// --- Poner --------------------------------------------------------------------------------------------------------------

async function refrescar() {
  const todas = await traerPrioridades(proyecto);
  if (!todas) return;
  capas?.ponerPrioridades(todas);
  const cuentas = contarPrioridades(todas);
  $('[data-resumen]').textContent = _('Ahora: %(cuentas)s.', { cuentas: ['urgente', 'alta', 'normal', 'baja'].filter((p) => cuentas[p]).map((p) => `${nombreDePrioridad(p).toLowerCase()}, ${cifra(cuentas[p])}`).join('; ') });
}

forma.addEventListener('submit', async (evento) => {
  evento.preventDefault();
  const prioridad = forma.elements.prioridad.value;
  let cuales;
  try {
    cuales = area ? { area } : { numeros: [...leerNumeros(campo.value)] };
    if (!area && !cuales.numeros.length) throw new Error(_('Elige al menos una tarea.'));
  } catch (error) {
    campo.setAttribute('aria-invalid', 'true');
    decir(aviso('error', error.message));
    campo.focus();
    return;
  }
  const pulsado = $('[data-poner]');
  pulsado.disabled = true;
  pulsado.setAttribute('aria-busy', 'true');
  try {
    const hecho = await api('POST', `/proyectos/${proyecto.id}/prioridades`, { ...cuales, prioridad, version: proyecto.version });
    const iguales = hecho.tareas - hecho.cambiadas;
    decir(aviso('exito', n_('%(cual)s en %(n)s tarea.', '%(cual)s en %(n)s tareas.', hecho.tareas, { cual: nombreDePrioridad(prioridad) }),
      iguales ? h('p', {}, n_('%(n)s ya la tenía.', '%(n)s ya la tenían.', iguales)) : null, ...hecho.avisos.map((a) => h('p', { class: 'chica' }, a.mensaje))));
    dejarDeDibujar();
    elegir(new Set());
    await refrescar();
  } catch (error) {
    decir(aviso('error', error.message));
  } finally {
    pulsado.disabled = false;
    pulsado.removeAttribute('aria-busy');
  }
});

// --- Encender -----------------------------------------------------------------------------------------------------------

refrescar();
creado = await crearMapa(div);
if (creado) {
  const { mapa, fondo, alCambiarFondo } = creado;
  capas = await ponerTareas(mapa, proyecto, fondo());
  alCambiarFondo((nuevo) => capas.repintar(nuevo));
  seguirEstados(proyecto, {
    alLlegar(bytes) {
      capas.estados(bytes);
      quitarDivididas(bytes);
    },
    alCambiar: capas.cambiar,
    // Que alguien parta o junte tareas no le quita a nadie lo que llevaba elegido, ni lo que escribía o dibujaba.
    alDividir() {
      capas.otraVersion();
      refrescar();
    },
  });
  pintarEleccion();
  await refrescar();
  mapa.on('click', ({ point, lngLat }) => {
    if (lapiz) return;
    const numero = capas.numeroEn(point);
    if (!numero) {
      if (mapa.getZoom() < capas.zoomTareas) mapa.easeTo({ center: lngLat, zoom: Math.min(mapa.getZoom() + 2, 19) });
      return;
    }
    const nuevas = new Set(elegidas);
    if (!nuevas.delete(numero)) nuevas.add(numero);
    elegir(nuevas);
  });
  mapa.on('mousemove', ({ point }) => { mapa.getCanvas().style.cursor = !lapiz && capas.numeroEn(point) ? 'pointer' : ''; });
}
