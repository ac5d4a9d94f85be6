"""El pueblo dibujado a mano: límite, río, vías principales, barrios y sitios. Lo demás se deriva de aquí.

Todos los puntos están en el plano local (metros al este y al norte de la plaza, ver :mod:`geo.pueblo.plano`).
"""

from dataclasses import dataclass
from typing import Final

Control = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class TipoVia:
    """Cómo es una clase de calle.

    Attributes
    ----------
    highway, surface : str
        Etiquetas de OSM.
    ancho : float
        Metros de paramento a paramento: lo que las manzanas no ocupan.
    rango : int
        Cuanto menor, más manda al juntar cruces y al podar.
    """

    highway: str
    surface: str
    ancho: float
    rango: int


TIPOS: Final = {
    "carretera": TipoVia("secondary", "asphalt", 19.0, 0),
    "avenida": TipoVia("tertiary", "asphalt", 14.0, 1),
    "camino": TipoVia("unclassified", "asphalt", 11.0, 2),
    "camino_tierra": TipoVia("unclassified", "gravel", 9.5, 3),
    "calle_vieja": TipoVia("residential", "sett", 8.6, 4),
    "calle": TipoVia("residential", "concrete", 10.8, 5),
    "calle_puente": TipoVia("residential", "sett", 9.0, 5),
    "calle_tierra": TipoVia("residential", "unpaved", 10.2, 6),
    "privada": TipoVia("residential", "concrete", 8.6, 7),
    "callejon": TipoVia("residential", "sett", 6.0, 8),
    "escalinata": TipoVia("steps", "concrete", 4.2, 9),
    "sendero": TipoVia("footway", "paving_stones", 2.6, 9),
    "brecha": TipoVia("track", "dirt", 5.5, 10),
}


@dataclass(frozen=True, slots=True)
class Eje:
    """Una vía principal dibujada a mano; los puntos de control se unen con una curva."""

    tipo: str
    nombre: str | None
    control: Control


@dataclass(frozen=True, slots=True)
class Barrio:
    """Una colonia, barrio o ranchería.

    Attributes
    ----------
    nombre : str
    lugar : str
        Valor de ``place`` en OSM.
    semillas : puntos
        Uno dentro de cada cara entre los ejes que le toca; el primero lleva el nombre.
    trama : str
        Manera de trazar sus calles: ``vieja``, ``nueva``, ``privadas``, ``ladera``, ``suelta`` o ``rancheria``.
    giro : float
        Grados, en sentido contrario al reloj.
    frente, fondo : (menor, mayor)
        Metros de las manzanas en cada sentido.
    tipo : str
        Clase de sus calles, de :data:`TIPOS`.
    ocupacion : float
        Parte de los lotes con construcción.
    lote, hondo : (menor, mayor)
        Metros de frente y de fondo de los lotes.
    remetido : (menor, mayor)
        Metros entre el paramento y la fachada.
    pegado : float
        Probabilidad de que dos casas vecinas compartan pared.
    mapeado : float
        Parte de los edificios que ya está en OSM.
    """

    nombre: str
    lugar: str
    semillas: Control
    trama: str
    giro: float
    frente: tuple[float, float]
    fondo: tuple[float, float]
    tipo: str
    ocupacion: float
    lote: tuple[float, float]
    hondo: tuple[float, float]
    remetido: tuple[float, float]
    pegado: float
    mapeado: float


LIMITE: Final[Control] = (
    (-330, 1440), (-60, 1500), (170, 1380), (420, 1420), (640, 1270), (930, 1180), (1010, 990), (1210, 830),
    (1260, 600), (1420, 380), (1390, 60), (1300, -190), (1390, -480), (1230, -700), (1080, -850), (960, -1080),
    (700, -1190), (430, -1150), (150, -1270), (-180, -1230), (-420, -1290), (-700, -1180), (-960, -1210),
    (-1120, -1010), (-1290, -880), (-1310, -600), (-1230, -380), (-1330, -90), (-1260, 190), (-1320, 480),
    (-1180, 740), (-1130, 1010), (-900, 1130), (-760, 1330), (-540, 1340),
)  # fmt: skip

RIO: Final[Control] = (
    (90, 1880), (60, 1690), (170, 1500), (140, 1330), (262, 1180), (300, 1040), (232, 900), (206, 760), (224, 610),
    (290, 480), (362, 330), (342, 170), (336, 34), (382, -92), (470, -218), (512, -362), (496, -512), (560, -664),
    (664, -790), (650, -960), (740, -1130), (720, -1300), (820, -1480), (800, -1640),
)  # fmt: skip

