"""A real PostgreSQL server in a folder of its own, for as long as the tests run."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


def binaries() -> Path | None:
    """The folder with `initdb` and `postgres`; None where there is no server."""
    found = shutil.which("postgres")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((p for p in places if (p / "initdb").exists()), None)


def _quick(durable: bool) -> str | None:
    """Memory as a disk, where there is enough of it: files come and go by the thousand."""
    place = "/dev/shm"
    try:
        room = os.statvfs(place)
    except OSError:
        return None
    enough = room.f_bavail * room.f_frsize > 1_000_000_000 and os.access(place, os.W_OK)
    return place if enough and not durable else None


class Server:
    """`with Server() as server: server.url`. It refuses to run as root, so root lends a user."""

    def __init__(self, bin_folder: Path, *, durable: bool = False) -> None:
        self.bin = bin_folder
        self.durable = durable
        self.password = f"p@ss/{secrets.token_hex(4)}"
        self.folder = Path(tempfile.mkdtemp(prefix="textmine-pg-", dir=_quick(durable)))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._user: dict[str, object] = {}
        if os.geteuid() == 0:
            lent = next(u for u in pwd.getpwall() if u.pw_name in ("postgres", "nobody"))
            os.chown(self.folder, lent.pw_uid, lent.pw_gid)
            self._user = {"user": lent.pw_uid, "group": lent.pw_gid, "extra_groups": []}

    @property
    def url(self) -> str:
        word = self.password.replace("@", "%40").replace("/", "%2F")
        return f"postgresql://textmine:{word}@127.0.0.1:{self.port}/postgres"

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, **self._user
        )  # type: ignore[call-overload]
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")

    def __enter__(self) -> Server:
        word = self.folder / "word"
        word.write_text(self.password)
        word.chmod(0o644)
        self._run(
            str(self.bin / "initdb"), "-D", "data", "-U", "textmine", "--pwfile", "word",
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
        )  # fmt: skip
        self.start()
        return self

    def start(self) -> None:
        settings = [
            f"-p {self.port}",
            "-c listen_addresses=127.0.0.1",
            f"-c unix_socket_directories={self.folder}",
        ]
        if not self.durable:
            # synchronous_commit stays on: a commit must outlive a server that stops at once
            settings += ["-c fsync=off", "-c full_page_writes=off"]
        self._run(
            str(self.bin / "pg_ctl"), "-D", "data", "-l", "log", "-w", "-o", " ".join(settings),
            "start",
        )  # fmt: skip

    def stop(self, mode: str = "immediate") -> None:
        self._run(str(self.bin / "pg_ctl"), "-D", "data", "-m", mode, "-w", "stop")

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
