"""Nothing saved is lost: by a kill, a full disk, a migration or a newer version; backups go into either database."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

import glider_core as gl
from glider_core.store import Ask, Store, StoreFailed, StoreRefused, backup, restore
from glider_core.store.database import Database
from tests.store.test_store import variants

JUDGE = """
import sys
from glider_core.store import Store
store = Store(sys.argv[1])
book, me = store.book(), store.reviewer("a", "Anna")
numbers = book.ids()
while True:
    for value in (1, 2, 3, 4):
        for number in numbers:
            book.judge(number, value, me)
            print(number, value, flush=True)  # acknowledged
"""


def filled(url: str, sentence: gl.Explanation) -> int:
    """A store with a case that is judged and noted."""
    store = Store(url)
    book, anna = store.book(), store.reviewer("a", "Anna")
    number = book.add(sentence)
    book.judge(number, 2, anna)
    book.write_note(number, "umbrella", version=0, reviewer=anna)
    store.close()
    return number


def check(url: str, number: int, sentence: gl.Explanation) -> None:
    store = Store(url)
    book, anna = store.book(), store.reviewer("a", "Anna")
    line = book.line(number, anna)
    assert line is not None
    assert (line.verdict, line.note) == (2, "umbrella")
    assert book.explanation(number) == sentence
    assert book.ids(Ask(search="umbrella charming")) == [number]
    other = book.add(variants(sentence, 1)[0])  # and new numbers go on where the old ones ended
    assert other > number
    store.close()


def test_every_verdict_that_was_acknowledged_outlives_a_kill(url: str, sentence: gl.Explanation) -> None:
    store = Store(url)
    for each in variants(sentence, 3):
        store.book().add(each)
    store.close()
    with subprocess.Popen([sys.executable, "-c", JUDGE, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()  # it judges by now
        time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
        told = [first, *process.stdout.readlines()]
    acknowledged: dict[int, int] = {}
    for line in told:
        if line.endswith("\n"):
            number, value = map(int, line.split())
            acknowledged[number] = value
    store = Store(url)
    kept = store.book().verdicts(store.reviewer("a", "Anna"))
    differing = {number for number, value in acknowledged.items() if kept.get(number) != value}
    assert len(differing) <= 1  # one may have been given and not yet told
    for number in differing:
        assert kept[number] == acknowledged[number] % 4 + 1
    store.close()


def test_a_store_of_the_first_version_is_brought_up_to_date(url: str, sentence: gl.Explanation) -> None:
    number = filled(url, sentence)
    database = Database(url)
    if database.is_sqlite:
        down = [
            "DROP TRIGGER cases_words_in",
            "DROP TRIGGER cases_words_out",
            "DROP TRIGGER cases_words_change",
            "DROP TABLE cases_words",
        ]
    else:
        down = ["ALTER TABLE cases DROP COLUMN words"]
    down += [f"DROP INDEX {name}" for name in ("cases_by_kind", "cases_by_label", "verdicts_by_reviewer")]
    with database.writing() as connection:
        for statement in [*down, "UPDATE glider_version SET version_num = '0001'"]:
            connection.exec_driver_sql(statement)
    database.close()
    check(url, number, sentence)
    if database.is_sqlite:
        before = Path(str(database.url.database) + ".before-0003")
        assert before.is_file()  # the store as it was


def test_a_migration_that_fails_changes_nothing(
    url: str, sentence: gl.Explanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(url)
    database.close()
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE glider_version SET version_num = '0001'")  # its index is there already
    with pytest.raises(StoreFailed, match="already exists"):
        Store(url)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM glider_version").scalar() == "0001"


def test_a_newer_store_is_refused_and_not_touched(url: str, sentence: gl.Explanation) -> None:
    filled(url, sentence)
    database = Database(url)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE glider_version SET version_num = '9999'")
    database.close()
    file = Path(database.url.database or "") if database.is_sqlite else None
    before = file and hashlib.sha256(file.read_bytes()).hexdigest()
    with pytest.raises(StoreRefused, match=r"newer version of Glider .*nothing in it was changed"):
        Store(url)
    assert (file and hashlib.sha256(file.read_bytes()).hexdigest()) == before
    engine = sa.create_engine(database.url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM glider_version").scalar() == "9999"
        assert connection.exec_driver_sql("SELECT count(*) FROM cases").scalar() == 1
    engine.dispose()


def test_another_programs_database_is_refused(url: str) -> None:
    engine = sa.create_engine(sa.make_url(url))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE cases (id integer)")
    engine.dispose()
    with pytest.raises(StoreRefused, match=r"tables of another program \(cases\)"):
        Store(url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://host/name", "neither"),
        ("sqlite:////proc/nowhere/cases.db", "cannot be"),
        ("postgresql://127.0.0.1:1/none", "cannot be used"),
    ],
)
def test_what_cannot_be_opened_is_said(url: str, words: str) -> None:
    with pytest.raises(gl.GliderError, match=words):
        Store(url)


def test_a_file_that_is_no_database_is_refused_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all, " * 1000)
    with pytest.raises(StoreRefused, match="is no store of Glider"):
        Store(path)
    assert path.read_text().startswith("Dear all")


def test_a_full_disk_is_said_and_takes_nothing_away(tmp_path: Path, sentence: gl.Explanation) -> None:
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    number = filled(url, sentence)
    store = Store(url)
    with store.database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        for each in variants(sentence, 50):
            store.book().add(each)

    with pytest.raises(StoreFailed, match="no room left on its disk"):
        fill()
    store.close()
    line = Store(url).book().line(number)
    assert line is not None
    assert line.note == "umbrella"


def test_a_backup_is_restored_into_either_database(url: str, tmp_path: Path, sentence: gl.Explanation) -> None:
    store = Store(url)
    book = store.book()
    first = book.add(variants(sentence, 2)[1])
    number = filled(url, sentence)
    book.add(variants(sentence, 3)[2], parent=first)
    assert backup(store.database, tmp_path / "backup.db") == 3
    with pytest.raises(gl.InvalidInput, match="replaces nothing"):
        backup(store.database, tmp_path / "backup.db")
    with pytest.raises(gl.InvalidInput, match="holds cases already"):
        restore(store.database, tmp_path / "backup.db")
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".glider-")]
    with store.database.writing() as connection:
        for table in ("books", "reviewers"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    assert restore(store.database, tmp_path / "backup.db") == 3
    store.close()
    check(url, number, sentence)
    line = Store(url).book().lines(Ask(search="Sentence 2"))[0]
    assert line.parent_id == first
