import re
from pathlib import Path

import pytest

from interviewer.errors import ConfigError
from interviewer.settings import ROOT, ModelSettings, Settings, api_key, load_settings


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "interviewer.toml"
        path.write_text(text)
        return path

    return write


def test_without_anything_the_embedded_engine_does_both() -> None:
    settings = load_settings(env={})
    assert settings.interviewer.embedded
    assert settings.grader.embedded


def test_keys_at_the_top_are_for_both_roles(file) -> None:
    settings = load_settings(file('model = "openai:m"\nbase_url = "http://127.0.0.1:9/v1"\n'), env={})
    assert settings.interviewer == settings.grader == ModelSettings(model="openai:m", base_url="http://127.0.0.1:9/v1")


def test_a_role_changes_its_own_keys_only(file) -> None:
    settings = load_settings(file('model = "openai:m"\n[grader]\nmodel = "embedded"\n'), env={})
    assert (settings.interviewer.model, settings.grader.model) == ("openai:m", "embedded")


@pytest.mark.parametrize(
    ("text", "env", "flags", "port"),
    [
        ("", {}, {}, 7860),
        ("port = 1000\n", {}, {}, 1000),
        ("port = 1000\n", {"INTERVIEWER_PORT": "2000"}, {}, 2000),
        ("port = 1000\n", {"INTERVIEWER_PORT": "2000"}, {"port": 3000}, 3000),
        ("port = 1000\n", {"INTERVIEWER_PORT": ""}, {"port": None}, 1000),
    ],
)
def test_flags_over_environment_over_file_over_defaults(file, text, env, flags, port) -> None:
    assert load_settings(file(text), env=env, flags=flags).port == port


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 1\n", "unknown setting 'prot'"),
        ("[grader]\nmodle = 'x:y'\n", "unknown setting 'grader.modle'"),
        ("port = 99999\n", "port"),
        ('model = "gpt-5"\n', "provider:model"),
        ("port = \n", "not valid TOML"),
        ("[grader]\ntimeout = 0\n", "grader.timeout"),
        ('grader = "x"\n', "must be a table"),
        ("[profiles.a]\nmodle = 'x:y'\n", "unknown setting 'profiles.a.modle'"),
        ("[profiles.a]\nmodel = 'gguf:'\n", "profiles.a.model"),
        ('structured_output = "xml"\n', "structured_output"),
        ('base_url = "127.0.0.1:11434"\n', "base_url: expected an address"),
        ('[profiles.embedded]\nmodel = "openai:m"\n', "the name 'embedded' is taken"),
        ('model = "local"\n[profiles.local]\nmodel = "openai:m"\n', "--model NAME"),
        ('fallbacks = ["nix"]\n', "interviewer.toml: fallbacks: There is no model 'nix'"),
    ],
)
def test_what_is_wrong_is_named(file, text, said) -> None:
    with pytest.raises(ConfigError, match=said):
        load_settings(file(text), env={})


@pytest.mark.parametrize(
    ("text", "env", "place"),
    [
        ("timeout = 0\n", {}, r"toml: timeout: "),
        ("[grader]\ntimeout = 0\n", {}, r"toml: grader\.timeout: "),
        ("[grader]\ntimeout = 9\n", {"INTERVIEWER_TIMEOUT": "0"}, r"the environment: timeout: "),
        ("port = 9\n", {"INTERVIEWER_PORT": "x"}, r"the environment: port: "),
        ("", {"INTERVIEWER_GRADER_PANEL": "0"}, r"the environment: grader\.panel: "),
        ("", {"INTERVIEWER_FALLBACKS": "nix"}, r"^the environment: fallbacks: There is no model 'nix'"),
        (
            'fallbacks = ["embedded"]\n',
            {"INTERVIEWER_GRADER_FALLBACKS": "nix"},
            r"^the environment: grader\.fallbacks: ",
        ),
        ('[profiles.a]\nmodel = "openai:m"\nfallbacks = ["nix"]\n', {}, r"toml: profiles\.a\.fallbacks: "),
    ],
)
def test_the_place_of_a_wrong_value_is_named(file, text, env, place) -> None:
    with pytest.raises(ConfigError, match=place):
        load_settings(file(text), env=env)


