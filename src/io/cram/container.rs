//! The frame of a CRAM 3 file (CRAM format specification v3.1, sections 2, 6 and 7): the file definition, the headers of
//! containers, the check sums of blocks, and the part of a slice's header that says which reference it was made with.
//! Nothing is decompressed here.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::model::problem::Problem;

use super::super::bam_tasks::BlockSum;
use super::numbers::Cursor;

/// Bytes of the file definition: magic, version, name of the file.
const DEFINITION: u64 = 26;

/// The container that ends a whole file.
pub(crate) const END: [u8; 38] =
    *b"\x0f\0\0\0\xff\xff\xff\xff\x0f\xe0EOF\0\0\0\0\x01\0\x05\xbd\xd9O\0\x01\0\x06\x06\x01\0\x01\0\x01\0\xeec\x01K";

/// Bytes that hold nearly every container header; those of many slices are read again with more.
const HEADER_GUESS: usize = 128;
/// No header of a container is longer: a million slices.
const MAX_HEADER: usize = 8 << 20;
/// Bytes of a slice's header block that are read: its reference comes after the numbers of at most a few hundred blocks.
const SLICE_HEADER: usize = 4 << 10;

/// Content type of a block that holds a slice's header.
const SLICE_BLOCK: u8 = 2;

/// What a container's header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Container {
    /// Contig of all its reads; -1 for reads without a place, -2 for reads of several contigs.
    pub(crate) contig: i32,
    /// 1-based start of its reads, 0 when they have none.
    pub(crate) start: i32,
    /// Number of records.
    pub(crate) records: u32,
    /// Offsets of its slices, counted from the end of the header.
    pub(crate) slices: Vec<u32>,
    /// Bytes of the header.
    pub(crate) header: u64,
    /// Bytes after the header.
    pub(crate) data: u64,
    /// Check sum of the header.
    crc: u32,
}

impl Container {
    /// Bytes from its first to its last.
    pub(crate) fn size(&self) -> u64 {
        self.header + self.data
    }

    /// Reads a header. `Ok(None)` when these bytes end inside it, `Err` when no header begins here: its check sum is
    /// wrong, or a number that cannot be negative is.
    fn parse(bytes: &[u8]) -> Result<Option<Self>, NoContainer> {
        let mut cursor = Cursor { bytes, at: 0 };
        let Some((head, count)) = head(&mut cursor) else { return Ok(None) };
        let [data, contig, start, records] = head;
        let (Ok(data), Ok(records), Ok(count)) =
            (u64::try_from(data), u32::try_from(records), usize::try_from(count))
        else {
            return Err(NoContainer);
        };
        // Each offset takes a byte at least: a number beyond any header is damage, and not worth the memory.
        if count > MAX_HEADER || contig < -2 {
            return Err(NoContainer);
        }
        let mut slices = Vec::new();
        for _ in 0..count {
            let Some(offset) = cursor.itf8() else { return Ok(None) };
            slices.push(u32::try_from(offset).map_err(|_| NoContainer)?);
        }
        let summed = cursor.at;
        let Some(crc) = cursor.word() else { return Ok(None) };
        if libdeflater::crc32(&bytes[..summed]) != crc {
            return Err(NoContainer);
        }
        Ok(Some(Self { contig, start, records, slices, header: cursor.at as u64, data, crc }))
    }
}

/// Length, contig, start and records of a container, and the number of its slices.
fn head(cursor: &mut Cursor<'_>) -> Option<([i32; 4], i32)> {
    let data = cursor.word()? as i32;
    let [contig, start, _span, records] = cursor.numbers()?;
    let (_counter, _bases, _blocks) = (cursor.ltf8()?, cursor.ltf8()?, cursor.itf8()?);
    Some(([data, contig, start, records], cursor.itf8()?))
}

/// No container begins at that place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoContainer;

/// Checks the blocks of a container and notes check sum and plain length of each. The header's container may be `padded`
/// with zeros.
///
/// # Errors
///
/// The number of the first block, from 1, that is cut off or damaged.
fn blocks(bytes: &[u8], padded: bool, sums: &mut Vec<BlockSum>) -> Result<(), usize> {
    let (mut rest, mut number) = (bytes, 1_usize);
    while !(rest.is_empty() || padded && rest.iter().all(|byte| *byte == 0)) {
        let (size, sum) = block(rest).ok_or(number)?;
        sums.push(sum);
        rest = &rest[size..];
        number += 1;
    }
    Ok(())
}

