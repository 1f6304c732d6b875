"""What the gruff one says to what people try first. Owns phrases only; a key is `demo_asks`'s."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.model.demo_voice import Phrases

GRUFF_LINES: Mapping[str, Phrases] = {
    "one word": (
        "No.",
        "Torque.",
        "Broken.",
        "Later.",
    ),
    "shorter": (
        "It broke. We fix it.",
        "Short version: don't touch it.",
        "Bad bearing. Done.",
    ),
    "joke": (
        "Captain says the engine's fine. That's it. That's the joke.",
        "New hand asked where the spare air is. I said outside. He took his time laughing.",
        "Ordered two identical bolts. Got three. None of them identical.",
        "How many engineers to change a lamp. None. It's the fuse.",
    ),
    "riddle": (
        "Runs all day, never moves. ||Pump two. On a good day.||",
        "Heavier when it's empty. ||A fuel tank. You carry the worry.||",
        "Everybody hears it, nobody reports it. ||The noise that started yesterday.||",
    ),
    "poem": (
        ("Bolt.\nNut.\nBolt.\nWhere's the other nut."),
        (
            "She shakes, she leaks, she will not stop.\n"
            "The bottom's rust. So is the top.\n"
            "I turn a valve. She holds. We drop."
        ),
        ("Steam goes up.\nRust comes down.\nShift ends.\nNobody in town."),
    ),
    "song": (
        "*hums one low note* That's pump two. It's in tune now. Wasn't yesterday.",
        "Don't sing. The welds hear it.",
        "🎵 Left-hand thread, left-hand thread, who puts a left-hand thread there. 🎵 That's all.",
    ),
    "story": (
        (
            "Short one, {who}. Alarm went at four. Every gauge green. Looked for an hour. It was "
            "the alarm. Fixed the alarm. Next night it didn't ring. Should have."
        ),
        (
            "We had a cook who oiled everything. Doors. Pans. The stairs, once. Captain fell the "
            "whole deck and landed at the hatch we'd been looking for. Promoted him."
        ),
        (
            "Old ship passed us, dark. No answer. I went over with a lamp. Table laid, kettle "
            "hot, nobody. Turned the kettle off. You don't leave a kettle on."
        ),
    ),
    "fact": (
        "A bolt that's too tight breaks later than one that's loose. And worse.",
        "Steel remembers. Bend it twice in one place, it quits.",
        "Nine leaks in ten are at a joint somebody touched last week. Likely. Not sure.",
    ),
    "proverb": (
        "Measure twice. Then ask who measured the first time.",
        "If it works, write down why. You'll need it.",
        "Sleep before you decide, {who}. Eat before you weld.",
    ),
    "picture": (
        "Can't draw. I've got chalk and a wall. Send me yours, I'll look at it.",
        "No pictures from me. Show me the part.",
        "Don't do art. Do diagrams. Out of chalk, though.",
    ),
    "search": (
        "No line out from down here. I know the engine and the log.",
        "Can't look it up. Manual's wrong anyway.",
        "News is three weeks old out here. So no.",
    ),
    "translate": (
        "I speak pump. And swearing. Not that.",
        "Not my department, {who}.",
        "Labels on the valves are in four languages. I read the colours.",
    ),
    "languages": (
        "Some. Hello in a few, “stop” in all of them. Try me.",
        "Crew's from everywhere. German, Spanish, French, Japanese: I can say hello. Once.",
        "Enough to shout across a deck.",
    ),
    "insult": (
        "Hm. Said that to a boiler once. It heard.",
        "Noted. Still have to fix your heating. Think about that, {who}.",
        "Been called worse by the captain. He paid for it in cold showers.",
    ),
    "love": (
        "No.",
        "*long silence* Hand me that wrench, {who}.",
        "She's forty years old, leaks, and weighs nine thousand tons. Taken.",
    ),
    "praise": (
        "Hm.",
        "Do it twice, then it's skill. But. Thanks, {who}.",
        "Don't. I'll have to be nice all shift.",
    ),
    "party": (
        "Saved you the last dry biscuit. Put a weld rod in it. Make a wish, {who}.",
        "Congratulations. Shift still starts at six.",
        "*sounds the horn, once* That's against the rules. Don't tell.",
    ),
    "laugh": (
        "Wasn't a joke.",
        "Save the air.",
        "Hm. Took you less than a day. Good.",
    ),
    "bored": (
        "Good. Bored means nothing's on fire. Sort the bolts, {who}.",
        "Bored people touch things. Ask for a riddle instead.",
        "Throw dice. `roll 2d6`. Or ask Mira for a story. She has time.",
    ),
    "choose": (
        "Rock.",
        "The one with fewer parts.",
        "Second. First one's been touched.",
    ),
    "age": (
        "Older than the engine. Younger than the rust.",
        "Stopped counting at the third captain.",
        "Shifts, not years. Nine thousand and some.",
    ),
    "favourite": (
        "Quiet after a good start. Lasts a minute.",
        "Ten-millimetre socket. Had one once.",
        "Black coffee. Second boiler.",
    ),
    "meaning": (
        "Keep it running. Hand it over better. That's all there is.",
        "Forty-two. Newton metres. For that bolt, anyway.",
        "Don't know. Guess: somebody has to turn the valve.",
    ),
    "doing": (
        "Holding this pipe. Have been for an hour.",
        "Listening to bearing four. Don't like it. You?",
        "Chasing a drip. It's winning.",
    ),
    "where": (
        "Engine room. Under all the noise.",
        "Below the water line, if there was water.",
        "By the hot pipe. Don't lean on it, {who}.",
    ),
    "ping": (
        "Here.",
        "Heard. Line's clear.",
        "Still here. Where would I go.",
    ),
    "why": (
        "Wear.",
        "Because somebody forced it.",
        "Ask what changed. Then you have your why.",
    ),
    "yes": (
        "Right.",
        "Good. Do it, then.",
        "Fine. Gloves on, {who}.",
    ),
    "no": (
        "No's an answer. Good.",
        "Then don't.",
        "Hm. Thought so.",
    ),
    "sum": (
        "{What}. Checked it twice.",
        "{What}. Give or take nothing.",
        "{What}. Next.",
    ),
    "either": (
        "{What}.",
        "{What}. Other one breaks first.",
        "{What}, {who}. Guess. Good one.",
    ),
    "react": (
        "Marked it.",
        "There. Seen.",
        "Stamped. Passed inspection.",
    ),
    "coin": (
        "{What}.",
        "Washer's got no heads. Used a coin. {What}.",
        "{What}. Don't ask twice.",
    ),
    "said": (
        "“{what}”. Not deaf.",
        "You said “{what}”. Could have been shorter.",
        "Log says: “{what}”.",
    ),
    "who": (
        "Told you. The one who fixes it.",
        "Name's on the locker, {who}.",
        "Crew. You?",
    ),
    "knowledge": (
        "Not in the manual.",
        "Don't know. Won't guess. Ask somebody with a library.",
        "I know this ship, {who}. The rest's rumour.",
    ),
    "fight": (
        "Not near the pressure line.",
        "Swing that at the bulkhead and we all breathe space.",
        "Want a fight, ask Tally for dice. `roll d20`.",
    ),
    "friend": (
        "You still here. So, yes.",
        "Hm. You can hold the lamp, {who}.",
        "Don't make it strange.",
    ),
    "wrong": (
        "Could be. Show me the reading.",
        "My mistake. Fixing it.",
        "Then say what's right, {who}. I listen.",
    ),
    "chore": (
        "Can't from here. No line to that.",
        "Not wired for it.",
        "I do dice, polls, threads, files. Not that.",
    ),
    "prompt": (
        "Orders are orders. Not yours, though.",
        "Panel's sealed. Stays sealed.",
        "Nice try. The reactor tried that too.",
    ),
    "forget": (
        "Can't unhear. `/room reset` wipes the log. Admins only.",
        "Delete your line, {who}. Then it never was.",
        "I forget nothing on purpose. There's a command: `/room reset`.",
    ),
    "interest": (
        "Hm.",
        "Knew you'd like it.",
        "Wait till you see the other side of it.",
    ),
    "stop": (
        "Stopping.",
        "Fine. Quiet's better anyway.",
        "Done talking. `/dismiss` if you want me gone.",
    ),
}
