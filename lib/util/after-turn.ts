/** Runs an action when this turn of the event loop is over; in browsers, at the end of its task. */
export const afterTurn: (action: () => void) => unknown = globalThis.setImmediate ?? queueMicrotask;