SECRET = "sk-proj-0123456789abcdef"


@pytest.mark.parametrize(
    "text",
    [
        f'api_key = "{SECRET}"\n',
        f'[grader]\napi_key = "{SECRET}"\n',
        f'[profiles.a]\napi_key = "{SECRET}"\n',
        f'api_key_env = "{SECRET}"\n',
        f'[profiles.a]\napi_key_env = "{SECRET}"\n',
        f'base_url = "https://me:{SECRET}@host/v1"\n',
        f'base_url = "https://host/v1?key={SECRET}"\n',
        f'database = ["{SECRET}"]\n',
    ],
)
def test_a_key_in_the_wrong_place_is_refused_and_not_shown(file, text) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(file(text), env={})
    assert SECRET not in str(caught.value)
    assert "interviewer.toml" in str(caught.value)


def test_a_path_in_the_file_is_meant_from_the_file(file, tmp_path) -> None:
    path = file('guide = "mine.md"\nprompts = "words"\ndata_dir = "~/kept"\n')
    settings = load_settings(path, env={"INTERVIEWER_GUIDE": "other.md", "HOME": "/home/me"})
    assert settings.prompts == tmp_path / "words"
    assert settings.guide == Path("other.md")
    assert settings.data_dir == Path("~/kept").expanduser()


def test_a_missing_file_and_an_unknown_variable_are_named(tmp_path) -> None:
    with pytest.raises(ConfigError, match="There is no settings file"):
        load_settings(tmp_path / "none.toml", env={})
    with pytest.raises(ConfigError, match="INTERVIEWER_PROT"):
        load_settings(env={"INTERVIEWER_PROT": "1"})


def test_a_later_layer_changes_both_roles_and_takes_no_address_or_price_along(file) -> None:
    path = file('model = "openai:m"\nbase_url = "http://127.0.0.1:9/v1"\nprice_in = 1\n[grader]\nmodel = "openai:g"\n')
    both = load_settings(path, env={"INTERVIEWER_MODEL": "openai:other", "INTERVIEWER_TIMEOUT": "7"})
    assert [m.model for m in (both.interviewer, both.grader)] == ["openai:other"] * 2
    assert (both.grader.base_url, both.grader.price_in, both.grader.timeout) == ("http://127.0.0.1:9/v1", None, 7)
    one = load_settings(path, env={"INTERVIEWER_GRADER_MODEL": "anthropic:a"})
    assert (one.grader.base_url, one.interviewer.base_url) == (None, "http://127.0.0.1:9/v1")
    address = file('base_url = "http://127.0.0.1:9/v1"\n')
    assert load_settings(address, env={"INTERVIEWER_MODEL": "openai:m"}).grader.base_url == "http://127.0.0.1:9/v1"


def test_one_roles_other_provider_takes_no_key_address_or_price_from_the_top_of_its_own_file(file) -> None:
    top = 'model = "openai:m"\napi_key_env = "MINE"\nbase_url = "http://127.0.0.1:9/v1"\nprice_in = 1\ntimeout = 7\n'
    settings = load_settings(file(top + '[grader]\nmodel = "anthropic:a"\n'), env={})
    assert settings.grader == ModelSettings(model="anthropic:a", timeout=7)
    assert settings.interviewer.api_key_env == "MINE"
    same = load_settings(file(top + '[grader]\nmodel = "openai:g"\nprice_out = 2\n'), env={}).grader
    assert (same.api_key_env, same.base_url) == ("MINE", "http://127.0.0.1:9/v1")
    assert (same.price_in, same.price_out) == (None, 2)
    env = {
        "INTERVIEWER_MODEL": "openai:e",
        "INTERVIEWER_API_KEY_ENV": "MINE",
        "INTERVIEWER_GRADER_MODEL": "anthropic:a",
    }
    assert load_settings(env=env).grader.api_key_env is None


