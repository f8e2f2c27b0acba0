"""Checks resources against the snapshots of a guide's StructureDefinitions: least and greatest numbers of elements and slices,
fixed values and patterns, types of `[x]`, required bindings, extensions. Invariants (FHIRPath) are not evaluated.

Value sets are those of the package; those of base R4 and LOINC that the package names but does not hold stand below.
"""

import copy
import json
import pathlib

GUIDE = "http://hl7.org/fhir/uv/genomics-reporting/"
# FHIR R4 (4.0.1), the value sets that profiles of the guide bind as required.
BASE = {
    "observation-status": "registered preliminary final amended corrected cancelled entered-in-error unknown",
    "diagnostic-report-status": "registered partial preliminary final amended corrected appended cancelled entered-in-error unknown",
    "event-status": "preparation in-progress not-done on-hold stopped completed entered-in-error unknown",
    "document-reference-status": "current superseded entered-in-error",
    "composition-status": "preliminary final amended entered-in-error",
    "document-relationship-type": "replaces transforms signs appends",
    "quantity-comparator": "< <= >= >",
}


class Node:
    """One element of a snapshot with what stands below it; slices stand beside their element, by name."""

    def __init__(self):
        self.element, self.children, self.slices = {}, {}, {}

    def add(self, parts, element):
        if not parts:
            self.element = element
            return
        name, _, piece = parts[0].partition(":")
        node = self.children.setdefault(name, Node())
        if piece:
            node = node.slices.setdefault(piece, Node())
        node.add(parts[1:], element)


class Package:
    """StructureDefinitions, value sets and code systems of one package, and the LOINC lists given."""

    def __init__(self, folder, lists):
        self.profiles, self.sets, self.systems = {}, {}, {}
        for path in pathlib.Path(folder).glob("*-*.json"):
            one = json.loads(path.read_text(encoding="utf-8"))
            if one.get("resourceType") == "StructureDefinition":
                root = Node()
                for element in one["snapshot"]["element"]:
                    root.add(element["id"].split(".")[1:], element)
                self.profiles[one["url"]] = (one["type"], root)
            elif one.get("resourceType") == "ValueSet":
                self.sets[one["url"]] = one
            elif one.get("resourceType") == "CodeSystem":
                self.systems[one["url"]] = {concept["code"] for concept in all_concepts(one.get("concept", []))}
        self.lists = lists

    def allows(self, url, system, code):
        """Whether a value set holds a code; None where nothing here tells."""
        url = url.split("|")[0]
        short = url.rsplit("/", 1)[-1]
        if url.startswith("http://hl7.org/fhir/ValueSet/"):
            return code in BASE[short].split() if short in BASE else None
        if url.startswith("http://loinc.org/vs/"):
            known = self.lists.get(short)
            return None if known is None else (system == "http://loinc.org" and code in known)
        compose = self.sets.get(url, {}).get("compose")
        if compose is None:
            return None
        for include in compose["include"]:
            if "system" in include and include["system"] == system:
                if "concept" in include:
                    if code in {concept["code"] for concept in include["concept"]}:
                        return True
                elif code in self.systems.get(system, {code}):
                    return True
            if any(self.allows(other, system, code) for other in include.get("valueSet", [])):
                return True
        return False


def all_concepts(concepts):
    for concept in concepts:
        yield concept
        yield from all_concepts(concept.get("concept", []))


def within(pattern, value):
    """True when a value has everything of a pattern."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(key in value and within(own, value[key]) for key, own in pattern.items())
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(within(own, one) for one in value) for own in pattern)
    return pattern == value


def demanded(element):
    """(value, whole) of an element's fixed value or pattern."""
    for key, value in element.items():
        if key.startswith("fixed"):
            yield value, True
        elif key.startswith("pattern"):
            yield value, False


def fits(element, value):
    return all(value == own if whole else within(own, value) for own, whole in demanded(element))


def listed(value):
    return value if isinstance(value, list) else [value]


