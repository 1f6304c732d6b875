"""App-servers that misbehave, one way each: `python peers.py WAY`. Standard library only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

THREAD = "thread-1"
TURN = "turn-1"


def send(message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def answer(asked: dict[str, Any], result: object = None) -> None:
    send({"id": asked["id"], "result": {} if result is None else result})


def fail(asked: dict[str, Any], code: int, text: str) -> None:
    send({"id": asked["id"], "error": {"code": code, "message": text}})


def note(method: str, **params: object) -> None:
    send({"method": method, "params": {"threadId": THREAD, **params}})


def delta(text: str, item: str = "m1") -> None:
    note("item/agentMessage/delta", turnId=TURN, itemId=item, delta=text)


def done(text: str, item: str = "m1", phase: str | None = "final_answer") -> None:
    whole = {"id": item, "type": "agentMessage", "text": text, "phase": phase}
    note("item/completed", turnId=TURN, completedAtMs=1, item=whole)


def started() -> None:
    note("turn/started", turn={"id": TURN, "items": [], "status": "inProgress"})


def completed(status: str = "completed", **more: object) -> None:
    note("turn/completed", turn={"id": TURN, "items": [], "status": status, **more})


def accepted(asked: dict[str, Any]) -> None:
    answer(asked, {"turn": {"id": TURN, "items": [], "status": "inProgress"}})


def behave(asked: dict[str, Any]) -> None:
    """As a good app-server answers, as far as the handshake and threads go."""
    match asked.get("method"):
        case "initialize":
            answer(asked, {"userAgent": "peer", "codexHome": "/"})
        case "account/read":
            answer(asked, {"account": None, "requiresOpenaiAuth": False})
        case "thread/start" | "thread/resume":
            answer(asked, {"thread": {"id": THREAD}})
        case "thread/turns/list":
            answer(asked, {"data": []})
        case "echo":
            answer(asked, asked["params"])
        case "size":
            answer(asked, {"size": len(asked["params"]["text"])})
        case _ if "id" in asked and "method" in asked:
            answer(asked)


def listen(*, special: Callable[[dict[str, Any]], bool] = lambda asked: False) -> None:
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        if not special(asked):
            behave(asked)


# --- the ways --------------------------------------------------------------------------------


def garbage() -> None:
    out = sys.stdout.buffer
    for line in (b"hello?", b"\xff\xfe\x00", b"[1,2]", b"42", b"", b"null", b"[" * 100_000, b"{}"):
        out.write(line + b"\n")
    out.write(b'{"id": "text", "result": 1}\n{"id": 999, "result": 1}\n{"method": 5}\n')
    out.write(b'{"method": "turn/started", "params": 7}\n{"id": 1.5}\n')
    out.write(b'{"method": "turn/completed", "params": {"threadId": ["x"]}}\n')
    out.flush()
    listen()


def good() -> None:
    listen()


def mute() -> None:
    for _ in sys.stdin.buffer:
        pass


def silent_reader() -> None:
    """Lives, and reads nothing."""
    while True:
        signal.pause()


def late() -> None:
    """`slow` is answered only after the next request was."""
    waiting: list[dict[str, Any]] = []

    def special(asked: dict[str, Any]) -> bool:
        if asked["method"] == "slow":
            waiting.append(asked)
            return True
        behave(asked)
        while waiting:
            answer(waiting.pop(), {"late": True})
        return True

    listen(special=special)


def overloaded() -> None:
    """`busy` is refused as often as its params say, then answered; counts the attempts."""
    seen = 0

    def special(asked: dict[str, Any]) -> bool:
        nonlocal seen
        if asked["method"] != "busy":
            return False
        seen += 1
        if seen <= asked["params"]["times"]:
            fail(asked, -32001, "Server overloaded; retry later.")
        else:
            answer(asked, {"attempts": seen})
        return True

    listen(special=special)


def asks() -> None:
    """On `go`, asks for everything in its params; `report` gives what it was told."""
    told: dict[str, Any] = {}

    def special(asked: dict[str, Any]) -> bool:
        if "method" not in asked:
            told[str(asked["id"])] = asked.get("result", asked.get("error"))
        elif asked["method"] == "go":
            for method in asked["params"]["methods"]:
                send({"id": method, "method": method, "params": {"threadId": THREAD}})
            answer(asked)
        elif asked["method"] == "report":
            answer(asked, told)
        else:
            return False
        return True

    listen(special=special)


def loud() -> None:
    """Megabytes of stderr, whole and torn, before it behaves."""
    for number in range(20_000):
        sys.stderr.write(f"line {number} " + "x" * 200 + "\n")
    sys.stderr.write("y" * 1_000_000 + "\nthe last word\n")
    sys.stderr.flush()
    listen()


def chatty() -> None:
    """Says on stderr what Codex 0.163 says at each start, and then what matters."""
    for line in (
        "2026-11-21T09:00:00Z ERROR codex_app_server: Codex could not find bubblewrap on PATH.",
        'WARNING: proceeding, even though we could not create PATH aliases: under "/tmp"',
        "2026-11-21T09:00:00Z  WARN codex_core: no error here",
        "2026-11-21T09:00:00Z \x1b[31mERROR\x1b[0m codex_core: the disk is full",
        "Error: invalid type: string, expected a boolean",
        "thread 'main' panicked at src/main.rs:1:1:",
    ):
        sys.stderr.write(line + "\n")
    sys.stderr.flush()
    listen()


def refuses() -> None:
    sys.stderr.write("WARNING: something else\nError: invalid type: string, expected a boolean\n")
    sys.exit(1)


def silent_end() -> None:
    sys.exit(3)


def huge() -> None:
    """`huge` is answered with a line of that many bytes."""

    def special(asked: dict[str, Any]) -> bool:
        if asked["method"] != "huge":
            return False
        frame = len(json.dumps({"id": asked["id"], "result": {"text": ""}}))
        answer(asked, {"text": "z" * (asked["params"]["bytes"] - frame)})
        return True

    listen(special=special)


def torn() -> None:
    """Sends every answer byte by byte, as separate writes."""
    real = os.write

    def special(asked: dict[str, Any]) -> bool:
        if "id" not in asked:
            return True
        line = json.dumps({"id": asked["id"], "result": {"text": "wörter"}}, ensure_ascii=False)
        for byte in (line + "\n").encode():
            real(1, bytes([byte]))
        return True

    listen(special=special)


def on_turn(play: Callable[[dict[str, Any]], None]) -> None:
    def special(asked: dict[str, Any]) -> bool:
        if asked.get("method") != "turn/start":
            return False
        play(asked)
        return True

    listen(special=special)


def early() -> None:
    """The whole turn is over before its request is answered."""

    def play(asked: dict[str, Any]) -> None:
        started()
        delta("quick")
        done("quick")
        completed()
        accepted(asked)

    on_turn(play)


def nameless() -> None:
    """As `early`, and the turn never says that it started."""

    def play(asked: dict[str, Any]) -> None:
        delta("quick")
        done("quick")
        completed()
        accepted(asked)

    on_turn(play)


def flood() -> None:
    """A hundred thousand deltas as fast as it can, and then the text of record."""

    def play(asked: dict[str, Any]) -> None:
        accepted(asked)
        started()
        one = {"threadId": THREAD, "turnId": TURN, "itemId": "m1", "delta": "ab "}
        line = json.dumps({"method": "item/agentMessage/delta", "params": one}) + "\n"
        for _ in range(100):
            sys.stdout.write(line * 1_000)
        done("ab " * 100_000)
        completed()

    on_turn(play)


def stuck() -> None:
    """The turn says a word, and neither ends nor can be interrupted."""

    def special(asked: dict[str, Any]) -> bool:
        if asked.get("method") == "turn/interrupt":
            return True
        if asked.get("method") == "turn/start":
            accepted(asked)
            started()
            delta("well")
            return True
        return False

    listen(special=special)


def held() -> None:
    """`thread/resume` finds another writer twice, then none."""
    seen = 0

    def special(asked: dict[str, Any]) -> bool:
        nonlocal seen
        if asked.get("method") != "thread/resume":
            return False
        seen += 1
        if seen <= 2:
            fail(asked, -32600, f"thread {THREAD} already has an active writer")
            return True
        return False

    listen(special=special)


def forgetful() -> None:
    """Lets its thread go before each turn; it speaks once the thread was resumed."""
    loaded = False

    def special(asked: dict[str, Any]) -> bool:
        nonlocal loaded
        if asked.get("method") == "thread/resume":
            loaded = True
        if asked.get("method") != "turn/start":
            return False
        if loaded:
            accepted(asked)
            started()
            done("here again")
            completed()
        else:
            fail(asked, -32600, f"thread not found: {THREAD}")
        loaded = False
        return True

    listen(special=special)


def lost() -> None:
    """Has no thread, whatever it said before."""

    def special(asked: dict[str, Any]) -> bool:
        if asked.get("method") == "turn/start":
            fail(asked, -32600, f"thread not found: {THREAD}")
        elif asked.get("method") == "thread/resume":
            fail(asked, -32600, f"no rollout found for thread id {THREAD}")
        else:
            return False
        return True

    listen(special=special)


def odd() -> None:
    """Unknown words everywhere: items, phases, statuses, error codes."""

    def play(asked: dict[str, Any]) -> None:
        accepted(asked)
        started()
        note("item/started", turnId=TURN, item={"id": "x", "type": "newThing", "text": 5})
        note("item/started", turnId=TURN, item={"id": "m1", "type": "agentMessage", "phase": "new"})
        note("turn/somethingNew", turnId=TURN, anything=[1])
        note("item/agentMessage/delta", turnId=TURN, itemId="m1", delta=None)
        delta("spoken")
        done("spoken", phase="new")
        completed("exploded", error={"message": "no", "codexErrorInfo": {"newError": {"a": 1}}})

    on_turn(play)


def phases() -> None:
    """What is commentary is only told at its end."""

    def play(asked: dict[str, Any]) -> None:
        accepted(asked)
        started()
        delta("let me think", item="c1")
        done("let me think", item="c1", phase="commentary")
        delta("answer", item="m1")
        done("answer")
        completed()

    on_turn(play)


def deaf() -> None:
    """Ignores the end of stdin and SIGTERM, and has a child that holds its pipes."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])

    def special(asked: dict[str, Any]) -> bool:
        if asked.get("method") == "child":
            answer(asked, {"pid": child.pid})
            return True
        return False

    listen(special=special)
    while True:
        signal.pause()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
