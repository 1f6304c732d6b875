"""The tree of errors, and nothing else; `bot.messages.failures` owns the messages to people.

TroupeError
├── SettingsError              a setting is missing or invalid        (setting)
├── CharacterError             a character file is invalid            (path, text, line)
├── StoreError                 the store is unavailable, or refuses a single command
│   ├── StoreUnavailableError  Redis cannot be reached
│   └── StoreRefusingError     Redis refuses all writes               (refusal)
├── HostTakenError             another process runs this bot          (host)
├── CodexError                 any failure of Codex
│   ├── CodexMissingError      the Codex program was not found        (searched)
│   ├── CodexRefusedError      Codex ended at start                   (line)
│   ├── CodexLoginError        nobody is logged in to Codex
│   ├── TransportClosedError   the app-server has ended               (stderr)
│   ├── RequestTimeoutError    a request timed out                    (method, seconds)
│   ├── RpcError               a request was answered by an error     (method, code, text)
│   │   └── OverloadedError    -32001, after all retries
│   ├── SessionRecoveryError   the Codex thread is lost: replay it    (old_thread_id)
│   └── TurnFailedError        the turn ended without an answer       (reason, status, …)
├── EndpointError              the model's endpoint did not respond   (detail)
├── PoolError                  the pool cannot lease an app-server
│   ├── PoolBusyError          the queue's deadline passed            (waited)
│   └── PoolClosedError        the pool is shutting down or drained
├── DeliveryError              Discord did not accept a request
│   ├── NotPermittedError      a permission is missing                (permission)
│   ├── PlaceGoneError         the channel or message is gone
│   │   ├── RoomGoneError      the channel or Discord thread was deleted
│   │   ├── ThreadClosedError  the Discord thread is archived or locked
│   │   └── NotAMemberError    the bot is not in that server          (guild_id)
│   ├── WrongKindError         the kind of channel does not allow the request
│   ├── WordsRefusedError      Discord rejects the message's content  (refusal)
│   └── DiscordDownError       Discord failed after all retries       (status)
└── RefusedError               a request or action was refused    (refusal)
"""

from __future__ import annotations

from enum import StrEnum

from bot.message_data import Message


class TroupeError(Exception):
    """Base class of all errors that this program raises deliberately."""


class SettingsError(TroupeError):
    """A setting is missing or invalid. The text says what to do."""

    def __init__(self, setting: str, text: str) -> None:
        super().__init__(text)
        self.setting = setting


class CharacterError(TroupeError):
    """A character file is invalid. `line` counts from 1; None if no line is to blame."""

    def __init__(self, path: str, text: str, line: int | None = None) -> None:
        where = path if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {text}")
        self.path = path
        self.text = text
        self.line = line


class StoreError(TroupeError):
    """The store cannot execute a command.

    Raised directly, not as a subclass, if only a single command failed because of a key's content.
    """


class StoreUnavailableError(StoreError):
    """Redis could not be reached in spite of the configured retries."""


class StoreRefusal(StrEnum):
    """Why a reachable Redis refuses all writes."""

    FULL = "full"
    READ_ONLY = "read_only"
    DISK = "disk"
    REPLICAS = "replicas"
    RIGHTS = "rights"
    BUSY = "busy"
    CLUSTER = "cluster"


class StoreRefusingError(StoreError):
    """Redis is reachable but refuses all writes until an operator repairs it."""

    def __init__(self, refusal: StoreRefusal, text: str) -> None:
        super().__init__(text)
        self.refusal = refusal


class HostTakenError(TroupeError):
    """Another process, on `host`, runs the bot with the same token."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"Another process runs this bot, on {host}. Two would answer everything twice: stop "
            "one of them, or give this one a token and a Redis of its own."
        )
        self.host = host


class CodexError(TroupeError):
    """Base class of all failures of Codex."""


class CodexMissingError(CodexError):
    """No Codex program was found in any of the places `searched`."""

    def __init__(self, searched: tuple[str, ...]) -> None:
        super().__init__(
            "No Codex program was found (looked at: " + ", ".join(searched) + "). "
            "Install openai-codex-cli-bin, or set CODEX_BIN."
        )
        self.searched = searched


class CodexRefusedError(CodexError):
    """Codex ended at start. `line` is the last line of its stderr."""

    def __init__(self, line: str) -> None:
        super().__init__(f"Codex refused to start: {line}")
        self.line = line


class CodexLoginError(CodexError):
    """Nobody is logged in to Codex, and no endpoint is configured."""


class TransportClosedError(CodexError):
    """The app-server has ended. `stderr` contains its last lines."""

    def __init__(self, text: str, stderr: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.stderr = stderr


class RequestTimeoutError(CodexError):
    """A request was not answered within `seconds`."""

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
    """A seat's Codex thread is lost. The channel's history is replayed into a new Codex thread."""

    def __init__(self, old_thread_id: str, text: str = "") -> None:
        super().__init__(text or f"Codex has lost thread {old_thread_id}")
        self.old_thread_id = old_thread_id


class TurnFailure(StrEnum):
    """Why a turn ended without an answer, by what a person can do about it.

    Coarser than Codex's own list of errors.
    """

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

    `status` is the endpoint's HTTP status, `window` the model's context window in tokens; None:
    unknown.
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
    """The model's endpoint did not respond. `detail` contains neither address nor key."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class PoolError(TroupeError):
    """The pool cannot lease an app-server."""


class PoolBusyError(PoolError):
    """All app-servers were busy for `waited` seconds."""

    def __init__(self, waited: float) -> None:
        super().__init__(f"every app-server was busy for {waited:.0f} s")
        self.waited = waited


class PoolClosedError(PoolError):
    """The pool is shutting down or drained."""


class DeliveryError(TroupeError):
    """Discord did not accept a request."""


class NotPermittedError(DeliveryError):
    """The bot lacks a permission in the channel. `permission` is Discord's name of it."""

    def __init__(self, permission: str, text: str = "") -> None:
        super().__init__(text or f"missing permission: {permission}")
        self.permission = permission


class PlaceGoneError(DeliveryError):
    """The channel, Discord thread or message is gone."""


class RoomGoneError(PlaceGoneError):
    """The channel or Discord thread was deleted for good."""


class ThreadClosedError(PlaceGoneError):
    """The Discord thread is locked or archived: nobody can write until it is reopened."""


class NotAMemberError(PlaceGoneError):
    """The bot is not, or no longer, a member of the server."""

    def __init__(self, guild_id: int) -> None:
        super().__init__(f"the bot is not a member of server {guild_id}")
        self.guild_id = guild_id


class WrongKindError(DeliveryError):
    """Discord does not allow the request in a channel of this kind."""


class WordsRefusal(StrEnum):
    """Why Discord rejects a message's content."""

    LINK = "link"
    AUTOMOD = "automod"
    NAME = "name"
    TEXT = "text"
    REST = "rest"
    """Another part of the body: a button, a file name, an avatar."""


class WordsRefusedError(DeliveryError):
    """Discord rejected a message because of its content. Permanent: do not retry."""

    def __init__(self, text: str, refusal: WordsRefusal) -> None:
        super().__init__(text)
        self.refusal = refusal


class DiscordDownError(DeliveryError):
    """Discord failed after all retries. `status` is the HTTP status; None: connection lost."""

    def __init__(self, status: int | None, text: str) -> None:
        super().__init__(text)
        self.status = status


class RefusedError(TroupeError):
    """A person's request, or a character's action, was refused.

    `refusal` says why; `bot.messages` puts it into words.
    """

    def __init__(self, refusal: Message) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
