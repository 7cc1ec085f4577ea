"""The report: what it may not get wrong, whatever is put into it."""

import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from helpers import claims, experiments, records, reporting, results, settings, training
from helpers.reporting import building, documents, publishing, shelf, template
from helpers.reporting.content import Content
from helpers.reporting.disguise import off, on

HOSTILE = "<b>|#$x$ ../*a*_b_`c`{{d}}[e](f)\\"
FIGURE = '![Curves.](figures/curves.svg){alt="Two curves."}\n'


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch):
    """The lab as on a fresh clone: nothing was run, the published record is there."""
    monkeypatch.setattr(
        shelf,
        "runs",
        lambda name, profile: shelf.published(experiments.select(name, profile)[name]),
    )


def rendered(tmp_path: Path, text: str, **placeholders: object) -> str:
    source = tmp_path / "report.md"
    source.write_text(text)
    return template.render(source, placeholders, ["curves"])


def of(text: str, *tables: tuple[pd.DataFrame, str]) -> documents.Document:
    return documents.read(text, list(tables))


def page(document: documents.Document) -> str:
    return documents.html(document, building.HERE / "template.html", building.HERE / "style.css")


def words(html: str) -> str:
    body = html[html.index("<body>") :]
    return unescape(re.sub(r"<[^>]*>", "", body))


