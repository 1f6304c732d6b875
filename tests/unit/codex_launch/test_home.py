"""A CODEX_HOME of our own."""

from __future__ import annotations

import stat

from bot.codex import home

WATCHED = {"skills", ".agents"}


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_both_folders_are_for_us_alone_even_when_they_were_open(tmp_path):
    (tmp_path / "home").mkdir(mode=0o755)
    home.prepare(tmp_path / "home", tmp_path / "work", user_home=None)
    assert mode(tmp_path / "home") == mode(tmp_path / "work") == 0o700
    assert {path.name for path in (tmp_path / "home").iterdir()} == WATCHED


def test_what_codex_watches_for_is_there_and_empty(tmp_path):
    home.prepare(tmp_path / "home", tmp_path / "work", user_home=None)
    for name in ("skills", ".agents/skills"):
        assert mode(tmp_path / "home" / name) == 0o700
        assert list((tmp_path / "home" / name).iterdir()) == []


def test_the_login_is_a_link_and_nothing_else_of_the_user_is_there(tmp_path):
    user = tmp_path / "user"
    user.mkdir()
    for name in ("auth.json", "AGENTS.md", "config.toml"):
        (user / name).write_text("{}")
    home.prepare(tmp_path / "home", tmp_path / "work", user_home=user)
    assert {path.name for path in (tmp_path / "home").iterdir()} == WATCHED | {"auth.json"}
    assert (tmp_path / "home" / "auth.json").readlink() == user / "auth.json"


def test_a_login_that_comes_later_is_seen(tmp_path):
    user = tmp_path / "user"
    home.prepare(tmp_path / "home", tmp_path / "work", user_home=user)
    user.mkdir()
    (user / "auth.json").write_text("later")
    assert (tmp_path / "home" / "auth.json").read_text() == "later"


def test_a_login_to_our_own_home_is_kept(tmp_path):
    home.prepare(tmp_path / "home", tmp_path / "work", user_home=None)
    (tmp_path / "home" / "auth.json").write_text("ours")
    home.prepare(tmp_path / "home", tmp_path / "work", user_home=tmp_path / "user")
    assert (tmp_path / "home" / "auth.json").read_text() == "ours"


def test_the_link_follows_when_the_login_moves_and_goes_when_none_is_shared(tmp_path):
    ours = tmp_path / "home" / "auth.json"
    for name in ("one", "two"):
        home.prepare(tmp_path / "home", tmp_path / "work", user_home=tmp_path / name)
        assert ours.readlink() == tmp_path / name / "auth.json"
    home.prepare(tmp_path / "home", tmp_path / "work", user_home=None)
    assert not ours.is_symlink()


def test_a_home_is_never_linked_to_itself(tmp_path):
    home.prepare(tmp_path / "home", tmp_path / "work", user_home=tmp_path / "home")
    assert not (tmp_path / "home" / "auth.json").is_symlink()


def test_the_users_home_is_what_the_user_set(tmp_path):
    assert home.user_codex_home({"CODEX_HOME": "/x", "HOME": "/h"}).as_posix() == "/x"
    assert home.user_codex_home({"HOME": "/h"}).as_posix() == "/h/.codex"


def test_a_private_file_is_private_and_replaced_whole(tmp_path):
    path = tmp_path / "folder" / "file"
    home.write_private(path, "old and long")
    home.write_private(path, "new")
    assert path.read_text() == "new"
    assert mode(path) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["file"]
