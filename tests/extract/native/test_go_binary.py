"""Build information in Go programs, in every executable format and both of its forms."""

import io
import struct

import pytest

from assay.extract.binary.executable import Executable
from assay.extract.binary.image import Image
from assay.extract.contract import Problem
from assay.extract.golang.binary import go_packages
from assay.extract.golang.buildinfo import BuildInfo, Module
from assay.extract.golang.version import module_version, toolchain_version
from assay.extract.window import Window

TEXT = (
    "path\texample.com/tool/cmd/tool\n"
    "mod\texample.com/tool\tv1.4.0\th1:a=\n"
    "dep\tgithub.com/gorilla/mux\tv1.8.0\th1:b=\n"
    "dep\tgolang.org/x/net\tv0.17.0\n"
    "=>\texample.com/fork/net\tv0.17.1\th1:c=\n"
    "build\t-compiler=gc\n"
)
NOTHING = Image(Window(io.BytesIO(), 0, 0), (), ())
EXPECTED = [
    ("golang", "stdlib", "1.21.3"),
    ("golang", "example.com/tool", "1.4.0"),
    ("golang", "github.com/gorilla/mux", "1.8.0"),
    ("golang", "example.com/fork/net", "0.17.1"),
]


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("big", [True, False])
def test_an_elf_file_names_its_modules_in_a_section(images, packages, wide, big) -> None:
    data = images.elf({".text": b"x" * 100, ".go.buildinfo": images.go_blob("go1.21.3", TEXT)}, wide=wide, big=big)
    assert packages(data) == EXPECTED


def test_an_elf_file_with_very_many_sections_keeps_their_number_elsewhere(images, packages) -> None:
    assert packages(images.elf({".go.buildinfo": images.go_blob("go1.21.3", TEXT)}, many=True)) == EXPECTED


def test_without_a_section_table_the_data_segment_is_searched(images, packages) -> None:
    decoy = b"?\xff Go buildinf:" + b"?" * 33
    data = images.elf({".data": decoy, ".go.buildinfo": images.go_blob("go1.21.3", TEXT)}, table=False)
    assert packages(data) == EXPECTED


@pytest.mark.parametrize("wide", [True, False])
def test_a_windows_program_keeps_it_at_the_start_of_its_data(images, packages, wide) -> None:
    data = images.pe(
        [(".text", b"x" * 64, 0x60000020), (".data", images.go_blob("go1.21.3", TEXT), 0xC0000040)], {}, wide=wide
    )
    assert packages(data) == EXPECTED


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("big", [True, False])
def test_a_macos_program_names_its_modules(images, packages, wide, big) -> None:
    data = images.macho({"__go_buildinfo": images.go_blob("go1.21.3", TEXT)}, big=big, wide=wide)
    assert packages(data) == EXPECTED


def test_a_universal_program_is_listed_once(images, packages) -> None:
    thin = images.macho({"__go_buildinfo": images.go_blob("go1.21.3", TEXT)})
    entries = b"".join(struct.pack(">5L", 7, 3, 48 + index * len(thin), len(thin), 0) for index in range(2))
    data = (b"\xca\xfe\xba\xbe" + struct.pack(">L", 2) + entries).ljust(48, b"\0") + thin + thin
    assert packages(data) == EXPECTED


def test_a_universal_program_may_have_wide_offsets(images, packages) -> None:
    thin = images.macho({"__go_buildinfo": images.go_blob("go1.21.3", TEXT)})
    entry = struct.pack(">2L2Q2L", 7, 3, 40, len(thin), 0, 0)
    assert packages(b"\xca\xfe\xba\xbf" + struct.pack(">L", 1) + entry + thin) == EXPECTED


def test_a_java_class_is_no_universal_program(packages) -> None:
    assert packages(b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + b"\0" * 4000) == []


