// Cambiar de idioma es cargar la página otra vez: sobre el mapa se guarda antes dónde iba y lo escrito, y al volver se pone igual.
const LLAVE = 'tequio_al_cambiar_idioma';
const CAMPOS = 'input[id], textarea[id], select[id]';
const ESPERA_MS = 15000;

const marcable = (campo) => campo.type === 'checkbox' || campo.type === 'radio';

/** Antes de cambiar: guarda en esta pestaña la vista del mapa y lo escrito en la hoja. Sin red no se va: `alFaltarRed()`. */
export function recordarAlCambiar(hoja, vista, alFaltarRed) {
  const forma = document.querySelector('.forma-idioma');
  forma?.addEventListener('submit', (evento) => {
    if (!navigator.onLine) {
      evento.preventDefault();
      alFaltarRed();
      return;
    }
    const { pathname, search } = location;
    forma.elements.siguiente.value = pathname + search;
    // Varias juntas y una segunda opinión no tienen dirección propia, y guardan su borrador aparte.
    const campos = location.hash ? [] : [...hoja.querySelectorAll(CAMPOS)].filter((c) => c.type !== 'file' && c.type !== 'hidden')
      .map((c) => [c.id, marcable(c) ? c.checked : c.value, marcable(c) ? c.defaultChecked : c.defaultValue ?? ''])
      .filter(([, valor, original]) => valor !== original).map(([id, valor]) => [id, valor]);
    try {
      sessionStorage.setItem(LLAVE, JSON.stringify({ ruta: pathname, vista: vista(), campos }));
    } catch { /* sin almacenamiento: se vuelve a la misma tarea, sin la vista */ }
  });
}

/** Lo que se guardó al cambiar de idioma en esta misma dirección, una sola vez; null si no se viene de ahí. */
export function alVolver() {
  try {
    const guardado = JSON.parse(sessionStorage.getItem(LLAVE));
    sessionStorage.removeItem(LLAVE);
    return guardado?.ruta === location.pathname ? guardado : null;
  } catch {
    return null;
  }
}

/** Repone lo escrito en cuanto cada campo aparece: algunos llegan después que la hoja. No pisa lo que ya se escribió otra vez. */
export function reponer(hoja, { ruta, campos }) {
  const faltan = new Map(campos);
  const poner = () => {
    // Ya se pasó a otra tarea: lo escrito no es de ésta.
    if (location.pathname !== ruta || location.hash) {
      vigia.disconnect();
      return;
    }
    faltan.forEach((valor, id) => {
      const campo = hoja.querySelector(`#${CSS.escape(id)}`);
      if (!campo) return;
      faltan.delete(id);
      if (marcable(campo)) campo.checked = valor;
      else if (!campo.value || campo.tagName === 'SELECT') campo.value = valor;
      for (let caja = campo.closest('details'); caja; caja = caja.parentElement.closest('details')) caja.open = true;
      ['input', 'change'].forEach((que) => campo.dispatchEvent(new Event(que, { bubbles: true })));
    });
    if (!faltan.size) vigia.disconnect();
  };
  const vigia = new MutationObserver(poner);
  vigia.observe(hoja, { childList: true, subtree: true });
  setTimeout(() => vigia.disconnect(), ESPERA_MS);
  poner();
}
