import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { HEALPIX_ORDER, pixelOf, pixelsInCone } from '../../lib/sky/healpix.ts'
import { parseDec, parseRa, separation } from '../../lib/sky/position.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { anywhere, pointInCone, randomCone } from '../support/cones.ts'
import { temporaryFolder } from '../support/folder.ts'
import { runPython } from '../support/python.ts'

/** What test/python/sky.py prints. */
interface Answers {
  readonly pixels: readonly number[]
  readonly cones: readonly (readonly number[])[]
  /** In arcsec. */
  readonly separations: readonly number[]
  readonly degrees: readonly (readonly [ra: number, dec: number])[]
}

const random = new Random(2718)
const positions = times(100_000, () => anywhere(random))
const cones = times(2000, () => randomCone(random))
const pairs = cones.map(cone => [cone, random.chance(0.5) ? pointInCone(random, cone) : anywhere(random)] as const)
const texts = times(1000, randomTexts)

test('pixels, cones, separations and positions are those of cdshealpix and astropy', async t => {
  const questions = join(await temporaryFolder(t), 'questions.json')
  const asked = {
    order: HEALPIX_ORDER,
    positions: positions.map(({ ra, dec }) => [ra, dec]),
    cones: cones.map(({ ra, dec, radius }) => [ra, dec, radius]),
    pairs: pairs.map(([a, b]) => [
      [a.ra, a.dec],
      [b.ra, b.dec],
    ]),
    texts,
  }
  await writeFile(questions, JSON.stringify(asked))
  const answers = (await runPython('sky.py', questions)) as Answers

  await t.test('each position has the same pixel', () => {
    assert.deepEqual(
      positions.map(({ ra, dec }) => pixelOf(ra, dec)),
      answers.pixels,
    )
  })

  await t.test('each cone has all pixels that cdshealpix finds', () => {
    for (const [i, { ra, dec, radius }] of cones.entries()) {
      const found = new Set(pixelsInCone(ra, dec, radius))
      const missing = answers.cones[i]?.filter(pixel => !found.has(pixel))
      assert.deepEqual(missing, [], `${ra} ${dec}, ${radius} arcsec`)
    }
  })

  await t.test('separations are equal to a nano-arcsecond', () => {
    for (const [i, [a, b]] of pairs.entries()) assertClose(separation(a, b), answers.separations[i], 1e-9)
  })

  await t.test('sexagesimal positions have the same degrees', () => {
    for (const [i, [ra, dec]] of texts.entries()) {
      assertClose(parseRa(ra, 'RA'), answers.degrees[i]?.[0], 1e-12)
      assertClose(parseDec(dec, 'DEC'), answers.degrees[i]?.[1], 1e-12)
    }
  })
})

function assertClose(actual: number, expected: number | undefined, tolerance: number): void {
  assert.ok(Math.abs(actual - (expected ?? Number.NaN)) <= tolerance, `${actual}: expected ${expected}`)
}

/** A position as hours and degrees in one of three notations. */
function randomTexts(): [ra: string, dec: string] {
  const marks = random.pick(['hms', ':: ', '   '])
  const rest = () => [random.int(0, 59), random.int(0, 59) + random.int(0, 999) / 1000]
  const join = (numbers: readonly number[], marks: string) =>
    numbers
      .map((n, i) => `${n}${marks[i]}`)
      .join('')
      .trim()
  const ra = join([random.int(0, 23), ...rest()], marks)
  return [ra, random.pick(['', '+', '-']) + join([random.int(0, 89), ...rest()], marks.replace('h', 'd'))]
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}
