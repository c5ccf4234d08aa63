/** Milliseconds after which the user's keys and the browser's drawing have their turn. */
const MAX_TURN = 8;

const { port1, port2 } = new MessageChannel();
let next = Promise.withResolvers<void>();
port1.onmessage = () => {
	next.resolve();
	next = Promise.withResolvers();
};
let began = performance.now();

/** Resolves at once, or after what else the browser has to do, if this turn has been long. */
export async function giveTurn(): Promise<void> {
	if (performance.now() - began < MAX_TURN) return;
	port2.postMessage(null);
	await next.promise;
	began = performance.now();
}
