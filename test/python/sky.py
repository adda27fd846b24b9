"""Answers questions about the sky with cdshealpix and astropy: `python sky.py QUESTIONS`, a JSON file.

Prints JSON: the pixel of each position, the pixels in each cone, the separation of each pair of positions in arcsec, and
the degrees of each position that is given as text.
"""

import json
import sys

import astropy.units as u
from astropy.coordinates import Angle, Latitude, Longitude
from astropy.coordinates import angular_separation
from cdshealpix.nested import cone_search, lonlat_to_healpix


def pixels(order, positions):
    return lonlat_to_healpix(longitude([ra for ra, _ in positions]), latitude([dec for _, dec in positions]), order)


def pixels_in_cone(order, ra, dec, radius):
    found, _, _ = cone_search(longitude(ra), latitude(dec), radius * u.arcsec, order, flat=True)
    return found.tolist()


def separation(a, b):
    return angular_separation(*(value * u.deg for value in [*a, *b])).to_value(u.arcsec)


def degrees(ra, dec):
    return Angle(ra, u.hourangle).degree, Angle(dec, u.deg).degree


def longitude(ra):
    return Longitude(ra, u.deg)


def latitude(dec):
    return Latitude(dec, u.deg)


if __name__ == '__main__':
    with open(sys.argv[1]) as file:
        asked = json.load(file)
    answers = {
        'pixels': pixels(asked['order'], asked['positions']).tolist(),
        'cones': [pixels_in_cone(asked['order'], *cone) for cone in asked['cones']],
        'separations': [separation(a, b) for a, b in asked['pairs']],
        'degrees': [degrees(*texts) for texts in asked['texts']],
    }
    json.dump(answers, sys.stdout)
