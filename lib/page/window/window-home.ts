import { FINGERPRINT_QUESTION } from "../../client/login/login-fields.ts";
import { errorOf } from "../../client/window/fault.ts";
import { ChatError } from "../../util/errors.ts";
import { type Ending, endingOf } from "../endings.ts";
import type { Home } from "../home.ts";
import { QuestionDialog } from "../room/question-dialog.ts";
import { showOver, showScreen } from "../screens.ts";
import { VisitStore } from "../storage/kept-visit.ts";
import { JsonStorage } from "../storage/storage.ts";
import { Control } from "./control.ts";
import { WindowDevices, WindowStore, WindowVisit } from "./window-memory.ts";
import { WindowServers } from "./window-servers.ts";

/** As a page goes, Chromium sends no more of a WebSocket than 128 KiB. */
const MAX_ITEM_CHARS = 48 * 1024;
const NAME = "window";
const SECRET = /^#([\w-]{43})$/;
const CLOSE = "You can close this window.";
const ENDED: Ending = { heading: "The client has ended", advice: CLOSE, isFinal: true };
const ENDED_TEXT = "This window belongs to a client that is not running any more. Start it again.";
const NO_SECRET: Ending = { heading: "This link is incomplete", isFinal: true };
const NO_SECRET_TEXT = "Open the whole link that the client has printed in its terminal.";
const TAKEN: Ending = { heading: "This window is open already", isFinal: true };
const TAKEN_TEXT = "Another page has this room. Close that one to go on here.";

/**
 * Of a page in a client's window, which does for it what a page cannot do itself. Waits while another
 * page has the window, and for ever if there is no client.
 */
export async function windowHome(): Promise<Home> {
	const secret = takeSecret();
	const control = await openControl(secret);
	// What a page has left behind, as it goes, it cannot take back.
	window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
	window.addEventListener("pagehide", () => control.send({ type: "going" }));
	const { setting } = control;
	const ended = new AbortController();
	let isLost = false;
	let isOver = false;
	const lose = async (): Promise<void> => {
		// A browser closes its connections when the machine goes to sleep.
		if (!isOver && (await Control.isThere(secret))) return location.reload();
		isLost = true;
		ended.abort();
	};
	const dialog = new QuestionDialog(() => {});
	control.listen({
		unknownServer: (notice) =>
			dialog.ask({
				text: `${notice}\n\n${FINGERPRINT_QUESTION}`,
				yes: () => control.send({ type: "trust", isTrusted: true }),
				no: () => control.send({ type: "trust", isTrusted: false }),
			}),
		leave: () => ended.abort(),
		lost: () => void lose(),
	});
	return {
		servers: new WindowServers(control, secret),
		place: setting.servers,
		devices: new WindowDevices(control),
		remember: setting.remember,
		store: new WindowStore(control),
		visits: new VisitStore(new WindowVisit(control), MAX_ITEM_CHARS),
		room: setting.room,
		defaults: { name: setting.name, email: setting.email },
		bell: setting.bell,
		patience: setting.patience * 1000,
		signal: ended.signal,
		async verify() {
			const { isTrusted, fault } = await control.ask({ type: "verify" });
			if (fault) throw errorOf(fault);
			return isTrusted;
		},
		joined: (name) => control.send({ type: "joined", name }),
		over(status) {
			if (isLost) return { ending: ENDED, text: ENDED_TEXT };
			isOver = true;
			control.send({ type: "over", status });
			const ending = { ...endingOf(status.reason), advice: CLOSE, isFinal: true as const };
			return { ending, text: status.text };
		},
	};
}

/** Takes the secret out of the address, where anybody could read it on the screen; "" if there is none. */
function takeSecret(): string {
	const storage = new JsonStorage(() => sessionStorage);
	const given = SECRET.exec(location.hash)?.[1];
	if (given === undefined) return String(storage.read(NAME).secret ?? "");
	history.replaceState(null, "", location.pathname);
	storage.write(NAME, { secret: given });
	return given;
}

async function openControl(secret: string): Promise<Control> {
	if (secret === "") await showOver(NO_SECRET, NO_SECRET_TEXT);
	try {
		return await Control.open(secret, () => void showOver(TAKEN, TAKEN_TEXT));
	} catch (error) {
		if (!(error instanceof ChatError)) throw error;
		return await showOver(ENDED, ENDED_TEXT).then(() => Promise.reject(error));
	} finally {
		showScreen("connecting");
	}
}
