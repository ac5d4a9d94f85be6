// Dibujar un lugar sobre el mapa de la tarea: un punto, una línea o un área, para señalar un error que no es de un objeto.
import { _ } from './textos.js';
import { boton, h } from './dom.js';

const color = () => getComputedStyle(document.documentElement).getPropertyValue('--grana').trim();

async function lapizDe(mapa, ml) {
  const [draw, { TerraDrawMapLibreGLAdapter }] = await Promise.all([import('terra-draw'), import('terra-draw-maplibre-gl-adapter')]);
  const rojo = color();
  const contorno = { fillColor: rojo, fillOpacity: 0.15, outlineColor: rojo, outlineWidth: 3, closingPointColor: rojo, closingPointWidth: 7 };
  return new draw.TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map: mapa, lib: ml }),
    modes: [
      new draw.TerraDrawLineStringMode({ styles: { lineStringColor: rojo, lineStringWidth: 4, closingPointColor: rojo, closingPointWidth: 7 }, pointerDistance: 24 }),
      new draw.TerraDrawPolygonMode({ styles: contorno, pointerDistance: 24 }),
    ],
  });
}

const MODOS = { linea: 'linestring', area: 'polygon' };

/**
 * Pide un lugar a quien mira el mapa.
 *
 * `tipo`: «punto», «linea» o «area». `lugar`: dónde poner lo que se puede hacer mientras tanto. Devuelve la geometría GeoJSON, o
 * null si lo deja.
 */
export async function dibujarLugar(mesa, tipo, lugar) {
  const mapa = await mesa.mapaListo;
  if (!mapa) return null;
  const lapiz = tipo === 'punto' ? null : await lapizDe(mapa, mesa.ml);
  return new Promise((responder) => {
    const antes = mesa.alTocar;
    const lienzo = mapa.getCanvas();
    const mira = tipo === 'punto' ? h('span', { class: 'mira', 'aria-hidden': 'true' }) : null;
    const terminar = (geometria) => {
      lapiz?.stop();
      mesa.alTocar = antes;
      lienzo.classList.remove('con-mira');
      mira?.remove();
      lugar.replaceChildren();
      responder(geometria);
    };
    const DICHOS = { punto: _('Toca en el mapa dónde está.'), linea: _('Toca el mapa en cada punto de la línea; el último, dos veces.'), area: _('Toca cada esquina en el mapa; para cerrar, toca la primera.') };
    mesa.alTocar = (evento) => {
      // Mientras se dibuja, tocar el mapa no abre otra tarea.
      if (tipo === 'punto') terminar({ type: 'Point', coordinates: evento.lngLat.toArray().map((g) => Number(g.toFixed(7))) });
      return true;
    };
    lienzo.classList.add('con-mira');
    mira && mapa.getContainer().append(mira);
    lugar.replaceChildren(h('div', { class: 'dibujando', role: 'status' }, h('p', {}, DICHOS[tipo]), h('p', { class: 'botones' },
      // Con el teclado, el mapa se mueve con las flechas: su centro es la mira.
      tipo === 'punto' && boton(_('Usar el centro del mapa'), () => terminar({ type: 'Point', coordinates: mapa.getCenter().toArray().map((g) => Number(g.toFixed(7))) }), { tipo: 'secundario', dibujo: 'ubicacion' }),
      boton(_('Dejar de dibujar'), () => terminar(null), { tipo: 'discreto' }))));
    lugar.scrollIntoView({ block: 'nearest' });
    if (!lapiz) return;
    lapiz.start();
    lapiz.setMode(MODOS[tipo]);
    lapiz.on('finish', (id) => {
      const geometria = lapiz.getSnapshot().find((f) => f.id === id)?.geometry ?? null;
      setTimeout(() => terminar(geometria)); // después de que el lápiz acabe lo suyo
    });
  });
}
