"""The JSON of a request, checked and rewritten, so that Gradio gets nothing but what its own page would send."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zoo_demo.uploads import Uploads

MAX_BODY = 2**17
"""The largest body, in bytes. The inputs of the page are a few short texts."""
_API = "/gradio_api/"
_MAX_DEPTH = 8
_MAX_INT = 2**53
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


class RefusedCallError(Exception):
    """A request is not one that the page would send. Its message is for the sender."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class CheckedCalls:
    """Passes on the requests that call one of the page's functions.

    Args:
        app: What requests are passed on to.
        page: The Gradio page.
        uploads: The uploaded files.
    """

    def __init__(self, app: ASGIApp, page: Any, uploads: Uploads) -> None:
        self._app = app
        self._page = page
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_call = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] != f"{_API}upload"
        if not is_call:
            await self._app(scope, receive, send)
            return
        try:
            body = _loaded(await _read(receive))
            checked = self._checked(scope["path"].removeprefix(_API), body)
            content = json.dumps(checked, ensure_ascii=False).encode()
        except UnicodeEncodeError:  # half of a surrogate pair
            await _refuse("the request is not valid Unicode")(scope, receive, send)
        except RefusedCallError as error:
            await _refuse(str(error), status=error.status)(scope, receive, send)
        else:
            await self._app(scope, _once(content, receive), send)

    def _checked(self, route: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body with what is needed, and nothing else."""
        if route == "reset":
            return {"event_id": _id(body, "event_id")}
        if route == "cancel":
            number = self._number(body.get("fn_index"))
            return {"session_hash": _id(body, "session_hash"), "fn_index": number, "event_id": _id(body, "event_id")}
        if route == "queue/join":
            number = self._number(body.get("fn_index"))
            event = self._value(body.get("event_data"))
            trigger = body.get("trigger_id")
            known = {self._page._id, *self._page.blocks}  # the page itself triggers what happens when it is opened
            if trigger is not None and (type(trigger) is not int or trigger not in known):
                raise RefusedCallError("unknown trigger_id")
            data = self._inputs(self._page.fns[number], body.get("data"))
            checked = {"fn_index": number, "session_hash": _id(body, "session_hash"), "data": data}
            return {**checked, "event_data": event, "trigger_id": trigger}
        function = self._named(route.removeprefix("call/"))
        session = {"session_hash": _id(body, "session_hash")} if body.get("session_hash") is not None else {}
        return {"data": self._inputs(function, body.get("data")), **session}

    def _number(self, number: Any) -> int:
        functions = self._page.fns
        if type(number) is not int or number not in functions or functions[number].fn is None:  # in the browser alone
            raise RefusedCallError("unknown fn_index", status=404)
        return number

    def _named(self, name: str) -> Any:
        for function in self._page.fns.values():
            if function.api_name == name and function.api_visibility == "public":
                return function
        raise RefusedCallError("unknown endpoint", status=404)

    def _inputs(self, function: Any, values: Any) -> list[Any]:
        """Return the values for the inputs of a function."""
        if not isinstance(values, list) or len(values) != len(function.inputs):
            raise RefusedCallError(f"data is not a list of {len(function.inputs)} values", status=422)
        checked = [self._value(value) for value in values]
        for number, (block, value) in enumerate(zip(function.inputs, checked, strict=True), start=1):
            model = getattr(block, "data_model", None)
            if model is not None and value is not None:
                try:
                    model.model_validate(value, context={"validate_meta": True})
                except ValidationError as error:
                    raise RefusedCallError(f"value {number} has another type", status=422) from error
        return checked

    def _value(self, value: Any, *, depth: int = 1) -> Any:
        """Return a value in which every file is an uploaded one, known by its path only."""
        if depth > _MAX_DEPTH:
            raise RefusedCallError("the values are nested too deeply")
        if isinstance(value, list):
            return [self._value(part, depth=depth + 1) for part in value]
        if isinstance(value, dict):
            if "path" in value or "meta" in value:
                return self._file(value)
            return {name: self._value(part, depth=depth + 1) for name, part in value.items()}
        if isinstance(value, int) and abs(value) > _MAX_INT:
            raise RefusedCallError("a number is too large")
        return value

    def _file(self, value: Mapping[str, Any]) -> dict[str, Any]:
        path, name = value.get("path"), value.get("orig_name")
        if not isinstance(path, str) or not self._uploads.contains(path):
            raise RefusedCallError("this is not an uploaded file")
        file: dict[str, Any] = {"path": path, "orig_name": name if isinstance(name, str) else None}
        if self._uploads.find(path) is not None:
            file["meta"] = {"_type": "gradio.FileData"}
        elif self._uploads.exists(path):
            raise RefusedCallError("this is not an uploaded file")
        return file  # without "meta", which makes gradio read the file, if it has been deleted


async def _read(receive: Receive) -> bytes:
    """Return the body of a request."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise RefusedCallError("the request has no end")
        body.extend(message.get("body", b""))
        if len(body) > MAX_BODY:
            raise RefusedCallError(f"the request has more than {MAX_BODY:,} bytes", status=413)
        if not message.get("more_body", False):
            return bytes(body)


def _loaded(body: bytes) -> dict[str, Any]:
    try:
        loaded = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RefusedCallError("the request is not JSON") from error
    if not isinstance(loaded, dict):
        raise RefusedCallError("the request is not a JSON object")
    return loaded


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON")


def _id(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise RefusedCallError(f"{name} is not an identifier")
    return value


def _once(body: bytes, receive: Receive) -> Receive:
    """Return a function that receives the body, and then what follows it."""
    bodies = [body]

    async def receive_once() -> Message:
        if bodies:
            return {"type": "http.request", "body": bodies.pop(), "more_body": False}
        return await receive()

    return receive_once


def _refuse(message: str, *, status: int = 400) -> JSONResponse:
    return JSONResponse({"detail": message}, status_code=status)
