//! Case documents: what is read, and what every kind of fault is told as.
#![allow(clippy::panic, reason = "a helper of tests stops at what must not happen")]

use std::fmt::Write as _;
use std::path::Path;

use tierline::case::{Case, CaseKind, PenetranceRequest, PolicyChoice, document};
use tierline::model::sample::{Affected, ConsentAnswer, Role, Sex};

const CASE: &str = "[case]\nid = \"T1\"\nkind = \"family\"\nassembly = \"GRCh38\"\n";

fn member(id: &str, role: &str, rest: &str) -> String {
    format!(
        "[[member]]\nid = \"{id}\"\nsample = \"S{id}\"\nrole = \"{role}\"\n{rest}\n\
         [member.consent]\nprimary = true\n"
    )
}

fn trio(case: &str, child: &str) -> String {
    let mut text = CASE.to_owned();
    let _ = write!(text, "{case}\n{}", member("C", "proband", child));
    text + &member("M", "mother", "affected = \"no\"") + &member("F", "father", "")
}

fn parse(text: &str) -> Result<Case, String> {
    document::parse(text, Path::new("folder/case.toml")).map_err(|problems| problems.to_string())
}

#[test]
fn a_trio_is_read_whole() {
    let case = "policy = \"mine.toml\"\npenetrance = \"both\"\nreference = \"../ref.fa\"\n\
                panels = [\"p.json\", \"q.jsonl#522\"]\nvariants = [\"/data/x.vcf.gz\"]\nhpo = [\"HP:0001250\"]";
    let child = "sex = \"male\"\nhpo = [\"!HP:0001263\"]\nx_copies = 1\nalignment = \"c.bam\"";
    let case = parse(&trio(case, child)).unwrap();
    assert_eq!((case.kind, case.penetrance), (CaseKind::Family, PenetranceRequest::Both));
    assert_eq!(case.policy, Some(PolicyChoice::File("folder/mine.toml".into())));
    assert_eq!(case.reference.as_deref(), Some(Path::new("folder/../ref.fa")));
    assert_eq!(case.variants, [Path::new("/data/x.vcf.gz")], "absolute paths stay");
    assert_eq!(case.panels[1].path, Path::new("folder/q.jsonl"));
    let (_, child) = case.index_member().unwrap();
    assert_eq!((child.affected, child.x_copies), (Affected::Yes, Some(1)));
    assert_eq!(child.hpo.iter().filter(|term| term.present).count(), 1);
    let (mother, father) = (child.mother.unwrap(), child.father.unwrap());
    assert_eq!(case.family.get(mother).role, Role::Mother, "parents follow from roles");
    assert_eq!(case.family.get(mother).sex, Sex::Female, "and their sex too");
    assert_eq!(case.family.get(father).affected, Affected::Uncertain);
    assert_eq!(case.shown(mother), "member 2 (mother)");
}

#[test]
fn consent_words_of_both_generations() {
    for (word, answer) in [
        ("true", ConsentAnswer::Yes),
        ("\"yes\"", ConsentAnswer::Yes),
        ("false", ConsentAnswer::No),
        ("\"no\"", ConsentAnswer::No),
        ("\"undefined\"", ConsentAnswer::NotStated),
        ("\"not_applicable\"", ConsentAnswer::NotStated),
    ] {
        let text = trio("", "") + &format!("secondary = {word}\n");
        let case = parse(&text).unwrap();
        assert_eq!(case.family.members[2].consent.secondary, answer, "{word}");
    }
}

/// A document and what its refusal says; every text must occur.
fn refused(text: &str, expected: &[&str]) {
    let Err(error) = parse(text) else { panic!("accepted:\n{text}") };
    for part in expected {
        assert!(error.contains(part), "{part:?} is not in:\n{error}\n--- of ---\n{text}");
    }
}

#[test]
fn faults_of_keys_and_values_name_line_and_fix() {
    refused("[case\n", &["folder/case.toml: line 1: not TOML"]);
    refused("", &["no [case] table"]);
    refused("case = 3\n", &["line 1: `case` must be a table"]);
    refused(
        &trio("penetrence = \"both\"", ""),
        &["line 5: unknown key `penetrence`", "`penetrance`"],
    );
    refused(
        &trio("penetrance = \"full\"", ""),
        &["line 5: `penetrance` is none of the known words", "expected one of"],
    );
    refused(
        &trio("panels = \"p.json\"", ""),
        &["line 5: `panels` must be a list of texts, found string"],
    );
    refused(&trio("", "sex = \"femal\""), &["`sex` is \"femal\"", "did you mean \"female\"?"]);
    refused(&trio("", "sample = 3"), &["not TOML", "duplicate key"]);
    refused(&trio("", "x_copies = -1"), &["`x_copies` must be a small whole number"]);
    refused(&trio("", "x_copies = 9"), &["`x_copies` must be 1 to 4"]);
    refused(&trio("", "alignment = \"\""), &["`alignment` is empty"]);
    refused(
        &CASE.replace("GRCh38", "GRCh39"),
        &["`assembly` is none of the known words", "GRCh38"],
    );
    refused(&CASE.replace("family", "trio"), &["`kind` is none of the known words", "singleton"]);
    refused("[case]\nid = \"x\"\n", &["has no `kind`", "has no `assembly`"]);
    refused(&trio("", "").replace("primary = true", "primry = true"), &["unknown key `primry`"]);
}

