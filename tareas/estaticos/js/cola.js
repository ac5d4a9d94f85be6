// La cola de quien valida: qué espera revisión y por qué va primero, con filtros; varias juntas, o la que sigue.
import { _, n_, diaYHora, hace } from './textos.js';
import { aviso, boton, h } from './dom.js';
import { claveDeByte } from './patrones.js';
import { segundas } from './segundas.js';
import { enGrupos, motivosDe } from './reglas_calidad.js';
import { guardar, leer } from './memoria.js';

const A_LA_VEZ = 50;
const JUNTAS = 50; // las que la API dictamina de una vez

const BANDAS = {
  disputa: () => _('No están de acuerdo'),
  vuelve: () => _('Regresó a ti'),
  primeras: () => _('Primeras entregas'),
  azar: () => _('Al azar'),
  riesgo: () => null,
};

/** Qué tan probable es que haya que devolverla, en palabras. */
function sellos(t) {
  const { nivel1 = 0, nivel2 = 0 } = t.hallazgos ?? {};
  const alto = t.banda === 'riesgo' && t.riesgo >= 0.4;
  return [
    BANDAS[t.banda]?.() ? h('span', { class: `sello banda ${t.banda}` }, BANDAS[t.banda]()) : null,
    alto ? h('span', { class: 'sello banda alto' }, _('Conviene verla pronto')) : null,
    nivel1 ? h('span', { class: 'sello hallado n1' }, n_('%(n)s error', '%(n)s errores', nivel1)) : null,
    nivel2 ? h('span', { class: 'sello hallado n2' }, n_('%(n)s por revisar', '%(n)s por revisar', nivel2)) : null,
    t.sin_leer ? h('span', { class: 'sello' }, _('Sin leer lo anterior')) : null,
  ];
}

