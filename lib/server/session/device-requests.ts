import { reason } from "../../wire/errors/reason.ts";
import type { ClientMessage } from "../../wire/messages/messages.ts";
import type { Member } from "../room-state/member.ts";
import { StoreUnavailable } from "../storage/store-unavailable.ts";
import type { ServerContext } from "./context.ts";

// What members can do about the devices on which they are remembered.

/** Sends a member its account's devices, the one that was used last first. */
export function listDevices({ devices }: ServerContext, member: Member): Promise<void> {
	return orRefuse(member, undefined, async () => {
		const own = (await devices?.of(member.account))?.toReversed() ?? [];
		member.send({
			type: "device_list",
			devices: own.map(({ id, madeAt, usedAt }) => {
				const current = id === member.device || undefined;
				return { made: madeAt, used: usedAt, current };
			}),
		});
	});
}

type SignOut = Extract<ClientMessage, { type: "sign_out" }>;

/** Forgets this device, or all of the account's, and tells the member when that is done. */
export function signOut(
	{ devices }: ServerContext,
	member: Member,
	{ all, id }: SignOut,
): Promise<void> {
	return orRefuse(member, id, async () => {
		const own = (await devices?.of(member.account)) ?? [];
		const chosen = all ? own : own.filter((device) => device.id === member.device);
		if ((await devices?.forget(chosen)) ?? true) {
			return member.send({ type: "signed_out", count: chosen.length });
		}
		const text = "You are signed out";
		member.send({ type: "refused", ...reason("not_saved", text), id });
	});
}

/** Nothing has changed while the devices are out of reach. */
async function orRefuse(
	member: Member,
	id: string | undefined,
	action: () => Promise<void>,
): Promise<void> {
	try {
		await action();
	} catch (error) {
		if (!(error instanceof StoreUnavailable)) throw error;
		member.send({ type: "refused", ...reason("try_later"), id });
	}
}
