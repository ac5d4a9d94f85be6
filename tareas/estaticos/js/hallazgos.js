// Lo que las revisiones hallan ahora en una tarea: qué, cómo se arregla, dónde, y lo que se contesta; y la conversación de la
// entrega, cuando falta arreglar algo o decir por qué se deja así.
import { _, n_, numero as cifra } from './textos.js';
import { aviso, boton, h } from './dom.js';
import { ponerEnPiso } from './mapa_base.js';
import { elegirEnJosm } from './editores.js';
import { COLOR, nivelDe, nombreDeNivel, objetosEnlazados, ponerFiguras } from './niveles_hallazgo.js';
import { reglaDe } from './reglas_calidad.js';

const POR_GRUPO = 40;
const MOTIVO_MINIMO = 3; // letras, como lo pide la API
const MOTIVO_MAXIMO = 500;
const AIRE = 0.00018; // grados alrededor de lo que se mira

const pedir = (mesa, numero) => mesa.api('GET', mesa.ruta(numero, '/hallazgos'));

const esFalso = (p) => p.respuesta?.respuesta === 'falso';

// --- Un hallazgo --------------------------------------------------------------------------------------------------------

function porQue(mesa, p) {
  const cuerpo = h('div', {});
  const detalles = h('details', {}, h('summary', {}, _('Por qué importa')), cuerpo);
  detalles.addEventListener('toggle', async () => {
    if (!detalles.open || cuerpo.childNodes.length) return;
    const regla = await mesa.intentar(() => reglaDe(mesa, p.codigo));
    if (!regla) return;
    cuerpo.replaceChildren(h('p', {}, regla.por_que), h('p', {}, h('strong', {}, _('No te confundas:')), ` ${regla.trampa}`),
      h('p', {}, h('a', { href: `/calidad/reglas#${p.codigo}`, target: '_blank', rel: 'noopener' }, _('Más sobre esta revisión'))));
  });
  return detalles;
}

function sugerida({ etiquetas }) {
  const pares = Object.entries(etiquetas ?? {}).flatMap(([llave, valor], i) => [i ? ', ' : '', h('code', {}, valor === null ? _('sin %(llave)s', { llave }) : `${llave}=${valor}`)]);
  return pares.length ? h('p', { class: 'como' }, _('Propuesta:'), ' ', pares) : null;
}

/** Botones para ver y corregir un hallazgo. `lugares` = { ver(p, geometria), abrir(clave) }; sin `abrir` no hay editor aquí. */
function caminos(mesa, tarea, p, geometria, lugares) {
  const josm = mesa.proyecto.josm && mesa.proyecto.servidor.id === 'osm' && !lugares.abrir ? boton(_('Abrir en JOSM'), async () => {
    await elegirEnJosm(p, mesa.proyecto).catch((error) => { josm.after(aviso('error', error.message)); });
  }, { tipo: 'secundario', dibujo: 'abrir' }) : null;
  return h('p', { class: 'botones' },
    boton(lugares.rotulo ?? _('Ver en el mapa'), () => lugares.ver(p, geometria), { tipo: 'secundario', dibujo: 'ubicacion' }),
    lugares.abrir && p.objetos.length > 0 && boton(_('Abrir en el editor'), () => lugares.abrir(p.objetos[0]), { tipo: 'secundario', dibujo: 'lapiz' }), josm);
}

function renglon(mesa, tarea, { properties: p, geometry }, lugares, ...partes) {
  const { web } = mesa.proyecto;
  return h('li', { class: `n${p.nivel}`, 'data-hallazgo': p.huella },
    h('p', { class: 'que' }, p.titulo, p.mio ? h('span', { class: 'sello' }, _('Lo hiciste tú')) : null, p.suyo ? h('span', { class: 'sello' }, _('De quien mapeó')) : null, p.respuesta?.respuesta === 'error' ? h('span', { class: 'sello' }, _('Confirmado')) : null),
    h('p', {}, p.mensaje, ' ', h('span', { class: 'suave chica' }, objetosEnlazados(p.objetos, web))),
    h('p', { class: 'como' }, p.arreglo), p.sugerencia && sugerida(p.sugerencia),
    p.justificado && h('blockquote', {}, h('strong', {}, p.justificado.persona_id === mesa.yo ? _('Lo dejaste así:') : _('%(persona)s lo dejó así:', { persona: p.justificado.persona })), ` ${p.justificado.motivo}`),
    caminos(mesa, tarea, p, geometry, lugares), porQue(mesa, p), ...partes);
}

