import { Channel, clearError, readHello, sessionLine } from "../wire/channel.ts";
import { ChatError, ProtocolError } from "../wire/errors.ts";
import { Fernet } from "../wire/fernet.ts";
import { BadField } from "../wire/fields.ts";
import type { KeyFolder } from "../wire/keys.ts";
import {
	type ClientMessage,
	idField,
	type Login,
	type Resume,
	readClientMessage,
	type ServerMessage,
} from "../wire/messages.ts";
import { canonicalAccount } from "./account.ts";
import type { Entrance } from "./entrance.ts";
import type { Journal, Who } from "./journal.ts";
import type { KeyPoll } from "./keypoll.ts";
import type { Limits } from "./limits.ts";
import type { Link, Member } from "./member.ts";
import type { Powers } from "./powers.ts";
import { Bucket } from "./rate.ts";
import type { Room } from "./room.ts";
import type { Verdict } from "./verdict.ts";

/** What a session needs of its connection. */
export interface Line {
	/** Whose it is, as far as the network tells. */
	readonly address: string;
	/** Nobody on the way can read it, so that a key may travel on it. */
	readonly isEncrypted: boolean;
	send(bytes: Buffer): void;
	/** Raises or lowers what one line may hold. */
	allow(bytes: number): void;
	/** A last word, then the end of the connection. Whatever comes afterwards is not heard. */
	finish(lastWord: Buffer): void;
}

/** What all sessions share. */
export interface House {
	readonly room: Room;
	readonly entrance: Entrance;
	readonly powers: Powers;
	readonly keys: KeyFolder;
	readonly keyPoll: KeyPoll;
	readonly limits: Limits;
	/** What members may see of a verified address. */
	readonly showAddress: (account: string) => string | undefined;
	/** Has somebody come or go, in a large room together with all who do so within a moment. */
	readonly cross: (step: () => void) => void;
	/** The session ids that are connected: each serves one connection. */
	readonly sessions: Set<string>;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** For the owner. */
	readonly journal: Journal;
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
	/** Who this is, as far as is known before it is a member. */
	#who: Who = {};
	readonly #link: Link;
	#pace: Bucket;
	#heardAt: number;

