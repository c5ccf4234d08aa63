import type { Readable, Writable } from "node:stream";
import { ChatError } from "../../util/errors.ts";
import { hasCode, type PeerReason, reason } from "../../wire/errors/reason.ts";
import {
	type ExitStatus,
	exitStatusOf,
	failedLoginStatus,
	NOT_LOGGED_IN,
} from "../chat/exit-status.ts";
import { type GivenCredentials, joinUnasked, rejoinUnasked } from "../login/join-unasked.ts";
import { type Admission, LoginDenied } from "../net/join.ts";
import { Membership } from "../net/membership.ts";
import type { RoomTarget } from "../net/room-target.ts";
import { aborted, onAbort } from "../util/abort.ts";
import { Output } from "../util/output.ts";
import type { OwnSecret } from "../util/own-secret.ts";
import { Bot, type Print } from "./bot.ts";

interface Streams {
	readonly input: Readable;
	readonly output: Writable;
	/** Aborted when the program is told to end. */
	readonly signal: AbortSignal;
}

/**
 * The chat for bots and scripts: one JSON object per line, in and out, and no prompts. `patience` is
 * in milliseconds. Resolves to how the visit ended.
 */
export async function runJsonUi(
	target: RoomTarget,
	credentials: GivenCredentials,
	{ patience, secret }: { readonly patience: number; readonly secret: OwnSecret },
	{ input, output, signal }: Streams,
): Promise<ExitStatus> {
	const out = new Output(output);
	const print: Print = (line) => out.write(`${toAscii(JSON.stringify(line))}\n`);
	const { email } = credentials;
	const device = target.devices && {
		isRemembered: () => target.devices?.load(email) !== null,
		forget: () => target.devices?.forget(email),
	};
	const end = (outcome: ExitStatus): ExitStatus => {
		const { reason, text } = outcome;
		// The server has forgotten the device.
		if (hasCode({ code: reason }, "banned")) device?.forget();
		print({ type: "closed", reason, text });
		return outcome;
	};
	const fail = (error: unknown, statusOf: (error: ChatError) => ExitStatus): ExitStatus => {
		if (!(error instanceof ChatError)) throw error;
		if (!(error instanceof LoginDenied)) return end(statusOf(error));
		print({ type: "denied", code: error.code, text: error.message });
		return failedLoginStatus(error);
	};
	const refused = (why: PeerReason): void => print({ type: "device_refused", ...why });
	let admission: Admission | null;
	try {
		admission = await Promise.race([
			joinUnasked(target, credentials, { refused }),
			aborted(signal),
		]);
		if (admission === null) return end(NOT_LOGGED_IN);
	} catch (error) {
		return fail(error, failedLoginStatus);
	}
	const membership = new Membership(target, admission, {
		patience,
		logIn: (given) => rejoinUnasked(target, credentials, patience, { signal: given, refused }),
	});
	try {
		using bot = new Bot(membership, print, { device, secret });
		void bot.readRequests(input);
		onAbort(signal, () => membership.leave());
		for await (const message of membership) {
			if (message.type === "closing") return end(exitStatusOf(message));
			bot.receive(message);
			await out.ready();
		}
		return end(exitStatusOf(reason("left")));
	} catch (error) {
		return fail(error, ({ code, message: text }) => exitStatusOf({ code, text }));
	}
}

/** Escapes all that a terminal might obey or a reader not see. The JSON means the same. */
const toAscii = (json: string): string =>
	json.replaceAll(
		/[^\x20-\x7e]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
