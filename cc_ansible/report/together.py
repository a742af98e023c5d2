"""Several questions at once, none of which may keep the others or us waiting."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from cc_ansible.errors import CcError, Interrupted
from cc_ansible.report.facts import Answer

Question = Callable[[], Any]


def ask(
    questions: Mapping[str, Question], here: Mapping[str, Question], seconds: float
) -> dict[str, Answer[Any]]:
    """The answers by name. What fails says why, and so does what takes longer than ``seconds``.

    :param questions: asked in threads. One that still waits then is left alone: it is a daemon
        and does not keep us from ending.
    :param here: asked in this thread meanwhile, one by one; they have limits of their own, and
        clean up behind them.
    """
    done: queue.Queue[tuple[str, Answer[Any]]] = queue.Queue()
    for name, question in questions.items():
        threading.Thread(
            target=lambda name=name, question=question: done.put((name, answer(question))),
            name=f"ask {name}",
            daemon=True,
        ).start()
    deadline = time.monotonic() + seconds
    own = {name: answer(question) for name, question in here.items()}
    found: dict[str, Answer[Any]] = {}
    while len(found) < len(questions):
        try:
            name, said = done.get(timeout=max(deadline - time.monotonic(), 0.0))
        except queue.Empty:
            break
        found[name] = said
    late: Answer[Any] = Answer(why=f"no answer within {seconds:.0f} s")
    return {name: found.get(name, late) for name in questions} | own


def answer(question: Question) -> Answer[Any]:
    """The answer to one question, or why there is none.

    :raises Interrupted: the user wants none.
    """
    try:
        return Answer(question())
    except Interrupted:
        raise
    except CcError as error:
        return Answer(why=reason(error))
    except Exception as error:
        # A view of the site is never worth a traceback: the rest of it is still true.
        said = (str(error).splitlines() or [""])[0]
        return Answer(why=f"unexpected {type(error).__name__}: {said}".rstrip(": "))


def reason(error: CcError) -> str:
    """An error in one line: what, what was seen, and what to do."""
    detail = (error.detail.splitlines() or [""])[0]
    said = " ".join(part for part in (error.summary, detail) if part)
    return f"{said} ({error.fix})" if error.fix else said
