"""Words near a name without an `@` that show whether it is a vocative or is talked about.

Owns the word lists of all languages; `vocatives` applies them. Leaves out a word that marks a
vocative in one language and a mention in another: an ambiguous name addresses nobody. All words are
compared folded and without accents.
"""

from __future__ import annotations

import re
from typing import Final

from bot.domain.folding import folded, without_accents


def _words(*lists: str) -> frozenset[str]:
    return frozenset(without_accents(folded(" ".join(lists))).split())


def _phrases(lists: str) -> str:
    """Return a pattern that matches any of the phrases (separated by bars), longest first."""
    phrases = [phrase.strip() for phrase in without_accents(folded(lists)).split("|")]
    kept = sorted((phrase for phrase in phrases if phrase), key=len, reverse=True)
    return f"(?:{'|'.join(re.escape(phrase) for phrase in kept)})"


_GREETING: Final = _phrases(
    """
    hi|hello|hey|heya|hiya|howdy|hullo|greetings|welcome|welcome back|good morning|good day|
    good afternoon|good evening|good night|goodnight|goodbye|good bye|bye|bye bye|see you|see ya|
    thanks|thank you|thx|ty|tysm|thanks a lot|thank you so much|cheers|sorry|im sorry|i'm sorry|
    congrats|congratulations|wassup|well done|good job|nice work|happy birthday|merry christmas|
    sleep well|take care|nice to meet you|nice to see you|good to see you|hey there|hi there|
    hello there|
    hallo|moin|servus|gruss gott|guten morgen|guten tag|guten abend|gute nacht|danke|danke schon|
    vielen dank|tschuss|bis bald|bis morgen|entschuldigung|alles gute|
    bonjour|bonsoir|salut|coucou|bonne nuit|bonne journee|merci|merci beaucoup|au revoir|
    desole|desolee|s'il te plait|bienvenue|felicitations|
    hola|buenos dias|buenas tardes|buenas noches|buenas|gracias|muchas gracias|adios|hasta luego|
    hasta manana|perdon|feliz cumpleanos|
    ola|bom dia|boa tarde|boa noite|obrigado|obrigada|muito obrigado|tchau|valeu|desculpa|
    ciao|buongiorno|buonasera|buonanotte|salve|grazie|grazie mille|arrivederci|scusa|
    hoi|goedemorgen|goedemiddag|goedenavond|goedenacht|welterusten|dank je|dankjewel|bedankt|doei|
    czesc|hej|dzien dobry|dobry wieczor|dobranoc|dziekuje|dzieki|przepraszam|witaj|
    ahoj|dobry den|dobry vecer|dobrou noc|dekuji|diky|szia|jo reggelt|jo estet|jo ejszakat|koszonom|
    buna|buna seara|buna dimineata|noapte buna|multumesc|
    привет|здравствуй|здравствуйте|доброе утро|добрый день|добрый вечер|доброй ночи|спасибо|
    спокойной ночи|пока|до свидания|прости|извини|привіт|добрий день|добрий вечір|дякую|
    merhaba|selam|gunaydin|iyi aksamlar|iyi geceler|iyi gunler|tesekkurler|tesekkur ederim|sag ol|
    hosca kal|gorusuruz|
    god morgon|god kvall|god natt|god morgen|god aften|tack|tak|takk|hei|hejsan|terve|kiitos|
    hyvaa huomenta|hyvaa iltaa|hyvaa yota|
    γεια|γεια σου|καλημερα|καλησπερα|καληνυχτα|ευχαριστω|
    שלום|היי|תודה|בוקר טוב|ערב טוב|לילה טוב|
    مرحبا|اهلا|اهلا وسهلا|السلام عليكم|صباح الخير|مساء الخير|شكرا|تصبحين على خير|
    नमस्ते|हैलो|सुप्रभात|शुभ रात्रि|धन्यवाद|शुक्रिया|
    halo|hai|selamat pagi|selamat siang|selamat sore|selamat malam|terima kasih|makasih|
    chao|xin chao|cam on|chuc ngu ngon|
    안녕|안녕하세요|고마워|고마워요|감사합니다|잘 자|잘 자요|미안|미안해
    """
)
_TURNING: Final = _phrases(
    """
    morning|evening|later|please|ok|okay|well|dear|nice|no|yes|yeah|yep|nope|so|oh|ah|oi|yo|sup|
    liebe|lieber|na|ja|nein|bitte|chere|cher|pardon|oye|por favor|querida|querido|cara|ehi|moi|
    эй|يا|अरे|저기|저기요|있잖아|and
    """
)
_SPACELESS_GREETING: Final = _phrases(
    """
    你好|您好|早|早安|早上好|中午好|下午好|晚上好|晚安|嗨|哈喽|哈囉|喂|谢谢|謝謝|多谢|多謝|再见|再見|对不起|
    對不起|辛苦了|欢迎|歡迎|嘿|
    こんばんは|こんにちは|おはよう|おはようございます|おやすみ|おやすみなさい|ありがとう|ありがとうございます|
    ねえ|ねぇ|ごめん|ごめんね|はじめまして|ようこそ|さようなら|またね|お疲れ様|もしもし|やあ|
    สวัสดี|สวัสดีครับ|สวัสดีค่ะ|หวัดดี|ขอบคุณ|ขอบคุณครับ|ขอบคุณค่ะ|ราตรีสวัสดิ์|
    ສະບາຍດີ|ຂອບໃຈ|សួស្តី|អរគុណ|မင်္ဂလာပါ|ကျေးဇူးတင်ပါတယ်
    """
)

