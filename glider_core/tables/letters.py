"""How likely bytes are as words of a language: what tells encodings apart in texts too short for statistics.

Each encoding is tried with the languages that are written in it. A word speaks for one by how often its letters stand
in texts of that language, by capitals where capitals stand, and by vowels beside consonants: "Köln" rather than "Kšln".
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from math import log

# Of languages in Latin script the letters of ASCII and those that it lacks, the most frequent first.
_LATIN = {
    "German": ("enirstadhulgocmbfkwzpvyjxq", "üäöß"), "French": ("easnitrluodcpmvgfbhqxyjkzw", "éèàêçôîûùâëïœ"),
    "Spanish": ("eaonsrildtcumpbgvfyhqjzxkw", "óáíéñúü"), "Portuguese": ("aeosirdntmuclpgvbfhqzjxkyw", "ãçáéíóêõúâôà"),
    "Italian": ("eiaonltrscdupmgvfbzhqkywxj", "àèòùéì"), "Dutch": ("enairtodslghvmukcpbwjzfyxq", "ëéïöèü"),
    "Swedish": ("eanrtsildomkgvhfupcbyjxwzq", "äåöé"), "Finnish": ("aintesloukmrvjhpydgcbfwzqx", "äöåšž"),
    "Danish": ("erntaisdlogmkfvubhpycjwxzq", "øåæéö"), "Norwegian": ("erntasioldgkmvfpubhyjcwzxq", "øåæéòô"),
    "Icelandic": ("arnieustlgkmfhvdobpjyxcwzq", "áíðéóúþöýæ"), "Catalan": ("eaisrlnotucdmpvgbqfhjxzyk", "àéèíçóòúïü"),
    "Albanian": ("etianrsuhdomkljpqbgvfczxy", "ëç"),
    "Polish": ("aioenrzwsctkydpmuljgbhfvqx", "łąęóżśćńź"), "Czech": ("oeantsilvrkdumpchzyjbfgxwq", "áíéěřčšžýůúňťďó"),
    "Slovak": ("oaenirvtslkdmpuchjbzyfgxwq", "áíýčéžšľťúôňďäóĺŕ"),
    "Hungarian": ("eatlsnkriozgmbyvdhupjfcxwq", "áéöóüíőúű"), "Romanian": ("eiarntulocsdpmfvgbzhjxkwyq", "ăîţşâ"),
    "Croatian": ("aioenrjstuklvdmpgzbchfxywq", "čšžćđ"), "Slovenian": ("eaionrsltjvkdpmuzbghcfywxq", "čšžć"),
    "Turkish": ("aeinrlkdtsmyuobvgzhcpfjxwq", "ıüşğöçİîâ"), "Estonian": ("aiestlunokrdmvgpjhbfcyzwxq", "äõüöšž"),
    "Latvian": ("aistrenuokmldpvjzgbcfhyxwq", "āīēšņļūžķčģ"),
    "Lithuanian": ("iasoretnukmlpvdjgbycfzhxwq", "ėšžųįūąčę"),
}  # fmt: skip
_WESTERN = ("German", "French", "Spanish", "Portuguese", "Italian", "Dutch", "Swedish", "Finnish", "Danish",
            "Norwegian", "Icelandic", "Catalan", "Albanian")  # fmt: skip
_CENTRAL = ("Polish", "Czech", "Slovak", "Hungarian", "Romanian", "Croatian", "Slovenian", "German")
_BALTIC = ("Estonian", "Latvian", "Lithuanian")
# All letters of languages in other scripts, the most frequent first.
_OTHER = {
    "Russian": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", "Ukrainian": "оаинвітерсклдпмуязьбгйчхжїцшюєщфґ",
    "Belarusian": "аінорелстквядмупызьгбцйчшхжюэўёф", "Bulgarian": "аоиентрсвлдкпмъзугячбцжщхйшюфь",
    "Serbian, Macedonian": "аоиенртсвкдујлмпзгбчшцхњжљћфђџќѕѓ",
    "Greek": "αοιετνσςρίπκμόλυάηέγήδωβχώθφύζξψϊϋΐΰ", "Hebrew": "יוהלאתרשמבנםקדעחפטגכזסןצךץף",
    "Arabic, Persian": "اليمنوترةبسكدعفقحجأشطصخإذىضزثئءغؤظآپچژگيیک",
    "Thai": "านรอกเงมยลวดสทต่ีะัปบิค้หแ็จพชขใไโ์ุผืูถึธศฟซณำญฐษภฮฉฌฎฏฆฑฒ",
}  # fmt: skip
_CYRILLIC = ("Russian", "Ukrainian", "Belarusian", "Bulgarian", "Serbian, Macedonian")
# The languages of each encoding, and how much less usual in files it is than others, as a logarithm.
_ENCODINGS: dict[str, tuple[tuple[str, ...], float]] = {
    "cp1252": (_WESTERN, 0.0), "latin-1": (_WESTERN, 6.0), "cp1250": (_CENTRAL, 1.0), "iso8859-2": (_CENTRAL, 1.5),
    "cp1254": (("Turkish",), 1.0), "cp1257": (_BALTIC, 1.5), "iso8859-13": (_BALTIC, 2.5),
    "mac_roman": (_WESTERN, 2.0), "cp850": (_WESTERN, 2.5), "cp852": (_CENTRAL, 3.0), "cp857": (("Turkish",), 3.5),
    "mac_latin2": (_CENTRAL, 4.0), "mac_turkish": (("Turkish",), 4.0),
    "cp1251": (_CYRILLIC, 0.0), "koi8-r": (("Russian",), 1.0), "koi8-u": (("Ukrainian",), 1.5),
    "cp866": (("Russian", "Bulgarian", "Belarusian"), 1.5), "iso8859-5": (_CYRILLIC, 2.5),
    "mac_cyrillic": (_CYRILLIC, 3.0), "cp1253": (("Greek",), 0.0), "iso8859-7": (("Greek",), 0.5),
    "cp737": (("Greek",), 3.0), "cp1255": (("Hebrew",), 0.0), "iso8859-8": (("Hebrew",), 1.0),
    "cp862": (("Hebrew",), 3.0), "cp1256": (("Arabic, Persian",), 0.0), "iso8859-6": (("Arabic, Persian",), 1.5),
    "cp874": (("Thai",), 0.0),
    "cp932": ((), 0.0), "euc_jp": ((), 0.5), "gb18030": ((), 0.0), "big5": ((), 0.5), "cp949": ((), 0.0),
}  # fmt: skip
_TWO_BYTES = ("cp932", "euc_jp", "gb18030", "big5", "cp949")
_STRANGE = log(1e-4)  # a character that no language in Latin script has
_FOREIGN = log(1e-3)  # a letter that the language does not have, as in names
_MARK = log(1e-2)  # a mark that may stand in a word, such as an apostrophe
_MISPLACED = log(1e-3)  # a capital behind a small letter
_MARKS = "’‘ʼ´·–\u00ad\u00a0"
_SIGNS = "“”„‘’«»…•€°²³µ–—\u00a0"  # that stand beside words
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_WORDS = 3000  # different ones that are looked at
_VOWELS = set("aeiouyıæøœ")


def likeliest(sample: bytes) -> str:
    """The encoding in which the words of a text that is not UTF-8 are likeliest; empty where it has none."""
    # Of two letters or more: a sign that stands alone, such as a euro, is no word.
    words = [word for word in dict.fromkeys(_WORD.findall(sample)) if len(word) > 1][:_WORDS]
    if not words:
        return ""
    lines = [line for line in dict.fromkeys(sample.split(b"\n")[:-1] or [sample]) if not line.isascii()][:_WORDS]
    scores = {name: score for name in _ENCODINGS if (score := _score(words, lines, name)) is not None}
    return max(scores, key=scores.__getitem__, default="")


def _score(words: list[bytes], lines: list[bytes], name: str) -> float | None:
    """The logarithm of how likely these words are in the likeliest language of an encoding; None: it has no such."""
    languages, prior = _ENCODINGS[name]
    try:
        decoded = [part.decode(name) for part in (lines if name in _TWO_BYTES else words)]
    except UnicodeDecodeError:
        return None
    if name in _TWO_BYTES:
        return _of_two_bytes(decoded, name) - prior
    bare = [word.strip(_SIGNS) for word in decoded]
    signs = sum(map(len, decoded)) - sum(map(len, bare))
    letters = Counter(character.lower() for word in bare for character in word)
    best = signs * _MARK + max(_of_language(letters, language) for language in languages)
    if languages[0] in _LATIN:
        best += sum(map(_of_neighbours, bare))
    return best + sum(map(_misplaced, bare)) * _MISPLACED - prior


def _of_language(letters: Mapping[str, int], language: str) -> float:
    known = _shares(language)
    return sum(
        count * (known.get(letter) or (_MARK if letter in _MARKS else _FOREIGN if letter in _ALL else _STRANGE))
        for letter, count in letters.items()
    )


@cache
def _shares(language: str) -> dict[str, float]:
    """The logarithms of the shares of its letters in words with a letter that ASCII lacks, by their places."""
    if language in _LATIN:
        plain, special = _LATIN[language]
        return _falling(plain, 0.8, 6) | _falling(special, 0.2, 2)
    # All Latin letters are alike strange in them.
    return _falling(_OTHER[language], 0.98, 8) | _falling("abcdefghijklmnopqrstuvwxyz", 0.02, 1000)


def _falling(letters: str, share: float, flat: int) -> dict[str, float]:
    """Logarithms of shares that fall with the place; the first letters of an alphabet differ less than its last."""
    weights = {letter: 1 / (place + flat) for place, letter in enumerate(letters)}
    total = sum(weights.values())
    return {letter: log(share * weight / total) for letter, weight in weights.items()}


def _misplaced(word: str) -> int:
    """Capitals behind small letters, and small letters behind capitals but the first."""
    letters = [letter for letter in word if letter.lower() != letter.upper()]
    return sum(
        (before.islower() and after.isupper()) or (place > 0 and before.isupper() and after.islower())
        for place, (before, after) in enumerate(pairwise(letters))
    )


def _of_neighbours(word: str) -> float:
    """Vowels stand beside consonants more often than not; only letters that ASCII lacks are asked."""
    total = 0.0
    for left, right in pairwise(word):
        if not (left.isascii() and right.isascii()) and left.isalpha() and right.isalpha():
            total += log(0.35) if _is_vowel(left) != _is_vowel(right) else log(0.15)
    return total


@cache
def _is_vowel(letter: str) -> bool:
    return unicodedata.normalize("NFD", letter.lower())[0] in _VOWELS


def _of_two_bytes(lines: list[str], name: str) -> float:
    """Kana, and the first half of an encoding's characters: it has them in the order of how usual they are."""
    words = {word for line in lines for word in _NOT_ASCII.findall(line)}
    return sum(_of_character(character, name) for word in words for character in word)


