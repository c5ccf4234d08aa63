import { expect, test } from "bun:test";
import { join } from "node:path";
import { BanList } from "../../../../lib/server/accounts/ban-list.ts";
import { DeviceList } from "../../../../lib/server/devices/device-list.ts";
import { Moderation } from "../../../../lib/server/moderation/moderation.ts";
import { Proposals } from "../../../../lib/server/room/proposals.ts";
import type { Change } from "../../../../lib/server/room-log/entry.ts";
import { RoomState } from "../../../../lib/server/room-state/room-state.ts";
import { eventually } from "../../../support/eventually.ts";
import { replica } from "../room/witness.ts";
import { Place } from "../room-log/logs.ts";

test("of several servers that read what an owner asked for, the one that was asked signs out", async () => {
	using place = new Place();
	const folder = join(place.folder, "state");
	const devices = new DeviceList({ folder, days: 30, wallNow: () => 1, warn: place.warn });
	await devices.remember("eve@x.org", "password");
	const bans = new BanList(folder, place.warn);
	const moderation = new Moderation({ bans, devices, warn: place.warn });
	const proposals = new Proposals();
	const machine = replica(moderation, new RoomState(), () => {}, proposals);
	const settings = { ...machine.state.settings, maxMembers: 9, owners: ["boss@x.org"] };
	const joins = {
		kind: "join",
		attempt: 1,
		name: "boss",
		account: "boss@x.org",
		token: "t",
	} as const;
	const stamp = { at: 1, time: 1 };
	const begin: Change[] = [{ kind: "start", settings, prefix: "p" }, joins];
	/** The owner, connected to a server, asks there, and this one reads it. */
	const ask = (server: string, n: number): void => {
		machine.apply({ server, n, changes: begin }, stamp);
		const boss = machine.state.members.findByAccount("boss@x.org");
		if (!boss) throw new Error("the owner is not in the room");
		const message = { type: "sign_out_member", who: "eve@x.org", id: String(n) } as const;
		const changes: Change[] = [{ kind: "request", ...boss.visitor, message }];
		machine.apply({ server, n: n + 1, changes }, stamp);
	};
	ask("another", 1);
	await Promise.resolve();
	expect(devices.of("eve@x.org")).toHaveLength(1);
	ask(proposals.server, 1);
	await eventually("the device gone", () => devices.of("eve@x.org").length === 0);
	expect(place.warnings).toEqual([]);
});
