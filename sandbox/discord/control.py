"""`/sandbox/…`: faults and the record over HTTP, for scripts and the page. Loopback only, no token:
everything in here is a toy of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.discord.faults import Faults, HttpFault
from sandbox.discord.record import Record, RequestSeen


def control_routes(faults: Faults, record: Record) -> list[BaseRoute]:
    """`POST`, `GET`, `DELETE /sandbox/faults` and `GET /sandbox/requests`."""

    async def add(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            # A form of a foreign page cannot send this type without asking first (CORS).
            return JSONResponse({"message": "send application/json"}, 415)
        body = await request.json()
        if not isinstance(body, dict):
            return JSONResponse({"message": "send an object"}, 400)
        kind = str(body.pop("kind", "answer"))
        try:
            return JSONResponse(_apply(faults, kind, body))
        except (TypeError, ValueError, KeyError) as wrong:
            return JSONResponse({"message": f"{kind}: {wrong}"}, 400)

    async def show(_: Request) -> Response:
        return JSONResponse([_shown(one) for one in faults.http])

    async def clear(_: Request) -> Response:
        faults.clear()
        return Response(status_code=204)

    async def requests(request: Request) -> Response:
        last = int(request.query_params.get("last", "100"))
        return JSONResponse([_request(one) for one in list(record.requests)[-last:]])

    return [
        Route("/sandbox/faults", add, methods=["POST"]),
        Route("/sandbox/faults", show, methods=["GET"]),
        Route("/sandbox/faults", clear, methods=["DELETE"]),
        Route("/sandbox/requests", requests, methods=["GET"]),
    ]


def _apply(faults: Faults, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """`kind`: answer, reset, delay for HTTP; reconnect, invalidate, close, cut, stop_acks, drop,
    hold, release, refuse for the gateway. The other keys are the arguments of that method."""
    gateway = faults.gateway
    http: dict[str, Callable[..., Any]] = {
        "answer": faults.answer,
        "reset": faults.reset,
        "delay": faults.delay,
    }
    if kind in http:
        return {"id": http[kind](**body).id}
    actions: dict[str, Callable[..., Any]] = {
        "reconnect": gateway.reconnect,
        "invalidate": gateway.invalidate,
        "close": gateway.close,
        "cut": gateway.cut,
        "stop_acks": gateway.stop_acks,
        "drop": gateway.drop,
        "hold": gateway.hold,
        "release": gateway.release,
        "refuse": gateway.refuse,
    }
    if body.get("user_id") is not None:
        body["user_id"] = int(body["user_id"])
    return {"done": actions[kind](**body)}


def _shown(one: HttpFault) -> dict[str, Any]:
    return {
        "id": one.id,
        "method": one.method,
        "path": one.path.pattern,
        "action": one.action,
        "status": one.status,
        "times": one.times,
        "carried_out": one.carried_out,
    }


def _request(one: RequestSeen) -> dict[str, Any]:
    age = asyncio.get_running_loop().time() - one.at
    return {
        "method": one.method,
        "route": one.template,
        "status": one.status,
        "body": one.body,
        "seconds_ago": round(age, 3),
    }
