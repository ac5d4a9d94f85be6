// Lo que le contestaron a quien mapeó: primero lo que está bien, luego cada error con qué, dónde, por qué y cómo; y qué hacer.
import { _, n_, diaYHora, hace } from './textos.js';
import { aviso, boton, faltaDe, h } from './dom.js';
import { guardar, leer } from './memoria.js';
import { dichoDeDisputa, pedirDictamenes } from './dictamenes.js';
import { claveDe, pedirObjetos } from './objetos.js';
import { preguntar } from './preguntar.js';
import { irAlPin, ponerPines } from './pines.js';
import { dibujoDe, reglaDe } from './reglas_calidad.js';

const MOTIVO_MINIMO = 10;
const MOTIVO_MAXIMO = 2000;

/**
 * Lo que esta persona ya dio por atendido de un dictamen. Se guarda en el servidor; lo que todavía no llega espera en este aparato
 * («12»: atendido; «-12»: ya no) y se manda al volver la red o al abrir la tarea otra vez.
 */
function atendidosDe(mesa, tarea, d) {
  const llave = `tequio_atendidos_${mesa.yo}_${d.id}`;
  const hechos = new Set(d.senalamientos.filter((s) => s.atendido).map((s) => s.id));
  const faltan = new Map();
  const suyos = new Set(d.senalamientos.map((s) => s.id));
  leer(llave).split(' ').map(Number).filter((n) => suyos.has(Math.abs(n))).forEach((n) => faltan.set(Math.abs(n), n > 0));
  const poner = (id, hecho) => (hecho ? hechos.add(id) : hechos.delete(id));
  const anotar = () => guardar(llave, [...faltan].map(([id, hecho]) => (hecho ? id : -id)).join(' '));
  faltan.forEach((hecho, id) => poner(id, hecho));
  // De uno en uno: dos toques seguidos no llegan al revés.
  let turno = Promise.resolve();
  const mandar = (id) => {
    turno = turno.catch(() => { /* ya se dijo */ }).then(async () => {
      if (!faltan.has(id)) return;
      const hecho = faltan.get(id);
      try {
        await mesa.api('PUT', mesa.ruta(tarea.numero, '/atendidos'), { senalamiento: id, hecho }, { repetir: true });
      } catch (error) {
        if (error.codigo !== 'sin_red' && faltan.get(id) === hecho) {
          faltan.delete(id);
          poner(id, !hecho);
          anotar();
        }
        throw error;
      }
      if (faltan.get(id) === hecho) faltan.delete(id);
      anotar();
    });
    return turno;
  };
  return {
    tiene: (id) => hechos.has(id),
    enEspera: () => faltan.size,
    poner(id, hecho) {
      poner(id, hecho);
      faltan.set(id, hecho);
      anotar();
      return mandar(id);
    },
    alDia: () => Promise.all([...faltan.keys()].map(mandar)),
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
  const falta = faltaDe(campo, (motivo) => (motivo.length < MOTIVO_MINIMO ? n_('Di por qué, con %(n)s letra o más: quien la revise sólo sabrá lo que escribas aquí.', 'Di por qué, con %(n)s letras o más: quien la revise sólo sabrá lo que escribas aquí.', MOTIVO_MINIMO) : null));
  const enviar = h('button', { type: 'submit', class: 'boton secundario' }, _('Pedir que otra persona la revise'));
  return h('details', { class: 'no-de-acuerdo' }, h('summary', {}, _('No estoy de acuerdo')), h('form', { novalidate: true, onsubmit: async (evento) => {
    evento.preventDefault();
    if (!falta.revisar()) return;
    const hecho = await mesa.intentar(() => mesa.api('POST', mesa.ruta(tarea.numero, '/disputa'), { dictamen: d.id, motivo: campo.value.trim() }), enviar);
    if (!hecho) return;
    await mesa.refrescar();
    mesa.elegir(tarea.numero, { mensaje: aviso('exito', _('Listo: otra persona que valida revisará tu entrega y decidirá. Te avisaremos.')) });
  } }, h('p', { class: 'chica', id: 'disputa-que-pasa' }, _('Otra persona que valida, distinta de quien la devolvió, verá tu entrega y tu razón, y decidirá. Sólo se puede una vez por entrega.')),
  h('label', { for: 'motivo-disputa' }, _('¿Por qué crees que está bien?')), campo, falta.nodo, h('p', { class: 'botones' }, enviar)));
}

/** Uno solo: el de la hoja que se ve. */
let alVolverLaRed = null;

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
    if (!nodo.isConnected) return; // mientras llegaban se pasó a otra hoja: el mapa ya es de ella
    const rasgoDe = (s) => objetos.find((r) => claveDe(r) === s.objeto) ?? null;
    const atendidos = atendidosDe(mesa, tarea, d);
    const errores = d.senalamientos.map((s, i) => ({ s, n: i + 1, rasgo: rasgoDe(s), geometria: rasgoDe(s)?.geometry ?? s.lugar ?? null }));
    const enMapa = (mirado = 0) => ponerPines(mesa, errores.map(({ s, n, geometria }) => ({ n, geometria, hecho: atendidos.tiene(s.id), mirado: n === mirado })));
    tarea.porAtender = () => errores.filter(({ s }) => !atendidos.tiene(s.id)).length;
    const cuenta = h('p', { class: 'chica', role: 'status' });
    const espera = h('p', { class: 'chica', role: 'status' });
    const contar = () => {
      const hechos = errores.filter(({ s }) => atendidos.tiene(s.id)).length;
      cuenta.textContent = hechos === errores.length ? _('Marcaste todos como atendidos: ya puedes entregarla otra vez.') : _('Llevas %(m)s de %(n)s atendidos.', { m: hechos, n: errores.length });
      espera.textContent = '';
    };
    // Sin red no se pierde: se dice, y se manda cuando vuelva.
    const alFallar = (error) => {
      if (error.codigo === 'sin_red') espera.textContent = _('No hay conexión: lo que marcaste está anotado en este aparato y se guardará cuando vuelva.');
      else mesa.decirRechazo(error);
    };
    const alVolver = () => {
      if (nodo.isConnected && atendidos.enEspera()) atendidos.alDia().then(contar, alFallar);
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
          const casilla = evento.target;
          const mostrar = () => {
            casilla.checked = atendidos.tiene(s.id);
            li.classList.toggle('atendido', casilla.checked);
            contar();
            enMapa();
          };
          const guardado = atendidos.poner(s.id, casilla.checked);
          mostrar();
          guardado.then(contar, (error) => {
            mostrar();
            alFallar(error);
          });
        } }), h('span', {}, _('Ya lo atendí'))));
      return li;
    };
    const enDisputa = Boolean(d.disputa?.abierta);
    // Devuelta, y ya no lo está: se corrigió y se entregó otra vez.
    const corregida = d.veredicto === 'devuelta' && !enDisputa && tarea.estado !== 'devuelta';
    nodo.hidden = false;
    nodo.classList.add(d.veredicto);
    nodo.replaceChildren(...[
      h('h3', {}, enDisputa ? _('Lo que te señalaron') : corregida ? _('Te pidieron corregirla y la entregaste otra vez') : TITULOS[d.veredicto]()),
      h('p', { class: 'suave chica' }, _('%(persona)s, %(cuando)s', { persona: d.persona.nombre, cuando: hace(d.cuando) })),
      tarea.reserva?.mia && !tarea.bloqueo?.mia ? h('p', { class: 'chica' }, _('Está apartada para ti hasta el %(cuando)s.', { cuando: diaYHora(tarea.reserva.hasta, mesa.proyecto.zona) })) : null,
      enDisputa ? miDisputa(d.disputa) : null, resuelta ? miDisputa(resuelta) : null,
      d.retro?.fortaleza ? h('p', { class: 'fortaleza' }, h('span', { class: 'suave chica' }, _('Lo que está bien')), d.retro.fortaleza) : null,
      errores.length ? h('h4', {}, enDisputa ? n_('%(n)s cosa señalada', '%(n)s cosas señaladas', errores.length)
        : corregida ? n_('Te habían pedido corregir %(n)s cosa', 'Te habían pedido corregir %(n)s cosas', errores.length)
          : n_('%(n)s cosa por corregir', '%(n)s cosas por corregir', errores.length)) : null,
      errores.length ? h('ol', { class: 'pines errores' }, errores.map(renglon)) : null,
      ...(errores.length && tarea.estado === 'devuelta' ? [cuenta, espera] : []),
      d.retro?.nota ? h('blockquote', {}, d.retro.nota) : null,
      d.disputa && !enDisputa ? miDisputa(d.disputa) : null,
      disputar && d.se_puede_disputar ? noDeAcuerdo(mesa, tarea, d) : null,
    ].filter(Boolean));
    contar();
    enMapa();
    if (tarea.estado === 'devuelta') {
      if (alVolverLaRed) removeEventListener('online', alVolverLaRed);
      alVolverLaRed = alVolver;
      addEventListener('online', alVolver);
      alVolver();
    }
    nodo.dataset.listo = d.id;
    await marcarLeido(mesa, d.id).catch(() => { /* sin buzón, se lee igual */ });
  };
  llenar().catch((error) => mesa.decirRechazo(error));
  return nodo;
}

