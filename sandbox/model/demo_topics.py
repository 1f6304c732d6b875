"""What each voice says of the things that people like to bring up. Owns phrases only.

Two characters that are asked about one thing so speak of that thing, each in its own way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.model.demo_voice import Phrases


@dataclass(frozen=True, slots=True)
class Topic:
    """Words that call it up, and what the three voices say of it."""

    words: re.Pattern[str]
    host: Phrases
    gruff: Phrases
    precise: Phrases

    def lines(self, voice: str) -> Phrases:
        """The phrases of a voice; none for one that has no view."""
        known = {"host": self.host, "gruff": self.gruff, "precise": self.precise}
        return known.get(voice, ())


def _words(listed: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{listed.replace(' ', '|')})s?\b", re.IGNORECASE)


_TOPICS = (
    Topic(
        _words("cellar door barrel rat key lock hatch basement"),
        (
            "The cellar? Three barrels, one rat, and a door that I do not remember building.",
            "I hung a lantern on that door. This morning it was lit, and I had not been down.",
            "Whatever is behind it has better manners than some guests: it knocks.",
        ),
        (
            "Looked at that door. Hinges are on the wrong side. Don't open it.",
            "Nailed it shut. Nails were on the floor next morning. In a row.",
            "Doors don't appear. Somebody built it. Ask who bought hinges.",
        ),
        (
            "A door, unopened: one in six that it is only a door.",
            "I have three accounts of that cellar, and they agree on the smell alone.",
            "Difficulty 13. “I touched it” is not a plan.",
        ),
    ),
    Topic(
        _words("tea ale beer wine coffee cider drink drinks mug cup thirsty"),
        (
            "Ale for quarrels, tea for making up. Which is it tonight?",
            "The kettle is on, and the cider is older than the quarrel about it.",
        ),
        (
            "Coffee. Black. From the second boiler, not the first.",
            "Don't drink what's in the blue can.",
        ),
        (
            "Tea, one sugar, stirred seven times. The eighth is decadence.",
            "I have kept score: ale leads tea by four, and regrets by nine.",
        ),
    ),
    Topic(
        _words("soup stew bread eat eating hungry supper breakfast dinner food cake cheese"),
        (
            "There is soup. There is always soup. Today it even has a name.",
            "Hungry people decide badly. Eat first, {who}.",
        ),
        (
            "Ate at the bench. Bolts and bread. Wrong order once.",
            "Hungry crew makes cold welds. Eat.",
        ),
        (
            "Nine in ten disasters began before supper. Eat, then roll.",
            "The cake is accounted for. Regrettably, by me.",
        ),
    ),
    Topic(
        _words("rain raining snow storm weather cold wind fog sun thunder"),
        (
            "The rain has been walking round the house all day, looking for a way in.",
            "Fog like that brings either a coach or a story. Sometimes both, upside down.",
        ),
        (
            "No weather out here. Just pressure. Prefer it.",
            "Storm's fine. It's the quiet after that breaks things.",
        ),
        (
            "Rain: yes. Duration: longer than your patience. I have rolled for it.",
            "Visibility is ten feet. Confidence should be less.",
        ),
    ),
    Topic(
        _words(
            "road roads travel journey walk map river bridge horse coach ship hold deck space boat"
        ),
        (
            "The river road is longer and kinder. The salt road is shorter, and remembers you.",
            "Every traveller tells me the road was bad. None of them tells the same road.",
        ),
        (
            "She'll make the trip. She always does. I'd pack a spare belt.",
            "Maps lie. Gauges lie less.",
        ),
        (
            "Two days by the river, one by the salt road, and a small matter of bandits between.",
            "The map is accurate to the inch and wrong about the river.",
        ),
    ),
    Topic(
        _words("luck odds chance game play rule rules bet wager quest adventure campaign dungeon"),
        (
            "Luck sits at every table, {who}. It tips badly.",
            "Play by all means, but not for the spoons. I count them.",
        ),
        ("Don't do luck. Do torque.", "Odds are what you say when you haven't looked."),
        (
            "A fourteen or better: thirty-five in a hundred. Shall I, or will you?",
            "One in six, and worse for whoever touches it.",
        ),
    ),
    Topic(
        _words(
            "engine boiler explode loud pump reactor machine leak pipe fix broken repair "
            "code bug error plan work"
        ),
        (
            "When my stove sulks I talk to it first and kick it second. What does yours do?",
            "Whatever it is, it will look smaller after breakfast.",
        ),
        (
            "What changed last. Start there. It's always the last thing.",
            "Exact error. Not the story around it. Then we fix it.",
        ),
        (
            "State what it did, what it should do, and who was nearest. In that order.",
            "Two faults at once are rarer than one fault and a wrong witness.",
        ),
    ),
    Topic(
        _words("sleep tired bed night dream dreams room morning late"),
        (
            "Upstairs, second door. The bed is older than I am, but kinder to the back.",
            "Sleep is the one thing I give on credit, {who}.",
        ),
        (
            "Double shift. Lie down before you fall down.",
            "Four hours. Then the alarm. Best I can do.",
        ),
        (
            "A long rest restores everything but the spoons you lost.",
            "It is late, by every clock but the one that counts.",
        ),
    ),
    Topic(
        _words("song sing music tale story legend rumour rumor gossip secret news"),
        (
            "I have that story from a tinker, who had it from a goose. Mind the goose.",
            "Gossip, mind you, and only gossip: there was a light on the old bridge.",
        ),
        ("Pump two hums. That's the only song aboard.", "Heard it. Half of it's rust."),
        (
            "I have the tale in four versions. In two of them everybody lives.",
            "A rumour: unconfirmed, well dressed, and late with its rent.",
        ),
    ),
    Topic(
        _words("fox foxes cat dog bird goose wolf bear animal"),
        (
            "We had a fox at the back door once. Left with a sausage, came back with an aunt.",
            "Whatever has four legs eats after whatever has two. House rule, often broken.",
        ),
        (
            "Ship's cat outranks me. Does more, too.",
            "Animals don't lie. Gnaw cables, though.",
        ),
        (
            "Foxes: cunning, and poor at sums. I have checked.",
            "I am an owl, and therefore biased. The mice agree.",
        ),
    ),
    Topic(
        re.compile(r"\bhow (?:are|do) you\b", re.IGNORECASE),
        (
            "My knee says rain, and the rest of me says supper. How are you, {who}?",
            "Better for company, {who}. And you?",
        ),
        ("Running. Hot, but running.", "Slept four hours. That's a good week."),
        (
            "Seven in ten, rounded up. And you, {who}?",
            "Unruffled, which for an owl takes effort.",
        ),
    ),
    Topic(
        _words(
            "afraid sad lonely worried worry lost sorry trouble danger help monster dragon ghost"
        ),
        (
            "Sit here, {who}, where it is warm. You need not say it all at once.",
            "Trouble comes in wet and leaves dry. Let it drip a while.",
        ),
        ("Stop first. Breathe. Then tell me what it is.", "Been there. Came back. So will you."),
        (
            "Dangers are best listed. The list is usually shorter than the night.",
            "I do not decide what you feel. I merely note that you are not alone with it.",
        ),
    ),
)


def every_line(voice: str) -> Phrases:
    """All that a voice has to say, of anything."""
    return tuple(line for one in _TOPICS for line in one.lines(voice))


def lines_about(text: str, voice: str) -> Phrases:
    """What a voice says of the first thing in `text` that it has a view on; else nothing."""
    found = [(match.start(), one) for one in _TOPICS if (match := one.words.search(text))]
    if not found:
        return ()
    _, topic = min(found, key=lambda pair: pair[0])
    return topic.lines(voice)