GREETING: Final = re.compile(rf"\s*(?:{_GREETING}(?!\w)|{_SPACELESS_GREETING})")
"""A greeting, thanks or farewell at the beginning of a text."""

TURNING: Final = re.compile(
    rf"(?:[\s,!~-]*(?:(?:{_GREETING}|{_TURNING})(?!\w)|{_SPACELESS_GREETING}))+[\s,!~\u3001\uff0c-]*\Z"
)
"""Text up to its end that consists of greetings and other words before a vocative."""

SPOKEN_TO: Final = re.compile(
    _phrases(
        """
        你|您|请|請|帮我|幫我|帮帮我|告诉我|告訴我|在吗|在嗎|我想|我要|我们|我問|我问|
        あなた|教えて|元気|聞いて|助けて|何して|何を|どう思|お願い|今日は何|手伝って|
        คุณ|ช่วย|ทำอะไร|สบายดี|บอก
        """
    )
)
"""Beginnings of speech to somebody, right after the name, in scripts without spaces."""

YOU: Final = _words(
    "you u ya you're youre you'll you've you'd your yours yourself du dich dir dein deine",
    "deinen deiner deinem euch tu toi tes vous votre vos tú usted contigo tigo você vocês vc ti",
    "tuo tua jij jou jouw jullie je ty ciebie tobie tobą ci twój twoja ты тебя тебе тобой твой",
    "твоя твои вы вас вам ваш ти тобі sen seni sana senin siz sizi size dig ditt sinä sinua",
    "sinun te neked εσυ σου אתה את לך אותך انت انتي لك عليك तुम आप तू तुम्हें आपको तुम्हारा",
    "kamu kau anda bạn 너 넌 네가 너는 당신",
)
"""Second-person pronouns."""

FIRST_PERSON: Final = _words(
    "i i'm im i'll i've i'd ich je j'ai jai yo eu io ik ja я jag jeg minä अब मैं मुझे انا אני",
    "saya aku 나 난 나는 내가 저 저는 제가",
)
"""First-person pronouns: in `Mira I need help` the name is not the subject."""

ASKS: Final = _words(
    "what what's whats wat why how how's hows when where where's wheres wo warum wieso weshalb",
    "wann pourquoi comment quand combien est-ce cómo cuándo dónde cuánto waarom wanneer",
    "dlaczego kiedy gdzie czy почему зачем когда где сколько чому коли де чи neden nasıl",
    "nasılsın niye naber varför hvorfor hvordan miksi miten كيف ماذا لماذا متى هل क्या क्यों",
    "कैसे कब कहाँ apa kenapa bagaimana dimana 왜 뭐 뭐해 어떻게 언제 어디 누구",
)
"""Words that begin a question and rarely a subordinate clause."""

ASKS_PERHAPS: Final = _words(
    "who whose which wer was wie welche welcher qui que quoi quel quelle qué quién cuál como",
    "onde qual quando chi che come cosa dove perché hoe waar co jak kto что как кто ne kim vad",
    "hur hva hvem mikä",
)
"""Words that begin a question if the sentence has a question mark or a second-person pronoun."""

