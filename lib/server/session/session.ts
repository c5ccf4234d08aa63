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
import { TokenBucket } from "../limits/rate-limiter.ts";
import type { Member } from "../room/member.ts";
import type { ServerContext, Transport } from "./context.ts";
import { dispatch } from "./dispatch.ts";
import { LoginHandler, type LoginPeer } from "./login.ts";

type State = "hello" | "key" | "login" | "checking" | "member" | "gone";

/** What each state with a deadline waits for. */
const AWAITED: Partial<Record<State, string>> = {
	hello: "hello line",
	key: "key file",
	login: "login",
};

/** One connection's life: hello, key, login, member, gone. It is how its member is told things. */
export class Session implements LoginPeer {
	readonly #transport: Transport;
	readonly #context: ServerContext;
	#state: State = "hello";
	/** When the present state must have ended, milliseconds since 1970; Infinity once verified. */
	#deadline: number;
	#id: string | undefined;
	/** The first token, if it came before its key was found. */
	#early: string | undefined;
	#channel: Channel<ClientMessage, ServerMessage> | undefined;
	#member: Member | undefined;
	/** While there is something to be decided. */
	#admission: LoginHandler | undefined;
	/** Aborted when the connection ends. */
	readonly #check = new AbortController();
	#rate: TokenBucket;
	#lastReceivedAt: number;

	constructor(line: Transport, context: ServerContext) {
		const { limits, now } = context;
		this.#transport = line;
		this.#context = context;
		this.#deadline = now() + limits.helloTime * 1000;
		this.#lastReceivedAt = now();
		this.#rate = new TokenBucket(limits.messageRate, limits.messageBurst, now());
	}

	/** One line from the client. Throws ChatError on any breach of the wire: see `guard`. */
	receive(line: string): void {
		this.#lastReceivedAt = this.#context.now();
		this.#rate.take();
		switch (this.#state) {
			case "hello":
				return this.#hello(line);
			case "key":
				return this.#holdBack(line);
			case "login":
				return this.#receiveFirst(line);
			case "checking":
				throw new ProtocolError("too_early", "wait for the answer to the login");
			case "member":
				return this.#receiveRequest(line);
			case "gone":
				return;
		}
	}

	get ip(): string {
		return this.#transport.ip;
	}

	get isUnauthenticated(): boolean {
		return this.#state in AWAITED;
	}

	/** Silence that is our own doing, because we do not listen, is no sign of a break. */
	resetIdleTimer(now: number): void {
		this.#lastReceivedAt = now;
	}

	/** Whether more was heard than the member may say for now: what comes next has to wait. */
	isOverRate(now: number): boolean {
		return this.#rate.isOverdrawn(now);
	}

	/** Runs what a peer has caused, so that a breach costs the peer its connection and nobody else. */
	runIsolated(action: () => void): void {
		try {
			action();
		} catch (error) {
			if (error instanceof ChatError) return this.end(error.code, error.message);
			this.#context.logger.log({ event: "error", text: `a session failed: ${error}` });
			this.end("server_fault", "the server failed at this; what you sent was not at fault");
		}
	}

