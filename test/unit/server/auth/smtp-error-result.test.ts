import { describe, expect, test } from "bun:test";
import { smtpErrorResult } from "../../../../lib/server/auth/smtp-error-result.ts";

// The sentence depends on the service that checks the password: Gmail's advice is for Gmail alone.

const replies: [code: number, response: string, method: "password" | "token", gmail: RegExp][] = [
	[535, "5.7.8 Not accepted", "password", /^Gmail rejected .*\/apppasswords$/],
	[534, "5.7.9 Application-specific password required", "password", /^Gmail .*\/apppasswords$/],
	[535, "5.7.8 Not accepted", "token", /^Gmail rejected .* scope https:\/\/mail\.google\.com\/$/],
	[454, "4.7.0 Too many login attempts", "password", /^Gmail has seen too many logins/],
	[421, "4.7.0 Try again later", "token", /^Gmail cannot check logins right now/],
];

describe.each(replies)("%i %s, for a %s,", (responseCode, response, method, gmail) => {
	const said = (service: string): string =>
		smtpErrorResult({ responseCode, response }, true, method, service).text;

	test("is told with Gmail's name and advice if Gmail says so", () => {
		expect(said("Gmail")).toMatch(gmail);
	});

	test.each(["mail.corp.example", "localhost"])(
		"is told of %s alone if that says so",
		(service) => {
			expect(said(service)).toStartWith(`${service} `);
			expect(said(service)).not.toMatch(/gmail|google|normal password/i);
		},
	);
});
