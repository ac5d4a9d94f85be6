// iD dentro de su marco: lo que ve de este aparato, de dónde baja sus datos, la tarea, las imágenes, y lo que se le cuenta a la
// página que lo contiene. Todo sale de este sitio, salvo el servidor donde edita el proyecto y sus imágenes.
import { _ } from './textos.js';
import { api } from './api.js';
import { LLAVE_PENDIENTE, llave } from './pendientes.js';

const datos = JSON.parse(document.getElementById('datos-editor').textContent);
const caja = document.getElementById('editor');
const espera = document.getElementById('espera');
const marco = window.frameElement;
const raizDe = (paquete) => location.origin + caja.dataset[paquete];

// Sola no sirve: le faltan el reloj y la entrega.
if (!marco) location.replace(`/proyectos/${datos.proyecto}/mapear/${datos.numero}`);

const contar = (tipo, detalle = {}) => marco?.dispatchEvent(new CustomEvent(`editor:${tipo}`, { detail: detalle }));

// --- Lo que iD guarda en este aparato -----------------------------------------------------------------------------------

// En un taller varias personas usan la misma computadora: cada quien ve sólo lo suyo, y cada tarea lo de esa tarea.
const DE_LA_TAREA = new Set([LLAVE_PENDIENTE, 'comment', 'commentDate', 'hashtags', 'source', 'map-location']);

/** Lo que iD cree que es `localStorage`. Las fichas para entrar no pasan al disco: en un aula, ni de esta página. */
function almacen(guardado, deLaVentana) {
  const fichas = new Map();
  const lugar = (nombre) => {
    if (/oauth/.test(nombre)) return datos.servidor.practica ? null : [deLaVentana, `tequio_id_${datos.persona}_${nombre}`];
    return [guardado, DE_LA_TAREA.has(nombre) ? llave(datos.persona, datos.proyecto, datos.numero, nombre) : `tequio_id_${datos.persona}_${nombre}`];
  };
  return {
    getItem(nombre) {
      const en = lugar(nombre);
      return en ? en[0].getItem(en[1]) : fichas.get(nombre) ?? null;
    },
    setItem(nombre, valor) {
      const en = lugar(nombre);
      if (en) en[0].setItem(en[1], valor);
      else fichas.set(nombre, String(valor));
    },
    removeItem(nombre) {
      const en = lugar(nombre);
      if (en) en[0].removeItem(en[1]);
      else fichas.delete(nombre);
    },
  };
}

function apartar() {
  const bases = window.indexedDB;
  const suya = llave(datos.persona, datos.proyecto, datos.numero, '');
  const propio = almacen(window.localStorage, window.sessionStorage);
  Object.defineProperty(window, 'localStorage', { value: propio, configurable: true });
  Object.defineProperty(window, 'indexedDB', { value: { open: (nombre, version) => bases.open(suya + nombre, version) }, configurable: true });
  // La bienvenida de iD habla de su sitio y su privacidad; aquí manda la nuestra.
  propio.setItem('sawSplash', 'true');
  propio.setItem('sawPrivacyVersion', '20201202');
}

/** iD aparta sus cambios con una galleta que dura cinco segundos: la de la vez anterior puede seguir ahí. */
async function esperarTurno() {
  const ocupado = () => /(?:^|;\s*)lock=1/.test(document.cookie);
  for (let i = 0; i < 14 && ocupado(); i += 1) await new Promise((listo) => { setTimeout(listo, 500); });
  if (ocupado()) throw new Error(_('Ya tienes el editor abierto en otra pestaña. Ciérrala y vuelve a abrirlo aquí: así no se pisan tus cambios.'));
}

// --- De dónde baja sus datos --------------------------------------------------------------------------------------------

const ANGOSTA = 600; // píxeles
const SIN_USO = ['geocoder', 'osmose', 'mapillary', 'nsi', 'kartaview', 'vegbilder', 'osmWikibase', 'streetside', 'taginfo', 'wikidata', 'wikipedia', 'mapilio', 'panoramax'];

