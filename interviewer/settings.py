"""One frozen Settings, read once: flags over environment over file over defaults.

The file is `interviewer.toml`: the one named by `--config` or
`INTERVIEWER_CONFIG`, else the one in the working directory if there is one.
Keys at its top are the model of both roles; `[interviewer]` and `[grader]`
change them for one role; `[profiles.NAME]` names a set of them, to be chosen
by name wherever a model is asked for.
"""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from interviewer.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
EMBEDDED = "embedded"


class ModelSettings(BaseModel):
    """One model and how it is called."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str = Field(
        EMBEDDED, description="`embedded`, `provider:model` such as `openai:gpt-5-mini`, or `gguf:PATH`."
    )
    base_url: str | None = Field(None, description="Address of an OpenAI-compatible server, ending in /v1.")
    api_key_env: str | None = Field(None, description="Name of the environment variable that holds the key.")
    temperature: float | None = Field(None, ge=0, le=2, description="0 to 2; left out of the request when not set.")
    timeout: float = Field(60, gt=0, le=3600, description="Seconds before a request is given up, above 0.")
    retries: int = Field(2, ge=0, le=10, description="Repeats after a transport error, 0 to 10.")
    max_tokens: int = Field(4000, ge=16, description="Tokens a reply may have at most, 16 or more.")
    structured_output: Literal["json_schema", "function_calling", "json_mode", "prompt"] = Field(
        "json_schema", description="How a grade's schema is asked for; `prompt` for servers that know none."
    )
    price_in: float | None = Field(None, ge=0, description="Price per million tokens read.")
    price_cached: float | None = Field(None, ge=0, description="Price per million tokens read from a prefix cache.")
    price_out: float | None = Field(None, ge=0, description="Price per million tokens written.")
    panel: int = Field(1, ge=1, le=9, description="Gradings of each exchange; the median counts, 1 to 9.")
    fallbacks: tuple[str, ...] = Field((), description="Profiles or models tried in order when this one fails.")

    @field_validator("model")
    @classmethod
    def _spec(cls, value: str) -> str:
        provider, colon, name = value.strip().partition(":")
        if value.strip() != EMBEDDED and not (colon and provider and name):
            raise ValueError(
                "expected `embedded`, `provider:model` such as `openai:gpt-5-mini`, or `gguf:PATH`; a profile is "
                "chosen by `--model NAME` and in `fallbacks`"
            )
        return value.strip()

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("expected an address such as http://127.0.0.1:11434/v1")
        if parts.username or parts.password or parts.query:
            raise ValueError("an address holds no key and no password; put the key in the variable of `api_key_env`")
        return value.strip()

    @field_validator("api_key_env")
    @classmethod
    def _variable(cls, value: str | None) -> str | None:
        # Keys have small letters or hyphens: one that was written here by mistake must not be shown as a name.
        if value is not None and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", value):
            raise ValueError(
                "expected the name of an environment variable in capitals, such as OPENAI_API_KEY; the key itself "
                "stands in no file"
            )
        return value

    @field_validator("fallbacks", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        # An environment variable holds a list as names with commas between them.
        return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value

    @property
    def embedded(self) -> bool:
        """Whether this is the engine that needs no model."""
        return self.model == EMBEDDED


class Settings(BaseModel):
    """Everything that can be set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    interviewer: ModelSettings = ModelSettings()
    grader: ModelSettings = ModelSettings()
    profiles: dict[str, ModelSettings] = Field(default_factory=dict, description="Named models to choose from.")
    guide: Path = Field(ROOT / "knowledge" / "guides", description="A guide file, or a folder of them.")
    prompts: Path = Field(ROOT / "prompts", description="Folder of the prompt files.")
    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("interviewer", appauthor=False)),
        description="Folder of transcripts and the index.",
    )
    database: str | None = Field(None, description="SQLAlchemy URL; SQLite in data_dir when not set.")
    host: str = Field("127.0.0.1", description="Address the app listens on.")
    port: int = Field(7860, ge=0, le=65535, description="Port the app listens on, 0 to 65535 (0: any free one).")
    mcp: bool = Field(False, description="Whether the app offers its endpoints as MCP tools too; needs the mcp extra.")
    max_reply_chars: int = Field(20_000, ge=100, description="Longest answer that is taken, in characters.")
    budget: float | None = Field(None, gt=0, description="Price at which an interview is closed politely.")
    source: str = Field("defaults", description="Where the settings came from.")

    @field_validator("profiles")
    @classmethod
    def _profiles(cls, value: dict[str, ModelSettings]) -> dict[str, ModelSettings]:
        if EMBEDDED in value:
            raise ValueError(f"the name {EMBEDDED!r} is taken by the engine that needs no model; use another")
        return value

    def model(self, name: str) -> ModelSettings:
        """Return the model of a profile's name, or of a bare spec.

        Raises:
            ConfigError: When the name is neither a profile nor a spec.
        """
        if name in self.profiles:
            return self.profiles[name]
        for role in (self.interviewer, self.grader):
            if name == role.model:
                return role
        try:
            return ModelSettings(model=name)
        except ValidationError:
            known = ", ".join(sorted({EMBEDDED, *self.profiles}))
            raise ConfigError(
                f"There is no model {name!r}. Use one of: {known}; or a spec such as openai:gpt-5-mini."
            ) from None

    def both(self, name: str) -> "Settings":
        """Return the settings with one model, by a profile's name or a spec, in both roles.

        Raises:
            ConfigError: When the name is neither a profile nor a spec.
        """
        model = self.model(name)
        return self.model_copy(update={"interviewer": model, "grader": model})


