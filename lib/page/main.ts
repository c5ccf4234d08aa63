Object(globalThis).document.body.append("fernet-chat");
