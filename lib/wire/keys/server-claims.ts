import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemErrorCode } from "../../util/errors.ts";
import type { HostPort } from "../../util/host-port.ts";
import {
	privacyFault,
	readUnlinked,
	replaceFile,
	TEMPORARY_SUFFIX,
} from "../../util/secure-file.ts";
import { record, text, wholeNumber } from "../messages/schema.ts";

// A server claims its keys folder with a file `server.<process id>`: where it listens, as JSON.

const NAME = /^server\.(\d+)$/;
const MAX_BYTES = 1024;
const placeField = record({ host: text(255), port: wholeNumber });

/** The process id in the name of a claim, complete or half written; null for any other name. */
export function claimantOf(name: string): number | null {
	const [, pid] = NAME.exec(name.replace(TEMPORARY_SUFFIX, "")) ?? [];
	return pid === undefined ? null : Number(pid);
}

const ownClaim = (folder: string): string => join(folder, `server.${process.pid}`);

/** Replaces whatever a dead process with our id left behind, even a FIFO or a link. */
export function claimFolder(folder: string, place: HostPort): void {
	// Not durable, because after a crash nobody listens there.
	replaceFile(ownClaim(folder), JSON.stringify(place), { isDurable: false });
}

/** Does nothing if the claim is already gone. */
export function releaseFolder(folder: string): void {
	rmSync(ownClaim(folder), { force: true });
}

/** Where the other servers that claim the folder listen, if their processes are alive. */
export function otherClaims(folder: string): HostPort[] {
	return readdirSync(folder).flatMap((name) => {
		const pid = claimantOf(name);
		if (pid === null || pid === process.pid || !isAlive(pid)) return [];
		return readClaim(join(folder, name)) ?? [];
	});
}

/** Null for a file that no server of our own user wrote. */
function readClaim(path: string): HostPort | null {
	try {
		const bytes = readUnlinked(path, (file) => {
			const fault = privacyFault(file);
			if (fault !== null || file.size > MAX_BYTES) throw new Error(fault ?? "is too long");
		});
		const place: unknown = JSON.parse(bytes.toString());
		return placeField.is(place) ? place : null;
	} catch {
		return null;
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return systemErrorCode(error) !== "ESRCH";
	}
}
