// The environment variables that stand for flags, and those that only look like it.

export type Environment = Record<string, string | undefined>;

/** `tls-cert` has FERNET_CHAT_TLS_CERT. */
export const variableName = (flag: string): string =>
	`FERNET_CHAT_${flag.toUpperCase().replaceAll("-", "_")}`;

/** Kubernetes, and Docker for linked containers, describe every service with variables like these. */
const SERVICE_VARIABLES = [
	/_SERVICE_HOST$/,
	/_SERVICE_PORT(_\w+)?$/,
	/_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$/,
	/_ENV_\w+$/,
];
/** The same where only the value tells them from ours: a service's URL, a link's two names. */
const SERVICE_VALUES = [
	{ name: /_PORT$/, value: /^(tcp|udp|sctp):\/\/([\d.]+|\[[\da-f:.]+\]):\d+$/i },
	{ name: /_NAME$/, value: /^\/[\w.-]+\/[\w.-]+$/ },
];

/** Whether an orchestrator set the variable, because a service is called, say, fernet-chat. */
export const isInjected = (name: string, value: string): boolean =>
	SERVICE_VARIABLES.some((pattern) => pattern.test(name)) ||
	SERVICE_VALUES.some((each) => each.name.test(name) && each.value.test(value));
