// Hoja de entrada: pedir una tarea, elegirla de la lista o en el mapa; quien valida, su cola.
import { _, n_, hace, numero as cifra } from './textos.js';
import { aviso, boton, faltaDe, h, icono } from './dom.js';
import { claveDeByte, etiqueta } from './patrones.js';
import { PRIORIDADES, selloDePrioridad } from './prioridades.js';

const A_LA_VEZ = 100;

/** Nodos de la hoja de entrada. `alaMano`: en la de quien valida, el foco queda en pedir la que sigue. */
export function panelInicio(mesa, mensaje, { alaMano = false } = {}) {
  const nodos = [];
  if (mensaje) nodos.push(mensaje);
  if (!mesa.proyecto.abierto) nodos.push(aviso('info', _('Este proyecto no está abierto: puedes ver sus tareas, pero no tomarlas.')));
  if (!mesa.entro) {
    nodos.push(h('h2', {}, _('Ayuda a mapear')), h('p', {}, _('Entra con tu cuenta para recibir una tarea. Sin cuenta puedes ver el mapa.')),
      h('p', { class: 'botones' }, h('a', { class: 'boton', href: `/entrar?siguiente=${encodeURIComponent(location.pathname)}` }, icono('persona'), _('Entrar'))));
    return [...nodos, ...listaParaElegir(mesa)];
  }
  const ajena = mesa.ajenos?.find((b) => b.para === 'mapear');
  if (ajena && mesa.modo === 'mapear') {
    // También desde aquí: si aquel proyecto se volvió privado, su página ya no se abre.
    const soltarla = boton(_('Soltarla'), async () => {
      const hecho = await mesa.intentar(() => mesa.api('DELETE', `/proyectos/${ajena.proyecto}/tareas/${ajena.numero}/bloqueo`, { ficha: ajena.ficha }), soltarla);
      if (hecho === undefined) return;
      await mesa.refrescar();
      mesa.inicio();
    }, { tipo: 'secundario' });
    nodos.push(aviso('info', _('Tienes la tarea %(n)s de «%(proyecto)s» en tus manos.', { n: ajena.numero, proyecto: ajena.proyecto_nombre }),
      h('a', { class: 'boton secundario', href: `/proyectos/${ajena.proyecto}/mapear/${ajena.numero}` }, _('Ir a esa tarea')), soltarla));
  }
  nodos.push(...enDisputa(mesa));
  if (mesa.modo !== 'validar') return [...nodos, ...paraMapear(mesa)];
  // La cola sólo la usa quien valida: no se baja antes.
  const lugar = h('div', {}, h('h2', {}, _('Por revisar')), h('p', { class: 'suave', 'aria-busy': 'true' }, _('Buscando lo que espera revisión…')));
  mesa.intentar(() => import('./cola.js')).then((modulo) => modulo && lugar.replaceChildren(...modulo.cola(mesa, { alaMano }).filter(Boolean)));
  return [...nodos, lugar];
}

/** Lo que alguien no cree que esté mal: lo que me toca decidir, que va antes que nada, y lo mío que espera a otra persona. */
function enDisputa(mesa) {
  const decidir = h('ul', { class: 'lista-tareas' });
  const porDecidir = h('section', { class: 'mis-devueltas', hidden: true, 'aria-labelledby': 'por-decidir', 'data-por-decidir': '' }, h('h2', { id: 'por-decidir' }),
    h('p', {}, _('Quien mapeó no está de acuerdo con la devolución. Mírala tú y decide: no te decimos qué se le señaló.')), decidir);
  const esperan = h('ul', { class: 'lista-tareas' });
  const mias = h('section', { class: 'en-disputa', hidden: true, 'aria-labelledby': 'en-disputa', 'data-en-disputa': '' }, h('h2', { id: 'en-disputa' }), h('p', {}, _('La revisará otra persona que valida. Te avisaremos.')), esperan);
  const renglon = (t, ...resto) => h('li', {}, h('button', { type: 'button', onclick: () => mesa.elegir(t.numero, { acercar: true }) },
    h('strong', {}, _('Tarea %(n)s', { n: t.numero })), h('span', { class: 'suave chica' }, [t.persona, hace(t.cuando)].filter(Boolean).join(' · ')), ...resto));
  let puesto = '';
  const pintar = () => {
    const { por_decidir: { total, tareas }, mias: suyas } = mesa.disputas;
    if (puesto === JSON.stringify(mesa.disputas)) return;
    puesto = JSON.stringify(mesa.disputas);
    porDecidir.hidden = !total;
    porDecidir.querySelector('h2').textContent = n_('Te toca decidir %(n)s tarea en disputa', 'Te toca decidir %(n)s tareas en disputa', total);
    decidir.replaceChildren(...tareas.map((t) => renglon(t, t.mia_hasta ? h('span', { class: 'sello' }, _('La tienes tú')) : null, h('span', { class: 'motivo-disputa chica' }, t.motivo))));
    mias.hidden = !suyas.length;
    mias.querySelector('h2').textContent = n_('Pediste otra opinión de %(n)s tarea', 'Pediste otra opinión de %(n)s tareas', suyas.length);
    esperan.replaceChildren(...suyas.map((t) => renglon(t)));
  };
  pintar();
  // Si alguien toma o resuelve una, o pide otra opinión de lo devuelto, su estado cambia.
  const estadosDe = ({ por_decidir: { tareas }, mias: suyas }) => [...tareas, ...suyas].map((t) => mesa.bytes[t.numero - 1]).join();
  let vistos = null;
  mesa.alCambiarEstados(mias, () => {
    const ahora = estadosDe(mesa.disputas);
    if (vistos !== null && vistos !== ahora) mesa.traerDisputas().then(pintar);
    vistos = ahora;
  });
  return [porDecidir, mias];
}

