// Símbolos de los estados de tarea: tramas e iconos para MapLibre, muestras y etiquetas para la página.
// La forma y el color salen de css/estados.css, que es la única fuente; aquí sólo se dibujan.
import { _ } from './textos.js';

/** Claves de símbolo, en el orden de las leyendas. */
export const CLAVES = ['pendiente', 'mapeando', 'mia', 'mapeada', 'validando', 'validada', 'devuelta', 'sin_imagen'];

const POR_CODIGO = ['pendiente', 'mapeada', 'validada', 'devuelta', 'sin_imagen', 'dividida'];
const PARA_MAPEAR = 16;
const PARA_VALIDAR = 32;

/** Clave de símbolo de un byte de `GET …/estados`; `mia` si el turno es de quien mira. Las divididas no se dibujan. */
export function claveDeByte(byte, mia = false) {
  if (byte & PARA_MAPEAR) return mia ? 'mia' : 'mapeando';
  if (byte & PARA_VALIDAR) return 'validando';
  return POR_CODIGO[byte & 15] ?? 'pendiente';
}

/** El byte de una tarea que espera revisión. */
export const BYTE_MAPEADA = POR_CODIGO.indexOf('mapeada');

/** Palabra con que se nombra un estado. */
export function nombreDe(clave) {
  switch (clave) {
    case 'mapeando': return _('En mapeo');
    case 'mia': return _('En tus manos');
    case 'mapeada': return _('Mapeada');
    case 'validando': return _('En validación');
    case 'validada': return _('Validada');
    case 'devuelta': return _('Devuelta');
    case 'sin_imagen': return _('Sin imagen');
    case 'dividida': return _('Dividida');
    default: return _('Pendiente');
  }
}

/** Etiqueta igual a la de componentes/estado.html. */
export function etiqueta(clave) {
  const nodo = document.createElement('span');
  nodo.className = `estado e-${clave}`;
  nodo.innerHTML = '<span class="trama" aria-hidden="true"></span><span class="palabra"><span class="simbolo" aria-hidden="true"></span></span>';
  nodo.lastElementChild.append(nombreDe(clave));
  return nodo;
}

// --- Lo que se lee de estados.css --------------------------------------------------------------------------------------

/** Valor de una ficha de color en un tema («light» o «dark»), esté como esté la página. */
export function ficha(nombre, tema) {
  const sonda = document.createElement('i');
  sonda.hidden = true;
  sonda.dataset.theme = tema;
  document.body.append(sonda);
  const valor = getComputedStyle(sonda).getPropertyValue(nombre).trim();
  sonda.remove();
  return valor;
}

