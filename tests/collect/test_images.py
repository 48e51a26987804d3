"""Images on disk open layer by layer, whichever tool wrote them."""

import gzip
import json
import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard

from assay.collect.dockerarchive import open_archive
from assay.collect.image import Image
from assay.collect.layout import FolderFiles, open_layout
from assay.collect.limits import DEFAULT_LIMITS, Limits
from assay.collect.platform import Platform, host_platform, parse_platform, rank
from assay.collect.resolve import Wish
from assay.errors import AssayError, Invalid, LimitExceeded, NotFound, Unreadable
from assay.model.tree import Kind

LAYERS = [{"etc/os-release": b"ID=debian\n", "noise": random.Random(3).randbytes(300_000)}, {"etc/.wh.os-release": b""}]


def contents(image: Image, limits: Limits = DEFAULT_LIMITS) -> list[dict[str, bytes | Kind]]:
    found = []
    for layer in image.layers:
        with layer.open_tree(limits) as tree:
            found.append(
                {
                    entry.path: tree.open(entry).read() if entry.kind is Kind.FILE else entry.kind
                    for entry in tree.entries()
                }
            )
    return found


EXPECTED = [LAYERS[0], {"etc/os-release": Kind.WHITEOUT}]


def open_folder(path: Path, reference: str = "", platform: str = "") -> Image:
    wish = Wish(parse_platform(platform) if platform else None)
    return open_layout(FolderFiles(str(path)), str(path), reference, wish)


@pytest.mark.parametrize(
    "compress",
    [lambda data: data, lambda data: gzip.compress(data, 1), zstandard.compress],
    ids=["plain", "gzip", "zstd"],
)
def test_a_layout_folder_shows_every_layer(
    image: Callable, layout: Callable, compress: Callable[[bytes], bytes]
) -> None:
    built = image(LAYERS, compress)
    found = open_folder(layout([built]))
    assert contents(found) == EXPECTED
    assert (found.digest, found.config_digest, found.platform) == (
        built.manifest["digest"],
        built.config_digest,
        "linux/amd64",
    )
    assert [layer.diff_id for layer in found.layers] == built.diff_ids
    assert [layer.digest for layer in found.layers] == built.layer_digests
    assert [layer.created_by for layer in found.layers] == ["step 0", "step 1"]


@pytest.mark.parametrize("compress", [lambda data: data, lambda data: gzip.compress(data, 1)], ids=["tar", "tar.gz"])
def test_a_layout_tar_is_read_in_place(
    image: Callable, layout_tar: Callable, compress: Callable[[bytes], bytes]
) -> None:
    path = layout_tar([image(LAYERS)])
    path.write_bytes(compress(path.read_bytes()))
    with open_archive(str(path), "", Wish()) as found:
        assert contents(found) == EXPECTED


def docker_tar(path: Path, built: object, tags: list[str], tar: Callable, *, style: str = "old") -> Path:
    """What docker save wrote before version 25 (one folder per layer), or what other tools write (hash.tar.gz)."""
    layers, files = [], {}
    for diff_id, digest in zip(built.diff_ids, built.layer_digests, strict=True):
        name = f"{diff_id[7:]}/layer.tar" if style == "old" else f"{digest[7:]}.tar.gz"
        layers.append(name)
        files[name] = built.blobs[digest]
    config = built.config_digest[7:] + ".json"
    files[config] = built.blobs[built.config_digest]
    files["manifest.json"] = json.dumps([{"Config": config, "RepoTags": tags, "Layers": layers}]).encode()
    path.write_bytes(tar(files))
    return path


@pytest.mark.parametrize("style", ["old", "named"])
@pytest.mark.parametrize("compress", [lambda data: data, lambda data: gzip.compress(data, 1)], ids=["plain", "gzip"])
def test_docker_archives_of_every_age(
    image: Callable, tar: Callable, tmp_path: Path, style: str, compress: Callable
) -> None:
    built = image(LAYERS, compress)
    path = docker_tar(tmp_path / "docker.tar", built, ["app:1"], tar, style=style)
    with open_archive(str(path), "app:1", Wish()) as found:
        assert contents(found) == EXPECTED
        assert found.tags == ("app:1",)
        assert found.config_digest == built.config_digest
        assert [layer.key for layer in found.layers] == built.diff_ids


