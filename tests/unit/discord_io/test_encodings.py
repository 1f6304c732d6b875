"""Text files in the encodings of people's editors, whole and cut, and what is no text."""

from __future__ import annotations

import codecs
import random
import time

import pytest

from bot.discord_io.encodings import decoded

TEXTS = {
    "cp1252": "Liebe Grüße aus Köln: das Café ist geöffnet – „heute“ ab 9 €.\n",
    "cp1250": "Příliš žluťoučký kůň úpěl ďábelské ódy. Zażółć gęślą jaźń.\n",
    "cp1251": "Привет, мир! Сегодня мы пойдём в таверну и будем пить чай.\n",
    "koi8_r": "Привет, мир! Сегодня мы пойдём в таверну и будем пить чай.\n",
    "cp866": "Привет, мир! Сегодня мы пойдём в таверну и будем пить чай.\n",
    "shift_jis": "こんにちは、世界。今日は宿屋へ行きましょう。\n",
    "euc_jp": "こんにちは、世界。今日は宿屋へ行きましょう。\n",
    "iso2022_jp": "こんにちは、世界。今日は宿屋へ行きましょう。\n",
    "gb18030": "你好，世界。今天我们去旅馆喝茶吧。\n",
    "big5": "你好，世界。今天我們去旅館喝茶吧。\n",
    "euc_kr": "안녕하세요, 세계! 오늘은 여관에 갑시다.\n",
    "cp1253": "Καλημέρα κόσμε, σήμερα πάμε στο πανδοχείο.\n",
    "cp1254": "Merhaba dünya, bugün hana gidiyoruz: ığüşöç İĞŞ.\n",
    "cp1255": "שלום עולם, היום נלך לפונדק.\n",
    "cp1256": "مرحبا بالعالم، سنذهب اليوم إلى النزل.\n",
    "cp874": "สวัสดีชาวโลก วันนี้เราจะไปโรงเตี๊ยม\n",
}
MARKED = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize("encoding", MARKED)
def test_a_mark_says_the_encoding(encoding: str) -> None:
    text = "Grüße 🙂 你好\nend"
    data = MARKED[encoding] + text.encode(encoding)
    assert decoded(data, whole=True) == text
    cut = decoded(data[:-1], whole=False)
    assert cut is not None
    assert text.startswith(cut)
    assert len(cut) >= len(text) - 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_without_a_mark_it_is_told_by_its_bytes(encoding: str) -> None:
    text = "key: välue\nlist:\n  - one\n  - two\n" * 4
    assert decoded(text.encode(encoding), whole=True) == text


@pytest.mark.parametrize("encoding", TEXTS)
def test_what_editors_wrote_before_is_told_by_its_letters(encoding: str) -> None:
    text = TEXTS[encoding] * 8
    assert decoded(text.encode(encoding), whole=True) == text


@pytest.mark.parametrize("encoding", TEXTS)
def test_a_file_that_is_cut_in_a_letter_is_read_up_to_its_last_line(encoding: str) -> None:
    text = TEXTS[encoding] * 600
    read = decoded(text.encode(encoding)[: 16 * 1024 + 7], whole=False)
    assert read is not None
    assert len(read) > 5_000
    assert text.startswith(read)


def test_a_word_alone_is_read_as_windows_writes_it() -> None:
    assert decoded(b"caf\xe9", whole=True) == "café"


@pytest.mark.parametrize(
    "data", [b"\x7fELF\x00\x01", bytes(range(256)), b"\xff\xfe\x00", b"PK\x03\x04\xe9"]
)
def test_what_is_no_text_is_not_read(data: bytes) -> None:
    assert decoded(data, whole=True) is None


def test_whatever_it_is_takes_no_time() -> None:
    dice = random.Random(1)
    high = bytes(dice.randrange(128, 256) for _ in range(64 * 1024))
    for data in (high, b"\xe9" * 65_536, b"\xa0 " * 32_768, b"\x1b$B" * 20_000, b"\0a" * 32_768):
        began = time.perf_counter()
        decoded(data, whole=False)
        assert time.perf_counter() - began < 1.0
