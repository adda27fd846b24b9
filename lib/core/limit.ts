/** Returns a function that runs tasks, at most `max` at a time, in the order in which they are given. */
export function limiter(max: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async task => {
    if (running === max) await new Promise<void>(resolve => waiting.push(resolve))
    else running++
    try {
      return await task()
    } finally {
      // The next task takes over the place of this one.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
