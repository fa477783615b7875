import io
import zipfile
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from cmncp_portal.network import lists, services
from cmncp_portal.network.exports import export
from cmncp_portal.network.models import ImportRun, Municipality, Stakeholder
from cmncp_portal.network.services import Refused

from .factories import make_municipality, make_sector, make_stakeholder, make_topic

pytestmark = pytest.mark.django_db
PLACES, PEOPLE = "municipalities", "people"


def take(what: str, text: str, by: Any, name: str = "list.csv") -> ImportRun:
    return services.take_list(what=what, name=name, data=text.encode(), by=by)


def outcomes(run: ImportRun) -> dict[str, str]:
    return {row["label"]: row["state"] for row in run.rows}


def problems(run: ImportRun, language: str = "en") -> dict[str, list[tuple[str, str]]]:
    return {row["label"]: [(p["column"], p[language]) for p in row["problems"]] for row in run.rows}


# ---- guard and words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["=1+1", "+1 807 555-0100", "-5", "@SUM(A1)", "\t=1", "'=x", "''", "'quoted'", "plain", ""]
)
def test_a_guarded_cell_is_no_formula_and_reads_back(text: str) -> None:
    guarded = lists.guard(text)
    assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert lists.unguard(guarded) == text


# ---- round trip -----------------------------------------------------------------------------------


@pytest.fixture
def network(thunder_bay: Any, gatineau: Any, amina: Any, luc: Any) -> None:
    thunder_bay.offers.add(make_topic("gangs", name_en="Gangs", name_fr="Gangs de rue"), make_topic("youth"))
    Municipality.objects.filter(pk=gatineau.pk).update(
        latitude="45.4765",
        longitude="-75.7013",
        about_fr="=Ville « d’accueil »,\r\ndeux lignes; et\tplus",
        website="https://gatineau.example/",
    )
    make_stakeholder(
        gatineau, name="@René", phone="+1 819 555-0100", email="", language="", left_on=timezone.localdate()
    )
    make_stakeholder(gatineau, name="René", phone="+1 819 555-0100", email="")


@pytest.mark.parametrize("what", [PLACES, PEOPLE])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("written", ["en", "fr"])
def test_what_is_taken_away_and_handed_in_changes_nothing(
    what: str, kind: str, written: str, network: None, priya: Any
) -> None:
    with translation.override(written):
        data = export(what, kind)
    with translation.override("en" if written == "fr" else "fr"):
        run = services.take_list(what=what, name=f"list.{kind}", data=data, by=priya)
    assert {row["state"] for row in run.rows} == {"unchanged"}, [row for row in run.rows if row["state"] != "unchanged"]
    assert len(run.rows) == (2 if what == PLACES else 4)


def test_a_workbook_holds_no_formula(network: None) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(export(PLACES, "xlsx"))).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert "'=Ville" in "".join(str(cell.value) for cell in cells)
    assert "f" not in {cell.data_type for cell in cells}


def test_headers_are_in_the_reader_s_language(network: None) -> None:
    with translation.override("fr"):
        first = export(PEOPLE, "csv").decode("utf-8-sig").splitlines()[0]
    assert (
        first
        == "numéro,municipalité,nom,titre,organisme,courriel,téléphone,secteur,rôle dans le réseau,langue des lettres,départ le"
    )


# ---- municipalities -------------------------------------------------------------------------------

HEAD = "name in English,nom en français,province or territory,fuseau horaire,population,census year,kind\n"


def test_new_changed_unchanged_and_refused(thunder_bay: Any, winnipeg: Any, priya: Any) -> None:
    run = take(
        PLACES,
        HEAD
        + 'Thunder Bay,Thunder Bay,Ontario,America/Toronto,"110,000",2021,City\n'
        + "Winnipeg,Winnipeg,mb,America/Winnipeg,749 607,2021,ville\n"
        + "Kenora,,ON,America/Winnipeg,,,\n"
        + "Nowhere,Nulle part,XX,America/Toronto,,,\n"
        + "Regina,Regina,Saskatchewan,America/Toronto,,,\n"
        + "Sudbury,Sudbury,ON,America/Toronto,many,,\n"
        + "Barrie,Barrie,ON,America/Toronto,147829,,\n"
        + "Kenora,Kenora,Ontario,America/Winnipeg,,,\n",
        priya,
    )
    assert [row["state"] for row in run.rows] == ["changed", "unchanged", "new", *["refused"] * 5]
    assert run.rows[0]["changes"] == [["population", 108_843, 110_000]]
    assert Municipality.objects.count() == 2
    english, french = problems(run), problems(run, "fr")
    assert english["Nowhere"] == [("province", "“XX” is not one of the choices of this column.")]
    assert french["Nowhere"] == [("province", "«\u00a0XX\u00a0» ne figure pas parmi les choix de cette colonne.")]
    assert english["Regina"] == [("time_zone", "“America/Toronto” is not a time zone of Saskatchewan.")]
    assert french["Regina"] == [
        (
            "time_zone",
            "«\u00a0America/Toronto\u00a0» n’est pas un fuseau horaire de la province ou du territoire (Saskatchewan).",
        )
    ]
    assert english["Sudbury"] == [("population", "Enter a whole number.")]
    assert french["Sudbury"] == [("population", "Saisissez un nombre entier.")]
    assert english["Barrie"] == [("population_year", "A population needs its census year.")]
    assert english["Kenora"] == [("", "Line 4 is about the same one.")]


