"""FTP from a loopback server: whole, resumed after a break, not resumed where the file has changed, refused."""

import re
import socket
import socketserver
import threading

import pytest
from loopback import DATA

from dnalm.errors import InputError
from dnalm.genome import transfer


class Ftp(socketserver.StreamRequestHandler):
    """As much of RFC 959 as a download needs; the first `cuts` transfers break off half-way."""

    cuts = 0
    date = "20250101000000"
    rests: list

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self):
        """Answer commands until the client leaves."""
        self.say("220 ready")
        start = 0
        for line in self.rfile:
            word, _, rest = line.decode().strip().partition(" ")
            if word in ("SIZE", "MDTM", "RETR") and rest != "/pub/genome.fa":
                self.say("550 no such file")
            elif word == "SIZE":
                self.say(f"213 {len(DATA)}")
            elif word == "MDTM":
                self.say(f"213 {self.date}")
            elif word == "PASV":
                data = socket.create_server(("127.0.0.1", 0))
                port = data.getsockname()[1]
                self.say(f"227 Entering Passive Mode (127,0,0,1,{port >> 8},{port & 255})")
            elif word == "REST":
                start = int(rest)
                self.say("350 go on")
            elif word == "RETR":
                self.send(data, start)
            else:
                self.say({"USER": "331 who?", "QUIT": "221 bye"}.get(word, "200 yes"))

    def send(self, data, start):
        """One transfer from byte `start`, over a connection of its own."""
        self.say("150 here it comes")
        type(self).cuts -= 1
        self.rests.append(start)
        with data, data.accept()[0] as link:
            body = DATA[start:]
            link.sendall(body[: len(body) // 2] if self.cuts >= 0 else body)
        self.say("426 broken off" if self.cuts >= 0 else "226 done")


@pytest.fixture
def ftp():
    handler = type("Fresh", (Ftp,), {"rests": []})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        handler.url = f"ftp://127.0.0.1:{served.server_address[1]}/pub/genome.fa"
        yield handler
        served.shutdown()
        thread.join()


def fetch(url, part, attempts=3):
    transfer.fetch(url, part, attempts=attempts, wait=0.01, timeout=10)


@pytest.mark.parametrize("cuts", [0, 1, 2])
def test_ftp_resumes(ftp, tmp_path, cuts):
    ftp.cuts, part = cuts, tmp_path / "x.part"
    fetch(ftp.url, part)
    assert part.read_bytes() == DATA
    fetch(ftp.url, part)  # nothing is missing
    assert part.read_bytes() == DATA
    assert len(ftp.rests) == cuts + 1
    assert ftp.rests == sorted(set(ftp.rests))


def test_ftp_starts_afresh_where_the_file_has_changed(ftp, tmp_path):
    ftp.cuts, part = 1, tmp_path / "x.part"
    with pytest.raises(InputError, match="gave up after 1 attempts"):
        fetch(ftp.url, part, attempts=1)
    part.write_bytes(b"x" * part.stat().st_size)
    ftp.date = "20250202000000"
    fetch(ftp.url, part)
    assert part.read_bytes() == DATA
    assert ftp.rests == [0, 0]


def test_ftp_refuses(ftp, tmp_path):
    with pytest.raises(InputError, match=re.escape("the server refuses (550 no such file); check the address")):
        fetch(ftp.url.replace("genome.fa", "other.fa"), tmp_path / "x.part")
    with pytest.raises(InputError, match="holds a control character"):
        fetch(ftp.url + "%0d%0aDELE", tmp_path / "x.part")
