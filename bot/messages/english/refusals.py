"""English: why a request is refused, and what to do instead."""

from __future__ import annotations

from typing import Final

from bot.messages.texts import Texts

TEXTS: Final[Texts] = {
    "dice.too_long": "The dice expression is longer than {most} characters.",
    "dice.not_dice": "“{expression}” is not dice. Write it like 2d6+1, d20 adv or 4d6kh3.",
    "dice.keeps_too_many": "Of {dice} dice, {picked} cannot be kept.",
    "dice.drops_too_many": "Of {dice} dice, {picked} cannot be dropped.",
    "dice.too_many_terms": "At most {most} terms can be added up.",
    "dice.too_many_dice": "Between 1 and {most} dice can be rolled at once.",
    "dice.wrong_sides": "A die has between 2 and {most} sides.",
    "dice.number_too_large": "Numbers go up to {most}.",
    "dice.luck_takes_one_die": ("Advantage and disadvantage go with a single die, as in d20 adv."),
    "zone.unknown": "There is no time zone “{name}”. Write it like Europe/Paris or UTC.",
    "zone.is_abbreviation": ("There is no time zone “{name}”. Write a place in it: {places:or}."),
    "zone.is_offset": (
        "There is no time zone “{name}”. An offset has no summer time, so write a place, like "
        "{places:or}."
    ),
    "zone.misspelt": "There is no time zone “{name}”. Did you mean {zones:or}?",
    "quiet.not_hours": "Write quiet hours like `22:00-07:00`, or `off` for none.",
    "quiet.hours_missing": "Give the quiet hours too, like `22:00-07:00`.",
    "access.no_direct_messages": (
        "This bot doesn’t take direct messages. Talk to characters in a server."
    ),
    "access.server_not_admitted": (
        "This bot isn’t open to this server. Whoever runs it can add the server."
    ),
    "cast.no_character_known": "I don’t know a character of that name. I don’t know any yet.",
    "cast.unknown_character": "I don’t know a character of that name. I know: {known:bold}.",
    "cast.already_here": "**{name}** is already here. Say {call:code}.",
    "cast.full": "This room is full: {most} characters. Send one away with `/dismiss`.",
    "cast.not_here": "**{name}** isn’t here. `/cast` shows who is.",
    "cast.summon_first": "**{name}** isn’t here. Bring them in with `/summon` first.",
    "cast.not_here_any_more": (
        "**{name}** isn’t here any more. Bring them in with `/summon` first."
    ),
    "room.paused": "This room is paused: nobody answers until somebody uses `/room resume`.",
    "room.paused_for_replies": "This room is paused. `/room resume` wakes it.",
    "reply.apart": "A poll or a file stays as it was sent. *Delete reply* takes it back.",
    "reply.too_old": (
        "That was said more than a week ago: I keep no record of it any more. "
        "Moderators can still delete it."
    ),
    "reply.record_lost": (
        "I’ve lost the record of that reply and can’t tell what it answers. "
        "Moderators can still delete it."
    ),
    "reply.not_a_characters": "No character said that. Choose a message of a character.",
    "reply.being_written": "It is being written right now. Try again in a moment.",
    "reply.greeting": "A greeting is always the same: there is no other version.",
    "reply.alternative_not_kept": "That alternative is not kept any more.",
    "reply.nothing_left": "There is nothing left to say. *Delete reply* takes it back.",
    "reply.edit_too_long": "That is too long: {most:,} characters fit.",
    "reply.links_not_allowed": "You need the permission **Embed Links** to add links.",
    "reply.already_continued": "That reply has been continued already.",
    "reply.full": (
        "That reply is as long as a reply can be ({most:,} characters). "
        "Ask for the rest in a new message."
    ),
    "reply.not_being_written": "Nothing of this reply is being written right now.",
    "reply.no_character": (
        "**{name}** is no character of this bot any more. Moderators can delete what stands there."
    ),
    "reply.taken_back": "That reply was taken back.",
    "reply.never_finished": (
        "That reply was never finished. Moderators can delete what stands there."
    ),
    "reply.reset_forgot_regenerate": (
        "This room was reset since, so that reply can’t be done again: its character "
        "remembers nothing of what was said before."
    ),
    "reply.reset_forgot_continue": (
        "This room was reset since, so that reply can’t be continued: its character "
        "remembers nothing of what was said before."
    ),
    "reply.no_record_for_buttons": (
        "I keep no record of this reply any more, so its buttons can’t do anything."
    ),
    "reply.button_does_nothing": "That button does nothing.",
    "reply.too_long_for_form": "That reply is too long for Discord’s form.",
    "reply.nothing_asked": "What was asked was deleted, so there is nothing to answer anew.",
    "reply.nothing_to_add": "{name} has nothing to add, so the reply stays as it was.",
    "reply.nothing_else": "{name} chose to say nothing else, so the reply stays as it was.",
    "spending.hour": (
        "You’ve had as many answers as one person gets in an hour. Ask again {until:relative}."
    ),
    "spending.day": (
        "Characters have used up what this bot may spend in a day. Ask again {until:relative}."
    ),
    "pace.too_fast": "That was too fast. Wait a few seconds, then try again.",
    "pace.slow_mode": ("This channel is in slow mode. You can speak again in {seconds:duration}."),
    "guidelines.empty": "The guidelines are empty. To remove them, clear them.",
    "guidelines.too_long": "The guidelines have {length} characters; {most} are allowed.",
    "rights.person_lacks": "You need the permission **{permission}** for that.",
    "rights.not_a_member": (
        "I’m not a member of this server, so no character can speak here and nothing was "
        "changed. Somebody who may **Manage Server** can [invite me](<{invite}>)."
    ),
    "rights.servers_only": "That works in a server only.",
    "rights.timed_out": ("You’re timed out in this server, so no character speaks for you."),
    "rights.thread_locked": "This thread is locked: only moderators can speak here.",
    "rights.thread_closed": "This thread is closed. Open it again, then try once more.",
    "rights.reply_elsewhere": "That reply is in another place. Do it there.",
    "rights.asker_only": (
        "That is for whoever asked for this reply, and for those who may **Manage Messages**."
    ),
    "rights.moderators_edit": (
        "Here only those who may **Manage Messages** edit what a character said. "
        "`/room settings` can let whoever asked for it do so too."
    ),
    "rights.summoner_only": (
        "Only whoever summoned a character, and those who may **Manage Channels**, can send "
        "it away."
    ),
    "rights.owner_only": "Only whoever runs this bot can do that.",
    "rights.place_not_seen": "I can’t see this place. Try it in a channel of a server.",
    "rights.summon_not_allowed": "This server doesn’t let you use `/summon` here.",
    "command.nothing_to_say": "There is nothing to say: the message is empty.",
    "command.not_a_choice": "That value doesn’t fit here. Choose one from the list.",
    "command.no_reset_to_undo": "There is no reset of the last day to undo.",
    "command.not_a_message": "Give me a message’s link or its id.",
    "command.message_elsewhere": "That message is in another place. Ask me there.",
    "command.menu_fails": "This menu doesn’t work right now. Use {summon}.",
    "pool.drained": "The pool is drained. `/pool drain` takes new turns again.",
    "pool.no_restart": "The app-server doesn’t start again: {reason}",
    "pool.just_ending": "**{name}** has just ended, or is just starting.",
    "pool.busy": "**{name}** is busy. `/pool restart` ends its app-server anyway.",
    "pool.no_instance": "**{name}** has no app-server right now.",
    "action.turn_over": "This turn is over: nothing can be done in the room any more.",
    "action.no_message_answered": "You go on by yourself here: there is no message to do that to.",
    "action.reply_target_settled": "You have begun to speak: what you answer is settled.",
    "action.too_many": "That is enough for one turn: {most} actions.",
    "action.denied": "This room does not allow {action:code}.",
    "action.asker_lacks": "Who asked you lacks the permission {permission} here.",
    "action.quote_not_found": (
        "No message among the last {searched} has these words. Copy some of them exactly."
    ),
    "action.poll_question": "A question has 1 to {most} characters.",
    "action.poll_answers": "A poll has 2 to {most} different answers.",
    "action.poll_answer": "An answer has 1 to {most} characters.",
    "action.poll_hours": "A poll is open for 1 to {most} hours.",
    "action.thread_needs_channel": "A thread can be opened in a channel only, not here.",
    "action.thread_needs_name": "A thread needs a name.",
    "action.thread_opened_already": "You have opened a thread in this turn already.",
    "action.file_empty": "The file would be empty.",
    "action.file_too_long": "A file has {most:,} characters at most.",
    "action.whisper_empty": "There is nothing to whisper.",
    "action.whisper_needs_say": (
        "You can whisper only to who spoke to you by /say within 15 minutes."
    ),
    "action.whisper_too_long": "A whisper has {most} characters at most.",
    "action.status_too_long": "A status has {most} characters at most.",
    "action.unknown_mood": "Your moods are: {known}.",
    "action.no_moods": "You have no moods.",
    "action.only_inside_the_bot": "{action} works only inside the bot: there is no room here.",
    "action_label.skip": "Skipping",
    "action_label.react": "Reacting",
    "action_label.reply_to": "Replying",
    "action_label.poll": "A poll",
    "action_label.open_thread": "Opening a thread",
    "action_label.pin": "Pinning",
    "action_label.send_file": "Sending a file",
    "action_label.whisper": "Whispering",
    "action_label.set_status": "A status",
    "action_label.set_mood": "A mood",
}
