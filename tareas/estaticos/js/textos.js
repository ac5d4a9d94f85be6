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

/** Número con los separadores del idioma. */
export function numero(valor, decimales = 0) {
  return new Intl.NumberFormat(lugar, { minimumFractionDigits: decimales, maximumFractionDigits: decimales }).format(valor);
}

/** «hace 3 minutos». */
export function hace(momento) {
  const segundos = (new Date(momento) - Date.now()) / 1000;
  const formato = new Intl.RelativeTimeFormat(lugar, { numeric: 'auto' });
  const unidades = [['day', 86400], ['hour', 3600], ['minute', 60]];
  const [unidad, largo] = unidades.find(([, l]) => Math.abs(segundos) >= l) ?? ['second', 1];
  return formato.format(Math.round(segundos / largo), unidad);
}