function ponerFuentes(iD) {
  const esquema = raizDe('esquema');
  const comunidad = raizDe('comunidad');
  Object.assign(iD.fileFetcher.fileMap(), {
    presets_package: `${esquema}package.json`,
    preset_presets: `${esquema}presets.min.json`,
    preset_fields: `${esquema}fields.min.json`,
    preset_categories: `${esquema}preset_categories.min.json`,
    preset_defaults: `${esquema}preset_defaults.min.json`,
    deprecated: `${esquema}deprecated.min.json`,
    discarded: `${esquema}discarded.min.json`,
    locales_index_tagging: `${esquema}translations/index.min.json`,
    locale_tagging_es: `${esquema}translations/es.min.json`,
    locale_tagging_en: `${esquema}translations/en.min.json`,
    oci_defaults: `${comunidad}defaults.min.json`,
    oci_features: `${comunidad}featureCollection.min.json`,
    oci_resources: `${comunidad}resources.min.json`,
  });
  Object.assign(iD.fileFetcher.cache(), {
    imagery: datos.imagenes.map(paraId),
    wmf_sitematrix: [],
  });
  // Ayudas que sólo existen en otros sitios: iD trabaja igual sin ellas, y así no pregunta nada a nadie.
  SIN_USO.forEach((servicio) => { delete iD.services[servicio]; });
}

/** Una capa nuestra como la entiende iD. */
function paraId(imagen) {
  const url = new URL(imagen.url.replaceAll('{', '%7B').replaceAll('}', '%7D'), location.origin).href.replaceAll('%7B', '{').replaceAll('%7D', '}');
  const wms = imagen.tipo === 'wms';
  return {
    id: imagen.id,
    name: imagen.nombre,
    type: wms ? 'wms' : 'tms',
    template: wms ? url.replace('{bbox-epsg-3857}', '{bbox}') : url.replace('{z}', '{zoom}').replace('{s}', '{switch:a,b,c}'),
    projection: wms ? 'EPSG:3857' : undefined,
    zoomExtent: [imagen.minzoom ?? 0, imagen.maxzoom ?? 22],
    terms_text: imagen.atribucion || undefined,
    description: imagen.atribucion || undefined,
  };
}

/** En un aula, lo que iD dice de OpenStreetMap no es cierto: se guarda en el aula. */
async function decirQueEsPractica(iD, idioma) {
  const todo = await fetch(`${caja.dataset.raiz}locales/${idioma}.min.json`).then((r) => r.json());
  const { commit, save, success } = todo[idioma];
  Object.assign(commit, {
    title: _('Guardar en el aula'),
    save: _('Guardar'),
    upload_explanation: _('Lo que guardes queda en el aula de práctica y no toca el mapa de verdad.'),
    upload_explanation_with_user: _('Lo que guardes como {user} queda en el aula de práctica y no toca el mapa de verdad.'),
  });
  Object.assign(save, { uploading: _('Guardando en el aula…'), help: _('Revisa tus cambios y guárdalos en el aula.') });
  Object.assign(success, { just_edited: _('Guardado en el aula'), thank_you: _('Sigue dibujando, o entrega la tarea si ya quedó completa.') });
  iD.fileFetcher.cache()[`locale_general_${idioma}`] = todo;
}

// --- Quién edita --------------------------------------------------------------------------------------------------------

/**
 * Los conjuntos de quien edita que dicen qué se hizo, de donde iD sugiere comentarios. Él espera que todos traigan etiquetas, y el
 * servidor de OpenStreetMap —y el aula, como él— las omite en el JSON si no hay ninguna.
 */
function contarSinEtiquetas(osm, base, cabeceras) {
  osm.userChangesets = (listo) => osm.userDetails((error, quien) => {
    if (error) {
      listo(error);
      return;
    }
    fetch(`${base}/api/0.6/changesets.json?user=${quien.id}`, { headers: cabeceras() })
      .then((r) => (r.ok ? r.json() : Promise.reject(new Error(String(r.status)))))
      .then(({ changesets }) => listo(undefined, changesets.filter((c) => c.tags?.comment)), listo);
  });
}

