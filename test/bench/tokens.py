"""Batches of Python's Fernet, asked for a line at a time: "encrypt|decrypt BYTES SECONDS".

Usage: tokens.py KEY. Answers each with JSON: the microseconds of one, and a token that it made.
"""

import json
import sys
import time

from cryptography.fernet import Fernet

fernet = Fernet(sys.argv[1])

for line in sys.stdin:
    what, size, seconds = line.split()
    text = b"x" * int(size)
    token = fernet.encrypt(text)
    work, data = (fernet.encrypt, text) if what == "encrypt" else (fernet.decrypt, token)
    count = 0
    began = time.perf_counter()
    passed = 0.0
    while count == 0 or passed < float(seconds):
        work(data)
        count += 1
        passed = time.perf_counter() - began
    print(json.dumps({"micros": passed * 1e6 / count, "token": token.decode()}), flush=True)
