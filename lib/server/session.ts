import { Channel, CLIENT_LINE, clearError, readHello, sessionLine } from "../wire/channel.ts";
import { ChatError, ProtocolError } from "../wire/errors.ts";
import { Fernet } from "../wire/fernet.ts";
import type { KeyFolder } from "../wire/keys.ts";
import {
	BadField,
	type ClientMessage,
	type Login,
	readClientMessage,
	type ServerMessage,
} from "../wire/messages.ts";
import { canonicalAccount, type Gmail } from "./gmail.ts";
import type { KeyPoll } from "./keypoll.ts";
import type { Limits } from "./limits.ts";
import type { Member, Room } from "./room.ts";

/** What a session needs of its connection. */
export interface Line {
	send(bytes: Buffer): void;
	/** Raises or lowers what one line may hold. */
	allow(bytes: number): void;
	/** A last word, then the end of the connection. Whatever comes afterwards is not heard. */
	finish(lastWord: Buffer): void;
}

/** What all sessions share. */
export interface House {
	readonly room: Room;
	readonly gmail: Gmail;
	readonly keys: KeyFolder;
	readonly keyPoll: KeyPoll;
	readonly limits: Limits;
	/** The session ids that are connected: each serves one connection. */
	readonly sessions: Set<string>;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** For the owner: something here, not a peer, is at fault. */
	readonly warn: (sentence: string) => void;
}

/** Seconds by which a first token's time and ours may differ, either way. */
const FRESH = 60;

type State = "hello" | "key" | "login" | "checking" | "member" | "gone";

/** What each state with a deadline waits for. */
const AWAITED: Partial<Record<State, string>> = {
	hello: "hello line",
	key: "key file",
	login: "login",
};

/** One connection's life: hello, key, login, member, gone. */
export class Session {
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

	constructor(line: Line, house: House) {
		this.#line = line;
		this.#house = house;
		this.#deadline = house.now() + house.limits.helloTime;
	}

	/** One line from the client. Ends the connection, with a reason, on any breach of the wire. */
	hear(line: string): void {
		this.guard(() => {
			switch (this.#state) {
				case "hello":
					return this.#hello(line);
				case "key":
					return this.#wait(line);
				case "login":
					return this.#login(line);
				case "checking":
					throw new ProtocolError("too_early", "wait for the answer to the login");
				case "member":
					return this.#obey(line);
				case "gone":
					return;
			}
		});
	}

	/** Runs what a peer has caused, so that a breach costs the peer its connection and nobody else. */
	guard(action: () => void): void {
		try {
			action();
		} catch (error) {
			if (error instanceof ChatError) return this.end(error.code, error.message);
			this.#house.warn(`a session failed: ${error}`);
			this.end("server_fault", "the server failed at this; what you sent was not at fault");
		}
	}

	/** Call now and then: ends a session whose deadline has passed. */
	tick(now: number): void {
		if (now < this.#deadline) return;
		this.end("too_late", `no ${AWAITED[this.#state]} came in time`);
	}

	/** Says why, in the most private way there is by now, and hangs up. */
	end(code: string, text: string): void {
		if (this.#state === "gone") return;
		const lastWord = this.#channel
			? sessionLine(this.#channel.seal({ type: "closing", code, text }))
			: Buffer.from(`${clearError(code, text)}\n`, "latin1");
		this.closed();
		this.#line.finish(lastWord);
	}

	/** The connection is no more: its key and its place in the room end with it. */
	closed(): void {
		if (this.#state === "gone") return;
		this.#state = "gone";
		if (this.#member) this.#house.room.leave(this.#member);
		if (this.#id === undefined) return;
		this.#house.keyPoll.stop(this.#id);
		this.#house.sessions.delete(this.#id);
		try {
			this.#house.keys.remove(this.#id);
		} catch (error) {
			this.#house.warn(`a session key could not be removed: ${error}`);
		}
	}

	#hello(line: string): void {
		const id = readHello(line);
		if (this.#house.sessions.has(id)) {
			throw new ProtocolError("session_in_use", "this session id serves another connection");
		}
		this.#id = id;
		this.#house.sessions.add(id);
		this.#enter("key", this.#house.limits.keyTime);
		this.#house.keyPoll.wait(id, (found) => {
			this.guard(() => {
				if ("error" in found) throw found.error;
				this.#unlock(found.key);
			});
		});
	}

	/** A client need not wait for its key to be found before it logs in; more than that is too much. */
	#wait(line: string): void {
		if (this.#early !== undefined) {
			throw new ProtocolError("too_early", "wait for the answer to the login");
		}
		this.#early = line;
	}

	#unlock(key: string): void {
		this.#channel = new Channel(key, readClientMessage);
		this.#enter("login", this.#house.limits.loginTime);
		if (this.#early !== undefined) this.#login(this.#early);
	}

	#login(token: string): void {
		const message = this.#open(token);
		if (!message) return;
		if (message.type !== "login") {
			throw new ProtocolError("login_first", "the first message must be a login");
		}
		const ahead = Fernet.issuedAt(token) - Math.floor(this.#house.now() / 1000);
		if (Math.abs(ahead) > FRESH) {
			const how = `${Math.abs(ahead)} s ${ahead > 0 ? "ahead of" : "behind"} the server's`;
			return this.#deny("clock", `your clock is ${how}; at most ${FRESH} s are allowed`);
		}
		// The mailbox has a deadline of its own.
		this.#state = "checking";
		this.#deadline = Number.POSITIVE_INFINITY;
		void this.#verify(message);
	}

	async #verify({ name, email, password }: Login): Promise<void> {
		const verdict = await this.#house.gmail.verify(email, password);
		if (this.#state !== "checking") return;
		if (!verdict.accepted) return this.#deny(verdict.code, verdict.text);
		const member: Member = {
			name,
			account: canonicalAccount(email),
			since: this.#house.now(),
			tell: (message) => this.#tell(message),
			deliver: (line) => this.#line.send(line),
			dismiss: (code, text) => this.end(code, text),
		};
		const obstacle = this.#house.room.obstacle(member);
		if (obstacle) return this.#deny(obstacle.code, obstacle.text);
		this.#state = "member";
		this.#member = member;
		this.#line.allow(CLIENT_LINE);
		this.#house.room.join(member);
	}

	#obey(token: string): void {
		const { room } = this.#house;
		const message = this.#open(token);
		const member = this.#member;
		if (!message || !member) return;
		switch (message.type) {
			case "say":
				return room.say(member, message.id, message.text);
			case "who":
				return this.#tell({ type: "roster", members: room.roster() });
			case "leave":
				return room.depart(member);
			case "login":
				throw new ProtocolError("second_login", "this connection has logged in already");
		}
	}

	/** The message in a token, or null for one whose sender was told which field is wrong. */
	#open(token: string): ClientMessage | null {
		try {
			return this.#channel?.open(token) ?? null;
		} catch (error) {
			if (!(error instanceof BadField)) throw error;
			if (this.#member) this.#tell({ type: "refused", code: error.code, text: error.message });
			else this.#deny(error.code, error.message);
			return null;
		}
	}

	#enter(state: State, time: number): void {
		this.#state = state;
		this.#deadline = this.#house.now() + time;
	}

	#deny(code: string, text: string): void {
		const denied = this.#channel?.seal({ type: "denied", code, text });
		this.closed();
		if (denied !== undefined) this.#line.finish(sessionLine(denied));
	}

	#tell(message: ServerMessage): void {
		if (this.#channel) this.#line.send(sessionLine(this.#channel.seal(message)));
	}
}
