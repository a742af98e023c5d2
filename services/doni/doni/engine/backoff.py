"""How long to wait before a task is tried again."""

from __future__ import annotations

import random


def delay(attempts: int, base: float, most: float) -> float:
    """Seconds until the next try, after ``attempts`` earlier ones in a row came to nothing.

    Each is about twice the one before, up to about ``most``; chance keeps tasks that failed
    together from coming back together.
    """
    # Beyond 30 the power alone would exceed any sensible limit.
    seconds: float = min(base * 2 ** min(attempts, 30), most)
    return seconds * random.uniform(0.75, 1.25)
