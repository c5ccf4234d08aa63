"""A chat room with a thread for each client, and each line encrypted anew for each of them.

Usage: threads.py KEYS. Prints its port. A client says its id, whose key is in KEYS/ID.key, and
then a Fernet token a line.
"""

import socket
import sys
import threading
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

KEYS = Path(sys.argv[1])


class Client:
    def __init__(self, connection):
        self.connection = connection
        self.lines = connection.makefile("rb")
        identity = self.lines.readline().decode().strip()
        self.fernet = Fernet((KEYS / f"{identity}.key").read_bytes())
        self.sending = threading.Lock()

    def send(self, text):
        token = self.fernet.encrypt(text)
        with self.sending:
            self.connection.sendall(token + b"\n")

    def texts(self):
        for line in self.lines:
            yield self.fernet.decrypt(line.strip())


clients = []
changing = threading.Lock()


def broadcast(text):
    with changing:
        everybody = list(clients)
    for client in everybody:
        try:
            client.send(text)
        except OSError:
            pass  # Its own thread sees it go.


def serve(connection):
    with connection:
        client = None
        try:
            client = Client(connection)
            with changing:
                clients.append(client)
            client.send(b"welcome")
            for text in client.texts():
                broadcast(text)
        except (OSError, InvalidToken):
            pass
        finally:
            with changing:
                if client in clients:
                    clients.remove(client)


with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(connection,), daemon=True).start()
