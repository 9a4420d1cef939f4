"""The queue as pages use it: what a run draws, what it returns, and what it keeps for others."""

import threading

import pytest
from streamlit.testing.v1 import AppTest

import glider_core as gl
from glider_core.drawings.text import markdown
from pages.parts import run


def script() -> None:
    import streamlit as st

    from pages.parts import run

    if st.button("Start"):
        run.start("job", st.session_state.work, key=st.session_state.get("key"), doing="Counting")
    if st.button("Drop caches"):
        st.cache_data.clear()
        st.cache_resource.clear()
    result = run.progress("job")
    if result is not None:
        st.markdown(f"result {result}")
    run.end_of_page()


def app(work, key=None) -> AppTest:
    test = AppTest.from_function(script, default_timeout=30)
    test.session_state.work = work
    test.session_state.key = key
    return test.run()


def press(test: AppTest, label: str) -> AppTest:
    next(button for button in test.button if button.label == label).click()
    return test.run()


def ended(test: AppTest) -> AppTest:
    for entry in test.session_state[run.RUNS].values():
        assert entry.job.wait(10)
    return test.run()


def test_a_run_shows_a_bar_and_then_returns_its_result_once() -> None:
    hold = threading.Event()

    def work(report):
        report("count", 0.25)
        hold.wait(10)
        return 7

    test = press(app(work), "Start")
    assert [button.label for button in test.button] == ["Start", "Drop caches", "Cancel"]
    hold.set()
    test = ended(test)
    assert [text.value for text in test.markdown if "result" in text.value] == ["result 7"]
    assert not [text for text in test.run().markdown if "result" in text.value]
    assert [button.label for button in test.button] == ["Start", "Drop caches"]


def test_cancel_stops_the_run_and_takes_the_bar_away() -> None:
    hold, went_on = threading.Event(), []

    def work(report):
        hold.wait(10)
        report("count", 0.5)
        went_on.append(1)

    test = press(app(work), "Start")
    job = test.session_state[run.RUNS]["job"].job
    test = press(test, "Cancel")
    hold.set()
    assert job.wait(10)
    assert [button.label for button in test.button] == ["Start", "Drop caches"]
    assert (job.state, went_on) == ("cancelled", [])


def test_an_error_stays_until_the_next_start() -> None:
    def fail(report):
        raise gl.InvalidInput("There is no *text* yet.")

    test = ended(press(app(fail), "Start"))
    assert [error.value for error in test.error] == [markdown("There is no *text* yet.")]
    assert len(test.run().error) == 1
    test.session_state.work = lambda report: 3
    test = ended(press(test, "Start"))
    assert not test.error


def test_a_new_start_cancels_the_former_run() -> None:
    hold = threading.Event()
    test = press(app(lambda report: hold.wait(10)), "Start")
    former = test.session_state[run.RUNS]["job"].job
    test.session_state.work = lambda report: 4
    test = press(test, "Start")
    hold.set()
    assert "result 4" in [text.value for text in ended(test).markdown]
    assert former.wait(10)


def test_results_outlive_streamlits_caches() -> None:
    calls = []
    for _ in range(2):
        test = app(lambda report: calls.append(1) or len(calls), key=("kept", id(calls)))
        ended(press(press(test, "Drop caches"), "Start"))
    assert len(calls) == 1


def test_a_run_without_a_key_is_never_anothers() -> None:
    calls = []
    for _ in range(2):
        ended(press(app(lambda report: calls.append(1)), "Start"))
    assert len(calls) == 2


def test_a_worker_may_ask_for_the_visitor_where_there_is_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    class Context:
        session_id = "gone"

    monkeypatch.setattr(run, "get_script_run_ctx", Context)
    assert run.session_is_open()()


def test_what_is_prepared_gives_the_key_or_the_error() -> None:
    def other() -> None:
        import streamlit as st

        from pages.parts import run

        if st.button("Start"):
            run.start("job", lambda report: "worked", prepare=st.session_state.prepare)
        result = run.progress("job")
        st.session_state.result = result or st.session_state.get("result")

    def refuse():
        raise gl.InvalidInput("Too short.")

    test = AppTest.from_function(other, default_timeout=30)
    test.session_state.prepare = refuse
    test.run().button[0].click()
    test = ended(test.run())
    assert [error.value for error in test.error] == [markdown("Too short.")]
    test.session_state.prepare = lambda: ("key", id(test))
    test.button[0].click()
    test = ended(test.run())
    assert test.session_state.result == "worked"
    assert run.QUEUE.submit(("key", id(test)), lambda report: "again").result == "worked"


def test_quick_work_is_returned_and_its_error_raised() -> None:
    def page() -> None:
        import streamlit as st

        import glider_core as gl
        from pages.parts import run

        try:
            st.markdown(f"answer {run.quick('q', st.session_state.work, key=st.session_state.key, waiting='Asking')}")
        except gl.GliderError as error:
            st.error(str(error))

    def refuse():
        raise gl.BlackBoxFailed("It answered nan.")

    test = AppTest.from_function(page, default_timeout=30)
    test.session_state.key, test.session_state.work = ("a", id(test)), lambda: 5
    assert test.run().markdown[0].value == "answer 5"
    test.session_state.key, test.session_state.work = ("b", id(test)), refuse
    assert test.run().error[0].value == "It answered nan."
    hold = threading.Event()
    test.session_state.key, test.session_state.work = ("c", id(test)), lambda: hold.wait(10)
    test = test.run()
    assert (test.markdown[0].value, test.caption[0].value) == ("answer None", ":material/hourglass_top: Asking")
    hold.set()
    (job,) = test.session_state[run.PENDING].values()
    assert job.wait(10)
    assert test.run().markdown[0].value == "answer True"


def test_each_finished_drawing_is_counted() -> None:
    test = app(lambda report: 1)
    first = test.session_state["glider.drawn"]
    assert test.run().session_state["glider.drawn"] == first + 1


def test_a_page_that_is_stopped_while_it_takes_a_result_gets_it_again() -> None:
    def other() -> None:
        import streamlit as st

        from pages.parts import run

        def take(result: int) -> None:
            if st.session_state.setdefault("tries", 0) == 0:
                st.session_state.tries = 1
                st.rerun()  # as when a widget is touched just then
            st.session_state.taken = result

        if st.button("Start"):
            run.start("job", lambda report: 7)
        run.progress("job", take=take)

    test = AppTest.from_function(other, default_timeout=30).run()
    test.button[0].click()
    test.run()
    if test.session_state.get(run.RUNS):
        test = ended(test)
    assert test.session_state.taken == 7
    assert not test.session_state[run.RUNS]


def preparing_script() -> None:
    import streamlit as st

    from pages.parts import run

    if st.button("Start"):
        run.start("job", lambda report: 3, prepare=st.session_state.prepare, preparing="Finding superpixels")
    result = run.progress("job")
    if result is not None:
        st.markdown(f"result {result}")


def test_a_run_whose_input_is_made_ready_says_so_and_not_that_it_waits_for_another() -> None:
    begun, hold = threading.Event(), threading.Event()

    def prepare() -> str:
        begun.set()
        hold.wait(10)
        return "prepared"

    test = AppTest.from_function(preparing_script, default_timeout=30)
    test.session_state.prepare = prepare
    test.run()
    try:
        press(test, "Start")
        assert begun.wait(10)
        test.run()
        (bar,) = test.get("progress")
        assert bar.proto.text == "Finding superpixels …"
    finally:
        hold.set()
    assert "result 3" in [text.value for text in ended(test).markdown]
