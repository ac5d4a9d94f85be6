// Lo que se mapeó de verdad en una tarea: cuentas, lista, y en el mapa cómo era y cómo quedó.
import { _, n_, hace, numero as cifra } from './textos.js';
import { aviso, boton, h } from './dom.js';
import { bajoLetreros, ponerEnPiso } from './mapa_base.js';
import { pincelDe, rayas } from './patrones.js';
import { libreta } from './pendientes.js';

const LETRA_DE_TIPO = { n: 'node', w: 'way', r: 'relation' };
const EN_LISTA = 100;

// Sobre el mapa claro, el oscuro o una foto: cada cambio tiene su color, su trazo y su trama, con ribete blanco debajo.
const COLORES = { crear: '#1b7f4d', modificar: '#1565c0', borrar: '#b71c1c' };

const nombreDeAccion = (accion) => ({ crear: _('Creado'), modificar: _('Modificado'), borrar: _('Borrado') })[accion];

const MOTIVOS = {
  ya_estaba: () => _('Ya estaba mapeada'),
  no_hay_nada: () => _('No hay nada que mapear'),
  sin_imagen: () => _('La imagen no deja ver'),
};
/** Los motivos que se ofrecen en una tarea: a quien se la devolvieron, mapeada ya estaba. */
const motivosDe = (tarea) => ({ ...MOTIVOS, ...(tarea.estado === 'devuelta' && { ya_estaba: () => _('Ya está bien así') }) });

const distancia = (m) => (m >= 1000 ? _('%(n)s km', { n: cifra(m / 1000, m < 10000 ? 1 : 0) }) : _('%(n)s m', { n: cifra(m) }));

const AVISOS = {
  'E-NADA': () => _('Entregada sin cambios: dentro de la tarea no se creó ni se cambió nada.'),
  'E-FUERA': (t) => (t.fuera.lejos_m > 0
    ? n_('%(n)s objeto quedó fuera de la tarea; lo más lejano, a %(lejos)s.', '%(n)s objetos quedaron fuera de la tarea; lo más lejano, a %(lejos)s.', suma(t.fuera), { lejos: distancia(t.fuera.lejos_m) })
    : n_('%(n)s objeto quedó fuera de la tarea.', '%(n)s objetos quedaron fuera de la tarea.', suma(t.fuera))),
};

const suma = (lado) => lado.creados + lado.modificados + lado.borrados;

/** Nada cambió dentro, ni un vértice, ni algo que no se sabe dónde está. */
const sinCambios = (t) => suma(t.dentro) + t.vertices_movidos + t.sin_lugar === 0;

const pedir = (mesa, numero, consulta = '') => mesa.api('GET', mesa.ruta(numero, `/evidencia${consulta}`));

/** «3 edificios · 0.42 km de calle · 1 punto de interés»; lo que es cero no se dice, salvo que todo lo sea. */
function frase(t) {
  const partes = [
    t.edificios > 0 && n_('%(n)s edificio', '%(n)s edificios', t.edificios),
    t.edificios < 0 && n_('%(n)s edificio menos', '%(n)s edificios menos', -t.edificios),
    t.km_vias >= 0.005 && _('%(n)s km de calle', { n: cifra(t.km_vias, 2) }),
    t.km_vias <= -0.005 && _('%(n)s km de calle menos', { n: cifra(-t.km_vias, 2) }),
    t.puntos > 0 && n_('%(n)s punto de interés', '%(n)s puntos de interés', t.puntos),
    t.puntos < 0 && n_('%(n)s punto de interés menos', '%(n)s puntos de interés menos', -t.puntos),
    t.vertices_movidos > 0 && n_('%(n)s vértice movido', '%(n)s vértices movidos', t.vertices_movidos),
  ].filter(Boolean);
  if (partes.length) return partes.join(' · ');
  return suma(t.dentro) ? n_('%(n)s objeto cambiado', '%(n)s objetos cambiados', suma(t.dentro)) : _('Sin cambios dentro de la tarea');
}

