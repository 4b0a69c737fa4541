import ast
import re
from pathlib import Path

from ganvas import diagnosis
from ganvas.diagnosis.remedies import ADVICE, Diagnosis, Remedy, diagnosis_of
from ganvas.diagnosis.rules import Finding


def test_a_diagnosis_has_the_evidence_its_beginning_its_cause_and_its_remedy() -> None:
    asked: list[Remedy] = []

    def advise(remedy: Remedy) -> str:
        asked.append(remedy)
        return "a change"

    found = diagnosis_of(Finding("memorisation", 12_000, "90 % lie nearer"), advise)
    assert found == Diagnosis(
        "memorisation", "wrong", "90 % lie nearer, since 12,000 samples.", ADVICE["memorisation"][1], "a change", 12_000
    )
    assert asked == [Remedy("strengthen the penalty")]


def test_a_finding_that_no_change_of_a_recipe_helps_has_no_remedy() -> None:
    assert diagnosis_of(Finding("repeated data", 0, "x"), lambda remedy: "a change").remedy == ""


def test_the_doctor_names_no_field_of_a_recipe() -> None:
    """Which field a remedy changes is known to recipes/remedy_overrides alone."""
    field = re.compile(r"optimiser\.lr|n_critic|widths|Minimax|NonSaturating|game\.|=$")
    for file in sorted(Path(diagnosis.__file__).parent.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        texts = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        docstrings = {
            node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        assert [text for text in texts - docstrings if field.search(text)] == [], file.name
