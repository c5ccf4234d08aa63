/** Rejects if `step` takes longer than `timeout` milliseconds. */
export async function within<T>(timeout: number, step: Promise<T>): Promise<T> {
	const { promise: timedOut, reject } = Promise.withResolvers<never>();
	const timer = setTimeout(() => reject(new Error("No answer came in time.")), timeout);
	try {
		return await Promise.race([step, timedOut]);
	} finally {
		clearTimeout(timer);
	}
}
