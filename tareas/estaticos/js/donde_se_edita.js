// «Dónde y con qué se edita» (proyectos/partes.html: campos_de_edicion): la lista de editores propios, y lo elegido como lo pide
// la API. Sin este módulo, la página de edición sigue guardando lo demás.

const LISTA = (texto) => texto.split(/[\s,;]+/).filter(Boolean);

/** Enciende la lista de editores por enlace; la deja en su campo oculto. */
function iniciarEditores(recuadro) {
  const oculto = recuadro.querySelector('input[name="editores"]');
  const filas = recuadro.querySelector('[data-filas]');
  const agregar = recuadro.querySelector('[data-agregar]');
  const dato = (fila, nombre) => fila.querySelector(`[data-dato="${nombre}"]`);
  const valor = () => [...filas.children].map((f) => ({ nombre: dato(f, 'nombre').value.trim(), url: dato(f, 'url').value.trim() })).filter((e) => e.nombre || e.url);
  const anotar = () => { oculto.value = JSON.stringify(valor()); };
  const poner = (editor, enfocar) => {
    const fila = recuadro.querySelector('template').content.firstElementChild.cloneNode(true);
    for (const nombre of ['nombre', 'url']) dato(fila, nombre).value = editor[nombre] ?? '';
    fila.querySelector('[data-quitar]').addEventListener('click', () => {
      fila.remove();
      anotar();
      agregar.focus();
    });
    filas.append(fila);
    if (enfocar) dato(fila, 'nombre').focus();
  };
  JSON.parse(oculto.value || '[]').forEach((editor) => poner(editor, false));
  agregar.hidden = false;
  agregar.addEventListener('click', () => poner({}, true));
  recuadro.addEventListener('input', anotar);
  recuadro.closest('form')?.addEventListener('submit', anotar);
  return valor;
}

/**
 * Enciende la sección de un formulario. Devuelve { valor(), municipio(id) }: lo elegido, con los nombres de la API, y cuáles
 * aulas se pueden elegir.
 */
export function iniciarDonde(seccion) {
  const editores = iniciarEditores(seccion.querySelector('[data-editores]'));
  const donde = seccion.querySelector('[name="donde"]');
  const casillas = (nombre, marcada) => [...seccion.querySelectorAll(`[name="${nombre}"]`)].filter((c) => c.checked === marcada).map((c) => c.value);
  const metros = (nombre) => Number(seccion.querySelector(`[name="desplazamiento_${nombre}"]`).value || 0);
  return {
    valor() {
      const [servidor, aula] = donde.value.split(':');
      const corrida = [metros('este'), metros('norte')];
      return {
        servidor_osm: servidor,
        aula: aula ? Number(aula) : null,
        editores: editores(),
        editores_ocultos: casillas('editores_ofrecidos', false),
        presets: [...casillas('presets', true), ...LISTA(seccion.querySelector('[name="otros_presets"]').value)],
        desplazamiento: corrida.some(Boolean) ? corrida : null,
      };
    },
    municipio(id) {
      for (const opcion of donde.querySelectorAll('[data-municipio]')) {
        opcion.hidden = opcion.disabled = Number(opcion.dataset.municipio) !== id;
        if (opcion.disabled && opcion.selected) donde.selectedIndex = 0;
      }
      const aulas = donde.querySelector('[data-municipio]')?.parentElement;
      if (aulas) aulas.hidden = !aulas.querySelector('option:not([hidden])');
    },
  };
}

document.querySelectorAll('form[method="post"] [data-donde-se-edita]').forEach(iniciarDonde);
