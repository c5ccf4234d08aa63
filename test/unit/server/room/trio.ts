import { Ear, Scene, type SceneOptions } from "./test-room.ts";

export const GRACE = 120_000;
export const AWAY_AFTER = 15_000;

/** Ann, Bob and Carol in a room that waits for whoever is lost. */
export function trio(options: SceneOptions = {}): { scene: Scene; ann: Ear; bob: Ear; carol: Ear } {
	const full = { grace: GRACE, awayAfter: AWAY_AFTER, ...options };
	const { scene, ears } = Scene.with(full, "ann", "bob", "carol");
	const [ann, bob, carol] = ears as [Ear, Ear, Ear];
	return { scene, ann, bob, carol };
}

/** What was said to an ear, to all or to it alone. */
export const textsIn = (ear: Ear): string[] =>
	ear.heard.flatMap((one) => ("text" in one ? [one.text] : []));
/** Who came, went, and all that. */
export const movesIn = (ear: Ear): string[][] =>
	ear.events.flatMap((one) => ("name" in one && one.name ? [[one.type, one.name]] : []));
/** Whether the room would let somebody else have a name. */
export const isFree = (scene: Scene, name: string): boolean =>
	scene.room.admissionError(new Ear(scene, name, "stranger")) === null;