/// The size of the block that these bytes begin with, its check sum and plain length; `None` when it is damaged.
fn block(bytes: &[u8]) -> Option<(usize, BlockSum)> {
    let mut cursor = Cursor { bytes, at: 0 };
    let (_method, _kind) = (cursor.byte()?, cursor.byte()?);
    let (_id, packed, plain) = (cursor.itf8()?, cursor.itf8()?, cursor.itf8()?);
    cursor.at = cursor.at.checked_add(usize::try_from(packed).ok()?)?;
    let summed = bytes.get(..cursor.at)?;
    let crc = cursor.word()?;
    (libdeflater::crc32(summed) == crc).then_some((cursor.at, (crc, plain as u32)))
}

/// Which reference a slice was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SliceReference {
    /// Contig, an index into the file's header.
    pub(crate) contig: u32,
    /// 0-based start, bp.
    pub(crate) start0: u32,
    /// Length, bp.
    pub(crate) span: u32,
    /// MD5 of those bases in upper case.
    pub(crate) md5: [u8; 16],
}

impl SliceReference {
    /// `None` for a slice that needs no outer reference: without place, of several contigs, with bases of its own.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor { bytes, at: 0 };
        let (method, kind) = (cursor.byte()?, cursor.byte()?);
        if method != 0 || kind != SLICE_BLOCK {
            return None;
        }
        for _ in 0..3 {
            cursor.itf8()?;
        }
        let [contig, start, span, _records] = cursor.numbers()?;
        cursor.ltf8()?;
        cursor.itf8()?;
        for _ in 0..cursor.itf8()? {
            cursor.itf8()?;
        }
        let embedded = cursor.itf8()?;
        let md5 = *bytes.get(cursor.at..)?.first_chunk::<16>()?;
        if embedded >= 0 || md5 == [0; 16] {
            return None;
        }
        Some(Self {
            contig: u32::try_from(contig).ok()?,
            start0: u32::try_from(start).ok()?.checked_sub(1)?,
            span: u32::try_from(span).ok()?,
            md5,
        })
    }
}

/// An open CRAM file, read by position.
#[derive(Debug)]
pub(crate) struct Frame {
    name: String,
    file: File,
    /// Bytes of the file.
    pub(crate) size: u64,
    /// Where the first container with records begins.
    pub(crate) first: u64,
}

impl Frame {
    /// Opens a file and looks at its two ends.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, of a version that is not supported, cut off, or damaged in its header.
    pub(crate) fn open(path: &Path) -> Result<Self, Problem> {
        let name = path.display().to_string();
        let failed = |e: std::io::Error| Problem::reading(&name, &e);
        let file = File::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let mut frame = Self { name, file, size, first: DEFINITION };
        frame.check_ends().map_err(|problem| problem.in_file(&frame.name))?;
        frame.first += frame.container(DEFINITION)?.size();
        Ok(frame)
    }

    fn check_ends(&self) -> Result<(), Problem> {
        let mut definition = [0; 6];
        let read = self.file.read_exact_at(&mut definition, 0);
        match (read, definition) {
            (Ok(()), [b'C', b'R', b'A', b'M', 3, 0 | 1]) => {}
            (Ok(()), [b'C', b'R', b'A', b'M', major, minor]) => {
                let message =
                    format!("CRAM {major}.{minor} is not read: only 3.0 and 3.1 carry check sums");
                return Err(Problem::bad_data(message).help(
                    "convert it: samtools view -C -T REF.fa --output-fmt-option version=3.0 -o NEW.cram",
                ));
            }
            _ => return Err(Problem::bad_data("is no CRAM file")),
        }
        let mut tail = [0; END.len()];
        let start = self.size.checked_sub(tail.len() as u64);
        let read = start.is_some_and(|start| self.file.read_exact_at(&mut tail, start).is_ok());
        if read && tail == END {
            return Ok(());
        }
        Err(Problem::bad_data(format!("cut off: no end marker at its end, byte {}", self.size))
            .help("copy the file again and compare its checksum with the source"))
    }

    /// The header of the container at this byte.
    ///
    /// # Errors
    ///
    /// When none begins there, or it reaches beyond the end of the file.
    pub(crate) fn container(&self, at: u64) -> Result<Container, Problem> {
        let bad = || {
            Problem::bad_data("damaged: no container begins where the one before it ends")
                .in_file(&self.name)
                .at(format!("byte {at}"))
                .help("copy the file again and compare its checksum with the source")
        };
        let found = self.probe(at)?.map_err(|NoContainer| bad())?;
        if found.size() > self.size - at { Err(bad()) } else { Ok(found) }
    }

    /// Checks the blocks of the file's header and notes their sums.
    ///
    /// # Errors
    ///
    /// When they cannot be read or are damaged.
    pub(crate) fn check_header(&self, sums: &mut Vec<BlockSum>) -> Result<(), Problem> {
        let header = self.container(DEFINITION)?;
        self.check((DEFINITION, &header), &mut Vec::new(), sums)
    }

