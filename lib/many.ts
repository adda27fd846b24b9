/** Each may have a file open, and some systems allow a process no more than 1,024. */
const AT_ONCE = 100

/** Does something with each of many items, some at a time; returns what came of them, in their order. */
export async function mapMany<T, U>(items: readonly T[], act: (item: T) => Promise<U>): Promise<U[]> {
  const done: U[] = []
  for (let i = 0; i < items.length; i += AT_ONCE)
    done.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(act))))
  return done
}
