"""How an application answers an interaction: the callback, its message, and follow-ups.

One answer within three seconds (10062 after, 40060 for a second); follow-ups for 15 minutes.
"""

from __future__ import annotations

from sandbox.discord.world import (
    bodies,
    components,
    errors,
    message_payloads,
    messages,
    payloads,
)
from sandbox.discord.world.bodies import Draft
from sandbox.discord.world.events import Event
from sandbox.discord.world.interaction import (
    ANSWER_WITHIN,
    TOKEN_LIVES,
    Answer,
    Interaction,
    Kind,
    Modal,
)
from sandbox.discord.world.interactions import owners, tell_user
from sandbox.discord.world.model import Json, Message, MessageFlag, Upload
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.state import State

_INNER = (1, 2)  # option types: a sub-command, a group of them

_COMMAND_MESSAGE = {1: 20, 2: 23, 3: 23}
_CHOICES_MAX = 25


def answer(
    state: State, interaction_id: int, token: str, body: Json, files: list[Upload]
) -> Interaction:
    """The callback of an interaction."""
    one = state.interactions.get(token)
    if one is None or one.id != interaction_id:
        raise errors.unknown("interaction")
    if one.answer is not None:
        raise errors.already_answered()
    if one.failed or state.clock() - one.created > ANSWER_WITHIN:
        raise errors.unknown("interaction")
    kind = _allowed(one, body)
    _carry_out(state, one, kind, body.get("data") or {}, files)
    one.answer = kind
    tell_user(state, one, "INTERACTION_SUCCESS", {})
    return one


def _allowed(one: Interaction, body: Json) -> Answer:
    try:
        kind = Answer(int(body["type"]))
    except (KeyError, ValueError):
        raise errors.invalid("type", "BASE_TYPE_CHOICES", "Not a known callback type.") from None
    fits = {
        Answer.PONG: one.kind is Kind.PING,
        Answer.CHOICES: one.kind is Kind.AUTOCOMPLETE,
        Answer.MODAL: one.kind in (Kind.COMMAND, Kind.COMPONENT),
        Answer.UPDATE: one.source is not None,
        Answer.DEFERRED_UPDATE: one.source is not None,
    }.get(kind, one.kind is not Kind.AUTOCOMPLETE)
    if not fits:
        raise errors.invalid(
            "type", "INTERACTION_CALLBACK_TYPE", "This answer does not fit this interaction."
        )
    return kind


def _carry_out(
    state: State, one: Interaction, kind: Answer, data: Json, files: list[Upload]
) -> None:
    match kind:
        case Answer.MESSAGE:
            one.original = _say(state, one, bodies.draft(data, files))
        case Answer.DEFERRED_MESSAGE:
            flags = int(data.get("flags") or 0) & MessageFlag.EPHEMERAL | MessageFlag.LOADING
            one.original = _say(state, one, Draft(flags=flags))
        case Answer.UPDATE:
            assert one.source is not None
            _change(state, one, one.source, bodies.draft(data, files, editing=True))
            one.original = one.source
        case Answer.DEFERRED_UPDATE:
            one.original = one.source
        case Answer.CHOICES:
            one.choices = _choices(data)
            tell_user(
                state,
                one,
                "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE",
                {"choices": one.choices},
            )
        case Answer.MODAL:
            _show_modal(state, one, data)
        case Answer.PONG:
            pass


def _choices(data: Json) -> list[Json]:
    choices: list[Json] = data.get("choices") or []
    if len(choices) > _CHOICES_MAX:
        raise errors.bad_length("data.choices", 0, _CHOICES_MAX)
    for index, one in enumerate(choices):
        for key in ("name", "value"):
            if isinstance(one.get(key), str) and not 1 <= len(one[key]) <= 100:
                raise errors.bad_length(f"data.choices.{index}.{key}", 1, 100)
    return choices


def _show_modal(state: State, one: Interaction, data: Json) -> None:
    title, custom_id = str(data.get("title") or ""), str(data.get("custom_id") or "")
    if not 1 <= len(title) <= 45:
        raise errors.bad_length("data.title", 1, 45)
    if not 1 <= len(custom_id) <= 100:
        raise errors.bad_length("data.custom_id", 1, 100)
    fields = components.of_form(data.get("components") or [])
    modal = Modal(state.ids.next(), one.application, one.user, custom_id, title, fields, one.source)
    state.modals[modal.id] = one.form = modal
    shown = {
        "id": str(modal.id),
        "channel_id": str(one.channel.id),
        "custom_id": custom_id,
        "title": title,
        "components": fields,
        "application": {"id": str(one.application.id), "name": one.application.name},
    }
    tell_user(state, one, "INTERACTION_MODAL_CREATE", shown)


