// El botón de imprimir el cartel; sin este módulo se imprime con el menú del navegador.
for (const boton of document.querySelectorAll('[data-imprimir]')) {
  boton.hidden = false;
  boton.addEventListener('click', () => print());
}