// --- La lista -----------------------------------------------------------------------------------------------------------

const propio = ({ properties: p }) => p.mio || p.suyo;

/** Primero lo propio (de quien mapea, o de quien entregó); en cada parte, de vecino en vecino, para que el mapa salte poco. */
function porCercania(rasgos) {
  const lejos = (a, b) => Math.hypot(a.properties.lugar[0] - b.properties.lugar[0], a.properties.lugar[1] - b.properties.lugar[1]);
  const orden = [];
  for (const parte of [rasgos.filter(propio), rasgos.filter((r) => !propio(r))]) {
    const quedan = [...parte];
    while (quedan.length && orden.length < POR_GRUPO) {
      const ultimo = orden.at(-1) ?? quedan[0];
      const [cual] = quedan.reduce(([mejor, menos], r, i) => { const d = lejos(ultimo, r); return d < menos ? [i, d] : [mejor, menos]; }, [0, Infinity]);
      orden.push(...quedan.splice(cual, 1));
    }
    orden.push(...quedan); // de más allá sólo se dice cuántos son
  }
  return orden;
}

/**
 * Lo que se halla en la tarea, por nivel; lo propio primero, y cada cosa junto a la que tiene cerca.
 *
 * `responder`: con los botones «Sí es error» y «Falsa alarma». `abrir(clave)`: abre el editor en ese objeto; sin ella no hay
 * editor aquí. `ver` y `rotulo`: como en `caminos`, si no es en nuestro mapa. `senalar`: { listo, tiene(huella), poner(p,
 * geometria), quitar(huella) }, para quien dictamina. `suyos`: promesa con las claves de lo que hizo quien entregó. `soloMios`:
 * nada más lo de quien mira. `alLlegar(datos)`: con cada respuesta de la API. Devuelve el nodo.
 */
