// La forma del dictamen: una fortaleza verdadera, los errores señalados, una nota, y tres veredictos.
import { _, enumerar, n_ } from './textos.js';
import { aviso, boton, h } from './dom.js';
import { fraseDe, nombreDeFortaleza } from './fortalezas.js';
import { guardar, leer } from './memoria.js';
import { senalamientos } from './senalar.js';

const FORTALEZA_MAXIMA = 1000;

/** Lo que quien revisa lleva escrito, en este aparato, por persona y tarea. */
function borradorDe(mesa, tareas, ciega) {
  const llave = `tequio_revision_${mesa.yo}_${mesa.proyecto.id}_${tareas.map((t) => t.numero).join('-')}${ciega ? '_ciega' : ''}`;
  let dicho = {};
  try { dicho = JSON.parse(leer(llave) || '{}'); } catch { /* de otra versión */ }
  return {
    dicho,
    poner(cambios) {
      dicho = { ...dicho, ...cambios };
      guardar(llave, dicho.fortaleza || dicho.elegidas?.length || dicho.nota || dicho.senalamientos?.length ? JSON.stringify(dicho) : '');
    },
    olvidar: () => guardar(llave, ''),
  };
}

/**
 * La forma del dictamen de una o varias tareas.
 *
 * `enviar(veredicto, retro, pulsado)`: hace la petición y devuelve si se hizo. `ciega`: es una segunda opinión, que no cambia la
 * tarea. `tocados`: como en senalamientos. `vistas()`: de varias, cuántas ya se vieron. `antes(veredicto)`: si se sigue adelante. Devuelve { nodo, pie, errores, proponer(porTarea), alDia(),
 * encender(), tecla(letra) }.
 */
