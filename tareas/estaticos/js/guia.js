// Guía de estilo: las tramas como las verá el mapa, sobre papel claro, oscuro y una foto simulada.
import { _ } from './textos.js';
import { CLAVES, aspectos, nombreDe, simbolo, trama } from './patrones.js';

const LADO = 150;
const COLUMNAS = 4;

function fotoSimulada(pincel, ancho, alto) {
  const tonos = ['#4d5a3a', '#6b6a4f', '#3c4a33', '#8a7f66', '#b5ab95', '#59604a', '#2f3a2c', '#a39a8b'];
  let semilla = 7;
  const azar = () => { semilla = (semilla * 16807) % 2147483647; return semilla / 2147483647; };
  for (let i = 0; i < 2600; i += 1) {
    pincel.fillStyle = tonos[Math.floor(azar() * tonos.length)];
    pincel.fillRect(azar() * ancho, azar() * alto, 4 + azar() * 34, 4 + azar() * 26);
  }
  for (let i = 0; i < 90; i += 1) {
    pincel.fillStyle = i % 3 ? '#d9d3c6' : '#9c5a44';
    pincel.fillRect(azar() * ancho, azar() * alto, 8 + azar() * 14, 8 + azar() * 14);
  }
}

async function cuadro(fondo) {
  const lienzo = Object.assign(document.createElement('canvas'), { width: LADO * COLUMNAS * 2, height: LADO * 2 * 2 });
  lienzo.setAttribute('role', 'img');
  lienzo.setAttribute('aria-label', _('Tramas sobre fondo: %(fondo)s', { fondo }));
  const pincel = lienzo.getContext('2d');
  pincel.fillStyle = fondo === 'oscuro' ? '#1a1f25' : '#f6f2ea';
  pincel.fillRect(0, 0, lienzo.width, lienzo.height);
  if (fondo === 'imagen') fotoSimulada(pincel, lienzo.width, lienzo.height);
  const aspecto = aspectos(fondo);
  for (const [i, clave] of CLAVES.entries()) {
    const [x, y, lado] = [(i % COLUMNAS) * LADO * 2 + 24, Math.floor(i / COLUMNAS) * LADO * 2 + 24, LADO * 2 - 48];
    await tarea(pincel, clave, aspecto[clave], fondo, x, y, lado);
  }
  return lienzo;
}

async function tarea(pincel, clave, aspecto, fondo, x, y, lado) {
  if (clave !== 'pendiente') {
    pincel.globalAlpha = fondo === 'imagen' ? 0.16 : 0.62;
    pincel.fillStyle = aspecto.tinte;
    pincel.fillRect(x, y, lado, lado);
    pincel.globalAlpha = 1;
    const azulejo = document.createElement('canvas');
    const imagen = await trama(clave, aspecto);
    Object.assign(azulejo, { width: imagen.width, height: imagen.height });
    azulejo.getContext('2d').putImageData(imagen, 0, 0);
    pincel.fillStyle = pincel.createPattern(azulejo, 'repeat');
    pincel.fillRect(x, y, lado, lado);
  }
  pincel.strokeStyle = aspecto.ribete;
  pincel.lineWidth = 9;
  pincel.strokeRect(x, y, lado, lado);
  pincel.strokeStyle = aspecto.color;
  pincel.lineWidth = clave === 'mia' ? 6 : 3.5;
  pincel.strokeRect(x, y, lado, lado);
  const marca = document.createElement('canvas');
  const imagen = await simbolo(clave, aspecto, 4);
  Object.assign(marca, { width: imagen.width, height: imagen.height });
  marca.getContext('2d').putImageData(imagen, 0, 0);
  pincel.drawImage(marca, x + 6, y + 6);
  pincel.font = '700 26px "Atkinson Hyperlegible Next", sans-serif';
  pincel.lineWidth = 7;
  pincel.strokeStyle = aspecto.ribete;
  pincel.strokeText(nombreDe(clave), x + 10, y + lado - 14);
  pincel.fillStyle = fondo === 'oscuro' ? '#eae6de' : '#1f2a37';
  pincel.fillText(nombreDe(clave), x + 10, y + lado - 14);
}

const fondos = document.getElementById('guia-fondos');
for (const fondo of ['claro', 'oscuro', 'imagen']) fondos.append(await cuadro(fondo));
document.documentElement.dataset.guia = 'lista';