_MODEL_KEYS = set(ModelSettings.model_fields)
_ADDRESS = {"base_url", "api_key_env"}
_PRICES = {"price_in", "price_cached", "price_out"}
_PATHS = {"guide", "prompts", "data_dir"}
_TOP_KEYS = set(Settings.model_fields) - {"source"}


def load_settings(
    config: Path | None = None, env: Mapping[str, str] | None = None, flags: Mapping[str, Any] | None = None
) -> Settings:
    """Read the settings.

    Args:
        config: A settings file; it must exist. Without one, `INTERVIEWER_CONFIG`, then `./interviewer.toml`.
        env: Environment; the process's own when None. `INTERVIEWER_<KEY>` sets any top key or model key,
            `INTERVIEWER_GRADER_<KEY>` and `INTERVIEWER_INTERVIEWER_<KEY>` those of one role.
        flags: Values from the command line; None values are ignored. `model` is a profile's name or a spec, and stands
            in both roles.

    Raises:
        ConfigError: When the file cannot be read, a key is unknown or a value is not accepted.
    """
    env = os.environ if env is None else env
    path = config or (Path(env["INTERVIEWER_CONFIG"]) if env.get("INTERVIEWER_CONFIG") else None)
    if path is None and Path("interviewer.toml").is_file():
        path = Path("interviewer.toml")
    table = _read_toml(path) if path else {}
    source = str(path) if path else "defaults"
    given = dict(flags or {})
    model = given.pop("model", None)
    roles: dict[str, dict[str, Any]] = {"interviewer": {}, "grader": {}}
    top: dict[str, Any] = {}
    layers = ((source, table), ("the environment", _from_env(env)), ("the command line", given))
    for name, layer in layers:
        common = {key: value for key, value in layer.items() if key in _MODEL_KEYS and value is not None}
        for key, value in layer.items():
            if key in roles and not isinstance(value, Mapping):
                raise ConfigError(f'{name}: [{key}] must be a table with keys such as model = "embedded".')
            if key not in _MODEL_KEYS | _TOP_KEYS:
                accepted = ", ".join(sorted(_TOP_KEYS | _MODEL_KEYS))
                raise ConfigError(f"{name}: unknown setting {key!r}. Accepted are: {accepted}.")
            if key not in roles and key in _TOP_KEYS and value is not None:
                top[key] = value
        for role, so_far in roles.items():
            roles[role] = _changed(_changed(so_far, common), layer.get(role, {}))
    for key in _PATHS & top.keys():
        if isinstance(top[key], str):
            # A path in the file is meant from where the file lies.
            base = path.parent if path and top[key] == table.get(key) else Path()
            top[key] = base / Path(top[key]).expanduser()
    try:
        settings = Settings(**top, **roles, source=source)
    except ValidationError as error:
        raise ConfigError(_sentence(error, layers)) from None
    models = [(["interviewer"], settings.interviewer), (["grader"], settings.grader)]
    models += [(["profiles", name], one) for name, one in settings.profiles.items()]
    for where, one in models:
        for name in one.fallbacks:
            try:
                settings.model(name)
            except ConfigError as error:
                place, path_there = _place([*where, "fallbacks"], layers)
                raise ConfigError(f"{place}: {'.'.join(path_there)}: {error}") from None
    return settings.both(model) if model else settings


