// The usual room over WebSockets, in clear: it publishes each message to everybody. No limits.

const server = Bun.serve({
	hostname: "127.0.0.1",
	port: 0,
	fetch: (request, server) => (server.upgrade(request) ? undefined : new Response()),
	websocket: {
		idleTimeout: 0,
		sendPings: false,
		perMessageDeflate: false,
		backpressureLimit: 64 * 1024 * 1024,
		open(socket) {
			socket.subscribe("room");
		},
		message(_, text) {
			server.publish("room", text);
		},
	},
});
console.log(server.port);
