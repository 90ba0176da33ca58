"""A loopback server of one file that misbehaves as real ones do, and the fixture that starts it for a test."""

import http.server
import re
import threading
from collections import Counter

import numpy as np
import pytest

DATA = b">chrA\n" + np.random.default_rng(0).choice(list(b"ACGT"), 400_000).astype(np.uint8).tobytes() + b"\n"


class Server(http.server.BaseHTTPRequestHandler):
    """The first word of the path says what goes wrong."""

    asked: Counter
    ranges: list
    data = DATA
    files: dict  # contents by name, where several are served; anything else is not there

    def log_message(self, *_):
        """Stay quiet."""

    def do_GET(self):
        """Answer one request with the fault asked for."""
        fault = self.path.split("/")[1]
        self.asked[fault] += 1
        self.ranges.append(self.headers["Range"])
        if fault == "busy" and self.asked[fault] <= 2:
            return self.answer(503, b"")
        if fault == "moved":
            return self.answer(302, b"", Location="/fine/genome.fa")
        if fault == "elsewhere":
            return self.answer(302, b"", Location="http://example.org/x")
        name = self.path.rsplit("/", 1)[1]
        if fault == "absent" or (self.files and name not in self.files):
            return self.answer(404, b"")
        if fault == "web":
            return self.answer(200, b"<!DOCTYPE html><html>Sorry</html>")
        if fault == "empty":
            return self.answer(200, b"")
        data = self.files.get(name, self.data)
        data = data.replace(b"A", b"C") if fault == "other" else data
        return self.send(fault, data)

    def send(self, fault, data):
        """Send the file, from the byte asked for, perhaps not to its end."""
        start = re.match(r"bytes=(\d+)-", self.headers["Range"] or "")
        begin = int(start[1]) if start and fault != "norange" and self.headers["If-Range"] == '"one"' else 0
        code, headers = 200, {"ETag": '"one"'}
        if begin:
            code, headers = 206, headers | {"Content-Range": f"bytes {begin}-{len(data) - 1}/{len(data)}"}
        cut = self.asked[fault] <= {"always": 99, "twice": 2, "once": 1, "norange": 1}.get(fault, 0)
        self.answer(code, data[begin:], len(data[begin:]) // 2 if cut else None, **headers)

    def answer(self, code, body, sent=None, **headers):
        """Send headers for the whole body, and `sent` bytes of it."""
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:sent])


@pytest.fixture
def server():
    handler = type("Fresh", (Server,), {"asked": Counter(), "ranges": [], "files": {}})
    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    handler.url = f"http://127.0.0.1:{served.server_address[1]}"
    yield handler
    served.shutdown()
    thread.join()
    served.server_close()
