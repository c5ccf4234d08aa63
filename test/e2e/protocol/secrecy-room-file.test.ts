import { expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { KeptRoom } from "../reconnect/kept-room.ts";
import { expectNone, keysIn, printed, spellings, spellingsOfKey } from "./secrets.ts";

// What somebody finds who reads the disk of a server with a room file, or its log.

/** Everything in the room's folder but the key. */
const onDisk = ({ folder, files }: KeptRoom): string =>
	files
		.filter((name) => name !== "room.key")
		.map((name) => readFileSync(join(folder, name), "latin1"))
		.join("\n");

const rawKey = (key: string): string => Buffer.from(key, "base64url").toString("latin1");

test("file and WAL hold nothing but ciphertext, and no credential even under their key", async () => {
	await using kept = await KeptRoom.open(
		{},
		"--owner",
		addressOf("annabel"),
		"--title",
		"marzipan",
	);
	const { stage } = kept;
	const annabel = await stage.member("annabel");
	const benedict = await stage.member("benedict");
	const penelope = await Peer.member(stage, "penelope");
	benedict.say("rhubarb, rhubarb");
	annabel.send({ type: "tell", to: "benedict", text: "custard in private" });
	annabel.send({ type: "announce", text: "liquorice for all" });
	annabel.send({ type: "title", title: "gingerbread" });
	annabel.send({ type: "mute", name: "benedict" });
	annabel.send({ type: "ban", who: "mallory@gmail.com", reason: "butterscotch" });
	await penelope.waitFor("banned");
	const key = readFileSync(`${kept.file}.key`, "latin1");
	const sessionKeys = [...(await keysIn(stage)).values()];
	expect(sessionKeys).toHaveLength(3);
	const tokens = [String(penelope.place.token)];
	const searched = [onDisk(kept)];
	let said = printed(stage.server);
	await kept.stop("SIGKILL");
	searched.push(onDisk(kept));
	await kept.start();
	const back = await Peer.resume(stage, penelope);
	tokens.push(String(back.place.token));
	await annabel.waitFor({ type: "online" });
	annabel.say("afterwards, then");
	await back.waitFor("said");
	searched.push(onDisk(kept));
	for (const name of kept.files) expect(statSync(join(kept.folder, name)).mode & 0o777).toBe(0o600);
	expect(kept.files).toEqual(["room", "room-wal", "room.key"]);
	await kept.stop("SIGTERM");
	searched.push(onDisk(kept));
	said += printed(stage.server);

	const words = [
		...[
			"rhubarb",
			"custard in",
			"liquorice",
			"marzipan",
			"gingerbread",
			"butterscotch",
			"afterwards",
		],
		...["annabel", "benedict", "penelope", "mallory", "gmail.com", "127.0.0.1", "request"],
	];
	const roomKeys = [penelope, back].flatMap(({ messages }) =>
		messages.flatMap((message) => ("key" in message ? [String(message.key)] : [])),
	);
	expect(roomKeys.length).toBeGreaterThan(1);
	const keys = [key, ...sessionKeys, ...roomKeys];
	expect(tokens.every((token) => /^\S{20,}$/.test(token))).toBe(true);
	for (const text of searched) {
		expect(text.length).toBeGreaterThan(16_000);
		expectNone([...words, PASSWORD, ...tokens].flatMap(spellings), text);
		expectNone([...keys.flatMap(spellingsOfKey), ...keys.map(rawKey)], text);
	}
	// Under the key there is what was said, but nothing with which anybody could come in or back.
	const { contents } = kept;
	for (const word of ["rhubarb, rhubarb", "custard in private", "gingerbread", "afterwards"]) {
		expect(contents).toContain(word);
	}
	expectNone([PASSWORD, ...tokens, ...keys], contents);
	// Nor does the operator's log give away any of it.
	expectNone([...words.slice(0, 7), PASSWORD, ...tokens].flatMap(spellings), said);
	expectNone(keys.flatMap(spellingsOfKey), said);
});
