import { expect, test } from "bun:test";
import { KnownServers, UnknownServer } from "../../../../lib/client/net/known-servers.ts";
import { Unreachable, Untrusted } from "../../../../lib/client/net/link-errors.ts";
import { type AddressTarget, ServerList } from "../../../../lib/client/net/server-list.ts";
import { ConfigDir } from "../../../../lib/client/util/config-dir.ts";
import { ChatError } from "../../../../lib/util/errors.ts";
import { reason } from "../../../../lib/wire/errors/reason.ts";

// In which order the servers of a room are tried, and after which errors.

const knownServers = new KnownServers(new ConfigDir({ XDG_CONFIG_HOME: "/dev/null" }));
const listOf = (...hosts: string[]): ServerList =>
	new ServerList(
		hosts.map((host) => ({ host, port: 5050, fingerprints: [] })),
		{ keys: undefined, knownServers },
	);

const refused = (host: string) =>
	new Unreachable(reason("server_unreachable", `No server answers at ${host}.`));

/** Tries those that are not `up`, and then one that is; returns the addresses in the order tried. */
async function turn(list: ServerList, ...up: string[]): Promise<string[]> {
	const tried: string[] = [];
	const attempt = async ({ ip }: AddressTarget): Promise<void> => {
		tried.push(ip);
		if (!up.includes(ip)) throw refused(ip);
	};
	await list.tryInTurn(attempt).catch((error) => expect(error).toBeInstanceOf(Unreachable));
	return tried;
}

const [A, B, C] = ["192.0.2.1", "192.0.2.2", "192.0.2.3"] as const;

test("the one that was good last comes first, then the others in their order", async () => {
	const list = listOf(A, B, C);
	expect(list.label).toBe(`${A}:5050`);
	expect(await turn(list, B, C)).toEqual([A, B]);
	expect(list.label).toBe(`${B}:5050`);
	expect(await turn(list, A, B, C)).toEqual([B]);
	expect(await turn(list, A)).toEqual([B, C, A]);
	expect(await turn(list, C)).toEqual([A, B, C]);
	expect(list.others.map(({ label, current }) => [label, current.host])).toEqual([
		[undefined, A],
		[undefined, B],
	]);
});

test("a turn in which nobody is there changes nothing", async () => {
	const list = listOf(A, B, C);
	await turn(list, B);
	for (let i = 0; i < 3; i++) expect(await turn(list)).toEqual([B, C, A]);
	expect(list.label).toBe(`${B}:5050`);
});

test("one that is going away comes last until another is found", async () => {
	const list = listOf(A, B, C);
	await turn(list, A);
	list.leaveCurrent();
	for (let i = 0; i < 2; i++) expect(await turn(list)).toEqual([B, C, A]);
	expect(await turn(list, C)).toEqual([B, C]);
	expect(await turn(list, C)).toEqual([C]);
	// The only one is all that there is.
	const alone = listOf(A);
	await turn(alone, A);
	alone.leaveCurrent();
	expect(await turn(alone, A)).toEqual([A]);
	expect(alone.label).toBeUndefined();
});

test("all addresses of a name are tried, and the one that was good last comes first", async () => {
	const list = listOf("localhost", B);
	expect(await turn(list)).toEqual(["127.0.0.1", "::1", B]);
	expect(await turn(list, "::1")).toEqual(["127.0.0.1", "::1"]);
	expect(await turn(list)).toEqual(["::1", "127.0.0.1", B]);
	list.leaveCurrent();
	expect(await turn(list)).toEqual([B, "127.0.0.1", "::1"]);
});

test("only the last one has as long as it likes; the others have longer after each turn in vain", async () => {
	const list = listOf(A, "localhost");
	/** The limits of a turn in which the last address alone is there, or nobody. */
	const limits = async (last: string | null): Promise<number[]> => {
		const given: number[] = [];
		const attempt = async ({ ip, limit }: AddressTarget): Promise<void> => {
			given.push(limit);
			if (ip !== last) throw refused(ip);
		};
		await list.tryInTurn(attempt).catch(() => {});
		return given;
	};
	const no = Number.POSITIVE_INFINITY;
	for (const limit of [4000, 8000, 16_000, 16_000]) {
		expect(await limits(null)).toEqual([limit, limit, no]);
	}
	expect(await limits("::1")).toHaveLength(3);
	expect(await limits(null)).toEqual([4000, 4000, no]);
});