ARROYO: Final[Control] = (
    (-1660, -240), (-1420, -300), (-1168, -352), (-992, -302), (-848, -356), (-706, -324), (-554, -394), (-394, -370),
    (-252, -424), (-76, -394), (100, -432), (252, -404), (370, -446), (504, -420),
)  # fmt: skip

ZANJA: Final[Control] = (
    (1560, 810), (1344, 722), (1176, 638), (992, 664), (840, 626), (688, 664), (538, 612), (394, 626), (300, 590),
    (226, 600),
)  # fmt: skip

ORILLA_URBANA: Final[Control] = (
    (-278, 806), (-142, 776), (50, 752), (182, 740), (258, 588), (470, 572), (672, 554), (840, 528), (924, 394),
    (950, 218), (974, 50), (932, -134), (950, -302), (824, -436), (656, -470), (538, -478), (446, -497),
    (378, -672), (278, -782), (50, -806), (-134, -790), (-278, -756), (-352, -580), (-420, -420), (-470, -252),
    (-600, -220), (-668, -150), (-690, -20), (-664, 120), (-716, 262), (-840, 330), (-862, 430), (-830, 538),
    (-782, 672), (-638, 806), (-470, 874),
)  # fmt: skip

EJES: Final = (
    Eje("carretera", "Avenida Tequio", (
        (-1660, -1060), (-1420, -900), (-1180, -760), (-1010, -560), (-780, -300), (-538, -220), (-352, -194),
        (-168, -172), (34, -164), (210, -144), (382, -100), (538, -24), (722, 52), (908, 160), (1084, 302),
        (1244, 336), (1428, 454), (1620, 470),
    )),
    Eje("avenida", "Calzada de los Fresnos", (
        (-356, -194), (-362, -50), (-370, 100), (-352, 236), (-320, 362),
    )),
    Eje("avenida", "Calzada del Panteón", (
        (-320, 362), (-176, 374), (-16, 380), (142, 402), (252, 424), (322, 440), (420, 478), (504, 436),
    )),
    Eje("avenida", "Calzada de la Ciénega", (
        (504, 436), (580, 352), (664, 260), (740, 152), (760, 68),
    )),
    Eje("camino", "Camino al Mirador", (
        (-352, 236), (-436, 268), (-538, 254), (-646, 290), (-756, 278), (-890, 306), (-1040, 262), (-1190, 330),
        (-1330, 290), (-1520, 330),
    )),
    Eje("camino", "Camino Real de San Miguel", (
        (-320, 362), (-290, 470), (-252, 580), (-220, 672), (-178, 760), (-190, 874), (-112, 974), (-120, 1100),
        (-196, 1210), (-160, 1344), (-220, 1480), (-200, 1640),
    )),
    Eje("calle", "Malecón del Río", (
        (120, 720), (176, 690), (184, 600), (246, 480), (268, 424), (318, 322), (298, 160), (290, 34), (332, -76),
        (346, -118),
    )),
    Eje("calle", "Calle Ribera Sur", (
        (346, -118), (412, -212), (450, -296), (458, -370), (394, -398),
    )),
    Eje("calle", "Paseo de los Sauces", (
        (424, 476), (418, 336), (392, 168), (384, 42), (424, -78),
    )),
    Eje("calle_tierra", "Paseo de los Ahuehuetes", (
        (424, -80), (514, -194), (564, -336), (552, -454), (588, -520),
    )),
    Eje("camino_tierra", "Camino a la Ciénega", (
        (-160, -172), (-152, -278), (-172, -404), (-152, -538), (-126, -672), (-160, -806), (-240, -900),
        (-250, -1010), (-350, -1120), (-330, -1260), (-410, -1450),
    )),
    Eje("calle_tierra", "Calle Nueva Esperanza", (
        (198, -146), (194, -278), (210, -412), (198, -546), (220, -672), (180, -794),
    )),
    Eje("calle", "Calle del Arroyo", (
        (-356, -194), (-340, -278), (-268, -370), (-162, -362), (-50, -352), (76, -382), (202, -366), (302, -362),
        (394, -398),
    )),
    Eje("calle_tierra", "Calle del Bordo", (
        (-394, -436), (-278, -470), (-158, -458), (-42, -446), (92, -474), (210, -460), (320, -480), (450, -500),
    )),
    Eje("calle_puente", "Puente Viejo", ((446, -284), (500, -292), (552, -300))),
    Eje("sendero", "Puente Colgante", ((298, 160), (344, 168), (392, 172))),
    Eje("sendero", None, ((40, -374), (34, -420), (30, -462))),
    Eje("sendero", None, ((-240, -368), (-236, -420), (-240, -464))),
)  # fmt: skip