@pytest.mark.parametrize(
    ("text", "line", "right"),
    [
        ("\n\n{{ measurd('1a') }}", 3, "did you mean measured?"),
        ('a\n![x](figures/curve.svg){alt="y"}', 2, "did you mean curves?"),
        ("a\n\n![x](figures/curves.svg)", 3, "alt="),
        ("![x](curves.png)", 1, "figures/NAME.svg"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n| 1 | 2 | 3 |", 4, "3 cells, its first line 2"),
        ("x\n\n| a | b |\n| 1 | 2 |", 4, "|---|---|"),
        ("| a | b |\n\nx", 1, "|---|---|"),
        ("\n{{ measured('1z') }}", 2, "the tasks are 1a"),
        ("\n\n\n{{ claim(14) }}", 4, "1 to 13"),
        ("\n{{ exported('nothing', '') }}", 2, "no table nothing"),
        ("\n{{ compared( }}", 2, "placeholder"),
        ("\n{% if profile %}", 2, "if"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_would_be_right(
    tmp_path: Path, text: str, line: int, right: str
):
    with pytest.raises(reporting.ReportError, match=rf"^report.md, line {line}: ") as raised:
        rendered(tmp_path, text, **Content("quick").placeholders())
    assert right in str(raised.value)


def test_what_is_right_is_not_objected_to(tmp_path: Path):
    table = "| a | b |\n|---|:--|\n| {{ x | replace('a', 'b') }} | \\| |"
    text = f"{FIGURE}\n{table}\n\n```\n| a\n```\n"
    assert "\\|" in rendered(tmp_path, text, x="a")


@pytest.mark.parametrize(
    "around", ["{{ x }}", "*{{ x }}*", "`{{ x }}`", "# {{ x }}", "- {{ x }}", "|a|\n|-|\n|{{ x }}|"]
)
def test_values_are_no_markup_in_the_page_nor_in_the_pdf(tmp_path: Path, around: str):
    made = of(rendered(tmp_path, around, x=HOSTILE))
    assert HOSTILE in words(page(made))
    assert documents.pdf(made, building.HERE / "template.typ").startswith(b"%PDF")


def test_tables_and_captions_hold_text_alone():
    frame = pd.DataFrame({HOSTILE: [HOSTILE]}, index=pd.Index(["1"], name="run"))
    html = page(of("::: {.lab-table number=0}\n:::", (frame, HOSTILE)))
    assert words(html).count(HOSTILE) == 3
    assert html.count('scope="col"') == 2 and html.count('scope="row"') == 1
    assert "<b>" not in html


def test_the_title_is_the_one_heading_above_all_sections():
    html = page(of("---\ntitle: T\n---\n# One\n\n## Two\n"))
    found = re.findall(r"<(h\d)[^>]*>([^<]*)", html)
    assert found == [("h1", "T"), ("h2", "Contents"), ("h2", "One"), ("h3", "Two")]


def test_a_disguise_comes_off_again():
    assert off(on(HOSTILE)) == HOSTILE
    assert not set("<|#$*_`[\\") & set(on(HOSTILE))
    assert on("    a\n\tb ") == "a b"


def test_figures_and_tables_are_numbered_in_order(lab: settings.Settings):
    lab.figures.mkdir()
    (lab.figures / "curves.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    frame = pd.DataFrame({"a": ["1"]}, index=pd.Index(["x"], name="run"))
    html = page(of(f"{FIGURE}\n::: {{.lab-table number=0}}\n:::\n\n{FIGURE}", (frame, "Numbers.")))
    captions = ["Figure 1. Curves.", "Table 1. Numbers.", "Figure 2. Curves."]
    places = [words(html).index(caption) for caption in captions]
    assert places == sorted(places)
    assert html.count('alt="Two curves."') == 2
    assert not re.findall(r'(?:src|href)="(?!data:|#)', html)  # opens offline


def test_a_caption_says_that_its_figure_is_the_published_one(lab: settings.Settings):
    text = '![Curves.](figures/task1a_learning_curves.svg){alt="x"}\n'
    assert "Curves. (Published figure.)" in words(page(of(text)))
    lab.figures.mkdir()
    (lab.figures / "task1a_learning_curves.svg").write_text("<svg/>")
    assert "Published" not in words(page(of(text)))


def test_a_table_that_is_the_published_one_says_so(lab: settings.Settings):
    content = Content("quick")
    content.exported("task8_audit", "Maps.")
    results.save_table(pd.DataFrame({"a": ["1"]}, index=pd.Index(["x"], name="run")), "task8_audit")
    content.exported("task8_audit", "Maps.")
    (_, theirs), (own, ours) = content.tables
    assert theirs == "Maps. (Published table.)"
    assert ours == "Maps."
    assert own.loc["x", "a"] == "1"


def test_an_author_writes_formulas_and_comments():
    html = page(of("<!-- mine -->\n\nThat is $x^2$.\n"))
    assert "<msup>" in html
    assert "mine" not in words(html)


def test_names_of_people_and_titles_are_text_in_both_documents():
    made = of('---\ntitle: "A *b* & C_d"\nauthor: ["Ann_B \\"C\\" #1", "O\'D"]\n---\nText.')
    assert "<title>A b &amp; C_d</title>" in page(made)
    assert documents.pdf(made, building.HERE / "template.typ").startswith(b"%PDF")


def test_the_same_report_gives_the_same_bytes_and_its_date_is_the_front_matters():
    one, two = (of("---\ntitle: T\ndate: 2026-01-31\n---\nText.") for _ in range(2))
    pages = [documents.pdf(d, building.HERE / "template.typ") for d in (one, two)]
    assert pages[0] == pages[1] and b"2026-01-31" in pages[0]
    assert page(one) == page(two)
    with pytest.raises(reporting.ReportError, match="write it as 2026-01-31"):
        documents.pdf(of("---\ndate: 31.1.2026\n---\n"), building.HERE / "template.typ")


def test_a_run_that_was_not_made_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shelf, "runs", lambda name, profile: ())
    content = Content("quick")
    for name in ("runs", "measured", "readings"):
        getattr(content, name)("1a")
    content.compared(("task1a_plain", "task1a_dropout"))
    content.reported()
    content.claims()
    for table, caption in content.tables:
        assert "not run" in table.to_string(), caption
    for said in (
        content.difference("task1a_plain", "task1a_dropout"),
        content.gap("task1a_plain", "task1a_dropout"),
        content.jumps("task4_not_augmented", "task4_augmented"),
        content.claim(1),
        content.accuracy("task1a_plain"),
    ):
        assert "not run" in said
    assert content.verdicts() == "Of 13 claims: 13 not run."
    content.images(), content.versions(), content.seconds()


def test_the_report_of_a_fresh_clone_is_that_of_the_published_record(published: None):
    content = Content("quick")
    text = template.render(building.HERE / "report.md", content.placeholders(), shelf.names(".svg"))
    assert "31 published: demo images, profile quick" in off(text)
    of_quick = [frame for frame, caption in content.tables if caption.startswith("Task ")]
    assert len(of_quick) > 30
    assert not [frame for frame in of_quick if "not run" in frame.to_string()]
    html = page(of(text, *content.tables))
    assert "the interval contains zero" in html and "confirmed" in html


def test_every_published_record_is_of_the_runs_as_they_are_now():
    for profile in ("quick", "full"):
        for folder in shelf.records_of(profile).iterdir():
            row = experiments.select(folder.name, profile)[folder.name]
            assert len(shelf.published(row)) == len(list(folder.glob("seed*"))), folder
    assert not list(shelf.PUBLISHED.rglob("*.keras"))
    assert publishing.verdicts() in publishing.README.read_text()


def test_two_runs_are_compared_by_the_seeds_that_both_have(published: None):
    said = Content("full").difference("task5_skin", "task7_skin")  # one seed, and five
    assert "over 76 images, exact" in said


def test_runs_on_different_images_are_not_compared(monkeypatch: pytest.MonkeyPatch):
    quick, full = (experiments.select("1a", profile) for profile in ("quick", "full"))
    mixed = {"task1a_plain": quick["task1a_plain"], "task1a_dropout": full["task1a_dropout"]}
    monkeypatch.setattr(shelf, "runs", lambda name, profile: shelf.published(mixed[name]))
    content, pair = Content("quick"), ("task1a_plain", "task1a_dropout")
    for said in (content.difference(*pair), content.gap(*pair), content.jumps(*pair)):
        assert "different images" in said
    claim, runs = claims.CLAIMS[0], {name: shelf.published(row) for name, row in mixed.items()}
    assert "not run on the same images" in claims.judge(claim, runs).figures


def test_a_gap_is_wider_one_way_and_narrower_the_other(published: None):
    pair = ("task1d_no_batch_norm", "task1d_batch_norm")
    assert Content("full").gap(*pair).endswith("it is wider.")
    assert Content("full").gap(*reversed(pair)).endswith("it is narrower.")


def test_own_runs_come_first_and_are_published_without_networks(
    lab: settings.Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shelf, "PUBLISHED", tmp_path / "published")
    row = replace(experiments.select("task1a_plain")["task1a_plain"], epochs=2)
    for module in (experiments, publishing):
        monkeypatch.setattr(module, "EXPERIMENTS", {row.name: row})
    monkeypatch.setattr(experiments, "scaled", lambda experiment, profile=None: row)
    assert shelf.runs.__wrapped__(row.name, "smoke") == ()
    own = training.run(row)
    (run,) = shelf.runs.__wrapped__(row.name, "smoke")
    assert shelf.origin(run) == "own images, profile smoke"
    for _ in range(2):  # the second replaces what the first published
        assert publishing.publish() == [row.name]
    (run,) = shelf.runs.__wrapped__(row.name, "smoke")
    assert shelf.origin(run) == "own images, profile smoke"
    assert shelf.published(replace(row, dropout=0.3)) == ()
    settings.use(results=tmp_path / "none")
    assert publishing.publish() == []  # and what was published is still there
    settings.use(results=lab.results)
    shutil.rmtree(lab.results)
    (run,) = shelf.runs.__wrapped__(row.name, "smoke")
    assert shelf.origin(run) == "published: real images, profile smoke"
    assert results.tabulate({"a": run}).equals(results.tabulate({"a": own}))
    with pytest.raises(records.RecordError, match="only numbers"):
        run.model()
    (run.folder / "history.csv").write_text("")
    with pytest.raises(records.RecordError, match=r"history\.csv"):
        shelf.runs.__wrapped__(row.name, "smoke")


def test_what_was_built_is_kept_where_the_text_is_wrong(tmp_path: Path):
    (tmp_path / "report.pdf").write_text("before")
    source = tmp_path / "report.md"
    source.write_text("{{ unknown }}")
    with pytest.raises(reporting.ReportError, match="line 1"):
        reporting.build(source, tmp_path)
    assert (tmp_path / "report.pdf").read_text() == "before"


def test_what_was_built_is_kept_where_the_pdf_cannot_be_made(tmp_path: Path, monkeypatch):
    def refused(*_: object) -> bytes:
        raise reporting.ReportError("the PDF cannot be made")

    (tmp_path / "report.html").write_text("before")
    source = tmp_path / "report.md"
    source.write_text("Text.")
    monkeypatch.setattr(documents, "pdf", refused)
    with pytest.raises(reporting.ReportError, match="cannot be made"):
        reporting.build(source, tmp_path)
    assert (tmp_path / "report.html").read_text() == "before"