test("one attempt has ended before the next one begins", async () => {
	let running = 0;
	const attempt = async ({ ip }: AddressTarget): Promise<never> => {
		expect(++running).toBe(1);
		await new Promise((resolve) => setImmediate(resolve));
		running--;
		throw refused(ip);
	};
	await expect(listOf(A, B, "localhost", C).tryInTurn(attempt)).rejects.toThrow();
});

const presented = {
	...{ fingerprint: "0".repeat(64), isAuthorized: false },
	fault: { code: undefined, validFrom: "", validTo: "", isSelfSigned: true },
};

test.each([
	["that was not given", new Untrusted(reason("wrong_fingerprint", A, "0".repeat(64)))],
	[
		"that has changed",
		new Untrusted(reason("server_changed", A, ["1".repeat(64)], "0".repeat(64), "bun client.ts")),
	],
])(
	"a certificate %s is no reason to try another server: the user must learn of it",
	async (_, error) => {
		const tried: string[] = [];
		const attempt = async ({ ip }: AddressTarget): Promise<never> => {
			tried.push(ip);
			throw error;
		};
		await expect(listOf(A, B).tryInTurn(attempt)).rejects.toBe(error);
		expect(tried).toEqual([A]);
	},
);

test.each(["resume_expired", "room_went_back", "kicked", "banned"])(
	"what one server says of a place in the room, %s, holds for all",
	async (code) => {
		const tried: string[] = [];
		const attempt = async ({ ip }: AddressTarget): Promise<never> => {
			tried.push(ip);
			throw new Unreachable({ code, text: "No." });
		};
		await expect(listOf(A, B).tryInTurn(attempt)).rejects.toMatchObject({ code });
		expect(tried).toEqual([A]);
	},
);

test("a bug is not taken for a server that is not there", async () => {
	const attempt = () => Promise.reject(new TypeError("a bug"));
	await expect(listOf(A, B).tryInTurn(attempt)).rejects.toThrow(TypeError);
});

test("after an abort no other server is tried", async () => {
	const end = new AbortController();
	const tried: string[] = [];
	const attempt = async ({ ip }: AddressTarget): Promise<never> => {
		tried.push(ip);
		end.abort();
		throw refused(ip);
	};
	await expect(listOf(A, B).tryInTurn(attempt, end.signal)).rejects.toThrow(A);
	expect(tried).toEqual([A]);
});

test("what is said in the end names every server once, with what says most about it", async () => {
	const unknown = (host: string) => new UnknownServer({ host, port: 5050 }, presented);
	const errors: Record<string, ChatError> = {
		"127.0.0.1": refused("localhost"),
		"::1": refused("localhost, too"),
		[A]: new ChatError("lobby_full", "Too many people."),
		[B]: unknown(B),
		[C]: unknown(B),
	};
	const said = async (...hosts: string[]) =>
		listOf(...hosts)
			.tryInTurn(({ ip }) => Promise.reject(errors[ip]))
			.catch((error) => error);
	const both = await said(A, "localhost");
	expect(both).toBeInstanceOf(Unreachable);
	expect(both).toMatchObject({
		code: "lobby_full",
		message: `${A}:5050: Too many people.\nNo server answers at localhost.`,
	});
	expect(await said("localhost")).toBe(errors["127.0.0.1"]);
	// As if there were only one.
	expect(await said(B)).toBe(errors[B]);
	expect(await said(B, C)).toBe(errors[B]);
});

test("a name that nobody knows is said to be so, and the next server is tried", async () => {
	const list = listOf("nowhere.invalid", A);
	expect(await turn(list, A)).toEqual([A]);
	await expect(list.tryInTurn(({ ip }) => Promise.reject(refused(ip)))).rejects.toThrow(
		`No server answers at ${A}.\nCannot find "nowhere.invalid".`,
	);
});
