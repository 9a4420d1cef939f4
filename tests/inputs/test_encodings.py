"""Tables in the encodings that programs wrote before UTF-8: their few words with accents tell which."""

from __future__ import annotations

import pytest

from glider_core.tables.encodings import ENCODINGS, guess_encoding
from glider_core.tables.read import read_table

WORDS = {
    "German": "größe Köln Straße München Öl Äpfel Tür hören",
    "French": "prénom âge numéro français forêt élève été où",
    "Spanish": "año niño corazón teléfono qué también España",
    "Portuguese": "ação não você três coração São índice",
    "Italian": "città è perché più però qualità",
    "Swedish": "Malmö Göteborg ålder kön år vänster",
    "Danish": "København ålder køn måned æble Århus",
    "Polish": "książka Łódź miasto płeć województwo źródło święto Kraków",
    "Czech": "příjmení město věk pohlaví České Budějovice žena muž",
    "Hungarian": "életkor város férfi nő Győr időpont összeg",
    "Turkish": "şehir İstanbul yaş cinsiyet Eskişehir gelir müşteri ağaç",
    "Lithuanian": "miestas amžius Šiauliai lytis vyrų moterų gyvenvietė",
    "Russian": "Москва возраст город пол мужской женский доход",
    "Ukrainian": "Київ вік місто стать чоловіча жіноча дохід",
    "Greek": "Αθήνα ηλικία πόλη φύλο άνδρας γυναίκα εισόδημα",
    "Hebrew": "ירושלים גיל עיר מין זכר נקבה הכנסה",
    "Arabic": "القاهرة العمر المدينة الجنس ذكر أنثى الدخل",
    "Thai": "กรุงเทพ อายุ เมือง เพศ ชาย หญิง รายได้",
    "Japanese": "東京 年齢 都市 性別 男性 女性 カタカナ ひらがな",
    "Simplified Chinese": "北京 年龄 城市 性别 男性 女性 收入",
    "Traditional Chinese": "臺北 年齡 城市 性別 男性 女性 收入",
    "Korean": "서울 나이 도시 성별 남성 여성 소득",
}
WRITTEN = {
    "German": ("cp1252", "mac_roman", "cp850", "cp437"), "French": ("cp1252", "mac_roman", "cp850"),
    "Spanish": ("cp1252", "mac_roman"), "Portuguese": ("cp1252", "mac_roman"), "Italian": ("cp1252", "mac_roman"),
    "Swedish": ("cp1252", "mac_roman"), "Danish": ("cp1252", "mac_roman"),
    "Polish": ("cp1250", "iso8859-2", "cp852"), "Czech": ("cp1250", "iso8859-2", "cp852"),
    "Hungarian": ("cp1250", "iso8859-2"), "Turkish": ("cp1254", "iso8859-9"), "Lithuanian": ("cp1257", "iso8859-13"),
    "Russian": ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac_cyrillic"), "Ukrainian": ("cp1251", "koi8-u"),
    "Greek": ("cp1253", "iso8859-7"), "Hebrew": ("cp1255", "iso8859-8"), "Arabic": ("cp1256", "iso8859-6"),
    "Thai": ("cp874",), "Japanese": ("shift_jis", "euc_jp"), "Simplified Chinese": ("gb18030",),
    "Traditional Chinese": ("big5",), "Korean": ("euc_kr",),
}  # fmt: skip
CASES = [(language, encoding) for language, encodings in WRITTEN.items() for encoding in encodings]


def table(words: list[str]) -> str:
    return "id,value,label\n" + "".join(f"{i},{word},{i % 2}\n" for i, word in enumerate(words * 3))


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_a_few_words_tell_the_encoding(language: str, encoding: str) -> None:
    text = table(WORDS[language].split())
    content = text.encode(encoding)
    assert content.decode(guess_encoding(content)) == text
    capitals = text.upper()
    if language != "Turkish":  # whose capitals Python does not know
        content = capitals.encode(encoding)
        assert content.decode(guess_encoding(content)) == capitals


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_two_words_do_for_other_scripts(language: str, encoding: str) -> None:
    words = WORDS[language].split()
    if words[-1].isascii() or encoding in ("iso8859-6", "mac_cyrillic"):
        pytest.skip("told by more words only")
    if not any(character.isascii() for character in "".join(words)):
        text = table([words[1], words[-1]])
        content = text.encode(encoding)
        assert content.decode(guess_encoding(content)) == text


@pytest.mark.parametrize("sign", ["€ 5", "20 °C", "5 £", "“quoted”", "1 – 2"])
def test_signs_alone_are_western(sign: str) -> None:
    assert guess_encoding(table([sign, "x"]).encode("cp1252")) == "cp1252"


def test_what_is_guessed_is_said_and_can_be_chosen() -> None:
    found, told = read_table(table(WORDS["Russian"].split()).encode("koi8-r"), "a.csv", least_rows=1)
    assert list(found["value"][:2]) == ["Москва", "возраст"]
    assert told.encoding == "koi8-r"
    assert any("was guessed from its letters" in note.text for note in told.notes)
    assert {"koi8-r", "cp866", "mac_roman", "cp850", "cp852", "iso8859-2", "cp1255"} <= set(ENCODINGS)