export function hallazgosDeTarea(mesa, tarea, { responder = false, abrir = null, abierta = true, ver = null, rotulo = undefined, senalar = null, suyos = null, soloMios = false, alLlegar = () => {} } = {}) {
  const cuerpo = h('div', { class: 'hallazgos', 'aria-busy': 'true' }, h('p', { class: 'suave' }, _('Revisando…')));
  const resumen = h('summary', {}, _('Lo que conviene revisar'));
  const nodo = h('details', { open: abierta, hidden: soloMios, [soloMios ? 'data-hallazgos-mios' : 'data-hallazgos']: tarea.numero }, resumen, cuerpo);
  const lugares = { abrir, rotulo, ver: ver ?? ((p, geometria) => mirar(mesa, nodo, p, geometria)) };

  const contestar = (p) => {
    const decir = async (respuesta, pulsado) => {
      const dicha = await mesa.intentar(() => mesa.api('POST', mesa.ruta(tarea.numero, '/hallazgos/respuestas'), { huella: p.huella, respuesta }), pulsado);
      if (!dicha) return;
      await llenar();
      // Su renglón pudo cambiar de grupo: el foco no se pierde.
      (nodo.querySelector(`[data-hallazgo="${p.huella}"] [data-respuesta="${respuesta}"]`) ?? resumen).focus({ preventScroll: true });
    };
    const uno = (respuesta, texto) => {
      const b = boton(texto, () => decir(respuesta, b), { tipo: 'secundario', 'data-respuesta': respuesta, 'aria-pressed': String(p.respuesta?.respuesta === respuesta) });
      return b;
    };
    return h('p', { class: 'botones', role: 'group', 'aria-label': _('¿Es un error?') }, uno('error', _('Sí es error')), uno('falso', _('Falsa alarma')));
  };
  /** «Señalar este error»: pasa al dictamen tal cual, con su objeto y su lugar. Devuelve el nodo y cómo ponerlo al día. */
  const paraDictamen = (p, geometria) => {
    const pintar = () => {
      const puesto = senalar.tiene(p.huella);
      b.setAttribute('aria-pressed', String(puesto));
      b.lastChild.textContent = puesto ? _('Señalado') : _('Señalar este error');
    };
    const b = boton('', () => {
      if (senalar.tiene(p.huella)) senalar.quitar(p.huella);
      else senalar.poner(p, geometria);
      pintar();
    }, { tipo: 'secundario', dibujo: 'bandera' });
    b.append('');
    pintar();
    return { nodo: h('p', { class: 'botones' }, b), pintar };
  };
  // Un renglón que no cambió es el mismo nodo: lo que la persona abrió en él sigue abierto, y el foco donde estaba.
  let puestos = new Map(); // huella: { dicho, li, pintar }
  const renglonDe = (r) => {
    const { properties: p, geometry } = r;
    const dicho = JSON.stringify(r);
    const antes = puestos.get(p.huella);
    if (antes?.dicho === dicho) return antes;
    const senal = senalar && !esFalso(p) ? paraDictamen(p, geometry) : null;
    const li = renglon(mesa, tarea, r, lugares, senal?.nodo, responder ? contestar(p) : null);
    if (antes?.li.classList.contains('mirado')) li.classList.add('mirado');
    return { dicho, li, pintar: senal?.pintar };
  };
  const unoPorUno = (rasgos, nuevos) => {
    const visibles = rasgos.slice(0, POR_GRUPO);
    const faltan = rasgos.length - visibles.length;
    return [h('ul', { class: 'renglones-hallazgo' }, visibles.map((r) => {
      const suyo = renglonDe(r);
      nuevos.set(r.properties.huella, suyo);
      return suyo.li;
    })), faltan ? h('p', { class: 'suave chica' }, n_('Y %(n)s más, en el mapa.', 'Y %(n)s más, en el mapa.', faltan)) : null];
  };
  const plegados = (titulo, texto, rasgos, clave, nuevos) => (rasgos.length ? h('details', { 'data-grupo': clave, open: Boolean(cuerpo.querySelector(`[data-grupo="${clave}"]`)?.open) }, h('summary', {}, `${titulo} (${cifra(rasgos.length)})`), texto && h('p', { class: 'suave chica' }, texto), unoPorUno(rasgos, nuevos)) : null);
  const otraVez = boton(_('Revisar otra vez'), () => mesa.intentar(llenar, otraVez), { tipo: 'secundario', dibujo: 'deshacer' });
  const pieDeLista = h('p', { class: 'botones' }, otraVez);

  let pedidos = 0;
  let ultimo = 0; // el más nuevo que ya se puso
  async function llenar() {
    const pedido = ++pedidos;
    const datos = await pedir(mesa, tarea.numero);
    const deQuienEntrego = await suyos;
    await senalar?.listo;
    if (!nodo.isConnected || pedido < ultimo) return; // ya se mira otra hoja, o ya se puso una respuesta más nueva
    ultimo = pedido;
    alLlegar(datos);
    const marcados = datos.features.map((r) => (deQuienEntrego?.size ? { ...r, properties: { ...r.properties, suyo: r.properties.objetos.some((clave) => deQuienEntrego.has(clave)) } } : r));
    const rasgos = porCercania(soloMios ? marcados.filter(({ properties: p }) => p.mio) : marcados);
    const callados = rasgos.filter(({ properties: p }) => p.callada && !esFalso(p));
    const descartados = rasgos.filter(({ properties: p }) => esFalso(p));
    const vivos = rasgos.filter(({ properties: p }) => !p.callada && !esFalso(p));
    nodo.hidden = soloMios && !vivos.length; // en el cajón, sin nada suyo, no ocupa lugar
    resumen.textContent = vivos.length ? n_('%(n)s cosa que conviene revisar', '%(n)s cosas que conviene revisar', vivos.length) : _('Lo que conviene revisar');
    const nuevos = new Map();
    const grupos = [1, 2, 3].map((nivel) => [nivel, vivos.filter(({ properties: p }) => p.nivel === nivel)]).filter(([, delNivel]) => delNivel.length)
      .flatMap(([nivel, delNivel]) => [h('h3', { class: 'grupo' }, nivelDe(nivel, `${nombreDeNivel(nivel, responder)} (${cifra(delNivel.length)})`)), ...unoPorUno(delNivel, nuevos)]);
    cuerpo.removeAttribute('aria-busy');
    const conFoco = cuerpo.contains(document.activeElement) ? document.activeElement : null;
    cuerpo.replaceChildren(...[
      datos.origen === null ? h('p', {}, _('No sabemos dónde se edita este proyecto: no se puede revisar.')) : null,
      datos.origen !== null && !vivos.length ? h('p', {}, descartados.length || callados.length ? _('No queda nada por revisar.') : _('Las revisiones no hallan nada aquí.')) : null,
      ...grupos,
      plegados(_('Descartados'), _('Alguien que valida dijo que son falsas alarmas; vuelven si el objeto cambia.'), descartados, 'descartados', nuevos),
      plegados(_('Revisiones calladas'), _('Esta regla se equivoca mucho en este municipio: no se muestra como error'), callados, 'callados', nuevos),
      datos.fallas?.length ? h('p', { class: 'suave chica' }, _('No se pudo correr: %(cuales)s.', { cuales: datos.fallas.join(', ') })) : null,
      !responder && !mesa.proyecto.servidor.practica && datos.origen !== null ? h('p', { class: 'suave chica' }, _('Lo que acabas de guardar en OpenStreetMap tarda unos minutos en llegar aquí.')) : null,
      pieDeLista,
    ].filter(Boolean));
    puestos = nuevos;
    if (conFoco?.isConnected) conFoco.focus({ preventScroll: true });
    if (!ver) await ponerEnMapa(mesa, vivos);
    nodo.dataset.listos = vivos.length;
  }
  nodo.addEventListener('revisar', () => llenar().catch(() => {})); // lo de antes sigue a la vista
  nodo.addEventListener('toggle', () => { if (!nodo.open && !ver) quitarHallazgos(mesa); else if (nodo.open && nodo.dataset.listos) mesa.intentar(llenar); });
  nodo.addEventListener('senalados', () => puestos.forEach(({ pintar }) => pintar?.()));
  llenar().catch((error) => {
    cuerpo.removeAttribute('aria-busy');
    const otra = boton(_('Intentar de nuevo'), () => mesa.intentar(llenar, otra), { tipo: 'secundario' });
    cuerpo.replaceChildren(h('p', {}, error.message), otra);
  });
  return nodo;
}

