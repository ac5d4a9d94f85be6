// Lista de imágenes de un proyecto (proyectos/partes.html: campos_de_imagen): agregar (también las del municipio, con un toque),
// quitar, y dejarla en su campo oculto.
import { api } from './api.js';
import { boton, h } from './dom.js';
import { _ } from './textos.js';

const esLocal = (url) => url.startsWith('/teselas/imagenes/');

const identificador = (nombre, i) => {
  const llano = nombre.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 30);
  return `${llano || 'imagen'}-${i + 1}`;
};

/** Enciende un recuadro de imágenes. Devuelve { valor(), ofrecerDe(municipio) }: la lista como la pide la API, y de qué municipio ofrecer. */
export function iniciarImagenes(recuadro) {
  const oculto = recuadro.querySelector('input[name="imagenes"]');
  const filas = recuadro.querySelector('[data-filas]');
  const molde = recuadro.querySelector('template');
  const agregar = recuadro.querySelector('[data-agregar]');

  const valor = () => [...filas.children].map((fila, i) => {
    const dato = (nombre) => fila.querySelector(`[data-dato="${nombre}"]`).value.trim();
    const { id, minzoom, maxzoom } = fila.dataset;
    return {
      id: id ?? identificador(dato('nombre'), i), nombre: dato('nombre'), tipo: dato('tipo'), url: dato('url'), atribucion: dato('atribucion'),
      minzoom: Number(minzoom ?? 0), maxzoom: Number(maxzoom ?? 22),
    };
  }).filter((imagen) => imagen.nombre || imagen.url);
  const retiradas = JSON.parse(recuadro.dataset.retiradas || '[]');
  const delMunicipio = recuadro.querySelector('[data-del-municipio]');
  let ofrecidas = [];
  const anotar = () => {
    oculto.value = JSON.stringify(valor());
    pintarOfrecidas();
  };

  function poner(imagen, enfocar) {
    const fila = molde.content.firstElementChild.cloneNode(true);
    for (const campo of fila.querySelectorAll('[data-dato]')) campo.value = imagen[campo.dataset.dato] ?? campo.value;
    for (const dato of ['id', 'minzoom', 'maxzoom']) if (imagen[dato] !== undefined) fila.dataset[dato] = imagen[dato];
    if (imagen.url && esLocal(imagen.url)) comoDelMunicipio(fila, imagen);
    fila.querySelector('[data-quitar]').addEventListener('click', () => {
      fila.remove();
      anotar();
      agregar.focus();
    });
    filas.append(fila);
    if (enfocar) fila.querySelector('input').focus();
  }

  /** Una del municipio no se edita aquí: sólo se quita. */
  function comoDelMunicipio(fila, imagen) {
    for (const campo of fila.querySelectorAll('[data-dato]')) {
      campo.closest('.campo').hidden = campo.dataset.dato !== 'nombre';
      if (campo.dataset.dato === 'nombre') campo.readOnly = true;
      // una dirección de este servidor no es una URL completa para el navegador, y no dejaría enviar la forma
      if (campo.type === 'url') campo.type = 'text';
    }
    const nota = fila.querySelector('[data-nota]');
    nota.hidden = false;
    nota.textContent = retiradas.includes(imagen.url)
      ? _('El municipio la retiró: en el mapa ya no se ve. Quítala, o pide que la publiquen de nuevo.')
      : _('Imagen del municipio: funciona sin internet.');
  }

  function pintarOfrecidas() {
    const puestas = new Set(valor().map((imagen) => imagen.url));
    const renglones = ofrecidas.filter(({ capa }) => !puestas.has(capa.url)).map((imagen) => (imagen.utilizable
      ? h('li', {}, boton(_('Agregar imagen del municipio: %(nombre)s', { nombre: imagen.nombre }), () => {
        poner(imagen.capa, false);
        anotar();
        filas.lastElementChild.querySelector('[data-quitar]').focus();
      }, { tipo: 'secundario', dibujo: 'mas' }))
      : h('li', { class: 'suave chica' }, _('«%(nombre)s» no se puede usar: %(porque)s.', { nombre: imagen.nombre, porque: imagen.porque }))));
    delMunicipio.hidden = !renglones.length;
    delMunicipio.replaceChildren(h('ul', { class: 'sin-vinetas' }, renglones));
  }

  /** Ofrece las imágenes del municipio; si no llegan, la lista sigue sirviendo sin ellas. */
  async function ofrecerDe(municipio) {
    ofrecidas = [];
    pintarOfrecidas();
    try {
      ({ imagenes: ofrecidas } = await api('GET', `/municipios/${municipio}/imagenes`));
    } catch {
      return;
    }
    // al cambiar de municipio, las del anterior ya no valen
    if (!recuadro.dataset.municipio) {
      const hay = new Set(ofrecidas.map(({ capa }) => capa.url));
      for (const fila of [...filas.children]) {
        const url = fila.querySelector('[data-dato="url"]').value;
        if (esLocal(url) && !hay.has(url)) fila.remove();
      }
    }
    anotar();
  }

  JSON.parse(oculto.value || '[]').forEach((imagen) => poner(imagen, false));
  agregar.hidden = false;
  agregar.addEventListener('click', () => poner({}, true));
  recuadro.addEventListener('input', anotar);
  recuadro.closest('form')?.addEventListener('submit', anotar);
  if (recuadro.dataset.municipio) ofrecerDe(recuadro.dataset.municipio);
  return { valor, ofrecerDe };
}

document.querySelectorAll('form[method="post"] [data-imagenes]').forEach(iniciarImagenes);
