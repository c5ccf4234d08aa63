import type { Recipient } from "../../client/chat/visits.ts";
import { sanitizeLine } from "../../client/util/sanitize.ts";
import { byId } from "../util/elements.ts";
import { type MenuItem, PopupMenu } from "./popup-menu.ts";

interface OwnerMenusOptions {
	/** Runs a command as if it had been typed, about this member and nobody else of the name. */
	readonly submit: (line: string, about?: Recipient) => void;
	/** Lets the user type the rest of a command. */
	readonly begin: (words: string) => void;
}

/** What an owner of the room can do, by the commands that do the same. */
export class OwnerMenus {
	readonly #menu = new PopupMenu();
	readonly #options: OwnerMenusOptions;
	readonly #button = byId("room-acts", HTMLElement);

	constructor(options: OwnerMenusOptions) {
		this.#options = options;
		this.#button.onclick = () => this.#openForRoom();
	}

	show(isOwner: boolean): void {
		this.#button.hidden = !isOwner;
	}

	openFor(member: Recipient, button: HTMLElement): void {
		const item = (label: string, command: string): MenuItem => [
			label,
			() => this.#options.submit(`/${command} ${member.name}`, member),
		];
		this.#menu.open(button, `What to do about ${sanitizeLine(member.name)}`, [
			item("Mute", "mute"),
			item("Unmute", "unmute"),
			item("Remove from the room…", "kick"),
			item("Ban…", "ban"),
			item("Sign out all their devices", "signout"),
		]);
	}

	close(): void {
		this.#menu.close();
	}

	#openForRoom(): void {
		const { begin, submit } = this.#options;
		this.#menu.open(this.#button, "What to do about the room", [
			["Change the title…", () => begin("/title ")],
			["Announce…", () => begin("/announce ")],
			["List the banned accounts", () => submit("/banned")],
			["Close the room…", () => submit("/close")],
		]);
	}
}