export function formaDictamen(mesa, tareas, { enviar, ciega = false, tocados, vistas = null, antes = () => true, alCambiar = () => {} }) {
  const borrador = borradorDe(mesa, tareas, ciega);
  const fortaleza = h('textarea', { id: 'fortaleza', maxlength: FORTALEZA_MAXIMA, rows: 2, 'aria-labelledby': 'fortaleza-titulo fortaleza-rotulo', 'aria-describedby': 'fortaleza-ayuda', oninput: () => {
    borrador.poner({ fortaleza: fortaleza.value });
    decir();
  } });
  fortaleza.value = borrador.dicho.fortaleza ?? '';
  const fichas = h('div', { class: 'fichas', role: 'group', 'aria-label': _('Fortalezas que se pueden comprobar') });
  const varias = tareas.length > 1;
  const elegidas = new Set(borrador.dicho.elegidas ?? []); // códigos
  let ciertas = new Map(); // código → [{ numero, n }]: en qué tareas es cierta hoy
  const queLeeran = h('div', { class: 'chica', hidden: true });
  /** Lo elegido que hoy es cierto, para la API: en varias, cada una dice de cuál es. */
  const fortalezas = () => [...ciertas].filter(([codigo]) => elegidas.has(codigo)).flatMap(([codigo, suyas]) => (
    varias && suyas.length === tareas.length && suyas.every(({ n }) => n === undefined) ? [{ codigo }] : suyas.map(({ numero, n }) => ({ codigo, ...(n !== undefined && { n }), ...(varias && { numero }) }))));
  const conFortaleza = () => Boolean(fortaleza.value.trim()) || fortalezas().length > 0;
  const ninguna = h('input', { type: 'checkbox', id: 'sin-fortaleza', onchange: () => decir() });
  const rotuloNinguna = h('label', { class: 'opcion', hidden: true }, ninguna, h('span', {}, _('No encontré ninguna')));
  const faltaFortaleza = h('p', { class: 'falta', role: 'alert', hidden: true }, _('Antes de devolverla, di algo que esté bien: ayuda a quien mapeó a saber qué repetir.'));
  const nota = h('textarea', { id: 'nota', name: 'nota', maxlength: 5000, rows: 2, oninput: () => borrador.poner({ nota: nota.value }) });
  nota.value = borrador.dicho.nota ?? '';
  const faltaErrores = h('div');
  const errores = senalamientos(mesa, tareas, {
    guardados: borrador.dicho.senalamientos ?? [], tocados,
    alCambiar(lista) {
      borrador.poner({ senalamientos: lista });
      decir();
      alCambiar(lista);
    },
  });

  let enCurso = false;
  const dar = async (veredicto, pulsado) => {
    if (enCurso) return;
    enCurso = true;
    const teniaElFoco = document.activeElement === pulsado;
    const veredictos = [bien, arreglos, mal].filter(Boolean);
    veredictos.forEach((b) => { b.disabled = true; });
    pulsado.setAttribute('aria-busy', 'true');
    try {
      await decidir(veredicto, pulsado);
    } finally {
      enCurso = false;
      veredictos.forEach((b) => { b.disabled = false; });
      pulsado.removeAttribute('aria-busy');
      if (teniaElFoco && pulsado.isConnected && document.activeElement === document.body) pulsado.focus({ preventScroll: true });
    }
  };
  const decidir = async (veredicto, pulsado) => {
    // Mientras se pregunta se pudo pasar a otra hoja: entonces ya no se dictamina.
    if (!await antes(veredicto) || !nodo.isConnected) return;
    const retro = {
      ...(fortaleza.value.trim() && { fortaleza: fortaleza.value.trim() }), fortalezas: fortalezas(), ...(nota.value.trim() && { nota: nota.value.trim() }), senalamientos: errores.paraApi(),
    };
    if (await enviar(veredicto, retro, pulsado)) borrador.olvidar();
  };
  const bien = boton(_('Está bien'), () => dar('validada', bien), { tipo: 'veredicto', dibujo: 'palomita', 'aria-keyshortcuts': 'Alt+V' });
  const arreglos = ciega ? null : boton(_('Está bien con arreglos míos'), () => dar('con_arreglos', arreglos), { tipo: 'veredicto secundario', dibujo: 'lapiz', 'aria-keyshortcuts': 'Alt+A' });
  const mal = boton(_('Devolver'), () => devolver(), { tipo: 'veredicto secundario', dibujo: 'deshacer', 'aria-keyshortcuts': 'Alt+D' });

  function devolver() {
    if (!errores.lista().length) {
      faltaErrores.replaceChildren(aviso('error', ciega ? _('Señala al menos un error: es lo que se comparará.') : _('Señala al menos un error: quien mapeó tiene que saber qué corregir.')));
      if (!errores.nodo.querySelector('form')) errores.abrir();
      // Se ve lo que falta y, debajo, dónde se dice.
      errores.nodo.querySelector('select')?.focus({ preventScroll: true });
      faltaErrores.scrollIntoView({ block: 'start' });
      return;
    }
    if (!ciega && !conFortaleza() && !ninguna.checked) {
      faltaFortaleza.hidden = false;
      rotuloNinguna.hidden = false;
      fortaleza.setAttribute('aria-invalid', 'true');
      fortaleza.closest('section').scrollIntoView({ block: 'start' });
      fortaleza.focus({ preventScroll: true });
      return;
    }
    dar('devuelta', mal);
  }
  const llevas = boton('', () => { nodo.scrollIntoView({ block: 'start' }); nodo.querySelector('h3').focus({ preventScroll: true }); }, { tipo: 'discreto llevas' });
  function decir() {
    const n = errores.lista().length;
    if (n) faltaErrores.replaceChildren();
    if (conFortaleza() || ninguna.checked) {
      faltaFortaleza.hidden = true;
      fortaleza.removeAttribute('aria-invalid');
    }
    llevas.textContent = `${vistas ? `${vistas()} · ` : ''}${n ? n_('%(n)s error señalado', '%(n)s errores señalados', n) : _('Sin errores señalados')} · ${conFortaleza() ? _('con fortaleza') : _('sin fortaleza')}`;
    // El más probable es el que resalta: con errores señalados, devolver.
    mal.classList.toggle('secundario', !n);
    bien.classList.toggle('secundario', n > 0);
  }
  /** A quién se le dice: «en las 3», «en la 12 y la 14». */
  function enCuales(suyas) {
    if (suyas.length === tareas.length) return _('en todas');
    return suyas.length > 3 ? n_('en %(n)s tarea', 'en %(n)s tareas', suyas.length) : n_('en la %(cuales)s', 'en las %(cuales)s', suyas.length, { cuales: enumerar(suyas.map(({ numero }) => numero)) });
  }
  function decirQueLeeran() {
    const de = (t) => [...ciertas].filter(([codigo]) => elegidas.has(codigo)).flatMap(([codigo, suyas]) => suyas.filter(({ numero }) => numero === t.numero).map(({ n }) => fraseDe({ codigo, n })));
    const renglones = varias ? tareas.map((t) => [t.numero, de(t)]).filter(([, frases]) => frases.length) : [];
    queLeeran.hidden = !renglones.length;
    queLeeran.replaceChildren(h('p', { class: 'suave' }, _('Esto leerá quien mapeó cada una, en su idioma:')), h('ul', {}, renglones.map(([n, frases]) => h('li', {}, h('strong', {}, _('Tarea %(n)s', { n })), `: ${frases.join(' ')}`))));
  }

  const nodo = h('div', { class: 'forma-dictamen' },
    h('section', {},
      h('h3', { id: 'fortaleza-titulo', tabindex: '-1' }, _('Algo que está bien')),
      h('p', { class: 'chica suave', id: 'fortaleza-ayuda' }, ciega ? _('Si ves algo concreto, dilo: servirá para comparar cómo miran las dos personas. Quien mapeó no lo lee.') : _('Una sola cosa, concreta y cierta. Es lo primero que leerá quien mapeó.')),
      fichas, queLeeran, h('label', { for: 'fortaleza', id: 'fortaleza-rotulo', class: 'chica' }, _('Con tus palabras')), fortaleza, faltaFortaleza, rotuloNinguna),
    faltaErrores, errores.nodo,
    h('label', { for: 'nota' }, ciega ? _('Nota para la otra persona que revisó') : _('Nota para quien mapeó'), ' ', h('span', { class: 'opcional' }, _('(opcional)'))), nota);
  const pie = h('div', { class: 'accion-fija pie-dictamen' }, llevas, h('div', { class: 'botones' }, bien, arreglos, mal));

  return {
    nodo, pie, errores,
    encender() {
      errores.encender();
      decir();
    },
    alDia: decir,
    /** Pone las fortalezas que se pueden comprobar, para elegirlas. `porTarea`: [[numero, [{ codigo, n }]]]. */
    proponer(porTarea) {
      ciertas = new Map();
      porTarea.forEach(([numero, suyas]) => suyas.forEach(({ codigo, n }) => ciertas.set(codigo, [...(ciertas.get(codigo) ?? []), { numero, n }])));
      const conFoco = document.activeElement?.dataset?.fortaleza;
      fichas.replaceChildren(...[...ciertas].map(([codigo, suyas]) => {
        const texto = varias ? `${nombreDeFortaleza(codigo)} · ${enCuales(suyas)}` : fraseDe({ codigo, n: suyas[0].n });
        const ficha = boton(texto, () => {
          if (elegidas.has(codigo)) elegidas.delete(codigo);
          else elegidas.add(codigo);
          ficha.setAttribute('aria-pressed', String(elegidas.has(codigo)));
          borrador.poner({ elegidas: [...elegidas] });
          decirQueLeeran();
          decir();
        }, { tipo: 'secundario ficha', 'aria-pressed': String(elegidas.has(codigo)), 'data-fortaleza': codigo });
        return ficha;
      }));
      fichas.hidden = !ciertas.size;
      if (conFoco) fichas.querySelector(`[data-fortaleza="${conFoco}"]`)?.focus({ preventScroll: true });
      decirQueLeeran();
      decir();
    },
    /** Atiende un atajo; devuelve si lo era. */
    tecla(letra) {
      const pulsado = { v: bien, a: arreglos, d: mal }[letra];
      if (!pulsado || pulsado.disabled) return false;
      pulsado.click();
      return true;
    },
  };
}
