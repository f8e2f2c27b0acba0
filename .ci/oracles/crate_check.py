"""Validates folders as Process Run Crates with roc-validator, then spoils each, to see that it would notice.

The validator asks the network for the JSON-LD context of RO-Crate 1.1; here it gets the copy that the rocrate package
carries, and nothing else.

usage: crate_check.py FOLDER...
"""

import email.message
import io
import json
import pathlib
import shutil
import sys
import tempfile
import urllib.request

import requests
import rocrate
import rocrate.rocrate

CONTEXT = (pathlib.Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_bytes()
ADDRESS = "https://w3id.org/ro/crate/1.1/context"


class Opened(io.BytesIO):
    """What urlopen gives."""

    status = 200

    def __init__(self):
        super().__init__(CONTEXT)
        self.headers = email.message.Message()
        self.headers["Content-Type"] = "application/ld+json"

    def info(self):
        return self.headers

    def geturl(self):
        return ADDRESS


def answered(_session, _method, url, **_options):
    response = requests.Response()
    response.status_code, response.url, response.encoding = 200, url, "utf-8"
    response._content = CONTEXT
    response.headers["Content-Type"] = "application/ld+json"
    response.from_cache = False
    return response


def opened(request, *arguments, **options):
    address = request if isinstance(request, str) else request.full_url
    return own_urlopen(request, *arguments, **options) if address.startswith("file:") else Opened()


own_urlopen = urllib.request.urlopen
urllib.request.urlopen = opened
requests.sessions.Session.request = answered

import rdflib._networking  # noqa: E402  its name for urlopen is taken when it is imported

rdflib._networking.urlopen = opened

from rocrate_validator import models, services  # noqa: E402


def issues(folder):
    settings = services.ValidationSettings(
        rocrate_uri=str(folder),
        profile_identifier="process-run-crate-0.5",
        requirement_severity=models.Severity.REQUIRED,
    )
    return [f"{folder}: {issue.check.identifier}: {issue.message}" for issue in services.validate(settings).get_issues()]


def main():
    faults = []
    for name in sys.argv[1:]:
        folder = pathlib.Path(name)
        faults += issues(folder)
        rocrate.rocrate.ROCrate(str(folder))
        with tempfile.TemporaryDirectory() as scratch:
            copy = pathlib.Path(scratch) / "crate"
            shutil.copytree(folder, copy)
            metadata = copy / "ro-crate-metadata.json"
            document = json.loads(metadata.read_text(encoding="utf-8"))
            for entity in document["@graph"]:
                if entity["@type"] == "CreateAction":
                    del entity["instrument"]
            metadata.write_text(json.dumps(document), encoding="utf-8")
            if not issues(copy):
                faults.append(f"{folder}: an action without its program is accepted")
    print("\n".join(faults) or f"note: {len(sys.argv) - 1} crates are Process Run Crates")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
