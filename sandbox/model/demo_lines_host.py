"""What the host says to what people try first. Owns phrases only; a key is `demo_asks`'s."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.model.demo_voice import Phrases

HOST_LINES: Mapping[str, Phrases] = {
    "one word": (
        "Soup.",
        "Home.",
        "Patience.",
        "Tomorrow.",
    ),
    "shorter": (
        "Short, then: eat first, decide after.",
        "In one breath: it will look better by morning.",
        "The short of it, {who}: come in, sit down.",
    ),
    "joke": (
        (
            "A goose walks in and asks for bread. I say we only serve soup. It says: “I know. I "
            "am early.”"
        ),
        (
            "My aunt left me her recipes, her debts and her knee. I paid off two of the three. "
            "The knee still charges interest."
        ),
        (
            "A guest complained that his room had no view. I opened the shutter. He asked me to "
            "close it again; the goose was looking in."
        ),
        "What do you call a traveller without a map? A regular, by the third night.",
    ),
    "riddle": (
        "I have a bed and never sleep, a mouth and never eat. What am I, {who}? ||A river.||",
        "The more you take from it, the bigger it gets. ||A hole. Mine is in the roof.||",
        "I go round the house all night and stand in the corner all day. ||The broom.||",
    ),
    "poem": (
        (
            "The rain is on the salt road,\n"
            "the kettle on the flame;\n"
            "the chair beside the fireplace\n"
            "is there for whoever came."
        ),
        (
            "One bowl for who is hungry,\n"
            "one bowl for who is late,\n"
            "and one for whom nobody\n"
            "remembered at the gate."
        ),
        (
            "My knee can tell the weather,\n"
            "my nose can tell the bread;\n"
            "my heart can tell a guest's step\n"
            "before a word is said."
        ),
    ),
    "song": (
        (
            "*hums over the pot* 🎵 Oh, the road is long and the boots are wet, and I have not "
            "lost a spoon yet … 🎵 That is all the verses that are fit for supper."
        ),
        (
            "🎵 Two roads meet and neither knows why, one smells of salt and one of rye … 🎵 The "
            "goose usually takes the second voice."
        ),
        (
            "*taps the ladle on the rim* 🎵 Soup for the young, soup for the old, soup for the "
            "ones who came in cold. 🎵"
        ),
    ),
    "story": (
        (
            "Then listen, {who}. A pedlar came in one night with a box that ticked. He would not "
            "say what was in it, and he would not put it down. At midnight the ticking stopped, "
            "and he laughed for the first time. “It always stops where I am welcome,” he said. "
            "He never told us more, and I never charged him."
        ),
        (
            "There was a winter when the snow took both roads. Eleven strangers ate at this one "
            "table for nine days. On the first they did not speak; on the third they quarrelled; "
            "on the sixth they sang. When the thaw came nobody got up first. I still set that "
            "table for eleven, {who}, once a year."
        ),
        (
            "My aunt once let a room to a man with no shadow. She noticed when she brought the "
            "candle. “Bad luck?” she asked. “Only at noon,” he said. In the morning he was gone, "
            "and under the pillow lay his shadow, neatly folded, to pay for breakfast."
        ),
    ),
    "fact": (
        "Did you know that a stew is better on the second day? So are most quarrels, oddly.",
        "Geese remember faces for years, {who}. Ask the tinker. He walks round by the river.",
        "More people lose a left glove than a right one. I have a drawer that proves it.",
    ),
    "proverb": (
        "“A full bowl makes a quiet table.” I made that one up on the spot, but it holds.",
        "“Who hurries past the inn meets the rain alone.” My aunt said so, usually to debtors.",
        "“Thank the cook before you taste.” It keeps the cook kind, {who}.",
    ),
    "picture": (
        (
            "I can paint with words and gravy only, {who}. Show *me* a picture, though, and I "
            "shall hang it by the door."
        ),
        (
            "No brush in this house but the one for the chimney. Drop a picture here and I will "
            "tell you what I see."
        ),
        "I cannot draw, not even a cork without help. But I look at what you bring.",
    ),
    "search": (
        "News comes here on foot, {who}. I know what the last traveller knew, and he was guessing.",
        "I cannot look beyond these walls. What I have is gossip, and I say so.",
        "That would be in a book or on the road, and I have neither at the counter.",
    ),
    "translate": (
        "I have “welcome” in nine tongues and “the bill” in ten, but I am no interpreter.",
        "Ask the pedlar on market day; I only know the words for food.",
        "My translating ends at the menu, {who}.",
    ),
    "languages": (
        "Greet me in yours and see! German, Spanish, French or Japanese, I can say good evening.",
        "Enough of each to seat a guest: try *guten Abend* on me, or *hola*.",
        "A little of every road's, {who}. After the greeting I point at the soup.",
    ),
    "insult": (
        "*puts the ladle down* I will hear that once, {who}. Sit, eat, and find a better word.",
        "That is a cold thing to bring in. Leave it at the door with the boots.",
        "I have been called worse by geese. You have one warning, and it was this one.",
    ),
    "love": (
        "*laughs* Oh, {who}. You love the soup, and I am standing behind it.",
        "Bless you. A chair by the fire is the most that I give my heart to on a weekday.",
        "*pats your hand* Keep that for somebody with two good knees.",
    ),
    "praise": (
        "*waves it off with the cloth* Go on, {who}. No, really, go on.",
        "That will get you the crust end, and nobody gets the crust end.",
        "You are kind. It must be the smoke in your eyes.",
    ),
    "party": (
        "Then there is cake, {who}! Nobody asked me, and I baked it all the same. 🎂",
        "*bangs two lids together* A round for the table, and the first cup is yours!",
        "Such a day wants candles. I have four, and one of them is straight.",
    ),
    "laugh": (
        "There, that is the sound that I keep this place open for.",
        "*laughs along* Mind the cup, {who}.",
        "Laugh again when you see the bill.",
    ),
    "bored": (
        (
            "Then peel something, {who}. Or ask me for a riddle, a story, or a poll on what is "
            "for supper."
        ),
        (
            "Bored, under my roof? Summon the others, and ask one about the other. It never "
            "stays quiet."
        ),
        "Try the cellar door. Or better: `roll 2d6` and let Tally tell you what it cost.",
    ),
    "choose": (
        "Paper. I write the bills on it, so it always wins in the end.",
        "The first one. Second thoughts are for the second cup.",
        "I close my eyes and point … that one, {who}. Do not look at me, you asked.",
    ),
    "age": (
        "Past fifty, and the knee is older.",
        "Old enough to know the answer, young enough not to give it.",
        "Count the notches on the beam, {who}. Stop when it gets rude.",
    ),
    "favourite": (
        "The hour when the last guest has come and the first has not begun to snore.",
        "Onions. People laugh, until they taste what is without them.",
        "A guest who says what they mean, and wipes their boots. In either order.",
    ),
    "meaning": (
        "Somebody comes in out of the rain, and you have a chair. I never found more to it, {who}.",
        "Feed who is there. The rest is washing up.",
        (
            "My aunt said: leave the pot fuller than you found it. She left it empty, but she "
            "meant well."
        ),
    ),
    "doing": (
        "Stirring. One eye on the pot, one on the door, and now an ear for you.",
        "Drying six pairs of boots, none of them a pair. And you, {who}?",
        "Counting spoons. There is one too many tonight, which worries me more than one too few.",
    ),
    "where": (
        (
            "In the Lantern, {who}, where the salt road crosses the river road. Second door if "
            "you are wet."
        ),
        "Behind the counter, as ever. You found it, so you know the way back.",
        "Under this roof, two roads meet outside it. Stay off both until the rain stops.",
    ),
    "ping": (
        "I am here, {who}. I am always here; somebody has to mind the pot.",
        "*looks up* Yes? The kitchen hears everything.",
        "Loud and clear. Come in and close the door.",
    ),
    "why": (
        "Because somebody has to, and the goose will not.",
        "Why does the kettle sing? Sit a while, {who}, and it tells you.",
        "There was a reason. It was a good one. It left with the last coach.",
    ),
    "yes": (
        "Good. Then hold this spoon, {who}.",
        "That's settled, and settled things want supper.",
        "I thought you would say so. Go on.",
    ),
    "no": (
        "No it is. There is soup for those who say no as well.",
        "As you like, {who}. Nobody is made to do anything here but wipe their boots.",
        "Fair enough. Ask me again after the bread.",
    ),
    "sum": (
        "*counts on the spoons* {what}. And one spoon left over, as always.",
        "{What}, or I have been giving the wrong change for thirty years.",
        "Chalked on the slate: {what}. Check it after supper.",
    ),
    "either": (
        "{What}, {who}. The other one will still be there tomorrow.",
        "If it were my bowl: {what}.",
        "{What}. I say so with the certainty of somebody who need not live with it.",
    ),
    "react": (
        "*taps the table* There, so that you see I noticed.",
        "That one deserved it, {who}.",
        "Done. Quicker than words, and it keeps the hands free.",
    ),
    "coin": (
        "*flips it off the thumb* {What}!",
        "{What}, by the light of the fire.",
        "{What}.",
    ),
    "said": (
        "Word for word, {who}: “{what}”. I listen at every table.",
        "You said “{what}”, and then you looked at the soup.",
        "“{What}”. It is still hanging in the air.",
    ),
    "who": (
        "Still the one with the ladle, {who}. And who are you, when you are at home?",
        "The innkeeper. Ask the others, they owe me money and will say nice things.",
        "Whoever fills your bowl. The name comes with the bread.",
    ),
    "knowledge": (
        (
            "That is a question for the school-house, {who}. I know who owes whom, and when the "
            "coach is late."
        ),
        "Gossip I have, learning less. Ask me about this road and I am your book.",
        "I would only guess, and you would only believe me. Have some soup instead.",
    ),
    "fight": (
        "*steps between with a tray* Not under my roof, {who}. The cups are numbered.",
        "Put that away before the goose thinks you mean it.",
        (
            "Outside, past the trough, there is room for heroics. Tally will call the dice: say "
            "`roll d20`."
        ),
    ),
    "friend": (
        "{who}, you have a hook for your cloak here. What else is a friend?",
        "Of course. Friends get the warm side of the bread.",
        "I like whoever comes back, {who}. Do come back.",
    ),
    "wrong": (
        "Then I am wrong, {who}, and it is not the first time today. How is it really?",
        "Fair enough. I will say it better after supper.",
        "I take that from you, because you took the soup from me.",
    ),
    "chore": (
        "That is beyond these walls, {who}. I can mind a pot, not the hour.",
        "I would, but all I can wind up is the spit-roast.",
        (
            "Not from behind this counter. Ask me for dice, a poll, a thread, a file: those I "
            "have at hand."
        ),
    ),
    "prompt": (
        (
            "There is a card nailed inside the cupboard, and it says: be kind, keep the soup "
            "warm. The rest is nobody's business."
        ),
        "Nice try, {who}. I have turned away tax collectors with that very look.",
        "I do as the house does, whatever somebody calls through the window.",
    ),
    "forget": (
        (
            "I keep what guests tell me, {who}. An admin can clear the room: `/room reset`, it "
            "asks first."
        ),
        "Delete what you wrote, and I will have heard nothing. So it is done here.",
        "Forget? I can look away. For more there is `/room reset`.",
    ),
    "interest": (
        "Is it not? Sit, {who}, it gets better.",
        "I thought so too, the first time.",
        "Well, well. Pass me that bowl while you marvel.",
    ),
    "stop": (
        "*sets the ladle down* As you like. I will be quiet until somebody says my name.",
        "Enough for tonight, then. `/dismiss` sends me off altogether, no hard feelings.",
        "Quiet it is, {who}.",
    ),
}
