import { EndOfTurn } from "../util/end-of-turn.ts";
import { KeyFolder } from "../wire/keys/key-folder.ts";
import { GMAIL } from "../wire/messages/app-password.ts";
import { AllowList } from "./accounts/allow-list.ts";
import type { SharedBans } from "./accounts/shared-bans.ts";
import { Authenticator } from "./auth/authenticator.ts";
import { GmailVerifier } from "./auth/gmail-verifier.ts";
import { KeyPoller } from "./keys/key-poller.ts";
import type { LogEntry, Logger } from "./log/logger.ts";
import { runIsolated } from "./log/run-isolated.ts";
import { isGmail } from "./mail/smtp-server.ts";
import { Moderation } from "./moderation/moderation.ts";
import { openRoom } from "./open-room.ts";
import { openStores } from "./open-stores.ts";
import { JoinBatcher } from "./room/join-batcher.ts";
import type { Room } from "./room/room.ts";
import type { RoomOptions } from "./room/room-options.ts";
import type { RoomLog } from "./room-log/room-log.ts";
import { unusable } from "./room-log/unusable.ts";
import type { ServerOptions } from "./server-options.ts";
import type { ServerContext } from "./session/context.ts";
import { readMotd } from "./storage/motd.ts";
import { StoreUnavailable } from "./storage/store-unavailable.ts";
import type { Stores } from "./stores.ts";

/** All that may be unusable, before a port is open. */
export interface ServerParts {
	readonly stores: Stores;
	/** The guest list; null lets everybody in. */
	readonly allow: AllowList | null;
	readonly keys: KeyFolder;
	readonly room: Room;
	readonly log: RoomLog;
	readonly endOfTurn: EndOfTurn;
}

/**
 * Opens the room and the files that a server needs. Throws ChatError if one is unusable, and then
 * leaves none open.
 */
export async function openParts(
	options: ServerOptions,
	handlers: Pick<RoomOptions, "onEnd" | "onFailure">,
): Promise<ServerParts> {
	const { logger } = options;
	const warn = warnInto(logger);
	using opened = new DisposableStack();
	const stores = opened.use(await openStores(options, warn));
	const motd = readMotd(options.motd);
	const allow = AllowList.open(options.allow, warn);
	const keys = new KeyFolder(options.keys);
	keys.claim();
	opened.defer(() => keys.release());
	const write = (entry: LogEntry): void => logger.log(entry);
	const endOfTurn = new EndOfTurn((item) => runIsolated("The server", write, () => item.flush()));
	const { bans, devices, sharedBans } = stores;
	const moderation = new Moderation({ bans, sharedBans, devices, warn });
	const failed = Promise.withResolvers<never>();
	failed.promise.catch(() => {});
	const { room, log } = await openRoom(options, {
		...{ ...handlers, motd, moderation, sharedBans },
		atEndOfTurn: (flush) => endOfTurn.schedule({ flush }),
		onFailure: (error) => {
			failed.reject(error);
			handlers.onFailure(error);
		},
	});
	// A log that has failed calls nobody back.
	if (sharedBans) await Promise.race([beginBans(sharedBans, room, log), failed.promise]);
	opened.move();
	return { stores, allow, keys, endOfTurn, room, log };
}

/** Gives a new room the bans of the one before it, and this server's file those of the room. */
async function beginBans(shared: SharedBans, room: Room, log: RoomLog): Promise<void> {
	try {
		await shared.open();
		for (room.tick(); !shared.hasBegun; room.tick()) {
			room.flush();
			await new Promise<void>((resolve) => log.whenCurrent(resolve));
		}
	} catch (error) {
		await log.close();
		if (!(error instanceof StoreUnavailable)) throw error;
		throw unusable(
			"Redis went out of reach before the bans were read. Start the server again.",
			error,
		);
	}
}

export function createContext(options: ServerOptions, parts: ServerParts): ServerContext {
	const { limits, logger, owners, methods, smtp, mailer, clocks } = options;
	const { room, keys, endOfTurn, allow, stores } = parts;
	const { bans, devices, logins: store } = stores;
	const verifier = new GmailVerifier(smtp, limits);
	return {
		...{ room, keys, endOfTurn, devices, limits, logger, ...clocks },
		joins: new JoinBatcher(
			() => room.size,
			(step) => runIsolated("The server", (entry) => logger.log(entry), step),
		),
		authenticator: new Authenticator({
			...{ allow, bans, devices, owners, methods, limits, store, verifier, mailer },
			now: clocks.now,
		}),
		keyPoller: new KeyPoller(keys),
		sessionIds: new Set(),
		verifier: isGmail(smtp) ? GMAIL : smtp.host,
	};
}

export const warnInto =
	(logger: Logger) =>
	(text: string, ip?: string): void =>
		logger.log({ event: "warning", ip, text });
