import { readFileSync } from "node:fs";

/**
 * Runs a command as a container does: as process 1, on a network of its own that reaches nobody.
 * The command dies when this one is killed.
 */
export const IN_CONTAINER = [
	...["unshare", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"],
	...["sh", "-c", 'ip link set lo up && exec "$0" "$@"'],
];

/** The process that is process 1 in a container, by its number outside; undefined before there is one. */
export function processOne(unshare: number): number | undefined {
	const children = readFileSync(`/proc/${unshare}/task/${unshare}/children`, "utf8");
	return children === "" ? undefined : Number(children.trim());
}

/** Whether this machine lets us make one: that takes Linux, and mostly root. */
export function canMakeContainers(): boolean {
	try {
		return Bun.spawnSync([...IN_CONTAINER, "true"]).success;
	} catch {
		return false;
	}
}