def test_applying_does_what_was_shown_and_no_more(thunder_bay: Any, priya: Any) -> None:
    gangs = make_topic("gangs", name_fr="Gangs de rue")
    text = (
        "adresse,nom en anglais,province ou territoire,fuseau horaire,thèmes offerts,adhésion,membre depuis\n"
        ",Kenora,Ontario,America/Winnipeg,gangs de rue,Membre ordinaire,2026-01-01\n"
        "thunder-bay,Thunder Bay,Ontario,America/Toronto,Gangs,,\n"
        ",Bad,Ontario,nowhere,,,\n"
    )
    run = take(PLACES, text.replace("Gangs,,", "Gangs,General member,2015-01-01"), priya)
    assert [row["state"] for row in run.rows] == ["new", "changed", "refused"]
    assert services.apply_run(run, by=priya) is True
    kenora = Municipality.objects.get(slug="kenora")
    assert (kenora.name_fr, kenora.kind, list(kenora.offers.all())) == ("Kenora", "city", [gangs])
    assert kenora.memberships.get().from_on.isoformat() == "2026-01-01"
    thunder_bay.refresh_from_db()
    assert (list(thunder_bay.offers.all()), thunder_bay.version, thunder_bay.population) == ([gangs], 2, 108_843)
    assert Municipality.objects.count() == 2
    run.refresh_from_db()
    assert all(row["values"] == {} for row in run.rows)
    assert run.rows[2]["problems"] != []
    with pytest.raises(Refused):
        services.apply_run(run, by=priya)


def test_a_membership_that_runs_is_not_changed_by_a_file(thunder_bay: Any, priya: Any) -> None:
    run = take(PLACES, "address,membership,member since\nthunder-bay,associate,2015-01-01\n", priya)
    assert problems(run)["thunder-bay"] == [("membership", "A membership is changed on the municipality’s own page.")]


def test_when_the_network_changed_meanwhile_nothing_is_applied(thunder_bay: Any, winnipeg: Any, priya: Any) -> None:
    text = "address,census year\nthunder-bay,2016\nwinnipeg,2016\n"
    run = take(PLACES, text, priya)
    Municipality.objects.filter(slug="winnipeg").update(population_year=2016)
    assert services.apply_run(run, by=priya) is False
    thunder_bay.refresh_from_db()
    assert thunder_bay.population_year == 2021
    run.refresh_from_db()
    assert [row["state"] for row in run.rows] == ["changed", "unchanged"]
    assert services.apply_run(run, by=priya) is True
    thunder_bay.refresh_from_db()
    assert thunder_bay.population_year == 2016


def test_a_preview_lasts_a_day(thunder_bay: Any, priya: Any) -> None:
    run = take(PLACES, "address,census year\nthunder-bay,2016\n", priya)
    ImportRun.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused):
        services.apply_run(run, by=priya)
    assert services.forget_old_runs() == 1


# ---- people ---------------------------------------------------------------------------------------


