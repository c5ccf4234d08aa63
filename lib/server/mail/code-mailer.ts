import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { ChatError } from "../../util/errors.ts";
import { FairSemaphore, type Origin } from "../limits/fair-semaphore.ts";
import {
	CODE_MINUTES,
	type CodeMailerOptions,
	MAIL_SECONDS,
	type MailJob,
	type MailResult,
} from "./mail-job.ts";

/** A code that a client at `ip` requested. */
interface CodeMail {
	readonly account: string;
	readonly code: string;
	readonly ip: string;
	/** Whether the account gets it. If not, the same work is done, and nothing is sent. */
	readonly isMeant: boolean;
}

/** A mail that the worker has. */
interface InFlight {
	readonly job: MailJob;
	/** Called once, with what went wrong, if anything did. */
	readonly end: (fault?: string) => void;
	/** Whether a worker ended before the mail did, and another one has it now. */
	isRetry: boolean;
}

/** Mails sent at once. */
const MAX_AT_ONCE = 4;
/** Mails that may wait: the last one leaves while its code is valid, however slow the mail server is. */
const MAX_WAITING = MAX_AT_ONCE * ((CODE_MINUTES * 60) / MAIL_SECONDS - 1);
/**
 * Milliseconds that a mail holds its place, longer than most take. Otherwise anyone who fills the
 * places with requests for an account, and then has a code mailed to their own, could tell from when
 * it comes whether the account was sent any.
 */
const MIN_HOLD = 3000;

/** Warns the operator of what a client at `ip` has caused. */
type Warn = (sentence: string, ip: string) => void;

/** Mails codes from a worker. Warns the operator of any failure, without naming the code. */
export class CodeMailer {
	readonly #options: CodeMailerOptions;
	readonly #warn: Warn;
	readonly #minHold: number;
	readonly #semaphore = new FairSemaphore(MAX_AT_ONCE, MAX_WAITING);
	/** By id. */
	readonly #inFlight = new Map<number, InFlight>();
	/** Undefined after it ended, until the next mail starts another. */
	#worker: Worker | undefined;
	#lastId = 0;

	constructor(options: CodeMailerOptions, warn: Warn, minHold = MIN_HOLD) {
		this.#options = options;
		this.#warn = warn;
		this.#minHold = minHold;
		this.#worker = this.#startWorker();
	}

	/** Whether one more mail may wait. Only then call `send`, so that no mail has to go for it. */
	hasRoomFor(origin: Origin): boolean {
		return this.#semaphore.hasRoomFor(origin);
	}

	/** The caller does not wait for the mail. Never throws. */
	async send(mail: CodeMail, origin: Origin): Promise<void> {
		const held = () => setTimeout(this.#minHold, undefined, { ref: false });
		try {
			await this.#semaphore.run(origin, () => Promise.all([this.#mail(mail), held()]));
		} catch (error) {
			this.#warnOf(error instanceof ChatError ? error.code : "unknown", mail.ip);
		}
	}

	/** Drops the mails in flight: a room that has ended has no use for codes. */
	async [Symbol.asyncDispose](): Promise<void> {
		const worker = this.#worker;
		this.#worker = undefined;
		await worker?.terminate();
	}

	async #mail({ account, code, ip, isMeant }: CodeMail): Promise<void> {
		const { promise, resolve: end } = Promise.withResolvers<string | undefined>();
		const job = { id: ++this.#lastId, account, text: codeMail(code, ip), isMeant };
		const mail = { job, end, isRetry: false };
		this.#inFlight.set(job.id, mail);
		this.#post(mail);
		const fault = await promise;
		this.#inFlight.delete(job.id);
		if (fault !== undefined) this.#warnOf(fault, ip);
	}

	#post({ job, end }: InFlight): void {
		try {
			this.#worker ??= this.#startWorker();
			this.#worker.postMessage(job);
		} catch {
			end("worker");
		}
	}

	#startWorker(): Worker {
		const workerData = this.#options;
		const worker = new Worker(new URL("./mail-worker.ts", import.meta.url), { workerData });
		// The server ends when its room does.
		worker.unref();
		worker.on("message", ({ id, fault }: MailResult) => this.#inFlight.get(id)?.end(fault));
		// Without a listener, it would end the server. The worker's exit follows.
		worker.on("error", () => {});
		worker.on("exit", () => this.#replace(worker));
		return worker;
	}

	/** Gives the mails of a worker that has ended to a new one, each once: one of them may be why. */
	#replace(worker: Worker): void {
		if (this.#worker !== worker) return;
		this.#worker = undefined;
		for (const mail of this.#inFlight.values()) {
			if (mail.isRetry) mail.end("worker");
			else this.#post(Object.assign(mail, { isRetry: true }));
		}
	}

	#warnOf(fault: string, ip: string): void {
		this.#warn(`The server could not mail a code (${fault}).`, ip);
	}
}

const codeMail = (code: string, ip: string): string => `Your fernet-chat code is ${code}

Enter it where fernet-chat asks for it. It works once, within ${CODE_MINUTES} minutes.
Do not share it with anybody.

It was requested from the network address ${ip}.
If that was not you, you need not do anything.
`;
