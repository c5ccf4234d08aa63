import { reason } from "../../wire/errors/reason.ts";
import type { Batch } from "../room-state/history-entry.ts";
import type { Link } from "../room-state/link.ts";
import type { Member } from "../room-state/member.ts";
import type { RoomState } from "../room-state/room-state.ts";
import { Broadcast } from "./broadcast.ts";
import { CatchUp } from "./catch-up.ts";
import { Newcomers } from "./newcomers.ts";
import type { Attempt } from "./proposals.ts";
import type { EndReason } from "./room-controls.ts";
import type { RoomOptions } from "./room-options.ts";

interface OutletOptions {
	readonly state: RoomState;
	readonly room: RoomOptions;
	/** Called when the room has ended, unless that was with an earlier server. */
	readonly onEnd: (reason: EndReason) => void;
	/** Called when the others have declared this server dead. */
	readonly onDead: () => void;
	/** Called when the room lets a connection go that has ended, or that reads too slowly. */
	readonly onLost: (member: Member, link: Link, code: "broken" | "too_slow") => void;
	/** Called when a member has everything up to now. */
	readonly onCaughtUp: (member: Member) => void;
}

/** What this server does about what happens in the room: for the members that are connected here. */
export class Outlet {
	/** False while the log still gives what happened before this server began. */
	isLive = false;
	readonly #options: OutletOptions;
	readonly #broadcast = new Broadcast();
	readonly #catchUp: CatchUp;
	readonly #newcomers: Newcomers;

	constructor(options: OutletOptions) {
		const { state, room, onLost, onCaughtUp } = options;
		this.#options = options;
		this.#catchUp = new CatchUp({
			...{ state, broadcast: this.#broadcast, now: room.now, onCaughtUp },
			onCutOff: (member, link) => {
				onLost(member, link, "too_slow");
				link.close(reason("too_slow"));
			},
		});
		this.#newcomers = new Newcomers({
			...{ state, broadcast: this.#broadcast, catchUp: this.#catchUp, motd: room.motd },
		});
	}

	/** Call regularly. */
	tick(): void {
		this.#catchUp.tick();
	}

	/** Answers a ping, after all that the member has missed. */
	pong(member: Member): void {
		this.#catchUp.ping(member);
	}

	/** A connection is a new member's; `welcome` follows when the entry is done. */
	admit(member: Member, { candidate: link, resume }: Attempt): void {
		member.presence = { state: "joining", link, resume };
		member.device = link.device?.id;
		this.#options.room.log({ event: "joined", ...member.user, ip: link.ip });
		if (!link.admit(member)) this.#options.onLost(member, link, "broken");
	}

	/** A connection is a member's that was here before: it first of all gets what that has missed. */
	resume(
		member: Member,
		{ candidate: link, resume }: Attempt,
		known: { seq: number; private: number },
	): void {
		const isThere = link.admit(member);
		this.#catchUp.begin(member, link, resume, known);
		this.#options.room.log({ event: "back", ...member.user, ip: link.ip });
		if (!isThere) this.#options.onLost(member, link, "broken");
	}

	/** Sends what an entry brought to those who may read it, and welcomes those who joined with it. */
	send(batches: readonly Batch[], newcomers: readonly Member[], before: number): void {
		const { members, history } = this.#options.state;
		const hasNewcomers = newcomers.some(({ presence }) => presence.state === "joining");
		const readers = [...members].filter(({ presence }) => presence.state === "online");
		const fields = hasNewcomers ? members.welcomeFields : "";
		this.#broadcast.send(batches, readers, hasNewcomers);
		this.#newcomers.welcome(newcomers, { before, until: history.lastSeq, members: fields });
	}

	/** Returns the connection that the room lets go of; closing it changes nothing in the room. */
	release(member: Member): Link | null {
		const { link } = member;
		member.presence = { state: "absent" };
		return link;
	}

	/** The room's other servers have given this one up: its members are theirs now. */
	startAnew(): void {
		this.dropLinks();
		this.#options.onDead();
	}

	dropLinks(): void {
		for (const member of this.#options.state.members) this.release(member)?.close(reason("moving"));
	}

	/** The room has ended for everybody. */
	end(reason: EndReason): void {
		if (this.isLive) this.#options.onEnd(reason);
	}

	/** A member has left, and must not read what follows. */
	exclude(): void {
		this.#broadcast.retireKey();
	}
}
