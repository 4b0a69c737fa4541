"""What clients send: the body of a request within limits, and its fields."""

import asyncio
from typing import Annotated, Literal, NamedTuple

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, Field, ValidationError
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request

LONGEST_JSON = 1 << 16  # bytes
BODY_SECONDS = 10.0  # for a body of JSON; uploads have the time of the whole request
MOST_SEED = 2**63 - 1
Name = Annotated[str, MaxLen(200)]
Seed = Annotated[int, Ge(0), Le(MOST_SEED)]
Flag = {"": False, "0": False, "false": False, "1": True, "true": True}


class RefusedRequest(Exception):
    """A request that is not met: the status and a sentence."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status, self.what = status, what


class SampleBody(BaseModel, extra="forbid", strict=True, allow_inf_nan=False):
    """The JSON of a request for samples."""

    n: Annotated[int, Ge(1)] = Field(1, description="How many samples.")
    seed: Seed = Field(0, description="The same seed gives the same bytes, those of `ganvas sample --seed`.")
    classes: Annotated[list[Name | int], MinLen(1), MaxLen(1024)] | Name | int | None = Field(
        None, description="Names or numbers of classes, repeated to the end; null for all in turn."
    )
    truncation: Annotated[float, Ge(0), Le(2)] = Field(
        1.0, description="1 for the model as it is; towards 0 samples vary less."
    )
    temperature: Annotated[float, Ge(0.01), Le(10)] | None = Field(None, description="Of text.")
    prompt: Annotated[str, MaxLen(1000)] = Field("", description="Of text: the beginning of every sample.")
    format: Literal["png", "webp", "npz", "json", "csv"] = Field(
        "png", description="png and webp: one sheet; npz: arrays x and y; json; csv: rows."
    )


class TranslationQuery(NamedTuple):
    """The query of a request for a translation."""

    format: str
    reverse: bool
    seed: int


def parsed_samples(data: bytes, most: int) -> SampleBody:
    """The fields of a request for samples.

    Args:
        data: JSON.
        most: samples in one request.

    Raises:
        RefusedRequest: it is no JSON, or a field is wrong, which is named.
    """
    try:
        body = SampleBody.model_validate_json(data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        if faults[0]["type"] == "json_invalid":
            raise RefusedRequest(400, "the body is not JSON") from error
        first = faults[0]
        place = str(first["loc"][0])[:40] if first["loc"] else "the body"
        raise RefusedRequest(422, f"{place}: {first['msg']}") from error
    if body.n > most:
        raise RefusedRequest(422, f"n: at most {most} samples in one request")
    return body


def parsed_query(query: QueryParams) -> TranslationQuery:
    """The fields of a request for a translation. Raises RefusedRequest."""
    if unknown := sorted(set(query) - set(TranslationQuery._fields)):
        raise RefusedRequest(422, f"there is no parameter '{unknown[0][:40]}'; there are format, reverse and seed")
    seed, reverse = query.get("seed", "0"), query.get("reverse", "")
    if not (seed.isascii() and seed.isdigit() and len(seed) <= 19 and int(seed) <= MOST_SEED):
        raise RefusedRequest(422, "seed: a whole number from 0 to 2^63 - 1")
    if reverse not in Flag:
        raise RefusedRequest(422, "reverse: true or false")
    return TranslationQuery(query.get("format", "")[:10], Flag[reverse], int(seed))


def check_type(request: Request, wanted: str) -> None:
    """Raises RefusedRequest for a body of another kind than "application/json" or "image/"."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind.startswith(wanted):
        raise RefusedRequest(
            415, f"the Content-Type is {wanted}" + ("png, image/jpeg, ..." if wanted == "image/" else "")
        )


async def read_body(request: Request, most: int, seconds: float) -> bytes:
    """The body of a request.

    Args:
        request: of the client.
        most: bytes.
        seconds: in which it has arrived.

    Raises:
        RefusedRequest: it is larger, or arrives too slowly, or the client has left.
    """
    stated = request.headers.get("content-length", "0")
    if stated.isascii() and stated.isdigit() and (len(stated) > 15 or int(stated) > most):
        raise RefusedRequest(413, f"the body has more than {most:,} bytes")
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                body += part
                if len(body) > most:
                    raise RefusedRequest(413, f"the body has more than {most:,} bytes")
    except TimeoutError as error:
        raise RefusedRequest(408, "the body arrives too slowly") from error
    except ClientDisconnect as error:
        raise RefusedRequest(400, "the client has left") from error
    return bytes(body)
