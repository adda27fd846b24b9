// The fields of ZTF alerts from all schema versions, in the order of the newest version.
// They are all nullable in the lake, because not every schema version has every field.

export type Scalar = 'string' | 'bytes' | 'int' | 'long' | 'float' | 'double'
export type RecordName = 'alert' | 'candidate' | 'prv_candidate' | 'fp_hist' | 'cutout'

export type FieldType = Scalar | { record: RecordName } | { array: RecordName }

export interface Field {
  readonly name: string
  readonly type: FieldType
  /** First schema version with the field. The version is that of the packet's header, from which `schemavsn` can differ. */
  readonly since: string
  /** Empty if the field has no unit. */
  readonly unit: string
  readonly description: string
}

type Row = readonly [name: string, type: FieldType, unit: string, description: string]

const NEAREST = { 1: 'nearest', 2: 'second nearest', 3: 'third nearest' }

const DETECTION = since('1.8', [
  ['jd', 'double', 'day (JD)', 'Start of the exposure'],
  ['fid', 'int', '', 'Filter: 1 is g, 2 is r, 3 is i'],
  ['pid', 'long', '', 'Id of the science image in the archive'],
  ['diffmaglim', 'float', 'mag', '5-sigma limiting magnitude of the difference image'],
  ['pdiffimfilename', 'string', '', 'File name of the science-minus-reference image; some rows have the full path'],
  ['programpi', 'string', '', 'Principal investigator of the observing program'],
  ['programid', 'int', '', 'Program of the exposure: 1 public, 2 partnership, 3 Caltech'],
  ['candid', 'long', '', 'Id of the detection; exceeds 2^53, so never a double'],
  ['isdiffpos', 'string', '', '"t" or "1" if brighter than the reference, "f" or "0" if fainter'],
  ['tblid', 'long', '', 'Row of the detection in the extraction table of the pipeline'],
  ['nid', 'int', '', 'Night number: days since 2017-01-01 UTC'],
  ['rcid', 'int', '', 'Readout channel, 0 to 63: a quadrant of one of the 16 CCDs'],
  ['field', 'int', '', 'Number of the pointing on the fixed ZTF sky grid'],
  ['xpos', 'float', 'px', 'Position along x in the image'],
  ['ypos', 'float', 'px', 'Position along y in the image'],
  ['ra', 'double', 'deg', 'Right ascension, J2000'],
  ['dec', 'double', 'deg', 'Declination, J2000'],
  ['magpsf', 'float', 'mag', 'PSF-fit magnitude of the change in flux; isdiffpos gives its sign'],
  ['sigmapsf', 'float', 'mag', 'Error of magpsf, 1 sigma'],
  ['chipsf', 'float', '', 'Chi-square of the PSF fit per degree of freedom'],
  ['magap', 'float', 'mag', 'Magnitude within an aperture 14 px across'],
  ['sigmagap', 'float', 'mag', 'Error of magap, 1 sigma'],
  ['distnr', 'float', 'px', 'Separation from the nearest source of the reference image'],
  ['magnr', 'float', 'mag', 'Magnitude of that reference source'],
  ['sigmagnr', 'float', 'mag', 'Error of magnr, 1 sigma'],
  ['chinr', 'float', '', 'DAOPHOT chi of that reference source: quality of the PSF fit'],
  ['sharpnr', 'float', '', 'DAOPHOT sharpness of that reference source: near 0 for a point source'],
  ['sky', 'float', 'DN', 'Background around the detection'],
  ['magdiff', 'float', 'mag', 'magap minus magpsf'],
  ['fwhm', 'float', 'px', 'Full width at half maximum of the detection, assuming a Gaussian core, from SExtractor'],
  ['classtar', 'float', '', 'SExtractor star score: 0 is extended, 1 is point-like'],
  ['mindtoedge', 'float', 'px', 'Distance to the nearest edge of the image'],
  ['magfromlim', 'float', 'mag', 'diffmaglim minus magap'],
  ['seeratio', 'float', '', 'Typical width of a point source in the difference image, divided by fwhm'],
  ['aimage', 'float', 'px', 'Semi-major axis of the light profile (windowed RMS), from SExtractor'],
  ['bimage', 'float', 'px', 'Semi-minor axis of the light profile (windowed RMS), from SExtractor'],
  ['aimagerat', 'float', '', 'aimage divided by fwhm'],
  ['bimagerat', 'float', '', 'bimage divided by fwhm'],
  ['elong', 'float', '', 'aimage divided by bimage: 1 is round'],
  ['nneg', 'int', '', 'Negative pixels among the 5 x 5 around the detection'],
  ['nbad', 'int', '', 'Pixels already flagged bad among the 5 x 5 around the detection'],
  ['rb', 'float', '', 'Real-bogus score of the first classifier: 0 is bogus, 1 is real'],
  ['ssdistnr', 'float', 'arcsec', 'Separation from the nearest known solar system object, within 30 arcsec'],
  ['ssmagnr', 'float', 'mag', 'Predicted magnitude of that solar system object, mostly in V'],
  ['ssnamenr', 'string', '', 'Name of that solar system object; in candidate the string "null" if none'],
  ['sumrat', 'float', '', 'Sum of the 5 x 5 filtered pixels, divided by the sum of their absolute values'],
  ['magapbig', 'float', 'mag', 'Magnitude within an aperture 18 px across'],
  ['sigmagapbig', 'float', 'mag', 'Error of magapbig, 1 sigma'],
  ['ranr', 'double', 'deg', 'Right ascension of the nearest reference source, J2000'],
  ['decnr', 'double', 'deg', 'Declination of the nearest reference source, J2000'],
])

