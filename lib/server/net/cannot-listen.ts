import { systemErrorCode } from "../../util/errors.ts";
import { formatHostPort, type HostPort } from "../../util/host-port.ts";
import { type Reason, ReasonedError, reason } from "../../wire/errors/reason.ts";

/** The flag that a port was given with. */
export type PortFlag = "port" | "web";

type Place = HostPort & { readonly flag: PortFlag };

/**
 * A port cannot be opened: `host_unusable`, `port_in_use`, `port_forbidden` or `cannot_listen`.
 */
export class CannotListen extends ReasonedError {
	readonly flag: PortFlag;

	constructor(place: Place, cause: unknown) {
		super(reasonFor(place, systemErrorCode(cause)), { cause });
		this.flag = place.flag;
	}
}

/** The system's codes where the address is at fault; for a name that nobody knows there may be none. */
const ADDRESS_FAULTS: readonly unknown[] = ["EADDRNOTAVAIL", "ENOTFOUND", "EINVAL", undefined];

function reasonFor(place: Place, code: unknown): Reason {
	const { host, port, flag } = place;
	if (code === "EADDRINUSE") {
		const sentence = `Port ${port} on ${host} is in use (${code}). Choose another with --${flag}.`;
		return reason("port_in_use", sentence);
	}
	const sentence = `Cannot listen on ${formatHostPort(place)} (${code ?? "no such address"}).`;
	if (ADDRESS_FAULTS.includes(code)) {
		const advice = "--host must be an address of this machine, without a port.";
		return reason("host_unusable", `${sentence} ${advice}`);
	}
	if (code === "EACCES") {
		const advice = `Ports below 1024 need rights that this user lacks. Choose another with --${flag}.`;
		return reason("port_forbidden", `${sentence} ${advice}`);
	}
	return reason("cannot_listen", sentence);
}
