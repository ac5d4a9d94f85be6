"""El protocolo de OpenStreetMap (API 0.6) como valores: leer y escribir XML y JSON; ni web ni base de datos."""
