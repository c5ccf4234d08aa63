import { CodeMailer } from "../../../../lib/server/mail/code-mailer.ts";
import { type Script, ScriptedMailbox, WILLING } from "../../../support/scripted-mailbox.ts";

export const ANN = "ann@gmail.com";
export const PASSWORD = "gatsbyandtheflap";

/** A mailbox on this machine, without TLS, through which a code is mailed. */
export async function mailing(script: Script) {
	const mailbox = await ScriptedMailbox.open({
		...{ ...WILLING, mail: "250 ok", rcpt: "250 ok", data: "354 go on" },
		...{ other: "250 ok", starttls: "502 no" },
		...script,
	});
	const warnings: string[] = [];
	const where = { host: "127.0.0.1", port: mailbox.port, secure: false };
	const mailer = new CodeMailer(
		{ server: where, user: "room@gmail.com", password: PASSWORD },
		(text) => warnings.push(text),
	);
	const dispose = async () => {
		await mailer[Symbol.asyncDispose]();
		await mailbox[Symbol.asyncDispose]();
	};
	return { mailbox, mailer, warnings, [Symbol.asyncDispose]: dispose };
}
