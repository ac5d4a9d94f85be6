// Abrir una tarea en otros editores: iD y Rapid por enlace; JOSM por su control remoto en esta máquina.
import { _ } from './textos.js';

const JOSM = 'http://127.0.0.1:8111';

/** Centro y zoom que dejan ver una caja [oeste, sur, este, norte] en una ventana de `ancho` píxeles. */
export function vista(caja, ancho = 900) {
  const [o, s, e, n] = caja;
  const zoom = Math.log2((360 * ancho) / (512 * Math.max(e - o, (n - s) * 1.2, 1e-5)));
  return { lon: (o + e) / 2, lat: (s + n) / 2, zoom: Math.max(14, Math.min(20, Math.floor(zoom) + 1)) };
}

/** Dirección de un editor por enlace, con sus huecos {zoom} {lat} {lon} {comentario} {etiquetas} {limite} llenos. */
export function direccion(plantilla, tarea, proyecto) {
  const { lon, lat, zoom } = vista(tarea.caja);
  const huecos = {
    zoom, lat: lat.toFixed(6), lon: lon.toFixed(6), comentario: proyecto.comentario, etiquetas: proyecto.etiquetas,
    limite: `${location.origin}/api/v1/proyectos/${proyecto.id}/tareas/${tarea.numero}/limite.gpx`,
  };
  return plantilla.replace(/\{(\w+)\}/g, (_todo, nombre) => encodeURIComponent(huecos[nombre] ?? ''));
}

async function mandar(orden, parametros) {
  const consulta = new URLSearchParams(parametros);
  const respuesta = await fetch(`${JOSM}/${orden}?${consulta}`, { signal: AbortSignal.timeout(8000) });
  if (!respuesta.ok) throw new Error(`${orden}: ${respuesta.status}`);
}

/**
 * Abre la tarea en JOSM: la zona, la imagen, el comentario y las etiquetas del conjunto de cambios, y el contorno como capa
 * protegida contra subida. El contorno viaja en la petición: JOSM no necesita entrar en Tequio.
 */
export async function abrirEnJosm(tarea, proyecto, imagen) {
  const [o, s, e, n] = tarea.caja;
  try {
    await mandar('version', {});
  } catch {
    throw new Error(_('JOSM no contesta. Ábrelo, activa «Control remoto» en sus preferencias y vuelve a intentarlo.'));
  }
  const contorno = await fetch(`/api/v1/proyectos/${proyecto.id}/tareas/${tarea.numero}/limite.osm`).then((r) => r.text());
  await mandar('load_data', {
    new_layer: 'true', layer_name: _('Contorno de la tarea %(n)s', { n: tarea.numero }), layer_locked: 'true', upload_policy: 'never', download_policy: 'never', data: contorno,
  });
  if (imagen) {
    const tipo = imagen.tipo === 'wms' ? 'wms' : 'tms';
    await mandar('imagery', { title: imagen.nombre, type: tipo, url: (imagen.url.startsWith('/') ? location.origin : '') + imagen.url.replace('{z}', '{zoom}'), max_zoom: String(imagen.maxzoom ?? 20) });
  }
  await mandar('load_and_zoom', {
    left: o, right: e, top: n, bottom: s, new_layer: 'true', layer_name: _('Datos de OSM'),
    changeset_comment: proyecto.comentario, changeset_hashtags: proyecto.etiquetas, changeset_source: imagen?.nombre ?? '',
  });
}