// --- En el mapa ---------------------------------------------------------------------------------------------------------

const VACIO = { type: 'FeatureCollection', features: [] };
const coleccion = (features) => ({ type: 'FeatureCollection', features });

function cajaDe(geometria, [lon, lat]) {
  const puntos = (c) => (typeof c[0] === 'number' ? [c] : c.flatMap(puntos));
  const todos = [[lon, lat], ...(geometria.type === 'GeometryCollection' ? geometria.geometries.flatMap((g) => puntos(g.coordinates)) : puntos(geometria.coordinates))];
  const [xs, ys] = [todos.map((p) => p[0]), todos.map((p) => p[1])];
  return [Math.min(...xs) - AIRE, Math.min(...ys) - AIRE, Math.max(...xs) + AIRE, Math.max(...ys) + AIRE];
}

/** Todos los hallazgos, cada uno con la figura de su nivel. */
async function ponerEnMapa(mesa, rasgos) {
  const puestos = rasgos.map(({ properties: { nivel, huella, lugar } }) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: lugar }, properties: { nivel, huella } }));
  mesa.hallazgosVista = puestos;
  const mapa = await mesa.mapaListo;
  if (!mapa || mesa.hallazgosVista !== puestos) return;
  if (!mapa.getSource('hallazgos')) agregarCapas(mapa);
  mapa.getSource('hallazgos').setData(coleccion(puestos));
  // Lo que se estaba mirando se sigue viendo, si todavía se halla.
  const mirado = document.documentElement.dataset.hallazgo;
  if (mirado && puestos.some(({ properties: { huella } }) => huella === mirado)) return;
  mapa.getSource('hallazgo').setData(VACIO);
  delete document.documentElement.dataset.hallazgo;
}

