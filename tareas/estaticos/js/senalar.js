// Los errores que quien revisa señala: cuál de la lista cerrada, en qué objeto o lugar, y una nota; en una lista y en el mapa.
import { _, n_ } from './textos.js';
import { boton, h } from './dom.js';
import { cajaCon, claveDe, objetoEn, pedirObjetos, vertices } from './objetos.js';
import { irAlPin, ponerPines } from './pines.js';
import { dibujarLugar } from './dibujar_lugar.js';
import { enGrupos, motivosDe, reglaDe } from './reglas_calidad.js';

const TOPE = 100;
const NOTA_MAXIMA = 1000;

/** Un punto del objeto que esté en la caja de la tarea, para recordar dónde estaba aunque después se borre. */
function puntoDentro(geometria, [o, s, e, n]) {
  const punto = vertices(geometria).find(([x, y]) => x >= o && x <= e && y >= s && y <= n);
  return punto ? { type: 'Point', coordinates: punto } : null;
}

/**
 * La parte del dictamen donde se señalan errores.
 *
 * `tareas`: las que se revisan. `guardados`: los de un borrador. `alCambiar(lista)`: al agregar, cambiar o quitar. `tocados()`: las
 * claves de lo que hizo quien mapeó, que salen primero. Devuelve { nodo, lista(), paraApi(), senalar(parcial), abrir(), pintar() }.
 */
