import { styleText } from "node:util";
import { confusableKey } from "../../util/confusables.ts";

type Format = Parameters<typeof styleText>[0];

/** Colours that can be read on light and on dark, none of which means something elsewhere here. */
const NAME_COLOURS: Format[] = [
	"cyan",
	"magenta",
	"green",
	"yellow",
	"cyanBright",
	"magentaBright",
	"greenBright",
	"blueBright",
];

/** How text is set off; without colour every function gives its text back as it came. */
export class Style {
	readonly #isOn: boolean;

	constructor(isOn: boolean) {
		this.#isOn = isOn;
	}

	dim(text: string): string {
		return this.#set("dim", text);
	}

	bold(text: string): string {
		return this.#set("bold", text);
	}

	inverse(text: string): string {
		return this.#set("inverse", text);
	}

	warning(text: string): string {
		return this.#set("red", text);
	}

	/** A name in its own colour, the same everywhere and every time. */
	name(name: string): string {
		const index = Number(Bun.hash.crc32(confusableKey(name)) % NAME_COLOURS.length);
		return this.#set(["bold", ...[NAME_COLOURS[index] ?? "bold"].flat()], name);
	}

	#set(format: Format, text: string): string {
		return this.#isOn ? styleText(format, text, { validateStream: false }) : text;
	}
}
