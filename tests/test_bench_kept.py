"""A bench of a model asks for each grading once, however often it is run."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interviewer.bench import calibration
from interviewer.bench import kept as kept_module
from interviewer.bench.kept import KeptGrader, render
from interviewer.cli import main
from interviewer.grading.rating import Exchange, NotAssessed, Turn, Ungraded
from interviewer.guide.model import Guide, Kind, Level, LookFor, RedFlag, Rubric
from interviewer.prompts import load_prompt
from interviewer.settings import ModelSettings
from tests.fakes import ListedGrader, Scripted, ScriptedServer, form

EXCHANGE = Exchange(Level.STAFF, Kind.BEHAVIORAL, "Why?", (Turn("candidate", "Because \ud800 of it."),))
RUBRIC = Rubric(Level.STAFF, Kind.BEHAVIORAL, (), (), (), ())


def settings(tmp_path: Path, url: str, more: str = "") -> None:
    (tmp_path / "interviewer.toml").write_text(
        f'[profiles.tiny]\nmodel = "openai:tiny"\nbase_url = "{url}"\nretries = 0\ntemperature = 0.5\n'
        f"price_in = 1.0\nprice_out = 2.0\n{more}"
    )


@pytest.mark.parametrize("bench", [["agreement", "--limit", "3", "--repeats", "1"], ["invariance", "--limit", "2"]])
def test_a_second_run_asks_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, bench: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["bench", *bench, "--model", "tiny"]
    with ScriptedServer(*[form(rating=0)] * 10) as server:
        settings(tmp_path, server.url)
        assert main([*command, "--json"]) == 0
        first = json.loads(capsys.readouterr().out)
        assert first["work"]["asked"] == first["work"]["gradings"] == len(server.requests) == 4
        server.script.clear()
    work = first["work"]
    assert work["price"] == pytest.approx((work["tokens_in"] + 2 * work["tokens_out"]) / 1e6)
    assert main([*command, "--json"]) == 0  # the server is gone
    second = json.loads(capsys.readouterr().out)
    assert second["work"] == work | {"asked": 0}
    assert {**second, "work": 0, "replies_per_second": 0} == {**first, "work": 0, "replies_per_second": 0}
    assert main(command) == 0
    assert f"4 gradings, 0 of them asked for in this run: {work['tokens_in']:,} tokens read" in capsys.readouterr().out


def cached(rating: int, tokens: int = 0) -> Callable[[dict[str, Any]], Scripted]:
    """Return a step that fills in the form and reports tokens as read from the provider's cache."""
    return lambda body: Scripted(form(rating=rating)(body), cached=tokens)


def test_a_repeat_is_a_grading_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["bench", "agreement", "--model", "tiny", "--limit", "2", "--repeats", "2", "--json"]
    with ScriptedServer(cached(0), cached(0), cached(1), cached(0)) as server:
        settings(tmp_path, server.url)
        assert main(command) == 0
        first = json.loads(capsys.readouterr().out)
        assert [server.texts(n) for n in (0, 1)] == [server.texts(n) for n in (2, 3)]
    assert first["repeatable"] == 0.5  # the server changed its mind about the first reply
    assert main(command) == 0  # the server is gone: both gradings of it were kept
    assert json.loads(capsys.readouterr().out)["repeatable"] == 0.5


