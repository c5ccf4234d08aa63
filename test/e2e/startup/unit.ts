/** What a systemd unit says. */
export function readUnit(unit: string) {
	/** All values that it sets for a name. */
	const given = (name: string): string[] =>
		[...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value = ""]) => value);
	const [program, script, ...flags] = given("ExecStart").join().split(" ");
	/** Its environment, with these folders for runtime files and for lasting state. */
	const environment = (runtime: string, state: string): Record<string, string> =>
		Object.fromEntries(
			given("Environment").map((line) =>
				line.replace("%t", runtime).replace("%S", state).split("=", 2),
			),
		);
	return { given, program, script, flags, environment };
}
