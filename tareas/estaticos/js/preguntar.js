// Preguntar con un diálogo antes de algo que no conviene hacer sin darse cuenta.
import { boton, h } from './dom.js';

/** `texto` puede ser varios nodos. `opciones` son [valor, texto, tipo]; Esc y la que lleva null no hacen nada: devuelve null. El foco empieza en la primera. */
export function preguntar(titulo, texto, opciones) {
  return new Promise((responder) => {
    const dialogo = h('dialog', { class: 'pregunta', 'aria-labelledby': 'pregunta-titulo', 'aria-describedby': 'pregunta-texto' },
      h('div', { class: 'pregunta-hoja' },
        h('h2', { id: 'pregunta-titulo' }, titulo), h(typeof texto === 'string' ? 'p' : 'div', { id: 'pregunta-texto' }, texto),
        h('div', { class: 'pregunta-botones' }, opciones.map(([valor, rotulo, tipo]) => boton(rotulo, () => { dialogo.returnValue = valor ?? ''; dialogo.close(valor ?? ''); }, { tipo })))));
    dialogo.addEventListener('close', () => {
      dialogo.remove();
      responder(dialogo.returnValue || null);
    });
    document.body.append(dialogo);
    dialogo.showModal();
  });
}