@pytest.mark.parametrize(("limit", "repeats", "calls"), [(1, 0, 1), (2, 20, 4)])
def test_the_limit_caps_the_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, limit: int, repeats: int, calls: int
) -> None:
    monkeypatch.chdir(tmp_path)
    with ScriptedServer(*[form(rating=0)] * calls) as server:
        settings(tmp_path, server.url)
        command = ["bench", "agreement", "--model", "tiny", "--limit", str(limit), "--repeats", str(repeats)]
        assert main([*command, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["replies"] == limit
        assert len(server.requests) == calls


def test_tokens_and_price_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["bench", "invariance", "--model", "tiny", "--limit", "1"]
    with ScriptedServer(cached(0), cached(0, tokens=1024)) as server:
        settings(tmp_path, server.url, more="price_cached = 0.5\n")
        assert main([*command, "--json"]) == 0
    work = json.loads(capsys.readouterr().out)["work"]
    assert work["tokens_cached"] == 1024
    plain = work["tokens_in"] - 1024
    assert work["price"] == pytest.approx((plain + 0.5 * 1024 + 2 * work["tokens_out"]) / 1e6)
    assert main(command) == 0
    line = capsys.readouterr().out.strip().split("\n")[-1]
    assert f"{work['tokens_in']:,} tokens read (1,024 from cache), {work['tokens_out']:,} written; price " in line


def test_a_part_without_a_price_is_said() -> None:
    work = {"gradings": 2, "asked": 2, "tokens_in": 9, "tokens_cached": 0, "tokens_out": 3, "price": 0.5, "unpriced": 1}
    assert "without the models that have no price" in render(work)
    assert "without the models" not in render(work | {"unpriced": 0})
    assert "no price is set" in render(work | {"price": None, "unpriced": 2})


def kept(folder: Path, prompt: str = "p1", **changes: Any) -> tuple[KeptGrader, ListedGrader]:
    inner = ListedGrader(NotAssessed("one"), NotAssessed("two"), spec="openai:tiny")
    return KeptGrader(inner, [ModelSettings(model="openai:tiny", **changes)], prompt, folder), inner


def test_another_prompt_model_or_exchange_is_another_grading(tmp_path: Path) -> None:
    def asked(exchange: Exchange = EXCHANGE, prompt: str = "p1", **changes: Any) -> int:
        grader, _ = kept(tmp_path, prompt, **changes)
        grader.grade(exchange, RUBRIC)
        return int(grader.work()["asked"])

    assert asked() == 1
    assert asked() == 0
    assert asked(timeout=9, price_in=3.0) == 0
    assert asked(prompt="p2") == 1
    assert asked(temperature=1.0) == 1
    assert asked(exchange=Exchange(Level.SENIOR, Kind.BEHAVIORAL, "Why?", EXCHANGE.turns)) == 1
    assert asked(exchange=Exchange(Level.STAFF, Kind.BEHAVIORAL, "Why?", (Turn("candidate", "Because."),))) == 1
    assert asked(exchange=Exchange(Level.STAFF, Kind.BEHAVIORAL, "How?", EXCHANGE.turns)) == 1


def test_a_grading_is_not_kept_longer_than_what_made_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aim = LookFor("owns", "Owns it", 1)
    flag = RedFlag("blames", "Blames others", 2)
    tiny, spare = ModelSettings(model="openai:tiny"), ModelSettings(model="openai:spare")

    def asked(aim: LookFor = aim, flag: RedFlag = flag, models: Sequence[ModelSettings] = (tiny,)) -> int:
        grader = KeptGrader(ListedGrader(NotAssessed("one")), models, "p1", tmp_path)
        grader.grade(EXCHANGE, replace(RUBRIC, look_fors=(aim,), red_flags=(flag,)))
        return int(grader.work()["asked"])

    assert asked() == 1
    assert asked(replace(aim, line=7, angles=("your own part",))) == 0
    assert asked(replace(aim, max_if_hypothetical=1)) == 1
    assert asked(replace(aim, level=Level.STAFF)) == 1
    assert asked(flag=replace(flag, evidence="said")) == 1
    assert asked(models=(tiny, spare)) == 1
    assert asked(models=(tiny, spare.model_copy(update={"temperature": 1.0}))) == 1
    monkeypatch.setattr(kept_module, "VERSION", "next")
    assert asked() == 1


def test_a_fallback_whose_profile_changed_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["bench", "agreement", "--model", "tiny", "--limit", "1", "--repeats", "0", "--json"]
    for temperature in (0.1, 0.9):
        with ScriptedServer(form(rating=0)) as server:
            settings(tmp_path, "http://127.0.0.1:9/v1", f'fallbacks = ["spare"]\n[profiles.spare]\nmodel = "openai:b"\n'
                     f'base_url = "{server.url}"\ntemperature = {temperature}\n')  # fmt: skip
            assert main(command) == 0
            assert json.loads(capsys.readouterr().out)["work"]["asked"] == 1


@pytest.mark.parametrize(("limit", "noted"), [(["--limit", "2"], False), ([], True)])
def test_a_look_at_a_part_of_the_test_split_is_not_the_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guide: Guide, capsys: Any, limit: list[str], noted: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    few = calibration.load(split="test")[:2]
    looks = tmp_path / "looks.jsonl"
    monkeypatch.setattr(calibration, "LOOKS", looks)
    monkeypatch.setattr(calibration, "load", lambda split: few)
    with ScriptedServer(*[form(rating=0)] * 2) as server:
        settings(tmp_path, server.url)
        assert main(["bench", "agreement", "--set", "test", "--model", "tiny", "--repeats", "0", *limit]) == 0
    assert looks.exists() is noted
    if noted:
        (look,) = calibration.records(looks)
        prompt = load_prompt(Path(__file__).parent.parent / "prompts", "grade")
        assert (look["engine"], look["version"]) == ("openai:tiny", f"{kept_module.VERSION} {prompt.hash}")


def test_the_same_exchange_twice_in_one_run_is_two_gradings(tmp_path: Path) -> None:
    for _ in range(2):
        grader, _ = kept(tmp_path)
        assert [grader.grade(EXCHANGE, RUBRIC).assessment.reason for _ in range(2)] == ["one", "two"]  # type: ignore[union-attr]


def test_what_could_not_be_graded_is_asked_for_again(tmp_path: Path) -> None:
    for outcome in (Ungraded("down"), NotAssessed("up")):
        grader = KeptGrader(ListedGrader(outcome), [ModelSettings(model="a:b")], "p", tmp_path)
        assert grader.grade(EXCHANGE, RUBRIC).assessment == outcome
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text()[:20])
    grader, _ = kept(tmp_path)
    assert grader.grade(EXCHANGE, RUBRIC).assessment == NotAssessed("one")


def test_a_key_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TINY_KEY", "sk-test-0123456789abcdef")
    monkeypatch.setenv("INTERVIEWER_API_KEY_ENV", "TINY_KEY")
    with ScriptedServer(form(rating=0), Scripted("bad key sk-test-0123456789abcdef", status=401)) as server:
        monkeypatch.setenv("INTERVIEWER_MODEL", "openai:tiny")
        monkeypatch.setenv("INTERVIEWER_BASE_URL", server.url)
        assert main(["bench", "agreement", "--limit", "2", "--repeats", "0"]) == 0
        assert server.keys == ["Bearer sk-test-0123456789abcdef"] * 2
    found = [file.read_text() for file in (tmp_path / "data" / "bench-cache").iterdir()]
    assert len(found) == 1
    assert "sk-test" not in found[0] + capsys.readouterr().out