@pytest.mark.parametrize(("wide", "big"), [(True, False), (True, True), (False, False), (False, True)])
def test_before_go_1_18_the_blob_points_to_its_strings(images, packages, wide, big) -> None:
    order, number, width = (">" if big else "<"), ("Q" if wide else "L"), (8 if wide else 4)
    toolchain, text = b"go1.17.2", images.framed(TEXT)
    probe = images.elf({".strings": toolchain + text, ".heads": b"", ".go.buildinfo": b""}, wide=wide, big=big)
    strings = 0x400000 + probe.index(toolchain)
    heads = strings + (len(toolchain + text) + 15) // 16 * 16 + (strings % 16 and 16 - strings % 16)
    head = struct.pack(f"{order}4{number}", strings, len(toolchain), strings + len(toolchain), len(text))
    blob = b"\xff Go buildinf:" + bytes([width, big]) + struct.pack(f"{order}2{number}", heads, heads + 2 * width)
    data = images.elf(
        {".strings": toolchain + text, ".heads": head, ".go.buildinfo": blob.ljust(32, b"\0")}, wide=wide, big=big
    )
    assert packages(data) == [("golang", "stdlib", "1.17.2"), *EXPECTED[1:]]


def test_a_program_from_outside_of_a_module_is_its_repository(images, packages) -> None:
    text = "path\tk8s.io/kubernetes/cmd/kubectl\nbuild\t-ldflags=\"-X 'k8s.io/base/version.gitVersion=v1.20.2'\"\n"
    data = images.elf({".go.buildinfo": images.go_blob("go1.19.8", text)})
    assert packages(data) == [("golang", "stdlib", "1.19.8"), ("golang", "k8s.io/kubernetes", "1.20.2")]


@pytest.mark.parametrize(
    ("program", "module"),
    [
        ("github.com/restic/restic/cmd/restic", "github.com/restic/restic"),
        ("go.etcd.io/etcd", "go.etcd.io/etcd"),
        ("command-line-arguments", None),
        ("cmd/go", "toolchain"),
    ],
)
def test_the_repository_of_a_program_is_guessed_from_known_hosts_and_from_cmd(program, module) -> None:
    found = list(go_packages(BuildInfo("go1.19", program), NOTHING, "bin/x", "executable"))
    assert [package.component.name for package in found[1:]] == ([module] if module else [])


@pytest.mark.parametrize(
    ("flags", "version"),
    [
        ("-s -w -X main.version=1.18.1 -X main.commit=5e16e50", "1.18.1"),
        ("-X=example.com/tool/internal.Version=v2.0.0-rc.1+build", "2.0.0-rc.1+build"),
        ("-X 'other.example/version.Version=9.9.9' -X main.version=1.2.3", "1.2.3"),
        ("-X one.example/a.version=1.0.0 -X two.example/b.version=2.0.0", ""),
        ("-X main.builtBy=1.2.3", ""),
        ("-X main.version=dev", ""),
        ("", ""),
    ],
)
def test_the_linker_flags_tell_the_version_of_a_development_build_when_they_agree(flags, version) -> None:
    info = BuildInfo("go1.22.0", main=Module("example.com/tool", "(devel)"), settings={"-ldflags": flags})
    assert (
        next(p for p in go_packages(info, NOTHING, "x", "x") if p.component.name != "stdlib").component.version
        == version
    )


def test_a_module_replaced_by_a_directory_keeps_that_name_and_has_no_version() -> None:
    module = Module("example.com/c", "v0.0.0", Module("../local/c", "(devel)"))
    found = list(go_packages(BuildInfo("go1.22.0", modules=[module]), NOTHING, "x", "x"))
    assert [(p.component.name, p.component.version) for p in found] == [("stdlib", "1.22.0"), ("../local/c", "")]