/** Dibuja lo que hay que ver de un hallazgo y lleva el mapa ahí. */
async function mirar(mesa, nodo, p, geometria) {
  nodo.querySelectorAll('.mirado').forEach((otro) => otro.classList.remove('mirado'));
  nodo.querySelector(`[data-hallazgo="${p.huella}"]`)?.classList.add('mirado');
  mesa.hallazgosVista ??= [];
  mesa.acercarA(cajaDe(geometria, p.lugar), { cerca: true });
  const mapa = await mesa.mapaListo;
  if (!mapa) return;
  if (!mapa.getSource('hallazgos')) agregarCapas(mapa);
  mapa.getSource('hallazgo').setData(coleccion([{ type: 'Feature', geometry: geometria, properties: { nivel: p.nivel } }, { type: 'Feature', geometry: { type: 'Point', coordinates: p.lugar }, properties: { nivel: p.nivel, aqui: true } }]));
  document.documentElement.dataset.hallazgo = p.huella;
}

/** Quita del mapa los hallazgos. */
export function quitarHallazgos(mesa) {
  if (!mesa.hallazgosVista) return;
  mesa.hallazgosVista = null;
  mesa.mapa?.getSource('hallazgos')?.setData(VACIO);
  mesa.mapa?.getSource('hallazgo')?.setData(VACIO);
  delete document.documentElement.dataset.hallazgo;
}

function agregarCapas(mapa) {
  ponerFiguras(mapa);
  mapa.addSource('hallazgo', { type: 'geojson', data: VACIO });
  mapa.addSource('hallazgos', { type: 'geojson', data: VACIO });
  const esArea = ['match', ['geometry-type'], ['Polygon', 'MultiPolygon'], true, false];
  const esTrazo = ['match', ['geometry-type'], ['LineString', 'MultiLineString', 'Polygon', 'MultiPolygon'], true, false];
  const capa = (id, source, type, filter, paint, layout = {}) => ponerEnPiso(mapa, ['circle', 'symbol'].includes(type) ? 'hallazgo' : 'contorno', { id, source, type, filter, paint, layout });
  capa('hallazgo-trama', 'hallazgo', 'fill', esArea, { 'fill-pattern': ['concat', 'hallazgo-rayas-', ['get', 'nivel']] });
  capa('hallazgo-ribete', 'hallazgo', 'line', esTrazo, { 'line-color': '#fff', 'line-width': 6.5, 'line-opacity': 0.9 }, { 'line-join': 'round' });
  capa('hallazgo-filo', 'hallazgo', 'line', esTrazo, { 'line-color': COLOR, 'line-width': 3.5, 'line-dasharray': [2.5, 1] }, { 'line-join': 'round' });
  capa('hallazgo-aqui', 'hallazgo', 'circle', ['has', 'aqui'], { 'circle-radius': 17, 'circle-color': 'rgba(0,0,0,0)', 'circle-stroke-color': '#fff', 'circle-stroke-width': 6 });
  capa('hallazgo-aqui-aro', 'hallazgo', 'circle', ['has', 'aqui'], { 'circle-radius': 18.5, 'circle-color': 'rgba(0,0,0,0)', 'circle-stroke-color': COLOR, 'circle-stroke-width': 3 });
  capa('hallazgos-punto', 'hallazgos', 'symbol', ['has', 'nivel'], {}, { 'icon-image': ['concat', 'hallazgo-', ['get', 'nivel']], 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'symbol-sort-key': ['-', 0, ['get', 'nivel']], 'icon-size': ['interpolate', ['linear'], ['zoom'], 14, 0.5, 17, 0.85] });
}

// --- La entrega ---------------------------------------------------------------------------------------------------------

/** Por qué se deja así cada hallazgo de un turno, por huella; se guarda en este aparato mientras se escribe. */
export function porquesDe(mesa, tarea, ficha) {
  const llave = `tequio_porque_${mesa.yo}_${mesa.proyecto.id}_${tarea.numero}_${ficha}`;
  let dichos = {};
  try { dichos = JSON.parse(localStorage.getItem(llave) ?? '{}'); } catch { /* sin almacenamiento */ }
  const escribir = () => { try { if (Object.keys(dichos).length) localStorage.setItem(llave, JSON.stringify(dichos)); else localStorage.removeItem(llave); } catch { /* sin almacenamiento */ } };
  return {
    de: (huella) => dichos[huella] ?? '',
    poner(huella, texto) {
      if (texto.trim()) dichos[huella] = texto;
      else delete dichos[huella];
      escribir();
    },
    justificaciones: () => Object.entries(dichos).filter(([, motivo]) => motivo.trim().length >= MOTIVO_MINIMO).map(([huella, motivo]) => ({ huella, motivo: motivo.trim() })),
    olvidar() {
      dichos = {};
      escribir();
    },
  };
}