/** Ficha nueva para editar en el aula. */
async function fichaDelAula() {
  const { access_token: ficha } = await api('POST', `/aulas/${datos.servidor.aula}/fichas`, undefined, { repetir: false });
  return ficha;
}

async function conectar(iD, ctx) {
  const { servidor } = datos;
  const base = servidor.practica ? location.origin + servidor.api : servidor.api;
  const lugar = { url: servidor.practica ? base : servidor.web, apiUrl: base, client_id: datos.cliente_id || 'tequio', redirect_uri: `${location.origin}/editor/regreso` };
  const osm = ctx.connection();
  osm.apiConnections([]);
  let ficha = null;
  contarSinEtiquetas(osm, base, () => (ficha ? { Authorization: `Bearer ${ficha}` } : {}));
  if (!servidor.practica) {
    ctx.preauth(lugar);
    return;
  }
  ficha = await fichaDelAula();
  ctx.embed(true).preauth({ ...lugar, access_token: ficha });
  // Si la ficha caduca a media jornada, se pide otra sin que nadie tenga que entrar de nuevo.
  osm.authenticate = (listo) => {
    fichaDelAula().then((nueva) => {
      ficha = nueva;
      ctx.preauth({ ...lugar, access_token: nueva });
      listo?.(null, osm);
    }).catch((error) => listo?.(error));
  };
}

// --- La tarea en el mapa ------------------------------------------------------------------------------------------------

const anillos = ({ type, coordinates }) => (type === 'MultiPolygon' ? coordinates.flat() : coordinates);

function orilla() {
  const puntos = anillos(datos.contorno).flat();
  const [xs, ys] = [puntos.map((p) => p[0]), puntos.map((p) => p[1])];
  return [[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]];
}

/** Dibuja hasta dónde llega la tarea, debajo de los objetos y sin estorbar al ratón. */
function dibujarTarea(ctx) {
  const NS = 'http://www.w3.org/2000/svg';
  const dibujo = document.createElementNS(NS, 'svg');
  dibujo.setAttribute('class', 'tequio-tarea');
  dibujo.setAttribute('aria-hidden', 'true');
  const [fuera, filo, linea] = ['fuera', 'filo', 'orilla'].map((clase) => {
    const trazo = document.createElementNS(NS, 'path');
    trazo.setAttribute('class', `tequio-${clase}`);
    dibujo.append(trazo);
    return trazo;
  });
  const pintar = () => {
    const capa = caja.querySelector('.layer-data');
    if (!capa) return;
    if (dibujo.nextSibling !== capa) capa.before(dibujo);
    const d = anillos(datos.contorno).map((anillo) => `M${anillo.map((p) => ctx.projection(p).map((n) => n.toFixed(1)).join(',')).join('L')}Z`).join('');
    const [ancho, alto] = ctx.map().dimensions();
    // Sobra por los lados para que al arrastrar no se vea dónde acaba.
    fuera.setAttribute('d', `M${-2 * ancho},${-2 * alto}H${3 * ancho}V${3 * alto}H${-2 * ancho}Z${d}`);
    filo.setAttribute('d', d);
    linea.setAttribute('d', d);
  };
  ctx.map().on('drawn.tequio', pintar);
  pintar();
}

function encuadrar(iD, ctx) {
  const [[oeste, sur], [este, norte]] = orilla();
  ctx.map().extent(new iD.geoExtent([oeste, sur], [este, norte]));
  // Con aire alrededor, que algo de lo que sigue se vea; pero más lejos, iD no deja editar.
  ctx.map().zoom(Math.max(ctx.map().zoom() - 0.25, ctx.minEditableZoom()));
}

/** Los tipos de objeto del proyecto salen primero al dibujar algo nuevo. */
function ponerPresets(iD) {
  if (!datos.presets.length) return;
  const deSiempre = iD.presetManager.defaults;
  iD.presetManager.defaults = (geometria, n, ...resto) => {
    const primero = datos.presets.map((id) => iD.presetManager.item(id)).filter((p) => p?.matchGeometry(geometria));
    return iD.presetCollection([...new Set([...primero, ...deSiempre(geometria, n, ...resto).collection])].slice(0, n));
  };
}

