import { RoomHarness, type RoomHarnessOptions } from "./room-harness.ts";
import { TestClient } from "./test-client.ts";

export const GRACE = 120_000;
export const AWAY_AFTER = 15_000;

/** Ann, Bob and Carol in a room that waits for members whose connection breaks. */
export function trio(options: RoomHarnessOptions = {}): {
	harness: RoomHarness;
	ann: TestClient;
	bob: TestClient;
	carol: TestClient;
} {
	const full = { grace: GRACE, awayAfter: AWAY_AFTER, ...options };
	const { harness, clients } = RoomHarness.with(full, "ann", "bob", "carol");
	const [ann, bob, carol] = clients as [TestClient, TestClient, TestClient];
	return { harness, ann, bob, carol };
}

/** What a client was told, publicly and privately. */
export const textsIn = (client: TestClient): string[] =>
	client.heard.flatMap((one) => ("text" in one ? [one.text] : []));
/** The events that name a member: joins, leaves and the like. */
export const movesIn = (client: TestClient): string[][] =>
	client.events.flatMap((one) => ("name" in one && one.name ? [[one.type, one.name]] : []));
/** Whether the room would give a name to somebody else. */
export const isFree = (harness: RoomHarness, name: string): boolean =>
	harness.admissionError(new TestClient(harness, name, "stranger")) === null;
