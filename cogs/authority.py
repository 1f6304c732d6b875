"""Permission checks for commands, buttons and forms. All of them are here.

The checks use the permissions that Discord computed for this person in *this* channel and sent with
the interaction. The bot has no roles or permission names of its own.
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
    """A right that a command requires."""

    TALK = "talk"
    MANAGE_CHANNELS = "manage_channels"
    MANAGE_SERVER = "manage_server"


def authorise(interaction: Interaction, right: Right) -> None:
    """Check that the person has `right`. Raises `RefusedError` naming the missing permission."""
    require_membership(interaction)
    match right:
        case Right.TALK:
            _require_speaking(interaction)
        case Right.MANAGE_CHANNELS:
            # A person may manage their own direct messages.
            if interaction.guild_id is not None and not interaction.permissions.manage_channels:
                raise RefusedError(refusals.PersonLacks(permissions.MANAGE_CHANNELS))
        case Right.MANAGE_SERVER:
            if interaction.guild_id is None:
                raise RefusedError(refusals.SERVERS_ONLY)
            if not interaction.permissions.manage_guild:
                raise RefusedError(refusals.PersonLacks(permissions.MANAGE_SERVER))


def require_membership(interaction: Interaction) -> None:
    """Check that the bot is a member of the server, if the command came from one.

    It need not be: people can install the bot for themselves and use its commands anywhere. Raises
    `RefusedError`.
    """
    guild_id, client = interaction.guild_id, interaction.client
    if guild_id is not None and client.get_guild(guild_id) is None:
        invite = permissions.invite_url(client.application_id or interaction.application_id)
        raise RefusedError(refusals.NotAMember(Markup(invite)))


def _require_speaking(interaction: Interaction) -> None:
    """Check that this person may write in the channel: the bot writes nothing there otherwise."""
    if interaction.guild_id is None:
        return
    person, allowed = interaction.user, interaction.permissions
    if isinstance(person, discord.Member) and person.is_timed_out():
        # Discord blocks commands during a time-out, but not buttons.
        raise RefusedError(refusals.TIMED_OUT)
    if isinstance(interaction.channel, discord.Thread):
        if interaction.channel.locked and not allowed.manage_threads:
            raise RefusedError(refusals.THREAD_LOCKED)
        if not allowed.send_messages_in_threads:
            raise RefusedError(refusals.PersonLacks(permissions.SEND_IN_THREADS))
    elif not allowed.send_messages:
        raise RefusedError(refusals.PersonLacks(permissions.SEND))


def may_embed(interaction: Interaction) -> bool:
    """Return whether Discord would show previews of this person's links here."""
    return interaction.guild_id is None or interaction.permissions.embed_links


def authorise_reply(interaction: Interaction, turn: Turn) -> None:
    """Check that this person asked for the reply, or may manage messages in its channel.

    The permissions that came with the interaction hold for its channel, so it must be the reply's
    channel: a form names a message by id, and a client can forge it. Raises `RefusedError`.
    """
    if interaction.channel_id != turn.room.id:
        raise RefusedError(refusals.REPLY_ELSEWHERE)
    manages = interaction.guild_id is not None and interaction.permissions.manage_messages
    if interaction.user.id != turn.asker and not manages:
        raise RefusedError(refusals.ASKER_ONLY)
    place = interaction.channel
    if isinstance(place, discord.Thread) and place.archived:
        # Nobody can change a message in an archived Discord thread, not even the bot.
        raise RefusedError(refusals.THREAD_CLOSED)


def authorise_edit(interaction: Interaction, *, asker_may: bool) -> None:
    """Check that this person may edit what a character said, once `authorise_reply` has passed.

    That takes *Manage Messages*, or `asker_may`: the room lets the asker edit. Raises
    `RefusedError`.
    """
    if interaction.guild_id is None or asker_may or interaction.permissions.manage_messages:
        return
    raise RefusedError(refusals.MODERATORS_EDIT)


def authorise_dismissal(interaction: Interaction, summoner: int | None) -> None:
    """Check that this person summoned the character or may manage the channel.

    Raises `RefusedError`.
    """
    if interaction.guild_id is None or interaction.user.id == summoner:
        return
    if not interaction.permissions.manage_channels:
        raise RefusedError(refusals.SUMMONER_ONLY)


def owns_bot(interaction: Interaction) -> bool:
    """Return whether this person owns the Discord application, or is in the team that owns it."""
    application = interaction.client.application
    if application is None:
        return False
    if application.team is not None:
        return any(member.id == interaction.user.id for member in application.team.members)
    return application.owner.id == interaction.user.id


def place_of(interaction: Interaction) -> Room:
    """Return the room that the interaction came from, without checking permissions."""
    return room_at(interaction.channel, interaction.guild_id)


def room_to_speak_in(interaction: Interaction) -> Room:
    """Return the room that the interaction came from, if characters can speak there now.

    Raises `DeliveryError` where they cannot. The rules are those of `bot.discord_io.voice_check`,
    applied to the permissions that came with the interaction.
    """
    room, place = room_of(interaction), interaction.channel
    if not isinstance(place, discord.abc.Messageable):
        raise WrongKindError(f"nothing can be said in channel {room.id}")
    moderates = interaction.app_permissions.manage_threads
    if isinstance(place, discord.Thread) and place.locked and not moderates:
        raise ThreadClosedError("the thread is locked")
    return room


def room_of(interaction: Interaction) -> Room:
    """Return the room that the interaction came from.

    Raises `RefusedError` or `NotPermittedError` where the bot cannot speak.
    """
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