function sello(t) {
  const [texto, clase] = t.estado === 'firme' ? [_('Cifras firmes'), 'firme'] : [_('Por confirmar'), 'por-confirmar'];
  return h('span', { class: `sello-evidencia ${clase}`, title: clase === 'firme' ? QUE_ES_FIRME() : null }, h('span', { 'aria-hidden': 'true' }, clase === 'firme' ? '✓' : '…'), texto);
}

function tabla(t) {
  const fila = (nombre, lado) => h('tr', {}, h('th', { scope: 'row' }, nombre), ['creados', 'modificados', 'borrados'].map((que) => h('td', {}, cifra(lado[que]))));
  const cabeza = [_('Creados'), _('Modificados'), _('Borrados')].map((texto) => h('th', { scope: 'col' }, texto));
  return h('table', { class: 'tabla-evidencia' }, h('caption', { class: 'solo-lector' }, _('Objetos que cambió')),
    h('thead', {}, h('tr', {}, h('td', {}), cabeza)), h('tbody', {}, fila(_('Dentro'), t.dentro), fila(_('Fuera'), t.fuera)));
}

function detalles(mesa, t) {
  const renglones = [];
  if (t.segundos_edicion !== null) {
    renglones.push(h('dt', {}, _('Tiempo en el editor')), h('dd', {}, _('%(n)s min, de tomarla al último guardado', { n: cifra(Math.round(t.segundos_edicion / 60)) })));
  }
  if (t.conjuntos?.length) {
    const { web } = mesa.proyecto;
    const uno = (id) => (web ? h('a', { href: `${web}/changeset/${id}`, target: '_blank', rel: 'noopener' }, `#${id}`) : `#${id}`);
    renglones.push(h('dt', {}, _('Conjuntos de cambios')), h('dd', {}, t.conjuntos.slice(0, 8).flatMap((id, i) => [i ? ', ' : '', uno(id)]), t.conjuntos.length > 8 ? '…' : ''));
  }
  if (t.motivo) renglones.push(h('dt', {}, _('Por qué no hubo cambios')), h('dd', {}, MOTIVOS[t.motivo]()));
  return renglones.length ? h('dl', { class: 'datos-tarea' }, renglones) : null;
}

function comoTermino(t) {
  if (!t.hasta) return _('la tiene ahora');
  const cuando = { cuando: hace(t.hasta) };
  if (t.final === 'entrega') return _('la entregó %(cuando)s', cuando);
  return t.final === 'vencimiento' ? _('se le acabó el tiempo %(cuando)s', cuando) : _('la soltó %(cuando)s', cuando);
}

// «Firme» habla de la cuenta, no del trabajo: sin esto parece un visto bueno.
const QUE_ES_FIRME = () => _('Ya llegaron todos los cambios de ese turno: estas cifras no van a cambiar. No dice si está bien mapeado.');

/** Un turno: quién, qué cambió, qué conviene mirar. */
function turno(mesa, tarea, t, refrescar) {
  const cabeza = h('p', { class: 'quien' }, h('strong', {}, t.persona.nombre), ` ${comoTermino(t)} `, t.cuenta === 'conocida' ? sello(t) : null);
  if (t.cuenta !== 'conocida') return h('div', { class: 'turno-evidencia', 'data-turno-evidencia': t.ficha, tabindex: '-1' }, cabeza, h('p', { class: 'suave' }, t.explicacion));
  const avisos = (t.avisos ?? []).map((a) => aviso('advertencia', AVISOS[a](t)));
  const pregunta = t.falta_motivo && t.persona.id === mesa.yo ? preguntaMotivo(MOTIVOS, async (motivo, pulsado) => {
    const hecho = await mesa.intentar(() => mesa.api('POST', mesa.ruta(tarea.numero, '/evidencia/motivo'), { motivo, ficha: t.ficha }), pulsado);
    if (hecho) await refrescar();
  }) : null;
  return h('div', { class: 'turno-evidencia', 'data-turno-evidencia': t.ficha, tabindex: '-1' }, cabeza, h('p', { class: 'frase' }, frase(t)), pregunta, avisos, tabla(t), detalles(mesa, t), t.estado === 'firme' ? h('p', { class: 'suave chica' }, QUE_ES_FIRME()) : null);
}