def under(node, path):
    """What stands at a path below a node: its node, or none."""
    for name in [part for part in path.split(".") if part != "$this"]:
        node = node.children.get(name)
        if node is None:
            return None
    return node


def at(value, path):
    found = [value]
    for name in [part for part in path.split(".") if part != "$this"]:
        found = [one for holder in found if isinstance(holder, dict) for one in listed(holder.get(name, []))]
    return found


class Checker:
    """The faults of one resource, with its bundle to find what it refers to."""

    def __init__(self, package, resolve):
        self.package, self.resolve, self.faults = package, resolve, []

    def resource(self, resource):
        for url in resource.get("meta", {}).get("profile", []):
            known = self.package.profiles.get(url.split("|")[0])
            if known is None:
                if url.startswith(GUIDE):
                    self.faults.append(f"{url} is no profile of the guide")
            elif known[0] != resource["resourceType"]:
                self.faults.append(f"{url} is no profile of {resource['resourceType']}")
            else:
                self.children(resource, known[1], resource["resourceType"])
        return self.faults

    def children(self, value, node, path):
        if not isinstance(value, dict):
            return
        for name, child in node.children.items():
            keyed = self.values(value, name, child, f"{path}.{name}")
            self.number(len(keyed), child.element, f"{path}.{name}")
            for key, one in keyed:
                self.one(one, child, f"{path}.{key}")
            for piece, slice_node in child.slices.items():
                own = [(key, one) for key, one in keyed if self.belongs(key, one, child, slice_node)]
                self.number(len(own), slice_node.element, f"{path}.{name}:{piece}")
                for key, one in own:
                    self.one(one, slice_node, f"{path}.{key}:{piece}")

    def values(self, holder, name, child, path):
        if not name.endswith("[x]"):
            return [(name, one) for one in listed(holder.get(name, []))]
        stem = name[:-3]
        found = [key for key in holder if key.startswith(stem) and key[len(stem):][:1].isupper()]
        allowed = {kind["code"].lower() for kind in child.element.get("type", [])}
        for key in found:
            if allowed and key[len(stem):].lower() not in allowed:
                self.faults.append(f"{path}: {key} is none of {sorted(allowed)}")
        return [(key, holder[key]) for key in found]

    def number(self, count, element, path):
        if count < element.get("min", 0):
            self.faults.append(f"{path}: {count}, at least {element['min']}")
        if element.get("max", "*") != "*" and count > int(element["max"]):
            self.faults.append(f"{path}: {count}, at most {element['max']}")

    def one(self, value, node, path):
        if not fits(node.element, value):
            self.faults.append(f"{path} is not as fixed: {json.dumps(value)[:120]}")
        binding = node.element.get("binding", {})
        if binding.get("strength") == "required":
            self.bound(value, binding["valueSet"], path)
        for kind in node.element.get("type", []):
            for url in kind.get("profile", []):
                if url in self.package.profiles:
                    self.children(value, self.package.profiles[url][1], path)
        self.children(value, node, path)

    def bound(self, value, url, path):
        codings = [(None, value)] if isinstance(value, str) else [
            (coding.get("system"), coding.get("code")) for coding in (value.get("coding") or [value]) if "code" in coding
        ]
        answers = [self.package.allows(url, *coding) for coding in codings]
        if not codings or (False in answers and True not in answers):
            self.faults.append(f"{path}: {codings} is not of {url}")

    def belongs(self, key, value, child, slice_node):
        rules = child.element.get("slicing", {}).get("discriminator", [])
        return bool(rules) and all(self.tells(rule, key, value, child, slice_node) for rule in rules)

    def tells(self, rule, key, value, child, slice_node):
        kinds = slice_node.element.get("type", [])
        if rule["type"] == "type":
            return any(key.lower().endswith(kind["code"].lower()) for kind in kinds)
        if rule["type"] == "profile":
            target = self.resolve(value.get("reference"))
            wanted = [url for kind in kinds for url in kind.get("targetProfile", [])]
            return target is not None and any(url in wanted for url in target.get("meta", {}).get("profile", []))
        profiles = [url for kind in kinds for url in kind.get("profile", [])]
        if rule["path"] == "url" and profiles:
            return value.get("url") in profiles
        node = under(slice_node, rule["path"])
        if node is None or not any(True for _ in demanded(node.element)):
            return False
        return any(fits(node.element, one) for one in at(value, rule["path"]))


