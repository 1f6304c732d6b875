"""Find out what one model at one endpoint can take.

    look: who is there, its list of models, what it says of itself       costs nothing
    ask:  ten words, one call of a tool, one tiny picture                costs some hundred tokens

Namespaces, in which Codex sends MCP tools, are dropped by llama.cpp without a word, refused by LM
Studio (400), flattened by Ollama into names that Codex does not know again, and taken by OpenAI.
Only a call that comes back *with* its namespace proves that they arrive; whatever else happens,
plain functions are the safer route.
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

# Seconds. The first question may have to wait until the model is loaded from a disk.
FIRST_SECONDS = 120.0
QUESTION_SECONDS = 60.0
WORD_LENGTH = 60

_KEY = frozenset({401, 403})
# What may be answered in another way a minute later: nothing follows from it.
_PASSING = _KEY | {402, 408, 409, 425, 429, 502, 503, 504}


async def look(endpoint: Endpoint, model: str, now: Callable[[], float]) -> Findings:
    """What can be known without asking the model. Never raises: what is wrong is a fault."""
    try:
        async with EndpointClient(endpoint) as client:
            answer, found = await metadata.look(client, model)
    except EndpointError as error:
        return Findings(model, now(), faults=(Fault(FaultKind.UNREACHABLE, error.detail),))
    return _told(Findings(model, now(), reached=True), answer, found)


async def ask(endpoint: Endpoint, seen: Findings) -> Findings:
    """Ask the model that `look` has `seen`, and give all that is known then. Never raises."""
    if not seen.reached:
        return seen
    try:
        async with EndpointClient(endpoint) as client:
            return await _Questions(client, seen).put()
    except EndpointError as error:
        return replace(seen, faults=(Fault(FaultKind.UNREACHABLE, error.detail),))


async def offered(endpoint: Endpoint) -> tuple[str, ...]:
    """The models that the endpoint lists; none when it does not answer. Never raises."""
    try:
        async with EndpointClient(endpoint) as client:
            return (await metadata.listing(client, "")).offered
    except EndpointError:
        return ()


def _told(findings: Findings, answer: Answer, found: Metadata) -> Findings:
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
    """The questions to one model, and the answers so far."""

    client: EndpointClient
    findings: Findings

    async def put(self) -> Findings:
        """Each question that still tells something; none after a fault."""
        model = self.findings.model
        await self._first(await put(self.client, counting(model), FIRST_SECONDS))
        if not self.findings.faults:
            await self._window()
            await self._tools()
            await self._pictures()
        return self.findings

    async def _first(self, reply: Reply) -> None:
        key = self.client.endpoint.api_key
        if key:  # some repeat it when they refuse it
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
        if self.findings.metadata.server == "Ollama":  # it is loaded now
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
            taken = _is_taken(await self._put(ringing(model, in_namespace=False)))
            route = {True: ToolRoute.FUNCTIONS, False: ToolRoute.NONE, None: None}[taken]
        self.findings = replace(self.findings, tools=route)

    async def _pictures(self) -> None:
        if self.findings.metadata.pictures is None:
            taken = _is_taken(await self._put(looking(self.findings.model)))
            self.findings = replace(self.findings, pictures=taken)

    async def _put(self, body: dict[str, object]) -> Reply | None:
        """The answer to a further question; None when there is none."""
        try:
            return await put(self.client, body, QUESTION_SECONDS)
        except EndpointError:
            return None


def _is_key_accepted(reply: Reply, *, with_key: bool) -> bool | None:
    """None where no key was sent, and none was asked for."""
    if reply.status in _KEY:
        return False
    return True if with_key else None


def _is_taken(reply: Reply | None) -> bool | None:
    """Whether a question was taken as it was put; None when nobody can tell."""
    if reply is None or reply.status in _PASSING:
        return None
    return reply.ok


def _fault(reply: Reply, seen: Findings, *, with_key: bool) -> Fault | None:
    """What the answer to the first question says is wrong."""
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
    """Whether the endpoint does not know the model: by its code, by the name, or by its list."""
    if reply.status not in (400, 404, 422):
        return False
    if reply.code == "model_not_found" or seen.model in reply.error:
        return True
    return reply.status != 404 and seen.metadata.listed is False