function preguntaMotivo(motivos, decir) {
  return h('fieldset', { class: 'pregunta-motivo' }, h('legend', {}, _('No vemos cambios tuyos dentro de la tarea. ¿Por qué?')),
    h('p', { class: 'botones' }, Object.entries(motivos).map(([clave, nombre]) => {
      const b = boton(nombre(), () => decir(clave, b), { tipo: 'secundario' });
      return b;
    })));
}

/**
 * Lo que se mapeó en la tarea, plegado hasta que se abre: cuentas por turno, lista y mapa del turno elegido.
 *
 * `abierta`: se pide de una vez. Devuelve el nodo.
 */
export function evidenciaDeTarea(mesa, tarea, { abierta = false } = {}) {
  const cuerpo = h('div', { class: 'evidencia', 'aria-busy': 'true' }, h('p', { class: 'suave' }, _('Contando lo que se mapeó…')));
  const nodo = h('details', { open: abierta, 'data-evidencia': tarea.numero }, h('summary', {}, _('Lo que se mapeó')), cuerpo);
  let pedidos = 0;
  let masNuevo = 0; // el pedido más nuevo que ya se puso
  let puesto = null; // { dicho, pintar }: lo que se ve, y cómo ponerlo en el mapa
  /** Una respuesta vieja no tapa a otra más nueva; y lo plegado, o de otra hoja, no pinta nada. */
  const llenar = async () => {
    const pedido = ++pedidos;
    const vale = () => nodo.isConnected && nodo.open && pedido >= masNuevo;
    const datos = await pedir(mesa, tarea.numero);
    if (!vale()) return;
    const turnos = datos.turnos.toReversed();
    const [ultimo] = turnos;
    const { objetos } = ultimo?.cuenta === 'conocida' && hayQueVer(ultimo) ? await pedir(mesa, tarea.numero, `?objetos=${ultimo.ficha}`) : { objetos: null };
    if (!vale()) return;
    masNuevo = pedido;
    const dicho = JSON.stringify([turnos, objetos, datos.datos_hasta]);
    const vista = cuerpo.querySelector('.vistas-evidencia :checked')?.value;
    if (puesto?.dicho === dicho) { // lo mismo: sólo vuelve al mapa
      await puesto.pintar?.(vista);
      return;
    }
    cuerpo.removeAttribute('aria-busy');
    if (!turnos.length) {
      cuerpo.replaceChildren(h('p', { class: 'suave' }, _('Nadie ha tenido esta tarea todavía.')));
      return;
    }
    const desplegado = (clase) => Boolean(cuerpo.querySelector(`details.${clase}`)?.open);
    const conFoco = cuerpo.contains(document.activeElement);
    const [primero, ...otros] = turnos.map((t) => turno(mesa, tarea, t, llenar));
    const anteriores = otros.length ? h('details', { class: 'turnos-anteriores', open: desplegado('turnos-anteriores') }, h('summary', {}, n_('%(n)s turno anterior', '%(n)s turnos anteriores', otros.length)), otros) : null;
    const espera = ultimo.cuenta === 'conocida' && ultimo.estado !== 'firme' && ultimo.hasta ? h('p', { class: 'suave chica' }, ultimo.explicacion ?? loQueFalta(datos)) : null;
    const mapa = objetos ? enElMapa(mesa, tarea, objetos, { vista, abierta: desplegado('uno-por-uno') }) : null;
    cuerpo.replaceChildren(...[primero, espera, mapa?.caja, anteriores].filter(Boolean));
    puesto = { dicho, pintar: mapa?.pintar };
    if (!objetos) quitarEvidencia(mesa);
    // Lo que tenía el foco ya no está (se contestó): sigue junto a ello.
    if (conFoco) primero.focus({ preventScroll: true });
    await mapa?.pintar(vista);
  };
  const intentar = () => llenar().catch((error) => mesa.decirRechazo(error));
  nodo.addEventListener('toggle', () => {
    if (nodo.open) intentar();
    else quitarEvidencia(mesa);
  });
  return nodo;
}

