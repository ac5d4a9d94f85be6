// Lo que le contestaron a quien mapeó: primero lo que está bien, luego cada error con qué, dónde, por qué y cómo; y qué hacer.
import { _, n_, hace } from './textos.js';
import { aviso, boton, h } from './dom.js';
import { guardar, leer } from './panel_turno.js';
import { dichoDeDisputa, pedirDictamenes } from './dictamenes.js';
import { claveDe, pedirObjetos } from './objetos.js';
import { irAlPin, ponerPines } from './pines.js';
import { dibujoDe, reglaDe } from './reglas_calidad.js';

const MOTIVO_MINIMO = 10;
const MOTIVO_MAXIMO = 2000;

/** Lo que esta persona ya dio por atendido de un dictamen, en este aparato. */
function atendidosDe(mesa, dictamen) {
  const llave = `tequio_atendidos_${mesa.yo}_${dictamen}`;
  const hechos = new Set(leer(llave).split(' ').filter(Boolean).map(Number));
  return {
    tiene: (id) => hechos.has(id),
    cuantos: () => hechos.size,
    poner(id, hecho) {
      if (hecho) hechos.add(id);
      else hechos.delete(id);
      guardar(llave, [...hechos].join(' '));
    },
  };
}

/** Leer la respuesta es leer su aviso. */
async function marcarLeido(mesa, dictamen) {
  const { avisos } = await mesa.api('GET', '/buzon?sin_leer=1&limite=100');
  const ids = avisos.filter((a) => a.dictamen_id === dictamen).map((a) => a.id);
  if (ids.length) await mesa.api('POST', '/buzon/leidos', { ids });
}

/** Por qué importa y cómo se arregla, con su dibujo si lo hay; la regla se pide al abrirlo. */
function porQueYComo(mesa, s) {
  const cuerpo = h('div', {}, s.por_que && h('p', {}, s.por_que), s.trampa && h('p', {}, h('strong', {}, _('No te confundas:')), ` ${s.trampa}`));
  const detalles = h('details', {}, h('summary', {}, _('Por qué importa, con un ejemplo')), cuerpo);
  detalles.addEventListener('toggle', async () => {
    if (!detalles.open || cuerpo.querySelector('figure')) return;
    const regla = await mesa.intentar(() => reglaDe(mesa, s.codigo));
    if (regla) cuerpo.append(dibujoDe(regla), h('p', {}, h('a', { href: `/calidad/reglas#${s.codigo}`, target: '_blank', rel: 'noopener' }, _('Más sobre esta revisión'))));
  });
  return s.por_que ? detalles : null;
}

function deLugar(s, rasgo) {
  if (s.objeto) return `${s.objeto}${rasgo ? ` · ${rasgo.properties.resumen}` : ''}`;
  return s.lugar ? _('el lugar marcado en el mapa') : _('toda la tarea');
}

/** «No estoy de acuerdo»: lo ve otra persona. */
function noDeAcuerdo(mesa, tarea, d) {
  const campo = h('textarea', { id: 'motivo-disputa', rows: 3, minlength: MOTIVO_MINIMO, maxlength: MOTIVO_MAXIMO, required: true, 'aria-describedby': 'disputa-que-pasa' });
  const enviar = h('button', { type: 'submit', class: 'boton secundario' }, _('Pedir que otra persona la revise'));
  return h('details', { class: 'no-de-acuerdo' }, h('summary', {}, _('No estoy de acuerdo')), h('form', { onsubmit: async (evento) => {
    evento.preventDefault();
    const hecho = await mesa.intentar(() => mesa.api('POST', mesa.ruta(tarea.numero, '/disputa'), { dictamen: d.id, motivo: campo.value.trim() }), enviar);
    if (!hecho) return;
    await mesa.refrescar();
    mesa.elegir(tarea.numero, { mensaje: aviso('exito', _('Listo: otra persona que valida revisará tu entrega y decidirá. Te avisaremos.')) });
  } }, h('p', { class: 'chica', id: 'disputa-que-pasa' }, _('Otra persona que valida, distinta de quien la devolvió, verá tu entrega y tu razón, y decidirá. Sólo se puede una vez por entrega.')),
  h('label', { for: 'motivo-disputa' }, _('¿Por qué crees que está bien?')), campo, h('p', { class: 'botones' }, enviar)));
}

const TITULOS = { devuelta: () => _('Te la devolvieron para corregirla'), con_arreglos: () => _('Aceptada: quien revisó arregló unos detalles'), aceptada: () => _('Aceptada') };

/**
 * La última respuesta a lo que mapeé en una tarea. Se pide al ponerla; si no hay, no ocupa lugar.
 *
 * `abrir(clave)`: abre el editor en un objeto; sin ella, sólo se ve en el mapa. `disputar`: ofrecer «No estoy de acuerdo».
 */
