"""Routes by path segment: a tree, so that finding one costs the same however many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from sandbox.discord.rest.call import Handler
from sandbox.discord.world import errors


@dataclass(frozen=True, slots=True)
class Route:
    """A handler for a method and a template such as `/channels/{channel_id}`."""

    method: str
    template: str
    handler: Handler


@dataclass(slots=True)
class _Node:
    fixed: dict[str, _Node] = field(default_factory=dict)
    variable: _Node | None = None
    routes: dict[str, Route] = field(default_factory=dict)


class Routes:
    """Collects routes by decorator: `@routes.get("/gateway")`."""

    def __init__(self) -> None:
        self.found: list[Route] = []

    def __call__(self, method: str, template: str) -> _Adder:
        """Register a handler for `method` and `template`."""
        return _Adder(self, method, template)

    def get(self, template: str) -> _Adder:
        """Register a GET handler."""
        return _Adder(self, "GET", template)

    def post(self, template: str) -> _Adder:
        """Register a POST handler."""
        return _Adder(self, "POST", template)

    def put(self, template: str) -> _Adder:
        """Register a PUT handler."""
        return _Adder(self, "PUT", template)

    def patch(self, template: str) -> _Adder:
        """Register a PATCH handler."""
        return _Adder(self, "PATCH", template)

    def delete(self, template: str) -> _Adder:
        """Register a DELETE handler."""
        return _Adder(self, "DELETE", template)


@dataclass(frozen=True, slots=True)
class _Adder:
    routes: Routes
    method: str
    template: str

    def __call__(self, handler: Handler) -> Handler:
        self.routes.found.append(Route(self.method, self.template, handler))
        return handler


class Router:
    """Finds the route of a path. A fixed segment wins over a variable one, as in Discord."""

    def __init__(self, collections: Iterable[Routes]) -> None:
        self._root = _Node()
        for routes in collections:
            for route in routes.found:
                self._add(route)

    def _add(self, route: Route) -> None:
        node = self._root
        for part in route.template.strip("/").split("/"):
            if part.startswith("{"):
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.fixed.setdefault(part, _Node())
        node.routes[route.method] = route

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route and its path parameters, or 404 / 405 as Discord words them.

        `path` is still percent-encoded: an emoji or a token may hold anything.
        """
        parts = path.strip("/").split("/")
        node = _walk(self._root, parts, 0)
        if node is None:
            raise errors.not_found()
        route = node.routes.get(method)
        if route is None:
            raise errors.method_not_allowed()
        names = route.template.strip("/").split("/")
        params = {
            name[1:-1]: unquote(part)
            for name, part in zip(names, parts, strict=True)
            if name.startswith("{")
        }
        return route, params


def _walk(node: _Node, parts: list[str], at: int) -> _Node | None:
    if at == len(parts):
        return node if node.routes else None
    fixed = node.fixed.get(parts[at])
    found = None if fixed is None else _walk(fixed, parts, at + 1)
    if found is None and node.variable is not None:
        found = _walk(node.variable, parts, at + 1)
    return found