export function senalamientos(mesa, tareas, { guardados = [], alCambiar = () => {}, tocados = () => new Set() } = {}) {
  const [primera] = tareas;
  const varias = tareas.length > 1;
  let lista = guardados;
  let motivos = [];
  let editado = null; // el que está en la forma: un índice, o -1 si es nuevo
  let donde = null; // { objeto, version, resumen, geometria } | { lugar } | null: toda la tarea
  let rasgos = [];
  const nombreDe = (codigo) => motivos.find((m) => m.codigo === codigo)?.texto ?? codigo;

  const lugarDe = (p) => {
    const donde = p.objeto ? (p.resumen ? `${p.objeto} · ${p.resumen}` : p.objeto)
      : p.lugar ? { Point: _('un punto que marcaste'), LineString: _('una línea que dibujaste'), Polygon: _('un área que dibujaste') }[p.lugar.type] : null;
    if (!varias) return donde ?? _('toda la tarea');
    if (!donde) return p.numero ? _('toda la tarea %(n)s', { n: p.numero }) : _('todas las tareas');
    return p.numero ? _('tarea %(n)s, %(donde)s', { n: p.numero, donde }) : donde;
  };
  /** De cuál de las tareas es un lugar: la que lo tiene en su caja. Sin lugar, de todas. */
  const deCual = (lugar) => {
    const geometria = lugar && (lugar.geometria ?? lugar.lugar);
    return geometria ? (tareas.find((t) => puntoDentro(geometria, t.caja)) ?? primera).numero : null;
  };
  const geometriaDe = (p) => p.geometria ?? p.lugar ?? null;

  // --- La lista ---
  const renglones = h('ol', { class: 'pines' });
  const cuenta = h('p', { class: 'suave chica', role: 'status' });
  const nuevo = boton(_('Señalar un error'), () => abrir({}), { tipo: 'secundario', dibujo: 'mas' });
  const lugarForma = h('div');
  const nodo = h('section', { class: 'senalamientos', 'aria-labelledby': 'senalar-titulo' },
    h('h3', { id: 'senalar-titulo', tabindex: '-1' }, _('Errores')), cuenta, renglones, lugarForma, h('p', { class: 'botones' }, nuevo));

  function pintar() {
    renglones.replaceChildren(...lista.map((p, i) => h('li', { 'data-pin': i + 1 },
      h('p', {}, h('span', { class: 'pin', 'aria-hidden': 'true' }, String(i + 1)), h('strong', {}, nombreDe(p.codigo)), h('span', { class: 'suave chica' }, ` · ${lugarDe(p)}`)),
      p.nota ? h('p', { class: 'chica' }, p.nota) : null,
      h('p', { class: 'botones' },
        geometriaDe(p) && boton(_('Ver'), () => mirar(i), { tipo: 'secundario', 'aria-label': _('Ver el error %(n)s en el mapa', { n: i + 1 }) }),
        boton(p.nota ? _('Cambiar') : _('Agregar nota'), () => abrir(p, i), { tipo: 'secundario', 'aria-label': p.nota ? _('Cambiar el error %(n)s', { n: i + 1 }) : _('Agregar nota al error %(n)s', { n: i + 1 }) }),
        boton(_('Quitar'), () => quitar(i), { tipo: 'discreto', 'aria-label': _('Quitar el error %(n)s', { n: i + 1 }) })))));
    renglones.hidden = !lista.length;
    nuevo.disabled = lista.length >= TOPE;
    cuenta.textContent = lista.length ? n_('Señalaste %(n)s error.', 'Señalaste %(n)s errores.', lista.length) : _('Ninguno todavía. Señálalo desde una revisión, tocando un objeto en el mapa, o aquí.');
    enMapa();
  }
  function enMapa(mirado = -1) {
    if (!nodo.isConnected) return; // la hoja es otra, o aún no se muestra
    ponerPines(mesa, lista.map((p, i) => ({ n: i + 1, geometria: geometriaDe(p), mirado: i === mirado })));
  }
  function mirar(i) {
    irAlPin(mesa, { geometria: geometriaDe(lista[i]) });
    enMapa(i);
  }
  function cambiar(otra) {
    lista = otra;
    pintar();
    alCambiar(lista);
  }
  function quitar(i) {
    cambiar(lista.filter((_p, k) => k !== i));
    (renglones.querySelector(`li:nth-child(${Math.min(i + 1, lista.length)}) button`) ?? nuevo).focus();
  }
  /** Agrega uno que ya se sabe cuál es y dónde (de un hallazgo), o abre la forma si falta decir qué. */
  function senalar(parcial) {
    if (lista.length >= TOPE) return;
    if (!parcial.codigo || !motivos.some((m) => m.codigo === parcial.codigo)) {
      abrir(parcial);
      return;
    }
    cambiar([...lista, parcial]);
  }

  // --- La forma ---
  function abrir(p, indice = -1) {
    editado = indice;
    donde = p.objeto ? { objeto: p.objeto, version: p.version, resumen: p.resumen, geometria: p.geometria, lugar: p.lugar } : p.lugar ? { lugar: p.lugar } : null;
    const elegir = h('select', { id: 'senalar-codigo', required: true, onchange: () => decirComo() },
      h('option', { value: '' }, _('Elige…')),
      enGrupos(motivos).map(([nombre, suyos]) => h('optgroup', { label: nombre }, suyos.map((m) => h('option', { value: m.codigo, selected: m.codigo === p.codigo }, m.texto)))));
    const como = h('p', { class: 'chica suave', 'data-como': '' });
    const falta = h('p', { class: 'falta', role: 'alert', hidden: true }, _('Elige qué está mal.'));
    const nota = h('textarea', { id: 'senalar-nota', rows: 2, maxlength: NOTA_MAXIMA });
    nota.value = p.nota ?? '';
    const cual = varias ? h('select', { id: 'senalar-tarea' }, h('option', { value: '' }, _('Todas')), tareas.map((t) => h('option', { value: t.numero, selected: t.numero === p.numero }, _('Tarea %(n)s', { n: t.numero })))) : null;
    const dicho = h('p', { class: 'donde', role: 'status' });
    const trazando = h('div');
    const deLista = h('select', { id: 'senalar-objeto', onchange: () => {
      const rasgo = rasgos.find((r) => claveDe(r) === deLista.value);
      if (rasgo) ponerObjeto(rasgo);
      else ponerDonde(null);
    } });
    const llenarLista = () => {
      const suyos = tocados();
      const opcion = (r) => h('option', { value: claveDe(r), selected: claveDe(r) === donde?.objeto }, varias ? _('Tarea %(n)s: %(que)s', { n: r.numero, que: `${claveDe(r)} · ${r.properties.resumen}` }) : `${claveDe(r)} · ${r.properties.resumen}`);
      const deQuien = rasgos.filter((r) => suyos.has(claveDe(r)));
      const demas = rasgos.filter((r) => !suyos.has(claveDe(r)));
      deLista.replaceChildren(h('option', { value: '' }, _('Ninguno en particular')), deQuien.length ? h('optgroup', { label: _('De quien mapeó') }, deQuien.map(opcion)) : '', demas.length ? h('optgroup', { label: _('Los demás') }, demas.map(opcion)) : '');
    };
    function ponerDonde(nuevoLugar) {
      donde = nuevoLugar;
      // Un lugar es de una tarea: si no se dijo de cuál, de la que lo tiene.
      if (cual && donde && !cual.value) cual.value = deCual(donde);
      dicho.textContent = _('Dónde: %(lugar)s', { lugar: lugarDe({ ...donde, numero: Number(cual?.value) || null }) });
      deLista.value = donde?.objeto ?? '';
      const geometria = donde && (donde.geometria ?? donde.lugar);
      ponerPines(mesa, [...lista.filter((_q, k) => k !== editado), ...(geometria ? [{ geometria }] : [])].map((q, i, todos) => ({ n: i + 1, geometria: geometriaDe(q), mirado: Boolean(geometria) && i === todos.length - 1 })));
    }
    function ponerObjeto(rasgo) {
      const tarea = tareas.find((t) => t.numero === rasgo.numero) ?? primera;
      ponerDonde({ objeto: claveDe(rasgo), version: rasgo.properties.version, resumen: rasgo.properties.resumen, geometria: rasgo.geometry, lugar: puntoDentro(rasgo.geometry, tarea.caja) });
      if (cual) cual.value = tarea.numero;
      mesa.acercarA(cajaCon(rasgo.geometry), { cerca: true });
    }
    async function decirComo() {
      falta.hidden = true;
      como.textContent = '';
      if (!elegir.value) return;
      const pedido = elegir.value;
      const regla = await reglaDe(mesa, pedido).catch(() => null);
      if (regla && elegir.value === pedido) como.textContent = _('Quien mapeó leerá cómo se arregla: %(como)s', { como: regla.como });
    }
    const trazar = (tipo, texto) => {
      const b = boton(texto, async () => {
        const lugar = await dibujarLugar(mesa, tipo, trazando);
        if (!nodo.isConnected) return;
        mesa.alTocar = alTocar;
        if (lugar) ponerDonde({ lugar });
        b.focus();
      }, { tipo: 'secundario' });
      return b;
    };
    const cerrar = () => {
      lugarForma.replaceChildren();
      nuevo.hidden = false;
      formaAbierta = null;
      enMapa();
    };
    const forma = h('form', { class: 'forma-error', novalidate: true, onsubmit: (evento) => {
      evento.preventDefault();
      if (!elegir.value) {
        falta.hidden = false;
        elegir.focus();
        return;
      }
      const numero = varias ? Number(cual.value) || deCual(donde) : primera.numero;
      const puesto = { codigo: elegir.value, numero, nota: nota.value.trim(), huella: p.huella, ...donde };
      const otra = indice < 0 ? [...lista, puesto] : lista.map((q, i) => (i === indice ? puesto : q));
      cerrar();
      cambiar(otra);
      nuevo.focus();
    } },
    h('label', { for: 'senalar-codigo' }, _('¿Qué está mal?')), elegir, falta, como,
    cual && [h('label', { for: 'senalar-tarea' }, _('¿En qué tarea?')), cual],
    h('fieldset', {}, h('legend', {}, _('¿Dónde?')), dicho,
      h('label', { for: 'senalar-objeto' }, _('Toca el objeto en el mapa, o elígelo aquí')), deLista,
      h('p', { class: 'botones' }, trazar('punto', _('Marcar un punto')), trazar('linea', _('Trazar una línea')), trazar('area', _('Dibujar un área'))), trazando),
    h('label', { for: 'senalar-nota' }, _('Qué ves y qué harías'), ' ', h('span', { class: 'opcional' }, _('(opcional)'))), nota,
    h('p', { class: 'botones' }, h('button', { type: 'submit', class: 'boton' }, indice < 0 ? _('Agregar el error') : _('Guardar el error')), boton(_('Cancelar'), () => { cerrar(); nuevo.focus(); }, { tipo: 'discreto' })));
    lugarForma.replaceChildren(forma);
    nuevo.hidden = true;
    formaAbierta = { ponerObjeto, llenarLista };
    llenarLista();
    cual?.addEventListener('change', () => ponerDonde(donde));
    ponerDonde(donde);
    decirComo();
    forma.scrollIntoView({ block: 'nearest' });
    elegir.focus({ preventScroll: true });
  }
  let formaAbierta = null;

  // --- Tocar un objeto en el mapa ---
  const alTocar = (evento) => {
    const rasgo = mesa.mapa && objetoEn(mesa.mapa, evento.point, rasgos);
    if (rasgo) {
      if (!formaAbierta) abrir({ numero: rasgo.numero });
      formaAbierta.ponerObjeto(rasgo);
      return true;
    }
    // Un toque al lado de un objeto no saca de la revisión.
    return tareas.some(({ numero }) => mesa.capas?.numeroEn(evento.point) === numero);
  };

  Promise.all(tareas.map(async (t) => (await pedirObjetos(mesa, t.numero)).features.map((f) => ({ ...f, numero: t.numero })))).then((grupos) => {
    rasgos = grupos.flat();
    formaAbierta?.llenarLista();
  }).catch((error) => mesa.decirRechazo(error));
  const listo = motivosDe(mesa).then((todos) => {
    motivos = todos;
    pintar();
  }).catch((error) => mesa.decirRechazo(error));

  return {
    nodo,
    lista: () => lista,
    /** Si ese código es de la lista cerrada. */
    conoce: (codigo) => motivos.some((m) => m.codigo === codigo),
    listo,
    senalar,
    quitarHuella: (huella) => cambiar(lista.filter((p) => p.huella !== huella)),
    tiene: (huella) => lista.some((p) => p.huella === huella),
    abrir: () => abrir({}),
    /** Empieza a atender los toques del mapa y pone las señas: al mostrarse la hoja. */
    encender() {
      mesa.alTocar = alTocar;
      pintar();
    },
    paraApi: () => lista.map(({ codigo, numero, objeto, version, lugar, nota, huella }) => ({
      codigo, ...(varias && numero && { numero }), ...(objeto && { objeto }), ...(objeto && version && { version }), ...(lugar && { lugar }), ...(nota && { nota }), ...(huella && { huella }),
    })),
  };
}
