// Trabajador de servicio: guarda la página «sin conexión» y la muestra cuando una navegación no llega al servidor.
// No guarda nada más: lo demás lo guarda el navegador por sus encabezados.
const GUARDADO = 'tequio-{{huella}}';
const PAGINA = '/sin-conexion';

self.addEventListener('install', (evento) => {
  evento.waitUntil(guardar().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (evento) => {
  evento.waitUntil(caches.keys().then((nombres) => Promise.all(nombres.filter((n) => n !== GUARDADO).map((n) => caches.delete(n)))));
});

self.addEventListener('fetch', (evento) => {
  if (evento.request.mode === 'navigate') {
    evento.respondWith(fetch(evento.request).catch(() => caches.match(PAGINA).then((pagina) => pagina ?? Response.error())));
  } else if (evento.request.destination === 'style') {
    // La hoja de estilo de la página guardada, por si el navegador ya la soltó.
    evento.respondWith(fetch(evento.request).catch(() => caches.match(evento.request).then((hoja) => hoja ?? Response.error())));
  }
});

async function guardar() {
  const guardado = await caches.open(GUARDADO);
  const pagina = await fetch(PAGINA, { credentials: 'omit' });
  const hojas = [...(await pagina.clone().text()).matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map((hallada) => hallada[1]);
  await guardado.put(PAGINA, pagina);
  await guardado.addAll(hojas);
}
