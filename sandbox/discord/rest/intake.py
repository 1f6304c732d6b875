"""The body of a request: JSON, or multipart with `payload_json` and files as Discord takes it."""

from __future__ import annotations

import json
import re

from starlette.datastructures import UploadFile
from starlette.requests import Request

from sandbox.discord.world import errors
from sandbox.discord.world.model import Upload

BODY_MAX = 110 * 1024 * 1024
_FILE_FIELD = re.compile(r"files?\[?(\d*)\]?")
_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "zip": "application/zip",
}


async def read(request: Request) -> tuple[object, list[Upload]]:
    """The JSON value (None when there is no body) and the files of a request."""
    if int(request.headers.get("content-length") or 0) > BODY_MAX:
        raise errors.ApiError(413, 40005, "Request entity too large")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _multipart(request)
    raw = await request.body()
    if not raw:
        return None, []
    if kind != "application/json":
        raise errors.bad_body('Expected "Content-Type" header to be one of {"application/json"}.')
    return _json(raw), []


def _json(raw: bytes | str) -> object:
    try:
        value: object = json.loads(raw)
    except ValueError:
        raise errors.bad_body() from None
    return value


async def _multipart(request: Request) -> tuple[object, list[Upload]]:
    body: object = {}
    files: list[Upload] = []
    async with request.form(max_files=20, max_part_size=BODY_MAX) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files.append(await _upload(name, value, len(files)))
            elif name == "payload_json":
                body = _json(value)
            elif isinstance(body, dict):
                body[name] = value
    return body, files


async def _upload(name: str, value: UploadFile, nth: int) -> Upload:
    found = _FILE_FIELD.fullmatch(name)
    index = int(found[1]) if found is not None and found[1] else nth
    filename = value.filename or "file"
    ending = filename.rpartition(".")[2].lower()
    kind = _TYPES.get(ending) or value.content_type or "application/octet-stream"
    return Upload(index, filename, kind, await value.read())