// --- Lo que se guardó ---------------------------------------------------------------------------------------------------

const esEdificio = (objeto) => Boolean(objeto?.tags.building && objeto.tags.building !== 'no' && objeto.type !== 'node');

function metros(iD, objeto, grafo) {
  if (objeto?.type !== 'way' || !objeto.tags.highway) return 0;
  const lugares = grafo.childNodes(objeto).map((nodo) => nodo.loc);
  return lugares.slice(1).reduce((suma, lugar, i) => suma + iD.geoSphericalDistance(lugares[i], lugar), 0);
}

/** Cuenta los cambios que iD tiene por subir, como él los resume: los vértices cuentan en su línea. */
function cuentas(iD, ctx) {
  const [base, hoy] = [ctx.history().base(), ctx.graph()];
  const suma = { creados: 0, modificados: 0, borrados: 0, edificios: 0, metros: 0 };
  ctx.history().difference().summary().forEach(({ entity, changeType }) => {
    suma[{ created: 'creados', modified: 'modificados', deleted: 'borrados' }[changeType]] += 1;
    const antes = base.hasEntity(entity.id);
    const ahora = changeType === 'deleted' ? null : entity;
    if (esEdificio(ahora) && !esEdificio(antes)) suma.edificios += 1;
    // Lo neto: partir una calle no la alarga.
    suma.metros += metros(iD, ahora, hoy) - metros(iD, antes, base);
  });
  return suma;
}

// --- Encender -----------------------------------------------------------------------------------------------------------

function cargarGuion(direccion) {
  return new Promise((listo, falla) => {
    const guion = Object.assign(document.createElement('script'), { src: direccion });
    guion.onload = () => listo(window.iD);
    guion.onerror = () => falla(new Error(_('El editor no terminó de bajar. Revisa tu red y vuelve a abrirlo.')));
    document.head.append(guion);
  });
}

function hashInicial() {
  const [[oeste, sur], [este, norte]] = orilla();
  let elegida = null;
  try { elegida = localStorage.getItem('tequio_fondo'); } catch { /* sin almacenamiento */ }
  const imagen = datos.imagenes.find((i) => i.id === elegida) ?? datos.imagenes[0];
  const partes = [`map=18/${((sur + norte) / 2).toFixed(6)}/${((oeste + este) / 2).toFixed(6)}`, `background=${imagen?.id ?? 'none'}`];
  if (datos.desplazamiento) partes.push(`offset=${datos.desplazamiento.join(',')}`);
  history.replaceState(null, '', `#${partes.join('&')}`);
}

async function encender() {
  hashInicial();
  await esperarTurno();
  apartar();
  const iD = await cargarGuion(caja.dataset.guion);
  if (!iD.utilDetect().support) throw new Error(_('Este navegador no puede abrir el editor. Actualízalo o prueba en otro.'));
  ponerFuentes(iD);
  ponerPresets(iD);
  const idioma = document.documentElement.lang;
  const oscuro = marco.ownerDocument.documentElement.dataset.theme === 'dark';
  document.body.classList.toggle('practica', datos.servidor.practica);
  if (datos.servidor.practica) await decirQueEsPractica(iD, idioma);
  const ctx = iD.coreContext().assetPath(caja.dataset.raiz).locale(idioma).setsDocumentTitle(false).containerNode(caja);
  if (oscuro) ctx.theme('dark');
  ctx.defaultChangesetComment(datos.comentario).defaultChangesetHashtags(datos.etiquetas);
  await conectar(iD, ctx);
  ctx.init();
  ctx.features().disable('boundaries');
  mostrarLosEdificios(ctx);
  const puente = tenderPuente(iD, ctx);
  await new Promise((listo) => {
    const mirar = () => (caja.querySelector('.layer-data') ? listo() : requestAnimationFrame(mirar));
    mirar();
  });
  dibujarTarea(ctx);
  cuidarElTamano(ctx);
  // En una pantalla angosta, el panel de iD taparía el mapa.
  if (innerWidth < ANGOSTA) {
    ctx.ui().sidebar.collapse();
    await new Promise((listo) => { setTimeout(listo, 400); }); // se pliega poco a poco
  }
  encuadrar(iD, ctx);
  espera.hidden = true;
  window.tequioEditor = { ...puente, iD, ctx };
  document.documentElement.dataset.editor = 'listo';
  contar('listo');
}