def test_people_new_changed_and_refused(thunder_bay: Any, gatineau: Any, amina: Any, luc: Any, priya: Any) -> None:
    make_sector("police", name_en="Police", name_fr="Police")
    make_stakeholder(thunder_bay, name="Dana", email="dana@example.ca")
    amina_pk = amina.stakeholders.get().pk
    run = take(
        PEOPLE,
        "numéro,municipality,name,courriel,sector,rôle dans le réseau,language of letters\n"
        f"{amina_pk},Thunder Bay,Amina D.,amina@thunderbay.example,municipal,Representative,english\n"
        ",gatineau,Chef Roy,chef@gatineau.example,police,personnel municipal,Français\n"
        ",thunder bay,Second,second@example.ca,police,representative,\n"
        ",Thunder Bay,Dana B.,DANA@example.ca,police,Friend,\n"
        ",Atlantis,Nemo,nemo@example.ca,police,staff,\n"
        "999999,Gatineau,Ghost,ghost@example.ca,police,staff,\n"
        f"{amina_pk},Gatineau,Amina,amina@thunderbay.example,municipal,Representative,en\n"
        ",Gatineau,Bad,not-an-address,police,staff,\n",
        priya,
    )
    states = [row["state"] for row in run.rows]
    assert states == ["changed", "new", "refused", "refused", "refused", "refused", "refused", "refused"]
    english = problems(run)
    assert english["Second"] == [("standing", "Amina Diallo represents this municipality.")]
    assert english["Dana B."] == [("standing", "“Friend” is not one of the choices of this column.")]
    assert english["Nemo"] == [("municipality", "“Atlantis” is not one of the choices of this column.")]
    assert english["Ghost"] == [
        ("number", "Nobody is listed under this number: leave the cell empty for somebody new.")
    ]
    assert [column for column, _text in english["Amina"]] == ["municipality", "standing", ""]
    assert problems(run, "fr")["Bad"] == [("email", "Saisissez une adresse de courriel valide.")]
    assert services.apply_run(run, by=priya) is True
    chief = Stakeholder.objects.get(name="Chef Roy")
    assert (chief.municipality, chief.sector.slug, chief.standing, chief.language) == (
        gatineau,
        "police",
        "staff",
        "fr",
    )
    assert Stakeholder.objects.get(pk=amina_pk).name == "Amina D."
    assert Stakeholder.objects.count() == 4


def test_an_account_s_address_and_a_second_representative_are_refused(winnipeg: Any, amina: Any, priya: Any) -> None:
    text = (
        "number,municipality,name,email address,sector,role in the network\n"
        f"{amina.stakeholders.get().pk},Thunder Bay,Amina,new@example.ca,municipal,staff\n"
        ",Winnipeg,One,one@example.ca,municipal,representative\n"
        ",Winnipeg,Two,two@example.ca,municipal,representative\n"
    )
    run = take(PEOPLE, text, priya)
    assert {label: [column for column, _t in found] for label, found in problems(run).items()} == {
        "Amina": ["email", "standing"],
        "One": [],
        "Two": ["standing"],
    }


# ---- files ----------------------------------------------------------------------------------------


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", b"0" * (lists.MAX_UNPACKED_BYTES + 1))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("list.ods", b"", "Only CSV and XLSX files can be read."),
        ("list.csv", b"", "The file has no rows under its headers."),
        ("list.csv", b"address\n", "The file has no rows under its headers."),
        ("list.csv", b"address,colour\nx,red\n", "These headers are not known: colour."),
        ("list.csv", b"address,adresse\nx,x\n", "These headers stand there twice: slug."),
        ("list.csv", b"address\n" + b"x\n" * 5001, "The file has more than 5000 rows: hand it in in parts."),
        ("list.csv", b"a" * (lists.MAX_BYTES + 1), "The file is larger than 5 MB."),
        ("list.xlsx", b"not a workbook", "This file cannot be read as a workbook."),
        ("list.xlsx", bomb(), "This workbook is too large."),
    ],
)
def test_files_that_cannot_be_read(name: str, data: bytes, reason: str, priya: Any) -> None:
    with pytest.raises(lists.Unreadable) as raised:
        services.take_list(what=PLACES, name=name, data=data, by=priya)
    assert str(raised.value) == reason
    assert not ImportRun.objects.exists()


def test_semicolons_and_the_accents_of_old_excel(thunder_bay: Any, priya: Any) -> None:
    data = "adresse;nom en français\nthunder-bay;Baie-du-Tonnerre été\n".encode("cp1252")
    run = services.take_list(what=PLACES, name="LISTE.CSV", data=data, by=priya)
    assert run.rows[0]["changes"] == [["name_fr", "Thunder Bay", "Baie-du-Tonnerre été"]]


def test_people_need_their_municipality_and_name(priya: Any) -> None:
    with translation.override("fr"), pytest.raises(lists.Unreadable) as raised:
        take(PEOPLE, "name\nSam\n", priya)
    assert "municipalité" in str(raised.value)


