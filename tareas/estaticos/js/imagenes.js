// Lista de imágenes de un proyecto (proyectos/partes.html: campos_de_imagen): agregar, quitar, y dejarla en su campo oculto.

const identificador = (nombre, i) => {
  const llano = nombre.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 30);
  return `${llano || 'imagen'}-${i + 1}`;
};

/** Enciende un recuadro de imágenes. Devuelve { valor() }: la lista como la pide la API. */
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
  const anotar = () => { oculto.value = JSON.stringify(valor()); };

  function poner(imagen, enfocar) {
    const fila = molde.content.firstElementChild.cloneNode(true);
    for (const campo of fila.querySelectorAll('[data-dato]')) campo.value = imagen[campo.dataset.dato] ?? campo.value;
    for (const dato of ['id', 'minzoom', 'maxzoom']) if (imagen[dato] !== undefined) fila.dataset[dato] = imagen[dato];
    fila.querySelector('[data-quitar]').addEventListener('click', () => {
      fila.remove();
      anotar();
      agregar.focus();
    });
    filas.append(fila);
    if (enfocar) fila.querySelector('input').focus();
  }

  JSON.parse(oculto.value || '[]').forEach((imagen) => poner(imagen, false));
  agregar.hidden = false;
  agregar.addEventListener('click', () => poner({}, true));
  recuadro.addEventListener('input', anotar);
  recuadro.closest('form')?.addEventListener('submit', anotar);
  return { valor };
}

document.querySelectorAll('form[method="post"] [data-imagenes]').forEach(iniciarImagenes);