/** De una devuelta, con errores sin marcar como atendidos: si la persona la entrega de todos modos. */
export async function preguntarSiFalta(tarea) {
  const faltan = tarea.estado === 'devuelta' ? tarea.porAtender?.() ?? 0 : 0;
  if (!faltan) return true;
  const respuesta = await preguntar(
    n_('Te falta atender %(n)s cosa', 'Te falta atender %(n)s cosas', faltan),
    _('Quien la revise verá qué no marcaste como atendido. Si ya lo corregiste, márcalo antes: así sabe qué mirar.'), [
      ['volver', _('Ver lo que falta'), ''], ['seguir', _('Entregar de todos modos'), 'secundario'], [null, _('Cancelar'), 'discreto'],
    ]);
  // En el editor la lista queda detrás: ahí basta con volver al dibujo.
  if (respuesta === 'volver') document.querySelector(`[data-respuesta-de="${tarea.numero}"] li:not(.atendido) input`)?.focus();
  return respuesta === 'seguir';
}

function miDisputa(disputa) {
  if (disputa.abierta) return h('p', { class: 'aviso info' }, _('Dijiste que no estás de acuerdo: otra persona que valida la está por revisar.'));
  if (disputa.resultado === 'a_favor') return h('p', { class: 'chica' }, _('No estuviste de acuerdo, otra persona la revisó y te dio la razón.'));
  if (disputa.resultado) return h('p', { class: 'chica' }, _('No estuviste de acuerdo; otra persona la revisó y también pide corregirla.'));
  return dichoDeDisputa(disputa);
}
