// Página de una imagen del municipio: el mapa la muestra desde el principio.
import { alVerse, crearMapa } from './mapa_base.js';

const div = document.querySelector('[data-modulo="imagen"]');
alVerse(div, () => crearMapa(div, { cooperativo: true, fondoInicial: JSON.parse(div.dataset.mapa).imagenes[0].id }));
