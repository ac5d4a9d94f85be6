// Lo que se recuerda en este aparato; sin almacenamiento (navegación privada), no se recuerda y lo demás sigue.

export const leer = (llave) => { try { return localStorage.getItem(llave) ?? ''; } catch { return ''; } };
export const guardar = (llave, valor) => { try { if (valor) localStorage.setItem(llave, valor); else localStorage.removeItem(llave); } catch { /* sin almacenamiento */ } };
