"""Assemblies: the metadata tables and the version resource of managed PE files.

osv-scalibr lists file names (``Newtonsoft.Json.dll``) with assembly versions, for the assemblies a file refers to as well;
we list the file's own assembly only, under the package's name and version, because that is what advisories speak of.
"""

import struct

import pytest

from assay.extract.contract import Problem
from assay.extract.dotnet.overlap import without_restated_assemblies
from assay.model.component import Component, Package
from assay.model.ecosystem import Ecosystem

CODE = 0x60000020
ADDRESS = 0x1000


def metadata(name: str, *, culture: str = "", wide: bool = False, references: int = 2, assembly: bool = True) -> bytes:
    """Metadata with the tables Module, TypeRef, TypeDef, MemberRef, CustomAttribute and Assembly."""
    strings = b"\0" + name.encode() + b"\0" + culture.encode() + b"\0"
    index = "<L" if wide else "<H"
    name_at, culture_at = 1, len(name) + 2

    def heap(number: int) -> bytes:
        return struct.pack(index, number)

    many = references > 0xFFFF
    scope = "<L" if references >= 1 << 14 else "<H"
    rows = {
        0x00: (1, b"\0\0" + heap(name_at) + heap(1) + heap(0) + heap(0)),
        0x01: (references, (struct.pack(scope, 0) + heap(name_at) + heap(0)) * references),
        0x02: (1, b"\0" * 4 + heap(name_at) + heap(0) + struct.pack(scope, 0) + b"\0\0" + b"\0\0"),
        0x0A: (1, struct.pack("<L" if references >= 1 << 13 else "<H", 0) + heap(0) + heap(0)),
        0x0C: (1, struct.pack("<L" if references >= 1 << 11 else "<H", 0) + b"\0\0" + heap(0)),
    }
    if assembly:
        culture_index = heap(culture_at) if culture else heap(0)
        rows[0x20] = (1, struct.pack("<L4HL", 0x8004, 13, 0, 0, 0, 0) + heap(0) + heap(name_at) + culture_index)
    present = sum(1 << table for table in rows)
    tables = struct.pack("<L4B2Q", 0, 2, 0, 7 if wide else 0, 1, present, 0)
    tables += b"".join(struct.pack("<L", count) for count, _ in rows.values())
    tables += b"".join(data for _, data in rows.values())
    assert many or references < 1 << 16
    version = b"v4.0.30319\0\0"
    streams = [(b"#~\0\0", tables), (b"#Strings\0\0\0\0", strings)]
    head = b"BSJB" + struct.pack("<2HL", 1, 1, 0) + struct.pack("<L", len(version)) + version + struct.pack("<2H", 0, 2)
    offset = len(head) + sum(8 + len(label) for label, _ in streams)
    for label, data in streams:
        head += struct.pack("<2L", offset, len(data)) + label
        offset += len(data)
    return head + tables + strings


