import { Worker } from "node:worker_threads";
import { FairSemaphore, type Origin } from "../limits/fair-semaphore.ts";
import type { CodeMailerOptions, MailJob, MailResult } from "./mail-job.ts";

/** Minutes for which a code is valid. */
export const CODE_MINUTES = 10;

/** A code that a client at `ip` requested. */
interface CodeMail {
	readonly account: string;
	readonly code: string;
	readonly ip: string;
	/** Whether the account gets it. If not, the same work is done, and nothing is sent. */
	readonly isMeant: boolean;
}

/** Mails sent at once, and mails that may wait. */
const MAX_AT_ONCE = 4;
const MAX_WAITING = 512;

/** Warns the operator of what a client at `ip` has caused. */
type Warn = (sentence: string, ip: string) => void;

/** Mails codes from a worker. Warns the operator of any failure, without naming the code. */
export class CodeMailer {
	readonly #options: CodeMailerOptions;
	readonly #warn: Warn;
	readonly #semaphore = new FairSemaphore(MAX_AT_ONCE, MAX_WAITING);
	/** The ends of the mails that the worker is sending, by id. */
	readonly #underWay = new Map<number, (fault?: string) => void>();
	/** Undefined after it failed, until the next mail starts another. */
	#worker: Worker | undefined;
	#lastId = 0;

	constructor(options: CodeMailerOptions, warn: Warn) {
		this.#options = options;
		this.#warn = warn;
		this.#worker = this.#startWorker();
	}

	/** Whether one more mail may wait. Only then call `send`, so that no mail has to go for it. */
	hasRoomFor(origin: Origin): boolean {
		return this.#semaphore.hasRoomFor(origin);
	}

	/** The caller does not wait for the mail. */
	async send(mail: CodeMail, origin: Origin): Promise<void> {
		const fault = await this.#semaphore.run(origin, () => this.#send(mail));
		if (fault !== undefined) {
			this.#warn(`The server could not mail a code (${fault}).`, mail.ip);
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#worker?.terminate();
	}

	/** Resolves with what went wrong, or undefined. */
	#send({ account, code, ip, isMeant }: CodeMail): Promise<string | undefined> {
		const { promise, resolve } = Promise.withResolvers<string | undefined>();
		const id = ++this.#lastId;
		this.#underWay.set(id, resolve);
		const text = codeMail(code, ip);
		const job: MailJob = { id, options: this.#options, account, text, isMeant };
		this.#worker ??= this.#startWorker();
		this.#worker.postMessage(job);
		return promise;
	}

	#startWorker(): Worker {
		const worker = new Worker(new URL("./mail-worker.ts", import.meta.url));
		// The server ends when its room does.
		worker.unref();
		worker.on("message", ({ id, fault }: MailResult) => this.#end(id, fault));
		worker.on("error", () => {
			this.#worker = undefined;
			for (const id of this.#underWay.keys()) this.#end(id, "worker");
		});
		return worker;
	}

	#end(id: number, fault: string | undefined): void {
		this.#underWay.get(id)?.(fault);
		this.#underWay.delete(id);
	}
}

const codeMail = (code: string, ip: string): string => `Your fernet-chat code is ${code}

Enter it where fernet-chat asks for it. It works once, within ${CODE_MINUTES} minutes.
Do not share it with anybody.

It was requested from the network address ${ip}.
If that was not you, you need not do anything.
`;