@pytest.mark.parametrize(
    ("constants", "version"),
    [
        (b"packed\0go1.21.3\0\0\0v1.27.16\0v1.27.16\0", "1.27.16"),
        (b"\x002.8.2+ds1\0" + b"\0" * 2000 + b"go1.21.3\0", "2.8.2+ds1"),
        (b"go1.21.3\0v1.2.3\0\0v1.2.4\0", ""),
        (b"go1.21.3\0packedv1.2.3\0", ""),
        (b"go1.21.3\0" + b"\0" * 20_000 + b"v1.2.3\0", ""),
        (b"v1.2.3", ""),
    ],
)
def test_without_recorded_flags_the_linkers_string_is_looked_for(images, packages, constants, version) -> None:
    text = "path\tk8s.io/kubernetes/cmd/kubectl\nmod\tk8s.io/kubernetes\t(devel)\t\nbuild\t-trimpath=true\n"
    data = images.elf({".rodata": constants, ".go.buildinfo": images.go_blob("go1.21.3 X:x", text)})
    assert packages(data) == [("golang", "stdlib", "1.21.3"), ("golang", "k8s.io/kubernetes", version)]


def test_a_stripped_go_program_is_known_by_its_tables_and_says_what_is_missing(images, facts) -> None:
    data = images.elf({".rodata": b"\0abcgo1.26.5\0\0go1.26.go vendor", ".gopclntab": b"\xf1\xff\xff\xff"})
    package, problem = facts("bin/esbuild", data)
    assert (package.component.name, package.component.version) == ("stdlib", "1.26.5")
    assert problem == Problem("a Go program without build information: its modules are not known", "unstated")


def test_a_stripped_go_program_may_not_even_tell_its_toolchain(images, facts) -> None:
    data = images.elf({".gopclntab": b"\xf1\xff\xff\xff"})
    assert facts("x", data) == [
        Problem("a Go program without build information: its modules are not known", "unstated")
    ]


@pytest.mark.parametrize(
    ("blob", "message"),
    [
        (b"\xff Go buildinf:\x08\x02", "breaks off"),
        ((b"\xff Go buildinf:\x08\x02").ljust(32, b"\0") + b"\xff" * 12, "impossible length"),
        ((b"\xff Go buildinf:\x08\x02").ljust(32, b"\0") + b"\x70go1", "breaks off"),
        ((b"\xff Go buildinf:\x08\x00").ljust(32, b"\x11"), "without the toolchain"),
    ],
)
def test_damaged_build_information_is_reported(images, facts, blob, message) -> None:
    (problem,) = facts("x", images.elf({".go.buildinfo": blob}))
    assert isinstance(problem, Problem)
    assert message in problem.message


def test_settings_are_go_string_literals(images, packages) -> None:
    text = 'mod\texample.com/tool\t(devel)\t\nbuild\t-ldflags="-X \\"main.version=3.2.1\\""\nbuild\tx=`y`\nbuild\tz="\\u12"\n'
    data = images.elf({".go.buildinfo": images.go_blob("go1.22.0", text)})
    assert packages(data)[1] == ("golang", "example.com/tool", "3.2.1")


@pytest.mark.parametrize(
    ("toolchain", "version"),
    [
        ("go1.21.3", "1.21.3"),
        ("go1.20.4 X:boringcrypto", "1.20.4"),
        ("go1.18.2b7 (amazon)", "1.18.2"),
        ("go1.23.6-xyz", "1.23.6"),
        ("go1.22rc1", "1.22rc1"),
        ("devel go1.22-2f3a5b1 Mon Jan 1", "1.22"),
        ("devel +2f3a5b1 Mon Jan 1", ""),
        ("gotip", ""),
    ],
)
def test_the_standard_library_has_the_version_of_the_toolchain(toolchain, version) -> None:
    assert toolchain_version(toolchain) == version


def test_module_versions_have_no_leading_v() -> None:
    assert [module_version(text) for text in ("v1.2.3+incompatible", "(devel)", "", "v\x00")] == [
        "1.2.3+incompatible",
        "",
        "",
        "",
    ]


def test_programs_of_more_than_half_a_gigabyte_are_read() -> None:
    assert Executable().max_size > 750 << 20
