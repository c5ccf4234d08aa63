addEventListener("message", ({ data: [id, milliseconds] }) =>
	setTimeout(postMessage, milliseconds, id),
);
