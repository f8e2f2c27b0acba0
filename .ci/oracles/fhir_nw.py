"""Checks bundles after the draft guide of the North West GMSA (fhir.nwgenomics.nhs.uk 0.0.7), whose profiles exist as FHIR
Shorthand only: what its files demand, taken by hand, stands below by file. UK Core, which the draft builds on, is not checked.

usage: fhir_nw.py FILE...   every file must pass, and each mutant of it fail
"""

import copy
import json
import re
import sys

import fhirkit

PROFILES = "https://fhir.nwgenomics.nhs.uk/StructureDefinition/"
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"
# input/fsh/ValueSet/DocumentEntry.mimeType.fsh
MIME = ["application/pdf", "application/dicom", "application/fhir+json", "application/fhir+xml", "image/jpeg", "image/png"]


def nhs_number(identifier):
    """input/fsh/DataTypes/NHSNumber.fsh: system 1..1 fixed, value 1..1, type exactly NH where it is given."""
    found = []
    if identifier.get("system") != "https://fhir.nhs.uk/Id/nhs-number":
        found.append("NHS number of another system")
    if not re.fullmatch(r"\d{10}", identifier.get("value", "")):
        found.append("NHS number of another form")
    if identifier.get("type", {"coding": [{"system": V2_0203, "code": "NH"}]}) != {"coding": [{"system": V2_0203, "code": "NH"}]}:
        found.append("NHS number of another type")
    return found


def organisation(identifier):
    """input/fsh/DataTypes/OrganisationCode.fsh: system 1..1 fixed, value 1..1."""
    return [] if identifier.get("system") == ODS and identifier.get("value") else ["no ODS code"]


def correlation(identifier, kinds):
    """input/fsh/DataTypes/CorrelationIdentifier.fsh: system, value and assigner 1..1, the assigner by ODS code; and the type of
    one of its children (FillerOrderNumber, PlacerOrderNumber, FillerReportNumber)."""
    found = [f"an identifier without {key}" for key in ("system", "value", "assigner") if not identifier.get(key)]
    found += organisation(identifier.get("assigner", {}).get("identifier", {}))
    types = [(c.get("system"), c.get("code")) for c in identifier.get("type", {}).get("coding", [])]
    if not any((V2_0203, kind) in types for kind in kinds):
        found.append(f"an identifier of type {types}, not {kinds}")
    return found


def subject(reference):
    """Reference and NHS number 1..1 in report, variant and implication."""
    return ([] if reference.get("reference") else ["no reference to the subject"]) + nhs_number(reference.get("identifier", {}))


def report(one):
    """input/fsh/DiagnosticReport.fsh"""
    found = [] if one.get("identifier") else ["no identifier"]
    for identifier in one.get("identifier", []):
        found += correlation(identifier, ["RI", "FILL"])
    fillers = 0
    for order in one.get("basedOn", []):
        found += correlation(order.get("identifier", {}), ["FILL", "PLAC"])
        if order.get("identifier", {}).get("type", {}).get("coding", [{}])[0].get("code") == "FILL":
            fillers += 1
            found += [] if order.get("type") == "ServiceRequest" else ["an order that is no ServiceRequest"]
    found += [] if fillers == 1 else [f"{fillers} filler order numbers"]
    genetics = [c for c in one.get("category", []) if c.get("coding") == [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]]
    found += [] if len(genetics) == 1 else ["no category of genetics"]
    found += subject(one.get("subject", {}))
    tests = [c for c in one.get("code", {}).get("coding", []) if c.get("system") == "https://fhir.nhs.uk/CodeSystem/England-GenomicTestDirectory"]
    found += [] if len(tests) == 1 and re.fullmatch(r"[RM]\d+(\.\d+)?", tests[0].get("code", "")) else ["no code of the Test Directory"]
    who = [p for p in one.get("performer", []) if p.get("type") == "Organization"]
    found += [] if len(who) == 1 else ["not one performing organisation"]
    for performer in one.get("performer", []):
        found += organisation(performer.get("identifier", {})) if performer.get("type") == "Organization" else ["a performer of another type"]
    found += [] if one.get("presentedForm") else ["no form for people"]
    found += [f"a form of {f.get('contentType')}" for f in one.get("presentedForm", []) if f.get("contentType") not in MIME or not f.get("url")]
    return found


