"""What is kept is found, drawn, judged and noted again, by whom it belongs to; on both databases."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

import glider_core as gl
from glider_core.drawings import draw
from glider_core.store import UNJUDGED, Ask, FieldRange, NoteChanged, ReviewedBook, Store, StoreFailed


def variants(explanation: gl.Explanation, n: int) -> list[gl.Explanation]:
    """n cases that a book holds apart."""
    return [
        replace(explanation, fingerprint=f"{number:032x}", case=replace(explanation.case, raw=f"Sentence {number}"))
        for number in range(n)
    ]


def titles(book: ReviewedBook, ask: Ask, reviewer=None) -> list[str]:
    return [line.title for line in book.lines(ask, reviewer)]


def test_a_case_is_kept_with_all_that_its_picture_needs(store: Store, sentence: gl.Explanation) -> None:
    number = store.book().add(sentence, label="negative")
    kept = Store(store.database.url.render_as_string(hide_password=False)).book()
    assert kept.explanation(number) == sentence
    assert draw(kept.explanation(number)) == draw(sentence)
    (line,) = kept.lines()
    assert (line.title, line.answered, line.label, line.wrong) == (
        sentence.case.raw,
        "Positive 95.0%",
        "negative",
        True,
    )
    assert (line.top, line.effect) == ("never · fails", pytest.approx(sentence.interactions[0].effect))
    assert line.alone + line.together + line.rest == pytest.approx(1.0)
    assert line.flag == "wrong answer"
    assert line.thumbnail.startswith("<svg")


def test_the_same_case_is_kept_once_and_learns_its_label(store: Store, sentence: gl.Explanation) -> None:
    book = store.book()
    first = book.add(sentence)
    assert book.add(sentence, label="positive", batch="Monday", pinned=True) == first
    (line,) = book.lines()
    assert (line.label, line.wrong, line.batch, line.pinned) == ("positive", False, "Monday", True)


def test_a_result_whose_stability_is_known_takes_the_place_of_the_same_without(
    store: Store, sentence: gl.Explanation
) -> None:
    book = store.book()
    for fingerprint in (sentence.fingerprint, None):  # of a model without an identity, too
        plain = replace(sentence, fingerprint=fingerprint, runs=1)
        number = book.add(plain)
        sets = tuple(replace(interaction, stability=0.8) for interaction in plain.interactions)
        refined = replace(plain, interactions=sets, runs=5, n_evaluations=plain.n_evaluations + 1200)
        assert book.add(refined) == number
        assert book.explanation(number) == refined
        assert book.add(plain) == number
        assert book.explanation(number) == refined


def test_search_finds_words_names_tags_and_notes(
    store: Store, sentence: gl.Explanation, sequence: gl.Explanation
) -> None:
    book, anna = store.book(), store.reviewer("a", "Anna")
    words, letters = book.add(sentence), book.add(sequence)
    for text, found in {
        "charm": [words],
        "DELIGHT never": [words],
        "charming CACGTG": [],
        "cnn": [letters],
        "CACGTG": [letters],
        'un"match) * OR': [],
        "": [letters, words],
    }.items():
        assert [line.id for line in book.lines(Ask(search=text))] == found, text
    book.write_note(letters, "Ask the umbrella lab", version=0, reviewer=anna)
    book.tag(words, ["for Friday", "for Friday", " "])
    assert titles(book, Ask(search="umbrella")) == [sequence.case.raw]
    assert titles(book, Ask(search="friday charming")) == [sentence.case.raw]
    assert book.lines(Ask(tags=("for Friday",)))[0].tags == ("for Friday",)
    book.tag(words, [])
    assert titles(book, Ask(search="friday")) == []


def test_text_without_spaces_is_found_within(store: Store, sentence: gl.Explanation) -> None:
    book = store.book()
    book.add(replace(sentence, case=replace(sentence.case, raw="日本語の映画はとても面白い")))
    assert len(book.lines(Ask(search="映画"))) == 1
    assert book.lines(Ask(search="音楽")) == []


def test_filters_and_orders(store: Store, sentence: gl.Explanation, sequence: gl.Explanation) -> None:
    book, anna = store.book(), store.reviewer("a", "Anna")
    words, letters = book.add(sentence, label="positive", batch="one"), book.add(sequence)
    book.judge(letters, 3, anna)
    book.pin(letters)
    assert sentence.shares.alone > sequence.shares.alone
    for ask, found in {
        Ask(domains=("dna",)): [letters],
        Ask(models=("sentiment/lstm",), states=("strong",)): [words],
        Ask(batches=("one",)): [words],
        Ask(verdicts=(3,)): [letters],
        Ask(verdicts=(UNJUDGED,)): [words],
        Ask(verdicts=(UNJUDGED, 3)): [letters, words],
        Ask(pinned=True): [letters],
        Ask(wrong=False): [words],
        Ask(ids=(words,)): [words],
        Ask(sort="alone"): [words, letters],
        Ask(sort="alone", descending=False): [letters, words],
        Ask(sort="verdict"): [letters, words],  # what has none comes last,
        Ask(sort="verdict", descending=False): [letters, words],  # either way
        Ask(sort="title", descending=False): [letters, words],
    }.items():
        assert [line.id for line in book.lines(ask, anna)] == found, ask
        assert book.ids(ask, anna) == found
        assert book.count(ask, anna)[0] == len(found)
    between = Ask(ranges={"alone": (sequence.shares.alone + 1e-9, None)})
    assert [line.id for line in book.lines(between)] == [words]
    assert book.count(Ask(), anna) == (2, 1)
    assert [line.id for line in book.lines(Ask(), offset=1, limit=1)] == [words]


def test_true_labels_notes_and_days_are_filters(store: Store, sentence: gl.Explanation) -> None:
    book, me = store.book(), store.reviewer("a")
    one, two, three = (book.add(each, label=label) for each, label in zip(variants(sentence, 3), "ynn", strict=True))
    book.write_note(two, "look", version=0, reviewer=me)
    book.write_note(three, "look", version=0, reviewer=me)
    book.write_note(three, "", version=1, reviewer=me)  # taken away again
    assert book.ids(Ask(labels=("n",), sort="created", descending=False)) == [two, three]
    assert book.ids(Ask(noted=True)) == [two]
    assert set(book.ids(Ask(noted=False))) == {one, three}
    assert list(book.choices().labels.items()) == [("n", 2), ("y", 1)]
    now = time.time()
    assert len(book.ids(Ask(ranges={"created": (now - 60, now + 60)}))) == 3
    assert book.ids(Ask(ranges={"created": (now + 60, None)})) == []


def test_rows_are_found_by_ranges_of_their_fields(store: Store) -> None:
    from glider_core.domains.recommender.payload import RowPayload

    book = store.book()
    for row, (age, town) in enumerate([("31", "Bonn"), ("47", "Köln"), ("n/a", "Bonn")]):
        values = RowPayload(values=(age, town), known=(True, True), kinds=("dense", "categorical"))
        book.add(row_of(values, row))
    assert titles(book, Ask(fields=(FieldRange(name="age", low=40),))) == ["Row 1"]
    assert titles(
        book, Ask(fields=(FieldRange(name="age", low=0, high=50), FieldRange(name="town", values=("Bonn",))))
    ) == ["Row 0"]
    assert book.field_names() == ["age", "town"]
    assert titles(book, Ask(search="köln")) == ["Row 1"]


def row_of(payload, row: int) -> gl.Explanation:
    explanation = gl.explain(gl.FunctionInstance(["age", "town"], lambda masks: masks @ [1.0, 2.0]))
    case = replace(explanation.case, domain="recommender", model="recommender/own", raw=row)
    return replace(explanation, case=case, payload=payload, fingerprint=f"row {row}")


def test_verdicts_are_each_reviewers_own_and_are_taken_back_one_by_one(store: Store, sentence: gl.Explanation) -> None:
    book = store.book()
    anna, ben = store.reviewer("a", "Anna"), store.reviewer("b", "Ben")
    one, two = (book.add(each) for each in variants(sentence, 2))
    book.judge(one, 1, anna)
    book.judge(one, 4, anna)
    book.judge(two, 2, anna)
    book.judge(one, 3, ben)
    line = book.line(one, anna)
    assert line is not None
    assert (line.verdict, line.others) == (4, (("Ben", 3),))
    assert [book.undo(anna) for _ in range(4)] == [two, one, one, None]
    assert (book.verdicts(anna), book.verdicts(ben)) == ({}, {one: 3})
    with pytest.raises(gl.InvalidInput, match="no verdict 5"):
        book.judge(one, 5, anna)


def test_agreement_is_cohens_kappa_with_the_cases_that_differ(store: Store, sentence: gl.Explanation) -> None:
    book = store.book()
    anna, ben = store.reviewer("a", "Anna"), store.reviewer("b", "Ben")
    numbers = [book.add(each) for each in variants(sentence, 5)]
    for number, first, second in zip(numbers, (1, 1, 2, 2), (1, 1, 2, 1), strict=False):
        book.judge(number, first, anna)
        book.judge(number, second, ben)
    book.judge(numbers[4], 1, anna)  # Ben has not judged it
    found = book.agreement(anna, ben)
    assert (found.both, found.same, found.differing) == (4, 3, (numbers[3],))
    assert found.kappa == pytest.approx(0.5)  # observed 3/4, by chance 1/2 * 3/4 + 1/2 * 1/4
    assert book.reviewers() == [(anna, 5), (ben, 4)]


def test_whoever_writes_a_note_later_is_told_and_sees_both(store: Store, sentence: gl.Explanation) -> None:
    book, anna, ben = store.book(), store.reviewer("a", "Anna"), store.reviewer("b", "Ben")
    number = book.add(sentence)
    read = book.note(number)
    book.write_note(number, "mine", version=read.version, reviewer=anna)
    with pytest.raises(NoteChanged, match="Anna changed this note") as told:
        book.write_note(number, "his", version=read.version, reviewer=ben)
    assert (told.value.theirs.text, told.value.mine) == ("mine", "his")
    assert book.note(number).text == "mine"
    book.write_note(number, "mine and his", version=told.value.theirs.version, reviewer=ben)
    assert (book.note(number).text, book.note(number).by) == ("mine and his", "Ben")


def test_of_notes_written_at_once_none_is_lost_unseen(store: Store, sentence: gl.Explanation) -> None:
    book, writer = store.book(), store.reviewer("a", "Anna")
    number = book.add(sentence)
    start, told = threading.Barrier(6), []

    def write(text: str) -> None:
        start.wait()
        try:
            book.write_note(number, text, version=0, reviewer=writer)
            told.append("written")
        except (NoteChanged, StoreFailed):
            told.append("told")

    threads = [threading.Thread(target=write, args=(f"note {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["told"] * 5 + ["written"]
    assert book.note(number).version == 1


def test_books_keep_to_themselves(store: Store, sentence: gl.Explanation) -> None:
    anna, ben = store.private_book("token of Anna"), store.private_book("token of Ben")
    judge = store.reviewer("b", "Ben")
    number = anna.add(sentence)
    own = ben.add(sentence)
    assert own != number
    assert [line.id for line in ben.lines(Ask(ids=(number, own)))] == [own]
    for use in (
        lambda: ben.explanation(number),
        lambda: ben.judge(number, 1, judge),
        lambda: ben.write_note(number, "x", version=0, reviewer=judge),
        lambda: ben.tag(number, ["x"]),
        lambda: ben.pin(number),
    ):
        with pytest.raises(gl.InvalidInput, match="not in this book"):
            use()
    ben.delete([number])
    assert len(anna.lines()) == 1
    key, shared = store.share_book("For both")
    shared.add(sentence)
    assert len(store.shared_book(key).lines()) == 1
    with pytest.raises(gl.InvalidInput, match="no shared book"):
        store.shared_book(key[:-1] + "-")
    store.forget_book("token of Anna")
    assert store.private_book("token of Anna").lines() == []
    assert len(ben.lines()) == 1


def test_only_runs_that_nobody_cared_for_go(store: Store, sentence: gl.Explanation) -> None:
    book, anna = store.book(), store.reviewer("a", "Anna")
    judged, noted, tagged, pinned, batched, *loose = [
        book.add(each, batch="b" * (n == 4)) for n, each in enumerate(variants(sentence, 8))
    ]
    book.judge(judged, 1, anna)
    book.write_note(noted, "look", version=0, reviewer=anna)
    book.tag(tagged, ["talk"])
    book.pin(pinned)
    book.tidy(age=1e6, most=1)
    assert book.ids(Ask(descending=False)) == [judged, noted, tagged, pinned, batched, loose[-1]]
    book.tidy(age=-1.0, most=10)
    assert book.ids(Ask(descending=False)) == [judged, noted, tagged, pinned, batched]


def test_hostile_texts_are_kept_as_texts(store: Store, sentence: gl.Explanation) -> None:
    book, anna = store.book(), store.reviewer("a", "x\x00\ud800'; DROP TABLE cases; --")
    number = book.add(sentence, title="\x00<img src=x onerror=alert(1)>\udc00", batch="\x00", label="\ud83d")
    book.write_note(number, "a\x00b\ud800", version=0, reviewer=anna)
    book.tag(number, ["\x00%_"])
    assert titles(book, Ask(search="\x00 onerror")) == ["\ufffd<img src=x onerror=alert(1)>\ufffd"]
    assert book.note(number).text == "a\ufffdb\ufffd"
