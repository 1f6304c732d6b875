"""Request guild members (op 8): by ids, by the beginning of a name, or all."""

from __future__ import annotations

from typing import Any

from sandbox.discord.gateway.session import Session
from sandbox.discord.world import World, payloads
from sandbox.discord.world.model import Json, Member


def member_chunk(world: World, session: Session, asked: dict[str, Any]) -> Json:
    """GUILD_MEMBERS_CHUNK for the request; everything in one chunk."""
    guild = world.guilds[int(asked["guild_id"])]
    if session.user.id not in guild.members:
        raise ValueError("not in that guild")
    found, missing = _find(guild.members, asked)
    chunk: Json = {
        "guild_id": str(guild.id),
        "members": [payloads.member(one) for one in found],
        "chunk_index": 0,
        "chunk_count": 1,
        "not_found": missing,
    }
    if asked.get("nonce") is not None:
        chunk["nonce"] = asked["nonce"]
    return chunk


def _find(members: dict[int, Member], asked: dict[str, Any]) -> tuple[list[Member], list[str]]:
    if "user_ids" in asked:
        raw = asked["user_ids"]
        ids = [int(each) for each in (raw if isinstance(raw, list) else [raw])]
        found = [members[each] for each in ids if each in members]
        return found, [str(each) for each in ids if each not in members]
    query = str(asked.get("query") or "").lower()
    limit = int(asked.get("limit") or 0) or len(members)
    matching = [
        one for one in members.values() if (one.nick or one.user.username).lower().startswith(query)
    ]
    return matching[:limit], []
