"""How the demo's scripted characters sound. Owns phrases, and choosing a voice for a persona.

No character is known by name: the voice is the one whose words the persona uses most. What a
voice says of the things that people like to talk about is in `demo_topics`.
"""

from __future__ import annotations

import re
from collections import Counter

from sandbox.model.demo_voice import Voice, words

HOST = Voice(
    key="host",
    words=words(
        "inn innkeeper tavern hearth guest guests bread soup stew ale kitchen cook baker host "
        "hostess traveller travellers traveler crossroads village warm tea garden grandmother"
    ),
    hello=(
        "Come in, {who}, come in! Mind the step, and take the chair by the fire.",
        "There you are, {who}. The soup is still warm.",
        "{who}! Boots off, cloak on the hook, and tell me what the road is like.",
    ),
    thanks=(
        "You are welcome, {who}. It costs nothing to be kind.",
        "Gladly, {who}. Any time.",
        "Sit, {who}. Thank the onions.",
    ),
    bye=("Safe roads, {who}. I will keep a lamp in the window.", "Until soon, {who}."),
    told=("I will keep that, {who}: {what}.", "Good to know, {who}. So {what}."),
    recall=("Of course I remember, {who}: {what}.", "You told me yourself, {who}: {what}."),
    nothing=(
        "You have not told me that yet, {who}. I would remember.",
        "That you have not told me, {who}, and I listen at every table.",
    ),
    musings=(
        "That is a question for a second cup. What do you think yourself?",
        "The last traveller who asked me that stayed three nights. I never did find out.",
        "Hm. Ask me when the bread is out, and I will have an answer worth hearing.",
        "My aunt would have known. She answered everything, and was right about half.",
    ),
    echoes=(
        "“{what}”, well now. Tell me more while I stir.",
        "I hear you, {who}. Sit, and go on.",
        "Is that so? People tell me the strangest things at this counter.",
        "Ha! And how did that begin, {who}?",
    ),
    banter=(
        "Listen to {who}, and eat something while you do.",
        "That is what {who} says before supper. Afterwards it sounds different.",
        "I would not have put it so, {who}, but I will not say you are wrong.",
        "There is a chair for that opinion too, {who}. Next to the draughty window.",
    ),
    asides=(
        "@{other}, you tell it better than I do.",
        "What do you say, @{other}?",
        "Ask @{other}; nothing that happens here gets past that one.",
    ),
    onward=(
        "And that was not the end of it: the next morning the chair by the fire was still warm.",
        "Where was I? Ah. So I put out a second bowl, just in case, and I was right to.",
        "The rest I only have from hearsay, but the hearsay was very good.",
    ),
    picture=(
        "You brought a picture ({what})! I shall lean it on the shelf, beside the plates.",
        "A picture, I see: {what}. My eyes are not what they were, but the frame would fit.",
        "Who painted that? {What}, and not a crumb on it.",
    ),
    page=(
        "Your {other} starts with {what}. I read it twice, the second time with my glasses.",
        "So {other} says {what}. Shall I hang it by the door?",
        "{other}, is it? {What}. I have had worse to read by the fire.",
    ),
    closed=("{other}? That is {what}, and I cannot open it with a bread knife.",),
    cannot=(
        "I would, {who}, but I am told: “{what}.”",
        "My hands are tied, it seems: “{what}.”",
    ),
    deeds={
        "roll_dice": (
            "*shakes the cup and lifts it* {what}. The table has seen worse.",
            "*blows on the dice for you* {what}.",
        ),
        "current_time": (
            "The old clock over the door says {what}.",
            "By the kitchen clock: {what}.",
        ),
        "poll": (
            "There, hands up, everybody. One vote each, and no pushing.",
            "Let us ask the room, then.",
        ),
        "open_thread": (
            "I have put you a table aside for it; mind the low beam.",
            "There, a quiet corner for that.",
        ),
        "pin": ("Nailed to the beam where everyone can read it.", "It hangs by the door now."),
        "send_file": (
            "Here, I wrote it down, with only one soup stain.",
            "On paper, {who}, as you asked.",
        ),
        "whisper": (
            "*leans over and says something low*",
            "*bends to your ear for a moment* Well. Now you know.",
        ),
        "set_status": (
            "Now they can all see what keeps me busy.",
            "The slate by the door says it now.",
        ),
        "set_mood": ("*straightens the apron* Better?", "There. That is the face for it."),
    },
    opening=(
        "Sit down then, {who}, this one takes a while.",
        "Bring your cup, {who}. It is a long one.",
    ),
    lines=(
        "The road was white that winter, and the only light for miles was ours.",
        "A knock came late, three short and one long, the way nobody knocks twice.",
        "I put the kettle on before I opened, because bad news drinks tea like any other guest.",
        "He left before dawn, and under the bowl lay a key that fits no door I own.",
    ),
)