def patient(one):
    """input/fsh/Patient.fsh"""
    found = [f"a patient without {key}" for key in ("identifier", "name", "birthDate") if not one.get(key)]
    numbers = [i for i in one.get("identifier", []) if i.get("system") == "https://fhir.nhs.uk/Id/nhs-number"]
    found += [] if len(numbers) == 1 else ["no NHS number"]
    return found + [fault for number in numbers for fault in nhs_number(number)]


def observation(one):
    """input/fsh/Observation-Variant.fsh, input/fsh/Observation-DiagnosticImplication.fsh"""
    return ([] if one.get("identifier") else ["no identifier"]) + subject(one.get("subject", {}))


CHECKS = {
    "DiagnosticReport": report, "Patient": patient,
    "Observation-Variant": observation, "Observation-DiagnosticImplication": observation,
}


def faults(bundle):
    found = [f"fhirkit: {issue}" for issue in fhirkit.validate(bundle)]
    counts = dict.fromkeys(CHECKS, 0)
    for entry in bundle["entry"]:
        one = entry["resource"]
        for url in one.get("meta", {}).get("profile", []):
            if url.startswith(PROFILES):
                name = url.removeprefix(PROFILES)
                counts[name] += 1
                found += [f"{entry['fullUrl']}: {fault}" for fault in CHECKS[name](one)]
    if counts["DiagnosticReport"] != 1 or counts["Patient"] != 1 or not counts["Observation-Variant"]:
        found.append(f"resources by profile: {counts}")
    return found


def mutants(bundle):
    """One fault each in what the draft demands."""
    def place(name):
        return next(i for i, e in enumerate(bundle["entry"]) if PROFILES + name in e["resource"].get("meta", {}).get("profile", []))

    def changed(name, what, change):
        mutant = copy.deepcopy(bundle)
        change(mutant["entry"][place(name)]["resource"])
        return f"{name}: {what}", mutant

    report_changes = {
        "no identifier": lambda r: r.pop("identifier"),
        "no assigner": lambda r: r["identifier"][0].pop("assigner"),
        "no number system": lambda r: r["identifier"][0].pop("system"),
        "no order": lambda r: r.pop("basedOn"),
        "an order of another type": lambda r: r["basedOn"][0].update(type="Task"),
        "no test": lambda r: r["code"]["coding"].pop(),
        "an unknown test": lambda r: r["code"]["coding"][1].update(code="X1"),
        "no performer": lambda r: r.pop("performer"),
        "a performer of another system": lambda r: r["performer"][0]["identifier"].update(system="urn:x"),
        "no NHS number": lambda r: r["subject"].pop("identifier"),
        "an NHS number of another type": lambda r: r["subject"]["identifier"]["type"]["coding"][0].update(code="MR"),
        "no form": lambda r: r.pop("presentedForm"),
        "a page as form": lambda r: r["presentedForm"][0].update(contentType="text/html"),
        "no category": lambda r: r.pop("category"),
    }
    for what, change in report_changes.items():
        yield changed("DiagnosticReport", what, change)
    yield changed("Patient", "no name", lambda p: p.pop("name"))
    yield changed("Patient", "no birth date", lambda p: p.pop("birthDate"))
    yield changed("Patient", "no NHS number", lambda p: p["identifier"].pop(0))
    yield changed("Observation-Variant", "no identifier", lambda o: o.pop("identifier"))
    yield changed("Observation-Variant", "no NHS number", lambda o: o["subject"].pop("identifier"))
    yield changed("Observation-Variant", "no profile", lambda o: o["meta"]["profile"].pop())


def main():
    failed = False
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            bundle = json.load(file)
        found = faults(bundle)
        # With several variants one of them may lose its profile and the bundle stay valid.
        several = sum(PROFILES + "Observation-Variant" in e["resource"].get("meta", {}).get("profile", []) for e in bundle["entry"]) > 1
        accepted = [name for name, mutant in mutants(bundle) if not faults(mutant) and not (several and name.endswith("no profile"))]
        failed |= bool(found or accepted)
        print(f"{path}: {'invalid' if found else 'valid'} by the draft; mutants accepted: {accepted or 'none'}")
        print("\n".join(found[:20]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
