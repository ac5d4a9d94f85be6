// Abrir una tarea en otros editores: por enlace, o en JOSM por su control remoto en esta máquina.
import { _ } from './textos.js';

const JOSM = 'http://127.0.0.1:8111';
const ESPERA_MS = 8000;

/** Centro y zoom que dejan ver una caja [oeste, sur, este, norte] en una ventana de `ancho` píxeles. */
export function vista(caja, ancho = 900) {
  const [o, s, e, n] = caja;
  const zoom = Math.log2((360 * ancho) / (512 * Math.max(e - o, (n - s) * 1.2, 1e-5)));
  return { lon: (o + e) / 2, lat: (s + n) / 2, zoom: Math.max(14, Math.min(20, Math.floor(zoom) + 1)) };
}

/** Dirección, completa, de la API del servidor donde edita el proyecto: a ella le sigue /api/0.6/… */
export const apiDe = ({ servidor }) => (servidor.practica ? location.origin + servidor.api : servidor.api);

/** Dirección de un editor por enlace, con sus huecos llenos (tareas/proyectos/editores.py: HUECOS). */
export function direccion(plantilla, tarea, proyecto) {
  const { lon, lat, zoom } = vista(tarea.caja);
  const [oeste, sur, este, norte] = tarea.caja;
  const huecos = {
    zoom, lat: lat.toFixed(6), lon: lon.toFixed(6), oeste, sur, este, norte, comentario: proyecto.comentario, etiquetas: proyecto.etiquetas,
    limite: `${location.origin}/api/v1/proyectos/${proyecto.id}/tareas/${tarea.numero}/limite.gpx`, api: `${apiDe(proyecto)}/api`,
  };
  // {web} es el principio de la dirección: va tal cual.
  return plantilla.replace('{web}', proyecto.servidor.web).replace(/\{(\w+)\}/g, (_todo, nombre) => encodeURIComponent(huecos[nombre] ?? ''));
}

async function mandar(orden, parametros = {}) {
  const limpios = Object.fromEntries(Object.entries(parametros).filter(([, valor]) => valor !== undefined && valor !== ''));
  const respuesta = await fetch(`${JOSM}/${orden}?${new URLSearchParams(limpios)}`, { signal: AbortSignal.timeout(ESPERA_MS) });
  if (!respuesta.ok) throw new Error(await respuesta.text().catch(() => ''), { cause: respuesta.status });
  return respuesta;
}

/** Lo que JOSM necesita para la imagen; el desplazamiento no viaja: se pone a mano en «Imágenes». La dirección va al final. */
function capaParaJosm(imagen) {
  const url = imagen.url.startsWith('/') ? location.origin + imagen.url : imagen.url;
  const wms = imagen.tipo === 'wms';
  return {
    title: imagen.nombre, type: wms ? 'wms' : 'tms', min_zoom: String(imagen.minzoom ?? 0), max_zoom: String(imagen.maxzoom ?? 22),
    'attribution-text': imagen.atribucion,
    // JOSM toma como parte de la dirección todo lo que le siga.
    url: wms ? url.replace('{bbox-epsg-3857}', '{bbox}') : url.replace('{z}', '{zoom}').replace('{s}', '{switch:a,b,c}'),
  };
}

/**
 * Abre la tarea en JOSM: la imagen, el contorno como capa que no se puede subir, y los datos de la zona con el comentario y las
 * etiquetas del conjunto de cambios. El contorno viaja en la petición: JOSM no necesita entrar en Tequio.
 *
 * Rechaza con una frase que dice qué falta, si JOSM no contesta o no deja hacer algo.
 */
export async function abrirEnJosm(tarea, proyecto, imagen) {
  const [o, s, e, n] = tarea.caja;
  try {
    await mandar('version');
  } catch {
    throw new Error(_('JOSM no contesta. Ábrelo, activa «Control remoto» en sus preferencias y vuelve a intentarlo.'));
  }
  const limite = await fetch(`/api/v1/proyectos/${proyecto.id}/tareas/${tarea.numero}/limite.osm`);
  if (!limite.ok) throw new Error(_('No se pudo leer el contorno de la tarea. Inténtalo de nuevo.'));
  try {
    if (imagen) await mandar('imagery', capaParaJosm(imagen));
    await mandar('load_data', {
      new_layer: 'true', layer_name: _('Contorno de la tarea %(n)s', { n: tarea.numero }), layer_locked: 'true', upload_policy: 'never', download_policy: 'never',
      mime_type: 'application/x-osm+xml', data: await limite.text(),
    });
    await mandar('load_and_zoom', {
      left: o, right: e, top: n, bottom: s, new_layer: 'true', layer_name: _('Datos de OSM'),
      changeset_comment: proyecto.comentario, changeset_hashtags: proyecto.etiquetas, changeset_source: imagen?.nombre ?? '',
    });
  } catch (error) {
    if (error.cause === 403) throw new Error(_('JOSM no dejó hacerlo: en sus preferencias, «Control remoto», permite cargar datos e imágenes.'));
    throw new Error(_('JOSM contestó que no pudo abrir todo (%(porque)s). Revisa en JOSM qué se abrió.', { porque: error.cause ?? error.name }));
  }
}

/** Lleva JOSM a un hallazgo, con sus objetos elegidos. Rechaza como abrirEnJosm. */
export async function elegirEnJosm({ lugar: [lon, lat], objetos }, proyecto) {
  const aire = 0.0005;
  const tipo = { n: 'node', w: 'way', r: 'relation' };
  try {
    await mandar('load_and_zoom', {
      left: lon - aire, right: lon + aire, top: lat + aire, bottom: lat - aire, select: objetos.map((clave) => tipo[clave[0]] + clave.slice(1)).join(','),
      changeset_comment: proyecto.comentario, changeset_hashtags: proyecto.etiquetas,
    });
  } catch (error) {
    if (error.cause === 403) throw new Error(_('JOSM no dejó hacerlo: en sus preferencias, «Control remoto», permite cargar datos e imágenes.'));
    throw new Error(_('JOSM no contesta. Ábrelo, activa «Control remoto» en sus preferencias y vuelve a intentarlo.'));
  }
}
