// Los objetos del mapa dentro de una tarea: pedirlos, reconocer el que se toca, y dónde cae cada uno.
const guardados = new Map();

/** FeatureCollection de lo que toca la tarea, en el mapa donde edita el proyecto. `nuevo`: vuelve a pedirla. */
export function pedirObjetos(mesa, numero, nuevo = false) {
  if (nuevo || !guardados.has(numero)) {
    guardados.set(numero, mesa.api('GET', mesa.ruta(numero, '/objetos')).catch((error) => {
      guardados.delete(numero);
      throw error;
    }));
  }
  return guardados.get(numero);
}

/** «w12». */
export const claveDe = ({ properties: o }) => `${o.tipo}${o.id}`;

/** Todos los vértices de una geometría GeoJSON. */
export function vertices(geometria) {
  if (geometria.type === 'GeometryCollection') return geometria.geometries.flatMap(vertices);
  const juntar = (c) => (typeof c[0] === 'number' ? [c] : c.flatMap(juntar));
  return juntar(geometria.coordinates);
}

/** Caja con un poco de aire: [oeste, sur, este, norte]. */
export function cajaCon(geometria, aire = 0.00018) {
  const todos = vertices(geometria);
  const [xs, ys] = [todos.map((p) => p[0]), todos.map((p) => p[1])];
  return [Math.min(...xs) - aire, Math.min(...ys) - aire, Math.max(...xs) + aire, Math.max(...ys) + aire];
}

/** Un punto sobre la geometría donde poner su seña. */
export function senaDe(geometria) {
  if (geometria.type === 'GeometryCollection') return senaDe(geometria.geometries[0]);
  const todos = vertices(geometria);
  if (geometria.type.endsWith('Polygon')) {
    const anillo = geometria.type === 'Polygon' ? geometria.coordinates[0] : geometria.coordinates[0][0];
    const sin = anillo.slice(0, -1);
    return [0, 1].map((eje) => sin.reduce((suma, p) => suma + p[eje], 0) / sin.length);
  }
  return todos[Math.floor((todos.length - 1) / 2)];
}

const TOLERANCIA = 12; // píxeles

function lejosDeTramo([px, py], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const t = Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(px - ax - t * dx, py - ay - t * dy);
}

function adentro([px, py], anillo) {
  let dentro = false;
  for (let i = 0, j = anillo.length - 1; i < anillo.length; j = i, i += 1) {
    const [[xi, yi], [xj, yj]] = [anillo[i], anillo[j]];
    if ((yi > py) !== (yj > py) && px < ((xj - xi) * (py - yi)) / (yj - yi) + xi) dentro = !dentro;
  }
  return dentro;
}

/** Qué tan lejos (píxeles) está un punto de la pantalla de una geometría; [distancia, tamaño] para preferir lo más chico. */
function lejosDe(mapa, punto, geometria) {
  if (geometria.type === 'GeometryCollection') return geometria.geometries.map((g) => lejosDe(mapa, punto, g)).sort((a, b) => a[0] - b[0])[0] ?? [Infinity, 0];
  const enPantalla = (c) => (typeof c[0] === 'number' ? (({ x, y }) => [x, y])(mapa.project(c)) : c.map(enPantalla));
  const c = enPantalla(geometria.coordinates);
  const linea = (puntos) => Math.min(...puntos.slice(1).map((p, i) => lejosDeTramo(punto, puntos[i], p)));
  switch (geometria.type) {
    case 'Point': return [Math.hypot(punto[0] - c[0], punto[1] - c[1]), 0];
    case 'LineString': return [linea(c), 1];
    case 'MultiLineString': return [Math.min(...c.map(linea)), 1];
    case 'Polygon': case 'MultiPolygon': {
      const partes = geometria.type === 'Polygon' ? [c] : c;
      const xs = partes.flat(2).map((p) => p[0]);
      const tamano = 2 + Math.max(...xs) - Math.min(...xs);
      return [partes.some(([fuera]) => adentro(punto, fuera)) ? 0 : Math.min(...partes.flatMap((p) => p.map(linea))), tamano];
    }
    default: return [Infinity, 0];
  }
}

/** El objeto que está bajo un punto de la pantalla; entre varios, un nodo, una línea o el contorno más chico. null si ninguno. */
export function objetoEn(mapa, { x, y }, rasgos) {
  const candidatos = rasgos.map((rasgo) => [rasgo, ...lejosDe(mapa, [x, y], rasgo.geometry)]).filter(([, lejos]) => lejos <= TOLERANCIA);
  candidatos.sort((a, b) => a[2] - b[2] || a[1] - b[1]);
  return candidatos[0]?.[0] ?? null;
}

/** La caja que abarca varias: [oeste, sur, este, norte]. */
export const cajaDeTodas = (cajas) => [Math.min(...cajas.map((c) => c[0])), Math.min(...cajas.map((c) => c[1])), Math.max(...cajas.map((c) => c[2])), Math.max(...cajas.map((c) => c[3]))];
