import type { BanVersion } from "../accounts/ban-record.ts";
import type { BanEdits, ChangeOf, Entry } from "../room-log/entry.ts";
import type { Stamp } from "../room-log/room-log.ts";
import { differingFlags, type RoomSettings } from "../room-log/room-settings.ts";
import { History, type HistoryJson } from "./history.ts";
import { Member, type MemberJson } from "./member.ts";
import { MemberDirectory } from "./member-directory.ts";
import { MuteList, type MuteListJson } from "./mute-list.ts";
import { Removals, type RemovalsJson } from "./removals.ts";
import { RoomServers, type RoomServersJson } from "./room-servers.ts";
import { Timeline } from "./timeline.ts";

/** Before any server has begun to serve the room. */
const NO_SETTINGS: RoomSettings = {
	...{ maxMembers: 0, grace: 0, desertedGrace: null, awayAfter: 0, stay: true },
	...{ emailVisibility: "hidden", owners: [], newcomerEvents: 0, logEvents: 0, logBytes: 0 },
	lease: null,
};

/** The whole state as JSON: a server that begins with it goes on where the entries left off. */
export interface RoomStateJson {
	readonly stamp: Stamp;
	readonly settings: RoomSettings;
	readonly prefix: string;
	readonly visitCount: number;
	readonly servers: RoomServersJson;
	readonly members: readonly MemberJson[];
	readonly lastEnd: number;
	readonly title?: string | undefined;
	readonly mutes: MuteListJson;
	readonly bans: readonly string[];
	readonly banVersion?: BanVersion | null;
	readonly unsavedBans: readonly (readonly [account: string, isBanned: boolean])[];
	readonly removals: RemovalsJson;
	readonly history: HistoryJson;
	readonly hasEnded: boolean;
}

/** Shared: of thousands of members, hardly any is owed something. */
const NOTHING: readonly never[] = [];

/** All that the room's log decides. Nothing here knows which server it runs in. */
export class RoomState {
	/** Of the last entry that counted. */
	stamp: Stamp = { at: 0, time: 0 };
	settings = NO_SETTINGS;
	/** Characters that tell this room's visits from another's. */
	#prefix = "";
	#visitCount = 0;
	readonly servers: RoomServers;
	readonly members = new MemberDirectory();
	/** When a member's connection ended last, in the log's time. */
	lastEnd = 0;
	title: string | undefined;
	readonly mutes: MuteList;
	/** Accounts. Another set after each change. */
	bans: ReadonlySet<string>;
	/** Null if the room has one server, whose ban list's file is the only one. */
	banVersion: BanVersion | null;
	/** Those that owners have banned or unbanned, while that one server's file may not know of it. */
	readonly unsavedBans: Map<string, boolean>;
	readonly removals: Removals;
	readonly history: History;
	readonly timeline: Timeline;
	hasEnded = false;
	/** Milliseconds before the last entry in which no server ran. */
	#pause = 0;

