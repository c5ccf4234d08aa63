import { describe, expect, test } from "bun:test";
import { randomId } from "../../../../lib/util/random-id.ts";
import {
	clearError,
	hello,
	readClearError,
	readHello,
} from "../../../../lib/wire/transport/hello.ts";
import { breach, KEY } from "../crypto/channel-samples.ts";

describe("in clear", () => {
	test("a hello is read as it was said", () => {
		const id = randomId();
		expect(readHello(hello(id))).toEqual({ id, key: undefined });
		expect(hello(id)).toBe(`FERNET-CHAT/1 ${id}`);
		expect(readHello(hello(id, KEY))).toEqual({ id, key: KEY });
		expect(hello(id, KEY)).toBe(`FERNET-CHAT/1 ${id} ${KEY}`);
	});

	const ID = "0123456789abcdef0123456789abcdef";
	test.each([
		["GET / HTTP/1.1\r", "not_fernet_chat"],
		["", "not_fernet_chat"],
		[ID, "not_fernet_chat"],
		["FERNET-CHAT/1", "not_fernet_chat"],
		["FERNET-CHAT/1 ", "not_fernet_chat"],
		[` FERNET-CHAT/1 ${ID}`, "not_fernet_chat"],
		[`fernet-chat/1 ${ID}`, "not_fernet_chat"],
		[`FERNET-CHAT/1  ${ID}`, "not_fernet_chat"],
		[`FERNET-CHAT/1 ${ID} `, "not_fernet_chat"],
		[`FERNET-CHAT/1 ${ID}\r`, "not_fernet_chat"],
		[`FERNET-CHAT/1 ${ID} a b`, "not_fernet_chat"],
		[`FERNET-CHAT/1 ${"a".repeat(65)}`, "not_fernet_chat"],
		["\u0016\u0003\u0001\u0002", "not_fernet_chat"],
		[`FERNET-CHAT/01 ${ID}`, "not_fernet_chat"],
		[`FERNET-CHAT/ ${ID}`, "not_fernet_chat"],
		[`FERNET-CHAT/-2 ${ID}`, "not_fernet_chat"],
		[`FERNET-CHAT/2.0 ${ID}`, "not_fernet_chat"],
		[`FERNET-CHAT/2x ${ID}`, "not_fernet_chat"],
		[`FERNET-CHAT/\u0662 ${ID}`, "not_fernet_chat"],
		[`FERNET-CHAT/99999999999999999999 ${ID}`, "not_fernet_chat"],
		[` FERNET-CHAT/2 ${ID}`, "not_fernet_chat"],
		[`fernet-chat/2 ${ID}`, "not_fernet_chat"],
		[`FERNET-CHAT/1 ${ID.slice(1)}`, "bad_session_id"],
		[`FERNET-CHAT/1 ${ID.toUpperCase()}`, "bad_session_id"],
		["FERNET-CHAT/1 ../../../etc/passwd", "bad_session_id"],
		[`FERNET-CHAT/1 ${ID} ${KEY} ${KEY}`, "not_fernet_chat"],
	])("no hello: %j", (line, code) => {
		const error = breach(() => readHello(line));
		expect(error.code).toBe(code);
		expect(Bun.inspect(error)).not.toContain(KEY);
	});

	test.each([
		{ version: 0, update: "client" },
		{ version: 2, update: "server" },
		{ version: 10, update: "server" },
		{ version: 9999, update: "server" },
	])("a hello of version $version is told to update its $update", ({ version, update }) => {
		const hellos = ["", ` ${ID}`, ` ${ID} ${KEY}`, " x y z w", " \u00e9", `\t${"x".repeat(1000)}`];
		for (const rest of hellos) {
			const error = breach(() => readHello(`FERNET-CHAT/${version}${rest}`));
			expect(error.code).toBe("bad_version");
			expect(error.message).toContain("version 1 of");
			expect(error.message).toContain(`your client speaks version ${version}.`);
			expect(error.message).toEndWith(` Update the ${update}.`);
			expect(Bun.inspect(error)).not.toContain(KEY);
			const { code, text } = error.reason;
			expect(readClearError(clearError(error.reason))).toEqual({ code, text });
		}
	});

	test("an error is read as it was said", () => {
		const line = clearError({
			code: "login_timeout",
			text: "The server found no key file in time.",
		});
		expect(line).toBe("FERNET-CHAT/1 error login_timeout The server found no key file in time.");
		expect(readClearError(line)).toEqual({
			code: "login_timeout",
			text: "The server found no key file in time.",
		});
		const longest = clearError({ code: "bad_key_file", text: "x".repeat(1024) });
		expect(readClearError(longest)?.text).toHaveLength(1024);
	});

	test.each([
		"",
		"0 gAAAA",
		"FERNET-CHAT/1 error",
		"FERNET-CHAT/1 error busy",
		"FERNET-CHAT/1 error busy ",
		"FERNET-CHAT/2 error busy try later",
		"FERNET-CHAT/1 Error busy try later",
		"FERNET-CHAT/1 error BUSY try later",
		" FERNET-CHAT/1 error busy try later",
		"FERNET-CHAT/1 error busy try later\r",
		"FERNET-CHAT/1 error busy \u001b[31mred",
		"FERNET-CHAT/1 error busy \u0085 \u009b31m",
		`FERNET-CHAT/1 error busy ${"x".repeat(1025)}`,
		`FERNET-CHAT/1 error ${"a".repeat(41)} x`,
		"HTTP/1.1 400 Bad Request\r",
	])("no error in clear: %j", (line) => {
		expect(readClearError(line)).toBeNull();
	});
});