function loQueFalta(datos) {
  return datos.datos_hasta ? _('Nuestros datos de OpenStreetMap llegan hasta %(cuando)s; cuando pasen de la entrega, quedará firme.', { cuando: hace(datos.datos_hasta) })
    : _('Todavía no seguimos los cambios de OpenStreetMap: no sabemos si falta algo.');
}

/** Lo que quedó de una entrega, en una línea, para cuando se acaba de entregar. */
export function evidenciaDeEntrega(mesa, numero, ficha) {
  const nodo = h('p', { class: 'frase-evidencia', 'data-entrega': ficha });
  pedir(mesa, numero).then((datos) => {
    const t = datos.turnos.find((x) => x.ficha === ficha);
    if (!t) return;
    if (t.cuenta !== 'conocida') nodo.append(_('No sabemos con qué cuenta de OSM editas: vincúlala en «Mi cuenta» y aquí verás lo que mapeaste.'));
    else if (t.estado !== 'firme' && !datos.aula && sinCambios(t)) nodo.append(_('Lo que mapeaste se contará cuando lleguen los cambios de OpenStreetMap; lo verás en «Mi trabajo».'));
    else nodo.append(h('strong', {}, frase(t)), ' ', sello(t));
  }).catch(() => { /* ya se entregó; lo contado se ve después */ });
  return nodo;
}

/**
 * Antes de entregar: si ya se sabe que no hay cambios dentro, pregunta por qué.
 *
 * Devuelve `{}` si no hay nada que preguntar, `{ motivo }` con la respuesta, o null si prefiere seguir mapeando.
 */
export async function porQueSinCambios(mesa, tarea, lugar) {
  let t;
  try {
    const datos = await pedir(mesa, tarea.numero);
    t = datos.aula ? datos.turnos.find((x) => x.ficha === tarea.bloqueo.ficha) : null;
  } catch {
    return {}; // sin saber, no se estorba
  }
  if (!t || t.cuenta !== 'conocida' || !sinCambios(t)) return {};
  return new Promise((responder) => {
    const terminar = (respuesta) => {
      pregunta.remove();
      responder(respuesta);
    };
    const pregunta = preguntaMotivo(motivosDe(tarea), (motivo) => terminar({ motivo }));
    pregunta.append(h('p', { class: 'botones' }, boton(_('Seguir mapeando'), () => terminar(null), { tipo: 'discreto', dibujo: 'izquierda' })));
    lugar.replaceChildren(pregunta);
    pregunta.scrollIntoView({ block: 'center' }); // no tras el botón fijo de abajo
    pregunta.querySelector('button').focus({ preventScroll: true });
  });
}

/** Para decir al entregar, sin que nadie pregunte, que no había qué cambiar. */
export function nadaQueCambiar(tarea) {
  const { ya_estaba: yaEstaba, no_hay_nada: noHayNada } = motivosDe(tarea);
  const opciones = [['', _('Sí cambié algo')], ['ya_estaba', yaEstaba()], ['no_hay_nada', noHayNada()]];
  return h('details', { class: 'nada-que-cambiar' }, h('summary', {}, _('¿No había nada que cambiar?')),
    h('fieldset', {}, h('legend', { class: 'solo-lector' }, _('¿No había nada que cambiar?')),
      opciones.map(([valor, texto], i) => h('label', { class: 'opcion' }, h('input', { type: 'radio', name: 'sin_cambios', value: valor, checked: i === 0 }), h('span', {}, texto)))));
}

/** Ya se sabe que algo cambió: quita esa pregunta, y lo que se hubiera contestado. */
export function noPreguntar(nada) {
  nada.querySelector('input').checked = true;
  nada.hidden = true;
}

/**
 * Quita la pregunta si ya hay cambios de esta toma: guardados en el editor de aquí, o contados en el aula.
 *
 * Devuelve lo contado en el aula, en una frase; vacía si no se contó o no hay nada.
 */
export async function preguntarSiNada(nada, mesa, tarea) {
  const { ficha } = tarea.bloqueo;
  if (libreta(mesa.yo, mesa.proyecto.id, tarea.numero, ficha).hayAlgo()) noPreguntar(nada);
  if (nada.hidden || !mesa.proyecto.servidor.practica) return '';
  try {
    const { turnos } = await pedir(mesa, tarea.numero);
    const t = turnos.find((x) => x.ficha === ficha);
    if (t?.cuenta !== 'conocida' || sinCambios(t)) return '';
    noPreguntar(nada);
    return frase(t);
  } catch {
    return ''; // sin saber, se pregunta
  }
}