/** Lo que me devolvieron en este proyecto: va antes que pedir otra. */
function devueltas(mesa) {
  const lista = h('ul', { class: 'lista-tareas' });
  const nodo = h('section', { class: 'mis-devueltas', hidden: true, 'aria-labelledby': 'mis-devueltas' }, h('h2', { id: 'mis-devueltas' }), h('p', {}, _('Te dijeron qué está bien y qué corregir. Empieza por éstas.')), lista);
  mesa.api('GET', '/yo/trabajo').then(({ entregas }) => {
    const vistas = new Set();
    // La primera de cada tarea es la última entrega.
    const mias = entregas.filter((e) => e.proyecto === mesa.proyecto.id && !vistas.has(e.numero) && vistas.add(e.numero)).filter((e) => e.estado === 'devuelta' && e.veredicto === 'devuelta');
    nodo.hidden = !mias.length;
    nodo.querySelector('h2').textContent = n_('Te devolvieron %(n)s tarea', 'Te devolvieron %(n)s tareas', mias.length);
    lista.replaceChildren(...mias.map((e) => h('li', {}, h('button', { type: 'button', onclick: () => mesa.elegir(e.numero, { acercar: true }) },
      h('strong', {}, _('Tarea %(n)s', { n: e.numero })), etiqueta('devuelta'), h('span', { class: 'suave chica' }, hace(e.revisada))))));
  }).catch(() => { /* se llega igual desde el buzón o «Mi trabajo» */ });
  return nodo;
}

function paraMapear(mesa) {
  const pedir = boton(_('Dame una tarea'), () => mesa.dameUna(null, pedir), { tipo: 'grande', dibujo: 'lapiz' });
  pedir.disabled = !mesa.proyecto.abierto;
  return [
    devueltas(mesa),
    h('h2', {}, _('¿Qué mapeamos?')),
    h('p', {}, _('Pide una tarea y te damos una donde nadie más trabaja, o toca una en el mapa.')),
    h('p', { class: 'botones' }, pedir),
    mesa.valida && h('p', {}, h('a', { href: `/proyectos/${mesa.proyecto.id}/validar` }, _('Prefiero revisar tareas'))),
    ...listaParaElegir(mesa),
  ];
}

const FILTROS = [
  ['pendiente', () => _('Pendientes')],
  ['devuelta', () => _('Devueltas')],
  ['mapeada', () => _('Mapeadas')],
  ['validada', () => _('Validadas')],
  ['sin_imagen', () => _('Sin imagen')],
  ['', () => _('Todas')],
];

function listaParaElegir(mesa) {
  const lista = h('ul', { class: 'lista-tareas' });
  const cuenta = h('p', { class: 'suave chica', role: 'status' });
  const filtro = h('select', { id: 'filtro-lista' }, FILTROS.map(([clave, nombre]) => h('option', { value: clave }, nombre())));
  const pintar = () => {
    const numeros = [];
    let total = 0;
    mesa.bytes.forEach((byte, i) => {
      const clave = claveDeByte(byte & 15);
      if (clave === 'dividida' || (filtro.value && clave !== filtro.value)) return;
      total += 1;
      if (numeros.length < A_LA_VEZ) numeros.push(i + 1);
    });
    lista.replaceChildren(...numeros.map((numero) => h('li', {}, h('button', { type: 'button', onclick: () => mesa.elegir(numero, { acercar: true }) },
      h('span', {}, _('Tarea %(n)s', { n: numero })), etiqueta(claveDeByte(mesa.bytes[numero - 1], mesa.bloqueos.some((b) => b.numero === numero))), selloDePrioridad(PRIORIDADES[mesa.prioridades?.[numero - 1] ?? 0])))));
    lista.hidden = !numeros.length;
    cuenta.textContent = total > A_LA_VEZ ? _('Primeras %(m)s de %(n)s tareas.', { m: cifra(A_LA_VEZ), n: cifra(total) }) : n_('%(n)s tarea.', '%(n)s tareas.', total);
  };
  filtro.addEventListener('change', pintar);
  const cual = h('input', { id: 'ir-a', name: 'numero', type: 'number', min: 1, max: mesa.proyecto.numeros, inputmode: 'numeric', required: true });
  const existe = (texto) => Number.isInteger(Number(texto)) && Number(texto) >= 1 && Number(texto) <= mesa.proyecto.numeros;
  const falta = faltaDe(cual, (texto) => (existe(texto) ? null : _('Escribe un número de tarea, del 1 al %(n)s.', { n: mesa.proyecto.numeros })));
  const ir = h('form', { class: 'ir', novalidate: true, onsubmit: (evento) => {
    evento.preventDefault();
    if (falta.revisar()) mesa.elegir(Number(cual.value), { acercar: true });
  } }, h('label', { for: 'ir-a' }, _('Ir a la tarea número')), h('div', { role: 'group' }, cual, h('button', { type: 'submit', class: 'secundario' }, _('Ir'))), falta.nodo);
  const detalles = h('details', {}, h('summary', {}, _('Elegir de la lista')), h('label', { for: 'filtro-lista' }, _('Mostrar')), filtro, cuenta, lista, ir);
  detalles.addEventListener('toggle', () => { if (detalles.open) pintar(); });
  return [detalles];
}
