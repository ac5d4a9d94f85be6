// Botones que copian el campo de al lado.
import { _ } from './textos.js';

for (const boton of document.querySelectorAll('[data-copiar]')) {
  boton.hidden = false;
  boton.addEventListener('click', async () => {
    const campo = document.getElementById(boton.dataset.copiar);
    try {
      await navigator.clipboard.writeText(campo.value);
    } catch {
      // Fuera de https el portapapeles no se deja: la vieja manera todavía sirve.
      campo.select();
      document.execCommand('copy');
    }
    boton.textContent = _('Copiado');
  });
}
