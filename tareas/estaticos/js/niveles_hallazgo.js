// Los tres niveles de un hallazgo: figura, color y palabras, en la página (css/calidad.css) y en el mapa.
import { _ } from './textos.js';
import { h } from './dom.js';
import { pincelDe, rayas } from './patrones.js';

const TIPO = { n: 'node', w: 'way', r: 'relation' };

// Sobre el mapa claro, el oscuro o una foto: la figura y el ribete blanco se distinguen en los tres.
export const COLORES = { 1: '#a11d33', 2: '#8a5a00', 3: '#1f5f8b' };
export const COLOR = ['match', ['get', 'nivel'], 1, COLORES[1], 2, COLORES[2], COLORES[3]];

/** Cómo se dice un nivel a quien mapea; `aQuienValida`, a quien revisa lo que otra persona entregó. */
export const nombreDeNivel = (nivel, aQuienValida = false) => ({ 1: aQuienValida ? _('Casi seguro es un error') : _('Arréglalo antes de entregar'), 2: _('Conviene revisarlo'), 3: _('Para saber') })[nivel];

/** Igual al de componentes/nivel_hallazgo.html. */
export const nivelDe = (nivel, texto = nombreDeNivel(nivel)) => h('span', { class: `nivel-hallazgo n${nivel}` }, h('span', { class: 'figura', 'aria-hidden': 'true' }), texto);

/** «way/12» de «w12». */
export const rutaDe = (clave) => `${TIPO[clave[0]]}/${clave.slice(1)}`;

/** Enlaces a los objetos en OpenStreetMap, o sólo sus claves si son de un aula. */
export const objetosEnlazados = (claves, web) => claves.flatMap((clave, i) => [i ? ', ' : '', web ? h('a', { href: `${web}/${rutaDe(clave)}`, target: '_blank', rel: 'noopener' }, clave) : clave]);

/** Pone en el mapa las imágenes `hallazgo-1`, `-2` y `-3`: triángulo, cuadro y aro; y las rayas de cada nivel. */
export function ponerFiguras(mapa) {
  for (const nivel of [1, 2, 3]) {
    if (mapa.hasImage(`hallazgo-${nivel}`)) continue;
    mapa.addImage(`hallazgo-${nivel}`, figura(nivel), { pixelRatio: 2 });
    mapa.addImage(`hallazgo-rayas-${nivel}`, rayas(COLORES[nivel]), { pixelRatio: 2 });
  }
}

function figura(nivel) {
  const lado = 44;
  const pincel = pincelDe(lado);
  pincel.beginPath();
  if (nivel === 1) {
    pincel.moveTo(22, 4);
    pincel.lineTo(40, 37);
    pincel.lineTo(4, 37);
    pincel.closePath();
  } else if (nivel === 2) pincel.rect(8, 8, 28, 28);
  else pincel.arc(22, 22, 12, 0, 2 * Math.PI);
  pincel.lineJoin = 'round';
  pincel.lineWidth = nivel === 3 ? 15 : 7;
  pincel.strokeStyle = '#fff';
  pincel.stroke();
  pincel.fillStyle = nivel === 3 ? '#fff' : COLORES[nivel];
  pincel.fill();
  if (nivel === 3) {
    pincel.lineWidth = 8;
    pincel.strokeStyle = COLORES[3];
    pincel.stroke();
  }
  return pincel.getImageData(0, 0, lado, lado);
}
