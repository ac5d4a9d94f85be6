// Lo que toda página tiene: tema, menús, relojes, aviso de que no hay red. Sin este módulo, las páginas siguen sirviendo.
import { _ } from './textos.js';

const raiz = document.documentElement;

// --- Tema -------------------------------------------------------------------------------------------------------------

const TEMAS = { claro: 'light', oscuro: 'dark' };
const UN_ANIO = 365 * 24 * 3600;

function temaGuardado() {
  return document.cookie.match(/(?:^|; )tequio_tema=(\w+)/)?.[1] ?? 'auto';
}

function ponerTema(tema) {
  if (TEMAS[tema]) raiz.dataset.theme = TEMAS[tema];
  else delete raiz.dataset.theme;
  // Galleta y no localStorage: el servidor la lee y la página ya llega con su color, sin parpadeo.
  document.cookie = `tequio_tema=${tema}; path=/; max-age=${TEMAS[tema] ? UN_ANIO : 0}; samesite=lax`;
  document.dispatchEvent(new CustomEvent('tequio:tema'));
}

/** `true` si la página se ve oscura ahora mismo, por elección o por el aparato. */
export function esOscuro() {
  return raiz.dataset.theme ? raiz.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

/** Llama a `hacer` cada vez que la página cambia entre clara y oscura. */
export function alCambiarTema(hacer) {
  document.addEventListener('tequio:tema', hacer);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', hacer);
}

function iniciarTema(menu) {
  const botones = [...menu.querySelectorAll('[data-elige-tema]')];
  const marcar = () => botones.forEach((b) => b.setAttribute('aria-pressed', String(b.dataset.eligeTema === temaGuardado())));
  menu.hidden = false;
  marcar();
  botones.forEach((boton) => boton.addEventListener('click', () => {
    ponerTema(boton.dataset.eligeTema);
    marcar();
  }));
}

// --- Menús: <details class="menu"> se cierra al salir de él ------------------------------------------------------------

function iniciarMenus() {
  const abiertos = () => document.querySelectorAll('details.menu[open]');
  document.addEventListener('click', (e) => abiertos().forEach((m) => { if (!m.contains(e.target)) m.open = false; }));
  // Pulsar un texto dentro del menú enfoca a <main>, que lo contiene: eso no es salir.
  document.addEventListener('focusin', (e) => abiertos().forEach((m) => { if (!m.contains(e.target) && !e.target.contains(m)) m.open = false; }));
  document.addEventListener('keydown', (e) => {
    if (e.key !== 'Escape') return;
    abiertos().forEach((menu) => {
      menu.open = false;
      menu.querySelector('summary').focus();
    });
  });
}

// --- Relojes ----------------------------------------------------------------------------------------------------------

const ANUNCIOS = [15, 5, 1]; // minutos que faltan

/** «1 h 05 min», «12 min», «45 s». */
export function duracion(segundos) {
  const s = Math.max(0, Math.round(segundos));
  if (s < 60) return _('%(n)s s', { n: s });
  const minutos = Math.floor(s / 60);
  if (minutos < 10) return _('%(m)s min %(s)s s', { m: minutos, s: String(s % 60).padStart(2, '0') });
  if (minutos < 60) return _('%(n)s min', { n: minutos });
  return _('%(h)s h %(m)s min', { h: Math.floor(minutos / 60), m: String(minutos % 60).padStart(2, '0') });
}

/**
 * Hace correr un reloj (componentes/reloj.html). Para darle más tiempo, se cambia su data-vence.
 * Al acabarse dispara el evento «vencido» en el elemento. Devuelve la función que lo para.
 */
export function iniciarReloj(elemento) {
  const resta = elemento.querySelector('[data-resta]');
  const anuncio = elemento.querySelector('[data-anuncio]');
  // La hora que vale es la del servidor: se mide contra la que venía en la página.
  const desfase = Date.parse(elemento.dataset.ahora) - Date.now();
  let anterior = Infinity;
  const latir = () => {
    const faltan = (Date.parse(elemento.dataset.vence) - Date.now() - desfase) / 1000;
    const dicho = faltan > 0 ? _('Te quedan %(tiempo)s', { tiempo: duracion(faltan) }) : _('Se acabó el tiempo');
    // Donde no cabe la frase, va sola la cifra.
    resta.textContent = faltan > 0 && 'corto' in elemento.dataset ? duracion(faltan) : dicho;
    elemento.classList.toggle('poco', faltan > 0 && faltan <= 15 * 60);
    elemento.classList.toggle('nada', faltan <= 0);
    const cruzado = ANUNCIOS.findLast((m) => faltan <= m * 60 && anterior > m * 60);
    if (cruzado && faltan > 0 && anterior < Infinity) anuncio.textContent = dicho;
    if (faltan <= 0 && anterior > 0) elemento.dispatchEvent(new CustomEvent('vencido', { bubbles: true }));
    anterior = faltan;
  };
  latir();
  const pulso = setInterval(latir, 1000);
  return () => clearInterval(pulso);
}

// --- Sin red ----------------------------------------------------------------------------------------------------------

function iniciarAvisoSinRed() {
  const aviso = Object.assign(document.createElement('p'), { className: 'sin-conexion', hidden: true });
  aviso.setAttribute('role', 'status');
  document.body.prepend(aviso);
  const mirar = () => {
    aviso.hidden = navigator.onLine;
    aviso.textContent = navigator.onLine ? '' : _('Sin conexión. Lo que ves sigue aquí; inténtalo de nuevo cuando vuelva la red.');
  };
  addEventListener('online', mirar);
  addEventListener('offline', mirar);
  if (!navigator.onLine) mirar();
}

document.querySelectorAll('[data-tema]').forEach(iniciarTema);
document.querySelectorAll('[data-reloj]').forEach(iniciarReloj);
iniciarMenus();
iniciarAvisoSinRed();
navigator.serviceWorker?.register('/sin-conexion.js').catch(() => {});
