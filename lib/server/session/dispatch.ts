import { ProtocolError, reason, reasonMessage } from "../../wire/errors/reason.ts";
import { idField } from "../../wire/messages/fields.ts";
import { type ClientMessage, readClientMessage } from "../../wire/messages/messages.ts";
import { BadField, type Envelope, UnknownType } from "../../wire/messages/schema.ts";
import { settleIsolated } from "../log/run-isolated.ts";
import type { Member } from "../room-state/member.ts";
import type { ServerContext } from "./context.ts";
import { listDevices, signOut } from "./device-requests.ts";

/** Carries out a member's request, or refuses it. Throws ProtocolError if it breaks the rules. */
export function dispatch(context: ServerContext, member: Member, request: Envelope): void {
	try {
		carryOut(context, member, readClientMessage(request));
	} catch (error) {
		if (!(error instanceof BadField || error instanceof UnknownType)) throw error;
		const refused = reasonMessage("refused", error.reason);
		// With its id, if that is valid, so that the sender knows which one was refused.
		member.send(idField.is(error.id) ? { ...refused, id: error.id } : refused);
	}
}

function carryOut(context: ServerContext, member: Member, message: ClientMessage): void {
	const { room, joins } = context;
	switch (message.type) {
		case "ping":
			return room.ping(member, message.private);
		case "who":
			return room.requestRoster(member);
		case "leave":
			return joins.schedule(() => room.leave(member));
		case "devices":
			return isolate(context, listDevices(context, member));
		case "sign_out":
			return isolate(context, signOut(context, member, message));
		case "login":
		case "resume":
		case "login_methods":
		case "request_code":
			throw new ProtocolError(reason("already_logged_in"));
		default:
			return room.request(member, message);
	}
}

const isolate = ({ logger }: ServerContext, work: Promise<void>): void =>
	void settleIsolated("A session", (entry) => logger.log(entry), work);