BRECHAS: Final = (
    Eje("brecha", None, (
        (-190, 874), (-300, 906), (-420, 900), (-500, 968), (-540, 1060), (-640, 1090), (-760, 1060), (-830, 1010),
        (-870, 900), (-990, 830), (-1120, 850), (-1290, 800),
    )),
    Eje("brecha", "Camino al Capulín", (
        (908, 160), (960, 300), (972, 420), (1040, 500), (1050, 600), (960, 700), (860, 742), (800, 850), (690, 870),
        (560, 880), (500, 960), (510, 1060), (430, 1130), (330, 1120), (240, 1096), (160, 1130), (60, 1090),
        (-40, 1130), (-120, 1100),
    )),
    Eje("brecha", None, (
        (560, 880), (520, 790), (540, 700), (470, 600), (424, 478),
    )),
    Eje("brecha", None, (
        (908, 160), (1010, 150), (1060, 40), (1110, -20), (1080, -130), (1120, -260), (1090, -380), (980, -430),
        (940, -540), (860, -580), (850, -690), (780, -760), (790, -880), (860, -960), (850, -1120), (900, -1280),
    )),
    Eje("brecha", "Camino a las Huertas", (
        (588, -520), (640, -590), (720, -600), (760, -690), (780, -760),
    )),
    Eje("brecha", None, (
        (180, -794), (250, -850), (260, -950), (350, -1000), (480, -980), (540, -900), (620, -880),
    )),
    Eje("brecha", None, (
        (350, -1000), (390, -1080), (340, -1180), (370, -1330),
    )),
    Eje("brecha", None, (
        (-240, -900), (-350, -900), (-430, -840), (-500, -730), (-610, -700), (-700, -760), (-830, -750), (-900, -660),
        (-1010, -620), (-1030, -560),
    )),
    Eje("brecha", "Camino al Bordo", (
        (-500, -730), (-490, -620), (-550, -520), (-510, -450), (-420, -440), (-380, -440),
    )),
    Eje("brecha", None, (
        (-1040, 262), (-1000, 170), (-1010, 60), (-950, -30), (-960, -130), (-1040, -190), (-1050, -300),
        (-1000, -400), (-960, -500),
    )),
    Eje("brecha", None, (
        (-1040, 262), (-1060, 380), (-1010, 470), (-1040, 580), (-1130, 640), (-1120, 760), (-1120, 850),
    )),
    Eje("brecha", "Subida a la Cruz", (
        (-500, 968), (-560, 920), (-650, 930), (-690, 890), (-640, 850), (-720, 820), (-760, 850), (-780, 800),
    )),
    Eje("brecha", None, (
        (-700, -760), (-720, -860), (-660, -950), (-690, -1060), (-640, -1160), (-660, -1330),
    )),
    Eje("brecha", None, (
        (1050, 600), (1130, 590), (1200, 640), (1330, 600),
    )),
)  # fmt: skip

CIMA: Final = (-790.0, 770.0)
"""Punta del cerro; las calles de la ladera siguen sus curvas de nivel."""

