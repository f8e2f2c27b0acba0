//! The part of FHIR R4 (4.0.1) that the bundle uses, as plain structures: what is absent is not written. Names are those of
//! the standard. They read what they write, and what others write of the same resources.

use serde::{Deserialize, Serialize};
use serde_json::Number;

/// What is left out of the JSON.
pub(super) trait Absent {
    /// True when there is nothing to write: FHIR has neither nulls nor empty lists.
    fn absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn absent(&self) -> bool {
        self.is_empty()
    }
}

/// Structures whose elements may all be absent.
macro_rules! elements {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[allow(clippy::struct_field_names, reason = "names are those of the standard")]
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub(super) struct $name {
            $(
                #[serde(default, skip_serializing_if = "Absent::absent")]
                pub(super) $field: $kind,
            )*
        }
    )*};
}

elements! {
    /// Profiles of a resource.
    Meta { profile: Vec<String> }

    /// A code of a system.
    Coding { system: Option<String>, code: Option<String>, display: Option<String> }

    /// Codes or text.
    CodeableConcept { coding: Vec<Coding>, text: Option<String> }

    /// An identifier in the world outside.
    Identifier {
        r#type: Option<CodeableConcept>,
        system: Option<String>,
        value: Option<String>,
        assigner: Option<Box<Reference>>,
    }

    /// Name of a person.
    HumanName { family: Option<String>, given: Vec<String> }

    /// Another resource: in the bundle, or by an identifier outside.
    Reference {
        reference: Option<String>,
        r#type: Option<String>,
        identifier: Option<Identifier>,
        display: Option<String>,
    }

    /// A number with its unit.
    Quantity {
        value: Option<Number>,
        unit: Option<String>,
        system: Option<String>,
        code: Option<String>,
    }

    /// From low to high.
    Range { low: Option<Quantity>, high: Option<Quantity> }

    /// A remark.
    Annotation { extension: Vec<Extension>, text: Option<String> }

    /// What the base standard has no element for.
    Extension {
        extension: Vec<Extension>,
        url: Option<String>,
        value_reference: Option<Reference>,
        value_string: Option<String>,
        value_codeable_concept: Option<CodeableConcept>,
        value_quantity: Option<Quantity>,
        value_positive_int: Option<u32>,
        value_annotation: Option<Annotation>,
    }

    /// One part of an observation.
    Component {
        extension: Vec<Extension>,
        code: Option<CodeableConcept>,
        value_codeable_concept: Option<CodeableConcept>,
        value_string: Option<String>,
        value_quantity: Option<Quantity>,
        value_range: Option<Range>,
    }

    /// A person.
    Patient {
        id: Option<String>,
        meta: Option<Meta>,
        identifier: Vec<Identifier>,
        name: Vec<HumanName>,
        gender: Option<String>,
        birth_date: Option<String>,
    }

    /// What was sequenced.
    Specimen {
        id: Option<String>,
        meta: Option<Meta>,
        identifier: Vec<Identifier>,
        status: Option<String>,
        r#type: Option<CodeableConcept>,
        subject: Option<Reference>,
    }

    /// Name of a device.
    DeviceName { name: Option<String>, r#type: Option<String> }

    /// Version of a device.
    DeviceVersion { value: Option<String> }

    /// A program.
    Device {
        id: Option<String>,
        meta: Option<Meta>,
        identifier: Vec<Identifier>,
        status: Option<String>,
        device_name: Vec<DeviceName>,
        r#type: Option<CodeableConcept>,
        version: Vec<DeviceVersion>,
    }

    /// A file, by name.
    Attachment {
        content_type: Option<String>,
        language: Option<String>,
        url: Option<String>,
        size: Option<u64>,
        title: Option<String>,
    }

    /// What a document holds.
    Content { attachment: Option<Attachment> }

    /// A file that was read or written.
    DocumentReference {
        id: Option<String>,
        meta: Option<Meta>,
        identifier: Vec<Identifier>,
        status: Option<String>,
        subject: Option<Reference>,
        description: Option<String>,
        content: Vec<Content>,
    }

    /// A genomic study or one of its analyses.
    Procedure {
        id: Option<String>,
        meta: Option<Meta>,
        extension: Vec<Extension>,
        identifier: Vec<Identifier>,
        status: Option<String>,
        category: Option<CodeableConcept>,
        code: Option<CodeableConcept>,
        subject: Option<Reference>,
        note: Vec<Annotation>,
    }

    /// A finding, or what it means.
    Observation {
        id: Option<String>,
        meta: Option<Meta>,
        extension: Vec<Extension>,
        identifier: Vec<Identifier>,
        part_of: Vec<Reference>,
        status: Option<String>,
        category: Vec<CodeableConcept>,
        code: Option<CodeableConcept>,
        subject: Option<Reference>,
        value_codeable_concept: Option<CodeableConcept>,
        value_quantity: Option<Quantity>,
        note: Vec<Annotation>,
        method: Option<CodeableConcept>,
        specimen: Option<Reference>,
        derived_from: Vec<Reference>,
        component: Vec<Component>,
    }

    /// The report.
    DiagnosticReport {
        id: Option<String>,
        meta: Option<Meta>,
        extension: Vec<Extension>,
        identifier: Vec<Identifier>,
        based_on: Vec<Reference>,
        status: Option<String>,
        category: Vec<CodeableConcept>,
        code: Option<CodeableConcept>,
        subject: Option<Reference>,
        performer: Vec<Reference>,
        specimen: Vec<Reference>,
        result: Vec<Reference>,
        conclusion: Option<String>,
        presented_form: Vec<Attachment>,
    }

    /// One resource of a bundle under its address.
    Entry { full_url: Option<String>, resource: Option<Resource> }

    /// Resources that belong together.
    Bundle {
        id: Option<String>,
        identifier: Option<Identifier>,
        r#type: Option<String>,
        entry: Vec<Entry>,
    }
}

/// A resource that the bundle may hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "resourceType")]
pub(super) enum Resource {
    /// A person.
    Patient(Patient),
    /// What was sequenced.
    Specimen(Specimen),
    /// A program.
    Device(Device),
    /// A file.
    DocumentReference(DocumentReference),
    /// A study or an analysis.
    Procedure(Procedure),
    /// A finding.
    Observation(Box<Observation>),
    /// The report.
    DiagnosticReport(Box<DiagnosticReport>),
    /// The bundle itself.
    Bundle(Bundle),
}

impl Resource {
    /// The id of the resource, to be set.
    pub(super) fn id_mut(&mut self) -> &mut Option<String> {
        match self {
            Self::Patient(one) => &mut one.id,
            Self::Specimen(one) => &mut one.id,
            Self::Device(one) => &mut one.id,
            Self::DocumentReference(one) => &mut one.id,
            Self::Procedure(one) => &mut one.id,
            Self::Observation(one) => &mut one.id,
            Self::DiagnosticReport(one) => &mut one.id,
            Self::Bundle(one) => &mut one.id,
        }
    }
}
