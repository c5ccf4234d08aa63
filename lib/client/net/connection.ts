import { generateKey } from "#fernet";
import { every } from "#timers";
import { afterTurn } from "../../util/after-turn.ts";
import { systemClocks } from "../../util/clock.ts";
import { Queue } from "../../util/queue.ts";
import { randomId } from "../../util/random-id.ts";
import { Channel } from "../../wire/crypto/channel.ts";
import { reason } from "../../wire/errors/reason.ts";
import { LOGIN_WAIT } from "../../wire/messages/login-methods.ts";
import type { ClientMessage } from "../../wire/messages/messages.ts";
import { onAbort } from "../util/abort.ts";
import { AsyncQueue } from "./async-queue.ts";
import { type Incoming, IncomingReader, type Progress } from "./incoming.ts";
import type { Link, LinkHandlers, ServerTarget } from "./link.ts";
import { Unreachable } from "./link-errors.ts";
import { SleepDetector } from "./sleep-detector.ts";

/**
 * Milliseconds for which we may send nothing before we send a ping, and for which the server may say
 * nothing before the connection is broken.
 */
const PING_AFTER = 10_000;
const TIMEOUT = 25_000;
/** Replaces TIMEOUT during a login: Gmail may be slow, and other logins may come first. */
const LOGIN_TIMEOUT = LOGIN_WAIT * 1000;
/** Milliseconds for the answer to a ping after a sleep, which few connections survive. */
const WAKE_TIMEOUT = 5000;
/** Milliseconds between two checks for silence. */
const HEARTBEAT_INTERVAL = 1000;

/**
 * Bytes of lines that may wait to be shown; beyond them we stop reading, and the server waits. We open
 * a line only when those before it were shown: opened, one may take many times its bytes.
 */
const MAX_WAITING = 1024 * 1024;

/** One connection to the server, and its session key, from the hello to the end. */
export class Connection implements AsyncIterableIterator<Incoming, void>, LinkHandlers {
	readonly #limit: number;
	readonly #channel: Channel<ClientMessage>;
	readonly #reader: IncomingReader;
	/** Lines that we have not opened yet, and how many bytes they have. */
	readonly #lines = new AsyncQueue<string>();
	#waiting = 0;
	/** What was in the line opened last, and the progress with each. */
	readonly #opened = new Queue<{ readonly message: Incoming; readonly progress: Progress }>();
	#progress: Progress;
	/** What was wrong with that line. */
	#fault: { error: unknown } | undefined;
	/** Null while it is being opened. */
	#link: Link | null = null;
	#paused = false;
	/** Milliseconds of silence that we tolerate; longer during a login. */
	#timeout = LOGIN_TIMEOUT;
	readonly #stopHeartbeat: () => void;
	readonly #sleepDetector = new SleepDetector();
	/** When this machine woke up, until the server says something. */
	#wokeAt: number | undefined;
	/** The server had been silent for too long when we last looked. */
	#isOverdue = false;
	#lastReceivedAt = systemClocks.now();
	#lastSentAt = systemClocks.now();
	/** How many private messages the last ping has confirmed. */
	#confirmed = 0;
	/** The server has said why it will hang up. */
	#isClosedByServer = false;

	private constructor(limit: number, key: string) {
		this.#limit = limit;
		this.#channel = new Channel(key);
		this.#reader = new IncomingReader(this.#channel, (message) => this.#receive(message));
		this.#progress = this.#reader.progress;
		this.#stopHeartbeat = every(HEARTBEAT_INTERVAL, () => this.#checkHeartbeat());
	}

	/** With all that `next` has given so far. */
	get progress(): Progress {
		return this.#progress;
	}

	/**
	 * Makes a session key, connects and says hello. Hangs up when `signal` aborts. Throws as
	 * `ServerTarget.open` does.
	 */
	static async open(server: ServerTarget, signal?: AbortSignal): Promise<Connection> {
		const key = generateKey();
		const connection = new Connection(server.limit, key);
		try {
			const link = await server.open({ id: randomId(), key }, connection);
			connection.#link = link;
			if (signal) onAbort(signal, () => link.terminate());
			return connection;
		} catch (error) {
			connection.closed();
			throw error;
		}
	}

