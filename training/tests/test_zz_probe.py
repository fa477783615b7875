import pytest
from django.urls import reverse
from .factories import *
pytestmark = pytest.mark.django_db

BIG = 10**30
@pytest.mark.parametrize("path", [
 "/en/training/dates/%00/", "/en/training/certificates/%00/", f"/en/training/standards/x/{BIG}/", f"/en/training/standards/x/1/competency/{BIG}/",
 "/en/training/place/a%00b/", "/en/training/dates/?language=%00", "/en/training/certificates/?code=%00", "/en/training/modules/?q=%00", "/en/training/consultation/%00/",
 f"/en/training/modules/x/material/{BIG}/", "/en/training/modules/?competency=999999999999999999999", "/en/training/badges/achievements/%00.json",
])
def test_public(client, path, clock):
    clock("2027-02-01T15:00Z") if False else None
    make_version()
    print(path, client.get(path).status_code)
    assert client.get(path).status_code < 500

@pytest.mark.parametrize("path", [
 f"/en/training/people/{BIG}/", f"/en/training/me/evidence/{BIG}/", f"/en/training/evidence/{BIG}/", "/en/training/me/certificates/%00.pdf", "/en/training/revoke/%00/", f"/en/training/coverage/?domain={BIG}&level={BIG}&page={BIG}",
 "/en/training/coverage/?page=-1", "/en/training/modules/desk/?q=%00", f"/en/training/evidence/?page={BIG}", f"/en/training/me/evidence/?competency={BIG}&level=x",
])
def test_priya(client, path, priya):
    make_version()
    client.force_login(priya)
    assert client.get(path).status_code < 500, path
