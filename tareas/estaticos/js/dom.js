// Construir nodos sin escribir HTML con datos ajenos.

/**
 * Nodo `etiqueta` con atributos e hijos. Los que empiezan con «on» son oyentes; `null` y `false` se omiten.
 * h('button', { class: 'boton', type: 'button', onclick: f }, 'Soltar')
 */
export function h(etiqueta, atributos = {}, ...hijos) {
  const nodo = document.createElement(etiqueta);
  for (const [nombre, valor] of Object.entries(atributos)) {
    if (valor === null || valor === undefined || valor === false) continue;
    if (nombre.startsWith('on')) nodo.addEventListener(nombre.slice(2), valor);
    else nodo.setAttribute(nombre, valor === true ? '' : valor);
  }
  nodo.append(...hijos.flat(2).filter((hijo) => hijo !== null && hijo !== undefined && hijo !== false));
  return nodo;
}

/** Icono de img/iconos.svg. */
export function icono(nombre) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'icono');
  svg.setAttribute('aria-hidden', 'true');
  const uso = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  uso.setAttribute('href', `${document.documentElement.dataset.iconos}#${nombre}`);
  svg.append(uso);
  return svg;
}

/** Botón que no envía formularios. */
export function boton(texto, alPulsar, { tipo = '', dibujo = null, ...atributos } = {}) {
  return h('button', { type: 'button', class: `boton ${tipo}`.trim(), onclick: alPulsar, ...atributos }, dibujo && icono(dibujo), texto);
}

/** Aviso como el de componentes/aviso.html; lo anuncia el lector de pantalla. */
export function aviso(tipo, texto, ...acciones) {
  return h('div', { class: `aviso ${tipo}`, role: tipo === 'error' ? 'alert' : 'status' }, icono(tipo), h('div', {}, h('p', {}, texto), ...acciones));
}

/**
 * Lo que le falta a un campo, dicho a su lado con nuestras palabras: el globo del navegador habla el idioma del navegador.
 * `que(valor)` da la frase, o null si está bien. Devuelve el nodo, y `revisar()`: si está bien; si no, lo dice y lleva ahí.
 */
export function faltaDe(campo, que) {
  const nodo = h('p', { class: 'falta', id: `${campo.id}-falta`, role: 'alert', hidden: true });
  campo.setAttribute('aria-describedby', [campo.getAttribute('aria-describedby'), nodo.id].filter(Boolean).join(' '));
  const decir = (frase) => {
    nodo.textContent = frase ?? '';
    nodo.hidden = !frase;
    if (frase) campo.setAttribute('aria-invalid', 'true');
    else campo.removeAttribute('aria-invalid');
    return !frase;
  };
  campo.addEventListener('input', () => { if (!nodo.hidden && !que(campo.value.trim())) decir(null); });
  return {
    nodo,
    revisar() {
      const bien = decir(que(campo.value.trim()));
      if (!bien) campo.focus();
      return bien;
    },
  };
}
