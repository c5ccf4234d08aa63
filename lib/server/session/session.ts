import { Channel } from "../../wire/crypto/channel.ts";
import { Fernet } from "../../wire/crypto/fernet.ts";
import type { CodeSaidIn } from "../../wire/errors/error-codes.ts";
import { ProtocolError, type Reason, reason, reasonMessage } from "../../wire/errors/reason.ts";
import type { ServerMessage } from "../../wire/messages/messages.ts";
import { clearError, readHello } from "../../wire/transport/hello.ts";
import { sessionLines } from "../../wire/transport/server-line.ts";
import type { Member } from "../room-state/member.ts";
import type { ServerContext, Transport } from "./context.ts";
import { dispatch } from "./dispatch.ts";
import { LoginHandler, type LoginPeer } from "./login.ts";
import { RequestQueue } from "./request-queue.ts";
import { SessionKey } from "./session-key.ts";
import {
	deadlineIn,
	type Ending,
	endingFor,
	type MemberState,
	missedDeadline,
	type ServerChannel,
	type SessionState,
} from "./session-state.ts";

/** One connection's life: hello, key, login, member, gone. It is its member's link to the room. */
export class Session implements LoginPeer {
	readonly #transport: Transport;
	readonly #context: ServerContext;
	device: LoginPeer["device"];
	#state: SessionState;
	#lastReceivedAt: number;

	constructor(transport: Transport, context: ServerContext) {
		this.#transport = transport;
		this.#context = context;
		this.#state = { name: "hello", deadline: deadlineIn(context, "helloTime") };
		this.#lastReceivedAt = context.now();
	}

	get ip(): string {
		return this.#transport.ip;
	}

	get isMember(): boolean {
		return this.#state.name === "member";
	}

	get isGone(): boolean {
		return this.#state.name === "gone";
	}

	get isUnauthenticated(): boolean {
		return "deadline" in this.#state;
	}

	/** Handles one line from the client. Throws ProtocolError on any breach: see `runIsolated`. */
	receive(line: string): void {
		const state = this.#state;
		this.#lastReceivedAt = this.#context.now();
		switch (state.name) {
			case "hello":
				return this.#hello(line);
			case "key":
				// A client may log in before we find its key, but must then wait for the answer.
				if (state.early !== undefined) throw new ProtocolError(reason("too_early"));
				state.early = line;
				return;
			case "login":
				return this.#receiveFirst(line);
			case "checking":
				throw new ProtocolError(reason("too_early"));
			case "member":
				return this.#receiveRequests(state, line);
		}
	}

	/** Silence while we are not listening is our own doing, and no sign of a break. */
	resetIdleTimer(now: number): void {
		this.#lastReceivedAt = now;
	}

