"""Coordinates: the two systems in use in China, distances on the ground, and links that open a place in map apps.

GPS and Telegram speak WGS-84, Chinese maps GCJ-02; the two differ by 160 to 610 m, which decides what is nearest in a
city. All positions are stored in WGS-84. Everywhere latitude comes before longitude, in degrees.
"""

from __future__ import annotations

from math import asin, cos, hypot, isfinite, radians, sin, sqrt
from urllib.parse import quote

import coordTransform

from bot.messages import Datum, Place

EARTH_KM = 6371.0088  # mean radius (IUGG)
KM_A_DEGREE = EARTH_KM * radians(1)

# Xinjiang with a margin of about 10 km
SOUTH, NORTH = 34.2, 49.3
WEST, EAST = 73.3, 96.6

_CLOSE = 1e-7  # degrees, about 1 cm
_ROUNDS = 10


def check_degrees(lat: float, lon: float) -> None:
    """Raise ValueError (with a message for the user) unless -90 ≤ lat ≤ 90 and -180 ≤ lon ≤ 180, both finite."""
    if not (isfinite(lat) and -90 <= lat <= 90):
        raise ValueError(f"纬度应在 -90 到 90 之间，收到的是 {lat}")
    if not (isfinite(lon) and -180 <= lon <= 180):
        raise ValueError(f"经度应在 -180 到 180 之间，收到的是 {lon}")


def in_xinjiang(lat: float, lon: float) -> bool:
    """Whether WGS-84 degrees lie in the rectangle around Xinjiang (parts of its neighbours do as well)."""
    return SOUTH <= lat <= NORTH and WEST <= lon <= EAST


def wgs84_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """GCJ-02 (lat, lon) of a WGS-84 position. Outside the rectangle around China nothing is shifted.

    Raises ValueError on degrees out of range.
    """
    check_degrees(lat, lon)
    shifted_lon, shifted_lat = coordTransform.wgs84_to_gcj02(lon, lat)
    return float(shifted_lat), float(shifted_lon)


def gcj02_to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """WGS-84 (lat, lon) of a GCJ-02 position, to less than 0.1 m: the library's one step is off by up to 4 m, so the
    forward shift is solved for. Raises ValueError on degrees out of range.
    """
    check_degrees(lat, lon)
    guess_lat, guess_lon = lat, lon
    for _ in range(_ROUNDS):
        there_lon, there_lat = coordTransform.wgs84_to_gcj02(guess_lon, guess_lat)
        off_lat, off_lon = lat - there_lat, lon - there_lon
        guess_lat, guess_lon = guess_lat + off_lat, guess_lon + off_lon
        if hypot(off_lat, off_lon) < _CLOSE:
            break
    return guess_lat, guess_lon


def to_wgs84(place: Place) -> Place:
    """The same place in WGS-84, its label kept. Raises ValueError on degrees out of range."""
    check_degrees(place.lat, place.lon)
    if place.datum is Datum.WGS84:
        return place
    lat, lon = gcj02_to_wgs84(place.lat, place.lon)
    return Place(lat, lon, Datum.WGS84, place.label)


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance in km (haversine, mean radius; at most 0.6% off the ellipsoid)."""
    a, b = radians(lat), radians(other_lat)
    h = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(h)))


def rounded_km(km: float) -> float:
    """A distance as it is shown: one decimal below 100 km, whole kilometres from there."""
    shown = round(km, 1)
    return shown if shown < 100 else float(round(km))


def amap_link(name: str, lat: float, lon: float) -> str:
    """A link that opens WGS-84 degrees in the Amap app (its web page where there is no app)."""
    lat, lon = wgs84_to_gcj02(lat, lon)
    return (
        f"https://uri.amap.com/marker?position={lon:.6f},{lat:.6f}&name={_encoded(name)}"
        "&src=ipbot&coordinate=gaode&callnative=1"
    )


def tencent_link(name: str, address: str, lat: float, lon: float) -> str:
    """A link that opens WGS-84 degrees in Tencent's map, which WeChat shows."""
    lat, lon = wgs84_to_gcj02(lat, lon)
    title, where = _encoded(_without_separators(name)), _encoded(_without_separators(address or name))
    return f"https://apis.map.qq.com/uri/v1/marker?marker=coord:{lat:.6f},{lon:.6f};title:{title};addr:{where}&referer=ipbot"


def _without_separators(text: str) -> str:
    """``text`` with the two characters that part the fields of a Tencent marker made full width."""
    return text.replace(";", "；").replace(":", "：")


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace")
