"""A name without an `@` calls whoever is spoken to, and nobody who is talked about: the table."""

from __future__ import annotations

import time

import pytest

from bot.domain.addressing import addressed, named, perhaps_named
from bot.domain.character import Character
from bot.domain.turn import Reason
from tests.unit.domain.talk import KAI, MIRA, said

ROOM = [
    MIRA,
    KAI,
    Character(key="мира", name="Мира", persona="Hm."),
    Character(key="米拉", name="米拉", persona="Hm."),
    Character(key="ミラ", name="ミラ", persona="Hm."),
    Character(key="미라", name="미라", persona="Hm."),
    Character(key="ميرا", name="ميرا", persona="Hm."),
    Character(key="मीरा", name="मीरा", persona="Hm."),
    Character(key="มิรา", name="มิรา", persona="Hm."),
    Character(key="will", name="Will", persona="Hm."),
    Character(key="zoe", name="Zoë", persona="Hm."),
    Character(key="moon", name="🌙", persona="Hm."),
]

CALLS = [
    # Set off by a comma.
    "Good evening, Mira!",
    "good evening, mira",
    "Not today, Mira.",
    "What do you think, Mira?",
    "I'm so tired, Mira…",
    "Thanks for the soup, Mira!",
    "No, no, Mira!",
    "Two ales please, Mira",
    "Come here, Mira, and tell me a story",
    "That was good, Mira, what else do you have?",
    "Hello everybody. How are you, Mira?",
    "hey, mira",
    "I saw the sea. Mira, do you like the sea?",
    "Bonsoir, Mira !",
    "Guten Abend, Mira!",
    "Buenas noches, Mira",
    "Boa noite, Mira!",
    "Привет, Мира!",
    "Как дела, Мира?",
    "مساء الخير، ميرا",
    "नमस्ते, मीरा!",
    "こんばんは、ミラさん!",
    "今日は何してる、ミラ?",
    "晚上好，米拉！",
    "你喜欢我吗，米拉？",
    "안녕, 미라야!",
    "Bonsoir, Zoe!",
    # At the end of a short sentence.
    "good night mira",
    "Thanks Mira!",
    "how are you Mira?",
    "what time is it mira",
    "can you help me Mira?",
    "do you know me Mira?",
    "tell me a joke mira",
    "I love you Mira",
    "see you tomorrow mira",
    "thank you so much Mira <3",
    "Guten Morgen Mira",
    "Wie geht es dir Mira?",
    "Merci Mira",
    "comment vas-tu Mira ?",
    "Hola mira",
    "Gracias Mira!",
    "Ciao Mira",
    "Dzień dobry Mira",
    "iyi akşamlar Mira",
    "Спасибо Мира",
    "как ты Мира?",
    "شكرا ميرا",
    "धन्यवाद मीरा",
    "こんばんはミラ",
    "ありがとうミラさん!",
    "谢谢米拉",
    "晚安米拉！",
    "고마워 미라야",
    "สวัสดีมิรา",
    # Opening it.
    "MIRA what time is it?",
    "mira do you know me",
    "Mira can you help me",
    "mira tell me a story",
    "Mira I need help",
    "mira you are great",
    "Mira what's up",
    "mira how do I summon you",
    "Mira please",
    "mira hello",
    "Mira good morning",
    "Mira is it raining?",
    "Mira who are you?",
    "mira kannst du mir helfen",
    "Mira was machst du?",
    "Mira tu peux m'aider ?",
    "Mira peux-tu m'aider",
    "Mira dime algo",
    "Mira ¿qué hora es?",
    "Mira você gosta de mim",
    "Mira dimmi una storia",
    "Мира ты тут?",
    "Мира расскажи сказку",
    "ميرا كيف حالك",
    "मीरा तुम कैसी हो",
    "米拉你好",
    "米拉你认识我吗",
    "ミラさん元気?",
    "ミラこんばんは",
    "미라야 안녕",
    "미라 안녕하세요",
    "มิราคุณสบายดีไหม",
    # Behind a greeting.
    "hey Mira what's new",
    "Hi Mira, I'm new here",
    "good morning mira how are you",
    "ok Mira tell me more",
    "Dear Mira, I write to you from afar",
    "hallo Mira wie geht's",
    "*waves* hi Mira",
]

