// Las reglas de las revisiones y la lista cerrada de errores: se piden una vez por página.
import { _ } from './textos.js';
import { h } from './dom.js';

const dichas = new Map();

/** Una regla con su dibujo; null si ese código lo señalan sólo las personas. */
export function reglaDe(mesa, codigo) {
  if (!dichas.has(codigo)) {
    dichas.set(codigo, mesa.api('GET', `/calidad/reglas/${codigo}`).catch((error) => {
      if (error.estado === 404) return null;
      dichas.delete(codigo);
      throw error;
    }));
  }
  return dichas.get(codigo);
}

let motivos = null;

/** La lista cerrada de errores: [{ codigo, texto }]. */
export function motivosDe(mesa) {
  motivos ??= mesa.api('GET', '/motivos').then((datos) => datos.motivos).catch((error) => {
    motivos = null;
    throw error;
  });
  return motivos;
}

const GRUPOS = [
  [() => _('Falta o se repite'), ['E-FALT', 'E-UNO', 'E-DUP']],
  [() => _('Cómo está dibujado un edificio'), ['E-DESP', 'E-ESC', 'E-CRUD', 'E-TRAS', 'E-HUE', 'E-CHI', 'E-GRA', 'E-CRUZ', 'E-PICO', 'E-ABIE']],
  [() => _('Calles y caminos'), ['E-VIA', 'E-NODO', 'E-CASI', 'E-ISLA', 'E-CLAS', 'E-AGUA']],
  [() => _('Etiquetas y nombres'), ['E-ETIQ', 'E-NOMB']],
  [() => _('La tarea completa'), ['E-FUERA', 'E-NADA', 'E-IMG']],
];

/** La lista en grupos que quien empieza reconoce: [[nombre, [{ codigo, texto }]]]; lo que no es de ninguno va al final. */
export function enGrupos(todos) {
  const conocidos = new Set(GRUPOS.flatMap(([, codigos]) => codigos));
  return [
    ...GRUPOS.map(([nombre, codigos]) => [nombre(), codigos.map((c) => todos.find((m) => m.codigo === c)).filter(Boolean)]),
    [_('Otros'), todos.filter((m) => !conocidos.has(m.codigo))],
  ].filter(([, suyos]) => suyos.length);
}

/** El dibujo de una regla con su frase, como en /calidad/reglas. Es nuestro: el servidor lo dibuja de sus casos de prueba. */
export function dibujoDe({ croquis }) {
  // Como en una página, sin espacio de nombres.
  const svg = new DOMParser().parseFromString(croquis.svg, 'text/html').body.firstElementChild;
  return h('figure', { class: 'croquis-de-regla' }, document.importNode(svg, true), h('figcaption', {}, _('Ejemplo de un error así:'), ' ', croquis.frase));
}
