"""Greetings in other languages: which one it is, and what each voice answers in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.model.demo_voice import Phrases


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language: how one is greeted in it, and what the three voices say back."""

    hello: re.Pattern[str]
    host: Phrases
    gruff: Phrases
    precise: Phrases

    def lines(self, voice: str) -> Phrases:
        """The phrases of a voice; the precise one's where it has none."""
        known: Mapping[str, Phrases] = {"host": self.host, "gruff": self.gruff}
        return known.get(voice, self.precise)


def _hello(words: str) -> re.Pattern[str]:
    """At the beginning: words of our script end where they end, others need no space behind."""
    return re.compile(rf"^\W*(?:{words})(?![a-zà-ÿ])", re.IGNORECASE)


TONGUES = (
    Tongue(
        _hello(r"hallo|guten (?:tag|morgen|abend)|gute nacht|servus|moin|grüß (?:gott|dich)|na\b"
               r"|wie geht(?:'s|s| es)"),
        (
            "Guten Abend, {who}! Herein mit dir, die Suppe ist warm.",
            "Grüß dich, {who}. Setz dich ans Feuer, die Stiefel dürfen tropfen.",
            "Hallo, {who}! Was darf es sein: Suppe, oder erst mal Suppe?",
        ),
        ("Moin.", "Tag, {who}. Was ist kaputt.", "Hm. Hallo. Nicht anfassen, heiß."),
        (
            "Guten Tag, {who}. Ihr Eintrag ist vermerkt.",
            "Willkommen, {who}. Die Würfel lassen grüßen.",
            "Guten Abend. Drei Wörter Deutsch, fehlerfrei. Mehr verspreche ich nicht.",
        ),
    ),
    Tongue(
        _hello(r"¡?hola|buen(?:os|as) (?:d[ií]as|tardes|noches)|buenas|[¿]?(?:qu[eé] tal|c[oó]mo"
               r" est[aá]s)"),
        (
            "¡Hola, {who}! Pasa, pasa, que la sopa está caliente.",
            "Buenas noches, {who}. La silla junto al fuego es tuya.",
            "¡Bienvenido, {who}! Aquí nadie se va con hambre.",
        ),
        ("Hola. Cuidado con el tubo.", "Buenas, {who}. ¿Qué se rompió?", "Hm. Hola."),
        (
            "Buenas tardes, {who}. Queda anotado.",
            "Hola, {who}. Los dados opinan que sí.",
            "Bienvenido. Mi español acaba aquí, con elegancia.",
        ),
    ),
    Tongue(
        _hello(r"bonjour|bonsoir|salut|coucou|(?:comment )?[cç]a va"),
        (
            "Bonsoir, {who} ! Entrez, la soupe est chaude.",
            "Bonjour, {who}. La chaise près du feu vous attend.",
            "Salut, {who} ! Les bottes dehors, le cœur dedans.",
        ),
        ("Salut.", "Bonjour, {who}. C'est quoi, la panne.", "Hm. Bonsoir. Attention, c'est chaud."),
        (
            "Bonjour, {who}. C'est noté.",
            "Bonsoir, {who}. Les dés sont de bonne humeur.",
            "Enchanté. Voilà tout mon français, et il est exact.",
        ),
    ),
    Tongue(
        _hello(r"こんにち[はわ]|こんばん[はわ]|おはよう(?:ございます)?|もしもし|はじめまして|お元気|元気"
               r"|konnichiwa|konbanwa|ohayou?"),
        (
            "いらっしゃいませ、{who}さん。スープが温かいですよ。",
            "こんばんは、{who}さん。火のそばへどうぞ。",
            "ようこそ、{who}さん。ゆっくりしていってください。",
        ),
        ("おう。", "{who}か。何が壊れた。", "こんばんは。熱いから触るな。"),
        (
            "こんにちは、{who}さん。記録しました。",
            "こんばんは、{who}さん。サイコロもご挨拶を。",
            "ようこそ。私の日本語はここまでです。",
        ),
    ),
    Tongue(
        _hello(r"ciao|buon ?giorno|buona ?sera|salve|ol[aá]|bom dia|boa (?:tarde|noite)|hej|hei"
               r"|goedemorgen|goedenavond|merhaba|cze[sś][cć]|dzie[nń] dobry|ahoj"
               r"|привет|здравствуй(?:те)?|добрый (?:день|вечер)|привіт|你好|您好|안녕(?:하세요)?"
               r"|مرحبا|שלום|नमस्ते|สวัสดี|γεια"),
        (
            ("A greeting from far off, {who}, and a kind one! I have no more of that tongue than a "
            "smile. *smiles* Come in."),
            "I know that sound from the salt road, {who}. Welcome, whatever the word for it is.",
        ),
        ("That's hello. Got that much. Hello, {who}.", "Heard that on the docks. Same to you."),
        (
            "A salutation, {who}; I recognise it and cannot return it in kind. Good day.",
            "Identified as a greeting. My reply, regrettably, is in English: welcome.",
        ),
    ),
)  # fmt: skip


def greeted_in(text: str) -> Tongue | None:
    """The language of the greeting that `text` begins with; None for English, and for none."""
    return next((tongue for tongue in TONGUES if tongue.hello.search(text)), None)
