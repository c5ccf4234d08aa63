import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small disk with exFAT, which has neither file modes nor hard links. */
export class ExfatDisk implements Disposable {
	/** The folder where it is mounted. */
	readonly path: string;

	/** `options` make up the modes that all files have, such as `umask=077`. Throws if it cannot. */
	constructor(options: string) {
		this.path = mkdtempSync(join(tmpdir(), "fernet-chat-exfat-"));
		try {
			this.#mount(options);
		} catch (error) {
			rmSync(this.path, { recursive: true });
			throw error;
		}
	}

	/** Whether this machine lets us mount one: that takes root, FUSE and a loop device. */
	static get canBeMounted(): boolean {
		try {
			new ExfatDisk("umask=0")[Symbol.dispose]();
			return true;
		} catch {
			return false;
		}
	}

	#mount(options: string): void {
		const image = `${this.path}.img`;
		writeFileSync(image, "");
		try {
			truncateSync(image, 4 * 1024 * 1024);
			run("mkfs.exfat", image);
			const device = run("losetup", "--find", "--show", image);
			try {
				run("mount.exfat-fuse", "-o", options, device, this.path);
			} finally {
				// The device stays until it is no longer mounted.
				run("losetup", "--detach", device);
			}
		} finally {
			rmSync(image);
		}
	}

	[Symbol.dispose](): void {
		run("umount", "--lazy", this.path);
		rmSync(this.path, { recursive: true });
	}
}

/** Returns what it prints. */
function run(...command: string[]): string {
	const { success, stdout, stderr } = Bun.spawnSync(command);
	if (!success) throw new Error(`${command.join(" ")}: ${stderr}`);
	return stdout.toString().trim();
}
