"""Probes what a model at an endpoint supports.

    look: reachability, list of models, metadata                         costs nothing
    ask:  ten words, a tool call, a tiny picture                         costs some hundred tokens

Codex sends MCP tools in namespaces. llama.cpp drops them silently, LM Studio refuses them (400),
Ollama flattens them into names that Codex does not recognise, OpenAI supports them. Only a call
that comes back *with* its namespace proves support; otherwise plain functions are the safer route.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.domain.model_profile import ToolRoute
from bot.endpoint import metadata
from bot.endpoint.asking import NAMESPACE, TOOL, Reply, counting, looking, put, ringing
from bot.endpoint.client import Answer, Endpoint, EndpointClient
from bot.endpoint.findings import Fault, FaultKind, Findings, Metadata, line
from bot.errors import EndpointError

# Seconds. The first request may have to wait until the model is loaded from disk.
FIRST_SECONDS = 120.0
QUESTION_SECONDS = 60.0
WORD_LENGTH = 60

_KEY = frozenset({401, 403})
# Transient statuses, from which nothing is concluded.
_TRANSIENT = _KEY | {402, 408, 409, 425, 429, 502, 503, 504}


async def look(endpoint: Endpoint, model: str, now: Callable[[], float]) -> Findings:
    """Collect the facts that need no run of the model. Never raises: failures become faults."""
    try:
        async with EndpointClient(endpoint) as client:
            answer, found = await metadata.look(client, model)
    except EndpointError as error:
        return Findings(model, now(), faults=(Fault(FaultKind.UNREACHABLE, error.detail),))
    return _with_metadata(Findings(model, now(), reached=True), answer, found)


async def ask(endpoint: Endpoint, seen: Findings) -> Findings:
    """Send test requests to the model, and return `seen` with their results. Never raises."""
    if not seen.reached:
        return seen
    try:
        async with EndpointClient(endpoint) as client:
            return await _Questions(client, seen).put()
    except EndpointError as error:
        return replace(seen, faults=(Fault(FaultKind.UNREACHABLE, error.detail),))


async def offered(endpoint: Endpoint) -> tuple[str, ...]:
    """Return the models that the endpoint lists, empty when it does not answer. Never raises."""
    try:
        async with EndpointClient(endpoint) as client:
            return (await metadata.listing(client, "")).offered
    except EndpointError:
        return ()


def _with_metadata(findings: Findings, answer: Answer, found: Metadata) -> Findings:
    return replace(
        findings,
        key_accepted=False if answer.status in _KEY else None,
        metadata=found,
        window=found.window,
        tools=found.tools,
        pictures=found.pictures,
    )


@dataclass(slots=True)
class _Questions:
    """The test requests to one model, and the findings so far."""

    client: EndpointClient
    findings: Findings

    async def put(self) -> Findings:
        """Send every request whose result is not known yet, but none after a fault."""
        model = self.findings.model
        await self._first(await put(self.client, counting(model), FIRST_SECONDS))
        if not self.findings.faults:
            await self._window()
            await self._tools()
            await self._pictures()
        return self.findings

    async def _first(self, reply: Reply) -> None:
        key = self.client.endpoint.api_key
        if key:  # some endpoints repeat a refused key
            reply.error = reply.error.replace(key, "‹secret›")
            reply.text = reply.text.replace(key, "‹secret›")
        fault = _fault(reply, self.findings, with_key=key is not None)
        self.findings = replace(
            self.findings,
            key_accepted=_is_key_accepted(reply, with_key=key is not None),
            word=line(reply.text, WORD_LENGTH),
            streaming=reply.streamed if reply.ok else None,
            first_words=reply.first_words,
            speed=reply.speed,
            faults=(fault,) if fault is not None else (),
        )

    async def _window(self) -> None:
        if self.findings.metadata.server == "Ollama":  # the first request has loaded the model
            window = await metadata.loaded_window(self.client, self.findings.model)
            self.findings = replace(self.findings, window=window or self.findings.window)

    async def _tools(self) -> None:
        known, model = self.findings.metadata.tools, self.findings.model
        route: ToolRoute | None = ToolRoute.NONE
        if known is None:
            reply = await self._put(ringing(model, in_namespace=True))
            if reply is not None and reply.ok and (NAMESPACE, TOOL) in reply.calls:
                self.findings = replace(self.findings, tools=ToolRoute.MCP)
                return
        if known is not ToolRoute.NONE:
            accepted = _is_accepted(await self._put(ringing(model, in_namespace=False)))
            route = {True: ToolRoute.FUNCTIONS, False: ToolRoute.NONE, None: None}[accepted]
        self.findings = replace(self.findings, tools=route)

    async def _pictures(self) -> None:
        if self.findings.metadata.pictures is None:
            accepted = _is_accepted(await self._put(looking(self.findings.model)))
            self.findings = replace(self.findings, pictures=accepted)

    async def _put(self, body: dict[str, object]) -> Reply | None:
        """Send a further request and return its reply; None when no reply comes."""
        try:
            return await put(self.client, body, QUESTION_SECONDS)
        except EndpointError:
            return None


def _is_key_accepted(reply: Reply, *, with_key: bool) -> bool | None:
    """Return whether the key was accepted; None when no key was sent and none was required."""
    if reply.status in _KEY:
        return False
    return True if with_key else None


def _is_accepted(reply: Reply | None) -> bool | None:
    """Return whether the request was accepted; None after a transient failure."""
    if reply is None or reply.status in _TRANSIENT:
        return None
    return reply.ok


def _fault(reply: Reply, seen: Findings, *, with_key: bool) -> Fault | None:
    """Derive the fault from the reply to the first request; None when it is good."""
    kind: FaultKind | None = None
    if reply.status in _KEY:
        kind = FaultKind.KEY_REFUSED if with_key else FaultKind.KEY_MISSING
    elif 300 <= reply.status < 400:
        kind = FaultKind.MOVED
    elif reply.status in (402, 429):
        kind = FaultKind.LIMITED
    elif reply.status == 503:
        kind = FaultKind.LOADING
    elif _is_about_model(reply, seen):
        kind = FaultKind.MODEL_UNKNOWN
    elif reply.status in (404, 405, 501) or (reply.status < 300 and not reply.ended):
        kind = FaultKind.NO_RESPONSES_API
    elif not reply.ok:
        kind = FaultKind.REFUSED
    elif not reply.streamed:
        kind = FaultKind.NOT_STREAMING
    elif reply.first_words is None and not reply.text:
        kind = FaultKind.EMPTY
    return Fault(kind, reply.error) if kind is not None else None


def _is_about_model(reply: Reply, seen: Findings) -> bool:
    """Return whether the error means an unknown model: by its code, its text or the model list."""
    if reply.status not in (400, 404, 422):
        return False
    if reply.code == "model_not_found" or seen.model in reply.error:
        return True
    return reply.status != 404 and seen.metadata.listed is False
