import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PROJECT } from './run.ts'

/** Files of lib/ in which every text that has a space is, or ends up in, a message. */
const MESSAGES_ONLY = new Set(['faults.ts', 'check.ts', 'lakecheck.ts'])
/** What makes a message: the texts in its parentheses, or in a table of reasons, are parts of one. */
const MAKES_ONE = /(?:new (?:Error|Damage|Passing|BrokenManifest)|super)\(|REASONS[^=]*= \{/g
const TEXT = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g
/** A value in a text; of one that holds a text of its own, as far as the text seems to go. */
const VALUE = /\$\{(?:[^{}]|\{[^}]*\})*\}?/

/** The constant parts of the messages in lib/ and scripts/, with the file that each is in. */
export async function messageParts(): Promise<{ file: string; part: string }[]> {
  const folders = ['lib', 'scripts'].map(async folder => {
    const names = (await readdir(join(PROJECT, folder), { recursive: true })).filter(name => name.endsWith('.ts'))
    return names.flatMap(name => partsIn(join(folder, name), MESSAGES_ONLY.has(basename(name))))
  })
  return (await Promise.all(folders)).flat()
}

function partsIn(file: string, all: boolean) {
  const code = readFileSync(join(PROJECT, file), 'utf8').replaceAll(/^\s*(\/\*\*|\*|\/\/).*$/gm, '')
  const sources = all
    ? [code]
    : [...code.matchAll(MAKES_ONE)].map(({ index, 0: { length } }) => enclosed(code, index + length))
  const texts = sources.flatMap(source => [...source.matchAll(TEXT)].map(([, ...quoted]) => quoted.join('')))
  const parts = texts.flatMap(text => text.split(VALUE)).map(part => part.trim())
  return parts.filter(part => / /.test(part)).map(part => ({ file, part: part.replaceAll("\\'", "'") }))
}

/** The code up to the bracket that closes the one before it. */
function enclosed(code: string, from: number): string {
  let depth = 1
  let at = from
  for (; depth > 0 && at < code.length; at++)
    depth += Number('({['.includes(code[at] as string)) - Number(')}]'.includes(code[at] as string))
  return code.slice(from, at)
}
