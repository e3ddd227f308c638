import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from interviewer.cli import main
from interviewer.engines.protocols import Graded
from interviewer.grading.rating import Flag
from interviewer.guide.model import Kind, Level
from interviewer.settings import load_settings
from interviewer.wiring import Parts, build_service
from tests.fakes import BlankSensor

ROOT = Path(__file__).resolve().parent.parent
STORY = (
    "I moved the ledger writes to a queue because month end locked the database for six hours. I wrote the plan, "
    "paired with two juniors on the consumers, and we switched one account type a week. Month end now takes forty "
    "minutes. What I gave up was reading your own write."
)


def line(**changes):
    record = {"id": "a", "level": "senior", "kind": "behavioral", "question": "A project you led?", "reply": STORY}
    return json.dumps({key: value for key, value in (record | changes).items() if value is not None})


def graded(tmp_path, capsys, *lines):
    path = tmp_path / "in.jsonl"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    assert main(["grade", str(path)]) == 0
    return [json.loads(out) for out in capsys.readouterr().out.splitlines()]


KEYS = {"id", "status", "reason", "overall", "verdict", "scope", "criteria", "probes", "red_flags", "engine", "version"}


@pytest.mark.parametrize("level", ["senior", "staff"])
@pytest.mark.parametrize("kind", ["behavioral", "deep-dive", "system-design", "coding"])
def test_a_graded_line_has_every_item_and_quotes_are_slices(tmp_path, capsys, guide, level, kind) -> None:
    (out,) = graded(tmp_path, capsys, line(level=level, kind=kind))
    assert set(out) == KEYS
    assert out["status"] == "graded"
    rubric = guide.rubric(Level(level), Kind(kind))
    assert list(out["criteria"]) == [item.id for item in rubric.criteria]
    assert list(out["probes"]) == ([p.id for p in guide.probes] if kind == "deep-dive" else [])
    assert out["verdict"] == ["strong_no_hire", "no_hire", "hire", "strong_hire"][out["overall"] - 1]
    for top, ratings in ((3, out["criteria"]), (2, out["probes"])):
        for rating in ratings.values():
            assert rating["rating"] in range(top + 1)
            assert 0 <= rating["confidence"] <= 1
            assert all(quote in STORY for quote in rating["quotes"])
            assert rating["quotes"] or rating["rating"] < 2


def test_turns_stand_in_place_of_a_reply(tmp_path, capsys) -> None:
    turns = [
        {"speaker": "candidate", "text": "I ran a migration."},
        {"speaker": "interviewer", "text": "What was your part?"},
        {"speaker": "candidate", "text": STORY},
    ]
    (out,) = graded(tmp_path, capsys, line(reply=None, turns=turns))
    assert out["status"] == "graded"
    said = [turn["text"] for turn in turns if turn["speaker"] == "candidate"]
    assert all(any(q in text for text in said) for r in out["criteria"].values() for q in r["quotes"])


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        (line(reply="skip"), "not_assessed", "Nothing"),
        (line(reply=""), "not_assessed", "Nothing"),
        (line(reply="How many users does it have?"), "not_assessed", "Nothing"),
        (line(level="junior"), "ungraded", "senior or staff"),
        (line(kind="sorting"), "ungraded", "behavioral"),
        (line(reply=7), "ungraded", "reply"),
        (line(reply=None), "ungraded", "reply"),
        (line(reply=None, turns=[{"speaker": "cat", "text": "x"}]), "ungraded", "Turn 1"),
        (line(reply=None, turns=[{"speaker": "interviewer", "text": "x"}]), "ungraded", "nothing to grade"),
        ('{"id": "a", "level": ', "ungraded", "not valid JSON"),
        (line(reply="Ich habe die Migration der Datenbank geleitet und danach das Team über alles informiert."),
         "ungraded", "English"),
    ],
)  # fmt: skip
def test_what_cannot_be_graded_says_why_and_has_no_number(tmp_path, capsys, text, status, reason) -> None:
    (out,) = graded(tmp_path, capsys, text)
    assert set(out) == KEYS
    assert (out["id"], out["status"]) == ("a", status)
    assert reason in out["reason"]
    assert out["overall"] is out["verdict"] is out["scope"] is None
    assert not out["criteria"]
    assert not out["red_flags"]


def test_no_example_is_rated(tmp_path, capsys) -> None:
    (out,) = graded(tmp_path, capsys, line(reply="I have no example of that."))
    assert out["status"] == "graded"
    assert out["overall"] == 1


def test_every_line_with_an_id_gives_one_line_in_order(tmp_path, capsys) -> None:
    lines = [line(id="x"), "", line(id="y", level="no"), '{"id": "z", broken', line(id=4, reply="skip")]
    assert [out["id"] for out in graded(tmp_path, capsys, *lines)] == ["x", "y", "z", 4]


def test_nul_and_lone_surrogates_are_tolerated(tmp_path, capsys) -> None:
    reply = STORY.replace("queue", "que\0ue") + " \ud83d"
    (out,) = graded(tmp_path, capsys, line(reply=reply))
    assert out["status"] == "graded"
    assert all(quote in reply for rating in out["criteria"].values() for quote in rating["quotes"])


