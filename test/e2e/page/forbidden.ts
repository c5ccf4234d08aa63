/** What refuses at least one of the attempts. */
export const DIRECTIVES = [
	"base-uri",
	"connect-src",
	"form-action",
	"frame-src",
	"img-src",
	"require-trusted-types-for",
	"script-src-elem",
	"style-src-elem",
	"trusted-types",
];

/**
 * A script of the page: tries each thing that another one slipped into it could, with the help of a
 * server elsewhere, and returns the directives that refused, and what was done all the same. It is a
 * source: what it does is evil to every other compiler, and to the linter.
 */
export const tryAll = (elsewhere: string, directives: readonly string[]): string =>
	`(${TRY_ALL})(${JSON.stringify(elsewhere)}, ${JSON.stringify(directives)})`;

const TRY_ALL = `async (elsewhere, directives) => {
	const violations = new Set();
	document.addEventListener("securitypolicyviolation", (event) => violations.add(event.effectiveDirective));
	const element = (tag, fields) => Object.assign(document.createElement(tag), fields);
	const attempts = {
		"inline script": () => document.body.append(element("script", { text: "globalThis.owned = true" })),
		"script of another origin": () => document.body.append(element("script", { src: elsewhere + "x.js" })),
		"handler in an attribute": () => {
			const button = element("button", {});
			button.setAttribute("onclick", "globalThis.owned = true");
			document.body.append(button);
			button.click();
		},
		"javascript: link": () => {
			const link = element("a", { href: "javascript:globalThis.owned = true" });
			document.body.append(link);
			link.click();
		},
		"markup": () => { document.body.innerHTML = "<img src=x onerror='globalThis.owned = true'>"; },
		"policy of its own": () => trustedTypes.createPolicy("mine", { createHTML: (text) => text }),
		"eval": () => (0, eval)("globalThis.owned = true"),
		"function of a text": () => new Function("globalThis.owned = true")(),
		"timer of a text": () => setTimeout("globalThis.owned = true"),
		"frame": () => document.body.append(element("iframe", { src: elsewhere })),
		"form": () => {
			const form = element("form", { action: elsewhere, method: "post" });
			document.body.append(form);
			form.submit();
		},
		"image": () => document.body.append(element("img", { src: elsewhere })),
		"style": () => document.head.append(element("style", { textContent: "body { color: red }" })),
		"base": () => document.head.append(element("base", { href: elsewhere })),
		"request": () => void fetch(elsewhere).catch(() => {}),
		"beacon": () => navigator.sendBeacon(elsewhere),
		"socket": () => new WebSocket(elsewhere.replace("http", "ws")),
		"worker": () => new Worker("data:text/javascript,0"),
	};
	// In a turn of the page's own: a debugger's, in which this began, may do what the page may not.
	await new Promise((resolve) => setTimeout(resolve));
	for (const attempt of Object.values(attempts)) {
		try { attempt(); } catch {}
	}
	for (let i = 0; i < 500 && directives.some((each) => !violations.has(each)); i++) {
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
	return {
		violations: [...violations].sort(),
		frames: [...document.querySelectorAll("iframe")].filter(({ contentDocument }) => contentDocument?.body?.firstChild).length,
		isOwned: "owned" in globalThis,
	};
}`;
