import { describe, expect, test } from "bun:test";
import { UsageError } from "../../../lib/options/parsers.ts";
import { client, type Environment, LOGIN, server } from "./read.ts";

// Variables that are empty, misspelt, or set by an orchestrator.

const READERS = [server, client];

describe("an empty variable that says who can join, or what others see, is refused", () => {
	const guards = ["ALLOW", "ALLOW_FILE", "OWNER", "METHODS", "SMTP", "STATE", "ADDRESSES"];
	test.each(guards)("FERNET_CHAT_%s", (name) => {
		const read = () => server([], { [`FERNET_CHAT_${name}`]: "" });
		expect(read).toThrow(UsageError);
		const flag = `--${name.toLowerCase().replace("_", "-")}`;
		expect(read).toThrow(
			`FERNET_CHAT_${name} is empty. Set it to a value for ${flag}, or unset it.`,
		);
	});

	test.each([" ", ",", " , ", "ann@gmail.com,", "@"])("and a list of nothing: %j", (list) => {
		for (const name of ["ALLOW", "OWNER", "METHODS"])
			expect(() => server([], { [`FERNET_CHAT_${name}`]: list })).toThrow(`FERNET_CHAT_${name}`);
	});

	test("any other counts as unset", () => {
		const env = { FERNET_CHAT_TITLE: "", FERNET_CHAT_PORT: "", FERNET_CHAT_GRACE: "" };
		expect(server([], env)).toEqual(server([]));
		expect(client([], { FERNET_CHAT_NAME: "", FERNET_CHAT_BELL: "" })).toEqual(client([]));
	});
});

describe("a misspelt variable is refused by both programs, with a suggestion", () => {
	test.each([
		["FERNET_CHAT_ALOW", "FERNET_CHAT_ALLOW"],
		["FERNET_CHAT_ALLWO", "FERNET_CHAT_ALLOW"],
		["FERNET_CHAT_ALLOWED", "FERNET_CHAT_ALLOW"],
		["FERNET_CHAT_ALLOW_LIST", "FERNET_CHAT_ALLOW"],
		["FERNET_CHAT_ALLOWED_USERS", "FERNET_CHAT_ALLOW"],
		["FERNET_CHAT_ALLOWFILE", "FERNET_CHAT_ALLOW_FILE"],
		["FERNET_CHAT_ALLOW-FILE", "FERNET_CHAT_ALLOW_FILE"],
		["FERNETCHAT_ALLOW", "FERNET_CHAT_ALLOW"],
		["FRENET_CHAT_ALLOW", "FERNET_CHAT_ALLOW"],
		["fernet_chat_allow", "FERNET_CHAT_ALLOW"],
		["Fernet_Chat_Onwer", "FERNET_CHAT_OWNER"],
		["FERNET_CHAT_OWNERS", "FERNET_CHAT_OWNER"],
		["FERNET_CHAT_METHOD", "FERNET_CHAT_METHODS"],
		["FERNET_CHAT_SMTP_URL", "FERNET_CHAT_SMTP"],
		["FERNET_CHAT_PROT", "FERNET_CHAT_PORT"],
		["FERNET_CHAT_STY", "FERNET_CHAT_STAY"],
		["FERNET_CHAT_ROMM", "FERNET_CHAT_ROOM"],
		["FERNET_CHAT_ROOM_FILE", "FERNET_CHAT_ROOM"],
		["FERNET_CHAT_ROOMKEY", "FERNET_CHAT_ROOM_KEY"],
		["FERNET_CHAT_REMEMBER_DAY", "FERNET_CHAT_REMEMBER_DAYS"],
		["fernet_chat_rememberdays", "FERNET_CHAT_REMEMBER_DAYS"],
		["FERNET_CHAT_REMEBMER", "FERNET_CHAT_REMEMBER"],
		["FERNETCHAT_PATIENCE", "FERNET_CHAT_PATIENCE"],
		["FERNET_CHAT_MAX_MEMBER", "FERNET_CHAT_MAX_MEMBERS"],
		["FERNET_CHAT_BELLS", "FERNET_CHAT_BELL"],
		["FERNET_CHAT_PASWORD", "FERNET_CHAT_PASSWORD"],
		["FERNET_CHAT_MAILER_PASSWROD", "FERNET_CHAT_MAILER_PASSWORD"],
		["FERNET_ALLOW", "FERNET_CHAT_ALLOW"],
		["CHAT_ALLOW", "FERNET_CHAT_ALLOW"],
		["chat-allowed", "FERNET_CHAT_ALLOW"],
		["FRNT_CHT_ALLOW", "FERNET_CHAT_ALLOW"],
		["FRENET_ALLWO", "FERNET_CHAT_ALLOW"],
		["ALLOW_FERNET", "FERNET_CHAT_ALLOW"],
		["MY_CHAT_OWNERS", "FERNET_CHAT_OWNER"],
		["FERNETCHT_METHOD", "FERNET_CHAT_METHODS"],
	])("%s", (typed, meant) => {
		for (const read of READERS) {
			const reading = () => read([], { [typed]: "hunter2" });
			expect(reading).toThrow(UsageError);
			expect(reading).toThrow(`There is no variable "${typed}". Did you mean ${meant}?`);
			expect(reading).not.toThrow("hunter2");
		}
	});

	test.each([
		...[
			"GUESTS",
			"GUEST_LIST",
			"ONWERS",
			"WHITELIST",
			"IMAGE",
			"BACKUP_DIR",
			"HOMEPAGE",
			"",
			"é",
		].map((name) => `FERNET_CHAT_${name}`),
		...["FERNETCHAT_GUESTS", "FERNET-CHAT-GUESTS", "fernet_chat_guests", "FERNET_CHATGUESTS"],
	])("or without one, if nothing resembles it: %s", (typed) => {
		for (const read of READERS) {
			const reading = () => read([], { [typed]: "hunter2" });
			const advice = "Type --help for those there are, or else unset it or rename it.";
			expect(reading).toThrow(new UsageError(`There is no variable "${typed}". ${advice}`));
		}
	});

	test("unless it only asks for help", () => {
		for (const read of READERS) expect(read(["--help"], { FERNET_CHAT_ALOW: "" })).toBeNull();
	});
});

