"""The parts of a CSAF 2.0 document that we read (https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html)."""

import msgspec


class Note(msgspec.Struct):
    """A text of the document or of one vulnerability."""

    category: str = ""
    text: str = ""
    title: str = ""


class Link(msgspec.Struct):
    """A reference; ``category`` is self or external."""

    url: str = ""
    category: str = ""


class Severity(msgspec.Struct):
    """The publisher's own word for the whole document."""

    text: str = ""


class Publisher(msgspec.Struct):
    """Who speaks."""

    name: str = ""


class Tracking(msgspec.Struct):
    """The document's id and dates."""

    id: str = ""
    status: str = ""
    initial: str = msgspec.field(name="initial_release_date", default="")
    current: str = msgspec.field(name="current_release_date", default="")


class Document(msgspec.Struct):
    """The document's head."""

    category: str = ""
    title: str = ""
    tracking: Tracking = msgspec.field(default_factory=Tracking)
    publisher: Publisher = msgspec.field(default_factory=Publisher)
    severity: Severity = msgspec.field(name="aggregate_severity", default_factory=Severity)
    notes: list[Note] = []
    references: list[Link] = []


class Identification(msgspec.Struct):
    """How a product is known elsewhere."""

    cpe: str = ""
    purl: str = ""


class Product(msgspec.Struct):
    """A product of the tree."""

    id: str = msgspec.field(name="product_id", default="")
    name: str = ""
    helper: Identification = msgspec.field(name="product_identification_helper", default_factory=Identification)


class Branch(msgspec.Struct):
    """A node of the tree."""

    branches: list["Branch"] = []
    product: Product | None = None
    category: str = ""
    name: str = ""


class Relationship(msgspec.Struct):
    """A product that consists of a component and what it is a part of."""

    product: Product = msgspec.field(name="full_product_name")
    component: str = msgspec.field(name="product_reference")
    platform: str = msgspec.field(name="relates_to_product_reference")


class Tree(msgspec.Struct):
    """All products the document speaks of."""

    branches: list[Branch] = []
    relationships: list[Relationship] = []
    products: list[Product] = msgspec.field(name="full_product_names", default_factory=list)


class Statuses(msgspec.Struct):
    """Product ids by status."""

    fixed: list[str] = []
    first_fixed: list[str] = []
    affected: list[str] = msgspec.field(name="known_affected", default_factory=list)
    first_affected: list[str] = []
    last_affected: list[str] = []
    not_affected: list[str] = msgspec.field(name="known_not_affected", default_factory=list)
    investigated: list[str] = msgspec.field(name="under_investigation", default_factory=list)
    recommended: list[str] = []


class Remediation(msgspec.Struct):
    """What to do, or why nothing will be done, for some products."""

    category: str = ""
    details: str = ""
    products: list[str] = msgspec.field(name="product_ids", default_factory=list)
    url: str = ""


class Threat(msgspec.Struct):
    """The publisher's rating (category impact); without products it holds for all."""

    category: str = ""
    details: str = ""
    products: list[str] = msgspec.field(name="product_ids", default_factory=list)


class Scoring(msgspec.Struct):
    """One CVSS scoring."""

    vector: str = msgspec.field(name="vectorString", default="")
    score: float | None = msgspec.field(name="baseScore", default=None)


class Score(msgspec.Struct):
    """Scorings in several versions."""

    v2: Scoring | None = msgspec.field(name="cvss_v2", default=None)
    v3: Scoring | None = msgspec.field(name="cvss_v3", default=None)
    v4: Scoring | None = msgspec.field(name="cvss_v4", default=None)


class Cwe(msgspec.Struct):
    """A weakness."""

    id: str = ""


class Vulnerability(msgspec.Struct):
    """What the document says about one flaw."""

    cve: str = ""
    title: str = ""
    cwe: Cwe | None = None
    notes: list[Note] = []
    references: list[Link] = []
    statuses: Statuses = msgspec.field(name="product_status", default_factory=Statuses)
    remediations: list[Remediation] = []
    threats: list[Threat] = []
    scores: list[Score] = []
    released: str = msgspec.field(name="release_date", default="")


class Csaf(msgspec.Struct):
    """A whole document, of an advisory or a VEX statement."""

    document: Document
    tree: Tree = msgspec.field(name="product_tree", default_factory=Tree)
    vulnerabilities: list[Vulnerability] = []


CSAF = msgspec.json.Decoder(Csaf)
