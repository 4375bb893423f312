"""Python literals read as JSON: single quotes, tuples, `None` and trailing commas allowed.

Nothing is evaluated: tokens are rewritten in one pass and the JSON parser does the rest.
"""

import json
import re

_TOKEN = re.compile(
    r"""
    '(?P<single>(?:[^'\\\n]|\\.)*)'
    | (?P<double>"(?:[^"\\\n]|\\.)*")
    | (?P<word>\b(?:None|True|False)\b)
    | (?P<bracket>[()])
    | (?P<comma>,)(?=\s*[\])}])
    """,
    re.VERBOSE,
)
_BEYOND_QUOTES = ('"', "\\", "(", ")", "None", "True", "False")
_TRAILING_COMMA = re.compile(r",\s*[\])}]")
_WORDS = {"None": "null", "True": "true", "False": "false", "(": "[", ")": "]"}


def to_json(text: str) -> str:
    """Return `text`, a Python literal, as JSON.

    >>> to_json("{'a': (1, 2.5,), 'b': None}")
    '{"a": [1, 2.5], "b": null}'
    """
    if not any(sign in text for sign in _BEYOND_QUOTES) and not _TRAILING_COMMA.search(text):
        return text.replace("'", '"')  # all that most files need
    return _TOKEN.sub(_rewrite, text)


def _rewrite(found: re.Match[str]) -> str:
    if found["single"] is not None:
        return json.dumps(found["single"].replace("\\'", "'"))
    if found["double"] is not None:
        return found["double"]
    if found["comma"] is not None:
        return ""
    return _WORDS[found[0]]
