import { ChatError, ProtocolError } from "../../util/errors.ts";
import { Channel } from "../../wire/channel.ts";
import { Fernet } from "../../wire/fernet.ts";
import { clearError, readHello } from "../../wire/hello.ts";
import {
	type ClientMessage,
	idField,
	readClientMessage,
	type ServerMessage,
} from "../../wire/messages.ts";
import { BadField } from "../../wire/schema.ts";
import { sessionLine } from "../../wire/server-line.ts";
import { Bucket } from "../limits/rate-limiter.ts";
import type { Member } from "../room/member.ts";
import type { House, Line } from "./context.ts";
import { obey } from "./dispatch.ts";
import { Admission, type Applicant } from "./login.ts";

type State = "hello" | "key" | "login" | "checking" | "member" | "gone";

/** What each state with a deadline waits for. */
const AWAITED: Partial<Record<State, string>> = {
	hello: "hello line",
	key: "key file",
	login: "login",
};

/** One connection's life: hello, key, login, member, gone. It is how its member is told things. */
export class Session implements Applicant {
	readonly #line: Line;
	readonly #house: House;
	#state: State = "hello";
	/** When the present state must have ended, milliseconds since 1970; Infinity once verified. */
	#deadline: number;
	#id: string | undefined;
	/** The first token, if it came before its key was found. */
	#early: string | undefined;
	#channel: Channel<ClientMessage, ServerMessage> | undefined;
	#member: Member | undefined;
	/** While there is something to be decided. */
	#admission: Admission | undefined;
	#pace: Bucket;
	#heardAt: number;

	constructor(line: Line, house: House) {
		const { limits, now } = house;
		this.#line = line;
		this.#house = house;
		this.#deadline = now() + limits.helloTime * 1000;
		this.#heardAt = now();
		this.#pace = new Bucket(limits.messageRate, limits.messageBurst, now());
	}

	/** One line from the client. Throws ChatError on any breach of the wire: see `guard`. */
	hear(line: string): void {
		this.#heardAt = this.#house.now();
		this.#pace.take();
		switch (this.#state) {
			case "hello":
				return this.#hello(line);
			case "key":
				return this.#holdBack(line);
			case "login":
				return this.#first(line);
			case "checking":
				throw new ProtocolError("too_early", "wait for the answer to the login");
			case "member":
				return this.#obey(line);
			case "gone":
				return;
		}
	}

	get address(): string {
		return this.#line.address;
	}

	get isStranger(): boolean {
		return this.#state in AWAITED;
	}

	/** Silence that is our own doing, because we do not listen, is no sign of a break. */
	excuse(now: number): void {
		this.#heardAt = now;
	}

	/** Whether more was heard than the member may say for now: what comes next has to wait. */
	isAhead(now: number): boolean {
		return this.#pace.isOverdrawn(now);
	}

	/** Runs what a peer has caused, so that a breach costs the peer its connection and nobody else. */
	guard(action: () => void): void {
		try {
			action();
		} catch (error) {
			if (error instanceof ChatError) return this.end(error.code, error.message);
			this.#house.journal.record({ event: "fault", text: `a session failed: ${error}` });
			this.end("server_fault", "the server failed at this; what you sent was not at fault");
		}
	}

