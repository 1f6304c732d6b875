"""The gateway: connections come, identify or resume, and are told what they may know.

Its faults (op 7, op 9, closes, silence) are methods, called through `faults`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from starlette.types import Scope
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.tasks import Tasks
from sandbox.discord.gateway import hello
from sandbox.discord.gateway.codec import codec
from sandbox.discord.gateway.connection import Connection
from sandbox.discord.gateway.members import member_chunk
from sandbox.discord.gateway.session import Session, new_session_id
from sandbox.discord.record import Record, SessionSeen, keep
from sandbox.discord.world import World, payloads, presences
from sandbox.discord.world.events import Event, Intent
from sandbox.discord.world.reading import without_text

HEARTBEAT_MS = 41_250
_RESUMABLE_FOR = 300.0
"""Seconds that a session without a connection is kept for a resume."""
_HEARTBEAT, _IDENTIFY, _PRESENCE, _VOICE, _RESUME = 1, 2, 3, 4, 6
_ACK_AFTER = 0.02
_RECONNECT, _MEMBERS, _INVALID, _HELLO, _ACK = 7, 8, 9, 10, 11
_UNKNOWN_OPCODE, _DECODE_ERROR, _NOT_AUTHENTICATED, _ALREADY = 4001, 4002, 4003, 4005


class Gateway:
    """All connections and sessions. `cut` resets the connection of an ASGI scope."""

    def __init__(
        self,
        world: World,
        record: Record,
        tasks: Tasks,
        *,
        cut: Callable[[Scope], None],
        heartbeat_ms: int = HEARTBEAT_MS,
    ) -> None:
        self._world = world
        self._record = record
        self._tasks = tasks
        self._cut = cut
        self._heartbeat_ms = heartbeat_ms
        self._connections: set[Connection] = set()
        self._sessions: dict[str, Session] = {}
        self._open = asyncio.Event()
        self._open.set()
        self._refusals = 0
        self.url = ""
        world.listeners.append(self._on_event)

    def _on_event(self, event: Event) -> None:
        """Pack an event once for all who may read it, and once without text for the others."""
        full = bare = ""
        for session in tuple(self._sessions.values()):
            if not session.wants(self._world, event):
                continue
            if session.reads(event):
                full = full or _pack(event.data)
                session.dispatch(event.name, full)
            else:
                bare = bare or _pack(without_text(event.data))
                session.dispatch(event.name, bare)

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from accept to close."""
        if self._refusals > 0:
            self._refusals -= 1
            self._record.turned_away += 1
            await socket.close(1013)
            return
        await socket.accept()
        try:
            connection = Connection(socket, codec(socket.query_params.get("compress")), self._open)
        except ValueError:
            await socket.close(_DECODE_ERROR)
            return
        self._connections.add(connection)
        writer = self._tasks.start("gateway-writer", connection.write())
        connection.send_op(_HELLO, {"heartbeat_interval": self._heartbeat_ms, "_trace": []})
        code: int | None = None
        try:
            while True:
                self._take(connection, await connection.receive())
        except WebSocketDisconnect as gone:
            code = gone.code
        finally:
            writer.cancel()
            self._ended(connection, code)

    def _ended(self, connection: Connection, code: int | None) -> None:
        self._connections.discard(connection)
        session = connection.session
        if session is not None and session.sink == connection.send:
            session.sink = None
            session.seen.connected = False
            session.seen.closes.append(code)
            if session.user.bot and not any(one.sink for one in self.sessions(session.user.id)):
                presences.show(self._world, session.user, None)
            if code in (1000, 1001) and not connection.closing:
                # Discord ends the session when the client says goodbye itself.
                self._sessions.pop(session.id, None)
            self._world.later(_RESUMABLE_FOR, lambda: self._forget(session))
        self._record.changed()

    def _forget(self, session: Session) -> None:
        if session.sink is None:
            self._sessions.pop(session.id, None)

    def _take(self, connection: Connection, message: object) -> None:
        if not isinstance(message, dict) or not isinstance(message.get("op"), int):
            connection.close(_DECODE_ERROR)
            return
        try:
            self._act(connection, message["op"], message.get("d") or {})
        except hello.RefusedError as refused:
            connection.close(refused.code)
        except (KeyError, TypeError, ValueError):
            connection.close(_DECODE_ERROR)

    def _act(self, connection: Connection, op: int, data: dict[str, Any]) -> None:
        session = connection.session
        if op == _HEARTBEAT:
            self._heartbeat(connection)
        elif op in (_IDENTIFY, _RESUME) and session is not None:
            connection.close(_ALREADY)
        elif op == _IDENTIFY:
            self._identify(connection, data)
        elif op == _RESUME:
            self._resume(connection, data)
        elif session is None:
            connection.close(_NOT_AUTHENTICATED)
        elif op == _PRESENCE:
            session.seen.presence = data
            presences.show(self._world, session.user, data)
            self._record.changed()
        elif op == _MEMBERS:
            chunk = member_chunk(self._world, session, data)
            session.dispatch("GUILD_MEMBERS_CHUNK", _pack(chunk))
        elif op != _VOICE:
            connection.close(_UNKNOWN_OPCODE)

    def _heartbeat(self, connection: Connection) -> None:
        if connection.session is not None:
            connection.session.seen.heartbeats += 1
            self._record.changed()
        if connection.acks:
            # As slow as a real line: discord.py takes an answer that comes before its own
            # bookkeeping for one that is a whole interval late, and warns.
            asyncio.get_running_loop().call_later(_ACK_AFTER, connection.send_op, _ACK)

    def _identify(self, connection: Connection, data: dict[str, Any]) -> None:
        user = hello.caller(self._world, data["token"])
        shard = hello.shard(self._world, user, data.get("shard"))
        intents = hello.intents(self._world, user, data.get("intents", 0))
        own_id = new_session_id()
        seen = SessionSeen(own_id, user.id, user.bot, intents, shard, time.monotonic())
        session = Session(own_id, user, intents, shard, seen)
        keep(self._record.sessions, seen)
        self._sessions[own_id] = session
        self._attach(connection, session)
        seen.presence = data.get("presence")
        session.dispatch("READY", _pack(hello.ready(self._world, session, self.url)))
        if user.bot and intents & Intent.GUILDS:
            self._send_guilds(session)
        self._appear(session)
        self._record.changed()

    def _appear(self, session: Session) -> None:
        if session.user.bot:
            presences.show(self._world, session.user, session.seen.presence or {})

    def _send_guilds(self, session: Session) -> None:
        all_members = bool(session.intents & Intent.GUILD_MEMBERS)
        me = session.user.id
        for guild in tuple(self._world.guilds.values()):
            if me in guild.members and session.owns(guild.id):
                told = payloads.guild_create(self._world, guild, me, all_members=all_members)
                session.dispatch("GUILD_CREATE", _pack(told))

    def _resume(self, connection: Connection, data: dict[str, Any]) -> None:
        user = hello.caller(self._world, data["token"])
        session = self._sessions.get(str(data["session_id"]))
        missed = None if session is None else session.since(int(data["seq"] or 0))
        if session is None or session.user.id != user.id or missed is None:
            connection.send_op(_INVALID, data=False)
            return
        for text in missed:
            connection.send(text)
        self._attach(connection, session)
        session.seen.resumes += 1
        self._appear(session)
        session.dispatch("RESUMED", _pack({"_trace": []}))
        self._record.changed()

    def _attach(self, connection: Connection, session: Session) -> None:
        connection.session = session
        session.sink = connection.send
        session.seen.connected = True

    def sessions(self, user_id: int | None = None) -> list[Session]:
        """The sessions of one account, or all."""
        return [one for one in self._sessions.values() if user_id is None or one.user.id == user_id]

    def _of(self, user_id: int | None) -> list[Connection]:
        return [
            one
            for one in self._connections
            if user_id is None or (one.session is not None and one.session.user.id == user_id)
        ]

    def reconnect(self, user_id: int | None = None) -> int:
        """Ask clients to reconnect and resume (op 7). How many were asked."""
        found = self._of(user_id)
        for one in found:
            one.send_op(_RECONNECT)
        return len(found)

    def invalidate(self, user_id: int | None = None, *, resumable: bool = False) -> int:
        """Say that the session is invalid (op 9); unless `resumable` it is forgotten."""
        found = self._of(user_id)
        for one in found:
            one.send_op(_INVALID, resumable)
            if one.session is not None and not resumable:
                # The client may identify anew on this very connection.
                self._sessions.pop(one.session.id, None)
                one.session.seen.connected = False
                one.session = None
        return len(found)

    def close(self, code: int, user_id: int | None = None) -> int:
        """Close sockets with `code`."""
        found = self._of(user_id)
        for one in found:
            one.close(code)
        return len(found)

    def cut(self, user_id: int | None = None) -> int:
        """Cut the lines without a close frame."""
        found = self._of(user_id)
        for one in found:
            self._cut(one.socket.scope)
        return len(found)

    def stop_acks(self, user_id: int | None = None) -> int:
        """Answer no more heartbeats on the connections that are there now."""
        found = self._of(user_id)
        for one in found:
            one.acks = False
        return len(found)

    def drop(self, count: int, user_id: int | None = None) -> int:
        """Lose the next `count` dispatches of each session for good."""
        found = self.sessions(user_id)
        for one in found:
            one.drops = count
        return len(found)

    def hold(self) -> None:
        """Send nothing to anyone until `release`."""
        self._open.clear()

    def release(self) -> None:
        """Send again, what was held first."""
        self._open.set()

    def refuse(self, count: int) -> None:
        """Turn the next `count` connections away at the door."""
        self._refusals = count


def _pack(data: object) -> str:
    return json.dumps(data, separators=(",", ":"))
