"""Pairs of texts as numbers: two vocabularies, and rows of question and answer."""

import numpy as np
import pytest
import torch

from ganvas.base.errors import DataError, UsageError
from ganvas.data.number_pairs import NumberPairs
from ganvas.data.source import Items
from ganvas.data.text_lines import as_array
from ganvas.domains.text_pairs import TextPairs
from ganvas.ops.sequences import END, PAD
from ganvas.recipes import override, prepare, recipe


def test_two_vocabularies() -> None:
    items = NumberPairs(samples=300).items("train")
    domain = TextPairs().fit(items)
    assert (domain.tokens, domain.questions.tokens) == ("words", "characters")
    assert set(domain.questions.known) == set("0123456789")
    settings = domain.spec(items).settings
    assert settings["question_tokens"] == 14
    assert settings["question_length"] == domain.questions.length == 7
    assert domain.fit(items) == domain
    x = torch.from_numpy(domain.encode(items).astype(np.int64))
    assert domain.texts(x) == list(items.x)
    asked = domain.domain_of_given().encode(Items(x=items.given["question"])).astype(np.int64)
    pairs = torch.cat([torch.from_numpy(asked), x], dim=1)
    assert domain.texts(pairs) == [f"{q}\t{a}" for q, a in zip(items.given["question"], items.x, strict=True)]
    prompt = domain.prompt("123")
    assert domain.questions.texts(prompt[None]) == ["123"]
    assert prompt.tolist()[3:] == [END, PAD, PAD, PAD]
    for wrong in ("12x", "12345678", ""):
        with pytest.raises(UsageError):
            domain.prompt(wrong)
    with pytest.raises(DataError, match="no questions"):
        TextPairs().fit(Items(x=as_array(["a"])))


def test_a_batch_has_the_question_of_each_answer() -> None:
    experiment = prepare(override(recipe("seq2seq.chinese"), {"source.samples": 300, "scores": []}))
    batch = experiment.stream("train", training=True).batch(0, 16)
    domain = experiment.domain
    assert isinstance(domain, TextPairs)
    items = experiment.recipe.source.items("train")
    answers = dict(zip(items.given["question"], items.x, strict=True))
    asked, made = domain.questions.texts(batch.given["question"]), domain.texts(batch.x)
    assert made == [answers[question] for question in asked]
    assert experiment.spec.given["question"].dtype == "int64"
