"""project.toml and the environment -> Settings; where the shipped data lies."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from textmine.errors import ConfigError

__all__ = ["Identity", "Project", "Query", "data_root", "file_hash", "load_project", "read_toml"]


def data_root() -> Path:
    """The folder that holds `corpora/` and `models/`: inside the wheel, or the checkout's root."""
    package = Path(__file__).resolve().parent
    shipped = package / "_data"
    return shipped if shipped.is_dir() else package.parent


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; ConfigError says where it is broken."""
    try:
        with open(path, "rb") as stream:
            return tomllib.load(stream)
    except FileNotFoundError:
        raise ConfigError(f"There is no file {path}. Check the path.") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is no valid TOML: {error}") from None


def file_hash(*paths: Path) -> str:
    """SHA-256 over the contents of files, and of the files in folders, in the order of names."""
    digest = hashlib.sha256()
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Query(_Strict):
    """One PubMed search; `claims` says which claims it was written for."""

    id: str
    term: str
    claims: tuple[str, ...] = ()
    against: bool = False


class EntrezTable(_Strict):
    email: str | None = None
    tool: str = "textmine"
    base_url: str = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"


class ReadingTable(_Strict):
    model: str = "default"
    lexicon: tuple[str, ...] = ()


class GradeTable(_Strict):
    rules: str | None = None


class Project(_Strict):
    """A project folder: what is searched, which claims are checked, how it is read and graded."""

    name: str
    title: str
    description: str = ""
    synthetic: bool = False
    sources: tuple[str, ...] = ("entrez",)
    claims: str = "claims.toml"
    query: tuple[Query, ...] = ()
    entrez: EntrezTable = EntrezTable()
    reading: ReadingTable = ReadingTable()
    grade: GradeTable = GradeTable()
    folder: Path = Field(default=Path(), exclude=True)

    @property
    def claims_path(self) -> Path:
        return self.folder / self.claims


class Identity(BaseSettings):
    """Who asks NCBI: NCBI_EMAIL, NCBI_API_KEY, NCBI_TOOL. The key never shows in a repr."""

    model_config = SettingsConfigDict(env_prefix="NCBI_", extra="ignore")

    email: str | None = None
    api_key: SecretStr | None = None
    tool: str | None = None


def load_project(path: str | Path) -> Project:
    """Reads PATH/project.toml (or the file itself). A bare name means a shipped project."""
    place = Path(path)
    if not place.exists() and (data_root() / "corpora" / str(path)).is_dir():
        place = data_root() / "corpora" / str(path)
    file = place / "project.toml" if place.is_dir() else place
    data = read_toml(file)
    try:
        return Project(**data, folder=file.parent)
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()
        )
        raise ConfigError(f"{file} is no valid project file: {found}") from None