const CANDIDATE = [
  ...DETECTION,
  ...since('1.8', [
    ...ps1Photometry(1),
    ['ndethist', 'int', '', 'Detections within 1.5 arcsec in this field and channel, over the whole survey'],
    ['ncovhist', 'int', '', 'Times this position was imaged, in any field and channel, over the whole survey'],
    ['jdstarthist', 'double', 'day (JD)', 'Earliest of the ndethist detections'],
    ['jdendhist', 'double', 'day (JD)', 'Latest of the ndethist detections'],
    ['scorr', 'double', '', 'Signal to noise at the peak of the match-filtered difference image'],
    ['tooflag', 'int', '', '1 if the exposure was a target of opportunity, else 0'],
    ps1Id(1),
    ps1Id(2),
    ...ps1Photometry(2),
    ps1Id(3),
    ...ps1Photometry(3),
    ['nmtchps', 'int', '', 'PS1 sources within 30 arcsec'],
    ['rfid', 'long', '', 'Id of the reference image in the archive'],
    ['jdstartref', 'double', 'day (JD)', 'Earliest exposure in the reference image'],
    ['jdendref', 'double', 'day (JD)', 'Latest exposure in the reference image'],
    ['nframesref', 'int', '', 'Exposures stacked into the reference image'],
  ]),
  ...since('3.0', [
    ['rbversion', 'string', '', 'Version of the classifier behind rb'],
    ['dsnrms', 'float', '', 'Difference image at the detection, divided by its standard deviation'],
    ['ssnrms', 'float', '', 'Same as dsnrms, after convolving the difference image with its PSF'],
    ['dsdiff', 'float', '', 'dsnrms minus ssnrms'],
    ['magzpsci', 'float', 'mag', 'Zero point of the photometry'],
    ['magzpsciunc', 'float', 'mag', 'Error of magzpsci'],
    ['magzpscirms', 'float', 'mag', 'Scatter of the calibrator stars about the calibration (RMS)'],
    ['nmatches', 'int', '', 'PS1 stars used to calibrate the science image'],
    ['clrcoeff', 'float', '', 'Slope of the calibration with color'],
    ['clrcounc', 'float', '', 'Error of clrcoeff'],
    ['zpclrcov', 'float', 'mag^2', 'Covariance of magzpsci and clrcoeff'],
    ['zpmed', 'float', 'mag', 'Zero point as the median over the calibrator stars'],
    ['clrmed', 'float', 'mag', 'Median PS1 color of the calibrators: g-r if fid is 1 or 2, r-i if 3'],
    ['clrrms', 'float', 'mag', 'Scatter of the PS1 color of the calibrators (RMS)'],
    ['neargaia', 'float', 'arcsec', 'Separation from the nearest Gaia DR1 source; -999 if none within 90 arcsec'],
    ['neargaiabright', 'float', 'arcsec', 'Same as neargaia, among sources brighter than magnitude 14'],
    ['maggaia', 'float', 'mag', 'G magnitude of the source of neargaia'],
    ['maggaiabright', 'float', 'mag', 'G magnitude of the source of neargaiabright'],
  ]),
  ...since('3.1', [['exptime', 'float', 's', 'Exposure time']]),
  ...since('3.3', [
    ['drb', 'float', '', 'Real-bogus score of the deep-learning classifier: 0 is bogus, 1 is real'],
    ['drbversion', 'string', '', 'Version of the classifier behind drb'],
  ]),
]