def _of_character(character: str, name: str) -> float:
    if character.isascii():
        return _AMONG_OTHERS
    number, (first, *rest) = ord(character), character.encode(name)
    if name in ("cp949", "gb18030") and rest and rest[0] < 0xA1:  # later additions of rare ones
        return 2 * _STRANGE
    if 0x3040 <= number <= 0x30FF:
        return log(1 / 100) if name in ("cp932", "euc_jp") else _STRANGE
    if 0xAC00 <= number <= 0xD7A3:
        return log(1 / 1500) if 0xB0 <= first <= 0xC8 else 2 * _STRANGE
    if name in _USUAL and 0x4E00 <= number <= 0x9FFF:
        low, high = _USUAL[name]
        return log(1 / 2000) if low <= first <= high else 1.5 * _STRANGE
    return log(1e-3) if number > 0x3000 and unicodedata.category(character)[0] == "P" else 2 * _STRANGE


_USUAL = {"cp932": (0x88, 0x97), "euc_jp": (0xB0, 0xCF), "gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6)}
_NOT_ASCII = re.compile(r"[A-Za-z]*[^\x00-\x7f][A-Za-z\x80-\U0010ffff]*")
_AMONG_OTHERS = log(0.02 / 26)  # a Latin letter in a word of another script
_ALL = frozenset("".join(special for _, special in _LATIN.values()))
