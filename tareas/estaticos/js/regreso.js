// La ventana en que se entró a OSM le entrega la respuesta al editor, que la espera en este canal, y se cierra.
if (new URLSearchParams(location.search).has('code')) new BroadcastChannel('osm-api-auth-complete').postMessage(location.href);
window.close();
