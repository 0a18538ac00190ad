"""Texts of every kind that a tokenizer may meet, drawn from a seed.

Sentences are put together from word lists of our own; nothing is copied from elsewhere.
"""

import random

ENGLISH = """
a an the this that red blue green small large round bright old wooden glass circle square triangle
star lamp bench table river mountain harbour kitchen garden window street light shadow morning
evening rain snow left right above below behind between under near holds shows stands floats leans
rests paints describes imagine picture photograph drawing sketch watercolour detailed quiet busy
don't it's we're they've I'm you'll she'd O'Neill co-operate state-of-the-art naive cafe resume
Internationalization supercalifragilistic antidisestablishmentarianism
""".split()
CODE = [
    "for (int i = 0; i < n; ++i) {{ sum += a[i] * b[i]; }}",
    "def {w}(self, *args, **kwargs):\n    return {{k: v for k, v in kwargs.items() if v is not None}}",
    '\t\tif (x->{w} != NULL && !strcmp(s, "{w}\\n")) goto done;',
    "SELECT {w}, COUNT(*) FROM t_{n} WHERE id >= {n} GROUP BY 1 ORDER BY 2 DESC;",
    "git log --oneline -n {n} | awk '{{print $1}}' > /tmp/{w}.txt",
    "<div class=\"{w}\" id='{n}'>&nbsp;<br/></div><!-- {w} -->",
    '{{"{w}": [{n}, -{n}.5e-3, null, true], "path": "C:\\\\{w}\\\\x"}}',
    "#include <{w}.h>  // {w}\r\n#define {w}_{n} (1u << {n})\r\n",
    "x = y ** 2 + 3.14159 * z // {n} % 7 ^ 0x{n}ff | ~mask & 0b1011",
    "https://{w}.example.org/{w}/{n}?q={w}%20{n}&lang=en#top",
    "{w}@{w}.example  +{n} (0) {n}-{n}  $ {n}.00  {n}%  \u00a3{n}  \u20ac{n},{n}",
]
CHINESE = "一个红色的圆形在蓝色星星左边画面中央有三只猫坐着窗外下雨山水清晨街道灯光照亮了湖面我们看见远处高楼与森林，。！？、；：“”（）《》"
TRADITIONAL = (
    "這張圖片裡有兩個綠色的三角形與黃色圓圈龍鳳飛舞繁體漢字書寫體驗學習機器翻譯憂鬱臺灣烏龜"
)
HIRAGANA = "あかいまるがあおいほしのひだりにありますきれいなやまとうみをえがいてくださいゃゅょっー"
KATAKANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンガギグゲゴパピプペポー・"
HANGUL = "빨간원이파란별왼쪽에있습니다그림을자세히설명해주세요산과바다"
ARABIC = "دائرة حمراء إلى يسار نجمة زرقاء في وسط الصورة، مع ضوءٍ هادئٍ وظلالٍ طويلةٍ ١٢٣٤٥٦٧٨٩٠؟"
HEBREW = "עיגול אדום משמאל לכוכב כחול בְּרֵאשִׁית"
CYRILLIC = "красный круг слева от синей звезды ночной город дождь ёлка объявление її ґанок"
GREEK = "κόκκινος κύκλος αριστερά από ένα μπλε αστέρι ΐ ΰ Ὀδυσσεύς"
DEVANAGARI = "लाल वृत्त नीले तारे के बाईं ओर है १२३ क्षत्रिय"
THAI = "วงกลมสีแดงอยู่ทางซ้ายของดาวสีน้ำเงิน ๑๒๓"
OTHERS = "Ünïcödé ﬁnancé straße İstanbul ǅ ĳ Čeština žluťoučký kůň Việt Nam ẵ ქართული հայերեն አማርኛ ᏣᎳᎩ ᠮᠣᠩᠭᠣᠯ བོད"
EMOJI = [
    "😀",
    "😂",
    "❤️",
    "👍",
    "👍🏽",
    "🎉",
    "🔥",
    "🐱",
    "🌈",
    "☔",
    "✈️",
    "©️",
    "™",
    "👨‍👩‍👧‍👦",
    "👩🏾‍🚀",
    "🏳️‍🌈",
    "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "🇩🇪",
    "🇯🇵🇰🇷",
    "🇦",
    "5️⃣",
    "#️⃣",
    "🧑‍🤝‍🧑",
    "🤦🏼‍♀️",
    "\U0001fae8",
    "\U0001fae9",
]
COMBINING = [
    "e\u0301",
    "a\u0308",
    "o\u0302\u0323",
    "n\u0303",
    "Z\u0351\u036b\u0343",
    "\u0915\u094d\u0937",
    "\u1100\u1161\u11a8",
    "q\u0307\u0323",
    "\u0e33",
    "\u05e9\u05c1",
    "i\u0307\u0301",
    "\u0344",
]
CONTROLS = [
    "\x00",
    "\x01",
    "\x07",
    "\x08",
    "\x0b",
    "\x0c",
    "\x1b[31m",
    "\x1c",
    "\x1f",
    "\x7f",
    "\x80",
    "\x85",
    "\x9f",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u200e",
    "\u202e",
    "\u2060",
    "\ufeff",
    "\ufffd",
    "\ufffe",
    "\uffff",
    "\u00ad",
    "\u061c",
    "\u180e",
    "\ue000",
    "\U000f0000",
    "\U0010ffff",
]
SPACES = [
    " ",
    "  ",
    "   ",
    "\t",
    "\t\t",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    " \n ",
    "\u00a0",
    "\u1680",
    "\u2003",
    "\u2009\u200a",
    "\u2028",
    "\u2029",
    "\u202f",
    "\u205f",
    "\u3000",
    "\x0b",
    "\x0c",
    "\x85",
    "        ",
    "\n\n\n\n",
    " \t \t",
    "\n    ",
]
SYMBOLS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~§¶†‡•…‰′″‹›«»¿¡–—―‘’“”„€₹₿№℃℉½¾²³¹⁴₀ⅣⅷⒶ①㊗㍿←↑→↓⇒∀∂∃∅∇∈∑√∞≈≠≤≥■□▲△◆○●★☆♠♣♥♦♪♯✓✗➤⠿⡀㎏㏑"
# What the committed Janus-like tokenizer has.
JANUS_SPECIAL = [
    "<｜begin▁of▁sentence｜>",
    "<｜end▁of▁sentence｜>",
    "<｜▁pad▁｜>",
    "<begin_of_image>",
    "<end_of_image>",
    "<image_placeholder>",
    "<|User|>",
    "<|Assistant|>",
]
SPECIAL = JANUS_SPECIAL + [
    "<｜User｜>",
    "<｜Assistant｜>",
    "<|obj_start|>",
    "<|obj_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<｜fim▁begin｜>",
    "<|EOT|>",
    "<｜place▁holder▁no▁7｜>",
    "<|User",
    "<｜begin",
    "<｜",
    "<begin_of_image",
    "</s>",
    "<s>",
    "[PAD]",
]