/**
 * iD esconde los edificios, y no deja dibujar otro, si en la pantalla hay más de 250 por millón de píxeles: en un teléfono
 * eso son sesenta, menos de los que tiene una tarea del centro. Que cuente como si fuera una pantalla de ese millón.
 */
function mostrarLosEdificios(ctx) {
  const rasgos = ctx.features();
  const suya = rasgos.gatherStats;
  rasgos.gatherStats = (objetos, grafo, [ancho, alto]) => suya(objetos, grafo, [Math.max(ancho, 1e6 / alto), alto]);
}

/**
 * Al cambiar de tamaño, iD redibuja el último objeto que se vio, aunque después de guardar ya tenga otro número; y el cajón de
 * entrega cambia el tamaño. Sólo hace falta si hay algo elegido.
 */
function cuidarElTamano(ctx) {
  const suyo = window.__on?.find((oyente) => oyente.type === 'resize' && oyente.name === 'sidebar');
  if (!suyo) return;
  removeEventListener('resize', suyo.listener, suyo.options);
  addEventListener('resize', (evento) => { if (ctx.selectedIDs().length) suyo.listener.call(window, evento); });
}

/** Lo que la página de mapeo puede preguntar y pedir, y lo que se le avisa. */
function tenderPuente(iD, ctx) {
  let subiendo = null;
  let recien = false;
  const sinGuardar = () => (!recien && ctx.history().hasChanges() ? ctx.history().difference().summary().length : 0);
  const avisar = () => contar('cambio', { sinGuardar: sinGuardar(), guardando: Boolean(subiendo) });
  ctx.history().on('change.tequio', avisar);
  ctx.background().on('change.tequio', () => {
    const nombre = datos.imagenes.find((i) => i.id === ctx.background().baseLayerSource()?.id)?.nombre;
    ctx.defaultChangesetSource(nombre ?? '');
  });
  ctx.uploader()
    .on('saveStarted.tequio', () => { subiendo = cuentas(iD, ctx); avisar(); })
    .on('resultSuccess.tequio', (conjunto) => {
      recien = true;
      contar('guardado', { ...(subiendo ?? cuentas(iD, ctx)), conjunto: Number(conjunto?.id) || null });
    })
    .on('saveEnded.tequio', () => {
      subiendo = null;
      // iD empieza de nuevo justo después de avisar.
      setTimeout(() => { recien = false; avisar(); }, 0);
    });
  addEventListener('pagehide', () => ctx.history().unlock());
  return {
    sinGuardar,
    /** Abre lo que iD pide antes de subir, con el teclado ya ahí. */
    guardar: () => {
      if (ctx.history().hasChanges() && ctx.mode()?.id !== 'save') ctx.enter(iD.modeSave(ctx));
      marco.focus();
      caja.querySelector('.save-section .save-button')?.focus();
    },
    /** Lleva el mapa a un lugar [lon, lat]. */
    ver: (lugar) => ctx.map().centerZoomEase(lugar, Math.max(ctx.map().zoom(), 20)),
    /** Baja un objeto, lo enseña y lo elige. */
    elegir: (clave) => {
      if (ctx.mode()?.id === 'save') ctx.enter(iD.modeBrowse(ctx));
      ctx.zoomToEntity(clave);
    },
    /** Antes de cerrar: deja escrito lo que falta por subir, y libre el turno de esta tarea. */
    cerrar: () => {
      ctx.debouncedSave.cancel();
      ctx.save();
      ctx.history().unlock();
      window.onbeforeunload = null;
    },
  };
}

if (marco) {
  encender().catch((error) => {
    espera.hidden = false;
    espera.classList.add('falla');
    espera.setAttribute('role', 'alert');
    espera.textContent = error.message;
    contar('falla', { mensaje: error.message });
  });
}