	constructor(json?: RoomStateJson) {
		this.servers = new RoomServers(json?.servers);
		this.mutes = new MuteList(json?.mutes);
		this.bans = new Set(json?.bans);
		this.banVersion = json?.banVersion ?? null;
		this.unsavedBans = new Map(json?.unsavedBans);
		this.removals = new Removals(json?.removals);
		const { logEvents, logBytes } = json?.settings ?? NO_SETTINGS;
		this.history = new History(logEvents, logBytes, json?.history);
		this.timeline = new Timeline(this.history);
		if (!json) return;
		({ stamp: this.stamp, settings: this.settings, title: this.title } = json);
		({ prefix: this.#prefix, visitCount: this.#visitCount } = json);
		({ lastEnd: this.lastEnd, hasEnded: this.hasEnded } = json);
		for (const member of json.members) this.members.add(new Member(member));
	}

	toJSON(): RoomStateJson {
		const { stamp, settings, members, lastEnd, title, mutes, bans, removals, history } = this;
		const { banVersion } = this;
		const servers = this.servers.toJSON();
		return {
			...{ stamp, settings, prefix: this.#prefix, visitCount: this.#visitCount },
			...{ servers, members: Array.from(members, (each) => each.toJSON()) },
			...{ lastEnd, title, mutes: mutes.toJSON() },
			...{ bans: [...bans], banVersion, unsavedBans: [...this.unsavedBans] },
			...{ removals: removals.toJSON(), history: history.toJSON(), hasEnded: this.hasEnded },
		};
	}

	/** Whether an entry counts. */
	accept(entry: Entry, stamp: Stamp): boolean {
		if (!this.servers.accept(entry, stamp)) return false;
		const { at, time } = this.stamp;
		this.#pause = stamp.at - at - (stamp.time - time);
		this.stamp = stamp;
		if (this.settings.lease !== null && this.#pause > 0) {
			this.servers.forgiveSilence(stamp.time);
			this.#countPause();
		}
		return true;
	}

	/** Members were in the room while the log was silent, though its time stood still. */
	#countPause(): void {
		for (const member of this.members) member.joinedAt -= Math.max(0, this.#pause);
	}

	/** Returns false if other servers serve the room with other settings. */
	start({ settings, prefix }: ChangeOf<"start">, server: string): boolean {
		const { lease } = this.settings;
		const hasOther = lease !== null && this.servers.hasOther(server, this.stamp.at, lease);
		if (hasOther && differingFlags(this.settings, settings).length > 0) return false;
		if (this.#prefix === "") this.#prefix = prefix;
		if (lease === null) this.#countPause();
		// What an owner has made of the title outlives the server, unless the operator wants another.
		if (settings.title !== this.settings.title) this.title = settings.title;
		this.settings = settings;
		this.history.setLimits(settings.logEvents, settings.logBytes);
		return true;
	}

	/** Whether a server that another takes for dead has been silent for long enough. */
	isDead(server: string): boolean {
		const { lease } = this.settings;
		return lease === null || this.servers.isSilent(server, this.stamp.time, lease);
	}

	/** A server is gone, with all its connections: its entries no longer count. */
	declareDead(server: string): void {
		for (const member of this.members) {
			if (member.server === server && member.offlineSince === null) this.disconnect(member);
		}
		this.servers.declareDead(server);
	}

	/** Adds a member, connected to a server. */
	createMember({ name, account, token }: ChangeOf<"join">, server: string): Member {
		const visit = this.#prefix + (this.#visitCount++).toString(36);
		const json = {
			...{ name, account, visit, joinedAt: this.stamp.time },
			...{ generation: 1, server, isCaughtUp: true },
			...{ offlineSince: null, offlineSeq: null, awaySince: null },
			...{ unreadableSeq: 0, joinedAtSeq: 0, privateCount: 0, privateConfirmed: 0 },
			...{ owed: NOTHING, tokens: [token], ids: [[], []] as const },
		};
		const member = new Member(json);
		this.members.add(member);
		return member;
	}

	/** The member's newest connection is one to this server. */
	reconnect(member: Member, server: string, change: ChangeOf<"resume">): void {
		member.generation++;
		member.server = server;
		member.offlineSince = null;
		member.offlineSeq = null;
		member.isCaughtUp = false;
		member.confirmPrivate(change.private);
		this.members.nextToken(member, change.token, change.nextToken);
	}

	/** The member's connection has ended. */
	disconnect(member: Member): void {
		member.offlineSince = this.stamp.time;
		member.offlineSeq = this.history.lastSeq;
		this.lastEnd = this.stamp.time;
	}

	/** Returns the authors whose private messages it never confirmed, with how many of each. */
	remove(member: Member): [author: Member, count: number][] {
		if (member.offlineSince === null) this.lastEnd = this.stamp.time;
		member.isGone = true;
		this.members.remove(member);
		return Array.from(this.history.unconfirmed(member)).flatMap(([visit, count]) => {
			const author = this.members.findByVisit(visit);
			return author ? [[author, count] as [Member, number]] : [];
		});
	}

	/** An owner bans an account, or lifts its ban. */
	setBan(account: string, isBanned: boolean): void {
		const accounts = new Set([account]);
		this.bans = isBanned ? this.bans.union(accounts) : this.bans.difference(accounts);
		if (!this.banVersion) this.unsavedBans.set(account, isBanned);
		else this.#countBanChange(this.banVersion);
	}

	editBans({ begins, added, removed, saved }: BanEdits): void {
		if (begins && this.banVersion) return;
		this.bans = this.bans.union(new Set(added)).difference(new Set(removed));
		for (const account of saved) this.unsavedBans.delete(account);
		if (begins) this.banVersion = begins;
		else if (this.banVersion) this.#countBanChange(this.banVersion);
	}

	#countBanChange(banVersion: BanVersion): void {
		this.banVersion = { ...banVersion, version: banVersion.version + 1 };
	}

	get isEmpty(): boolean {
		return this.members.size === 0;
	}

	isOwner(account: string): boolean {
		return this.settings.owners.includes(account);
	}

	/** Nobody has been connected for so long that the room waits for nobody any more. */
	isDesertedAt(time: number): boolean {
		const { desertedGrace } = this.settings;
		if (desertedGrace === null || time - this.lastEnd < desertedGrace) return false;
		for (const { offlineSince } of this.members) if (offlineSince === null) return false;
		return true;
	}
}
