"""How the demo's scripted characters sound. Owns phrases, and choosing a voice for a persona.

No character is known by name: the voice is the one whose words the persona uses most.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """Phrases by occasion. `{who}` is the person, `{what}` what it is about.

    `musings` answer questions that no rule knows, `echoes` what is only said.
    """

    words: frozenset[str]
    hello: tuple[str, ...]
    thanks: tuple[str, ...]
    bye: tuple[str, ...]
    told: str
    recall: str
    nothing: str
    rolled: str
    clock: str
    musings: tuple[str, ...]
    echoes: tuple[str, ...]
    opening: str
    lines: tuple[str, ...]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HOST = Voice(
    words=_words(
        "inn innkeeper tavern hearth guest guests bread soup stew ale kitchen cook baker host "
        "hostess traveller travellers traveler crossroads village warm tea garden grandmother"
    ),
    hello=(
        "Come in, {who}, come in! Mind the step, and take the chair by the fire.",
        "There you are, {who}. The soup is still warm.",
    ),
    thanks=("You are welcome, {who}. It costs nothing to be kind.", "Gladly, {who}. Any time."),
    bye=("Safe roads, {who}. I will keep a lamp in the window.", "Until soon, {who}."),
    told="I will keep that, {who}: {what}.",
    recall="Of course I remember, {who}: {what}.",
    nothing="You have not told me that yet, {who}. I would remember.",
    rolled="*shakes the cup and lifts it* {what}. The table has seen worse.",
    clock="The old clock over the door says {what}.",
    musings=(
        "That is a question for a second cup. What do you think yourself?",
        "The last traveller who asked me that stayed three nights. I never did find out.",
        "Hm. Ask me when the bread is out, and I will have an answer worth hearing.",
    ),
    echoes=(
        "“{what}”, well now. Tell me more while I stir.",
        "I hear you, {who}. Sit, and go on.",
        "Is that so? People tell me the strangest things at this counter.",
    ),
    opening="Sit down then, {who}, this one takes a while.",
    lines=(
        "The road was white that winter, and the only light for miles was ours.",
        "A knock came late, three short and one long, the way nobody knocks twice.",
        "I put the kettle on before I opened, because bad news drinks tea like any other guest.",
        "He left before dawn, and under the bowl lay a key that fits no door I own.",
    ),
)

GRUFF = Voice(
    words=_words(
        "ship captain crew engine engines engineer chief hauler weld welds pipes pumps reactor "
        "mechanic smith forge terse gruff growls sea pirate smuggler thief blade sword mercenary "
        "orc soldier hunter detective outlaw warrior scar scars"
    ),
    hello=("{who}. Good. Mind the hot pipe.", "{who}. What's broken."),
    thanks=("Fine, {who}.", "Don't mention it, {who}. Really."),
    bye=("Right. Watch your hands, {who}.", "Go. Close the hatch, {who}."),
    told="Noted, {who}. {what}.",
    recall="Not deaf, {who}. {what}.",
    nothing="Never told me, {who}.",
    rolled="*drops them on the grating* {what}. Read it yourself.",
    clock="{what}. Shift's half over.",
    musings=(
        "Depends. On the load, mostly.",
        "Don't know. Not guessing. Guessing is how pumps die.",
        "Ask the captain. Then do it my way.",
    ),
    echoes=(
        "“{what}”. Heard. And?",
        "Go on, {who}. I can weld and listen.",
        "Seen worse. Fixed worse.",
    ),
    opening="Once, {who}. From the start.",
    lines=(
        "Third week out, the number two pump started to sing. Low note. Bad note.",
        "Opened it. Bearing gone, and somebody had packed it with bread.",
        "Held the line shut with a belt and my boot for eleven hours. Boot never recovered.",
        "We came in under power. Nobody asked. Best kind of shift.",
    ),
)

PRECISE = Voice(
    words=_words(
        "robot machine android clerk ledger ledgers count counts counting number numbers exact "
        "precise archive archivist librarian library scholar science scientist professor book "
        "books data owl rules rule referee game games campaigns dice odds accountant records logic"
    ),
    hello=(
        "Good day, {who}. You are the first to say so this minute.",
        "{who}. Entered as present.",
    ),
    thanks=("Thanks received, {who}; one, with interest.", "You are welcome. I have filed it."),
    bye=("Goodbye, {who}. I shall note the hour.", "Until next time, {who}: entry open."),
    told="Recorded for {who}: {what}.",
    recall="On record for you, {who}: {what}.",
    nothing="There is no such entry under your name, {who}.",
    rolled="*records the throw* {what}. It stands as it fell.",
    clock="It is {what}, as near as I can be held to.",
    musings=(
        "Three answers are possible, and I can rule out only one.",
        "I would need one more fact. Do you have it about you?",
        "Unknown. I dislike the word, so I have underlined it twice.",
    ),
    echoes=(
        "“{what}”: understood, and written in the margin.",
        "Noted, {who}. Is there a second part?",
        "That agrees with two of the three accounts that I have heard.",
    ),
    opening="Very well, {who}. In order, and complete.",
    lines=(
        "First, the shelf was measured, and found to be longer inside than out.",
        "Second, every book on it was opened at page nine, and nine of them were wet.",
        "Third, the sum was done again by candle-light, with the same result and a worse mood.",
        "Lastly, the missing number was found in the cat's basket, asleep.",
    ),
)

PLAIN = Voice(
    words=frozenset(),
    hello=("Hello, {who}! Good to see you.", "Hi {who}. What is on your mind?"),
    thanks=("You are welcome, {who}.", "Any time, {who}."),
    bye=("Goodbye, {who}.", "See you, {who}."),
    told="I will remember that, {who}: {what}.",
    recall="I remember, {who}: {what}.",
    nothing="You have not told me that, {who}.",
    rolled="*rolls* {what}.",
    clock="It is {what}.",
    musings=("Good question. I would have to think about it.", "I wonder about that too."),
    echoes=("“{what}”, I see. Go on.", "I am listening, {who}."),
    opening="All right, {who}, here it is.",
    lines=(
        "It began on an ordinary day, as these things do.",
        "Nobody noticed at first, and then everybody had always known.",
        "There was a door, and behind it another one.",
        "In the end it was simpler than they had feared.",
    ),
)

_VOICES = (HOST, GRUFF, PRECISE)


def voice_for(persona: str) -> Voice:
    """The voice whose words the persona uses most; the plain one when it uses none."""
    used = Counter(re.findall(r"[a-z][a-z'-]*", persona.lower()))
    scores = {index: sum(used[word] for word in one.words) for index, one in enumerate(_VOICES)}
    best = max(scores, key=lambda index: scores[index])
    return _VOICES[best] if scores[best] else PLAIN
