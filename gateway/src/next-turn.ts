/** Gives the event loop to whoever else waits for it: what takes long does so after every few milliseconds of work. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