BIDS: Final = _words(
    "tell help show give come look listen wait stop explain write sing describe translate",
    "imagine draw remember guess roll choose recommend suggest please pls plz let's lets don't",
    "dont hi hello thanks thank sorry hey good sag erzähl erzähle hilf zeig gib komm hör schau",
    "warte erklär erkläre schreib bitte danke hallo dis viens attends dime cuéntame ayúdame",
    "dame ven explícame dimmi raccontami aiutami dammi spiegami vertel geef luister powiedz",
    "pomóż pokaż daj chodź скажи расскажи помоги покажи дай послушай подожди объясни привет",
    "söyle anlat göster अरे बताओ बताइए सुनो नमस्ते tolong bantu",
    "안녕 안녕하세요 고마워 도와줘 알려줘 말해줘",
    "들어봐 قل قولي اخبرني اخبريني ساعديني",
)
"""Imperatives and wishes, which have no third-person subject."""

HELPS_ASK: Final = _words(
    "do does did are were am is can could will would should shall may might must have has had",
    "don't dont didn't didnt aren't arent can't cant couldn't won't wont wouldn't shouldn't",
    "haven't",
)
"""English auxiliary verbs: before a pronoun they begin a question."""

ABOUT_BEFORE: Final = _words(
    "to with for of from about like likes liked love loves loved hate hates miss missed meet",
    "met know knows knew see saw seen ask asks asked tell told call called named name's is's is",
    "was are were be been by and or nor & the a an my our his her their this that than as at in",
    "on near behind beside without against between help helped invite follow find found need",
    "want who who's where's what's it's that's he's she's not only even just does did has had",
    "will mit von für zu bei über ist war heißt heißen mag mögen liebe kenne kennst frag frage",
    "und oder der die das den meine unsere ohne gegen sag j'aime j'adore avec de d' à pour chez",
    "par et ou est c'est aime adore connais connaît voir la le ma notre sans con del para por y",
    "o es conozco conoces amo quiero vi mi nuestra sin da di per e è minha gosto com sem dalla",
    "della van voor aan bij en ken hou mijn z od dla do i lub jest znam kocham lubię moja bez с",
    "у к от для о про и или это люблю знаю моя без на в ve ile veya med från till om och eller",
    "är er og من مع عن الى و في और या से को है की का dan dengan untuk",
)
"""Words before a name that is talked about."""

ABOUT_AFTER: Final = _words(
    "'s is isn't was wasn't has hasn't had and or & says said say told tells asked asks thinks",
    "thought knows knew likes liked loves loved hates keeps kept makes made goes went gone",
    "comes came wants wanted gets got gives gave takes took leaves left seems looks looked",
    "feels felt does doesn't did didn't will would could can should might must never always",
    "also already just ist war hat hatte wird würde kann konnte soll muss mag sagt sagte geht",
    "ging kommt kam und oder est était a avait va dit peut doit et ou aime n'est es era está",
    "estaba ha tiene tenía dijo dice puede quiere y o é tem tinha disse e è aveva in heeft zegt",
    "zei gaat en of jest była był ma miała mówi powiedziała i lub была был сказала сказал",
    "говорит и или не это är var har sa sade säger och er og på die der das the que थी है था ने",
    "को की का كانت قالت هي yang adalah",
)
"""Words after a name that is talked about: third-person verbs, conjunctions."""

CLOSES: Final = _words(
    "me us it that there here now today tonight tomorrow again please pls too so then well up",
    "down you u yet right doing going much lot day night morning evening afternoon joke story",
    "mean think time feeling later soon alright ok okay sure dir mir dich mich heute jetzt",
    "gerade bitte gut da hier toi moi vas ça va bien ici maintenant te ti mí hoy ahora estás",
    "você bem hoje agora stai bene adesso jij mij nu goed teraz ci mi cię дела тебя мне меня",
    "сейчас сегодня ты тебе nasılsın var bugün şimdi dig dej idag",
)
"""Last words of a sentence before a closing vocative."""

PLAIN_YOU: Final = _words(
    "du tu ты jij sen ти você",
)
"""Subject pronouns that follow the verb in questions: `kannst du`. English has none."""

OWNERS: Final = _words(
    "my our your his her their a an mein meine unsere ma mon notre mi nuestra la mia minha mijn",
    "moja моя наша",
)
"""Possessives and articles before a noun that the name explains: `my friend, Mira`."""

INTRODUCES: Final = _words(
    "this that that's these meet das dies c'est voici esta este ésta questa dit это",
)
"""Beginnings of a sentence that introduces somebody."""

LISTS: Final = _words(
    "and or & und oder et ou y o e и или en of ve och i lub",
)
"""Conjunctions that continue a list of names."""