	constructor(line: Line, house: House) {
		const { limits, now } = house;
		this.#line = line;
		this.#house = house;
		this.#deadline = now() + limits.helloTime * 1000;
		this.#heardAt = now();
		this.#pace = new Bucket(limits.messageRate, limits.messageBurst, now());
		this.#link = {
			address: line.address,
			tell: (message) => this.#tell(message),
			deliver: (bytes) => line.send(bytes),
			dismiss: (code, text) => this.end(code, text),
		};
	}

	/** One line from the client. Throws ChatError on any breach of the wire: see `guard`. */
	hear(line: string): void {
		this.#heardAt = this.#house.now();
		this.#pace.take();
		switch (this.#state) {
			case "hello":
				return this.#hello(line);
			case "key":
				return this.#wait(line);
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
		if (this.#member) this.#house.room.lose(this.#member, this.#link, code);
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
	#wait(line: string): void {
		if (this.#early !== undefined) {
			throw new ProtocolError("too_early", "wait for the answer to the login");
		}
		this.#early = line;
	}

	#unlock(key: string): void {
		this.#channel = new Channel(key, readClientMessage);
		this.#await("login", this.#house.limits.loginTime);
		if (this.#early !== undefined) this.#first(this.#early);
	}

	/** The first token says who this is: somebody new, or who comes back, or who only has a question. */
	#first(token: string): void {
		const message = this.#open(token);
		if (!message) return;
		if ("email" in message) this.#who = { claimed: canonicalAccount(message.email) };
		const ahead = Fernet.issuedAt(token) - Math.floor(this.#house.now() / 1000);
		if (Math.abs(ahead) > FRESH) {
			const how = `${Math.abs(ahead)} s ${ahead > 0 ? "ahead of" : "behind"} the server's`;
			return this.#deny("clock", `your clock is ${how}; at most ${FRESH} s are allowed`);
		}
		const { entrance } = this.#house;
		switch (message.type) {
			case "login":
				return this.#login(message);
			case "resume":
				return this.#resume(message);
			case "ask":
				return this.#answer({ type: "accepts", ways: [...entrance.ways] });
			case "mail":
				return this.#mail(message.email);
			default:
				throw new ProtocolError("login_first", "the first message must be a login or a resume");
		}
	}

	#login(login: Login): void {
		// The check has deadlines of its own.
		this.#state = "checking";
		this.#deadline = Number.POSITIVE_INFINITY;
		const isWanted = () => this.#state === "checking";
		this.#house.entrance.judge(login, this.#line.address, isWanted).then((verdict) => {
			if (isWanted()) this.guard(() => this.#judge(login, verdict));
		});
	}

	/** Somebody asks for a code; to have it mailed is nobody's proof yet. */
	#mail(email: string): void {
		const { address } = this.#line;
		const answer = this.#house.entrance.mail(email, address);
		if (answer.type === "denied") return this.#deny(answer.code, answer.text);
		this.#house.journal.record({ event: "asked", claimed: canonicalAccount(email), address });
		this.#answer(answer);
	}

	#judge({ name, email }: Login, verdict: Verdict): void {
		if (!verdict.accepted) return this.#deny(verdict.code, verdict.text);
		this.#house.cross(() => {
			// Who has to wait may be gone by now.
			if (this.#state === "checking") this.guard(() => this.#enter(name, canonicalAccount(email)));
		});
	}

	#enter(name: string, account: string): void {
		const { room, entrance, showAddress } = this.#house;
		const identity = { name, account, address: showAddress(account) };
		this.#who = { name, account };
		const obstacle = entrance.obstacle(account) ?? room.obstacle(identity);
		if (obstacle) return this.#deny(obstacle.code, obstacle.text);
		this.#admit(room.join(identity, this.#link));
	}

	#resume(request: Resume): void {
		const { room } = this.#house;
		const member = room.holderOf(request.token);
		if (!member) {
			return this.#deny("no_resume", "the room does not know you any more; log in again");
		}
		this.#admit(member);
		room.resume(member, request, this.#link);
	}

	#admit(member: Member): void {
		this.#state = "member";
		this.#deadline = Number.POSITIVE_INFINITY;
		this.#member = member;
		// A member's pace goes on where it was: coming back must not bring a fresh burst.
		member.pace ??= this.#pace;
		this.#pace = member.pace;
		this.#line.allow(this.#house.limits.messageLine);
	}

	#obey(token: string): void {
		const { room, powers } = this.#house;
		const message = this.#open(token);
		const member = this.#member;
		if (!message || !member) return;
		room.confirm(member);
		switch (message.type) {
			case "say":
				if (!powers.isSilenced(member, message)) room.say(member, message);
				return;
			case "tell":
				if (!powers.isSilenced(member, message)) room.tell(member, message);
				return;
			case "ping":
				return this.#tell({ type: "pong" });
			case "who":
				return room.who(member);
			case "leave":
				return this.#house.cross(() => room.depart(member));
			case "login":
			case "resume":
			case "ask":
			case "mail":
				throw new ProtocolError("second_login", "this connection has logged in already");
			default:
				return powers.use(member, message);
		}
	}

	/** The message in a token, or null for one whose sender was told which field is wrong. */
	#open(token: string): ClientMessage | null {
		try {
			return this.#channel?.open(token) ?? null;
		} catch (error) {
			if (!(error instanceof BadField)) throw error;
			if (!this.#member) this.#deny(error.code, error.message);
			else this.#refuse(error);
			return null;
		}
	}

	/** Names the message, where that can be told, so that its sender knows which was not done. */
	#refuse({ code, message, id }: BadField): void {
		const refused = { type: "refused" as const, code, text: message };
		this.#tell(idField.is(id) ? { ...refused, id } : refused);
	}

	#await(state: State, seconds: number): void {
		this.#state = state;
		this.#deadline = this.#house.now() + seconds * 1000;
	}

	#deny(code: string, text: string): void {
		this.#record("refused", code, text);
		this.#answer({ type: "denied", code, text });
	}

	/** All that this connection was for. */
	#answer(message: ServerMessage): void {
		const answer = this.#channel?.seal(message);
		this.closed();
		if (answer !== undefined) this.#line.finish(sessionLine(answer));
	}

	/** Tells the owner of somebody who does not become a member. */
	#record(event: "refused" | "dropped", code: string, text: string): void {
		const { address } = this.#line;
		this.#house.journal.record({ event, ...this.#who, address, code, text });
	}

	#tell(message: ServerMessage): void {
		if (this.#channel) this.#line.send(sessionLine(this.#channel.seal(message)));
	}
}
