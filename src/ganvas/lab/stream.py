"""New lines of a run's events.jsonl as server-sent events, whose ids are byte offsets: a reader resumes by seeking."""

import asyncio
from collections.abc import AsyncIterator

from ..base.files import open_regular
from ..runs import Run
from ..runs.events import LINE_BYTES, event_line, parse_event

SECONDS = 0.5  # between two reads of the file
QUIET_SECONDS = 15.0  # after which a comment shows that the connection lives


async def new_events(run: Run, offset: int) -> AsyncIterator[str]:
    """Server-sent events without end: `id` is the byte after a line, `data` the event.

    A file that became shorter than the offset begins again: the event `reset` says so. Lines that are no events are
    left out; a line without an end is waited for.

    Args:
        run: opened.
        offset: the byte in events.jsonl to begin from.
    """
    waited = 0.0
    while True:
        lines, after = complete_lines(run, offset)
        if after < offset:
            yield f"id: {after}\nevent: reset\ndata: {{}}\n\n"
        offset = after
        for end, text in lines:
            if event := parse_event(text):
                yield f"id: {end}\ndata: {event_line(event)}\n"
        waited = 0.0 if lines else waited + SECONDS
        if waited >= QUIET_SECONDS:
            yield ": waiting\n\n"
            waited = 0.0
        if not lines:
            await asyncio.sleep(SECONDS)


def complete_lines(run: Run, offset: int) -> tuple[list[tuple[int, str]], int]:
    """The complete lines from an offset, each with the offset after it, and the offset of the next read.

    A line of more than LINE_BYTES is passed over. A missing file has no lines.
    """
    try:
        with open_regular(run.events, inside=run.path) as file:
            size = file.seek(0, 2)
            if size < offset:
                return [], 0
            file.seek(offset)
            block = file.read(LINE_BYTES)
    except OSError:
        return [], offset
    lines: list[tuple[int, str]] = []
    at = 0
    while (end := block.find(b"\n", at)) >= 0:
        lines.append((offset + end + 1, block[at:end].decode(errors="replace")))
        at = end + 1
    if not lines and len(block) == LINE_BYTES:
        return [], offset + len(block)
    return lines, offset + at
