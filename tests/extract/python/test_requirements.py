import codecs

import pytest

from assay.extract.contract import Problem
from assay.extract.python.requirement import Include, Other, Requirement, logical_lines, parse_line
from assay.extract.python.requirements import PythonRequirements
from assay.model.component import Package


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("flask", Requirement("flask")),
        ("flask==2.0.1", Requirement("flask", "2.0.1", pinned=True)),
        ("flask===2.0.1", Requirement("flask", "2.0.1", pinned=True)),
        ("Flask [async, dotenv] == 2.0.1", Requirement("Flask", "2.0.1", pinned=True)),
        ("flask (==2.0.1)", Requirement("flask", "2.0.1", pinned=True)),
        ('flask==2.0.1; python_version < "3.8"', Requirement("flask", "2.0.1", pinned=True)),
        ("flask==2.0.1 --hash=sha256:aa --hash=sha256:bb", Requirement("flask", "2.0.1", pinned=True)),
        ("flask==2.0.1 -C foo", Requirement("flask", "2.0.1", pinned=True)),
        ("flask>=2.0,==2.3.*,==2.3.1", Requirement("flask", "2.3.1", pinned=True)),
        ("flask>=2.0", Requirement("flask", "2.0")),
        ("flask~=2.0", Requirement("flask", "2.0")),
        ("flask<=2.0", Requirement("flask", "2.0")),
        ("flask>2.0", Requirement("flask")),
        ("flask<2.0", Requirement("flask")),
        ("flask!=2.0", Requirement("flask")),
        ("flask==2.*", Requirement("flask")),
        ("flask>=1.0,<2.0", Requirement("flask")),
        ("under_score.and-dash==1", Requirement("under_score.and-dash", "1", pinned=True)),
        ("flask @ https://x.org/Flask-2.0.1-py3-none-any.whl", Requirement("flask", "2.0.1", pinned=True)),
        (
            "torch @ https://x.org/torch-2.0%2Bcpu-1-cp3-cp3-linux.whl#sha256=aa ; sys_platform == 'linux'",
            Requirement("torch", "2.0+cpu", pinned=True),
        ),
        ("my-pkg @ file:///tmp/my_pkg-1.0.tar.gz", Requirement("my-pkg", "1.0", pinned=True)),
        ("my-pkg@https://x.org/other-1.0.zip", Other.NOTHING),
        ("urllib3 @ git+https://github.com/urllib3/urllib3@abc", Other.NOTHING),
        ("a @ http://[x", Other.UNUSABLE),
        ("https://x.org/flask-2.0.1-py3-none-any.whl", Other.NOTHING),
        ("git+ssh://git@x.org/flask#egg=flask", Other.NOTHING),
        ("./downloads/numpy.whl", Other.NOTHING),
        ("downloads/numpy", Other.NOTHING),
        ("numpy-1.0-py3-none-any.whl", Other.NOTHING),
        ("-e .", Other.NOTHING),
        ("--index-url https://x.org/simple", Other.NOTHING),
        ("-r base.txt", Include("base.txt")),
        ("--requirement=base.txt", Include("base.txt")),
        ("-c 'pins.txt'", Include("pins.txt", constraint=True)),
        ("--constraint pins.txt", Include("pins.txt", constraint=True)),
        ("flask==${VERSION}", Other.UNUSABLE),
        ("flask==", Other.UNUSABLE),
        ("flask== --hash=sha256:aa", Other.UNUSABLE),
        ("flask 2.0", Other.UNUSABLE),
        ("flask>=1, junk", Other.UNUSABLE),
        ("!!", Other.UNUSABLE),
    ],
)
def test_what_one_line_says(line, expected):
    assert parse_line(line) == expected


def test_lines_are_joined_and_comments_dropped_as_pip_does():
    text = "# first\na==1 \\\n  --hash=sha256:aa \\\n  --hash=sha256:bb\nb==2 # why\n\n#c\nc \\\n==3\nd==4#kept\ne \\\n# end\nf \\"
    assert list(logical_lines(text)) == ["a==1", "b==2", "c ==3", "d==4#kept", "e", "f"]


