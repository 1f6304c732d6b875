"""Message menus for a character's reply, and the buttons under it.

Buttons and forms are recognised by custom id alone, so they work after a restart. No state is kept
here.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io import controls
from bot.discord_io.controls import Control, Verb
from bot.domain.room import Room
from bot.domain.turn import Turn, TurnState
from bot.errors import DeliveryError, RefusedError
from bot.message_data import Message
from bot.messages.rendering import render
from bot.messages.replies import KEPT, AnswersAnew, GoesOn, SaysNow, TakesBack
from bot.messages.why import NOBODY_HERE, OF_A_BOT, Undecided, of_turn
from bot.refusals import BUTTON_DOES_NOTHING, NO_RECORD_FOR_BUTTONS
from bot.rooms.controls.replies import Replies
from bot.rooms.decisions.why import KEPT as DECISIONS_KEPT
from bot.rooms.decisions.why import Why
from cogs import delete_form, reply_form
from cogs.authority import (
    Interaction,
    authorise_edit,
    authorise_reply,
    may_embed,
    place_of,
)
from cogs.by_id import ByIdCog
from cogs.in_time import in_time
from cogs.presses import Presses
from cogs.show import fitted, name_of, shortened
from cogs.speaking import Speaking, Wish

log = logging.getLogger(__name__)

# Seconds that *Edit reply* waits for a reply that is still being written. The form must be the
# first answer, so this is shorter than `in_time`: the person gets the specific refusal.
FORM_PATIENCE: Final = 1.5

# What each button requests. The counter between ◀ and ▶ requests nothing.
_WISHES: Final = {
    Verb.STOP: Wish.STOP,
    Verb.TAKE: Wish.CHOOSE,
    Verb.AGAIN: Wish.REGENERATE,
    Verb.MORE: Wish.CONTINUE,
}


class RepliesCog(ByIdCog):
    """The message menus and reply buttons. Loading the cog adds its menus to `tree`."""

    PREFIXES = frozenset({controls.PREFIX, delete_form.PREFIX})

    def __init__(
        self,
        *,
        tree: app_commands.CommandTree[commands.AutoShardedBot],
        replies: Replies,
        why: Why,
        speaking: Speaking | None = None,
        presses: Presses | None = None,
    ) -> None:
        super().__init__(presses)
        self._tree = tree
        self._speaking = speaking or Speaking()
        self._replies = replies
        self._why = why
        self._menus = (
            app_commands.ContextMenu(name="Regenerate", callback=self._regenerate),
            app_commands.ContextMenu(name="Continue", callback=self._go_on),
            app_commands.ContextMenu(name="Edit reply", callback=self._edit),
            app_commands.ContextMenu(name="Delete reply", callback=self._remove),
            app_commands.ContextMenu(name="Why this reply?", callback=self._tell_why),
        )

    async def cog_load(self) -> None:
        """Add the menus: discord.py does not collect context menus from a cog."""
        for menu in self._menus:
            self._tree.add_command(menu)

    async def cog_unload(self) -> None:
        """Remove the menus from the tree."""
        for menu in self._menus:
            self._tree.remove_command(menu.name, type=menu.type)

    # --- menus ------------------------------------------------------------------------------

    async def _regenerate(self, interaction: Interaction, message: discord.Message) -> None:
        with self._speaking.granted(interaction, Wish.REGENERATE):
            await _defer(interaction)
            turn = await self._own(interaction, message.id)
            await self._replies.regenerate(turn, by=interaction.user.id)
        await _done(interaction, render(AnswersAnew(self._replies.name(turn))))

    async def _go_on(self, interaction: Interaction, message: discord.Message) -> None:
        with self._speaking.granted(interaction, Wish.CONTINUE):
            await _defer(interaction)
            turn = await self._own(interaction, message.id)
            await self._replies.go_on(turn, by=interaction.user.id)
        await _done(interaction, render(GoesOn(self._replies.name(turn))))

    async def _edit(self, interaction: Interaction, message: discord.Message) -> None:
        # A form must be the first answer, so this command cannot defer.
        self._speaking.check(interaction, Wish.EDIT)
        async with in_time():
            turn = await self._own(interaction, message.id)
            self._authorise_edit(interaction, turn)
            turn = await self._replies.settled(turn, patience=FORM_PATIENCE)
        await interaction.response.send_modal(await reply_form.form(message.id, turn.text or ""))

    async def _remove(self, interaction: Interaction, message: discord.Message) -> None:
        self._speaking.check(interaction, Wish.DELETE)
        await _defer(interaction)
        turn, apart = await self._deletable(interaction, message.id)
        question = delete_form.asks(self._replies.name(turn), apart=apart)
        await _tell(interaction, question, delete_form.form(message.id))

    async def _tell_why(self, interaction: Interaction, message: discord.Message) -> None:
        await _defer(interaction)
        room = place_of(interaction)
        if not await self._replies.is_a_characters(message.id, room):
            await _tell(interaction, await self._why_silent(room, message))
            return
        turn = await self._replies.apart(message.id) or await self._replies.of(message.id, room)
        told = await self._why.of_message(turn.room.id, turn.trigger)
        await _tell(interaction, _rows(told or [of_turn(turn, self._replies.name(turn))]))

    async def _why_silent(self, room: Room, message: discord.Message) -> str:
        """Return why nobody answered a message that no character wrote."""
        if (told := await self._why.of_message(room.id, message.id)) is not None:
            return _rows(told)
        if not self._replies.is_anybody_in(room):
            return render(NOBODY_HERE)
        return render(OF_A_BOT if message.author.bot else Undecided(DECISIONS_KEPT))

    # --- buttons and the form ---------------------------------------------------------------

    async def pressed(self, interaction: Interaction, custom_id: str) -> None:
        """Handle a button under a reply, or in the confirmation of *Delete reply*."""
        if (to_delete := delete_form.parse(custom_id)) is not None:
            await self._deletion_pressed(interaction, to_delete)
        elif (control := controls.parse(custom_id)) is not None:
            await self._button_pressed(interaction, control)

    async def submitted(self, interaction: Interaction, custom_id: str) -> None:
        """Handle the submitted form of *Edit reply*."""
        control = controls.parse(custom_id)
        if control is not None and control.verb is Verb.EDIT:
            await self._edit_submitted(interaction, control.number)

    async def _button_pressed(self, interaction: Interaction, control: Control) -> None:
        if interaction.message is None:
            return
        wish = _WISHES.get(control.verb)
        if wish is None:
            raise RefusedError(BUTTON_DOES_NOTHING)
        with self._speaking.granted(interaction, wish):
            await interaction.response.defer()
            try:
                turn = await self._replies.of(interaction.message.id, place_of(interaction))
            except RefusedError:
                await _remove_buttons(interaction)
                raise RefusedError(NO_RECORD_FOR_BUTTONS) from None
            authorise_reply(interaction, turn)
            await self._carry_out(interaction, wish, control.number, turn)

    async def _carry_out(
        self, interaction: Interaction, wish: Wish, number: int, turn: Turn
    ) -> None:
        if wish is Wish.STOP:
            await self._stop(interaction, turn)
        elif wish is Wish.CHOOSE:
            await self._replies.choose(turn, number)
        elif wish is Wish.REGENERATE:
            await self._replies.regenerate(turn, by=interaction.user.id)
        elif wish is Wish.CONTINUE:
            await self._replies.go_on(turn, by=interaction.user.id, only_cut=True)

    async def _deletion_pressed(self, interaction: Interaction, message_id: int) -> None:
        self._speaking.check(interaction, Wish.DELETE)
        await interaction.response.defer()
        text = render(KEPT)
        if message_id != delete_form.KEEP:
            turn, apart = await self._deletable(interaction, message_id)
            if apart:
                await self._replies.discard(turn, message_id)
            else:
                await self._replies.remove(turn)
            text = render(TakesBack(self._replies.name(turn)))
        await _done(interaction, text)

    async def _stop(self, interaction: Interaction, turn: Turn) -> None:
        try:
            self._replies.stop(turn)
        except RefusedError:
            if turn.state in (TurnState.DONE, TurnState.CLOSED):
                await _remove_buttons(interaction)
            raise

    async def _edit_submitted(self, interaction: Interaction, message_id: int) -> None:
        with self._speaking.granted(interaction, Wish.EDIT):
            await _defer(interaction)
            turn = await self._own(interaction, message_id)
            self._authorise_edit(interaction, turn)
            await self._replies.edit(
                turn,
                reply_form.text_in(interaction),
                by=name_of(interaction.user),
                may_link=may_embed(interaction),
            )
        await _done(interaction, render(SaysNow(self._replies.name(turn))))

    async def _own(self, interaction: Interaction, message_id: int) -> Turn:
        """Return the turn that posted the message, if this person may change it."""
        turn = await self._replies.of(message_id, place_of(interaction))
        authorise_reply(interaction, turn)
        return turn

    async def _deletable(self, interaction: Interaction, message_id: int) -> tuple[Turn, bool]:
        """Return the turn that posted the message, if this person may delete it.

        The flag tells whether the message is separate from the turn's answer: a poll or a file.
        """
        turn = await self._replies.apart(message_id)
        if turn is None:
            return await self._own(interaction, message_id), False
        authorise_reply(interaction, turn)
        return turn, True

    def _authorise_edit(self, interaction: Interaction, turn: Turn) -> None:
        authorise_edit(interaction, asker_may=self._replies.asker_may_edit(turn.room))


def _rows(told: Sequence[Message]) -> str:
    """Return a decision as text, a row for each character."""
    return fitted([render(row) for row in told])


async def _remove_buttons(interaction: Interaction) -> None:
    """Remove buttons that no longer work: nothing else would."""
    try:
        await interaction.edit_original_response(
            view=controls.view(()), allowed_mentions=discord.AllowedMentions.none()
        )
    except (discord.DiscordException, aiohttp.ClientError, OSError, DeliveryError) as refused:
        # The message is gone or its Discord thread is archived; the person is still answered.
        log.info("cannot remove dead buttons: %s", refused)


async def _defer(interaction: Interaction) -> None:
    """Defer: Discord shows this person, and nobody else, that an answer will come."""
    await interaction.response.defer(ephemeral=True, thinking=True)


async def _done(interaction: Interaction, text: str) -> None:
    """Delete the deferred answer: the result is visible in the reply itself.

    Otherwise people would have to dismiss a note each time. Send `text` if it cannot be deleted.
    """
    try:
        await interaction.delete_original_response()
    except (discord.DiscordException, aiohttp.ClientError, OSError, DeliveryError) as failure:
        log.info("cannot delete a deferred answer: %s", failure)
        await _tell(interaction, text)


async def _tell(interaction: Interaction, text: str, form: discord.ui.View | None = None) -> None:
    await interaction.followup.send(
        shortened(text),
        ephemeral=True,
        view=discord.utils.MISSING if form is None else form,
        allowed_mentions=discord.AllowedMentions.none(),
    )
