#!/usr/bin/env python3
"""Writes lib/text/unicode_supplement.inc: code points assigned since Unicode 14.

The oldest PCRE2 that the build accepts knows Unicode 14; the regex engine of Hugging Face
tokenizers knows a later one. What the reference counts as a member of a general category, script or
property and PCRE2 does not is written down here, so that splits agree whatever PCRE2 is linked.
And all that its pre-tokenizer Punctuation cuts out, by tables of its own that are older.

Needs the Python package `tokenizers` and a libpcre2-8 of Unicode 14 (10.40 to 10.42).
Usage: make_unicode_supplement.py > ../../../lib/text/unicode_supplement.inc
"""

import ctypes

from tokenizers import Regex, pre_tokenizers

CATEGORIES = (
    "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co".split()
)
SCRIPTS = """
Arabic Balinese Common Cyrillic Devanagari Egyptian_Hieroglyphs Han Hiragana Kannada Katakana
Khitan_Small_Script Khojki Lao Latin Myanmar
""".split()
PROPERTIES = "Alphabetic Uppercase Lowercase".split()
PCRE2_UTF, PCRE2_UCP, PCRE2_NO_UTF_CHECK, NO_MATCH = 0x00080000, 0x00020000, 0x40000000, -1

CODE_POINTS = [c for c in range(1, 0x110000) if not 0xD800 <= c <= 0xDFFF]
TEXT = "".join(map(chr, CODE_POINTS))
BYTES = TEXT.encode()

pcre2 = ctypes.CDLL("libpcre2-8.so.0")
for name in ("compile", "match_data_create", "get_ovector_pointer"):
    getattr(pcre2, f"pcre2_{name}_8").restype = ctypes.c_void_p


def members_in_pcre2(item):
    pattern = f"[{item}]+".encode()
    error, offset = ctypes.c_int(), ctypes.c_size_t()
    code = ctypes.c_void_p(
        pcre2.pcre2_compile_8(
            pattern,
            ctypes.c_size_t(len(pattern)),
            PCRE2_UTF | PCRE2_UCP,
            ctypes.byref(error),
            ctypes.byref(offset),
            None,
        )
    )
    assert code, pattern
    data = ctypes.c_void_p(pcre2.pcre2_match_data_create_8(1, None))
    found, at = set(), 0
    while True:
        result = pcre2.pcre2_match_8(
            code,
            BYTES,
            ctypes.c_size_t(len(BYTES)),
            ctypes.c_size_t(at),
            PCRE2_NO_UTF_CHECK,
            data,
            None,
        )
        if result == NO_MATCH:
            return found
        assert result > 0, result
        span = ctypes.cast(pcre2.pcre2_get_ovector_pointer_8(data), ctypes.POINTER(ctypes.c_size_t))
        found.update(map(ord, BYTES[span[0] : span[1]].decode()))
        at = span[1]


def members_in_reference(item):
    return removed_by(pre_tokenizers.Split(Regex(item), "removed"))


def removed_by(pre_tokenizer):
    kept = bytearray(b"\1") * len(CODE_POINTS)
    for _, (begin, end) in pre_tokenizer.pre_tokenize_str(TEXT):
        kept[begin:end] = b"\0" * (end - begin)
    return {c for c, member in zip(CODE_POINTS, kept) if member}


def ranges(members):
    out = []
    for c in sorted(members):
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def emit(name, members):
    if not members:
        return
    body = ", ".join(f"{{0x{a:x}, 0x{b:x}}}" for a, b in ranges(members))
    print(f'{{"{name}", {{{body}}}}},')


print("// Written by tests/numerics/text/make_unicode_supplement.py; not edited by hand.")
print("// clang-format off")
for name in CATEGORIES:
    # A few code points moved from one category to another; only new ones are wanted.
    emit(name, (members_in_reference(rf"\p{{{name}}}") & members_in_pcre2(r"\p{Cn}")))
for name in SCRIPTS:
    emit(name, members_in_reference(rf"\p{{{name}}}") - members_in_pcre2(rf"\p{{sc:{name}}}"))
for name in PROPERTIES:
    emit(name, members_in_reference(rf"\p{{{name}}}") - members_in_pcre2(rf"\p{{{name}}}"))
emit("Punctuation", removed_by(pre_tokenizers.Punctuation("removed")))
