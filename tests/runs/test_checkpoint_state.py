"""state.json of a checkpoint: its spec is the spec of the data."""

import json
from dataclasses import asdict, fields

import pytest
from pydantic import TypeAdapter, ValidationError

from ganvas.base.types import Spec, TensorSpec
from ganvas.runs.checkpoint_state import StoredSpec

READER = TypeAdapter(StoredSpec)
SPEC = Spec("images", (3, 8, 8), True, ("a", "b"), {"edges": TensorSpec((1, 8, 8), "int64")}, "uint16 0:4095")


def test_a_stored_spec_has_the_fields_of_a_spec() -> None:
    assert [field.name for field in fields(StoredSpec)] == [field.name for field in fields(Spec)]


def test_a_spec_is_equal_after_a_file() -> None:
    stored = READER.validate_json(json.dumps(asdict(SPEC)), strict=True)
    assert vars(stored) == vars(SPEC)
    assert Spec.from_json(vars(stored)) == SPEC
    assert isinstance(Spec.from_json(vars(stored)).given["edges"], TensorSpec)


@pytest.mark.parametrize("change", [{"shape": []}, {"shape": [0]}, {"given": {"edges": [[1 << 31], "int64"]}}])
def test_shapes_that_no_data_have_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        READER.validate_json(json.dumps({**asdict(SPEC), **change}), strict=True)
