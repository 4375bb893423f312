"""The members of a JSON object, read as they stream.

Written as generators that wait for the next piece, so that the code follows the grammar and not the
pieces. No value is held here: its text goes to whoever wants it, bit by bit. Of strings and
structure the grammar is checked; of numbers and words by who decodes them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from services.gateway.form.errors import MalformedRequest
from services.runtime.upload_errors import TruncatedUpload

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import TypeAlias, TypeVar

    T = TypeVar("T")
    Waiting: TypeAlias = Generator[None, bytes, T]
    Write: TypeAlias = Callable[[bytes], None]

SPACE = re.compile(rb"[ \t\r\n]*")
SCALAR = re.compile(rb"[^,}\]\s]*")
# A string that is whole, a bracket, or a string that goes on in the next piece.
STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{}]', re.DOTALL)
OPENING = b"[{"
STEP = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
MAX_DEPTH = 16
"""Landmarks of several faces are four deep."""


class Members:
    """Walks over a JSON object. A method that returns `Waiting` may need more text."""

    def __init__(self) -> None:
        self._text = b""
        self._at = 0
        self._is_first = True

    def open(self) -> Waiting[None]:
        """Go into the object."""
        yield from self._expect(b"{", "an object")

    def has_next(self) -> Waiting[bool]:
        """Go to the next member's name; false after the last."""
        found = yield from self.peek()
        if found == b"}":
            self._at += 1
            return False
        if not self._is_first:
            yield from self._expect(b",", "a comma")
        self._is_first = False
        if (yield from self.peek()) != b'"':
            raise self._wrong("a member's name")
        return True

    def colon(self) -> Waiting[None]:
        """Go from a member's name to its value."""
        yield from self._expect(b":", "a colon")

    def end(self) -> Waiting[None]:
        """Accept white space for ever, and nothing else."""
        yield from self.peek()
        raise self._wrong("nothing after the object")

    def peek(self) -> Waiting[bytes]:
        """Return the next character that is not white space, and stay there."""
        while True:
            self._at = self._match(SPACE)
            if self._at < len(self._text):
                return self._text[self._at : self._at + 1]
            yield from self._more()

    def value(self, write: Write) -> Waiting[None]:
        """Send a value's JSON text on."""
        first = yield from self.peek()
        if first == b'"':
            yield from self._quoted(write)
        elif first in OPENING:
            yield from self._nested(write)
        else:
            yield from self._scalar(write)

    def string(self, write: Write, unescaped: Callable[[bytes], bytes]) -> Waiting[None]:
        """Send what a string holds on, each escape as `unescaped` has it."""
        yield from self._expect(b'"', "text")
        while not self._run(write, unescaped):
            if self._at < len(self._text):
                write(unescaped((yield from self._escape())))
            else:
                yield from self._more()

    def _run(self, write: Write, unescaped: Callable[[bytes], bytes]) -> bool:
        """Send on what this piece has of a string, and return whether it ends here.

        Goes as far as an escape that is cut off. One search for the string's end serves many
        escapes: some writers escape every slash.
        """
        text, at = self._text, self._at
        runs: list[bytes] = []
        end = -1
        while True:
            if end < at:
                end = text.find(b'"', at)
                end = len(text) if end < 0 else end
            slash = text.find(b"\\", at, end)
            stop = slash + (6 if text[slash + 1 : slash + 2] == b"u" else 2)
            if slash < 0 or stop > len(text):
                break
            runs += (text[at:slash], unescaped(text[slash:stop]))
            at = stop
        end = slash if slash >= 0 else end
        runs.append(text[at:end])
        write(b"".join(runs))
        is_over = text[end : end + 1] == b'"'
        self._at = end + is_over
        return is_over

    def _escape(self) -> Waiting[bytes]:
        found = yield from self._take(2)
        if found == b"\\u":
            found += yield from self._take(4)
        return found

    def _quoted(self, write: Write) -> Waiting[None]:
        write(b'"')
        yield from self.string(write, lambda escape: escape)
        write(b'"')

    def _nested(self, write: Write) -> Waiting[None]:
        depth = 0
        while True:
            for found in STRUCTURE.finditer(self._text, self._at):
                if found[0] == b'"':
                    self._pass_to(found.start(), write)
                    yield from self._quoted(write)
                    break
                depth += STEP.get(found[0], 0)
                if depth > MAX_DEPTH:
                    raise MalformedRequest(
                        f"the JSON is nested deeper than {MAX_DEPTH} levels", limit=MAX_DEPTH
                    )
                if not depth:
                    self._pass_to(found.end(), write)
                    return
            else:
                self._pass_to(len(self._text), write)
                yield from self._more()

    def _pass_to(self, end: int, write: Write) -> None:
        write(self._text[self._at : end])
        self._at = end

    def _scalar(self, write: Write) -> Waiting[None]:
        while True:
            self._pass_to(self._match(SCALAR), write)
            if self._at < len(self._text):
                return
            yield from self._more()

    def _expect(self, character: bytes, what: str) -> Waiting[None]:
        found = yield from self.peek()
        if found != character:
            raise self._wrong(what)
        self._at += 1

    def _take(self, count: int) -> Waiting[bytes]:
        taken = b""
        while len(taken) < count:
            if self._at == len(self._text):
                yield from self._more()
            piece = self._text[self._at : self._at + count - len(taken)]
            self._at += len(piece)
            taken += piece
        return taken

    def _more(self) -> Waiting[None]:
        self._text = yield
        self._at = 0
        if not self._text:
            raise TruncatedUpload("the JSON ended before its end; send it again")

    def _match(self, pattern: re.Pattern[bytes]) -> int:
        found = pattern.match(self._text, self._at)
        return found.end() if found else self._at

    def _wrong(self, expected: str) -> MalformedRequest:
        found = ascii(self._text[self._at : self._at + 1].decode("latin-1"))
        return MalformedRequest(
            f"the JSON cannot be read: expected {expected}, found {found}",
            content_type="application/json",
            expected=expected,
            found=found,
        )
