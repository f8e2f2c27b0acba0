//! The rules of commands that know no case: limits and settings as one value, with its digest.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::model::made_by::PolicyMark;
use crate::model::problem::Problem;
use crate::policy::acceptance;
use crate::policy::identity::IdentityLimits;
use crate::policy::layers::Resolved;

/// Rules in force, as a record of a run holds them.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Name, version and digest.
    pub mark: PolicyMark,
    /// Every value.
    pub values: Value,
}

impl Rules {
    /// Of values under a name: the digest is that of their compact JSON, keys sorted.
    pub fn of(id: &str, version: &str, values: Value) -> Self {
        let digest = format!("{:x}", Sha256::digest(values.to_string()));
        Self { mark: PolicyMark { id: id.into(), version: version.into(), digest }, values }
    }

    /// Of reading alignments: the limits of a set, when one was asked for, those of identity checks, and what the caller set.
    ///
    /// # Errors
    ///
    /// An unknown set.
    pub fn of_reads(accept: Option<&str>, settings: &Value) -> Result<Self, Problem> {
        let set = accept.map(acceptance::set).transpose()?;
        let limits = IdentityLimits::preset()?;
        let (id, version) = match &set {
            Some(set) => (&set.id, &set.version),
            None => (&limits.id, &limits.version),
        };
        let values = json!({
            "acceptance": accept.map(acceptance::values).transpose()?,
            "identity": IdentityLimits::values()?,
            "settings": settings,
        });
        Ok(Self::of(id, version, values))
    }
}

impl From<&Resolved> for Rules {
    fn from(policy: &Resolved) -> Self {
        let values = serde_json::to_value(&policy.policy).unwrap_or_default();
        Self { mark: policy.mark(), values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_and_every_setting_has_its_digest() {
        let plain = Rules::of_reads(None, &json!({ "mapq": 0 })).unwrap();
        assert_eq!(plain.mark.digest.len(), 64);
        assert_eq!(plain.values["identity"]["id"], plain.mark.id.as_str());
        for other in [
            Rules::of_reads(Some("gel-germline"), &json!({ "mapq": 0 })).unwrap(),
            Rules::of_reads(None, &json!({ "mapq": 1 })).unwrap(),
        ] {
            assert_ne!(other.mark.digest, plain.mark.digest);
        }
        let set = Rules::of_reads(Some("gel-germline"), &Value::Null).unwrap();
        assert_eq!(set.mark.id, "gel-germline");
        assert_eq!(set.values["acceptance"]["version"], set.mark.version.as_str());
        assert!(Rules::of_reads(Some("gel"), &Value::Null).is_err());
    }
}
