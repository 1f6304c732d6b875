"""The world as tests, the demo and scripts use it: build guilds and people, and let them act.

Everything here goes the same way as the REST routes do, so the rules hold for both.
"""

from __future__ import annotations

from sandbox.discord.world import (
    bodies,
    channels,
    commands,
    errors,
    forwards,
    guilds,
    interactions,
    marks,
    messages,
    openings,
    polls,
)
from sandbox.discord.world.interaction import Interaction, Kind
from sandbox.discord.world.model import (
    Application,
    Channel,
    ChannelType,
    Command,
    Guild,
    Json,
    Member,
    Message,
    MessageFlag,
    Overwrite,
    Upload,
    User,
    new_token,
)
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.state import State

BOT_PERMISSIONS = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.MANAGE_WEBHOOKS
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_POLLS
    | Permission.MANAGE_MESSAGES
    | Permission.PIN_MESSAGES
)
"""What a bot's own role gets unless said otherwise."""


class World(State):
    """State plus the verbs that builders and tests use."""

    def add_user(
        self, name: str, *, display: str | None = None, user_id: int | None = None
    ) -> User:
        """A person with a token of its own."""
        return self._account(name, display, user_id, bot=False)

    def add_application(
        self,
        name: str,
        *,
        owner: User | None = None,
        token: str | None = None,
        message_content: bool = True,
        members: bool = True,
        presences: bool = False,
    ) -> Application:
        """An application with its bot user (same id) and token; the rest are portal switches."""
        user = self._account(name, None, None, bot=True, token=token)
        made = Application(
            user.id,
            name,
            user,
            owner or self.add_user(f"{name} owner"),
            message_content=message_content,
            members=members,
            presences=presences,
        )
        self.applications[made.id] = made
        return made

    def _account(
        self,
        name: str,
        display: str | None,
        user_id: int | None,
        *,
        bot: bool,
        token: str | None = None,
    ) -> User:
        own_id = user_id or self.ids.next()
        user = User(own_id, name, display, bot, token=token or new_token(own_id))
        self.users[user.id] = self.tokens[user.token] = user
        return user

    def add_guild(self, name: str, owner: User, *, guild_id: int | None = None) -> Guild:
        """A guild with its owner inside."""
        return guilds.create(self, name, owner, guild_id)

    def add_member(self, guild: Guild, user: User, *roles: int) -> Member:
        """Let a person in."""
        return guilds.join(self, guild, user, list(roles))

    def install(
        self, application: Application, guild: Guild, permissions: int = BOT_PERMISSIONS
    ) -> Member:
        """Add a bot to a guild, with a role of its own that has `permissions`."""
        fields = {"name": application.name, "permissions": permissions}
        role = guilds.add_role(self, guild, fields, bot_id=application.user.id)
        return guilds.join(self, guild, application.user, [role.id])

    def add_channel(
        self,
        guild: Guild,
        name: str,
        kind: ChannelType = ChannelType.TEXT,
        *,
        parent: Channel | None = None,
        channel_id: int | None = None,
        **fields: object,
    ) -> Channel:
        """A channel; `fields` are those of Discord's REST body (topic, available_tags …)."""
        about = {"name": name, "type": int(kind), "parent_id": parent.id if parent else None}
        return channels.create(self, guild, about | fields, channel_id)

    def permit(self, channel: Channel, target_id: int, *, allow: int = 0, deny: int = 0) -> None:
        """Set a channel's overwrite for a role or a user, and tell everyone."""
        guild = self.guild_of(channel)
        is_role = guild is not None and target_id in guild.roles
        channel.overwrites[target_id] = Overwrite(target_id, 0 if is_role else 1, allow, deny)
        channels.announce(self, channel)

    def direct(self, one: User, other: User) -> Channel:
        """The DM between two accounts."""
        return channels.direct(self, one, other)

    def say(
        self,
        user: User,
        channel: Channel,
        text: str,
        *,
        reply_to: Message | None = None,
        files: list[Upload] | None = None,
        ping: bool = True,
    ) -> Message:
        """A person posts; `ping` False answers without notifying."""
        body: Json = {"content": text}
        if reply_to is not None:
            body["message_reference"] = {"message_id": str(reply_to.id)}
            body["allowed_mentions"] = {
                "parse": ["users", "roles", "everyone"],
                "replied_user": ping,
            }
        return messages.post(self, user, channel, bodies.draft(body, files or []))

    def forward(self, user: User, channel: Channel, source: Message) -> Message:
        """A person forwards a message."""
        reference = {
            "type": forwards.KIND,
            "message_id": str(source.id),
            "channel_id": str(source.channel_id),
        }
        body: Json = {"content": "", "message_reference": reference}
        return messages.post(self, user, channel, bodies.draft(body, []))

    def speak(self, user: User, channel: Channel, seconds: float) -> Message:
        """A person sends a voice message."""
        about = {"id": "0", "filename": "voice-message.ogg", "duration_secs": seconds}
        body: Json = {
            "flags": int(MessageFlag.VOICE_MESSAGE),
            "attachments": [about | {"waveform": "AAAA"}],
        }
        sound = Upload(0, "voice-message.ogg", "audio/ogg", b"OggS")
        return messages.post(self, user, channel, bodies.draft(body, [sound]))

    def unfurl(self, message: Message, embed: Json) -> None:
        """Discord has read a link of the message and shows what is there; no edit."""
        message.embeds = [*message.embeds, embed]
        messages.announce_edit(self, self.channel(message.channel_id), message)

    def edit(self, user: User, message: Message, text: str) -> Message:
        """A person edits its own message."""
        return messages.edit_by(
            self, user, message, bodies.draft({"content": text}, [], editing=True)
        )

    def delete(self, message: Message) -> None:
        """A message goes, whoever did it."""
        messages.delete(self, message)

    def delete_many(self, user: User, gone: list[Message]) -> None:
        """Someone who may removes several messages of one channel at once."""
        channel = self.channel(gone[0].channel_id)
        messages.delete_many(self, user, channel, [one.id for one in gone])

    def react(self, user: User, message: Message, emoji: str) -> None:
        """A person reacts."""
        marks.react(self, user, message, marks.emoji(emoji))

    def vote(self, user: User, message: Message, *answers: str) -> None:
        """A person votes in a poll by the answers' texts; none takes the vote back."""
        poll = polls.of(message)
        chosen = [number for number, one in poll.answers.items() if one["text"] in answers]
        polls.vote(self, user, message, chosen)

    def end_poll(self, message: Message) -> None:
        """A poll's time is over."""
        messages.end_poll(self, message)

    def type_in(self, user: User, channel: Channel) -> None:
        """A person types."""
        marks.type_in(self, user, channel)

    def start_thread(
        self, user: User, parent: Channel, name: str, *, source: Message | None = None
    ) -> Channel:
        """A person opens a public thread, from a message or without."""
        fields = {"name": name, "type": int(ChannelType.PUBLIC_THREAD)}
        return openings.start(self, user, parent, fields, source=source)

    def start_post(self, user: User, forum: Channel, name: str, text: str) -> Channel:
        """A person opens a forum post with its first message."""
        draft = bodies.draft({"content": text}, [])
        return openings.start_post(self, user, forum, {"name": name}, draft)[0]

    def command(self, application: Application, name: str, guild_id: int | None = None) -> Command:
        """A registered command by its name: the guild's own, else the global one."""
        for scope in (guild_id, None):
            for one in commands.scoped(application, scope):
                if one.key[0] == name:
                    return one
        raise errors.unknown("application command")

    def run_command(
        self,
        user: User,
        channel: Channel,
        application: Application,
        name: str,
        *,
        target: Message | User | None = None,
        **options: object,
    ) -> Interaction:
        """A person runs a command: `"summon"`, `"pool stats"`, or a menu with its `target`.

        Option values: text, numbers and truth as they are; users, roles and channels by id.
        """
        return interactions.begin(
            self, user, self._command_body(channel, application, name, target, options), []
        )

    def autocomplete(
        self,
        user: User,
        channel: Channel,
        application: Application,
        name: str,
        *,
        focused: str,
        **options: object,
    ) -> Interaction:
        """A person types in option `focused`; the choices come by an event to that person."""
        body = self._command_body(channel, application, name, None, options)
        body["type"] = int(Kind.AUTOCOMPLETE)
        for one in _leaves(body["data"]["options"]):
            if one["name"] == focused:
                one["focused"] = True
        return interactions.begin(self, user, body, [])

    def _command_body(
        self,
        channel: Channel,
        application: Application,
        name: str,
        target: Message | User | None,
        options: Json,
    ) -> Json:
        command, nested = self._path(application, name, channel.guild_id)
        filled: list[Json] = [{"name": key, "value": value} for key, value in options.items()]
        for inner in reversed(nested):
            filled = [{"name": inner, "options": filled}]
        data: Json = {"id": str(command.id), "name": command.key[0], "options": filled}
        if target is not None:
            data["target_id"] = str(target.id)
        return {
            "type": int(Kind.COMMAND),
            "application_id": str(application.id),
            "guild_id": channel.guild_id,
            "channel_id": str(channel.id),
            "data": data,
        }

    def _path(
        self, application: Application, name: str, guild_id: int | None
    ) -> tuple[Command, list[str]]:
        """A menu's name may hold spaces; in a slash command they part its sub-commands."""
        try:
            return self.command(application, name, guild_id), []
        except errors.ApiError:
            first, *nested = name.split()
            return self.command(application, first, guild_id), nested

    def press(
        self, user: User, message: Message, custom_id: str, values: list[str] | None = None
    ) -> Interaction:
        """A person presses a button or picks in a select menu."""
        body = {
            "type": int(Kind.COMPONENT),
            "application_id": str(message.application_id),
            "channel_id": str(message.channel_id),
            "message_id": str(message.id),
            "data": {"custom_id": custom_id, "values": values or []},
        }
        return interactions.begin(self, user, body, [])

    def submit(self, user: User, channel: Channel, modal_id: int, **texts: str) -> Interaction:
        """A person fills in an open form: text by `custom_id`. Raises ApiError when it is shut."""
        modal = self.modals.get(modal_id)
        if modal is None:
            raise errors.invalid("data.id", "MODAL_UNKNOWN", "This form is not open")
        body = {
            "type": int(Kind.MODAL),
            "application_id": str(modal.application.id),
            "channel_id": str(channel.id),
            "data": {"id": str(modal_id), "components": _filled(modal.components, texts)},
        }
        return interactions.begin(self, user, body, [])


_KEPT = ("type", "id", "custom_id")


def _leaves(options: list[Json]) -> list[Json]:
    found: list[Json] = []
    for one in options:
        found += _leaves(one["options"]) if "options" in one else [one]
    return found


def _filled(components: list[Json], texts: dict[str, str]) -> list[Json]:
    filled = []
    for one in components:
        made: Json = {key: one[key] for key in _KEPT if key in one}
        if one["type"] == 4:
            made["value"] = texts.get(one["custom_id"], one.get("value") or "")
        if isinstance(one.get("component"), dict):
            made["component"] = _filled([one["component"]], texts)[0]
        if one.get("components"):
            made["components"] = _filled(one["components"], texts)
        filled.append(made)
    return filled