def words(rng, count):
    out = []
    for _ in range(count):
        word = rng.choice(ENGLISH)
        out.append(rng.choice([word, word, word, word.capitalize(), word.upper()]))
    return out


def english(rng):
    text = " ".join(words(rng, rng.randint(3, 25)))
    for mark in rng.sample([", ", "; ", " - ", ": ", "... ", " (", ") ", "\u2014"], 3):
        text = (
            text.replace(" ", mark, 1) if rng.random() < 0.3 else text + mark + rng.choice(ENGLISH)
        )
    return text + rng.choice([".", "!", "?", "", " ", "...", ".\n"])


def code(rng):
    return rng.choice(CODE).format(w=rng.choice(ENGLISH).replace("'", "_"), n=rng.randint(0, 99999))


def characters(rng, alphabet, low=1, high=40):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(low, high)))


def chinese(rng):
    text = characters(rng, CHINESE, 4, 60)
    if rng.random() < 0.4:
        text += rng.choice(ENGLISH) + str(rng.randint(0, 9999)) + characters(rng, TRADITIONAL)
    return text


def japanese(rng):
    return (
        "".join(characters(rng, a, 1, 8) for a in rng.choices([HIRAGANA, KATAKANA, CHINESE], k=6))
        + "。"
    )


def sentence(rng, text):
    parts = text.split(" ")
    return " ".join(rng.choice(parts) for _ in range(rng.randint(2, 20)))


