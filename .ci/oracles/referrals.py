"""Random valid referrals of the GEL models, made by the factories of gelreportmodels, through `tierline case show`.

Each document is valid by the models' own validator. Half of them stay as random as the factory makes them; the other half
is mended as far as the models leave things open (one proband, parents that exist, HPO ids, files that exist, consent). Every
document has to be read, or refused with exit code 65 or 66 and a reason that names the file; of the mended ones most have
to be read.

usage: referrals.py TIERLINE [COUNT]
"""

import importlib
import json
import os
import random
import subprocess
import sys
import tempfile

from protocols.util.factories.avro_factory import GenericFactoryAvro

MODELS = [
    ("reports_6_0_0", "InterpretationRequestRD", "7.0"),
    ("reports_6_1_0", "InterpretationRequestRD", "7.3"),
    ("reports_6_2_0", "InterpretationRequestRD", "7.8"),
    ("reports_6_0_0", "CancerInterpretationRequest", "7.0"),
    ("reports_6_2_0", "CancerInterpretationRequest", "7.8"),
    ("participant_1_2_0", "Referral", "7.3"),
    ("participant_1_3_0", "Referral", "7.8"),
]
YES = "yes"


def made(model, version, filled):
    factory = GenericFactoryAvro.get_factory_avro(model, version=version, fill_nullables=filled)
    document = factory.create().toJsonDict()
    assert model.validate(document), model
    return document


def consent(person):
    """Says yes to everything, in the records that the person has, or in one that the model knows."""
    old = person.get("consentStatus")
    new = person.get("testConsentStatus")
    if old is None and new is None:
        old = person["consentStatus"] = {}
    if old is not None:
        for key in ("programmeConsent", "primaryFindingConsent", "secondaryFindingConsent", "carrierStatusConsent"):
            old[key] = True
    if new is not None:
        for key in new:
            new[key] = YES


def mend_pedigree(tree, pick):
    members = tree["members"]
    for number, member in enumerate(members):
        member.update(pedigreeId=number, participantId=f"P{number}", isProband=number == 0, fatherId=None, motherId=None)
        member.update(twinGroup=None, personKaryotypicSex=None, affectionStatus="AFFECTED" if number == 0 else "UNCERTAIN")
        for term in member.get("hpoTermList") or []:
            term["term"] = f"HP:{pick.randrange(10**7):07}"
        # Samples of 6.0 and of later models differ: the first one stays as the factory made it.
        samples = member.get("samples") or []
        for sample in samples[:1]:
            sample.update(sampleId=f"S{number}", product="DNA")
        member["samples"] = samples[:1] or None
        consent(member)
    if len(members) > 1:
        members[0]["fatherId"], members[1]["sex"] = 1, "MALE"
    tree["analysisPanels"] = None


def mend_person(person):
    person["participantId"] = "P0"
    if "individualId" in person:
        person["individualId"] = "P0"
    for key, name in (("tumourSamples", "T"), ("germlineSamples", "N")):
        samples = (person.get(key) or [])[:1]
        for sample in samples:
            sample.update(sampleId=name, product="DNA")
        person[key] = samples if samples or person.get(key) is not None else None
    if "matchedSamples" in person:
        person["matchedSamples"] = []
    consent(person)


def mended(document, pick):
    document = json.loads(json.dumps(document))
    if document.get("pedigree") is not None:
        mend_pedigree(document["pedigree"], pick)
        document.pop("cancerParticipant", None)
    if document.get("cancerParticipant") is not None:
        mend_person(document["cancerParticipant"])
    for key in ("bams", "vcfs"):
        if key in document:
            document[key] = None
    for test in document.get("referralTests", []):
        test.update(analysisPanels=None, matchedSamples=None, germlineSamples=None, tumourSamples=None)
    document["referralTests"] = document.get("referralTests", [])[:1]
    if not document["referralTests"]:
        del document["referralTests"]
    return document


def main():
    tierline, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200
    pick = random.Random(20260000)
    random.seed(20260000)
    read, mended_all, mended_read, faults, reasons = 0, 0, 0, [], {}
    with tempfile.TemporaryDirectory() as folder:
        panel = os.path.join(folder, "panel.txt")
        with open(panel, "w", encoding="utf-8") as file:
            file.write("BRCA1\n")
        for number in range(count):
            module, name, version = MODELS[number % len(MODELS)]
            model = getattr(importlib.import_module(f"protocols.{module}"), name)
            document = made(model, version, pick.random() < 0.7)
            is_mended = number % 2 == 0
            if is_mended:
                document = mended(document, pick)
                assert model.validate(document), (name, model.validate(document, verbose=True).messages)
            path = os.path.join(folder, "referral.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(document, file)
            more = [] if name.startswith(("Inter", "Cancer")) else ["--assembly", "GRCh38"]
            command = [tierline, "case", "show", path, "--json", "--panel", panel, *more]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            what = f"document {number} ({module}.{name})"
            mended_all += is_mended
            if done.returncode == 0:
                shown = json.loads(done.stdout)
                read += 1
                mended_read += is_mended
                if not shown["members"]:
                    faults.append(f"{what}: read without members")
            elif done.returncode in (65, 66) and "referral.json" in done.stderr and "panicked" not in done.stderr:
                first = next(line for line in done.stderr.splitlines() if "referral.json" in line)
                reason = first.split("referral.json: ", 1)[1]
                reasons.setdefault("".join(c for c in reason if not c.isdigit())[:60], f"{what}: {reason}")
            else:
                faults.append(f"{what}: exit code {done.returncode}: {done.stderr[-400:]}")
    if mended_read * 3 < mended_all:
        faults.append(f"only {mended_read} of {mended_all} mended documents were read")
    for reason in reasons.values():
        print(f"refused: {reason}"[:200])
    print("\n".join(faults) or f"note: {count} random valid referrals: {read} read ({mended_read} of {mended_all} mended ones), the others refused by name")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
