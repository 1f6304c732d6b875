"""English: failures and advice."""

from __future__ import annotations

from typing import Final

from bot.messages.texts import Texts

TEXTS: Final[Texts] = {
    "failed.usage_limit": (
        "{name} can’t answer: the Codex account has used up its limit. The limit resets by itself;"
        " whoever runs this bot can see in its log when."
    ),
    "failed.rate_limit": (
        "{name} can’t answer right now: the model is being asked too often. Try again in a minute."
    ),
    "failed.context_full": (
        "{name} can’t take that in: it’s more than the model can hold. Try again with less, or "
        "without files."
    ),
    "failed.unauthorized": (
        "{name} can’t answer: the model refused the bot’s key or login. Whoever runs this bot "
        "should run {doctor:code}."
    ),
    "failed.no_credit": (
        "{name} can’t answer: the account that pays for the model has no credit left. Whoever "
        "runs this bot has to top it up."
    ),
    "failed.model_unknown": (
        "{name} can’t answer: there’s no such model where the bot asks for it. Trying again won’t"
        " help. Whoever runs this bot should set another one, with `CODEX_MODEL` or in the "
        "character’s file."
    ),
    "failed.wrong_address": (
        "{name} can’t answer: nothing at the model’s address understands the bot. Trying again "
        "won’t help. Whoever runs this bot should check `CODEX_BASE_URL`."
    ),
    "failed.bad_request": (
        "{name} can’t answer: the model’s server refused the bot’s request. Trying again won’t "
        "help. Whoever runs this bot will find the reason in its log."
    ),
    "failed.unreachable": "{name} can’t answer: the model can’t be reached. Try again in a minute.",
    "failed.overloaded": "{name} can’t answer: the model is overloaded. Try again in a minute.",
    "failed.refused": "{name} can’t answer that: the model refused the request.",
    "failed.silent": "{name} took too long and was stopped. Try again.",
    "failed.endless": "{name} came to no end and was stopped. Try saying it another way.",
    "failed.cut_short": (
        "{name} ran out of room before the first word. Whoever runs this bot can let the model "
        "write longer answers."
    ),
    "failed.interrupted": "{name} was stopped.",
    "failed.empty": "{name} had no answer. Try saying it another way.",
    "failed.other": (
        "{name} couldn’t answer: something went wrong with the model. Try again; if it keeps "
        "happening, whoever runs this bot will find the reason in its log."
    ),
    "failed_mind.busy": (
        "{name} can’t answer yet: too many characters are speaking at once. Try again in a minute."
    ),
    "failed_mind.closed": (
        "{name} can’t answer: the bot isn’t taking new messages right now. Try again later."
    ),
    "failed_mind.does_not_start": (
        "{name} can’t wake up: the program behind its model doesn’t start. Whoever runs this bot "
        "should run {doctor:code}."
    ),
    "rejected_answer.link": (
        "Discord blocked {name}’s answer because it considers a link in it harmful. Try again "
        "without that link."
    ),
    "rejected_answer.automod": (
        "This server’s AutoMod blocked {name}’s answer. Moderators can find the rule in Server "
        "Settings → AutoMod."
    ),
    "rejected_answer.name": (
        "Discord doesn’t allow “{name}” as a character’s name. Whoever runs this bot can give it "
        "another one."
    ),
    "rejected_answer.text": (
        "Discord rejected the text of {name}’s answer. Try saying it another way."
    ),
    "rejected_answer.rest": (
        "Discord rejected {name}’s answer, and it’s the bot’s fault. The reason is in its log."
    ),
    "rejected_message.link": (
        "Discord blocked that message because it considers a link in it harmful. Try again "
        "without that link."
    ),
    "rejected_message.automod": (
        "This server’s AutoMod blocked that message. Moderators can find the rule in Server "
        "Settings → AutoMod."
    ),
    "rejected_message.name": (
        "Discord doesn’t allow that as a character’s name. Whoever runs this bot can give it "
        "another one."
    ),
    "rejected_message.text": (
        "Discord rejected the text of that message. Try saying it another way."
    ),
    "rejected_message.rest": (
        "Discord rejected that message, and it’s the bot’s fault. The reason is in its log."
    ),
    "error.bot_lacks": (
        "I’m missing the permission **{permission}** in this channel. An admin can give it to me "
        "in the channel’s settings; `/diagnose` shows the rest."
    ),
    "error.thread_closed": "This thread is closed. Once it’s open again, try once more.",
    "error.not_a_member": "I’m not a member of this server, so no character can speak here.",
    "error.wrong_kind": (
        "Characters can’t speak in a channel of this kind. Try a text channel, a thread or a post."
    ),
    "error.place_gone": "That place or message is gone.",
    "error.discord_down": "Discord isn’t accepting messages right now. Try again in a moment.",
    "error.pool_full": "Too many characters are speaking at once. Try again in a minute.",
    "error.bots_fault": "That didn’t work, and it’s the bot’s fault. The reason is in its log.",
    "error.unforeseen": "Something went wrong on the bot’s side. The reason is in its log.",
    "intent.unread": (
        "I can’t read what’s said here: the **Message Content Intent** is off, so I only "
        "understand mentions of me, replies to me and commands. Whoever runs me turns it on at "
        "<https://discord.com/developers/applications> → Bot → Privileged Gateway Intents, and "
        "then starts me again."
    ),
    "mute.lacks": "the bot lacks the permission {permission} here",
    "mute.thread_closed": "this thread is closed",
    "mute.not_a_member": "the bot is not a member of this server",
    "mute.wrong_kind": "nothing can be said in a channel of this kind",
    "mute.gone": "the place is gone",
    "failed_owner.usage_limit": "the Codex account has used up its limit",
    "failed_owner.rate_limit": "the model is being asked too often",
    "failed_owner.context_full": "the question was more than the model can hold",
    "failed_owner.unauthorized": "the model refused the key or the login",
    "failed_owner.no_credit": "the account that pays for the model has no credit left",
    "failed_owner.model_unknown": "the endpoint has no model of that name (CODEX_MODEL)",
    "failed_owner.wrong_address": "nothing at CODEX_BASE_URL understands the bot",
    "failed_owner.bad_request": "the model’s server refused the request",
    "failed_owner.unreachable": "the model can’t be reached",
    "failed_owner.overloaded": "the model is overloaded",
    "failed_owner.refused": "the model refused what was asked",
    "failed_owner.silent": "the model was silent for too long",
    "failed_owner.endless": "the model came to no end",
    "failed_owner.cut_short": "the model’s limit on answers was reached before the first word",
    "failed_owner.interrupted": "the turn was interrupted",
    "failed_owner.empty": "the model answered without a word",
    "failed_owner.other": "something went wrong; the log says what",
}