def test_layers_that_are_links_to_other_members(image: Callable, tar: Callable, tmp_path: Path) -> None:
    built = image([{"a": b"1"}], lambda data: data)
    config = built.config_digest[7:] + ".json"
    files = {
        "one/layer.tar": built.blobs[built.layer_digests[0]],
        "two/layer.tar -> ../one/layer.tar": None,
        "loop -> loop": None,
        config: built.blobs[built.config_digest],
        "manifest.json": json.dumps([{"Config": config, "RepoTags": None, "Layers": ["two/layer.tar"]}]).encode(),
    }
    (tmp_path / "x.tar").write_bytes(tar(files))
    with open_archive(str(tmp_path / "x.tar"), "", Wish()) as found:
        assert contents(found) == [{"a": b"1"}]


def test_several_images_in_one_archive_need_a_name(
    image: Callable, layout: Callable, tmp_path: Path, tar: Callable
) -> None:
    one, two = image([{"a": b"1"}]), image([{"a": b"2"}])
    descriptors = [
        {**one.manifest, "annotations": {"org.opencontainers.image.ref.name": "one"}},
        {**two.manifest, "annotations": {"io.containerd.image.name": "docker.io/library/app:two"}},
    ]
    path = layout([one, two], descriptors)
    with pytest.raises(
        Invalid, match=r"several images, name one of them after a colon: docker\.io/library/app:two, one"
    ):
        open_folder(path)
    assert contents(open_folder(path, "one")) == [{"a": b"1"}]
    for name in ("two", "app:two", "docker.io/library/app:two", two.manifest["digest"]):
        assert contents(open_folder(path, name)) == [{"a": b"2"}]
    with pytest.raises(NotFound, match=r"no image three; there are docker\.io/library/app:two, one"):
        open_folder(path, "three")


def test_the_platform_is_chosen_from_an_index(image: Callable, layout: Callable) -> None:
    offers = ["linux/amd64", "linux/arm64", "linux/arm/v6", "linux/arm/v7"]
    images = [image([{"which": name.encode()}], platform=name) for name in offers]
    descriptors = []
    for name, built in zip(offers, images, strict=True):
        system, architecture, *variant = name.split("/")
        platform = {"os": system, "architecture": architecture, "variant": variant[0] if variant else None}
        descriptors.append({**built.manifest, "platform": platform})
    descriptors.append({**images[0].manifest, "platform": {"os": "unknown", "architecture": "unknown"}})
    index = json.dumps({"schemaVersion": 2, "manifests": descriptors}).encode()
    digest = images[0].put(index)
    path = layout(images, [{"digest": digest, "size": len(index)}])
    for wish, expected in {
        "linux/arm64/v8": "linux/arm64",
        "aarch64": "linux/arm64",
        "linux/arm/v7": "linux/arm/v7",
        "linux/arm/v8": "linux/arm/v7",
        "linux/arm/v6": "linux/arm/v6",
        "amd64": "linux/amd64",
    }.items():
        assert contents(open_folder(path, platform=wish)) == [{"which": expected.encode()}]
    with pytest.raises(NotFound, match="not offered for linux/s390x, only for linux/amd64, linux/arm/v6"):
        open_folder(path, platform="linux/s390x")


