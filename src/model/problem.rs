//! A fault in what the user gave, told so that it can be mended: which file, where in it, what is wrong, what to do.

use std::fmt;

/// What sort of fault, which decides the exit code of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// The command line or the configuration asks for something impossible.
    Usage,
    /// An input exists but its content is wrong.
    BadData,
    /// An input is not there.
    MissingInput,
    /// An output cannot be created.
    CannotCreate,
    /// Reading or writing failed on the way.
    Io,
    /// Trying again later may help.
    Temporary,
    /// A fault of the program itself.
    Internal,
}

impl ProblemKind {
    /// Exit code after sysexits.h: 2 usage, 65 bad data, 66 missing input, 73 cannot create, 74 I/O, 75 temporary, 1 internal.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::BadData => 65,
            Self::MissingInput => 66,
            Self::CannotCreate => 73,
            Self::Io => 74,
            Self::Temporary => 75,
            Self::Internal => 1,
        }
    }
}

/// One fault. Displays as `file: place: message` with an indented `help:` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Sort of fault.
    pub kind: ProblemKind,
    /// The file, as the user named it.
    pub file: Option<String>,
    /// Where in the file: `line 7`, `record 12 (20:1234)`, `sample NA12878`.
    pub place: Option<String>,
    /// What is wrong, with the offending value.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// A fault of this sort, not yet placed.
    pub fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { kind, file: None, place: None, message: message.into(), help: None }
    }

    /// Wrong content.
    pub fn bad_data(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::BadData, message)
    }

    /// A wrong command line or configuration.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Usage, message)
    }

    /// Something that should be there and is not.
    pub fn missing(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::MissingInput, message)
    }

    /// A failed read of an input: missing, not readable, or an error of the device.
    pub fn reading(file: impl fmt::Display, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as E;
        let kind = match error.kind() {
            E::InvalidData | E::UnexpectedEof | E::InvalidInput => ProblemKind::BadData,
            E::NotFound | E::PermissionDenied | E::IsADirectory | E::NotADirectory => {
                ProblemKind::MissingInput
            }
            E::Interrupted | E::TimedOut | E::WouldBlock => ProblemKind::Temporary,
            _ => ProblemKind::Io,
        };
        Self::new(kind, format!("cannot read: {error}")).in_file(file)
    }

    /// A failed write of an output.
    pub fn writing(file: impl fmt::Display, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as E;
        let kind = match error.kind() {
            E::NotFound
            | E::AlreadyExists
            | E::PermissionDenied
            | E::NotADirectory
            | E::IsADirectory
            | E::ReadOnlyFilesystem => ProblemKind::CannotCreate,
            _ => ProblemKind::Io,
        };
        Self::new(kind, format!("cannot write: {error}")).in_file(file)
    }

    /// The same fault, in this file.
    #[must_use]
    pub fn in_file(mut self, file: impl fmt::Display) -> Self {
        self.file = Some(file.to_string());
        self
    }

    /// The same fault, in this file unless a file is already named.
    #[must_use]
    pub fn in_file_if_none(self, file: impl fmt::Display) -> Self {
        if self.file.is_some() { self } else { self.in_file(file) }
    }

    /// The same fault, at this place of its file.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.place = Some(place.to_string());
        self
    }

    /// The same fault, with what to do.
    #[must_use]
    pub fn help(mut self, help: impl fmt::Display) -> Self {
        self.help = Some(help.to_string());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.file, &self.place].into_iter().flatten() {
            write!(f, "{part}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

/// All faults that a check found, in the order found. Its exit code is that of the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// `Ok` when nothing was found.
    ///
    /// # Errors
    ///
    /// The faults themselves.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Notes a fault and goes on: `None` on failure.
    pub fn collect<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.0.push(problem)).ok()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The candidate nearest to a misspelt name (at most two edits, or a third of its length), for "did you mean" lines.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (edit_distance(name, candidate), candidate))
        .filter(|&(distance, candidate)| {
            distance <= 2.max(candidate.len() / 3) && distance < candidate.len().max(1)
        })
        .min()
        .map(|(_, candidate)| candidate)
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_file_place_message_help() {
        let problem = Problem::bad_data("unknown mode \"XLR\"")
            .in_file("panel.tsv")
            .at("line 17")
            .help("expected one of monoallelic, biallelic");
        assert_eq!(
            problem.to_string(),
            "panel.tsv: line 17: unknown mode \"XLR\"\n  help: expected one of monoallelic, biallelic"
        );
        assert_eq!(problem.kind.exit_code(), 65);
    }

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        assert_eq!(nearest("penetrence", ["panels", "penetrance"]), Some("penetrance"));
        assert_eq!(nearest("zzz", ["panels", "penetrance"]), None);
    }
}
