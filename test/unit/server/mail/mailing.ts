import type { Worker } from "node:worker_threads";
import { CodeMailer } from "../../../../lib/server/mail/code-mailer.ts";
import { type Script, ScriptedMailbox, WILLING } from "../../../support/scripted-mailbox.ts";

export const ANN = "ann@gmail.com";
export const PASSWORD = "gatsbyandtheflap";

/** A mailbox on this machine, without TLS, that takes mails. */
export const openMailbox = (script: Script): Promise<ScriptedMailbox> =>
	ScriptedMailbox.open({
		...{ ...WILLING, mail: "250 ok", rcpt: "250 ok", data: "354 go on" },
		...{ other: "250 ok", starttls: "502 no" },
		...script,
	});

/**
 * A mailer and its mailbox. A mail holds its place for `minHold` milliseconds, and by default for no
 * longer than it takes.
 */
export async function mailing(script: Script, minHold = 0) {
	const mailbox = await openMailbox(script);
	const warnings: string[] = [];
	/** The mailer's workers, the newest last. */
	const workers: Worker[] = [];
	const onWorker = (worker: Worker) => workers.push(worker);
	process.on("worker", onWorker);
	const where = { host: "127.0.0.1", port: mailbox.port, secure: false };
	const mailer = new CodeMailer(
		{ server: where, user: "room@gmail.com", password: PASSWORD },
		(text) => warnings.push(text),
		minHold,
	);
	const dispose = async () => {
		await mailer[Symbol.asyncDispose]();
		process.off("worker", onWorker);
		await mailbox.waitUntilLeft();
		await mailbox[Symbol.asyncDispose]();
	};
	return { mailbox, mailer, warnings, workers, [Symbol.asyncDispose]: dispose };
}