async function dibujo(nombre) {
  const valor = getComputedStyle(document.documentElement).getPropertyValue(nombre).trim();
  const direccion = valor.match(/^url\((['"]?)(.*)\1\)$/s)?.[2];
  if (!direccion) return null;
  const imagen = new Image();
  imagen.src = direccion;
  await imagen.decode();
  return imagen;
}

function lienzo(ancho, alto) {
  const nodo = Object.assign(document.createElement('canvas'), { width: ancho, height: alto });
  return [nodo, nodo.getContext('2d', { willReadFrequently: true })];
}

function tenir(fuente, color) {
  const [nodo, pincel] = lienzo(fuente.width, fuente.height);
  pincel.drawImage(fuente, 0, 0);
  pincel.globalCompositeOperation = 'source-in';
  pincel.fillStyle = color;
  pincel.fillRect(0, 0, nodo.width, nodo.height);
  return nodo;
}

/** Dibuja `forma` de un color, con un ribete de otro alrededor para que se lea sobre cualquier fondo. */
function conRibete(forma, color, ribete, grueso) {
  const [nodo, pincel] = lienzo(forma.width, forma.height);
  const orilla = tenir(forma, ribete);
  pincel.globalAlpha = 0.9;
  for (let paso = 0; paso < 8; paso += 1) {
    const angulo = (paso * Math.PI) / 4;
    pincel.drawImage(orilla, Math.cos(angulo) * grueso, Math.sin(angulo) * grueso);
  }
  pincel.globalAlpha = 1;
  pincel.drawImage(tenir(forma, color), 0, 0);
  return nodo;
}

/**
 * Trama de un estado como ImageData que se repite sin costuras, o null si no lleva (pendiente).
 * `aspecto`: { color, ribete } ; `escala`: píxeles de imagen por píxel de pantalla.
 */
export async function trama(clave, aspecto, escala = 2) {
  const imagen = await dibujo(`--trama-${clave}`);
  if (!imagen) return null;
  const lado = Math.round(imagen.width * escala);
  const [azulejo, pincelAzulejo] = lienzo(lado, lado);
  pincelAzulejo.drawImage(imagen, 0, 0, lado, lado);
  // Tres por tres y se recorta el de en medio: así el ribete de un azulejo pasa al siguiente.
  const [campo, pincel] = lienzo(lado * 3, lado * 3);
  pincel.fillStyle = pincel.createPattern(azulejo, 'repeat');
  pincel.fillRect(0, 0, campo.width, campo.height);
  return conRibete(campo, aspecto.color, aspecto.ribete, escala * 0.75).getContext('2d').getImageData(lado, lado, lado, lado);
}

/** Símbolo de un estado (16 px) con su ribete, como ImageData. */
export async function simbolo(clave, aspecto, escala = 2) {
  const imagen = await dibujo(`--simbolo-${clave}`);
  const lado = 20 * escala;
  const [campo, pincel] = lienzo(lado, lado);
  pincel.drawImage(imagen, 2 * escala, 2 * escala, 16 * escala, 16 * escala);
  return conRibete(campo, aspecto.color, aspecto.ribete, escala * 1.25).getContext('2d').getImageData(0, 0, lado, lado);
}

/**
 * Cómo se pinta cada estado sobre un fondo: «claro» u «oscuro» (mapa base) o «imagen» (foto aérea).
 * Sobre una foto el ribete es blanco y los tonos son los claros, que son los más saturados.
 */
export function aspectos(fondo) {
  const tema = fondo === 'oscuro' ? 'dark' : 'light';
  const ribete = fondo === 'oscuro' ? '#0e1115' : '#ffffff';
  return Object.fromEntries(CLAVES.map((clave) => {
    const color = ficha(`--estado-${clave}`, tema);
    return [clave, { color, tinte: fondo === 'imagen' ? color : ficha(`--tinte-${clave}`, tema), ribete }];
  }));
}

/** Pone en el mapa las imágenes `trama-<clave>` y `simbolo-<clave>`; si ya estaban, las cambia. */
export async function ponerImagenes(mapa, fondo) {
  const aspecto = aspectos(fondo);
  await Promise.all(CLAVES.flatMap((clave) => [
    trama(clave, aspecto[clave]).then((imagen) => ponerImagen(mapa, `trama-${clave}`, imagen)),
    simbolo(clave, aspecto[clave]).then((imagen) => ponerImagen(mapa, `simbolo-${clave}`, imagen)),
  ]));
}

function ponerImagen(mapa, nombre, imagen) {
  if (!imagen) return;
  if (mapa.hasImage(nombre)) mapa.updateImage(nombre, imagen);
  else mapa.addImage(nombre, imagen, { pixelRatio: 2 });
}

/** Pincel de un lienzo, cuadrado si no se dice su alto, para dibujar imágenes del mapa. */
export const pincelDe = (ancho, alto = ancho) => Object.assign(document.createElement('canvas'), { width: ancho, height: alto }).getContext('2d', { willReadFrequently: true });

/** Rayas inclinadas que se repiten sin costura. */
export function rayas(color) {
  const lado = 16;
  const pincel = pincelDe(lado);
  pincel.strokeStyle = color;
  pincel.lineWidth = 4;
  for (const x of [-lado, 0, lado]) {
    pincel.beginPath();
    pincel.moveTo(x, lado);
    pincel.lineTo(x + lado, 0);
    pincel.stroke();
  }
  return pincel.getImageData(0, 0, lado, lado);
}
