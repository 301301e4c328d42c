"""Pages of HTML as elements."""

from html.parser import HTMLParser

VOID = {"meta", "br", "wbr"}


class Element:
    def __init__(self, tag, attributes, parent=None):
        self.tag = tag
        self.attributes = dict(attributes)
        self.parent = parent
        self.children = []

    def walk(self):
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def find(self, tag, kind=None):
        return [e for e in self.walk() if e.tag == tag and (kind is None or kind in e.kinds)]

    @property
    def kinds(self):
        return (self.attributes.get("class") or "").split()

    def read(self, without=()):
        """The text, without that of some kinds of elements."""
        if set(self.kinds) & set(without):
            return ""
        return "".join(child if isinstance(child, str) else child.read(without) for child in self.children)


class Page(HTMLParser):
    """The elements of a page. Refuses one that is not closed where it should be."""

    def __init__(self, text):
        super().__init__()
        self.root = self.open = Element("root", {})
        self.feed(text)
        self.close()
        assert self.open is self.root, f"{self.open.tag} is not closed"

    def handle_starttag(self, tag, attrs):
        element = Element(tag, attrs, self.open)
        self.open.children.append(element)
        if tag not in VOID:
            self.open = element

    def handle_endtag(self, tag):
        assert tag == self.open.tag
        self.open = self.open.parent

    def handle_data(self, data):
        self.open.children.append(data)