// --- Cómo era y cómo quedó --------------------------------------------------------------------------------------------

const VISTAS = [['antes', () => _('Cómo era')], ['ambos', () => _('Los dos')], ['despues', () => _('Cómo quedó')]];

const hayQueVer = (t) => suma(t.dentro) + suma(t.fuera) + t.vertices_movidos > 0;

/** La caja con lo que se ve en el mapa y su lista, y `pintar(vista)` para ponerlo en él. */
function enElMapa(mesa, tarea, objetos, { vista: elegida = 'ambos', abierta = false }) {
  const nombre = `vista-evidencia-${tarea.numero}`;
  const caja = h('div', { class: 'mapa-evidencia' });
  const pintar = async (vista = 'ambos') => {
    delete caja.dataset.trazos;
    const puestos = await ponerEnMapa(mesa, objetos.features, vista);
    caja.dataset.trazos = puestos.features.map((f) => f.properties.trazo).toSorted().join(' ');
  };
  const vistas = h('fieldset', { class: 'vistas-evidencia' }, h('legend', {}, _('En el mapa')),
    VISTAS.map(([valor, texto]) => h('label', {}, h('input', { type: 'radio', name: nombre, value: valor, checked: valor === elegida, onchange: () => pintar(valor) }), h('span', {}, texto()))));
  const leyenda = h('ul', { class: 'leyenda-evidencia' }, ['crear', 'modificar', 'borrar'].map((accion) => h('li', {}, h('span', { class: `muestra ${accion}`, 'aria-hidden': 'true' }), nombreDeAccion(accion), accion === 'modificar' ? h('span', { class: 'suave' }, ` ${_('(punteado: como estaba)')}`) : null)),
    h('li', {}, h('span', { class: 'muestra aun-no', 'aria-hidden': 'true' }), _('Aún no estaba')));
  const visibles = objetos.features.slice(0, EN_LISTA);
  const lista = h('ul', { class: 'lista-tareas lista-evidencia' }, visibles.map((rasgo) => renglon(mesa, rasgo)));
  const cuantos = objetos.total > visibles.length ? h('p', { class: 'suave chica' }, _('Primeros %(m)s de %(n)s objetos.', { m: cifra(visibles.length), n: cifra(objetos.total) })) : null;
  const formas = objetos.features.some(({ properties }) => properties.forma)
    ? h('p', { class: 'suave chica' }, _('«Cambió de forma»: se movieron sus nodos. Cuenta como modificado, nunca como creado; de una calle, lo que creció o se acortó. Si varias personas cambiaron en el mismo momento un área hecha de varias líneas, cuenta sólo a la última.')) : null;
  caja.append(vistas, leyenda, h('details', { class: 'uno-por-uno', open: abierta }, h('summary', {}, n_('%(n)s objeto, uno por uno', '%(n)s objetos, uno por uno', objetos.total)), ...[cuantos, formas, lista].filter(Boolean)));
  return { caja, pintar };
}

function renglon(mesa, { properties: o, geometry }) {
  const donde = o.dentro ? null : o.dentro === null ? _('sin lugar conocido') : o.metros_fuera > 0 ? _('fuera, a %(n)s m', { n: cifra(o.metros_fuera) }) : _('en el borde');
  const nombre = o.vertice ? _('vértice movido') : o.resumen || `${LETRA_DE_TIPO[o.tipo]} ${o.id}`;
  return h('li', {}, h('button', { type: 'button', disabled: !geometry, onclick: () => mesa.acercarA(cajaDe(geometry)) },
    h('span', { class: `muestra ${o.accion}`, 'aria-hidden': 'true' }), h('span', {}, h('strong', {}, o.vertice ? '' : `${o.forma ? _('Cambió de forma') : nombreDeAccion(o.accion)}: `), nombre),
    donde && h('span', { class: 'sello' }, donde)));
}

