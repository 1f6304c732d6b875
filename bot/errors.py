"""The tree of errors, and nothing else; what people are told of one is `bot.messages.failures`'s.

TroupeError
├── SettingsError              a setting is missing or wrong          (setting)
├── CharacterError             a character file cannot be used        (path, text, line)
├── StoreError                 the store cannot serve, or refuses this one write
│   ├── StoreUnavailableError  Redis cannot be reached
│   └── StoreRefusingError     Redis refuses everybody’s writes       (refusal)
├── HostTakenError             another process runs this bot          (host)
├── CodexError                 anything that Codex did
│   ├── CodexMissingError      there is no Codex program              (searched)
│   ├── CodexRefusedError      it ended at start; quotes its own line (line)
│   ├── CodexLoginError        nobody is logged in
│   ├── TransportClosedError   the process is gone                    (stderr)
│   ├── RequestTimeoutError    no answer in time                      (method, seconds)
│   ├── RpcError               it answered with an error              (method, code, text)
│   │   └── OverloadedError    -32001, after all retries
│   ├── SessionRecoveryError   the thread is lost: replay it          (old_thread_id)
│   └── TurnFailedError        the turn ended without an answer       (reason, status, …)
├── EndpointError              the model's endpoint gave no answer    (detail)
├── PoolError                  the pool has no place
│   ├── PoolBusyError          the queue's deadline passed            (waited)
│   └── PoolClosedError        it is shutting down
├── DeliveryError              Discord did not take our words
│   ├── NotPermittedError      a permission is missing                (permission)
│   ├── PlaceGoneError         the channel or message is gone
│   │   ├── RoomGoneError      the channel or thread was deleted
│   │   ├── ThreadClosedError  the thread is archived or locked
│   │   └── NotAMemberError    the bot is not in that server         (guild_id)
│   ├── WrongKindError         nothing can be said in such a channel
│   ├── WordsRefusedError      it refuses what was written            (refusal)
│   └── DiscordDownError       Discord failed after all retries       (status)
└── RefusedError               a person asked for what cannot be      (refusal)
"""

from __future__ import annotations

from enum import StrEnum

from bot.message_data import Message


class TroupeError(Exception):
    """The root: everything that this program raises on purpose."""


class SettingsError(TroupeError):
    """A setting is missing or wrong. The text says what to do."""

    def __init__(self, setting: str, text: str) -> None:
        super().__init__(text)
        self.setting = setting


class CharacterError(TroupeError):
    """A character file cannot be used. `line` counts from 1; None when no line is to blame."""

    def __init__(self, path: str, text: str, line: int | None = None) -> None:
        where = path if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {text}")
        self.path = path
        self.text = text
        self.line = line


class StoreError(TroupeError):
    """The store cannot serve. Raised itself, it concerns one command: what that one key holds."""


class StoreUnavailableError(StoreError):
    """Redis cannot be reached, after the retries that are configured."""


class StoreRefusal(StrEnum):
    """Why a Redis that answers refuses the writes of everybody."""

    FULL = "full"
    READ_ONLY = "read_only"
    DISK = "disk"
    REPLICAS = "replicas"
    RIGHTS = "rights"
    BUSY = "busy"
    CLUSTER = "cluster"


class StoreRefusingError(StoreError):
    """Redis answers, and refuses what anybody writes, until somebody mends it."""

    def __init__(self, refusal: StoreRefusal, text: str) -> None:
        super().__init__(text)
        self.refusal = refusal


class HostTakenError(TroupeError):
    """Another process runs the bot of this token, on `host`."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"Another process runs this bot, on {host}. Two would answer everything twice: stop "
            "one of them, or give this one a token and a Redis of its own."
        )
        self.host = host


class CodexError(TroupeError):
    """Anything that Codex did."""


class CodexMissingError(CodexError):
    """There is no Codex program in any of the places `searched`."""

    def __init__(self, searched: tuple[str, ...]) -> None:
        super().__init__(
            "No Codex program was found (looked at: " + ", ".join(searched) + "). "
            "Install openai-codex-cli-bin, or set CODEX_BIN."
        )
        self.searched = searched


class CodexRefusedError(CodexError):
    """Codex ended at start. `line` is its own last word on stderr."""

    def __init__(self, line: str) -> None:
        super().__init__(f"Codex refused to start: {line}")
        self.line = line


class CodexLoginError(CodexError):
    """Nobody is logged in to Codex, and no endpoint of one's own is set."""


