import { Stage } from "../../support/programs.ts";
import { quietPort } from "../../support/quiet-port.ts";

/** A room in memory, on a port that stays free for the next server. */
export const openOnQuietPort = (
	how: Parameters<typeof Stage.openWith>[0] = {},
	...flags: string[]
): Promise<Stage> => Stage.openWith(how, "--port", String(quietPort()), ...flags);

/** Stops the stage's server, and resolves when it has ended. */
export async function stop(stage: Stage, signal: NodeJS.Signals = "SIGTERM"): Promise<number> {
	stage.server.kill(signal);
	return stage.server.exit();
}

/** Starts another server on the port of the stage's last one, with the same folders and mailbox. */
export const startAgain = (stage: Stage, ...flags: string[]): Promise<void> =>
	stage.reopen("--port", String(stage.port), ...flags);