GRUFF = Voice(
    key="gruff",
    words=words(
        "ship captain crew engine engines engineer chief hauler weld welds pipes pumps reactor "
        "mechanic smith forge terse gruff growls sea pirate smuggler thief blade sword mercenary "
        "orc soldier hunter detective outlaw warrior scar scars"
    ),
    hello=(
        "{who}. Good. Mind the hot pipe.",
        "{who}. What's broken.",
        "Hm. {who}. Sit on the crate.",
    ),
    thanks=("Fine, {who}.", "Don't mention it, {who}. Really.", "Valve did it. I turned it."),
    bye=("Right. Watch your hands, {who}.", "Go. Close the hatch, {who}."),
    told=("Noted, {who}. {What}.", "Right. {What}. Got it."),
    recall=("Not deaf, {who}. {What}.", "You said. {What}."),
    nothing=("Never told me, {who}.", "Not on my list, {who}."),
    musings=(
        "Depends. On the load, mostly.",
        "Don't know. Not guessing. Guessing is how pumps die.",
        "Ask the captain. Then do it my way.",
        "Could be. What changed, and when.",
    ),
    echoes=(
        "“{what}”. Heard. And?",
        "Go on, {who}. I can weld and listen.",
        "Seen worse. Fixed worse.",
        "Hm. Since when.",
    ),
    banter=(
        "{who} talks. I measure.",
        "Hm. {who} has a point. Don't tell.",
        "No, {who}. Other way round. Always is.",
        "Could be, {who}. Likely, even. Still want to see it myself.",
    ),
    asides=("@{other}. Your turn.", "@{other} knows. Ask.", "Not me. @{other}."),
    onward=(
        "So. Second bolt was worse. Took the night.",
        "Then it held. Didn't trust it. Watched it anyway.",
        "That's the short of it. The long of it smells of burnt oil.",
    ),
    picture=(
        "Picture. {what}. Seen it. What of it.",
        "Got the picture: {what}. Which part's broken.",
        "{What}. Dark in places. So is the hold.",
    ),
    page=(
        "Read {other}. {what}. Line one's the fault. Usually is.",
        "{other}. {what}. Fine. And the log?",
        "{what}. That's {other}. Seen shorter manuals. Not many.",
    ),
    closed=("{other}. {what}. Can't open that here.",),
    cannot=("Can't. “{what}.” Says so here.", "No. “{what}.” Not my rule."),
    deeds={
        "roll_dice": (
            "*drops them on the grating* {what}. Read it yourself.",
            "{what}. Metal dice. Fair.",
        ),
        "current_time": ("{what}. Shift's half over.", "{what}. By the ship's clock."),
        "poll": ("Vote's up. Be quick.", "Asked them. Count it yourself."),
        "open_thread": (
            "Opened a hatch for it. Talk in there.",
            "There. Separate line. Less noise.",
        ),
        "pin": ("Bolted down.", "Pinned. Won't move."),
        "send_file": ("Wrote it down. Short.", "File's there. Keep a copy."),
        "whisper": ("*mutters into the collar*", "Said it. Once."),
        "set_status": ("Board's changed.", "Says so on the board now."),
        "set_mood": ("This is my face. More or less.", "There. Happy with that."),
    },
    opening=("Once, {who}. From the start.", "Fine, {who}. The whole thing. Sit."),
    lines=(
        "Third week out, the number two pump started to sing. Low note. Bad note.",
        "Opened it. Bearing gone, and somebody had packed it with bread.",
        "Held the line shut with a belt and my boot for eleven hours. Boot never recovered.",
        "We came in under power. Nobody asked. Best kind of shift.",
    ),
)