def other_scripts(rng):
    return sentence(
        rng, rng.choice([ARABIC, HEBREW, CYRILLIC, GREEK, DEVANAGARI, THAI, OTHERS, HANGUL])
    )


def emoji(rng):
    return "".join(
        rng.choice(EMOJI) + rng.choice(["", "", " ", rng.choice(ENGLISH)])
        for _ in range(rng.randint(1, 12))
    )


def combining(rng):
    return "".join(
        rng.choice(COMBINING) + rng.choice(["", " ", rng.choice(ENGLISH), "\u0300" * 3])
        for _ in range(rng.randint(1, 12))
    )


def controls(rng):
    return "".join(
        rng.choice(CONTROLS) + rng.choice(["", rng.choice(ENGLISH), " "])
        for _ in range(rng.randint(1, 10))
    )


def spaces(rng):
    return "".join(
        rng.choice(SPACES) + rng.choice(["", rng.choice(ENGLISH), str(rng.randint(0, 99)), "."])
        for _ in range(rng.randint(1, 14))
    )


def symbols(rng):
    return "".join(
        rng.choice(SYMBOLS) + rng.choice(["", "", "", " ", rng.choice(ENGLISH)])
        for _ in range(rng.randint(1, 30))
    )


def numbers(rng):
    return rng.choice([" ", ",", "", "-", "\n"]).join(
        rng.choice(["{}", "{:,}", "{:.3f}", "{:e}", "{:x}", "({0},{0})"]).format(
            rng.randint(0, 10 ** rng.randint(1, 12))
        )
        for _ in range(rng.randint(1, 10))
    )


def long_runs(rng):
    piece = rng.choice(
        [
            "a",
            "=",
            "-",
            " ",
            "\n",
            "ab",
            "哈",
            "ا",
            "!?",
            "0",
            "12",
            "😀",
            "\u0301",
            "_",
            "\t",
            "x ",
            "..",
        ]
    )
    return rng.choice(ENGLISH) + piece * rng.randint(20, 300) + rng.choice(["", " end"])


def specials(rng):
    return "".join(
        rng.choice(SPECIAL) + rng.choice(["", " ", rng.choice(ENGLISH), "\n\n", ": "])
        for _ in range(rng.randint(1, 8))
    )


def chat(rng):
    return f"<|User|>: {english(rng)}\n\n<|Assistant|>:{rng.choice(['', '<begin_of_image>', ' ' + english(rng)])}"


def got_chain(rng):
    x = [rng.randint(0, 999) for _ in range(4)]
    return (
        f"<|obj_start|>{' '.join(words(rng, 3))}<|obj_end|> <|box_start|>({x[0]},{x[1]}),({x[2]},{x[3]})"
        f"<|box_end|>, {english(rng)}"
    )


def any_code_points(rng):
    out = []
    for _ in range(rng.randint(1, 40)):
        top = rng.choice([0x80, 0x250, 0x1000, 0x3000, 0x10000, 0x20000, 0x110000])
        c = rng.randrange(top)
        out.append(chr(c) if not 0xD800 <= c <= 0xDFFF else "?")
    return "".join(out)


KINDS = [
    english,
    english,
    english,
    code,
    code,
    chinese,
    chinese,
    japanese,
    other_scripts,
    other_scripts,
    emoji,
    combining,
    controls,
    spaces,
    symbols,
    numbers,
    long_runs,
    specials,
    chat,
    got_chain,
    any_code_points,
]


def line(rng):
    """One text, of one kind or of several run together."""
    if rng.random() < 0.7:
        return rng.choice(KINDS)(rng)
    return "".join(rng.choice(KINDS)(rng) for _ in range(rng.randint(2, 4)))


def lines(count, seed):
    rng = random.Random(seed)
    return [line(rng) for _ in range(count)]


def damaged(rng, text):
    """The text's bytes with some of them replaced, cut out or put in."""
    data = bytearray(text.encode())
    for _ in range(rng.randint(1, 4)):
        if data:
            at = rng.randrange(len(data))
            data[at : at + rng.randint(0, 2)] = bytes(
                rng.randrange(256) for _ in range(rng.randint(0, 2))
            )
    return bytes(data)
