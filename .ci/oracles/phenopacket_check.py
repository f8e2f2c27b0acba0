"""Reads Phenopackets with the protobuf classes of the schema: an unknown field, a wrong enum word or time is refused. What
protobuf does not ask for is asked for here: the fields that the schema's documentation calls required.

usage: phenopacket_check.py FILE...
"""

import json
import pathlib
import sys

from google.protobuf.json_format import Parse, ParseError
from phenopackets.schema.v2.phenopackets_pb2 import Phenopacket


def read(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    return json.loads(text.split("\n---\n", 1)[1] if path.endswith(".snap") else text)


def faults(document):
    try:
        packet = Parse(json.dumps(document), Phenopacket())
    except ParseError as error:
        return [str(error)]
    found = []
    if not packet.id:
        found.append("no id")
    meta = packet.meta_data
    if not (meta.created.seconds and meta.created_by and meta.phenopacket_schema_version == "2.0"):
        found.append("metaData lacks created, createdBy or the schema's version")
    prefixes = {resource.namespace_prefix for resource in meta.resources}
    for feature in packet.phenotypic_features:
        if feature.type.id.split(":")[0] not in prefixes:
            found.append(f"{feature.type.id} has no resource")
    subjects = {packet.subject.id} | {sample.id for sample in packet.biosamples}
    for interpretation in packet.interpretations:
        for one in interpretation.diagnosis.genomic_interpretations:
            if one.subject_or_biosample_id not in subjects:
                found.append(f"{one.subject_or_biosample_id} is neither subject nor sample")
            variant = one.variant_interpretation.variation_descriptor
            if not variant.id or not variant.vcf_record.alt:
                found.append("a variant without id or alleles")
    return found


def main():
    failed = False
    for path in sys.argv[1:]:
        document = read(path)
        found = faults(document)
        failed |= bool(found)
        print(f"{path}: {'invalid' if found else 'valid'} {found[:10]}")
        for name, change in [
            ("unknown field", {"subjects": {}}),
            ("wrong enum", {"subject": {"id": "x", "sex": "man"}}),
            ("wrong time", {"metaData": {"created": "yesterday"}}),
            ("empty", None),
        ]:
            if not faults({**document, **change} if change else {}):
                failed = True
                print(f"accepted: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
