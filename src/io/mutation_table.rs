//! Tables of mutation types in SigProfiler's and COSMIC's form: a first column of types, then one column a sample or a
//! signature, tab-separated. The types tell the kind; their order does not matter.

use std::collections::HashSet;
use std::path::Path;

use super::text;
use crate::model::mutation_type::MatrixKind;
use crate::model::problem::{Problem, Problems, nearest};

/// A table of mutation types.
#[derive(Clone, Debug, PartialEq)]
pub struct MutationTable {
    /// Kind of its types.
    pub kind: MatrixKind,
    /// Names of the columns, in the file's order.
    pub columns: Vec<String>,
    /// Values, row by row in the order of the kind's types; never negative, always finite.
    pub values: Vec<f64>,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
}

/// What the columns hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Counts of mutations: whole numbers.
    Samples,
    /// Probabilities of the types, which sum to 1 (what rounding leaves is evened out).
    Signatures,
}

/// Most faults told of one file.
const MOST_TOLD: usize = 20;
/// How far a signature's sum may be from 1.
const ROUNDING: f64 = 0.02;

impl MutationTable {
    /// Reads a table.
    ///
    /// # Errors
    ///
    /// Types that are of no kind, unknown, missing or there twice; columns with one name; values that are no numbers,
    /// negative, or (for samples) not whole; signatures that do not sum to 1. All of them together, the first twenty told.
    pub fn read(path: &Path, columns: Columns) -> Result<Self, Problems> {
        let small = text::read(path)?;
        let table = Self::parse(&small.text, columns).map_err(|mut problems| {
            for problem in &mut problems.0 {
                problem.file = Some(path.display().to_string());
            }
            problems
        })?;
        Ok(Self { sha256: small.sha256, ..table })
    }

    /// Reads a table from its text; it has no digest.
    ///
    /// # Errors
    ///
    /// As [`MutationTable::read`], without a file.
    pub fn parse(text: &str, columns: Columns) -> Result<Self, Problems> {
        let mut reading = Reading { problems: Problems::default(), left_out: 0 };
        let table = reading.table(text, columns);
        let Reading { mut problems, left_out } = reading;
        if left_out > 0 {
            problems.0.push(Problem::bad_data(format!("and {left_out} more faults")));
        }
        problems.into_result()?;
        table.ok_or_else(|| Problem::bad_data("no table").into())
    }

    /// Counts of one column, in the order of the types.
    pub fn column(&self, column: usize) -> Vec<u32> {
        let rows = self.values.chunks_exact(self.columns.len().max(1));
        rows.map(|row| row[column] as u32).collect()
    }
}

struct Reading {
    problems: Problems,
    left_out: usize,
}

impl Reading {
    fn fault(&mut self, problem: Problem) {
        if self.problems.0.len() < MOST_TOLD {
            self.problems.0.push(problem);
        } else {
            self.left_out += 1;
        }
    }

    fn table(&mut self, text: &str, columns: Columns) -> Option<MutationTable> {
        let text = text.trim_start_matches('\u{feff}');
        let lines = || text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let Some((_, head)) = lines().next() else {
            self.fault(Problem::bad_data("is empty").help(FORM));
            return None;
        };
        let names: Vec<String> = head.split('\t').skip(1).map(|n| n.trim().to_owned()).collect();
        self.names(&names);
        let first =
            |(_, line): (usize, &str)| line.split('\t').next().unwrap_or("").trim().to_owned();
        let kind = MatrixKind::ALL.into_iter().max_by_key(|kind| {
            lines().filter(|&line| kind.place(&first(line)).is_some()).count()
        })?;
        if !lines().any(|line| kind.place(&first(line)).is_some()) {
            let shown = lines().nth(1).map(first).unwrap_or_default();
            let message = format!("{shown:?} is no mutation type of SBS96, DBS78 or ID83");
            self.fault(Problem::bad_data(message).help(FORM));
            return None;
        }
        let mut rows: Vec<Option<(usize, Vec<f64>)>> = vec![None; kind.types().len()];
        for (i, line) in lines().skip(1) {
            self.row((i + 1, line), (kind, columns, names.len()), &mut rows);
        }
        self.missing(kind, &rows);
        if !self.problems.0.is_empty() {
            return None;
        }
        let values = rows.into_iter().flatten().flat_map(|(_, values)| values).collect();
        let mut table = MutationTable { kind, columns: names, values, sha256: String::new() };
        if columns == Columns::Signatures {
            self.even_out(&mut table);
        }
        Some(table)
    }

    fn names(&mut self, names: &[String]) {
        if names.is_empty() {
            self.fault(Problem::bad_data("has no column beside the types").at("line 1").help(FORM));
        }
        let mut known = HashSet::new();
        for (i, name) in names.iter().enumerate() {
            if name.is_empty() {
                let message = format!("column {} has no name", i + 2);
                self.fault(Problem::bad_data(message).at("line 1"));
            } else if !known.insert(name) {
                let message = format!("column {name:?} stands twice");
                let help = "give every column a name of its own";
                self.fault(Problem::bad_data(message).at("line 1").help(help));
            }
        }
    }

