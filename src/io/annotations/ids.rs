//! Names in annotations brought to one form.

use crate::model::annotation::GeneRef;

/// Text of a field; bytes that are no UTF-8 are replaced.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Text of a field that may be blank.
pub(super) fn optional(bytes: &[u8]) -> Option<String> {
    (!bytes.is_empty() && bytes != b"." && bytes != b"-").then(|| text(bytes))
}

/// As [`optional`], into a text whose buffer is used again.
pub(super) fn set_optional(out: &mut Option<String>, bytes: &[u8]) {
    if bytes.is_empty() || bytes == b"." || bytes == b"-" {
        *out = None;
    } else {
        set(out, bytes);
    }
}

/// Text of a field, into a text whose buffer is used again.
pub(super) fn set(out: &mut Option<String>, bytes: &[u8]) {
    let out = out.get_or_insert_default();
    out.clear();
    match std::str::from_utf8(bytes) {
        Ok(text) => out.push_str(text),
        Err(_) => out.push_str(&text(bytes)),
    }
}

/// Undoes percent-encoding (`p.%3D`); what is no code stays.
pub(super) fn decoded(bytes: &[u8]) -> Option<String> {
    let plain = optional(bytes)?;
    if !plain.contains('%') {
        return Some(plain);
    }
    let mut out = Vec::with_capacity(plain.len());
    let mut rest = plain.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).filter(|_| *first == b'%');
        let value = code
            .and_then(|code| std::str::from_utf8(code).ok())
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        out.push(value.unwrap_or(*first));
        rest = if value.is_some() { &tail[2..] } else { tail };
    }
    Some(text(&out))
}

/// Sets symbol and id of a gene. The id goes where its kind belongs: Ensembl (version cut off) or HGNC; others are dropped.
pub(super) fn set_gene(gene: &mut GeneRef, symbol: &[u8], id: &[u8]) {
    set_optional(&mut gene.symbol, symbol);
    if id.starts_with(b"ENS") {
        let bare = id.split(|&b| b == b'.').next().unwrap_or(id);
        set(&mut gene.ensembl, bare);
    } else {
        gene.ensembl = None;
    }
    gene.hgnc = None;
    if id.starts_with(b"HGNC:") {
        add_hgnc(gene, id);
    }
}

/// Takes an HGNC id as a number, `HGNC:5`, or the doubled prefix of some tools.
pub(super) fn add_hgnc(gene: &mut GeneRef, id: &[u8]) {
    let mut digits = id;
    while let Some(rest) = digits.strip_prefix(b"HGNC:") {
        digits = rest;
    }
    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        gene.hgnc = Some(format!("HGNC:{}", text(digits)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_codes_are_undone_and_the_rest_stays() {
        assert_eq!(decoded(b"p.Tyr518%3D").as_deref(), Some("p.Tyr518="));
        assert_eq!(decoded(b"100%").as_deref(), Some("100%"));
        assert_eq!(decoded(b"%zz%3").as_deref(), Some("%zz%3"));
        assert_eq!(decoded(b""), None);
        assert!(decoded(b"%ff").is_some());
    }

    #[test]
    fn gene_ids_meet_in_one_form() {
        let mut gene = GeneRef::default();
        set_gene(&mut gene, b"BRCA1", b"ENSG00000012048.23");
        for form in [&b"1100"[..], b"HGNC:1100", b"HGNC:HGNC:1100"] {
            gene.hgnc = None;
            add_hgnc(&mut gene, form);
            assert_eq!(gene.hgnc.as_deref(), Some("HGNC:1100"));
        }
        assert_eq!(gene.ensembl.as_deref(), Some("ENSG00000012048"));
        assert_eq!(gene.ensembl.as_deref(), Some("ENSG00000012048"));
        set_gene(&mut gene, b"BRCA1", b"672");
        assert_eq!(gene, GeneRef { symbol: Some("BRCA1".into()), ..GeneRef::default() });
    }
}
