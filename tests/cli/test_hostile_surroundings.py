"""Closed streams, full disks, signals, missing homes: one line that names the thing, and the right exit status."""

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

ASSAY = [sys.executable, "-c", "from assay.cli.main import main; main()"]


def start(*words: object, **options) -> subprocess.Popen[str]:
    environment = {**os.environ, **options.pop("env", {})}
    command = [*ASSAY, *map(str, words)]
    return subprocess.Popen(command, env=environment, text=True, stderr=subprocess.PIPE, **options)


def shell(line: str, *words: object, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Run ``line`` where "$@" is the program with its words."""
    environment = {**os.environ, **(env or {})}
    command = ["/bin/sh", "-c", line, "sh", *ASSAY, *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('"$@" >&-', "assay: standard output is closed\n"),
        ('"$@" >/dev/full', "assay: standard output cannot be written: No space left on device\n"),
    ],
)
@pytest.mark.parametrize("name", ["table", "json"])
def test_output_that_goes_nowhere_is_an_error_without_a_traceback(project, line, message, name) -> None:
    assert shell(line, "sbom", "--no-cache", "-f", name, project) == (1, "", message)


def test_closed_error_output_changes_nothing(project) -> None:
    status, out, _ = shell('"$@" 2>&- <&-', "sbom", "--no-cache", "-f", "json", project)
    assert (status, json.loads(out)["partial"]) == (0, False)


def test_a_reader_that_leaves_early_is_nothing_to_talk_about(tmp_path) -> None:
    (tmp_path / "requirements.txt").write_text("".join(f"package{n}==1.0\n" for n in range(4000)))
    status, out, err = shell('"$@" | head -n 1', "sbom", "--no-cache", tmp_path)
    assert (status, out.count("\n"), err) == (0, 1, "")


@pytest.mark.parametrize("where", ["", "missing/report.json", "/dev/full"])
def test_a_report_that_cannot_be_written_names_the_file(run, project, tmp_path, where) -> None:
    file = tmp_path / where
    ran = run("sbom", "-f", f"json={file}", project)
    assert (ran.status, ran.err.startswith(f"assay: {file} cannot be written: ")) == (1, True)
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_link_is_written_through_and_not_replaced(run, project, tmp_path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    assert run("sbom", "-f", f"json={tmp_path}/link.json", project).status == 0
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["partial"] is False


def test_a_user_without_a_home_scans_without_a_cache_but_needs_to_say_where_knowledge_is(project, monkeypatch) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "ASSAY_CACHE_DIR", "ASSAY_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    homeless = "import pathlib\ndef home():\n raise RuntimeError('no home')\npathlib.Path.home = home\n"
    program = [sys.executable, "-c", homeless + ASSAY[2]]
    assert subprocess.run([*program, "sbom", project], check=False, capture_output=True, timeout=60).returncode == 0
    done = subprocess.run([*program, "scan", project], check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("assay: this user has no home directory: set XDG_DATA_HOME")


def test_messages_cannot_steer_the_terminal(run, knowledge) -> None:
    ran = run("scan", "--data-dir", knowledge, "dir:/no/\x1b[31m\nassay: fine")
    assert (ran.status, "\x1b" in ran.err, ran.err.count("\n")) == (1, False, 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_leave_no_processes_and_no_files(tmp_path, number) -> None:
    """The archive is compressed, so it is unpacked into a temporary file first; a pipe's end keeps that going."""
    (tmp_path / "tmp").mkdir()
    with tarfile.open(tmp_path / "image.tar.gz", "w:gz", compresslevel=1) as archive:
        for number_ in range(8):
            member = tarfile.TarInfo(f"{number_:064x}/layer.tar")
            member.size = 100 << 20
            archive.addfile(member, io.BytesIO(bytes(member.size)))
    process = start(
        "sbom", "--no-cache", f"docker-archive:{tmp_path}/image.tar.gz", env={"TMPDIR": str(tmp_path / "tmp")},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    deadline = time.monotonic() + 20
    while not any((tmp_path / "tmp").iterdir()) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert "Traceback" not in err
    assert list((tmp_path / "tmp").iterdir()) == []


def test_one_target_that_fails_does_not_cost_the_others(run, knowledge, project) -> None:
    ran = run("scan", "--data-dir", knowledge, "-f", "json", project, "dir:/no/such", project)
    assert (ran.status, ran.err) == (1, "assay: dir:/no/such: no such directory\n")
    assert [json.loads(line)["target"]["name"] for line in ran.out.splitlines()] == [str(project)] * 2


def test_formats_for_one_target_are_refused_before_anything_is_read(run, knowledge) -> None:
    ran = run("scan", "--data-dir", knowledge, "-f", "sarif", "dir:/no/such", "dir:/nor/this")
    assert (ran.status, ran.err) == (
        2,
        "assay: format sarif holds one target: scan them one by one, or use json\n",
    )


def test_sboms_that_are_none_are_named(run, tmp_path) -> None:
    (tmp_path / "empty.json").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    for name in ("empty.json", "pipe"):
        ran = run("sbom", f"sbom:{tmp_path / name}")
        assert (ran.status, ran.err) == (
            1,
            f"assay: {tmp_path / name}: neither CycloneDX nor SPDX in a form that is known\n",
        )
    ran = run("sbom", f"sbom:{tmp_path}")
    assert (ran.status, ran.err) == (1, f"assay: {tmp_path} cannot be read: Is a directory\n")


def test_an_sbom_over_the_limit_is_not_read_to_its_end(tmp_path: Path) -> None:
    from assay.errors import LimitExceeded
    from assay.operations.roots import read_small

    (tmp_path / "file").write_bytes(b"x" * 100)
    assert read_small(tmp_path / "file", 100) == b"x" * 100
    with pytest.raises(LimitExceeded, match="more than the 99 bytes"):
        read_small(tmp_path / "file", 99)
    with pytest.raises(LimitExceeded):
        read_small(Path("/dev/zero"), 10 << 20)


def test_names_that_are_no_unicode_are_written_all_the_same(run, tmp_path) -> None:
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    (Path(folder) / "node_modules/a").mkdir(parents=True)
    (Path(folder) / "node_modules/a/package.json").write_text('{"name":"a","version":"1"}')
    ran = run("sbom", "-f", "json", f"dir:{folder}")
    assert ran.status == 0
    found = json.loads(ran.out)
    assert (found["target"]["name"], found["packages"][0]["name"]) == (f"{tmp_path}/\ufffd", "a")


def test_comparing_versions_needs_its_streams() -> None:
    assert shell('"$@" >&-', "version", "compare", "npm", "1", "2") == (1, "", "assay: standard output is closed\n")
    assert shell('"$@" <&-', "version", "compare", "--batch") == (1, "", "assay: standard input is closed\n")


def test_nothing_cannot_be_explained(run, knowledge, project) -> None:
    ran = run("scan", "--data-dir", knowledge, "--explain", " ", project)
    assert (ran.status, ran.err) == (2, "assay: --explain names no vulnerability\n")


@pytest.mark.parametrize("kind", ["docker-archive", "zip"])
def test_a_pipe_without_a_writer_does_not_block(tmp_path, kind) -> None:
    os.mkfifo(tmp_path / "pipe")
    status, _, err = shell('exec "$@"', "sbom", f"{kind}:{tmp_path}/pipe")
    assert (status, err.startswith(f"assay: {tmp_path}/pipe: "), err.count("\n")) == (
        2 if kind != "zip" else 1,
        True,
        1,
    )


@pytest.mark.parametrize("purl", ["pkg:npm/lodash", "pkg:npm/lodash@4.17.11", "pkg:pypi/Requests"])
def test_a_package_url_can_be_searched_for(run, knowledge, purl) -> None:
    ran = run("intel", "search", "--data-dir", knowledge, purl)
    assert (ran.status, ": 1 statements\n" in ran.out) == (0, True)


def test_what_only_looks_like_a_package_url_is_refused(run, knowledge) -> None:
    assert run("intel", "search", "--data-dir", knowledge, "pkg:").status == 2