/** Caja de una geometría GeoJSON, con un poco de aire: [oeste, sur, este, norte]. */
function cajaDe(geometria) {
  const puntos = (c) => (typeof c[0] === 'number' ? [c] : c.flatMap(puntos));
  const todos = geometria.type === 'GeometryCollection' ? geometria.geometries.flatMap((g) => puntos(g.coordinates)) : puntos(geometria.coordinates);
  const [xs, ys] = [todos.map((p) => p[0]), todos.map((p) => p[1])];
  const aire = 0.00012;
  return [Math.min(...xs) - aire, Math.min(...ys) - aire, Math.max(...xs) + aire, Math.max(...ys) + aire];
}

/** De los rasgos de la API, lo que se dibuja en una vista: cada uno con su `trazo`. */
function trazos(rasgos, vista) {
  const salida = [];
  const poner = (geometry, o, trazo) => geometry && salida.push({ type: 'Feature', geometry, properties: { trazo, punto: o.vertice ? 'vertice' : trazo } });
  rasgos.forEach(({ properties: o }) => {
    // El mapa base ya trae lo nuevo: para ver cómo era, se tapa (acomodarAlFondo).
    if (o.accion === 'crear') poner(o.despues, o, vista === 'antes' ? 'aun_no' : 'crear');
    if (o.accion === 'borrar' && vista !== 'despues') poner(o.antes, o, 'borrar');
    if (o.accion !== 'modificar') return;
    if (vista !== 'despues') poner(o.antes, o, 'era');
    if (vista !== 'antes') poner(o.despues, o, 'modificar');
  });
  return { type: 'FeatureCollection', features: salida };
}

const VACIO = { type: 'FeatureCollection', features: [] };
const COLOR = ['match', ['get', 'trazo'], 'crear', COLORES.crear, 'borrar', COLORES.borrar, COLORES.modificar];
const CAPAS_DE_OBJETOS = ['objetos-relleno', 'objetos-linea', 'objetos-punto'];

async function ponerEnMapa(mesa, rasgos, vista) {
  const puestos = trazos(rasgos, vista);
  mesa.evidenciaVista = puestos;
  document.documentElement.dataset.evidencia = puestos.features.length;
  const mapa = await mesa.mapaListo;
  // Mientras el mapa bajaba, se pudo pasar a otra hoja.
  if (!mapa || mesa.evidenciaVista !== puestos) return puestos;
  if (!mapa.getSource('evidencia')) agregarCapas(mapa);
  acomodarAlFondo(mesa);
  mapa.getSource('evidencia').setData(puestos);
  // Los objetos de toda la tarea taparían los que cambiaron.
  CAPAS_DE_OBJETOS.forEach((capa) => mapa.setLayoutProperty(capa, 'visibility', 'none'));
  return puestos;
}

/** Lo que aún no estaba se tapa sobre el mapa base, que ya lo trae; sobre una imagen se contornea, para dejarla ver. */
export function acomodarAlFondo({ mapa, fondo }) {
  if (!mapa?.getSource('evidencia')) return;
  const imagen = fondo() === 'imagen';
  mapa.setLayoutProperty('evidencia-tapa', 'visibility', imagen ? 'none' : 'visible');
  mapa.setLayoutProperty('evidencia-aun-no-ribete', 'visibility', imagen ? 'visible' : 'none');
  mapa.setPaintProperty('evidencia-aun-no', 'line-width', imagen ? 2 : 1.2);
}

/** Quita del mapa lo que se mostraba. */
export function quitarEvidencia(mesa) {
  if (!mesa.evidenciaVista) return;
  mesa.evidenciaVista = null;
  delete document.documentElement.dataset.evidencia;
  mesa.mapa?.getSource('evidencia')?.setData(VACIO);
  if (mesa.mapa?.getSource('evidencia')) CAPAS_DE_OBJETOS.forEach((capa) => mesa.mapa.setLayoutProperty(capa, 'visibility', 'visible'));
}

