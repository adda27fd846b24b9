import { AsyncLocalStorage } from 'node:async_hooks'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import type { TestContext } from 'node:test'

/** Calls before which another operation may have its turn: those that look at names, and those that change them. */
const CALLS = ['readdir', 'stat', 'lstat', 'mkdir', 'writeFile', 'link', 'cp', 'rename', 'unlink', 'rm'] as const

type Call = (...args: unknown[]) => Promise<unknown>

/** Work that runs at the same time as others, by name. */
export type Operations = Readonly<Record<string, () => Promise<unknown>>>

/** A point at which one of several operations went on. */
interface Turn {
  /** Names of the operations that could go on: first the one that had the turn before, if it could. */
  readonly options: readonly string[]
  readonly chosen: string
  /** Whether the choice interrupted an operation. */
  readonly interrupts: boolean
}

const current = new AsyncLocalStorage<Operation>()

/** An operation that stops before each of its calls. */
class Operation {
  failure: unknown
  /** Calls that wait for their turn. There are several if the operation makes them in parallel. */
  private readonly waiting: { call: string; go: () => void }[] = []
  private stopped = () => {}

  /** What it is about to do; undefined if it has ended. */
  get next(): string | undefined {
    return this.waiting[0]?.call
  }

  /** Runs until the first call. */
  async start(work: () => Promise<unknown>): Promise<void> {
    await this.untilStopped(() => {
      const ended = (failure?: unknown) => {
        this.failure = failure
        this.stopped()
      }
      current.run(this, () => work().then(() => ended(), ended))
    })
  }

  /** Makes its next call, and runs until the one after that. */
  async advance(): Promise<void> {
    await this.untilStopped(() => this.waiting.shift()?.go())
  }

  /** Makes a call when it is the operation's turn. */
  async inTurn<T>(call: string, make: () => Promise<T>): Promise<T> {
    await new Promise<void>(resolve => {
      this.waiting.push({ call, go: resolve })
      this.stopped()
    })
    try {
      return await make()
    } finally {
      if (this.waiting.length > 0) this.stopped()
    }
  }

  private async untilStopped(run: () => void): Promise<void> {
    await new Promise<void>(resolve => {
      this.stopped = resolve
      run()
    })
  }
}

/**
 * Makes operations stop before their calls until the end of the test. Other work in this process is not affected.
 * @param shared paths that more than one operation may use. The order of calls with other paths makes no difference
 */
export function stopBeforeCalls(t: TestContext, shared: RegExp): void {
  const promises = fs.promises as unknown as Record<string, Call>
  for (const name of CALLS) {
    const original = promises[name] as Call
    promises[name] = async (...args) => {
      const paths = args.filter(arg => typeof arg === 'string' && shared.test(arg))
      const operation = paths.length > 0 ? current.getStore() : undefined
      return operation ? operation.inTurn([name, ...paths].join(' '), () => original(...args)) : original(...args)
    }
    t.after(() => {
      promises[name] = original
      syncBuiltinESMExports()
    })
  }
  syncBuiltinESMExports()
}

/**
 * Runs operations in every order in which at most `interruptions` of them are interrupted by another.
 *
 * @param prepare makes the state in which each order begins, and the operations
 * @param check called after each step, and at the end
 * @returns the number of orders
 * @throws Error with the steps of the first order in which an operation or a check fails
 */
export async function forAllOrders(
  prepare: () => Operations,
  check: (isEnd: boolean) => void,
  interruptions: number,
): Promise<number> {
  let choices: string[] | undefined = []
  let orders = 0
  for (; choices; orders++) choices = following(await runOrder(prepare(), choices, check), interruptions)
  return orders
}

/** Runs operations in the order of the choices, then without interruptions. */
async function runOrder(
  works: Operations,
  choices: readonly string[],
  check: (isEnd: boolean) => void,
): Promise<Turn[]> {
  const operations = new Map(Object.keys(works).map(name => [name, new Operation()]))
  const turns: Turn[] = []
  const steps: string[] = []
  try {
    for (const [name, operation] of operations) await operation.start(works[name] as () => Promise<unknown>)
    for (;;) {
      const turn = turnOf(operations, turns.at(-1)?.chosen, choices[turns.length])
      if (!turn) break
      const operation = operations.get(turn.chosen) as Operation
      turns.push(turn)
      steps.push(`${turn.chosen}: ${operation.next}`)
      await operation.advance()
      if (operation.failure) throw operation.failure
      check(false)
    }
    check(true)
  } catch (error) {
    throw new Error(`${(error as Error).message}\nafter these steps:\n${steps.join('\n')}`, { cause: error })
  }
  return turns
}

function turnOf(operations: ReadonlyMap<string, Operation>, last?: string, choice?: string): Turn | undefined {
  const able = [...operations].filter(([, { next }]) => next !== undefined).map(([name]) => name)
  const options = able.sort((a, b) => Number(b === last) - Number(a === last))
  const [chosen = choice] = choice ? [choice] : options
  if (chosen === undefined) return undefined
  if (!options.includes(chosen)) throw new Error(`${chosen} has ended, but had a turn here in the order before`)
  return { options, chosen, interrupts: isInterruption(options, last, chosen) }
}

/** The choices of the order after this one; undefined if this is the last. */
function following(turns: readonly Turn[], interruptions: number): string[] | undefined {
  for (let i = turns.length - 1; i >= 0; i--) {
    const { options, chosen } = turns[i] as Turn
    const before = turns.slice(0, i)
    const left = interruptions - before.filter(({ interrupts }) => interrupts).length
    const other = options
      .slice(options.indexOf(chosen) + 1)
      .find(option => left > 0 || !isInterruption(options, before.at(-1)?.chosen, option))
    if (other) return [...before.map(turn => turn.chosen), other]
  }
  return undefined
}

function isInterruption(options: readonly string[], last: string | undefined, chosen: string): boolean {
  return last !== undefined && chosen !== last && options.includes(last)
}
