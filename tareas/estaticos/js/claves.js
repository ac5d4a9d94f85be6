// Ver la clave mientras se escribe, y el botón de imprimir. Sin este módulo, los formularios funcionan igual.
import { _ } from './textos.js';

for (const campo of document.querySelectorAll('input[data-clave]')) {
  const etiqueta = document.createElement('label');
  const casilla = document.createElement('input');
  casilla.type = 'checkbox';
  etiqueta.className = 'opcion';
  etiqueta.append(casilla, _('Mostrar la clave'));
  casilla.addEventListener('change', () => { campo.type = casilla.checked ? 'text' : 'password'; });
  // Al enviar vuelve a ser clave: así el navegador no la guarda entre lo que autocompleta.
  campo.form?.addEventListener('submit', () => { campo.type = 'password'; });
  campo.after(etiqueta);
}

document.querySelector('[data-imprime]')?.addEventListener('click', () => print());