    fn row(
        &mut self,
        (number, line): (usize, &str),
        (kind, columns, width): (MatrixKind, Columns, usize),
        rows: &mut [Option<(usize, Vec<f64>)>],
    ) {
        let place = format!("line {number}");
        let mut cells = line.split('\t').map(str::trim);
        let name = cells.next().unwrap_or("");
        let Some(row) = kind.place(name) else {
            let message = format!("{name:?} is no mutation type of {}", kind.name());
            let near = nearest(name, kind.types().iter().map(String::as_str));
            let problem = Problem::bad_data(message).at(place);
            return self.fault(match near {
                Some(near) => problem.help(format!("did you mean {near}?")),
                None => problem.help(FORM),
            });
        };
        if let Some((before, _)) = &rows[row] {
            let message = format!("{name} stands on line {before} already");
            return self.fault(Problem::bad_data(message).at(place));
        }
        let mut values = Vec::with_capacity(width);
        for (i, cell) in cells.enumerate() {
            match value(cell, columns) {
                Ok(value) => values.push(value),
                Err(why) => {
                    let message = format!("{cell:?} in column {} {why}", i + 2);
                    return self.fault(Problem::bad_data(message).at(place));
                }
            }
        }
        if values.len() != width {
            let message = format!("{} values, but the first line names {width}", values.len());
            return self.fault(Problem::bad_data(message).at(place));
        }
        rows[row] = Some((number, values));
    }

    fn missing(&mut self, kind: MatrixKind, rows: &[Option<(usize, Vec<f64>)>]) {
        let absent: Vec<&str> = kind
            .types()
            .iter()
            .zip(rows)
            .filter(|(_, row)| row.is_none())
            .map(|(name, _)| name.as_str())
            .collect();
        if !absent.is_empty() && self.problems.0.is_empty() {
            let few = absent.iter().take(5).copied().collect::<Vec<_>>().join(", ");
            let message = format!(
                "{} of the {} types of {} are missing: {few}",
                absent.len(),
                rows.len(),
                kind.name()
            );
            let help = "types with no mutation stand there with 0";
            self.fault(Problem::bad_data(message).help(help));
        }
    }

    /// Every signature sums to 1 but for rounding.
    fn even_out(&mut self, table: &mut MutationTable) {
        let width = table.columns.len();
        for column in 0..width {
            let sum: f64 = table.values.iter().skip(column).step_by(width).sum();
            if (sum - 1.0).abs() > ROUNDING {
                let name = &table.columns[column];
                let message = format!("signature {name:?} sums to {sum:.4} instead of 1");
                let help = "a signature holds the probability of every type";
                self.fault(Problem::bad_data(message).help(help));
                continue;
            }
            table.values.iter_mut().skip(column).step_by(width).for_each(|value| *value /= sum);
        }
    }
}

/// The form in words, for messages.
const FORM: &str = "expected SigProfiler's form: types such as A[C>A]A, AC>CA or 1:Del:C:0 in the first column, then one \
                    column a sample or signature, separated by tabs";

fn value(cell: &str, columns: Columns) -> Result<f64, &'static str> {
    let value: f64 = cell.parse().map_err(|_| "is no number")?;
    if !value.is_finite() {
        return Err("is no number");
    }
    if value < 0.0 {
        return Err("is negative");
    }
    if columns == Columns::Samples && (value.fract() != 0.0 || value > f64::from(u32::MAX)) {
        return Err("is no count");
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, columns: Columns) -> Result<MutationTable, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.tsv");
        std::fs::write(&path, text).unwrap();
        MutationTable::read(&path, columns).map_err(|problems| problems.to_string())
    }

    fn table(head: &str, cells: &str) -> String {
        let rows = MatrixKind::Dbs78.types().iter().rev();
        rows.fold(format!("MutationType\t{head}\n"), |text, name| {
            text + &format!("{name}\t{cells}\n")
        })
    }

    #[test]
    fn any_order_of_types_is_read() {
        let text = table("one\ttwo", "1\t0").replace("AC>CA\t1", "AC>CA\t7");
        let read = read(&text, Columns::Samples).unwrap();
        assert_eq!((read.kind, read.columns.len()), (MatrixKind::Dbs78, 2));
        assert_eq!((read.column(0)[..2].to_vec(), read.column(1)[0]), (vec![7, 1], 0));
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let says = |text: &str, columns, wanted: &str| {
            let told = read(text, columns).unwrap_err();
            assert!(told.contains(wanted), "{wanted}: {told}");
        };
        let good = table("one", "1");
        says(&table("one\tone", "1\t1"), Columns::Samples, "\"one\" stands twice");
        says(
            &good.replace("TT>GG\t1", "TT>GG\t-1"),
            Columns::Samples,
            "line 2: \"-1\" in column 2 is negative",
        );
        says(&good.replace("TT>GG\t1", "TT>GG\t0.5"), Columns::Samples, "is no count");
        says(
            &good.replace("TT>GG\t1", "TT>TG\t1"),
            Columns::Samples,
            "\"TT>TG\" is no mutation type of DBS78",
        );
        says(&good.replace("TT>GG\t1", "TT>GG\t1\t1"), Columns::Samples, "2 values");
        says(
            &good.replace("TT>GG\t1\n", ""),
            Columns::Samples,
            "1 of the 78 types of DBS78 are missing: TT>GG",
        );
        says(
            &good.replace("TT>GG\t1\n", "TT>GC\t1\n"),
            Columns::Samples,
            "line 3: TT>GC stands on line 2 already",
        );
        says("Type\tx\nA:B\t1\n", Columns::Samples, "is no mutation type of SBS96, DBS78 or ID83");
        says(&good, Columns::Signatures, "sums to 78.0000 instead of 1");
        says("", Columns::Samples, "is empty");
    }

    #[test]
    fn rounding_of_signatures_is_evened_out() {
        let text = table("S1", &format!("{:.4}", 1.0 / 78.0));
        let read = read(&text, Columns::Signatures).unwrap();
        assert!((read.values.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
