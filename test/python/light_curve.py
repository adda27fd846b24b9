"""Compares the tables of make curve with light curves computed from the Avro packets of a folder of tarballs.

Prints the number of objects and of rows by kind, what differs, and what astropy and pandas read, as JSON."""

import csv
import io
import json
import math
import sys
import tarfile
import zlib
from collections import Counter, defaultdict
from pathlib import Path

import fastavro
import numpy
import pandas
from astropy.table import Table

FLOATS = """magpsf sigmapsf diffmaglim forcediffimflux forcediffimfluxunc magzpsci clrcoeff magnr sigmagnr distnr
forceddistnr rb drb""".split()
APPARENT = 'magpsf_corr sigmapsf_corr sigmapsf_corr_ext'.split()
DOUBLES = 'jd mjd ra dec'.split()
INTEGERS = 'fid candid pid field rcid programid'.split()
TEXTS = 'objectId band kind isdiffpos procstatus'.split()
FROM_DETECTIONS = """jd fid magpsf sigmapsf isdiffpos diffmaglim magzpsci clrcoeff magnr sigmagnr distnr ra dec rb drb
candid pid field rcid programid""".split()
FROM_FORCED = """jd fid diffmaglim forcediffimflux forcediffimfluxunc procstatus magzpsci clrcoeff magnr sigmagnr pid field
rcid programid""".split()


def main(tarballs, csv_path, ecsv_path):
    expected = [row for _, alerts in sorted(read_objects(tarballs).items()) for row in light_curve(alerts)]
    with open(csv_path, newline='', encoding='utf-8') as file:
        found = list(csv.DictReader(file))
    print(json.dumps({
        'objects': len({row['objectId'] for row in found}),
        'kinds': Counter(row['kind'] for row in found),
        'differences': differences(expected, found)[:20],
        'pandas': describe_pandas(csv_path),
        'astropy': describe_astropy(ecsv_path),
    }))


def read_objects(folder):
    objects = defaultdict(dict)
    for path in sorted(Path(folder).glob('ztf_public_*.tar.gz')):
        for alert in read_alerts(path):
            objects[alert['objectId']][alert['candid']] = alert
    return {name: list(alerts.values()) for name, alerts in objects.items()}


def read_alerts(path):
    """Yields the alerts of all whole packets, however much of the tarball is left."""
    data = path.read_bytes()
    if data[:2] == b'\x1f\x8b':
        data = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data)
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode='r:') as tar:
            for member in tar:
                packet = tar.extractfile(member).read() if member.isfile() else b''
                if packet and len(packet) == member.size:
                    yield from read_packet(packet)
    except tarfile.ReadError:
        return


def read_packet(packet):
    try:
        return list(fastavro.reader(io.BytesIO(packet)))
    except ValueError:  # A damaged packet.
        return []


def light_curve(alerts):
    oldest_first = sorted(alerts, key=lambda alert: (alert['candidate']['jd'], alert['candid']))
    detections, limits, forced = {}, {}, {}
    for alert in oldest_first:
        for visit in alert.get('prv_candidates') or []:
            if visit['candid'] is None:
                limits[visit['jd'], visit['fid']] = visit
            else:
                detections[visit['candid']] = visit
        for visit in alert.get('fp_hists') or []:
            forced[visit['jd'], visit['fid'], visit['pid']] = visit
    detections.update((alert['candid'], alert['candidate']) for alert in alerts)
    detected = {(visit['jd'], visit['fid']) for visit in detections.values()}
    name = alerts[0]['objectId']
    rows = [row(name, 'detection', visit, FROM_DETECTIONS, -999) for visit in detections.values()]
    rows += [row(name, 'limit', limits[key], FROM_DETECTIONS, -999) for key in limits.keys() - detected]
    rows += [row(name, 'forced', visit, FROM_FORCED, -99999) for visit in forced.values()]
    kinds = ['detection', 'limit', 'forced']
    return sorted(rows, key=lambda r: (r['jd'], r['fid'], kinds.index(r['kind']), r['candid'] or 0, r['pid'] or 0))


