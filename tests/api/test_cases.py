"""Every case of bad input for the API is answered by a test that names it."""

import json
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CASES = [
    json.loads(line)
    for line in (HERE.parent / "cases/bad_inputs_api.jsonl").read_text().splitlines()
]
# Cases about doors the API does not have.
ELSEWHERE = {
    "BI105": "there are no webhook addresses to set by API",
    "BI117": "write keys are the Segment-compatible endpoint's",
    "BI130": "the loop guard is the engine's; here its verdict is only passed on",
}


def named() -> set[str]:
    """The cases the tests of this folder speak of."""
    return {
        case
        for path in HERE.glob("test_*.py")
        if path.name != "test_cases.py"
        for case in re.findall(r"BI\d{3}", path.read_text())
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_has_its_test(case):
    assert case["id"] in named() | ELSEWHERE.keys()


@pytest.mark.parametrize(
    ("case", "code", "fields"),
    [
        ("BI073", "invalid_json", []),
        ("BI081", "nul_character", ["name"]),
        ("BI085", "unknown_field", ["is_staff", "schema_name", "tenant"]),
    ],
)
def test_literal_cases_are_refused_by_every_door_that_takes_a_contact(api, case, code, fields):
    [text] = [each["input"] for each in CASES if each["id"] == case and each["literal"]]

    response = api.post("/contacts", text.encode())

    assert response.status_code == 400
    assert response.json()["code"] == code
    assert [error["field"] for error in response.json()["errors"]] == fields
