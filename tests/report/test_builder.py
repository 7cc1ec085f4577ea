"""The report: what it may not get wrong, whatever is put into it."""

import functools
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from helpers import experiments, records, results, settings, training
from report import builder
from report.builder import building, documents, placeholders, publishing, sources, tables, template
from report.builder.escaping import off, on
from report.builder.placeholders import Placeholders

HOSTILE = "<b>|#$x$ ../*a*_b_`c`{{d}}[e](f)\\"
FIGURE = '![Curves.](figures/curves.svg){alt="Two curves."}\n'
SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'


@functools.cache
def read_once(name: str, profile: str) -> tuple[records.Run, ...]:
    return sources.published(experiments.get(name, profile))


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The lab as on a fresh clone: nothing was run, the published record is there."""
    monkeypatch.setattr(sources, "runs", read_once)
    monkeypatch.setattr(settings, "_current", replace(settings.current(), figures=tmp_path))


def rendered(tmp_path: Path, text: str, **values: object) -> str:
    source = tmp_path / "report.md"
    source.write_text(text)
    return template.render(source, values, ["curves"])


def page(tree: documents.Node) -> str:
    return documents.html(tree, building.HERE / "template.html", building.HERE / "style.css")


def printed(tree: documents.Node) -> bytes:
    return documents.pdf(tree, building.HERE / "template.typ")


def words(html: str) -> str:
    body = html[html.index("<body>") :]
    return unescape(re.sub(r"<[^>]*>", "", body))


def table(caption: str, **columns: str) -> str:
    return tables.markdown(pd.DataFrame(columns, index=pd.Index(["x"], name="run")), caption)


@pytest.mark.parametrize(
    ("text", "line", "right"),
    [
        ("\n\n{{ measurd('1a') }}", 3, "did you mean measured?"),
        ('a\n![x](figures/curve.svg){alt="y"}', 2, "did you mean curves?"),
        ("a\n\n![x](figures/curves.svg)", 3, "alt="),
        ("![x](curves.png)", 1, "figures/NAME.svg"),
        ("\n{{ measured('1z') }}", 2, "the tasks are 1a"),
        ("\n{{ gap('task1a_plain', 'task1a_plan') }}", 2, "the runs are task1a_plain"),
        ("\n\n\n{{ claim(14) }}", 4, "1 to 13"),
        ("\n{{ exported('nothing', '') }}", 2, "no table nothing"),
        ("\n{{ compared( }}", 2, "placeholder"),
        ("\n{% if profile %}", 2, "if"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_would_be_right(
    tmp_path: Path, text: str, line: int, right: str
):
    with pytest.raises(builder.ReportError, match=rf"^report.md, line {line}: ") as raised:
        rendered(tmp_path, text, **placeholders.named("quick"))
    assert right in str(raised.value)


def test_a_figure_that_no_line_is_known_of_is_still_missed():
    with pytest.raises(builder.ReportError, match="no figure nothing was exported"):
        page(documents.read("![x][y]\n\n[y]: figures/nothing.svg"))


def test_what_is_right_is_not_objected_to(tmp_path: Path):
    own = "| a | b |\n|---|:--|\n| {{ x | replace('a', 'b') }} | \\| |"
    text = f"{FIGURE}\n{own}\n\n```\n| a\n```\n"
    assert "\\|" in rendered(tmp_path, text, x="a")


@pytest.mark.parametrize(
    "around", ["{{ x }}", "*{{ x }}*", "`{{ x }}`", "# {{ x }}", "- {{ x }}", "|a|\n|-|\n|{{ x }}|"]
)
def test_values_are_no_markup_in_the_page_nor_in_the_pdf(tmp_path: Path, around: str):
    made = documents.read(rendered(tmp_path, around, x=HOSTILE))
    assert HOSTILE in words(page(made))
    assert printed(made).startswith(b"%PDF")


def test_tables_and_captions_hold_text_alone():
    html = page(documents.read(table(HOSTILE, **{HOSTILE: HOSTILE})))
    assert words(html).count(HOSTILE) == 3
    assert html.count('scope="col"') == 2 and html.count('scope="row"') == 1
    assert "<b>" not in html
    frame = html[html.index('<div class="table"') :]
    assert f'aria-label="{HOSTILE}"'.replace("<", "&lt;").replace(">", "&gt;") in frame
    assert "heads" not in frame


def test_index_columns_are_row_heads_and_long_texts_have_broad_columns():
    frame = pd.DataFrame({"a": ["x" * 25], "b": ["y" * 61], "c": [" "]})
    frame.index = pd.MultiIndex.from_tuples([("1", "2")], names=["run", "at"])
    html = page(documents.read(tables.markdown(frame, "Long lines.")))
    assert re.findall(r"<th[^>]*scope=\"row\"[^>]*>(.)", html) == ["1", "2"]
    assert re.findall(r'<td[^>]*class="(\w+)"[^>]*>(.)', html) == [("wide", "x"), ("long", "y")]
    assert "<colgroup>" not in html  # no column has a fixed width


def test_a_table_without_rows_is_one():
    html = page(documents.read(tables.markdown(tables.images([]), "The images")))
    assert html.count('scope="col"') == 5 and "Table 1. The images" in words(html)


def test_the_title_is_the_one_heading_above_all_sections():
    html = page(documents.read("---\ntitle: T\n---\n# One\n\n## Two\n"))
    found = re.findall(r"<(h\d)[^>]*>([^<]*)", html)
    assert found == [("h1", "T"), ("h2", "Contents"), ("h2", "One"), ("h3", "Two")]


def test_a_disguise_comes_off_again():
    assert off(on(HOSTILE)) == HOSTILE
    assert not set("<|#$*_`[\\") & set(on(HOSTILE))
    assert on("    a\n\tb ") == "a b"


def test_figures_and_tables_are_numbered_in_order(lab: settings.Settings):
    lab.figures.mkdir()
    (lab.figures / "curves.svg").write_text(SVG)
    html = page(documents.read(f"{FIGURE}{table('Numbers.', a='1')}{FIGURE}"))
    captions = ["Figure 1. Curves.", "Table 1. Numbers.", "Figure 2. Curves."]
    places = [words(html).index(caption) for caption in captions]
    assert places == sorted(places)
    assert html.count(' alt="Two curves."') == 2


def test_the_page_holds_its_fonts_and_figures_and_needs_no_other_file(lab: settings.Settings):
    lab.figures.mkdir()
    (lab.figures / "curves.svg").write_text(SVG + " " * 1000)
    Image.new("L", (2, 2)).save(lab.figures / "curves.png")  # smaller
    html = page(documents.read(FIGURE))
    assert not re.findall(r'(?:src|href)="(?!data:|#)', html)
    assert "data:image/png" in html and "data:image/svg" not in html
    fonts = re.findall(
        r"font-family: (\"Report \w+\"); font-weight: (\d+); src: url\((.{30})", html
    )
    assert [font[:2] for font in fonts] == [
        ('"Report Sans"', "400"), ('"Report Sans"', "700"), ('"Report Mono"', "400")
    ]  # fmt: skip
    assert all(font[2].startswith("data:font/ttf;base64,AAEA") for font in fonts)
    assert html.count("url(") == len(fonts)


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_a_figure_that_is_cut_short_is_named_and_not_taken(lab: settings.Settings, suffix: str):
    lab.figures.mkdir()
    (lab.figures / "curves.svg").write_text(SVG.replace("/>", ">" + "<g/>" * 5000 + "</svg>"))
    Image.effect_noise((90, 90), 50).save(lab.figures / "curves.png")
    page(documents.read(FIGURE))
    figure = lab.figures / f"curves{suffix}"
    figure.write_bytes(figure.read_bytes()[:-5000])
    with pytest.raises(template.ReportError, match=rf"curves\{suffix}'.*cut short.*notebook"):
        page(documents.read(FIGURE))


@pytest.mark.parametrize("left", ["run,a\nx,1\ny", "run,a\nx,1\ny\n", 'run,a\nx,"1\n', ""])
def test_a_table_that_is_cut_short_is_named_and_not_taken(lab: settings.Settings, left: str):
    table = pd.DataFrame({"a": ["1", "2"]}, index=pd.Index(["x", "y"], name="run"))
    results.save_table(table, "task8_audit")
    assert "|y|2|" in Placeholders("quick").exported("task8_audit", "Maps.")
    (lab.figures / "task8_audit.csv").write_text(left)
    with pytest.raises(template.ReportError, match=r"task8_audit\.csv'.*cut short.*notebook"):
        Placeholders("quick").exported("task8_audit", "Maps.")


def test_a_caption_says_that_its_figure_is_the_published_one(lab: settings.Settings):
    text = '![Curves.](figures/task1a_learning_curves.svg){alt="x"}\n'
    assert "Curves. (Published figure.)" in words(page(documents.read(text)))
    lab.figures.mkdir()
    (lab.figures / "task1a_learning_curves.svg").write_text(SVG)
    assert "Published" not in words(page(documents.read(text)))


def test_a_table_that_is_the_published_one_says_so(lab: settings.Settings):
    theirs = Placeholders("quick").exported("task8_audit", "Maps.")
    results.save_table(pd.DataFrame({"a": ["1"]}, index=pd.Index(["x"], name="run")), "task8_audit")
    ours = Placeholders("quick").exported("task8_audit", "Maps.")
    assert "\n: Maps. (Published table.)\n" in off(theirs)
    assert "\n: Maps.\n" in off(ours)
    assert "\n|x|1|\n" in ours


def test_an_author_writes_formulas_and_comments():
    html = page(documents.read("<!-- mine -->\n\nThat is $x^2$.\n"))
    assert "<msup>" in html
    assert "mine" not in words(html)


def test_names_of_people_and_titles_are_text_in_both_documents():
    text = '---\ntitle: "A *b* & C_d"\nauthor: ["Ann_B \\"C\\" #1", "O\'D"]\n---\nText.'
    made = documents.read(text)
    assert "<title>A b &amp; C_d</title>" in page(made)
    assert printed(made).startswith(b"%PDF")


def test_the_same_report_gives_the_same_bytes_and_its_date_is_the_front_matters():
    one, two = (documents.read("---\ntitle: T\ndate: 2026-01-31\n---\nText.") for _ in range(2))
    assert printed(one) == printed(two) and b"2026-01-31" in printed(one)
    assert page(one) == page(two)
    with pytest.raises(builder.ReportError, match="write it as 2026-01-31"):
        printed(documents.read("---\ndate: 31.1.2026\n---\n"))


def test_a_run_that_was_not_made_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sources, "runs", lambda name, profile: ())
    asked, pair = Placeholders("quick"), ("task1a_plain", "task1a_dropout")
    for said in (
        asked.runs("1a"),
        asked.measured("1a"),
        asked.readings("1a"),
        asked.compared(pair),
        asked.reported(),
        asked.claims(),
        asked.seconds(),
        asked.difference(*pair),
        asked.gap(*pair),
        asked.jumps("task4_not_augmented", "task4_augmented"),
        asked.claim(1),
        asked.accuracy("task1a_plain"),
        asked.sources(),
    ):
        assert "not run" in said
    count = len(results.CLAIMS)
    assert asked.verdicts() == f"Of {count} clauses: {count} not run."
    for empty in (asked.images(), asked.versions()):
        assert ":::" in empty


def test_beside_a_run_that_was_not_made_the_other_one_is_shown(monkeypatch: pytest.MonkeyPatch):
    def one(name: str, profile: str) -> tuple[records.Run, ...]:
        return sources.published(experiments.get(name, profile)) if name == "task1a_plain" else ()

    monkeypatch.setattr(sources, "runs", one)
    asked = Placeholders("quick")
    for said in (asked.measured("1a"), asked.readings("1a")):
        rows = [row.split("|")[1:-1] for row in off(said).splitlines() if row.startswith("|task")]
        assert rows[0][0] == "task1a_plain" and "not run" not in rows[0]
        assert rows[-1][:3] == ["task1a_dropout", "", "not run"] and not any(rows[-1][3:])
    assert rows[0][1].split(", ")[0] == "0"  # seeds are whole numbers still


def test_the_report_of_a_fresh_clone_is_that_of_the_published_record(published: None):
    source = building.HERE / "report.md"
    text = template.render(source, placeholders.named("quick"), sources.exported(".svg"))
    runs = len(experiments.select(None, "quick"))
    assert f"{runs} published: demo images, profile quick" in off(text)
    parts = [part for part in off(text).split("\n:::") if "\n: Task " in part]
    assert len(parts) > 30
    assert not [part for part in parts if "not run" in part]
    html = page(documents.read(text))
    assert "the interval contains zero" in html and "confirmed" in html
    assert '<td style="text-align: left;">120 Mel + 120 Nev</td>' in html


def test_every_published_record_is_of_the_runs_as_they_are_now():
    for profile in ("quick", "full"):
        for folder in sources.records_of(profile).iterdir():
            row = experiments.get(folder.name, profile)
            assert len(sources.published(row)) == len(list(folder.glob("seed*"))), folder
    assert not list(sources.PUBLISHED.rglob("*.keras"))
    assert publishing.verdicts() in publishing.README.read_text()


def test_two_runs_are_compared_by_the_seeds_that_both_have(published: None):
    said = Placeholders("full").difference("task5_skin", "task7_skin")  # one seed, and five
    assert "over 76 images and 1 seed, exact" in said and "1 seed, no verdict" in said


def test_runs_on_different_images_are_not_compared(monkeypatch: pytest.MonkeyPatch):
    mixed = {
        "task1a_plain": sources.published(experiments.get("task1a_plain", "quick")),
        "task1a_dropout": sources.published(experiments.get("task1a_dropout", "full")),
    }
    monkeypatch.setattr(sources, "runs", lambda name, profile: mixed.get(name, ()))
    asked, pair = Placeholders("quick"), ("task1a_plain", "task1a_dropout")
    told = (asked.difference(*pair), asked.gap(*pair), asked.jumps(*pair), asked.compared(pair))
    for said in told:
        assert "different images" in said
    clause = next(one for one in results.CLAIMS if len(one.runs) == 2)
    assert "not run on the same images" in results.judge([clause], mixed)[0].reason


def test_a_gap_is_wider_one_way_and_narrower_the_other(published: None):
    pair = ("task1d_no_batch_norm", "task1d_batch_norm")
    assert Placeholders("full").gap(*pair).endswith("it is wider.")
    assert Placeholders("full").gap(*reversed(pair)).endswith("it is narrower.")


def test_own_runs_come_first_and_are_published_without_networks(
    lab: settings.Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sources, "PUBLISHED", tmp_path / "published")
    row = replace(experiments.get("task1a_plain"), epochs=2)
    monkeypatch.setattr(publishing, "EXPERIMENTS", {row.name: row})
    monkeypatch.setattr(experiments, "get", lambda name, profile=None: row)
    found = sources.runs.__wrapped__
    assert found(row.name, "smoke") == ()
    own = training.run(row)
    (run,) = found(row.name, "smoke")
    assert sources.origin(run) == "own images, profile smoke"
    for _ in range(2):  # the second replaces what the first published
        assert builder.publish() == [row.name]
    (run,) = found(row.name, "smoke")
    assert sources.origin(run) == "own images, profile smoke"
    assert sources.published(replace(row, dropout=0.3)) == ()
    settings.use(results=tmp_path / "none")
    assert builder.publish() == []  # and what was published is still there
    settings.use(results=lab.results)
    shutil.rmtree(lab.results)
    (run,) = found(row.name, "smoke")
    assert sources.origin(run) == "published: real images, profile smoke"
    assert results.tabulate({"a": run}).equals(results.tabulate({"a": own}))
    with pytest.raises(records.RecordError, match="only numbers"):
        run.model()
    (run.folder / "history.csv").write_text("")
    with pytest.raises(records.RecordError, match=r"history\.csv"):
        found(row.name, "smoke")


def test_what_was_built_is_kept_where_the_text_is_wrong(tmp_path: Path):
    (tmp_path / "report.pdf").write_text("before")
    source = tmp_path / "report.md"
    source.write_text("{{ unknown }}")
    with pytest.raises(builder.ReportError, match="line 1"):
        builder.build(source, tmp_path)
    assert (tmp_path / "report.pdf").read_text() == "before"


def test_what_was_built_is_kept_where_the_pdf_cannot_be_made(tmp_path: Path, monkeypatch):
    def refused(*_: object) -> bytes:
        raise builder.ReportError("the PDF cannot be made")

    (tmp_path / "report.html").write_text("before")
    source = tmp_path / "report.md"
    source.write_text("Text.")
    monkeypatch.setattr(documents, "pdf", refused)
    with pytest.raises(builder.ReportError, match="cannot be made"):
        builder.build(source, tmp_path)
    assert (tmp_path / "report.html").read_text() == "before"


def test_importing_the_builder_does_not_load_tensorflow():
    code = "import sys, report.builder; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