export function respuestaDeTarea(mesa, tarea, { abrir = null, disputar = false } = {}) {
  const nodo = h('section', { class: 'respuesta-de-revision', 'data-respuesta-de': tarea.numero, 'aria-label': _('Lo que te respondieron'), hidden: true });
  const llenar = async () => {
    const todos = await pedirDictamenes(mesa, tarea.numero);
    const d = todos.find((x) => x.detalle && !x.deshecho && x.clase !== 'ciega');
    // La que este dictamen resolvió cuelga del que se disputaba.
    const resuelta = d && todos.find((x) => x.disputa?.resuelta === d.id)?.disputa;
    if (!d || d.autora.id !== mesa.yo || !nodo.isConnected) return;
    const objetos = d.senalamientos.some((s) => s.objeto) ? (await pedirObjetos(mesa, tarea.numero, true).catch(() => ({ features: [] }))).features : [];
    const rasgoDe = (s) => objetos.find((r) => claveDe(r) === s.objeto) ?? null;
    const atendidos = atendidosDe(mesa, d.id);
    const errores = d.senalamientos.map((s, i) => ({ s, n: i + 1, rasgo: rasgoDe(s), geometria: rasgoDe(s)?.geometry ?? s.lugar ?? null }));
    const enMapa = (mirado = 0) => ponerPines(mesa, errores.map(({ s, n, geometria }) => ({ n, geometria, hecho: atendidos.tiene(s.id), mirado: n === mirado })));
    const cuenta = h('p', { class: 'chica', role: 'status' });
    const contar = () => {
      const hechos = errores.filter(({ s }) => atendidos.tiene(s.id)).length;
      cuenta.textContent = hechos === errores.length ? _('Marcaste todos como atendidos: ya puedes entregarla otra vez.') : _('Llevas %(m)s de %(n)s atendidos.', { m: hechos, n: errores.length });
    };
    const renglon = ({ s, n, rasgo, geometria }) => {
      const cambio = rasgo && s.version && rasgo.properties.version > s.version;
      const li = h('li', { 'data-pin': n, class: atendidos.tiene(s.id) ? 'atendido' : null },
        h('p', {}, h('span', { class: 'pin', 'aria-hidden': 'true' }, String(n)), h('strong', {}, s.texto)),
        h('p', { class: 'chica' }, h('span', { class: 'suave' }, _('Dónde:')), ` ${deLugar(s, rasgo)}`, cambio ? h('span', { class: 'sello' }, _('Ya cambió desde entonces')) : null),
        s.nota ? h('blockquote', {}, s.nota) : null,
        s.como ? h('p', { class: 'como' }, h('span', { class: 'suave' }, _('Cómo se arregla:')), ` ${s.como}`) : null,
        !s.se_carga ? h('p', { class: 'chica suave' }, _('No cuenta como error tuyo.')) : null,
        porQueYComo(mesa, s),
        h('p', { class: 'botones' },
          geometria && boton(_('Ver en el mapa'), () => { irAlPin(mesa, { geometria }); enMapa(n); }, { tipo: 'secundario', dibujo: 'ubicacion' }),
          abrir && s.objeto && rasgo && boton(_('Abrir en el editor'), () => abrir(s.objeto), { tipo: 'secundario', dibujo: 'lapiz' })),
        tarea.estado === 'devuelta' && h('label', { class: 'opcion' }, h('input', { type: 'checkbox', checked: atendidos.tiene(s.id), onchange: (evento) => {
          atendidos.poner(s.id, evento.target.checked);
          li.classList.toggle('atendido', evento.target.checked);
          contar();
          enMapa();
        } }), h('span', {}, _('Ya lo atendí'))));
      return li;
    };
    const enDisputa = Boolean(d.disputa?.abierta);
    nodo.hidden = false;
    nodo.classList.add(d.veredicto);
    nodo.replaceChildren(...[
      h('h3', {}, enDisputa ? _('Lo que te señalaron') : TITULOS[d.veredicto]()),
      h('p', { class: 'suave chica' }, _('%(persona)s, %(cuando)s', { persona: d.persona.nombre, cuando: hace(d.cuando) })),
      enDisputa ? miDisputa(d.disputa) : null, resuelta ? miDisputa(resuelta) : null,
      d.retro?.fortaleza ? h('p', { class: 'fortaleza' }, h('span', { class: 'suave chica' }, _('Lo que está bien')), d.retro.fortaleza) : null,
      errores.length ? h('h4', {}, enDisputa ? n_('%(n)s cosa señalada', '%(n)s cosas señaladas', errores.length) : n_('%(n)s cosa por corregir', '%(n)s cosas por corregir', errores.length)) : null,
      errores.length ? h('ol', { class: 'pines errores' }, errores.map(renglon)) : null,
      errores.length && tarea.estado === 'devuelta' ? cuenta : null,
      d.retro?.nota ? h('blockquote', {}, d.retro.nota) : null,
      d.disputa && !enDisputa ? miDisputa(d.disputa) : null,
      disputar && d.se_puede_disputar ? noDeAcuerdo(mesa, tarea, d) : null,
    ].filter(Boolean));
    contar();
    enMapa();
    nodo.dataset.listo = d.id;
    await marcarLeido(mesa, d.id).catch(() => { /* sin buzón, se lee igual */ });
  };
  llenar().catch((error) => mesa.decirRechazo(error));
  return nodo;
}

function miDisputa(disputa) {
  if (disputa.abierta) return h('p', { class: 'aviso info' }, _('Dijiste que no estás de acuerdo: otra persona que valida la está por revisar.'));
  if (disputa.resultado === 'a_favor') return h('p', { class: 'chica' }, _('No estuviste de acuerdo, otra persona la revisó y te dio la razón.'));
  if (disputa.resultado) return h('p', { class: 'chica' }, _('No estuviste de acuerdo; otra persona la revisó y también pide corregirla.'));
  return dichoDeDisputa(disputa);
}