def _changed(so_far: dict[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return a role's keys after what one more place says of it.

    A price does not outlive a change of the model, nor an address and a key a change of the provider: a key must not
    reach another provider's server.
    """
    before, after = so_far.get("model"), new.get("model")
    dropped: set[str] = set()
    if before and after and before != after:
        same_provider = str(before).partition(":")[0] == str(after).partition(":")[0]
        dropped = _PRICES if same_provider else _PRICES | _ADDRESS
    return {**{key: value for key, value in so_far.items() if key not in dropped}, **new}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"There is no settings file {str(path)!r}. Give an existing file, or leave it out.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The settings file {str(path)!r} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: this is not valid TOML: {error}. Mend that line and start again.") from None


def _from_env(env: Mapping[str, str]) -> dict[str, Any]:
    """Return what `INTERVIEWER_*` variables set; empty ones count as not set."""
    found: dict[str, Any] = {}
    for name, value in env.items():
        if not name.startswith("INTERVIEWER_") or name == "INTERVIEWER_CONFIG" or not value:
            continue
        key = name.removeprefix("INTERVIEWER_").lower()
        role = next((r for r in ("interviewer", "grader") if key.startswith(r + "_")), None)
        if role and key.removeprefix(role + "_") in _MODEL_KEYS:
            found.setdefault(role, {})[key.removeprefix(role + "_")] = value
        elif key in _MODEL_KEYS | _TOP_KEYS - {"profiles", "interviewer", "grader"}:
            found[key] = value
        else:
            raise ConfigError(f"the environment: {name} is not a setting. Unset it, or see docs/configuration.md.")
    return found


# Where settings may stand: a name for people, and what stands there; the last one that sets a key counts.
_Layers = Sequence[tuple[str, Mapping[str, Any]]]
# Values that may be a secret put in the wrong place.
_HIDDEN = {"api_key_env", "base_url", "database", "profiles"}


def _sentence(error: ValidationError, layers: _Layers) -> str:
    """Say in one sentence what the first wrong value is and where it stands; never shows what might be a secret."""
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    source, path = _place(path, layers)
    where = ".".join(path)
    if first["type"] == "extra_forbidden":
        return f"{source}: unknown setting {where!r}. Accepted there are: {', '.join(sorted(_MODEL_KEYS))}."
    shown = "" if path[-1] in _HIDDEN else f" (got {str(first['input'])[:60]!r})"
    return f"{source}: {where}: {first['msg'].removeprefix('Value error, ')}{shown}."


def _place(path: list[str], layers: _Layers) -> tuple[str, list[str]]:
    """Return the layer a value came from and its path there: a role's key may stand at the top, for both roles."""
    for source, layer in reversed(layers):
        own = layer.get(path[0])
        if len(path) > 1 and path[0] in ("interviewer", "grader"):
            if isinstance(own, Mapping) and path[1] in own:
                return source, path
            if path[1] in layer:
                return source, path[1:]
        elif own is not None:
            return source, path
    return layers[0][0], path


def api_key(settings: ModelSettings, env: Mapping[str, str] | None = None) -> str | None:
    """Return the key for a model from the environment, or None; an empty variable counts as none.

    A provider's usual variable is read only for the provider's own address: a
    key must not be sent to another server because a shell exports it.
    """
    env = os.environ if env is None else env
    names = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "google_genai": "GOOGLE_API_KEY"}
    usual = "" if settings.base_url else names.get(settings.model.partition(":")[0], "")
    name = settings.api_key_env or usual
    return env.get(name, "").strip() or None
