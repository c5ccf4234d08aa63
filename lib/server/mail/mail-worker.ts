import { parentPort, workerData } from "node:worker_threads";
import MailComposer from "nodemailer/lib/mail-composer";
// Loaded now, so that the first mail costs no more than the others.
import "nodemailer/lib/smtp-connection";
import { type CodeMailerOptions, MAIL_SECONDS, type MailJob, type MailResult } from "./mail-job.ts";
import { SmtpFailure, smtpFaultCode } from "./smtp-login.ts";
import { smtpPassword } from "./smtp-password.ts";
import { SmtpPool } from "./smtp-pool.ts";

// A thread of its own: what the server does next does not wait for a mail, so nobody can tell from
// how long it takes whether there was one.

const { server, user, password }: CodeMailerOptions = workerData;
const pool = new SmtpPool(server, { user, pass: smtpPassword(server, password) });

parentPort?.on("message", async (job: MailJob) => {
	const { id } = job;
	const answer = (result: MailResult): void => parentPort?.postMessage(result);
	try {
		await mail(job);
		answer({ id });
	} catch (failure) {
		answer({ id, fault: smtpReplyOf(failure instanceof SmtpFailure ? failure.error : failure) });
	}
});

async function mail({ account, text, isMeant }: MailJob): Promise<void> {
	const composer = new MailComposer({
		from: { name: "fernet-chat", address: user },
		to: { name: "", address: account },
		subject: "Your fernet-chat code",
		text,
		// Asks mail programs not to send a holiday note in return.
		headers: { "Auto-Submitted": "auto-generated" },
	});
	const message = await composer.compile().build();
	// We give the envelope ourselves, so that no header can add a recipient.
	const envelope = { from: user, to: [account] };
	await pool.use(MAIL_SECONDS, (connection, done) => {
		if (isMeant) connection.send(envelope, message, done);
		else connection.reset(done);
	});
}

/** The mail library's code and reply number, never a sentence that might quote the mail. */
function smtpReplyOf(error: unknown): string {
	const { responseCode }: Record<string, unknown> = Object(error);
	const code = smtpFaultCode(error);
	const word = /^[A-Za-z_]{1,20}$/.test(code) ? code : "unknown";
	return typeof responseCode === "number" ? `${word}, ${responseCode}` : word;
}
