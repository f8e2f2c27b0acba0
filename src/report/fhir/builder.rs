//! Puts resources into a bundle under ids made of their content, so that the same results give the same bytes.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::types::{Bundle, Entry, Identifier, Resource};
use crate::model::problem::{Problem, ProblemKind};

/// A bundle under construction.
pub(super) struct Builder {
    /// Ids are of the case: two cases never share one.
    namespace: Uuid,
    case: String,
    known: BTreeSet<Uuid>,
    entries: Vec<Entry>,
}

impl Builder {
    /// An empty bundle of a case in one form; bundles of two forms share no id.
    pub(super) fn new(case: &str, form: &str) -> Self {
        let name = format!("tierline{form}:{case}");
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes());
        Self { namespace, case: case.into(), known: BTreeSet::new(), entries: Vec::new() }
    }

    /// Adds a resource and returns its address; one of the same content is added once.
    ///
    /// # Errors
    ///
    /// When it cannot be written as JSON.
    pub(super) fn add(&mut self, mut resource: Resource) -> Result<String, Problem> {
        let content = serde_json::to_vec(&resource)
            .map_err(|e| Problem::new(ProblemKind::Internal, format!("cannot write FHIR: {e}")))?;
        let id = Uuid::new_v5(&self.namespace, &content);
        let full_url = format!("urn:uuid:{id}");
        if self.known.insert(id) {
            *resource.id_mut() = Some(id.to_string());
            self.entries.push(Entry { full_url: Some(full_url.clone()), resource: Some(resource) });
        }
        Ok(full_url)
    }

    /// The bundle, with the resource added last first: readers look for the report there.
    pub(super) fn finish(mut self) -> Bundle {
        self.entries.rotate_right(1);
        let id = Uuid::new_v5(&self.namespace, b"bundle");
        Bundle {
            id: Some(id.to_string()),
            identifier: Some(Identifier { value: Some(self.case), ..Identifier::default() }),
            r#type: Some("collection".into()),
            entry: self.entries,
        }
    }
}
