"""What the process writes down while it runs: a JSON line for each event, without anything a person said or is called.

A line has the event's fixed words and fields that are named here; of an error its kind and where it rose, never its
text. What other libraries fill into their messages is left out: an address or a form may name somebody.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FIELDS = ("page", "method", "status", "ms", "person", "key", "code", "job", "kind", "state", "customers")
"""What a line may say beside its event: none of it is about a customer."""
DEEPEST = 12
SENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
request_id: ContextVar[str] = ContextVar("request_id", default="")


class Lines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {"at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
                                "level": record.levelname.lower(), "logger": record.name, "event": _event(record)}
        if found := request_id.get():
            said["request"] = found
        if status := getattr(record, "status_code", None):
            said["status"] = status
        said |= {name: value for name in FIELDS if (value := getattr(record, name, None)) not in (None, "")}
        if record.exc_info and record.exc_info[1]:
            said |= _risen(record.exc_info[1])
        return json.dumps(said, ensure_ascii=False, default=type_name)


class Plain(Lines):
    """The same for whoever sits at the terminal: warnings in a line of words."""

    def format(self, record: logging.LogRecord) -> str:
        said = json.loads(super().format(record))
        where = said.pop("where", [])
        rest = " ".join(f"{name}={value}" for name, value in said.items() if name not in ("at", "level", "logger"))
        return "\n".join([f"{said['at']} {said['level']} {said['logger']}: {rest}", *(f"  {line}" for line in where)])


def _event(record: logging.LogRecord) -> str:
    """Our own words, another library's pattern before anything is filled in, or the function that spoke."""
    if record.name.startswith("regulars") or record.args:
        return str(record.msg)
    return f"{record.module}.{record.funcName}"


def _risen(error: BaseException) -> dict[str, Any]:
    """The kind of an error and the lines it came through, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-DEEPEST:]
    return {"error": type_name(error),
            "where": [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]}


def type_name(value: object) -> str:
    return type(value).__name__


def id_of_request(sent: str) -> str:
    """The id a proxy gave the request, where it is one; else a new one."""
    return sent if SENT_ID.fullmatch(sent) else secrets.token_hex(8)


def settings(target: str) -> dict[str, Any]:
    """Django's ``LOGGING``: JSON lines to the file ``target``, else to the standard error.

    Where that is somebody's terminal, only warnings, in words.
    """
    lines = bool(target) or not sys.stderr.isatty()
    handler: dict[str, Any] = {"class": "logging.StreamHandler"} if not target else {
        "class": "logging.handlers.WatchedFileHandler", "filename": target, "encoding": "utf-8", "delay": True}
    return {
        "version": 1, "disable_existing_loggers": False,
        "formatters": {"said": {"()": f"{__name__}.{'Lines' if lines else 'Plain'}"}},
        "handlers": {"written": {**handler, "formatter": "said"}},
        "root": {"handlers": ["written"], "level": "WARNING"},
        "loggers": {"django.request": {"level": "ERROR"}, "django.server": {"level": "ERROR"},
                    "regulars": {"level": "INFO" if lines else "WARNING"}},
    }
