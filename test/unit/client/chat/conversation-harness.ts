import { Conversation } from "../../../../lib/client/chat/conversation.ts";
import { RoomActions } from "../../../../lib/client/chat/room-actions.ts";
import type { Ui } from "../../../../lib/client/chat/ui.ts";
import { Style } from "../../../../lib/client/terminal/style.ts";
import { LineFormatter } from "../../../../lib/client/transcript/line-formatter.ts";
import { Transcript } from "../../../../lib/client/transcript/transcript.ts";
import type { ClientMessage, Welcome } from "../../../../lib/wire/messages/messages.ts";

const PLACE = { epoch: 1, key: "", seq: 0, resume: "", grace: 0 };

/** A conversation whose time a test controls, and everything that it does. */
export class ConversationHarness {
	now = 1_000_000;
	readonly sent: ClientMessage[] = [];
	/** The lines printed, without the marks at their beginnings. */
	readonly printed: string[] = [];
	readonly transcript = new Transcript();
	readonly conversation: Conversation;
	readonly actions: RoomActions;
	rings = 0;
	failures = 0;
	/** How often the conversation showed the pending messages anew. */
	changes = 0;
	isOnline = true;
	#seq = 0;
	/** How many visits each name has had. */
	readonly #visits = new Map<string, number>();

	constructor(
		members = ["ann", "bob"],
		bell: "mention" | "all" | "off" = "mention",
		history?: Welcome["history"],
	) {
		const formatter = new LineFormatter(new Style(false), "ann");
		formatter.clock = "off";
		const { transcript } = this;
		const ui: Ui = {
			print: (line) => void this.printed.push(line.replaceAll(/^▐ /gm, "")),
			size: { columns: 80, rows: 24 },
			ring: () => void this.rings++,
			failed: () => void this.failures++,
			changed: () => void this.changes++,
			giveWay: (_, page) => page(),
			ready: async () => {},
			close: () => {},
		};
		const harness = this;
		const membership = {
			get isOnline() {
				return harness.isOnline;
			},
			get isSettled() {
				return harness.isOnline;
			},
			send: (message: ClientMessage) => void this.sent.push(message),
			welcome: {
				...({ type: "welcome", name: "ann", ...PLACE } as const),
				members: members.map((name): [string, string] => [name, this.#visit(name)]),
				...(history && { history }),
			},
		};
		this.conversation = new Conversation({
			membership,
			isAsked: true,
			formatter,
			transcript,
			bell,
			now: () => this.now,
			wallNow: () => this.now,
			ui: () => ui,
		});
		const { conversation } = this;
		const leave = (): void => {};
		const forgetDevice = (): void => {};
		this.actions = new RoomActions({
			...{ conversation, membership, formatter, transcript, leave, forgetDevice },
		});
	}

	says(from: string, text: string, id: string = crypto.randomUUID()): void {
		this.conversation.receive({ type: "said", seq: ++this.#seq, at: this.now, from, text, id });
	}

	tells(from: string, to: string, text: string, id: string = crypto.randomUUID()): void {
		this.conversation.receive({ type: "told", at: this.now, from, to, text, id });
	}

	moves(type: "joined" | "left", ...names: string[]): void {
		for (const name of names) {
			const move = { seq: ++this.#seq, at: this.now, name };
			if (type === "left") this.conversation.receive({ type, ...move });
			else this.conversation.receive({ type, ...move, visit: this.#visit(name) });
		}
	}

	/** Lets time pass, and the conversation check what is due. */
	passes(milliseconds: number): void {
		this.now += milliseconds;
		this.conversation.tick();
	}

	/** The id of the newest message that was sent. */
	get id(): string {
		const message = this.sent.at(-1);
		return (message && "id" in message && message.id) || "";
	}

	/** The visits of bob are bob-1, bob-2 and so on. */
	#visit(name: string): string {
		const count = (this.#visits.get(name) ?? 0) + 1;
		this.#visits.set(name, count);
		return `${name}-${count}`;
	}
}
