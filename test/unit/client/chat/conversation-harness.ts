import { Conversation } from "../../../../lib/client/chat/conversation.ts";
import { Preferences } from "../../../../lib/client/chat/preferences.ts";
import { RoomActions } from "../../../../lib/client/chat/room-actions.ts";
import { Style } from "../../../../lib/client/terminal/style.ts";
import { LineFormatter } from "../../../../lib/client/transcript/line-formatter.ts";
import { Mentions } from "../../../../lib/client/transcript/mentions.ts";
import { LinePrinter } from "../../../../lib/client/ui/line-printer.ts";
import type { LineUi } from "../../../../lib/client/ui/line-ui.ts";
import { OwnSecret } from "../../../../lib/client/util/own-secret.ts";
import type { ClientMessage, Welcome } from "../../../../lib/wire/messages/messages.ts";

const PLACE = { epoch: 1, key: "", seq: 0, resume: "", grace: 0 };

/** A conversation whose time a test controls, and everything that it does. */
export class ConversationHarness {
	now = 1_000_000;
	readonly sent: ClientMessage[] = [];
	/** The lines printed, without the marks at their beginnings. */
	readonly printed: string[] = [];
	readonly printer: LinePrinter;
	readonly conversation: Conversation;
	readonly actions: RoomActions;
	rings = 0;
	failures = 0;
	/** How often the conversation showed the pending messages anew. */
	changes = 0;
	readonly givenBack: string[] = [];
	readonly secret = new OwnSecret();
	isOnline = true;
	isOwner = false;
	/** What was asked, and what to answer: nothing, as long as it is null. */
	readonly questions: string[] = [];
	answer: "yes" | "no" | null = "yes";
	readonly withdrawn: string[] = [];
	/** Answers the latest question. */
	yes = (): void => {};
	#seq = 0;
	/** How many visits each name has had. */
	readonly #visits = new Map<string, number>();

	constructor(
		members = ["ann", "bob"],
		bell: "mention" | "all" | "off" = "mention",
		history?: Welcome["history"],
		preferences = new Preferences(null, "127.0.0.1:5050"),
	) {
		const mentions = new Mentions("ann");
		const formatter = new LineFormatter(new Style(false), mentions);
		const printer = new LinePrinter(formatter, () => ui);
		printer.clock = "off";
		this.printer = printer;
		const ui: LineUi = {
			keyHelp: ["Alt-Enter begins a new line."],
			print: (line) => void this.printed.push(line.replaceAll(/^▐ /gm, "")),
			size: { columns: 80, rows: 24 },
			ring: () => void this.rings++,
			clear: () => void this.printed.splice(0),
			ask: (question) => {
				this.questions.push(question.text);
				this.yes = question.yes;
				if (this.answer) question[this.answer]?.();
			},
			withdraw: (question) => {
				this.withdrawn.push(question.text);
				question.no?.();
			},
			giveBack: (line) => void this.givenBack.push(line),
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
				get owner(): true | undefined {
					return harness.isOwner || undefined;
				},
				members: members.map((name): [string, string] => [name, this.#visit(name)]),
				...(history && { history }),
			},
		};
		this.conversation = new Conversation({
			membership,
			isAsked: true,
			printer,
			mentions,
			bell,
			preferences,
			now: () => this.now,
			wallNow: () => this.now,
			ui: () => ui,
		});
		const { conversation } = this;
		const leave = (): void => {};
		const forgetDevice = (): void => {};
		const { secret } = this;
		this.actions = new RoomActions({
			...{ conversation, membership, printer },
			...{ preferences, secret, leave, forgetDevice },
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