/**
 * Lo que detiene la entrega: cada hallazgo con cómo verlo, y por qué se deja así.
 *
 * `hallazgos`: los de la respuesta 409 `por_arreglar`. `porques`: de porquesDe. `entregar(pulsado)`: vuelve a entregar.
 * `lugares`: como en `caminos`; sin ellos, nuestro mapa. `dejar()`: se llama al volver a mapear.
 */
export function porArreglar(mesa, tarea, hallazgos, { porques, entregar, lugares, dejar = () => {}, prefijo }) {
  const falta = h('div', { role: 'status' });
  const nodo = h('form', { class: 'por-arreglar', novalidate: true, 'aria-labelledby': `${prefijo}-titulo` });
  const { ver = (p, geometria) => mirar(mesa, nodo, p, geometria), ...otros } = lugares;
  const campos = new Map();
  const renglones = hallazgos.map(({ geometria, ...p }, i) => {
    const id = `${prefijo}-${i}`;
    const error = h('p', { class: 'falta', id: `${id}-falta`, hidden: true }, _('Di por qué lo dejas así, con tres letras o más, o arréglalo.'));
    const campo = h('textarea', { id, rows: 2, maxlength: MOTIVO_MAXIMO, 'aria-describedby': `${id}-falta`, oninput: () => {
      porques.poner(p.huella, campo.value);
      campo.removeAttribute('aria-invalid');
      error.hidden = true;
    } });
    campo.value = porques.de(p.huella);
    campos.set(p.huella, { campo, error });
    return renglon(mesa, tarea, { properties: { ...p, mio: true }, geometry: geometria }, { ver, ...otros }, h('label', { for: id }, _('Por qué lo dejas así')), campo, error);
  });
  const marcarArreglado = (huella) => {
    campos.delete(huella);
    porques.poner(huella, '');
    nodo.querySelector(`[data-hallazgo="${huella}"]`)?.replaceChildren(h('p', { class: 'arreglado' }, _('Ya no se halla: quedó arreglado.')));
  };
  /** Mira de nuevo qué sigue mal; lo ya arreglado deja de pedir su porqué. */
  const mirarDeNuevo = async (pulsado) => {
    const datos = await mesa.intentar(() => pedir(mesa, tarea.numero), pulsado);
    if (!datos) return false;
    const siguen = new Set(datos.features.map((r) => r.properties.huella));
    [...campos.keys()].filter((huella) => !siguen.has(huella)).forEach(marcarArreglado);
    return true;
  };
  const revisar = boton(_('Revisar otra vez'), async () => {
    if (!await mirarDeNuevo(revisar)) return;
    falta.replaceChildren(aviso(campos.size ? 'info' : 'exito', campos.size ? n_('Queda %(n)s por arreglar.', 'Quedan %(n)s por arreglar.', campos.size) : _('Ya no queda nada: puedes entregar.')));
  }, { tipo: 'secundario', dibujo: 'deshacer' });
  const enviar = h('button', { type: 'submit', class: 'boton' }, _('Entregar'));
  nodo.append(
    h('h3', { id: `${prefijo}-titulo`, tabindex: '-1' }, n_('Antes de entregar, arregla esto', 'Antes de entregar, arregla estas %(n)s cosas', hallazgos.length)),
    h('p', {}, _('O di por qué lo dejas así: lo leerá quien revise. Nada de lo que escribiste se perdió.')),
    h('ul', { class: 'renglones-hallazgo' }, renglones), falta,
    h('p', { class: 'botones' }, enviar, revisar, boton(_('Seguir mapeando'), () => { nodo.remove(); dejar(); }, { tipo: 'discreto', dibujo: 'izquierda' })));
  nodo.addEventListener('submit', async (evento) => {
    evento.preventDefault();
    if (!await mirarDeNuevo(enviar)) return;
    const vacios = [...campos.values()].filter(({ campo }) => campo.value.trim().length < MOTIVO_MINIMO);
    vacios.forEach(({ campo, error }) => {
      campo.setAttribute('aria-invalid', 'true');
      error.hidden = false;
    });
    if (vacios.length) vacios[0].campo.focus();
    else entregar(enviar);
  });
  return nodo;
}