	/** Call now and then: ends a session whose deadline has passed, or that is silent for too long. */
	tick(now: number): void {
		const silence = now - this.#lastReceivedAt;
		if (now >= this.#deadline) this.end("too_late", `no ${AWAITED[this.#state]} came in time`);
		else if (this.#state === "member" && silence >= this.#context.limits.idleTime * 1000) {
			this.end("silent", "nothing was heard from you; a client sends a ping now and then");
		}
	}

	/** Says why, in the most private way there is by now, and hangs up. */
	end(code: string, text: string): void {
		if (this.#state === "gone") return;
		const lastWord = this.#channel
			? sessionLine(this.#channel.seal({ type: "closing", code, text }))
			: Buffer.from(`${clearError(code, text)}\n`, "latin1");
		if (!this.#member) this.#log("dropped", code, text);
		this.closed(code);
		this.#transport.finish(lastWord);
	}

	/** The connection is no more, and its key with it. Its member may come back by another. */
	closed(code = "broken"): void {
		if (this.#state === "gone") return;
		this.#state = "gone";
		this.#check.abort();
		if (this.#member) this.#context.room.disconnect(this.#member, this, code);
		if (this.#id === undefined) return;
		this.#context.keyPoller.stop(this.#id);
		this.#context.sessionIds.delete(this.#id);
		try {
			this.#context.keys.remove(this.#id);
		} catch (error) {
			const text = `a session key could not be removed: ${error}`;
			this.#context.logger.log({ event: "warning", text });
		}
	}

	#hello(line: string): void {
		const { id, key } = readHello(line);
		if (key !== undefined && !this.#transport.isEncrypted) {
			const sentence = "a key was sent in clear; never use it again, put it into the keys folder";
			throw new ProtocolError("key_in_clear", sentence);
		}
		if (this.#context.sessionIds.has(id)) {
			throw new ProtocolError("session_in_use", "this session id serves another connection");
		}
		// Before the id is ours: what is found under it is not, and must outlive this connection.
		if (key !== undefined) this.#saveKey(id, key);
		this.#id = id;
		this.#context.sessionIds.add(id);
		this.#enterState("key", this.#context.limits.keyTime);
		this.#context.keyPoller.waitFor(id, (found) => {
			this.runIsolated(() => {
				if ("error" in found) throw found.error;
				this.#openChannel(found.key);
			});
		});
	}

	/** The key of somebody who shares no folder with us. Throws InvalidKey for one that is none. */
	#saveKey(id: string, key: string): void {
		new Fernet(key);
		try {
			this.#context.keys.save(id, key);
		} catch (error) {
			// Why is our business: it names our files.
			const text = `a session key was not kept: ${error}`;
			this.#context.logger.log({ event: "warning", text });
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

	#openChannel(key: string): void {
		this.#channel = new Channel(key, readClientMessage);
		this.#admission = new LoginHandler(this.#context, this);
		this.#enterState("login", this.#context.limits.loginTime);
		const early = this.#early;
		this.#early = undefined;
		if (early !== undefined) this.#receiveFirst(early);
	}

	#receiveFirst(token: string): void {
		const message = this.#open(token);
		if (message) this.#admission?.handle(message, Fernet.issuedAt(token));
	}

	/** The login is being checked, which has deadlines of its own. */
	beginCheck(): AbortSignal {
		this.#state = "checking";
		this.#deadline = Number.POSITIVE_INFINITY;
		return this.#check.signal;
	}

	admit(member: Member): void {
		this.#state = "member";
		this.#deadline = Number.POSITIVE_INFINITY;
		this.#member = member;
		this.#admission = undefined;
		// A member's pace goes on where it was: coming back must not bring a fresh burst.
		member.rate ??= this.#rate;
		this.#rate = member.rate;
		this.#transport.setMaxLine(this.#context.limits.messageLine);
	}

	#receiveRequest(token: string): void {
		const message = this.#open(token);
		if (!message || !this.#member) return;
		this.#context.room.confirmResumeToken(this.#member);
		dispatch(this.#context, this.#member, message);
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
		this.send(idField.is(id) ? { ...refused, id } : refused);
	}

	#enterState(state: State, seconds: number): void {
		this.#state = state;
		this.#deadline = this.#context.now() + seconds * 1000;
	}

	deny(code: string, text: string): void {
		this.#log("refused", code, text);
		this.answer({ type: "denied", code, text });
	}

	/** All that this connection was for. */
	answer(message: ServerMessage): void {
		const answer = this.#channel?.seal(message);
		this.closed();
		if (answer !== undefined) this.#transport.finish(sessionLine(answer));
	}

	/** Tells the owner of somebody who does not become a member. */
	#log(event: "refused" | "dropped", code: string, text: string): void {
		const { ip } = this.#transport;
		this.#context.logger.log({ event, ...this.#admission?.user, ip, code, text });
	}

	sendRaw(bytes: Buffer): void {
		this.#transport.send(bytes);
	}

	close(code: string, text: string): void {
		this.end(code, text);
	}

	send(message: ServerMessage): void {
		if (this.#channel) this.#transport.send(sessionLine(this.#channel.seal(message)));
	}
}