    /// What begins at this byte.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(crate) fn probe(&self, at: u64) -> Result<Result<Container, NoContainer>, Problem> {
        let mut wanted = HEADER_GUESS;
        loop {
            let bytes = self.bytes(at, wanted)?;
            match Container::parse(&bytes) {
                Ok(Some(container)) => return Ok(Ok(container)),
                Ok(None) if bytes.len() == wanted && wanted < MAX_HEADER => wanted *= 16,
                _ => return Ok(Err(NoContainer)),
            }
        }
    }

    /// Checks every block of the container at this byte, also those that no metric needs, and notes its sums.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or a block is damaged.
    pub(crate) fn check(
        &self,
        (at, container): (u64, &Container),
        buffer: &mut Vec<u8>,
        sums: &mut Vec<BlockSum>,
    ) -> Result<(), Problem> {
        let size = container.data as usize;
        if buffer.len() < size {
            buffer.resize(size, 0);
        }
        let bytes = &mut buffer[..size];
        self.file
            .read_exact_at(bytes, at + container.header)
            .map_err(|e| Problem::reading(&self.name, &e))?;
        sums.push((container.crc, container.data as u32));
        blocks(bytes, at == DEFINITION, sums).map_err(|block| {
            Problem::bad_data(format!("damaged: the check sum of block {block} is wrong"))
                .in_file(&self.name)
                .at(format!("container at byte {at}"))
                .help("copy the file again and compare its checksum with the source")
        })
    }

    /// The reference of the first slice of the container at this byte.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(crate) fn reference(
        &self,
        at: u64,
        container: &Container,
    ) -> Result<Option<SliceReference>, Problem> {
        let Some(&slice) = container.slices.first() else { return Ok(None) };
        let bytes = self.bytes(at + container.header + u64::from(slice), SLICE_HEADER)?;
        Ok(SliceReference::parse(&bytes))
    }

    /// Up to `wanted` bytes from this one on, fewer at the end of the file.
    fn bytes(&self, at: u64, wanted: usize) -> Result<Vec<u8>, Problem> {
        let there = self.size.saturating_sub(at).min(wanted as u64);
        let mut bytes = vec![0; there as usize];
        self.file.read_exact_at(&mut bytes, at).map_err(|e| Problem::reading(&self.name, &e))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_marker_is_a_container_without_records() {
        let end = Container::parse(&END).unwrap().unwrap();
        assert_eq!((end.contig, end.records, end.size()), (-1, 0, END.len() as u64));
        for cut in 0..23 {
            assert_eq!(Container::parse(&END[..cut]), Ok(None), "{cut}");
        }
        for bit in 0..8 * 23 {
            let mut damaged = END;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(!matches!(Container::parse(&damaged), Ok(Some(_))), "bit {bit}");
        }
    }

    #[test]
    fn every_block_is_checked() {
        let blocks_of_end = &END[23..];
        let mut sums = Vec::new();
        assert_eq!(blocks(blocks_of_end, false, &mut sums), Ok(()));
        assert_eq!(sums, [(0x4b01_63ee, 6)]);
        let twice = [blocks_of_end, blocks_of_end].concat();
        for bit in 0..8 * twice.len() {
            let mut damaged = twice.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let number = if bit / 8 < blocks_of_end.len() { 1 } else { 2 };
            assert_eq!(blocks(&damaged, false, &mut sums), Err(number), "bit {bit}");
        }
        assert_eq!(blocks(&twice[..twice.len() - 1], false, &mut sums), Err(2));
        let padded = [blocks_of_end, &[0; 9]].concat();
        assert_eq!(blocks(&padded, true, &mut sums), Ok(()));
        assert_eq!(blocks(&padded, false, &mut sums), Err(2));
    }

    #[test]
    fn a_slice_names_its_reference_unless_it_carries_one() {
        let header = |contig: u8, embedded: &[u8], md5: [u8; 16]| {
            let mut bytes =
                vec![0, SLICE_BLOCK, 0, 60, 60, contig, 0x87, 0xd0, 100, 3, 0, 2, 2, 7, 8];
            bytes.extend(embedded);
            bytes.extend(md5);
            bytes
        };
        let none = b"\xff\xff\xff\xff\x0f";
        let found = SliceReference::parse(&header(4, none, [7; 16])).unwrap();
        assert_eq!((found.contig, found.start0, found.span, found.md5), (4, 1999, 100, [7; 16]));
        assert_eq!(SliceReference::parse(&header(4, b"\x07", [7; 16])), None);
        assert_eq!(SliceReference::parse(&header(4, none, [0; 16])), None);
        let whole = header(4, none, [7; 16]);
        for cut in 0..whole.len() {
            assert_eq!(SliceReference::parse(&whole[..cut]), None, "{cut}");
        }
    }
}