	/** Milliseconds until more of what a member has sent can be carried out; null if nothing waits. */
	get rateWait(): number | null {
		const state = this.#state;
		return state.name === "member" ? state.requests.wait(this.#context.now()) : null;
	}

	/** Carries out what a member has sent, as far as its rate allows by now. */
	carryOut(): void {
		const state = this.#state;
		if (state.name !== "member") return;
		for (const request of state.requests.due(this.#context.now())) {
			dispatch(this.#context, state.member, request);
			// Each of them may end the session.
			if (this.#state !== state) return;
		}
	}

	/** Runs what a peer caused, so that a breach or a bug costs only that peer its connection. */
	runIsolated(action: () => void): void {
		try {
			action();
		} catch (error) {
			if (error instanceof ProtocolError) return this.hangUp(error.reason);
			const text = `A session failed, which is a bug: ${error}`;
			this.#context.logger.log({ event: "error", text });
			this.hangUp(reason("server_fault"));
		}
	}

	/** Call regularly: ends a session that missed its deadline or has been silent for too long. */
	tick(now: number): void {
		const state = this.#state;
		const { idleTime } = this.#context.limits;
		if ("deadline" in state) {
			if (now >= state.deadline) this.hangUp(missedDeadline(state));
		} else if (state.name === "member" && now - this.#lastReceivedAt >= idleTime * 1000) {
			this.hangUp(reason("idle_timeout"));
		}
	}

	#hello(line: string): void {
		const { id, key: sent } = readHello(line);
		if (sent !== undefined && !this.#transport.isEncrypted) {
			throw new ProtocolError(reason("key_in_clear"));
		}
		const key = SessionKey.claim(this.#context, id, sent);
		this.#state = { name: "key", deadline: deadlineIn(this.#context, "keyTime"), key };
		key.waitFor((found) => {
			this.runIsolated(() => {
				if ("error" in found) throw found.error;
				this.#openChannel(found.key);
			});
		});
	}

	#openChannel(secret: string): void {
		if (this.#state.name !== "key") return;
		const { key, early } = this.#state;
		const channel: ServerChannel = new Channel(secret);
		const handler = new LoginHandler(this.#context, this);
		const deadline = deadlineIn(this.#context, "loginTime");
		this.#state = { name: "login", deadline, key, channel, handler };
		if (early !== undefined) this.#receiveFirst(early);
	}

	#receiveFirst(token: string): void {
		if (this.#state.name !== "login") return;
		const { handler, channel } = this.#state;
		const [first, second] = channel.open(token);
		if (second) throw new ProtocolError(reason("bad_message", "The first message stands alone."));
		handler.handle(first, Fernet.issuedAt(token));
	}

	#receiveRequests({ member, channel, requests }: MemberState, token: string): void {
		requests.add(channel.open(token));
		this.#context.room.confirm(member);
		this.carryOut();
	}

	beginCheck(): AbortSignal {
		const abort = new AbortController();
		if (this.#state.name === "login") {
			const { key, channel, handler } = this.#state;
			this.#state = { name: "checking", key, channel, handler, abort };
		}
		return abort.signal;
	}

	admit(member: Member): boolean {
		if (!("handler" in this.#state)) return false;
		const { key, channel } = this.#state;
		const requests = new RequestQueue(member, this.#context);
		this.#state = { name: "member", key, channel, member, requests };
		this.#transport.setMaxLine(this.#context.limits.messageLine);
		return true;
	}

	/** Sends a message at the end of this turn, or before the next line under a room key. */
	send(message: ServerMessage): void {
		if (this.isGone) return;
		this.sendJson(JSON.stringify(message));
	}

	sendJson(message: string): void {
		if (!("channel" in this.#state)) return;
		const { channel } = this.#state;
		if (!channel.isWaiting) this.#context.endOfTurn.schedule(this);
		channel.addJson(message);
		// Now, so that the limit on a slow reader's queue stops a flood of answers.
		if (channel.isFull) this.flush();
	}

	sendRaw(bytes: Buffer): void {
		this.flush();
		this.#transport.send(bytes);
	}

	whenReady(action: () => void): void {
		this.#transport.whenReady(() => this.runIsolated(action));
	}

	/** Sends what the messages of this turn have added up to. */
	flush(): void {
		if ("channel" in this.#state && this.#state.channel.isWaiting) {
			this.#transport.send(sessionLines(this.#state.channel.seal()));
		}
	}

	deny(reason: Reason<CodeSaidIn<"denied">>, logged = reason.text): void {
		this.#log("refused", { ...reason, text: logged });
		this.answer(reasonMessage("denied", reason));
	}

	answer(message: ServerMessage, ending: Ending = "end"): void {
		if (!("channel" in this.#state)) return;
		const { channel } = this.#state;
		channel.add(message);
		this.#release();
		this.#transport[ending](sessionLines(channel.seal()));
	}

	/** Ends the session for a reason of its own; its member may come back over another connection. */
	hangUp(reason: Reason): void {
		const state = this.#state;
		this.close(reason);
		if (state.name === "member") this.#context.room.disconnect(state.member, this, reason.code);
	}

	/** Says why, as privately as is possible by now, and hangs up. */
	close(reason: Reason): void {
		const state = this.#state;
		if (state.name === "gone") return;
		if (state.name !== "member") this.#log("dropped", reason);
		if ("channel" in state) {
			return this.answer(reasonMessage("closing", reason), endingFor(reason));
		}
		this.#release();
		this.#transport.end(Buffer.from(`${clearError(reason)}\n`, "latin1"));
	}

	/** Call when the connection is gone. */
	onClosed(): void {
		const state = this.#state;
		this.#release();
		if (state.name === "member") this.#context.room.disconnect(state.member, this, "broken");
	}

	#release(): void {
		const state = this.#state;
		this.#state = { name: "gone" };
		if (state.name === "checking") state.abort.abort();
		if ("key" in state) state.key.release();
	}

	/** Logs the end of a connection that did not become a member's. */
	#log(event: "refused" | "dropped", { code, text }: Reason): void {
		const user = "handler" in this.#state ? this.#state.handler.user : {};
		this.#context.logger.log({ event, ...user, ip: this.ip, code, text });
	}
}