#[test]
fn all_faults_come_at_once() {
    let text = trio("penetrence = 1\nhpo = [\"epilepsy\"]", "father = \"nobody\"");
    refused(&text, &["penetrence", "\"epilepsy\"", "member 1 (proband): the father is no member"]);
}

#[test]
fn faults_of_the_family_name_members_by_number_and_role() {
    let two = trio("", "") + &member("Z", "proband", "");
    refused(&two, &["member 4 (proband): a second proband"]);
    refused(
        &trio("", "").replace("\"proband\"", "\"sibling\""),
        &["no member has the role proband"],
    );
    refused(
        &trio("", "").replace("sample = \"SC\"\n", ""),
        &["member 1 (proband): has no `sample`"],
    );
    refused(
        &trio("", "").replace("\"F\"", "\"M\""),
        &["member 3 (father): the same `id` as member 2 (mother)"],
    );
    refused(&trio("", "").replace("\"SF\"", "\"SM\""), &["the same `sample` as member 2 (mother)"]);
    refused(&trio("", "father = \"C\""), &["member 1 (proband): is named as the own father"]);
    refused(
        &trio("", "father = \"M\""),
        &["member 2 (mother): is the father of member 1 (proband) but stated as female"],
    );
    refused(
        &trio("", "mother = \"F\"\nfather = \"F\""),
        &["father and mother are the same member"],
    );
    refused(&trio("", "affected = \"no\""), &["the proband is stated as unaffected"]);
    refused(
        &trio("hpo = [\"HP:0001250\"]", "hpo = [\"!HP:0001250\"]"),
        &["both present and absent"],
    );
    refused(&trio("", "").replace("affected", "father = \"C\"\naffected"), &["form a circle"]);
    refused(
        &trio("", "").replacen("primary = true", "", 1),
        &["member 1 (proband): no explicit consent"],
    );
    refused(CASE, &["the case has no members"]);
    refused(
        &trio("", "").replace("family", "singleton"),
        &["a singleton case with 3 sequenced members"],
    );
    refused(
        &trio("", "").replace("family", "tumour-only"),
        &["does not belong in a tumour-only case"],
    );
}

#[test]
fn identical_twins_are_two_of_one_sex_and_the_same_parents() {
    let twin = |sex: &str, more: &str| {
        let sibling = member("T", "sibling", &format!("sex = \"{sex}\"\n{more}"));
        trio("", "sex = \"male\"\nidentical_twins = \"A\"") + &sibling
    };
    let all = "identical_twins = \"A\"\nfather = \"F\"\nmother = \"M\"";
    let case = parse(&twin("male", all)).unwrap();
    let proband = case.family.by_id("C").unwrap();
    assert_eq!(case.family.twins_of(proband).count(), 1);
    refused(&twin("female", all), &["member 4 (sibling): has an identical twin of the other sex"]);
    refused(
        &twin("male", "identical_twins = \"A\""),
        &["has an identical twin with other parents"],
    );
    refused(&trio("", "identical_twins = \"A\""), &["is an identical twin, but of nobody"]);
}

#[test]
fn tumour_cases_need_their_samples() {
    let head = CASE.replace("family", "tumour-normal");
    let tumour = member("P", "tumour", "");
    refused(&format!("{head}{tumour}"), &["no member has the role normal"]);
    let normal = member("P", "normal", "").replace("SP", "SN");
    let case = parse(&format!("{head}{tumour}{normal}")).unwrap();
    assert_eq!(case.family.members.len(), 2, "both samples are of one person");
    refused(
        &format!("{}{tumour}{normal}", head.replace("-normal", "-only")),
        &["has no normal sample"],
    );
}

#[test]
fn no_fault_holds_an_identifier() {
    let text =
        trio("", "father = \"CANARY9\"").replace("\"C\"", "\"CANARY8\"").replace("SM", "CANARY7");
    let text = text.replace("\"SF\"", "\"CANARY7\"").replacen("primary = true", "", 2);
    let error = parse(&text).unwrap_err();
    assert!(error.lines().count() >= 4 && !error.contains("CANARY"), "{error}");
}

/// A small generator with a fixed seed (the constants of Knuth's MMIX).
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

#[test]
fn mutated_documents_never_panic() {
    let seed =
        trio("hpo = [\"HP:0001250\"]\npanels = [\"p.json\"]", "father = \"F\"\nx_copies = 2");
    let (mut state, mut refused) = (7, 0);
    for _ in 0..2_000 {
        let mut bytes = seed.clone().into_bytes();
        for _ in 0..=next(&mut state) % 4 {
            let at = next(&mut state) % bytes.len();
            match next(&mut state) % 3 {
                0 => bytes[at] = b"\"[]=\n#\\x0\xc3"[next(&mut state) % 10],
                1 => bytes.truncate(at.max(1)),
                _ => bytes.splice(at..at, *b"]]\n[[member]]").for_each(drop),
            }
        }
        refused += usize::from(parse(&String::from_utf8_lossy(&bytes)).is_err());
    }
    assert!(refused > 1_000, "{refused}");
}
