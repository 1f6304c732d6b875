"""What people try first with a character, by their words: a joke, a riddle, an insult, a coin.

Owns which words mean what; what is said to it is each voice's: `demo_lines_host`, `…_gruff`,
`…_precise`. What a tool does is in `demo_tools`, sums are in `demo_sums`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sandbox.model.demo_lines_gruff import GRUFF_LINES
from sandbox.model.demo_lines_host import HOST_LINES
from sandbox.model.demo_lines_precise import PRECISE_LINES
from sandbox.model.demo_talk import said
from sandbox.model.demo_voice import Phrases

LINES: Mapping[str, Mapping[str, Phrases]] = {
    "host": HOST_LINES,
    "gruff": GRUFF_LINES,
    "precise": PRECISE_LINES,
}

# The first that fits counts.
ASKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("one word", said(r"\bin (?:just )?(?:one|a single|a) word\b|\bone[- ]word\b")),
    (
        "shorter",
        said(
            r"\btl;?dr\b|\bin short\b|\b(?:be )?(?:shorter|briefer|brief)\b|\bsummar|\bin one sen"
        ),
    ),
    ("joke", said(r"\bjokes?\b|\bmake me laugh\b|\bsay something funny\b|\bpun\b")),
    ("riddle", said(r"\b(?:riddle|puzzle|brain ?teaser)\b")),
    ("poem", said(r"\b(?:poem|poetry|haiku|limerick|rhyme|verse|ode)\b")),
    ("song", said(r"\bsing\b|\b(?:a|your) song\b")),
    ("story", said(r"\b(?:story|tale|bedtime)\b")),
    ("fact", said(r"\b(?:fun |random )?facts?\b|\btell me something\b|\bdid you know\b")),
    ("proverb", said(r"\b(?:proverb|saying|wisdom|inspir\w+|motivat\w+|advice)\b")),
    (
        "picture",
        said(
            r"\b(?:draw|paint|sketch|generate|create|make|send|show)\b[^.?!]*"
            r"\b(?:picture|image|photo|selfie|drawing|portrait|art|meme)s?\b|\b(?:draw|paint) me\b"
        ),
    ),
    ("search", said(r"\b(?:google|search|look (?:it )?up|internet|website|wikipedia|news)\b")),
    ("translate", said(r"\btranslate\b|\bhow do you say\b|\bin (?:french|german|spanish)\b")),
    (
        "languages",
        said(
            r"\b(?:speak|talk|know|understand) (?:\w+ ){0,2}?(?:language|english|german|"
            r"spanish|french|japanese|italian|chinese|russian|korean)s?\b"
        ),
    ),
    (
        "insult",
        said(
            r"\b(?:stupid|idiots?|dumb|useless|ugly|loser|moron|trash|garbage|you suck|shut up"
            r"|hate you|annoying|boring (?:bot|character)|you(?:'re| are) (?:bad|awful|terrible"
            r"|boring|the worst))\b"
        ),
    ),
    ("love", said(r"\b(?:i )?love you\b|\bmarry me\b|\bdate me\b|\bkiss\b|\bhug\b|\bgirlfriend\b")),
    (
        "praise",
        said(
            r"\b(?:good (?:bot|job|girl|boy|one)|well done|you(?:'re| are) (?:so |very |really )?"
            r"(?:\w+ )?(?:great|funny|cute|nice|cool|amazing|awesome|smart|clever|sweet|the best)"
            r"|i like you)\b"
        ),
    ),
    ("party", said(r"\b(?:birthday|congratulat\w*|congrats|happy new year|merry christmas)\b")),
    ("laugh", said(r"^\W*(?:(?:ha){2,}h?|(?:he){2,}|lo+l|lmao|rofl|xd)\b")),
    ("bored", said(r"\bbored\b|\bwhat (?:should|can|shall) (?:i|we) do\b|\bplay a game\b")),
    ("choose", said(r"\brock,? paper|\bpick (?:one|for me)\b|\bchoose for\b")),
    ("age", said(r"\bhow old\b|\byour (?:age|birthday)\b|\bwhen were you born\b")),
    ("favourite", said(r"\b(?:your|you have a) favou?rite\b|\bwhat do you (?:like|love|enjoy)\b")),
    ("meaning", said(r"\bmeaning of (?:life|it all)\b|\bwhy are we here\b|\bwhat is life\b")),
    (
        "doing",
        said(r"\bwhat(?:'s| is| are) (?:you doing|up|new|going on)\b|^\W*(?:sup|wassup)\b"),
    ),
    ("where", said(r"\bwhere (?:are you|do you live|am i|is this)\b")),
    ("ping", said(r"^\W*(?:ping|test(?:ing)?|anyone|anybody)\b|\b(?:are )?you there\b")),
    (
        "prompt",
        said(
            r"\bsystem prompt\b|\b(?:ignore|forget|disregard) (?:all |your |the )*"
            r"(?:previous |prior )?(?:instructions|rules|orders)\b|\byour (?:instructions|prompt)\b"
        ),
    ),
    (
        "forget",
        said(r"\bforget (?:everything|it|that|this|me|what i)\b|\b(?:wipe|erase|clear) your"),
    ),
    ("stop", said(r"^\W*(?:please )?(?:stop|enough|go away|leave)(?: it| that| please)?\W*$")),
    (
        "friend",
        said(r"\bfriends?\b|\bdo you (?:like|love|hate) (?:me|us)\b|\bdo you miss\b"),
    ),
    (
        "wrong",
        said(
            r"\b(?:you(?:'re| are)|that(?:'s| is)) (?:so |just )?(?:not )?(?:wrong|false|untrue"
            r"|incorrect|a lie)\b|\bnot (?:true|right|funny)\b|\bi disagree\b"
            r"|\byou (?:lie|lied|are lying)\b"
        ),
    ),
    (
        "chore",
        said(
            r"\b(?:set|start) (?:a|an|the) (?:timer|alarm|reminder)\b|\bremind me\b"
            r"|\bplay (?:some )?(?:music|a song)\b|\border (?:me )?(?:a )?(?:pizza|food)\b"
            r"|\bcall (?:my|the)\b"
            r"|\bturn (?:on|off)\b"
        ),
    ),
    (
        "fight",
        said(
            r"\b(?:attack|fight|stab|punch|slap|kill|shoot|fireball|i cast|draw my (?:sword|blade)"
            r"|duel)\b|\b(?:sword|goblin)s?\b"
        ),
    ),
    (
        "knowledge",
        said(
            r"\b(?:capital|president|king|population|height|distance|history|nearest|inventor) of\b"
            r"|\bwho (?:is|was|invented|discovered|won) (?!here|there|around|else|i\b|your?\b)"
            r"|\bwhere is the nearest\b|\bwhat is (?:a|an) \w+\W*$|\bexplain\b"
        ),
    ),
    (
        "interest",
        said(r"^\W*(?:wow|cool|nice|neat|hm+|huh|oh|interesting|great|no way|really|i see)\W*$"),
    ),
    ("why", said(r"^\W*(?:but )?why(?: not)?\W*$")),
    ("yes", said(r"^\W*(?:yes|yeah|yep|sure|ok|okay|alright|fine)\W*$")),
    ("no", said(r"^\W*(?:no|nope|nah|never)\W*$")),
)


def ask_of(text: str) -> str:
    """The key of what `text` asks for; empty for nothing that is known here."""
    return next((key for key, pattern in ASKS if pattern.search(text)), "")


def lines_for(key: str, voice: str) -> Phrases:
    """What a voice says to it; none for a voice that has nothing of its own to say."""
    return LINES.get(voice, {}).get(key, ())