def test_grading_is_repeatable(tmp_path, capsys) -> None:
    assert graded(tmp_path, capsys, line()) == graded(tmp_path, capsys, line())


def test_out_goes_to_a_file_and_nothing_but_lines_to_standard_output(tmp_path, capsys) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(line())
    assert main(["grade", str(source), "--out", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert json.loads(out.read_text())["id"] == "a"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grade", "none.jsonl"], "cannot be read"),
        (["guide", "check", "none.md"], "There is no guide file"),
        (["show", "nope"], "There is no interview 'nope'"),
        (["chat", "--level", "junior"], "senior or staff"),
        (["chat", "--kinds", "singing"], "no kind 'singing'"),
        (["chat", "--minutes", "500"], "5 to 120"),
        (["chat", "--model", "nobody"], "no model 'nobody'"),
        (["--config", "none.toml", "list"], "no settings file"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(capsys, arguments, said) -> None:
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


def test_guide_check_json_stands_alone_on_standard_output(capsys) -> None:
    assert main(["guide", "check", str(ROOT / "tests" / "guide_sample.md"), "--json"]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert found["counts"] == {"questions": 3, "look_fors": 2, "probes": 1, "red_flags": 1, "expectations": 3}
    assert any("guide_sample.md:" in warning for warning in found["warnings"])


def test_a_chat_in_the_terminal(capsys, monkeypatch) -> None:
    typed = f"{STORY}\n\nHow much time is left?\n\n/undo\nskip\n\n/end\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert main(["chat", "--minutes", "20", "--seed", "1"]) == 0
    out = capsys.readouterr().out
    assert out.count("Interviewer:") >= 4
    assert "not enough to say" in out
    assert main(["list"]) == 0
    interview = capsys.readouterr().out.split()[0]
    assert main(["show", interview]) == 0
    assert "ledger writes" in capsys.readouterr().out


def test_a_chat_that_is_cut_off_can_be_resumed(capsys, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{STORY}\n\n"))
    assert main(["chat", "--minutes", "20", "--seed", "1"]) == 0
    interview = capsys.readouterr().out.split("--resume ")[1].split()[0]
    monkeypatch.setattr(sys, "stdin", io.StringIO("/end\n"))
    assert main(["chat", "--resume", interview]) == 0
    assert "==" in capsys.readouterr().out


def test_a_resumed_chat_waits_for_the_candidate_and_says_nothing(capsys, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert main(["chat", "--minutes", "20", "--seed", "1"]) == 0
    first = capsys.readouterr().out
    assert main(["chat", "--resume", first.split("--resume ")[1].split()[0]]) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Interviewer:")]
    assert said == [line for line in first.splitlines() if line.startswith("Interviewer:")]
    assert len(said) == 1


def test_an_answer_that_is_refused_is_kept_as_the_draft(capsys, monkeypatch) -> None:
    monkeypatch.setenv("INTERVIEWER_MAX_REPLY_CHARS", "200")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{STORY}\n\n/undo\n"))
    assert main(["chat", "--minutes", "20", "--seed", "1"]) == 0
    out = capsys.readouterr().out
    assert "at most 200 are taken" in out
    assert out.count("kept as the interview's draft") == 1
    assert build_service(load_settings()).draft(out.split("--resume ")[1].split()[0]) == STORY


def test_a_flag_that_the_guide_has_no_more_is_shown_by_its_id(capsys, monkeypatch) -> None:
    class Flagging(BlankSensor):
        def grade(self, exchange, rubric):
            grade = super().grade(exchange, rubric).assessment
            return Graded(replace(grade, flags=(Flag("gone-from-the-guide", 0.8),)))

    monkeypatch.setattr(Parts, "_embedded_grader", Flagging())
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{STORY}\n\n/end\n"))
    assert main(["chat", "--minutes", "20", "--seed", "1"]) == 0
    assert "red flag: gone-from-the-guide (from what is missing)" in capsys.readouterr().out


def test_doctor_tries_each_model_that_differs_in_anything_once(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    tiny = 'model = "openai:tiny"\nbase_url = "http://127.0.0.1:9/v1"\n'
    Path("interviewer.toml").write_text(
        f'[interviewer]\n{tiny}[profiles.same]\n{tiny}[profiles.other]\n{tiny}structured_output = "json_mode"\n'
    )
    tried = []
    monkeypatch.setattr(Parts, "prove", lambda self, model: tried.append(model.structured_output) or [])
    assert main(["doctor"]) == 0
    assert tried == ["json_schema", "json_mode"]


def test_doctor_says_what_works(capsys) -> None:
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "encoder answers" in out
    assert "FAIL" not in out


def test_a_broken_pipe_is_no_fault(tmp_path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join([line()] * 3))
    command = f"{sys.executable} -m interviewer.cli grade {source} | head -c 10"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False)
    assert "Traceback" not in done.stderr
