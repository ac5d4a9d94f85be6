// Gráficas de la página de avance. Los mismos datos están en la tabla: si esto no corre, no se pierde nada.
import { _ } from './textos.js';
import { alCambiarTema, esOscuro } from './base.js';
import { ficha as fichaDe } from './patrones.js';
import { momento, queQuepa, todosLosDias } from './tramos.js';

const estilo = getComputedStyle(document.documentElement);
const graficas = []; // [gráfica, qué pinta según el tema]
// Lo que mide de ancho una hoja carta o A4 sin sus márgenes, y el alto que deja caber dos gráficas y sus tablas.
const DE_IMPRESO = { width: 660, height: 220 };

const SERIES_ESTADOS = [
  ['validadas_total', () => _('Validadas'), '--estado-validada'],
  ['mapeadas', () => _('Por validar'), '--estado-mapeada'],
  ['devueltas_total', () => _('Por corregir'), '--estado-devuelta'],
  ['sin_imagen', () => _('Sin imagen'), '--estado-sin_imagen'],
  ['pendientes', () => _('Pendientes'), '--linea'],
];
const SERIES_TRABAJO = [
  ['entregas', () => _('Entregas'), '--estado-mapeada'],
  ['validadas', () => _('Validadas'), '--estado-validada'],
  ['devueltas', () => _('Devueltas'), '--estado-devuelta'],
];
function opciones(dias, ancho, cual, series, apilada, tema, animada) {
  const ficha = (nombre) => fichaDe(nombre, tema);
  const { tramo, grupos } = queQuepa(dias, ancho, series, apilada);
  const corto = new Intl.DateTimeFormat(document.documentElement.lang, { ...(tramo.formato ?? { day: 'numeric', month: 'short' }), timeZone: 'UTC' });
  const rotulo = (dia) => corto.format(momento(dia));
  const entero = ({ desde, hasta }) => (tramo.semana && desde !== hasta ? `${rotulo(desde)} – ${rotulo(hasta)}` : rotulo(desde));
  const texto = { color: ficha('--tinta'), fontFamily: estilo.fontFamily };
  const eje = { axisLine: { lineStyle: { color: ficha('--linea-fuerte') } }, axisLabel: texto, splitLine: { lineStyle: { color: ficha('--linea') } } };
  return {
    // Lo que se lee en voz alta, en el idioma de la página: el resumen propio de la biblioteca sólo lo trae en inglés.
    aria: { enabled: true, label: { description: _('%(titulo)s. Las cifras están en la tabla de abajo.', { titulo: tramo[cual]() }) }, decal: { show: true } },
    animation: animada && !matchMedia('(prefers-reduced-motion: reduce)').matches,
    textStyle: texto,
    title: { text: tramo[cual](), textStyle: { ...texto, fontSize: 16, width: ancho - 8, overflow: 'break' }, left: 0 },
    legend: { bottom: 0, textStyle: texto },
    // Angosta, la leyenda de muchas series va en dos renglones.
    grid: { left: 8, right: 12, top: ancho < 400 ? 60 : 44, bottom: series.length > 3 && ancho < 480 ? 72 : 44, containLabel: true },
    tooltip: { trigger: 'axis', backgroundColor: ficha('--hoja'), borderColor: ficha('--linea'), textStyle: texto },
    xAxis: { type: 'category', data: grupos.map(entero), ...eje, axisLabel: { ...texto, formatter: (_valor, i) => rotulo(grupos[i].desde) } },
    yAxis: { type: 'value', minInterval: 1, ...eje },
    series: series.map(([suyo, nombre, color]) => ({
      name: nombre(),
      type: 'bar',
      stack: apilada ? 'todo' : undefined,
      barMaxWidth: 48,
      barCategoryGap: apilada ? '12%' : '30%',
      itemStyle: { color: ficha(color), borderColor: ficha('--papel'), borderWidth: 1 },
      data: grupos.map((g) => g[suyo]),
    })),
  };
}

const tema = () => (esOscuro() ? 'dark' : 'light');

function dibujar() {
  const fuente = document.getElementById('datos-dias');
  if (!fuente || !window.echarts) return;
  const dias = todosLosDias(JSON.parse(fuente.textContent));
  const idioma = document.documentElement.lang === 'es' ? 'ES' : 'EN';
  for (const [id, cual, series, apilada] of [
    ['grafica-estados', 'estados', SERIES_ESTADOS, true],
    ['grafica-trabajo', 'trabajo', SERIES_TRABAJO, false],
  ]) {
    const caja = document.getElementById(id);
    if (!caja) continue;
    const grafica = window.echarts.init(caja, null, { renderer: 'svg', locale: idioma });
    const pintar = (tema, animada, ancho = grafica.getWidth()) => grafica.setOption(opciones(dias, ancho, cual, series, apilada, tema, animada));
    pintar(tema(), true);
    caja.setAttribute('role', 'img');
    graficas.push([grafica, pintar]);
  }
  addEventListener('resize', () => graficas.forEach(([g, pintar]) => {
    g.resize();
    pintar(tema(), false);
  }));
  alCambiarTema(() => graficas.forEach(([, pintar]) => pintar(tema(), false)));
  // En papel: clara aunque la pantalla esté oscura, y del ancho de la hoja, que al empezar a imprimir todavía no se puede medir.
  addEventListener('beforeprint', () => graficas.forEach(([g, pintar]) => {
    pintar('light', false, DE_IMPRESO.width);
    g.resize({ ...DE_IMPRESO, silent: true });
    g.getZr().flush();
  }));
  addEventListener('afterprint', () => graficas.forEach(([g, pintar]) => {
    g.resize({ width: 'auto', height: 'auto' });
    pintar(tema(), false);
  }));
}

for (const boton of document.querySelectorAll('[data-imprimir]')) {
  boton.hidden = false;
  boton.addEventListener('click', () => print());
}
dibujar();
