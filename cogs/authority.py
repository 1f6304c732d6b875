"""Who may do what: the one place that says so. Owns no permission of its own.

It judges by the permissions that Discord computed for this person in *this* channel and sent with
the interaction, never by names or roles of ours.
"""

from __future__ import annotations

from enum import StrEnum

import discord

from bot import refusals
from bot.discord_io import permissions
from bot.discord_io.intake import room_at
from bot.domain.room import Place, Room
from bot.domain.turn import Turn
from bot.errors import NotPermittedError, RefusedError, ThreadClosedError, WrongKindError
from bot.message_data import Markup

Interaction = discord.Interaction[discord.Client]


class Right(StrEnum):
    """What a command asks for."""

    TALK = "talk"
    MANAGE_CHANNELS = "manage_channels"
    MANAGE_SERVER = "manage_server"


def authorise(interaction: Interaction, right: Right) -> None:
    """Let it pass, or raise `RefusedError` with what is missing."""
    require_membership(interaction)
    match right:
        case Right.TALK:
            _require_voice(interaction)
        case Right.MANAGE_CHANNELS:
            # A direct talk is the person's own room.
            if interaction.guild_id is not None and not interaction.permissions.manage_channels:
                raise RefusedError(refusals.PersonLacks(permissions.MANAGE_CHANNELS))
        case Right.MANAGE_SERVER:
            if interaction.guild_id is None:
                raise RefusedError(refusals.SERVERS_ONLY)
            if not interaction.permissions.manage_guild:
                raise RefusedError(refusals.PersonLacks(permissions.MANAGE_SERVER))


def require_membership(interaction: Interaction) -> None:
    """A command can come from a server that the bot is not in: a person may bring it along."""
    guild_id, client = interaction.guild_id, interaction.client
    if guild_id is not None and client.get_guild(guild_id) is None:
        invite = permissions.invite_url(client.application_id or interaction.application_id)
        raise RefusedError(refusals.NotAMember(Markup(invite)))


def _require_voice(interaction: Interaction) -> None:
    """Who may not write in a channel may not have the bot write there for them either."""
    if interaction.guild_id is None:
        return
    person, allowed = interaction.user, interaction.permissions
    if isinstance(person, discord.Member) and person.is_timed_out():
        # Buttons can be pressed during a time-out, unlike commands.
        raise RefusedError(refusals.TIMED_OUT)
    if isinstance(interaction.channel, discord.Thread):
        if interaction.channel.locked and not allowed.manage_threads:
            raise RefusedError(refusals.THREAD_LOCKED)
        if not allowed.send_messages_in_threads:
            raise RefusedError(refusals.PersonLacks(permissions.SEND_IN_THREADS))
    elif not allowed.send_messages:
        raise RefusedError(refusals.PersonLacks(permissions.SEND))


def may_embed(interaction: Interaction) -> bool:
    """Whether links of theirs may show what they lead to."""
    return interaction.guild_id is None or interaction.permissions.embed_links


def authorise_reply(interaction: Interaction, turn: Turn) -> None:
    """Let pass whoever asked for the reply, and who may manage messages in its channel.

    The permissions are those of the place that the interaction came from, so it has to be the
    reply's: a form carries its message's id, and a form can be forged.
    """
    if interaction.channel_id != turn.room.id:
        raise RefusedError(refusals.REPLY_ELSEWHERE)
    manages = interaction.guild_id is not None and interaction.permissions.manage_messages
    if interaction.user.id != turn.asker and not manages:
        raise RefusedError(refusals.ASKER_ONLY)
    place = interaction.channel
    if isinstance(place, discord.Thread) and place.archived:
        # Discord lets nobody change a message there, us neither.
        raise RefusedError(refusals.THREAD_CLOSED)


def authorise_edit(interaction: Interaction, *, asker_may: bool) -> None:
    """Let pass who may put words into a character's mouth: an authorised person of the reply that
    may manage messages, or for whom the room allows it.
    """
    if interaction.guild_id is None or asker_may or interaction.permissions.manage_messages:
        return
    raise RefusedError(refusals.MODERATORS_EDIT)


def authorise_dismissal(interaction: Interaction, summoner: int | None) -> None:
    """Let pass whoever summoned the character, and who may manage the channel."""
    if interaction.guild_id is None or interaction.user.id == summoner:
        return
    if not interaction.permissions.manage_channels:
        raise RefusedError(refusals.SUMMONER_ONLY)


def owns_bot(interaction: Interaction) -> bool:
    """Whether this person runs the bot, or is in the team that does."""
    application = interaction.client.application
    if application is None:
        return False
    if application.team is not None:
        return any(member.id == interaction.user.id for member in application.team.members)
    return application.owner.id == interaction.user.id


def place_of(interaction: Interaction) -> Room:
    """The room that the interaction came from, whatever may be done there."""
    return room_at(interaction.channel, interaction.guild_id)


def room_to_speak_in(interaction: Interaction) -> Room:
    """The room that the interaction came from, where characters are to say something now.

    Raises when they could not. As `bot.discord_io.voice_check`, by what came with the interaction.
    """
    room, place = room_of(interaction), interaction.channel
    if not isinstance(place, discord.abc.Messageable):
        raise WrongKindError(f"nothing can be said in channel {room.id}")
    moderates = interaction.app_permissions.manage_threads
    if isinstance(place, discord.Thread) and place.locked and not moderates:
        raise ThreadClosedError("the thread is locked")
    return room


def room_of(interaction: Interaction) -> Room:
    """The room that the interaction came from. Raises when the bot cannot speak there."""
    require_membership(interaction)
    if interaction.channel is None or isinstance(interaction.channel, discord.GroupChannel):
        raise RefusedError(refusals.PLACE_NOT_SEEN)
    room = place_of(interaction)
    if room.place is Place.DIRECT:
        return room
    allowed = interaction.app_permissions
    if not allowed.view_channel:
        raise NotPermittedError(permissions.VIEW)
    if room.place is Place.THREAD and not allowed.send_messages_in_threads:
        raise NotPermittedError(permissions.SEND_IN_THREADS)
    if room.place is Place.CHANNEL and not allowed.send_messages:
        raise NotPermittedError(permissions.SEND)
    return room
