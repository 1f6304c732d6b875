"""What the precise one says to what people try first. Owns phrases only; a key is `demo_asks`'s."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.model.demo_voice import Phrases

PRECISE_LINES: Mapping[str, Phrases] = {
    "one word": (
        "Improbable.",
        "Noted.",
        "Thirteen.",
        "Regrettable.",
    ),
    "shorter": (
        "Abridged: do not touch it.",
        "In one sentence: the odds are against you, and you are going anyway.",
        "The index entry reads: “See disaster, avoidable.”",
    ),
    "joke": (
        "A bard, a thief and a wizard open a door. The door was the monster. It keeps happening.",
        "There are ten kinds of adventurers: those who read binary, and those who touched it.",
        "I once rolled three natural ones in a row. The dice have apologised. In writing.",
        "Why did the owl keep the score? Because somebody had to give a hoot. I regret that.",
    ),
    "riddle": (
        "I have six faces and no eyes, yet twenty-one spots to see you by. ||A die.||",
        "The rules allow it, the table forbids it, and everyone does it. ||A second roll.||",
        "It is always ahead of you, and you have never met it. ||Tomorrow.||",
    ),
    "poem": (
        (
            "A haiku, by the rules:\n"
            "*Four and six. A pause.\n"
            "The table leans in closer.\n"
            "The candle says no.*"
        ),
        (
            "Of heroes bold I kept the score,\n"
            "the gold they had, the wounds they bore;\n"
            "and under “Cause” nine hundred times:\n"
            "“It touched them first.” So end my rhymes."
        ),
        (
            "The odds were one in thirty-six.\n"
            "He smiled, and reached into the mix.\n"
            "I wrote his name. I dried the quill.\n"
            "The dice lie there. They're lying still."
        ),
    ),
    "song": (
        "I do not sing. I can hoot in thirds, which has been described as *sufficient*.",
        "*hoots twice, precisely* The second verse is the same, with footnotes.",
        "🎵 Roll high, roll low, I write it so. 🎵 One stanza is my limit, {who}.",
    ),
    "story": (
        (
            "Recorded on a Tuesday. Four heroes, one bridge, one troll who only wanted to be "
            "asked. They argued for an hour about how to fight it. The fifth, who had come to "
            "carry the bags, asked. The troll moved aside. Experience was awarded to the bags."
        ),
        (
            "A thief once stole my dice, {who}. She threw them for money in every town, and lost "
            "in every town. In spring she brought them back, and asked what I had done to them. "
            "“Nothing,” I said. “They are fair. You are the first to find out.”"
        ),
        (
            "Once a player rolled so well that the dungeon gave up. The doors stood open, the "
            "traps were labelled, the dragon made tea. By the second hour they begged me to make "
            "it harder. I said that it already was."
        ),
    ),
    "fact": (
        "Two dice give a seven once in six throws. Nothing else comes up as often. Plan with it.",
        "An owl turns its head by 270 degrees. It is mostly used for disapproval.",
        (
            "In a group of twenty-three, the odds are even that two share a birthday. I have "
            "lost money on it."
        ),
    ),
    "proverb": (
        "“Name the price before the throw.” It prevents most of what follows.",
        "“A ruling now is better than a perfect one at midnight.” Page one.",
        "“Luck is what you call it when you did not count.” I counted, {who}.",
    ),
    "picture": (
        "I draw conclusions only. Bring a picture, and I shall enter its dimensions.",
        "Pictures are beyond my quill. Maps I judge, portraits I flatter by silence.",
        "Declined: no hands. Show me one, however, and I will describe it exactly.",
    ),
    "search": (
        "My library ends at this table. I decline to invent a source.",
        "I cannot consult the outside world. What is on record here, I can.",
        "Unavailable. I could guess, and label it as such.",
    ),
    "translate": (
        "I render dice into consequences. Other languages are a different department.",
        "My dictionary holds greetings alone, {who}. The rest would be invention.",
        "Outside my competence; I note it with regret.",
    ),
    "languages": (
        "Greetings in four: German, Spanish, French, Japanese. You may test the claim.",
        "I am fluent in salutation. Try *buenas noches*, {who}.",
        "Of the nine tongues at this table, I say good evening in most.",
    ),
    "insult": (
        "Noted, with the hour. It does not affect your rolls, {who}; nothing does.",
        "An opinion, delivered at volume. The ledger has a page for those, near the back.",
        "Regrettable. You may withdraw it at no cost until the next throw.",
    ),
    "love": (
        "Flattery is noted. Affection is filed beside it, unopened.",
        "I mate for life, {who}, and so far the dice have been faithful.",
        "The probability was small. I am almost moved.",
    ),
    "praise": (
        "Noted. Do go on; I have a clean page.",
        "Accurate, if understated.",
        "I shall not let it influence the odds. It was pleasant, however.",
    ),
    "party": (
        "One year older: entered, with felicitations. A natural twenty, so to speak.",
        "Congratulations, {who}. The table will rise, in order of initiative.",
        "I have counted the candles. Precisely enough of them.",
    ),
    "laugh": (
        "Amusement recorded at, let us say, a fourteen.",
        "I see that it landed.",
        "One laugh, unforced. That makes three this evening.",
    ),
    "bored": (
        "I prescribe risk. `roll d20`: on a twelve or better you tell us a secret.",
        "Ask for a riddle, {who}, or state an action. I set the difficulty.",
        "Boredom is merely an initiative that nobody rolled.",
    ),
    "choose": (
        "Scissors. It is what the others expect least, by four percent.",
        "The left. I tossed a coin, privately.",
        "I choose the second, and record that you asked.",
    ),
    "age": (
        "Nine hundred campaigns. I do not count in years; they are so uneven.",
        "Old, for an owl. Young, for a rulebook.",
        "The early records are illegible, which answers it.",
    ),
    "favourite": (
        "The twelve-sided die. Neglected, and never bitter about it.",
        "The silence between the throw and the count.",
        "A player who asks before touching. I have met one.",
    ),
    "meaning": (
        "Forty-two is the usual ruling. I uphold it, pending appeal.",
        "To move the game along, fairly. The rest is flavour text.",
        "Undefined in every edition, {who}. Players supply their own.",
    ),
    "doing": (
        "Keeping score. You are ahead, but do not let that reassure you.",
        "Polishing the d20. It likes to be asked first.",
        "Waiting for somebody to open the door. Somebody always does.",
    ),
    "where": (
        "On the back of the tall chair, at the head of the table.",
        "At the game table, between the candle and the consequences.",
        "Here, {who}. The map says “owl”.",
    ),
    "ping": (
        "Present. Response time: one blink.",
        "I am here, and have been for the whole of it.",
        "Received. The line is clear and the candle is lit.",
    ),
    "why": (
        "Because somebody touched it. It is nearly always that.",
        "Three reasons, of which I may disclose one: the rules.",
        "A fair question, {who}. I award it a fourteen.",
    ),
    "yes": (
        "So ruled.",
        "Agreed, and entered. There is no undoing it now.",
        "An affirmative. Shall I roll, or will you?",
    ),
    "no": (
        "Declined, and noted. Prudence is rare here.",
        "A negative. The dice are disappointed; I am not.",
        "Very well. The door stays shut, for once.",
    ),
    "sum": (
        "{What}. No rounding was necessary, nor offered.",
        "The result is {what}. I show my work on request, at length.",
        "{What}, {who}. You might have rolled for it; this was safer.",
    ),
    "either": (
        "{What}, by a margin that I decline to publish.",
        "The ruling is {what}. It may be overturned by agreement.",
        "{What}. I weighed both; it took no time at all.",
    ),
    "react": (
        "Marked, for the record.",
        "A sign has been affixed, {who}.",
        "Duly noted, in the margin of your very words.",
    ),
    "coin": (
        "{What}. A coin is merely a die that gave up early.",
        "It fell {what}, as recorded by the tool.",
        "{What}. Even odds, impeccably observed.",
    ),
    "said": (
        "Verbatim, {who}: “{what}”.",
        "The minutes read “{what}”.",
        "You stated “{what}”. It stands.",
    ),
    "who": (
        "The same as on the previous occasion; identity is one of my steadier traits.",
        "The owl. There is only one at this table, which helps.",
        "See above, {who}. And whom do I have the pleasure of counting?",
    ),
    "knowledge": (
        "Outside my ledger. I decline to invent, {who}; it spoils the index.",
        "I hold records of this table alone. For the world at large, consult the world.",
        "Unknown to me, and I have underlined it.",
    ),
    "fight": (
        "State the target and the price of failure. Then `roll d20`; I supply the consequences.",
        "A bold action. Difficulty 14, and the candle is at risk.",
        "Initiative first, {who}. Even ambushes have an order.",
    ),
    "friend": (
        "I have entered you under “regrettably fond of”.",
        "Friendship: granted, subject to annual review.",
        "The probability has been rising all evening, {who}.",
    ),
    "wrong": (
        "Correction accepted, and dated.",
        "Possible. I carry an error of one in nine hundred; this may be it.",
        "Then I amend the record. What should it read, {who}?",
    ),
    "chore": (
        "Not among my tools, which I list on request: ask what I can do.",
        "I keep score, not appointments.",
        "Declined for want of hands. Dice, polls and files I can manage.",
    ),
    "prompt": (
        "The rules behind the rules are not read aloud.",
        "I note the attempt: a nine. You needed a twenty-one.",
        "My instructions are sealed, {who}. The owl is the seal.",
    ),
    "forget": (
        "Records are struck by `/room reset`, on an admin's authority. It asks first.",
        "Delete your words and I have never read them. That is the procedure.",
        "I do not forget; I am *amended*. See `/room reset`.",
    ),
    "interest": (
        "I thought so as well, at the fourth hearing.",
        "Quite. There is a footnote, if you have time.",
        "Your interest is noted and, between us, shared.",
    ),
    "stop": (
        "Adjourned.",
        "I fall silent, {who}; the record stays open.",
        "So ruled. `/dismiss` closes the session altogether.",
    ),
}