def row(name, kind, visit, fields, missing):
    values = dict.fromkeys(FLOATS + DOUBLES + INTEGERS + TEXTS)
    values |= {field: visit.get(field) for field in fields}
    if kind == 'forced':
        values['forceddistnr'] = visit.get('distnr')
    values = {field: None if is_missing(value, missing) else value for field, value in values.items()}
    band = {1: 'g', 2: 'r', 3: 'i'}.get(visit['fid'])
    computed = {'objectId': name, 'kind': kind, 'mjd': visit['jd'] - 2400000.5, 'band': band}
    return values | computed | dict(zip(APPARENT, apparent(values)))


def apparent(values):
    """Apparent magnitude with the errors for unresolved and extended sources, in units of the flux of magnr."""
    distance = values['distnr'] if values['distnr'] is not None else values['forceddistnr']
    if distance is None or not 0 <= distance < 1.4 or values['magnr'] is None:
        return None, None, None
    if values['magpsf'] is not None and values['isdiffpos'] is not None:
        ratio = 10 ** ((values['magnr'] - values['magpsf']) / 2.5)
        noise = None if values['sigmapsf'] is None else ratio * values['sigmapsf']
        ratio *= 1 if values['isdiffpos'] in ('t', '1') else -1
    elif values['forcediffimflux'] is not None and values['magzpsci'] is not None:
        unit = 10 ** ((values['magnr'] - values['magzpsci']) / 2.5)
        ratio = values['forcediffimflux'] * unit
        error = values['forcediffimfluxunc']
        noise = None if error is None else error * unit * 2.5 / math.log(10)
    else:
        return None, None, None
    if ratio <= -1:
        return None, None, None
    mag = values['magnr'] - 2.5 * math.log10(1 + ratio)
    if noise is None:
        return mag, None, None
    left = None if values['sigmagnr'] is None else noise**2 - values['sigmagnr'] ** 2
    return mag, None if left is None or left < 0 else math.sqrt(left) / (1 + ratio), noise / (1 + ratio)


def is_missing(value, missing):
    return value == missing or isinstance(value, float) and not math.isfinite(value)


def differences(expected, found):
    found_differences = []
    if len(expected) != len(found):
        found_differences.append(f'{len(found)} rows, expected {len(expected)}')
    for number, (ours, theirs) in enumerate(zip(expected, found)):
        if set(ours) != set(theirs):
            found_differences.append(f'row {number} has the columns {list(theirs)}')
        found_differences += [
            f'row {number}: {ours["objectId"]} {ours["jd"]} {name} is {theirs[name]!r}, expected {ours[name]!r}'
            for name in ours
            if name in theirs and not is_same(name, ours[name], theirs[name])
        ]
    return found_differences


def is_same(name, value, text):
    if value is None or text == '':
        return value is None and text == ''
    if name in APPARENT:
        return math.isclose(float(text), value, rel_tol=1e-6)
    if name in FLOATS:
        return numpy.float32(text) == numpy.float32(value)
    return (float(text) if name in DOUBLES else int(text) if name in INTEGERS else text) == value


def describe_pandas(path):
    table = pandas.read_csv(path, dtype={'candid': 'Int64', 'pid': 'Int64'}, low_memory=False)
    detections = table[table.kind == 'detection']
    return {
        'rows': len(table),
        'types': {name: str(table[name].dtype) for name in ('jd', 'magpsf', 'candid')},
        'candids': str(sum(int(candid) for candid in detections.candid)),
    }


def describe_astropy(path):
    table = Table.read(path, format='ascii.ecsv')
    detections = table[table['kind'] == 'detection']
    names = ['jd', 'magpsf', 'distnr', 'forceddistnr', 'forcediffimflux', 'candid', 'kind', 'procstatus']
    return {
        'rows': len(table),
        'types': {name: table[name].dtype.kind + str(table[name].dtype.itemsize) for name in names[:6]},
        'units': {name: str(table[name].unit) for name in names if table[name].unit is not None},
        'candids': str(sum(int(candid) for candid in detections['candid'])),
        'missing': {name: int(numpy.ma.getmaskarray(table[name]).sum()) for name in names},
        'brightest': float(numpy.ma.min(detections['magpsf'])),
    }


main(*sys.argv[1:])
