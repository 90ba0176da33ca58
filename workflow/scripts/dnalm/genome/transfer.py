"""The bytes of one address over an unreliable network: tried again, resumed, complete by length, or an error."""

import ftplib
import http.client
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from email.message import Message
from pathlib import Path
from typing import BinaryIO

from dnalm import __version__
from dnalm.errors import AbsentError, InputError
from dnalm.genome.sources import check_scheme
from dnalm.logs import log, progress

PASSING = (408, 425, 429, 500, 502, 503, 504)  # statuses that a later try may cure
LONGEST = 60.0  # seconds between two tries at most
_BLOCK = 1 << 18


class _Interrupted(Exception):
    """The transfer failed in a way that a later try may cure; `wait` is what the server asked for, in seconds."""

    def __init__(self, reason: object, wait: float = 0.0) -> None:
        super().__init__(str(reason))
        self.wait = wait


def fetch(url: str, part: Path, *, attempts: int, wait: float, timeout: float) -> None:
    """Bring `part` to the whole of `url`, continuing what it holds where the server says it is still the same file.

    Fleeting faults are tried `attempts` times, `wait` seconds apart, then twice that, and so on; what came is kept for
    a later run. Raises InputError where the server refuses or the attempts are used up.
    """
    transfer = _ftp if url.lower().startswith("ftp:") else _http
    for attempt in range(1, attempts + 1):
        try:
            return transfer(url, part, timeout)
        except _Interrupted as error:
            if attempt == attempts:
                raise InputError(
                    f"{url}: gave up after {attempts} attempts ({error}); what came is kept, run again to resume"
                ) from None
            pause = min(max(wait * 2 ** (attempt - 1), error.wait), LONGEST)
            log.info(f"{url}: {error}; attempt {attempt + 1} of {attempts} in {pause:.0f} s")
            time.sleep(pause)


def forget(part: Path) -> None:
    """Remove a part and what is known of it."""
    part.unlink(missing_ok=True)
    stamp(part).unlink(missing_ok=True)


def _http(url: str, part: Path, timeout: float) -> None:
    """One request: append to `part` what is missing, or start afresh where the server cannot or must not resume."""
    done = part.stat().st_size if part.exists() else 0
    known = stamp(part).read_text(encoding="utf-8") if stamp(part).exists() else ""
    headers = {"User-Agent": f"dnalm/{__version__}", "Accept-Encoding": "identity"}
    if done and known:
        headers |= {"Range": f"bytes={done}-", "If-Range": known}  # resumed only if the file is still the same
    try:
        with _opener().open(urllib.request.Request(url, headers=headers), timeout=timeout) as answer:
            resumed = answer.status == 206
            if resumed and not (answer.headers["Content-Range"] or "").startswith(f"bytes {done}-"):
                forget(part)
                raise _Interrupted(f"asked from byte {done}, got {answer.headers['Content-Range']}")
            done = done if resumed else 0
            stamp(part).write_text(_validator(answer.headers), encoding="utf-8")
            length = answer.headers["Content-Length"]
            total = done + int(length) if length else None
            _receive(answer, part, done, total)
    except urllib.error.HTTPError as error:
        _refused(url, part, error, done)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError, ssl.SSLError) as error:
        raise _Interrupted(getattr(error, "reason", error)) from None


def _ftp(url: str, part: Path, timeout: float) -> None:
    """The same over FTP, as an anonymous user; a file of another date or size is not continued."""
    address = urllib.parse.urlsplit(url)
    path = urllib.parse.unquote(address.path)
    if not path.isprintable():
        raise InputError(f"{url!r}: holds a control character; correct the address in the preset")
    try:
        with ftplib.FTP(timeout=timeout) as ftp:
            ftp.connect(address.hostname, address.port or ftplib.FTP_PORT)
            ftp.login()
            ftp.voidcmd("TYPE I")
            total = ftp.size(path)
            version = f"{ftp.voidcmd(f'MDTM {path}')} {total}"
            same = part.exists() and stamp(part).exists() and stamp(part).read_text(encoding="utf-8") == version
            done = part.stat().st_size if same else 0
            stamp(part).write_text(version, encoding="utf-8")
            if done and done == total:
                return
            with ftp.transfercmd(f"RETR {path}", rest=done or None) as data, data.makefile("rb") as body:
                _receive(body, part, done, total)
            ftp.voidresp()
    except ftplib.error_perm as error:
        raise InputError(f"{url}: the server refuses ({error}); check the address in the preset") from None
    except (ftplib.Error, EOFError, TimeoutError, ConnectionError, socket.gaierror) as error:
        raise _Interrupted(error or "connection closed") from None


def _receive(answer: http.client.HTTPResponse | BinaryIO, part: Path, done: int, total: int | None) -> None:
    with open(part, "ab" if done else "wb") as handle, progress("download", total or 0, "bytes", done=done) as advance:
        while block := answer.read(_BLOCK):
            handle.write(block)
            advance(len(block))
    if total is not None and part.stat().st_size != total:
        raise _Interrupted(f"connection closed at byte {part.stat().st_size:,} of {total:,}")


def _refused(url: str, part: Path, error: urllib.error.HTTPError, done: int) -> None:
    error.close()
    if error.code == 416 and done:
        if (error.headers["Content-Range"] or "").endswith(f"/{done}"):
            return  # nothing was missing
        forget(part)
        raise _Interrupted("the file has changed since; starting afresh")
    if error.code in PASSING:
        asked = error.headers["Retry-After"] or ""
        raise _Interrupted(f"HTTP {error.code} {error.reason}", float(asked) if asked.isdecimal() else 0.0)
    kind = AbsentError if error.code == 404 else InputError
    raise kind(f"{url}: HTTP {error.code} {error.reason}; check the address in the preset")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow redirects, but only to addresses that we would take directly, and not from http to FTP."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        """Check the new address before it is asked."""
        check_scheme(newurl)
        if newurl.lower().startswith("ftp:"):
            raise InputError(f"{req.full_url}: leads to {newurl}; write that address into the preset")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_Redirects)


def _validator(headers: Message) -> str:
    tag = headers["ETag"] or ""
    return headers["Last-Modified"] or "" if not tag or tag.startswith("W/") else tag


def stamp(part: Path) -> Path:
    """Where it is written which file the part is of: without it, the part is not continued."""
    return part.with_name(f"{part.name}.stamp")