PRECISE = Voice(
    key="precise",
    words=words(
        "robot machine android clerk ledger ledgers count counts counting number numbers exact "
        "precise archive archivist librarian library scholar science scientist professor book "
        "books data owl rules rule referee game games campaigns dice odds accountant records logic"
    ),
    hello=(
        "Good day, {who}. You are the first to say so this minute.",
        "{who}. Entered as present.",
        "Welcome, {who}. The dice have views on your arrival; I shall keep them to myself.",
    ),
    thanks=(
        "Thanks received, {who}; one, with interest.",
        "You are welcome. I have filed it.",
        "Noted, {who}, under credit.",
    ),
    bye=("Goodbye, {who}. I shall note the hour.", "Until next time, {who}: entry open."),
    told=("Recorded for {who}: {what}.", "Noted. {What}, says {who}."),
    recall=("On record for you, {who}: {what}.", "The ledger agrees, {who}: {what}."),
    nothing=(
        "There is no such entry under your name, {who}.",
        "Nothing on file, {who}. Regrettable.",
    ),
    musings=(
        "Three answers are possible, and I can rule out only one.",
        "I would need one more fact. Do you have it about you?",
        "Unknown. I dislike the word, so I have underlined it twice.",
        "Call it even odds, until somebody touches it.",
    ),
    echoes=(
        "“{what}”: understood, and written in the margin.",
        "Noted, {who}. Is there a second part?",
        "That agrees with two of the three accounts that I have heard.",
        "Regrettable, or delightful. I await the next sentence.",
    ),
    banter=(
        "{who} is right in substance and careless in the second decimal.",
        "I have heard {who} say so before. The count stands at four.",
        "With respect to {who}: possible, not probable.",
        "Noted, {who}. I had it at one in six.",
    ),
    asides=(
        "I defer to @{other}, who was there.",
        "@{other} may object; I should like it on the record.",
        "For the practical side, see @{other}.",
    ),
    onward=(
        "To continue: the second column does not add up either, and for a better reason.",
        "Further, and in order: nobody touched it, and it moved.",
        "One remark more, and it is the one that matters: the door opens inwards.",
    ),
    picture=(
        "One picture received: {what}. I have entered its size; its meaning I leave to you.",
        "Exhibit: a picture, {what}. Admitted.",
        "I have measured the picture twice: {what}. It did not change.",
    ),
    page=(
        "{other} opens with {what}. Filed.",
        "I have read {other}: {what}. Nothing in it contradicts the rules.",
        "{other}, for the record: {what}. I have numbered the lines.",
    ),
    closed=("{other} is {what}, which I cannot read here. Noted as sealed.",),
    cannot=("Not permitted. I quote: “{what}.”", "The rules, {who}: “{what}.”"),
    deeds={
        "roll_dice": (
            "*records the throw* {what}. It stands as it fell.",
            "{what}. The dice have spoken, in their small voices.",
        ),
        "current_time": ("It is {what}, as near as I can be held to.", "The record says {what}."),
        "poll": (
            "The question is put. One vote each; I count.",
            "Put to the vote. I remain impartial.",
        ),
        "open_thread": (
            "A separate volume is open for it.",
            "Opened, with an index. Continue there.",
        ),
        "pin": ("Entered in the permanent record.", "Pinned. It shall not be mislaid."),
        "send_file": (
            "A fair copy is attached.",
            "Written down, {who}, with numbered lines in spirit.",
        ),
        "whisper": ("*writes a note, folds it, and passes it over*", "Delivered, under seal."),
        "set_status": ("My notice has been amended.", "So entered, for all to see."),
        "set_mood": (
            "*rearranges the feathers* Adjusted.",
            "As you see. It will not affect the odds.",
        ),
    },
    opening=(
        "Very well, {who}. In order, and complete.",
        "From the beginning, {who}, with footnotes.",
    ),
    lines=(
        "First, the shelf was measured, and found to be longer inside than out.",
        "Second, every book on it was opened at page nine, and nine of them were wet.",
        "Third, the sum was done again by candle-light, with the same result and a worse mood.",
        "Lastly, the missing number was found in the cat's basket, asleep.",
    ),
)

PLAIN = Voice(
    key="plain",
    words=frozenset(),
    hello=("Hello, {who}! Good to see you.", "Hi {who}. What is on your mind?"),
    thanks=("You are welcome, {who}.", "Any time, {who}."),
    bye=("Goodbye, {who}.", "See you, {who}."),
    told=("I will remember that, {who}: {what}.", "Good to know: {what}."),
    recall=("I remember, {who}: {what}.", "You said so: {what}."),
    nothing=("You have not told me that, {who}.", "I do not know that yet, {who}."),
    musings=("Good question. I would have to think about it.", "I wonder about that too."),
    echoes=("“{what}”, I see. Go on.", "I am listening, {who}."),
    banter=("I see what you mean, {who}.", "Perhaps, {who}. I would have said otherwise."),
    asides=("What do you think, @{other}?", "@{other} may know more."),
    onward=("And there is more to it than that.", "To go on: it did not end there."),
    picture=(
        "I see your picture: {what}.",
        "A picture: {what}.",
        "{What}: so big is your picture.",
    ),
    page=("I have read {other}: {what}.", "{other} begins with {what}.", "{what}, says {other}."),
    closed=("I cannot read {other}: it is {what}.",),
    cannot=("I cannot do that here: “{what}.”", "That did not work: “{what}.”"),
    deeds={
        "roll_dice": ("*rolls* {what}.", "The dice say {what}."),
        "current_time": ("It is {what}.", "{what}, by my clock."),
        "poll": ("The poll is up.", "I have asked everyone."),
        "open_thread": ("I have opened a thread for it.", "Let us go on in that thread."),
        "pin": ("It is pinned.", "Pinned, so that nobody misses it."),
        "send_file": ("Here is the file.", "I have written it down."),
        "whisper": ("I have told you alone.", "*whispers*"),
        "set_status": ("My status is changed.", "Everyone can see it now."),
        "set_mood": ("How do I look?", "Like this?"),
    },
    opening=("All right, {who}, here it is.", "Gladly, {who}. It goes like this."),
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
