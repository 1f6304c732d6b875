"""A Discord on this machine, over real sockets: REST v10, gateway, files, faults, a record.

`DiscordServer` runs it; `server.world` is its state, `server.record` what happened,
`server.faults` what shall go wrong.
"""

from __future__ import annotations

from sandbox.discord.rest.limits import Limits
from sandbox.discord.server import DiscordServer
from sandbox.discord.world import World
from sandbox.discord.world.errors import ApiError
from sandbox.discord.world.model import ChannelType, Upload
from sandbox.discord.world.permissions import Permission

__all__ = ["ApiError", "ChannelType", "DiscordServer", "Limits", "Permission", "Upload", "World"]
