// Gráficas de la página de avance. Los mismos datos están en la tabla: si esto no corre, no se pierde nada.
import { _ } from './textos.js';
import { alCambiarTema, esOscuro } from './base.js';
import { ficha as fichaDe } from './patrones.js';

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
  ['validadas', () => _('Validadas ese día'), '--estado-validada'],
  ['devueltas', () => _('Devueltas ese día'), '--estado-devuelta'],
];

// Un día sin trabajo también es un dato: la línea del tiempo no se encoge.
function todosLosDias(dias) {
  const completos = [];
  let previo = null;
  for (const dia of dias) {
    while (previo) {
      const siguiente = new Date(`${previo.dia}T12:00:00Z`);
      siguiente.setUTCDate(siguiente.getUTCDate() + 1);
      const clave = siguiente.toISOString().slice(0, 10);
      if (clave >= dia.dia) break;
      previo = { ...previo, dia: clave, entregas: 0, validadas: 0, devueltas: 0 };
      completos.push(previo);
    }
    completos.push(dia);
    previo = dia;
  }
  return completos;
}

function opciones(dias, titulo, series, apilada, tema, animada) {
  const ficha = (nombre) => fichaDe(nombre, tema);
  const idioma = document.documentElement.lang;
  const corto = new Intl.DateTimeFormat(idioma, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const texto = { color: ficha('--tinta'), fontFamily: estilo.fontFamily };
  const eje = { axisLine: { lineStyle: { color: ficha('--linea-fuerte') } }, axisLabel: texto, splitLine: { lineStyle: { color: ficha('--linea') } } };
  return {
    aria: { enabled: true, decal: { show: true } },
    animation: animada && !matchMedia('(prefers-reduced-motion: reduce)').matches,
    textStyle: texto,
    title: { text: titulo, textStyle: { ...texto, fontSize: 16 }, left: 0 },
    legend: { bottom: 0, textStyle: texto },
    grid: { left: 8, right: 12, top: 44, bottom: 44, containLabel: true },
    tooltip: { trigger: 'axis', backgroundColor: ficha('--hoja'), borderColor: ficha('--linea'), textStyle: texto },
    xAxis: { type: 'category', data: dias.map((d) => corto.format(new Date(`${d.dia}T12:00:00Z`))), ...eje },
    yAxis: { type: 'value', minInterval: 1, ...eje },
    series: series.map(([clave, nombre, color]) => ({
      name: nombre(),
      type: 'bar',
      stack: apilada ? 'todo' : undefined,
      barMaxWidth: 48,
      barCategoryGap: apilada ? '12%' : '30%',
      itemStyle: { color: ficha(color), borderColor: ficha('--papel'), borderWidth: 1 },
      data: dias.map((d) => d[clave]),
    })),
  };
}

function dibujar() {
  const fuente = document.getElementById('datos-dias');
  if (!fuente || !window.echarts) return;
  const dias = todosLosDias(JSON.parse(fuente.textContent));
  const idioma = document.documentElement.lang === 'es' ? 'ES' : 'EN';
  for (const [id, titulo, series, apilada] of [
    ['grafica-estados', _('Estado de las tareas al terminar cada día'), SERIES_ESTADOS, true],
    ['grafica-trabajo', _('Trabajo de cada día'), SERIES_TRABAJO, false],
  ]) {
    const caja = document.getElementById(id);
    if (!caja) continue;
    const grafica = window.echarts.init(caja, null, { renderer: 'svg', locale: idioma });
    const pintar = (tema, animada) => grafica.setOption(opciones(dias, titulo, series, apilada, tema, animada));
    pintar(esOscuro() ? 'dark' : 'light', true);
    caja.setAttribute('role', 'img');
    graficas.push([grafica, pintar]);
  }
  addEventListener('resize', () => graficas.forEach(([g]) => g.resize()));
  alCambiarTema(() => graficas.forEach(([, pintar]) => pintar(esOscuro() ? 'dark' : 'light', false)));
  // En papel: clara aunque la pantalla esté oscura, y del ancho de la hoja, que al empezar a imprimir todavía no se puede medir.
  addEventListener('beforeprint', () => graficas.forEach(([g, pintar]) => {
    pintar('light', false);
    g.resize({ ...DE_IMPRESO, silent: true });
    g.getZr().flush();
  }));
  addEventListener('afterprint', () => graficas.forEach(([g, pintar]) => {
    pintar(esOscuro() ? 'dark' : 'light', false);
    g.resize({ width: 'auto', height: 'auto' });
  }));
}

for (const boton of document.querySelectorAll('[data-imprimir]')) {
  boton.hidden = false;
  boton.addEventListener('click', () => print());
}
dibujar();
