"""Every component stands on the specimen pages, for members of a workspace of a local machine."""

import pytest


@pytest.mark.parametrize("page", ["", "journey/", "hosted/", "public/", "landing/"])
def test_the_specimen_pages_are_drawn(acme_client, page):
    answer = acme_client.get(f"/ui/specimen/{page}")
    assert answer.status_code == 200
    assert answer.content.decode().count("<h1") == 1
