"""The interface of the generation server as an OpenAPI document, made from what the code checks."""

from collections.abc import Sequence
from typing import Any

from ..base.version import VERSION
from .bodies import MOST_SEED, SampleBody

FAULTS = {
    "400": "The body is not JSON.",
    "401": "The token is missing or wrong.",
    "404": "There is no model of this name.",
    "413": "The body is too large.",
    "415": "The Content-Type is another.",
    "422": "A field is wrong; the sentence names it.",
    "429": "Too many requests wait. Retry-After says when to try again.",
    "504": "It took longer than the server's limit.",
}
ERROR = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {"status": {"type": "integer"}, "what": {"type": "string"}},
            "required": ["status", "what"],
        }
    },
    "required": ["error"],
}
PICTURES = ("image/png", "image/webp")
HEADERS = {
    "X-Ganvas-Mark": {"description": "The mark of generated data, JSON.", "schema": {"type": "string"}},
    "X-Ganvas-Model": {"description": "SHA-256 of the weights.", "schema": {"type": "string"}},
}


def document(names: Sequence[str], *, token: bool) -> dict[str, Any]:
    """The document, OpenAPI 3.1.

    Args:
        names: of the models.
        token: whether requests need one.
    """
    schema = SampleBody.model_json_schema(ref_template="#/components/schemas/{model}")
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "enum": list(names)}}
    samples = {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SampleBody"}}},
    }
    upload = {"required": True, "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}
    binary = ("application/octet-stream", "text/csv", "application/json")
    paths = {
        "/v1/models": {"get": operation("listModels", "All models, with what is known of them.", ["application/json"])},
        "/v1/models/{name}": {
            "parameters": [name],
            "get": operation("getModel", "What is known of a model.", ["application/json"]),
        },
        "/v1/models/{name}/samples": {
            "parameters": [name],
            "post": operation("makeSamples", "New samples.", [*PICTURES, *binary], body=samples),
        },
        "/v1/models/{name}/translations": {
            "parameters": [name, *queries()],
            "post": operation("translate", "The translation of a picture.", [*PICTURES, "image/tiff"], body=upload),
        },
        "/health": {"get": operation("health", "Whether the server computes.", ["application/json"], open_to_all=True)},
        "/ready": {"get": operation("ready", "Whether it takes requests.", ["application/json"], open_to_all=True)},
        "/metrics": {"get": operation("metrics", "Counters for Prometheus.", ["text/plain"])},
    }
    security = {"bearer": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "ganvas", "version": VERSION, "description": "Samples and translations of trained models."},
        "paths": paths,
        "components": {"schemas": {"SampleBody": schema, "Error": ERROR}, "securitySchemes": security},
        **({"security": [{"bearer": []}]} if token else {}),
    }


def queries() -> list[dict[str, Any]]:
    """The query of a translation."""
    return [
        {"name": "format", "in": "query", "schema": {"type": "string", "enum": ["png", "webp", "tif"]}},
        {"name": "reverse", "in": "query", "schema": {"type": "boolean", "default": False}},
        {
            "name": "seed",
            "in": "query",
            "schema": {"type": "integer", "minimum": 0, "maximum": MOST_SEED, "default": 0},
        },
    ]


def operation(
    name: str, summary: str, media: Sequence[str], *, body: dict[str, Any] | None = None, open_to_all: bool = False
) -> dict[str, Any]:
    """One operation.

    Args:
        name: its operationId.
        summary: a sentence.
        media: types of the answer.
        body: of the request, or None.
        open_to_all: whether it needs no token.
    """
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    kinds = FAULTS if body else {key: FAULTS[key] for key in ("401", "404")}
    answers: dict[str, Any] = {"200": {"description": summary, "content": {each: {} for each in media}}}
    if body:
        answers["200"]["headers"] = HEADERS
    answers |= {code: {"description": text, "content": error} for code, text in kinds.items()}
    found = {"operationId": name, "summary": summary, "responses": answers}
    return found | ({"requestBody": body} if body else {}) | ({"security": []} if open_to_all else {})
