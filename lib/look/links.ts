import type { ObjectData } from './find.ts'

/** Radius of the searches at the object's position, in arcsec. */
const RADIUS = 5

/** Pages about the object or its position, by name of the service. */
export function links({ objectId, candidate: { ra, dec } }: ObjectData): Record<string, string> {
  const name = encodeURIComponent(objectId)
  const brokers = {
    ALeRCE: `https://alerce.online/object/${name}`,
    Fink: `https://ztf.fink-portal.org/${name}`,
    Lasair: `https://lasair-ztf.lsst.ac.uk/objects/${name}/`,
  }
  if (typeof ra !== 'number' || typeof dec !== 'number') return brokers
  const position = `${ra}%20${dec}`
  const signed = `ra=${ra}d&dec=${dec < 0 ? '' : '%2B'}${dec}d`
  const inNed = `search_type=Near%20Position%20Search&in_csys=Equatorial&in_equinox=J2000.0&${signed}&radius=${(RADIUS / 60).toFixed(3)}`
  return {
    ...brokers,
    TNS: `https://www.wis-tns.org/search?ra=${ra}&decl=${dec}&radius=${RADIUS}&coords_unit=arcsec`,
    NED: `https://ned.ipac.caltech.edu/conesearch?${inNed}`,
    SIMBAD: `https://simbad.cds.unistra.fr/simbad/sim-coo?Coord=${position}&Radius=${RADIUS}&Radius.unit=arcsec`,
    'Pan-STARRS': `https://ps1images.stsci.edu/cgi-bin/ps1cutouts?pos=${position}&filter=color`,
    'Aladin Lite': `https://aladin.cds.unistra.fr/AladinLite/?target=${position}&fov=0.05&survey=CDS%2FP%2FPanSTARRS%2FDR1%2Fcolor-z-zg-g`,
  }
}
