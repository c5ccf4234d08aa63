import { expect } from "bun:test";
import type { ServerMessage } from "../../../../lib/wire/messages/messages.ts";
import { RoomHarness } from "./room-harness.ts";
import { TestClient } from "./test-client.ts";

type Unconfirmed = Extract<ServerMessage, { type: "unconfirmed" }>;
type Step = { do: string; who: number; as?: number; id?: number };

/** A room and every client that was ever in it. */
export class RoomLife {
	readonly harness: RoomHarness;
	readonly clients: TestClient[] = [];
	/** The clients that said goodbye in this turn. */
	readonly #leaving = new Set<TestClient>();
	/** How many private messages each has confirmed. */
	readonly #confirmed = new Map<TestClient, number>();

	constructor(grace: number, newcomerEvents = 0) {
		this.harness = new RoomHarness({ maxMembers: 5, grace, awayAfter: 10_000, newcomerEvents });
	}

	/** The clients in the room, away or not. */
	get members(): TestClient[] {
		return Array.from(this.harness.members).flatMap(
			({ visit }) => this.clients.find(({ member }) => member?.visit === visit) ?? [],
		);
	}

	/** The members that are connected. */
	get present(): TestClient[] {
		return this.members.filter((client) => client.isConnected);
	}

	do({ do: what, who, as = 0, id = 0 }: Step): void {
		const { harness, members, present } = this;
		const client = present[who % present.length];
		if (what === "turn") this.turn();
		else if (what === "join") this.#join(`account${who}`, `name${as}`);
		else if (what === "wait") this.#wait(as * 1000);
		else if (what === "resume") this.#resume(members[who % members.length], as);
		else if (client === undefined) return;
		else if (what === "lose") harness.lose(client);
		else if (what === "depart") this.#depart(client);
		else if (what === "break") client.isBreaking = true;
		else if (what === "confirm") this.#confirm(client);
		else if (what === "ping") this.#ping(client);
		else if (what === "tell") this.#tell(client, [...client.met][as % client.met.size], id);
		else harness.say(client, `text ${id}`, this.#idOf(client, id));
	}

	run(steps: Step[]): void {
		for (const one of steps) this.do(one);
		this.turn();
		// Everybody comes back, and one more event brings out what the steps left wrong.
		for (const client of this.members) if (!client.isConnected) this.harness.resume(client);
		for (const client of this.present) this.harness.say(client, "the end", "the-end");
		this.turn();
		for (const client of this.members) if (!client.isConnected) this.harness.resume(client);
		this.turn();
	}

	/** A member that is connected at the end of a turn has received all its events. */
	turn(): void {
		const { present } = this;
		this.#leaving.clear();
		this.harness.turn();
		const seq = this.harness.events.length;
		for (const client of present) {
			if (client.isConnected) expect(client.seq).toBeGreaterThanOrEqual(seq);
		}
	}

	/** Everything that a client should have received between its welcome and its end. */
	due(client: TestClient): unknown[] {
		return this.harness.dueTo(client, client.toldOf("welcome")[0]?.seq ?? Number.POSITIVE_INFINITY);
	}

	/** What an author should have been told about the end of a reader, if anything. */
	unconfirmed(author: TestClient, reader: TestClient): Unconfirmed[] {
		const { member, name } = reader;
		if (!member?.isGone || reader === author) return [];
		const { visit } = member;
		const ofReader = this.harness.privateParties.filter((parties) => parties.includes(visit));
		const open = ofReader.slice(this.#confirmed.get(reader) ?? 0);
		const count = open.filter(([from]) => from === author.member?.visit).length;
		return count > 0 ? [{ type: "unconfirmed", name, visit, count }] : [];
	}

	#join(account: string, name: string): void {
		const client = new TestClient(this.harness, name, account);
		this.clients.push(client);
		this.harness.room.applications.join(client, client.link);
	}

	#wait(milliseconds: number): void {
		this.harness.now += milliseconds;
		this.harness.room.tick();
	}

	/**
	 * With the token used last, or the newest. May happen while the server still takes the old connection for a live one.
	 * A client says in its resume what it has said in a ping before, or would have.
	 */
	#resume(client: TestClient | undefined, as: number): void {
		if (!client?.token) return;
		this.#ping(client);
		this.harness.resume(client, { token: client.tokens.at(as === 0 ? 0 : -1) });
	}

	#depart(client: TestClient): void {
		this.#leaving.add(client);
		this.harness.depart(client);
	}

	/** Only a client that has received "welcome" or "resumed" sends anything. */
	#confirm(client: TestClient): void {
		if (client.token) this.harness.confirmToken(client);
	}

	#ping(client: TestClient): void {
		// What happened before it in this turn comes before it.
		this.harness.room.flush();
		if (!client.token || client.member?.isGone) return;
		this.harness.confirmPrivate(client);
		this.#confirmed.set(client, client.privateCount);
	}

	/** No client says goodbye and then something else. */
	#tell(client: TestClient, to: [visit: string, name: string] | undefined, id: number): void {
		if (!to || this.#leaving.has(client)) return;
		const [visit, name] = to;
		// What happened before it in this turn comes before it.
		this.harness.room.flush();
		const reader = this.clients.find(({ member }) => member?.visit === visit)?.member;
		const wasGone = reader?.isGone;
		const { length: before } = this.harness.privateParties;
		const ownId = this.#idOf(client, id);
		this.harness.tell(client, name, `text ${id}`, { id: ownId, visit });
		const [parties] = this.harness.privateParties.slice(before);
		if (parties) {
			expect([wasGone, parties[0] === client.member?.visit, parties[1] === reader?.visit]).toEqual([
				...[false, true, true],
			]);
		} else if (client.isConnected) {
			const refused = client.toldOf("refused").at(-1);
			expect(refused?.id).toBe(ownId);
			if (refused?.code === "already_said") return;
			const isTaken = this.members.some((member) => member.name === name);
			expect(refused?.text).toContain(isTaken ? "whom you meant has left" : "Nobody here");
			expect([refused?.code, reader?.isGone]).toEqual(["no_such_member", true]);
		}
	}

	/** A new visit uses new ids, even under the same name: a real client's ids are random. */
	#idOf(client: TestClient, id: number): string {
		return `${this.clients.indexOf(client)}-${id}`;
	}
}
