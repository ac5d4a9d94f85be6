// Poner la misma hoja otra vez sin que quien la lee pierda lo escrito, lo desplegado, el foco ni el lugar. Parte de la hoja llega después,
// cuando contesta el servidor: hasta entonces se espera.
const ENFOCABLES = 'a[href], button, input, select, textarea, summary';
const ESCRIBIBLES = 'input[id]:not([type="checkbox"], [type="radio"], [type="file"]), textarea[id], select[id]';
const ESPERA_MS = 15000;

/** Los nodos con una seña que los distingue: la suya y, si se repite, cuántos iguales van antes. */
function conSena(nodos, sena) {
  const vistas = new Map();
  return [...nodos].map((nodo) => {
    const suya = sena(nodo);
    const antes = vistas.get(suya) ?? 0;
    vistas.set(suya, antes + 1);
    return [`${suya} ${antes}`, nodo];
  });
}
const plegables = (hoja) => conSena(hoja.querySelectorAll('details'), (d) => d.querySelector('summary')?.textContent ?? '');
const escribibles = (hoja) => [...hoja.querySelectorAll(ESCRIBIBLES)].map((campo) => [campo.id, campo]);
const enfocables = (hoja) => conSena(hoja.querySelectorAll(ENFOCABLES), (nodo) => nodo.id || nodo.textContent || nodo.name || nodo.tagName);

/** Devuelve { otraVez(pintar), olvidar() } para una hoja; `olvidar()` al poner otra. */
export function conMemoria(hoja) {
  let faltan = null; // lo que todavía no aparece

  function olvidar() {
    faltan?.vigia.disconnect();
    clearTimeout(faltan?.reloj);
    faltan = null;
    hoja.style.minHeight = '';
  }
  function reponer() {
    for (const [sena, detalles] of plegables(hoja)) {
      if (faltan.abiertos.has(sena)) detalles.open = faltan.abiertos.get(sena);
      faltan.abiertos.delete(sena);
    }
    for (const [id, campo] of escribibles(hoja)) {
      const valor = faltan.escrito.get(id);
      // No pisa lo que ya se escribió otra vez.
      if (valor !== undefined && (!campo.value || campo.tagName === 'SELECT')) campo.value = valor;
      // En una lista que todavía no trae sus opciones no se queda puesto.
      if (valor === undefined || campo.tagName !== 'SELECT' || campo.value === valor) faltan.escrito.delete(id);
    }
    for (const radio of hoja.querySelectorAll('input[type="radio"][name]')) {
      if (faltan.elegido.get(radio.name) !== radio.value) continue;
      faltan.elegido.delete(radio.name);
      if (!radio.checked) radio.click();
      if (!faltan) return; // al elegirlo se puso otra hoja
    }
    if (!faltan.abiertos.size && !faltan.escrito.size && !faltan.elegido.size) hoja.style.minHeight = '';
    if (!faltan.foco) return;
    const activo = document.activeElement;
    if (activo !== hoja && !faltan.recien) {
      faltan.foco = null; // ya se fue a otra parte
      return;
    }
    const { sena, desde, hasta } = faltan.foco;
    const mismo = enfocables(hoja).find(([suya]) => suya === sena)?.[1];
    if (!mismo) {
      if (faltan.recien) hoja.focus({ preventScroll: true });
      return;
    }
    mismo.focus({ preventScroll: true });
    if (typeof desde === 'number') mismo.setSelectionRange(desde, hasta);
    faltan.foco = null;
  }

  return {
    olvidar,
    otraVez(pintar) {
      const antes = faltan;
      const activo = hoja.contains(document.activeElement) && document.activeElement !== hoja ? document.activeElement : null;
      const { selectionStart: desde, selectionEnd: hasta } = activo ?? {};
      const sena = activo && enfocables(hoja).find(([, nodo]) => nodo === activo)?.[0];
      // Lo que aún no aparecía de la vez anterior sigue pendiente.
      const abiertos = new Map([...(antes?.abiertos ?? []), ...plegables(hoja).map(([suya, d]) => [suya, d.open])]);
      const escrito = new Map([...(antes?.escrito ?? []), ...escribibles(hoja).filter(([, c]) => c.value).map(([id, c]) => [id, c.value])]);
      const elegido = new Map([...(antes?.elegido ?? []), ...[...hoja.querySelectorAll('input[type="radio"][name]:checked')].map((r) => [r.name, r.value])]);
      const foco = sena ? { sena, desde, hasta } : document.activeElement === hoja ? antes?.foco ?? null : null;
      olvidar();
      // Que no se encoja mientras llega lo demás: lo que se leía se queda en su lugar.
      hoja.style.minHeight = `${hoja.offsetHeight}px`;
      pintar();
      faltan = { abiertos, escrito, elegido, foco, recien: true, vigia: new MutationObserver(reponer), reloj: setTimeout(olvidar, ESPERA_MS) };
      reponer();
      faltan.recien = false;
      faltan.vigia.observe(hoja, { childList: true, subtree: true });
    },
  };
}
