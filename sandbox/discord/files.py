"""What Discord's CDN serves: attachments, avatars and emojis."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.discord.world import World

_FACE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">\
<rect width="64" height="64" fill="hsl({hue} 45% 55%)"/>\
<circle cx="32" cy="25" r="11" fill="#fff"/>\
<path d="M10 60a22 22 0 0 1 44 0z" fill="#fff"/></svg>"""


def file_routes(world: World) -> list[BaseRoute]:
    """`/attachments/{channel}/{id}/{name}`, `/avatars/{user}/{hash}`, `/embed/avatars/{n}`, and
    `/emojis/{id}.{kind}`."""

    async def attachment(request: Request) -> Response:
        found = world.attachments.get(request.path_params["attachment_id"])
        if found is None or found.channel_id != request.path_params["channel_id"]:
            return PlainTextResponse("This content is no longer available.", 404)
        # Never as a page of this origin, whatever was uploaded.
        headers = {
            "content-disposition": f"attachment; filename*=UTF-8''{quote(found.filename)}",
            "x-content-type-options": "nosniff",
            "content-security-policy": "sandbox",
        }
        return Response(found.data, media_type=found.content_type, headers=headers)

    async def avatar(request: Request) -> Response:
        found = world.pictures.get(request.path_params["name"].partition(".")[0])
        if found is None:
            return PlainTextResponse("", 404)
        if found.address:
            return RedirectResponse(found.address)
        return Response(found.data, media_type=found.content_type)

    async def default_avatar(request: Request) -> Response:
        number = int(request.path_params["name"].partition(".")[0] or 0)
        face = _FACE.format(hue=number * 67 % 360)
        return Response(face, media_type="image/svg+xml")

    async def emoji(request: Request) -> Response:
        number = request.path_params["name"].partition(".")[0]
        _, key = world.emojis.get(int(number) if number.isdecimal() else 0, ("", ""))
        found = world.pictures.get(key)
        if found is None:
            return PlainTextResponse("", 404)
        return Response(found.data, media_type=found.content_type)

    return [
        Route("/emojis/{name}", emoji),
        Route("/attachments/{channel_id:int}/{attachment_id:int}/{name}", attachment),
        Route("/avatars/{user_id:int}/{name}", avatar),
        Route("/embed/avatars/{name}", default_avatar),
    ]