def _say(state: State, one: Interaction, draft: Draft, reply_to: Message | None = None) -> Message:
    """Write as the application; what is ephemeral reaches the person alone."""
    flags = draft.flags or 0
    hidden = bool(flags & MessageFlag.EPHEMERAL)
    bot = one.application.user
    message = Message(
        id=state.ids.next(),
        channel_id=one.channel.id,
        author=bot,
        content=draft.content or "",
        timestamp=state.now(),
        guild_id=one.channel.guild_id,
        type=_message_type(one, reply_to),
        webhook_id=one.application.id,
        application_id=one.application.id,
        interaction=_metadata(one),
        flags=flags & (MessageFlag.EPHEMERAL | MessageFlag.LOADING),
        only_for=one.user.id if hidden else None,
        reference=_reference(one, reply_to or one.source),
    )
    messages.fill(state, message, draft, may_ping_all=_may_ping_all(state, one))
    if not hidden:
        messages.publish(state, one.channel, message)
        return message
    state.hidden[message.id] = message
    only = frozenset({one.user.id})
    data = message_payloads.message_event(state, message)
    state.emit(Event("MESSAGE_CREATE", data, message.guild_id, one.channel.id, only, message))
    return message


def _message_type(one: Interaction, reply_to: Message | None) -> int:
    if reply_to is None and one.kind is Kind.COMMAND:
        return _COMMAND_MESSAGE[int(one.data["type"])]
    return messages.REPLY if (reply_to or one.source) is not None else 0


def _reference(one: Interaction, source: Message | None) -> Json | None:
    if source is None:
        return None
    shown = {"type": 0, "channel_id": str(one.channel.id), "message_id": str(source.id)}
    if one.channel.guild_id is not None:
        shown["guild_id"] = str(one.channel.guild_id)
    return shown


def _metadata(one: Interaction) -> Json:
    shown: Json = {
        "id": str(one.id),
        "type": int(one.kind),
        "user": payloads.user(one.user),
        "authorizing_integration_owners": owners(one),
    }
    if one.kind is Kind.COMMAND:
        shown |= {"name": _full_name(one.data), "command_type": one.data["type"]}
    if one.source is not None:
        shown["interacted_message_id"] = str(one.source.id)
    return shown


def _full_name(data: Json) -> str:
    """The command's name with those of its group and sub-command: `room settings`."""
    inner = next((one for one in data.get("options") or () if one["type"] in _INNER), None)
    return " ".join([data["name"], *([_full_name(inner)] if inner else [])])


def _may_ping_all(state: State, one: Interaction) -> bool:
    bits = state.permissions(one.application.user.id, one.channel)
    return bool(bits & Permission.MENTION_EVERYONE)


def _change(state: State, one: Interaction, message: Message, draft: Draft) -> Message:
    """Edit one of the application's messages; a "thinking…" becomes its answer."""
    loading = message_payloads.is_loading(message)
    if loading:
        message.flags &= ~MessageFlag.LOADING
    try:
        return messages.edit(
            state, message, draft, may_ping_all=_may_ping_all(state, one), silent=loading
        )
    except errors.ApiError:
        if loading:
            message.flags |= MessageFlag.LOADING
        raise


def by_token(state: State, application_id: int, token: str) -> Interaction:
    """The interaction of a follow-up's token: 10015 if unknown or unanswered, 50027 when its
    fifteen minutes are over."""
    one = state.interactions.get(token)
    if one is None or one.application.id != application_id or one.answer is None:
        raise errors.unknown("Webhook")
    if state.clock() - one.created > TOKEN_LIVES:
        raise errors.invalid_webhook_token()
    return one


def follow_up(state: State, one: Interaction, body: Json, files: list[Upload]) -> Message:
    """A further message. The first one after a deferred answer takes the place of "thinking…"."""
    draft = bodies.draft(body, files)
    original = one.original
    if original is not None and message_payloads.is_loading(original):
        return _change(state, one, original, draft)
    made = _say(state, one, draft, reply_to=original)
    one.follow_ups.append(made)
    return made


def own_message(state: State, one: Interaction, which: str) -> Message:
    """`@original` or a follow-up by id; 10008 for anything else."""
    if which == "@original":
        found = one.original
        gone = found is None or (
            found.id not in state.hidden and found.id not in one.channel.messages
        )
        if found is None or gone:
            raise errors.unknown("Message")
        return found
    message = state.hidden.get(int(which)) or state.message(one.channel, int(which))
    if message.webhook_id != one.application.id:
        raise errors.unknown("Message")
    return message


def edit(state: State, one: Interaction, which: str, body: Json, files: list[Upload]) -> Message:
    """Edit `@original` or a follow-up."""
    message = own_message(state, one, which)
    return _change(state, one, message, bodies.draft(body, files, editing=True))


def callback_response(state: State, one: Interaction) -> Json:
    """What `with_response=true` answers."""
    shown: Json = {"id": str(one.id), "type": int(one.kind)}
    answered: Json = {"interaction": shown}
    if one.answer is not None:
        answered["resource"] = {"type": int(one.answer)}
    original = one.original
    if original is not None and one.answer in (Answer.MESSAGE, Answer.DEFERRED_MESSAGE):
        shown |= {
            "response_message_id": str(original.id),
            "response_message_loading": message_payloads.is_loading(original),
            "response_message_ephemeral": original.only_for is not None,
        }
        answered["resource"]["message"] = message_payloads.message(state, original)
    elif original is not None and one.answer is Answer.UPDATE:
        answered["resource"]["message"] = message_payloads.message(state, original)
    return answered