function agregarCapas(mapa) {
  const antes = bajoLetreros(mapa);
  const esLinea = ['match', ['geometry-type'], ['LineString', 'MultiLineString', 'Polygon', 'MultiPolygon'], true, false];
  const esArea = ['match', ['geometry-type'], ['Polygon', 'MultiPolygon'], true, false];
  const de = (...cuales) => ['in', ['get', 'trazo'], ['literal', cuales]];
  mapa.addSource('evidencia', { type: 'geojson', data: VACIO });
  mapa.addImage('evidencia-rayas', rayas(COLORES.borrar), { pixelRatio: 2 });
  Object.entries({ crear: '+', modificar: '~', era: '~', borrar: '×', vertice: '·' }).forEach(([clave, signo]) => mapa.addImage(`evidencia-${clave}`, ficha(COLORES[clave] ?? COLORES.modificar, signo, clave === 'era'), { pixelRatio: 2 }));
  const capa = (id, type, filter, paint, layout = {}) => mapa.addLayer({ id: `evidencia-${id}`, type, source: 'evidencia', filter, paint, layout }, antes);
  capa('tapa', 'fill', ['all', esArea, de('aun_no')], { 'fill-color': '#fff', 'fill-opacity': 0.8 });
  // Sobre la foto el contorno necesita ribete: gris solo, se pierde entre los techos.
  capa('aun-no-ribete', 'line', ['all', esLinea, de('aun_no')], { 'line-color': '#fff', 'line-width': 4, 'line-opacity': 0.85 }, { 'line-join': 'round' });
  capa('relleno', 'fill', ['all', esArea, de('crear', 'modificar')], { 'fill-color': COLOR, 'fill-opacity': ['match', ['get', 'trazo'], 'crear', 0.35, 0.12] });
  capa('trama', 'fill', ['all', esArea, de('borrar')], { 'fill-pattern': 'evidencia-rayas' });
  capa('aun-no', 'line', ['all', esLinea, de('aun_no')], { 'line-color': '#5f6368', 'line-width': 1.2, 'line-dasharray': [1, 2.5] });
  capa('ribete', 'line', ['all', esLinea, ['!', de('aun_no')]], { 'line-color': '#fff', 'line-width': 5.5, 'line-opacity': 0.85 }, { 'line-join': 'round' });
  capa('entera', 'line', ['all', esLinea, de('crear', 'modificar')], { 'line-color': COLOR, 'line-width': ['match', ['get', 'trazo'], 'crear', 3.5, 2.5] }, { 'line-join': 'round' });
  capa('punteada', 'line', ['all', esLinea, de('era')], { 'line-color': COLOR, 'line-width': 2.5, 'line-dasharray': [3, 2] });
  capa('borrada', 'line', ['all', esLinea, de('borrar')], { 'line-color': COLOR, 'line-width': 3, 'line-dasharray': [0.8, 1.2] });
  ponerEnPiso(mapa, 'marca', {
    id: 'evidencia-punto', type: 'symbol', source: 'evidencia', filter: ['all', ['match', ['geometry-type'], ['Point', 'MultiPoint'], true, false], ['!', de('aun_no')]],
    layout: { 'icon-image': ['concat', 'evidencia-', ['get', 'punto']], 'icon-allow-overlap': true, 'icon-ignore-placement': true },
  });
}

/** Redondel con un signo, para los puntos: el signo dice lo mismo que el color. */
function ficha(color, signo, hueca) {
  const lado = 36;
  const pincel = pincelDe(lado);
  pincel.beginPath();
  pincel.arc(lado / 2, lado / 2, signo === '·' ? 9 : 15, 0, 2 * Math.PI);
  pincel.fillStyle = hueca ? '#fff' : color;
  pincel.fill();
  pincel.lineWidth = 3;
  pincel.strokeStyle = hueca ? color : '#fff';
  if (hueca) pincel.setLineDash([5, 4]);
  pincel.stroke();
  if (signo === '·') return pincel.getImageData(0, 0, lado, lado);
  pincel.fillStyle = hueca ? color : '#fff';
  pincel.font = 'bold 26px sans-serif';
  pincel.textAlign = 'center';
  pincel.textBaseline = 'middle';
  pincel.fillText(signo, lado / 2, lado / 2 + 1);
  return pincel.getImageData(0, 0, lado, lado);
}
