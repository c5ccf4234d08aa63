import type { Readable, Writable } from "node:stream";
import { ChatError } from "../../util/errors.ts";
import { reason } from "../../wire/errors/reason.ts";
import { type ExitStatus, exitStatusOf } from "../chat/exit-status.ts";
import { type GivenCredentials, joinUnasked } from "../login/join-unasked.ts";
import type { ServerTarget } from "../net/endpoint.ts";
import { LoginDenied } from "../net/join.ts";
import { aborted, onAbort } from "../util/abort.ts";
import { Output } from "../util/output.ts";
import { Bot, type Print } from "./bot.ts";

/**
 * The chat for bots and scripts: one JSON object per line, in and out, and no prompts. Resolves to
 * how the visit ended.
 */
export async function runJsonUi(
	target: ServerTarget,
	credentials: GivenCredentials,
	{ input, output, signal }: { input: Readable; output: Writable; signal: AbortSignal },
): Promise<ExitStatus> {
	const out = new Output(output);
	const print: Print = (line) => out.write(`${toAscii(JSON.stringify(line))}\n`);
	const end = (code: string, outcome: ExitStatus): ExitStatus => {
		print({ type: "closed", reason: code, text: outcome.text });
		return outcome;
	};
	try {
		const membership = await Promise.race([
			joinUnasked(target, credentials, (why) => print({ type: "device_refused", ...why })),
			aborted(signal),
		]);
		if (membership === null) return end("left", { code: 0, text: "You did not log in." });
		const { name, members, owner, title, motd, history } = membership.welcome;
		print({
			type: "welcome",
			name,
			members: members.map(([name, visit]) => ({ name, visit })),
			owner,
			title,
			motd,
			history,
			remembered: target.devices && target.devices.load(credentials.email) !== null,
		});
		using bot = new Bot(membership, print);
		void bot.readRequests(input);
		onAbort(signal, () => membership.leave());
		for await (const message of membership) {
			if (message.type === "closing") {
				return end(message.code, exitStatusOf(message));
			}
			bot.receive(message);
			await out.ready();
		}
		return end("left", exitStatusOf(reason("left")));
	} catch (error) {
		if (error instanceof LoginDenied) {
			print({ type: "denied", code: error.code, text: error.message });
			return { code: 2, text: error.message };
		}
		if (!(error instanceof ChatError)) throw error;
		return end(error.code, exitStatusOf({ code: error.code, text: error.message }));
	}
}

/** Escapes all that a terminal might obey or a reader not see. The JSON means the same. */
const toAscii = (json: string): string =>
	json.replaceAll(
		/[^\x20-\x7e]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
