// Textos de los módulos. El original es el español; si la página está en otro idioma, <html data-textos> dice dónde está
// su diccionario: { "texto en español": "texto" | ["uno", "varios"] }.

const idioma = document.documentElement.lang || 'es';
const lugar = idioma.startsWith('es') ? 'es-MX' : idioma;
const diccionario = await cargar(document.documentElement.dataset.textos);

async function cargar(direccion) {
  if (!direccion) return {};
  const respuesta = await fetch(direccion).catch(() => null);
  return respuesta?.ok ? respuesta.json() : {};
}

function llenar(texto, huecos) {
  return texto.replace(/%\((\w+)\)s/g, (_todo, nombre) => String(huecos[nombre] ?? '')).replaceAll('%%', '%');
}

/** Texto en el idioma de la página, con sus huecos %(nombre)s llenos. */
export function _(texto, huecos = {}) {
  const traducido = diccionario[texto] ?? texto;
  return llenar(Array.isArray(traducido) ? traducido[0] : traducido, huecos);
}

/** Como `_`, eligiendo singular o plural según `n`, que además llena el hueco %(n)s. */
export function n_(singular, plural, n, huecos = {}) {
  const traducido = diccionario[singular];
  const formas = Array.isArray(traducido) ? traducido : [singular, plural];
  return llenar(formas[n === 1 ? 0 : 1] ?? formas[0], { n: numero(n), ...huecos });
}

/** «14, 17 y 19». */
export function enumerar(cosas) {
  return new Intl.ListFormat(lugar, { type: 'conjunction' }).format(cosas.map(String));
}

/** Número con los separadores del idioma. */
export function numero(valor, decimales = 0) {
  return new Intl.NumberFormat(lugar, { minimumFractionDigits: decimales, maximumFractionDigits: decimales }).format(valor);
}

// La regla de tareas/comun/tiempos.py: unidades ya cumplidas, y hasta dónde se usa cada una.
const [MINUTO, HORA, DIA] = [60, 3600, 86400];
const MES = DIA * 365.25 / 12;
const EDADES = [['minute', MINUTO, HORA], ['hour', HORA, DIA], ['day', DIA, 14 * DIA], ['week', 7 * DIA, 63 * DIA], ['month', MES, 24 * MES], ['year', 12 * MES, Infinity]];

/** «hace 3 minutos», «dentro de 2 días». */
export function hace(momento) {
  const segundos = (new Date(momento) - Date.now()) / 1000;
  const [unidad, largo] = EDADES.find(([, , tope]) => Math.abs(segundos) < tope);
  const cuantas = Math.floor(Math.abs(segundos) / largo);
  if (!cuantas) return segundos <= 0 ? _('hace un momento') : _('dentro de un momento');
  return new Intl.RelativeTimeFormat(lugar, { numeric: 'always' }).format(segundos > 0 ? cuantas : -cuantas, unidad);
}

/**
 * Día y hora en la zona de un municipio: «viernes 4 de diciembre a las 14:05», y con el año si no es éste. Es el `dia_y_hora` de
 * tareas/comun/presentacion.py. Si el navegador no conoce la zona, en la suya.
 */
export function diaYHora(momento, zona) {
  const formato = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  let escribir;
  try {
    escribir = new Intl.DateTimeFormat(lugar, { ...formato, timeZone: zona });
  } catch {
    escribir = new Intl.DateTimeFormat(lugar, formato);
  }
  const partes = (cuando) => Object.fromEntries(escribir.formatToParts(cuando).map(({ type, value }) => [type, value]));
  const { weekday: semana, day: dia, month: mes, year: anio, hour, minute } = partes(new Date(momento));
  const huecos = { semana, dia, mes, anio, hora: `${hour}:${minute}` };
  return anio === partes(new Date()).year ? _('%(semana)s %(dia)s de %(mes)s a las %(hora)s', huecos) : _('%(semana)s %(dia)s de %(mes)s de %(anio)s a las %(hora)s', huecos);
}
