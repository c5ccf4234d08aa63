/** A time of day, with its date if that is not today's. Both are in milliseconds since 1970. */
export function shownTime(at: number, now: number): string {
	const when = new Date(at);
	const time = when.toTimeString().slice(0, 5);
	if (when.toDateString() === new Date(now).toDateString()) return time;
	return `${time} on ${when.toLocaleDateString(undefined, { dateStyle: "medium" })}`;
}