def faults(package, resource, resolve):
    """Faults of a resource and of every extension in it that the guide defines."""
    found = Checker(package, resolve).resource(resource)
    for extension, path in extensions(resource, resource["resourceType"]):
        known = package.profiles.get(extension.get("url"))
        if known:
            checker = Checker(package, resolve)
            checker.children(extension, known[1], path)
            found += checker.faults
    return list(dict.fromkeys(found))


def extensions(value, path):
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("extension", "modifierExtension"):
                for number, one in enumerate(item):
                    yield one, f"{path}.extension[{number}]"
            yield from extensions(item, f"{path}.{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from extensions(item, f"{path}[{number}]")


def mutants(package, resource):
    """The resource with one fault each: a demanded element or slice gone, one too many, a fixed or bound code changed."""
    for url in resource.get("meta", {}).get("profile", []):
        if url not in package.profiles:
            continue
        kind, root = package.profiles[url]
        yield from of_node(package, resource, root, kind, [])


def below(resource, steps):
    """The element that a path of keys and places leads to."""
    for step in steps:
        resource = resource[step]
    return resource


def changed(resource, steps, change):
    """A copy in which the element at that path was changed."""
    mutant = copy.deepcopy(resource)
    change(below(mutant, steps))
    return mutant


def of_node(package, resource, node, name, steps):
    holder = below(resource, steps)
    if not isinstance(holder, dict):
        return

    for key, child in node.children.items():
        if key not in holder:
            continue
        element, path = child.element, f"{name}.{key}"
        if element.get("min", 0) > 0:
            yield f"{path} gone", changed(resource, steps, lambda own, key=key: own.pop(key))
        if any(True for _ in demanded(element)) or element.get("binding", {}).get("strength") == "required":
            yield f"{path} of another code", changed(resource, steps, lambda own, key=key: own.update({key: other_code(own[key])}))
        values = holder[key] if isinstance(holder[key], list) else None
        for piece, slice_node in child.slices.items() if values else []:
            checker = Checker(package, lambda _: None)
            places = [i for i, one in enumerate(values) if checker.belongs(key, one, child, slice_node)]
            if not places:
                continue
            if len(places) == slice_node.element.get("min", 0):
                yield f"{path}:{piece} gone", changed(resource, steps, lambda own, key=key, i=places[0]: own[key].pop(i))
            if str(len(places)) == slice_node.element.get("max"):
                yield f"{path}:{piece} twice", changed(
                    resource, steps, lambda own, key=key, i=places[0]: own[key].append(copy.deepcopy(own[key][i])))
            yield from of_value(package, resource, slice_node, f"{path}:{piece}", [*steps, key, places[0]])


def of_value(package, resource, node, name, steps):
    """Below a slice: its value gone, of another type or of another code."""
    holder = below(resource, steps)
    child = node.children.get("value[x]")
    key = next((key for key in holder if key.startswith("value")), None)
    if child is None or key is None:
        return

    if child.element.get("min", 0) > 0:
        yield f"{name}.value gone", changed(resource, steps, lambda own: own.pop(key))
    yield f"{name}.value of another type", changed(resource, steps, lambda own: (own.pop(key), own.update(valueTime="10:00:00")))
    if child.element.get("binding", {}).get("strength") == "required":
        yield f"{name}.value of another code", changed(resource, steps, lambda own: own.update({key: other_code(own[key])}))


def other_code(value):
    """The same with codes that no system has."""
    if isinstance(value, str):
        return "none-such"
    if isinstance(value, list):
        return [other_code(one) for one in value]
    return {key: other_code(one) if key in ("coding", "code", "system") else one for key, one in value.items()}
