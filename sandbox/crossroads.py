"""The demo's guild: its people, channels and first words. Owns what stands there, runs nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.discord import ChannelType, World
from sandbox.discord.world.model import Application, Channel, Guild, User
from sandbox.page import Guest

_TOPICS = {
    "welcome": "What this place is, and what to try first",
    "tavern": "Where the fire burns. Summon Mira and pull up a chair",
    "game-table": "Dice, rules and dungeons",
    "workshop": "Code, plans and things to take apart",
}
_VOICE = "fireside"
_FORUM_TOPIC = "Tales that go on for days. Each post is a room of its own"
_NEWS_TOPIC = "What is new at the crossroads"

_WELCOME = """\
# Welcome to the Crossroads
This is a small Discord on your own machine, with a real bot in it. A few things to try:
1. Go to <#{tavern}> and type `/summon`: choose **Mira**, then write `@Mira good evening!`
2. Answer one of her messages with *Reply*: she answers without being named.
3. Summon **Rask** and **Tally** too, and ask one about the other: `@Mira what does Rask think?`
4. Right-click an answer: *Regenerate*, *Continue*, *Edit reply*, *Delete reply*, *Why this reply?*
5. Ask for things: `roll 2d6+1`, `make a poll: tea or ale?`, `open a thread about the cellar`, \
`pin that`, `write it down as a file`, `set your status to stirring the soup`, `look happy`, \
`tell me a long story`, `tell me a joke`, `what is 12 * 7?`, `flip a coin`.
6. Drop a picture or a text file there with `@Mira look at this`. Write to **Troupe** directly, \
too: `/summon` works there as well.
7. `/cast` shows who is here, `/room settings` how talkative they are, `/pool stats` the engine; \
`/help` tells the rest.
-# Everything said here is forgotten when the sandbox stops.
"""
_NEWS = "The Crossroads is open. Three characters live here: **Mira**, **Rask** and **Tally**."
_TALE = "It began with a knock at the door, long after the last coach had gone. Who goes on?"


@dataclass(frozen=True, slots=True)
class Crossroads:
    """The guild with those who live there. `ann` owns it; `application` is the bot's."""

    guild: Guild
    application: Application
    ann: User
    ben: User
    cleo: User
    channels: dict[str, Channel]

    @property
    def guests(self) -> list[Guest]:
        """Whom a person at the page can be; Ann first."""
        return [
            Guest("ann", self.ann, "owner and admin"),
            Guest("ben", self.ben, "member"),
            Guest("cleo", self.cleo, "member"),
        ]


def furnish(world: World) -> Crossroads:
    """Build the guild in an empty world."""
    ann = world.add_user("ann", display="Ann")
    ben = world.add_user("ben", display="Ben")
    cleo = world.add_user("cleo", display="Cleo")
    application = world.add_application("Troupe", owner=ann)
    guild = world.add_guild("The Crossroads", ann)
    for person in (ben, cleo):
        world.add_member(guild, person)
    channels = {
        name: world.add_channel(guild, name, topic=topic) for name, topic in _TOPICS.items()
    }
    channels["tales"] = world.add_channel(guild, "tales", ChannelType.FORUM, topic=_FORUM_TOPIC)
    channels["news"] = world.add_channel(guild, "news", ChannelType.ANNOUNCEMENT, topic=_NEWS_TOPIC)
    channels[_VOICE] = world.add_channel(guild, _VOICE, ChannelType.VOICE)
    world.install(application, guild)
    for person in (ann, ben, cleo):
        world.direct(person, application.user)
    made = Crossroads(guild, application, ann, ben, cleo, channels)
    _speak(world, made)
    return made


def _speak(world: World, made: Crossroads) -> None:
    places = made.channels
    world.say(made.ann, places["welcome"], _WELCOME.format(tavern=places["tavern"].id))
    world.say(made.ann, places["news"], _NEWS)
    world.start_post(made.cleo, places["tales"], "A knock at the door", _TALE)
    world.say(made.ben, places["tavern"], "Evening all. Is anybody serving tonight?")