/** Nodos de la cola. `alaMano`: al llegar, el foco queda en pedir la que sigue. */
export function cola(mesa, { alaMano = false } = {}) {
  const llave = `tequio_cola_${mesa.yo}_${mesa.proyecto.id}`;
  let filtro = {};
  try { filtro = JSON.parse(leer(llave) || '{}'); } catch { /* de otra versión */ }
  const lista = h('ul', { class: 'lista-tareas cola' });
  const espera = h('p', { class: 'suave', role: 'status' }, _('Buscando lo que espera revisión…'));
  const masFilas = boton(_('Ver más'), async () => {
    const habia = filas.length;
    await mesa.intentar(() => traer(true), masFilas);
    // El botón pudo irse: quien va con el teclado sigue en lo que acaba de llegar.
    const suelto = document.activeElement === document.body || document.activeElement === masFilas;
    if (filas.length > habia && suelto) lista.children[habia]?.querySelector('button').focus();
  }, { tipo: 'secundario', hidden: true });
  const marcadas = new Set();
  let filas = [];
  let cuantas = { total: null, mias: 0, idas: 0 }; // como las dijo el servidor, y cuántas de las filas ya no estaban entonces
  const puestas = new Map(); // número: { dicho, li, casilla, alDia }
  const idas = new Map(); // número: por qué ya no espera. Se sabe por los estados, que llegan solos

  const abrirJuntas = async (numeros, pulsado) => {
    const { panelRevision } = await import('./panel_revision.js');
    const tareas = await mesa.intentar(() => Promise.all(numeros.map((n) => mesa.api('GET', mesa.ruta(n)))), pulsado);
    // Alguna pudo vencerse entre que se ofreció y se tocó.
    const mias = tareas?.filter((t) => t.bloqueo?.mia && t.bloqueo.para === 'validar');
    if (mias?.length) panelRevision(mesa, mias);
  };
  const revisar = boton('', async () => {
    const numeros = [...marcadas].sort((a, b) => a - b);
    const hecho = await mesa.intentar(() => mesa.api('POST', `${mesa.raiz}/bloqueos`, { numeros, para: 'validar' }), revisar);
    if (!hecho) return;
    await mesa.refrescar();
    await abrirJuntas(numeros);
  }, { dibujo: 'ojo', tipo: 'secundario' });
  const decir = () => {
    revisar.hidden = marcadas.size < 2;
    revisar.lastChild.textContent = _('Revisar %(n)s tareas juntas', { n: marcadas.size });
    puestas.forEach(({ casilla }, numero) => { casilla.disabled = idas.has(numero) || (!casilla.checked && marcadas.size >= JUNTAS); });
  };
  const mia = (t) => Boolean(t.mia_hasta);
  const esperan = () => cuantas.total - (filas.filter((t) => idas.has(t.numero)).length - cuantas.idas);
  function decirCuantas() {
    const n = esperan();
    const tuyas = cuantas.mias ? ` ${n_('%(n)s la tienes tú.', '%(n)s las tienes tú.', cuantas.mias)}` : '';
    const dicho = n > 0 ? `${n_('%(n)s tarea espera revisión.', '%(n)s tareas esperan revisión.', n)}${tuyas}`
      : hayFiltro() ? _('Nada de lo que espera revisión pasa este filtro.') : deSegundas.hidden ? _('Nada espera revisión ahora. Vuelve cuando haya tareas mapeadas.') : _('Nada espera revisión ahora, sólo segundas opiniones.');
    if (espera.textContent !== dicho) espera.textContent = dicho;
    // «La que sigue» no es una que ya tengo; y si nada pasa el filtro, sería otra cosa de la que se pidió.
    siguiente.hidden = n <= cuantas.mias;
  }
  revisar.append('');
  decir();

  const consulta = (salto) => {
    const pedido = new URLSearchParams({ limite: A_LA_VEZ, salto });
    Object.entries(filtro).forEach(([clave, valor]) => { if (valor) pedido.set(clave, valor); });
    return `${mesa.raiz}/revision?${pedido}`;
  };
  const hayFiltro = () => Object.values(filtro).some(Boolean);
  /** Un renglón que no cambió es el mismo nodo: quien lo lee, o está en él con el teclado, sigue ahí. */
  function renglon(t) {
    const dicho = JSON.stringify(t);
    const antes = puestas.get(t.numero);
    if (antes?.dicho === dicho) return antes;
    const casilla = h('input', { type: 'checkbox', 'aria-label': _('Marcar la tarea %(n)s', { n: t.numero }), checked: marcadas.has(t.numero), onchange: () => {
      if (casilla.checked) marcadas.add(t.numero);
      else marcadas.delete(t.numero);
      decir();
    } });
    const ida = h('span', { class: 'sello', hidden: true });
    const li = h('li', { class: mia(t) ? 'mia' : null }, h('label', { class: 'marca-tarea' }, casilla),
      h('button', { type: 'button', onclick: () => mesa.elegir(t.numero, { acercar: true }) },
        h('span', { class: 'titular' }, h('strong', {}, _('Tarea %(n)s', { n: t.numero })), h('span', { class: 'suave chica' }, _('%(persona)s · entregada %(cuando)s', { persona: t.persona, cuando: hace(t.entregada) }))),
        h('span', { class: 'sellos' }, ida, sellos(t)),
        mia(t) ? h('span', { class: 'porque chica' }, _('La tienes tú hasta el %(cuando)s.', { cuando: diaYHora(t.mia_hasta, mesa.proyecto.zona) })) : null,
        t.porque && h('span', { class: 'porque chica' }, t.porque)));
    const alDia = () => {
      ida.textContent = idas.get(t.numero) ?? '';
      ida.hidden = !idas.has(t.numero);
      li.classList.toggle('ida', idas.has(t.numero));
      if (idas.has(t.numero) && marcadas.delete(t.numero)) casilla.checked = false;
    };
    alDia();
    return { dicho, li, casilla, alDia };
  }

  let pedidos = 0;
  let novedades = 0; // cuántas veces llegaron estados
  /** Trae la primera página, o con `seguir` la que sigue. Si entretanto se preguntó otra cosa, esa respuesta manda. */
  async function traer(seguir = false) {
    const pedido = ++pedidos;
    const sabidas = novedades;
    // Las que ya no esperan tampoco están en lo que cuenta el servidor: saltarlas dejaría otras sin ver.
    const salto = seguir ? filas.filter((t) => !idas.has(t.numero)).length : 0;
    const { total, en_mis_manos: mias, tareas } = await mesa.api('GET', consulta(salto));
    if (pedido !== pedidos) return;
    const yaEstan = new Set(seguir ? filas.map((t) => t.numero) : []);
    const nuevas = tareas.filter((t) => !yaEstan.has(t.numero));
    if (seguir && tareas.length && !nuevas.length) {
      await traer(); // llegaron muchas antes que éstas: se ve desde el principio
      return;
    }
    if (!seguir) idas.clear();
    filas = seguir ? [...filas, ...nuevas] : tareas;
    cuantas = { total, mias, idas: filas.filter((t) => idas.has(t.numero)).length };
    const numeros = new Set(filas.map((t) => t.numero));
    [...marcadas].filter((n) => !numeros.has(n)).forEach((n) => marcadas.delete(n));
    const conFoco = lista.contains(document.activeElement) ? document.activeElement : null;
    const renglones = (seguir ? nuevas : filas).map((t) => [t.numero, renglon(t)]);
    if (!seguir) puestas.clear();
    renglones.forEach(([numero, suyo]) => puestas.set(numero, suyo));
    if (seguir) lista.append(...renglones.map(([, { li }]) => li));
    else lista.replaceChildren(...renglones.map(([, { li }]) => li));
    puestas.forEach(({ alDia }) => alDia());
    if (conFoco?.isConnected) conFoco.focus({ preventScroll: true });
    lista.hidden = !filas.length;
    masFilas.hidden = salto + tareas.length >= total || !tareas.length;
    decirCuantas();
    llenarPersonas();
    decir();
    if (sabidas !== novedades) alCambiarEstados(); // lo que pasó mientras contestaba tampoco se pierde
  }

  // Lo que alguien toma o termina mientras se lee la lista se dice en su renglón, en su lugar.
  const alCambiarEstados = () => {
    novedades += 1;
    if (!filas.length) return;
    if (filas.some((t) => mia(t) && claveDeByte(mesa.bytes[t.numero - 1]) !== 'validando')) { // se me acabó el tiempo, o la solté en otra pestaña
      traer().catch(() => {}); // lo de antes sigue a la vista
      return;
    }
    filas.forEach((t) => {
      const clave = claveDeByte(mesa.bytes[t.numero - 1]);
      const tengo = mesa.bloqueos.some((b) => b.numero === t.numero);
      const porque = clave === 'mapeada' || (clave === 'validando' && tengo) ? null : clave === 'validando' ? _('Ya la están revisando') : _('Ya no espera revisión');
      // La que tenía y solté (o me quitaron) se ve al pedir la lista otra vez.
      if (porque && !mia(t)) idas.set(t.numero, porque);
      else idas.delete(t.numero);
      puestas.get(t.numero)?.alDia();
    });
    decirCuantas();
    decir();
  };
  mesa.alCambiarEstados(lista, alCambiarEstados);

  // --- Los filtros ---
  const personas = h('select', { id: 'cola-persona', onchange: () => filtrar({ persona: personas.value }) });
  const vistas = new Map();
  function llenarPersonas() {
    const habia = vistas.size;
    filas.forEach((t) => vistas.set(String(t.persona_id), t.persona));
    if (vistas.size === habia && personas.options.length) return; // quizá la está eligiendo
    const opciones = [...vistas].sort((a, b) => a[1].localeCompare(b[1]));
    personas.replaceChildren(h('option', { value: '' }, _('Todas')), ...opciones.map(([id, nombre]) => h('option', { value: id, selected: filtro.persona === id }, nombre)));
  }
  const filtrar = (cambio) => {
    filtro = { ...filtro, ...cambio };
    guardar(llave, hayFiltro() ? JSON.stringify(filtro) : '');
    resumen.textContent = hayFiltro() ? _('Filtrar (hay filtros puestos)') : _('Filtrar');
    quitar.hidden = !hayFiltro();
    mesa.intentar(() => traer());
  };
  const mias = h('input', { type: 'checkbox', checked: Boolean(filtro.mias), onchange: () => filtrar({ mias: mias.checked ? 1 : 0 }) });
  const codigo = h('select', { id: 'cola-codigo', onchange: () => filtrar({ codigo: codigo.value }) }, h('option', { value: '' }, _('Cualquiera')));
  motivosDe(mesa).then((todos) => codigo.append(...enGrupos(todos).map(([nombre, suyos]) => h('optgroup', { label: nombre }, suyos.map((m) => h('option', { value: m.codigo, selected: m.codigo === filtro.codigo }, m.texto)))))).catch(() => {});
  const DIAS = [[0, _('Cualquiera')], [1, _('Más de un día')], [3, _('Más de 3 días')], [7, _('Más de una semana')], [30, _('Más de un mes')]];
  const dias = h('select', { id: 'cola-dias', onchange: () => filtrar({ dias_min: Number(dias.value) }) }, DIAS.map(([valor, texto]) => h('option', { value: valor, selected: valor === (filtro.dias_min ?? 0) }, texto)));
  const grupo = h('select', { id: 'cola-grupo', onchange: () => filtrar({ grupo: grupo.value }) }, h('option', { value: '' }, _('Todos')));
  const deGrupo = h('div', { hidden: true }, h('label', { for: 'cola-grupo' }, _('Grupo')), grupo);
  if (mesa.coordina) { // los grupos los ve quien capacita o coordina
    mesa.api('GET', `/municipios/${mesa.proyecto.municipio}/grupos`).then(({ grupos }) => {
      deGrupo.hidden = !grupos.length;
      grupo.append(...grupos.map((g) => h('option', { value: g.id, selected: String(g.id) === String(filtro.grupo) }, g.nombre)));
    }).catch(() => { /* quien no los ve no filtra por ellos */ });
  }
  const quitar = boton(_('Quitar filtros'), () => {
    mias.checked = false;
    [codigo, dias, grupo, personas].forEach((campo) => { campo.selectedIndex = 0; });
    filtrar({ mias: 0, codigo: '', persona: '', dias_min: 0, grupo: '' });
    (filtros.open ? mias : resumen).focus(); // el botón se va
  }, { tipo: 'discreto', hidden: !hayFiltro() });
  const resumen = h('summary', {}, hayFiltro() ? _('Filtrar (hay filtros puestos)') : _('Filtrar'));
  const filtros = h('details', { class: 'filtros-cola' }, resumen, h('div', { class: 'campos' },
    h('label', { class: 'opcion' }, mias, h('span', {}, _('Sólo las que devolví y regresaron'))),
    h('div', {}, h('label', { for: 'cola-codigo' }, _('Con este error')), codigo),
    h('div', {}, h('label', { for: 'cola-persona' }, _('Persona')), personas),
    h('div', {}, h('label', { for: 'cola-dias' }, _('Espera desde hace')), dias), deGrupo));

  const siguiente = boton(_('Dame la que sigue'), () => {
    // Con filtro, la primera libre de lo que se ve; sin él, la base reparte: dos personas no reciben la misma.
    if (!hayFiltro()) {
      mesa.dameUna(null, siguiente);
      return;
    }
    mesa.intentar(async () => {
      const libre = () => filas.find((t) => !mia(t) && !idas.has(t.numero));
      // Las que se ven pueden ser todas mías, o haberse ido: la libre está más adelante.
      while (!libre() && !masFilas.hidden) await traer(true);
      if (libre()) await mesa.tomar(libre().numero, 'validar');
      // Si alguien la tomó en ese momento, o ya no queda ninguna, se ve cuáles hay.
      if (lista.isConnected) await traer();
    }, siguiente);
  }, { tipo: 'grande', dibujo: 'ojo', 'aria-keyshortcuts': 'Alt+N' });
  siguiente.disabled = !mesa.proyecto.abierto;
  traer().then(() => {
    if (alaMano && siguiente.isConnected && !siguiente.hidden) siguiente.focus({ preventScroll: true });
  }).catch((error) => mesa.decirRechazo(error));

  const enMano = mesa.bloqueos.filter((b) => b.para === 'validar');
  const juntas = enMano.length > 1 ? boton(_('Seguir con las %(n)s juntas', { n: enMano.length }), () => abrirJuntas(enMano.map((b) => b.numero).sort((a, b) => a - b), juntas), { dibujo: 'ojo', tipo: 'secundario' }) : null;
  const [deSegundas, deDesacuerdos] = segundas(mesa, () => { if (cuantas.total !== null) decirCuantas(); });
  return [
    h('h2', {}, _('Por revisar')), espera, h('p', { class: 'botones' }, siguiente, revisar, quitar),
    enMano.length ? aviso('info', n_('Tienes %(n)s tarea en revisión.', 'Tienes %(n)s tareas en revisión.', enMano.length), h('p', { class: 'botones' }, juntas, ...enMano.map((b) => boton(_('Tarea %(n)s', { n: b.numero }), () => mesa.elegir(b.numero, { acercar: true }), { tipo: juntas ? 'discreto' : 'secundario' })))) : null,
    deSegundas, filtros, lista, h('p', { class: 'botones' }, masFilas), deDesacuerdos,
    h('p', {}, h('a', { href: `/proyectos/${mesa.proyecto.id}/mapear` }, _('Prefiero mapear'))),
  ];
}