class TransportClosedError(CodexError):
    """The app-server is gone. `stderr` holds its last lines."""

    def __init__(self, text: str, stderr: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.stderr = stderr


class RequestTimeoutError(CodexError):
    """A request had no answer within `seconds`."""

    def __init__(self, method: str, seconds: float) -> None:
        super().__init__(f"Codex did not answer {method} within {seconds:g} s")
        self.method = method
        self.seconds = seconds


class RpcError(CodexError):
    """Codex answered a request with a JSON-RPC error."""

    def __init__(self, method: str, code: int, text: str) -> None:
        super().__init__(f"{method}: {text} ({code})")
        self.method = method
        self.code = code
        self.text = text


class OverloadedError(RpcError):
    """Codex answered -32001 to every retry."""


class SessionRecoveryError(CodexError):
    """The thread of a seat is lost. A new one gets the channel's history replayed into it."""

    def __init__(self, old_thread_id: str, text: str = "") -> None:
        super().__init__(text or f"Codex has lost thread {old_thread_id}")
        self.old_thread_id = old_thread_id


class TurnFailure(StrEnum):
    """Why a turn ended without an answer: what a person can act on, not Codex's own list."""

    USAGE_LIMIT = "usage_limit"
    RATE_LIMIT = "rate_limit"
    CONTEXT_FULL = "context_full"
    UNAUTHORIZED = "unauthorized"
    NO_CREDIT = "no_credit"
    MODEL_UNKNOWN = "model_unknown"
    WRONG_ADDRESS = "wrong_address"
    BAD_REQUEST = "bad_request"
    UNREACHABLE = "unreachable"
    OVERLOADED = "overloaded"
    REFUSED = "refused"
    SILENT = "silent"
    ENDLESS = "endless"
    CUT_SHORT = "cut_short"
    INTERRUPTED = "interrupted"
    EMPTY = "empty"
    OTHER = "other"


class TurnFailedError(CodexError):
    """The turn ended without an answer. `detail` is for the log, never for the channel.

    `status` is the endpoint's HTTP status and `window` the model's context in tokens; each None
    where nobody told.
    """

    def __init__(
        self,
        reason: TurnFailure,
        detail: str = "",
        *,
        status: int | None = None,
        window: int | None = None,
    ) -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
        self.status = status
        self.window = window


class EndpointError(TroupeError):
    """The model's endpoint gave no answer at all. `detail` holds no address and no key."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class PoolError(TroupeError):
    """The pool has no place."""


class PoolBusyError(PoolError):
    """Every app-server was busy for `waited` seconds."""

    def __init__(self, waited: float) -> None:
        super().__init__(f"every app-server was busy for {waited:.0f} s")
        self.waited = waited


class PoolClosedError(PoolError):
    """The pool is shutting down or drained."""


class DeliveryError(TroupeError):
    """Discord did not take our words."""


class NotPermittedError(DeliveryError):
    """The bot lacks `permission` in that channel; `permission` is Discord's name for it."""

    def __init__(self, permission: str, text: str = "") -> None:
        super().__init__(text or f"missing permission: {permission}")
        self.permission = permission


class PlaceGoneError(DeliveryError):
    """The channel, thread or message is gone."""


class RoomGoneError(PlaceGoneError):
    """The channel or thread itself was deleted: it will never be back."""


class ThreadClosedError(PlaceGoneError):
    """The thread is locked, or archived: nobody can speak in it until it is opened again."""


class NotAMemberError(PlaceGoneError):
    """The bot is not, or not any more, a member of that server."""

    def __init__(self, guild_id: int) -> None:
        super().__init__(f"the bot is not a member of server {guild_id}")
        self.guild_id = guild_id


class WrongKindError(DeliveryError):
    """Discord lets nobody do that in a channel of this kind."""


class WordsRefusal(StrEnum):
    """What Discord has against a message that it was sent."""

    LINK = "link"
    AUTOMOD = "automod"
    NAME = "name"
    TEXT = "text"
    REST = "rest"
    """Something else in the body: a button, a file's name, an avatar."""


class WordsRefusedError(DeliveryError):
    """Discord refused a message for what stands in it; the same will be refused again."""

    def __init__(self, text: str, refusal: WordsRefusal) -> None:
        super().__init__(text)
        self.refusal = refusal


class DiscordDownError(DeliveryError):
    """Discord failed after all retries. `status` is HTTP's; None when the line was cut."""

    def __init__(self, status: int | None, text: str) -> None:
        super().__init__(text)
        self.status = status


class RefusedError(TroupeError):
    """A person asked for what cannot be. `refusal` says why; `bot.messages` puts it in words.

    A refusal that is a text already is told as it is: some actions of characters still give one.
    """

    def __init__(self, refusal: Message | str) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