def test_a_file_lists_its_requirements_in_order(versions):
    data = b"Flask==2.0.1\nrequests>=2.8\nsix\n"
    assert versions(PythonRequirements(), {"requirements.txt": data}) == [
        ("Flask", "2.0.1"),
        ("requests", "2.8"),
        ("six", ""),
    ]


def test_utf16_from_a_windows_shell_is_read(versions):
    data = codecs.BOM_UTF16_LE + "flask==1.0\r\n".encode("utf-16-le")
    assert versions(PythonRequirements(), {"requirements.txt": data}) == [("flask", "1.0")]


def test_includes_that_are_no_requirements_files_by_name_are_listed_once(packages):
    files = {
        "app/requirements.txt": b"-r reqs.txt\n-r other-requirements.txt\n-r gone.txt\n-r reqs.txt\na==1\n",
        "app/reqs.txt": b"-r requirements.txt\nb==2\n",
        "app/other-requirements.txt": b"c==3\n",
    }
    found = packages(PythonRequirements(), files)
    assert [(package.component.name, package.path) for package in found] == [
        ("a", "app/requirements.txt"),
        ("b", "app/reqs.txt"),
    ]


def test_a_constraints_file_pins_what_is_not_pinned_and_installs_nothing(facts, versions):
    pins = b"-c more-constraints.txt\nFlask==2.3\nunused==9\nb==7\nranged>=1\n"
    files = {
        "requirements.txt": b"-c constraints.txt\nflask>=1\nb==1\nranged\nsix\n",
        "constraints.txt": pins,
        "more-constraints.txt": b"six==1.16\n",
    }
    assert versions(PythonRequirements(), files) == [("flask", "2.3"), ("b", "1"), ("ranged", ""), ("six", "1.16")]
    assert facts(PythonRequirements(), {"constraints.txt": pins}) == []


def test_files_for_development_are_marked_by_their_name(packages):
    for path, dev in [
        ("requirements-dev.txt", True),
        ("test_requirements.txt", True),
        ("requirements/docs.txt", True),
        ("requirements.txt", False),
        ("requirements/base.txt", False),
        ("device-requirements.txt", False),
    ]:
        assert [package.dev for package in packages(PythonRequirements(), {path: b"a==1\n"})] == [dev], path


def test_lines_that_cannot_be_used_are_reported_beside_those_that_can(facts):
    found = facts(PythonRequirements(), {"requirements.txt": b"a==1\nb==${B}\nc==\n"})
    assert [fact.component.name for fact in found if isinstance(fact, Package)] == ["a"]
    assert found[-1] == Problem("2 lines of requirements.txt state no usable requirement: 'b==${B}'", "unstated")


def test_prose_under_that_name_is_not_reported(facts):
    assert facts(PythonRequirements(), {"requirements.txt": b"Please install the (newest) Foo!\n"}) == []


def test_more_includes_than_make_sense_are_a_limit(facts):
    files = {"requirements.txt": b"".join(b"-r reqs%d.txt\n" % number for number in range(300))}
    files |= {f"reqs{number}.txt": b"p%d==1\n" % number for number in range(300)}
    found = facts(PythonRequirements(), files)
    assert found[0] == Problem("more included files than are read with one requirements file", kind="limit")
    assert 100 < len(found) < 250


def test_includes_larger_than_make_sense_are_a_limit(facts):
    files = {"requirements.txt": b"-r reqs.txt\na==1\n", "reqs.txt": b"#" * 600_000}
    found = facts(PythonRequirements(), files)
    assert isinstance(found[0], Problem)
    assert [fact.component.name for fact in found[1:]] == ["a"]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("requirements.txt", True),
        ("srv/app/dev-requirements.txt", True),
        ("srv/requirements/base.txt", True),
        ("constraints.txt", True),
        ("srv/notes.txt", False),
        ("usr/lib/python3/site-packages/foo/requirements.txt", False),
        ("site-packages/foo/requirements.txt", False),
        ("app/node_modules/x/requirements.txt", False),
    ],
)
def test_which_files_are_wanted(path, wanted):
    assert bool(PythonRequirements.wants.pattern.search(path)) is wanted
