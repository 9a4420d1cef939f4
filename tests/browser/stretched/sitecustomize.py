"""Python runs this as it starts, where this folder is in PYTHONPATH: now and then a use of a visit's state waits.

Drawings are stopped at such uses, so what follows one click upon another is stretched from microseconds to a second.
It is said in the log where a visit is drawn by two threads at once: one goes on after another has begun.
"""

import random
import sys
import threading
import time
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from typing import Any

USES = ("__getitem__", "__setitem__", "__contains__", "__delitem__", "register_widget")
AT_ONCE = "A visit is drawn by two threads at once."
_DRAWN_BY: dict[int, list[threading.Thread]] = {}  # by visit, in the order they began
SHARE, LONGEST = 0.25, 0.04  # of the uses that wait; seconds


def _stretch() -> None:
    from streamlit.runtime.state.safe_session_state import SafeSessionState

    for name in USES:
        setattr(SafeSessionState, name, _waiting(getattr(SafeSessionState, name)))


def _waiting(use: Callable[..., Any]) -> Callable[..., Any]:
    def waits(*args: Any, **options: Any) -> Any:
        _note(args[0])
        if random.random() < SHARE:
            time.sleep(random.random() * LONGEST)
        return use(*args, **options)

    return waits


def _note(uses: Any) -> None:
    thread = threading.current_thread()
    if "scriptThread" not in thread.name:
        return
    drawn_by = _DRAWN_BY.setdefault(id(uses._state), [])  # one object for all threads of a visit
    if thread not in drawn_by:
        drawn_by.append(thread)
    elif thread is not drawn_by[-1]:
        print(AT_ONCE, file=sys.stderr, flush=True)


class _Once(MetaPathFinder):
    """Stretches as soon as the app's own pages are imported: Streamlit is there by then."""

    def find_spec(self, fullname, path, target=None):
        if fullname.partition(".")[0] == "pages":
            sys.meta_path.remove(self)
            _stretch()


sys.meta_path.insert(0, _Once())
