// La forma del dictamen: una fortaleza verdadera, los errores señalados, una nota, y tres veredictos.
import { _, n_ } from './textos.js';
import { aviso, boton, h } from './dom.js';
import { guardar, leer } from './panel_turno.js';
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
      guardar(llave, dicho.fortaleza || dicho.nota || dicho.senalamientos?.length ? JSON.stringify(dicho) : '');
    },
    olvidar: () => guardar(llave, ''),
  };
}

/**
 * La forma del dictamen de una o varias tareas.
 *
 * `enviar(veredicto, retro, pulsado)`: hace la petición y devuelve si se hizo. `ciega`: es una segunda opinión, que no cambia la
 * tarea. `tocados`: como en senalamientos. Devuelve { nodo, pie, errores, proponer(frases), encender(), tecla(letra) }.
 */
export function formaDictamen(mesa, tareas, { enviar, ciega = false, tocados, alCambiar = () => {} }) {
  const borrador = borradorDe(mesa, tareas, ciega);
  const fortaleza = h('textarea', { id: 'fortaleza', maxlength: FORTALEZA_MAXIMA, rows: 2, 'aria-describedby': 'fortaleza-ayuda', oninput: () => {
    borrador.poner({ fortaleza: fortaleza.value });
    decir();
  } });
  fortaleza.value = borrador.dicho.fortaleza ?? '';
  const fichas = h('div', { class: 'fichas', role: 'group', 'aria-label': _('Fortalezas que se pueden comprobar') });
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

  const dar = async (veredicto, pulsado) => {
    const retro = {
      ...(fortaleza.value.trim() && { fortaleza: fortaleza.value.trim() }), ...(nota.value.trim() && { nota: nota.value.trim() }), senalamientos: errores.paraApi(),
    };
    if (await enviar(veredicto, retro, pulsado)) borrador.olvidar();
  };
  const bien = boton(_('Está bien'), () => dar('validada', bien), { tipo: 'veredicto', dibujo: 'palomita', 'aria-keyshortcuts': 'Alt+V' });
  const arreglos = ciega ? null : boton(_('Está bien con arreglos míos'), () => dar('con_arreglos', arreglos), { tipo: 'veredicto secundario', dibujo: 'lapiz', 'aria-keyshortcuts': 'Alt+A' });
  const mal = boton(_('Devolver'), () => devolver(), { tipo: 'veredicto secundario', dibujo: 'deshacer', 'aria-keyshortcuts': 'Alt+D' });

  function devolver() {
    if (!errores.lista().length) {
      faltaErrores.replaceChildren(aviso('error', _('Señala al menos un error: quien mapeó tiene que saber qué corregir.')));
      if (!errores.nodo.querySelector('form')) errores.abrir();
      errores.nodo.scrollIntoView({ block: 'start' });
      return;
    }
    if (!fortaleza.value.trim() && !ninguna.checked) {
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
    if (fortaleza.value.trim() || ninguna.checked) {
      faltaFortaleza.hidden = true;
      fortaleza.removeAttribute('aria-invalid');
    }
    llevas.textContent = `${n ? n_('%(n)s error señalado', '%(n)s errores señalados', n) : _('Sin errores señalados')} · ${fortaleza.value.trim() ? _('con fortaleza') : _('sin fortaleza')}`;
    // El más probable es el que resalta: con errores señalados, devolver.
    mal.classList.toggle('secundario', !n);
    bien.classList.toggle('secundario', n > 0);
  }
  decir();

  const nodo = h('div', { class: 'forma-dictamen' },
    h('section', {},
      h('h3', { id: 'fortaleza-titulo', tabindex: '-1' }, h('label', { for: 'fortaleza' }, _('Algo que está bien'))),
      h('p', { class: 'chica suave', id: 'fortaleza-ayuda' }, _('Una sola cosa, concreta y cierta. Es lo primero que leerá quien mapeó.')),
      fichas, fortaleza, faltaFortaleza, rotuloNinguna),
    faltaErrores, errores.nodo,
    h('label', { for: 'nota' }, _('Nota para quien mapeó'), ' ', h('span', { class: 'opcional' }, _('(opcional)'))), nota);
  const pie = h('div', { class: 'accion-fija pie-dictamen' }, llevas, h('div', { class: 'botones' }, bien, arreglos, mal));

  return {
    nodo, pie, errores,
    encender: errores.encender,
    /** Pone las fortalezas que se pueden comprobar; al tocar una, se escribe. */
    proponer(frases) {
      fichas.replaceChildren(...frases.map((frase) => boton(frase, () => {
        fortaleza.value = [fortaleza.value.trim(), frase].filter(Boolean).join(' ');
        borrador.poner({ fortaleza: fortaleza.value });
        decir();
        fortaleza.focus({ preventScroll: true });
      }, { tipo: 'secundario ficha' })));
      fichas.hidden = !frases.length;
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