	/** Call now and then: ends a session whose deadline has passed, or that is silent for too long. */
	tick(now: number): void {
		const silence = now - this.#heardAt;
		if (now >= this.#deadline) this.end("too_late", `no ${AWAITED[this.#state]} came in time`);
		else if (this.#state === "member" && silence >= this.#house.limits.idleTime * 1000) {
			this.end("silent", "nothing was heard from you; a client sends a ping now and then");
		}
	}

	/** Says why, in the most private way there is by now, and hangs up. */
	end(code: string, text: string): void {
		if (this.#state === "gone") return;
		const lastWord = this.#channel
			? sessionLine(this.#channel.seal({ type: "closing", code, text }))
			: Buffer.from(`${clearError(code, text)}\n`, "latin1");
		if (!this.#member) this.#record("dropped", code, text);
		this.closed(code);
		this.#line.finish(lastWord);
	}

	/** The connection is no more, and its key with it. Its member may come back by another. */
	closed(code = "broken"): void {
		if (this.#state === "gone") return;
		this.#state = "gone";
		if (this.#member) this.#house.room.lose(this.#member, this, code);
		if (this.#id === undefined) return;
		this.#house.keyPoll.stop(this.#id);
		this.#house.sessions.delete(this.#id);
		try {
			this.#house.keys.remove(this.#id);
		} catch (error) {
			const text = `a session key could not be removed: ${error}`;
			this.#house.journal.record({ event: "warning", text });
		}
	}

	#hello(line: string): void {
		const { id, key } = readHello(line);
		if (key !== undefined && !this.#line.isEncrypted) {
			const sentence = "a key was sent in clear; never use it again, put it into the keys folder";
			throw new ProtocolError("key_in_clear", sentence);
		}
		if (this.#house.sessions.has(id)) {
			throw new ProtocolError("session_in_use", "this session id serves another connection");
		}
		// Before the id is ours: what is found under it is not, and must outlive this connection.
		if (key !== undefined) this.#keep(id, key);
		this.#id = id;
		this.#house.sessions.add(id);
		this.#await("key", this.#house.limits.keyTime);
		this.#house.keyPoll.wait(id, (found) => {
			this.guard(() => {
				if ("error" in found) throw found.error;
				this.#unlock(found.key);
			});
		});
	}

	/** The key of somebody who shares no folder with us. Throws InvalidKey for one that is none. */
	#keep(id: string, key: string): void {
		new Fernet(key);
		try {
			this.#house.keys.publish(id, key);
		} catch (error) {
			// Why is our business: it names our files.
			const text = `a session key was not kept: ${error}`;
			this.#house.journal.record({ event: "warning", text });
			throw new ProtocolError("server_fault", "the server could not keep the key");
		}
	}

	/** A client need not wait for its key to be found before it logs in; more than that is too much. */
	#holdBack(line: string): void {
		if (this.#early !== undefined) {
			throw new ProtocolError("too_early", "wait for the answer to the login");
		}
		this.#early = line;
	}

	#unlock(key: string): void {
		this.#channel = new Channel(key, readClientMessage);
		this.#admission = new Admission(this.#house, this);
		this.#await("login", this.#house.limits.loginTime);
		const early = this.#early;
		this.#early = undefined;
		if (early !== undefined) this.#first(early);
	}

	#first(token: string): void {
		const message = this.#open(token);
		if (message) this.#admission?.hear(message, Fernet.issuedAt(token));
	}

	/** The login is being checked, which has deadlines of its own; true for as long as it is. */
	wait(): () => boolean {
		this.#state = "checking";
		this.#deadline = Number.POSITIVE_INFINITY;
		return () => this.#state === "checking";
	}

	admit(member: Member): void {
		this.#state = "member";
		this.#deadline = Number.POSITIVE_INFINITY;
		this.#member = member;
		this.#admission = undefined;
		// A member's pace goes on where it was: coming back must not bring a fresh burst.
		member.pace ??= this.#pace;
		this.#pace = member.pace;
		this.#line.allow(this.#house.limits.messageLine);
	}

	#obey(token: string): void {
		const message = this.#open(token);
		if (!message || !this.#member) return;
		this.#house.room.confirm(this.#member);
		obey(this.#house, this.#member, message);
	}

	/** The message in a token, or null for one whose sender was told which field is wrong. */
	#open(token: string): ClientMessage | null {
		try {
			return this.#channel?.open(token) ?? null;
		} catch (error) {
			if (!(error instanceof BadField)) throw error;
			if (!this.#member) this.deny(error.code, error.message);
			else this.#refuse(error);
			return null;
		}
	}

	/** Names the message, where that can be told, so that its sender knows which was not done. */
	#refuse({ code, message, id }: BadField): void {
		const refused = { type: "refused" as const, code, text: message };
		this.tell(idField.is(id) ? { ...refused, id } : refused);
	}

	#await(state: State, seconds: number): void {
		this.#state = state;
		this.#deadline = this.#house.now() + seconds * 1000;
	}

	deny(code: string, text: string): void {
		this.#record("refused", code, text);
		this.answer({ type: "denied", code, text });
	}

	/** All that this connection was for. */
	answer(message: ServerMessage): void {
		const answer = this.#channel?.seal(message);
		this.closed();
		if (answer !== undefined) this.#line.finish(sessionLine(answer));
	}

	/** Tells the owner of somebody who does not become a member. */
	#record(event: "refused" | "dropped", code: string, text: string): void {
		const { address } = this.#line;
		this.#house.journal.record({ event, ...this.#admission?.who, address, code, text });
	}

	deliver(bytes: Buffer): void {
		this.#line.send(bytes);
	}

	dismiss(code: string, text: string): void {
		this.end(code, text);
	}

	tell(message: ServerMessage): void {
		if (this.#channel) this.#line.send(sessionLine(this.#channel.seal(message)));
	}
}