def rows_of(number: int) -> str:
    return "name in English,province or territory,time zone,topics offered\n" + "".join(
        f"Place {n},ON,America/Toronto,gangs\n" for n in range(number)
    )


def test_five_thousand_rows_cost_as_many_queries_as_five(priya: Any) -> None:
    make_topic("gangs")

    def cost(number: int) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as looking:
            run = take(PLACES, rows_of(number), priya)
        with CaptureQueriesContext(connection) as applying:
            assert services.apply_run(run, by=priya) is True
        assert Municipality.objects.count() == number
        Municipality.objects.all().delete()
        return len(looking), len(applying)

    few = cost(5)
    looking, applying = cost(5_000)
    batches = 2 * 5_000 // 500  # rows and their topics are written 500 at a time
    assert looking == few[0]
    assert applying <= few[1] + batches


# ---- screens --------------------------------------------------------------------------------------


def upload(client: Any, text: str, what: str = PLACES, prefix: str = "/en/municipalities/lists/") -> Any:
    file = SimpleUploadedFile("list.csv", text.encode(), content_type="text/csv")
    return client.post(prefix, {"what": what, "file": file}, follow=True)


def test_only_coordinators_open_the_lists(client: Any, amina: Any, priya: Any, rosa: Any) -> None:
    addresses = [reverse("network:import"), reverse("network:export", args=[PEOPLE, "csv"])]
    for user, expected in ((amina, 403), (rosa, 403), (priya, 200)):
        client.force_login(user)
        assert [client.get(address).status_code for address in addresses] == [expected, expected]
    assert client.get("/en/municipalities/lists/secrets.csv").status_code == 404


def test_a_preview_belongs_to_who_handed_it_in(client: Any, thunder_bay: Any, priya: Any, admin_user: Any) -> None:
    run = take(PLACES, "address,census year\nthunder-bay,2016\n", priya)
    client.force_login(admin_user)
    assert client.get(reverse("network:import_run", args=[run.pk])).status_code == 404
    assert client.post(reverse("network:import_apply", args=[run.pk])).status_code == 404


def test_from_file_to_network_on_the_screen(client: Any, thunder_bay: Any, priya: Any) -> None:
    client.force_login(priya)
    text = (
        "address,name in English,province or territory,time zone,census year\n"
        "thunder-bay,Thunder Bay,ON,America/Toronto,2016\nkenora,Kenora,ON,nowhere,\n"
    )
    page = upload(client, text).content.decode()
    assert "Apply 1 row<" in page
    assert "census year: <del>2021</del> → <ins>2016</ins>" in page
    assert "Time zone: “nowhere” is not a time zone such as America/Winnipeg." in page
    run = ImportRun.objects.get()
    french = client.get(f"/fr/municipalites/listes/{run.pk}/?state=refused").content.decode()
    assert "Fuseau horaire\u00a0: «\u00a0nowhere\u00a0» n’est pas un fuseau horaire" in french
    assert "Thunder Bay" not in french
    apply = f"/en/municipalities/lists/{run.pk}/apply/"
    assert client.get(apply).status_code == 405
    assert "The list is applied." in client.post(apply, follow=True).content.decode()
    thunder_bay.refresh_from_db()
    assert thunder_bay.population_year == 2016
    assert "has been applied already" in client.post(apply, follow=True).content.decode()


def test_a_file_that_cannot_be_read_is_said_beside_the_field(client: Any, priya: Any) -> None:
    client.force_login(priya)
    page = upload(client, "couleur\nrouge\n", prefix="/fr/municipalites/listes/").content.decode()
    assert "couleur" in page
    assert not ImportRun.objects.exists()


def test_what_is_taken_away_is_a_file(client: Any, network: None, priya: Any) -> None:
    client.force_login(priya)
    response = client.get(reverse("network:export", args=[PLACES, "xlsx"]))
    assert response["Content-Disposition"] == f'attachment; filename="municipalities-{timezone.localdate()}.xlsx"'
    assert response.content[:2] == b"PK"
    assert "no-store" in response["Cache-Control"]


def test_a_new_place_may_not_take_an_address_of_the_portal(priya: Any) -> None:
    make_municipality("kenora", province="ON")
    text = "name in English,province or territory,time zone\nLists,ON,America/Toronto\nKenora,MB,America/Winnipeg\n"
    run = take(PLACES, text, priya)
    assert {label: found[0][0] for label, found in problems(run).items()} == {"Lists": "slug", "Kenora": "slug"}