	/** The next message; done after `closing` or `denied`. Throws ChatError if it breaks off. */
	async next(): Promise<IteratorResult<Incoming, void>> {
		for (;;) {
			const opened = this.#opened.shift();
			if (opened) {
				this.#progress = opened.progress;
				return { done: false, value: opened.message };
			}
			if (this.#fault) throw this.#fault.error;
			if (this.#isClosedByServer) return { done: true, value: undefined };
			const { done, value: line } = await this.#lines.next();
			if (done) return { done, value: undefined };
			this.#open(line);
		}
	}

	#open(line: string): void {
		try {
			this.#reader.read(line);
		} catch (error) {
			this.#fault = { error };
			this.close();
		}
		this.#waiting -= sizeOf(line);
		if (!this.#paused || this.#waiting > 0) return;
		this.#paused = false;
		this.#link?.resume();
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	/** Sends a message at the end of this turn of the event loop, with all others of that turn. */
	send(message: ClientMessage): void {
		if (!this.#channel.isWaiting) afterTurn(() => this.#flush());
		this.#reader.expectAnswer(message);
		this.#channel.add(message);
	}

	/** Tells the server which private messages have arrived, if it does not know. */
	confirm(): void {
		if (this.#confirmed < this.progress.private) this.#ping();
	}

	/** Call for a question that another server can answer as well, if there is one. */
	limitAnswer(): void {
		this.#timeout = Math.min(this.#limit, this.#timeout);
	}

	/** Asks to resume a membership that had received this much when its last connection broke. */
	resume(token: string, progress: Progress): void {
		this.#reader.progress = progress;
		this.#progress = progress;
		this.#timeout = TIMEOUT;
		this.limitAnswer();
		const { seq, private: heard } = progress;
		this.send({ type: "resume", token, seq, private: heard });
	}

	/** Leaves a goodbye behind, as the last thing: nothing can be sent any more. */
	part(): void {
		const link = this.#link;
		if (!link?.part || !this.#reader.isIn) return;
		this.confirm();
		this.#flush();
		this.#channel.add({ type: "leave" });
		for (const token of this.#channel.seal()) link.part(token);
	}

	/** Hangs up at once, without a goodbye. */
	close(): void {
		this.#link?.terminate();
	}

	heard(): void {
		this.#lastReceivedAt = systemClocks.now();
		this.#wokeAt = undefined;
	}

	woke(): void {
		if (!this.#reader.isIn) return;
		if (!this.#paused) this.#wokeAt = systemClocks.now();
		this.#ping();
	}

	line(line: string): void {
		this.#waiting += sizeOf(line);
		this.#lines.push(line);
		if (this.#waiting < MAX_WAITING || this.#paused) return;
		this.#paused = true;
		this.#link?.pause();
	}

	fault(error: unknown): void {
		this.#lines.end(error);
		this.close();
	}

	closed(): void {
		this.#stopHeartbeat();
		const isUnanswered = this.#isOverdue && !this.#reader.isIn;
		const text = isUnanswered
			? `The server did not answer within ${this.#timeout / 1000} s.`
			: "The connection to the server was lost.";
		this.#lines.end(new Unreachable(reason("server_lost", text)));
	}

	/** Nothing reports a pulled cable: we notice it only when a ping gets no answer. */
	#checkHeartbeat(): void {
		const now = systemClocks.now();
		// While we are not reading, the silence is ours and not the server's.
		if (this.#paused) this.heard();
		const isOverdue =
			now - this.#lastReceivedAt >= this.#timeout ||
			(this.#wokeAt !== undefined && now - this.#wokeAt >= WAKE_TIMEOUT);
		// The sleeper may have been us: what came meanwhile is read before we look again.
		if (isOverdue && this.#isOverdue) return this.close();
		this.#isOverdue = isOverdue;
		if (!this.#reader.isIn) return;
		if (this.#sleepDetector.hasSlept()) this.woke();
		// The server judges us by what we send, however much it sends to us.
		else if (now - this.#lastSentAt >= PING_AFTER) this.#ping();
		else this.confirm();
	}

	#ping(): void {
		this.#confirmed = this.progress.private;
		this.send({ type: "ping", private: this.#confirmed });
	}

	#flush(): void {
		for (const token of this.#channel.seal()) this.#write(token);
	}

	#write(line: string): void {
		this.#lastSentAt = systemClocks.now();
		this.#link?.send(line);
	}

	#receive(message: Incoming): void {
		if (message.type === "closing" || message.type === "denied") this.#isClosedByServer = true;
		if (message.type === "welcome" || message.type === "resumed") this.#timeout = TIMEOUT;
		// Shows the server that the new resume token arrived: until then it keeps the old one, too. The
		// answer comes after all that is replayed.
		if (message.type === "resumed" || isHistoryDue(message)) this.#ping();
		this.#opened.push({ message, progress: this.#reader.progress });
	}
}

/** A welcome that will be followed by what happened before. */
const isHistoryDue = (message: Incoming): boolean =>
	message.type === "welcome" && message.history !== undefined;

/** With its newline: lines without anything in them have a size, too. */
const sizeOf = (line: string): number => line.length + 1;
