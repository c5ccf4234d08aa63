import { reason } from "../../wire/errors/reason.ts";
import type { OwnerMessage } from "../../wire/messages/messages.ts";
import type { DeviceStore } from "../devices/device-store.ts";
import type { RoomControls } from "../room/room-controls.ts";
import type { Member } from "../room-state/member.ts";
import { StoreUnavailable } from "../storage/store-unavailable.ts";

export interface SignOutsOptions {
	/** Null if none is remembered. */
	readonly devices: DeviceStore | null;
	/** Writes a warning to the operator's log. */
	readonly warn: (sentence: string) => void;
}

type SignOut = Extract<OwnerMessage, { type: "sign_out_member" }>;

/** Has the devices on which an account is remembered forgotten, as an owner wants it. */
export class SignOuts {
	readonly #options: SignOutsOptions;

	constructor(options: SignOutsOptions) {
		this.#options = options;
	}

	/** Tells the owner when it is done. */
	async signOut(
		{ isOurs }: RoomControls,
		owner: Member,
		{ who, id, account }: SignOut & { readonly account: string },
	): Promise<void> {
		// Once: of several servers, or of several that follow each other, the one that was asked.
		if (!isOurs) return;
		try {
			const { count, isSaved } = await this.#forget(account);
			if (isSaved) return owner.send({ type: "signed_out", count });
			owner.send({ type: "refused", ...reason("not_saved", `${who} is signed out`), id });
		} catch (error) {
			if (!(error instanceof StoreUnavailable)) throw error;
			owner.send({ type: "refused", ...reason("try_later"), id });
		}
	}

	/** The account was banned. Every server does so, as any of them may be killed meanwhile. */
	async banned({ isLive }: RoomControls, account: string): Promise<void> {
		// What an earlier server did it has saved.
		if (!isLive) return;
		try {
			await this.#forget(account);
		} catch (error) {
			if (!(error instanceof StoreUnavailable)) throw error;
			const again = `Once the ban is lifted, sign them out with /signout ${account}.`;
			this.#options.warn(
				`The devices of ${account}, who is banned, are still remembered. ${again}`,
			);
		}
	}

	async #forget(account: string): Promise<{ count: number; isSaved: boolean }> {
		const { devices } = this.#options;
		const chosen = (await devices?.of(account)) ?? [];
		const isSaved = (await devices?.forget(chosen)) ?? true;
		return { count: chosen.length, isSaved };
	}
}
