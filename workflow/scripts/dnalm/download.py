"""One file over an unreliable network: resumed, checked for length, content and checksum, or not there at all."""

import hashlib
import http.client
import os
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from email.message import Message
from pathlib import Path

from dnalm import __version__, files
from dnalm.errors import InputError
from dnalm.logs import log, progress

LOCAL = ("127.0.0.1", "localhost", "::1")
PASSING = (408, 425, 429, 500, 502, 503, 504)  # statuses that a later try may cure
LONGEST = 60.0  # seconds between two tries at most
_BLOCK = 1 << 18


class _Interrupted(Exception):
    """The transfer failed in a way that a later try may cure; `wait` is what the server asked for, in seconds."""

    def __init__(self, reason: object, wait: float = 0.0) -> None:
        super().__init__(str(reason))
        self.wait = wait


def download(
    url: str, out: Path, *, sha256: str | None = None, attempts: int = 6, wait: float = 1.0, timeout: float = 60.0
) -> None:
    """Fetch `url` (https or ftp; http from this machine only) into `out`.

    Bytes gather in a hidden .part beside `out`, which a later try or a later run resumes with a Range request. Fleeting
    faults are tried `attempts` times, `wait` seconds apart, then twice that, and so on. Without `sha256`, the checksum
    found is recorded in `{out}.sha256` and later downloads are compared with it (trust on first use). Raises
    InputError for another scheme, a refusal, a web page instead of data, an empty file, or a checksum that differs.
    """
    check_scheme(url)
    wanted = sha256.lower() if sha256 else _remembered(out, url)
    part = out.with_name(f".{out.name}.{hashlib.sha256(url.encode()).hexdigest()[:8]}.part")
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = not part.exists()
    _fetch(url, part, attempts, wait, timeout)
    if wanted and not fresh and files.sha256(part) != wanted:
        log.info(f"{url}: the resumed file has another checksum; starting afresh")
        _forget(part)
        _fetch(url, part, attempts, wait, timeout)
    found = _check(url, part, wanted, sha256 is None, out)
    with open(part, "rb") as handle:
        os.fsync(handle.fileno())
    os.replace(part, out)
    _forget(part)
    if sha256 is None:
        with files.whole(_lock(out)) as beside:
            beside.write_text(f"{found}  {url}\n")
    log.info(f"{url}: {out.stat().st_size:,} bytes, sha256 {found}")


def check_scheme(url: str) -> None:
    """Refuse what is not https or ftp: a preset must not read local files or send requests in the clear."""
    address = urllib.parse.urlsplit(url)
    local = address.scheme == "http" and address.hostname in LOCAL
    if not (address.hostname and (address.scheme in ("https", "ftp") or local)):
        raise InputError(f"{url!r}: wanted an https or ftp address; a file on this machine goes under `path:`")


def _fetch(url: str, part: Path, attempts: int, wait: float, timeout: float) -> None:
    for attempt in range(1, attempts + 1):
        try:
            return _transfer(url, part, timeout)
        except _Interrupted as error:
            if attempt == attempts:
                raise InputError(
                    f"{url}: gave up after {attempts} attempts ({error}); what came is kept, run again to resume"
                ) from None
            pause = min(max(wait * 2 ** (attempt - 1), error.wait), LONGEST)
            log.info(f"{url}: {error}; attempt {attempt + 1} of {attempts} in {pause:.0f} s")
            time.sleep(pause)


def _transfer(url: str, part: Path, timeout: float) -> None:
    """One request: append to `part` what is missing, or start afresh where the server cannot or must not resume."""
    done = part.stat().st_size if part.exists() else 0
    stamp = _stamp(part).read_text() if _stamp(part).exists() else ""
    headers = {"User-Agent": f"dnalm/{__version__}", "Accept-Encoding": "identity"}
    if done and stamp:
        headers |= {"Range": f"bytes={done}-", "If-Range": stamp}  # resumed only if the file is still the same
    try:
        with _opener().open(urllib.request.Request(url, headers=headers), timeout=timeout) as answer:
            resumed = answer.status == 206 if answer.status else False
            if resumed and not (answer.headers["Content-Range"] or "").startswith(f"bytes {done}-"):
                _forget(part)
                raise _Interrupted(f"asked from byte {done}, got {answer.headers['Content-Range']}")
            done = done if resumed else 0
            _stamp(part).write_text(_validator(answer.headers))
            length = answer.headers["Content-Length"]
            total = done + int(length) if length else None
            _receive(answer, part, done, total)
    except urllib.error.HTTPError as error:
        _refused(url, part, error, done)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError, ssl.SSLError) as error:
        raise _Interrupted(getattr(error, "reason", error)) from None


def _receive(answer: http.client.HTTPResponse, part: Path, done: int, total: int | None) -> None:
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
        _forget(part)
        raise _Interrupted("the file has changed since; starting afresh")
    if error.code in PASSING:
        asked = error.headers["Retry-After"] or ""
        raise _Interrupted(f"HTTP {error.code} {error.reason}", float(asked) if asked.isdecimal() else 0.0)
    raise InputError(f"{url}: HTTP {error.code} {error.reason}; check the address in the preset")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow redirects, but only to addresses that we would take directly."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        """Check the new address before it is asked."""
        check_scheme(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_Redirects)


def _validator(headers: Message) -> str:
    tag = headers["ETag"] or ""
    return headers["Last-Modified"] or "" if not tag or tag.startswith("W/") else tag


def _check(url: str, part: Path, wanted: str | None, remembered: bool, out: Path) -> str:
    """The checksum of a file that is what it should be; otherwise the part is removed and InputError raised."""
    with open(part, "rb") as handle:
        head = handle.read(512).lstrip().lower()
    found = files.sha256(part)
    if not head:
        reason = "the file is empty; check the address in the preset"
    elif head.startswith((b"<!doctype html", b"<html")):
        reason = "got a web page instead of data; open the address in a browser and correct it in the preset"
    elif wanted and found != wanted and remembered:
        reason = (
            f"its sha256 is {found}, but the first download had {wanted}: it has changed since. If that is meant, "
            f"delete {_lock(out)}"
        )
    elif wanted and found != wanted:
        reason = f"its sha256 is {found}, wanted {wanted}; correct the checksum or the address in the preset"
    else:
        return found
    _forget(part)
    raise InputError(f"{url}: {reason}")


def _lock(out: Path) -> Path:
    return out.with_name(f"{out.name}.sha256")


def _stamp(part: Path) -> Path:
    return part.with_name(f"{part.name}.stamp")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _stamp(part).unlink(missing_ok=True)


def _remembered(out: Path, url: str) -> str | None:
    """The checksum of an earlier download of this very address, if there was one."""
    fields = _lock(out).read_text().split() if _lock(out).exists() else []
    return fields[0] if len(fields) == 2 and fields[1] == url else None