describe("what is not ours is ignored", () => {
	/** What Kubernetes injects for a service of this name, and Docker for a link. */
	const injectedFor = (service: string, url: string): Environment => ({
		[`${service}_SERVICE_HOST`]: "10.0.0.1",
		[`${service}_SERVICE_PORT`]: "5050",
		[`${service}_SERVICE_PORT_CHAT`]: "5050",
		[`${service}_PORT`]: url,
		[`${service}_PORT_5050_TCP`]: url,
		[`${service}_PORT_5050_TCP_PROTO`]: "tcp",
		[`${service}_PORT_5050_TCP_PORT`]: "5050",
		[`${service}_PORT_5050_TCP_ADDR`]: "10.0.0.1",
		[`${service}_NAME`]: "/web/fernet-chat",
		[`${service}_ENV_FERNET_CHAT_ALLOW`]: "",
	});

	const services = ["", "_ALLOW", "_ALOW", "_OWNER", "_SERVER", "_TLS_CERT", "_ROOM", "_PROT", "2"];
	test.each(services)("the variables of a service FERNET_CHAT%s", (suffix) => {
		for (const url of ["tcp://10.0.0.1:5050", "udp://172.17.0.5:5050", "tcp://[fd00::1]:5050"]) {
			const env = injectedFor(`FERNET_CHAT${suffix}`, url);
			for (const read of READERS) expect(read([], env)).toEqual(read([]));
		}
	});

	test("but a port that is neither a number nor a service's URL is refused", () => {
		for (const port of [
			"tcp://",
			"tcp",
			"http://10.0.0.1:5050",
			"tcp://10.0.0.1:5050 ",
			"5050/tcp",
		])
			expect(() => server([], { FERNET_CHAT_PORT: port })).toThrow("FERNET_CHAT_PORT (--port)");
		expect(() => client([], { FERNET_CHAT_NAME: "web/fernet-chat" })).toThrow("FERNET_CHAT_NAME");
	});

	test("the other program's variables, and what resembles none of ours", () => {
		const others = [
			...["FERNET_CHAT_HELP", "FERNET_CHAT_VERSION", "FERNET_KEY", "CHAT_HOST", "CHAT_PROT"],
			...["ROCKETCHAT_PORT", "ROCKETCHAT_OWNER", "AIRFLOW__CORE__FERNET_KEY", "CART_OWNER"],
			...["FOLDER_ALLOW", "CI_COMMIT_AUTHOR", "HTTP_METHODS", "ALLOW", "OWNER", "CHAT"],
		];
		const env = Object.fromEntries(others.map((name) => [name, "/x"]));
		expect(server([], { ...env, ...LOGIN, FERNET_CHAT_BELL: "loud" })).toEqual(server([]));
		expect(client([], { ...env, FERNET_CHAT_ALLOW: "", FERNET_CHAT_PORT: "x" })).toEqual(
			client([]),
		);
	});
});