/** Fields of each record, in the order of the lake's columns. */
export const RECORDS: Readonly<Record<RecordName, readonly Field[]>> = {
  alert: [
    ...since('3.0', [
      ['schemavsn', 'string', '', 'Schema version stated in the alert; can differ from that of its header'],
      ['publisher', 'string', '', 'Origin of the alert'],
    ]),
    ...since('1.8', [
      ['objectId', 'string', '', 'Name of the object, e.g. ZTF18aaxcyzb: the same for all detections at a position'],
      ['candid', 'long', '', 'Id of the alert, equal to candidate.candid; exceeds 2^53, so never a double'],
      ['candidate', { record: 'candidate' }, '', 'The detection that raised the alert'],
      ['prv_candidates', { array: 'prv_candidate' }, '', 'Earlier visits, oldest first; null rather than empty'],
    ]),
    ...since('4.01', [['fp_hists', { array: 'fp_hist' }, '', 'Forced photometry at the position in earlier images']]),
    ...since('1.8', [
      ['cutoutScience', { record: 'cutout' }, '', 'Stamp of the new image'],
      ['cutoutTemplate', { record: 'cutout' }, '', 'Stamp of the reference image'],
      ['cutoutDifference', { record: 'cutout' }, '', 'Stamp of the difference image'],
    ]),
  ],
  candidate: CANDIDATE,
  prv_candidate: [
    ...DETECTION,
    ...shared('1.8', 'scorr'),
    ...shared('3.3', 'magzpsci magzpsciunc magzpscirms clrcoeff clrcounc'),
    ...shared('3.0', 'rbversion'),
  ],
  fp_hist: [
    ...shared('4.01', 'field rcid fid pid rfid'),
    ...since('4.01', [
      ['sciinpseeing', 'float', 'px', 'Full width at half maximum of a point source in the science image'],
      ['scibckgnd', 'float', 'DN', 'Background of the science image'],
      ['scisigpix', 'float', 'DN', 'Noise per pixel of the science image, robust to outliers'],
    ]),
    ...shared('4.01', 'magzpsci magzpsciunc magzpscirms clrcoeff clrcounc exptime'),
    ...since('4.01', [
      ['adpctdif1', 'float', 'arcsec', 'Scatter in right ascension of the science image against Gaia DR1 (RMS)'],
      ['adpctdif2', 'float', 'arcsec', 'Scatter in declination of the science image against Gaia DR1 (RMS)'],
    ]),
    ...shared('4.01', 'diffmaglim programid jd'),
    ...since('4.01', [
      ['forcediffimflux', 'float', 'DN', 'Signed PSF-fit flux at the position in the difference image'],
      ['forcediffimfluxunc', 'float', 'DN', 'Error of forcediffimflux, 1 sigma'],
      ['procstatus', 'string', '', 'Error codes of the measurement; "0" if none'],
    ]),
    ...shared('4.01', 'distnr', { unit: 'arcsec' }),
    ...shared('4.01', 'ranr decnr magnr sigmagnr chinr sharpnr'),
  ],
  cutout: since('1.8', [
    ['fileName', 'string', '', 'File name that the pipeline gave the stamp'],
    ['stampData', 'bytes', '', 'FITS image, gzipped; usually 63 x 63 px'],
  ]),
}

function since(version: string, rows: readonly Row[]): Field[] {
  return rows.map(([name, type, unit, description]) => ({ name, type, since: version, unit, description }))
}

/** Copies fields from `candidate` for another record that has had them since schema version `version`. */
function shared(version: string, names: string, changes: Partial<Field> = {}): Field[] {
  return names.split(' ').map(name => {
    const field = CANDIDATE.find(field => field.name === name)
    if (!field) throw new Error(`candidate has no field ${name}`)
    return { ...field, since: version, ...changes }
  })
}

function ps1Id(n: keyof typeof NEAREST): Row {
  return [`objectidps${n}`, 'long', '', `Id of the ${NEAREST[n]} PS1 source; exceeds 2^53; -999 if none`]
}

function ps1Photometry(n: keyof typeof NEAREST): Row[] {
  const source = `the ${NEAREST[n]} PS1 source`
  return [
    [`sgmag${n}`, 'float', 'mag', `PSF magnitude in g of ${source}; -999 if none`],
    [`srmag${n}`, 'float', 'mag', `PSF magnitude in r of ${source}; -999 if none`],
    [`simag${n}`, 'float', 'mag', `PSF magnitude in i of ${source}; -999 if none`],
    [`szmag${n}`, 'float', 'mag', `PSF magnitude in z of ${source}; -999 if none`],
    [`sgscore${n}`, 'float', '', `Star score of ${source}: 0 is a galaxy, 1 is a star; -999 if none`],
    [`distpsnr${n}`, 'float', 'arcsec', `Separation from ${source}; -999 if none within 30 arcsec`],
  ]
}
