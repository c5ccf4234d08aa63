import { cpus, release, totalmem } from "node:os";

/** The machine that the figures come from. */
export interface Machine {
	readonly cpu: string;
	readonly cores: number;
	readonly memoryGib: number;
	readonly kernel: string;
	readonly bun: string;
}

export function thisMachine(): Machine {
	return {
		cpu: cpus()[0]?.model.trim() ?? "unknown",
		cores: cpus().length,
		memoryGib: Math.round(totalmem() / 1024 ** 3),
		kernel: release(),
		bun: Bun.version,
	};
}

export function describe({ cpu, cores, memoryGib, kernel, bun }: Machine): string {
	return `${cpu}, ${cores} cores, ${memoryGib} GiB, Linux ${kernel}, Bun ${bun}`;
}