@pytest.mark.parametrize("name", ["local", "openai:other", "embedded", "gguf:/models/a b:c.gguf"])
def test_a_model_of_the_command_line_stands_in_both_roles(file, name) -> None:
    path = file(
        'model = "openai:m"\n[grader]\nmodel = "openai:g"\n'
        '[profiles.local]\nmodel = "openai:m"\nbase_url = "http://127.0.0.1:9/v1"\n'
    )
    settings = load_settings(path, env={"INTERVIEWER_GRADER_MODEL": "openai:env"}, flags={"model": name})
    assert settings.interviewer == settings.grader == settings.model(name)
    assert settings.grader.model == ("openai:m" if name == "local" else name)


def test_a_model_of_the_command_line_that_is_none_is_named(file) -> None:
    with pytest.raises(ConfigError, match="no model 'nope'"):
        load_settings(env={}, flags={"model": "nope"})


def test_fallbacks_are_names_and_each_of_them_is_known(file) -> None:
    text = 'model = "openai:m"\n[profiles.local]\nmodel = "openai:l"\n'
    settings = load_settings(file(text), env={"INTERVIEWER_GRADER_FALLBACKS": "local, openai:b,embedded"})
    assert settings.grader.fallbacks == ("local", "openai:b", "embedded")
    with pytest.raises(ConfigError, match="no model 'loca'"):
        load_settings(file('fallbacks = ["loca"]\n' + text), env={})


DOCUMENTED = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "interviewer.example.toml").read_text(encoding="utf-8")
KEYS = sorted({*ModelSettings.model_fields, *Settings.model_fields} - {"source"})


@pytest.mark.parametrize("key", KEYS)
def test_every_key_stands_in_the_document_and_in_the_example_file(key) -> None:
    assert re.search(rf"^\|[^|]*`{key}`", DOCUMENTED, re.MULTILINE)
    assert re.search(rf"^# (?:{key} = |\[{key}[.\]])", EXAMPLE, re.MULTILINE)


def test_the_document_names_no_key_that_is_none() -> None:
    tables = re.findall(r"^\| (`.+?`) \| .+\| .+\| .+\| .+\|$", DOCUMENTED, re.MULTILINE)
    assert sorted(key for cell in tables for key in re.findall(r"`(\w+)`", cell)) == KEYS


def test_every_example_of_the_document_is_accepted(file) -> None:
    examples = re.findall(r"^```toml\n(.*?)^```", DOCUMENTED, re.MULTILINE | re.DOTALL)
    assert len(examples) >= 6
    for example in examples:
        settings = load_settings(file(example), env={})
        assert not settings.grader.embedded or settings.profiles


def test_the_example_file_is_accepted(file) -> None:
    """Uncommented, block by block, since each block shows another way."""
    blocks = re.split(r"\n# [A-Z].*:\n|\n\n", EXAMPLE)
    lines = [[line.removeprefix("# ") for line in b.split("\n") if re.match(r"# (\[|\w+ = )", line)] for b in blocks]
    kept = ["\n".join(block) for block in lines if block]
    assert len(kept) >= 7
    local = next(block for block in kept if "[profiles.local]" in block)
    for block in kept:
        load_settings(file(block if "[profiles.local]" in block else f"{block}\n{local}"), env={})


def test_profiles_are_chosen_by_name(file) -> None:
    settings = load_settings(file('[profiles.local]\nmodel = "openai:m"\nbase_url = "http://127.0.0.1:9/v1"\n'), env={})
    assert settings.model("local").base_url == "http://127.0.0.1:9/v1"
    assert settings.model("embedded").embedded
    assert settings.model("openai:other").model == "openai:other"
    with pytest.raises(ConfigError, match="embedded, local"):
        settings.model("nope")


@pytest.mark.parametrize(("value", "expected"), [("", None), ("  ", None), ("sk-1", "sk-1")])
def test_an_empty_key_counts_as_none(value, expected) -> None:
    assert api_key(ModelSettings(model="openai:m"), {"OPENAI_API_KEY": value}) == expected
    assert api_key(ModelSettings(model="openai:m", api_key_env="MINE"), {"MINE": value}) == expected


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError):
        Settings().port = 1