@pytest.mark.skipif(host_platform() != Platform("linux", "amd64"), reason="the expectation is that of an x86 machine")
def test_the_platforms_that_were_passed_over_are_told(image: Callable, layout: Callable) -> None:
    one, two = image([{"a": b"1"}]), image([{"a": b"2"}], platform="linux/arm64/v8")
    descriptors = [
        {**two.manifest, "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
        {**one.manifest, "platform": {"os": "linux", "architecture": "amd64"}},
    ]
    path = layout([one, two], descriptors)
    assert open_folder(path).notices == ("only linux/amd64 was read; also offered: linux/arm64/v8",)
    assert open_folder(path, platform="amd64").notices == ()
    index = json.dumps({"schemaVersion": 2, "manifests": descriptors}).encode()
    inner = layout([one, two], [{"digest": one.put(index), "size": len(index)}])
    assert open_folder(inner).notices == ("only linux/amd64 was read; also offered: linux/arm64/v8",)
    for machine in ("linux/s390x", "linux/ppc64le"):
        with pytest.raises(NotFound, match=f"not offered for {machine}, only for linux/amd64, linux/arm64/v8"):
            open_folder(path, platform=machine)


def test_a_single_platform_is_taken_unless_another_was_asked_for(image: Callable, layout: Callable) -> None:
    path = layout([image([{}], platform="linux/riscv64")])
    assert open_folder(path).platform == "linux/riscv64"
    with pytest.raises(NotFound, match="not offered for linux/amd64, only for linux/riscv64"):
        open_folder(path, platform="linux/amd64")


def test_an_index_may_list_platforms_whose_content_was_not_saved(image: Callable, layout: Callable) -> None:
    here, elsewhere = image([{"a": b"1"}], platform="linux/s390x"), image([{"a": b"2"}])
    descriptors = [
        {**elsewhere.manifest, "platform": {"os": "linux", "architecture": "amd64"}},
        {**here.manifest, "platform": {"os": "linux", "architecture": "s390x"}},
    ]
    assert contents(open_folder(layout([here], descriptors))) == [{"a": b"1"}]


@pytest.mark.parametrize("wish", ["linux/amd64/v1/extra", "linux/a b", "", "/"])
def test_a_platform_must_be_well_formed(wish: str) -> None:
    with pytest.raises(Invalid, match="is not a platform"):
        parse_platform(wish)


def test_content_that_is_not_what_its_digest_says_is_unreadable(image: Callable, layout: Callable) -> None:
    built = image([{"a": b"1", "big": random.Random(4).randbytes(3_000_000)}])
    path = layout([built])
    layer = path / "blobs" / built.layer_digests[0].replace(":", "/")
    layer.write_bytes(gzip.compress(gzip.decompress(layer.read_bytes()), 9))
    opened = open_folder(path)
    with pytest.raises(Unreadable, match=f"content's digest is sha256:.*, {built.layer_digests[0]} was stated"):
        contents(opened)
    with opened.layers[0].open_tree(verify=False) as tree:
        assert [entry.path for entry in tree.entries()] == ["a", "big"]
        assert tree.complete
    with opened.layers[0].open_tree() as tree:
        with pytest.raises(Unreadable):
            list(tree.entries())
        assert not tree.complete
    config = path / "blobs" / built.config_digest.replace(":", "/")
    config.write_bytes(config.read_bytes() + b" ")
    with pytest.raises(Unreadable, match="configuration sha256:"):
        open_folder(path)


def test_a_diff_id_that_lies_is_noticed_where_it_is_all_there_is(
    image: Callable, tar: Callable, tmp_path: Path
) -> None:
    built = image([{"a": b"1"}])
    built.blobs[built.layer_digests[0]] = gzip.compress(tar({"a": b"2"}))
    path = docker_tar(tmp_path / "docker.tar", built, [], tar)
    with open_archive(str(path), "", Wish()) as found, pytest.raises(Unreadable, match="was stated"):
        contents(found)


def rewrite(path: Path, change: Callable[[dict], object]) -> None:
    """Change the manifest of a layout and what points to it."""
    index = json.loads((path / "index.json").read_bytes())
    blob = path / "blobs" / index["manifests"][0]["digest"].replace(":", "/")
    manifest = json.loads(blob.read_bytes())
    change(manifest)
    data = json.dumps(manifest).encode()
    index["manifests"][0]["digest"] = "sha256:" + sha256(data).hexdigest()
    (path / "blobs" / index["manifests"][0]["digest"].replace(":", "/")).write_bytes(data)
    (path / "index.json").write_text(json.dumps(index))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda m: m["layers"].pop(), Unreadable, "0 layers, but the configuration names 1"),
        (lambda m: m["layers"][0].update(digest="sha256:../../etc/passwd"), Unreadable, "is not a digest"),
        (lambda m: m["config"].update(digest="md5:00"), Unreadable, "is not a digest"),
        (
            lambda m: m["config"].update(mediaType="application/vnd.cncf.helm.config.v1+json"),
            Invalid,
            "not a container image",
        ),
        (lambda m: m.pop("config"), Unreadable, "names no configuration"),
        (lambda m: (m.clear(), m.update(schemaVersion=1, fsLayers=[])), Invalid, "Docker schema 1"),
        (lambda m: (m.clear(), m.update(schemaVersion=2)), Unreadable, "neither an image manifest nor an index"),
        (lambda m: m.update(layers="many"), Unreadable, "Expected `array"),
        (lambda m: (m.clear(), m.update(manifests=[])), NotFound, "lists no image"),
    ],
)
def test_wrong_manifests_say_what_is_wrong(
    image: Callable, layout: Callable, change: Callable, error: type, message: str
) -> None:
    path = layout([image([{}])])
    rewrite(path, change)
    with pytest.raises(error, match=message):
        open_folder(path)


