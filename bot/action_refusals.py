"""Why a character is refused an action: read by its model, as the answer of the tool.

Data only. The English texts are in `bot.messages.english.refusals`, under the same ids.
"""

from __future__ import annotations

from typing import Final

from bot.message_data import Filled, Fixed, Message

# --- any action ---------------------------------------------------------------------------------

TURN_OVER: Final = Fixed("action.turn_over")
NO_MESSAGE_ANSWERED: Final = Fixed("action.no_message_answered")
REPLY_TARGET_SETTLED: Final = Fixed("action.reply_target_settled")


class TooManyActions(Filled, id="action.too_many"):
    """The turn has taken `most` actions."""

    most: int


class ActionDenied(Filled, id="action.denied"):
    """The room's settings deny the action; `action` is the tool's name."""

    action: str


class AskerLacks(Filled, id="action.asker_lacks"):
    """A person who is answered lacks `permission`, which is Discord's name for it."""

    permission: str


class QuoteNotFound(Filled, id="action.quote_not_found"):
    """None of the last `searched` messages has the quoted words."""

    searched: int


# --- polls --------------------------------------------------------------------------------------


class QuestionLength(Filled, id="action.poll_question"):
    """The poll's question is empty, or has more than `most` characters."""

    most: int


class AnswerCount(Filled, id="action.poll_answers"):
    """The poll has fewer than two answers, more than `most`, or one of them twice."""

    most: int


class AnswerLength(Filled, id="action.poll_answer"):
    """An answer of the poll is empty, or has more than `most` characters."""

    most: int


class PollHours(Filled, id="action.poll_hours"):
    """The poll would be open for less than an hour, or for more than `most`."""

    most: int


# --- Discord threads and files ------------------------------------------------------------------

THREAD_NEEDS_CHANNEL: Final = Fixed("action.thread_needs_channel")
THREAD_NEEDS_NAME: Final = Fixed("action.thread_needs_name")
THREAD_OPENED_ALREADY: Final = Fixed("action.thread_opened_already")
FILE_EMPTY: Final = Fixed("action.file_empty")


class FileTooLong(Filled, id="action.file_too_long"):
    """The file has more than `most` characters."""

    most: int


# --- whispers, statuses and moods ---------------------------------------------------------------

WHISPER_EMPTY: Final = Fixed("action.whisper_empty")
WHISPER_NEEDS_SAY: Final = Fixed("action.whisper_needs_say")
NO_MOODS: Final = Fixed("action.no_moods")


class WhisperTooLong(Filled, id="action.whisper_too_long"):
    """The whisper has more than `most` characters."""

    most: int


class StatusTooLong(Filled, id="action.status_too_long"):
    """The status has more than `most` characters."""

    most: int


class UnknownMood(Filled, id="action.unknown_mood"):
    """The character has no such mood; `known` are the moods that it has."""

    known: tuple[str, ...]


# --- outside the bot ----------------------------------------------------------------------------

# Each action at the beginning of a sentence.
SKIPPING: Final = Fixed("action_label.skip")
REACTING: Final = Fixed("action_label.react")
REPLYING: Final = Fixed("action_label.reply_to")
A_POLL: Final = Fixed("action_label.poll")
OPENING_A_THREAD: Final = Fixed("action_label.open_thread")
PINNING: Final = Fixed("action_label.pin")
SENDING_A_FILE: Final = Fixed("action_label.send_file")
WHISPERING: Final = Fixed("action_label.whisper")
A_STATUS: Final = Fixed("action_label.set_status")
A_MOOD: Final = Fixed("action_label.set_mood")


class OnlyInsideTheBot(Filled, id="action.only_inside_the_bot"):
    """The server runs over stdio, where there is no room; `action` is the action's label."""

    action: Message
