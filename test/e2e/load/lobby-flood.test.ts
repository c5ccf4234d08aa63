import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { Guest } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";

// Strangers from a few networks connect faster than anybody can log in: the rest get in all the same.

const PLACES = 24;
const MEMBERS = 60;
const FLAGS = ["--max-members", MEMBERS, "--max-strangers", PLACES, "--max-per-address", 12];
const GUESTS = 9;

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.open(...FLAGS.map(String));
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Silent connections; another one replaces each that was told to go. */
class Flood implements AsyncDisposable {
	/** How many were told to go, or cut. */
	gone = 0;
	readonly #sockets = new Set<Socket>();

	/** With `stay`, they keep their own side open for as long as the server lets them. */
	constructor(
		ips: readonly string[],
		count: number,
		readonly stay: boolean,
	) {
		for (const ip of ips) for (let i = 0; i < count; i++) this.#open(ip);
	}

	#open(localAddress: string): void {
		const { port } = stage;
		const place = { port, host: "127.0.0.1", localAddress };
		const socket = connect({ ...place, allowHalfOpen: this.stay });
		this.#sockets.add(socket);
		let isReplaced = false;
		const replace = () => {
			if (isReplaced || !this.#sockets.has(socket)) return;
			isReplaced = true;
			this.gone++;
			this.#open(localAddress);
		};
		socket.on("end", replace);
		socket.on("close", () => {
			replace();
			this.#sockets.delete(socket);
		});
		socket.on("error", () => {});
		socket.resume();
	}

	/** Waits until `count` more were told to go. */
	async waitForTurnover(count: number): Promise<void> {
		const before = this.gone;
		await eventually(`${count} more gone`, () => this.gone >= before + count);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const sockets = [...this.#sockets];
		this.#sockets.clear();
		for (const socket of sockets) socket.destroy();
	}
}

const ipsOf = (count: number): string[] =>
	Array.from({ length: count }, (_, i) => `127.0.0.${i + 2}`);

const FLOODS: [how: string, networks: number, each: number, stay: boolean][] = [
	["silent ones from 4 networks", 4, 10, false],
	["half-open ones from 10 networks", 10, 10, true],
	["half-open ones from 3 networks", 3, 30, true],
];
test.each(FLOODS)(`${GUESTS} of ${GUESTS} get in that take their time: %s`, async (...how) => {
	const [, networks, each, stay] = how;
	await using flood = new Flood(ipsOf(networks), each, stay);
	await flood.waitForTurnover(PLACES);
	const guests = Array.from({ length: GUESTS }, (_, i) => {
		return stage.tidy(new Guest(stage, `n${networks}x${i}`, `127.0.1.${i + 1}`));
	});
	// Meanwhile each place in the lobby changes hands more than once.
	await flood.waitForTurnover(2 * PLACES);
	for (const guest of guests) {
		guest.send({
			...{ type: "login", name: guest.name, email: addressOf(guest.name) },
			password: PASSWORD,
		});
	}
	await Promise.all(guests.map((guest) => guest.waitFor("welcome")));
	expect(guests.flatMap(({ faults }) => faults)).toEqual([]);
	// Nor do they keep out a member who comes back.
	const [ann] = guests;
	if (!ann) throw new Error("there is a first one");
	ann.cut();
	stage.tidy(await Guest.resume(stage, ann));
});