BARRIOS: Final = (
    Barrio(
        "Centro", "quarter", ((-60, 60),),
        trama="vieja", giro=-6.0, frente=(62, 106), fondo=(58, 96), tipo="calle_vieja",
        ocupacion=0.96, lote=(8, 17), hondo=(20, 38), remetido=(0, 0), pegado=0.78, mapeado=0.95,
    ),
    Barrio(
        "Barrio de San Miguel", "quarter", ((0, 560),),
        trama="vieja", giro=10.0, frente=(72, 118), fondo=(64, 104), tipo="calle_vieja",
        ocupacion=0.86, lote=(9, 18), hondo=(20, 36), remetido=(0, 2.0), pegado=0.5, mapeado=0.62,
    ),
    Barrio(
        "Barrio de la Asunción", "quarter", ((20, -260), (300, -270), (-250, -270)),
        trama="vieja", giro=-15.0, frente=(62, 92), fondo=(62, 92), tipo="calle",
        ocupacion=0.9, lote=(8, 15), hondo=(18, 32), remetido=(0, 1.5), pegado=0.55, mapeado=0.5,
    ),
    Barrio(
        "Colonia El Mirador", "neighbourhood", ((-590, 470),),
        trama="ladera", giro=0.0, frente=(60, 74), fondo=(90, 170), tipo="calle",
        ocupacion=0.63, lote=(9, 15), hondo=(14, 26), remetido=(0.5, 4.0), pegado=0.15, mapeado=0.12,
    ),
    Barrio(
        "Fraccionamiento Los Encinos", "neighbourhood", ((-540, 30),),
        trama="privadas", giro=14.0, frente=(45, 49), fondo=(112, 138), tipo="privada",
        ocupacion=0.88, lote=(8.0, 8.0), hondo=(16, 16), remetido=(3.0, 3.0), pegado=0.8, mapeado=0.84,
    ),
    Barrio(
        "Colonia Las Flores", "neighbourhood", ((550, 180),),
        trama="nueva", giro=28.0, frente=(46, 54), fondo=(104, 140), tipo="calle",
        ocupacion=0.79, lote=(8, 12), hondo=(16, 22), remetido=(1.0, 4.0), pegado=0.35, mapeado=0.42,
    ),
    Barrio(
        "Colonia Campo Alegre", "neighbourhood", ((800, 360),),
        trama="nueva", giro=-9.0, frente=(50, 60), fondo=(96, 130), tipo="calle",
        ocupacion=0.64, lote=(8, 13), hondo=(18, 25), remetido=(1.0, 4.5), pegado=0.25, mapeado=0.16,
    ),
    Barrio(
        "Colonia 20 de Noviembre", "neighbourhood", ((720, -190),),
        trama="nueva", giro=-19.0, frente=(54, 64), fondo=(92, 128), tipo="calle_tierra",
        ocupacion=0.68, lote=(9, 14), hondo=(18, 26), remetido=(1.0, 5.0), pegado=0.2, mapeado=0.04,
    ),
    Barrio(
        "Colonia Nueva Esperanza", "neighbourhood", ((20, -640),),
        trama="suelta", giro=5.0, frente=(74, 104), fondo=(84, 110), tipo="calle_tierra",
        ocupacion=0.5, lote=(10, 18), hondo=(20, 30), remetido=(1.0, 9.0), pegado=0.05, mapeado=0.03,
    ),
    Barrio(
        "Colonia Bordo Poniente", "neighbourhood", ((-270, -590),),
        trama="suelta", giro=-21.0, frente=(74, 100), fondo=(80, 110), tipo="calle_tierra",
        ocupacion=0.42, lote=(10, 18), hondo=(20, 30), remetido=(1.0, 9.0), pegado=0.05, mapeado=0.0,
    ),
    Barrio(
        "El Capulín", "hamlet", ((640, 880),),
        trama="rancheria", giro=0.0, frente=(0, 190), fondo=(0, 0), tipo="brecha",
        ocupacion=0.7, lote=(16, 28), hondo=(24, 36), remetido=(2.0, 14.0), pegado=0.0, mapeado=0.0,
    ),
    Barrio(
        "La Ciénega", "hamlet", ((-300, -1060),),
        trama="rancheria", giro=0.0, frente=(0, 180), fondo=(0, 0), tipo="brecha",
        ocupacion=0.75, lote=(16, 26), hondo=(24, 36), remetido=(2.0, 12.0), pegado=0.0, mapeado=0.25,
    ),
    Barrio(
        "Las Huertas", "hamlet", ((830, -700),),
        trama="rancheria", giro=0.0, frente=(0, 150), fondo=(0, 0), tipo="brecha",
        ocupacion=0.65, lote=(16, 30), hondo=(24, 38), remetido=(2.0, 14.0), pegado=0.0, mapeado=0.0,
    ),
    Barrio(
        "Rancho Viejo", "hamlet", ((-1010, 110),),
        trama="rancheria", giro=0.0, frente=(0, 130), fondo=(0, 0), tipo="brecha",
        ocupacion=0.65, lote=(16, 30), hondo=(24, 38), remetido=(2.0, 14.0), pegado=0.0, mapeado=0.0,
    ),
)  # fmt: skip
