"""`textmine desk` and `textmine review`, as they are called."""

from __future__ import annotations

import http.client
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.review.stock import fill
from textmine.cli import main
from textmine.errors import ConfigError
from textmine.review.serve import OnlyFrom


@pytest.fixture
def store(tmp_path: Path) -> str:
    return fill(f"sqlite:///{tmp_path / 's.db'}")


@pytest.fixture
def call(store: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Calls a command on the store: (exit code, stdout, stderr)."""

    def run(*words: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = main(["desk", *words, "--store", store])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def accounts(call) -> None:
    for name, role in (("ann", "reviewer"), ("bob", "reviewer"), ("eve", "adjudicator")):
        words = ("account", "add", name, "--role", role, "--password-stdin")
        code, out, err = call(*words, stdin="a long pass phrase\n")
        assert (code, out, err) == (0, "", f"{name} is {role}.\n")


def test_accounts(call) -> None:
    accounts(call)
    assert call("account", "list")[1].splitlines() == [
        "ann\treviewer\topen", "bob\treviewer\topen", "eve\tadjudicator\topen",
    ]  # fmt: skip
    assert call("account", "set", "bob", "--closed")[0] == 0
    assert call("account", "set", "ann", "--role", "admin")[0] == 0
    words = ("account", "set", "ann", "--password-stdin")
    assert call(*words, stdin="another pass phrase\n")[0] == 0
    found = [json.loads(line) for line in call("account", "list", "--json")[1].splitlines()]
    assert [(a["name"], a["role"], a["active"]) for a in found] == [
        ("ann", "admin", True), ("bob", "reviewer", False), ("eve", "adjudicator", True),
    ]  # fmt: skip
    assert "hash" not in found[0]
    code, _, err = call("account", "add", "ann", "--password-stdin", stdin="a long pass phrase\n")
    assert code == 2 and "already" in err
    code, _, err = call("account", "add", "x", "--password-stdin", stdin="short\n")
    assert code == 2 and "5 characters" in err
    assert call("account", "add", "x", "--role", "owner")[0] == 2
    assert call("account", "set", "nobody", "--closed")[0] == 2
    log = call("audit")[1]
    assert "account_added" in log and "password_changed" in log and "phrase" not in log


def test_projects_samples_and_figures(call, tmp_path: Path) -> None:
    accounts(call)
    code, out, _ = call(
        "project", "create", "Round 1", "--reviewer", "ann", "--reviewer", "bob",
        "--adjudicator", "eve", "--size", "5", "--seed", "3", "--json",
    )  # fmt: skip
    made = json.loads(out)
    assert code == 0 and (made["findings"], made["assigned"], made["blind"]) == (5, 10, True)
    assert call("project", "list")[1].startswith(f"{made['id']}\tRound 1\tblind\t0 of 10 judged")
    assert call("project", "create", "X", "--reviewer", "ann")[0] == 2
    assert "5 of" in call("sample", "draw", "Look", "5", "--seed", "7")[1]
    assert "none of the 5 sampled" in call("sample", "precision")[1]
    assert json.loads(call("sample", "precision", "--json")[1])["open"] == 5
    assert json.loads(call("agreement", "--json")[1])["overall"]["units"] == 0
    assert call("agreement")[1].startswith("reviewers: none")
    assert call("effect")[1] == ""
    out_file = tmp_path / "d.csv"
    assert call("export", "csv", "-o", str(out_file))[0] == 0
    assert (
        out_file.read_bytes().startswith(b"id,at,reviewer")
        and out_file.read_bytes()[-2:] == b"\r\n"
    )
    code, _, err = call("export", "xlsx")
    assert code == 2 and "no export" in err


def test_a_store_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    for words in (["desk", "account", "list"], ["review", "--port", "0"]):
        assert main([*words, "--store", url]) == 2
        assert "There is no store" in capsys.readouterr().err
    assert not (tmp_path / "none.db").exists()


def test_without_accounts_other_machines_are_not_served(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["review", "--store", store, "--host", "0.0.0.0", "--port", "0"]) == 2
    assert "textmine desk account add" in capsys.readouterr().err
    wrong = ["--trusted-proxy-header", "X-User", "--proxy-role", "king"]
    assert main(["review", "--store", store, "--port", "0", *wrong]) == 2
    assert "king" in capsys.readouterr().err


def test_whom_a_desk_behind_a_proxy_answers() -> None:
    only = OnlyFrom(None, ("127.0.0.1", "::1", "10.1.0.0/16"))  # type: ignore[arg-type]
    for host in ("127.0.0.1", "::1", "10.1.2.3", "::ffff:10.1.2.3"):
        assert only.admits(host)
    for host in ("10.2.0.1", "192.0.2.1", "::2", "localhost", "", "unix:x"):
        assert not only.admits(host)
    with pytest.raises(ConfigError, match="trusted-proxy"):
        OnlyFrom(None, ("everywhere",))  # type: ignore[arg-type]


def test_review_serves_until_it_is_interrupted(store: str) -> None:
    """One command, the link that it prints, and the end."""
    server = subprocess.Popen(
        [sys.executable, "-m", "textmine", "review", "--store", store, "--port", "0"],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert server.stderr is not None
        lines = [server.stderr.readline() for _ in range(3)]
        found = re.search(r"http://127\.0\.0\.1:(\d+)(/login/local\?token=[\w-]+)", lines[1])
        assert found, lines
        web = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=60)
        web.request("GET", "/queue")
        assert web.getresponse().read() is not None
        web.request("GET", found[2])
        answer = web.getresponse()
        answer.read()
        assert answer.status in (200, 302, 303)
        web.close()
    finally:
        server.send_signal(signal.SIGINT)
        code = server.wait(timeout=60)
        server.stderr.close()
    assert code in (0, 130)