def resource(values: dict[str, str], address: int) -> bytes:
    """A resource tree with one version resource, to be placed at ``address``."""
    block = "VS_VERSION_INFO\0".encode("utf-16-le").ljust(40, b"\0")
    for key, value in values.items():
        block = block.ljust((len(block) + 3) // 4 * 4, b"\0") + struct.pack("<3H", 0, len(value), 1)
        block += f"{key}\0".encode("utf-16-le")
        block = block.ljust((len(block) + 3) // 4 * 4, b"\0") + f"{value}\0".encode("utf-16-le")
    tree = struct.pack("<3L2H", 0, 0, 0, 0, 2) + struct.pack("<4L", 3, 0x18, 16, 0x80000020)
    tree += struct.pack("<3L2H", 0, 0, 0, 0, 1) + struct.pack("<2L", 1, 0x80000038)
    tree += struct.pack("<3L2H", 0, 0, 0, 0, 1) + struct.pack("<2L", 1033, 0x50)
    return tree + struct.pack("<4L", address + len(tree) + 16, len(block), 0, 0) + block


def assembly(images, name: str, values: dict[str, str] | None = None, *, wide: bool = False, **how: object) -> bytes:
    tables = metadata(name, wide=wide, **how)
    header = struct.pack("<LHHLL", 72, 2, 5, ADDRESS + 72, len(tables)).ljust(72, b"\0")
    sections = [(".text", header + tables, CODE)]
    directories = {14: (ADDRESS, 72)}
    if values is not None:
        tree = resource(values, ADDRESS + 0x100000)
        sections.append((".rsrc", tree, 0x40000040))
        directories[2] = (ADDRESS + 0x100000, len(tree))
    return images.pe(sections, directories, wide=wide)


@pytest.mark.parametrize("wide", [True, False])
def test_an_assembly_is_the_package_of_its_name_in_its_product_version(images, packages, wide) -> None:
    data = assembly(
        images, "Newtonsoft.Json", {"FileVersion": "13.0.3.27908", "ProductVersion": "13.0.3+0a2e291c0d9c"}, wide=wide
    )
    assert packages(data) == [("nuget", "Newtonsoft.Json", "13.0.3")]


@pytest.mark.parametrize(
    ("values", "version"),
    [
        ({"FileVersion": "3.7.10.6", "ProductVersion": "3.3"}, "3.7.10.6"),
        ({"FileVersion": "4.6.26515.06", "ProductVersion": "4.6.26515.06 @BuiltBy: dlab"}, "4.6.26515.06"),
        ({"ProductVersion": "8.0.0-preview.1.23110.8"}, "8.0.0-preview.1.23110.8"),
        ({"Comments": "nothing"}, "13.0.0.0"),
        (None, "13.0.0.0"),
    ],
)
def test_the_version_falls_back_to_the_files_and_the_assemblys(images, packages, values, version) -> None:
    assert packages(assembly(images, "A.B", values)) == [("nuget", "A.B", version)]


def test_row_sizes_grow_with_the_tables(images, packages) -> None:
    for references in (3_000, 10_000, 20_000, 70_000):
        assert packages(assembly(images, "Big", references=references)) == [("nuget", "Big", "13.0.0.0")]


@pytest.mark.parametrize(
    "path",
    [
        "usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.10/System.Text.Json.dll",
        "app/ref/App.dll",
        "usr/share/dotnet/packs/Microsoft.NETCore.App.Ref/8.0.10/ref/net8.0/System.Xml.dll",
    ],
)
def test_shared_frameworks_and_reference_assemblies_are_no_packages(images, facts, path) -> None:
    assert facts(path, assembly(images, "System.Text.Json")) == []


def test_satellites_bare_modules_and_native_files_are_no_packages(images, facts) -> None:
    assert facts("app/de/A.resources.dll", assembly(images, "A.resources", culture="de")) == []
    assert facts("app/A.netmodule.dll", assembly(images, "A", assembly=False)) == []
    assert facts("app/native.dll", images.pe([(".text", b"\x90" * 64, CODE)], {}, wide=True)) == []


def test_an_odd_name_is_no_package(images, facts) -> None:
    assert facts("app/x.dll", assembly(images, "not a name")) == []


def test_any_cut_and_any_changed_byte_is_survived(images, facts) -> None:
    data = assembly(images, "A.B", {"ProductVersion": "1.2.3"})
    for position in range(0, len(data), 3):
        facts("app/x.dll", data[:position])
        changed = bytearray(data)
        changed[position] ^= 0xFF
        assert not any(isinstance(fact, Problem) for fact in facts("app/x.dll", bytes(changed)))


def package(name: str, version: str, path: str, extractor: str) -> Package:
    return Package(Component(Ecosystem.NUGET, name, version), path=path, extractor=extractor)


def test_an_assembly_that_its_deps_json_names_is_listed_once() -> None:
    stated = package("System.Text.Json", "8.0.4", "app/App.deps.json", "dotnet-deps")
    beside = package("System.Text.Json", "8.0.724", "app/System.Text.Json.dll", "executable")
    below = package("system.text.json", "8.0.724", "app/runtimes/win/System.Text.Json.dll", "executable")
    other = package("Plugin", "1.0.0", "app/Plugin.dll", "executable")
    elsewhere = package("System.Text.Json", "8.0.724", "tool/System.Text.Json.dll", "executable")
    project = package("System.Text.Json", "8.0.0", "app/App.csproj", "dotnet-project")
    everything = [stated, beside, below, other, elsewhere, project]
    assert without_restated_assemblies(everything) == [stated, other, elsewhere, project]
    assert without_restated_assemblies([beside]) == [beside]
