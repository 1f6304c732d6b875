"""English: faults that keep the bot from working in a channel, and their fixes."""

from __future__ import annotations

from typing import Final

from bot.messages.texts import Plural, Texts

TEXTS: Final[Texts] = {
    "diagnosis.not_connected": (
        "**Connection**: I’m not fully connected to Discord. I keep trying by myself."
    ),
    "diagnosis.no_new_answers": (
        "**Answers**: no new ones are started. Fix: whoever runs me uses `/pool drain` again."
    ),
    "diagnosis.nothing_wrong": "✅ Nothing keeps the bot from working here.",
    "diagnosis.locked": "This thread is **locked**: nobody can speak here. Fix: unlock it.",
    "diagnosis.no_intent": (
        "**Message Content Intent** is off: I only understand mentions of me, replies to "
        "me and commands. Fix: whoever runs me turns it on in Discord’s developer portal."
    ),
    "diagnosis.no_characters": "**Characters**: there is none. Fix: whoever runs me adds one.",
    "diagnosis.nobody_here": "ℹ️ Nobody is here yet: `/summon` brings someone in.",
    "diagnosis.no_webhooks": (
        "ℹ️ Characters speak under my name here: direct messages have no webhooks."
    ),
    "diagnosis.wrong": "❌ {what}",
    "diagnosis.warned": "⚠️ {what}",
    "diagnosis.lacks": (
        "**{permission}** is missing here. It’s needed {needed}. "
        "Fix: channel settings → Permissions → my role."
    ),
    "diagnosis.part": "**{part}**: {problem}",
    "diagnosis.model_fault": (
        "**Model {model}**: {fault}. Fix: whoever runs me finds it with {doctor:code}."
    ),
    "diagnosis.file_fault": "**Character file**: {fault}",
    "diagnosis.more_file_faults": Plural(
        by="count",
        one="**Character files**: 1 more fault.",
        other="**Character files**: {count} more faults.",
    ),
    "diagnosis.here": "ℹ️ Here: {names}.",
    "diagnosis.here_as_in_channel": "ℹ️ Here: {names}, as in its channel.",
    "diagnosis.last_failed": "⚠️ The last answer failed {at:relative}: {why}.",
    "diagnosis.model": "ℹ️ Model {model} · {facts:dots}",
    "diagnosis.fact": "{name}: {value}",
    "need.view_channel": "to see the channel at all",
    "need.send_messages": "to speak as the bot itself",
    "need.send_messages_in_threads": "to speak in threads and posts",
    "need.manage_webhooks": "to give each character its own name and face",
    "need.read_message_history": "to know what was said, and resend safely",
    "need.add_reactions": "to let characters react",
    "need.embed_links": "to show commands' answers",
    "need.attach_files": "to send long texts, and what characters write as files",
    "need.use_external_emojis": "to react with emojis of other servers",
    "need.create_public_threads": "to let characters open threads",
    "need.send_polls": "to let characters start polls",
    "need.manage_messages": "to delete unfinished answers of a deleted webhook",
    "need.pin_messages": "to let characters pin messages for people who may do so themselves",
}