PERHAPS = [
    "I like Kai, Zoë, Mira.",
    "This is my friend, Mira.",
    "My sister, Mira, lives here.",
    "Have you visited Mira?",
    "are you Mira?",
    "Kennst du Mira?",
    "Mira tiedätkö kuka olen",
    "we visited Mira",
    "so long Mira",
]

NOBODY = [
    "Mira said yesterday that it rains.",
    "I like Mira.",
    "I like mira",
    "Mira is nice",
    "Mira's soup is the best",
    "Mira keeps the inn",
    "Mira and Kai are gone",
    "Mira was here",
    "Mira will be back",
    "Mira told you so",
    "Mira likes you",
    "this is Mira",
    "Who is Mira?",
    "where is mira?",
    "do you know Mira?",
    "What do you think about Mira?",
    "did you talk to Mira?",
    "have you seen Mira?",
    "say hello to Mira",
    "greetings from Mira",
    "give it to Mira",
    "tell Mira",
    "Ask Mira!",
    "thanks to Mira",
    "I love Mira",
    "I told Mira that I am tired",
    "When I met Mira, you were not here",
    "I like Mira, she is nice",
    'She said "Good evening, Mira!"',
    "He wrote: “Thanks, Mira!” and left",
    "*waves at Mira*",
    "> Good evening, Mira!",
    "`Good evening, Mira!`",
    "good evening, @[Mira]!",
    "@[Bob] good evening, Mira!",
    "Mira ist nett",
    "Ich mag Mira",
    "Mira hat gesagt, du bist da",
    "J'aime Mira",
    "Mira est partie",
    "Conoces a Mira?",
    "Mira dijo que no",
    "Я люблю Мира",
    "Мира сказала, что ты тут",
    "米拉昨天说她很累",
    "我喜欢米拉",
    "米拉是谁？",
    "ミラは優しい",
    "ミラが好き",
    "ミラの宿はいい",
    "미라는 예뻐",
    "미라가 왔어",
    "ميرا كانت هنا",
    "Will you come?",
    "I hope you will",
    "good night 🌙",
    "admirable mirage",
    "Miranda, hello",
    "I read in the paper that the old innkeeper of our town has a daughter, and they call her Mira",
]


@pytest.mark.parametrize("text", CALLS)
def test_a_name_that_is_set_off_ends_or_opens_a_sentence_calls(text: str) -> None:
    folded = text.casefold()
    wanted = [c.key for c in ROOM if c.name.casefold().replace("ë", "e") in folded]
    assert list(named(text, ROOM)) == wanted
    assert addressed(said(text), ROOM)[0].reason is Reason.NAMED


@pytest.mark.parametrize("text", NOBODY)
def test_a_name_that_is_talked_about_calls_nobody_and_is_worth_no_hint(text: str) -> None:
    assert named(text, ROOM) == ()
    assert perhaps_named(text, ROOM) is None


@pytest.mark.parametrize("text", PERHAPS)
def test_a_name_that_may_call_calls_nobody_but_is_worth_a_hint(text: str) -> None:
    assert named(text, ROOM) == ()
    assert perhaps_named(text, ROOM) is not None


@pytest.mark.parametrize("text", ["Good evening, Mira!", "mira do you know me", "thanks mira"])
def test_what_answers_somebody_else_calls_by_a_sign_only(text: str) -> None:
    assert named(text, ROOM, for_others=True) == ()
    assert named(f"Mira, {text}", ROOM, for_others=True) == ("mira",)


@pytest.mark.parametrize("text", ["@Kai what does Mira think, Mira?", "@Kai good night mira"])
def test_where_somebody_is_called_by_a_mark_a_bare_name_calls_nobody(text: str) -> None:
    assert named(text, ROOM) == ("kai",)


def test_two_are_called_in_two_sentences() -> None:
    assert named("Good evening, Kai! How are you, Mira?", ROOM) == ("kai", "mira")


@pytest.mark.parametrize(
    "piece",
    ["mira ", "mira, ", ", mira. ", '"', "*", "@[", "hi ", "hi, mira! ", "“", "„", "ミラ", "a, "],
)
def test_looking_for_bare_names_takes_time_as_the_text_is_long(piece: str) -> None:
    def took(length: int) -> float:
        text, least = (piece * length)[:length], 1.0
        for _ in range(5):
            began = time.thread_time()
            named(text, ROOM)
            least = min(least, time.thread_time() - began)
        return least

    assert took(40_000) < 40 * took(2_000) + 0.005