def test_a_layer_that_is_kept_elsewhere_is_never_fetched(image: Callable, layout: Callable) -> None:
    built = image([{}])
    path = layout([built])
    rewrite(path, lambda m: m["layers"][0].update(urls=["http://169.254.169.254/latest"]))
    (path / "blobs" / built.layer_digests[0].replace(":", "/")).unlink()
    with pytest.raises(
        NotFound, match=r"kept outside the image, at http://169\.254\.169\.254/latest; it is not fetched"
    ):
        contents(open_folder(path))


def test_an_index_that_contains_itself_ends_at_the_nesting_limit(image: Callable, layout: Callable) -> None:
    built = image([{}])
    inner = built.manifest
    for _ in range(10):
        data = json.dumps({"schemaVersion": 2, "manifests": [inner]}).encode()
        inner = {"digest": built.put(data), "size": len(data)}
    with pytest.raises(LimitExceeded, match="indexes within indexes, more than 8 deep"):
        open_folder(layout([built], [inner]))


def test_a_tar_that_is_no_image_is_told_so(tar: Callable, tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(tar({"a": b""}))
    with (
        pytest.raises(Invalid, match=r"holds neither manifest\.json nor an OCI layout"),
        open_archive(str(tmp_path / "x.tar"), "", Wish()),
    ):
        pass
    with pytest.raises(NotFound, match="no such file"), open_archive(str(tmp_path / "none.tar"), "", Wish()):
        pass


def test_bombs_stop_at_the_limits(image: Callable, layout: Callable, layout_tar: Callable) -> None:
    bomb = image([{"zeros": bytes(40_000_000)}], lambda data: gzip.compress(data, 9))
    opened = open_folder(layout([bomb]))
    with pytest.raises(LimitExceeded, match="more than 200 to 1"):
        contents(opened, Limits(ratio=200, ratio_from=1 << 20))
    with pytest.raises(LimitExceeded, match="more than 1000000 bytes after decompression"):
        contents(opened, Limits(raw_bytes=1_000_000))
    path = layout_tar([bomb])
    path.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(LimitExceeded), open_archive(str(path), "", Wish(limits=Limits(spool_bytes=10_000))):
        pass


def test_damaged_archives_raise_only_typed_errors(image: Callable, layout_tar: Callable, tmp_path: Path) -> None:
    data = layout_tar([image([{"a": b"1" * 2000}, {"b": b"2"}])]).read_bytes()
    chance = random.Random(5)
    target = tmp_path / "damaged.tar"
    cuts = list(range(0, len(data), 512))
    for number in range(len(cuts) + 400):
        damaged = bytearray(data[: cuts[number]] if number < len(cuts) else data)
        for _ in range(0 if number < len(cuts) else chance.randrange(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        target.write_bytes(damaged)
        try:
            with open_archive(str(target), "", Wish()) as found:
                contents(found)
        except AssayError:
            pass


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        ("linux/arm64", "linux/arm64/v8", 0),
        ("linux/arm/v7", "linux/arm", 0),
        ("linux/arm/v7", "linux/arm/v5", 2),
        ("linux/arm/v6", "linux/arm/v7", None),
        ("linux/amd64/v3", "linux/amd64", 2),
        ("linux/amd64", "linux/amd64/v3", None),
        ("linux/arm64/v8", "linux/arm64/v9", None),
        ("windows/amd64", "linux/amd64", None),
        ("linux/arm/v7", "linux/arm/vx", None),
    ],
)
def test_platforms_fit_as_processors_do(wanted: str, offered: str, expected: int | None) -> None:
    assert rank(parse_platform(wanted), parse_platform(offered)) == expected


def test_members_that_are_missing_are_named(image: Callable, layout: Callable, tar: Callable, tmp_path: Path) -> None:
    built = image([{"a": b"1"}])
    path = layout([built])
    (path / "blobs" / built.layer_digests[0].replace(":", "/")).unlink()
    with pytest.raises(NotFound, match=f"layer {built.layer_digests[0]} is missing"):
        contents(open_folder(path))
    (path / "index.json").unlink()
    with pytest.raises(NotFound, match=r"index\.json is missing"):
        open_folder(path)
    docker = docker_tar(tmp_path / "d.tar", built, ["app:1"], tar)
    (tmp_path / "d.tar").write_bytes(docker.read_bytes().replace(b"/layer.tar", b"/layer.rat", 1))
    with open_archive(str(docker), "", Wish()) as found, pytest.raises(NotFound, match=r"layer\.tar is missing"):
        contents(found)
    with pytest.raises(NotFound, match="no image app:2; there are app:1"), open_archive(str(docker), "app:2", Wish()):
        pass


def test_a_docker_archive_with_several_images_needs_a_tag(image: Callable, tar: Callable, tmp_path: Path) -> None:
    images = [image([{"a": b"1"}]), image([{"a": b"2"}])]
    files, offers = {}, []
    for number, built in enumerate(images):
        files |= {"blobs/" + digest.replace(":", "/"): data for digest, data in built.blobs.items()}
        layers = ["blobs/" + digest.replace(":", "/") for digest in built.layer_digests]
        offers.append(
            {
                "Config": "blobs/" + built.config_digest.replace(":", "/"),
                "RepoTags": [f"app:{number}"],
                "Layers": layers,
            }
        )
    files["manifest.json"] = json.dumps(offers).encode()
    path = tmp_path / "x.tar"
    path.write_bytes(tar(files))
    with (
        pytest.raises(Invalid, match="several images, name one of them after a colon: app:0, app:1"),
        open_archive(str(path), "", Wish()),
    ):
        pass
    with open_archive(str(path), "app:1", Wish()) as found:
        assert contents(found) == [{"a": b"2"}]
        assert [layer.digest for layer in found.layers] == images[1].layer_digests
    files["blobs/" + images[1].config_digest.replace(":", "/")] += b" "
    path.write_bytes(tar(files))
    with pytest.raises(Unreadable, match="the content's digest is"), open_archive(str(path), "app:1", Wish()):
        pass


def test_a_configuration_too_large_is_not_read(image: Callable, layout: Callable) -> None:
    path = layout([image([{}])])
    with pytest.raises(LimitExceeded, match=r"index\.json has \d+ bytes, at most 10 are read"):
        open_layout(FolderFiles(str(path)), str(path), "", Wish(limits=Limits(metadata_bytes=10)))
    with pytest.raises(LimitExceeded, match="took longer"):
        contents(open_folder(path), Limits(seconds=-1))


@pytest.mark.parametrize("compress", [lambda data: data, lambda data: gzip.compress(data, 1)], ids=["tar", "tar.gz"])
def test_of_a_cut_archive_the_layers_that_are_there_are_read(
    image: Callable, tar: Callable, tmp_path: Path, compress: Callable
) -> None:
    layers = [{"a": b"1"}, {"b": random.Random(1).randbytes(200_000)}]
    built = image(layers)
    files = layout_order(built)
    path = tmp_path / "cut.tar"
    data = compress(tar(files))
    path.write_bytes(data[:-100_000])
    with open_archive(str(path), "", Wish()) as found:
        assert any("ends" in notice or "cut off" in notice for notice in found.notices)
        assert contents(replace(found, layers=found.layers[:1])) == layers[:1]
        with pytest.raises((Unreadable, NotFound)):
            contents(found)
    path.write_bytes(data[:700])
    with pytest.raises(Unreadable), open_archive(str(path), "", Wish()):
        pass


def layout_order(built: object) -> dict[str, bytes]:
    """The files of a layout with the layers last."""
    index = json.dumps({"schemaVersion": 2, "manifests": [built.manifest]}).encode()
    blobs = {"blobs/" + digest.replace(":", "/"): data for digest, data in built.blobs.items()}
    ordered = dict(sorted(blobs.items(), key=lambda item: len(item[1])))
    return {"oci-layout": b"{}", "index.json": index, **ordered}


def test_a_temporary_folder_that_is_full_is_told(
    image: Callable, layout_tar: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = layout_tar([image([{}])])
    path.write_bytes(gzip.compress(path.read_bytes()))
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/folder")
    with (
        pytest.raises(Unreadable, match="cannot be unpacked into /no/such/folder"),
        open_archive(str(path), "", Wish()),
    ):
        pass
